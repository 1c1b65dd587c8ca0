//! What the caller wants, and how much is measured for it.

use std::time::Duration;

use anyhow::{Context, Result, bail};

/// What there is to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Product and peer in Chromium.
    Browser,
    /// The backend alone.
    Backend,
}

/// How often each thing is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Each measures blank tabs, the product, and the peer, once after the other.
    pub rounds: usize,
    /// Cold tabs, with a second one beside each, in a round of a side.
    pub cold: usize,
    /// Calls for each number of tabs in a round of a side.
    pub calls: usize,
    /// How long processor time is counted.
    pub watch: Duration,
    /// Commands to the backend, and events to its subscribers.
    pub commands: usize,
}

/// The command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// How much is measured.
    pub plan: Plan,
    /// Whether it goes into the document.
    pub written: bool,
    part: Option<Part>,
}

const FULL: Plan = Plan { rounds: 5, cold: 4, calls: 10, watch: Duration::from_secs(20), commands: 1_000 };
const QUICK: Plan = Plan { rounds: 2, cold: 2, calls: 4, watch: Duration::from_secs(5), commands: 200 };

impl Options {
    /// # Errors
    /// A word is not understood.
    pub fn read(words: &[&str]) -> Result<Self> {
        let quick = words.contains(&"--quick");
        let mut options = Self { plan: if quick { QUICK } else { FULL }, written: !quick, part: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--quick" => {}
                "--rounds" => {
                    let number = words.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
                    options.plan.rounds = number.context("--rounds takes a number from 1 on")?;
                }
                "browser" if options.part.is_none() => options.part = Some(Part::Browser),
                "backend" if options.part.is_none() => options.part = Some(Part::Backend),
                other => {
                    bail!("`{other}` is not understood: cargo xtask bench [browser | backend] [--rounds N] [--quick]")
                }
            }
        }
        Ok(options)
    }

    /// Whether this is to be measured.
    pub fn includes(&self, part: Part) -> bool {
        self.part.is_none_or(|only| only == part)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{FULL, Options, Part, QUICK};

    #[test]
    fn options_come_in_any_order_and_nonsense_is_refused() {
        let read = |words: &[&str]| Options::read(words).unwrap();
        assert_eq!(read(&[]), Options { plan: FULL, written: true, part: None });
        let quick = read(&["--rounds", "1", "backend", "--quick"]);
        assert_eq!((quick.plan.rounds, quick.plan.calls, quick.written), (1, QUICK.calls, false));
        assert!(quick.includes(Part::Backend) && !quick.includes(Part::Browser));
        for wrong in [&["--rounds"][..], &["--rounds", "0"], &["--rounds", "x"], &["--slow"], &["browser", "backend"]] {
            assert!(Options::read(wrong).is_err(), "{wrong:?}");
        }
    }
}
