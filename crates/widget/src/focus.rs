//! Keeps the focus in the widget when a new state takes away what had it; else it would fall to the page's body, and
//! who works by keyboard would have to find the phone again.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ShadowRoot};

use crate::browser;

/// Where the focus goes, the best first: where the next number is typed, the panel, the pill's button.
const PLACES: [&str; 3] = [".idle [part=number]", ".panel", "[part=minimize]"];

/// Looks before a state is rendered, and mends after.
pub(crate) struct FocusKeeper {
    shadow: Option<ShadowRoot>,
    /// The operator was at work in the widget.
    ours: Cell<bool>,
    /// A state came since the last mending.
    due: Cell<bool>,
    /// The panel has the focus from here, for want of a better place.
    parked: Cell<bool>,
}

impl FocusKeeper {
    /// For the open shadow root of this host.
    pub(crate) fn new(host: &HtmlElement) -> Self {
        Self { shadow: host.shadow_root(), ours: Cell::new(false), due: Cell::new(false), parked: Cell::new(false) }
    }

    /// A state is about to be rendered.
    pub(crate) fn look(&self) {
        let again = self.due.replace(true);
        match self.inside() {
            // The overlay took the focus by itself: whose it is was settled before.
            Some(element) if element.matches("[part=incoming]").unwrap_or(false) => {}
            // Of two states in a row, the first may already have taken it.
            None if again => {}
            inside => self.ours.set(inside.is_some()),
        }
    }

    /// The state stands: a focus that was lost on the way goes to the best place; one that moved on is left alone.
    pub(crate) fn mend(&self) {
        if !self.due.replace(false) {
            return;
        }
        let lost = match self.inside() {
            None => browser::document().active_element().is_none_or(|it| it.tag_name() == "BODY"),
            Some(element) => self.parked.get() && is_panel(&element),
        };
        let Some(shadow) = self.shadow.as_ref().filter(|_| lost && self.ours.get()) else { return };
        let place = PLACES.iter().find_map(|place| shadow.query_selector(place).ok().flatten());
        if let Some(place) = place {
            self.parked.set(is_panel(&place));
            browser::focus(place.unchecked_ref());
        }
    }

    fn inside(&self) -> Option<Element> {
        self.shadow.as_ref().and_then(|shadow| shadow.active_element())
    }
}

fn is_panel(element: &Element) -> bool {
    element.matches(".panel").unwrap_or(false)
}
