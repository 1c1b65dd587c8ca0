//! Leptos' signals, memos and effects, with what their nodes hold behind one type. Each type of a value or a closure would be
//! compiled into the wasm with all of the graph around it; so there is one of each, and the types are put back on here.

mod effect;
mod held;
mod memo;
mod signal;
mod stored;

pub(crate) use effect::{Effect, keep, now_and_then};
pub(crate) use leptos::reactive::graph::untrack;
pub(crate) use leptos::reactive::owner::{Owner, on_cleanup};
pub(crate) use memo::{Memo, fact};
pub(crate) use signal::RwSignal;
pub(crate) use stored::StoredValue;
