//! Page objects and processes for the end-to-end tests.
//!
//! Nothing here waits on time: every wait is for a condition, with a deadline that only a failure reaches.
#![allow(clippy::expect_used, reason = "a test that can't go on shall stop")]

mod backend;
mod browser;
mod devtools;
mod npm;
mod proxy;
mod site;
mod tab;
mod wait;

pub use backend::{Backend, executable as backend_executable};
pub use browser::Browser;
pub use devtools::DevTools;
pub use npm::npm_file;
pub use proxy::Proxy;
pub use site::Site;
pub use tab::{Tab, all_show};
pub use wait::until;
