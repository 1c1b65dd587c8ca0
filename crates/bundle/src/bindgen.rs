//! wasm-bindgen as a library: a compiled module in, the final module and its JavaScript out.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::order::alike_together;

/// The name that the glue gives to its one variable.
const GLOBAL: &str = "wasm_bindgen";

/// What the glue ends with: two ways to load the module, from all that it may be given as.
const ENTRY: &str = "Object.assign(__wbg_init, { initSync }, exports)";
/// The one way that is used here, by the module's address.
const LOAD: &str = "Object.assign(async (url) => {
    const { instance, module } = await __wbg_load(await fetch(url), __wbg_get_imports());
    return __wbg_finalize_init(instance, module);
}, exports)";

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
    let mut js = replaced(output.js(), ENTRY, LOAD)?;
    let module = output.wasm_mut();
    if !names {
        for (number, import) in module.imports.iter_mut().enumerate() {
            let short = format!("i{number}");
            js = renamed(&js, &import.name, &short)?;
            import.name = short;
        }
    }
    let wasm = module.emit_wasm();
    // With names it is read by people.
    Ok(Glue { js, wasm: if names { wasm } else { alike_together(&wasm)? } })
}

/// The glue with another key for an import. The given names are long, and half of each is a hash, which no compression shortens.
fn renamed(js: &str, import: &str, short: &str) -> Result<String> {
    replaced(js, &format!("{import}: "), &format!("{short}: "))
}

fn replaced(js: &str, from: &str, to: &str) -> Result<String> {
    match js.matches(from).count() {
        1 => Ok(js.replace(from, to)),
        count => bail!("wasm-bindgen's script has `{from}` {count} times: it is of another shape than expected"),
    }
}
