//! The command line, as the contract has it.

use clap::{Args, Parser, Subcommand};

/// The phone of the operator's browser tabs: drives the softphone, serves the widget.
#[derive(Debug, Parser)]
#[command(name = "backend", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
pub struct Cli {
    /// The options of a start without a subcommand.
    #[command(flatten)]
    pub options: Options,
    /// Start in the background, without a window, and return when it listens
    #[arg(long)]
    pub background: bool,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const AFTER_HELP: &str = "Each option can also be set by a variable, SIP_PHONE_LISTEN and so on (lists: separated by \
commas), or in a file sip-phone.toml in the working directory or the data directory, under the option's name. The \
command line wins over the variables, these over the file. SIP_PHONE_LOG sets what is logged.";

/// The options, unread: [`crate::config`] reads them, whatever source they come from.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:7077]
    #[arg(long, value_name = "ADDRESS:PORT", global = true)]
    pub listen: Option<String>,
    /// What drives the phone: auto, microsip or simulator [default: auto]
    #[arg(long, value_name = "ENGINE", global = true)]
    pub engine: Option<String>,
    /// MicroSIP's program file, where it is not in the usual place
    #[arg(long, value_name = "PATH", global = true)]
    pub microsip: Option<String>,
    /// The origin under which browsers reach the backend behind a reverse proxy
    #[arg(long, value_name = "ORIGIN", global = true)]
    pub public_origin: Option<String>,
    /// An origin whose pages may embed the widget; can be given several times
    #[arg(long, value_name = "ORIGIN", global = true)]
    pub allow_origin: Option<Vec<String>>,
    /// What a client must show; needed to listen beyond loopback
    #[arg(long, value_name = "TOKEN", global = true)]
    pub token: Option<String>,
    /// Where status, history and secrets are kept [default: sip-phone in the user's own data directory]
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<String>,
    /// Whether a dial starts MicroSIP where it does not run: on or off [default: off]
    #[arg(long, value_name = "ON|OFF", global = true)]
    pub start_microsip: Option<String>,
    /// Most event streams at once, beside those of workers [default: 1024]
    #[arg(long, value_name = "N", global = true)]
    pub max_streams: Option<String>,
    /// Whether calls are rejected while the operator is at lunch, not to be disturbed or offline: on or off [default: off]
    #[arg(long, value_name = "ON|OFF", global = true)]
    pub reject_when_away: Option<String>,
    /// The file to read the options from, instead of a sip-phone.toml that is found
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<String>,
}

/// What else the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make MicroSIP tell the backend what happens: writes its settings, or shows how they stand
    #[command(name = "microsip")]
    MicroSip {
        /// What to do.
        #[command(subcommand)]
        task: MicroSipTask,
    },
    /// Start with this user's Windows (or desktop), with the options of this command line; or no longer
    Autostart {
        /// on or off
        #[arg(value_name = "ON|OFF")]
        switch: Switch,
    },
    /// Tell the running backend of an event; MicroSIP's hooks call it
    Hook {
        /// The hook's event, such as ring, or its key in MicroSIP's settings, such as cmdCallRing
        event: String,
        /// The other party
        #[arg(allow_hyphen_values = true, trailing_var_arg = true, num_args = 0..)]
        number: Vec<String>,
    },
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// From now on.
    On,
    /// No longer.
    Off,
}

/// What can be done with MicroSIP's settings.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum MicroSipTask {
    /// Set its hooks, keeping its settings from before; MicroSIP is restarted if it runs
    Connect,
    /// Bring its hooks back to what they were before
    Disconnect,
    /// Say what is set, what is not, and what to do; exits with 1 where it is not connected
    Status,
}

/// What clap has to say about a wrong command line, on one line.
pub fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let first: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    first.join(" ").trim_start_matches("error: ").to_owned()
}
