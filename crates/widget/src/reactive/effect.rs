//! What is done because something has changed.

use leptos::reactive::effect::RenderEffect;

use super::{Owner, StoredValue};
use crate::closures::Gives;
use crate::delay::in_microtask;

/// Effects that begin when what runs now is done: what it builds is in the tree by then.
pub(crate) struct Effect;

impl Effect {
    /// Does this soon, and again when something that it reads has changed, until the owner's end.
    #[allow(clippy::new_ret_no_self, reason = "written as Leptos' own; its end is the owner's")]
    pub(crate) fn new(act: impl FnMut() + 'static) {
        soon(Box::new(act));
    }
}

fn soon(act: Box<dyn Gives<()>>) {
    let (owner, place) = (Owner::current(), StoredValue::new(None));
    in_microtask(move || {
        // The owner may have ended meanwhile.
        if let (Some(owner), Some(None)) = (owner, place.try_with_value(|it| it.as_ref().map(drop))) {
            place.set_value(Some(owner.with(|| effect(act))));
        }
    });
}

/// Does this now, and again in a microtask when something that it reads has changed, until the owner's end.
pub(crate) fn now_and_then(act: Box<dyn Gives<()>>) {
    StoredValue::new(Some(effect(act)));
}

fn effect(mut act: Box<dyn Gives<()>>) -> RenderEffect<()> {
    RenderEffect::new(move |_| act.give())
}

/// Keeps it alive until the owner's end.
pub(crate) fn keep<T: 'static>(thing: T) {
    StoredValue::new(thing);
}
