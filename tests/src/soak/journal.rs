//! The backend's journal, as a program keeps it that listens all the while: each epoch, each event, the state after each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use protocol::wire::event::Event;
use protocol::{Book, ConnectionStatus, EventId, GlobalState, PhoneStatus};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::until;

/// Between two attempts to reach a backend that was killed.
const AGAIN: Duration = Duration::from_millis(5);
/// Events that a backend tells in the instant of its end, at most.
const UNHEARD: u64 = 4;

/// One life of the backend.
pub(super) struct Epoch {
    name: String,
    /// After the last event.
    book: Book,
    last: u64,
    pub(super) events: Vec<Event>,
    /// By the number of the last event in it; as tabs are shown it, connected.
    pub(super) states: BTreeMap<u64, GlobalState>,
    /// What only pages have seen of it.
    unheard: BTreeMap<u64, GlobalState>,
}

#[derive(Default)]
pub(super) struct Journal {
    pub(super) epochs: Vec<Epoch>,
    /// What can't be: gaps, snapshots that differ from the events before them.
    pub(super) faults: Vec<String>,
}

/// Listens until it is dropped.
pub(super) struct Recorder {
    journal: Arc<Mutex<Journal>>,
    task: JoinHandle<()>,
}

impl Recorder {
    /// One for the backend at this address, whichever runs there.
    pub(super) async fn of(address: &str) -> Result<Self> {
        let journal = Arc::default();
        let task = tokio::spawn(listen(address.to_owned(), Arc::clone(&journal)));
        let recorder = Self { journal, task };
        recorder.begun(0).await?;
        Ok(recorder)
    }

    /// What was heard.
    pub(super) fn journal(&self) -> std::sync::MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many lives of the backend were heard.
    pub(super) fn epochs(&self) -> usize {
        self.journal().epochs.len()
    }

    /// Waits until there is a life of the backend beyond so many.
    pub(super) async fn begun(&self, epochs: usize) -> Result<()> {
        until("the new backend is heard", || async { Ok((self.epochs() > epochs).then_some(())) }).await
    }

    /// Waits until everything up to this event was heard.
    pub(super) async fn heard(&self, seq: u64) -> Result<()> {
        let heard = || self.journal().epochs.last().is_some_and(|epoch| epoch.last >= seq);
        until("the journal is complete", || async { Ok(heard().then_some(())) }).await
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(address: String, journal: Arc<Mutex<Journal>>) {
    let http = reqwest::Client::new();
    loop {
        let after = {
            let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal.epochs.last().map(|epoch| format!("?last_event_id={}-{}", epoch.name, epoch.last))
        };
        let url = format!("http://{address}/api/sip/events{}", after.unwrap_or_default());
        if let Ok(mut response) = http.get(url).send().await {
            let mut text = String::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                text.push_str(&String::from_utf8_lossy(&chunk));
                while let Some((event, rest)) = text.split_once("\n\n") {
                    let taken = journal.lock().unwrap_or_else(PoisonError::into_inner).take(event);
                    text = rest.to_owned();
                    if !taken {
                        break;
                    }
                }
                // A new epoch: from its beginning, please.
                if journal.lock().unwrap_or_else(PoisonError::into_inner).epochs.last().is_some_and(|it| it.last == 0) {
                    break;
                }
            }
        }
        sleep(AGAIN).await;
    }
}

impl Journal {
    /// Takes one event of the stream in; `false` where the stream is to be opened anew.
    fn take(&mut self, text: &str) -> bool {
        match self.read(text) {
            Ok(go_on) => go_on,
            Err(error) => {
                self.faults.push(format!("{error:#}: {text}"));
                true
            }
        }
    }

    fn read(&mut self, text: &str) -> Result<bool> {
        let field =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
        let Some(id) = field("id") else { return Ok(true) };
        let id: EventId = id.parse()?;
        let data: serde_json::Value = serde_json::from_str(field("data").context("no data")?)?;
        let event = Event::from_wire(field("event").context("no name")?, data)?;
        match (&event, self.epochs.last_mut()) {
            (_, Some(epoch)) if epoch.name == id.epoch => {
                if let Event::Snapshot(snapshot) = &event {
                    ensure!(epoch.last == id.seq, "a snapshot after number {}", epoch.last);
                    ensure!(epoch.book == Book::from_snapshot(snapshot), "it differs from {:?}", epoch.book);
                    return Ok(true);
                }
                ensure!(id.seq == epoch.last + 1, "after number {}", epoch.last);
                epoch.take(id.seq, event);
                Ok(true)
            }
            (Event::Snapshot(snapshot), _) => {
                let mut book = Book::from_snapshot(snapshot);
                if id.seq > 0 {
                    book = Book::new(book.operator_status, PhoneStatus::Unavailable, book.capabilities);
                }
                let mut epoch = Epoch {
                    name: id.epoch,
                    book,
                    last: 0,
                    events: Vec::new(),
                    states: BTreeMap::new(),
                    unheard: BTreeMap::new(),
                };
                epoch.keep();
                self.epochs.push(epoch);
                Ok(id.seq == 0)
            }
            _ => anyhow::bail!("an event of an unknown epoch"),
        }
    }
}

impl Epoch {
    fn take(&mut self, seq: u64, event: Event) {
        self.book.apply(&event);
        self.last = seq;
        self.events.push(event);
        self.keep();
    }

    fn keep(&mut self) {
        self.states.insert(self.last, self.book.to_state(ConnectionStatus::Connected, self.last));
    }

    /// Whether this was a state of this life of the backend.
    pub(super) fn had(&self, state: &GlobalState) -> bool {
        self.states.get(&state.seq) == Some(&connected(state))
    }

    /// Whether it may have been one: a backend that is killed may have told a worker of what it did last, and this program
    /// not any more. The first page's word for it counts, and all others must say the same.
    pub(super) fn may_have_had(&mut self, state: &GlobalState) -> bool {
        let shown = connected(state);
        (self.last + 1..=self.last + UNHEARD).contains(&state.seq)
            && *self.unheard.entry(state.seq).or_insert_with(|| shown.clone()) == shown
    }
}

fn connected(state: &GlobalState) -> GlobalState {
    GlobalState { connection_status: ConnectionStatus::Connected, ..state.clone() }
}
