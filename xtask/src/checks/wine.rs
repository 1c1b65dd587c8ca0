//! The step that proves the product on Windows' side: programs for Windows under Wine, browsers beside them.

use anyhow::{Context, Result};

use super::Skipped;
use super::suites::tests;
use crate::{cmd, setup, windows};

pub(crate) fn wine() -> Result<Option<usize>> {
    if !cfg!(target_os = "linux") {
        return Err(Skipped).context("Wine is for Linux");
    }
    setup::wasm_target()?;
    // Where they can't be had, nothing is wrong with the product.
    let wine = setup::windows_target().and_then(|()| setup::wine());
    let wine = match wine {
        Ok(wine) => wine,
        Err(error) => return Err(Skipped).with_context(|| format!("{error:#}")),
    };
    let browser = setup::browser()?;
    let programs = windows::build_for_tests()?;
    let mut test = cmd::cargo();
    test.current_dir(cmd::root()).args(["test", "--package", "e2e", "--test", "wine"]);
    test.env("CHROMIUM", browser.chrome).env("CHROMEDRIVER", browser.driver);
    test.env("SIP_PHONE_WINE", &wine.program).env("SIP_PHONE_WINE_PREFIX", &wine.prefix);
    test.env("SIP_PHONE_WINDOWS_PROGRAMS", programs);
    let passed = tests(&mut test);
    wine.end_all();
    passed
}
