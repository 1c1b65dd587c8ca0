//! Builds the bundle into a directory of plain files: `bundle --out DIR --target-dir DIR`. Started by `cargo xtask bundle`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use bundle::{Options, build, program};

fn main() -> ExitCode {
    program::main(perform)
}

fn perform() -> Result<()> {
    let dir = |name| program::option(name)?.map(PathBuf::from).with_context(|| format!("{name} DIR is missing"));
    let (out, target_dir) = (dir("--out")?, dir("--target-dir")?);
    let workspace_root = program::workspace_root()?;
    let bundle = build(&Options { workspace_root, target_dir, next: false, served: false, names: false })?;
    bundle.write_files(&out)?;
    println!("bundle {}: {} files in {}", bundle.hash, bundle.files.len(), out.display());
    Ok(())
}
