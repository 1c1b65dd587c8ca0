//! Click to call: `tel:` and `sip:` links of the page dial through the phone, those added later too.

use protocol::wire::command::Command;
use protocol::wire::rest::Dial;
use protocol::{Capability, PhoneNumber};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent};

use crate::browser::{Listener, document};
use crate::ui::Ui;

/// Listens to the page's clicks.
pub(crate) fn listen(ui: Ui) -> Listener {
    Listener::new(&document(), "click", move |event| {
        let Some(number) = number_of(&event) else { return };
        // An engine that can't dial leaves the link to the system.
        if ui.store.capabilities.with_untracked(|set| set.has(Capability::Dial)) {
            event.prevent_default();
            // A double click is one call.
            if !ui.dispatch.is_dialing() {
                ui.dispatch.send(Command::Dial(Dial { phone: number }));
            }
        }
    })
}

/// The number of the link that was plainly clicked, unless the page or another phone took the click.
fn number_of(event: &Event) -> Option<PhoneNumber> {
    let mouse: &MouseEvent = event.dyn_ref()?;
    if event.default_prevented() || mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.alt_key() {
        return None;
    }
    // The composed path sees into the page's own shadow trees, and out of them.
    let path = event.composed_path();
    let mut elements = path.iter().filter_map(|target| target.dyn_into::<Element>().ok());
    let link = elements.by_ref().find(|element| element.matches("a[href]").unwrap_or(false))?;
    if link.has_attribute("data-no-dial") || elements.any(|element| element.has_attribute("data-no-dial")) {
        return None;
    }
    let href = link.get_attribute("href")?;
    let text: String = js_sys::decode_uri_component(href.trim()).ok()?.into();
    let (scheme, rest) = text.split_once(':')?;
    // Parameters of the address, such as `;ext=` and `?subject=`, are not part of the number.
    let rest = rest.split([';', '?']).next()?;
    match scheme.to_ascii_lowercase().as_str() {
        "tel" => rest.parse().ok(),
        "sip" => ["sip:", rest].concat().parse().ok(),
        _ => None,
    }
}
