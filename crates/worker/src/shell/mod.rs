//! The worker in the browser: feeds the hub and performs its effects, one module for each kind.

mod event_source;
mod fault;
mod locks;
mod message;
mod ports;
mod pulse;
mod rest;
mod timer;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, Set};
use wasm_bindgen::prelude::*;
use web_sys::{MessagePort, SharedWorkerGlobalScope};

use crate::connection::StreamOrder;
use crate::hub::{Effect, Hub, HubInput, Worker as Itself};
use event_source::Streams;
use ports::Ports;
use rest::Posts;
use timer::Timer;

/// The hub and the ends of its wires. Cheap to clone: every callback of the browser holds one.
#[derive(Clone)]
struct Worker(Rc<Parts>);

struct Parts {
    scope: SharedWorkerGlobalScope,
    hub: RefCell<Hub>,
    queue: RefCell<VecDeque<HubInput>>,
    busy: Cell<bool>,
    ports: Ports,
    posts: Posts,
    streams: Streams,
    timer: Timer,
}

impl Worker {
    /// Takes an input in. One that comes up while another is at work waits for its turn.
    fn input(&self, input: HubInput) {
        if matches!(input, HubInput::StreamOpened(_)) {
            self.0.posts.end_flush();
        }
        self.0.queue.borrow_mut().push_back(input);
        if self.0.busy.replace(true) {
            return;
        }
        loop {
            let next = self.0.queue.borrow_mut().pop_front();
            let Some(input) = next else { break };
            let effects = self.0.hub.borrow_mut().handle(input, self.now());
            for effect in effects {
                self.perform(effect);
            }
        }
        self.0.busy.set(false);
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::Send { to, message } => self.0.ports.send(&to, &message),
            Effect::Post { post, request, attempt } => self.0.posts.send(self, post, request, attempt),
            Effect::Abort(post) => self.0.posts.abort(post),
            Effect::Stream(StreamOrder::Open { stream, after, once }) => {
                self.0.streams.open(self, stream, after, once);
            }
            Effect::Stream(StreamOrder::Close(stream)) => {
                self.0.posts.end_flush();
                self.0.streams.close(stream);
            }
            Effect::Stream(StreamOrder::Flush) => self.0.posts.flush(self),
            Effect::SetTimer(at) => self.0.timer.set(self, at.map(|at| at.saturating_sub(self.now()))),
            Effect::ClosePort(port) => self.0.ports.close(port),
            Effect::WatchLock { port, lock } => locks::watch(self.clone(), port, &lock),
            Effect::End => fault::end(),
        }
    }

    fn had_company(&self) -> bool {
        self.0.hub.borrow().had_company()
    }

    fn name(&self) -> String {
        self.0.hub.borrow().name().to_owned()
    }

    fn epoch(&self) -> Option<String> {
        self.0.hub.borrow().epoch().map(str::to_owned)
    }

    /// Milliseconds of a clock that nobody sets.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn now(&self) -> u64 {
        self.0.scope.performance().map_or(0.0, |p| p.now()) as u64
    }
}

/// Starts the worker with the ports that came while its wasm was loading; from now on it takes `connect` events itself, and
/// keeps `ports` up to date. `lock` names the Web Lock that the worker holds, where there are locks; `bundle` the build; `name` is the worker's own.
#[wasm_bindgen]
pub fn start(ports: Set<MessagePort>, lock: Option<String>, bundle: String, name: String) {
    fault::watch();
    let scope: SharedWorkerGlobalScope = js_sys::global().unchecked_into();
    // The bits of a random double: any seed will do.
    let seed = js_sys::Math::random().to_bits();
    let waiting = Array::from(&ports);
    let bundle = Some(bundle).filter(|bundle| !bundle.is_empty());
    let worker = Worker(Rc::new(Parts {
        scope: scope.clone(),
        hub: RefCell::new(Hub::new(seed).with(Itself { lock, bundle, name })),
        queue: RefCell::default(),
        busy: Cell::new(false),
        ports: Ports::new(ports),
        posts: Posts::default(),
        streams: Streams::default(),
        timer: Timer::default(),
    }));
    worker.input(HubInput::Started);
    pulse::watch(&worker);

    let on_connect = {
        let worker = worker.clone();
        Closure::<dyn FnMut(_)>::new(move |event: web_sys::MessageEvent| {
            adopt_all(&worker, &event.ports());
        })
    };
    scope.set_onconnect(Some(on_connect.as_ref().unchecked_ref()));
    on_connect.forget(); // lives as long as the worker
    adopt_all(&worker, &waiting);
}

fn adopt_all(worker: &Worker, ports: &Array) {
    for port in ports.iter().filter_map(|port| port.dyn_into::<MessagePort>().ok()) {
        worker.0.ports.adopt(worker, port);
    }
}
