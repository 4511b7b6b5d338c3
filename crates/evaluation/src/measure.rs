//! Shares with their intervals, and the threshold at a given rate of false alerts.

use serde::Serialize;

/// A share of a count, with the interval that E. B. Wilson gave in 1927 (95 %).
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Share {
    /// Of how many.
    pub n: usize,
    /// The share.
    pub share: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// `found` of `n`.
    ///
    /// ```
    /// let share = evaluation::Share::of(98, 100);
    /// assert!(share.low > 0.92 && share.low < 0.94 && share.high < 1.0);
    /// ```
    pub fn of(found: usize, n: usize) -> Self {
        const Z: f64 = 1.96;
        if n == 0 {
            return Self { n, share: 0.0, low: 0.0, high: 1.0 };
        }
        let (count, p) = (n as f64, found as f64 / n as f64);
        let scale = 1.0 + Z * Z / count;
        let middle = (p + Z * Z / (2.0 * count)) / scale;
        let half = Z * (p * (1.0 - p) / count + Z * Z / (4.0 * count * count)).sqrt() / scale;
        Self { n, share: p, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
    }
}

/// The lowest score at which at most `per_1000` of a thousand are at or above it, where
/// `best` has the best score of each innocent traveller.
///
/// ```
/// let best: Vec<f64> = (0..2000).map(f64::from).collect();
/// assert_eq!(evaluation::threshold(&best, 1.0), 1998.0);
/// ```
pub fn threshold(best: &[f64], per_1000: f64) -> f64 {
    let allowed = (best.len() as f64 * per_1000 / 1000.0).floor() as usize;
    let mut sorted = best.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    match (sorted.get(allowed), allowed.checked_sub(1).and_then(|i| sorted.get(i))) {
        // At the next one's own score it would be one too many.
        (Some(next), Some(last)) if last > next => *last,
        (Some(next), _) => next.next_up(),
        (None, _) => f64::NEG_INFINITY,
    }
}
