//! The call history, page by page.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderName;
use protocol::CallId;
use serde::{Deserialize, Serialize};

use super::{App, operations::NO_STORE};
use crate::error::Error;
use crate::history::{Before, PastCall};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 200;

#[derive(Deserialize)]
pub(super) struct Page {
    limit: Option<usize>,
    before: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Calls {
    /// Newest first.
    calls: Vec<PastCall>,
    /// The `before` of the next page; `null` on the last.
    next: Option<CallId>,
}

pub(super) async fn calls(
    State(app): State<App>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<([(HeaderName, &'static str); 1], Json<Calls>), Error> {
    let Query(page) = page.map_err(|_| Error::Validation("limit is a number from 1 to 200".to_owned()))?;
    let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Error::Validation(format!("limit is a number from 1 to {MAX_LIMIT}")));
    }
    let before = page.before.map(|text| text.parse().map_or_else(|_| Before::Call(CallId::new(text)), Before::Time));
    let unknown = || Error::Validation("before is a call_id of the history, or a time in Unix seconds".to_owned());
    let (calls, more) = app.desk.history().page(limit, before.as_ref()).ok_or_else(unknown)?;
    let next = calls.last().filter(|_| more).map(|call| call.call_id.clone());
    Ok((NO_STORE, Json(Calls { calls, next })))
}
