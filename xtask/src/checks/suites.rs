//! The steps that run tests: on the host, on wasm32 in Chrome, under fuzzers, and of the whole product.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::bundle::target_dir;
use crate::setup::TARGET;
use crate::{cmd, setup};

/// What is tested on wasm32.
pub(crate) const WASM_CRATES: [&str; 6] = ["--package", "protocol", "--package", "worker", "--package", "widget"];
/// What makes no sense on the host.
pub(crate) const WASM_ONLY: &str = "widget";

/// The crate that cargo starts for each test program of wasm32.
const RUNNER: &str = "wasm-test-runner";
/// Seconds for one test program in the browser; a debug build of the widget takes some to start on a busy machine.
const BROWSER_TIMEOUT: &str = "120";
/// Seconds for each fuzz target: enough to see that it runs. What takes longer to find is found by `cargo xtask fuzz`.
const FUZZ_SECONDS: u64 = 5;

pub(crate) fn host() -> Result<Option<usize>> {
    setup::wasm_target()?;
    build_programs()?;
    // The runner has no tests, and takes long to build.
    let excluded = ["e2e", RUNNER, WASM_ONLY].map(|package| format!("--exclude={package}"));
    tests(cargo().args(["test", "--workspace"]).args(excluded))
}

pub(crate) fn wasm() -> Result<Option<usize>> {
    setup::wasm_target()?;
    let browser = setup::browser()?;
    cmd::run(cargo().args(["build", "--package", RUNNER]))?;
    let target_dir = target_dir()?;
    let capabilities = target_dir.join("webdriver.json");
    fs::write(&capabilities, webdriver_json(&browser.chrome)).context("the browser's settings cannot be written")?;
    let runner = target_dir.join("debug").join(format!("{RUNNER}{}", env::consts::EXE_SUFFIX));

    let mut test = cargo();
    // Not the examples in comments: they would need a browser each.
    test.arg("test").args(WASM_CRATES).args(["--lib", "--tests", "--target", TARGET]);
    test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    test.env("CHROMEDRIVER", browser.driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    test.env("WASM_BINDGEN_USE_BROWSER", "1").env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_TIMEOUT);
    tests(&mut test)
}

pub(crate) fn fuzz() -> Result<Option<usize>> {
    crate::fuzz::all(FUZZ_SECONDS).map(|()| None)
}

pub(crate) fn e2e() -> Result<Option<usize>> {
    setup::wasm_target()?;
    let browser = setup::browser()?;
    let npm = setup::npm_packages()?;
    build_programs()?;
    let mut test = cargo();
    test.args(["test", "--package", "e2e"]).env("CHROMIUM", browser.chrome).env("CHROMEDRIVER", browser.driver);
    tests(test.env("SIP_PHONE_NPM", npm))
}

/// What tests start as processes, which cargo does not build for the tests of another package.
fn build_programs() -> Result<()> {
    cmd::run(cargo().args(["build", "--package", "backend", "--package", "testkit", "--bins"]))
}

fn tests(test: &mut Command) -> Result<Option<usize>> {
    let heard = cmd::run_heard(test)?;
    Ok(Some(heard.iter().filter_map(|line| passed(line)).sum()))
}

/// Of `test result: ok. 12 passed; 0 failed; …`, the 12.
fn passed(line: &str) -> Option<usize> {
    let (_, rest) = line.split_once("test result: ok. ")?;
    rest.split(' ').next()?.parse().ok()
}

/// Which browser, and quiet on a closed network; the runner adds what headless needs.
fn webdriver_json(chrome: &Path) -> String {
    let binary = chrome.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        r#"{{"goog:chromeOptions":{{"binary":"{binary}","args":["disable-background-networking","disable-component-update"]}}}}"#
    )
}

fn cargo() -> Command {
    let mut cargo = cmd::cargo();
    cargo.current_dir(cmd::root());
    cargo
}

#[cfg(test)]
mod tests {
    use super::passed;

    #[test]
    fn passed_tests_are_read_from_cargos_summary() {
        assert_eq!(passed("test result: ok. 12 passed; 0 failed; 0 ignored; finished in 0.01s"), Some(12));
        assert_eq!(passed("test hub::opens ... ok"), None);
    }
}
