//! A value that changes, and tells who has read it.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::reactive::signal as graph;
use leptos::reactive::traits::{Get, GetUntracked, Set, Track};

use super::held::{Held, of};

/// Cheap to copy; ends with the owner that it was made in.
pub(crate) struct RwSignal<T> {
    node: graph::RwSignal<Held>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// Holds this.
    pub(crate) fn new(value: T) -> Self {
        Self { node: make(Arc::new(value)), of: PhantomData }
    }

    /// Reads it, and hears of its changes.
    pub(crate) fn get(self) -> T {
        self.with(T::clone)
    }

    /// As [`RwSignal::get`], by reference.
    pub(crate) fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(of(&tracked(self.node)))
    }

    /// Hears of its changes.
    pub(crate) fn track(self) {
        self.node.track();
    }

    /// Reads it as it is now.
    pub(crate) fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }

    /// As [`RwSignal::get_untracked`], by reference.
    pub(crate) fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(of(&untracked(self.node).expect("a signal is read while its owner lives")))
    }

    /// As [`RwSignal::with_untracked`], if its owner still lives.
    pub(crate) fn try_with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        untracked(self.node).map(|held| read(of(&held)))
    }

    /// As [`RwSignal::get_untracked`], if its owner still lives.
    pub(crate) fn try_get_untracked(self) -> Option<T> {
        self.try_with_untracked(T::clone)
    }

    /// Holds this from now on, if its owner still lives.
    pub(crate) fn set(self, value: T) {
        self.try_set(value);
    }

    /// As [`RwSignal::set`]; whether the owner lives.
    pub(crate) fn try_set(self, value: T) -> bool {
        write(self.node, Arc::new(value))
    }

    /// Changes what it holds.
    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        let mut value = self.get_untracked();
        change(&mut value);
        self.set(value);
    }
}

fn make(held: Held) -> graph::RwSignal<Held> {
    graph::RwSignal::new(held)
}

#[inline(never)]
fn tracked(node: graph::RwSignal<Held>) -> Held {
    node.get()
}

#[inline(never)]
fn untracked(node: graph::RwSignal<Held>) -> Option<Held> {
    node.try_get_untracked()
}

#[inline(never)]
fn write(node: graph::RwSignal<Held>, held: Held) -> bool {
    node.try_set(held).is_none()
}
