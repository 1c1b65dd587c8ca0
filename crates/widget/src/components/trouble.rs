//! Why there is no line to the phone's worker, and what the operator can do about it.

use std::time::Duration;

use super::button::button;
use super::notice::{warning, words};
use crate::browser;
use crate::delay::Delay;
use crate::dom::{View, el, live};
use crate::i18n::Texts;
use crate::reactive::{Effect, RwSignal, fact};
use crate::trouble::Trouble;
use crate::ui::Ui;

/// How long a lost connection may take to come back before the operator is told what to look at.
const PATIENCE: Duration = Duration::from_secs(10);

/// The notice, while there is trouble.
pub(crate) fn trouble(ui: Ui, t: &'static Texts) -> View {
    let long = RwSignal::new(false);
    let connected = fact(move || ui.store.connected());
    let mut waiting = None::<Delay>;
    Effect::new(move || {
        waiting.take();
        long.set(false);
        waiting = (!connected.get()).then(|| Delay::new(PATIENCE, move || long.set(true)));
    });
    live(move || {
        let trouble = ui.trouble.get().or_else(|| long.get().then_some(Trouble::Unreachable));
        trouble.map(|trouble| notice(ui, t, trouble))
    })
}

fn notice(ui: Ui, t: &'static Texts, trouble: Trouble) -> View {
    let (title, hint) = match trouble {
        Trouble::Unreachable => (t.trouble.unreachable, t.trouble.unreachable_hint),
        Trouble::NotAllowed => (t.trouble.not_allowed, t.trouble.not_allowed_hint),
        Trouble::Policy => (t.trouble.policy, t.trouble.not_allowed_hint),
        Trouble::Asks => (t.trouble.asks, t.trouble.asks_hint),
        Trouble::Denied => (t.trouble.denied, t.trouble.denied_hint),
        Trouble::Locked => (t.trouble.locked, t.trouble.locked_hint),
        Trouble::Outdated => (t.trouble.outdated, t.trouble.outdated_hint),
        Trouble::Insecure => (t.trouble.unreachable, t.trouble.insecure_hint),
    };
    let text = words(title, hint);
    let text = match trouble {
        // For the administrator, from the operator's mouth.
        Trouble::NotAllowed | Trouble::Policy => {
            text.child(el("bdi", "page").text(&browser::window().location().origin().unwrap_or_default()))
        }
        Trouble::Asks => {
            let ask = move || ui.ask.with_value(|ask| ask.iter().for_each(|ask| ask()));
            text.child(button("button text").part("allow").text(t.trouble.allow).click(ask))
        }
        Trouble::Outdated => {
            // Fails for no page that is shown.
            let reload = || drop(browser::window().location().reload());
            text.child(button("button text").part("reload").text(t.trouble.reload).click(reload))
        }
        _ => text,
    };
    warning().part("trouble").set("role", "status").child(text)
}
