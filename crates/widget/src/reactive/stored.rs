//! A value without anybody to tell of its changes, for as long as its owner lives.
//!
//! Leptos' own would ask at each use whether it is still in its thread, with all that the standard library has for threads.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use leptos::reactive::owner::ArenaItem;

thread_local! {
    static VALUES: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
}

/// Where a value is, or was.
#[derive(Default)]
struct Place {
    /// Which of the values that were here this is.
    turn: u32,
    value: Option<Rc<dyn Any>>,
}

/// Names a value for ever.
#[derive(Clone, Copy)]
struct Key {
    place: usize,
    turn: u32,
}

/// What the owner has of it: with this the value ends.
struct Life(Key);

impl Drop for Life {
    fn drop(&mut self) {
        // Ends after the list is free again, which it may want to use.
        drop(VALUES.with_borrow_mut(|places| places.get_mut(self.0.place).and_then(|place| place.value.take())));
    }
}

/// Cheap to copy; ends with the owner that it was made in.
pub(crate) struct StoredValue<T> {
    key: Key,
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
        Self { key: hold(Rc::new(RefCell::new(value))), of: PhantomData }
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
        held(self.key).and_then(|held| held.downcast().ok())
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

fn hold(value: Rc<dyn Any>) -> Key {
    let key = VALUES.with_borrow_mut(|places| {
        let free = places.iter().position(|place| place.value.is_none());
        let index = free.unwrap_or_else(|| {
            places.push(Place::default());
            places.len() - 1
        });
        let place = &mut places[index];
        place.turn = place.turn.wrapping_add(1);
        place.value = Some(value);
        Key { place: index, turn: place.turn }
    });
    ArenaItem::new(Life(key));
    key
}

#[inline(never)]
fn held(key: Key) -> Option<Rc<dyn Any>> {
    VALUES.with_borrow(|places| places.get(key.place).filter(|place| place.turn == key.turn)?.value.clone())
}
