//! Closures behind a pointer. A `Box<dyn FnMut()>` has each closure compiled a second time, to be called once and dropped, which
//! nobody does; 50 bytes for each of hundreds.

/// What gives something whenever it is asked.
pub(crate) trait Gives<T> {
    /// Asks.
    fn give(&mut self) -> T;
}

impl<T, F: FnMut() -> T> Gives<T> for F {
    fn give(&mut self) -> T {
        self()
    }
}

/// What takes something whenever there is some.
pub(crate) trait Takes<T> {
    /// Hands it over.
    fn take(&mut self, it: T);
}

impl<T, F: FnMut(T)> Takes<T> for F {
    fn take(&mut self, it: T) {
        self(it);
    }
}
