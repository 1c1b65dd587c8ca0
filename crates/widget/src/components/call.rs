//! The call at hand: who, how long, and what can be done with it.

use leptos::prelude::*;
use protocol::wire::command::{Command, Switch};
use protocol::{Call, CallId, CallState, Capability, view};

use super::button::{CommandButton, hangup, hold};
use super::dtmf::{Tones, pad};
use super::icon::{HANDSET, MUTE, PAD, PAUSE, TRANSFER, icon};
use super::live::{click, fact, flag, live, maybe, text, truth, when};
use super::person::{avatar, caller};
use super::transfer::transfer;
use crate::i18n::Texts;
use crate::ui::Ui;

/// The part `call`. It is made anew for each call, so pads of an earlier one are closed.
pub(crate) fn call(ui: Ui, t: &'static Texts, id: CallId) -> AnyView {
    let tones = Tones::new();
    let at_hand = ui.store.current;
    let talking = fact(move || ui.store.current_is(|call| call.state == CallState::Talking));
    let can_hang_up = fact(move || ui.store.can(Capability::Hangup));
    let transfers = fact(move || ui.transfer_open.get() && talking.get() && ui.store.can(Capability::Transfer));
    let pads = fact(move || ui.pad_open.get() && talking.get() && ui.store.can(Capability::Dtmf));
    let (of_transfer, of_pad, of_end, of_controls, of_keys) = (id.clone(), id.clone(), id.clone(), id.clone(), id);
    let keydown = move |event: web_sys::KeyboardEvent| {
        // A digit with a modifier is the browser's, and a key held down is no second press.
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.repeat() {
            return;
        }
        let key = event.key();
        if key == "Escape" && (ui.pad_open.get_untracked() || ui.transfer_open.get_untracked()) {
            // The page's own Escape is not meant.
            event.stop_propagation();
            return ui.close_pads();
        }
        if let (true, Some(digit @ ('0'..='9' | '*' | '#'))) =
            (ui.pad_open.get_untracked() && key.len() == 1, key.chars().next())
            && talking.get_untracked()
            && !ui.transfer_open.get_untracked()
        {
            tones.press(ui, &of_keys, digit);
        }
    };
    view! {
        <section
            part="call"
            class="call"
            data-held=flag(move || ui.store.current_is(|call| call.held))
            data-dialing=flag(move || !talking.get())
            data-open=flag(move || pads.get())
            aria-label=t.in_call
            on:keydown=keydown
        >
            <div class="party">
                <div class="ring">{live(move || maybe(at_hand.get().map(|call| avatar(&call))))}</div>
                <div class="who">
                    {live(move || maybe(at_hand.get().map(|call| caller(&call, t))))}
                    {facts(ui, t, talking)}
                </div>
            </div>
            {when(talking, move || controls(ui, t, &of_controls))}
            {when(transfers, move || transfer(ui, t, of_transfer.clone()))}
            {when(pads, move || pad(ui, t, of_pad.clone(), tones))}
            {when(can_hang_up, move || {
                let end = CommandButton {
                    part: "hangup", shape: "wide", icon: HANDSET, label: t.hangup, name: "CMD_HANGUP", call: of_end.clone(), needs_phone: false,
                };
                end.view(ui, None, hangup)
            })}
        </section>
    }
    .into_any()
}

/// "Calling…", or the timer with what else is to be known.
fn facts(ui: Ui, t: &'static Texts, talking: Memo<bool>) -> AnyView {
    let tag = move |words: &'static str, is: fn(&Call) -> bool| {
        when(fact(move || ui.store.current_is(is)), move || view! { <span class="tag">{words}</span> }.into_any())
    };
    view! {
        <div class="facts">
            {live(move || if talking.get() { timer(ui, t) } else { view! { <span class="calling">{t.calling}</span> }.into_any() })}
            {tag(t.on_hold, |call| call.held)}
            {tag(t.muted, |call| call.muted && !call.held)}
        </div>
    }
    .into_any()
}

/// The part `timer`.
pub(super) fn timer(ui: Ui, t: &'static Texts) -> AnyView {
    let text = text(move || {
        ui.now.track();
        let start = ui.store.current.with(|call| call.as_ref().and_then(|call| call.start_time));
        // The clock itself, not its last tick: right from the first moment on.
        start.map(|start| view::timer_text(view::elapsed(start, crate::clock::now()))).unwrap_or_default()
    });
    view! { <span part="timer" class="timer" role="timer" aria-label=t.duration>{text}</span> }.into_any()
}

fn controls(ui: Ui, t: &'static Texts, id: &CallId) -> AnyView {
    let is = move |is: fn(&Call) -> bool| fact(move || ui.store.current_is(is));
    let (muted, held) = (is(|call| call.muted), is(|call| call.held));
    let round = |part, icon, label, name| CommandButton {
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
    view! {
        <div class="controls" role="group" aria-label=t.in_call>
            {maybe(can(Capability::Mute).then(|| round("mute", MUTE, t.mute, "CMD_MUTE").view(ui, Some(muted), mute)))}
            {maybe(can(Capability::Hold).then(|| round("hold", PAUSE, t.hold, "CMD_HOLD").view(ui, Some(held), park)))}
            {maybe(can(Capability::Dtmf).then(|| opener(ui, "dtmf", PAD, t.pad, ui.pad_open)))}
            {maybe(can(Capability::Transfer).then(|| opener(ui, "transfer", TRANSFER, t.transfer, ui.transfer_open)))}
        </div>
    }
    .into_any()
}

/// A round button that opens and closes something of this tab alone.
fn opener(ui: Ui, part: &'static str, path: &'static str, label: &'static str, open: RwSignal<bool>) -> AnyView {
    let toggle = click(move || {
        let on = !open.get_untracked();
        // One at a time: there is no room for both.
        ui.pad_open.set(false);
        ui.transfer_open.set(false);
        open.set(on);
    });
    view! {
        <button
            type="button"
            part=part
            class="button round"
            aria-label=label
            aria-expanded=truth(move || open.get())
            disabled=flag(move || !ui.store.usable())
            on:click=toggle
        >
            <span class="disc">{icon(path)}</span>
            <span class="label">{label}</span>
        </button>
    }
    .into_any()
}
