//! Which language the interface speaks: the element's, then the page's, then the browser's; changed live.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, MutationObserver, MutationObserverInit};

use crate::browser;
use crate::i18n;
use crate::ui::Ui;

/// Sets the language anew from everything that has a say in it.
pub(crate) fn choose(ui: Ui, host: &HtmlElement) {
    let page = browser::document().document_element().and_then(|html| html.get_attribute("lang"));
    let browser = browser::window().navigator().languages().iter().filter_map(|it| it.as_string()).collect::<Vec<_>>();
    let texts = i18n::pick(host.get_attribute("lang").into_iter().chain(page).chain(browser));
    if ui.texts.get_untracked().code != texts.code {
        ui.texts.set(texts);
    }
}

/// Follows the page's `<html lang>` until dropped.
pub(crate) struct PageLanguage {
    observer: MutationObserver,
    _changed: Closure<dyn FnMut()>,
}

impl PageLanguage {
    /// Follows it from now on.
    ///
    /// # Errors
    /// The browser has no `MutationObserver`.
    pub(crate) fn watch(ui: Ui, host: &HtmlElement) -> Result<Self, JsValue> {
        let host = host.clone();
        let changed = Closure::new(move || choose(ui, &host));
        let observer = MutationObserver::new(changed.as_ref().unchecked_ref())?;
        let what = MutationObserverInit::new();
        what.set_attributes(true);
        what.set_attribute_filter(&Array::of1(&"lang".into()));
        if let Some(html) = browser::document().document_element() {
            observer.observe_with_options(&html, &what)?;
        }
        Ok(Self { observer, _changed: changed })
    }
}

impl Drop for PageLanguage {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
