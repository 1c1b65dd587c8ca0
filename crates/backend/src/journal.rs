//! The journal: every event of this life of the backend, numbered, the last of them kept for those who come back.
//!
//! Readers have no queues. Each holds the number of the last event that it has seen and asks for the next; one that was
//! too slow is told so and takes a snapshot. So a slow reader costs no memory and holds nobody up.

use std::collections::VecDeque;
use std::sync::Arc;

use protocol::wire::event::Event;
use protocol::{EventId, UnixSeconds};

/// How many events are kept for replay.
pub const CAPACITY: usize = 1024;

/// One event as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the journal.
    pub id: EventId,
    /// The event's name.
    pub name: String,
    /// The event's data, JSON.
    pub data: String,
}

/// What a reader gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The event after its position.
    Event(Arc<Record>),
    /// It has seen everything.
    UpToDate,
    /// The events after its position are gone, or were never here: it needs a snapshot.
    Lost,
}

/// The journal of one desk.
#[derive(Debug)]
pub struct Journal {
    epoch: String,
    seq: u64,
    kept: VecDeque<Arc<Record>>,
}

impl Journal {
    /// An empty journal of a new epoch: the time of its beginning and some randomness, in hexadecimal.
    pub fn new(now: UnixSeconds) -> Self {
        Self { epoch: format!("{now:x}{:08x}", rand::random::<u32>()), seq: 0, kept: VecDeque::new() }
    }

    /// The id of the last event; number 0 before the first.
    pub fn last_id(&self) -> EventId {
        self.id(self.seq)
    }

    /// Takes an event in and gives its number.
    pub fn append(&mut self, event: &Event) -> u64 {
        self.seq += 1;
        if self.kept.len() == CAPACITY {
            self.kept.pop_front();
        }
        self.kept.push_back(Arc::new(record(self.id(self.seq), event)));
        self.seq
    }

    /// Reads on from a position of this journal.
    pub fn after(&self, position: &EventId) -> Next {
        if position.epoch != self.epoch || position.seq > self.seq {
            return Next::Lost;
        }
        let behind = self.seq - position.seq;
        match usize::try_from(behind) {
            Ok(0) => Next::UpToDate,
            Ok(behind) if behind <= self.kept.len() => Next::Event(self.kept[self.kept.len() - behind].clone()),
            _ => Next::Lost,
        }
    }

    fn id(&self, seq: u64) -> EventId {
        EventId { epoch: self.epoch.clone(), seq }
    }
}

/// An event under this number, ready to be sent.
pub fn record(id: EventId, event: &Event) -> Record {
    let data = serde_json::to_string(event).expect("events are structs of strings and numbers");
    Record { id, name: event.name().to_owned(), data }
}

#[cfg(test)]
mod tests {
    use protocol::OperatorStatus;
    use protocol::wire::event::StatusChange;

    use super::*;

    fn change() -> Event {
        Event::StatusChange(StatusChange { status: OperatorStatus::Lunch })
    }

    #[test]
    fn a_reader_gets_every_event_once_and_in_order() {
        let mut journal = Journal::new(1);
        let mut position = journal.last_id();
        assert_eq!(journal.after(&position), Next::UpToDate);
        for _ in 0..3 {
            journal.append(&change());
        }
        for seq in 1..=3 {
            let Next::Event(record) = journal.after(&position) else { panic!("event {seq} is missing") };
            assert_eq!((record.id.seq, record.name.as_str()), (seq, "status_change"));
            position = record.id.clone();
        }
        assert_eq!(journal.after(&position), Next::UpToDate);
    }

    #[test]
    fn a_reader_that_fell_behind_is_told_so() {
        let mut journal = Journal::new(1);
        let start = journal.last_id();
        for _ in 0..CAPACITY {
            journal.append(&change());
        }
        assert!(matches!(journal.after(&start), Next::Event(_)), "the ring still holds all of them");
        journal.append(&change());
        assert_eq!(journal.after(&start), Next::Lost);
    }

    #[test]
    fn positions_of_other_lives_and_of_the_future_are_lost() {
        let mut journal = Journal::new(1);
        journal.append(&change());
        let other = Journal::new(1).last_id();
        assert_eq!(journal.after(&other), Next::Lost);
        let future = EventId { seq: 2, ..journal.last_id() };
        assert_eq!(journal.after(&future), Next::Lost);
        assert!(!journal.last_id().epoch.contains('-'));
    }
}
