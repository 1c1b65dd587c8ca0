//! Desktop notifications: one for each call that rings, in the tab that the worker has chosen. With buttons where a service
//! worker can show them, on pages of the backend's own origin; elsewhere the page shows them itself.

use js_sys::{Array, Object};
use protocol::wire::command::{Command, MaybeCall};
use protocol::{Call, CallId, Capability};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Notification, NotificationOptions, NotificationPermission, RegistrationOptions, ServiceWorker,
    ServiceWorkerRegistration,
};

use super::{Alerts, ringing};
use crate::browser::{self, Listener};
use crate::components::{caller_number, caller_title};
use crate::i18n::Texts;
use crate::js;
use crate::reactive::{Effect, RwSignal, StoredValue, fact, on_cleanup, untrack};
use crate::ui::Ui;

/// The service worker's script; `www/sip-notices.js` says what it does.
const SCRIPT: &str = "/sip-notices.js";
/// Its scope: a place without pages, so that it controls none.
const SCOPE: &str = "/sip-notices/";

/// What the browser says about notifications of this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// There is no such thing here: on an insecure origin, for one.
    Absent,
    /// Nobody was asked yet.
    Unasked,
    /// Yes.
    Granted,
    /// No.
    Denied,
}

impl Permission {
    /// As it is now.
    pub(super) fn now() -> Self {
        let window = browser::window();
        // On an insecure origin the interface is there, and says no to everything.
        if !window.is_secure_context() || !js::get(&window, "Notification").is_function() {
            return Self::Absent;
        }
        match Notification::permission() {
            NotificationPermission::Granted => Self::Granted,
            NotificationPermission::Denied => Self::Denied,
            _ => Self::Unasked,
        }
    }
}

/// Has the browser ask the operator.
pub(super) fn ask(alerts: Alerts) {
    let Ok(asked) = Notification::request_permission() else { return };
    spawn_local(async move {
        let _ = JsFuture::from(asked).await;
        alerts.permission.set(Permission::now());
    });
}

/// How notifications are shown on this page.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// Not found out yet.
    Open,
    /// By the page itself.
    Page,
    /// By the service worker.
    Worker,
}

/// Shows them when they are due, until the owner's end.
pub(super) fn run(ui: Ui) -> Vec<Listener> {
    let way = RwSignal::new(Way::Open);
    let worker = StoredValue::new(None::<ServiceWorker>);
    let shown = StoredValue::new(Vec::<Shown>::new());
    let chosen = fact(move || ui.role.with(|role| role.notices) && ui.alerts.notifies());
    Effect::new(move || {
        if !chosen.get() || way.get_untracked() != Way::Open {
            return;
        }
        spawn_local(async move {
            let found = if is_own(ui) { register().await } else { None };
            let is = if found.is_some() { Way::Worker } else { Way::Page };
            worker.set_value(found);
            way.set(is);
        });
    });
    Effect::new(move || {
        let calls = if chosen.get() { ringing(ui) } else { Vec::new() };
        let t = ui.texts.get();
        match way.get() {
            Way::Open => {}
            Way::Page => shown.update_value(|shown| by_page(shown, &calls, t)),
            Way::Worker => worker.with_value(|worker| by_worker(worker.as_ref(), ui, &calls, t)),
        }
    });
    let clear = move || {
        shown.set_value(Vec::new());
        worker.try_with_value(|worker| post(worker.as_ref(), &Array::new(), &Array::new()));
    };
    on_cleanup(clear);
    follow_permission(ui.alerts);
    let mut listeners = vec![Listener::new(&browser::window(), "pagehide", move |_| clear())];
    let container = js::get(&browser::window().navigator(), "serviceWorker");
    if container.is_object() {
        listeners.push(Listener::new(container.unchecked_ref(), "message", move |event| clicked(ui, &event)));
    }
    listeners
}

fn is_own(ui: Ui) -> bool {
    let own = browser::window().location().origin().ok();
    own == ui.base.try_get_value() && js::get(&browser::window().navigator(), "serviceWorker").is_object()
}

/// The service worker, in whatever state: messages wait in it until it is ready.
async fn register() -> Option<ServiceWorker> {
    let options = RegistrationOptions::new();
    options.set_scope(SCOPE);
    let container = browser::window().navigator().service_worker();
    let registering = container.register_with_options(SCRIPT, &options);
    let registration: ServiceWorkerRegistration = JsFuture::from(registering).await.ok()?.unchecked_into();
    registration.active().or_else(|| registration.waiting()).or_else(|| registration.installing())
}

/// A notification of the page's own, closed when dropped.
struct Shown {
    call: CallId,
    notification: Notification,
    _clicked: Listener,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.notification.close();
    }
}

fn by_page(shown: &mut Vec<Shown>, calls: &[Call], t: &Texts) {
    shown.retain(|it| calls.iter().any(|call| call.id == it.call));
    for call in calls {
        if shown.iter().any(|it| it.call == call.id) {
            continue;
        }
        let options = NotificationOptions::new();
        options.set_body(&body(call, t));
        options.set_tag(call.id.as_str());
        options.set_lang(t.code);
        options.set_require_interaction(true);
        let Ok(notification) = Notification::new_with_options(&caller_title(call, t), &options) else { continue };
        let of_click = notification.clone();
        let clicked = Listener::new(&notification, "click", move |_| {
            let _ = browser::window().focus();
            of_click.close();
        });
        shown.push(Shown { call: call.id.clone(), notification, _clicked: clicked });
    }
}

/// Tells the service worker what rings; it shows and closes accordingly.
fn by_worker(worker: Option<&ServiceWorker>, ui: Ui, calls: &[Call], t: &Texts) {
    let list = Array::new();
    for call in calls {
        let item = Object::new();
        js::set(&item, "id", &call.id.as_str().into());
        js::set(&item, "title", &caller_title(call, t).into());
        js::set(&item, "body", &body(call, t).into());
        js::set(&item, "lang", &t.code.into());
        list.push(&item);
    }
    let actions = Array::new();
    for (what, name, title) in [(Capability::Answer, "answer", t.answer), (Capability::Reject, "reject", t.reject)] {
        if ui.store.can(what) {
            let action = Object::new();
            js::set(&action, "action", &name.into());
            js::set(&action, "title", &title.into());
            actions.push(&action);
        }
    }
    post(worker, &list, &actions);
}

fn post(worker: Option<&ServiceWorker>, calls: &Array, actions: &Array) {
    let message = Object::new();
    js::set(&message, "type", &"RINGING".into());
    js::set(&message, "calls", calls);
    js::set(&message, "actions", actions);
    if let Some(worker) = worker {
        let _ = worker.post_message(&message);
    }
}

fn body(call: &Call, t: &Texts) -> String {
    let number = caller_number(call).map(|number| ["\n", &number].concat());
    [t.incoming, number.as_deref().unwrap_or_default()].concat()
}

/// A notification was clicked, says the service worker. Only a call that rings can be meant, and one phone of the page
/// takes it.
fn clicked(ui: Ui, event: &JsValue) {
    let script = js::get(&js::get(event, "source"), "scriptURL").as_string();
    let data = js::get(event, "data");
    let text = |name| js::get(&data, name).as_string();
    let from_ours = script.is_some_and(|script| script.ends_with(SCRIPT));
    if !from_ours || text("type").as_deref() != Some("NOTICE_CLICKED") || !untrack(|| ui.role.get().notices) {
        return;
    }
    let id = text("callId");
    let Some(call) = untrack(|| ringing(ui)).into_iter().find(|call| Some(call.id.as_str()) == id.as_deref()) else {
        return;
    };
    let of_call = MaybeCall { call_id: Some(call.id) };
    match text("action").as_deref() {
        Some("answer") => ui.dispatch.send(Command::Answer(of_call)),
        Some("reject") => ui.dispatch.send(Command::Hangup(of_call)),
        _ => {}
    }
}

/// The operator may change it in the browser's own settings.
fn follow_permission(alerts: Alerts) {
    let kept = StoredValue::new(None::<Listener>);
    spawn_local(async move {
        if let Some(status) = browser::permission("notifications").await {
            let changed = move |_| alerts.permission.set(Permission::now());
            kept.set_value(Some(Listener::new(status.unchecked_ref(), "change", changed)));
        }
    });
}
