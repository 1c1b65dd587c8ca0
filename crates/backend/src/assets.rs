//! The files that the backend serves: built by `crates/bundle`, embedded into the program.

/// One served file, in every form in which it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its path in the address.
    pub path: &'static str,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The name carries the content's hash, so that browsers may keep it for ever.
    pub immutable: bool,
    /// Names the content; with its quotes.
    pub etag: &'static str,
    /// As it is.
    pub raw: &'static [u8],
    /// Compressed with brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// Compressed with gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

/// A set of served files; an argument of the router, so that tests can pass a small one.
#[derive(Clone, Copy, Debug)]
pub struct Assets {
    /// Every file.
    pub files: &'static [Asset],
    /// Content hash of widget and worker.
    pub bundle: &'static str,
}

impl Assets {
    /// What the build has embedded.
    #[cfg(feature = "assets")]
    pub fn embedded() -> Self {
        Self { files: ASSETS, bundle: BUNDLE }
    }

    /// The file of this path.
    pub fn find(&self, path: &str) -> Option<&'static Asset> {
        self.files.iter().find(|asset| asset.path == path)
    }
}

#[cfg(feature = "assets")]
include!(concat!(env!("OUT_DIR"), "/assets.rs"));
