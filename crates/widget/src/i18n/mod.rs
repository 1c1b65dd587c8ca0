//! The interface's words. A third language is one file like `en.rs` and one line in [`LANGUAGES`].

mod count;
mod en;
mod ru;

use protocol::{Call, CallState, ConnectionStatus, OperatorStatus};

pub use count::{Counts, Forms};

/// Every language of the interface; the first speaks where nobody asked for one of them.
pub static LANGUAGES: [&Texts; 2] = [&en::TEXTS, &ru::TEXTS];

/// All words in one language.
#[allow(missing_docs)] // the names say what each is for; the files of the languages show it
pub struct Texts {
    /// Primary subtag of BCP 47.
    pub code: &'static str,
    pub phone: &'static str,
    pub your_status: &'static str,
    pub ready: &'static str,
    pub lunch: &'static str,
    pub dnd: &'static str,
    pub offline: &'static str,
    pub connected: &'static str,
    pub connecting: &'static str,
    pub reconnecting: &'static str,
    pub phone_missing: &'static str,
    pub phone_missing_hint: &'static str,
    pub phone_starts_hint: &'static str,
    pub minimize: &'static str,
    pub restore: &'static str,
    pub move_phone: &'static str,
    pub move_hint: &'static str,
    pub number: &'static str,
    pub number_hint: &'static str,
    pub keypad: &'static str,
    pub erase: &'static str,
    pub dial: &'static str,
    pub calling: &'static str,
    pub incoming: &'static str,
    pub answer: &'static str,
    pub reject: &'static str,
    pub unknown_number: &'static str,
    pub in_call: &'static str,
    pub on_hold: &'static str,
    pub ringing: &'static str,
    pub muted: &'static str,
    pub unmuted: &'static str,
    pub ended: &'static str,
    pub duration: &'static str,
    pub mute: &'static str,
    pub hold: &'static str,
    pub resume: &'static str,
    pub pad: &'static str,
    pub transfer: &'static str,
    pub transfer_to: &'static str,
    pub transfer_go: &'static str,
    pub join: &'static str,
    pub cancel: &'static str,
    pub hangup: &'static str,
    pub dismiss: &'static str,
    /// What is counted.
    pub counts: Counts,
    /// Sound and desktop notifications.
    pub alerts: Alerts,
    /// What went wrong, by the error's type on the wire.
    pub errors: Errors,
    /// Why a page does not reach the phone.
    pub trouble: Troubles,
}

/// How the operator is told of calls.
#[allow(missing_docs)] // the names say what each is for
pub struct Alerts {
    pub settings: &'static str,
    pub settings_silent: &'static str,
    pub ringtone: &'static str,
    pub volume: &'static str,
    pub silent: &'static str,
    pub play: &'static str,
    pub notices: &'static str,
    pub notices_denied: &'static str,
    pub blocked: &'static str,
    pub blocked_hint: &'static str,
    pub unlock: &'static str,
}

/// Why a page does not reach the phone: a title, and what to do.
#[allow(missing_docs)] // named after the variants of `Trouble`
pub struct Troubles {
    pub unreachable: &'static str,
    pub unreachable_hint: &'static str,
    pub not_allowed: &'static str,
    pub not_allowed_hint: &'static str,
    pub policy: &'static str,
    pub asks: &'static str,
    pub asks_hint: &'static str,
    pub allow: &'static str,
    pub denied: &'static str,
    pub denied_hint: &'static str,
    pub insecure_hint: &'static str,
    pub locked: &'static str,
    pub locked_hint: &'static str,
    pub outdated: &'static str,
    pub outdated_hint: &'static str,
    pub reload: &'static str,
}

/// What went wrong, for an operator.
#[allow(missing_docs)] // named after the error types of the contract
pub struct Errors {
    pub validation_error: &'static str,
    /// `validation_error` of a command with a number.
    pub bad_number: &'static str,
    pub unauthorized: &'static str,
    pub call_not_found: &'static str,
    pub call_already_active: &'static str,
    pub invalid_state: &'static str,
    pub not_supported: &'static str,
    pub call_initiation_failed: &'static str,
    pub call_termination_failed: &'static str,
    pub phone_unavailable: &'static str,
    pub not_connected: &'static str,
    pub unsupported_protocol: &'static str,
    pub worker_failed: &'static str,
    pub too_many_requests: &'static str,
    pub outcome_unknown: &'static str,
    /// Of no command: a call that is over for no reason that anybody could tell.
    pub call_lost: &'static str,
    /// For every type without words of its own.
    pub other: &'static str,
}

impl Texts {
    /// Name of an operator's status.
    pub fn operator(&self, status: OperatorStatus) -> &'static str {
        match status {
            OperatorStatus::Ready => self.ready,
            OperatorStatus::Lunch => self.lunch,
            OperatorStatus::Dnd => self.dnd,
            OperatorStatus::Offline => self.offline,
        }
    }

    /// How the connection is.
    pub fn connection(&self, status: ConnectionStatus) -> &'static str {
        match status {
            ConnectionStatus::Connected => self.connected,
            ConnectionStatus::Reconnecting => self.reconnecting,
            ConnectionStatus::Disconnected => self.connecting,
        }
    }

    /// What a call is doing.
    pub fn call_state(&self, call: &Call) -> &'static str {
        match call.state {
            CallState::Incoming => self.ringing,
            CallState::Dialing => self.calling,
            CallState::Talking if call.held => self.on_hold,
            CallState::Talking => self.in_call,
        }
    }

    /// What an error type means to an operator; `of_number` where the command was to dial something.
    pub fn failure(&self, code: &str, of_number: bool) -> &'static str {
        let e = &self.errors;
        match code {
            "validation_error" if of_number => e.bad_number,
            "validation_error" => e.validation_error,
            "unauthorized" => e.unauthorized,
            "call_not_found" => e.call_not_found,
            "call_already_active" => e.call_already_active,
            "invalid_state" => e.invalid_state,
            "not_supported" => e.not_supported,
            "call_initiation_failed" => e.call_initiation_failed,
            "call_termination_failed" => e.call_termination_failed,
            "phone_unavailable" => e.phone_unavailable,
            "not_connected" => e.not_connected,
            "unsupported_protocol" => e.unsupported_protocol,
            "worker_failed" => e.worker_failed,
            "too_many_requests" => e.too_many_requests,
            "outcome_unknown" => e.outcome_unknown,
            "call_lost" => e.call_lost,
            _ => e.other,
        }
    }
}

/// The language where nobody asked for one.
pub fn default() -> &'static Texts {
    LANGUAGES[0]
}

/// The first wish that is a language of ours; `ru-RU` is a wish for `ru`.
pub fn pick(wishes: impl IntoIterator<Item = String>) -> &'static Texts {
    let known = |wish: String| {
        let primary = wish.split(['-', '_']).next().unwrap_or_default().trim().to_ascii_lowercase();
        LANGUAGES.into_iter().find(|texts| texts.code == primary)
    };
    wishes.into_iter().find_map(known).unwrap_or_else(default)
}
