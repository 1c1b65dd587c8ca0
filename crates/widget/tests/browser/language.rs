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

#[wasm_bindgen_test]
fn counted_things_take_the_right_form() {
    let of = |code: &str| LANGUAGES.into_iter().find(|texts| texts.code == code).unwrap();
    let (en, ru) = (of("en"), of("ru"));
    let forms = [
        (1, "1 second", "1 секунда"),
        (2, "2 seconds", "2 секунды"),
        (4, "4 seconds", "4 секунды"),
        (5, "5 seconds", "5 секунд"),
        (11, "11 seconds", "11 секунд"),
        (12, "12 seconds", "12 секунд"),
        (14, "14 seconds", "14 секунд"),
        (21, "21 seconds", "21 секунда"),
        (22, "22 seconds", "22 секунды"),
        (25, "25 seconds", "25 секунд"),
        (0, "0 seconds", "0 секунд"),
        (60, "1 minute", "1 минута"),
        (65, "1 minute 5 seconds", "1 минута 5 секунд"),
        (121, "2 minutes 1 second", "2 минуты 1 секунда"),
        (3600, "1 hour", "1 час"),
        (3661, "1 hour 1 minute 1 second", "1 час 1 минута 1 секунда"),
        (7202, "2 hours 2 seconds", "2 часа 2 секунды"),
        (18_660, "5 hours 11 minutes", "5 часов 11 минут"),
    ];
    for (seconds, english, russian) in forms {
        assert_eq!((en.spoken(seconds).as_str(), ru.spoken(seconds).as_str()), (english, russian));
    }
    for (number, english, russian) in [
        (1, "+1 call", "ещё 1 звонок"),
        (2, "+2 calls", "ещё 2 звонка"),
        (5, "+5 calls", "ещё 5 звонков"),
        (111, "+111 calls", "ещё 111 звонков"),
    ] {
        assert_eq!(en.counted(number, en.counts.more_calls), english);
        assert_eq!(ru.counted(number, ru.counts.more_calls), russian);
    }
    assert_eq!(ru.ended(Some(62)), "Звонок завершён, 1 минута 2 секунды");
    assert_eq!(en.ended(None), "Call ended");
}

#[wasm_bindgen_test]
fn every_language_has_a_form_for_every_number() {
    for texts in LANGUAGES {
        let counts = &texts.counts;
        for forms in [counts.hours, counts.minutes, counts.seconds, counts.more_calls, counts.other_calls] {
            assert!(
                (0..200)
                    .all(|number| (counts.rule)(number) < forms.len() && !texts.counted(number, forms).contains('{'))
            );
            assert!(forms.iter().all(|form| form.contains("{}")));
        }
    }
}
