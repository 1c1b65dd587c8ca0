//! The bar on top: the operator's status, how the connection is, and the way to the pill.

use std::time::Duration;

use protocol::OperatorStatus;
use protocol::wire::command::Command;
use protocol::wire::rest::SetStatus;

use super::button::small;
use super::icon::{DOWN, GRIP, icon};
use super::sound::bell;
use crate::browser;
use crate::delay::after;
use crate::dom::{View, el, when};
use crate::i18n::Texts;
use crate::reactive::{Effect, RwSignal, fact};
use crate::trouble::Trouble;
use crate::ui::Ui;

/// How long a choice that was accepted may wait for its event before the truth is shown again.
const GRACE: Duration = Duration::from_secs(2);

/// The part `status-bar`.
pub(crate) fn status_bar(ui: Ui, t: &'static Texts) -> View {
    // A spinner beside a refusal would promise what does not come.
    let spins = fact(move || !ui.trouble.get().is_some_and(Trouble::is_settled));
    el("header", "status-bar")
        .part("status-bar")
        .child(status(ui, t))
        .child(when(spins, move || connection(ui, t)))
        .child(bell(ui, t))
        .child(small(GRIP, t.move_phone).set("class", "button row move").part("move").set("title", t.move_hint))
        .child(
            small(DOWN, t.minimize)
                .part("minimize")
                .set("aria-expanded", "true")
                // Small it could not show who rings.
                .flag("disabled", move || ui.store.ringing.with(Option::is_some))
                .click(move || ui.minimize(true)),
        )
}

/// The part `status`: shows what was chosen only while the choice is on its way, else the truth.
fn status(ui: Ui, t: &'static Texts) -> View {
    let chosen = RwSignal::new(None::<OperatorStatus>);
    let operator = ui.store.operator;
    Effect::new(move || {
        operator.track();
        chosen.set(None);
    });
    let options = OperatorStatus::ALL.into_iter();
    let select = options.fold(el("select", ""), |select, status| {
        select.child(el("option", "").set("value", status.as_str()).text(t.operator(status)))
    });
    let field = select.element();
    let select = select
        .part("status")
        .label(t.your_status)
        .word("aria-busy", move || chosen.get().map(|_| "true"))
        .flag("disabled", move || !ui.store.connected())
        .live_value(move || chosen.get().unwrap_or_else(|| operator.get()).as_str().to_owned())
        .on("change", move |_| {
            let value = browser::value(&field);
            if let Some(status) = OperatorStatus::ALL.into_iter().find(|status| status.as_str() == value) {
                choose(ui, chosen, status);
            }
        });
    el("label", "status")
        .word("data-status", move || Some(operator.get().as_str()))
        .child(el("span", "dot").set("aria-hidden", "true"))
        .child(select)
        .child(icon(DOWN))
}

fn choose(ui: Ui, chosen: RwSignal<Option<OperatorStatus>>, status: OperatorStatus) {
    chosen.set(Some(status));
    // Back to the truth, unless something else was chosen meanwhile or the view is gone.
    let forget = move || {
        if chosen.try_get_untracked().flatten() == Some(status) {
            chosen.set(None);
        }
    };
    let done = move |outcome: crate::dispatch::Outcome| match outcome {
        Err(_) => forget(),
        Ok(_) => after(GRACE, forget),
    };
    ui.dispatch.send_then(Command::Status(SetStatus { status }), Box::new(done));
}

/// The part `connection`: a light, and words with a spinner while there is something to say.
fn connection(ui: Ui, t: &'static Texts) -> View {
    let state = ui.store.connection;
    el("span", "connection")
        .part("connection")
        .word("title", move || Some(t.connection(state.get())))
        .word("data-connection", move || Some(state.get().as_str()))
        .child(el("span", "light").set("aria-hidden", "true"))
        .child(el("span", "words").live_text(move || t.connection(state.get()).to_owned()))
}
