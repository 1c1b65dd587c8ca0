//! A value that follows from others, told on only when it changes.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::reactive::computed as graph;
use leptos::reactive::traits::{Get, GetUntracked, Track};

use super::held::{Held, of};

/// Cheap to copy; ends with the owner that it was made in.
pub(crate) struct Memo<T> {
    node: graph::Memo<Held>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Memo<T> {
    /// What this gives, whenever something that it reads has changed.
    pub(crate) fn new(value: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { node: make(Box::new(value), differ::<T>), of: PhantomData }
    }

    /// Reads it, and hears of its changes.
    pub(crate) fn get(self) -> T {
        self.with(T::clone)
    }

    /// As [`Memo::get`], by reference.
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

    /// As [`Memo::get_untracked`], by reference.
    pub(crate) fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(of(&untracked(self.node).expect("a memo is read while its owner lives")))
    }

    /// As [`Memo::get_untracked`], if its owner still lives.
    pub(crate) fn try_get_untracked(self) -> Option<T> {
        untracked(self.node).map(|held| of::<T>(&held).clone())
    }
}

/// A memo of yes or no.
pub(crate) fn fact(is: impl Fn() -> bool + Send + Sync + 'static) -> Memo<bool> {
    Memo::new(is)
}

/// As [`Gives`](crate::closures::Gives), for whoever asks.
trait Value: Send + Sync {
    fn value(&self) -> Held;
}

impl<T: Send + Sync + 'static, F: Fn() -> T + Send + Sync> Value for F {
    fn value(&self) -> Held {
        Arc::new(self())
    }
}

fn make(value: Box<dyn Value>, changed: fn(Option<&Held>, Option<&Held>) -> bool) -> graph::Memo<Held> {
    graph::Memo::new_with_compare(move |_| value.value(), changed)
}

fn differ<T: PartialEq + 'static>(before: Option<&Held>, now: Option<&Held>) -> bool {
    before.map(of::<T>) != now.map(of::<T>)
}

#[inline(never)]
fn tracked(node: graph::Memo<Held>) -> Held {
    node.get()
}

#[inline(never)]
fn untracked(node: graph::Memo<Held>) -> Option<Held> {
    node.try_get_untracked()
}
