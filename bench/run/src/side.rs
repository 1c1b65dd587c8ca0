//! The two that are compared.

use std::path::Path;

use anyhow::{Context, Result};

use crate::front::Own;
use crate::machine::workspace_root;

/// Whose widget and worker the tabs load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The product's, out of the backend.
    Ours,
    /// Those of `bench/peer`.
    Peer,
}

/// What the peer's build has left, besides a page.
const FILES: [&str; 2] = ["sip-phone-widget.js", "sip-worker.js"];

impl Side {
    /// The files that stand before the backend's own.
    ///
    /// # Errors
    /// The peer has not been built.
    pub fn files(self) -> Result<Vec<Own>> {
        if self == Self::Ours {
            return Ok(Vec::new());
        }
        let dist = workspace_root()?.join("bench/peer/dist");
        FILES.iter().map(|name| file(&dist, name)).collect()
    }
}

fn file(dist: &Path, name: &str) -> Result<Own> {
    let content = std::fs::read(dist.join(name)).with_context(|| {
        format!("the peer's {name} is missing: start `cargo xtask bench`, or `npm run build` in bench/peer")
    })?;
    Own::script(&format!("/{name}"), &content)
}
