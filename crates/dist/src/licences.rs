//! What the program is made of besides our own code, and the terms of each part: as its authors ship them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// What is in the executable: the backend, and the wasm that it embeds.
const ROOTS: [(&str, Option<&str>); 3] =
    [("backend", None), ("worker", Some("wasm32-unknown-unknown")), ("widget", Some("wasm32-unknown-unknown"))];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    manifest_path: PathBuf,
}

/// One text with all of it.
pub(crate) fn of_backend(root: &Path, target: &str) -> Result<String> {
    let mut used = BTreeSet::new();
    for (package, own_target) in ROOTS {
        used.extend(tree(root, package, own_target.unwrap_or(target))?);
    }
    let metadata = cargo(root, &["metadata", "--format-version", "1", "--locked"])?;
    let Metadata { packages } = serde_json::from_str(&metadata).context("cargo metadata is not understood")?;
    let mut list =
        String::from("The program contains these libraries. Their terms follow, each as its authors ship it.\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let foreign = packages.iter().filter(|package| package.source.is_some());
    for package in foreign.filter(|package| used.contains(&format!("{} v{}", package.name, package.version))) {
        let name = format!("{} {}", package.name, package.version);
        writeln!(list, "{name}: {}", package.license.as_deref().unwrap_or("see its text"))?;
        for text in texts_of(&package.manifest_path)? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    for (text, names) in texts {
        write!(list, "\n{}\n{}\n\n{}\n", "-".repeat(79), names.join(", "), text.trim())?;
    }
    Ok(list)
}

/// `name vVERSION` of everything that is linked.
fn tree(root: &Path, package: &str, target: &str) -> Result<Vec<String>> {
    let arguments = ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let listed = cargo(root, &[&arguments[..], &["--package", package, "--target", target]].concat())?;
    let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(listed.lines().map(name).collect())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root).output().context("cargo can't be started")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8(output.stdout)?)
}

/// Files beside its manifest that are called as such texts are.
fn texts_of(manifest: &Path) -> Result<Vec<String>> {
    let dir = manifest.parent().context("a manifest is in a directory")?;
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let ours = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        path.is_file() && ["LICENSE", "LICENCE", "COPYING", "NOTICE"].iter().any(|start| name.starts_with(start))
    };
    let read = |path: &PathBuf| Some(fs::read_to_string(path).ok()?.replace("\r\n", "\n"));
    Ok(paths.iter().filter(ours).filter_map(read).collect())
}
