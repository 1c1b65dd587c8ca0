//! What every view is given: the store, the way to send intents, and the tab's own small state.

use protocol::wire::port::TabRole;
use web_sys::ShadowRoot;

use crate::alerts::Alerts;
use crate::browser;
use crate::dispatch::Dispatch;
use crate::focus;
use crate::i18n::{self, Texts};
use crate::reactive::{RwSignal, StoredValue};
use crate::store::Store;
use crate::trouble::Trouble;

/// Key of the minimised state: a tab keeps it over reloads, other tabs have their own.
const MINIMIZED: &str = "sip-phone-minimized";

/// Cheap to copy; lives as long as the owner it was made in.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    /// The state, read-only for views.
    pub(crate) store: Store,
    /// Where it is drawn.
    pub(crate) shadow: StoredValue<Option<ShadowRoot>>,
    /// Where intents go.
    pub(crate) dispatch: Dispatch,
    /// The backend's origin.
    pub(crate) base: StoredValue<String>,
    /// How the operator is told of calls.
    pub(crate) alerts: Alerts,
    /// What the worker has chosen this tab for.
    pub(crate) role: RwSignal<TabRole>,
    /// Why there is no line to the worker.
    pub(crate) trouble: RwSignal<Option<Trouble>>,
    /// Has the browser ask the operator for what [`Trouble::Asks`] is about.
    pub(crate) ask: StoredValue<Option<Box<dyn Fn()>>>,
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
            shadow: StoredValue::new(None),
            dispatch,
            base: StoredValue::new(String::new()),
            alerts: Alerts::new(),
            role: RwSignal::new(TabRole::default()),
            trouble: RwSignal::new(None),
            ask: StoredValue::new(None),
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
        // Who makes it small has read what went wrong; an error that is still there would keep it open.
        self.dispatch.error.set(None);
        self.minimized.set(on);
        focus::hand_over(self, "[part=minimize]");
        if let Some(memory) = memory() {
            // A full or forbidden storage costs only the memory.
            let _ = if on { memory.set_item(MINIMIZED, "1") } else { memory.remove_item(MINIMIZED) };
        }
    }

    /// Closes the tone pad and the field for a transfer; the focus goes from there to what opened it.
    pub(crate) fn close_pads(self) {
        let opener = if self.transfer_open.get_untracked() { ".controls [part=transfer]" } else { "[part=dtmf]" };
        self.pad_open.set(false);
        self.transfer_open.set(false);
        focus::hand_over(self, opener);
    }
}

fn memory() -> Option<web_sys::Storage> {
    browser::window().session_storage().ok().flatten()
}
