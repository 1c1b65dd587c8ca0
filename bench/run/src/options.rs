//! What the caller wants, and how much is measured for it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::figure::Figure;

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
    /// What is measured in Chromium.
    pub figures: Vec<Figure>,
    /// A backend to take the peer's place: of an earlier build, say.
    pub against: Option<PathBuf>,
}

impl Plan {
    /// Whether any of these is to be measured.
    pub fn wants(&self, figures: &[Figure]) -> bool {
        figures.iter().any(|figure| self.figures.contains(figure))
    }
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

const USAGE: &str =
    "cargo xtask bench [browser | backend] [--rounds N] [--only FIGURE,FIGURE…] [--against BACKEND] [--quick]";

fn full() -> Plan {
    let (figures, against) = (Figure::ALL.to_vec(), None);
    Plan { rounds: 5, cold: 4, calls: 10, watch: Duration::from_secs(20), commands: 1_000, figures, against }
}

fn quick() -> Plan {
    Plan { rounds: 2, cold: 2, calls: 4, watch: Duration::from_secs(5), commands: 200, ..full() }
}

impl Options {
    /// # Errors
    /// A word is not understood.
    pub fn read(words: &[&str]) -> Result<Self> {
        let in_short = words.contains(&"--quick");
        let mut options = Self { plan: if in_short { quick() } else { full() }, written: !in_short, part: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--quick" => {}
                "--rounds" => {
                    let number = words.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
                    options.plan.rounds = number.context("--rounds takes a number from 1 on")?;
                }
                "--only" => {
                    options.plan.figures = figures(words.next().copied().unwrap_or_default())?;
                    (options.written, options.part) = (false, Some(Part::Browser));
                }
                "--against" => {
                    let path = words.next().context("--against takes the path of a backend's executable")?;
                    // Made absolute here: it is started elsewhere.
                    options.plan.against = Some(std::path::absolute(path)?);
                    (options.written, options.part) = (false, Some(Part::Browser));
                }
                "browser" if options.part.is_none() => options.part = Some(Part::Browser),
                "backend" if options.part.is_none() => options.part = Some(Part::Backend),
                other => bail!("`{other}` is not understood: {USAGE}"),
            }
        }
        Ok(options)
    }

    /// Whether this is to be measured.
    pub fn includes(&self, part: Part) -> bool {
        self.part.is_none_or(|only| only == part)
    }
}

/// Those of these names, in the table's order.
fn figures(names: &str) -> Result<Vec<Figure>> {
    let known = || Figure::ALL.map(Figure::name).join(", ");
    let one = |name| Figure::named(name).with_context(|| format!("--only takes some of {}; not `{name}`", known()));
    let wanted = names.split(',').map(one).collect::<Result<Vec<_>>>()?;
    Ok(Figure::ALL.into_iter().filter(|figure| wanted.contains(figure)).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{Options, Part, full, quick};
    use crate::figure::Figure;

    #[test]
    fn options_come_in_any_order_and_nonsense_is_refused() {
        let read = |words: &[&str]| Options::read(words).unwrap();
        assert_eq!(read(&[]), Options { plan: full(), written: true, part: None });
        let short = read(&["--rounds", "1", "backend", "--quick"]);
        assert_eq!((short.plan.rounds, short.plan.calls, short.written), (1, quick().calls, false));
        assert!(short.includes(Part::Backend) && !short.includes(Part::Browser));
        let some = read(&["--only", "ring10,cold", "--against", "before/backend"]);
        assert_eq!(some.plan.figures, [Figure::Cold, Figure::Ring10]);
        assert!(some.plan.wants(&[Figure::Bytes, Figure::Cold]) && !some.plan.wants(&[Figure::Burst]));
        assert!(!some.written && !some.includes(Part::Backend), "a part of the table is no table");
        assert!(some.plan.against.unwrap().is_absolute());
        for wrong in [
            &["--rounds"][..],
            &["--only"],
            &["--only", "cold,ring"],
            &["--against"],
            &["--rounds", "0"],
            &["--rounds", "x"],
            &["--slow"],
            &["browser", "backend"],
        ] {
            assert!(Options::read(wrong).is_err(), "{wrong:?}");
        }
    }
}
