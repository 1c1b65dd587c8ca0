//! A row of RELIABILITY.md: a fault, what is promised, and a test that makes it so many times and measures the recovery.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result};

/// How often each fault is made; once, unless `cargo xtask faults` says otherwise.
const TRIES: &str = "SIP_PHONE_TRIES";
/// The file that gets a line for each try: `test`, `fault`, `made`, `promised`, milliseconds; separated by tabs.
const OUT: &str = "SIP_PHONE_FAULTS_OUT";

/// What a row says besides what was measured.
pub struct Row {
    /// The test, as [`crate::here`] gives it.
    pub test: &'static str,
    /// What goes wrong.
    pub fault: &'static str,
    /// How it is made to.
    pub made: &'static str,
    /// What holds all the same.
    pub promised: &'static str,
}

/// The path of the function around it, for [`Row::test`].
#[macro_export]
macro_rules! here {
    () => {{
        fn here() {}
        std::any::type_name_of_val(&here)
    }};
}

/// Whether `cargo xtask faults` measures: then a row makes its fault in full, whatever it costs.
pub fn is_measured() -> bool {
    std::env::var_os(OUT).is_some()
}

/// Longer than what makes one fault count as the second in a row, for which the phone waits longer.
const APART: Duration = Duration::from_millis(2_500);

/// Makes the fault as often as wanted, each time to a phone at rest. Each attempt checks what is promised and gives the time from the fault, or from the end
/// of its cause, until all tabs showed the true state.
///
/// # Errors
/// An attempt failed.
pub async fn row(row: Row, mut attempt: impl AsyncFnMut() -> Result<Duration>) -> Result<()> {
    let Row { test, fault, made, promised } = row;
    // e2e::faults::tabs::closed_in_call::{{closure}}::here
    let path = test.split("::{{closure}}").next().unwrap_or(test);
    let test = path.strip_prefix("e2e::").unwrap_or(path);
    let tries = std::env::var(TRIES).ok().and_then(|tries| tries.parse().ok()).unwrap_or(1);
    for number in 1..=tries {
        if is_measured() {
            tokio::time::sleep(APART).await;
        }
        let took = attempt().await.with_context(|| format!("try {number} of {tries}"))?;
        eprintln!("{test}: {} ms", took.as_millis());
        if let Some(file) = std::env::var_os(OUT) {
            let line = format!("{test}\t{fault}\t{made}\t{promised}\t{}\n", took.as_millis());
            OpenOptions::new().create(true).append(true).open(file)?.write_all(line.as_bytes())?;
        }
    }
    Ok(())
}
