//! Messages between a tab and the worker: `{ type, payload }`, structured-cloned.

use serde::{Deserialize, Deserializer, Serialize};

use super::command::Command;
use super::error::ErrorBody;
use super::fields::{Fields, Read, Value, object, wrong};
use super::json::{Json, Write};
use super::{ShapeError, read};
use crate::{CallId, GlobalState, PROTOCOL_VERSION};

/// `INIT_PORT`, the first message of a tab.
pub const INIT_PORT: &str = "INIT_PORT";
/// `TAB_REPORT`: what the worker's choices among tabs rest on has changed.
pub const TAB_REPORT: &str = "TAB_REPORT";
/// `TAB_GONE`, the last message of a tab that has no Web Lock to tell of its end.
pub const TAB_GONE: &str = "TAB_GONE";

/// What a tab says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TabMessage {
    /// `INIT_PORT`: here is a tab.
    Init(Init),
    /// `TAB_REPORT`: the tab was used, or what it can do has changed.
    Report(TabReport),
    /// `TAB_GONE`: the tab's page ends.
    Gone,
    /// `CMD_*`: the operator wants something.
    Command {
        /// What.
        command: Command,
        /// How the answer shall name it.
        request: RequestTag,
    },
}

/// Payload of `INIT_PORT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Init {
    /// The version of these messages that the tab speaks; see [`crate::PROTOCOL_VERSION`].
    pub protocol: u32,
    /// Name of a Web Lock that the tab holds for as long as it lives, by which the worker learns of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// The tab takes part in the worker's choices among tabs, and wants to hear of them by `TAB_ROLE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tab: Option<TabReport>,
}

impl Init {
    /// A tab that speaks this version, and says no more of itself.
    pub fn plain() -> Self {
        Self { protocol: PROTOCOL_VERSION, lock: None, tab: None }
    }
}

/// Payload of `TAB_REPORT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TabReport {
    /// The operator has just used this tab.
    pub used: bool,
    /// Milliseconds since the operator used it last, for a worker that could not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_ago: Option<u64>,
    /// The browser lets this tab play sound now.
    pub sound: bool,
    /// The browser lets this tab show desktop notifications.
    pub notices: bool,
    /// The browser has just found a network again: Chromium tells its pages, and no SharedWorker.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub online: bool,
}

/// Payload of `TAB_ROLE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabRole {
    /// Of all tabs, the operator used this one last.
    pub primary: bool,
    /// Where it rings.
    pub sound: SoundRole,
    /// This tab shows the desktop notifications.
    pub notices: bool,
}

impl TabRole {
    /// Everything there is, for who is alone.
    pub const ALL: Self = Self { primary: true, sound: SoundRole::Here, notices: true };
}

/// Where it rings while a call does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SoundRole {
    /// In this tab.
    Here,
    /// In another tab.
    Elsewhere,
    /// In none: the browser lets no tab play.
    #[default]
    Blocked,
}

impl SoundRole {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Here, Self::Elsewhere, Self::Blocked];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Elsewhere => "elsewhere",
            Self::Blocked => "blocked",
        }
    }
}

/// What any command may carry in its payload beside its own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestTag {
    /// The tab's own name for this command, echoed in what comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The tab wants an `ACCEPTED` when the phone has taken the command; else only failures are answered.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ack: bool,
    /// Names the command for all time, so that one given again to another worker is not carried out twice; see
    /// [`crate::wire::rest::KEY_HEADER`]. Without it the worker makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The command was given before, to a worker that died: so many milliseconds ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<u64>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde calls
fn is_false(flag: &bool) -> bool {
    !flag
}

impl TabMessage {
    /// Reads a message from its type and payload, in whatever format `payload` is.
    ///
    /// # Errors
    /// The type is unknown, or a field is missing or impossible.
    pub fn from_wire<'de, D>(name: &str, payload: D, request: RequestTag) -> Result<Self, ShapeError>
    where
        D: Deserializer<'de>,
    {
        match name {
            INIT_PORT => read(payload).map(Self::Init),
            TAB_REPORT => read(payload).map(Self::Report),
            TAB_GONE => Ok(Self::Gone),
            _ => Ok(Self::Command { command: Command::from_wire(name, payload)?, request }),
        }
    }

    /// The same by [`Value`]s, as the wasm does it.
    ///
    /// # Errors
    /// The type is unknown, or a field is missing or impossible.
    pub fn read(name: &str, payload: &impl Value, request: RequestTag) -> Result<Self, ShapeError> {
        match name {
            INIT_PORT => object(payload).map(Self::Init),
            TAB_REPORT => object(payload).map(Self::Report),
            TAB_GONE => Ok(Self::Gone),
            _ => Ok(Self::Command { command: Command::read(name, payload)?, request }),
        }
    }
}

/// What the worker says. Serializes as its payload alone; [`WorkerMessage::name`] gives the type beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum WorkerMessage {
    /// `SYNC_STATE`: the whole state.
    SyncState(GlobalState),
    /// `SSE_EVENT`: the backend's event as it came, after the state that includes it.
    SseEvent(RawEvent),
    /// `ERROR`: a command failed.
    Error(CommandError),
    /// `ACCEPTED`: the phone took a command that asked for this answer.
    Accepted(Accepted),
    /// `TAB_ROLE`: what the tab is chosen for; to tabs that report alone.
    TabRole(TabRole),
    /// `TAB_PING`: is anybody there? To tabs that report and have no Web Lock; a `TAB_REPORT` answers it.
    TabPing {},
    /// `WORKER_LOCK`: how the tab learns of the worker's end. To tabs that report, or to the bridge that brought one.
    WorkerLock(WorkerLock),
    /// `WORKER_OUTDATED`: the worker ends in favour of one of another build. To tabs that report.
    WorkerOutdated(WorkerOutdated),
}

/// Payload of `WORKER_LOCK`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerLock {
    /// Name of a Web Lock that the worker holds for as long as it lives.
    pub lock: String,
}

/// Payload of `WORKER_OUTDATED`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerOutdated {
    /// Content hash of the build whose worker takes over: `/sip-worker.js?v=BUNDLE`.
    pub bundle: String,
}

/// Payload of `SSE_EVENT`. On the port `data` is an object; here it is its JSON text, which the shell parses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RawEvent {
    /// The event's name.
    pub event: String,
    /// The event's data, JSON text.
    pub data: String,
}

/// Payload of `ERROR`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandError {
    /// See [`ErrorBody::error`].
    pub error: String,
    /// See [`ErrorBody::message`].
    pub message: String,
    /// The tab's own name for the command, if it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl CommandError {
    /// This failure, of the command that the tab calls so.
    pub fn new(ErrorBody { error, message }: ErrorBody, request_id: Option<String>) -> Self {
        Self { error, message, request_id }
    }
}

/// Payload of `ACCEPTED`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The tab's own name for the command.
    pub request_id: String,
    /// The call that a dial began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
}

impl WorkerMessage {
    /// The message's `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SyncState(_) => "SYNC_STATE",
            Self::SseEvent(_) => "SSE_EVENT",
            Self::Error(_) => "ERROR",
            Self::Accepted(_) => "ACCEPTED",
            Self::TabRole(_) => "TAB_ROLE",
            Self::TabPing {} => "TAB_PING",
            Self::WorkerLock(_) => "WORKER_LOCK",
            Self::WorkerOutdated(_) => "WORKER_OUTDATED",
        }
    }
}

impl Read for Init {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        let protocol = of.number("protocol");
        let protocol = u32::try_from(protocol).map_err(|_| wrong("protocol", "is too large"))?;
        Ok(Self { protocol, lock: of.maybe_text("lock"), tab: of.maybe_object("tab") })
    }
}

impl Write for Init {
    fn write(&self, to: &mut Json) {
        to.number("protocol", self.protocol.into());
        to.text_if_any("lock", self.lock.as_deref());
        if let Some(tab) = &self.tab {
            to.object("tab", tab);
        }
    }
}

impl Read for TabReport {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self {
            used: of.flag_if_any("used"),
            used_ago: of.maybe_number("usedAgo"),
            sound: of.flag_if_any("sound"),
            notices: of.flag_if_any("notices"),
            online: of.flag_if_any("online"),
        })
    }
}

impl Write for TabReport {
    fn write(&self, to: &mut Json) {
        to.flag("used", self.used);
        if let Some(used_ago) = self.used_ago {
            to.number("usedAgo", used_ago);
        }
        to.flag("sound", self.sound);
        to.flag("notices", self.notices);
        if self.online {
            to.flag("online", true);
        }
    }
}

impl Read for TabRole {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self {
            primary: of.flag("primary"),
            sound: of.one_of("sound", &SoundRole::ALL, SoundRole::as_str),
            notices: of.flag("notices"),
        })
    }
}

impl Read for WorkerLock {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { lock: of.text("lock") })
    }
}

impl Read for WorkerOutdated {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { bundle: of.text("bundle") })
    }
}

impl Read for CommandError {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self::new(ErrorBody::read(of)?, of.maybe_text("requestId")))
    }
}

impl Read for Accepted {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        let call_id = of.maybe_text("callId").map(CallId::new);
        Ok(Self { request_id: of.text("requestId"), call_id })
    }
}

impl Write for RequestTag {
    fn write(&self, to: &mut Json) {
        to.text_if_any("requestId", self.request_id.as_deref());
        if self.ack {
            to.flag("ack", true);
        }
        to.text_if_any("key", self.key.as_deref());
        if let Some(again) = self.again {
            to.number("again", again);
        }
    }
}

/// Its payload; the data of an event goes as it came, so that it must be known to be JSON.
impl Write for WorkerMessage {
    fn write(&self, to: &mut Json) {
        match self {
            Self::SyncState(state) => state.write(to),
            Self::SseEvent(RawEvent { event, data }) => {
                to.text("event", event);
                to.verbatim("data", data);
            }
            Self::Error(CommandError { error, message, request_id }) => {
                to.text("error", error);
                to.text("message", message);
                to.text_if_any("requestId", request_id.as_deref());
            }
            Self::Accepted(Accepted { request_id, call_id }) => {
                to.text("requestId", request_id);
                to.text_if_any("callId", call_id.as_ref().map(CallId::as_str));
            }
            Self::TabRole(TabRole { primary, sound, notices }) => {
                to.flag("primary", *primary);
                to.text("sound", sound.as_str());
                to.flag("notices", *notices);
            }
            Self::TabPing {} => {}
            Self::WorkerLock(WorkerLock { lock }) => to.text("lock", lock),
            Self::WorkerOutdated(WorkerOutdated { bundle }) => to.text("bundle", bundle),
        }
    }
}
