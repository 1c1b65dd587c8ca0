//! A backend in memory: a journal with an epoch, and the book that its events make.

use protocol::wire::event::{
    CallConnected, CallDialing, CallEnded, CallIncoming, CallUpdated, Event, PhoneChange, StatusChange,
};
use protocol::{Book, CallId, Capabilities, EndReason, EventId, OperatorStatus, PhoneStatus};

pub struct Backend {
    pub epoch: u32,
    pub book: Book,
    journal: Vec<Event>,
}

impl Backend {
    pub fn new() -> Self {
        Self { epoch: 1, book: empty_book(), journal: Vec::new() }
    }

    /// A new life: the calls are gone with the old one.
    pub fn restart(&mut self) {
        self.epoch += 1;
        self.book = empty_book();
        self.journal.clear();
    }

    pub fn tell(&mut self, event: Event) -> (EventId, Event) {
        self.book.apply(&event);
        self.journal.push(event.clone());
        (self.last_id(), event)
    }

    pub fn last_id(&self) -> EventId {
        EventId { epoch: format!("e{}", self.epoch), seq: self.journal.len() as u64 }
    }

    pub fn snapshot(&self) -> (EventId, Event) {
        (self.last_id(), Event::Snapshot(self.book.to_snapshot("hash")))
    }

    /// What a new stream begins with.
    pub fn backlog(&self, after: Option<&EventId>) -> Vec<(EventId, Event)> {
        match after {
            Some(id) if id.epoch == self.last_id().epoch && id.seq <= self.journal.len() as u64 => {
                let missed = self.journal.iter().cloned().enumerate().skip(id.seq as usize);
                missed.map(|(i, event)| (EventId { seq: i as u64 + 1, ..id.clone() }, event)).collect()
            }
            _ => vec![self.snapshot()],
        }
    }
}

fn empty_book() -> Book {
    Book::new(OperatorStatus::Ready, PhoneStatus::Available, Capabilities::default())
}

pub fn call(n: u32) -> CallId {
    CallId::new(format!("call-{n}"))
}

pub fn incoming(n: u32) -> Event {
    Event::CallIncoming(CallIncoming { call_id: call(n), number: format!("10{n}"), display_name: None })
}

pub fn dialing(n: u32) -> Event {
    Event::CallDialing(CallDialing { call_id: call(n), number: format!("20{n}") })
}

pub fn connected(n: u32) -> Event {
    Event::CallConnected(CallConnected { call_id: call(n), start_time: 1_700_000_000 + u64::from(n) })
}

pub fn updated(n: u32, muted: bool, held: bool) -> Event {
    Event::CallUpdated(CallUpdated { call_id: call(n), muted, held })
}

pub fn ended(n: u32) -> Event {
    Event::CallEnded(CallEnded { call_id: call(n), duration: 0, reason: EndReason::Hangup })
}

pub fn status(status: OperatorStatus) -> Event {
    Event::StatusChange(StatusChange { status })
}

pub fn phone(status: PhoneStatus) -> Event {
    Event::PhoneChange(PhoneChange { status })
}
