//! What is measured with: texts of the length that they have in use.

use protocol::wire::event::{CallConnected, CallEnded, CallIncoming, CallUpdated, Event};
use protocol::{Book, CallId, Capabilities, Capability, EndReason, OperatorStatus, PhoneStatus};

/// How many calls a full book has.
pub const MANY: u64 = 8;

/// The events of one call, from the ring to the end.
pub fn life(n: u64) -> [Event; 4] {
    let call_id = CallId::new(format!("call-{n:016x}"));
    let number = format!("+4930123456{n:02}");
    let display_name = Some("Maria Mustermann".to_owned());
    let start_time = 1_700_000_000 + n;
    [
        Event::CallIncoming(CallIncoming { call_id: call_id.clone(), number, display_name }),
        Event::CallConnected(CallConnected { call_id: call_id.clone(), start_time }),
        Event::CallUpdated(CallUpdated { call_id: call_id.clone(), muted: true, held: false }),
        Event::CallEnded(CallEnded { call_id, duration: 61, reason: EndReason::Hangup }),
    ]
}

/// A book with so many calls: the last one talks, the others are parked.
pub fn book(calls: u64) -> Book {
    let capabilities = Capabilities::new(Capability::ALL);
    let mut book = Book::new(OperatorStatus::Ready, PhoneStatus::Available, capabilities);
    for event in (0..calls).flat_map(|n| life(n).into_iter().take(2)) {
        book.apply(&event);
    }
    book
}

/// The snapshot of a full book.
pub fn snapshot() -> Event {
    Event::Snapshot(book(MANY).to_snapshot("0123456789abcdef"))
}
