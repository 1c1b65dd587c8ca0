//! Keeps the focus in the widget when a new state takes away what had it; else it would fall to the page's body, and
//! who works by keyboard would have to find the phone again.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ShadowRoot};

use crate::browser::{self, Listener};
use crate::delay::in_microtask;
use crate::ui::Ui;

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
    _unheard: Option<Listener>,
}

impl FocusKeeper {
    /// For the open shadow root of this host.
    pub(crate) fn new(host: &HtmlElement) -> Self {
        let shadow = host.shadow_root();
        // A page's modal dialog, such as Bootstrap's, takes the focus back from whatever it hears of outside itself: with one open,
        // no number could be typed here.
        let unheard = shadow.as_ref().map(|shadow| Listener::new(shadow, "focusin", |event| event.stop_propagation()));
        Self { shadow, ours: Cell::default(), due: Cell::default(), parked: Cell::default(), _unheard: unheard }
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
            // The browser takes the focus from a disabled button only later, and then gives it to nobody.
            Some(element) => self.parked.get() && is_panel(&element) || element.matches(":disabled").unwrap_or(false),
        };
        let Some(shadow) = self.shadow.as_ref().filter(|_| lost && self.ours.get()) else { return };
        if let Some(place) = first(shadow, &PLACES) {
            self.parked.set(is_panel(&place));
            browser::focus(place.unchecked_ref());
        }
    }

    fn inside(&self) -> Option<Element> {
        self.shadow.as_ref().and_then(|shadow| shadow.active_element())
    }
}

/// The operator has just closed what may have the focus: then `to` gets it, or the best place, once the new view stands,
/// whose rendering was queued before.
pub(crate) fn hand_over(ui: Ui, to: &'static str) {
    let Some(shadow) = ui.shadow.get_value().filter(|shadow| shadow.active_element().is_some()) else { return };
    in_microtask(move || {
        if shadow.active_element().is_none()
            && let Some(place) = first(&shadow, &[to]).or_else(|| first(&shadow, &PLACES))
        {
            browser::focus(place.unchecked_ref());
        }
    });
}

fn first(shadow: &ShadowRoot, places: &[&str]) -> Option<Element> {
    places.iter().find_map(|place| shadow.query_selector(place).ok().flatten())
}

fn is_panel(element: &Element) -> bool {
    element.matches(".panel").unwrap_or(false)
}
