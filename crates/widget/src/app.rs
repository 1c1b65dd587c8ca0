//! The whole shadow tree: pill or panel, and in the panel what there is to show.

use leptos::prelude::*;
use protocol::CallState;
use web_sys::ShadowRoot;

use crate::clock;
use crate::components::{call, calls, error, fact, idle, incoming, live, phone_missing, pill, status_bar, text, trouble};
use crate::i18n::Texts;
use crate::store::Screen;
use crate::ui::Ui;

/// The root view. A change of language renders it anew; everything else changes in place.
pub(crate) fn app(ui: Ui, shadow: ShadowRoot) -> impl IntoView {
    clock::run(ui);
    // A pill can't show who rings: it opens for as long as somebody does.
    let small = fact(move || ui.minimized.get() && ui.store.ringing.with(Option::is_none));
    Effect::new(move |_| {
        ui.store.screen.track();
        ui.pad_open.set(false);
        ui.transfer_open.set(false);
    });
    let shadow = StoredValue::new_local(shadow);
    live(move || {
        let t = ui.texts.get();
        view! {
            <div class="frame" lang=t.code>
                {live(move || if small.get() { pill(ui, t) } else { panel(ui, t, shadow.get_value()) })}
            </div>
        }
        .into_any()
    })
}

fn panel(ui: Ui, t: &'static Texts, shadow: ShadowRoot) -> AnyView {
    let main = live(move || match ui.store.screen.get() {
        Screen::Idle => idle(ui, t),
        Screen::Ringing => ().into_any(),
        Screen::Call(id) => call(ui, t, id),
    });
    view! {
        <section part="panel" class="panel" aria-label=t.phone tabindex="-1">
            {status_bar(ui, t)}
            {trouble(ui, t)}
            {phone_missing(ui, t)}
            {error(ui, t)}
            <div class="body">
                {incoming(ui, t, shadow)}
                {main}
                {calls(ui, t)}
            </div>
            <div class="sr" role="status">{text(move || news(ui, t).to_owned())}</div>
        </section>
    }
    .into_any()
}

/// What a screen reader says when the call changes.
fn news(ui: Ui, t: &'static Texts) -> &'static str {
    let state = ui.store.current.with(|call| call.as_ref().map(|call| (call.state, call.held)));
    match state {
        None => "",
        Some((CallState::Talking, true)) => t.on_hold,
        Some((CallState::Talking, false)) => t.in_call,
        Some(_) => t.calling,
    }
}
