//! What changes in a view, behind a few boxed types: each further type of a closure would be compiled into the wasm with
//! all of its rendering.

use leptos::prelude::*;
use web_sys::MouseEvent;

/// A view that is made anew whenever what it reads changes.
pub(crate) fn live(make: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    let make: Box<dyn FnMut() -> AnyView + Send> = Box::new(make);
    make.into_any()
}

/// A view that is there while `is` holds.
pub(crate) fn when(is: Memo<bool>, make: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    live(move || if is.get() { make() } else { ().into_any() })
}

/// Text that changes.
pub(crate) fn text(make: impl FnMut() -> String + Send + 'static) -> AnyView {
    let make: Box<dyn FnMut() -> String + Send> = Box::new(make);
    make.into_any()
}

/// A fact, told on only when it changes.
pub(crate) fn fact(is: impl Fn() -> bool + Send + Sync + 'static) -> Memo<bool> {
    // A closure within a generic function would be generic too, and its memo with it.
    fn boxed(is: Box<dyn Fn() -> bool + Send + Sync>) -> Memo<bool> {
        Memo::new(move |_| is())
    }
    boxed(Box::new(is))
}

/// The value of an attribute; none, no attribute.
pub(crate) type Word = Box<dyn FnMut() -> Option<&'static str> + Send>;

/// An attribute that changes.
pub(crate) fn word(value: impl FnMut() -> Option<&'static str> + Send + 'static) -> Word {
    Box::new(value)
}

/// An attribute that is there, empty, while `is` holds.
pub(crate) fn flag(is: impl Fn() -> bool + Send + 'static) -> Word {
    word(move || is().then_some(""))
}

/// `true` or `false`, as ARIA wants it.
pub(crate) fn truth(is: impl Fn() -> bool + Send + 'static) -> Word {
    word(move || Some(if is() { "true" } else { "false" }))
}

/// What a click does.
pub(crate) fn click(act: impl FnMut() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    let mut act = act;
    Box::new(move |_| act())
}

/// An optional view.
pub(crate) fn maybe(view: Option<AnyView>) -> AnyView {
    view.unwrap_or_else(|| ().into_any())
}
