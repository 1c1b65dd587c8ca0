//! The journal: every event of this life of the backend, numbered, the last of them kept for those who come back.
//!
//! Readers have no queues. Each holds the number of the last event that it has seen and asks for the next; one that was
//! too slow is told so and takes a snapshot. So a slow reader costs no memory and holds nobody up.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
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
    /// All of it as a stream has it: written once, and sent to every reader.
    pub text: Bytes,
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

/// What a reader gets that takes as much as there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The text of the events after its position, and the number of the last of them.
    Events(Bytes, u64),
    /// It has seen everything.
    UpToDate,
    /// As [`Next::Lost`].
    Lost,
}

/// The journal of one desk.
#[derive(Debug)]
pub struct Journal {
    epoch: String,
    seq: u64,
    kept: VecDeque<Arc<Record>>,
    /// The last piece of several events, and the position before it: of a thousand readers most stand at the same place.
    joined: Option<(u64, Bytes, u64)>,
}

impl Journal {
    /// An empty journal of a new epoch: the time of its beginning and some randomness, in hexadecimal.
    pub fn new(now: UnixSeconds) -> Self {
        Self { epoch: format!("{now:x}{:08x}", rand::random::<u32>()), seq: 0, kept: VecDeque::new(), joined: None }
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
        match self.behind(position.seq).filter(|_| position.epoch == self.epoch) {
            Some(0) => Next::UpToDate,
            Some(behind) => Next::Event(self.kept[self.kept.len() - behind].clone()),
            None => Next::Lost,
        }
    }

    /// Reads on from the event of this number, until it has so many bytes or there are no more.
    pub fn read_on(&mut self, from: u64, bytes: usize) -> Piece {
        let behind = match self.behind(from) {
            None => return Piece::Lost,
            Some(0) => return Piece::UpToDate,
            Some(behind) => behind,
        };
        let mut after = self.kept.iter().skip(self.kept.len() - behind);
        if let (1, Some(record)) = (behind, after.next()) {
            return Piece::Events(record.text.clone(), self.seq);
        }
        if let Some((before, text, seq)) = &self.joined
            && *before == from
            && (*seq == self.seq || text.len() >= bytes)
        {
            return Piece::Events(text.clone(), *seq);
        }
        let (mut text, mut seq) = (Vec::with_capacity(bytes), from);
        for record in self.kept.iter().skip(self.kept.len() - behind) {
            text.extend_from_slice(&record.text);
            seq += 1;
            if text.len() >= bytes {
                break;
            }
        }
        let text = Bytes::from(text);
        self.joined = Some((from, text.clone(), seq));
        Piece::Events(text, seq)
    }

    /// How many events there are after this number; `None` where some of these are gone, or it is of the future.
    fn behind(&self, seq: u64) -> Option<usize> {
        let behind = usize::try_from(self.seq.checked_sub(seq)?).ok()?;
        (behind <= self.kept.len()).then_some(behind)
    }

    fn id(&self, seq: u64) -> EventId {
        EventId { epoch: self.epoch.clone(), seq }
    }
}

/// An event under this number, ready to be sent.
pub fn record(id: EventId, event: &Event) -> Record {
    let data = serde_json::to_string(event).expect("events are structs of strings and numbers");
    let name = event.name().to_owned();
    // The data is JSON on one line.
    let text = format!("id: {id}\nevent: {name}\ndata: {data}\n\n").into();
    Record { id, name, data, text }
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
    fn pieces_are_the_same_events_joined() {
        let mut journal = Journal::new(1);
        let mut texts = vec![Bytes::new()];
        for seq in 1..=20 {
            journal.append(&change());
            let position = EventId { seq: seq - 1, ..journal.last_id() };
            let Next::Event(record) = journal.after(&position) else { panic!("event {seq} is missing") };
            texts.push(record.text.clone());
        }
        let joined = |range: std::ops::RangeInclusive<usize>| Bytes::from(texts[range].concat());
        let few = texts[1].len() * 3;
        // Those that follow each other are read by different readers.
        assert_eq!(journal.read_on(20, few), Piece::UpToDate);
        assert_eq!(journal.read_on(19, few), Piece::Events(texts[20].clone(), 20));
        for _ in 0..2 {
            assert_eq!(journal.read_on(18, few), Piece::Events(joined(19..=20), 20));
        }
        assert_eq!(journal.read_on(5, few), Piece::Events(joined(6..=8), 8), "as much as was asked for");
        assert_eq!(journal.read_on(18, few), Piece::Events(joined(19..=20), 20));
        journal.append(&change());
        let Piece::Events(text, 21) = journal.read_on(18, few) else { panic!("three events are missing") };
        assert!(text.len() > joined(19..=20).len(), "with the new one");
        assert_eq!(journal.read_on(22, few), Piece::Lost);
        for _ in 0..CAPACITY {
            journal.append(&change());
        }
        assert_eq!(journal.read_on(18, few), Piece::Lost, "it is gone, whatever was joined before");
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
