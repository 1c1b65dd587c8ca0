//! The product as it is on an operator's PC: backend and MicroSIP's stand-in are programs for Windows, under Wine; the
//! browser is beside them. Run by `cargo xtask test wine`.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod calls;
mod desk;
mod found;
mod hostile;
mod microsip;
mod setup;
