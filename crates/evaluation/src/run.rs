//! One evaluation: every pair scored, the innocent screened, thresholds, shares.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use screening::{Band, Candidate, Hit, Index, Screener, screen_one, weights};
use serde::Serialize;
use testkit::Rng;
use travel::Country;

use crate::{
    Data, Half, Pair, Set, Share, calibration,
    clock::Watch,
    cultures, innocent,
    peers::{self, Peer},
    threshold,
    unseen::{Unseen, damaged},
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
}

impl Default for Options {
    fn default() -> Self {
        Self { travellers: 600_000, seed: 1, oracle_queries: 500, peers: Vec::new() }
    }
}

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
    /// Files that were not there.
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

/// The scores of all pairs, in their order.
pub fn scores(data: &Data) -> Vec<Score> {
    let score = |pair: &Pair| {
        let hit = screen_one(&Candidate::of(&pair.traveller), &pair.entry, ("evaluation", "1"));
        Score {
            set: pair.set.name(),
            row: pair.row,
            score: hit.nats,
            band: hit.band.name(),
            probability: hit.probability,
        }
    };
    data.pairs.iter().map(score).collect()
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
    for peer in &all {
        beside(data, peer, &mut result);
    }
    Ok(result)
}

/// The threshold of a matcher at one false alert of a thousand passengers.
fn pairs_threshold(data: &Data, peer: &Peer) -> f64 {
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for (pair, score) in data.pairs.iter().zip(&peer.scores) {
        if pair.set == Set::FalseAlert {
            let score = score.unwrap_or(f64::NEG_INFINITY);
            let known = best.entry(&pair.category).or_insert(f64::NEG_INFINITY);
            *known = known.max(score);
        }
    }
    let best: Vec<f64> = best.into_values().collect();
    if best.is_empty() { f64::INFINITY } else { threshold(&best, 1.0) }
}

fn tenths(nats: f64) -> i32 {
    (nats * 10.0).floor() as i32
}

/// Screens the innocent: how fast, and who of them is put before an officer.
fn innocents(index: &Index, options: &Options, tell: &dyn Fn(&str), result: &mut Evaluation) {
    let mut screener = Screener::new(index);
    let mut best = Vec::with_capacity(options.travellers as usize);
    let mut seconds = 0.0;
    const BLOCK: u64 = 20_000;
    for from in (0..options.travellers).step_by(BLOCK as usize) {
        let until = (from + BLOCK).min(options.travellers);
        tell(&format!("screening innocent travellers: {from} of {}", options.travellers));
        let people: Vec<_> = (from..until).map(|n| innocent(options.seed, n)).collect();
        let watch = Watch::start();
        let found: Vec<Vec<Hit>> = people.iter().map(|p| screener.screen(&p.traveller)).collect();
        seconds += watch.seconds();
        for (person, hits) in people.iter().zip(&found) {
            let asked = hits.iter().any(|h| h.band >= Band::Possible);
            let probability = hits.iter().map(|h| h.probability).fold(0.0, f64::max);
            let standing = hits.iter().map(Hit::standing).fold(f64::NEG_INFINITY, f64::max);
            if standing.is_finite() {
                *result.innocent_standings.entry(tenths(standing)).or_default() += 1;
            }
            *result.innocent_probabilities.entry((probability * 100.0) as u32).or_default() += 1;
            let nats = hits.first().map_or(f64::NEG_INFINITY, |h| h.nats);
            let of = person.traveller.nationality;
            best.push(Best { culture: person.culture, of, nats, asked });
        }
    }
    for b in best.iter().filter(|b| b.nats.is_finite()) {
        *result.innocent_scores.entry(tenths(b.nats)).or_default() += 1;
    }
    let total = best.len();
    let s = &mut result.summary;
    s.travellers = options.travellers;
    s.travellers_per_s_core = (total as f64 / seconds).round();
    let all = Share::of(best.iter().filter(|b| b.asked).count(), total);
    s.false_alerts_per_1000 = all.share * 1000.0;
    (s.false_alerts_low, s.false_alerts_high) = (all.low * 1000.0, all.high * 1000.0);
    let scores: Vec<f64> = best.iter().map(|b| b.nats).collect();
    s.threshold_travellers = if scores.is_empty() { f64::MIN } else { threshold(&scores, 1.0) };
    by_culture(&best, result);
}

/// The strongest that was found of an innocent traveller.
struct Best {
    culture: usize,
    of: Option<Country>,
    nats: f64,
    /// Whether an officer is asked, as the bands are set.
    asked: bool,
}

/// False alerts of each group of travellers, the most asked first.
fn rates(
    set: &'static str,
    best: &[Best],
    threshold: impl Fn(&str) -> f64,
    (group, alert): (impl Fn(&Best) -> Option<String>, impl Fn(&Best) -> bool),
) -> Vec<CultureLine> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for traveller in best {
        if let Some(group) = group(traveller) {
            let count = counts.entry(group).or_default();
            count.0 += 1;
            count.1 += usize::from(alert(traveller));
        }
    }
    let line = |(category, (n, alerts)): (String, (usize, usize))| {
        let share = Share::of(alerts, n);
        CultureLine {
            set,
            threshold: threshold(&category),
            category,
            n,
            false_alerts_per_1000: share.share * 1000.0,
            low: share.low * 1000.0,
            high: share.high * 1000.0,
        }
    };
    let mut lines: Vec<CultureLine> = counts.into_iter().map(line).collect();
    lines.sort_by(|a, b| b.false_alerts_per_1000.total_cmp(&a.false_alerts_per_1000));
    lines
}

/// False alerts of each culture and nationality, as officers get them; and how uneven they
/// would be at one score for all, which a culture that the list hardly has never reaches.
fn by_culture(best: &[Best], result: &mut Evaluation) {
    let names = cultures();
    let culture = |b: &Best| names.get(b.culture).map(|n| (*n).to_owned());
    let asked = |b: &Best| b.asked;
    let allowed = |culture: &str| weights::POSSIBLE + weights::allowance(culture);
    result.cultures = rates("culture", best, allowed, (culture, asked));
    let state = |b: &Best| b.of.map(|c| c.code().to_owned());
    result.nationalities = rates("nationality", best, |_| weights::POSSIBLE, (state, asked));
    let threshold = result.summary.threshold_travellers;
    let at_one_score =
        rates("culture", best, |_| threshold, (culture, |b: &Best| b.nats >= threshold));
    let s = &mut result.summary;
    if let Some((_, (ratio, _, _))) = uneven(&at_one_score) {
        s.worst_culture_ratio_at_one_score = ratio;
    }
    if let Some((worst, (ratio, low, high))) = uneven(&result.cultures) {
        s.worst_culture = worst.to_owned();
        s.worst_culture_ratio = ratio;
        (s.worst_culture_ratio_low, s.worst_culture_ratio_high) = (low, high);
    }
}

/// The worst culture, and its rate over the middle one's with its interval.
fn uneven(lines: &[CultureLine]) -> Option<(&str, (f64, f64, f64))> {
    let (worst, middle) = (lines.first()?, &lines[lines.len() / 2]);
    Some((&worst.category, over(counted(worst), counted(middle))))
}

/// False alerts of a culture, and of how many travellers.
fn counted(line: &CultureLine) -> (f64, f64) {
    let n = line.n as f64;
    ((line.false_alerts_per_1000 * n / 1000.0).round(), n)
}

/// One rate over another with its 95 % interval. Half an alert is added to either count, so
/// that there is a ratio where nobody is asked: the interval then says how little is known.
/// It is of these two cultures; that one was picked for being the worst is not in it.
fn over(worst: (f64, f64), middle: (f64, f64)) -> (f64, f64, f64) {
    let (a, b) = (worst.0 + 0.5, middle.0 + 0.5);
    let ratio = (a / (worst.1 + 1.0)) / (b / (middle.1 + 1.0));
    let spread = (1.96 * (1.0 / a + 1.0 / b).sqrt()).exp();
    (ratio, ratio / spread, ratio * spread)
}

/// What a scan of the whole list finds and the index does not.
fn oracle(data: &Data, index: &Index, options: &Options, summary: &mut Summary) {
    let queries: Vec<&Pair> =
        data.pairs.iter().filter(|p| p.same && p.set != Set::FalseAlert).collect();
    let step = (queries.len() / options.oracle_queries.max(1)).max(1);
    let mut screener = Screener::new(index);
    let (mut all, mut found) = (0, 0);
    for pair in queries.into_iter().step_by(step) {
        let hits = screener.screen(&pair.traveller);
        let strong = |h: &&Hit| h.nats >= summary.threshold;
        for wanted in screener.scan(&pair.traveller).iter().filter(strong) {
            all += 1;
            found += usize::from(hits.iter().any(|h| h.entry.id == wanted.entry.id));
        }
    }
    summary.retrieval_n = all;
    summary.retrieval_recall = found as f64 / all.max(1) as f64;
}

/// The goals: what is counted together, over files and categories.
pub fn goals(pair: &Pair) -> Vec<&'static str> {
    let mut goals = Vec::new();
    let cross = pair.origin.starts_with("cross-list") && pair.same;
    let alias = pair.origin.contains("leave-one-alias-out");
    let near = pair.category == "hard_negative"
        && (pair.origin.contains("other UN") || pair.origin.contains("other OFAC"));
    let mut add = |so: bool, goal| {
        if so {
            goals.push(goal)
        }
    };
    add(cross, "cross-list, uncut");
    add(cross && pair.category != "exact_tokens", "cross-list, not token-equal");
    add(alias && pair.category == "spelling_variant", "alias, spelling");
    add(alias, "alias, uncut");
    add(pair.category == "arabic_romanisation", "arabic romanisation, no birth date");
    add(pair.set == Set::Degraded, "damaged airline queries, all");
    add(near, "near-miss negatives");
    goals
}

/// The goals once more, by bands: who is put before an officer as they are set.
const BANDED: &str = "banded";

/// The goals once more, at the threshold that the made-up travellers set against the
/// whole list: stricter than the false-alert pairs, which hold near namesakes only.
const WHOLE_LIST: &str = "whole list";

#[derive(Default)]
struct Count {
    tuned: (usize, usize),
    held_out: (usize, usize),
}

impl Count {
    fn add(&mut self, half: Half, found: bool) {
        let side = if half == Half::Tuned { &mut self.tuned } else { &mut self.held_out };
        side.0 += 1;
        side.1 += usize::from(found);
    }

    fn line(&self, set: &'static str, category: &str, same: bool, threshold: f64) -> CategoryLine {
        let share = Share::of(self.tuned.1 + self.held_out.1, self.tuned.0 + self.held_out.0);
        let of = |(n, found): (usize, usize)| (n > 0).then(|| found as f64 / n as f64);
        CategoryLine {
            set,
            category: category.to_owned(),
            same,
            n: share.n,
            recall: share.share,
            low: share.low,
            high: share.high,
            threshold,
            recall_tuned: of(self.tuned),
            recall_held_out: of(self.held_out),
        }
    }
}

fn categories(data: &Data, ours: &Peer, scores: &[Score], result: &mut Evaluation) {
    let threshold = result.summary.threshold;
    let stricter = result.summary.threshold_travellers.max(threshold);
    let mut counts: BTreeMap<(&'static str, &str, bool), Count> = BTreeMap::new();
    for ((pair, score), banded) in data.pairs.iter().zip(&ours.scores).zip(scores) {
        let found = score.is_some_and(|s| s >= threshold);
        if pair.set == Set::FalseAlert {
            continue;
        }
        let asked = banded.band != Band::Silent.name();
        for goal in goals(pair) {
            counts.entry((BANDED, goal, pair.same)).or_default().add(pair.half, asked);
        }
        let own = (pair.set.name(), pair.category.as_str(), pair.same);
        for key in goals(pair).into_iter().map(|g| ("goal", g, pair.same)).chain([own]) {
            counts.entry(key).or_default().add(pair.half, found);
        }
        let found = score.is_some_and(|s| s >= stricter);
        for goal in goals(pair) {
            counts.entry((WHOLE_LIST, goal, pair.same)).or_default().add(pair.half, found);
        }
        if let (true, Some(score)) = (pair.same, score) {
            *result.same_scores.entry(tenths(*score)).or_default() += 1;
        }
    }
    let lines = counts.iter().map(|((set, c, same), n)| {
        let threshold = match *set {
            WHOLE_LIST => stricter,
            BANDED => weights::POSSIBLE,
            _ => threshold,
        };
        n.line(set, c, *same, threshold)
    });
    result.categories = lines.collect();
    // The worst kind of damage of which there are enough to say so.
    let worst = result
        .categories
        .iter()
        .filter(|l| l.set == "degraded" && l.n >= 30)
        .min_by(|a, b| a.recall.total_cmp(&b.recall))
        .cloned();
    if let Some(worst) = worst {
        let category = format!("damaged airline queries, worst kind ({})", worst.category);
        result.categories.push(CategoryLine { set: "goal", category, ..worst });
    }
}

/// Damage that nothing was tuned on.
fn unseen(list: &screening::Watchlist, result: &mut Evaluation) {
    let threshold = result.summary.threshold;
    for (number, kind) in Unseen::ALL.into_iter().enumerate() {
        let mut rng = Rng::new(9303, number as u64);
        let mut count = Count::default();
        for entry in list.entries.iter().step_by(5) {
            if let Some(traveller) = damaged(entry, kind, &mut rng) {
                let hit = screen_one(&Candidate::of(&traveller), entry, ("evaluation", "1"));
                count.add(Half::HeldOut, hit.nats >= threshold);
            }
        }
        if count.held_out.0 > 0 {
            result.categories.push(count.line("unseen", kind.name(), true, threshold));
        }
    }
}

/// A peer at the goals, at its own threshold.
fn beside(data: &Data, peer: &Peer, result: &mut Evaluation) {
    let threshold = pairs_threshold(data, peer);
    let mut counts: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (pair, score) in data.pairs.iter().zip(&peer.scores) {
        let found = usize::from(score.is_some_and(|s| s >= threshold));
        for goal in goals(pair) {
            let count = counts.entry(goal).or_default();
            *count = (count.0 + 1, count.1 + found);
        }
        if pair.set == Set::Degraded {
            let count = kinds.entry(&pair.category).or_default();
            *count = (count.0 + 1, count.1 + found);
        }
    }
    let share = |c: &(usize, usize)| c.1 as f64 / c.0 as f64;
    if let Some(worst) =
        kinds.values().filter(|c| c.0 >= 30).min_by(|a, b| share(a).total_cmp(&share(b)))
    {
        counts.insert("damaged airline queries, worst kind", *worst);
    }
    for (category, (n, found)) in counts {
        let share = Share::of(found, n);
        result.peers.push(PeerLine {
            set: "peer",
            peer: peer.name.clone(),
            category: category.to_owned(),
            n,
            recall: share.share,
            low: share.low,
            high: share.high,
            threshold,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::over;

    #[test]
    fn a_middle_culture_without_false_alerts_gives_a_ratio_of_wide_interval() {
        let (ratio, low, high) = over((20.0, 5_000.0), (0.0, 5_000.0));
        assert!((ratio - 41.0).abs() < 1e-9);
        assert!(low < 3.0 && high > 600.0, "{low} to {high}");
    }

    #[test]
    fn equal_rates_give_one() {
        let (ratio, low, high) = over((50.0, 5_000.0), (50.0, 5_000.0));
        assert!((ratio - 1.0).abs() < 1e-9 && low < 1.0 && high > 1.0);
    }
}
