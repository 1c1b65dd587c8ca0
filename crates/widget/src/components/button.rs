//! The button that sends a command: busy while it is on its way, disabled while it could not be sent.

use leptos::prelude::*;
use protocol::CallId;
use protocol::wire::command::{Command, MaybeCall, Switch};

use super::icon::icon;
use super::live::{click, fact, flag, word};
use crate::ui::Ui;

/// What a command button is and looks like.
pub(super) struct CommandButton {
    /// Its `part`, whose name it also has as a class.
    pub(super) part: &'static str,
    /// `round` with the label beneath, `row` with the icon alone, `wide` with both in a line.
    pub(super) shape: &'static str,
    /// A path of `icon.rs`.
    pub(super) icon: &'static str,
    /// What it does.
    pub(super) label: &'static str,
    /// The message type it sends, by which it knows that it is busy.
    pub(super) name: &'static str,
    /// The call that it is about.
    pub(super) call: CallId,
    /// Useless while the softphone does not run; hanging up never is.
    pub(super) needs_phone: bool,
}

impl CommandButton {
    /// The button; `pressed` makes it a toggle, `make` gives the command of a click.
    pub(super) fn view(
        self,
        ui: Ui,
        pressed: Option<Memo<bool>>,
        make: impl Fn(CallId) -> Command + 'static,
    ) -> AnyView {
        let Self { part, shape, icon: path, label, name, call, needs_phone } = self;
        let id = call.clone();
        let busy = fact(move || ui.dispatch.pending(name, Some(&id)));
        let send = click(move || {
            if !busy.get_untracked() {
                ui.dispatch.send(make(call.clone()));
            }
        });
        view! {
            <button
                type="button"
                part=part
                class=["button ", shape, " ", part].concat()
                title=(shape == "row").then_some(label)
                aria-label=(shape != "wide").then_some(label)
                aria-pressed=word(move || pressed.map(|on| if on.get() { "true" } else { "false" }))
                aria-busy=word(move || busy.get().then_some("true"))
                disabled=flag(move || if needs_phone { !ui.store.usable() } else { !ui.store.connected() })
                on:click=send
            >
                <span class="disc">{icon(path)}</span>
                {(shape != "row").then_some(view! { <span class="label">{label}</span> })}
            </button>
        }
        .into_any()
    }
}

/// `CMD_ANSWER` for this call.
pub(super) fn answer(call: CallId) -> Command {
    Command::Answer(MaybeCall { call_id: Some(call) })
}

/// `CMD_HANGUP` for this call.
pub(super) fn hangup(call: CallId) -> Command {
    Command::Hangup(MaybeCall { call_id: Some(call) })
}

/// `CMD_HOLD` for this call.
pub(super) fn hold(call_id: CallId, on: bool) -> Command {
    Command::Hold(Switch { call_id, on })
}
