//! `POST /api/sip/fault`: why a worker ended itself, for the log, as nobody looks at the console of a SharedWorker.

use axum::Json;
use axum::extract::State;
use protocol::wire::rest::Fault;

use super::App;
use super::body::Body;
use super::commands::Taken;
use crate::error::Error;

/// Longest message that is logged, in characters: a panic's with its place is far shorter.
const MAX_MESSAGE: usize = 2000;

pub(super) async fn fault(State(app): State<App>, body: Result<Body<Fault>, Error>) -> Result<Json<Taken>, Error> {
    let Body(Fault { message }) = body?;
    app.desk.metrics().worker_fault();
    tracing::error!(cause = readable(&message), "a worker failed and starts again");
    Ok(Json(Taken {}))
}

/// On one line and in measure: what a page sends must not pass for lines of the log.
fn readable(message: &str) -> String {
    let shown = message.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    shown.take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_line_of_bounded_length() {
        assert_eq!(readable("panicked at hub.rs:7\n\u{1b}[31m2026 ERROR\r\n"), "panicked at hub.rs:7  [31m2026 ERROR");
        assert_eq!(readable(&"ы".repeat(MAX_MESSAGE + 1)).chars().count(), MAX_MESSAGE);
    }
}
