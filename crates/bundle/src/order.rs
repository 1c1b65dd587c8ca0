//! Puts the functions of a module that are alike beside each other. Compression finds what it has seen lately at less cost; 2 % of
//! the whole, where wasm-bindgen has them by size.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// Bytes in a row by which functions are alike.
const RUN: usize = 4;
/// What this many functions have says nothing of any.
const COMMON: usize = 200;

/// The same module, with its functions in another order.
///
/// # Errors
/// It is no module.
pub(crate) fn alike_together(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    let order = order(&bodies);
    let mut names: Vec<u32> = (0..).take(imported + order.len()).collect();
    for (index, old) in (0..).skip(imported).zip(&order) {
        names[imported + old] = index;
    }
    let mut module = Module::new();
    let written = Ordered { order, names }.parse_core_module(&mut module, Parser::new(0), wasm);
    written.context("the module cannot be written in another order")?;
    Ok(module.finish())
}

/// Each function after the one that it has most in common with, for its size; the largest first.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let runs: Vec<BTreeSet<&[u8]>> = bodies.iter().map(|body| body.windows(RUN).collect()).collect();
    let mut holders: HashMap<_, Vec<usize>> = HashMap::new();
    for (function, runs) in runs.iter().enumerate() {
        runs.iter().for_each(|run| holders.entry(run).or_default().push(function));
    }
    let mut left: BTreeSet<_> = bodies.iter().enumerate().map(|(function, body)| (body.len(), function)).collect();
    let mut order = Vec::with_capacity(bodies.len());
    let mut next = left.last().map(|(_, function)| *function);
    while let Some(function) = next {
        left.remove(&(bodies[function].len(), function));
        order.push(function);
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let is_left = |other: &&usize| left.contains(&(bodies[**other].len(), **other));
        for run in &runs[function] {
            let holders = holders.get(run).filter(|holders| holders.len() < COMMON);
            holders.into_iter().flatten().filter(is_left).for_each(|other| *shared.entry(*other).or_default() += 1);
        }
        let closest = shared.into_iter().max_by_key(|(other, shared)| shared * shared * COMMON / runs[*other].len());
        next = closest.map(|(other, _)| other).or_else(|| left.last().map(|(_, function)| *function));
    }
    order
}

/// Writes functions in this order, and calls them by their new indices.
struct Ordered {
    /// By the new index, imports left out.
    order: Vec<usize>,
    /// By the old one.
    names: Vec<u32>,
}

impl Reencode for Ordered {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(self.names[function as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in &self.order {
            functions.function(types[*old]);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for old in self.order.clone() {
            self.parse_function_body(code, bodies[old].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::order;

    #[test]
    fn what_is_alike_comes_together() {
        let bodies: [&[u8]; 4] = [b"one and two", b"0123456789abcdef", b"one and 2", b"x0123456789"];
        assert_eq!(order(&bodies), [1, 3, 0, 2]);
    }

    #[test]
    fn each_function_comes_once() {
        let bodies = [b"".as_slice(); 3];
        let mut order = order(&bodies);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2]);
    }
}
