//! What the operator has to be told: an error, a softphone that is not there.

use protocol::{Capability, ConnectionStatus, PhoneStatus};

use super::button::small;
use super::icon::{ALERT, CLOSE, icon};
use crate::dom::{View, el, live, when};
use crate::focus;
use crate::i18n::Texts;
use crate::reactive::{fact, untrack};
use crate::ui::Ui;

/// The part `error`, while there is one.
pub(crate) fn error(ui: Ui, t: &'static Texts) -> View {
    live(move || {
        let text = ui
            .dispatch
            .error
            .with(|failure| failure.as_ref().map(|failure| t.failure(&failure.code, failure.of_number)))?;
        let dismiss = move || {
            ui.dispatch.error.set(None);
            focus::hand_over(ui, ".idle [part=number]");
        };
        Some(
            el("div", "notice error")
                .part("error")
                .set("role", "alert")
                .child(icon(ALERT))
                .child(el("span", "words").text(text))
                .child(small(CLOSE, t.dismiss).click(dismiss)),
        )
    })
}

/// Says that the softphone does not run; while the connection is down nobody knows.
pub(crate) fn phone_missing(ui: Ui, t: &'static Texts) -> View {
    let missing = fact(move || {
        ui.store.connection.get() == ConnectionStatus::Connected && ui.store.phone.get() == PhoneStatus::Unavailable
    });
    when(missing, move || {
        let starts = untrack(|| ui.store.can(Capability::Start));
        warning().child(words(t.phone_missing, if starts { t.phone_starts_hint } else { t.phone_missing_hint }))
    })
}

/// A notice that is no error.
pub(super) fn warning() -> View {
    el("div", "notice warning").child(icon(ALERT))
}

/// What is the matter, and what to do about it.
pub(super) fn words(title: &str, hint: &str) -> View {
    el("span", "words").child(el("b", "").text(title)).text(hint)
}
