//! The effects of one input, in order.

use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::port::WorkerMessage;

use crate::ending::failure;
use crate::ids::PortId;
use crate::io::Effect;

/// What is to be done.
#[derive(Debug, Default)]
pub(crate) struct Outbox(Vec<Effect>);

impl Outbox {
    /// All of it; nothing is left.
    pub(crate) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    pub(crate) fn extend(&mut self, effects: impl IntoIterator<Item = Effect>) {
        self.0.extend(effects);
    }

    /// A message to one port.
    pub(crate) fn send(&mut self, port: PortId, message: WorkerMessage) {
        self.push(Effect::Send { to: vec![port], message });
    }

    /// The same message to all of these, if there are any.
    pub(crate) fn send_all(&mut self, to: Vec<PortId>, message: WorkerMessage) {
        if !to.is_empty() {
            self.push(Effect::Send { to, message });
        }
    }

    /// `ERROR`, of the command that the tab calls so, if it is of one.
    pub(crate) fn refuse(&mut self, port: PortId, error: ErrorType, message: &str, request_id: Option<String>) {
        self.send(port, failure(ErrorBody::new(error, message), request_id));
    }
}
