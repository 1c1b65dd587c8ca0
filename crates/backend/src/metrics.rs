//! What `/metrics` counts, under the names of the contract.

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use protocol::wire::event::Event;
use protocol::{Direction, EndReason};

/// Upper bounds of call durations, in seconds: from a wrong number to an hour.
const DURATIONS: [f64; 9] = [5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];

/// The commands that are counted.
const COMMANDS: [&str; 8] = ["dial", "answer", "hangup", "hold", "mute", "dtmf", "transfer", "status"];
/// The limits that a request may meet.
const LIMITS: [&str; 5] = ["worker", "commands", "reads", "faults", "streams"];
/// The ways in which calls end.
const REASONS: [EndReason; 7] = [
    EndReason::Hangup,
    EndReason::Rejected,
    EndReason::Missed,
    EndReason::Busy,
    EndReason::Failed,
    EndReason::Transferred,
    EndReason::AnsweredElsewhere,
];

/// The counters of one process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    sse_connections: Gauge<i64, AtomicI64>,
    events: Family<EventLabels, Counter>,
    commands: Family<CommandLabels, Counter>,
    calls: Family<CallLabels, Counter>,
    call_duration: Histogram,
    worker_faults: Counter,
    refused: Family<LimitLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    event: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommandLabels {
    command: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    direction: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    limit: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

/// An SSE stream that is open: it counts until it is dropped.
#[derive(Debug)]
pub struct OpenStream(Gauge<i64, AtomicI64>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("sip_phone"),
            sse_connections: Gauge::default(),
            events: Family::default(),
            commands: Family::default(),
            calls: Family::default(),
            call_duration: Histogram::new(DURATIONS),
            worker_faults: Counter::default(),
            refused: Family::default(),
        };
        metrics.begin_at_zero();
        metrics.registered()
    }
}

impl Metrics {
    /// A counter that is not there before it first counts makes no rate, and no alert.
    fn begin_at_zero(&self) {
        // The others never stand in the journal.
        for event in Event::NAMES.into_iter().filter(|name| !["snapshot", "heartbeat", "tab_role"].contains(name)) {
            drop(self.events.get_or_create(&EventLabels { event: event.to_owned() }));
        }
        for command in COMMANDS {
            drop(self.commands.get_or_create(&CommandLabels { command, outcome: "ok" }));
        }
        for limit in LIMITS {
            drop(self.refused.get_or_create(&LimitLabels { limit }));
        }
        for direction in [Direction::In, Direction::Out] {
            for reason in REASONS {
                drop(self.calls.get_or_create(&CallLabels::new(direction, reason)));
            }
        }
    }

    // The library adds `_total` to counters.
    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("sse_connections", "SSE streams that are open", self.sse_connections.clone());
        registry.register("events", "Events put into the journal", self.events.clone());
        registry.register("commands", "Commands by their outcome: ok, or the error's type", self.commands.clone());
        registry.register("calls", "Calls that have ended", self.calls.clone());
        registry.register(
            "call_duration_seconds",
            "How long calls were connected; those that never were don't count",
            self.call_duration.clone(),
        );
        registry.register("worker_faults", "Workers that failed and started again", self.worker_faults.clone());
        registry.register("refused", "Requests that were too many, by the limit that they met", self.refused.clone());
        let build = Family::<BuildLabels, Gauge>::default();
        build.get_or_create(&BuildLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "The program that runs", build);
        self
    }

    /// Counts an SSE stream for as long as the result lives.
    pub fn stream_opened(&self) -> OpenStream {
        self.sse_connections.inc();
        OpenStream(self.sse_connections.clone())
    }

    /// Counts an event of the journal.
    pub fn event(&self, name: &str) {
        self.events.get_or_create(&EventLabels { event: name.to_owned() }).inc();
    }

    /// Counts a command: `outcome` is `ok` or the name of an error type.
    pub fn command(&self, command: &'static str, outcome: &'static str) {
        self.commands.get_or_create(&CommandLabels { command, outcome }).inc();
    }

    /// Counts a call that has ended; `connected` is how long it was connected, `None` if it never was.
    pub fn call(&self, direction: Direction, reason: EndReason, connected: Option<Duration>) {
        self.calls.get_or_create(&CallLabels::new(direction, reason)).inc();
        if let Some(connected) = connected {
            self.call_duration.observe(connected.as_secs_f64());
        }
    }

    /// Counts a request that was one too many: `limit` is one of `worker` `commands` `reads` `faults` `streams`.
    pub fn refused(&self, limit: &'static str) {
        self.refused.get_or_create(&LimitLabels { limit }).inc();
    }

    /// Counts a worker that failed.
    pub fn worker_fault(&self) {
        self.worker_faults.inc();
    }

    /// All of them in the OpenMetrics text format, 1.0.0.
    pub fn to_open_metrics(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("writing into a String can't fail");
        text
    }

    /// All of them in the classic Prometheus text format, 0.0.4.
    ///
    /// The library writes OpenMetrics alone. For the kinds of metrics here the two differ in this: a counter's comments
    /// name it with `_total`, and there is no `# EOF`.
    pub fn to_text(&self) -> String {
        let text = self.to_open_metrics();
        let counter = |name: &str| text.contains(&format!("# TYPE {name} counter\n"));
        let renamed = |line: &str| match line.splitn(4, ' ').collect::<Vec<_>>()[..] {
            ["#", kind, name, rest] if counter(name) => format!("# {kind} {name}_total {rest}\n"),
            _ => format!("{line}\n"),
        };
        text.lines().filter(|line| *line != "# EOF").map(renamed).collect()
    }
}

impl CallLabels {
    fn new(direction: Direction, reason: EndReason) -> Self {
        Self { direction: direction.as_str(), reason: reason.as_str() }
    }
}
