//! Puts a phone into a shadow root, wires it to its port, and takes it all away again.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::{Array, Promise};
use leptos::mount::mount_to;
use leptos::prelude::*;
use protocol::wire::error::ErrorType;
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, HtmlElement, MessagePort, ShadowRoot, SharedWorker, WorkerOptions};

use crate::browser::{self, Listener};
use crate::dispatch::{Dispatch, Failure};
use crate::language::{self, PageLanguage};
use crate::link::{self, Heard, Link, Sender};
use crate::reflect::Reflector;
use crate::store::Store;
use crate::ui::Ui;
use crate::{app, click_to_call, element};

/// One mounted phone, as the loader holds it.
#[wasm_bindgen]
pub struct PhoneHandle {
    host: HtmlElement,
    ui: Ui,
    parts: Option<Parts>,
}

/// What ends with the phone, in this order.
struct Parts {
    _listeners: Vec<Listener>,
    _page_language: PageLanguage,
    _link: Link,
    _worker: Option<SharedWorker>,
    _wake: Closure<dyn FnMut()>,
    _reflector: Rc<Reflector>,
    view: Box<dyn std::any::Any>,
    container: HtmlElement,
    owner: Owner,
}

/// Mounts a phone that speaks with the SharedWorker at `config.workerUrl`.
///
/// # Errors
/// The browser refuses the worker (it is of another origin, say), or `config` names none.
#[wasm_bindgen]
pub fn mount(host: HtmlElement, shadow: ShadowRoot, config: JsValue) -> Result<PhoneHandle, JsValue> {
    let url = link::get(&config, "workerUrl").as_string().ok_or("config.workerUrl is missing")?;
    let options = WorkerOptions::new();
    options.set_name("sip-phone");
    let worker = SharedWorker::new_with_worker_options(&url, &options)?;
    let handle = mount_with_port(host, &shadow, worker.port())?;
    let dispatch = handle.ui.dispatch;
    let failed = Listener::new(&worker, "error", move |_| {
        dispatch.report(Failure::new(ErrorType::WorkerFailed, "the phone's worker could not be started"));
    });
    Ok(handle.keep(worker, failed))
}

/// Mounts a phone that speaks with whoever holds the port's other end.
///
/// # Errors
/// The browser lacks what every browser of the contract has.
pub fn mount_with_port(host: HtmlElement, shadow: &ShadowRoot, port: MessagePort) -> Result<PhoneHandle, JsValue> {
    adopt_style(shadow)?;
    let owner = Owner::new();
    let sender = Sender::new(port);
    let weak: Rc<RefCell<Weak<Reflector>>> = Rc::default();
    let told = Rc::clone(&weak);
    let failed = move |failure: &Failure| {
        if let Some(reflector) = told.borrow().upgrade() {
            reflector.failed(failure);
        }
    };
    let (ui, store) = owner.with(|| {
        let store = Store::new();
        (Ui::new(store, Dispatch::new(Rc::clone(&sender), failed)), store)
    });
    let woken = Rc::clone(&weak);
    let wake = Closure::new(move || {
        let reflector = woken.borrow().upgrade();
        if let Some(reflector) = reflector {
            reflector.flush();
        }
    });
    let reflector = Rc::new(Reflector::new(host.clone(), store, &wake)?);
    *weak.borrow_mut() = Rc::downgrade(&reflector);
    language::choose(ui, &host);

    let container: HtmlElement = browser::document().create_element("div")?.unchecked_into();
    container.set_class_name("root");
    shadow.append_child(&container)?;
    let (root, shadow) = (container.clone(), shadow.clone());
    let view = owner.with(|| mount_to(root, move || app::app(ui, shadow)));
    reflector.schedule();

    let hearer = Rc::clone(&reflector);
    let link = Link::open(&sender, move |heard| hear(ui, &hearer, heard));
    let parts = Parts {
        _listeners: vec![click_to_call::listen(ui)],
        _page_language: PageLanguage::watch(ui, &host)?,
        _link: link,
        _worker: None,
        _wake: wake,
        _reflector: reflector,
        view: Box::new(view),
        container,
        owner,
    };
    Ok(PhoneHandle { host, ui, parts: Some(parts) })
}

#[wasm_bindgen]
impl PhoneHandle {
    /// An observed attribute of the element has changed. Style sheet and loader see to the others themselves.
    pub fn attribute_changed(&self, name: &str, _value: Option<String>) {
        if name == "lang" && self.parts.is_some() {
            language::choose(self.ui, &self.host);
        }
    }

    /// Runs a method of the element, given as a message type of the port and its payload.
    pub fn command(&self, name: &str, payload: &JsValue) -> Promise {
        match self.parts {
            Some(_) => element::command(self.ui, name, payload),
            None => {
                let gone = Failure::new(ErrorType::NotConnected, "the phone was removed from the page");
                Promise::reject(&element::as_error(&gone))
            }
        }
    }

    /// The state as pages read it.
    pub fn state(&self) -> JsValue {
        if self.parts.is_some() { link::to_js(&self.ui.store.snapshot()) } else { JsValue::NULL }
    }

    /// Ends the phone: view, listeners, line to the worker.
    pub fn unmount(&mut self) {
        if let Some(parts) = self.parts.take() {
            self.ui.dispatch.abandon();
            drop(parts.view);
            parts.container.remove();
            parts.owner.cleanup();
        }
    }
}

impl PhoneHandle {
    fn keep(mut self, worker: SharedWorker, listener: Listener) -> Self {
        if let Some(parts) = &mut self.parts {
            parts._listeners.push(listener);
            parts._worker = Some(worker);
        }
        self
    }
}

fn hear(ui: Ui, reflector: &Reflector, heard: Heard) {
    match heard {
        Heard::State(state) => {
            reflector.state_comes();
            ui.store.sync(state);
            reflector.state_came();
        }
        Heard::Event(name, data) => reflector.event_came(&name, data),
        Heard::Accepted(accepted) => ui.dispatch.accepted(&accepted.request_id, accepted.call_id),
        Heard::Failed(error) => {
            let failure = Failure { code: error.error, message: error.message, of_number: false };
            ui.dispatch.failed(error.request_id.as_deref(), failure);
        }
    }
}

/// The style sheet, constructed: a page's Content-Security-Policy has no say in it.
fn adopt_style(shadow: &ShadowRoot) -> Result<(), JsValue> {
    let sheet = CssStyleSheet::new()?;
    sheet.replace_sync(concat!(
        include_str!("style/base.css"),
        include_str!("style/panel.css"),
        include_str!("style/call.css")
    ))?;
    shadow.set_adopted_style_sheets(&Array::of1(&sheet));
    Ok(())
}
