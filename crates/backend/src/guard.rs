//! Who may use the backend: the checks of Host, Origin and token before every route, and the headers after it.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::Settings;
use crate::error::Error;
use crate::origin::Origin;
use crate::token::Token;

/// The cookie that carries the token.
pub const TOKEN_COOKIE: &str = "sip_phone_token";
/// Below this path the engine's hooks call, who show a secret of their own instead of the token.
pub const HOOKS: &str = "/api/hook/";
/// The page that pages of other origins embed.
pub const BRIDGE: &str = "/bridge.html";
/// What that page itself may load: its script and the worker.
const BRIDGE_SOURCES: &str =
    "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

/// Who may use this backend.
#[derive(Clone, Debug)]
pub struct Guard {
    port: u16,
    beyond_loopback: bool,
    public_origin: Option<Origin>,
    token: Option<Token>,
    allowed_origins: String,
    bridge_policy: HeaderValue,
}

impl Guard {
    /// The guard of a backend that listens on this address.
    pub fn new(settings: &Settings, bound: SocketAddr) -> Self {
        let allowed: Vec<_> = settings.allow_origins.iter().map(Origin::as_str).collect();
        let allowed_origins = allowed.join(" ");
        let ancestors = if allowed_origins.is_empty() { "'none'" } else { &allowed_origins };
        let policy = format!("{BRIDGE_SOURCES}; frame-ancestors {ancestors}");
        Self {
            port: bound.port(),
            beyond_loopback: !bound.ip().is_loopback(),
            public_origin: settings.public_origin.clone(),
            token: settings.token.clone(),
            allowed_origins,
            bridge_policy: HeaderValue::from_str(&policy).expect("origins are ASCII without spaces"),
        }
    }

    /// The origins whose pages may embed the widget, with spaces between them; none have a quote or an ampersand.
    pub fn allowed_origins(&self) -> &str {
        &self.allowed_origins
    }

    /// Whether this is the token; `None` where none is set.
    pub fn token_matches(&self, shown: &str) -> Option<bool> {
        self.token.as_ref().map(|token| token.matches(shown))
    }

    /// The cookie that stands for the token from now on; `None` where none is set.
    pub fn cookie(&self) -> Option<String> {
        let secure = if self.public_origin.as_ref().is_some_and(Origin::is_https) { "; Secure" } else { "" };
        let token = self.token.as_ref()?.secret();
        Some(format!("{TOKEN_COOKIE}={token}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict{secure}"))
    }

    fn check(&self, request: &Request) -> Result<(), Error> {
        let headers = request.headers();
        let host = self.host(request)?;
        let path = request.uri().path();
        let api = path == "/api" || path.starts_with("/api/");
        if api {
            self.origin(headers, host)?;
        }
        if (api && !path.starts_with(HOOKS)) || path == "/metrics" {
            self.token(headers)?;
        }
        Ok(())
    }

    /// The request's host, if it is ours: a DNS name that was bound to our address anew is not.
    fn host<'a>(&self, request: &'a Request) -> Result<&'a str, Error> {
        let refused = || unauthorized("this host name is not the backend's: use 127.0.0.1, or set --public-origin");
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(refused()) };
        let host = host.to_str().map_err(|_| refused())?;
        // A request line with a whole address in it has two hosts; both must be ours.
        let line = request.uri().authority().map(Authority::as_str);
        if line.into_iter().chain([host]).all(|host| self.is_ours(host)) { Ok(host) } else { Err(refused()) }
    }

    fn is_ours(&self, host: &str) -> bool {
        if let Some(origin) = &self.public_origin {
            let default_port = if origin.is_https() { ":443" } else { ":80" };
            let bare = host.strip_suffix(default_port).unwrap_or(host);
            if bare.eq_ignore_ascii_case(origin.host()) {
                return true;
            }
        }
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = authority.host();
        if host.contains('@') || authority.port_u16().unwrap_or(80) != self.port {
            return false;
        }
        let ip: Option<IpAddr> = name.trim_start_matches('[').trim_end_matches(']').parse().ok();
        match ip {
            Some(ip) => ip.is_loopback() || self.beyond_loopback,
            None => name.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Refuses what a page of another origin sends; programs send no `Origin` at all.
    fn origin(&self, headers: &HeaderMap, host: &str) -> Result<(), Error> {
        let refused = || unauthorized("pages of this origin can't use the API: embed the widget by its script tag");
        let Some(origin) = headers.get(ORIGIN) else {
            let site = headers.get(HeaderName::from_static("sec-fetch-site")).map(HeaderValue::as_bytes);
            return if matches!(site, Some(b"cross-site" | b"same-site")) { Err(refused()) } else { Ok(()) };
        };
        let origin = origin.to_str().map_err(|_| refused())?;
        let own = origin.strip_prefix("http://").is_some_and(|name| name.eq_ignore_ascii_case(host));
        let public = self.public_origin.as_ref().is_some_and(|public| public.as_str() == origin);
        if (own || public) && headers.get_all(ORIGIN).iter().count() == 1 { Ok(()) } else { Err(refused()) }
    }

    fn token(&self, headers: &HeaderMap) -> Result<(), Error> {
        let Some(token) = &self.token else { return Ok(()) };
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut shown = pairs.filter(|(name, _)| *name == TOKEN_COOKIE).map(|(_, value)| value).chain(bearer);
        if shown.any(|shown| token.matches(shown)) {
            Ok(())
        } else {
            Err(unauthorized("show the token: open /?token=… once, or send it as Authorization: Bearer"))
        }
    }

    fn add_headers(&self, path: &str, headers: &mut HeaderMap) {
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let policy = if path == BRIDGE {
            self.bridge_policy.clone()
        } else {
            HeaderValue::from_static("frame-ancestors 'self'")
        };
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers
            .entry(HeaderName::from_static("cross-origin-resource-policy"))
            .or_insert(HeaderValue::from_static("same-origin"));
        headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized(text: &'static str) -> Error {
    Error::Unauthorized(Cow::Borrowed(text))
}

/// The middleware around every route.
pub async fn guard(State(guard): State<std::sync::Arc<Guard>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            tracing::debug!(path, %error, "refused");
            error.into_response()
        }
    };
    guard.add_headers(&path, response.headers_mut());
    response
}
