//! How long a command takes to come back as an event, at a steady hundred in a second.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use protocol::wire::rest::{MUTE, WORKER_HEADER};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use super::figure::Figure;
use super::ms;
use super::server::Server;
use super::subscriber::Subscriber;
use crate::side::Side;
use crate::stats::{FAR_TAIL, MEDIAN, quantile};

const EVERY: Duration = Duration::from_millis(10);
/// Commands of a worker with a stream have a measure of their own, which is as much as this.
const NAME: &str = "bench";

pub(super) async fn measure(side: Side, count: usize) -> Result<[(Figure, f64); 2]> {
    let server = Server::start(side, 1).await?;
    let mut stream = Subscriber::to(&server.address, Some(NAME)).await?;
    let call = server.ring().await?;
    stream.calls().await?;
    server.post("/api/sip/call/answer", json!({ "call_id": call })).await?;
    stream.calls().await?;

    let mut clock = interval(EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut took = Vec::new();
    for number in 0..count {
        clock.tick().await;
        let body = json!({ "call_id": call, "on": number % 2 == 0 });
        let request = server.request(MUTE, &body, (WORKER_HEADER, NAME));
        let since = Instant::now();
        let event = async {
            stream.calls().await?;
            anyhow::Ok(since.elapsed())
        };
        let (answer, event) = tokio::join!(request.send(), event);
        let status = answer?.status();
        ensure!(status.is_success(), "a command was answered with {status}");
        took.push(ms(event?));
    }
    let of = |at| quantile(&took, at).context("there were commands");
    Ok([(Figure::CommandMedian, of(MEDIAN)?), (Figure::CommandTail, of(FAR_TAIL)?)])
}
