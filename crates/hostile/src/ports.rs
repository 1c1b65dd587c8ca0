//! What pages post to the worker: any page of the backend's origin can, and those that the bridge lets in.

use std::collections::BTreeMap;

use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::Event;
use protocol::wire::port::{RawEvent, RequestTag, TabMessage};
use protocol::{CallId, EventId};
use serde::Deserialize;
use serde_json::Value;
use worker::hub::{HubInput, Malformed, PortId};

use crate::stand::Stand;

/// A backend with a call that rings and one that is up.
const SNAPSHOT: &str = r#"{"operator_status":"ready","phone_status":"available","capabilities":["dial","answer"],"bundle":"b",
"active_call":{"call_id":"c1","state":"talking","direction":"in","number":"1","display_name":null,"start_time":1,"muted":false,"held":false},
"other_calls":[{"call_id":"c2","state":"incoming","direction":"in","number":"2","display_name":null,"start_time":null,"muted":false,"held":false}]}"#;

/// The input is what pages post, a message a line: the port's digit, then `{ type, payload }` as JSON; a second digit in front
/// of that is a new port that rides along. Other lines are what else happens: `gone N`, `ok`, `failed`, `wait`, `lost`, `state`.
pub fn port_messages(input: &[u8]) {
    let mut stand = Stand::new();
    let mut digits = BTreeMap::new();
    connect(&mut stand);
    for line in String::from_utf8_lossy(input).lines() {
        let mut rest = line.chars();
        match rest.next().and_then(|c| c.to_digit(10)) {
            Some(port) => post(&mut stand, &mut digits, port, rest.as_str()),
            None => happens(&mut stand, &digits, line),
        }
    }
}

fn post(stand: &mut Stand, digits: &mut BTreeMap<u32, PortId>, from: u32, json: &str) {
    let mut rest = json.chars();
    let rides = rest.next().and_then(|c| c.to_digit(10));
    let json = if rides.is_some() { rest.as_str() } else { json };
    let Ok(message) = serde_json::from_str::<Value>(json) else { return };
    // Of a closed port nothing is heard: the digit means a new one.
    let port = digits.get(&from).copied().filter(|port| stand.hears(*port)).unwrap_or_else(|| stand.adopt());
    digits.insert(from, port);
    let transferred = rides.map(|_| stand.adopt());
    digits.extend(rides.zip(transferred));
    stand.feed(HubInput::PortMessage { port, message: read(message), transferred });
}

/// As the worker's shell does it with JavaScript values.
fn read(message: Value) -> Result<TabMessage, Malformed> {
    let tag = message.get("payload").and_then(|payload| RequestTag::deserialize(payload).ok()).unwrap_or_default();
    let request_id = tag.request_id.clone();
    let malformed = |message: String| Malformed { message, request_id: request_id.clone() };
    let Some(name) = message["type"].as_str().map(str::to_owned) else {
        return Err(malformed("a message has the form { type, payload }".to_owned()));
    };
    let payload = match message.get("payload") {
        None | Some(Value::Null) => Value::Object(serde_json::Map::new()),
        Some(payload) => payload.clone(),
    };
    TabMessage::from_wire(&name, payload, tag).map_err(|error| malformed(error.to_string()))
}

fn happens(stand: &mut Stand, digits: &BTreeMap<u32, PortId>, what: &str) {
    match what {
        "ok" | "failed" => {
            let outcome = match what {
                "ok" => Ok(Some(CallId::new("c9"))),
                _ => Err(ErrorBody::new(ErrorType::CallNotFound, "there is no such call")),
            };
            if let Some(post) = stand.take_post() {
                stand.feed(HubInput::CommandSettled { post, outcome });
            }
        }
        "wait" => stand.tick(),
        "state" => connect(stand),
        "lost" => stand.stream().into_iter().for_each(|stream| stand.feed(HubInput::StreamLost(stream))),
        _ => {
            let port = what.strip_prefix("gone ").and_then(|digit| digits.get(&digit.parse().ok()?));
            if let Some(port) = port {
                stand.feed(HubInput::PortGone(*port));
            }
        }
    }
}

fn connect(stand: &mut Stand) {
    let Some(stream) = stand.stream() else { return };
    stand.feed(HubInput::StreamOpened(stream));
    let event = Event::from_wire("snapshot", &mut serde_json::Deserializer::from_str(SNAPSHOT)).ok();
    let raw = RawEvent { event: "snapshot".to_owned(), data: SNAPSHOT.to_owned() };
    let id = Some(EventId { epoch: "e".to_owned(), seq: 5 });
    stand.feed(HubInput::StreamEvent { stream, id, event, raw });
}
