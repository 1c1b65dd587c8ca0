//! One element with what it says of itself, and what is in it.

use wasm_bindgen::JsValue;
use web_sys::{Element, Event};

use crate::browser::{self, Listener};
use crate::closures::Gives;
use crate::js;
use crate::reactive::{keep, now_and_then};

/// A node that is about to be put into the tree: an element, or a fragment of several nodes.
#[must_use = "it is seen only within another"]
pub(crate) struct View(pub(super) Element);

/// An element of HTML with these classes.
pub(crate) fn el(tag: &str, class: &str) -> View {
    let view = made(browser::document().create_element(tag));
    if class.is_empty() { view } else { view.set("class", class) }
}

/// An element of SVG.
pub(crate) fn svg(tag: &str) -> View {
    made(browser::document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag))
}

fn made(element: Result<Element, JsValue>) -> View {
    // Not `expect`, which brings what prints any value of JavaScript.
    let Ok(element) = element else { panic!("an element has a name of HTML or SVG") };
    View(element)
}

impl View {
    /// The element itself, for who has to ask it something later.
    pub(crate) fn element(&self) -> Element {
        self.0.clone()
    }

    /// Puts it where it is seen.
    pub(crate) fn put_into(self, parent: &Element) {
        let _ = parent.append_child(&self.0);
    }

    /// An attribute that stays as it is.
    pub(crate) fn set(self, name: &str, value: &str) -> Self {
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// The name by which pages style it, and by which tests find it.
    pub(crate) fn part(self, part: &str) -> Self {
        self.set("part", part)
    }

    /// The name for who can't see it.
    pub(crate) fn label(self, label: &str) -> Self {
        self.set("aria-label", label)
    }

    /// The same name for who points at it.
    pub(crate) fn named(self, name: &str) -> Self {
        self.label(name).set("title", name)
    }

    /// An attribute that changes; none, no attribute.
    pub(crate) fn word(self, name: &'static str, value: impl FnMut() -> Option<&'static str> + 'static) -> Self {
        self.changes(name, Box::new(value))
    }

    /// An attribute that is there, empty, while this holds.
    pub(crate) fn flag(self, name: &'static str, mut is: impl FnMut() -> bool + 'static) -> Self {
        self.word(name, move || is().then_some(""))
    }

    /// `true` or `false`, as ARIA wants it.
    pub(crate) fn truth(self, name: &'static str, mut is: impl FnMut() -> bool + 'static) -> Self {
        self.word(name, move || Some(if is() { "true" } else { "false" }))
    }

    fn changes(self, name: &'static str, mut value: Box<dyn Gives<Option<&'static str>>>) -> Self {
        let (element, mut shown) = (self.element(), None);
        now_and_then(Box::new(move || {
            let now = value.give();
            if now != shown {
                shown = now;
                let _ = match now {
                    Some(value) => element.set_attribute(name, value),
                    None => element.remove_attribute(name),
                };
            }
        }));
        self
    }

    /// A name that changes.
    pub(crate) fn live_label(self, mut label: impl FnMut() -> String + 'static) -> Self {
        let element = self.element();
        now_and_then(Box::new(move || _ = element.set_attribute("aria-label", &label())));
        self
    }

    /// What is entered in a field, as far as it changes by itself.
    pub(crate) fn live_value(self, mut value: impl FnMut() -> String + 'static) -> Self {
        let field = self.element();
        now_and_then(Box::new(move || {
            let value = value();
            // Set to the same, it would lose its caret.
            if browser::value(&field) != value {
                js::set(&field, "value", &value.into());
            }
        }));
        self
    }

    /// What is done about an event.
    pub(crate) fn on(self, name: &'static str, act: impl FnMut(Event) + 'static) -> Self {
        keep(Listener::new(&self.0, name, act));
        self
    }

    /// What a click does.
    pub(crate) fn click(self, mut act: impl FnMut() + 'static) -> Self {
        self.on("click", move |_| act())
    }

    /// Words in it.
    pub(crate) fn text(self, text: &str) -> Self {
        // Fails for no words.
        let _ = self.0.append_with_str_1(text);
        self
    }

    /// Words in it that change.
    pub(crate) fn live_text(self, text: impl FnMut() -> String + 'static) -> Self {
        self.says(Box::new(text))
    }

    fn says(self, mut text: Box<dyn Gives<String>>) -> Self {
        let (node, mut shown) = (browser::document().create_text_node(""), String::new());
        let _ = self.0.append_child(&node);
        now_and_then(Box::new(move || {
            let now = text.give();
            if now != shown {
                node.set_data(&now);
                shown = now;
            }
        }));
        self
    }

    /// Another within it, after what is there.
    pub(crate) fn child(self, child: View) -> Self {
        // Fails only for what would contain itself.
        let _ = self.0.append_child(&child.0);
        self
    }

    /// As [`View::child`], if there is one.
    pub(crate) fn maybe(self, child: Option<View>) -> Self {
        match child {
            Some(child) => self.child(child),
            None => self,
        }
    }
}
