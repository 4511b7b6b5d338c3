//! One evaluation: every pair scored, the innocent screened, thresholds, shares.

use std::path::PathBuf;

use anyhow::Result;
use screening::{Index, weights};

use crate::{
    Data, Evaluation, Score, calibration,
    clock::Watch,
    innocents::innocents,
    nomenklatura::{self, Nomenklatura},
    pairs::{beside, categories, oracle, pairs_threshold, unseen},
    peers::{self, Peer},
};

/// What is evaluated, and how thoroughly.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many innocent travellers are made up.
    pub travellers: u64,
    /// Of which world.
    pub seed: u64,
    /// Queries that are compared with a scan of the whole list.
    pub oracle_queries: usize,
    /// Peers' scores: a name and a file.
    pub peers: Vec<(String, PathBuf)>,
    /// nomenklatura, to be run on the same files.
    pub nomenklatura: Option<Nomenklatura>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            travellers: 600_000,
            seed: 1,
            oracle_queries: 500,
            peers: Vec::new(),
            nomenklatura: None,
        }
    }
}

/// Measures; `tell` is told what is being done.
///
/// # Errors
/// A peer's file cannot be read.
pub fn evaluate(
    data: &Data,
    scores: &[Score],
    options: &Options,
    tell: &dyn Fn(&str),
) -> Result<Evaluation> {
    let mut result = Evaluation::default();
    let ours = Peer {
        name: "passerelle".to_owned(),
        scores: scores.iter().map(|s| Some(s.score)).collect(),
    };
    result.summary.missing = data.missing.clone();
    result.summary.weights = weights::VERSION.to_owned();
    result.summary.threshold_pairs = pairs_threshold(data, &ours);
    let mut index = None;
    if let Some(list) = &data.watchlist {
        tell("building the index");
        let watch = Watch::start();
        let built = Index::build(vec![list.clone()]);
        result.summary.index_s = watch.seconds();
        result.summary.index_bytes = built.bytes();
        result.summary.persons = built.len();
        innocents(&built, options, tell, &mut result);
        index = Some(built);
    }
    let s = &mut result.summary;
    s.threshold = match s.threshold_pairs.is_finite() {
        true => s.threshold_pairs,
        false => s.threshold_travellers,
    };
    if let Some(index) = &index {
        tell("comparing with a scan of the whole list");
        oracle(data, index, options, &mut result.summary);
    }
    tell("counting");
    categories(data, &ours, scores, &mut result);
    result.calibration = calibration::lines(data, scores, &result.innocent_probabilities);
    if let Some(list) = &data.watchlist {
        unseen(list, &mut result);
    }
    let mut all = vec![ours];
    all.extend(peers::floors(&data.pairs));
    for (name, path) in &options.peers {
        all.push(peers::read(name, path, &data.pairs)?);
    }
    if let Some(peer) = &options.nomenklatura {
        match nomenklatura::run(peer, &data.pairs, tell) {
            Ok(peers) => all.extend(peers),
            // What others can do is worth knowing; what ours does is known without it.
            Err(why) => result.summary.missing.push(format!("nomenklatura ({why:#})")),
        }
    }
    for peer in &all {
        beside(data, peer, &mut result);
    }
    Ok(result)
}
