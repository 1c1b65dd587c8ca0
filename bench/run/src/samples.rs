//! What was measured, by figure, side and round.

use crate::figure::Figure;
use crate::side::Side;
use crate::stats::quantile;

/// All of a run, of figures of one kind.
#[derive(Debug)]
pub struct Samples<F = Figure>(Vec<Sample<F>>);

#[derive(Debug)]
struct Sample<F> {
    figure: F,
    side: Side,
    round: usize,
    value: f64,
}

impl<F> Default for Samples<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Copy + PartialEq> Samples<F> {
    /// One more.
    pub fn add(&mut self, figure: F, side: Side, round: usize, value: f64) {
        self.0.push(Sample { figure, side, round, value });
    }

    /// A quantile of a side's, of all rounds.
    pub fn of(&self, figure: F, side: Side, at: f64) -> Option<f64> {
        self.quantile(at, |sample| sample.figure == figure && sample.side == side)
    }

    /// The peer against itself: its odd rounds divided by its even ones.
    pub fn noise(&self, figure: F, at: f64) -> Option<f64> {
        let of = |rest| self.quantile(at, |it| it.figure == figure && it.side == Side::Peer && it.round % 2 == rest);
        Some(of(1)? / of(0)?)
    }

    fn quantile(&self, at: f64, wanted: impl Fn(&Sample<F>) -> bool) -> Option<f64> {
        let values: Vec<f64> = self.0.iter().filter(|sample| wanted(sample)).map(|sample| sample.value).collect();
        quantile(&values, at)
    }
}

#[cfg(test)]
mod tests {
    use super::Samples;
    use crate::figure::Figure;
    use crate::side::Side;

    #[test]
    fn noise_is_the_peer_against_itself() {
        let mut samples = Samples::default();
        for (round, value) in [(1, 30.0), (2, 20.0), (3, 30.0)] {
            samples.add(Figure::Cold, Side::Peer, round, value);
            samples.add(Figure::Cold, Side::Ours, round, 1.0);
        }
        assert_eq!(samples.noise(Figure::Cold, 0.5), Some(1.5));
        assert_eq!(samples.of(Figure::Cold, Side::Ours, 0.5), Some(1.0));
        assert_eq!(samples.noise(Figure::Second, 0.5), None);
    }
}
