//! A call that nobody sees. The browser compiles each function of the wasm when it is called for the first time, and a call that
//! rings is not to wait for that: so a phone of its own goes through one, once, when the tab has nothing else to do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use protocol::{Call, CallId, CallState, Direction, GlobalState};
use wasm_bindgen::prelude::*;
use web_sys::MessageChannel;

use crate::alerts;
use crate::browser::{self, Listener};
use crate::element::{EVENTS, STATE};
use crate::i18n::Texts;
use crate::js::to_js;
use crate::link::envelope;
use crate::reactive::Effect;
use crate::stage::Stage;
use crate::ui::Ui;

/// How a call goes, from nothing to nothing; twice, as much of what runs is only settled then.
const CALL: [Option<CallState>; 6] =
    [None, Some(CallState::Incoming), Some(CallState::Talking), None, Some(CallState::Incoming), None];

thread_local! {
    /// All phones of a page share what was compiled.
    static PLANNED: Cell<bool> = const { Cell::new(false) };
}

/// Has a call rehearsed when the phone is connected and the tab is at rest; until its owner's end.
pub(crate) fn plan(ui: Ui) {
    Effect::new(move || {
        let state = ui.store.snapshot();
        // With a call, it is done for real.
        if ui.store.connected() && state.calls().next().is_none() && !PLANNED.replace(true) {
            let (texts, silent) = (ui.texts.get_untracked(), ui.alerts.wishes.with_untracked(|wishes| wishes.silent));
            browser::at_rest(move || {
                if !silent {
                    alerts::warm_up();
                }
                drop(rehearse(state, texts));
            });
        }
    });
}

/// A phone that is on no page, and hears of a call; each step when the one before is done.
fn rehearse(now: GlobalState, texts: &'static Texts) -> Result<(), JsValue> {
    let host = browser::document().create_element("div")?.unchecked_into();
    let stage = Stage::set(&host, |ui| ui.texts.set(texts))?;
    let channel = MessageChannel::new()?;
    stage.link.connect_introduced(channel.port1());
    let steps = RefCell::new(CALL.iter());
    let next = move || {
        let Some(step) = steps.borrow_mut().next() else { return false };
        let state = GlobalState { active_call: step.map(call), ..now.clone() };
        channel.port2().post_message(&envelope("SYNC_STATE", &to_js(&state))).is_ok()
    };
    next();
    let all: Rc<RefCell<Option<(Stage, Listener)>>> = Rc::default();
    let held = Rc::clone(&all);
    let told = Listener::new(&host, EVENTS[STATE], move |_| {
        if !next() {
            // Not from within what ends.
            let held = Rc::clone(&held);
            browser::soon(move || held.take().into_iter().for_each(|(stage, _)| stage.end()));
        }
    });
    *all.borrow_mut() = Some((stage, told));
    Ok(())
}

fn call(state: CallState) -> Call {
    Call {
        id: CallId::new("rehearsal"),
        state,
        direction: Direction::In,
        phone_number: "100".to_owned(),
        display_name: Some("100".to_owned()),
        start_time: (state == CallState::Talking).then(|| browser::now_ms() as u64 / 1000),
        muted: false,
        held: false,
    }
}
