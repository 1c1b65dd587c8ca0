//! The phone's face: everything that is inside `<sip-phone-widget>`, as one wasm module.
//!
//! The loader defines the custom element and calls [`mount`] when one is attached; what comes back is the element's
//! own [`PhoneHandle`]. State comes from the worker's port alone, and leaves as intents on the same port: the widget
//! never fetches, and never changes the state that it shows.

mod alerts;
mod announce;
mod app;
mod bridge;
mod browser;
mod click_to_call;
mod clock;
mod closures;
mod components;
mod delay;
mod dispatch;
mod dom;
mod element;
mod focus;
pub mod i18n;
mod js;
mod language;
mod link;
mod locks;
mod mount;
mod news;
mod own;
mod pace;
mod place;
mod placement;
mod reactive;
mod reflect;
mod rehearsal;
mod retry;
mod stage;
mod store;
mod trouble;
mod ui;
mod usage;
mod worker_name;

/// 2 kB smaller than the usual one on the line, and made for the little that a widget holds.
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

pub use mount::{PhoneHandle, mount, mount_with_port};
