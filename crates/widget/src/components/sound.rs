//! The bell with what the operator may set about ringing, and the notice that the browser keeps the phone silent.

use wasm_bindgen::JsCast;
use web_sys::{Event, KeyboardEvent};

use super::button::{button, small};
use super::icon::{BELL, BELL_OFF, PLAY, SPEAKER, SPEAKER_OFF, icon};
use super::notice::{warning, words};
use crate::alerts::{self, Alerts, Permission};
use crate::browser;
use crate::dom::{View, el, live, when};
use crate::focus;
use crate::i18n::Texts;
use crate::js;
use crate::reactive::{Effect, fact, on_cleanup};
use crate::ui::Ui;

/// Name of the settings within the shadow tree, for the bell to point at.
const SETTINGS: &str = "sound-settings";

/// The part `sound`: opens the settings, and shows that the phone is silent.
pub(super) fn bell(ui: Ui, t: &'static Texts) -> View {
    let (alerts, open) = (ui.alerts, ui.alerts.open);
    let label = move || Some(if alerts.silent() { t.alerts.settings_silent } else { t.alerts.settings });
    button("button row")
        .part("sound")
        .word("title", label)
        .word("aria-label", label)
        .truth("aria-expanded", move || open.get())
        .set("aria-controls", SETTINGS)
        .click(move || open.update(|open| *open = !*open))
        .on("keydown", move |event| escape(ui, &event))
        .child(silence_disc(alerts, BELL, BELL_OFF))
}

/// One icon, or the other while the phone is silent.
fn silence_disc(alerts: Alerts, loud: &'static str, silent: &'static str) -> View {
    el("span", "disc").child(live(move || Some(icon(if alerts.silent() { silent } else { loud }))))
}

/// What Escape does in the settings and on the bell.
fn escape(ui: Ui, event: &Event) {
    if event.unchecked_ref::<KeyboardEvent>().key() == "Escape" && ui.alerts.open.get_untracked() {
        event.stop_propagation();
        ui.alerts.open.set(false);
        focus::hand_over(ui, "[part=sound]");
    }
}

/// The settings, while they are open.
pub(crate) fn sound_settings(ui: Ui, t: &'static Texts) -> View {
    let open = ui.alerts.open;
    when(fact(move || open.get()), move || {
        on_cleanup(move || ui.alerts.hush());
        el("div", "settings")
            .set("id", SETTINGS)
            .set("role", "group")
            .label(t.alerts.settings)
            .on("keydown", move |event| escape(ui, &event))
            .child(el("span", "label").set("aria-hidden", "true").text(t.alerts.ringtone))
            .child(ringtone(ui, t))
            .child(notices(ui, t))
            .child(denied(ui, t))
    })
}

/// Silence, volume, and how it sounds.
fn ringtone(ui: Ui, t: &'static Texts) -> View {
    let alerts = ui.alerts;
    let silence = button("button row")
        .part("silence")
        .named(t.alerts.silent)
        .truth("aria-pressed", move || alerts.silent())
        .click(move || alerts.wish(|wishes| wishes.silent = !wishes.silent))
        .child(silence_disc(alerts, SPEAKER, SPEAKER_OFF));
    let mut range = el("input", "").part("volume").named(t.alerts.volume);
    // A value that comes before its bounds would be cut to others.
    for (name, value) in [("type", "range"), ("min", "0"), ("max", "100"), ("step", "5")] {
        range = range.set(name, value);
    }
    let field = range.element();
    let range =
        range.live_value(move || alerts.wishes.with(|wishes| wishes.volume).to_string()).on("input", move |_| {
            if let Ok(volume) = browser::value(&field).parse() {
                alerts.wish(|wishes| wishes.volume = volume);
            }
        });
    let play = small(PLAY, t.alerts.play).part("play").click(move || alerts.preview());
    el("div", "ringtone").child(silence).child(range).child(play)
}

/// The part `notices`, where the browser has notifications.
fn notices(ui: Ui, t: &'static Texts) -> View {
    let (alerts, permission) = (ui.alerts, ui.alerts.permission);
    let there = fact(move || permission.get() != Permission::Absent);
    when(there, move || {
        let check = el("input", "")
            .set("type", "checkbox")
            .part("notices")
            .flag("disabled", move || permission.get() == Permission::Denied);
        let (shown, field) = (check.element(), check.element());
        Effect::new(move || js::set(&shown, "checked", &alerts.notifies().into()));
        let check = check.on("change", move |_| {
            let wanted = js::get(&field, "checked").is_truthy();
            alerts.wish(|wishes| wishes.notices = wanted);
            if wanted && permission.get_untracked() != Permission::Granted {
                // Not before the operator has answered the browser.
                js::set(&field, "checked", &false.into());
                alerts.ask_permission();
            }
        });
        el("label", "check").child(check).child(el("span", "").text(t.alerts.notices))
    })
}

/// Says that the browser shows none.
fn denied(ui: Ui, t: &'static Texts) -> View {
    let denied = fact(move || ui.alerts.permission.get() == Permission::Denied);
    when(denied, move || el("p", "hint").text(t.alerts.notices_denied))
}

/// The part `sound-blocked`: a click anywhere on it is what the browser waits for.
pub(crate) fn blocked(ui: Ui, t: &'static Texts) -> View {
    when(fact(move || alerts::is_blocked(ui)), move || {
        let unlock = button("button text").text(t.alerts.unlock);
        warning()
            .set("class", "notice warning blocked")
            .part("sound-blocked")
            .set("role", "alert")
            .click(move || ui.alerts.unlock())
            .child(words(t.alerts.blocked, t.alerts.blocked_hint).child(unlock))
    })
}
