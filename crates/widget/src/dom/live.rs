//! Pieces of the tree that come, go and are made anew.

use wasm_bindgen::JsCast;
use web_sys::Node;

use super::View;
use crate::browser;
use crate::closures::Gives;
use crate::reactive::{Memo, now_and_then};

/// Nothing, or a view; made anew whenever what `make` reads changes. What was made before ends with all that it has begun.
pub(crate) fn live(make: impl FnMut() -> Option<View> + 'static) -> View {
    changing(Box::new(make))
}

/// A view that is there while `is` holds.
pub(crate) fn when(is: Memo<bool>, make: impl Fn() -> View + 'static) -> View {
    live(move || is.get().then(&make))
}

/// Between two empty texts, by which its place is known.
fn changing(mut make: Box<dyn Gives<Option<View>>>) -> View {
    let document = browser::document();
    let (begin, end): (Node, Node) = (document.create_text_node("").into(), document.create_text_node("").into());
    let whole = document.create_document_fragment();
    for mark in [&begin, &end] {
        let _ = whole.append_child(mark);
    }
    now_and_then(Box::new(move || {
        let view = make.give();
        let Some(parent) = end.parent_node() else { return };
        while let Some(old) = end.previous_sibling().filter(|old| *old != begin) {
            let _ = parent.remove_child(&old);
        }
        if let Some(view) = view {
            let _ = parent.insert_before(&view.0, Some(&end));
        }
    }));
    View(whole.unchecked_into())
}
