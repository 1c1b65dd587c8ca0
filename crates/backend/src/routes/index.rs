//! The front page, and the way in for those who have a token.

use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::query::parameter;
use super::{App, assets};
use crate::error::Error;

/// On `/`: the engine's name, so that the page knows without a failing request whether `/api/sim` exists.
const ENGINE: HeaderName = HeaderName::from_static("x-sip-phone-engine");

/// `/` is the page; `/?token=…` trades the token for a cookie, so that it stands in no further address.
pub(super) async fn index(state: State<App>, RawQuery(query): RawQuery, request: Request) -> Response {
    let shown = parameter(query.as_deref(), "token");
    let guard = &state.0.guard;
    match (shown.and_then(|shown| guard.token_matches(&shown)), guard.cookie()) {
        (Some(true), Some(cookie)) => {
            let headers = [
                (header::LOCATION, "/".to_owned()),
                (header::SET_COOKIE, cookie),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        (Some(false), _) => {
            Error::Unauthorized("this is not the token: ask who runs the backend".into()).into_response()
        }
        _ => {
            let engine = HeaderValue::from_static(state.0.desk.engine_name());
            let mut response = assets::asset(state, request).await.into_response();
            response.headers_mut().insert(ENGINE, engine);
            response
        }
    }
}
