//! The reducer again, slow and obvious: what a call is, read off the whole history each time it is asked.

use protocol::wire::event::Event;
use protocol::{CallId, CallState};

/// Everything that happened.
#[derive(Default)]
pub struct Reference {
    history: Vec<Event>,
}

/// A call as the reference sees it.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: CallId,
    pub state: CallState,
    pub start_time: Option<u64>,
    pub muted: bool,
    pub held: bool,
}

impl Reference {
    pub fn apply(&mut self, event: &Event) {
        self.history.push(event.clone());
    }

    /// The calls that are up, by age.
    pub fn calls(&self) -> Vec<Seen> {
        let mut calls: Vec<Seen> = Vec::new();
        for event in &self.history {
            match event {
                Event::CallIncoming(e) => begin(&mut calls, &e.call_id, CallState::Incoming),
                Event::CallDialing(e) => begin(&mut calls, &e.call_id, CallState::Dialing),
                Event::CallConnected(e) => {
                    let Some(at) = place(&calls, &e.call_id) else { continue };
                    if calls[at].start_time.is_none() {
                        calls[at].state = CallState::Talking;
                        calls[at].start_time = Some(e.start_time);
                        only(&mut calls, at);
                    }
                }
                Event::CallUpdated(e) => {
                    let Some(at) = place(&calls, &e.call_id) else { continue };
                    calls[at].muted = e.muted;
                    if calls[at].start_time.is_some() {
                        calls[at].held = e.held;
                        if !e.held {
                            only(&mut calls, at);
                        }
                    }
                }
                Event::CallEnded(e) => {
                    if let Some(at) = place(&calls, &e.call_id) {
                        calls.remove(at);
                    }
                }
                _ => {}
            }
        }
        calls
    }
}

fn place(calls: &[Seen], id: &CallId) -> Option<usize> {
    calls.iter().position(|call| call.id == *id)
}

fn begin(calls: &mut Vec<Seen>, id: &CallId, state: CallState) {
    if place(calls, id).is_none() {
        calls.push(Seen { id: id.clone(), state, start_time: None, muted: false, held: false });
    }
}

/// Of the connected calls, only this one is not held.
fn only(calls: &mut [Seen], live: usize) {
    for (at, call) in calls.iter_mut().enumerate() {
        if at != live && call.start_time.is_some() {
            call.held = true;
        }
    }
}
