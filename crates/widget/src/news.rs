//! What of a new state is news to the page: a call that rings, was answered, is over. Found when the state comes, since
//! whether this tab is the primary one counts as of that moment; told when the tree shows the state.

use protocol::{Call, CallState, GlobalState};
use wasm_bindgen::JsValue;

use crate::element::{CONNECTED, ENDED, INCOMING};
use crate::js;

/// One event to tell the page of.
pub(crate) struct Item {
    /// Index in [`crate::element::EVENTS`].
    pub(crate) event: usize,
    /// The call that it is about.
    pub(crate) call: Call,
    /// The operator used this tab last when it happened.
    pub(crate) primary: bool,
    /// Data of `call_ended`, if it came.
    pub(crate) end: Option<JsValue>,
    /// It ended, and nobody was there to hear why.
    pub(crate) lost: bool,
    /// An end whose data may still be on its way is kept for one more turn.
    waited: bool,
}

/// The calls that the page knows of, and what it is still to be told.
#[derive(Default)]
pub(crate) struct News {
    known: Option<Vec<Call>>,
    items: Vec<Item>,
}

impl News {
    /// A state has come. What the first one shows is no news.
    pub(crate) fn state_came(&mut self, state: &GlobalState, primary: bool) {
        let calls: Vec<Call> = state.calls().cloned().collect();
        let Some(known) = self.known.replace(calls) else { return };
        let mut push = |event, call: &Call| {
            self.items.push(Item { event, call: call.clone(), primary, end: None, lost: false, waited: false });
        };
        for call in known.iter().filter(|known| state.calls().all(|call| call.id != known.id)) {
            push(ENDED, call);
        }
        for call in state.calls() {
            let before = known.iter().find(|known| known.id == call.id).map(|known| known.state);
            match (before, call.state) {
                (None, CallState::Incoming) => push(INCOMING, call),
                (None | Some(CallState::Incoming | CallState::Dialing), CallState::Talking) => push(CONNECTED, call),
                _ => {}
            }
        }
    }

    /// Data of a `call_ended` has come.
    pub(crate) fn end_came(&mut self, data: JsValue) {
        let id = js::get(&data, "call_id").as_string();
        let item = self.items.iter_mut().find(|it| it.event == ENDED && Some(it.call.id.as_str()) == id.as_deref());
        if let Some(item) = item {
            item.end = Some(data);
        }
    }

    /// The state was a snapshot's: of what has ended since the state before, nothing more will be heard.
    pub(crate) fn snapshot_came(&mut self) {
        for item in self.items.iter_mut().filter(|item| item.event == ENDED && item.end.is_none()) {
            (item.lost, item.waited) = (true, true);
        }
    }

    /// Whether something is kept for its data.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.items.is_empty()
    }

    /// What can be told now.
    pub(crate) fn take(&mut self) -> Vec<Item> {
        let (later, now) = std::mem::take(&mut self.items)
            .into_iter()
            .partition(|item| item.event == ENDED && item.end.is_none() && !item.waited);
        self.items = later;
        self.items.iter_mut().for_each(|item| item.waited = true);
        now
    }
}
