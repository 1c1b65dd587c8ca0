//! The icons: one stroked path each, on a 24-pixel grid.

use crate::dom::{View, el, svg};

pub(super) const HANDSET: &str = "M7 3.5h2.2a1 1 0 0 1 .95.68l1.1 3.3a1 1 0 0 1-.32 1.08L9 10.1a12.5 12.5 0 0 0 4.9 4.9l1.54-1.93a1 1 0 0 1 1.08-.32l3.3 1.1a1 1 0 0 1 .68.95V17a3.5 3.5 0 0 1-3.5 3.5A13.5 13.5 0 0 1 3.5 7 3.5 3.5 0 0 1 7 3.5Z";
pub(super) const PERSON: &str = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0";
pub(super) const MUTE: &str = "M9 9v2.5a3 3 0 0 0 4.6 2.5M15 11V6.5a3 3 0 0 0-5.8-1M5.5 11.5a6.5 6.5 0 0 0 10.3 5.3M18.1 13.7a6.5 6.5 0 0 0 .4-2.2M12 18v3M4 3.5l16 17";
pub(super) const PAUSE: &str = "M9 5.5v13M15 5.5v13";
pub(super) const PLAY: &str = "M7.5 5v14l11-7Z";
pub(super) const PAD: &str =
    "M6 5.5h.01M12 5.5h.01M18 5.5h.01M6 12h.01M12 12h.01M18 12h.01M6 18.5h.01M12 18.5h.01M18 18.5h.01";
pub(super) const TRANSFER: &str = "M4 18v-3a5 5 0 0 1 5-5h11M15.5 5.5 20 10l-4.5 4.5";
pub(super) const JOIN: &str = "M4 6h3.5c4 0 5 6 9 6H20M4 18h3.5c4 0 5-6 9-6M17 9l3 3-3 3";
pub(super) const ERASE: &str = "M9 5.5h9.5a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9L3 12ZM12 9.5l5 5M17 9.5l-5 5";
pub(super) const DOWN: &str = "M6 9.5l6 6 6-6";
pub(super) const UP: &str = "M6 14.5l6-6 6 6";
pub(super) const GRIP: &str = "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01";
pub(super) const BELL: &str = "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5h4";
pub(super) const BELL_OFF: &str = "M6 11v5.5L4.5 18H16M17.9 13.5V11a6 6 0 0 0-9.3-5M10 20.5h4M4 3.5l16 17";
pub(super) const SPEAKER: &str = "M4 9.5v5h3.5L12 18.5v-13l-4.5 4ZM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11";
pub(super) const SPEAKER_OFF: &str = "M4 9.5v5h3.5L12 18.5v-13l-4.5 4ZM16 9.5l5 5M21 9.5l-5 5";
pub(super) const CLOSE: &str = "M6.5 6.5l11 11M17.5 6.5l-11 11";
pub(super) const ALERT: &str = "M12 8v4.5M12 16h.01M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z";

/// An icon for the eye alone: what it stands for is said by its button.
pub(super) fn icon(path: &str) -> View {
    let path = svg("path").set("d", path);
    svg("svg").set("class", "icon").set("viewBox", "0 0 24 24").set("aria-hidden", "true").child(path)
}

/// An icon on the disc of a button.
pub(super) fn disc(path: &str) -> View {
    el("span", "disc").child(icon(path))
}
