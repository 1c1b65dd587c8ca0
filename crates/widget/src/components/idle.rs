//! No call: the number field, the keypad, the dial button.

use protocol::wire::command::Command;
use protocol::wire::rest::Dial;
use protocol::{Capability, PhoneNumber};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::button::{caption, small};
use super::icon::{ERASE, HANDSET, disc};
use super::keypad::keypad;
use crate::browser;
use crate::dispatch::Failure;
use crate::dom::{View, el, when};
use crate::i18n::Texts;
use crate::reactive::{fact, untrack};
use crate::ui::Ui;

/// Longest text that is worth typing; the number itself may have 64 characters, spaces not counted.
const MAX_TYPED: &str = "128";

/// The panel without a call; without the capability to dial, only words.
pub(crate) fn idle(ui: Ui, t: &'static Texts) -> View {
    let can = fact(move || ui.store.can(Capability::Dial));
    when(can, move || {
        let input = input(ui, t);
        let field: HtmlInputElement = input.element().unchecked_into();
        let (of_keys, of_form) = (field.clone(), field.clone());
        el("form", "idle")
            .on("submit", move |event| {
                event.prevent_default();
                dial(ui, &of_form);
            })
            .child(el("div", "field").child(input).child(eraser(ui, t, field)))
            .child(keypad(t, true, None, move |digit| press(ui, &of_keys, digit)))
            .child(dial_button(ui, t))
    })
}

fn input(ui: Ui, t: &'static Texts) -> View {
    let draft = ui.draft;
    let input = number_field(t.number, t.number_hint)
        .flag("data-long", move || draft.with(|text| text.chars().count() > 14))
        .live_value(move || draft.get());
    let field = input.element();
    input.on("input", move |_| draft.set(browser::value(&field)))
}

/// A field for a number, the part `number`.
pub(super) fn number_field(label: &str, hint: &str) -> View {
    el("input", "")
        .set("type", "tel")
        .part("number")
        .label(label)
        .set("placeholder", hint)
        .set("autocomplete", "off")
        .set("maxlength", MAX_TYPED)
}

fn eraser(ui: Ui, t: &'static Texts, field: HtmlInputElement) -> View {
    let some = fact(move || ui.draft.with(|text| !text.is_empty()));
    when(some, move || {
        let field = field.clone();
        small(ERASE, t.erase).click(move || {
            ui.draft.update(|text| _ = text.pop());
            browser::focus(&field);
        })
    })
}

fn dial_button(ui: Ui, t: &'static Texts) -> View {
    el("button", "button wide dial")
        .set("type", "submit")
        .part("dial")
        .word("aria-busy", move || ui.dispatch.pending("CMD_DIAL", None).then_some("true"))
        .flag("disabled", move || !ui.store.dials())
        .child(disc(HANDSET))
        .child(caption(t.dial))
}

/// Puts a digit where the caret is.
fn press(ui: Ui, input: &HtmlInputElement, digit: &str) {
    if input.set_range_text(digit).is_ok() {
        let caret = input.selection_start().ok().flatten().unwrap_or_default() + 1;
        let _ = input.set_selection_range(caret, caret);
    }
    ui.draft.set(browser::value(input));
}

/// Dials what is typed; an empty field first recalls the last number.
fn dial(ui: Ui, field: &HtmlInputElement) {
    if untrack(|| !ui.store.dials()) || ui.dispatch.is_dialing() {
        return;
    }
    let typed = ui.draft.get_untracked();
    if typed.trim().is_empty() {
        ui.draft.set(ui.last_dialed.get_untracked());
        browser::focus(field);
        return;
    }
    match typed.parse::<PhoneNumber>() {
        Ok(phone) => {
            let done = move |outcome: crate::dispatch::Outcome| {
                if outcome.is_ok() {
                    ui.last_dialed.set(typed);
                    ui.draft.set(String::new());
                }
            };
            ui.dispatch.send_then(Command::Dial(Dial { phone }), Box::new(done));
        }
        Err(error) => {
            ui.dispatch.report(Failure::bad_number(error.to_string()));
            browser::focus(field);
        }
    }
}
