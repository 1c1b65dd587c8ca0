//! The program: reads the command line, and turns what happens into exit codes.

use std::process::ExitCode;

use anyhow::Context;
use backend::assets::Assets;
use backend::cli::{self, Cli, Command};
use backend::config::Settings;
use backend::serve::{self, ServeError};
use backend::{hook, logging};
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
        None => match run(settings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let wrong_settings = matches!(error.downcast_ref(), Some(ServeError::NoEngine(_)));
                failed(if wrong_settings { WRONG_SETTINGS } else { 1 }, &format!("{error:#}"))
            }
        },
        Some(Command::Hook { .. }) => {
            failed(WRONG_SETTINGS, "hook takes no options but --data-dir, before the word hook")
        }
    }
}

fn run(settings: Settings) -> anyhow::Result<()> {
    logging::start();
    let runtime = tokio::runtime::Runtime::new().context("the runtime can't be started")?;
    let result = runtime.block_on(serve::serve(settings, Assets::embedded(), asked_to_end()));
    // A command that still waits for the softphone must not keep the program.
    runtime.shutdown_background();
    Ok(result?)
}

/// Resolves at Ctrl-C, and at what service managers send.
async fn asked_to_end() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(windows)]
    let terminate = async {
        match (tokio::signal::windows::ctrl_close(), tokio::signal::windows::ctrl_shutdown()) {
            (Ok(mut close), Ok(mut shutdown)) => tokio::select! { _ = close.recv() => {}, _ = shutdown.recv() => {} },
            _ => std::future::pending().await,
        }
    };
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

fn failed(code: u8, what: &str) -> ExitCode {
    eprintln!("backend: {what}");
    ExitCode::from(code)
}
