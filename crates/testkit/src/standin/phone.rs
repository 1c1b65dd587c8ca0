//! The softphone itself, without I/O: commands in, calls and fired hooks out.

use super::command::Command;
use super::state::{CallRecord, CallStage, CommandRecord, Effect, HistoryRecord, State};

/// The domain of numbers that are dialled without one.
const OWN_DOMAIN: &str = "pbx.test";

/// Calls, and the rules by which MicroSIP changes them.
#[derive(Clone, Debug)]
pub struct Phone {
    /// What tests see.
    pub state: State,
    single_mode: bool,
    next_id: u32,
}

/// A hook that has to be run now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The ini's key.
    pub key: &'static str,
    /// What is put behind the command, unquoted.
    pub argument: String,
}

impl Phone {
    /// A phone without calls.
    pub fn new(single_mode: bool) -> Self {
        Self { state: State::default(), single_mode, next_id: 1 }
    }

    /// Obeys a raw command line.
    pub fn obey(&mut self, raw: &str, now: u64) -> Vec<Fired> {
        let command = Command::parse(raw);
        let local = matches!(command, Command::Show | Command::Minimized | Command::Exit | Command::Reset);
        let (effect, fired) = if self.state.stack_down && !local {
            (Effect::Lost, Vec::new())
        } else {
            match self.effect_of(command, now) {
                Some(fired) => (Effect::Done, fired),
                None => (Effect::Dropped, Vec::new()),
            }
        };
        self.state.commands.push(CommandRecord { raw: raw.to_owned(), effect, posted: false });
        fired
    }

    fn effect_of(&mut self, command: Command, now: u64) -> Option<Vec<Fired>> {
        match command {
            Command::Show | Command::Minimized | Command::Exit => Some(Vec::new()),
            Command::Reset => {
                self.state.reset = true;
                Some(Vec::new())
            }
            Command::Answer => self.first(CallStage::Ringing).map(|id| self.answer(id, now)),
            Command::HangupAll => self.end_where(|call| call.stage != CallStage::Ringing, now),
            Command::HangupIncoming => self.end_where(|call| call.stage == CallStage::Ringing, now),
            Command::HangupCalling => self.end_where(|call| call.stage == CallStage::Calling, now),
            Command::Dtmf(digits) => {
                let id = self.talking_selected().filter(|call| !call.held)?.id;
                self.state.dtmf.push((id, digits));
                Some(Vec::new())
            }
            Command::Transfer(number) => {
                let id = self.talking_selected()?.id;
                self.state.transfers.push((id, number));
                Some(Vec::new())
            }
            Command::ToggleHold => {
                let call = self.talking_selected()?;
                call.held = !call.held;
                Some(Vec::new())
            }
            Command::MicMute => Some(self.mute(true)),
            Command::MicUnmute => Some(self.mute(false)),
            Command::Message(text) => {
                self.state.messages.push(text);
                Some(Vec::new())
            }
            Command::Dial { number, dtmf } => self.dial(&number, dtmf),
        }
    }

    fn mute(&mut self, on: bool) -> Vec<Fired> {
        self.state.muted = on;
        Vec::new()
    }

    fn dial(&mut self, number: &str, dtmf: Option<String>) -> Option<Vec<Fired>> {
        let busy = self.state.calls.iter().any(|call| call.stage != CallStage::Ringing);
        if self.single_mode && busy {
            return None;
        }
        let address = number.strip_prefix("sip:").unwrap_or(number);
        let (user, domain) = address.split_once('@').unwrap_or((address, OWN_DOMAIN));
        let id = self.begin(false, user, domain, "", dtmf);
        self.state.selected = Some(id);
        Some(vec![Fired { key: "cmdOutgoingCall", argument: user.to_owned() }])
    }

    pub(super) fn begin(&mut self, incoming: bool, user: &str, domain: &str, name: &str, dtmf: Option<String>) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        self.state.calls.push(CallRecord {
            id,
            incoming,
            user: user.to_owned(),
            domain: domain.to_owned(),
            name: name.to_owned(),
            stage: if incoming { CallStage::Ringing } else { CallStage::Calling },
            held: false,
            dtmf_on_connect: dtmf,
            connected_at: None,
        });
        id
    }

    /// Answers a ringing call; single mode ends whatever else is up but does not ring.
    pub(super) fn answer(&mut self, id: u32, now: u64) -> Vec<Fired> {
        let mut fired = Vec::new();
        if self.single_mode {
            fired = self.end_where(|call| call.id != id && call.stage != CallStage::Ringing, now).unwrap_or_default();
        }
        fired.extend(self.connect(id, now));
        fired
    }

    /// Connects a call; any other that is connected goes on hold.
    pub(super) fn connect(&mut self, id: u32, now: u64) -> Vec<Fired> {
        let others = self.state.calls.iter_mut().filter(|call| call.stage == CallStage::Connected && call.id != id);
        others.for_each(|call| call.held = true);
        let Some(call) = self.state.calls.iter_mut().find(|call| call.id == id) else { return Vec::new() };
        call.stage = CallStage::Connected;
        call.connected_at = Some(now);
        let digits = call.dtmf_on_connect.take();
        let (incoming, user) = (call.incoming, call.user.clone());
        self.state.selected = Some(id);
        self.state.dtmf.extend(digits.map(|digits| (id, digits)));
        let answered = incoming.then(|| Fired { key: "cmdCallAnswer", argument: user.clone() });
        answered.into_iter().chain([Fired { key: "cmdCallStart", argument: user }]).collect()
    }

    /// Ends a call: history first, then the hook with the user, else the domain.
    pub(super) fn end(&mut self, id: u32, key: &'static str, kind: Option<u8>, info: &str, now: u64) -> Vec<Fired> {
        let Some(place) = self.state.calls.iter().position(|call| call.id == id) else { return Vec::new() };
        let call = self.state.calls.remove(place);
        let kind = kind.unwrap_or(match (call.incoming, call.connected_at) {
            (false, _) => 0,
            (true, Some(_)) => 1,
            (true, None) => 2,
        });
        self.state.history.push(HistoryRecord {
            number: call.user.clone(),
            name: call.name,
            kind,
            at: now,
            seconds: call.connected_at.map_or(0, |start| now.saturating_sub(start)),
            info: info.to_owned(),
        });
        if self.state.selected == Some(id) {
            self.state.selected = self.first(CallStage::Connected).or_else(|| self.first(CallStage::Calling));
        }
        vec![Fired { key, argument: if call.user.is_empty() { call.domain } else { call.user } }]
    }

    fn end_where(&mut self, which: impl Fn(&CallRecord) -> bool, now: u64) -> Option<Vec<Fired>> {
        let ids: Vec<u32> = self.state.calls.iter().filter(|call| which(call)).map(|call| call.id).collect();
        let any = !ids.is_empty();
        any.then(|| ids.into_iter().flat_map(|id| self.end(id, "cmdCallEnd", None, "Hang up", now)).collect())
    }

    pub(super) fn first(&self, stage: CallStage) -> Option<u32> {
        self.state.calls.iter().find(|call| call.stage == stage).map(|call| call.id)
    }

    fn talking_selected(&mut self) -> Option<&mut CallRecord> {
        let selected = self.state.selected?;
        self.state.calls.iter_mut().find(|call| call.id == selected && call.stage == CallStage::Connected)
    }
}
