//! Two languages, complete, without a word of each other; changed live.

use protocol::{Call, CallState, GlobalState, PhoneStatus};
use wasm_bindgen_test::wasm_bindgen_test;
use widget::i18n::{LANGUAGES, pick};

use crate::page::{Page, call, idle, with};

fn cyrillic(text: &str) -> bool {
    text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c))
}

fn latin(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphabetic())
}

/// Everything that a person would read or hear of the tree.
fn words(page: &Page) -> String {
    let mut all = page.shadow.text_content().unwrap_or_default();
    for name in ["title", "aria-label", "placeholder"] {
        let found = page.shadow.query_selector_all(&format!("[{name}]")).unwrap();
        for index in 0..found.length() {
            let element: web_sys::Element = wasm_bindgen::JsCast::unchecked_into(found.get(index).unwrap());
            all.push_str(&element.get_attribute(name).unwrap_or_default());
            all.push('\n');
        }
    }
    all
}

#[wasm_bindgen_test]
async fn every_state_speaks_one_language() {
    let parked = Call { held: true, muted: true, ..call("b", CallState::Talking) };
    let states = [
        idle(),
        GlobalState { phone_status: PhoneStatus::Unavailable, ..idle() },
        with(call("a", CallState::Incoming)),
        with(call("a", CallState::Dialing)),
        GlobalState {
            other_calls: vec![parked.clone(), call("c", CallState::Incoming)],
            ..with(call("a", CallState::Talking))
        },
        with(parked),
    ];
    let page = Page::showing(&idle()).await;
    for (lang, foreign) in [("en", cyrillic as fn(&str) -> bool), ("ru", latin)] {
        page.host.set_attribute("lang", lang).unwrap();
        page.handle.attribute_changed("lang", Some(lang.into()));
        page.until("the language", || page.find(&format!(".frame[lang={lang}]")).is_some()).await;
        for state in &states {
            page.sync(state).await;
            let words = words(&page);
            assert!(!foreign(&words), "{lang}: {words}");
        }
    }
}

#[wasm_bindgen_test]
fn errors_have_words_in_every_language() {
    let codes = protocol::wire::error::ErrorType::ALL.map(|code| code.as_str());
    for texts in LANGUAGES {
        let numbers = texts.failure("validation_error", true);
        assert_ne!(numbers, texts.failure("validation_error", false));
        let others = codes.into_iter().chain(["of_a_newer_backend"]).map(|code| texts.failure(code, false));
        for text in others.chain([numbers]) {
            assert!(!text.is_empty());
            // The form of a SIP address is the same in all languages.
            assert_eq!(cyrillic(text), texts.code == "ru", "{text}");
            assert_eq!(latin(&text.replace("sip:user@host", "")), texts.code == "en", "{text}");
        }
    }
}

#[wasm_bindgen_test]
fn wishes_are_taken_in_order() {
    let of = |wishes: &[&str]| pick(wishes.iter().map(|&wish| wish.to_owned())).code;
    assert_eq!(of(&["ru"]), "ru");
    assert_eq!(of(&["", "de-AT", "ru-RU", "en"]), "ru");
    assert_eq!(of(&["EN_us", "ru"]), "en");
    assert_eq!(of(&["xx"]), "en");
}

#[wasm_bindgen_test]
async fn it_follows_the_page() {
    let page = Page::showing(&idle()).await;
    page.host.remove_attribute("lang").unwrap();
    let html = web_sys::window().unwrap().document().unwrap().document_element().unwrap();
    html.set_attribute("lang", "ru").unwrap();
    page.until("Russian", || page.text("dial") == "Позвонить").await;
    html.set_attribute("lang", "en").unwrap();
    page.until("English", || page.text("dial") == "Call").await;
}
