//! MicroSIP's settings file: UTF-16LE with a byte order mark, sections and keys.

use std::io;
use std::path::Path;

/// The file's sections in order, each with its keys in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ini(Vec<(String, Vec<(String, String)>)>);

impl Ini {
    /// Reads the text of such a file; lines that are neither section nor key are dropped.
    pub fn parse(text: &str) -> Self {
        let mut ini = Self::default();
        let mut section = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                name.clone_into(&mut section);
            } else if let Some((key, value)) = line.split_once('=') {
                ini.set(&section, key, value);
            }
        }
        ini
    }

    /// Reads a file; one without byte order mark reads as empty, as the real one would be garbled.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = std::fs::read(path)?;
        let Some(text) = bytes.strip_prefix(&[0xff, 0xfe]) else { return Ok(Self::default()) };
        let units: Vec<u16> = text.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Ok(Self::parse(&String::from_utf16_lossy(&units)))
    }

    /// Writes the file, UTF-16LE with a byte order mark.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = String::from("\u{feff}");
        for (name, keys) in &self.0 {
            text.push_str(&format!("[{name}]\r\n"));
            for (key, value) in keys {
                text.push_str(&format!("{key}={value}\r\n"));
            }
        }
        std::fs::write(path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
    }

    /// A value as Windows reads it: at most 255 characters, without one enclosing pair of quotes.
    pub fn value(&self, section: &str, key: &str) -> Option<String> {
        let (_, keys) = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(section))?;
        let (_, value) = keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
        let enclosed = |quote| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
        let value = enclosed('"').or_else(|| enclosed('\'')).unwrap_or(value);
        Some(value.chars().take(255).collect())
    }

    /// Sets a key to this text, quotes and all.
    pub fn set(&mut self, section: &str, key: &str, value: &str) {
        let known = self.0.iter().position(|(name, _)| name.eq_ignore_ascii_case(section));
        let place = known.unwrap_or_else(|| {
            self.0.push((section.to_owned(), Vec::new()));
            self.0.len() - 1
        });
        let keys = &mut self.0[place].1;
        match keys.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some((_, old)) => value.clone_into(old),
            None => keys.push((key.to_owned(), value.to_owned())),
        }
    }
}
