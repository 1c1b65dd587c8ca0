//! The MicroSIP engine against the stand-in as a real process, with the program's own `hook` command as its hooks.
#![allow(clippy::unwrap_used)] // a test says what is wrong by panicking

mod away;
mod calls;
mod hook_client;
mod hook_route;
mod hostile;
mod kill;
mod listed;
mod process;
mod program;
mod setup;

use std::path::Path;
use std::time::Duration;

use backend::engine::microsip::{MicroSip, MicroSipConfig, Taken};
use backend::engine::{Action, Engine, EngineError, EngineEvent, Past};
use backend::hook::{HookSecret, Ticket, ticket_path};
use backend::hook_routes;
use protocol::{CallId, EndReason, PhoneStatus};
use tempfile::TempDir;
use testkit::standin::{Setup, StandIn};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// The program under test.
const BACKEND: &str = env!("CARGO_BIN_EXE_backend");

/// How long an action waits where a test asserts that it waits in vain.
const IN_VAIN: Duration = Duration::from_secs(3);

/// Lets hooks find a backend here.
fn write_ticket(data_dir: &Path, url: &str) -> HookSecret {
    let ticket = Ticket::new(url);
    std::fs::write(ticket_path(data_dir), serde_json::to_vec(&ticket).unwrap()).unwrap();
    ticket.secret()
}

/// Stands for the desk: takes all events in at once, and gives those that tell of the phone.
fn desk(mut events: mpsc::UnboundedReceiver<EngineEvent>) -> mpsc::UnboundedReceiver<EngineEvent> {
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let events = if let EngineEvent::Together(events) = event { events } else { vec![event] };
            for event in events {
                match event {
                    EngineEvent::Remember(_) => {}
                    EngineEvent::Receipt(receipt) => receipt.keep(),
                    news => drop(tell.send(news)),
                }
            }
        }
    });
    told
}

/// A stand-in, the engine that drives it, and the server where its hooks come in.
struct World {
    standin: StandIn,
    engine: MicroSip,
    events: mpsc::UnboundedReceiver<EngineEvent>,
    _data_dir: TempDir,
}

impl World {
    async fn start() -> Self {
        Self::with(|setup| setup).await
    }

    /// A world with a changed ini; MicroSIP has been seen when this returns.
    async fn with(change: impl FnOnce(Setup) -> Setup) -> Self {
        // Long, for busy machines: only what asserts that it passes sets less.
        Self::timed(change, |config| config.confirm_within = Duration::from_secs(30)).await
    }

    async fn timed(change: impl FnOnce(Setup) -> Setup, set: impl FnOnce(&mut MicroSipConfig)) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let setup = change(Setup::with_backend(Path::new(BACKEND), data_dir.path()));
        let standin = StandIn::start(&setup).await.unwrap();
        let (tell, events) = mpsc::unbounded_channel();
        let poll_every = Duration::from_millis(100);
        let mut config = MicroSipConfig { poll_every, ..MicroSipConfig::new(standin.exe().to_owned()) };
        set(&mut config);
        let (engine, told) = MicroSip::start(config, Past::default(), Taken::default(), tell);
        assert_eq!(told[0].event, EngineEvent::Phone(PhoneStatus::Available));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let secret = write_ticket(data_dir.path(), &url);
        let router = hook_routes(secret, engine.hooks());
        tokio::spawn(async move { axum::serve(listener, router).await });

        Self { standin, engine, events: desk(events), _data_dir: data_dir }
    }

    /// The next event.
    async fn event(&mut self) -> EngineEvent {
        timeout(Duration::from_secs(30), self.events.recv()).await.expect("an event").expect("the engine lives")
    }

    /// The next event is a call that rings; gives its id.
    async fn incoming(&mut self, expected: &str) -> CallId {
        match self.event().await {
            EngineEvent::Incoming { call, number, .. } if number == expected => call,
            other => panic!("{expected:?} does not ring, but {other:?}"),
        }
    }

    /// A caller calls and is answered from here.
    async fn talking(&mut self, number: &str) -> CallId {
        self.standin.ring(number).await.unwrap();
        let call = self.incoming(number).await;
        assert_eq!(self.engine.perform(Action::Answer(call.clone())).await, Ok(()));
        assert_eq!(self.event().await, EngineEvent::Connected(call.clone()));
        call
    }

    async fn ended(&mut self, call: &CallId, reason: EndReason) {
        assert_eq!(self.event().await, EngineEvent::Ended { call: call.clone(), reason });
    }

    async fn dial(&self, id: &str, number: &str) -> Result<(), EngineError> {
        self.engine.perform(Action::Dial { call: CallId::new(id), number: number.parse().unwrap() }).await
    }

    /// What MicroSIP was told, after every check that all was well.
    async fn commands(&self) -> Vec<String> {
        let state = self.standin.state().await.unwrap();
        assert_eq!((state.overlaps, state.locked_out, state.reset), (0, 0, false));
        assert!(state.messages.is_empty(), "{:?}", state.messages);
        state.commands.into_iter().map(|command| command.raw).collect()
    }
}
