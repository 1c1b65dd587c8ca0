//! `dist --out DIR --exe FILE --target TRIPLE`: an archive with the program and what belongs to it, and its checksum.
//! `dist --unpack ZIP --to DIR`: what somebody does who gets it.
//!
//! `cargo xtask dist` builds the programs and calls this for each. The same inputs give the same archive, byte by byte.

mod archive;
mod checksums;
mod licences;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use archive::{Entry, tar_gz, zip};

/// As they are in the workspace's root.
const TEXTS: [&str; 5] = ["README.md", "CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT"];
/// Settings to begin with. Taken in when this is compiled, so that no build goes through without them.
const SETTINGS: &str = include_str!("../sip-phone.toml");

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--out", out, "--exe", exe, "--target", target] => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("no workspace")?;
            let packed = pack(root, Path::new(out), Path::new(exe), target)?;
            println!("{}", packed.display());
            Ok(())
        }
        ["--unpack", zip, "--to", dir] => archive::unpack(Path::new(zip), Path::new(dir)),
        _ => bail!("this is called by `cargo xtask dist`: dist --out DIR --exe FILE --target TRIPLE"),
    }
}

fn pack(root: &Path, out: &Path, exe: &Path, target: &str) -> Result<PathBuf> {
    let name = format!("sip-phone-{}-{target}", env!("CARGO_PKG_VERSION"));
    let entry = |path: &Path, executable| -> Result<Entry> {
        let bytes = fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Entry { path: format!("{name}/{file}"), bytes, executable })
    };
    let settings = Entry { path: format!("{name}/sip-phone.toml"), bytes: SETTINGS.into(), executable: false };
    let mut entries = vec![entry(exe, true)?, settings];
    for text in TEXTS {
        entries.push(entry(&root.join(text), false)?);
    }
    let licences = licences::of_backend(root, target)?.into_bytes();
    entries.push(Entry { path: format!("{name}/THIRD-PARTY.txt"), bytes: licences, executable: false });

    let (file, bytes) = if target.contains("windows") {
        (format!("{name}.zip"), zip(&entries)?)
    } else {
        (format!("{name}.tar.gz"), tar_gz(&entries)?)
    };
    fs::create_dir_all(out)?;
    checksums::note(&out.join("SHA256SUMS"), &file, &bytes)?;
    let path = out.join(file);
    fs::write(&path, bytes).with_context(|| format!("{} can't be written", path.display()))?;
    Ok(path)
}
