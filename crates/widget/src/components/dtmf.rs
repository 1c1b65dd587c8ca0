//! The tone pad of a call: digits go out in the order of their pressing, one request at a time.

use protocol::CallId;
use protocol::wire::command::{Command, Dtmf};

use super::keypad::keypad;
use crate::browser;
use crate::dom::{View, el};
use crate::i18n::Texts;
use crate::reactive::{Effect, RwSignal, fact};
use crate::ui::Ui;

/// Digits shown at most; older ones leave on the left.
const SHOWN: usize = 16;
/// Digits of one command at most.
const AT_ONCE: usize = 32;

/// What was pressed in one call, and how much of it is on its way.
#[derive(Clone, Copy)]
pub(super) struct Tones {
    pressed: RwSignal<String>,
    waiting: RwSignal<String>,
    sending: RwSignal<bool>,
}

impl Tones {
    /// Nothing pressed yet.
    pub(super) fn new() -> Self {
        let nothing = || RwSignal::new(String::new());
        Self { pressed: nothing(), waiting: nothing(), sending: RwSignal::new(false) }
    }

    /// Takes a digit, and sends it as soon as those before it are gone.
    pub(super) fn press(self, ui: Ui, call: &CallId, digit: &str) {
        self.pressed.update(|text| {
            text.push_str(digit);
            let extra = text.len().saturating_sub(SHOWN);
            text.drain(..extra);
        });
        self.waiting.update(|text| text.push_str(digit));
        self.pump(ui, call.clone());
    }

    fn pump(self, ui: Ui, call_id: CallId) {
        if self.sending.try_get_untracked() != Some(false) {
            return; // busy, or the call is over
        }
        let digits: String = self.waiting.with_untracked(|text| text.chars().take(AT_ONCE).collect());
        let Ok(digits) = digits.parse() else { return };
        self.waiting.update(|text| drop(text.drain(..AT_ONCE.min(text.len()))));
        self.sending.set(true);
        let command = Command::Dtmf(Dtmf { call_id: call_id.clone(), digits });
        ui.dispatch.send_then(
            command,
            Box::new(move |_| {
                if self.sending.try_set(false) {
                    self.pump(ui, call_id);
                }
            }),
        );
    }
}

/// The pad, beneath what was pressed.
pub(super) fn pad(ui: Ui, t: &'static Texts, call: &CallId, tones: Tones) -> View {
    let disabled = fact(move || !ui.store.usable());
    let call = call.clone();
    let pad = el("div", "pad")
        .child(el("output", "tones").label(t.pad).live_text(move || tones.pressed.get()))
        .child(keypad(t, false, Some(disabled), move |digit| tones.press(ui, &call, digit)));
    let whole = pad.element();
    // In a small window it opens below the edge of what is seen.
    Effect::new(move || browser::show(&whole));
    pad
}
