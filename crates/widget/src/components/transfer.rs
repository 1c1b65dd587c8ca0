//! The field for a blind transfer.

use leptos::html;
use leptos::prelude::*;
use protocol::wire::command::{Command, Transfer};
use protocol::{CallId, PhoneNumber};

use super::icon::{CLOSE, TRANSFER, icon};
use super::live::{click, fact, flag, word};
use crate::dispatch::{Failure, Outcome};
use crate::i18n::Texts;
use crate::ui::Ui;

/// The form; it closes once the phone took the transfer.
pub(super) fn transfer(ui: Ui, t: &'static Texts, call: CallId) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let pending_of = call.clone();
    let busy = fact(move || ui.dispatch.pending("CMD_TRANSFER", Some(&pending_of)));
    Effect::new(move |_| {
        if let Some(input) = field.get() {
            crate::browser::focus(&input);
            crate::browser::show(&input);
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = field.get_untracked().map(|input| input.value()).unwrap_or_default();
        if !busy.get_untracked() {
            send(ui, call.clone(), &typed);
        }
    };
    view! {
        <form class="transfer-form" on:submit=submit>
            <input type="tel" part="number" node_ref=field aria-label=t.transfer_to placeholder=t.transfer_to autocomplete="off" maxlength="128" />
            <button
                type="submit"
                class="button row accent"
                title=t.transfer_go
                aria-label=t.transfer_go
                aria-busy=word(move || busy.get().then_some("true"))
                disabled=flag(move || !ui.store.usable())
            >
                <span class="disc">{icon(TRANSFER)}</span>
            </button>
            <button type="button" class="button row" title=t.cancel aria-label=t.cancel on:click=click(move || ui.close_pads())>
                <span class="disc">{icon(CLOSE)}</span>
            </button>
        </form>
    }
    .into_any()
}

fn send(ui: Ui, call_id: CallId, typed: &str) {
    match typed.parse::<PhoneNumber>() {
        Ok(phone) => {
            let command = Command::Transfer(Transfer { call_id, phone: Some(phone), to_call_id: None });
            let done = move |outcome: Outcome| {
                if outcome.is_ok() {
                    ui.close_pads();
                }
            };
            ui.dispatch.send_then(command, Box::new(done));
        }
        Err(error) => ui.dispatch.report(Failure::bad_number(error.to_string())),
    }
}
