//! The backend's origin: read from an option, or from the line that the backend prints.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;

/// What stands in front of the origin on the backend's standard output.
const READY: &str = "listening on ";

/// The origin from which pages load the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendOrigin(String);

/// A text that is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an origin has the form http://host:port, with nothing after it")]
pub struct NotAnOrigin;

impl FromStr for BackendOrigin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let uri: Uri = text.parse().map_err(|_| NotAnOrigin)?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(NotAnOrigin);
        };
        // The origin is put into HTML and into a header whose parts `;` and `,` separate.
        let plain = !authority.as_str().contains(['@', ';', ',', '\'', '&']);
        if !plain || uri.path() != "/" || uri.query().is_some() {
            return Err(NotAnOrigin);
        }
        let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        // A browser can't go to "every address of this machine", which a backend may listen on.
        let host = match authority.host() {
            "0.0.0.0" => "127.0.0.1",
            "[::]" => "[::1]",
            host => host,
        };
        Ok(Self(format!("{scheme}://{host}{port}")))
    }
}

impl fmt::Display for BackendOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The origin in the backend's line `listening on http://HOST:PORT`; `None` for every other line.
pub fn announced(line: &str) -> Option<BackendOrigin> {
    line.trim_end().strip_prefix(READY)?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{BackendOrigin, NotAnOrigin, announced};

    #[test]
    fn the_backends_line_tells_its_origin() {
        let told = |line| announced(line).map(|origin| origin.to_string());
        assert_eq!(told("listening on http://127.0.0.1:7077").unwrap(), "http://127.0.0.1:7077");
        assert_eq!(told("listening on http://0.0.0.0:9000\r\n").unwrap(), "http://127.0.0.1:9000");
        assert_eq!(told("listening on http://[::]:9000").unwrap(), "http://[::1]:9000");
        assert_eq!(told("MicroSIP is connected"), None);
        assert_eq!(told("listening on port 7077"), None);
    }

    #[test]
    fn only_origins_are_taken() {
        for text in [
            "",
            "127.0.0.1:7077",
            "ftp://a",
            "http://",
            "http://a/b",
            "http://a?b",
            "http://u@a",
            "http://a;b",
            "http://a\"",
        ] {
            assert_eq!(text.parse::<BackendOrigin>(), Err(NotAnOrigin), "{text}");
        }
        assert_eq!("https://phone.example/".parse::<BackendOrigin>().unwrap().to_string(), "https://phone.example");
    }
}
