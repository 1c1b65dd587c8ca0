//! `cargo xtask test`: everything that must hold before a change goes in, one step after the other, the quick ones first.

mod lint;
mod suites;
mod wine;

use std::fmt;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{cmd, size};

pub(crate) use suites::{build_all_programs, e2e_program, e2e_tests};

/// One step. It gives back how many tests passed, if it is made of tests.
struct Step {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<Option<usize>>,
}

/// What a step needs is not to be had here; the error's context says what.
#[derive(Debug)]
struct Skipped;

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this machine can't do it")
    }
}

impl std::error::Error for Skipped {}

const STEPS: [Step; 11] = [
    Step { name: "fmt", what: "the code is formatted", run: lint::fmt },
    Step { name: "purity", what: "protocol depends on no browser, runtime or server", run: lint::purity },
    Step { name: "clippy", what: "no warning on the host", run: lint::clippy },
    Step { name: "clippy-wasm", what: "no warning on wasm32", run: lint::clippy_wasm },
    Step { name: "host", what: "unit and integration tests", run: suites::host },
    Step { name: "size", what: "what a cold tab loads is within its budget", run: size::check },
    Step { name: "wasm", what: "wasm tests in Chrome", run: suites::wasm },
    Step { name: "fuzz", what: "noise for every parser of outside input", run: suites::fuzz },
    Step { name: "e2e", what: "the whole product in Chrome", run: suites::e2e },
    Step { name: "wine", what: "backend and MicroSIP's stand-in for Windows, under Wine", run: wine::wine },
    Step { name: "soak", what: "half a minute of calls and faults at random", run: suites::soak },
];

pub(crate) fn all() -> Result<()> {
    let started = Instant::now();
    let mut summary = Vec::new();
    for step in &STEPS {
        summary.push(perform(step)?);
    }
    println!("\n==> all is well ({})", cmd::took(started));
    summary.iter().for_each(|line| println!("    {line}"));
    Ok(())
}

pub(crate) fn one(name: &str) -> Result<()> {
    let Some(step) = STEPS.iter().find(|step| step.name == name) else {
        bail!("there is no step `{name}`; there are: {}", names());
    };
    perform(step).map(|line| println!("    {line}"))
}

pub(crate) fn names() -> String {
    STEPS.map(|step| step.name).join(", ")
}

fn perform(step: &Step) -> Result<String> {
    println!("\n==> {}: {}", step.name, step.what);
    let started = Instant::now();
    let passed = match (step.run)() {
        Err(error) if error.is::<Skipped>() => {
            println!("\n    !!! step `{}` was SKIPPED, and proves nothing: {error:#}\n", step.name);
            return Ok(format!("{:<12} {:<20} {:>12}", step.name, "SKIPPED", cmd::took(started)));
        }
        other => other.with_context(|| format!("step `{0}` failed; alone it is `cargo xtask test {0}`", step.name))?,
    };
    let tests = passed.map(|count| format!("{count} tests passed")).unwrap_or_else(|| "ok".to_owned());
    Ok(format!("{:<12} {tests:<20} {:>12}", step.name, cmd::took(started)))
}
