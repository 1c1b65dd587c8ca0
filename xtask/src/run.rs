//! `cargo xtask run`: from a fresh clone to a phone in the browser, on the backend's page and on one of another origin.

use std::env;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::bundle::target_dir;
use crate::{cmd, setup};

/// Where the page of another origin is, unless something else listens there.
const PAGE_PORT: u16 = 7078;
/// A variable rather than an option, so that the options given to us win over it.
const ALLOWED: &str = "SIP_PHONE_ALLOW_ORIGIN";

pub(crate) fn run(backend_args: &[&str]) -> Result<()> {
    setup::wasm_target()?;
    println!("==> backend");
    let mut build = cmd::cargo();
    build.args(["build", "--package", "backend", "--package", "intranet", "--bins"]).current_dir(cmd::root());
    cmd::run(&mut build)?;

    let mut backend = program("backend")?;
    backend.args(backend_args);
    let set = env::var(ALLOWED).ok().filter(|list| !list.trim().is_empty());
    let port = free_port(PAGE_PORT)?;
    let page = format!("http://localhost:{port}");
    match allowed(backend_args, set.as_deref(), &page) {
        Allowed::NotAsked => drop(backend.env(ALLOWED, &page)),
        Allowed::Yes => {}
        Allowed::No => {
            println!("    your own --allow-origin leaves out {page}, so the second page is not served");
            return cmd::become_it(&mut backend);
        }
    }
    println!("    open the addresses that it prints in Chrome; Ctrl-C ends it");
    let mut intranet = program("intranet")?;
    intranet.arg("--listen").arg(format!("127.0.0.1:{port}")).stdin(Stdio::piped());
    let mut intranet = intranet.spawn().context("`intranet` cannot be started")?;
    // `backend | intranet`: the page's server reads where the backend listens, and ends when the backend has ended, however it did.
    let pipe = intranet.stdin.take().context("standard input is piped")?;
    cmd::become_it(backend.stdout(pipe))
}

/// What the caller says about pages of other origins.
#[derive(Debug, PartialEq, Eq)]
enum Allowed {
    /// Nothing.
    NotAsked,
    /// Our page is among theirs.
    Yes,
    /// Others are, and it is not.
    No,
}

/// An option wins over the variable, as in the backend.
fn allowed(args: &[&str], variable: Option<&str>, page: &str) -> Allowed {
    let mut named: Vec<&str> = args.iter().filter_map(|arg| arg.strip_prefix("--allow-origin=")).collect();
    named.extend(args.windows(2).filter(|pair| pair[0] == "--allow-origin").map(|pair| pair[1]));
    if named.is_empty() {
        named.extend(variable.into_iter().flat_map(|list| list.split(',')).map(str::trim));
    }
    match named.contains(&page) {
        true => Allowed::Yes,
        false if named.is_empty() => Allowed::NotAsked,
        false => Allowed::No,
    }
}

/// This port, or any other if it is taken: by the page of another `cargo xtask run`, say.
fn free_port(wanted: u16) -> Result<u16> {
    let listener = [wanted, 0].into_iter().find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    Ok(listener.context("there is no free port on 127.0.0.1")?.local_addr()?.port())
}

/// A program that has just been built.
fn program(name: &str) -> Result<Command> {
    Ok(Command::new(target_dir()?.join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::TcpListener;

    use super::{Allowed, allowed, free_port};

    const PAGE: &str = "http://localhost:7078";

    #[test]
    fn the_callers_own_list_of_origins_stands() {
        let says = |args: &[&str], variable| allowed(args, variable, PAGE);
        assert_eq!(says(&["--listen", "127.0.0.1:9000"], None), Allowed::NotAsked);
        assert_eq!(says(&["--allow-origin", "http://crm.test"], None), Allowed::No);
        assert_eq!(says(&["--allow-origin=http://crm.test", "--allow-origin", PAGE], None), Allowed::Yes);
        assert_eq!(says(&[], Some("http://crm.test, http://localhost:7078")), Allowed::Yes);
        assert_eq!(says(&["--allow-origin", "http://crm.test"], Some(PAGE)), Allowed::No);
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(free_port(port).unwrap(), port);
        drop(taken);
        assert_eq!(free_port(port).unwrap(), port);
    }
}
