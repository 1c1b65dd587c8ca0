//! The page object: one mounted phone, and the worker's end of its port.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Promise, Reflect};
use protocol::{Call, CallId, CallState, Capabilities, Capability, ConnectionStatus, Direction, GlobalState};
use protocol::{OperatorStatus, PhoneStatus};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CustomEvent, Element, HtmlElement, MessageChannel, MessageEvent, MessagePort, ShadowRoot};
use widget::{PhoneHandle, mount_with_port};

/// A phone in the page; taken out of it when dropped.
pub struct Page {
    pub host: HtmlElement,
    pub shadow: ShadowRoot,
    pub handle: PhoneHandle,
    worker: MessagePort,
    inbox: Rc<RefCell<Vec<JsValue>>>,
    events: Rc<RefCell<Vec<(String, JsValue)>>>,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _told: Closure<dyn FnMut(CustomEvent)>,
}

const EVENTS: [&str; 6] = [
    "sip-phone-ready",
    "sip-phone-state",
    "sip-phone-incoming",
    "sip-phone-connected",
    "sip-phone-ended",
    "sip-phone-error",
];

impl Page {
    /// A phone in English whose worker has not spoken yet.
    pub async fn silent() -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let host: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        host.set_attribute("lang", "en").unwrap();
        document.body().unwrap().append_child(&host).unwrap();
        let init = web_sys::ShadowRootInit::new(web_sys::ShadowRootMode::Open);
        let shadow = host.attach_shadow(&init).unwrap();
        Self::mounted(host, shadow)
    }

    /// Mounts on a host that is there already.
    pub fn mounted(host: HtmlElement, shadow: ShadowRoot) -> Self {
        let channel = MessageChannel::new().unwrap();
        let (inbox, events) =
            (Rc::<RefCell<Vec<JsValue>>>::default(), Rc::<RefCell<Vec<(String, JsValue)>>>::default());
        let into = Rc::clone(&inbox);
        let heard = Closure::new(move |event: MessageEvent| into.borrow_mut().push(event.data()));
        channel.port2().set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let into = Rc::clone(&events);
        let told = Closure::new(move |event: CustomEvent| into.borrow_mut().push((event.type_(), event.detail())));
        for name in EVENTS {
            host.add_event_listener_with_callback(name, told.as_ref().unchecked_ref()).unwrap();
        }
        let handle = mount_with_port(host.clone(), &shadow, channel.port1()).unwrap();
        Self { host, shadow, handle, worker: channel.port2(), inbox, events, _heard: heard, _told: told }
    }

    /// A phone that shows this state.
    pub async fn showing(state: &GlobalState) -> Self {
        let page = Self::silent().await;
        page.sync(state).await;
        page
    }

    /// The worker sends a state; returns when the host says that it is shown.
    pub async fn sync(&self, state: &GlobalState) {
        let before = self.told("sip-phone-state").len();
        self.say("SYNC_STATE", &js(state));
        self.until("the state is told of", || self.told("sip-phone-state").len() > before).await;
    }

    /// The worker sends a message.
    pub fn say(&self, kind: &str, payload: &JsValue) {
        let message = js_sys::Object::new();
        Reflect::set(&message, &"type".into(), &kind.into()).unwrap();
        Reflect::set(&message, &"payload".into(), payload).unwrap();
        self.worker.post_message(&message).unwrap();
    }

    /// The worker answers the last command.
    pub fn accept(&self) {
        self.say("ACCEPTED", &object(&[("requestId", self.last_request().into())]));
    }

    /// The worker refuses the last command.
    pub fn refuse(&self, error: &str) {
        let fields = [("requestId", self.last_request().into()), ("error", error.into()), ("message", "no".into())];
        self.say("ERROR", &object(&fields));
    }

    fn last_request(&self) -> String {
        let inbox = self.inbox.borrow();
        let id = |message: &JsValue| get(&get(message, "payload"), "requestId").as_string();
        inbox.iter().rev().find_map(id).unwrap()
    }

    /// Waits for a message of this type and returns the last one's payload.
    pub async fn sent(&self, kind: &str) -> JsValue {
        let find = || self.inbox.borrow().iter().rev().find(|m| get(m, "type") == JsValue::from_str(kind)).cloned();
        self.until(kind, || find().is_some()).await;
        get(&find().unwrap(), "payload")
    }

    /// The payload of the last message of this type so far.
    pub fn last(&self, kind: &str) -> Option<JsValue> {
        let inbox = self.inbox.borrow();
        let found = inbox.iter().rev().find(|message| get(message, "type") == JsValue::from_str(kind));
        found.map(|message| get(message, "payload"))
    }

    /// How many messages of this type came.
    pub fn count(&self, kind: &str) -> usize {
        self.inbox.borrow().iter().filter(|m| get(m, "type") == JsValue::from_str(kind)).count()
    }

    /// The types of all messages, in their order.
    pub fn kinds(&self) -> Vec<String> {
        self.inbox.borrow().iter().filter_map(|message| get(message, "type").as_string()).collect()
    }

    /// Details of the events of this name so far.
    pub fn told(&self, name: &str) -> Vec<JsValue> {
        self.events.borrow().iter().filter(|(event, _)| event == name).map(|(_, detail)| detail.clone()).collect()
    }

    pub fn part(&self, part: &str) -> Option<HtmlElement> {
        self.find(&format!("[part={part}]"))
    }

    pub fn find(&self, selector: &str) -> Option<HtmlElement> {
        let found: Option<Element> = self.shadow.query_selector(selector).unwrap();
        found.map(JsCast::unchecked_into)
    }

    pub fn click(&self, part: &str) {
        self.part(part).unwrap_or_else(|| panic!("no part {part}")).click();
    }

    pub fn text(&self, part: &str) -> String {
        self.part(part).unwrap_or_else(|| panic!("no part {part}")).text_content().unwrap()
    }

    /// Types into the field of this part.
    pub fn fill(&self, part: &str, text: &str) {
        let input: web_sys::HtmlInputElement = self.part(part).unwrap().unchecked_into();
        input.set_value(text);
        let init = web_sys::EventInit::new();
        init.set_bubbles(true);
        input.dispatch_event(&web_sys::Event::new_with_event_init_dict("input", &init).unwrap()).unwrap();
    }

    pub fn attribute(&self, name: &str) -> Option<String> {
        self.host.get_attribute(name)
    }

    /// Waits until it is so; a test that waits five seconds has failed.
    pub async fn until(&self, what: &str, is: impl Fn() -> bool) {
        let deadline = js_sys::Date::now() + 5000.0;
        while !is() {
            assert!(js_sys::Date::now() < deadline, "never: {what}\n{}", self.shadow.inner_html());
            tick().await;
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.handle.unmount();
        self.host.remove();
        self.worker.close();
    }
}

/// One turn of the event loop.
pub async fn tick() {
    let promise = Promise::new(&mut |resolve, _| {
        web_sys::window().unwrap().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 1).unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (key, value) in fields {
        Reflect::set(&object, &(*key).into(), value).unwrap();
    }
    object.into()
}

pub fn js(value: &impl Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap()
}

/// Connected, ready, with everything an engine can do, and no call.
pub fn idle() -> GlobalState {
    GlobalState {
        connection_status: ConnectionStatus::Connected,
        phone_status: PhoneStatus::Available,
        operator_status: OperatorStatus::Ready,
        active_call: None,
        other_calls: Vec::new(),
        capabilities: Capabilities::new([
            Capability::Dial,
            Capability::Answer,
            Capability::Reject,
            Capability::Hangup,
            Capability::Hold,
            Capability::Mute,
            Capability::Dtmf,
            Capability::Transfer,
        ]),
        seq: 1,
    }
}

/// [`idle`], but with this active call.
pub fn with(call: Call) -> GlobalState {
    GlobalState { active_call: Some(call), ..idle() }
}

/// A call in this state, connected a minute and five seconds ago if it talks.
pub fn call(id: &str, state: CallState) -> Call {
    let now = (js_sys::Date::now() / 1000.0) as u64;
    Call {
        id: CallId::new(id),
        state,
        direction: Direction::In,
        phone_number: "+74951234567".into(),
        display_name: Some("123 456".into()),
        start_time: (state == CallState::Talking).then_some(now - 65),
        muted: false,
        held: false,
    }
}
