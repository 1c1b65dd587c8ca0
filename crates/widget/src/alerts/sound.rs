//! When this tab rings: the worker has chosen it, and nobody wants silence. And whether it could.

use protocol::wire::port::SoundRole;
use wasm_bindgen_futures::spawn_local;

use super::player::{self, Player};
use super::{Alerts, Wishes, tune};
use crate::browser::{self, Listener};
use crate::js;
use crate::reactive::{Effect, StoredValue, fact, on_cleanup};
use crate::ui::Ui;

/// After any of these the browser may have changed its mind. Not the press itself: the click that follows it shall still
/// find what it was meant for.
const GESTURES: [&str; 3] = ["pointerup", "keydown", "click"];

/// Rings when it is due, until the owner's end.
pub(super) fn run(ui: Ui) -> Vec<Listener> {
    let alerts = ui.alerts;
    let player = StoredValue::new(None::<Player>);
    let turns = StoredValue::new(0_u32);
    let due = fact(move || rings(ui) && role(ui) == SoundRole::Here);
    // In a call there is a voice to be heard, and a ringtone would drown it.
    let busy = fact(move || ui.store.current_is(|call| !call.held));
    Effect::new(move || {
        player.set_value(None);
        let turn = turns.get_value() + 1;
        turns.set_value(turn);
        if !due.get() {
            return;
        }
        let tune = if busy.get() { &tune::KNOCK } else { &tune::RING };
        // The call is shown first: a way to the loudspeaker takes the browser as long as all tabs together.
        browser::soon(move || {
            if turns.try_get_value() == Some(turn) {
                player.set_value(start(alerts, tune));
            }
        });
    });
    Effect::new(move || {
        let volume = alerts.wishes.with(|wishes| wishes.volume);
        player.with_value(|player| player.iter().for_each(|player| player.set_volume(volume)));
    });
    on_cleanup(move || {
        player.set_value(None);
        alerts.hush();
    });
    // Asked only now: a page that nobody touched has nothing to ask for until somebody calls, and nothing to ask for twice.
    let asks = fact(move || is_helpless(ui));
    Effect::new(move || {
        if asks.get() && (!alerts.refused.get_untracked() || was_touched()) {
            probe(alerts);
        }
    });
    GESTURES.iter().map(|name| Listener::capturing(&browser::window(), name, move |_| touched(alerts))).collect()
}

/// Begins to play, if the browser has what it takes.
fn start(alerts: Alerts, tune: &'static tune::Tune) -> Option<Player> {
    alerts.hush();
    // Another phone on this page may have changed it: pages are not told of their own writing.
    let wishes = Wishes::load();
    if wishes != alerts.wishes.get_untracked() {
        alerts.wishes.set(wishes);
    }
    let started = Player::start(tune, wishes.volume, true);
    match &started {
        Ok(player) => watch(alerts, player),
        Err(_) => give_up(alerts),
    }
    started.ok()
}

/// A call rings that is to be heard.
fn rings(ui: Ui) -> bool {
    ui.store.connected() && ui.store.ringing.with(Option::is_some) && !ui.alerts.silent()
}

fn role(ui: Ui) -> SoundRole {
    ui.role.with(|role| role.sound)
}

/// A call is to be heard, no tab may play, and nothing is known to be different for this one.
pub(super) fn is_helpless(ui: Ui) -> bool {
    rings(ui) && role(ui) == SoundRole::Blocked && !ui.alerts.may_play.get()
}

/// Whether the operator has used this page since it was loaded, which is what browsers want to see.
pub(super) fn was_touched() -> bool {
    let activation = js::get(&browser::window().navigator(), "userActivation");
    js::get(&activation, "hasBeenActive").is_truthy()
}

fn touched(alerts: Alerts) {
    if alerts.may_play.try_get_untracked() != Some(false) || !was_touched() {
        return;
    }
    if alerts.refused.get_untracked() {
        // It may be the loudspeaker that fails, not the browser that forbids.
        probe(alerts);
    } else {
        alerts.may_play.set(true);
    }
}

/// Sees whether the browser lets this tab play. Nothing is heard of it, nor written to the console.
pub(super) fn probe(alerts: Alerts) {
    let Ok(context) = player::context() else { return give_up(alerts) };
    spawn_local(async move {
        let heard = player::is_heard(&context).await;
        player::close(&context);
        if heard == Some(true) {
            alerts.refused.set(false);
            alerts.may_play.set(true);
        } else {
            give_up(alerts);
        }
    });
}

/// A chosen tab that is not heard says so: the worker then chooses another.
fn watch(alerts: Alerts, player: &Player) {
    let context = player.context();
    spawn_local(async move {
        if player::is_heard(&context).await == Some(false) {
            give_up(alerts);
        }
    });
}

fn give_up(alerts: Alerts) {
    alerts.refused.set(true);
    alerts.may_play.set(false);
}
