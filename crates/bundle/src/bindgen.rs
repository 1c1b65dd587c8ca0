//! wasm-bindgen as a library: a compiled module in, the final module and its JavaScript out.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

/// The name that the glue gives to its one variable.
const GLOBAL: &str = "wasm_bindgen";

/// A module with the script that loads it.
pub(crate) struct Glue {
    pub(crate) js: String,
    pub(crate) wasm: Vec<u8>,
}

pub(crate) fn glue(module: &Path, names: bool) -> Result<Glue> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).no_modules(true)?.no_modules_global(GLOBAL)?;
    bindgen.typescript(false).omit_default_module_path(true).remove_name_section(!names).remove_producers_section(true);
    let mut output = bindgen.generate_output().with_context(|| format!("wasm-bindgen refuses {}", module.display()))?;
    if output.snippets().values().any(|inline| !inline.is_empty()) || !output.local_modules().is_empty() {
        bail!("{} brings JavaScript modules of its own, which a classic script cannot load", module.display());
    }
    Ok(Glue { js: output.js().to_owned(), wasm: output.wasm_mut().emit_wasm() })
}
