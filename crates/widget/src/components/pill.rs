//! The phone made small: its light, the call and its timer, and the way back.

use protocol::{CallState, Capability};

use super::button::button;
use super::call::{end, timer};
use super::icon::{HANDSET, UP, icon};
use super::person::title;
use crate::dom::{View, el, live, when};
use crate::i18n::Texts;
use crate::reactive::fact;
use crate::store::Screen;
use crate::ui::Ui;

/// The part `panel`, minimised.
pub(crate) fn pill(ui: Ui, t: &'static Texts) -> View {
    let store = ui.store;
    let current = store.current;
    let talking = fact(move || store.current_is(|call| call.state == CallState::Talking));
    // Without a call it says in words what its light says in colour.
    let state =
        move || if store.connected() { t.operator(store.operator.get()) } else { t.connection(store.connection.get()) };
    let words = move || current.with(|call| call.as_ref().map_or_else(|| state().to_owned(), |call| title(call, t)));
    // What the operator must not overlook about the call, and whether there are more.
    let tag = move || {
        let words = current.with(|call| match call.as_ref()? {
            call if call.state == CallState::Dialing => Some(t.calling),
            call if call.held => Some(t.on_hold),
            call if call.muted => Some(t.muted),
            _ => None,
        });
        words.map(|words| el("span", "tag").text(words))
    };
    let more = move || {
        let count = store.others.with(Vec::len) as u64;
        (count > 0).then(|| el("span", "tag").text(&t.counted(count, t.counts.more_calls)))
    };
    let end = move || match store.screen.get() {
        Screen::Call(call) if store.can(Capability::Hangup) => Some(end(ui, t, "row", call)),
        _ => None,
    };
    let light = move || Some(if store.connected() { store.operator.get().as_str() } else { "lost" });
    let open = button("open")
        .part("minimize")
        .set("aria-expanded", "false")
        .click(move || ui.minimize(false))
        .child(el("span", "badge").word("data-status", light).child(icon(HANDSET)).child(el("span", "dot")))
        .child(
            el("span", "about")
                .child(el("bdi", "words").live_text(words))
                .child(el("span", "tags").child(live(tag)).child(live(more))),
        )
        .child(when(talking, move || timer(ui, t)))
        .child(el("span", "sr").text(t.restore))
        .child(icon(UP));
    el("section", "pill")
        .part("panel")
        .flag("data-held", move || store.current_is(|call| call.held))
        .label(t.phone)
        .child(open)
        .child(live(end))
}
