//! The two kinds of archives.

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// One file.
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) executable: bool,
}

impl Entry {
    fn mode(&self) -> u32 {
        if self.executable { 0o755 } else { 0o644 }
    }
}

pub(crate) fn tar_gz(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(entry.mode());
        archive.append_data(&mut header, &entry.path, entry.bytes.as_slice())?;
    }
    Ok(archive.into_inner()?.finish()?)
}

pub(crate) fn zip(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = SimpleFileOptions::default().unix_permissions(entry.mode()).compression_level(Some(9));
        archive.start_file(entry.path.as_str(), options)?;
        archive.write_all(&entry.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Unpacks a zip.
pub(crate) fn unpack(zip: &Path, to: &Path) -> Result<()> {
    let file = File::open(zip).with_context(|| format!("{} can't be read", zip.display()))?;
    Ok(::zip::ZipArchive::new(file)?.extract(to)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_always_the_same() {
        let entries = || {
            let entry = |path: &str, executable| Entry { path: path.to_owned(), bytes: b"text".to_vec(), executable };
            [entry("a/backend", true), entry("a/README.md", false)]
        };
        let (zipped, tarred) = (zip(&entries()).unwrap(), tar_gz(&entries()).unwrap());
        assert_eq!((&zipped, &tarred), (&zip(&entries()).unwrap(), &tar_gz(&entries()).unwrap()));

        let mut archive = ::zip::ZipArchive::new(Cursor::new(zipped)).unwrap();
        let mut text = String::new();
        archive.by_name("a/README.md").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), archive.len()), ("text", 2));

        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(tarred.as_slice()));
        let modes: Vec<u32> = archive.entries().unwrap().map(|entry| entry.unwrap().header().mode().unwrap()).collect();
        assert_eq!(modes, [0o755, 0o644]);
    }
}
