//! The weights, in nats: one table, versioned. Nothing learns while running.
//!
//! After matching.md §5 (weights of evidence by name frequency), with thresholds set
//! so that at most one innocent traveller in a thousand is put before an officer on a
//! list of 24,000 persons (`crates/screening/examples/evaluate.rs` prints the figures).

/// The version that every hit carries.
pub const VERSION: &str = "2026-11-1";

/// A traveller's name that the list does not have: this share of its information,
/// against.
pub const EXTRA_NAME: f64 = -0.35;
/// A listed name that the booking does not have, when the booking has nothing else.
pub const OMITTED_NAME: f64 = -0.12;
/// The same, when both sides have names left over that do not agree.
pub const CONTRADICTING_NAME: f64 = -0.45;
/// Particles (`AL`, `BIN`, `VAN`), when both have them.
pub const PARTICLE: f64 = 0.3;
/// Only one name of several agrees.
pub const SINGLE_NAME: f64 = -3.0;
/// Names beyond this sum count for less: they are not independent of each other.
pub const NAMES_FULL: f64 = 15.0;
/// What they count for.
pub const NAMES_BEYOND: f64 = 0.35;

/// Birth dates.
pub mod birth {
    /// The same day.
    pub const SAME: f64 = 6.5;
    /// Day and month swapped.
    pub const SWAPPED: f64 = 3.8;
    /// One digit differs.
    pub const ONE_DIGIT: f64 = 2.8;
    /// The year agrees, and more is not known on one side.
    pub const YEAR: f64 = 2.0;
    /// Same day and month, the year is one or two off.
    pub const YEAR_OFF: f64 = 2.0;
    /// An approximate date or a range fits.
    pub const ABOUT: f64 = 1.5;
    /// The year is one off, and more is not known.
    pub const YEAR_NEAR: f64 = 0.3;
    /// Year agrees, day and month do not.
    pub const SAME_YEAR_ONLY: f64 = -1.0;
    /// They are apart.
    pub const APART: f64 = -7.5;
}

/// Sex agrees.
pub const SEX_SAME: f64 = 0.4;
/// Sex differs.
pub const SEX_DIFFERS: f64 = -3.0;
/// Nationality agrees.
pub const NATIONALITY_SAME: f64 = 1.5;
/// Nationality differs; people have two.
pub const NATIONALITY_DIFFERS: f64 = -0.7;
/// Document number and issuer agree.
pub const DOCUMENT_SAME: f64 = 16.0;
/// The number agrees, the issuer is not known on one side.
pub const DOCUMENT_NUMBER: f64 = 12.0;
/// A former name.
pub const FORMER_ALIAS: f64 = -0.3;

/// Evidence from which on an officer looks at it.
pub const POSSIBLE: f64 = 13.0;
/// Evidence from which on two officers do.
pub const HIT: f64 = 17.5;
/// Below this, nothing is noted at all.
pub const SILENT: f64 = 10.0;

/// Evidence at which a match is as likely as not, on a list of some ten thousand.
pub const EVEN: f64 = 14.0;

/// Innocent travellers per one that scores as high: evidence in nats, one in so many.
///
/// Measured on 20,000 synthetic travellers of 32 name cultures against 24,319 listed
/// persons (`examples/evaluate.rs` prints it again); between the rows by straight lines
/// of the logarithm. Beyond the last row nothing was measured: what scores higher is
/// rarer than that, and no number is made up for it.
pub const ONE_IN: &[(f64, f64)] = &[
    (8.0, 40.0),
    (11.0, 300.0),
    (13.0, 1_000.0),
    (13.7, 3_000.0),
    (14.2, 10_000.0),
    (15.5, 20_000.0),
];
