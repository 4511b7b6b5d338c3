//! Bands by thresholds that a state sets for a watchlist.
//!
//! A list of persons who must not board is worth more false alerts than a list of
//! persons to be looked out for. What the scorer found is banded anew from its ledger,
//! by the rules that the scorer keeps itself.

use crate::{Band, Hit, score::Banded};

/// Evidence, in nats, from which on a match is of a band.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thresholds {
    /// Two officers look at it.
    pub hit: f64,
    /// One officer looks at it.
    pub possible: f64,
}

/// Thresholds that make no sense.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ThresholdError {
    /// The higher band begins below the lower one.
    #[error("the threshold of a hit is below that of a possible match")]
    Crossed,
    /// Below what the scorer keeps, or no number.
    #[error("a threshold is below what is kept at all, or no number")]
    TooLow,
}

impl Thresholds {
    /// Checks that they are in order, and not below what is kept at all.
    ///
    /// # Errors
    /// [`ThresholdError`].
    pub fn new(possible: f64, hit: f64) -> Result<Self, ThresholdError> {
        if !possible.is_finite() || !hit.is_finite() || possible < crate::weights::SILENT {
            return Err(ThresholdError::TooLow);
        }
        if hit < possible {
            return Err(ThresholdError::Crossed);
        }
        Ok(Self { hit, possible })
    }

    /// The band of a match under these thresholds.
    pub fn band(&self, hit: &Hit) -> Band {
        Banded::hit(hit).band(self.hit, self.possible)
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { hit: crate::weights::HIT, possible: crate::weights::POSSIBLE }
    }
}
