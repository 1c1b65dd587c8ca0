//! Builds the bundle into a directory of plain files: `bundle --out DIR --target-dir DIR`. Started by `cargo xtask bundle`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use bundle::{Options, build};

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
    let out = option("--out")?;
    let target_dir = option("--target-dir")?;
    // As `cargo run` says it, since a checkout may have moved after this was built.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let workspace_root =
        Path::new(&package).ancestors().nth(2).context("the package is not below crates/")?.to_path_buf();
    let bundle = build(&Options { workspace_root, target_dir, next: false, served: false, names: false })?;
    bundle.write_files(&out)?;
    println!("bundle {}: {} files in {}", bundle.hash, bundle.files.len(), out.display());
    Ok(())
}

fn option(name: &str) -> Result<PathBuf> {
    let mut words = std::env::args_os().skip_while(|word| word != name).skip(1);
    words.next().map(PathBuf::from).with_context(|| format!("{name} DIR is missing"))
}
