//! A thousand who listen, one of whom reads nothing, and a burst of events: all end in the same state, and commands go through.

use std::net::SocketAddr;

use backend::connections::Bounds;
use backend::engine::EngineEvent;
use protocol::wire::event::{Event, Snapshot};
use protocol::{Book, CallId, Capability, EventId};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::support::wire::{ask, listen, request};
use crate::support::{Backend, FakeEngine, calls};

const READERS: usize = 1000;
const BURST: u64 = 10_000;
/// Most that the process may grow by, backend and all clients together, in kB: sockets have 16 kB of buffers on each side.
const GROWTH: u64 = 200_000;
/// Commands of the operator meanwhile; fewer than a worker's burst.
const COMMANDS: usize = 20;
/// One in so many listeners keeps the whole state.
const EACH: usize = 50;

/// A client: it sees that each event follows the one before, unless it gets a snapshot.
struct Reader {
    lines: BufReader<TcpStream>,
    last: Option<EventId>,
    /// As a worker keeps it; not in all of them, as that costs more than all that the backend does.
    book: Option<Book>,
    keeps_book: bool,
    taken: usize,
}

impl Reader {
    async fn open(address: SocketAddr, query: &str, keeps_book: bool) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let line = format!("GET /api/sip/events{query}");
        stream.write_all(request(&line, "", "").as_bytes()).await.unwrap();
        let lines = BufReader::new(stream);
        let mut reader = Self { lines, last: None, book: None, keeps_book, taken: 0 };
        while reader.last.is_none() {
            reader.next().await;
        }
        reader
    }

    /// Takes the next event in.
    async fn next(&mut self) {
        let (mut id, mut name) = (None, String::new());
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.lines.read_line(&mut line).await.unwrap() > 0, "the stream ended");
            let text = line.trim_end();
            // Around events are the lines of the head and of the chunks, which no field is like.
            if let Some(value) = text.strip_prefix("id: ") {
                id = Some(value.parse::<EventId>().unwrap());
            } else if let Some(value) = text.strip_prefix("event: ") {
                value.clone_into(&mut name);
            } else if let Some(value) = text.strip_prefix("data: ") {
                return self.take(id, &name, value);
            }
        }
    }

    fn take(&mut self, id: Option<EventId>, name: &str, data: &str) {
        let Some(id) = id else { return };
        if name != "snapshot" {
            let last = self.last.as_ref().expect("a snapshot comes first");
            assert_eq!(id.seq, last.seq + 1, "one was left out, or came twice");
        }
        if self.keeps_book {
            match Event::from_wire(name, serde_json::from_str::<serde_json::Value>(data).unwrap()).unwrap() {
                Event::Snapshot(snapshot) => self.book = Some(Book::from_snapshot(&snapshot)),
                event => drop(self.book.as_mut().map(|book| book.apply(&event))),
            }
        }
        self.last = Some(id);
        self.taken += 1;
    }

    /// Reads up to this number.
    async fn until(mut self, seq: u64) -> (Option<Snapshot>, usize) {
        while self.last.as_ref().is_none_or(|last| last.seq < seq) {
            self.next().await;
        }
        assert_eq!(self.last.map(|last| last.seq), Some(seq));
        (self.book.map(|book| book.to_snapshot("b1")), self.taken)
    }
}

/// Resident memory of this process, in kB; nothing where it can't be had.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_listeners_and_one_that_reads_nothing_live_through_a_burst() {
    // Both ends of each connection are in this process.
    rlimit::increase_nofile_limit(4 * READERS as u64).unwrap();
    let phone = Backend::fake(FakeEngine::new(Capability::ALL));
    let address = listen(&phone, Bounds::default()).await;
    let before = resident();

    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut deaf = socket.connect(address).await.unwrap();
    deaf.write_all(request("GET /api/sip/events", "", "").as_bytes()).await.unwrap();
    // The phone, available at first, the call's beginning and connection, then all that happens to it.
    let last = 3 + BURST + COMMANDS as u64;
    let mut readers = JoinSet::new();
    readers.spawn(Reader::open(address, "?worker=w1", true).await.until(last));
    for number in 1..READERS {
        readers.spawn(Reader::open(address, "", number % EACH == 0).await.until(last));
    }
    let counted = format!("sip_phone_sse_connections {}\n", READERS + 1);
    while !phone.metrics().await.contains(&counted) {
        tokio::task::yield_now().await;
    }

    let call = CallId::new("c1".to_owned());
    let tell = |event| phone.tell.send(event).unwrap();
    tell(EngineEvent::Incoming { call: call.clone(), number: "100".to_owned(), display_name: None });
    tell(EngineEvent::Connected(call.clone()));
    for number in 1..=BURST {
        tell(EngineEvent::Updated { call: call.clone(), muted: Some(number % 2 == 1), held: None });
    }
    let mut operator = TcpStream::connect(address).await.unwrap();
    for number in 0..COMMANDS {
        let body = json!({ "status": if number % 2 == 0 { "lunch" } else { "dnd" } }).to_string();
        let command = request("POST /api/sip/operator/status", "Sip-Phone-Worker: w1\r\n", &body);
        let answer = ask(&mut operator, &command).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let (mut ended, mut taken, mut states) = (0, 0, Vec::new());
    while let Some(read) = readers.join_next().await {
        let (state, events) = read.unwrap();
        (ended, taken) = (ended + 1, taken + events);
        states.extend(state);
    }
    let state = phone.desk.snapshot();
    assert_eq!((calls(&state)[0].muted, calls(&state)[0].start_time.is_some()), (false, true));
    assert_eq!((ended, states), (READERS, vec![state; READERS / EACH]));
    if let (Some(before), Some(after)) = (before, resident()) {
        println!(
            "{READERS} listeners and a burst of {BURST} events: {taken} events taken, {} kB more",
            after.saturating_sub(before)
        );
        assert!(after.saturating_sub(before) < GROWTH, "{before} kB before, {after} kB after");
    }
    // The one that read nothing held nobody up, and may read what it was sent.
    let mut first = [0; 15];
    deaf.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
}
