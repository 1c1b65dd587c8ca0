//! The bell with what the operator may set about ringing, and the notice that the browser keeps the phone silent.

use leptos::html;
use leptos::prelude::*;

use super::icon::{ALERT, BELL, BELL_OFF, PLAY, SPEAKER, SPEAKER_OFF, icon};
use super::live::{click, fact, flag, live, maybe, truth, when, word};
use crate::alerts::{self, Permission};
use crate::focus;
use crate::i18n::Texts;
use crate::ui::Ui;

/// Name of the settings within the shadow tree, for the bell to point at.
const SETTINGS: &str = "sound-settings";

/// The part `sound`: opens the settings, and shows that the phone is silent.
pub(super) fn bell(ui: Ui, t: &'static Texts) -> AnyView {
    let (alerts, open) = (ui.alerts, ui.alerts.open);
    let label = move || Some(if alerts.silent() { t.alerts.settings_silent } else { t.alerts.settings });
    view! {
        <button
            type="button"
            part="sound"
            class="button row"
            title=word(label)
            aria-label=word(label)
            aria-expanded=truth(move || open.get())
            aria-controls=SETTINGS
            on:click=click(move || open.update(|open| *open = !*open))
            on:keydown=escape(ui)
        >
            <span class="disc">{live(move || icon(if alerts.silent() { BELL_OFF } else { BELL }))}</span>
        </button>
    }
    .into_any()
}

/// What Escape does in the settings and on the bell.
fn escape(ui: Ui) -> Box<dyn FnMut(web_sys::KeyboardEvent)> {
    Box::new(move |event| {
        if event.key() == "Escape" && ui.alerts.open.get_untracked() {
            event.stop_propagation();
            ui.alerts.open.set(false);
            focus::hand_over(ui, "[part=sound]");
        }
    })
}

/// The settings, while they are open.
pub(crate) fn sound_settings(ui: Ui, t: &'static Texts) -> AnyView {
    let open = ui.alerts.open;
    when(fact(move || open.get()), move || {
        on_cleanup(move || ui.alerts.hush());
        view! {
            <div id=SETTINGS class="settings" role="group" aria-label=t.alerts.settings on:keydown=escape(ui)>
                <span class="label" aria-hidden="true">{t.alerts.ringtone}</span>
                {ringtone(ui, t)}
                {notices(ui, t)}
            </div>
        }
        .into_any()
    })
}

/// Silence, volume, and how it sounds.
fn ringtone(ui: Ui, t: &'static Texts) -> AnyView {
    let alerts = ui.alerts;
    let range = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let volume = alerts.wishes.with(|wishes| wishes.volume);
        if let Some(range) = range.get() {
            range.set_value(&volume.to_string());
        }
    });
    let turn = move |_: web_sys::Event| {
        let Some(volume) = range.get_untracked().and_then(|range| range.value().parse().ok()) else { return };
        alerts.wish(|wishes| wishes.volume = volume);
    };
    view! {
        <div class="ringtone">
            <button
                type="button"
                part="silence"
                class="button row"
                title=t.alerts.silent
                aria-label=t.alerts.silent
                aria-pressed=truth(move || alerts.silent())
                on:click=click(move || alerts.wish(|wishes| wishes.silent = !wishes.silent))
            >
                <span class="disc">{live(move || icon(if alerts.silent() { SPEAKER_OFF } else { SPEAKER }))}</span>
            </button>
            <input
                type="range"
                part="volume"
                min="0"
                max="100"
                step="5"
                node_ref=range
                aria-label=t.alerts.volume
                title=t.alerts.volume
                on:input=turn
            />
            <button
                type="button"
                part="play"
                class="button row"
                title=t.alerts.play
                aria-label=t.alerts.play
                on:click=click(move || alerts.preview())
            >
                <span class="disc">{icon(PLAY)}</span>
            </button>
        </div>
    }
    .into_any()
}

/// The part `notices`, where the browser has notifications.
fn notices(ui: Ui, t: &'static Texts) -> AnyView {
    let (alerts, permission) = (ui.alerts, ui.alerts.permission);
    let there = fact(move || permission.get() != Permission::Absent);
    let denied = fact(move || permission.get() == Permission::Denied);
    let on = fact(move || alerts.notifies());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.set_checked(on.get());
        }
    });
    let change = move |_: web_sys::Event| {
        let Some(field) = field.get_untracked() else { return };
        let wanted = field.checked();
        alerts.wish(|wishes| wishes.notices = wanted);
        if wanted && permission.get_untracked() != Permission::Granted {
            // Not before the operator has answered the browser.
            field.set_checked(false);
            alerts.ask_permission();
        }
    };
    let change = StoredValue::new_local(change);
    when(there, move || {
        view! {
            <label class="check">
                <input type="checkbox" part="notices" node_ref=field disabled=flag(move || denied.get()) on:change=move |event| change.get_value()(event) />
                <span>{t.alerts.notices}</span>
            </label>
            {live(move || maybe(denied.get().then(|| view! { <p class="hint">{t.alerts.notices_denied}</p> }.into_any())))}
        }
        .into_any()
    })
}

/// The part `sound-blocked`: a click anywhere on it is what the browser waits for.
pub(crate) fn blocked(ui: Ui, t: &'static Texts) -> AnyView {
    when(fact(move || alerts::is_blocked(ui)), move || {
        view! {
            <div part="sound-blocked" class="notice warning blocked" role="alert" on:click=click(move || ui.alerts.unlock())>
                {icon(ALERT)}
                <span class="words">
                    <b>{t.alerts.blocked}</b>{t.alerts.blocked_hint}
                    <button type="button" class="button text">{t.alerts.unlock}</button>
                </span>
            </div>
        }
        .into_any()
    })
}
