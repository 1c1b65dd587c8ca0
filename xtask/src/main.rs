//! The project's own commands: `cargo xtask setup | run | test | faults | soak | bench | fuzz | bundle | dist`.

mod bench;
mod bundle;
mod checks;
mod cmd;
mod dist;
mod faults;
mod fuzz;
mod run;
mod setup;
mod size;
mod soak;
mod windows;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask run [-- ARGS]     get what is missing, build, start the backend with these arguments, and a page of another origin
cargo xtask test [STEP]       get what is missing, then all checks and tests, or one step of them
cargo xtask faults [--tries N] [--jobs N] [ROW]...
                              make each fault of RELIABILITY.md N times (20), or one of them, and write what was measured into it
cargo xtask soak --minutes N [--seed S]
                              tabs, calls and faults at random for so long, then check that nothing was lost
cargo xtask bench [browser | backend] [--rounds N] [--quick]
                              the product beside the same in Vue, in Chromium, and what the backend bears; writes BENCHMARKS.md
cargo xtask dist              release archives for Linux and Windows, with checksums
cargo xtask programs          only build what the end-to-end tests start, also of the later release that tests update to
cargo xtask fuzz [TARGET] [--seconds N]
                              feeds the parsers of outside input noise, each for a minute unless told otherwise
cargo xtask size [--functions N]
                              what a cold tab loads, and which crates and functions it is made of
cargo xtask setup             only get what is missing: the wasm32 target; for the tests Chromium and npm packages
cargo xtask bundle --out DIR  the served files as plain files";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match perform(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(words: &[&str]) -> Result<()> {
    match words {
        ["run", "--", args @ ..] => run::run(args),
        [] | ["help"] | [.., "--help" | "-h"] => {
            println!("{HELP}\nSteps of test: {}", checks::names());
            Ok(())
        }
        ["run"] => run::run(&[]),
        ["test"] => checks::all(),
        ["test", step] if !step.starts_with('-') => checks::one(step),
        ["faults", options @ ..] => faults::faults(options),
        ["soak", options @ ..] => soak::soak(options),
        ["bench", words @ ..] => bench::bench(words),
        ["size", words @ ..] => size::size(words),
        ["dist"] => dist::dist(),
        ["programs"] => setup::wasm_target().and_then(|()| checks::build_all_programs()),
        ["fuzz", words @ ..] => fuzz::run(words),
        ["setup"] => setup::wasm_target().and_then(|()| setup::browser()).and_then(|_| setup::npm_packages()).map(drop),
        ["bundle"] => bundle::bundle(None),
        ["bundle", "--out", dir] => bundle::bundle(Some(dir)),
        other => bail!("unknown command `{}`; there are:\n{HELP}", other.join(" ")),
    }
}
