//! What a node of the graph holds.

use std::any::Any;
use std::sync::Arc;

/// A value of any type.
pub(super) type Held = Arc<dyn Any + Send + Sync>;

/// Looks at it as what it is.
pub(super) fn of<T: 'static>(held: &Held) -> &T {
    held.downcast_ref().expect("a node keeps the type of its value")
}
