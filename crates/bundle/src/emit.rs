//! Writes a bundle: as plain files, or as Rust that embeds them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::assemble::hash;
use crate::{Bundle, File, compress};

pub(crate) fn files(bundle: &Bundle, dir: &Path) -> Result<()> {
    bundle.files.iter().try_for_each(|file| write(&place(dir, file), &file.bytes))
}

pub(crate) fn embedded(bundle: &Bundle, out_dir: &Path) -> Result<()> {
    let dir = out_dir.join("assets");
    if dir.exists() {
        // Names carry hashes: without this, those of earlier builds would pile up.
        fs::remove_dir_all(&dir).with_context(|| format!("{} cannot be removed", dir.display()))?;
    }
    let compressed = compress_all(&bundle.files)?;
    let mut rust = String::from("// Written by crates/bundle.\n");
    writeln!(rust, "/// Content hash of the served widget and worker.\npub static BUNDLE: &str = {:?};", bundle.hash)?;
    writeln!(rust, "/// Every served file, sorted by path.\npub static ASSETS: &[Asset] = &[")?;
    for (file, forms) in bundle.files.iter().zip(compressed) {
        let raw = place(&dir, file);
        write(&raw, &file.bytes)?;
        writeln!(rust, "    Asset {{")?;
        writeln!(rust, "        path: {:?},", file.path)?;
        writeln!(rust, "        content_type: {:?},", content_type(&file.path))?;
        writeln!(rust, "        immutable: {},", file.immutable)?;
        writeln!(rust, "        etag: {:?},", format!("\"{}\"", hash(&[&file.bytes])))?;
        writeln!(rust, "        raw: include_bytes!({raw:?}),")?;
        writeln!(rust, "        brotli: {},", optional(&raw, "br", forms.brotli)?)?;
        writeln!(rust, "        gzip: {},", optional(&raw, "gz", forms.gzip)?)?;
        writeln!(rust, "    }},")?;
    }
    writeln!(rust, "];")?;
    write(&out_dir.join("assets.rs"), rust.as_bytes())
}

struct Forms {
    brotli: Option<Vec<u8>>,
    gzip: Option<Vec<u8>>,
}

/// All files at once: brotli at its best takes its time.
fn compress_all(files: &[File]) -> Result<Vec<Forms>> {
    thread::scope(|scope| {
        let forms =
            |file: &File| Ok(Forms { brotli: compress::brotli(&file.bytes)?, gzip: compress::gzip(&file.bytes)? });
        let working: Vec<_> = files.iter().map(|file| scope.spawn(move || forms(file))).collect();
        working.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("compressing a file panicked"))?).collect()
    })
}

/// Writes a compressed form beside its file, and gives the Rust that embeds it.
fn optional(raw: &Path, extension: &str, bytes: Option<Vec<u8>>) -> Result<String> {
    let Some(bytes) = bytes else { return Ok("None".to_owned()) };
    let mut path = raw.as_os_str().to_owned();
    path.push(format!(".{extension}"));
    let path = PathBuf::from(path);
    write(&path, &bytes)?;
    Ok(format!("Some(include_bytes!({path:?}))"))
}

fn place(dir: &Path, file: &File) -> PathBuf {
    dir.join(file.path.trim_start_matches('/'))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        // Types to be read and copied; the registered type of `ts` is a video's.
        "ts" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
