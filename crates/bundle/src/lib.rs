//! Turns the worker and the widget into the files that the backend serves; used by the backend's build script and by `cargo xtask bundle`.
//!
//! Cargo builds the two crates for wasm32, wasm-bindgen writes the JavaScript around them, the scripts in `www` wrap that, and every name
//! that may be cached for ever carries a hash of its content. No installed tool takes part.

mod assemble;
mod bindgen;
mod compile;
mod compress;
mod emit;
mod minify;
mod order;
pub mod program;
mod script;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use compress::brotli;
pub use script::{for_build_script, inputs};

/// Where the sources are, and where the nested build may work.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory of the workspace's `Cargo.toml`.
    pub workspace_root: PathBuf,
    /// A target directory of its own: cargo locks a target directory for the whole of a build, and this build runs inside another.
    pub target_dir: PathBuf,
    /// The build that stands for a later release in tests of updates.
    pub next: bool,
    /// The backend that it is part of will serve it. Plain files are served by others, beside a backend of any build.
    pub served: bool,
    /// The modules keep the names of their functions, for who wants to know what they are made of.
    pub names: bool,
}

/// All that the backend serves, uncompressed.
#[derive(Debug)]
pub struct Bundle {
    /// Content hash over the widget and the worker, by which an old tab knows that there is a newer one.
    pub hash: String,
    /// The files, sorted by path.
    pub files: Vec<File>,
}

/// One served file.
#[derive(Debug)]
pub struct File {
    /// Its path in the address, `/sip-worker.js`.
    pub path: String,
    /// The name carries the content's hash, so that browsers may keep it for ever.
    pub immutable: bool,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Builds everything from the sources.
pub fn build(options: &Options) -> Result<Bundle> {
    let wasm = compile::wasm(options)?;
    let [worker, widget] = [&wasm.worker, &wasm.widget].map(|module| bindgen::glue(module, options.names));
    assemble::assemble(&options.workspace_root.join("www"), worker?, widget?, options.served)
}

impl Bundle {
    /// Writes the plain files, for a server of static files.
    pub fn write_files(&self, dir: &Path) -> Result<()> {
        emit::files(self, dir)
    }

    /// Writes the files, their compressed forms, and an `assets.rs` that embeds them. The including code defines what it fills:
    ///
    /// ```ignore
    /// pub struct Asset {
    ///     pub path: &'static str,         // "/sip-worker.js"
    ///     pub content_type: &'static str,
    ///     pub immutable: bool,            // may be cached for ever
    ///     pub etag: &'static str,         // with its quotes
    ///     pub raw: &'static [u8],
    ///     pub brotli: Option<&'static [u8]>,
    ///     pub gzip: Option<&'static [u8]>,
    /// }
    /// include!(concat!(env!("OUT_DIR"), "/assets.rs")); // ASSETS: &[Asset], sorted by path; BUNDLE: &str
    /// ```
    pub fn write_embedded(&self, out_dir: &Path) -> Result<()> {
        emit::embedded(self, out_dir)
    }
}
