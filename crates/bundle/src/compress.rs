//! The compressed forms of a file, made once at build time, so that they may be as small as they get.

use std::io::Write;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

const BUFFER: usize = 64 * 1024;
const BROTLI_QUALITY: u32 = 11;
/// The window's size as a power of two: 4 MB, more than any file here.
const BROTLI_WINDOW: u32 = 22;

/// Compressed as it is served; `None` where the result would not be smaller.
///
/// # Errors
/// None is known.
pub fn brotli(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
    writer.write_all(bytes)?;
    writer.flush()?;
    Ok(if_smaller(writer.into_inner(), bytes))
}

/// `None` where the result would not be smaller.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(bytes)?;
    Ok(if_smaller(writer.finish()?, bytes))
}

fn if_smaller(compressed: Vec<u8>, raw: &[u8]) -> Option<Vec<u8>> {
    (compressed.len() < raw.len()).then_some(compressed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use anyhow::{Context, Result};

    use super::gzip;

    #[test]
    fn both_forms_give_the_content_back() -> Result<()> {
        let content = "one phone in every tab ".repeat(500).into_bytes();
        let small = super::brotli(&content)?.context("brotli does not help")?;
        let mut back = Vec::new();
        brotli::Decompressor::new(small.as_slice(), 4096).read_to_end(&mut back)?;
        assert_eq!(back, content);

        let small = gzip(&content)?.context("gzip does not help")?;
        back.clear();
        flate2::read::GzDecoder::new(small.as_slice()).read_to_end(&mut back)?;
        assert_eq!(back, content);
        Ok(())
    }

    #[test]
    fn a_form_that_does_not_help_is_left_out() -> Result<()> {
        assert_eq!(super::brotli(b"x")?, None);
        assert_eq!(gzip(b"x")?, None);
        Ok(())
    }
}
