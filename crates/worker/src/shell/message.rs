//! Messages as JavaScript values: `{ type, payload }`, with `null` for what is missing, as JSON has it.

use js_sys::{Object, Reflect};
use js_wire::Js;
use protocol::wire::json::Json;
use protocol::wire::port::{RequestTag, TabMessage, WorkerMessage};
use wasm_bindgen::prelude::*;

use crate::hub::Malformed;

/// Reads what a tab posted.
///
/// # Errors
/// It is not of the form `{ type, payload }`, or not what such a message must be.
pub(super) fn read(data: &JsValue) -> Result<TabMessage, Malformed> {
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let payload = match field(data, "payload") {
        empty if empty.is_null() || empty.is_undefined() => Object::new().into(),
        payload => payload,
    };
    // The tag is looked for in the payload first, then beside it.
    let request_id = field(&payload, "requestId").as_string().or_else(|| field(data, "requestId").as_string());
    let again = field(&payload, "again").as_f64().map(|ms| ms as u64);
    let tag = RequestTag {
        request_id: request_id.clone(),
        ack: field(&payload, "ack").is_truthy(),
        key: field(&payload, "key").as_string(),
        again,
    };
    let malformed = |message: String| Malformed { message, request_id: request_id.clone() };
    let Some(name) = field(data, "type").as_string() else {
        return Err(malformed("a message has the form { type, payload }".to_owned()));
    };
    TabMessage::read(&name, &Js(payload), tag).map_err(|error| malformed(error.into_text()))
}

/// Makes what a tab is told; `None` for an event whose data is not JSON, which nobody could use.
pub(super) fn write(message: &WorkerMessage) -> Option<JsValue> {
    js_wire::parse(&Json::message(message.name(), message))
}

#[cfg(test)]
mod tests {
    //! In a real SharedWorker, with values as structured cloning makes them.
    #![allow(clippy::unwrap_used, reason = "tests")]

    use protocol::wire::error::{ErrorBody, ErrorType};
    use protocol::wire::port::{CommandError, Init, RawEvent};
    use protocol::{Book, Capabilities, Capability, ConnectionStatus, OperatorStatus, PhoneStatus};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_shared_worker);

    fn parse(json: &str) -> JsValue {
        js_sys::JSON::parse(json).unwrap()
    }

    fn text(value: &JsValue) -> String {
        js_sys::JSON::stringify(value).unwrap().into()
    }

    fn request_id(json: &str) -> Option<String> {
        match read(&parse(json)) {
            Ok(TabMessage::Command { request, .. }) => request.request_id,
            Ok(_) => None,
            Err(malformed) => malformed.request_id,
        }
    }

    #[wasm_bindgen_test]
    fn this_is_where_it_runs_for_real() {
        assert!(js_sys::global().is_instance_of::<web_sys::SharedWorkerGlobalScope>());
    }

    #[wasm_bindgen_test]
    fn a_message_is_read_with_its_fields() {
        let init = read(&parse(r#"{ "type": "INIT_PORT", "payload": { "protocol": 1, "lock": "t", "new": [] } }"#));
        assert_eq!(init, Ok(TabMessage::Init(Init { lock: Some("t".to_owned()), ..Init::plain() })));
        let hangup = read(&parse(r#"{ "type": "CMD_HANGUP", "payload": { "ack": true, "requestId": "r" } }"#)).unwrap();
        let TabMessage::Command { command, request } = hangup else { panic!("{hangup:?}") };
        assert_eq!(command.name(), "CMD_HANGUP");
        assert_eq!(request, RequestTag { request_id: Some("r".to_owned()), ack: true, ..RequestTag::default() });
    }

    #[wasm_bindgen_test]
    fn a_payload_may_be_missing_where_all_of_it_may() {
        for json in [r#"{"type":"CMD_ANSWER"}"#, r#"{"type":"CMD_ANSWER","payload":null}"#] {
            assert!(read(&parse(json)).is_ok(), "{json}");
        }
        assert!(read(&parse(r#"{"type":"CMD_DIAL"}"#)).is_err());
    }

    #[wasm_bindgen_test]
    fn the_tabs_name_of_a_message_is_found_where_tabs_put_it() {
        assert_eq!(request_id(r#"{"type":"CMD_FLY","payload":{"requestId":"in"}}"#).unwrap(), "in");
        assert_eq!(request_id(r#"{"type":"CMD_HANGUP","requestId":"beside"}"#).unwrap(), "beside");
        assert_eq!(request_id(r#"{"type":"CMD_DIAL","payload":{"phone":"x","requestId":"bad"}}"#).unwrap(), "bad");
        assert_eq!(request_id(r#"{"type":"CMD_HANGUP","payload":{"requestId":7}}"#), None);
    }

    #[wasm_bindgen_test]
    fn noise_is_refused() {
        for json in ["null", "7", "\"text\"", "[]", "{}", r#"{"type":7}"#, r#"{"type":"CMD_DIAL","payload":"1"}"#] {
            assert!(read(&parse(json)).is_err(), "{json}");
        }
        assert!(read(&JsValue::UNDEFINED).is_err());
    }

    #[wasm_bindgen_test]
    fn what_is_told_has_the_shape_of_json() {
        let book = Book::new(OperatorStatus::Dnd, PhoneStatus::Available, Capabilities::new([Capability::Dial]));
        let state = WorkerMessage::SyncState(book.to_state(ConnectionStatus::Reconnecting, 1 << 40));
        assert_eq!(
            text(&write(&state).unwrap()),
            r#"{"type":"SYNC_STATE","payload":{"connectionStatus":"reconnecting","phoneStatus":"available","operatorStatus":"dnd","activeCall":null,"otherCalls":[],"capabilities":["dial"],"seq":1099511627776}}"#
        );
        let error = CommandError::new(ErrorBody::new(ErrorType::NotFound, "m"), None);
        assert_eq!(
            text(&write(&WorkerMessage::Error(error)).unwrap()),
            r#"{"type":"ERROR","payload":{"error":"not_found","message":"m"}}"#
        );
    }

    #[wasm_bindgen_test]
    fn an_event_is_told_with_its_data_as_it_came() {
        let raw = |data: &str| WorkerMessage::SseEvent(RawEvent { event: "new".to_owned(), data: data.to_owned() });
        assert_eq!(
            text(&write(&raw(r#"{"deep":[1,null]}"#)).unwrap()),
            r#"{"type":"SSE_EVENT","payload":{"event":"new","data":{"deep":[1,null]}}}"#
        );
        assert!(write(&raw("not json")).is_none());
    }
}
