//! A place on the screen: the nearest corner and the distance from it, so that it makes sense in windows of other sizes.

use crate::js;

/// Pixels that always stay free between the phone and the window's edge; the style sheet leaves room for them.
const GAP: f64 = 8.0;
/// Pixels to the edge in a corner where nobody moved the phone.
const DISTANCE: f64 = 16.0;

/// Width and height, in CSS pixels.
pub(crate) type Size = (f64, f64);

/// A corner, and the distances from its two edges in CSS pixels.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Place {
    right: bool,
    bottom: bool,
    x: f64,
    y: f64,
}

impl Place {
    /// Where a phone of this size is whose upper left corner is there, or as near as the window lets it.
    pub(crate) fn at(left: f64, top: f64, phone: Size, window: Size) -> Self {
        let (left, top) = (inside(left, phone.0, window.0), inside(top, phone.1, window.1));
        let (right, bottom) = (left * 2.0 + phone.0 > window.0, top * 2.0 + phone.1 > window.1);
        let x = if right { window.0 - phone.0 - left } else { left };
        let y = if bottom { window.1 - phone.1 - top } else { top };
        Self { right, bottom, x, y }
    }

    /// The next corner, clockwise.
    pub(crate) fn next_corner(self) -> Self {
        Self { right: !self.bottom, bottom: self.right, x: DISTANCE, y: DISTANCE }
    }

    /// The four properties that put a phone of this size there, all of it in the window.
    pub(crate) fn css(self, phone: Size, window: Size) -> [(&'static str, String); 4] {
        let (x, y) = (inside(self.x, phone.0, window.0), inside(self.y, phone.1, window.1));
        let length =
            |is: bool, pixels: f64| if is { [&*js::decimal(pixels), "px"].concat() } else { "auto".to_owned() };
        [
            ("left", length(!self.right, x)),
            ("right", length(self.right, x)),
            ("top", length(!self.bottom, y)),
            ("bottom", length(self.bottom, y)),
        ]
    }

    /// As it is remembered: `bottom-right 16 40`.
    pub(crate) fn text(self) -> String {
        let (down, across) = (if self.bottom { "bottom" } else { "top" }, if self.right { "right" } else { "left" });
        [down, "-", across, " ", &js::decimal(self.x.round()), " ", &js::decimal(self.y.round())].concat()
    }

    /// Reads [`Place::text`]; whatever else stands there is no place.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (right, bottom) = match words.next()? {
            "bottom-right" => (true, true),
            "bottom-left" => (false, true),
            "top-right" => (true, false),
            "top-left" => (false, false),
            _ => return None,
        };
        let mut pixels = || words.next()?.parse::<u16>().ok().map(f64::from);
        Some(Self { right, bottom, x: pixels()?, y: pixels()? })
    }
}

/// The offset, kept within the window.
fn inside(offset: f64, phone: f64, window: f64) -> f64 {
    offset.min(window - phone - GAP).max(GAP)
}
