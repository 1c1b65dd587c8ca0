//! What goes to the log: standard error, one line per record, no tokens, no full phone numbers at `info`.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// The variable that sets the log filter, `info` by default, in the syntax of `tracing_subscriber::EnvFilter`.
pub const FILTER_VARIABLE: &str = "SIP_PHONE_LOG";

/// Starts logging. A second call changes nothing.
pub fn start() {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = stderr().is_terminal();
    // It fails only where a logger is set already, which then does the work.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).with_ansi(colours).try_init();
}

/// A phone number as the log may show it: its last two characters.
pub fn masked(number: &str) -> String {
    let chars = number.chars().count();
    let shown: String = number.chars().skip(chars.saturating_sub(2).max(chars.min(2))).collect();
    format!("…{shown}")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_number_shows_two_characters_at_most_and_never_all() {
        assert_eq!(masked("+74951234567"), "…67");
        assert_eq!(masked("123"), "…3");
        assert_eq!(masked("12"), "…");
        assert_eq!(masked(""), "…");
        assert_eq!(masked("иван"), "…ан");
    }
}
