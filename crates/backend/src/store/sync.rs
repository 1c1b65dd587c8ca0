//! The thread that waits for the disk. What is written survives a kill; only a loss of power asks for more, and for that
//! nobody waits who has something to write.

use std::fs::File;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use tokio::sync::oneshot;

use super::lines::Lines;

/// What is to be on the disk, and who is to hear that it is.
#[derive(Default)]
pub(super) struct Order {
    /// The operator's status.
    pub(super) status: Option<File>,
    /// Where somebody waits, the history goes with it.
    pub(super) waiting: Vec<oneshot::Sender<()>>,
}

/// Takes orders; its thread ends with it, when all is done.
pub(super) struct Syncer(Sender<Order>);

impl Syncer {
    /// Where no thread can be started, who waits is told at once.
    pub(super) fn start(lines: Lines) -> Self {
        let (orders, inbox) = mpsc::channel();
        if let Err(error) = thread::Builder::new().name("sync".to_owned()).spawn(move || run(&inbox, &lines)) {
            tracing::warn!(%error, "what was written just before a loss of power may not survive it");
        }
        Self(orders)
    }

    /// After everything that was ordered before.
    pub(super) fn order(&self, order: Order) {
        if order.status.is_some() || !order.waiting.is_empty() {
            // Without the thread, the order is dropped here, and with it whom it was to tell.
            let _ = self.0.send(order);
        }
    }
}

fn run(inbox: &Receiver<Order>, lines: &Lines) {
    for Order { status, waiting } in inbox {
        if let Some(Err(error)) = status.map(|file| file.sync_all()) {
            tracing::warn!(%error, "the operator's status may not survive a loss of power");
        }
        if !waiting.is_empty()
            && let Err(error) = lines.sync()
        {
            tracing::warn!(%error, "the call history may not survive a loss of power");
        }
        for done in waiting {
            let _ = done.send(());
        }
    }
}
