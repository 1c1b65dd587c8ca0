//! A call that rings: the overlay with the green and the red button.

use leptos::html;
use leptos::prelude::*;
use protocol::{Call, Capability};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ShadowRoot};

use super::button::{CommandButton, answer, hangup};
use super::icon::HANDSET;
use super::live::{fact, flag, live, maybe, when};
use super::person::{avatar, caller};
use crate::browser;
use crate::i18n::Texts;
use crate::store::Screen;
use crate::ui::Ui;

/// The part `incoming`, while a call rings. It takes the focus, and gives it back to where it was.
pub(crate) fn incoming(ui: Ui, t: &'static Texts) -> AnyView {
    let rings = fact(move || ui.store.ringing.with(Option::is_some));
    when(rings, move || overlay(ui, t))
}

fn overlay(ui: Ui, t: &'static Texts) -> AnyView {
    let dialog = NodeRef::<html::Div>::new();
    let panel = ui.shadow;
    let before = StoredValue::new_local(panel.get_value().as_ref().and_then(browser::focused));
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        // Both have the browser lay out the page. With the next frame it does so anyway; and where nobody looks there is none
        // until somebody does, who is then called to a phone that still rings.
        request_animation_frame(move || {
            if !dialog.is_connected() {
                return;
            }
            // In a small window the panel may be scrolled, and the call is at its top.
            if let Ok(Some(panel)) = dialog.closest(".panel") {
                panel.set_scroll_top(0);
            }
            // The dialog itself, not a button: a key that was meant for the page must not answer.
            browser::focus(&dialog);
        });
    });
    let back = move || {
        if let (Some(before), Some(Some(shadow))) = (before.try_get_value(), panel.try_get_value()) {
            give_back(before, &shadow);
        }
    };
    on_cleanup(move || {
        // Both values end with this owner: read them now, act when the new view stands.
        let (before, shadow) = (before.try_get_value(), panel.try_get_value());
        if let (Some(before), Some(Some(shadow))) = (before, shadow) {
            queue_microtask(move || give_back(before, &shadow));
        }
    });
    let compact = flag(move || ui.store.screen.with(|screen| matches!(screen, Screen::Call(_))));
    view! {
        <div
            part="incoming"
            class="incoming"
            data-compact=compact
            role="alertdialog"
            aria-labelledby="incoming-title"
            aria-describedby="incoming-who"
            tabindex="-1"
            node_ref=dialog
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    back();
                }
            }
        >
            {live(move || maybe(ui.store.ringing.get().map(|call| ringing(ui, t, &call))))}
        </div>
    }
    .into_any()
}

fn ringing(ui: Ui, t: &'static Texts, call: &Call) -> AnyView {
    let button = |part, label, name, needs_phone| CommandButton {
        part,
        shape: "round",
        icon: HANDSET,
        label,
        name,
        call: call.id.clone(),
        needs_phone,
    };
    let reject = ui
        .store
        .can(Capability::Reject)
        .then(|| button("reject", t.reject, "CMD_HANGUP", false).view(ui, None, hangup));
    let take =
        ui.store.can(Capability::Answer).then(|| button("answer", t.answer, "CMD_ANSWER", true).view(ui, None, answer));
    view! {
        <div class="ring">{avatar(call)}</div>
        <div class="who">
            <div class="eyebrow" id="incoming-title">{t.incoming}</div>
            <div id="incoming-who">{caller(call, t)}</div>
        </div>
        <div class="choice">{maybe(reject)}{maybe(take)}</div>
    }
    .into_any()
}

/// Gives the focus back where the overlay, or nothing at all, has it now; a focus that moved on is left alone.
fn give_back(before: Option<HtmlElement>, shadow: &ShadowRoot) {
    let now = browser::focused(shadow);
    let host = shadow.host();
    let ours = |it: &HtmlElement| {
        it.tag_name() == "BODY" || *it == *host.unchecked_ref() || matches!(it.closest("[part=incoming]"), Ok(Some(_)))
    };
    if !now.as_ref().is_none_or(ours) {
        return;
    }
    match before.filter(|it| it.is_connected() && it.tag_name() != "BODY") {
        Some(before) => browser::focus(&before),
        None => {
            // There was no focus, or its place is gone: leave the reader at the panel, or the page as it was.
            if let Some(now) = now.filter(|it| it.tag_name() != "BODY") {
                let _ = now.blur();
            }
        }
    }
}
