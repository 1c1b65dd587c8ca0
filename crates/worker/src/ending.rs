//! What a worker says that steps aside for one of another build.

use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::port::{CommandError, TabMessage, WorkerMessage, WorkerOutdated};

use crate::ids::PortId;
use crate::io::HubInput;

/// To a tab; plain ones are told no more than the contract knows.
pub(crate) fn farewell(bundle: &str, is_tab: bool) -> WorkerMessage {
    if is_tab {
        return WorkerMessage::WorkerOutdated(WorkerOutdated { bundle: bundle.to_owned() });
    }
    let text = "the phone was updated, and its worker ends: make a new SharedWorker";
    failure(ErrorBody::new(ErrorType::WorkerFailed, text), None)
}

/// To whoever still finds it while it ends.
pub(crate) fn last_words(bundle: &str, input: HubInput) -> Option<(PortId, WorkerMessage)> {
    let HubInput::PortMessage { port, message: Ok(message), transferred } = input else { return None };
    match message {
        TabMessage::Init(init) => Some((transferred.unwrap_or(port), farewell(bundle, init.tab.is_some()))),
        TabMessage::Command { request, .. } => {
            let text = "the phone is being updated; nothing was sent, try again";
            Some((port, failure(ErrorBody::new(ErrorType::NotConnected, text), request.request_id)))
        }
        TabMessage::Report(_) | TabMessage::Gone => None,
    }
}

/// `ERROR`, of the command that the tab calls so, if it is of one.
pub(crate) fn failure(body: ErrorBody, request_id: Option<String>) -> WorkerMessage {
    WorkerMessage::Error(CommandError::new(body, request_id))
}
