//! Which engine the settings mean, and what it brings along.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;

use super::microsip::{MicroSip, MicroSipAbsent, MicroSipConfig, Spool, Taken, locate};
use super::simulator::{ANSWERS_AFTER, Simulator};
use super::{Engine, EngineEvents, Past, Told};
use crate::config::{EngineChoice, Settings};
use crate::hook::Ticket;
use crate::routes::{hook_routes, simulator_routes};
use crate::store::{Health, Part};

/// An engine, decided but not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// MicroSIP, at this path.
    MicroSip(PathBuf),
    /// The simulator.
    Simulator,
}

/// MicroSIP was asked for and is not there.
#[derive(Debug, thiserror::Error)]
pub enum NoEngine {
    /// Not at the path that was named.
    #[error("{0}: correct --microsip, or leave it out")]
    Absent(MicroSipAbsent),
    /// Not in any usual place.
    #[error("MicroSIP was not found on this computer: name its program file with --microsip")]
    NotFound,
}

/// An engine at work.
pub struct Running {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// The routes that exist with this engine only.
    pub routes: Router,
    /// What happened while no backend lived.
    pub told: Vec<Told>,
    /// What the softphone's hooks need to find us.
    pub ticket: Option<Ticket>,
}

impl Chosen {
    /// The engine that the settings mean: `auto` is MicroSIP where it is found.
    ///
    /// # Errors
    /// MicroSIP was asked for and is not there.
    pub fn from_settings(settings: &Settings) -> Result<Self, NoEngine> {
        let find = || locate(settings.microsip.as_deref()).map_err(NoEngine::Absent);
        match settings.engine {
            EngineChoice::Simulator => Ok(Self::Simulator),
            EngineChoice::MicroSip => find()?.map(Self::MicroSip).ok_or(NoEngine::NotFound),
            EngineChoice::Auto => Ok(find()?.map_or(Self::Simulator, Self::MicroSip)),
        }
    }

    /// Starts it. `bound` is the socket's address: MicroSIP's hooks have to find it.
    pub fn start(
        self,
        settings: &Settings,
        bound: SocketAddr,
        past: Past,
        health: Arc<Health>,
        events: EngineEvents,
    ) -> Running {
        match self {
            Self::Simulator => {
                let simulator = Arc::new(Simulator::new(events, ANSWERS_AFTER));
                let routes = simulator_routes(simulator.clone());
                // Its calls are in its own memory.
                Running { engine: simulator, routes, told: past.lost(), ticket: None }
            }
            Self::MicroSip(exe) => {
                let spool = Spool::new(&settings.data_dir);
                let taken = spool.take().unwrap_or_else(|error| {
                    health.note(Part::MissedHooks, Err(format!("hooks.jsonl can't be read or emptied: {error}")));
                    Taken::default()
                });
                let config = MicroSipConfig {
                    spool: Some(spool),
                    health,
                    start_on_dial: settings.start_microsip,
                    ..MicroSipConfig::new(exe)
                };
                let (microsip, told) = MicroSip::start(config, past, taken, events);
                let ticket = Ticket::new(format!("http://{}", reachable(bound)));
                let routes = hook_routes(ticket.secret(), microsip.hooks());
                Running { engine: Arc::new(microsip), routes, told, ticket: Some(ticket) }
            }
        }
    }
}

/// The address at which this computer itself reaches a socket.
pub(crate) fn reachable(mut bound: SocketAddr) -> SocketAddr {
    if bound.ip().is_unspecified() {
        let loopback = if bound.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
        bound.set_ip(loopback);
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_are_chosen() {
        let here = std::env::current_exe().unwrap();
        let gone = here.with_extension("gone");
        let chosen = |engine, microsip: Option<&PathBuf>| {
            let settings = Settings { engine, microsip: microsip.cloned(), ..Settings::new(PathBuf::new()) };
            Chosen::from_settings(&settings).map_err(|error| error.to_string())
        };
        assert_eq!(chosen(EngineChoice::Simulator, Some(&here)), Ok(Chosen::Simulator));
        assert_eq!(chosen(EngineChoice::Auto, Some(&here)), Ok(Chosen::MicroSip(here.clone())));
        assert_eq!(chosen(EngineChoice::MicroSip, Some(&here)), Ok(Chosen::MicroSip(here.clone())));
        assert!(chosen(EngineChoice::Auto, Some(&gone)).unwrap_err().contains("--microsip"));
        if !cfg!(windows) {
            assert_eq!(chosen(EngineChoice::Auto, None), Ok(Chosen::Simulator));
            assert!(chosen(EngineChoice::MicroSip, None).unwrap_err().contains("--microsip"));
        }
    }

    #[test]
    fn hooks_never_call_an_address_that_means_all() {
        for (bound, expected) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:1", "[::1]:1"),
            ("10.0.0.2:1", "10.0.0.2:1"),
            ("127.0.0.1:1", "127.0.0.1:1"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap()).to_string(), expected);
        }
    }
}
