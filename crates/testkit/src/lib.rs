//! What the tests of several crates share. Development only: nothing that is served or shipped depends on it.

pub mod standin;

mod build;
mod wine;

pub use build::{built, built_next};
pub use wine::Wine;
