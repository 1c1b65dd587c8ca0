//! `sip-phone.toml`: finding it and reading it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::sources::{Layer, Source, Value};
use super::{ConfigError, Surroundings, path};

/// The file's name.
pub const FILE: &str = "sip-phone.toml";

/// The file's settings, and the data directory that all places together give.
pub(super) struct Found {
    pub(super) layer: Layer,
    pub(super) data_dir: PathBuf,
}

/// The file's keys are the options' names; underscores for the dashes are as good.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Keys {
    listen: Option<String>,
    engine: Option<String>,
    microsip: Option<String>,
    #[serde(alias = "public_origin")]
    public_origin: Option<String>,
    #[serde(alias = "allow_origin")]
    allow_origin: Option<OneOrMany>,
    token: Option<String>,
    #[serde(alias = "data_dir")]
    data_dir: Option<String>,
    #[serde(alias = "start_microsip")]
    start_microsip: Option<Switch>,
    #[serde(alias = "max_streams")]
    max_streams: Option<Number>,
    #[serde(alias = "reject_when_away")]
    reject_when_away: Option<Switch>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Without quotes as a file has it, or within them like all others.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number")]
enum Number {
    Plain(i64),
    Quoted(String),
}

/// Likewise.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true or false")]
enum Switch {
    Plain(bool),
    Quoted(String),
}

impl Found {
    pub(super) fn find(line: &Layer, environment: &Layer, around: &Surroundings<'_>) -> Result<Self, ConfigError> {
        let set = line.data_dir.as_ref().or(environment.data_dir.as_ref()).map(path).transpose()?;
        let own = || {
            let missing = || ConfigError("this user has no data directory: name one with --data-dir".to_owned());
            around.data_dir.clone().ok_or_else(missing)
        };
        if let Some(named) = line.config.as_ref().or(environment.config.as_ref()) {
            let file = path(named)?;
            let layer =
                read(&file)?.ok_or_else(|| named.source.error(format_args!("there is no file {}", file.display())))?;
            return layer.with_data_dir(set, own);
        }
        if let Some(layer) = read(&around.working_dir.join(FILE))? {
            return layer.with_data_dir(set, own);
        }
        let data_dir = set.map_or_else(own, Ok)?;
        let layer = read(&data_dir.join(FILE))?.unwrap_or_default();
        match &layer.data_dir {
            Some(value) => Err(value.source.error("a file in the data directory can't name another one")),
            None => Ok(Self { layer, data_dir }),
        }
    }
}

impl Layer {
    fn with_data_dir(
        self,
        set: Option<PathBuf>,
        own: impl FnOnce() -> Result<PathBuf, ConfigError>,
    ) -> Result<Found, ConfigError> {
        let here = self.data_dir.as_ref().map(path).transpose()?;
        let data_dir = set.or(here).map_or_else(own, Ok)?;
        Ok(Found { layer: self, data_dir })
    }
}

/// The settings in this file; `None` where there is no such file.
fn read(file: &Path) -> Result<Option<Layer>, ConfigError> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        // What stands in the data directory's way is said when that is used.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(ConfigError(format!("{} can't be read: {error}", file.display()))),
    };
    // Notepad begins a file so.
    let text = text.trim_start_matches('\u{feff}');
    let keys: Keys = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let message = error.message().lines().collect::<Vec<_>>().join(" ");
        ConfigError(format!("{} line {line}: {message}", file.display()))
    })?;
    Ok(Some(keys.into_layer(file)))
}

impl Number {
    fn into_text(self) -> String {
        match self {
            Self::Plain(number) => number.to_string(),
            Self::Quoted(text) => text,
        }
    }
}

impl Switch {
    fn into_text(self) -> String {
        match self {
            Self::Plain(on) => on.to_string(),
            Self::Quoted(text) => text,
        }
    }
}

impl Keys {
    fn into_layer(self, file: &Path) -> Layer {
        let source = |key| Source::Key { key, file: file.to_owned() };
        let value = |text: Option<String>, key| text.map(|text| Value { text, source: source(key) });
        let list = |texts: OneOrMany| {
            let texts = match texts {
                OneOrMany::One(text) => vec![text],
                OneOrMany::Many(texts) => texts,
            };
            texts.into_iter().map(|text| Value { text, source: source("allow-origin") }).collect()
        };
        Layer {
            listen: value(self.listen, "listen"),
            engine: value(self.engine, "engine"),
            microsip: value(self.microsip, "microsip"),
            public_origin: value(self.public_origin, "public-origin"),
            allow_origin: self.allow_origin.map(list),
            token: value(self.token, "token"),
            data_dir: value(self.data_dir, "data-dir"),
            start_microsip: value(self.start_microsip.map(Switch::into_text), "start-microsip"),
            max_streams: value(self.max_streams.map(Number::into_text), "max-streams"),
            reject_when_away: value(self.reject_when_away.map(Switch::into_text), "reject-when-away"),
            config: None,
        }
    }
}
