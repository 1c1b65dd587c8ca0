//! Puts a phone into a shadow root, wires it to its port, and takes it all away again.

use std::cell::RefCell;

use js_sys::{Array, Promise};
use protocol::wire::error::ErrorType;
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, HtmlElement, MessagePort, ShadowRoot};

use crate::bridge::Bridge;
use crate::browser::{self, Listener};
use crate::dispatch::Failure;
use crate::js;
use crate::language::{self, PageLanguage};
use crate::own::OwnLine;
use crate::placement::Placement;
use crate::stage::Stage;
use crate::ui::Ui;
use crate::{alerts, click_to_call, element, rehearsal, usage};

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
    stage: Stage,
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
        let (link, ui) = (&parts.stage.link, handle.ui);
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
        parts.stage.link.connect(port);
    }
    Ok(handle)
}

/// A phone without a line.
fn build(host: HtmlElement, shadow: &ShadowRoot) -> Result<PhoneHandle, JsValue> {
    let sheet = adopt_style(shadow)?;
    let stage = Stage::set(&host, |ui| {
        language::choose(ui, &host);
        ui.shadow.set_value(Some(shadow.clone()));
    })?;
    let Stage { ui, ref link, ref container, ref owner, .. } = stage;
    shadow.append_child(container)?;
    stage.reflector.schedule();

    let mut listeners = usage::watch(ui, link);
    listeners.push(click_to_call::listen(ui));
    listeners.extend(owner.with(|| alerts::run(ui, link)));
    owner.with(|| rehearsal::plan(ui));
    let parts = Parts {
        _listeners: listeners,
        _page_language: PageLanguage::watch(ui, &host)?,
        placement: Placement::start(&host, container, &sheet)?,
        line: Line::Given,
        stage,
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
            parts.stage.end();
        }
    }
}

impl PhoneHandle {
    fn is_mounted(&self) -> bool {
        self.parts.borrow().is_some()
    }
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
