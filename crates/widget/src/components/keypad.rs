//! The twelve keys, for a number to dial and for tones in a call.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsCast;

use super::button::button;
use crate::delay::Delay;
use crate::dom::{View, el};
use crate::i18n::Texts;
use crate::reactive::Memo;

/// How long 0 is held to become a plus.
const LONG_PRESS: Duration = Duration::from_millis(550);

const KEYS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/// The part `keypad`; `plus` lets a long press of 0 give `+`.
pub(super) fn keypad(
    t: &'static Texts,
    plus: bool,
    disabled: Option<Memo<bool>>,
    press: impl Fn(&str) + 'static,
) -> View {
    let press: Rc<dyn Fn(&str)> = Rc::new(press);
    let pad = el("div", "keypad").part("keypad").set("role", "group").label(t.keypad);
    KEYS.into_iter().fold(pad, |pad, name| {
        let key = match plus && name == "0" {
            true => long(key(name), &press).child(el("small", "").set("aria-hidden", "true").text("+")),
            false => {
                let press = Rc::clone(&press);
                key(name).click(move || press(name))
            }
        };
        pad.child(match disabled {
            Some(disabled) => key.flag("disabled", move || disabled.get()),
            None => key,
        })
    })
}

fn key(name: &'static str) -> View {
    // The number field keeps the focus and its caret.
    button("key").part("key").set("data-key", name).text(name).on("pointerdown", |event| event.prevent_default())
}

/// The key of the zero, which a long press makes a plus.
fn long(key: View, press: &Rc<dyn Fn(&str)>) -> View {
    // A call may take the keypad away under the finger: then it is not held any more.
    let held = Rc::<RefCell<Option<Delay>>>::default();
    let was_long = Rc::<Cell<bool>>::default();
    let (of_down, of_click, release) = (Rc::clone(press), Rc::clone(press), Rc::clone(&held));
    let (fired, of_leave) = (Rc::clone(&was_long), Rc::clone(&held));
    key.on("pointerdown", move |event| {
        was_long.set(false);
        if event.unchecked_ref::<web_sys::PointerEvent>().button() == 0 {
            let (press, was_long) = (Rc::clone(&of_down), Rc::clone(&was_long));
            let fire = move || {
                was_long.set(true);
                press("+");
            };
            *held.borrow_mut() = Some(Delay::new(LONG_PRESS, fire));
        }
    })
    .on("pointerleave", move |_| drop(of_leave.take()))
    .click(move || {
        release.take();
        if !fired.replace(false) {
            of_click("0");
        }
    })
}
