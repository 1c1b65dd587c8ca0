//! Page objects and processes for the end-to-end tests.
//!
//! Nothing here waits on time: every wait is for a condition, with a deadline that only a failure reaches.
#![allow(clippy::expect_used, reason = "a test that can't go on shall stop")]

mod backend;
mod browser;
mod desk;
mod devtools;
mod npm;
mod process;
mod proxy;
mod row;
mod shown;
mod site;
pub mod soak;
mod tab;
mod wait;

pub use backend::{Backend, Build, executable as backend_executable};
pub use browser::Browser;
pub use desk::Desk;
pub use devtools::{DevTools, Offline};
pub use npm::npm_file;
pub use process::{Process, resume, stop};
pub use proxy::{Break, Proxy};
pub use row::{Row, is_measured, row};
pub use shown::{now, record, rung, settled, told};
pub use site::Site;
pub use tab::{Tab, all_show};
pub use wait::until;
