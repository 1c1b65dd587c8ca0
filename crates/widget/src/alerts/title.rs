//! The tab's title and icon while a call rings and nobody sees the page. They are the page's: whatever it sets meanwhile
//! stands, and what was there before comes back. Both come a moment after the call: each change is work of the browser's one
//! main process, with many tabs more than all else that a call takes, and the phones of other tabs would wait for it.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::Element;

use super::ringing;
use crate::browser::{self, Listener};
use crate::components::caller_title;
use crate::delay::Delay;
use crate::reactive::{Effect, RwSignal, on_cleanup};
use crate::ui::Ui;

/// A value of `media` that no browser takes for itself.
const NO_MEDIUM: &str = "not all";
/// By when all tabs show a call. In a tab that nobody sees the browser may make a second of it.
const MOMENT: Duration = Duration::from_millis(150);

thread_local! {
    /// The page has one title, however many phones.
    static PAGE: RefCell<Page> = RefCell::default();
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// What the phones of this page want to be shown, and what is.
#[derive(Default)]
struct Page {
    /// By the phone's number; the first is shown.
    claims: Vec<(u32, Words)>,
    shown: Option<Shown>,
    /// What is shown is to be looked at soon.
    due: Option<Delay>,
}

#[derive(Clone, PartialEq)]
struct Words {
    title: String,
    icon: String,
}

struct Shown {
    words: Words,
    /// Text of the page's `<title>`, if it has one.
    before: Option<String>,
    icon: Option<Icon>,
}

/// Shows calls in the title, until the owner's end.
pub(super) fn run(ui: Ui) -> Listener {
    let id = LAST.get() + 1;
    LAST.set(id);
    let hidden = RwSignal::new(!browser::visible());
    Effect::new(move || {
        let call = if hidden.get() { ringing(ui).into_iter().next() } else { None };
        let t = ui.texts.get();
        claim(
            id,
            call.map(|call| Words {
                title: ["\u{260e} ", &caller_title(&call, t), " \u{b7} ", t.incoming].concat(),
                icon: [&*ui.base.get_value(), "/favicon-ringing.svg"].concat(),
            }),
        );
    });
    on_cleanup(move || {
        claim(id, None);
        settle();
    });
    Listener::new(&browser::document(), "visibilitychange", move |_| {
        hidden.set(!browser::visible());
    })
}

fn claim(id: u32, words: Option<Words>) {
    PAGE.with_borrow_mut(|page| {
        page.claims.retain(|(of, _)| *of != id);
        let place = page.claims.iter().take_while(|(of, _)| *of < id).count();
        words.into_iter().for_each(|words| page.claims.insert(place, (id, words)));
        if page.differs() {
            page.due.get_or_insert_with(|| Delay::new(MOMENT, settle));
        }
    });
}

/// Shows what is wanted now.
fn settle() {
    PAGE.with_borrow_mut(|page| {
        page.due = None;
        if page.differs() {
            let wanted = page.claims.first().map(|(_, words)| words.clone());
            if let Some(shown) = page.shown.take() {
                shown.restore();
            }
            page.shown = wanted.map(Shown::new);
        }
    });
}

impl Page {
    fn differs(&self) -> bool {
        self.shown.as_ref().map(|shown| &shown.words) != self.claims.first().map(|(_, words)| words)
    }
}

impl Shown {
    fn new(words: Words) -> Self {
        let before = title().and_then(|title| title.text_content());
        browser::document().set_title(&words.title);
        let icon = Icon::show(&words.icon);
        Self { words, before, icon }
    }

    fn restore(self) {
        let ours = title().filter(|title| title.text_content().as_deref() == Some(&*self.words.title));
        match (ours, &self.before) {
            (Some(title), Some(_)) => title.set_text_content(self.before.as_deref()),
            (Some(title), None) => title.remove(),
            (None, _) => {} // the page has set another
        }
        if let Some(icon) = self.icon {
            icon.restore();
        }
    }
}

/// A further icon. The browser keeps to one that it has loaded, so the page's own are for no medium meanwhile; in all else
/// they stay as they are, and first.
struct Icon {
    link: Element,
    /// With their attribute `media`.
    others: Vec<(Element, Option<String>)>,
}

impl Icon {
    fn show(address: &str) -> Option<Self> {
        let head = browser::document().query_selector("head").ok()??;
        let found = head.query_selector_all("link[rel~=icon]").ok()?;
        let link = browser::document().create_element("link").ok()?;
        link.set_attribute("rel", "icon").ok()?;
        link.set_attribute("href", address).ok()?;
        let others = (0..found.length()).filter_map(|index| found.item(index)?.dyn_into::<Element>().ok());
        let others: Vec<_> = others.map(|it| (it.clone(), it.get_attribute("media"))).collect();
        // In this order, here and in `restore`: with no icon for a moment the browser would ask for /favicon.ico.
        head.append_child(&link).ok()?;
        for (other, _) in &others {
            let _ = other.set_attribute("media", NO_MEDIUM);
        }
        Some(Self { link, others })
    }

    fn restore(self) {
        if self.others.is_empty() {
            // The browser looks again when a link changes, not when one goes; this is what a page without one has.
            let _ = self.link.set_attribute("href", "/favicon.ico");
        }
        for (other, media) in self.others {
            let _ = match media {
                _ if other.get_attribute("media").as_deref() != Some(NO_MEDIUM) => continue, // the page has changed it
                Some(media) => other.set_attribute("media", &media),
                None => other.remove_attribute("media"),
            };
        }
        self.link.remove();
    }
}

fn title() -> Option<Element> {
    browser::document().query_selector("head title").ok().flatten()
}
