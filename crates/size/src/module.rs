//! What a wasm module is made of: its functions, by the crates that they come from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Code by function and by crate, and the data beside it.
pub(crate) struct Module {
    /// Name and bytes, the largest first.
    functions: Vec<(String, usize)>,
    data: usize,
    imports: usize,
}

impl Module {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let (mut sizes, mut names, mut data, mut imports) = (Vec::new(), BTreeMap::new(), 0, 0_usize);
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imports += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
                Payload::DataSection(section) => data = section.range().len(),
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(reader) = section.as_known() else { continue };
                    for part in reader {
                        let Name::Function(map) = part? else { continue };
                        for naming in map {
                            let naming = naming?;
                            names.insert(naming.index as usize, without_hash(naming.name).to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        let named = |(place, size)| (names.remove(&(imports + place)).unwrap_or_else(|| "?".to_owned()), size);
        let mut functions: Vec<_> = sizes.into_iter().enumerate().map(named).collect();
        functions.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(Self { functions, data, imports })
    }

    /// Code by crate, and the largest functions.
    pub(crate) fn to_text(&self, crates: usize, functions: usize) -> String {
        let mut by_crate: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (name, size) in &self.functions {
            let sum = by_crate.entry(crate_of(name)).or_default();
            *sum = (sum.0 + size, sum.1 + 1);
        }
        let mut by_crate: Vec<_> = by_crate.into_iter().collect();
        by_crate.sort_by_key(|(_, (size, _))| std::cmp::Reverse(*size));
        let code: usize = self.functions.iter().map(|(_, size)| size).sum();
        let (count, data, imports) = (self.functions.len(), self.data, self.imports);
        let mut text = format!("code {code} in {count} functions, data {data}, {imports} imports\n");
        let rest = by_crate.split_off(crates.min(by_crate.len()));
        for (name, (size, count)) in by_crate {
            let _ = writeln!(text, "{size:>9} {count:>6}  {name}");
        }
        let _ = writeln!(text, "{:>9}         others", rest.iter().map(|(_, (size, _))| size).sum::<usize>());
        for (name, size) in self.functions.iter().take(functions) {
            let _ = writeln!(text, "{size:>9}  {}", name.chars().take(150).collect::<String>());
        }
        text
    }
}

/// `a::b` of `a::b::h0123456789abcdef`.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => path,
        _ => name,
    }
}

/// The crate that a function's source is in: of `<T as tachys::view::Render>::build` it is `tachys`.
fn crate_of(name: &str) -> &str {
    let of_impl = name.strip_prefix('<').and_then(|inner| inner.split_once(" as ")).map(|(_, path)| path);
    // A blanket impl's types are the caller's; a trait of std implemented by a crate is that crate's.
    let path = match of_impl {
        Some(path) if !["core", "alloc", "std"].contains(&first(path)) => path,
        _ => name,
    };
    first(path)
}

/// The first word of a path that can be a crate.
fn first(path: &str) -> &str {
    let words = path.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let mut words = words.filter(|word| !["dyn", "mut", "const", "impl", "as"].contains(word));
    words.next().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn a_function_belongs_to_the_crate_that_it_is_written_in() {
        for (name, of) in [
            ("widget::mount::build", "widget"),
            ("<T as tachys::view::any_view::IntoAny>::into_any::rebuild", "tachys"),
            ("<worker::hub::Hub as core::fmt::Debug>::fmt", "worker"),
            ("<&mut serde_wasm_bindgen::de::Deserializer as serde::Deserializer>::deserialize_any", "serde"),
            ("core::fmt::float::float_to_decimal", "core"),
            ("phonehandle_command", "phonehandle_command"),
        ] {
            assert_eq!(crate_of(name), of, "{name}");
        }
    }
}
