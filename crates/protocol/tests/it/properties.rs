//! Generated histories: the reducer against the reference, and replay against snapshot.

use proptest::prelude::*;
use protocol::wire::event::{
    CallConnected, CallDialing, CallEnded, CallIncoming, CallUpdated, Event, PhoneChange, StatusChange,
};
use protocol::{Book, CallId, Capabilities, EndReason, OperatorStatus, PhoneNumber, PhoneStatus};

use crate::reference::{Reference, Seen};

fn an_event() -> impl Strategy<Value = Event> {
    let call_id = (0..5u8).prop_map(|n| CallId::new(format!("c{n}")));
    let number = || "100".to_owned();
    prop_oneof![
        call_id.clone().prop_map(move |call_id| Event::CallIncoming(CallIncoming {
            call_id,
            number: number(),
            display_name: None
        })),
        call_id.clone().prop_map(move |call_id| Event::CallDialing(CallDialing { call_id, number: number() })),
        (call_id.clone(), 1..9u64)
            .prop_map(|(call_id, start_time)| Event::CallConnected(CallConnected { call_id, start_time })),
        (call_id.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(call_id, muted, held)| Event::CallUpdated(CallUpdated { call_id, muted, held })),
        call_id.prop_map(|call_id| Event::CallEnded(CallEnded { call_id, duration: 0, reason: EndReason::Hangup })),
        Just(Event::StatusChange(StatusChange { status: OperatorStatus::Dnd })),
        Just(Event::PhoneChange(PhoneChange { status: PhoneStatus::Unavailable })),
        Just(Event::Heartbeat {}),
        Just(Event::Unknown("new".to_owned())),
    ]
}

fn book() -> Book {
    Book::new(OperatorStatus::Ready, PhoneStatus::Available, Capabilities::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_reducer_agrees_with_the_reference(events in prop::collection::vec(an_event(), 0..60)) {
        let (mut book, mut reference) = (book(), Reference::default());
        for event in &events {
            book.apply(event);
            reference.apply(event);
            let mut shown: Vec<Seen> = book.calls().iter().map(|call| Seen {
                id: call.id.clone(),
                state: call.state,
                start_time: call.start_time,
                muted: call.muted,
                held: call.held,
            }).collect();
            let mut expected = reference.calls();
            prop_assert!(shown.iter().filter(|call| call.start_time.is_some() && !call.held).count() <= 1);
            shown.sort_by(|a, b| a.id.cmp(&b.id));
            expected.sort_by(|a, b| a.id.cmp(&b.id));
            prop_assert_eq!(shown, expected);
        }
    }

    /// Wherever a snapshot is taken, what follows leads both books to the same end, order of calls included.
    #[test]
    fn replay_equals_snapshot(
        events in prop::collection::vec(an_event(), 0..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(events.len() + 1);
        let mut whole = book();
        events[..cut].iter().for_each(|event| whole.apply(event));
        let json = serde_json::to_string(&whole.to_snapshot("hash")).unwrap();
        let mut resumed = Book::from_snapshot(&serde_json::from_str(&json).unwrap());
        for event in &events[cut..] {
            whole.apply(event);
            resumed.apply(event);
            prop_assert_eq!(&resumed, &whole);
        }
    }

    #[test]
    fn any_text_is_a_clean_number_or_refused(text in "\\PC{0,80}") {
        if let Ok(number) = text.parse::<PhoneNumber>() {
            let n = number.as_str();
            prop_assert!((1..=64).contains(&n.len()) && n.is_ascii());
            prop_assert!(!n.starts_with(['-', '/']));
            prop_assert!(!n.contains([' ', '"', '\'', '%', '&', '|', ';', '\\', '\n']));
            prop_assert_eq!(n.parse::<PhoneNumber>().unwrap(), number.clone(), "normalising twice changes nothing");
        }
    }

    #[test]
    fn any_number_with_punctuation_is_taken(digits in "\\+?[0-9*#]{1,40}", gaps in prop::collection::vec("[ .()-]{0,2}", 41)) {
        let spread: String = digits.chars().zip(&gaps).flat_map(|(c, gap)| [gap.clone(), c.to_string()]).collect();
        let number: PhoneNumber = spread.parse().unwrap();
        prop_assert_eq!(number.as_str(), digits);
    }
}
