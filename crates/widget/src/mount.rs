//! Puts a phone into a shadow root, wires it to its port, and takes it all away again.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use any_spawner::Executor;
use js_sys::{Array, Promise};
use protocol::wire::error::ErrorType;
use protocol::wire::port::TabRole;
use protocol::{ConnectionStatus, view};
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, HtmlElement, MessagePort, ShadowRoot};

use crate::bridge::Bridge;
use crate::browser::{self, Listener};
use crate::dispatch::{Dispatch, Failure};
use crate::js;
use crate::language::{self, PageLanguage};
use crate::link::{Heard, Link};
use crate::own::OwnLine;
use crate::placement::Placement;
use crate::reactive::Owner;
use crate::reflect::Reflector;
use crate::store::Store;
use crate::trouble::Trouble;
use crate::ui::Ui;
use crate::{alerts, app, click_to_call, element, usage};

/// One mounted phone, as the loader holds it.
#[wasm_bindgen]
pub struct PhoneHandle {
    host: HtmlElement,
    ui: Ui,
    /// Taken when it ends; a page may end it from within anything that it is told.
    parts: RefCell<Option<Parts>>,
}

/// What ends with the phone, in this order.
struct Parts {
    _listeners: Vec<Listener>,
    _page_language: PageLanguage,
    placement: Placement,
    line: Line,
    link: Rc<Link>,
    _wake: Closure<dyn FnMut()>,
    _reflector: Rc<Reflector>,
    container: HtmlElement,
    owner: Owner,
}

/// What keeps the line to the worker up.
enum Line {
    /// Whoever gave the port.
    Given,
    Own(#[allow(dead_code, reason = "held for what its end does")] OwnLine),
    Bridge(#[allow(dead_code, reason = "held for what its end does")] Bridge),
}

/// Mounts a phone of the backend at the origin `config.base`: on pages of that origin it speaks with the SharedWorker at
/// `config.workerUrl`, which `config.fetched(url)` has in the browser's cache and which is `config.early` if that has begun, on
/// others with the one that the backend's bridge starts.
///
/// # Errors
/// `config` lacks something, or the browser lacks what every browser of the contract has.
#[wasm_bindgen]
pub fn mount(host: HtmlElement, shadow: ShadowRoot, config: JsValue) -> Result<PhoneHandle, JsValue> {
    let setting = |name| js::get(&config, name).as_string().ok_or_else(|| format!("config.{name} is missing"));
    let (base, url) = (setting("base")?, setting("workerUrl")?);
    let fetched = js::get(&config, "fetched").dyn_into().map_err(|_| "config.fetched is no function")?;
    let early = js::get(&config, "early").dyn_into().ok();
    let handle = build(host, &shadow)?;
    let own = browser::window().location().origin().is_ok_and(|origin| origin == base);
    if let Some(parts) = &mut *handle.parts.borrow_mut() {
        let (link, ui) = (&parts.link, handle.ui);
        ui.base.set_value(base.clone());
        parts.line = if own {
            Line::Own(OwnLine::open(link, ui, &url, fetched, early))
        } else {
            Line::Bridge(Bridge::open(link, ui, base))
        };
    }
    Ok(handle)
}

/// Mounts a phone that speaks with whoever holds the port's other end.
///
/// # Errors
/// The browser lacks what every browser of the contract has.
pub fn mount_with_port(host: HtmlElement, shadow: &ShadowRoot, port: MessagePort) -> Result<PhoneHandle, JsValue> {
    let handle = build(host, shadow)?;
    if let Some(parts) = &*handle.parts.borrow() {
        parts.link.connect(port);
    }
    Ok(handle)
}

/// A phone without a line.
fn build(host: HtmlElement, shadow: &ShadowRoot) -> Result<PhoneHandle, JsValue> {
    let sheet = adopt_style(shadow)?;
    // For effects; fails where another phone of this page has done it.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new();
    let weak: Rc<RefCell<Weak<Reflector>>> = Rc::default();
    let told = Rc::clone(&weak);
    let failed = move |failure: &Failure| {
        if let Some(reflector) = told.borrow().upgrade() {
            reflector.failed(failure);
        }
    };
    let hearing: Rc<RefCell<Option<Ui>>> = Rc::default();
    let (heard_by, hearer) = (Rc::clone(&hearing), Rc::clone(&weak));
    let link = Link::new(move |heard| {
        if let (Some(ui), Some(reflector)) = (*heard_by.borrow(), hearer.borrow().upgrade()) {
            hear(ui, &reflector, heard);
        }
    });
    let ui = owner.with(|| Ui::new(Store::new(), Dispatch::new(Rc::clone(&link), failed)));
    *hearing.borrow_mut() = Some(ui);
    let later = |act: fn(&Reflector)| {
        let weak = Rc::clone(&weak);
        move || {
            let reflector = weak.borrow().upgrade();
            reflector.iter().for_each(|reflector| act(reflector));
        }
    };
    let wake = Closure::new(later(Reflector::flush));
    let reflector =
        Rc::new(Reflector::new(host.clone(), ui, later(Reflector::reflect), &wake, later(Reflector::calm))?);
    *weak.borrow_mut() = Rc::downgrade(&reflector);
    language::choose(ui, &host);

    let container: HtmlElement = browser::document().create_element("div")?.unchecked_into();
    container.set_class_name("root");
    shadow.append_child(&container)?;
    ui.shadow.set_value(Some(shadow.clone()));
    owner.with(|| app::app(ui)).put_into(&container);
    reflector.schedule();

    let mut listeners = usage::watch(ui, &link);
    listeners.push(click_to_call::listen(ui));
    listeners.extend(owner.with(|| alerts::run(ui, &link)));
    let parts = Parts {
        _listeners: listeners,
        _page_language: PageLanguage::watch(ui, &host)?,
        placement: Placement::start(&host, &container, &sheet)?,
        line: Line::Given,
        link,
        _wake: wake,
        _reflector: reflector,
        container,
        owner,
    };
    Ok(PhoneHandle { host, ui, parts: RefCell::new(Some(parts)) })
}

#[wasm_bindgen]
impl PhoneHandle {
    /// An observed attribute of the element has changed. Style sheet and loader see to the rest.
    pub fn attribute_changed(&self, name: &str, _value: Option<String>) {
        let parts = self.parts.borrow();
        let Some(parts) = &*parts else { return };
        match name {
            "lang" => language::choose(self.ui, &self.host),
            "position" => parts.placement.reset(),
            "mode" => parts.placement.fit(),
            _ => {}
        }
    }

    /// Runs a method of the element, given as a message type of the port and its payload.
    pub fn command(&self, name: &str, payload: &JsValue) -> Promise {
        if self.is_mounted() {
            return element::command(self.ui, name, payload);
        }
        let gone = Failure::new(ErrorType::NotConnected, "the phone was removed from the page");
        Promise::reject(&element::as_error(&gone))
    }

    /// The state as pages read it.
    pub fn state(&self) -> JsValue {
        if self.is_mounted() { js::to_js(&self.ui.store.snapshot()) } else { JsValue::NULL }
    }

    /// Ends the phone: view, listeners, line to the worker.
    pub fn unmount(&self) {
        let parts = self.parts.borrow_mut().take();
        if let Some(parts) = parts {
            self.ui.dispatch.abandon("the phone was removed from the page");
            drop(parts.line);
            parts.link.end();
            parts.container.remove();
            parts.owner.cleanup();
        }
    }
}

impl PhoneHandle {
    fn is_mounted(&self) -> bool {
        self.parts.borrow().is_some()
    }
}

fn hear(ui: Ui, reflector: &Reflector, heard: Heard) {
    match heard {
        // A worker that has just begun knows of nothing: until it does, what the one before it knew is shown.
        Heard::State(state)
            if state.connection_status == ConnectionStatus::Disconnected
                && ui.store.connection.get_untracked() != ConnectionStatus::Disconnected =>
        {
            works(ui);
        }
        Heard::State(state) => {
            if ui.dispatch.is_dialing()
                && let Some(call) = view::dialled(&ui.store.snapshot(), &state)
            {
                ui.dispatch.dialled(call);
            }
            reflector.state_came(state, ui.role.with_untracked(|role| role.primary));
            works(ui);
        }
        Heard::Role(role) => ui.role.set(role),
        Heard::Lost => {
            ui.role.set(TabRole::default());
            reflector.line_lost();
            ui.dispatch.line_lost();
        }
        Heard::Event(name, data) => reflector.event_came(&name, data),
        Heard::Accepted(accepted) => ui.dispatch.accepted(&accepted.request_id, accepted.call_id),
        Heard::Failed(error) if error.request_id.is_none() && error.error == ErrorType::Unauthorized.as_str() => {
            let base = ui.base.get_value();
            web_sys::console::error_1(&Trouble::Locked.explanation(&base, &[]).into());
            ui.dispatch.tell(&Failure::new(ErrorType::Unauthorized, error.message));
            ui.trouble.set(Some(Trouble::Locked));
        }
        Heard::Failed(error) => {
            let failure = Failure { code: error.error, message: error.message, of_number: false };
            ui.dispatch.failed(error.request_id.as_deref(), failure);
        }
    }
}

/// The worker answers: whatever was said of its failure is over, and it can take what the one before it was given.
fn works(ui: Ui) {
    ui.dispatch.forgive(ErrorType::WorkerFailed);
    let over = match ui.trouble.get_untracked() {
        Some(Trouble::Locked) => ui.store.connection.get_untracked() == ConnectionStatus::Connected,
        trouble => trouble.is_some(),
    };
    if over {
        ui.trouble.set(None);
    }
    ui.dispatch.repeat();
}

/// The style sheet, constructed: a page's Content-Security-Policy has no say in it.
fn adopt_style(shadow: &ShadowRoot) -> Result<CssStyleSheet, JsValue> {
    let sheet = CssStyleSheet::new()?;
    sheet.replace_sync(concat!(
        include_str!("style/base.css"),
        include_str!("style/panel.css"),
        include_str!("style/call.css"),
        include_str!("style/sound.css"),
        include_str!("style/small.css"),
        include_str!("style/forced.css")
    ))?;
    shadow.set_adopted_style_sheets(&Array::of1(&sheet));
    Ok(sheet)
}
