//! The figures of a backend, and what is wanted of each.

use crate::figure::digits;
use crate::samples::Samples;
use crate::side::Side;
use crate::stats::MEDIAN;
use crate::table::Table;

/// What is measured of a backend. Of each round there is one number, but for starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    /// From its start to the line that says where it listens, in ms.
    Start,
    /// In RAM with its own page in ten tabs, in MB; of ours alone, as it is the one that serves the files.
    Tabs,
    /// From a command's request to its event, at a hundred in a second, in ms.
    CommandMedian,
    /// Likewise; of the slowest in a hundred.
    CommandTail,
    /// In RAM for each of so many subscribers, in kB.
    Memory1k,
    /// From the request that causes an event until a subscriber has it, of so many, in ms.
    Event1kMedian,
    /// Likewise.
    Event1kTail,
    /// How many find room.
    Subscribers,
    /// As of fewer.
    Memory10k,
    /// Likewise.
    Event10kMedian,
    /// Likewise.
    Event10kTail,
    /// Events times subscribers in a second of the processor: each event when all have the last.
    Single,
    /// Likewise, as fast as requests are answered.
    Burst,
}

/// What is wanted.
enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// So many times the peer's.
    Times(f64),
    /// To be told beside others.
    Nothing,
}

impl Figure {
    const ALL: [Self; 13] = [
        Self::Subscribers,
        Self::Event10kMedian,
        Self::Event10kTail,
        Self::Memory10k,
        Self::Single,
        Self::Burst,
        Self::Event1kMedian,
        Self::Event1kTail,
        Self::Memory1k,
        Self::CommandMedian,
        Self::CommandTail,
        Self::Start,
        Self::Tabs,
    ];

    fn told(self) -> (&'static str, &'static str, Goal) {
        use Goal::{AtLeast, AtMost, Nothing, Times};
        match self {
            Self::Start => ("Start to ready, p50", "ms", AtMost(100.0)),
            Self::Tabs => ("Memory with 10 tabs", "MB", AtMost(20.0)),
            Self::CommandMedian => ("Command to its event, 100 in a second, p50", "ms", Nothing),
            Self::CommandTail => ("Command to its event, 100 in a second, p99", "ms", AtMost(2.0)),
            Self::Memory1k => ("Memory for each of 1,000", "kB", AtMost(16.0)),
            Self::Event1kMedian => ("Event to each of 1,000, p50", "ms", Nothing),
            Self::Event1kTail => ("Event to each of 1,000, p99", "ms", Nothing),
            Self::Subscribers => ("Subscribers at once", "", AtLeast(10_000.0)),
            Self::Memory10k => ("Memory for each of 10,000", "kB", AtMost(16.0)),
            Self::Event10kMedian => ("Event to each of 10,000, p50", "ms", Nothing),
            Self::Event10kTail => ("Event to each of 10,000, p99", "ms", AtMost(250.0)),
            Self::Single => ("Events × subscribers in a second of the processor, one at a time", "", Times(5.0)),
            Self::Burst => ("Events × subscribers in a second of the processor, in a row", "", Times(5.0)),
        }
    }
}

/// Both sides in one table; of a figure without numbers there is no row.
pub(super) fn table(samples: &Samples<Figure>) -> Table {
    let mut table = Table::new(["figure", "ours", "peer", "ratio", "noise", "goal", "met"]);
    for figure in Figure::ALL {
        let [ours, peer] = [Side::Ours, Side::Peer].map(|side| samples.of(figure, side, MEDIAN));
        let Some(ours) = ours else { continue };
        let (name, unit, goal) = figure.told();
        let ratio = peer.map(|peer| ours / peer);
        let (goal, met) = match goal {
            Goal::AtMost(most) => (format!("at most {most} {unit}"), Some(ours <= most)),
            Goal::AtLeast(least) => (format!("{least} {unit}"), Some(ours >= least)),
            Goal::Times(least) => (format!("ratio {least:.1}"), ratio.map(|ratio| ratio >= least)),
            Goal::Nothing => ("-".to_owned(), None),
        };
        let value = |value: f64| format!("{} {unit}", digits(value)).trim_end().to_owned();
        let share = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{share:.2}"));
        table.push([
            name.to_owned(),
            value(ours),
            peer.map_or("-".to_owned(), value),
            share(ratio),
            share(samples.noise(figure, MEDIAN)),
            goal.trim_end().to_owned(),
            met.map_or("-", |met| if met { "yes" } else { "no" }).to_owned(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{Figure, table};
    use crate::samples::Samples;
    use crate::side::Side;

    #[test]
    fn goals_are_of_ours_or_of_the_ratio() {
        let mut samples = Samples::default();
        for (figure, ours, peer) in [(Figure::Start, 30.0, 60.0), (Figure::Single, 400.0, 100.0)] {
            samples.add(figure, Side::Ours, 1, ours);
            samples.add(figure, Side::Peer, 1, peer);
        }
        samples.add(Figure::Tabs, Side::Ours, 1, 21.0);
        let text = table(&samples).to_text();
        let ends = |begin: &str, end: &str| {
            let line = text.lines().find(|line| line.starts_with(begin)).unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            assert!(words.join(" ").ends_with(end), "{text}");
        };
        ends("Start", "30.0 ms 60.0 ms 0.50 - at most 100 ms yes");
        ends("Events", "400 100 4.00 - ratio 5.0 no");
        ends("Memory", "21.0 MB - - - at most 20 MB no");
        assert_eq!(text.lines().count(), 4, "{text}");
    }
}
