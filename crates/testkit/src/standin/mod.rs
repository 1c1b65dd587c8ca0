//! A program that behaves as MicroSIP does towards whoever drives it from outside.
//!
//! The first process is the instance; later ones hand their command line over and exit with 0. The instance keeps
//! calls as a softphone does, runs the hooks of its ini one after the other and waits for each. A control channel
//! plays the other party and tells what really happened; [`StandIn`] is its client, for tests.

mod argv;
mod client;
mod command;
mod deliver;
mod hooks;
mod ini;
mod instance;
mod link;
mod party;
mod phone;
mod state;
#[cfg(windows)]
mod windows;

pub use argv::split as split_command_line;
pub use client::StandIn;
pub use command::Command;
pub use ini::Ini;
pub use link::Op;
pub use phone::{Fired, Phone};
pub use setup::Setup;
pub use state::{CallRecord, CallStage, CommandRecord, Effect, HistoryRecord, HookRecord, State};

mod setup;

use std::process::ExitCode;

/// The program: delivers the command line to a running instance, or becomes the instance.
pub fn main() -> ExitCode {
    #[cfg(windows)]
    let (raw, to_running) = (windows::raw_command_line(), windows::to_running);
    #[cfg(not(windows))]
    let (raw, to_running) = (command::raw(std::env::args().skip(1)), deliver::to_door);
    let run = || -> anyhow::Result<ExitCode> {
        let exe = std::env::current_exe()?;
        if let Some(code) = to_running(&exe, &raw)? {
            return Ok(code);
        }
        if command::needs_running(&raw) { Ok(ExitCode::SUCCESS) } else { instance::run(&exe, &raw) }
    };
    run().unwrap_or_else(|error| {
        eprintln!("microsip-standin: {error:#}");
        ExitCode::from(70)
    })
}
