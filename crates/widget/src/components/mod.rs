//! The views. Each reads memoized slices of the store and sends intents; none changes state.

mod button;
mod call;
mod calls;
mod dtmf;
mod icon;
mod idle;
mod incoming;
mod keypad;
mod notice;
mod person;
mod pill;
mod sound;
mod status_bar;
mod transfer;
mod trouble;

pub(crate) use call::call;
pub(crate) use calls::calls;
pub(crate) use idle::idle;
pub(crate) use incoming::incoming;
pub(crate) use notice::{error, phone_missing};
pub(crate) use person::{subtitle as caller_number, title as caller_title};
pub(crate) use pill::pill;
pub(crate) use sound::{blocked, sound_settings};
pub(crate) use status_bar::status_bar;
pub(crate) use trouble::trouble;
