//! Waiting for a condition.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Far above what anything takes on a busy machine, a wire that went silent included (two heartbeats): reaching it is a
/// failure, not a delay.
const DEADLINE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(15);

/// Asks until the answer is `Some`.
///
/// # Errors
/// Asking failed, or the deadline passed; `what` says what was waited for.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if started.elapsed() > DEADLINE {
            bail!("waited in vain: {what}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
