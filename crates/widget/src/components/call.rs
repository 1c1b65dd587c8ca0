//! The call at hand: who, how long, and what can be done with it.

use protocol::wire::command::{Command, Switch};
use protocol::{Call, CallId, CallState, Capability, view};
use wasm_bindgen::JsCast;
use web_sys::{Event, KeyboardEvent};

use super::button::{CommandButton, button, caption, hangup, hold};
use super::dtmf::{Tones, pad};
use super::icon::{HANDSET, MUTE, PAD, PAUSE, TRANSFER, disc};
use super::person::{avatar, caller, party};
use super::transfer::transfer;
use crate::dom::{View, el, live, when};
use crate::i18n::Texts;
use crate::reactive::{Memo, RwSignal, fact};
use crate::ui::Ui;

/// The part `call`. It is made anew for each call, so pads of an earlier one are closed.
pub(crate) fn call(ui: Ui, t: &'static Texts, id: CallId) -> View {
    let tones = Tones::new();
    let who = party(ui.store.current);
    let talking = fact(move || ui.store.current_is(|call| call.state == CallState::Talking));
    let can_hang_up = fact(move || ui.store.can(Capability::Hangup));
    let transfers = fact(move || ui.transfer_open.get() && talking.get() && ui.store.can(Capability::Transfer));
    let pads = fact(move || ui.pad_open.get() && talking.get() && ui.store.can(Capability::Dtmf));
    let (of_transfer, of_pad, of_end, of_controls, of_keys) = (id.clone(), id.clone(), id.clone(), id.clone(), id);
    el("section", "call")
        .part("call")
        .label(t.in_call)
        .flag("data-held", move || ui.store.current_is(|call| call.held))
        .flag("data-dialing", move || !talking.get())
        .flag("data-open", move || pads.get())
        .on("keydown", move |event| key(ui, talking, tones, &of_keys, &event))
        .child(
            el("div", "party").child(el("div", "ring").child(live(move || who.get().map(|call| avatar(&call))))).child(
                el("div", "who")
                    .child(live(move || who.get().map(|call| caller(&call, t))))
                    .child(facts(ui, t, talking)),
            ),
        )
        .child(when(talking, move || controls(ui, t, &of_controls)))
        .child(when(transfers, move || transfer(ui, t, &of_transfer)))
        .child(when(pads, move || pad(ui, t, &of_pad, tones)))
        .child(when(can_hang_up, move || end(ui, t, "wide", of_end.clone())))
}

/// The part `hangup`, in this shape.
pub(super) fn end(ui: Ui, t: &'static Texts, shape: &'static str, call: CallId) -> View {
    let (part, name) = ("hangup", "CMD_HANGUP");
    CommandButton { part, shape, icon: HANDSET, label: t.hangup, name, call, needs_phone: false }.view(ui, None, hangup)
}

/// What a key does anywhere in the call.
fn key(ui: Ui, talking: Memo<bool>, tones: Tones, call: &CallId, event: &Event) {
    let pressed: &KeyboardEvent = event.unchecked_ref();
    // A digit with a modifier is the browser's, and a key held down is no second press.
    if pressed.ctrl_key() || pressed.alt_key() || pressed.meta_key() || pressed.repeat() {
        return;
    }
    let key = pressed.key();
    let (pad, transfer) = (ui.pad_open.get_untracked(), ui.transfer_open.get_untracked());
    if key == "Escape" && (pad || transfer) {
        // The page's own Escape is not meant.
        event.stop_propagation();
        return ui.close_pads();
    }
    let tone = matches!(key.as_bytes(), [b'0'..=b'9' | b'*' | b'#']);
    if tone && pad && !transfer && talking.get_untracked() {
        tones.press(ui, call, &key);
    }
}

/// "Calling…", or the timer with what else is to be known.
fn facts(ui: Ui, t: &'static Texts, talking: Memo<bool>) -> View {
    let tag = move |words: &'static str, is: fn(&Call) -> bool| {
        when(fact(move || ui.store.current_is(is)), move || el("span", "tag").text(words))
    };
    el("div", "facts")
        .child(live(move || Some(if talking.get() { timer(ui, t) } else { el("span", "calling").text(t.calling) })))
        .child(tag(t.on_hold, |call| call.held))
        .child(tag(t.muted, |call| call.muted && !call.held))
}

/// The part `timer`.
pub(super) fn timer(ui: Ui, t: &'static Texts) -> View {
    el("span", "timer").part("timer").set("role", "timer").label(t.duration).live_text(move || {
        ui.now.track();
        let start = ui.store.current.with(|call| call.as_ref().and_then(|call| call.start_time));
        // The clock itself, not its last tick: right from the first moment on.
        start.map(|start| view::timer_text(view::elapsed(start, crate::clock::now()))).unwrap_or_default()
    })
}

fn controls(ui: Ui, t: &'static Texts, id: &CallId) -> View {
    let is = move |is: fn(&Call) -> bool| fact(move || ui.store.current_is(is));
    let (muted, held) = (is(|call| call.muted), is(|call| call.held));
    let toggle = |part, icon, label, name| CommandButton {
        part,
        shape: "round",
        icon,
        label,
        name,
        call: id.clone(),
        needs_phone: true,
    };
    let mute = move |call_id| Command::Mute(Switch { call_id, on: !muted.get_untracked() });
    let park = move |call_id| hold(call_id, !held.get_untracked());
    let can = |what| ui.store.can(what);
    el("div", "controls")
        .set("role", "group")
        .label(t.in_call)
        .maybe(can(Capability::Mute).then(|| toggle("mute", MUTE, t.mute, "CMD_MUTE").view(ui, Some(muted), mute)))
        .maybe(can(Capability::Hold).then(|| toggle("hold", PAUSE, t.hold, "CMD_HOLD").view(ui, Some(held), park)))
        .maybe(can(Capability::Dtmf).then(|| opener(ui, "dtmf", PAD, t.pad, ui.pad_open)))
        .maybe(can(Capability::Transfer).then(|| opener(ui, "transfer", TRANSFER, t.transfer, ui.transfer_open)))
}

/// A round button that opens and closes something of this tab alone.
fn opener(ui: Ui, part: &'static str, path: &'static str, label: &'static str, open: RwSignal<bool>) -> View {
    button("button round")
        .part(part)
        .label(label)
        .truth("aria-expanded", move || open.get())
        .flag("disabled", move || !ui.store.usable())
        .click(move || {
            let on = !open.get_untracked();
            // One at a time: there is no room for both.
            ui.pad_open.set(false);
            ui.transfer_open.set(false);
            open.set(on);
        })
        .child(disc(path))
        .child(caption(label))
}
