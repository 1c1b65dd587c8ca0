//! The figures that both sides are measured by.

use crate::samples::Samples;
use crate::side::Side;
use crate::stats::{MEDIAN, TAIL};
use crate::table::Table;

/// What is measured of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// kB on the wire until a cold tab is at rest.
    Bytes,
    /// From the navigation to `data-connection="connected"`, nothing cached and no worker, in ms.
    Cold,
    /// The same in a tab beside it.
    Second,
    /// From the backend's request to `data-call="incoming"` in the last of so many tabs, in ms.
    Ring2,
    /// Likewise.
    Ring10,
    /// Likewise.
    Ring30,
    /// From a click in one of 10 tabs to `data-call="talking"` in the last of them, in ms.
    Answer,
    /// From the first of 500 events to the right state in the last of 10 tabs, in s.
    Burst,
    /// MB of a tab beyond a blank one, of 10.
    Memory10,
    /// Likewise, of 30.
    Memory30,
    /// Processor time of a browser with 10 tabs, in s of 20 s.
    Idle,
    /// Likewise in a call.
    Talking,
}

/// What is wanted.
enum Goal {
    /// Not more than this of the unit.
    AtMost(f64),
    /// Not more than this part of the peer's.
    Ratio(f64),
}

/// How a figure is told.
struct Told {
    name: &'static str,
    unit: &'static str,
    /// Whether its tail is told too.
    tail: bool,
    goal: Goal,
}

impl Figure {
    /// In the table's order.
    pub const ALL: [Self; 12] = [
        Self::Bytes,
        Self::Cold,
        Self::Second,
        Self::Ring2,
        Self::Ring10,
        Self::Ring30,
        Self::Answer,
        Self::Burst,
        Self::Memory10,
        Self::Memory30,
        Self::Idle,
        Self::Talking,
    ];

    /// The one of this name on the command line.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.name() == name)
    }

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Cold => "cold",
            Self::Second => "second",
            Self::Ring2 => "ring2",
            Self::Ring10 => "ring10",
            Self::Ring30 => "ring30",
            Self::Answer => "answer",
            Self::Burst => "burst",
            Self::Memory10 => "memory10",
            Self::Memory30 => "memory30",
            Self::Idle => "idle",
            Self::Talking => "talking",
        }
    }

    fn told(self) -> Told {
        let (name, unit, tail, goal) = match self {
            Self::Bytes => ("All bytes of a cold tab", "kB", false, Goal::AtMost(64.0)),
            Self::Cold => ("Cold tab to connected", "ms", true, Goal::Ratio(1.0)),
            Self::Second => ("Second tab to connected", "ms", true, Goal::Ratio(1.0)),
            Self::Ring2 => ("Call to ringing in both of 2 tabs", "ms", true, Goal::Ratio(1.0)),
            Self::Ring10 => ("Call to ringing in all of 10 tabs", "ms", true, Goal::Ratio(1.0)),
            Self::Ring30 => ("Call to ringing in all of 30 tabs", "ms", true, Goal::Ratio(1.0)),
            Self::Answer => ("Click on answer to talking in all of 10 tabs", "ms", true, Goal::Ratio(1.0)),
            Self::Burst => ("500 events to 10 tabs", "s", false, Goal::Ratio(1.0)),
            Self::Memory10 => ("Memory per tab, of 10", "MB", false, Goal::Ratio(1.1)),
            Self::Memory30 => ("Memory per tab, of 30", "MB", false, Goal::Ratio(1.1)),
            Self::Idle => ("Processor time of 10 idle tabs in 20 s", "s", false, Goal::Ratio(1.1)),
            Self::Talking => ("Processor time of 10 tabs in a call in 20 s", "s", false, Goal::Ratio(1.1)),
        };
        Told { name, unit, tail, goal }
    }
}

/// Both sides in one table, which calls the other one so; of these figures.
pub fn table(samples: &Samples, other: &str, figures: &[Figure]) -> Table {
    let mut table = Table::new(["figure", "ours", other, "ratio", "noise", "goal", "met"]);
    for figure in figures.iter().copied() {
        let told = figure.told();
        for (at, name) in [(MEDIAN, "p50"), (TAIL, "p95")] {
            if at == MEDIAN || told.tail {
                let name = if told.tail { format!("{}, {name}", told.name) } else { told.name.to_owned() };
                table.push(row(samples, figure, &told, name, at));
            }
        }
    }
    table
}

fn row(samples: &Samples, figure: Figure, told: &Told, name: String, at: f64) -> [String; 7] {
    let [ours, peer] = [Side::Ours, Side::Peer].map(|side| samples.of(figure, side, at));
    let ratio = ours.zip(peer).map(|(ours, peer)| ours / peer);
    let (goal, met) = match told.goal {
        Goal::AtMost(most) => (format!("{most} {}", told.unit), ours.map(|ours| ours <= most)),
        Goal::Ratio(most) => (format!("ratio {most:.1}"), ratio.map(|ratio| ratio <= most)),
    };
    let value = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{} {}", digits(value), told.unit));
    let share = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{share:.2}"));
    let met = met.map_or("-", |met| if met { "yes" } else { "no" });
    [name, value(ours), value(peer), share(ratio), share(samples.noise(figure, at)), goal, met.to_owned()]
}

/// Three of them, and no less than there are before the point.
pub fn digits(value: f64) -> String {
    match value.abs() {
        size if size < 9.995 => format!("{value:.2}"),
        size if size < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, digits, table};
    use crate::samples::Samples;
    use crate::side::Side;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!([0.214, 9.999, 14.04, 99.96, 1234.5].map(digits), ["0.21", "10.0", "14.0", "100", "1234"]);
    }

    #[test]
    fn each_figure_has_a_name_of_its_own() {
        for figure in Figure::ALL {
            assert_eq!(Figure::named(figure.name()), Some(figure));
        }
        assert_eq!(Figure::named("ring"), None);
    }

    #[test]
    fn what_was_not_measured_is_left_open() {
        let mut samples = Samples::default();
        samples.add(Figure::Burst, Side::Ours, 1, 3.0);
        samples.add(Figure::Burst, Side::Peer, 1, 4.0);
        let text = table(&samples, "peer", &Figure::ALL).to_text();
        let line = text.lines().find(|line| line.starts_with("500")).unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[5..], ["3.00", "s", "4.00", "s", "0.75", "-", "ratio", "1.0", "yes"]);
    }
}
