//! Where a setting comes from, and what it says there.

use std::fmt::{self, Display};
use std::path::PathBuf;
use std::str::FromStr;

use super::ConfigError;
use crate::cli::Options;

/// A setting as it stands in one place.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) source: Source,
}

/// The place; shown in front of what is wrong there.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Option(&'static str),
    Variable(String),
    Key { key: &'static str, file: PathBuf },
}

/// All that one place sets.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) listen: Option<Value>,
    pub(super) engine: Option<Value>,
    pub(super) microsip: Option<Value>,
    pub(super) public_origin: Option<Value>,
    pub(super) allow_origin: Option<Vec<Value>>,
    pub(super) token: Option<Value>,
    pub(super) data_dir: Option<Value>,
    pub(super) start_microsip: Option<Value>,
    pub(super) max_streams: Option<Value>,
    pub(super) reject_when_away: Option<Value>,
    pub(super) config: Option<Value>,
}

impl Layer {
    pub(super) fn from_options(options: &Options) -> Self {
        let value = |text: &Option<String>, name: &'static str| {
            text.clone().map(|text| Value { text, source: Source::Option(name) })
        };
        let each = |text: &String| Value { text: text.clone(), source: Source::Option("--allow-origin") };
        Self {
            listen: value(&options.listen, "--listen"),
            engine: value(&options.engine, "--engine"),
            microsip: value(&options.microsip, "--microsip"),
            public_origin: value(&options.public_origin, "--public-origin"),
            allow_origin: options.allow_origin.as_ref().map(|list| list.iter().map(each).collect()),
            token: value(&options.token, "--token"),
            data_dir: value(&options.data_dir, "--data-dir"),
            start_microsip: value(&options.start_microsip, "--start-microsip"),
            max_streams: value(&options.max_streams, "--max-streams"),
            reject_when_away: value(&options.reject_when_away, "--reject-when-away"),
            config: value(&options.config, "--config"),
        }
    }

    pub(super) fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| {
            let name = format!("SIP_PHONE_{name}");
            // An empty variable is how many systems say "not set".
            let text = variable(&name).filter(|text| !text.trim().is_empty())?;
            Some(Value { text, source: Source::Variable(name) })
        };
        let list = |value: Value| {
            let texts: Vec<String> = value.text.split(',').map(|text| text.trim().to_owned()).collect();
            texts.into_iter().filter(|text| !text.is_empty()).map(|text| Value { text, ..value.clone() }).collect()
        };
        Self {
            listen: value("LISTEN"),
            engine: value("ENGINE"),
            microsip: value("MICROSIP"),
            public_origin: value("PUBLIC_ORIGIN"),
            allow_origin: value("ALLOW_ORIGIN").map(list),
            token: value("TOKEN"),
            data_dir: value("DATA_DIR"),
            start_microsip: value("START_MICROSIP"),
            max_streams: value("MAX_STREAMS"),
            reject_when_away: value("REJECT_WHEN_AWAY"),
            config: value("CONFIG"),
        }
    }
}

impl Value {
    /// Reads it; the error repeats what stands there.
    pub(super) fn parse<T: FromStr<Err: Display>>(&self) -> Result<T, ConfigError> {
        self.text.parse().map_err(|error| self.source.error(format_args!("{:?}: {error}", self.text)))
    }

    /// Reads it; the error does not repeat what stands there.
    pub(super) fn parse_secret<T: FromStr<Err: Display>>(&self) -> Result<T, ConfigError> {
        self.text.parse().map_err(|error| self.source.error(error))
    }

    pub(super) fn wrong(&self, expected: &str) -> ConfigError {
        self.source.error(format_args!("{:?} is not {expected}", self.text))
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => f.write_str(name),
            Self::Variable(name) => f.write_str(name),
            Self::Key { key, file } => write!(f, "{key} in {}", file.display()),
        }
    }
}
