//! The other party of a call: a disc with initials, the name, the number.

use leptos::prelude::*;
use protocol::Call;

use super::icon::{PERSON, icon};
use super::live::maybe;
use crate::i18n::Texts;

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

/// The disc.
pub(super) fn avatar(call: &Call) -> AnyView {
    let initials = initials(call.display_name.as_deref().unwrap_or_default());
    let inner = if initials.is_empty() { icon(PERSON) } else { initials.into_any() };
    view! { <span class="avatar" aria-hidden="true">{inner}</span> }.into_any()
}

/// Name and number, the part `caller`.
pub(super) fn caller(call: &Call, t: &Texts) -> AnyView {
    view! {
        <div part="caller" class="caller">
            <bdi class="name">{title(call, t)}</bdi>
            {maybe(subtitle(call).map(|number| view! { <bdi class="who-number">{number}</bdi> }.into_any()))}
        </div>
    }
    .into_any()
}

/// First letters of the first two words that begin with one.
fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().next()).filter(|c| c.is_alphabetic());
    letters.take(2).flat_map(char::to_uppercase).collect()
}
