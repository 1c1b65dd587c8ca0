//! The bar on top: the operator's status, how the connection is, and the way to the pill.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use protocol::OperatorStatus;
use protocol::wire::command::Command;
use protocol::wire::rest::SetStatus;

use super::icon::{DOWN, GRIP, icon};
use super::live::{click, fact, flag, text, when, word};
use super::sound::bell;
use crate::i18n::Texts;
use crate::trouble::Trouble;
use crate::ui::Ui;

/// How long a choice that was accepted may wait for its event before the truth is shown again.
const GRACE: Duration = Duration::from_secs(2);

/// The part `status-bar`.
pub(crate) fn status_bar(ui: Ui, t: &'static Texts) -> AnyView {
    view! {
        <header part="status-bar" class="status-bar">
            {status(ui, t)}
            // A spinner beside a refusal would promise what does not come.
            {when(fact(move || !ui.trouble.get().is_some_and(Trouble::is_settled)), move || connection(ui, t))}
            {bell(ui, t)}
            <button type="button" part="move" class="button row move" title=t.move_hint aria-label=t.move_phone>
                <span class="disc">{icon(GRIP)}</span>
            </button>
            <button
                type="button"
                part="minimize"
                class="button row"
                title=t.minimize
                aria-label=t.minimize
                aria-expanded="true"
                // Small it could not show who rings.
                disabled=flag(move || ui.store.ringing.with(Option::is_some))
                on:click=click(move || ui.minimize(true))
            >
                <span class="disc">{icon(DOWN)}</span>
            </button>
        </header>
    }
    .into_any()
}

/// The part `status`: shows what was chosen only while the choice is on its way, else the truth.
fn status(ui: Ui, t: &'static Texts) -> AnyView {
    let chosen = RwSignal::new(None::<OperatorStatus>);
    let select = NodeRef::<html::Select>::new();
    let operator = ui.store.operator;
    Effect::new(move |_| {
        operator.track();
        chosen.set(None);
    });
    Effect::new(move |_| {
        let shown = chosen.get().unwrap_or_else(|| operator.get());
        if let Some(select) = select.get() {
            select.set_value(shown.as_str());
        }
    });
    let change = move |_| {
        let value = select.get_untracked().map(|select| select.value()).unwrap_or_default();
        let Some(status) = OperatorStatus::ALL.into_iter().find(|status| status.as_str() == value) else {
            return;
        };
        chosen.set(Some(status));
        let done = move |outcome: crate::dispatch::Outcome| match outcome {
            Err(_) => forget(chosen, status),
            Ok(_) => set_timeout(move || forget(chosen, status), GRACE),
        };
        ui.dispatch.send_then(Command::Status(SetStatus { status }), Box::new(done));
    };
    let options = OperatorStatus::ALL.map(|status| {
        let selected = status == operator.get_untracked();
        view! { <option value=status.as_str() selected=selected>{t.operator(status)}</option> }
    });
    view! {
        <label class="status" data-status=word(move || Some(operator.get().as_str()))>
            <span class="dot" aria-hidden="true"></span>
            <select
                part="status"
                node_ref=select
                aria-label=t.your_status
                aria-busy=word(move || chosen.get().map(|_| "true"))
                disabled=flag(move || !ui.store.connected())
                on:change=change
            >
                {options.into_iter().collect_view()}
            </select>
            {icon(DOWN)}
        </label>
    }
    .into_any()
}

/// Back to the truth, unless something else was chosen meanwhile or the view is gone.
fn forget(chosen: RwSignal<Option<OperatorStatus>>, status: OperatorStatus) {
    if chosen.try_get_untracked().flatten() == Some(status) {
        chosen.set(None);
    }
}

/// The part `connection`: a light, and words with a spinner while there is something to say.
fn connection(ui: Ui, t: &'static Texts) -> AnyView {
    let state = ui.store.connection;
    view! {
        <span
            part="connection"
            class="connection"
            title=word(move || Some(t.connection(state.get())))
            data-connection=word(move || Some(state.get().as_str()))
        >
            <span class="light" aria-hidden="true"></span>
            <span class="words">{text(move || t.connection(state.get()).to_owned())}</span>
        </span>
    }
    .into_any()
}
