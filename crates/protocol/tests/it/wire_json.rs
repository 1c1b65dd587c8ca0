//! The JSON of every wire type. Each list is built by a `match` without a wildcard, so a new variant does not compile
//! until its JSON stands here.

use protocol::wire::command::{self, Command, MaybeCall};
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::{
    CallConnected, CallDialing, CallEnded, CallIncoming, CallUpdated, Event, PhoneChange, Snapshot, SnapshotCall,
    StatusChange,
};
use protocol::wire::json::Json;
use protocol::wire::port::{
    Accepted, CommandError, Init, RawEvent, RequestTag, SoundRole, TabMessage, TabReport, TabRole, WorkerLock,
    WorkerMessage, WorkerOutdated,
};
use protocol::wire::rest::{self, Body, Dial, Dialed, OfCall, SetStatus, Switch, TabsReport};
use protocol::{
    Book, Call, CallId, CallState, Capabilities, Capability, ConnectionStatus, Direction, EndReason, GlobalState,
    OperatorStatus, PhoneStatus,
};
use serde_json::{Value, json};

use crate::coder::{Source, read as coded, written};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn id(text: &str) -> CallId {
    CallId::new(text)
}

fn snapshot() -> Snapshot {
    Snapshot {
        operator_status: OperatorStatus::Ready,
        phone_status: PhoneStatus::Available,
        active_call: Some(SnapshotCall {
            call_id: id("a"),
            state: CallState::Talking,
            direction: Direction::In,
            number: "+7495".to_owned(),
            display_name: Some("Anna".to_owned()),
            start_time: Some(1_700_000_000),
            muted: true,
            held: false,
        }),
        other_calls: vec![],
        capabilities: Capabilities::new([Capability::Dial, Capability::AttendedTransfer]),
        bundle: "hash".to_owned(),
    }
}

fn json_of_event(event: &Event) -> Value {
    match event {
        Event::Snapshot(_) => json!({
            "operator_status": "ready", "phone_status": "available", "bundle": "hash", "other_calls": [],
            "capabilities": ["dial", "attendedTransfer"],
            "active_call": { "call_id": "a", "state": "talking", "direction": "in", "number": "+7495",
                "display_name": "Anna", "start_time": 1_700_000_000, "muted": true, "held": false },
        }),
        Event::StatusChange(_) => json!({ "status": "lunch" }),
        Event::PhoneChange(_) => json!({ "status": "unavailable" }),
        Event::CallDialing(_) => json!({ "call_id": "a", "number": "1" }),
        Event::CallIncoming(_) => json!({ "call_id": "a", "number": "1", "display_name": null }),
        Event::CallConnected(_) => json!({ "call_id": "a", "start_time": 5 }),
        Event::CallUpdated(_) => json!({ "call_id": "a", "muted": true, "held": false }),
        Event::CallEnded(_) => json!({ "call_id": "a", "duration": 61, "reason": "answered_elsewhere" }),
        Event::Heartbeat {} => json!({}),
        Event::TabRole(_) => json!({ "primary": true, "sound": "here", "notices": true }),
        Event::Unknown(_) => Value::Null,
    }
}

#[test]
fn events() {
    let events = [
        Event::Snapshot(snapshot()),
        Event::StatusChange(StatusChange { status: OperatorStatus::Lunch }),
        Event::PhoneChange(PhoneChange { status: PhoneStatus::Unavailable }),
        Event::CallDialing(CallDialing { call_id: id("a"), number: "1".to_owned() }),
        Event::CallIncoming(CallIncoming { call_id: id("a"), number: "1".to_owned(), display_name: None }),
        Event::CallConnected(CallConnected { call_id: id("a"), start_time: 5 }),
        Event::CallUpdated(CallUpdated { call_id: id("a"), muted: true, held: false }),
        Event::CallEnded(CallEnded { call_id: id("a"), duration: 61, reason: EndReason::AnsweredElsewhere }),
        Event::Heartbeat {},
        Event::TabRole(TabRole::ALL),
    ];
    assert_eq!(events.iter().map(Event::name).collect::<Vec<_>>(), Event::NAMES, "one of each");
    for event in events {
        let json = json_of_event(&event);
        assert_eq!(serde_json::to_value(&event).unwrap(), json);
        assert_eq!(Event::from_wire(event.name(), &json), Ok(event.clone()));
        let mut newer = json;
        newer["from_the_future"] = json!(1);
        assert_eq!(Event::read(event.name(), &Source(newer.clone())), Ok(event.clone()));
        assert_eq!(Event::from_wire(event.name(), newer), Ok(event), "unknown fields are ignored");
    }
    assert_eq!(Event::from_wire("agent_joined", json!([1])), Ok(Event::Unknown("agent_joined".to_owned())));
    let unknown = Event::read("agent_joined", &Source(json!([1])));
    assert_eq!(unknown, Ok(Event::Unknown("agent_joined".to_owned())));
    for (name, data) in [("call_connected", json!({ "call_id": "a" })), ("snapshot", json!(null))] {
        assert!(Event::read(name, &Source(data.clone())).is_err());
        assert!(Event::from_wire(name, data).is_err());
    }
}

#[test]
fn reasons() {
    use EndReason::{AnsweredElsewhere, Busy, Failed, Hangup, Missed, Rejected, Transferred, Unknown};
    let all = [Hangup, Rejected, Missed, Busy, Failed, Transferred, AnsweredElsewhere, Unknown];
    check_names(&all, |reason| reason.as_str());
    assert_eq!(serde_json::from_value::<EndReason>(json!("eaten")).unwrap(), Unknown);
    assert!(all.iter().all(|reason| EndReason::of(reason.as_str()) == *reason));
    assert_eq!(EndReason::of("eaten"), Unknown);
}

/// Each value has on the wire the name that an exhaustive match gives it, both ways.
fn check_names<T>(all: &[T], name: fn(&T) -> &'static str)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    for value in all {
        assert_eq!(serde_json::to_value(value).unwrap(), name(value));
        assert_eq!(&serde_json::from_value::<T>(json!(name(value))).unwrap(), value);
    }
}

#[test]
fn names_of_states() {
    check_names(&OperatorStatus::ALL, |status| status.as_str());
    check_names(&PhoneStatus::ALL, |status| status.as_str());
    check_names(&SoundRole::ALL, |role| role.as_str());
    check_names(&ConnectionStatus::ALL, |status| status.as_str());
    check_names(&CallState::ALL, |state| state.as_str());
    check_names(&[CallState::Incoming, CallState::Dialing, CallState::Talking], |state| match state {
        CallState::Incoming => "incoming",
        CallState::Dialing => "dialing",
        CallState::Talking => "talking",
    });
    check_names(&Direction::ALL, |direction| direction.as_str());
}

#[test]
fn names_of_capabilities() {
    use Capability::{Answer, AttendedTransfer, Dial, Dtmf, Hangup, Hold, Mute, Reject, Start, Transfer};
    let all = [Dial, Answer, Reject, Hangup, Hold, Mute, Dtmf, Transfer, AttendedTransfer, Start];
    check_names(&all, |capability| capability.as_str());
    check_names(&all, |capability| match capability {
        Dial => "dial",
        Answer => "answer",
        Reject => "reject",
        Hangup => "hangup",
        Hold => "hold",
        Mute => "mute",
        Dtmf => "dtmf",
        Transfer => "transfer",
        AttendedTransfer => "attendedTransfer",
        Start => "start",
    });
    assert_eq!(Capabilities::new(all).iter().collect::<Vec<_>>(), all, "in the order of the contract");
}

#[test]
fn the_state_of_a_tab() {
    let state = Book::from_snapshot(&snapshot()).to_state(ConnectionStatus::Connected, 7);
    let json = json!({
        "connectionStatus": "connected", "phoneStatus": "available", "operatorStatus": "ready",
        "activeCall": { "id": "a", "state": "talking", "direction": "in", "phoneNumber": "+7495",
            "displayName": "Anna", "startTime": 1_700_000_000, "muted": true, "held": false },
        "otherCalls": [], "capabilities": ["dial", "attendedTransfer"], "seq": 7,
    });
    assert_eq!(serde_json::to_value(&state).unwrap(), json);
    assert_eq!(written(&state), json);
    assert_eq!(coded(&json), Some(state.clone()));
    assert_eq!(serde_json::from_value::<GlobalState>(json).unwrap(), state);
    let name = "a \"name\" of \\ and \u{1}\u{1f}\n\u{2028}\u{1f4de}".to_owned();
    let call = Call::incoming(id("c"), String::new(), Some(name));
    assert_eq!((written(&call), coded(&written(&call))), (serde_json::to_value(&call).unwrap(), Some(call)));
    let call = Call::incoming(id("b"), String::new(), None);
    let json = json!({ "id": "b", "state": "incoming", "direction": "in", "phoneNumber": "",
        "displayName": null, "startTime": null, "muted": false, "held": false });
    assert_eq!(serde_json::to_value(&call).unwrap(), json);
    assert_eq!((written(&call), coded(&json)), (json, Some(call)));
}

/// A payload as a tab writes it, the path and the body that it becomes.
fn json_of_command(command: &Command) -> (Value, &'static str, Value) {
    match command {
        Command::Dial(_) => (json!({ "phone": "+7495" }), "/api/sip/call/dial", json!({ "phone": "+7495" })),
        Command::Answer(_) => (json!({ "callId": "a" }), "/api/sip/call/answer", json!({ "call_id": "a" })),
        Command::Hangup(_) => (json!({}), "/api/sip/call/hangup", json!({ "call_id": "active" })),
        Command::Status(_) => (json!({ "status": "dnd" }), "/api/sip/operator/status", json!({ "status": "dnd" })),
        Command::Hold(_) => {
            (json!({ "callId": "a", "on": true }), "/api/sip/call/hold", json!({ "call_id": "a", "on": true }))
        }
        Command::Mute(_) => {
            (json!({ "callId": "a", "on": false }), "/api/sip/call/mute", json!({ "call_id": "a", "on": false }))
        }
        Command::Dtmf(_) => {
            (json!({ "callId": "a", "digits": "1#" }), "/api/sip/call/dtmf", json!({ "call_id": "a", "digits": "1#" }))
        }
        Command::Transfer(_) => (
            json!({ "callId": "a", "toCallId": "b" }),
            "/api/sip/call/transfer",
            json!({ "call_id": "a", "to_call_id": "b" }),
        ),
    }
}

#[test]
fn commands() {
    let switch = |on| command::Switch { call_id: id("a"), on };
    let commands = [
        Command::Dial(Dial { phone: "+7 495".parse().unwrap() }),
        Command::Answer(MaybeCall { call_id: Some(id("a")) }),
        Command::Hangup(MaybeCall { call_id: None }),
        Command::Status(SetStatus { status: OperatorStatus::Dnd }),
        Command::Hold(switch(true)),
        Command::Mute(switch(false)),
        Command::Dtmf(command::Dtmf { call_id: id("a"), digits: "1#".parse().unwrap() }),
        Command::Transfer(command::Transfer { call_id: id("a"), phone: None, to_call_id: Some(id("b")) }),
    ];
    assert_eq!(commands.iter().map(Command::name).collect::<Vec<_>>(), Command::NAMES, "one of each");
    for command in commands {
        let (payload, path, body) = json_of_command(&command);
        assert_eq!(serde_json::to_value(&command).unwrap(), payload);
        assert_eq!(Command::from_wire(command.name(), &payload), Ok(command.clone()));
        assert_eq!(written(&command), payload);
        assert_eq!(Command::read(command.name(), &Source(payload)), Ok(command.clone()));
        let request = command.to_request(Some(&id("active"))).unwrap();
        assert!(is_listed(&request.body));
        assert_eq!(written(&request.body), body);
        assert_eq!((request.path, serde_json::to_value(&request.body).unwrap()), (path, body));
    }
    assert_eq!(Command::Answer(MaybeCall { call_id: None }).to_request(None), None);
}

/// Every body but the worker's own report is what some command becomes; a new one does not compile until it is listed.
fn is_listed(body: &Body) -> bool {
    match body {
        Body::Dial(_) | Body::OfCall(_) | Body::Switch(_) | Body::Dtmf(_) | Body::Transfer(_) | Body::SetStatus(_) => {
            true
        }
        Body::Tabs(_) => false,
    }
}

#[test]
fn commands_of_the_wrong_shape_are_refused() {
    let cases = [
        ("CMD_FLY", json!({})),
        ("SYNC_STATE", json!({})),
        ("CMD_DIAL", json!({})),
        ("CMD_DIAL", json!({ "phone": 5 })),
        ("CMD_DIAL", json!({ "phone": "call me" })),
        ("CMD_DIAL", json!("123")),
        ("CMD_ANSWER", json!({ "callId": 5 })),
        ("CMD_STATUS", json!({ "status": "asleep" })),
        ("CMD_HOLD", json!({ "on": true })),
        ("CMD_MUTE", json!({ "callId": "a" })),
        ("CMD_MUTE", json!({ "callId": "a", "on": "yes" })),
        ("CMD_DTMF", json!({ "callId": "a", "digits": "hello" })),
        ("CMD_TRANSFER", json!({ "callId": "a" })),
        ("CMD_TRANSFER", json!({ "callId": "a", "phone": "1", "toCallId": "b" })),
    ];
    for (name, payload) in cases {
        assert!(Command::from_wire(name, &payload).is_err(), "{name} {payload}");
        assert!(Command::read(name, &Source(payload.clone())).is_err(), "{name} {payload}");
    }
}

#[test]
fn what_is_wrong_is_said_with_the_fields_name() {
    let cases = [
        ("CMD_FLY", json!({}), "unknown message type \"CMD_FLY\""),
        ("CMD_DIAL", json!({}), "`phone` is missing"),
        ("CMD_DIAL", json!({ "phone": 5 }), "`phone` must be a string"),
        (
            "CMD_DIAL",
            json!({ "phone": "5x" }),
            "'x' can't be part of a number: use digits, *, #, a leading +, or sip:user@host",
        ),
        ("CMD_DIAL", json!("5"), "an object is expected"),
        ("CMD_STATUS", json!({ "status": "asleep" }), "`status` can't be \"asleep\""),
        ("CMD_MUTE", json!({ "callId": "a", "on": "yes" }), "`on` must be true or false"),
        ("CMD_DTMF", json!({ "callId": "a", "digits": "x" }), "`digits` takes 1 to 32 of the digits 0-9, *, # and A-D"),
        ("INIT_PORT", json!({ "protocol": 1.5 }), "`protocol` must be a whole number, 0 or more"),
        ("INIT_PORT", json!({ "protocol": 1, "tab": { "used": 1 } }), "tab: `used` must be true or false"),
    ];
    for (name, payload, text) in cases {
        let error = TabMessage::read(name, &Source(payload), RequestTag::default()).unwrap_err();
        assert_eq!(error.into_text(), text);
    }
}

#[test]
fn messages_of_a_tab() {
    let read = |name, payload: Value| {
        let message = TabMessage::from_wire(name, &payload, RequestTag::default());
        let coded = TabMessage::read(name, &Source(payload), RequestTag::default());
        assert_eq!(message.as_ref().ok(), coded.as_ref().ok());
        message
    };
    assert_eq!(read("INIT_PORT", json!({ "protocol": 1 })), Ok(TabMessage::Init(Init::plain())));
    let with_lock = Init { lock: Some("tab".to_owned()), ..Init::plain() };
    assert_eq!(read("INIT_PORT", json!({ "protocol": 1, "lock": "tab", "x": 1 })), Ok(TabMessage::Init(with_lock)));
    let report = TabReport { used: true, ..TabReport::default() };
    let with_tab = Init { tab: Some(report), ..Init::plain() };
    assert_eq!(read("INIT_PORT", json!({ "protocol": 1, "tab": { "used": true } })), Ok(TabMessage::Init(with_tab)));
    assert_eq!(read("TAB_REPORT", json!({ "used": true, "x": 1 })), Ok(TabMessage::Report(report)));
    assert!(read("TAB_REPORT", json!({ "sound": "loud" })).is_err());
    assert_eq!(read("TAB_GONE", json!({})), Ok(TabMessage::Gone));
    assert!(read("INIT_PORT", json!({})).is_err());
    assert!(read("INIT_PORT", json!({ "protocol": "1" })).is_err());
    let command = Command::Hangup(MaybeCall { call_id: None });
    let message = TabMessage::Command { command, request: RequestTag::default() };
    assert_eq!(read("CMD_HANGUP", json!({ "requestId": "r" })), Ok(message));
    let tag = RequestTag { request_id: Some("r".to_owned()), ack: true, key: Some("k".to_owned()), again: Some(40) };
    let text = json!({ "requestId": "r", "ack": true, "key": "k", "again": 40 });
    assert_eq!(serde_json::to_value(&tag).unwrap(), text);
    assert_eq!(written(&tag), text);
    assert_eq!(serde_json::to_value(RequestTag::default()).unwrap(), json!({}));
    let tab = TabReport { used: true, used_ago: Some(7), online: true, ..TabReport::default() };
    let init = Init { lock: Some("tab".to_owned()), tab: Some(tab), ..Init::plain() };
    for init in [init, Init::plain()] {
        assert_eq!(written(&init), serde_json::to_value(&init).unwrap());
        assert_eq!(coded(&written(&init)), Some(init));
    }
}

fn json_of_message(message: &WorkerMessage) -> (&'static str, Value) {
    match message {
        WorkerMessage::SyncState(state) => ("SYNC_STATE", serde_json::to_value(state).unwrap()),
        WorkerMessage::SseEvent(_) => ("SSE_EVENT", json!({ "event": "heartbeat", "data": "{}" })),
        WorkerMessage::Error(_) => ("ERROR", json!({ "error": "not_found", "message": "m", "requestId": "r" })),
        WorkerMessage::Accepted(_) => ("ACCEPTED", json!({ "requestId": "r", "callId": "a" })),
        WorkerMessage::TabPing {} => ("TAB_PING", json!({})),
        WorkerMessage::WorkerLock(_) => ("WORKER_LOCK", json!({ "lock": "l" })),
        WorkerMessage::WorkerOutdated(_) => ("WORKER_OUTDATED", json!({ "bundle": "b" })),
        WorkerMessage::TabRole(_) => ("TAB_ROLE", json!({ "primary": true, "sound": "elsewhere", "notices": false })),
    }
}

#[test]
fn messages_of_the_worker() {
    let body = ErrorBody::new(ErrorType::NotFound, "m");
    let messages = [
        WorkerMessage::SyncState(Book::from_snapshot(&snapshot()).to_state(ConnectionStatus::Connected, 1)),
        WorkerMessage::SseEvent(RawEvent { event: "heartbeat".to_owned(), data: "{}".to_owned() }),
        WorkerMessage::Error(CommandError::new(body, Some("r".to_owned()))),
        WorkerMessage::Accepted(Accepted { request_id: "r".to_owned(), call_id: Some(id("a")) }),
        WorkerMessage::TabRole(TabRole { primary: true, sound: SoundRole::Elsewhere, notices: false }),
        WorkerMessage::TabPing {},
        WorkerMessage::WorkerLock(WorkerLock { lock: "l".to_owned() }),
        WorkerMessage::WorkerOutdated(WorkerOutdated { bundle: "b".to_owned() }),
    ];
    for message in messages {
        assert_eq!((message.name(), serde_json::to_value(&message).unwrap()), json_of_message(&message));
        let (name, mut json) = json_of_message(&message);
        if name == "SSE_EVENT" {
            json["data"] = json!({}); // as it goes to the port
        }
        assert_eq!(written(&message), json);
        let text: Value = serde_json::from_str(&Json::message(name, &message)).unwrap();
        assert_eq!(text, json!({ "type": name, "payload": json }));
        match message {
            WorkerMessage::SyncState(it) => assert_eq!(coded(&json), Some(it)),
            WorkerMessage::Error(it) => assert_eq!(coded(&json), Some(it)),
            WorkerMessage::Accepted(it) => assert_eq!(coded(&json), Some(it)),
            WorkerMessage::TabRole(it) => assert_eq!(coded(&json), Some(it)),
            WorkerMessage::WorkerLock(it) => assert_eq!(coded(&json), Some(it)),
            WorkerMessage::WorkerOutdated(it) => assert_eq!(coded(&json), Some(it)),
            WorkerMessage::SseEvent(_) | WorkerMessage::TabPing {} => {}
        }
    }
}

#[test]
fn error_types() {
    for error in ErrorType::ALL {
        assert_eq!(serde_json::to_value(error).unwrap(), error.as_str());
        assert!((400..600).contains(&error.http_status()));
    }
    let body = ErrorBody::new(ErrorType::CallNotFound, "gone");
    assert_eq!(serde_json::to_value(body).unwrap(), json!({ "error": "call_not_found", "message": "gone" }));
    let hinted = coded::<ErrorBody>(&json!({ "error": "new", "message": "m", "hint": 1 }));
    assert_eq!(hinted.unwrap().error, "new");
    let from_the_future = serde_json::from_value::<ErrorBody>(json!({ "error": "new", "message": "m", "hint": 1 }));
    assert_eq!(from_the_future.unwrap().error, "new");
}

#[test]
fn bodies() {
    let report = TabsReport { worker: "w".to_owned(), used_ago: Some(5), sound: true, notices: false };
    let json = json!({ "worker": "w", "used_ago": 5, "sound": true, "notices": false });
    assert_eq!(serde_json::to_value(Body::Tabs(report.clone())).unwrap(), json);
    assert_eq!(written(&Body::Tabs(report.clone())), json);
    assert_eq!(serde_json::from_value::<TabsReport>(json).unwrap(), report);
    assert!(serde_json::from_value::<TabsReport>(json!({ "worker": "w" })).is_ok_and(|it| it.used_ago.is_none()));
    let json = json!({ "call_id": "a" });
    assert_eq!(serde_json::from_value::<OfCall>(json.clone()).unwrap(), OfCall { call_id: id("a") });
    assert_eq!(serde_json::to_value(Dialed { call_id: id("a") }).unwrap(), json);
    assert_eq!(coded(&json), Some(Dialed { call_id: id("a") }));
    let switch = Switch { call_id: id("a"), on: true };
    assert_eq!(serde_json::to_value(Body::Switch(switch)).unwrap(), json!({ "call_id": "a", "on": true }));
    let both = serde_json::from_value::<rest::Transfer>(json!({ "call_id": "a", "phone": "1", "to_call_id": "b" }));
    let both = both.unwrap();
    assert!(rest::TransferTarget::from_fields(both.phone, both.to_call_id).is_err());
}
