//! What every view is given: the store, the way to send intents, and the tab's own small state.

use leptos::prelude::*;
use protocol::wire::port::TabRole;

use crate::bridge::Trouble;
use crate::browser;
use crate::dispatch::Dispatch;
use crate::i18n::{self, Texts};
use crate::store::Store;

/// Key of the minimised state: a tab keeps it over reloads, other tabs have their own.
const MINIMIZED: &str = "sip-phone-minimized";

/// Cheap to copy; lives as long as the owner it was made in.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    /// The state, read-only for views.
    pub(crate) store: Store,
    /// Where intents go.
    pub(crate) dispatch: Dispatch,
    /// What the worker has chosen this tab for.
    pub(crate) role: RwSignal<TabRole>,
    /// Why there is no line to the worker.
    pub(crate) trouble: RwSignal<Option<Trouble>>,
    /// Has the browser ask the operator for what [`Trouble::Asks`] is about.
    pub(crate) ask: StoredValue<Option<Box<dyn Fn()>>, LocalStorage>,
    /// The interface's language.
    pub(crate) texts: RwSignal<&'static Texts>,
    /// Unix time in seconds, moving only while a timer is shown.
    pub(crate) now: RwSignal<u64>,
    /// What is typed in the number field.
    pub(crate) draft: RwSignal<String>,
    /// The number that was dialled last, for another try.
    pub(crate) last_dialed: RwSignal<String>,
    /// The operator wants the pill.
    pub(crate) minimized: RwSignal<bool>,
    /// The DTMF pad is open.
    pub(crate) pad_open: RwSignal<bool>,
    /// The field for a transfer is open.
    pub(crate) transfer_open: RwSignal<bool>,
}

impl Ui {
    /// The state of a widget that has just been mounted.
    pub(crate) fn new(store: Store, dispatch: Dispatch) -> Self {
        Self {
            store,
            dispatch,
            role: RwSignal::new(TabRole::default()),
            trouble: RwSignal::new(None),
            ask: StoredValue::new_local(None),
            texts: RwSignal::new(i18n::default()),
            now: RwSignal::new(0),
            draft: RwSignal::new(String::new()),
            last_dialed: RwSignal::new(String::new()),
            minimized: RwSignal::new(memory().and_then(|m| m.get_item(MINIMIZED).ok().flatten()).is_some()),
            pad_open: RwSignal::new(false),
            transfer_open: RwSignal::new(false),
        }
    }

    /// Minimises or restores, and remembers it.
    pub(crate) fn minimize(self, on: bool) {
        self.minimized.set(on);
        if let Some(memory) = memory() {
            // A full or forbidden storage costs only the memory.
            let _ = if on { memory.set_item(MINIMIZED, "1") } else { memory.remove_item(MINIMIZED) };
        }
    }
}

fn memory() -> Option<web_sys::Storage> {
    browser::window().session_storage().ok().flatten()
}
