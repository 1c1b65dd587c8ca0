//! A call that rings: the overlay with the green and the red button.

use protocol::{Call, Capability};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, ShadowRoot};

use super::button::{CommandButton, answer, hangup};
use super::icon::HANDSET;
use super::person::{avatar, caller, party};
use crate::browser;
use crate::delay::{in_frame, in_microtask};
use crate::dom::{View, el, live, when};
use crate::i18n::Texts;
use crate::reactive::{Effect, StoredValue, fact, on_cleanup};
use crate::store::Screen;
use crate::ui::Ui;

/// The part `incoming`, while a call rings. It takes the focus, and gives it back to where it was.
pub(crate) fn incoming(ui: Ui, t: &'static Texts) -> View {
    let rings = fact(move || ui.store.ringing.with(Option::is_some));
    when(rings, move || overlay(ui, t))
}

fn overlay(ui: Ui, t: &'static Texts) -> View {
    let panel = ui.shadow;
    let before = StoredValue::new(panel.get_value().as_ref().and_then(browser::focused));
    let back = move || {
        if let (Some(before), Some(Some(shadow))) = (before.try_get_value(), panel.try_get_value()) {
            give_back(before, &shadow);
        }
    };
    on_cleanup(move || {
        // Both values end with this owner: read them now, act when the new view stands.
        let (before, shadow) = (before.try_get_value(), panel.try_get_value());
        if let (Some(before), Some(Some(shadow))) = (before, shadow) {
            in_microtask(move || give_back(before, &shadow));
        }
    });
    let who = party(ui.store.ringing);
    let button = move |part, label, name, call: &Call| CommandButton {
        part,
        shape: "round",
        icon: HANDSET,
        label,
        name,
        call: call.id.clone(),
        needs_phone: name != "CMD_HANGUP",
    };
    let reject = move || {
        let call = who.get().filter(|_| ui.store.can(Capability::Reject))?;
        Some(button("reject", t.reject, "CMD_HANGUP", &call).view(ui, None, hangup))
    };
    let take = move || {
        let call = who.get().filter(|_| ui.store.can(Capability::Answer))?;
        Some(button("answer", t.answer, "CMD_ANSWER", &call).view(ui, None, answer))
    };
    let overlay =
        el("div", "incoming")
            .part("incoming")
            .flag("data-compact", move || ui.store.screen.with(|screen| matches!(screen, Screen::Call(_))))
            .set("role", "alertdialog")
            .set("aria-labelledby", "incoming-title")
            .set("aria-describedby", "incoming-who")
            .set("tabindex", "-1")
            .on("keydown", move |event| {
                if event.unchecked_ref::<KeyboardEvent>().key() == "Escape" {
                    back();
                }
            })
            .child(el("div", "ring").child(live(move || who.get().map(|call| avatar(&call)))))
            .child(el("div", "who").child(el("div", "eyebrow").set("id", "incoming-title").text(t.incoming)).child(
                el("div", "").set("id", "incoming-who").child(live(move || who.get().map(|call| caller(&call, t)))),
            ))
            .child(el("div", "choice").child(live(reject)).child(live(take)));
    let dialog: HtmlElement = overlay.element().unchecked_into();
    Effect::new(move || take_focus(dialog.clone()));
    overlay
}

/// Both things that are done here have the browser lay out the page. With the next frame it does so anyway; and where nobody
/// looks there is none until somebody does, who is then called to a phone that still rings.
fn take_focus(dialog: HtmlElement) {
    in_frame(move || {
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
