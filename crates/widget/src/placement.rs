//! Where the phone floats: dragged by its bar or its pill, moved by the handle's keys, remembered, and the same in every
//! tab of the origin. It is set in a rule of the style sheet: a page's policy forbids no rules, and its scripts may own
//! the host's `style`.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{
    CssStyleDeclaration, CssStyleRule, CssStyleSheet, Element, Event, HtmlElement, KeyboardEvent, MouseEvent,
    PointerEvent, ResizeObserver, Storage,
};

use crate::browser::{self, Listener};
use crate::js;
use crate::place::{Place, Size};

/// Key of the place: every tab of the origin is the same phone.
const MEMORY: &str = "sip-phone-place";
/// Pixels that a pointer moves before a press is a drag and no click.
const THRESHOLD: f64 = 5.0;
/// Pixels of one arrow key.
const STEP: f64 = 16.0;
/// What is heard within the shadow tree.
const HEARD: [&str; 5] = ["pointerdown", "pointermove", "pointerup", "pointercancel", "keydown"];

/// Keeps the phone in its place until dropped.
pub(crate) struct Placement {
    floating: Rc<Floating>,
    _listeners: Vec<Listener>,
    observer: ResizeObserver,
    _resized: Closure<dyn FnMut()>,
}

struct Floating {
    host: HtmlElement,
    container: HtmlElement,
    style: CssStyleDeclaration,
    /// Where the operator wants it; none, where the page does.
    place: Cell<Option<Place>>,
    /// The rule says something.
    ruled: Cell<bool>,
    grip: Cell<Option<Grip>>,
    /// The click that ends a drag is still to come.
    dragged: Cell<bool>,
}

/// A pressed pointer: which one, where, and where the phone was then.
#[derive(Clone, Copy)]
struct Grip {
    pointer: i32,
    from: (f64, f64),
    phone: (f64, f64),
    drags: bool,
}

impl Placement {
    /// Puts the phone where it was last, and follows the operator's hand on what is drawn in `container`.
    ///
    /// # Errors
    /// The browser refuses the rule, or observes no sizes.
    pub(crate) fn start(host: &HtmlElement, container: &HtmlElement, sheet: &CssStyleSheet) -> Result<Self, JsValue> {
        let rules = sheet.css_rules()?;
        // The id that nothing has lifts it above every corner of the style sheet.
        let index = sheet.insert_rule_with_index(":host(:not([mode=inline]):not(#_)){}", rules.length())?;
        let rule: CssStyleRule = rules.get(index).ok_or("no rule")?.unchecked_into();
        let floating = Rc::new(Floating {
            host: host.clone(),
            container: container.clone(),
            style: rule.style(),
            place: Cell::new(None),
            ruled: Cell::new(false),
            grip: Cell::new(None),
            dragged: Cell::new(false),
        });
        floating.recall();
        let mut listeners: Vec<_> =
            HEARD.iter().map(|name| Listener::new(container, name, heard(&floating, Floating::hear))).collect();
        listeners.push(Listener::capturing(container, "click", heard(&floating, Floating::click)));
        let window = browser::window();
        listeners.push(Listener::new(&window, "resize", heard(&floating, |it, _| it.fit())));
        listeners.push(Listener::new(&window, "storage", heard(&floating, Floating::told)));
        let sized = Rc::clone(&floating);
        let resized = Closure::new(move || sized.fit());
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref())?;
        observer.observe(host);
        Ok(Self { floating, _listeners: listeners, observer, _resized: resized })
    }

    /// The page has changed the corner: what the operator chose before is over.
    pub(crate) fn reset(&self) {
        self.floating.go(None);
    }

    /// The page has changed something else.
    pub(crate) fn fit(&self) {
        self.floating.fit();
    }
}

impl Drop for Placement {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// One type of closure for all of them.
fn heard(floating: &Rc<Floating>, act: fn(&Floating, &Event)) -> impl FnMut(Event) + 'static {
    let floating = Rc::clone(floating);
    move |event| act(&floating, &event)
}

impl Floating {
    fn hear(&self, event: &Event) {
        match event.type_().as_str() {
            "pointerdown" => self.press(event.unchecked_ref()),
            "pointermove" => self.drag(event.unchecked_ref()),
            "keydown" => self.key(event.unchecked_ref()),
            _ => self.release(event.unchecked_ref()),
        }
    }

    fn press(&self, event: &PointerEvent) {
        self.dragged.set(false);
        let Some(target) = event.target().and_then(|it| it.dyn_into::<Element>().ok()) else { return };
        let within = |what| matches!(target.closest(what), Ok(Some(_)));
        let handle = within(".pill, .move") || within(".status-bar") && !within("button, label");
        if handle && event.button() == 0 && event.is_primary() && !self.inline() {
            // Of the very element that was pressed, so that a click that is no drag stays that element's.
            let _ = target.set_pointer_capture(event.pointer_id());
            let phone = self.host.get_bounding_client_rect();
            let (from, phone) = (point(event), (phone.left(), phone.top()));
            self.grip.set(Some(Grip { pointer: event.pointer_id(), from, phone, drags: false }));
        }
    }

    fn drag(&self, event: &PointerEvent) {
        let Some(grip) = self.grip.get().filter(|grip| grip.pointer == event.pointer_id()) else { return };
        if event.buttons() == 0 {
            return self.release(event);
        }
        let to = point(event);
        let by = (to.0 - grip.from.0, to.1 - grip.from.1);
        if grip.drags || by.0 * by.0 + by.1 * by.1 > THRESHOLD * THRESHOLD {
            self.grip.set(Some(Grip { drags: true, ..grip }));
            self.container.set_class_name("root moving");
            self.put(grip.phone.0 + by.0, grip.phone.1 + by.1);
        }
    }

    fn release(&self, event: &PointerEvent) {
        let Some(grip) = self.grip.get().filter(|grip| grip.pointer == event.pointer_id()) else { return };
        self.grip.set(None);
        if grip.drags {
            self.container.set_class_name("root");
            self.dragged.set(event.type_() == "pointerup");
            self.go(self.place.get());
        }
    }

    /// A click of the handle, or one that only ends a drag.
    fn click(&self, event: &Event) {
        let by_pointer = event.unchecked_ref::<MouseEvent>().detail() > 0;
        if self.dragged.replace(false) && by_pointer {
            event.stop_propagation();
            event.prevent_default();
        } else if on_handle(event) {
            let place = self.place.get().unwrap_or_else(|| self.here());
            self.go(Some(place.next_corner()));
        }
    }

    fn key(&self, event: &KeyboardEvent) {
        let (x, y) = match event.key().as_str() {
            "ArrowLeft" => (-STEP, 0.0),
            "ArrowRight" => (STEP, 0.0),
            "ArrowUp" => (0.0, -STEP),
            "ArrowDown" => (0.0, STEP),
            _ => return,
        };
        if on_handle(event) {
            event.prevent_default();
            let phone = self.host.get_bounding_client_rect();
            self.put(phone.left() + x, phone.top() + y);
            self.go(self.place.get());
        }
    }

    /// Another tab has moved it.
    fn told(&self, event: &Event) {
        let key = js::get(event, "key");
        if self.grip.get().is_none() && (key.is_null() || key == MEMORY) {
            self.recall();
            self.fit();
        }
    }

    fn recall(&self) {
        let text = memory().and_then(|memory| memory.get_item(MEMORY).ok().flatten());
        self.place.set(text.and_then(|text| Place::parse(&text)));
    }

    fn here(&self) -> Place {
        let phone = self.host.get_bounding_client_rect();
        Place::at(phone.left(), phone.top(), self.size(), window_size())
    }

    fn put(&self, left: f64, top: f64) {
        self.place.set(Some(Place::at(left, top, self.size(), window_size())));
        self.fit();
    }

    /// Goes there and remembers it.
    fn go(&self, place: Option<Place>) {
        self.place.set(place);
        self.fit();
        if let Some(memory) = memory() {
            // A full or forbidden storage costs only the memory.
            let _ = match place {
                Some(place) => memory.set_item(MEMORY, &place.text()),
                None => memory.remove_item(MEMORY),
            };
        }
    }

    /// Sets the rule anew: the window or the phone has another size, or the phone another place.
    fn fit(&self) {
        let Some(place) = self.place.get() else {
            // A rule that is set anew, though to the same, has the browser look at every element of the phone again.
            if self.ruled.replace(false) {
                self.style.set_css_text("");
            }
            return;
        };
        let size = self.size();
        if size.0 > 0.0 && !self.inline() {
            self.ruled.set(true);
            // Over a rule of the page for its own corner: the operator has moved it since.
            for (name, value) in place.css(size, window_size()) {
                let _ = self.style.set_property_with_priority(name, &value, "important");
            }
        }
    }

    fn size(&self) -> Size {
        let phone = self.host.get_bounding_client_rect();
        (phone.width(), phone.height())
    }

    fn inline(&self) -> bool {
        self.host.get_attribute("mode").as_deref() == Some("inline")
    }
}

fn on_handle(event: &Event) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    target.is_some_and(|it| matches!(it.closest(".move"), Ok(Some(_))))
}

fn point(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

/// The window without its scroll bars; the scrolling element has that size in quirks mode too.
fn window_size() -> Size {
    let of = |element: Element| (f64::from(element.client_width()), f64::from(element.client_height()));
    browser::document().scrolling_element().map_or((0.0, 0.0), of)
}

fn memory() -> Option<Storage> {
    browser::window().local_storage().ok().flatten()
}
