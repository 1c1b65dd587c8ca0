//! Web origins, in the one form in which they can be compared.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// A web origin: `http` or `https`, a host, and a port where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    text: String,
    https: bool,
}

/// A text that is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin has the form http://host or https://host, with :port where it is not the usual one, and nothing after it"
)]
pub struct InvalidOrigin;

impl Origin {
    /// As browsers write it in the header `Origin`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port as browsers write them in the header `Host`.
    pub fn host(&self) -> &str {
        self.text.split_once("://").map_or("", |(_, host)| host)
    }

    /// Whether it is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidOrigin)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        // For the parser `*`, `;` and `,` are letters of a name like others. Here a `*` would promise a wildcard that there is
        // not, and the rest could end what the header of allowed frames says, and begin something else.
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let host = match url.host() {
            Some(Host::Domain(name)) => name.chars().all(of_a_name),
            Some(_) => true,
            None => false,
        };
        if !(bare && host && url.password().is_none() && ["http", "https"].contains(&url.scheme())) {
            return Err(InvalidOrigin);
        }
        Ok(Self { text: url.origin().ascii_serialization(), https: url.scheme() == "https" })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_one_form() {
        for (text, expected, host) in [
            ("https://CRM.example:443/", "https://crm.example", "crm.example"),
            ("http://127.0.0.1:80", "http://127.0.0.1", "127.0.0.1"),
            ("http://[::1]:7077", "http://[::1]:7077", "[::1]:7077"),
            ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!((origin.as_str(), origin.host()), (expected, host));
        }
        for text in [
            "",
            "*",
            "null",
            "crm.example",
            "https://*.example",
            "https://a;sandbox",
            "https://a,b",
            "https://a'b",
            "https://a&b",
            "https://a/b",
            "https://a?b",
            "https://u@a",
            "ftp://a",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }
}
