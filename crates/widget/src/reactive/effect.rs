//! What is done because something has changed.

use std::any::Any;

use reactive_graph::effect::{self as graph, RenderEffect};

use super::StoredValue;

/// Effects that run in a microtask.
pub(crate) struct Effect;

impl Effect {
    /// Does this soon, and again when something that it reads has changed, until the owner's end.
    pub(crate) fn new(act: impl FnMut() + 'static) {
        fn boxed(mut act: Box<dyn FnMut()>) {
            graph::Effect::new(move |_: Option<()>| act());
        }
        boxed(Box::new(act));
    }
}

/// Does this now, and again in a microtask when something that it reads has changed, until the owner's end.
pub(crate) fn now_and_then(mut act: Box<dyn FnMut()>) {
    keep(RenderEffect::new(move |_: Option<()>| act()));
}

/// Keeps it alive until the owner's end.
pub(crate) fn keep(thing: impl Any) {
    StoredValue::new(thing);
}
