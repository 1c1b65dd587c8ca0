//! `SHA256SUMS`, as `sha256sum --check` reads it: one line for each archive.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

/// Puts an archive's line into the file, in place of an older one.
pub(crate) fn note(sums: &Path, file: &str, bytes: &[u8]) -> Result<()> {
    let mut sum = String::new();
    for byte in Sha256::digest(bytes) {
        write!(sum, "{byte:02x}")?;
    }
    let old = fs::read_to_string(sums).unwrap_or_default();
    let mut lines: Vec<String> = old.lines().filter(|line| !line.ends_with(file)).map(str::to_owned).collect();
    lines.push(format!("{sum}  {file}"));
    lines.sort_by(|a, b| a.split_whitespace().last().cmp(&b.split_whitespace().last()));
    Ok(fs::write(sums, lines.join("\n") + "\n")?)
}
