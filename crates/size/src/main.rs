//! What the served files weigh, and what they are made of: `size --target-dir DIR [--check | --functions N]`. Started by
//! `cargo xtask size`.
//!
//! `--check` looks at the files as they are served and fails where one has outgrown its budget. Without it they are built once
//! more, with the functions' names, and what each crate takes is told too.

mod budget;
mod module;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use bundle::program::{self, option};
use bundle::{Bundle, File, Options, build};
use module::Module;

/// Crates named for each module; what the others take is summed up.
const CRATES: usize = 25;

fn main() -> ExitCode {
    program::main(perform)
}

fn perform() -> Result<()> {
    let target_dir = PathBuf::from(option("--target-dir")?.context("--target-dir DIR is missing")?);
    let functions: usize = option("--functions")?.map_or(Ok(30), |number| number.parse()).context("--functions N")?;
    let check = env::args().any(|word| word == "--check");
    let workspace_root = program::workspace_root()?;
    let options =
        Options { workspace_root, target_dir: target_dir.join("bundle"), next: false, served: true, names: false };
    let report = budget::report(&build(&options)?)?;
    println!("{}", report.to_text());
    if check {
        return report.check();
    }
    let named = build(&Options { target_dir: target_dir.join("size"), names: true, ..options })?;
    modules(&named).try_for_each(|file| {
        let module = Module::read(&file.bytes).with_context(|| format!("{} is no module", file.path))?;
        println!("\n{}\n{}", file.path, module.to_text(CRATES, functions));
        Ok(())
    })
}

fn modules(bundle: &Bundle) -> impl Iterator<Item = &File> {
    bundle.files.iter().filter(|file| file.path.ends_with(".wasm"))
}
