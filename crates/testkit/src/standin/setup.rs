//! What a stand-in's ini says.

use std::path::Path;
use std::time::Duration;

use super::ini::Ini;

/// The ini's keys for hooks, with the name that `backend hook` gives each.
const HOOKS: [(&str, &str); 7] = [
    ("cmdIncomingCall", "incoming"),
    ("cmdCallRing", "ring"),
    ("cmdOutgoingCall", "outgoing"),
    ("cmdCallAnswer", "answer"),
    ("cmdCallStart", "start"),
    ("cmdCallBusy", "busy"),
    ("cmdCallEnd", "end"),
];

/// Settings of a stand-in.
#[derive(Clone, Debug)]
pub struct Setup {
    ini: Ini,
}

impl Default for Setup {
    /// No hooks, single mode.
    fn default() -> Self {
        let mut ini = Ini::default();
        ini.set("Settings", "singleMode", "1");
        Self { ini }
    }
}

impl Setup {
    /// Every hook runs `"program" arguments EVENT`, and gets the number behind that.
    ///
    /// # Panics
    /// The command is longer than the 255 characters that MicroSIP reads.
    pub fn with_hooks(program: &Path, arguments: &str) -> Self {
        let mut setup = Self::default();
        for (key, event) in HOOKS {
            let space = if arguments.is_empty() { "" } else { " " };
            // The outer pair of quotes is lost on reading.
            let value = format!("\"\"{}\"{space}{arguments} {event}\"", program.display());
            assert!(value.chars().count() <= 255, "MicroSIP would cut {value}: use shorter paths");
            setup.ini.set("Settings", key, &value);
        }
        setup
    }

    /// Every hook runs `backend --data-dir DIR hook EVENT`, as the product's documentation sets MicroSIP up.
    pub fn with_backend(backend: &Path, data_dir: &Path) -> Self {
        Self::with_hooks(backend, &format!("--data-dir \"{}\" hook", data_dir.display()))
    }

    /// Takes a second call, and dials one, beside the first.
    pub fn many_calls(mut self) -> Self {
        self.ini.set("Settings", "singleMode", "0");
        self
    }

    /// As before 3.20.5: its window takes messages of its own later processes only.
    pub fn older(mut self) -> Self {
        self.ini.set("StandIn", "posted", "0");
        self
    }

    /// Waits for a hook no longer than this, instead of 10 s.
    pub fn hook_wait(mut self, wait: Duration) -> Self {
        self.ini.set("StandIn", "hookWaitMs", &wait.as_millis().to_string());
        self
    }

    /// Sets any key of `[Settings]`, quotes and all.
    pub fn setting(mut self, key: &str, value: &str) -> Self {
        self.ini.set("Settings", key, value);
        self
    }

    pub(super) fn ini(&self) -> &Ini {
        &self.ini
    }
}
