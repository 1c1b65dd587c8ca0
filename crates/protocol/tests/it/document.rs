//! PROTOCOL.md against the code: every name is in it, and every example is what the code reads and writes.

use protocol::wire::command::Command;
use protocol::wire::error::ErrorType;
use protocol::wire::event::Event;
use protocol::wire::port::{
    Accepted, CommandError, INIT_PORT, RequestTag, TAB_GONE, TAB_REPORT, TabMessage, TabRole, WorkerLock,
    WorkerOutdated,
};
use protocol::wire::rest;
use protocol::{GlobalState, PROTOCOL_VERSION};
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../../PROTOCOL.md");

/// The JSON examples, each with the name that the paragraph before it begins with.
fn examples() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut name = String::new();
    let mut rest = DOCUMENT;
    while let Some((before, after)) = rest.split_once("```json\n") {
        let paragraph = before.trim_end().rsplit("\n\n").next().unwrap();
        if paragraph.starts_with('`') && !paragraph.starts_with("```") {
            name = paragraph.split('`').nth(1).unwrap().to_owned();
        }
        let (json, tail) = after.split_once("\n```").unwrap();
        found.push((name.clone(), serde_json::from_str(json).unwrap_or_else(|e| panic!("{e} in {json}"))));
        rest = tail;
    }
    found
}

#[test]
fn every_event_has_an_example_that_the_code_reads_and_writes() {
    for name in Event::NAMES {
        let examples: Vec<_> = examples().into_iter().filter(|(of, _)| of == name).collect();
        assert_eq!(examples.len(), 1, "{name} has one example");
        let event = Event::from_wire(name, &examples[0].1).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), examples[0].1, "{name}");
    }
}

#[test]
fn every_port_message_has_an_example_that_the_code_reads() {
    let examples: Vec<(String, Value)> = examples()
        .into_iter()
        .filter_map(|(_, example)| Some((example.get("type")?.as_str()?.to_owned(), example["payload"].clone())))
        .collect();
    let of_worker =
        ["SYNC_STATE", "SSE_EVENT", "ERROR", "ACCEPTED", "TAB_ROLE", "TAB_PING", "WORKER_LOCK", "WORKER_OUTDATED"];
    for name in Command::NAMES.into_iter().chain([INIT_PORT, TAB_REPORT, TAB_GONE]).chain(of_worker) {
        assert!(examples.iter().any(|(of, _)| of == name), "{name} has no example");
    }
    for (name, payload) in examples {
        match name.as_str() {
            "SYNC_STATE" => {
                let state: GlobalState = serde_json::from_value(payload.clone()).unwrap();
                assert_eq!(serde_json::to_value(state).unwrap(), payload);
            }
            "SSE_EVENT" => {
                let event = Event::from_wire(payload["event"].as_str().unwrap(), &payload["data"]).unwrap();
                assert!(!matches!(event, Event::Unknown(_)));
            }
            "ERROR" => drop(serde_json::from_value::<CommandError>(payload).unwrap()),
            "TAB_PING" => assert_eq!(payload, serde_json::json!({})),
            "TAB_ROLE" => {
                let role: TabRole = serde_json::from_value(payload.clone()).unwrap();
                assert_eq!(serde_json::to_value(role).unwrap(), payload);
            }
            "WORKER_LOCK" => drop(serde_json::from_value::<WorkerLock>(payload).unwrap()),
            "WORKER_OUTDATED" => drop(serde_json::from_value::<WorkerOutdated>(payload).unwrap()),
            "ACCEPTED" => drop(serde_json::from_value::<Accepted>(payload).unwrap()),
            _ => drop(TabMessage::from_wire(&name, &payload, RequestTag::default()).unwrap()),
        }
    }
    assert!(DOCUMENT.contains(&format!("{{ protocol: {PROTOCOL_VERSION} }}")));
}

#[test]
fn every_path_and_every_error_is_listed() {
    let posts = [
        rest::DIAL,
        rest::ANSWER,
        rest::HANGUP,
        rest::HOLD,
        rest::MUTE,
        rest::DTMF,
        rest::TRANSFER,
        rest::STATUS,
        rest::TABS,
        rest::FAULT,
    ];
    for path in posts {
        assert!(DOCUMENT.contains(&format!("| `POST {path}` |")), "{path}");
    }
    for path in [rest::EVENTS, rest::STATE] {
        assert!(DOCUMENT.contains(&format!("`GET {path}`")), "{path}");
    }
    assert!(DOCUMENT.contains(&format!("`{}`", rest::LAST_EVENT_ID_PARAM)));
    for header in [rest::KEY_HEADER, rest::ATTEMPT_HEADER, rest::EPOCH_HEADER, rest::WORKER_HEADER] {
        assert!(DOCUMENT.to_ascii_lowercase().contains(&format!("`{header}`")), "{header}");
    }
    assert!(DOCUMENT.contains(&format!("`{}=1`", rest::ONCE_PARAM)));
    for error in ErrorType::ALL {
        let status = error.http_status();
        let of_worker =
            matches!(error, ErrorType::NotConnected | ErrorType::UnsupportedProtocol | ErrorType::WorkerFailed);
        let cell = if of_worker { "| |".to_owned() } else { format!("| {status} |") };
        assert!(DOCUMENT.contains(&format!("| `{}` {cell}", error.as_str())), "{error:?}");
    }
}
