//! Puts glue and templates together, and gives everything its name.
//!
//! What a template may hold: a line `//__GLUE__` (the glue), `__WASM__` (the path of its module), `__BUNDLE__` (the content hash),
//! `__SERVED_BUNDLE__` (the same where the backend serves the files, else nothing) and `__WORKER_URL__` (the worker's path with
//! that hash). Pages may hold these.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::bindgen::Glue;
use crate::minify::minify;
use crate::{Bundle, File};

const WORKER_TEMPLATE: &str = "worker-boot.js";
const WIDGET_TEMPLATE: &str = "loader.js";
const WORKER: &str = "sip-worker";
const WIDGET: &str = "sip-phone-widget";

pub(crate) fn assemble(www: &Path, worker: Glue, widget: Glue, served: bool) -> Result<Bundle> {
    let boot = template(www, WORKER_TEMPLATE)?;
    let loader = template(www, WIDGET_TEMPLATE)?;
    // Over all that goes into the scripts rather than the scripts, which carry the hash themselves.
    let parts: [&[u8]; 6] =
        [&worker.wasm, worker.js.as_bytes(), boot.as_bytes(), &widget.wasm, widget.js.as_bytes(), loader.as_bytes()];
    let names = Names { bundle: hash(&parts), served };

    let mut files = page_files(www, &names)?;
    for (name, template, glue) in [(WORKER, boot, worker), (WIDGET, loader, widget)] {
        let wasm_path = format!("/{name}-{}.wasm", hash(&[&glue.wasm]));
        // The glue goes in last: nothing in it is taken for a placeholder.
        let script = names.fill(&template).replace("__WASM__", &wasm_path).replace("//__GLUE__", &glue.js);
        let path = format!("/{name}.js");
        let bytes = minify(&path, &script)?.into_bytes();
        files.push(File { path, immutable: false, bytes });
        files.push(File { path: wasm_path, immutable: true, bytes: glue.wasm });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Bundle { hash: names.bundle, files })
}

/// The first 16 hex digits of a SHA-256: enough for names, and for nothing that must resist an attacker.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut state = Sha256::new();
    for part in parts {
        // The length first, so that a byte that moves from one part to the next changes the hash.
        state.update((part.len() as u64).to_le_bytes());
        state.update(part);
    }
    state.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

struct Names {
    bundle: String,
    served: bool,
}

impl Names {
    fn fill(&self, text: &str) -> String {
        let worker_url = format!("/{WORKER}.js?v={}", self.bundle);
        let served = if self.served { &self.bundle } else { "" };
        let text = text.replace("__WORKER_URL__", &worker_url).replace("__SERVED_BUNDLE__", served);
        text.replace("__BUNDLE__", &self.bundle)
    }
}

fn template(www: &Path, name: &str) -> Result<String> {
    let path = www.join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    if !text.contains("//__GLUE__") || !text.contains("__WASM__") {
        bail!("{} lacks the line //__GLUE__ or the word __WASM__", path.display());
    }
    Ok(text)
}

/// Everything else in `www`: pages and what they show.
fn page_files(www: &Path, names: &Names) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut dirs = vec![(www.to_path_buf(), String::new())];
    while let Some((dir, address)) = dirs.pop() {
        for entry in fs::read_dir(&dir).with_context(|| format!("{} cannot be read", dir.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{address}/{name}");
            let template = address.is_empty() && [WORKER_TEMPLATE, WIDGET_TEMPLATE].contains(&name.as_str());
            if template || name.starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() {
                dirs.push((entry.path(), path));
                continue;
            }
            let mut bytes = fs::read(entry.path())?;
            if name.ends_with(".html") {
                let text =
                    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", entry.path().display()))?;
                bytes = names.fill(&text).into_bytes();
            }
            files.push(File { path, immutable: false, bytes });
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_hash_is_of_the_parts_and_not_of_their_sum() {
        assert_eq!(hash(&[b"ab", b"c"]), hash(&[b"ab", b"c"]));
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_eq!(hash(&[b""]).len(), 16);
    }
}
