//! The one SSE connection as a state machine: when to open, whom to believe, when to give up. No I/O, no clock.

use protocol::wire::event::Event;
use protocol::{ConnectionStatus, EventId, HEARTBEAT_MS};

use crate::backoff::Backoff;

/// Silence after which an open stream counts as dropped: two heartbeats.
const SILENCE_MS: u64 = 2 * HEARTBEAT_MS;
/// The same, at the least, where the backend's heart beats faster than it promises.
const LEAST_SILENCE_MS: u64 = 6_000;
/// What a heartbeat may be late by on a busy machine.
const LATE_MS: u64 = 1_000;
/// How long the backend may take to accept a stream; a half-open path would hold it for minutes.
const OPENING_MS: u64 = 4_000;
/// The same for a worker's first: it may have begun because a wire died, and the browser may keep connections as dead as that one.
const FIRST_MS: u64 = 1_500;
/// The same where the wire has just been found dead. The browser keeps connections for later and takes one of those, as
/// dead as the stream was; [`StreamOrder::Flush`] has it find out about all of them at once.
const FLUSHING_MS: u64 = 1_500;
/// Attempts that do so: what was in use at the first is there for the second.
const FLUSHES: u8 = 2;
/// How long an accepted stream may take to say something; or a whole response, which comes with the first news or heartbeat.
const GREETING_MS: u64 = 10_000;
/// An attempt this old is not what somebody wants who asks for one now.
const STALE_MS: u64 = 1_500;
/// So soon after it was renewed, a connection is new enough.
const RENEWED_MS: u64 = 500;
/// Between two whole responses: else a wire that ends each of them at once would be asked without a pause.
const BETWEEN_MS: u64 = 50;
/// A resumed stream that has nothing to replay may say nothing: after this it counts as in sync.
const NOTHING_MISSED_MS: u64 = 500;
/// A stream that lived this long has proved itself: the next trouble starts from the shortest delay.
const STABLE_MS: u64 = 1_000;

/// Names one attempt, so that news of an earlier one is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(pub u32);

/// What to do with the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamOrder {
    /// Open a stream, resuming after this event where one is named.
    Open {
        /// Its name.
        stream: StreamId,
        /// The last event that is known.
        after: Option<EventId>,
        /// The response shall end after the first events.
        once: bool,
    },
    /// Close this one; nothing more is wanted of it.
    Close(StreamId),
    /// Use up the connections that the browser keeps, until the next stream is open or closed: they may be dead.
    Flush,
}

/// What an event that came is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the next one: take it in.
    Apply,
    /// It is a sign of life, an old acquaintance, or from a stream given up.
    Ignore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not started.
    Idle,
    /// The next attempt begins then.
    Waiting { until: u64 },
    /// Asked for, nothing heard. `in_sync_at`: opened with nothing to replay, so far. `flushes`: see [`StreamOrder::Flush`].
    Opening { stream: StreamId, since: u64, give_up_at: u64, in_sync_at: Option<u64>, flushes: bool },
    /// Events come.
    Live { stream: StreamId, silent_at: u64, stable_at: u64 },
}

/// The connection with the backend.
#[derive(Debug)]
pub struct Connection {
    phase: Phase,
    status: ConnectionStatus,
    /// The last event taken in, unless what we hold is known to be incomplete: then a snapshot is wanted.
    last: Option<EventId>,
    /// The number that goes with the state that tabs are shown, complete or not.
    seq: u64,
    backoff: Backoff,
    streams: u32,
    beat: Beat,
    /// The wire was found dead: so many attempts use up the connections that the browser keeps.
    suspect: u8,
    /// Streams open on this wire and say nothing: something on it passes on whole responses only.
    once: bool,
    /// When it was renewed last.
    renewed_at: Option<u64>,
    orders: Vec<StreamOrder>,
}

impl Connection {
    /// A connection that has not begun; `seed` makes the jitter.
    pub fn new(seed: u64) -> Self {
        Self {
            phase: Phase::Idle,
            status: ConnectionStatus::Disconnected,
            last: None,
            seq: 0,
            backoff: Backoff::new(seed),
            streams: 0,
            beat: Beat::default(),
            suspect: 0,
            once: false,
            renewed_at: None,
            orders: Vec::new(),
        }
    }

    /// As tabs are told.
    pub fn status(&self) -> ConnectionStatus {
        self.status
    }

    /// Number of the last event taken in; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The life of the backend that the last event was of, while what we hold is complete.
    pub fn epoch(&self) -> Option<&str> {
        self.last.as_ref().map(|last| last.epoch.as_str())
    }

    /// When [`Connection::tick`] is due, if ever.
    pub fn deadline(&self) -> Option<u64> {
        match self.phase {
            Phase::Idle => None,
            Phase::Waiting { until } => Some(until),
            Phase::Opening { give_up_at, in_sync_at, .. } => {
                Some(in_sync_at.map_or(give_up_at, |at| at.min(give_up_at)))
            }
            Phase::Live { silent_at, .. } => Some(silent_at),
        }
    }

    /// The orders since the last time, in order.
    pub fn take_orders(&mut self) -> Vec<StreamOrder> {
        std::mem::take(&mut self.orders)
    }

    /// Opens the first stream.
    pub fn start(&mut self, now: u64) {
        if self.phase == Phase::Idle {
            self.open(now);
        }
    }

    /// Somebody wants it now: no more waiting for the next attempt.
    pub fn hurry(&mut self, now: u64) {
        match self.phase {
            Phase::Waiting { .. } => self.open(now),
            // It hangs, on a wire that may have come back meanwhile.
            Phase::Opening { stream, since, in_sync_at: None, .. } if now >= since + STALE_MS => {
                self.orders.push(StreamOrder::Close(stream));
                self.open(now);
            }
            _ => {}
        }
    }

    /// The machine has slept, or its network has changed: an open stream may be dead without a word of it, and what was
    /// learned of the wire may be wrong. A new one takes over; only if it fails are tabs told. Each tab says so: the first counts.
    pub fn renew(&mut self, now: u64) {
        if self.renewed_at.replace(now).is_some_and(|at| now < at + RENEWED_MS) {
            return;
        }
        (self.once, self.suspect) = (false, FLUSHES);
        self.backoff.reset();
        self.orders.extend(self.stream().map(StreamOrder::Close));
        if self.phase != Phase::Idle {
            self.open(now);
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: u64) {
        match self.phase {
            Phase::Waiting { until } if now >= until => self.open(now),
            Phase::Opening { stream, in_sync_at: Some(at), .. } if now >= at => self.live(stream, now),
            Phase::Opening { stream, give_up_at, flushes, .. } if now >= give_up_at => {
                self.lost(stream, now);
                // What was asked in vain while dead connections were used up says nothing of the wire.
                if !flushes {
                    (self.suspect, self.once) = (FLUSHES, !self.once);
                }
            }
            Phase::Live { stream, silent_at, .. } if now >= silent_at => {
                self.suspect = FLUSHES;
                self.lost(stream, now);
            }
            _ => {}
        }
    }

    /// The backend accepted the stream.
    pub fn opened(&mut self, stream: StreamId, now: u64) {
        let resumed = self.last.is_some();
        if let Phase::Opening { stream: current, in_sync_at, give_up_at, flushes, .. } = &mut self.phase
            && *current == stream
        {
            *in_sync_at = resumed.then_some(now + NOTHING_MISSED_MS);
            *give_up_at = (*give_up_at).max(now + GREETING_MS);
            *flushes = false;
            self.suspect = 0;
        }
    }

    /// The stream broke, or could not be opened.
    pub fn lost(&mut self, stream: StreamId, now: u64) {
        if self.stream() != Some(stream) {
            return;
        }
        self.forgive(now);
        self.orders.push(StreamOrder::Close(stream));
        if self.once && matches!(self.phase, Phase::Live { silent_at, .. } if now < silent_at) {
            self.phase = Phase::Waiting { until: now + BETWEEN_MS };
            return; // it has said what there was
        }
        if self.status == ConnectionStatus::Connected {
            self.status = ConnectionStatus::Reconnecting;
        }
        self.phase = Phase::Waiting { until: now + self.backoff.next_delay_ms() };
    }

    /// Judges an event by its number. `None` for the event stands for one whose data could not be read.
    pub fn judge(&mut self, stream: StreamId, id: Option<&EventId>, event: Option<&Event>, now: u64) -> Verdict {
        if self.stream() != Some(stream) {
            return Verdict::Ignore;
        }
        match (event, id) {
            // It comes before the state, and says nothing about it.
            (Some(Event::TabRole(_)), _) => Verdict::Ignore,
            (Some(Event::Heartbeat {}), _) | (Some(Event::Unknown(_)), None) => {
                self.beat.heard(now);
                self.live(stream, now);
                Verdict::Ignore
            }
            (Some(Event::Snapshot(_)), Some(id)) => self.take(stream, id, now),
            (Some(_), Some(id)) if self.is_old(id) => {
                self.live(stream, now);
                Verdict::Ignore
            }
            (Some(_), Some(id)) if self.is_next(id) => self.take(stream, id, now),
            // A gap, another epoch, no number, unreadable data: what we hold can't be trusted to be complete.
            _ => {
                self.resync(stream, now);
                Verdict::Ignore
            }
        }
    }

    fn take(&mut self, stream: StreamId, id: &EventId, now: u64) -> Verdict {
        self.last = Some(id.clone());
        self.seq = id.seq;
        self.live(stream, now);
        Verdict::Apply
    }

    fn is_next(&self, id: &EventId) -> bool {
        self.last.as_ref().is_some_and(|last| last.epoch == id.epoch && id.seq == last.seq + 1)
    }

    fn is_old(&self, id: &EventId) -> bool {
        self.last.as_ref().is_some_and(|last| last.epoch == id.epoch && id.seq <= last.seq)
    }

    /// The stream that counts now.
    pub fn stream(&self) -> Option<StreamId> {
        match self.phase {
            Phase::Opening { stream, .. } | Phase::Live { stream, .. } => Some(stream),
            Phase::Idle | Phase::Waiting { .. } => None,
        }
    }

    fn open(&mut self, now: u64) {
        self.streams += 1;
        self.beat = Beat::default();
        let stream = StreamId(self.streams);
        let flushes = self.suspect > 0;
        self.suspect = self.suspect.saturating_sub(1);
        let patience = match (self.once, flushes) {
            (true, _) => GREETING_MS + LATE_MS,
            (false, true) => FLUSHING_MS,
            (false, false) if self.streams == 1 => FIRST_MS,
            (false, false) => OPENING_MS,
        };
        if flushes {
            self.orders.push(StreamOrder::Flush);
        }
        self.phase = Phase::Opening { stream, since: now, give_up_at: now + patience, in_sync_at: None, flushes };
        self.orders.push(StreamOrder::Open { stream, after: self.last.clone(), once: self.once });
    }

    fn live(&mut self, stream: StreamId, now: u64) {
        let stable_at = match self.phase {
            Phase::Live { stable_at, .. } => stable_at,
            _ => now + STABLE_MS,
        };
        // Without a snapshot there is nothing true to show, however alive the stream is.
        if self.last.is_some() {
            self.status = ConnectionStatus::Connected;
        }
        self.phase = Phase::Live { stream, silent_at: now + self.beat.silence_ms(), stable_at };
    }

    /// Asks for a snapshot. Once at once and unseen by the operator; when that keeps failing, like any other loss.
    fn resync(&mut self, stream: StreamId, now: u64) {
        self.last = None;
        self.forgive(now);
        if self.backoff.is_fresh() {
            self.backoff.next_delay_ms();
            self.orders.push(StreamOrder::Close(stream));
            self.open(now);
        } else {
            self.lost(stream, now);
        }
    }

    fn forgive(&mut self, now: u64) {
        if matches!(self.phase, Phase::Live { stable_at, .. } if now >= stable_at) {
            self.backoff.reset();
        }
    }
}

/// How fast the backend's heart beats on this stream.
#[derive(Debug, Default)]
struct Beat {
    last: Option<u64>,
    longest: Option<u64>,
}

impl Beat {
    fn heard(&mut self, now: u64) {
        let gap = self.last.replace(now).map(|last| now - last);
        // Two at once were held up on their way, and say nothing.
        self.longest = self.longest.max(gap.filter(|gap| *gap >= LATE_MS));
    }

    /// Two heartbeats: as promised, or as they have been heard to come.
    fn silence_ms(&self) -> u64 {
        self.longest.map_or(SILENCE_MS, |gap| (2 * gap + LATE_MS).clamp(LEAST_SILENCE_MS, SILENCE_MS))
    }
}
