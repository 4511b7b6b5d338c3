//! What is measured, line by line, in the shape in which it is printed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Share;

/// One pair's score, as `--scores` writes it.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// The file.
    pub set: &'static str,
    /// The line, from 0.
    pub row: usize,
    /// The evidence, in nats.
    pub score: f64,
    /// The band.
    pub band: &'static str,
    /// The evidence as a probability.
    pub probability: f64,
}

/// What came true of a tenth of the probabilities, where [`LISTED`](crate::LISTED) of the travellers are on
/// the list.
#[derive(Clone, Debug, Serialize)]
pub struct CalibrationLine {
    /// Always `calibration`.
    pub set: &'static str,
    /// The tenth of probabilities: `0.3 to 0.4`.
    pub category: String,
    /// How many innocent travellers and pairs of the same person were given such a one.
    pub n: usize,
    /// What they were given, on average.
    pub probability: f64,
    /// The share of them that is the person.
    pub same: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// A category and who of it is found.
#[derive(Clone, Debug, Serialize)]
pub struct CategoryLine {
    /// `labelled`, `degraded`, `goal`, `whole list`, `banded` or `unseen`.
    pub set: &'static str,
    /// The category.
    pub category: String,
    /// Whether they are the same person: else `recall` is the share let through.
    pub same: bool,
    /// How many.
    pub n: usize,
    /// Found, of all.
    pub recall: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The score from which on they count as found, in nats.
    pub threshold: f64,
    /// Of the half of the persons whom rules were tuned on.
    pub recall_tuned: Option<f64>,
    /// Of the other half.
    pub recall_held_out: Option<f64>,
    /// The same, with its interval.
    pub held_out: Option<Share>,
}

/// A matcher beside ours, each at its own threshold.
#[derive(Clone, Debug, Serialize)]
pub struct PeerLine {
    /// Always `peer`.
    pub set: &'static str,
    /// Who.
    pub peer: String,
    /// The goal.
    pub category: String,
    /// How many.
    pub n: usize,
    /// Found, of all.
    pub recall: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// At one false alert of a thousand of the false-alert pairs' passengers.
    pub threshold: f64,
}

/// How often the innocent of a name culture or a nationality are put before an officer.
#[derive(Clone, Debug, Serialize)]
pub struct CultureLine {
    /// `culture` or `nationality`.
    pub set: &'static str,
    /// Which.
    pub category: String,
    /// How many travellers.
    pub n: usize,
    /// False alerts of a thousand.
    pub false_alerts_per_1000: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The evidence from which on they are: that of a possible match, with what is allowed for
    /// the names of a culture; without a birth date it takes more.
    pub threshold: f64,
}

/// The last line.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Innocent travellers screened.
    pub travellers: u64,
    /// Of a thousand of them, put before an officer as the bands are set.
    pub false_alerts_per_1000: f64,
    /// Lower end of the 95 % interval.
    pub false_alerts_low: f64,
    /// Its upper end.
    pub false_alerts_high: f64,
    /// Travellers screened in a second of one core, explained.
    pub travellers_per_s_core: f64,
    /// Building the index.
    pub index_s: f64,
    /// Memory of the index.
    pub index_bytes: usize,
    /// Persons in it.
    pub persons: usize,
    /// Share of what a scan of the whole list puts before an officer that is found.
    pub retrieval_recall: f64,
    /// Hits of the scan.
    pub retrieval_n: usize,
    /// The score from which on a pair counts as found: the next, by which peers are
    /// measured too, or without false-alert pairs the one after.
    pub threshold: f64,
    /// At one false alert of a thousand passengers of the false-alert pairs.
    pub threshold_pairs: f64,
    /// At one false alert of a thousand made-up travellers against the whole list.
    pub threshold_travellers: f64,
    /// The worst culture's rate of false alerts over the middle one's.
    pub worst_culture_ratio: f64,
    /// Lower end of its 95 % interval.
    pub worst_culture_ratio_low: f64,
    /// Its upper end.
    pub worst_culture_ratio_high: f64,
    /// That culture.
    pub worst_culture: String,
    /// The same ratio if all were banded at the one score that one of a thousand travellers
    /// reaches, whatever their names.
    pub worst_culture_ratio_at_one_score: f64,
    /// Version of the weights.
    pub weights: String,
    /// Files that were not there, and a matcher that could not be run, with the reason.
    pub missing: Vec<String>,
}

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// Categories.
    pub categories: Vec<CategoryLine>,
    /// Peers.
    pub peers: Vec<PeerLine>,
    /// Name cultures.
    pub cultures: Vec<CultureLine>,
    /// Nationalities.
    pub nationalities: Vec<CultureLine>,
    /// Probabilities, and what came true of them.
    pub calibration: Vec<CalibrationLine>,
    /// Best score of each innocent traveller, in tenths of a nat, and how many had it.
    pub innocent_scores: BTreeMap<i32, u64>,
    /// How each stands in the measure by which bands are made
    /// ([`Hit::standing`]), in tenths of a nat, and how many so.
    pub innocent_standings: BTreeMap<i32, u64>,
    /// The probability of each, in hundredths, and how many had it; 0 where nothing was found.
    pub innocent_probabilities: BTreeMap<u32, u64>,
    /// Scores of the pairs of the same person, so counted.
    pub same_scores: BTreeMap<i32, u64>,
    /// The last line.
    pub summary: Summary,
}
