//! The whole shadow tree: pill or panel, and in the panel what there is to show.

use leptos::prelude::*;
use web_sys::ShadowRoot;

use crate::announce::announce;
use crate::clock;
use crate::components::{
    blocked, call, calls, error, fact, idle, incoming, live, phone_missing, pill, sound_settings, status_bar, text,
    trouble,
};
use crate::i18n::Texts;
use crate::store::Screen;
use crate::ui::Ui;

/// The root view. A change of language renders it anew; everything else changes in place.
pub(crate) fn app(ui: Ui, shadow: ShadowRoot) -> impl IntoView {
    clock::run(ui);
    ui.shadow.set_value(Some(shadow));
    // A pill can't show who rings, nor what went wrong: it opens for as long as that lasts.
    let small = fact(move || {
        ui.minimized.get() && ui.store.ringing.with(Option::is_none) && ui.dispatch.error.with(Option::is_none)
    });
    Effect::new(move |_| {
        ui.store.screen.track();
        ui.pad_open.set(false);
        ui.transfer_open.set(false);
    });
    live(move || {
        let t = ui.texts.get();
        let said = announce(ui, t);
        view! {
            <div class="frame" lang=t.code>
                {live(move || if small.get() { pill(ui, t) } else { panel(ui, t) })}
                <div class="sr" role="status">{text(move || said.get())}</div>
            </div>
        }
        .into_any()
    })
}

fn panel(ui: Ui, t: &'static Texts) -> AnyView {
    let main = live(move || match ui.store.screen.get() {
        Screen::Idle => idle(ui, t),
        Screen::Ringing => ().into_any(),
        Screen::Call(id) => call(ui, t, id),
    });
    view! {
        <section part="panel" class="panel" aria-label=t.phone tabindex="-1">
            {status_bar(ui, t)}
            {sound_settings(ui, t)}
            {trouble(ui, t)}
            {blocked(ui, t)}
            {phone_missing(ui, t)}
            {error(ui, t)}
            <div class="body">
                {incoming(ui, t)}
                {main}
                {calls(ui, t)}
            </div>
        </section>
    }
    .into_any()
}
