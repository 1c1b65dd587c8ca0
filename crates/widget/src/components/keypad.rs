//! The twelve keys, for a number to dial and for tones in a call.

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;

use super::live::{click, flag};
use crate::delay::Delay;
use crate::i18n::Texts;

/// How long 0 is held to become a plus.
const LONG_PRESS: Duration = Duration::from_millis(550);

const KEYS: [(char, &str); 12] = [
    ('1', "1"),
    ('2', "2"),
    ('3', "3"),
    ('4', "4"),
    ('5', "5"),
    ('6', "6"),
    ('7', "7"),
    ('8', "8"),
    ('9', "9"),
    ('*', "*"),
    ('0', "0"),
    ('#', "#"),
];

/// The part `keypad`; `plus` lets a long press of 0 give `+`.
pub(super) fn keypad(t: &'static Texts, plus: bool, disabled: Memo<bool>, press: impl Fn(char) + 'static) -> AnyView {
    let press: Rc<dyn Fn(char)> = Rc::new(press);
    let keys = KEYS.map(|(digit, name)| key(digit, name, plus && digit == '0', disabled, Rc::clone(&press)));
    view! { <div part="keypad" class="keypad" role="group" aria-label=t.keypad>{keys.into_iter().collect_view()}</div> }
        .into_any()
}

fn key(digit: char, name: &'static str, plus: bool, disabled: Memo<bool>, press: Rc<dyn Fn(char)>) -> AnyView {
    let held = StoredValue::new_local(None::<Delay>);
    let was_long = StoredValue::new(false);
    let release = move || _ = held.try_set_value(None);
    on_cleanup(release); // a call may take the keypad away under the finger
    let long = Rc::clone(&press);
    let down = move |event: web_sys::PointerEvent| {
        // The number field keeps the focus and its caret.
        event.prevent_default();
        was_long.set_value(false);
        if plus && event.button() == 0 {
            let press = Rc::clone(&long);
            let fire = move || {
                was_long.set_value(true);
                press('+');
            };
            held.set_value(Some(Delay::new(LONG_PRESS, fire)));
        }
    };
    let act = click(move || {
        release();
        if !was_long.get_value() {
            press(digit);
        }
        was_long.set_value(false);
    });
    view! {
        <button
            type="button"
            part="key"
            class="key"
            data-key=name
            disabled=flag(move || disabled.get())
            on:pointerdown=down
            on:pointerleave=move |_| release()
            on:click=act
        >
            {name}
            {plus.then_some(view! { <small aria-hidden="true">"+"</small> })}
        </button>
    }
    .into_any()
}
