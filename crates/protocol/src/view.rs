//! What a view derives from the state: pure, so that every tab derives the same.

use crate::{Call, CallState, Direction, GlobalState, UnixSeconds};

/// The value of the host attribute `data-call`.
pub fn call_attribute(state: &GlobalState) -> &'static str {
    match state.active_call.as_ref().map(|call| call.state) {
        None => "idle",
        Some(CallState::Incoming) => "incoming",
        Some(CallState::Dialing) => "dialing",
        Some(CallState::Talking) => "talking",
    }
}

/// The call to answer or reject next: the first that rings, active or not.
pub fn ringing(state: &GlobalState) -> Option<&Call> {
    state.calls().find(|call| call.state == CallState::Incoming)
}

/// The call that the operator has begun between two states: a dial that has had its effect.
pub fn dialled<'a>(before: &GlobalState, after: &'a GlobalState) -> Option<&'a Call> {
    after.calls().find(|call| call.direction == Direction::Out && before.calls().all(|known| known.id != call.id))
}

/// Seconds since the call was connected; 0 where the clocks of two machines disagree.
pub fn elapsed(start: UnixSeconds, now: UnixSeconds) -> u64 {
    now.saturating_sub(start)
}

/// `MM:SS`, from an hour on `H:MM:SS`.
pub fn timer_text(seconds: u64) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m:02}:{s:02}") }
}
