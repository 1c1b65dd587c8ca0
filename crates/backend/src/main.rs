//! The program: reads the command line, and turns what happens into exit codes.

#[cfg(unix)]
use std::io;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use backend::assets::Assets;
use backend::cli::{self, Cli, Command, MicroSipTask, Switch};
use backend::config::Settings;
use backend::engine::microsip::setup::{self, SetupError, Task};
use backend::serve::{self, ServeError};
use backend::{autostart, background, hook, logging};
use clap::Parser;

/// A mistake in the options or the file.
const WRONG_SETTINGS: u8 = 2;

fn main() -> ExitCode {
    // First of all: behind `hook` stands what a caller has chosen, and no parser of options may see it.
    if let Some(call) = hook::from_args(std::env::args_os().skip(1)) {
        return hook::run(&call);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help and version are no mistakes.
        Err(shown) if !shown.use_stderr() => {
            let _ = shown.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return failed(WRONG_SETTINGS, &cli::one_line(&error)),
    };
    let settings = match Settings::from_process(&cli.options) {
        Ok(settings) => settings,
        Err(error) => return failed(WRONG_SETTINGS, &error.to_string()),
    };
    match cli.command {
        None if cli.background => match background::start(std::env::args_os().skip(1), &mut std::io::stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(1, &error),
        },
        None => match run(settings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let wrong_settings = matches!(error.downcast_ref(), Some(ServeError::NoEngine(_)));
                failed(if wrong_settings { WRONG_SETTINGS } else { 1 }, &format!("{error:#}"))
            }
        },
        Some(Command::MicroSip { task }) => set_up(task, &settings),
        Some(Command::Autostart { switch }) => match autostart::set(switch == Switch::On, &cli.options, &settings) {
            Ok(line) => {
                let _ = writeln!(std::io::stdout(), "{line}");
                ExitCode::SUCCESS
            }
            Err(error) => failed(1, &error.to_string()),
        },
        Some(Command::Hook { .. }) => {
            failed(WRONG_SETTINGS, "hook takes no options but --data-dir, before the word hook")
        }
    }
}

fn set_up(task: MicroSipTask, settings: &Settings) -> ExitCode {
    let task = match task {
        MicroSipTask::Connect => Task::Connect,
        MicroSipTask::Disconnect => Task::Disconnect,
        MicroSipTask::Status => Task::Status,
    };
    match setup::run(task, settings, &mut std::io::stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error @ (SetupError::Absent(_) | SetupError::NotFound)) => failed(WRONG_SETTINGS, &error.to_string()),
        Err(error) => failed(1, &error.to_string()),
    }
}

fn run(settings: Settings) -> anyhow::Result<()> {
    logging::start();
    let runtime = tokio::runtime::Runtime::new().context("the runtime can't be started")?;
    let result = runtime.block_on(async { serve::serve(settings, Assets::embedded(), asked_to_end()).await });
    // A command that still waits for the softphone must not keep the program.
    runtime.shutdown_background();
    Ok(result?)
}

/// Resolves at Ctrl-C, and at what service managers send. Heard from now on, not from the first wait on: nobody who has read
/// the line that says where we listen shall find us deaf.
#[cfg(unix)]
fn asked_to_end() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn come(signal: io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
    let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async {
        tokio::select! { () = come(interrupt) => {}, () = come(terminate) => {} }
    }
}

/// As above.
#[cfg(windows)]
fn asked_to_end() -> impl Future<Output = ()> {
    use tokio::signal::windows::{ctrl_c, ctrl_close, ctrl_shutdown};

    let signals = (ctrl_c(), ctrl_close(), ctrl_shutdown());
    async {
        match signals {
            (Ok(mut interrupt), Ok(mut close), Ok(mut shutdown)) => tokio::select! {
                _ = interrupt.recv() => {},
                _ = close.recv() => {},
                _ = shutdown.recv() => {},
            },
            _ => std::future::pending().await,
        }
    }
}

fn failed(code: u8, what: &str) -> ExitCode {
    eprintln!("backend: {what}");
    ExitCode::from(code)
}
