//! No call: the number field, the keypad, the dial button.

use leptos::html;
use leptos::prelude::*;
use protocol::wire::command::Command;
use protocol::wire::rest::Dial;
use protocol::{Capability, PhoneNumber};

use super::icon::{ERASE, HANDSET, icon};
use super::keypad::keypad;
use super::live::{click, fact, flag, when, word};
use crate::dispatch::Failure;
use crate::i18n::Texts;
use crate::ui::Ui;

/// Longest text that is worth typing; the number itself may have 64 characters, spaces not counted.
const MAX_TYPED: &str = "128";

/// The panel without a call; without the capability to dial, only words.
pub(crate) fn idle(ui: Ui, t: &'static Texts) -> AnyView {
    let can = fact(move || ui.store.can(Capability::Dial));
    let field = NodeRef::<html::Input>::new();
    when(can, move || {
        view! {
            <form class="idle" on:submit=move |event| { event.prevent_default(); dial(ui, field); }>
                {number(ui, t, field)}
                {keypad(t, true, fact(|| false), move |digit| press(ui, field, digit))}
                {dial_button(ui, t)}
            </form>
        }
        .into_any()
    })
}

fn number(ui: Ui, t: &'static Texts, field: NodeRef<html::Input>) -> AnyView {
    let draft = ui.draft;
    let some = fact(move || draft.with(|text| !text.is_empty()));
    let erase = move || {
        draft.update(|text| {
            text.pop();
        });
        focus(field);
    };
    view! {
        <div class="field">
            <input
                type="tel"
                part="number"
                node_ref=field
                data-long=flag(move || draft.with(|text| text.chars().count() > 14))
                aria-label=t.number
                placeholder=t.number_hint
                autocomplete="off"
                maxlength=MAX_TYPED
                prop:value=move || draft.get()
                on:input=move |event| draft.set(event_target_value(&event))
            />
            {when(some, move || view! {
                <button type="button" class="button row" aria-label=t.erase title=t.erase on:click=click(erase)>
                    <span class="disc">{icon(ERASE)}</span>
                </button>
            }.into_any())}
        </div>
    }
    .into_any()
}

fn dial_button(ui: Ui, t: &'static Texts) -> AnyView {
    view! {
        <button
            type="submit"
            part="dial"
            class="button wide dial"
            aria-busy=word(move || ui.dispatch.pending("CMD_DIAL", None).then_some("true"))
            disabled=flag(move || !ui.store.usable())
        >
            <span class="disc">{icon(HANDSET)}</span>
            <span class="label">{t.dial}</span>
        </button>
    }
    .into_any()
}

/// Puts a digit where the caret is.
fn press(ui: Ui, field: NodeRef<html::Input>, digit: char) {
    let Some(input) = field.get_untracked() else { return };
    let mut text = [0; 4];
    if input.set_range_text(digit.encode_utf8(&mut text)).is_ok() {
        let caret = input.selection_start().ok().flatten().unwrap_or_default() + 1;
        let _ = input.set_selection_range(caret, caret);
    }
    ui.draft.set(input.value());
}

fn focus(field: NodeRef<html::Input>) {
    if let Some(input) = field.get_untracked() {
        crate::browser::focus(&input);
    }
}

/// Dials what is typed; an empty field first recalls the last number.
fn dial(ui: Ui, field: NodeRef<html::Input>) {
    if untrack(|| !ui.store.usable()) || ui.dispatch.is_dialing() {
        return;
    }
    let typed = ui.draft.get_untracked();
    if typed.trim().is_empty() {
        ui.draft.set(ui.last_dialed.get_untracked());
        focus(field);
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
            focus(field);
        }
    }
}
