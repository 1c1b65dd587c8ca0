//! What a screen reader says of a change that the eye sees: one polite region, over panel and pill alike. What rings is
//! said by the overlay, which takes the focus, and what failed by its notice.

use protocol::{ConnectionStatus, GlobalState, PhoneStatus, view};

use crate::clock;
use crate::i18n::Texts;
use crate::reactive::{Effect, RwSignal};
use crate::store;
use crate::ui::Ui;

/// The words, in the language that this view is in. What the first state shows is no news.
pub(crate) fn announce(ui: Ui, t: &'static Texts) -> RwSignal<String> {
    let said = RwSignal::new(String::new());
    let store = ui.store;
    let mut before = None::<GlobalState>;
    Effect::new(move || {
        store.connection.track();
        store.phone.track();
        store.current.track();
        store.ringing.track();
        store.others.track();
        let now = store.snapshot();
        let Some(known) = &before else {
            before = Some(now);
            return;
        };
        // A worker that has just begun knows of no calls, which does not mean that they are over.
        if now.connection_status == ConnectionStatus::Disconnected {
            return;
        }
        if known.connection_status != ConnectionStatus::Disconnected {
            let words = words(t, known, &now);
            // Emptied for a call that rings: the same words after it are news again.
            if !words.is_empty() || view::ringing(&now).is_some() {
                said.set(words);
            }
        }
        before = Some(now);
    });
    said
}

fn words(t: &Texts, before: &GlobalState, now: &GlobalState) -> String {
    let mut words = Vec::new();
    if before.connection_status != now.connection_status {
        words.push(t.connection(now.connection_status).to_owned());
    }
    if before.phone_status != now.phone_status && now.phone_status == PhoneStatus::Unavailable {
        words.push(t.phone_missing.to_owned());
    }
    for call in before.calls().filter(|known| now.calls().all(|call| call.id != known.id)) {
        words.push(t.ended(call.start_time.map(|start| view::elapsed(start, clock::now()))));
    }
    if let Some(call) = store::current(now) {
        let known = store::current(before).filter(|known| known.id == call.id);
        if known.is_none_or(|known| (known.state, known.held) != (call.state, call.held)) {
            words.push(t.call_state(call).to_owned());
        }
        if known.map_or(call.muted, |known| known.muted != call.muted) {
            words.push(if call.muted { t.muted } else { t.unmuted }.to_owned());
        }
    }
    words.join(". ")
}
