//! The field for a blind transfer.

use protocol::wire::command::{Command, Transfer};
use protocol::{CallId, PhoneNumber};
use wasm_bindgen::JsCast;

use super::button::small;
use super::icon::{CLOSE, TRANSFER};
use super::idle::number_field;
use crate::browser;
use crate::dispatch::{Failure, Outcome};
use crate::dom::{View, el};
use crate::i18n::Texts;
use crate::reactive::{Effect, fact};
use crate::ui::Ui;

/// The form; it closes once the phone took the transfer.
pub(super) fn transfer(ui: Ui, t: &'static Texts, call: &CallId) -> View {
    let (call, pending_of) = (call.clone(), call.clone());
    let busy = fact(move || ui.dispatch.pending("CMD_TRANSFER", Some(&pending_of)));
    let input = number_field(t.transfer_to, t.transfer_to);
    let (field, shown) = (input.element(), input.element());
    Effect::new(move || {
        browser::focus(shown.unchecked_ref());
        browser::show(&shown);
    });
    let go = small(TRANSFER, t.transfer_go)
        .set("class", "button row accent")
        .set("type", "submit")
        .word("aria-busy", move || busy.get().then_some("true"))
        .flag("disabled", move || !ui.store.usable());
    el("form", "transfer-form")
        .on("submit", move |event| {
            event.prevent_default();
            if !busy.get_untracked() {
                send(ui, call.clone(), &browser::value(&field));
            }
        })
        .child(input)
        .child(go)
        .child(small(CLOSE, t.cancel).click(move || ui.close_pads()))
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
