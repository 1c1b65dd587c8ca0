//! The whole shadow tree: pill or panel, and in the panel what there is to show.

use crate::announce::announce;
use crate::clock;
use crate::components::{
    blocked, call, calls, error, idle, incoming, phone_missing, pill, sound_settings, status_bar, trouble,
};
use crate::dom::{View, el, live};
use crate::i18n::Texts;
use crate::reactive::{Effect, fact};
use crate::store::Screen;
use crate::ui::Ui;

/// The root view. A change of language renders what is in it anew; everything else changes in place.
pub(crate) fn app(ui: Ui) -> View {
    clock::run(ui);
    // A pill can't show who rings, nor what went wrong: it opens for as long as that lasts.
    let small = fact(move || {
        ui.minimized.get() && ui.store.ringing.with(Option::is_none) && ui.dispatch.error.with(Option::is_none)
    });
    Effect::new(move || {
        ui.store.screen.track();
        ui.pad_open.set(false);
        ui.transfer_open.set(false);
    });
    let face = move || {
        let t = ui.texts.get();
        Some(if small.get() { pill(ui, t) } else { panel(ui, t) })
    };
    let news = move || {
        let said = announce(ui, ui.texts.get());
        Some(el("div", "sr").set("role", "status").live_text(move || said.get()))
    };
    el("div", "frame").word("lang", move || Some(ui.texts.get().code)).child(live(face)).child(live(news))
}

fn panel(ui: Ui, t: &'static Texts) -> View {
    let main = move || match ui.store.screen.get() {
        Screen::Idle => Some(idle(ui, t)),
        Screen::Ringing => None,
        Screen::Call(id) => Some(call(ui, t, id)),
    };
    el("section", "panel")
        .part("panel")
        .label(t.phone)
        .set("tabindex", "-1")
        .child(status_bar(ui, t))
        .child(sound_settings(ui, t))
        .child(trouble(ui, t))
        .child(blocked(ui, t))
        .child(phone_missing(ui, t))
        .child(error(ui, t))
        .child(el("div", "body").child(incoming(ui, t)).child(live(main)).child(calls(ui, t)))
}
