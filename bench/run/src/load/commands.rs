//! How long a command takes to come back as an event, at a steady hundred in a second.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::Backend;
use protocol::wire::rest::{MUTE, WORKER_HEADER};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use super::subscriber::Subscriber;
use super::{Rows, ms};
use crate::options::Plan;
use crate::stats::{FAR_TAIL, quantile};

const EVERY: Duration = Duration::from_millis(10);
/// Commands of a worker with a stream have a measure of their own, which is as much as this.
const NAME: &str = "bench";

pub(super) async fn measure(plan: &Plan, rows: &mut Rows) -> Result<()> {
    let backend = Backend::simulator().await?;
    let mut stream = Subscriber::to(&backend.address, Some(NAME)).await?;
    let call = backend.post("/api/sim/incoming", json!({ "number": "100" })).await?["call_id"].take();
    stream.call().await?;
    backend.post("/api/sip/call/answer", json!({ "call_id": call })).await?;
    stream.call().await?;

    let http = reqwest::Client::builder().tcp_nodelay(true).build()?;
    let mut clock = interval(EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut took = Vec::new();
    for number in 0..plan.commands {
        clock.tick().await;
        let request = http
            .post(format!("http://{}{MUTE}", backend.address))
            .header(WORKER_HEADER, NAME)
            .json(&json!({ "call_id": call, "on": number % 2 == 0 }));
        let since = Instant::now();
        let event = async {
            stream.call().await?;
            anyhow::Ok(since.elapsed())
        };
        let (answer, event) = tokio::join!(request.send(), event);
        let status = answer?.status();
        ensure!(status.is_success(), "a command was answered with {status}");
        took.push(ms(event?));
    }
    let p99 = quantile(&took, FAR_TAIL).context("there were commands")?;
    rows.at_most("Command to its event, 100 in a second, p99", p99, 2.0, "ms");
    Ok(())
}
