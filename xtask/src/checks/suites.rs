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
pub(crate) const WASM_CRATES: [&str; 8] =
    ["--package", "protocol", "--package", "js-wire", "--package", "worker", "--package", "widget"];
/// What makes no sense on the host.
pub(crate) const WASM_ONLY: &str = "widget";

/// Builds the programs that tests start.
const PROGRAMS: [&str; 6] = ["build", "--package", "backend", "--package", "testkit", "--bins"];

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
    // Not those that need Wine.
    tests(e2e_tests()?.args(["--lib", "--bins", "--test", "e2e"]))
}

pub(crate) fn soak() -> Result<Option<usize>> {
    cmd::run(e2e_program("soak")?.args(["--minutes", "0.5"])).map(|()| None)
}

/// `cargo test` of the end-to-end tests, with all that they need.
pub(crate) fn e2e_tests() -> Result<Command> {
    let mut test = with_browser()?;
    test.args(["test", "--package", "e2e"]);
    Ok(test)
}

/// A program of the crate of the end-to-end tests, with all that it needs; its arguments may follow.
pub(crate) fn e2e_program(name: &str) -> Result<Command> {
    let mut run = with_browser()?;
    run.args(["run", "--quiet", "--package", "e2e", "--bin", name, "--"]);
    Ok(run)
}

/// Cargo, with what the end-to-end tests start and what they find by variables.
fn with_browser() -> Result<Command> {
    setup::wasm_target()?;
    let browser = setup::browser()?;
    let npm = setup::npm_packages()?;
    build_all_programs()?;
    let mut command = cargo();
    command.env("CHROMIUM", browser.chrome).env("CHROMEDRIVER", browser.driver).env("SIP_PHONE_NPM", npm);
    Ok(command)
}

/// What tests start as processes, which cargo does not build for the tests of another package.
fn build_programs() -> Result<()> {
    cmd::run(cargo().args(PROGRAMS))
}

/// Those, and beside them the backend of a later release, for tests of updates.
pub(crate) fn build_all_programs() -> Result<()> {
    // With the same packages, so that all dependencies are those of the ordinary build; which comes last, as both write to one
    // place. Where nothing has changed, both take a moment.
    cmd::run(cargo().args(PROGRAMS).args(["--features", "backend/next"]))?;
    let target_dir = target_dir()?;
    let backend = format!("backend{}", env::consts::EXE_SUFFIX);
    let (built, kept) = (target_dir.join("debug").join(&backend), target_dir.join("next").join(&backend));
    fs::create_dir_all(target_dir.join("next"))?;
    // A file of its own: cargo would write through a link. And one that may be running is replaced, not written to.
    let fresh = kept.with_extension("new");
    fs::copy(&built, &fresh).and_then(|_| fs::rename(&fresh, &kept)).context("the later release can't be kept")?;
    build_programs()
}

pub(super) fn tests(test: &mut Command) -> Result<Option<usize>> {
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
