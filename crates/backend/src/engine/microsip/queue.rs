//! The one queue of commands: MicroSIP takes them one at a time and not too fast.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::calls::{CommandId, Outcome};
use super::command::MicroSipCommand;
use super::launch::Launch;

/// How long a command may hold the others up: a little more than MicroSIP waits for a hook while it takes no command.
const STUCK_AFTER: Duration = Duration::from_secs(12);

/// A command to carry out.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) id: CommandId,
    pub(super) command: MicroSipCommand,
    /// Too late to be of use after this.
    pub(super) expires: Option<std::time::Instant>,
}

/// What comes to the queue.
#[derive(Clone, Debug)]
pub(super) enum Queued {
    /// To be carried out after all before it.
    Order(Order),
    /// Not to be started any more.
    Withdraw(CommandId),
}

/// Carries orders out, in order, until there are no more to come. `settled` hears of each exactly once.
pub(super) async fn run(
    mut inbox: mpsc::UnboundedReceiver<Queued>,
    mut launcher: impl Launch,
    gap: Duration,
    settled: impl Fn(CommandId, Outcome),
) {
    let mut free_at = Instant::now();
    let mut line: VecDeque<Order> = VecDeque::new();
    let take = |line: &mut VecDeque<Order>, queued| match queued {
        Queued::Order(order) => line.push_back(order),
        Queued::Withdraw(id) => {
            if let Some(order) = line.iter().position(|order| order.id == id).and_then(|place| line.remove(place)) {
                tracing::debug!(command = order.command.kind(), "a command to MicroSIP is no longer wanted");
                settled(id, Outcome::Failed);
            }
        }
    };
    loop {
        if line.is_empty() {
            let Some(queued) = inbox.recv().await else { return };
            take(&mut line, queued);
        }
        sleep_until(free_at).await;
        while let Ok(queued) = inbox.try_recv() {
            take(&mut line, queued);
        }
        let Some(order) = line.pop_front() else { continue };
        let kind = order.command.kind();
        if order.expires.is_some_and(|expires| Instant::now() > Instant::from_std(expires)) {
            tracing::warn!(command = kind, "too late for a command to MicroSIP");
            settled(order.id, Outcome::Failed);
            continue;
        }
        free_at = Instant::now() + gap;
        let outcome = match launcher.launch(&order.command) {
            Ok(mut running) => match timeout(STUCK_AFTER, &mut running).await {
                Ok(true) => Outcome::Delivered,
                Ok(false) => Outcome::Failed,
                Err(_) => {
                    tokio::spawn(running); // reaped whenever it ends
                    Outcome::Failed
                }
            },
            Err(error) => {
                tracing::warn!(command = kind, %error, "MicroSIP's executable can't be started");
                Outcome::Failed
            }
        };
        tracing::debug!(command = kind, ?outcome, "command to MicroSIP");
        settled(order.id, outcome);
    }
}

#[cfg(test)]
mod tests {
    //! The queue under a clock that stands still unless everybody waits.
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::super::launch::Running;
    use super::*;

    #[derive(Clone, Default)]
    struct Record(Arc<Mutex<Vec<(String, u128, bool)>>>);

    struct Fake {
        began: Instant,
        record: Record,
        busy: Arc<Mutex<u32>>,
        takes: Vec<Option<Duration>>,
    }

    impl Launch for Fake {
        fn launch(&mut self, command: &MicroSipCommand) -> io::Result<Running> {
            let mut busy = self.busy.lock().expect("no panic while held");
            let at = self.began.elapsed().as_millis();
            self.record.0.lock().expect("no panic while held").push((command.to_string(), at, *busy == 0));
            let takes = if self.takes.is_empty() { Some(Duration::ZERO) } else { self.takes.remove(0) };
            *busy += 1;
            let busy = Arc::clone(&self.busy);
            let Some(takes) = takes else { return Err(io::ErrorKind::NotFound.into()) };
            Ok(Box::pin(async move {
                tokio::time::sleep(takes).await;
                *busy.lock().expect("no panic while held") -= 1;
                true
            }))
        }
    }

    async fn carry_out(takes: Vec<Option<Duration>>, expires: Option<Duration>) -> (Record, Vec<(u64, Outcome)>) {
        let (orders, inbox) = mpsc::unbounded_channel();
        let record = Record::default();
        let began = Instant::now();
        let fake = Fake { began, record: record.clone(), busy: Arc::default(), takes };
        for (id, command) in
            [MicroSipCommand::Answer, MicroSipCommand::ToggleHold, MicroSipCommand::HangupAll].into_iter().enumerate()
        {
            let expires = expires.map(|after| (began + after).into_std());
            orders
                .send(Queued::Order(Order { id: CommandId(id as u64), command, expires }))
                .expect("the queue is there");
        }
        drop(orders);
        let outcomes = Mutex::new(Vec::new());
        run(inbox, fake, Duration::from_millis(300), |id, outcome| {
            outcomes.lock().expect("no panic while held").push((id.0, outcome));
        })
        .await;
        (record, outcomes.into_inner().expect("no panic while held"))
    }

    fn starts(record: &Record) -> Vec<u128> {
        record.0.lock().expect("no panic while held").iter().map(|(_, at, _)| *at).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn starts_are_300_ms_apart_and_never_overlap() {
        let (record, outcomes) = carry_out(vec![Some(Duration::from_secs(1))], None).await;
        let starts = starts(&record);
        assert!(starts[1] >= 1000 && starts[2] >= starts[1] + 300, "{starts:?}");
        assert!(record.0.lock().expect("no panic while held").iter().all(|(_, _, alone)| *alone));
        assert_eq!(outcomes, [0, 1, 2].map(|id| (id, Outcome::Delivered)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stuck_process_does_not_hold_up_the_rest_for_ever() {
        let (record, outcomes) = carry_out(vec![Some(Duration::from_secs(3600))], None).await;
        assert_eq!(starts(&record).len(), 3);
        assert_eq!(outcomes, [(0, Outcome::Failed), (1, Outcome::Delivered), (2, Outcome::Delivered)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_withdrawn_while_it_waits_is_never_started() {
        let (orders, inbox) = mpsc::unbounded_channel();
        let record = Record::default();
        let takes = vec![Some(Duration::from_secs(6))];
        let fake = Fake { began: Instant::now(), record: record.clone(), busy: Arc::default(), takes };
        let (tell, mut outcomes) = mpsc::unbounded_channel();
        let queue = run(inbox, fake, Duration::from_millis(300), |id, outcome| {
            tell.send((id.0, outcome)).expect("the test listens");
        });
        let sender = async {
            for (id, command) in [(0, MicroSipCommand::Answer), (1, MicroSipCommand::HangupIncoming)] {
                let order = Order { id: CommandId(id), command, expires: None };
                orders.send(Queued::Order(order)).expect("the queue is there");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            for id in [0, 1] {
                orders.send(Queued::Withdraw(CommandId(id))).expect("the queue is there");
            }
            drop(orders);
        };
        tokio::join!(queue, sender);
        assert_eq!(starts(&record).len(), 1, "the first was on its way already");
        assert_eq!(outcomes.recv().await, Some((0, Outcome::Delivered)));
        assert_eq!(outcomes.recv().await, Some((1, Outcome::Failed)));
        assert!(outcomes.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_command_is_dropped() {
        let (record, outcomes) = carry_out(vec![Some(Duration::from_secs(6))], Some(Duration::from_secs(5))).await;
        assert_eq!(starts(&record).len(), 1);
        assert_eq!(outcomes, [(0, Outcome::Delivered), (1, Outcome::Failed), (2, Outcome::Failed)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_executable_that_is_gone_fails_each_command() {
        let (_, outcomes) = carry_out(vec![None, None, None], None).await;
        assert_eq!(outcomes, [0, 1, 2].map(|id| (id, Outcome::Failed)));
    }
}
