//! The tree's nodes, made by hand: one type for all of them, boxed closures for what changes, so that a view costs the wasm its
//! words and little more. Leptos' effects keep them right: one for each attribute, text or piece that
//! changes, each of which ends with its owner.

mod each;
mod element;
mod live;

pub(crate) use each::each;
pub(crate) use element::{View, el, svg};
pub(crate) use live::{live, when};
