//! An engine that does nothing but what a test tells it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use backend::engine::{Action, Engine, EngineError};
use protocol::{CallId, Capabilities, Capability};
use tokio::sync::Notify;

pub(crate) struct FakeEngine {
    capabilities: Capabilities,
    dials_beside_a_call: bool,
    answer: Mutex<Result<(), EngineError>>,
    asked: Mutex<Vec<Action>>,
    forgotten: Mutex<Vec<CallId>>,
    /// While set, an action waits for [`FakeEngine::go_on`].
    waits: Mutex<bool>,
    gate: Notify,
    arrived: Notify,
}

impl FakeEngine {
    pub(crate) fn new(capabilities: impl IntoIterator<Item = Capability>) -> Arc<Self> {
        Arc::new(Self::with(capabilities, false))
    }

    pub(crate) fn dialling_beside_calls() -> Arc<Self> {
        Arc::new(Self::with(Capability::ALL, true))
    }

    fn with(capabilities: impl IntoIterator<Item = Capability>, dials_beside_a_call: bool) -> Self {
        Self {
            capabilities: Capabilities::new(capabilities),
            dials_beside_a_call,
            answer: Mutex::new(Ok(())),
            asked: Mutex::default(),
            forgotten: Mutex::default(),
            waits: Mutex::new(false),
            gate: Notify::new(),
            arrived: Notify::new(),
        }
    }

    /// What every further action comes to.
    pub(crate) fn answers(&self, answer: Result<(), EngineError>) {
        *self.answer.lock().unwrap() = answer;
    }

    /// What it was asked for so far.
    pub(crate) fn asked(&self) -> Vec<Action> {
        self.asked.lock().unwrap().clone()
    }

    /// What the desk gave up so far.
    pub(crate) fn forgotten(&self) -> Vec<CallId> {
        self.forgotten.lock().unwrap().clone()
    }

    pub(crate) fn hesitate(&self) {
        *self.waits.lock().unwrap() = true;
    }

    /// Waits for an action to arrive.
    pub(crate) async fn arrival(&self) {
        self.arrived.notified().await;
    }

    /// Lets one waiting action go on.
    pub(crate) fn go_on(&self) {
        self.gate.notify_one();
    }
}

#[async_trait]
impl Engine for FakeEngine {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    fn dials_beside_a_call(&self) -> bool {
        self.dials_beside_a_call
    }

    async fn perform(&self, action: Action) -> Result<(), EngineError> {
        self.asked.lock().unwrap().push(action);
        self.arrived.notify_one();
        let waits = *self.waits.lock().unwrap();
        if waits {
            self.gate.notified().await;
        }
        *self.answer.lock().unwrap()
    }

    fn forget(&self, call: &CallId) {
        self.forgotten.lock().unwrap().push(call.clone());
    }
}
