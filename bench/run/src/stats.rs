//! What is told of many numbers.

/// The middle one.
pub const MEDIAN: f64 = 0.5;
/// The one that 19 of 20 are below.
pub const TAIL: f64 = 0.95;
/// The one that 99 of 100 are below.
pub const FAR_TAIL: f64 = 0.99;

/// This quantile of these, between neighbours in proportion; `None` of nothing.
pub fn quantile(values: &[f64], quantile: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = quantile * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::{MEDIAN, quantile};

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], MEDIAN), Some(2.0));
        assert_eq!(quantile(&[4.0, 1.0, 2.0, 3.0], MEDIAN), Some(2.5));
        assert_eq!(quantile(&[1.0], 0.95), Some(1.0));
        assert_eq!(quantile(&[], MEDIAN), None);
    }
}
