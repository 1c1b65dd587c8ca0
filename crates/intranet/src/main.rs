//! The program: serves the second demo page, on its own or behind a backend's output (`backend | intranet`).

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use intranet::{BackendOrigin, Intranet, announced, demo};
use tokio::runtime::Runtime;

/// A page of another origin than the backend's, with the backend's phone in it.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7078")]
    listen: SocketAddr,
    /// The backend's origin; without it standard input is the backend's output, which is passed on and tells its origin
    #[arg(long, value_name = "ORIGIN")]
    backend: Option<BackendOrigin>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime can't be started: {error}")),
    };
    match &options.backend {
        Some(backend) => alone(&runtime, options.listen, backend),
        None => {
            behind(&runtime, options.listen);
            // What is still being sent is of no use to anybody.
            runtime.shutdown_background();
            ExitCode::SUCCESS
        }
    }
}

fn alone(runtime: &Runtime, listen: SocketAddr, backend: &BackendOrigin) -> ExitCode {
    match runtime.block_on(Intranet::serve(listen, demo::pages(backend))) {
        Ok(intranet) => {
            say(&format!("listening on http://{}", intranet.address));
            // Without a handler for Ctrl-C, a Ctrl-C ends the program all the same.
            let _ = runtime.block_on(tokio::signal::ctrl_c());
            ExitCode::SUCCESS
        }
        Err(error) => failed(&refused(listen, &error)),
    }
}

/// Passes on what the backend writes, and serves from when it is ready until it ends.
fn behind(runtime: &Runtime, listen: SocketAddr) {
    // Ctrl-C reaches the backend too, which may have something to say at its end: that end is also ours.
    runtime.spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    let mut serving = None;
    for line in io::stdin().lock().split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        say(&line);
        let Some(backend) = announced(&line).filter(|_| serving.is_none()) else { continue };
        match runtime.block_on(Intranet::serve(listen, demo::pages(&backend))) {
            Ok(intranet) => {
                say(&format!("    the demo page:                     {backend}/"));
                say(&format!("    another system, of another origin: http://localhost:{}/", intranet.address.port()));
                serving = Some(intranet);
            }
            Err(error) => say(&format!("    {}: only the demo page is there, {backend}/", refused(listen, &error))),
        }
    }
}

fn refused(listen: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("port {} of {} is in use", listen.port(), listen.ip()),
        _ => format!("listening on {listen} failed: {error}"),
    }
}

fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Whoever started us may have closed our output: no reason not to serve.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn failed(what: &str) -> ExitCode {
    eprintln!("intranet: {what}");
    ExitCode::FAILURE
}
