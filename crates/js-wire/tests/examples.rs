//! Every example of PROTOCOL.md, read from the browser's own values as serde reads it from JSON text; and what has no shape.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use js_sys::JSON;
use js_wire::Js;
use protocol::wire::command::Command;
use protocol::wire::event::Event;
use protocol::wire::port::{RequestTag, TabMessage};
use protocol::{ConnectionStatus, GlobalState};
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn examples() -> Vec<&'static str> {
    let blocks = include_str!("../../../PROTOCOL.md").split("```json\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

fn parse(json: &str) -> (Js, Value) {
    (Js(js_wire::parse(json).unwrap()), serde_json::from_str(json).unwrap())
}

#[wasm_bindgen_test]
fn every_example_is_read_alike() {
    let (mut messages, mut events) = (0, 0);
    for example in examples() {
        let tree: Value = serde_json::from_str(example).unwrap();
        if let Some(name) = tree["type"].as_str() {
            let (payload, tree) = parse(&tree["payload"].to_string());
            let read = TabMessage::read(name, &payload, RequestTag::default()).ok();
            assert_eq!(read, TabMessage::from_wire(name, &tree, RequestTag::default()).ok(), "{example}");
            messages += u32::from(read.is_some());
            continue;
        }
        for name in Event::NAMES {
            let (data, tree) = parse(example);
            let read = Event::read(name, &data).ok();
            assert_eq!(read, Event::from_wire(name, &tree).ok(), "{name} {example}");
            events += u32::from(read.is_some_and(|event| !matches!(event, Event::Heartbeat {})));
        }
    }
    assert!(messages >= 10 && events >= 9, "{messages} messages, {events} events");
}

#[wasm_bindgen_test]
fn the_state_comes_back_as_it_was() {
    let example = examples().into_iter().find(|example| example.contains("SYNC_STATE")).unwrap();
    let tree: Value = serde_json::from_str(example).unwrap();
    let state: GlobalState = serde_json::from_value(tree["payload"].clone()).unwrap();
    assert_eq!(state.connection_status, ConnectionStatus::Connected);
    let value = js_wire::write(&state);
    let text = String::from(JSON::stringify(&value).unwrap());
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), tree["payload"]);
    assert_eq!(js_wire::read(value).ok(), Some(state));
}

#[wasm_bindgen_test]
fn what_json_has_not_is_no_message() {
    for payload in [JsValue::UNDEFINED, JsValue::NULL, 5.into(), "5".into(), JsValue::TRUE] {
        assert!(Command::read("CMD_ANSWER", &Js(payload)).is_err());
    }
    let of = |on: JsValue| {
        let switch = js_wire::parse(r#"{ "callId": "a" }"#).unwrap();
        js_sys::Reflect::set(&switch, &"on".into(), &on).unwrap();
        Command::read("CMD_MUTE", &Js(switch)).map_err(protocol::wire::ShapeError::into_text)
    };
    assert!(of(JsValue::TRUE).is_ok());
    assert_eq!(of(JsValue::UNDEFINED), Err("`on` is missing".to_owned()));
    for on in [JsValue::NULL, 1.into(), "true".into(), f64::NAN.into()] {
        assert_eq!(of(on), Err("`on` must be true or false".to_owned()));
    }
}
