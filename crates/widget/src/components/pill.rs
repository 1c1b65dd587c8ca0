//! The phone made small: its light, the call and its timer, and the way back.

use leptos::prelude::*;
use protocol::{CallState, Capability};

use super::button::{CommandButton, hangup};
use super::call::timer;
use super::icon::{HANDSET, UP, icon};
use super::live::{click, fact, flag, live, text, when, word};
use super::person::title;
use crate::i18n::Texts;
use crate::store::Screen;
use crate::ui::Ui;

/// The part `panel`, minimised.
pub(crate) fn pill(ui: Ui, t: &'static Texts) -> AnyView {
    let store = ui.store;
    let current = store.current;
    let talking = fact(move || store.current_is(|call| call.state == CallState::Talking));
    // Without a call it says in words what its light says in colour.
    let state =
        move || if store.connected() { t.operator(store.operator.get()) } else { t.connection(store.connection.get()) };
    let words =
        text(move || current.with(|call| call.as_ref().map_or_else(|| state().to_owned(), |call| title(call, t))));
    // What the operator must not overlook about the call, and whether there are more.
    let tags = live(move || {
        let state = current.with(|call| match call.as_ref()? {
            call if call.state == CallState::Dialing => Some(t.calling),
            call if call.held => Some(t.on_hold),
            call if call.muted => Some(t.muted),
            _ => None,
        });
        let count = store.others.with(Vec::len) as u64;
        let more = (count > 0).then(|| t.counted(count, t.counts.more_calls));
        let tags = state.map(str::to_owned).into_iter().chain(more);
        tags.map(|words| view! { <span class="tag">{words}</span> }.into_any()).collect_view().into_any()
    });
    let end = live(move || match store.screen.get() {
        Screen::Call(call) if store.can(Capability::Hangup) => {
            let button = CommandButton {
                part: "hangup",
                shape: "row",
                icon: HANDSET,
                label: t.hangup,
                name: "CMD_HANGUP",
                call,
                needs_phone: false,
            };
            button.view(ui, None, hangup)
        }
        _ => ().into_any(),
    });
    let light = word(move || Some(if store.connected() { store.operator.get().as_str() } else { "lost" }));
    view! {
        <section part="panel" class="pill" data-held=flag(move || store.current_is(|call| call.held)) aria-label=t.phone>
            <button
                type="button"
                part="minimize"
                class="open"
                aria-expanded="false"
                on:click=click(move || ui.minimize(false))
            >
                <span class="badge" data-status=light>{icon(HANDSET)}<span class="dot"></span></span>
                <span class="about"><bdi class="words">{words}</bdi><span class="tags">{tags}</span></span>
                {when(talking, move || timer(ui, t))}
                <span class="sr">{t.restore}</span>
                {icon(UP)}
            </button>
            {end}
        </section>
    }
    .into_any()
}
