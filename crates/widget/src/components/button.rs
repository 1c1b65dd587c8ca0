//! The button that sends a command: busy while it is on its way, disabled while it could not be sent.

use protocol::CallId;
use protocol::wire::command::{Command, MaybeCall, Switch};

use super::icon::disc;
use crate::dom::{View, el};
use crate::reactive::{Memo, fact};
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
    pub(super) fn view(self, ui: Ui, pressed: Option<Memo<bool>>, make: impl Fn(CallId) -> Command + 'static) -> View {
        self.boxed(ui, pressed, Box::new(make))
    }

    fn boxed(self, ui: Ui, pressed: Option<Memo<bool>>, make: Box<dyn Fn(CallId) -> Command>) -> View {
        let Self { part, shape, icon, label, name, call, needs_phone } = self;
        let id = call.clone();
        let busy = fact(move || ui.dispatch.pending(name, Some(&id)));
        let button = button(&["button ", shape, " ", part].concat())
            .part(part)
            .word("aria-busy", move || busy.get().then_some("true"))
            .flag("disabled", move || if needs_phone { !ui.store.usable() } else { !ui.store.connected() })
            .click(move || {
                if !busy.get_untracked() {
                    ui.dispatch.send(make(call.clone()));
                }
            })
            .child(disc(icon));
        let button = match pressed {
            Some(on) => button.truth("aria-pressed", move || on.get()),
            None => button,
        };
        match shape {
            "row" => button.named(label),
            "wide" => button.child(caption(label)),
            _ => button.label(label).child(caption(label)),
        }
    }
}

/// A button that submits nothing.
pub(super) fn button(class: &str) -> View {
    el("button", class).set("type", "button")
}

/// A small button with an icon alone, and its name.
pub(super) fn small(icon: &str, name: &str) -> View {
    button("button row").named(name).child(disc(icon))
}

/// The words on a button.
pub(super) fn caption(label: &str) -> View {
    el("span", "label").text(label)
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
