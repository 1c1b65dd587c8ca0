//! The other party, and the operator at MicroSIP's own window.

use super::link::Op;
use super::phone::{Fired, Phone};
use super::state::CallStage;

impl Phone {
    /// Plays an operation; gives the call it was about and the hooks it fires. `None`: there was no such call.
    pub fn play(&mut self, op: &Op, now: u64) -> Option<(Option<u32>, Vec<Fired>)> {
        let of = |call: Option<u32>, fired: Vec<Fired>| Some((call, fired));
        match op {
            Op::Ring { user, domain, name, refused } => {
                let incoming = Fired { key: "cmdIncomingCall", argument: user.clone() };
                if *refused {
                    return of(None, vec![incoming]);
                }
                let id = self.begin(true, user, domain, name, None);
                of(Some(id), vec![incoming, Fired { key: "cmdCallRing", argument: user.clone() }])
            }
            Op::Answer { call } => {
                let id = self.choose(*call, &[CallStage::Calling])?;
                of(Some(id), self.connect(id, now))
            }
            Op::Busy { call } => {
                let id = self.choose(*call, &[CallStage::Calling])?;
                of(Some(id), self.end(id, "cmdCallBusy", None, "Busy Here", now))
            }
            Op::Fail { call } => {
                let id = self.choose(*call, &[CallStage::Calling])?;
                of(Some(id), self.end(id, "cmdCallEnd", None, "Not Found", now))
            }
            Op::GiveUp { call } => {
                let id = self.choose(*call, &[CallStage::Ringing])?;
                of(Some(id), self.end(id, "cmdCallEnd", None, "Missed call", now))
            }
            Op::TakenElsewhere { call } => {
                let id = self.choose(*call, &[CallStage::Ringing])?;
                of(Some(id), self.end(id, "cmdCallEnd", Some(3), "Call completed elsewhere", now))
            }
            Op::Hangup { call } => {
                let id = self.choose(*call, &[CallStage::Connected])?;
                of(Some(id), self.end(id, "cmdCallEnd", None, "Call ended", now))
            }
            Op::WindowAnswer { call } => {
                let id = self.choose(*call, &[CallStage::Ringing])?;
                of(Some(id), self.answer(id, now))
            }
            Op::WindowReject { call } => {
                let id = self.choose(*call, &[CallStage::Ringing])?;
                of(Some(id), self.end(id, "cmdCallBusy", None, "Call rejected", now))
            }
            Op::LoseWithoutHook { call } => {
                let id = self.choose(*call, &[CallStage::Connected, CallStage::Calling, CallStage::Ringing])?;
                self.end(id, "cmdCallEnd", None, "Lost", now);
                of(Some(id), Vec::new())
            }
            Op::Command { raw } => {
                let fired = self.obey(raw, now);
                self.state.commands.pop(); // typed in the window, not handed over by a process
                of(None, fired)
            }
            Op::StackDown { on } => {
                self.state.stack_down = *on;
                of(None, Vec::new())
            }
            Op::HangNextHook | Op::LockIni { .. } | Op::Crash | Op::State => of(None, Vec::new()),
        }
    }

    fn choose(&self, call: Option<u32>, stages: &[CallStage]) -> Option<u32> {
        let fits = |id: &u32| self.state.calls.iter().any(|call| call.id == *id && stages.contains(&call.stage));
        match call {
            Some(id) => Some(id).filter(fits),
            None => stages.iter().find_map(|stage| self.first(*stage)),
        }
    }
}
