//! The commands: what an operator does in a tab.

use axum::Json;
use axum::extract::State;
use protocol::wire::rest::{Dial, Dialed, Dtmf, OfCall, SetStatus, Switch, Transfer, TransferTarget};
use serde::Serialize;

use super::App;
use super::body::Body;
use crate::error::Error;

/// Answer of a command that gives nothing back: the phone took it.
#[derive(Serialize)]
pub(super) struct Taken {}

type Answer<T = Taken> = Result<Json<T>, Error>;
type Sent<T> = Result<Body<T>, Error>;

pub(super) async fn dial(State(app): State<App>, body: Sent<Dial>) -> Answer<Dialed> {
    let done = async { app.desk.dial(body?.0.phone).await.map(|call_id| Dialed { call_id }) };
    counted(&app, "dial", done.await)
}

pub(super) async fn answer(State(app): State<App>, body: Sent<OfCall>) -> Answer {
    let done = async { app.desk.answer(body?.0.call_id).await };
    taken(&app, "answer", done.await)
}

pub(super) async fn hangup(State(app): State<App>, body: Sent<OfCall>) -> Answer {
    let done = async { app.desk.hangup(body?.0.call_id).await };
    taken(&app, "hangup", done.await)
}

pub(super) async fn hold(State(app): State<App>, body: Sent<Switch>) -> Answer {
    let done = async {
        let Body(Switch { call_id, on }) = body?;
        app.desk.hold(call_id, on).await
    };
    taken(&app, "hold", done.await)
}

pub(super) async fn mute(State(app): State<App>, body: Sent<Switch>) -> Answer {
    let done = async {
        let Body(Switch { call_id, on }) = body?;
        app.desk.mute(call_id, on).await
    };
    taken(&app, "mute", done.await)
}

pub(super) async fn dtmf(State(app): State<App>, body: Sent<Dtmf>) -> Answer {
    let done = async {
        let Body(Dtmf { call_id, digits }) = body?;
        app.desk.dtmf(call_id, digits).await
    };
    taken(&app, "dtmf", done.await)
}

pub(super) async fn transfer(State(app): State<App>, body: Sent<Transfer>) -> Answer {
    let done = async {
        let Body(Transfer { call_id, phone, to_call_id }) = body?;
        let target = TransferTarget::from_fields(phone, to_call_id);
        app.desk.transfer(call_id, target.map_err(|error| Error::Validation(error.to_string()))?).await
    };
    taken(&app, "transfer", done.await)
}

pub(super) async fn status(State(app): State<App>, body: Sent<SetStatus>) -> Answer {
    let done = async { app.desk.set_operator_status(body?.0.status).await };
    taken(&app, "status", done.await)
}

fn taken(app: &App, command: &'static str, result: Result<(), Error>) -> Answer {
    counted(app, command, result.map(|()| Taken {}))
}

fn counted<T>(app: &App, command: &'static str, result: Result<T, Error>) -> Answer<T> {
    let outcome = result.as_ref().map_or_else(|error| error.kind().as_str(), |_| "ok");
    app.desk.metrics().command(command, outcome);
    if let Err(error) = &result {
        tracing::info!(command, outcome, "a command was not carried out");
        tracing::debug!(command, %error, "the reason");
    }
    result.map(Json)
}
