//! `cargo xtask bench`: the product and its peer side by side, and what the backend bears. The work is done by `bench/run`.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{cmd, setup};

pub(crate) fn bench(words: &[&str]) -> Result<()> {
    setup::wasm_target()?;
    let browser = setup::browser()?;
    build_peer()?;
    // As users get it. By itself, as the bench asks for it: together with others it would be built with other features, and again.
    cmd::run(cargo().args(["build", "--release", "--package", "backend", "--bin", "backend"]))?;
    let mut run = cargo();
    run.args(["run", "--release", "--package", "bench", "--"]).args(words);
    cmd::run(run.env("CHROMIUM", browser.chrome).env("CHROMEDRIVER", browser.driver))
}

fn cargo() -> Command {
    let mut cargo = cmd::cargo();
    cargo.current_dir(cmd::root());
    cargo
}

/// By its lock file; what is there already is built again, which takes a second.
fn build_peer() -> Result<()> {
    let peer = cmd::root().join("bench/peer");
    let npm = |words: &[&str]| {
        let mut npm = Command::new(setup::NPM);
        npm.args(words).current_dir(&peer);
        cmd::run(&mut npm)
            .context("the peer can't be built: install Node.js from 20.19 on, with npm, and put it on PATH")
    };
    if !peer.join("node_modules").is_dir() {
        npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts"])?;
    }
    npm(&["run", "--silent", "build"])
}
