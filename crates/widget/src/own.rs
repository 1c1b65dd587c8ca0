//! The line of a page of the backend's own origin: it starts the worker itself.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::wire::error::ErrorType;
use wasm_bindgen::JsValue;
use web_sys::{SharedWorker, WorkerOptions};

use crate::browser::{self, Listener};
use crate::dispatch::Failure;
use crate::link::{self, Link};
use crate::ui::Ui;

/// The worker, for as long as the phone is on the page.
pub(crate) struct OwnLine {
    _worker: Rc<RefCell<Option<Started>>>,
    _back: Listener,
}

struct Started {
    _worker: SharedWorker,
    _failed: Listener,
}

impl OwnLine {
    /// Starts the worker at this address, or joins it.
    ///
    /// # Errors
    /// The browser refuses the address.
    pub(crate) fn open(link: &Rc<Link>, ui: Ui, url: String) -> Result<Self, JsValue> {
        let worker = Rc::new(RefCell::new(Some(start(link, ui, &url)?)));
        let (link, holder) = (Rc::clone(link), Rc::downgrade(&worker));
        // The worker was told good-bye when the page went into the browser's memory.
        let back = Listener::new(&browser::window(), "pageshow", move |event| {
            if link::get(&event, "persisted").is_truthy()
                && let Some(holder) = holder.upgrade()
            {
                link.lost();
                *holder.borrow_mut() = start(&link, ui, &url).ok();
            }
        });
        Ok(Self { _worker: worker, _back: back })
    }
}

fn start(link: &Rc<Link>, ui: Ui, url: &str) -> Result<Started, JsValue> {
    let options = WorkerOptions::new();
    options.set_name("sip-phone");
    let worker = SharedWorker::new_with_worker_options(url, &options)?;
    let failed = Listener::new(&worker, "error", move |_| {
        ui.dispatch.report(Failure::new(ErrorType::WorkerFailed, "the phone's worker could not be started"));
    });
    link.connect(worker.port());
    Ok(Started { _worker: worker, _failed: failed })
}
