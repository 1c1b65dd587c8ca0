//! What pages post to the worker: any page of the backend's origin can, and those that the bridge lets in.

use std::collections::BTreeMap;

use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::Event;
use protocol::wire::port::{RawEvent, RequestTag, TabMessage};
use protocol::{CallId, EventId};
use serde_json::{Value, json};
use worker::hub::{HubInput, Malformed, PortId, PostError};

use crate::source::Source;
use crate::stand::Stand;

/// A backend with a call that rings and one that is up.
const SNAPSHOT: &str = r#"{"operator_status":"ready","phone_status":"available","capabilities":["dial","answer"],"bundle":"b",
"active_call":{"call_id":"c1","state":"talking","direction":"in","number":"1","display_name":null,"start_time":1,"muted":false,"held":false},
"other_calls":[{"call_id":"c2","state":"incoming","direction":"in","number":"2","display_name":null,"start_time":null,"muted":false,"held":false}]}"#;

/// The input is what pages post, a message a line: the port's digit, then `{ type, payload }` as JSON; a second digit in front
/// of that is a new port that rides along. Other lines are what else happens: `gone N`; `ok`, `failed` and `silence` answer the
/// oldest request; `wait`, `woke`, `lost`, `state`.
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
    let payload = message.get("payload").filter(|payload| !payload.is_null()).cloned().unwrap_or_else(|| json!({}));
    let text = |name: &str| payload[name].as_str().map(str::to_owned);
    let request_id = text("requestId").or_else(|| message["requestId"].as_str().map(str::to_owned));
    let tag = RequestTag {
        request_id: request_id.clone(),
        ack: payload["ack"] == true,
        key: text("key"),
        again: payload["again"].as_f64().map(|ms| ms as u64),
    };
    let malformed = |message: String| Malformed { message, request_id: request_id.clone() };
    let Some(name) = message["type"].as_str() else {
        return Err(malformed("a message has the form { type, payload }".to_owned()));
    };
    TabMessage::read(name, &Source(payload.clone()), tag).map_err(|error| malformed(error.into_text()))
}

fn happens(stand: &mut Stand, digits: &BTreeMap<u32, PortId>, what: &str) {
    match what {
        "ok" | "failed" | "silence" => {
            let refusal = ErrorBody::new(ErrorType::CallNotFound, "there is no such call");
            let outcome = match what {
                "ok" => Ok(Some(CallId::new("c9"))),
                "failed" => Err(PostError::Refused(refusal)),
                _ => Err(PostError::NoAnswer),
            };
            if let Some(post) = stand.take_post() {
                stand.feed(HubInput::CommandSettled { post, outcome });
            }
        }
        "wait" => stand.tick(),
        "woke" => stand.feed(HubInput::Woke),
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
    let event = serde_json::from_str(SNAPSHOT).ok().and_then(|data| Event::read("snapshot", &Source(data)).ok());
    let raw = RawEvent { event: "snapshot".to_owned(), data: SNAPSHOT.to_owned() };
    let id = Some(EventId { epoch: "e".to_owned(), seq: 5 });
    stand.feed(HubInput::StreamEvent { stream, id, event, raw });
}
