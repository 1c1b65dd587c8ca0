//! Serves pages of another origin than the backend's: the second demo page, and whatever pages a test wants.

mod backend;
pub mod demo;
mod policy;
mod server;

pub use backend::{BackendOrigin, NotAnOrigin, announced};
pub use policy::strict_policy;
pub use server::{Intranet, Page, router};
