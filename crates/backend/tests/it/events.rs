//! The SSE stream: replay, snapshots, heartbeats, counting and ending.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use backend::journal::CAPACITY;
use futures_util::StreamExt;
use protocol::OperatorStatus;
use serde_json::{Value, json};

use crate::support::{Backend, HOST, get};

/// An event as it came.
#[derive(Debug, PartialEq)]
struct Came {
    id: Option<String>,
    event: String,
    data: Value,
}

struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    async fn open(phone: &Backend, path: &str, last_event_id: Option<&str>) -> Self {
        let mut request = Request::get(path).header("host", HOST);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = phone.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; `None` when the stream ends.
    async fn next(&mut self) -> Option<Came> {
        while !self.text.contains("\n\n") {
            let bytes =
                tokio::time::timeout(Duration::from_secs(60), self.body.next()).await.expect("nothing comes")?;
            self.text.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        }
        let (block, rest) = self.text.split_once("\n\n").unwrap();
        let field =
            |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
        let event = field("event:").unwrap();
        let came = Came { id: field("id:"), event, data: serde_json::from_str(&field("data:").unwrap()).unwrap() };
        self.text = rest.to_owned();
        Some(came)
    }

    async fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        for _ in 0..count {
            names.push(self.next().await.unwrap().event);
        }
        names
    }
}

const EVENTS: &str = "/api/sip/events";

async fn set(phone: &Backend, status: OperatorStatus) {
    phone.desk.set_operator_status(status).await.unwrap();
}

/// Another status with every call.
async fn flip(phone: &Backend) {
    let lunch = phone.desk.snapshot().operator_status == OperatorStatus::Lunch;
    set(phone, if lunch { OperatorStatus::Dnd } else { OperatorStatus::Lunch }).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_client_gets_the_snapshot_then_what_happens() {
    let phone = Backend::simulator();
    let mut stream = Stream::open(&phone, EVENTS, None).await;
    let first = stream.next().await.unwrap();
    assert_eq!((first.event.as_str(), &first.data), ("snapshot", &phone.get("/api/sip/state").await.1));
    assert_eq!(stream.next().await, Some(Came { id: None, event: "heartbeat".to_owned(), data: json!({}) }));
    let call = phone.ring().await;
    let rings = stream.next().await.unwrap();
    assert_eq!(rings.data, json!({ "call_id": call, "number": "100", "display_name": null }));
    let (epoch, seq) = first.id.as_deref().unwrap().split_once('-').unwrap();
    assert_eq!(rings.id, Some(format!("{epoch}-{}", seq.parse::<u64>().unwrap() + 1)));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_comes_back_gets_what_it_missed_and_no_more() {
    let phone = Backend::simulator();
    let mut stream = Stream::open(&phone, EVENTS, None).await;
    let seen = stream.next().await.unwrap().id.unwrap();
    drop(stream);
    set(&phone, OperatorStatus::Lunch).await;
    set(&phone, OperatorStatus::Dnd).await;
    for path in [EVENTS.to_owned(), format!("{EVENTS}?last_event_id={seen}")] {
        let header = (!path.contains('?')).then_some(seen.as_str());
        let mut stream = Stream::open(&phone, &path, header).await;
        assert_eq!(stream.next().await.unwrap().data, json!({ "status": "lunch" }), "{path}");
        let last = stream.next().await.unwrap();
        assert_eq!(last.data, json!({ "status": "dnd" }));
        assert_eq!(stream.next().await.unwrap().event, "heartbeat");
        // The header is newer than the address that a browser repeats.
        let mut again = Stream::open(&phone, &path, last.id.as_deref()).await;
        assert_eq!(again.next().await.unwrap().event, "heartbeat");
    }
}

#[tokio::test(start_paused = true)]
async fn ids_that_are_not_in_the_journal_get_a_snapshot() {
    let phone = Backend::simulator();
    let mut stream = Stream::open(&phone, EVENTS, None).await;
    let id = stream.next().await.unwrap().id.unwrap();
    let (epoch, _) = id.split_once('-').unwrap();
    for id in
        ["", "nonsense", "0-0", "ffff-1", "--", &format!("{epoch}-999"), &format!("{epoch}-99999999999999999999999")]
    {
        let mut stream = Stream::open(&phone, EVENTS, Some(id)).await;
        assert_eq!(stream.names(2).await, ["snapshot", "heartbeat"], "{id:?}");
    }
    let other_life = Backend::simulator();
    let mut stream = Stream::open(&other_life, EVENTS, Some(&id)).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first.event, "snapshot");
    assert!(!first.id.unwrap().starts_with(epoch));
}

#[tokio::test]
async fn a_reader_that_fell_behind_is_resynced() {
    let phone = Backend::simulator();
    let mut stream = Stream::open(&phone, EVENTS, None).await;
    assert_eq!(stream.names(2).await, ["snapshot", "heartbeat"]);
    for _ in 0..=CAPACITY {
        flip(&phone).await;
    }
    let snapshot = stream.next().await.unwrap();
    assert_eq!(snapshot.event, "snapshot");
    assert_eq!(snapshot.data["operator_status"], json!(phone.desk.snapshot().operator_status));
    flip(&phone).await;
    let next = stream.next().await.unwrap();
    assert_eq!(next.event, "status_change");
    let seq = |id: &Option<String>| id.as_deref().unwrap().rsplit('-').next().unwrap().parse::<u64>().unwrap();
    assert_eq!(seq(&next.id), seq(&snapshot.id) + 1);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_has_a_heartbeat_within_the_promised_time() {
    let phone = Backend::simulator();
    let mut stream = Stream::open(&phone, EVENTS, None).await;
    stream.names(2).await;
    for _ in 0..3 {
        let before = tokio::time::Instant::now();
        assert_eq!(stream.next().await.unwrap().event, "heartbeat");
        assert!(before.elapsed().as_millis() <= u128::from(protocol::HEARTBEAT_MS));
    }
}

#[tokio::test(start_paused = true)]
async fn streams_are_counted_while_they_live() {
    let phone = Backend::simulator();
    let first = Stream::open(&phone, EVENTS, None).await;
    let second = Stream::open(&phone, EVENTS, None).await;
    assert!(phone.metrics().await.contains("sip_phone_sse_connections 2\n"));
    drop(first);
    assert!(phone.metrics().await.contains("sip_phone_sse_connections 1\n"));
    drop(second);
    assert!(phone.metrics().await.contains("sip_phone_sse_connections 0\n"));
}

#[tokio::test(start_paused = true)]
async fn streams_end_with_the_program() {
    let phone = Backend::simulator();
    let mut stream = Stream::open(&phone, EVENTS, None).await;
    stream.names(2).await;
    phone.close.send_replace(true);
    assert_eq!(stream.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_held_call_is_told_before_the_call_that_took_its_place() {
    let phone = Backend::simulator();
    let first = phone.talk().await;
    let second = phone.ring().await;
    let mut stream = Stream::open(&phone, EVENTS, None).await;
    stream.names(2).await;
    phone.ok("/api/sip/call/answer", json!({ "call_id": second })).await;
    let held = stream.next().await.unwrap();
    assert_eq!(
        (held.event.as_str(), held.data),
        ("call_updated", json!({ "call_id": first, "muted": false, "held": true }))
    );
    let connected = stream.next().await.unwrap();
    assert_eq!((connected.event.as_str(), &connected.data["call_id"]), ("call_connected", &json!(second)));
}

#[tokio::test]
async fn replay_equals_the_snapshot() {
    let phone = Backend::simulator();
    let id = phone.desk.snapshot_record().id.to_string();
    let mut book = protocol::Book::from_snapshot(&phone.desk.snapshot());
    let first = phone.talk().await;
    phone.ok("/api/sip/call/mute", json!({ "call_id": first, "on": true })).await;
    let second = phone.ring().await;
    phone.ok("/api/sip/call/answer", json!({ "call_id": second })).await;
    phone.until(|state| state.other_calls.iter().any(|call| call.held)).await;
    let until = phone.desk.snapshot_record().id.to_string();
    let mut stream = Stream::open(&phone, EVENTS, Some(&id)).await;
    loop {
        let came = stream.next().await.unwrap();
        book.apply(&protocol::wire::event::Event::from_wire(&came.event, came.data).unwrap());
        if came.id.as_ref() == Some(&until) {
            break;
        }
    }
    assert_eq!(book.to_snapshot("b1"), phone.desk.snapshot());
    drop(phone.send(get("/healthz")).await);
}

#[tokio::test]
async fn of_two_workers_one_leads_and_plain_streams_hear_nothing_of_it() {
    let phone = Backend::simulator();
    let mut plain = Stream::open(&phone, "/api/sip/events", None).await;
    let mut a = Stream::open(&phone, "/api/sip/events?worker=a", None).await;
    for stream in [&mut plain, &mut a] {
        assert_eq!(stream.names(2).await, ["snapshot", "heartbeat"]);
    }
    let mut b = Stream::open(&phone, "/api/sip/events?worker=b", None).await;
    assert_eq!(b.names(3).await, ["tab_role", "snapshot", "heartbeat"], "first who is to care, then for what");
    let asked = a.next().await.unwrap();
    assert_eq!((asked.id, asked.event.as_str()), (None, "tab_role"));
    assert_eq!(asked.data, json!({ "primary": true, "sound": "here", "notices": true }), "nothing is taken away yet");
    let tell = |worker: &str, ago: u64| {
        phone.post("/api/sip/tabs", json!({ "worker": worker, "used_ago": ago, "sound": true, "notices": false }))
    };
    assert_eq!(tell("a", 10).await.0, 200);
    assert_eq!(a.next().await.unwrap().data, json!({ "primary": true, "sound": "here", "notices": false }));
    assert_eq!(tell("b", 900).await.0, 200);
    assert_eq!(b.next().await.unwrap().data, json!({ "primary": false, "sound": "elsewhere", "notices": false }));
    drop(a);
    assert_eq!(b.next().await.unwrap().data["primary"], true);
    assert_eq!(tell("a", 0).await.0, 400, "it is gone");
    assert_eq!(phone.post("/api/sip/tabs", json!({ "worker": 7 })).await.0, 400);
    phone.desk.set_operator_status(OperatorStatus::Lunch).await.unwrap();
    assert_eq!(plain.next().await.unwrap().event, "status_change");
}

/// Whole responses only, as behind a proxy that passes nothing else; gives the events of one.
async fn poll(phone: &Backend, query: &str, last: Option<&str>) -> Vec<Came> {
    let mut stream = Stream::open(phone, &format!("{EVENTS}?once=1{query}"), last).await;
    let mut all = Vec::new();
    while let Some(came) = stream.next().await {
        all.push(came);
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_client_that_gets_whole_responses_only_stays_in_sync() {
    let phone = Backend::simulator();
    let first = poll(&phone, "", None).await;
    assert_eq!(first.iter().map(|came| came.event.as_str()).collect::<Vec<_>>(), ["snapshot"]);
    let mut last = first[0].id.clone().unwrap();
    let mut book = protocol::Book::from_snapshot(&serde_json::from_value(first[0].data.clone()).unwrap());

    let before = tokio::time::Instant::now();
    let quiet = poll(&phone, "", Some(&last)).await;
    assert_eq!(quiet, [Came { id: None, event: "heartbeat".to_owned(), data: json!({}) }]);
    assert!(before.elapsed().as_secs() >= 5, "it would ask in a busy loop");

    let acting = async {
        let call = phone.talk().await;
        phone.ok("/api/sip/call/mute", json!({ "call_id": call, "on": true })).await;
        phone.ok("/api/sip/call/hangup", json!({ "call_id": call })).await;
        set(&phone, OperatorStatus::Lunch).await;
        phone.until(|state| state.active_call.is_none() && state.operator_status == OperatorStatus::Lunch).await
    };
    let listening = async {
        let mut seqs = Vec::new();
        while book.operator_status != OperatorStatus::Lunch {
            for came in poll(&phone, "", Some(&last)).await {
                book.apply(&protocol::wire::event::Event::from_wire(&came.event, came.data).unwrap());
                if let Some(id) = came.id {
                    seqs.push(id.rsplit('-').next().unwrap().parse::<u64>().unwrap());
                    last = id;
                }
            }
        }
        seqs
    };
    let (state, seqs) = tokio::join!(acting, listening);
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "each event once: {seqs:?}");
    assert_eq!(book.to_snapshot("b1"), state);
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_comes_in_one_response() {
    let phone = Backend::simulator();
    let last = poll(&phone, "", None).await[0].id.clone().unwrap();
    for _ in 0..100 {
        flip(&phone).await;
    }
    assert_eq!(poll(&phone, "", Some(&last)).await.len(), 100);
    phone.close.send_replace(true);
    assert_eq!(poll(&phone, "", Some(&last)).await, [], "nor does it hold up the end");
}

#[tokio::test(start_paused = true)]
async fn a_worker_behind_such_a_proxy_keeps_its_part_between_two_responses() {
    let phone = Backend::simulator();
    let mut other = Stream::open(&phone, "/api/sip/events?worker=b", None).await;
    assert_eq!(other.names(2).await, ["snapshot", "heartbeat"]);
    let first = poll(&phone, "&worker=a", None).await;
    assert_eq!(first.iter().map(|came| came.event.as_str()).collect::<Vec<_>>(), ["tab_role", "snapshot"]);
    let last = first[1].id.as_deref();
    assert_eq!(other.next().await.unwrap().event, "tab_role");
    let names = async |query: &str| {
        let came = poll(&phone, query, last).await;
        came.into_iter().map(|came| came.event).collect::<Vec<_>>()
    };
    assert_eq!(names("&worker=a").await, ["heartbeat"], "it has been told");
    assert_eq!(names("&worker=a&tab_role=1").await, ["tab_role", "heartbeat"], "what it asks for is no news");
    assert_eq!(other.names(1).await, ["heartbeat"], "nobody hears of its coming and going");
    let report = json!({ "worker": "a", "used_ago": 0, "sound": true, "notices": true });
    assert_eq!(phone.post("/api/sip/tabs", report).await.0, 200, "it is known all the time");
    assert_eq!(names("&worker=a").await, ["tab_role"]);
    assert_eq!(other.next().await.unwrap().event, "tab_role");
}
