//! Do not disturb: while the operator is away, what rings is rejected. A setting, off unless somebody wants it.

use std::sync::Arc;

use protocol::{CallId, CallState, Capability, OperatorStatus, PhoneStatus};

use super::Desk;

impl Desk {
    /// Rejects all that rings, where the setting and the operator's status say so. To be asked whenever either a call or the
    /// status may have changed.
    pub(super) fn reject_if_away(self: &Arc<Self>) {
        if !self.reject_when_away {
            return;
        }
        for call in self.to_reject() {
            tracing::info!(call.id = %call, "the operator is away: a call is rejected");
            let desk = self.clone();
            tokio::spawn(async move {
                if let Err(error) = desk.hangup(call.clone()).await {
                    tracing::warn!(call.id = %call, %error, "a call could not be rejected");
                }
            });
        }
    }

    /// What rings while nobody is to be disturbed, and is not being ended or answered already.
    fn to_reject(&self) -> Vec<CallId> {
        let inner = self.lock();
        let book = &inner.book;
        let can = book.capabilities.has(Capability::Reject) && book.phone_status == PhoneStatus::Available;
        if !can || book.operator_status == OperatorStatus::Ready {
            return Vec::new();
        }
        let rings = book.calls().iter().filter(|call| call.state == CallState::Incoming).map(|call| &call.id);
        rings.filter(|call| !inner.ending.contains_key(call) && !inner.answering.contains_key(call)).cloned().collect()
    }
}
