//! What shall go wrong once: the next requests of a kind, the next event of the stream.

use super::Break;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Snap {
    LoseRequest,
    LoseAnswer,
    /// Nothing moves on its connection any more.
    Swallow,
}

/// Traps that are set.
#[derive(Default)]
pub(super) struct Traps {
    requests: Vec<(String, Snap, usize)>,
    event: Option<Break>,
    /// How often one has snapped, or an answer was held.
    pub(super) caught: usize,
}

impl Traps {
    pub(super) fn set_request(&mut self, part: &str, snap: Snap, count: usize) {
        self.requests.push((part.to_owned(), snap, count));
    }

    pub(super) fn set_event(&mut self, how: Break) {
        self.event = Some(how);
    }

    /// What becomes of the request with this head.
    pub(super) fn request(&mut self, head: &str) -> Option<Snap> {
        let (_, snap, left) =
            self.requests.iter_mut().find(|(part, _, left)| *left > 0 && head.contains(part.as_str()))?;
        *left -= 1;
        self.caught += 1;
        Some(*snap)
    }

    /// Whether the event that passes just now is to be broken off.
    pub(super) fn event(&mut self) -> Option<Break> {
        let how = self.event.take();
        self.caught += usize::from(how.is_some());
        how
    }
}
