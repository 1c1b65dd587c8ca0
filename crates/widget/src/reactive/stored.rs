//! A value without anybody to tell of its changes, for as long as its owner lives.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use reactive_graph::owner::{self as graph, LocalStorage};
use reactive_graph::traits::GetValue;

/// Of any type; in one cell with its own count, so that it may end while it is in use.
type Held = Rc<dyn Any>;

/// Cheap to copy; ends with the owner that it was made in.
pub(crate) struct StoredValue<T> {
    node: graph::StoredValue<Held, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T: 'static> StoredValue<T> {
    /// Holds this.
    pub(crate) fn new(value: T) -> Self {
        Self { node: make(Rc::new(RefCell::new(value))), of: PhantomData }
    }

    /// Looks at it, if its owner still lives.
    pub(crate) fn try_with_value<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.cell().map(|cell| read(&*cell.borrow()))
    }

    /// Looks at it.
    pub(crate) fn with_value<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.try_with_value(read).expect("a stored value is read while its owner lives")
    }

    /// Changes it, if its owner still lives.
    pub(crate) fn update_value(self, change: impl FnOnce(&mut T)) {
        if let Some(cell) = self.cell() {
            change(&mut *cell.borrow_mut());
        }
    }

    /// Holds this from now on, if its owner still lives.
    pub(crate) fn set_value(self, value: T) {
        // What was there ends after its place is free again.
        drop(self.cell().map(|cell| cell.replace(value)));
    }

    fn cell(self) -> Option<Rc<RefCell<T>>> {
        held(self.node).and_then(|held| held.downcast().ok())
    }
}

impl<T: Clone + 'static> StoredValue<T> {
    /// What it holds, if its owner still lives.
    pub(crate) fn try_get_value(self) -> Option<T> {
        self.try_with_value(T::clone)
    }

    /// What it holds.
    pub(crate) fn get_value(self) -> T {
        self.with_value(T::clone)
    }
}

fn make(held: Held) -> graph::StoredValue<Held, LocalStorage> {
    graph::StoredValue::new_local(held)
}

#[inline(never)]
fn held(node: graph::StoredValue<Held, LocalStorage>) -> Option<Held> {
    node.try_get_value()
}
