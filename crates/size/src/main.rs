//! What the served files weigh, and what they are made of: `size --target-dir DIR [--check | --functions N]`. Started by
//! `cargo xtask size`.
//!
//! `--check` looks at the files as they are served and fails where one has outgrown its budget. Without it they are built once
//! more, with the functions' names, and what each crate takes is told too.

mod budget;
mod module;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use bundle::{Bundle, File, Options, build};
use module::Module;

/// Crates named for each module; what the others take is summed up.
const CRATES: usize = 25;

fn main() -> ExitCode {
    match perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform() -> Result<()> {
    let target_dir = PathBuf::from(option("--target-dir")?.context("--target-dir DIR is missing")?);
    let functions: usize = option("--functions")?.map_or(Ok(30), |number| number.parse()).context("--functions N")?;
    let check = env::args().any(|word| word == "--check");
    // As `cargo run` says it, since a checkout may have moved after this was built.
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let workspace_root =
        Path::new(&package).ancestors().nth(2).context("the package is not below crates/")?.to_path_buf();
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

fn option(name: &str) -> Result<Option<String>> {
    let mut words = env::args().skip_while(|word| word != name);
    match (words.next(), words.next()) {
        (None, _) => Ok(None),
        (_, Some(value)) => Ok(Some(value)),
        _ => bail!("{name} lacks its value"),
    }
}
