//! The other party of a call: a disc with initials, the name, the number.

use js_sys::{Array, JsString, RegExp};
use protocol::{Call, CallState};
use wasm_bindgen::JsCast;

use super::icon::{PERSON, icon};
use crate::dom::{View, el};
use crate::i18n::Texts;
use crate::reactive::Memo;

/// What a person is called: the name, else the number, else words for neither.
pub(crate) fn title(call: &Call, t: &Texts) -> String {
    let name = call.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let number = Some(call.phone_number.as_str()).filter(|number| !number.is_empty());
    name.or(number).unwrap_or(t.unknown_number).to_owned()
}

/// The number, where [`title`] is not the number already.
pub(crate) fn subtitle(call: &Call) -> Option<String> {
    let named = call.display_name.as_deref().is_some_and(|name| !name.trim().is_empty());
    (named && !call.phone_number.is_empty()).then(|| call.phone_number.clone())
}

/// A call as far as it is the same from its beginning to its end: what shows whose it is stays while the rest changes.
pub(super) fn party(of: Memo<Option<Call>>) -> Memo<Option<Call>> {
    Memo::new(move || {
        let call = of.get();
        call.map(|call| Call { state: CallState::Incoming, start_time: None, muted: false, held: false, ..call })
    })
}

/// The disc.
pub(super) fn avatar(call: &Call) -> View {
    let disc = el("span", "avatar").set("aria-hidden", "true");
    match initials(call.display_name.as_deref().unwrap_or_default()) {
        Some(initials) => disc.text(&initials),
        None => disc.child(icon(PERSON)),
    }
}

/// Name and number, the part `caller`.
pub(super) fn caller(call: &Call, t: &Texts) -> View {
    el("div", "caller")
        .part("caller")
        .child(el("bdi", "name").text(&title(call, t)))
        .maybe(subtitle(call).map(|number| el("bdi", "who-number").text(&number)))
}

/// First letters of the first two words that begin with one. By the browser, which knows the letters of all languages anyway.
fn initials(name: &str) -> Option<String> {
    let letters = JsString::from(name).match_(&RegExp::new(r"(?<!\S)\p{Alphabetic}", "gu"))?;
    let first_two: Array = letters.unchecked_into::<Array>().slice(0, 2);
    Some(first_two.join("").to_upper_case().into())
}
