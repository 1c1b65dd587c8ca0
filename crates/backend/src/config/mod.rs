//! The settings: read from the command line, the environment and `sip-phone.toml`, in this order of precedence.

mod file;
mod sources;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::cli::Options;
use crate::limits::MAX_STREAMS;
use crate::origin::Origin;
use crate::token::Token;
pub use file::FILE;
use file::Found;
use sources::{Layer, Source, Value};

/// The address that the backend listens on unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7077);

/// Most that the setting of streams may be: each costs a file and some kilobytes.
const MOST_STREAMS: usize = 1_000_000;

/// What the operator or an administrator has set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What drives the phone.
    pub engine: EngineChoice,
    /// MicroSIP's program file.
    pub microsip: Option<PathBuf>,
    /// The origin under which browsers reach the backend, if not its own.
    pub public_origin: Option<Origin>,
    /// Origins whose pages may embed the widget.
    pub allow_origins: Vec<Origin>,
    /// What a client must show.
    pub token: Option<Token>,
    /// Where status, history and secrets are kept.
    pub data_dir: PathBuf,
    /// A dial starts MicroSIP where it does not run.
    pub start_microsip: bool,
    /// Most streams at once, beside those of workers.
    pub max_streams: usize,
    /// Calls are rejected while the operator is away.
    pub reject_when_away: bool,
}

/// Which engine to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// MicroSIP where it is found, else the simulator.
    #[default]
    Auto,
    /// MicroSIP.
    MicroSip,
    /// The simulator.
    Simulator,
}

/// A mistake in the settings: one line that names the option, variable or file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// What the settings are read from beside the command line; injected, so that tests need no real environment.
pub struct Surroundings<'a> {
    /// Gives the value of a variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Where `sip-phone.toml` is looked for first.
    pub working_dir: &'a Path,
    /// The data directory unless one is set: the user's own.
    pub data_dir: Option<PathBuf>,
}

impl Settings {
    /// Settings with nothing set but the data directory.
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            engine: EngineChoice::default(),
            microsip: None,
            public_origin: None,
            allow_origins: Vec::new(),
            token: None,
            data_dir,
            start_microsip: false,
            max_streams: MAX_STREAMS,
            reject_when_away: false,
        }
    }

    /// Reads the settings from the command line and this process's surroundings.
    ///
    /// # Errors
    /// The first mistake that was found.
    pub fn from_process(options: &Options) -> Result<Self, ConfigError> {
        let working_dir = std::env::current_dir().unwrap_or_default();
        let data_dir = dirs::data_local_dir().map(|dir| dir.join("sip-phone"));
        let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Self::read(options, &Surroundings { variable: &variable, working_dir: &working_dir, data_dir })
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// The first mistake that was found.
    pub fn read(options: &Options, around: &Surroundings<'_>) -> Result<Self, ConfigError> {
        let line = Layer::from_options(options);
        let environment = Layer::from_variables(around.variable);
        let found = Found::find(&line, &environment, around)?;
        let layers = [&line, &environment, &found.layer];
        let one = |of: fn(&Layer) -> &Option<Value>| layers.iter().find_map(|layer| of(layer).as_ref());

        let mut settings = Self::new(found.data_dir);
        if let Some(value) = one(|layer| &layer.listen) {
            settings.listen = listen(value)?;
        }
        if let Some(value) = one(|layer| &layer.engine) {
            settings.engine = engine(value)?;
        }
        settings.microsip = one(|layer| &layer.microsip).map(path).transpose()?;
        settings.public_origin = one(|layer| &layer.public_origin).map(Value::parse).transpose()?;
        settings.token = one(|layer| &layer.token).map(Value::parse_secret).transpose()?;
        let origins = layers.iter().find_map(|layer| layer.allow_origin.as_ref());
        settings.allow_origins = origins.into_iter().flatten().map(allowed).collect::<Result<_, _>>()?;
        if let Some(value) = one(|layer| &layer.start_microsip) {
            settings.start_microsip = switch(value)?;
        }
        if let Some(value) = one(|layer| &layer.max_streams) {
            settings.max_streams = streams(value)?;
        }
        if let Some(value) = one(|layer| &layer.reject_when_away) {
            settings.reject_when_away = switch(value)?;
        }
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !self.listen.ip().is_loopback() && self.token.is_none() {
            return Err(ConfigError(format!(
                "listening on {} would let the whole network use this phone: set a token (--token), or listen on 127.0.0.1",
                self.listen
            )));
        }
        Ok(())
    }
}

/// An origin that browsers can be told of: in `frame-ancestors` there is no form for an IPv6 address.
fn allowed(value: &Value) -> Result<Origin, ConfigError> {
    let origin: Origin = value.parse()?;
    if origin.host().starts_with('[') {
        return Err(
            value.wrong("an origin with a name or an IPv4 address: browsers can't be told to allow an IPv6 one")
        );
    }
    Ok(origin)
}

fn listen(value: &Value) -> Result<SocketAddr, ConfigError> {
    let text = value.text.trim();
    // The one name that means the same everywhere.
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = numeric.as_deref().unwrap_or(text).parse();
    address.map_err(|_| value.wrong("an address and port such as 127.0.0.1:7077"))
}

fn engine(value: &Value) -> Result<EngineChoice, ConfigError> {
    match value.text.trim() {
        "auto" => Ok(EngineChoice::Auto),
        "microsip" => Ok(EngineChoice::MicroSip),
        "simulator" => Ok(EngineChoice::Simulator),
        _ => Err(value.wrong("one of auto, microsip, simulator")),
    }
}

fn streams(value: &Value) -> Result<usize, ConfigError> {
    let number = value.text.trim().parse().ok().filter(|number| (1..=MOST_STREAMS).contains(number));
    number.ok_or_else(|| value.wrong(&format!("a number from 1 to {MOST_STREAMS}")))
}

fn switch(value: &Value) -> Result<bool, ConfigError> {
    match value.text.trim() {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        _ => Err(value.wrong("on or off")),
    }
}

fn path(value: &Value) -> Result<PathBuf, ConfigError> {
    if value.text.trim().is_empty() { Err(value.wrong("a path")) } else { Ok(PathBuf::from(&value.text)) }
}

impl Source {
    fn error(&self, what: impl std::fmt::Display) -> ConfigError {
        ConfigError(format!("{self}: {what}"))
    }
}
