//! What shows a phone, and tells of it: view, store, line and reflector, wired to each other.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use any_spawner::Executor;
use protocol::wire::error::ErrorType;
use protocol::wire::port::TabRole;
use protocol::{ConnectionStatus, view};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::app;
use crate::browser;
use crate::dispatch::{Dispatch, Failure};
use crate::link::{Heard, Link};
use crate::reactive::Owner;
use crate::reflect::Reflector;
use crate::store::Store;
use crate::trouble::Trouble;
use crate::ui::Ui;

/// A phone that shows what it hears on its line, and does nothing else.
pub(crate) struct Stage {
    pub(crate) ui: Ui,
    /// To nobody yet.
    pub(crate) link: Rc<Link>,
    _wake: Closure<dyn FnMut()>,
    pub(crate) reflector: Rc<Reflector>,
    /// All that is drawn, to be put somewhere.
    pub(crate) container: HtmlElement,
    pub(crate) owner: Owner,
}

impl Stage {
    /// One that tells this host, drawn after `prepare`.
    ///
    /// # Errors
    /// The browser lacks what every browser of the contract has.
    pub(crate) fn set(host: &HtmlElement, prepare: impl FnOnce(Ui)) -> Result<Self, JsValue> {
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
        prepare(ui);

        let container: HtmlElement = browser::document().create_element("div")?.unchecked_into();
        container.set_class_name("root");
        owner.with(|| app::app(ui)).put_into(&container);
        Ok(Self { ui, link, _wake: wake, reflector, container, owner })
    }

    /// Nothing is heard, shown or told any more.
    pub(crate) fn end(self) {
        self.link.end();
        self.container.remove();
        self.owner.cleanup();
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
