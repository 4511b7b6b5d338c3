//! The pairs: each scored, then counted by goals, categories and matchers.

use std::collections::BTreeMap;

use screening::{Band, Candidate, Hit, Index, Screener, Watchlist, screen_one, weights};
use testkit::Rng;

use crate::{
    CategoryLine, Data, Evaluation, Half, Options, Pair, PeerLine, Score, Set, Share, Summary,
    peers::Peer,
    threshold,
    unseen::{Unseen, damaged},
};

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

/// The threshold of a matcher at one false alert of a thousand passengers.
pub fn pairs_threshold(data: &Data, peer: &Peer) -> f64 {
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

/// In tenths of a nat.
pub fn tenths(nats: f64) -> i32 {
    (nats * 10.0).floor() as i32
}

/// What a scan of the whole list finds and the index does not.
pub fn oracle(data: &Data, index: &Index, options: &Options, summary: &mut Summary) {
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
            held_out: (self.held_out.0 > 0).then(|| Share::of(self.held_out.1, self.held_out.0)),
        }
    }
}

pub fn categories(data: &Data, ours: &Peer, scores: &[Score], result: &mut Evaluation) {
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
pub fn unseen(list: &Watchlist, result: &mut Evaluation) {
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
pub fn beside(data: &Data, peer: &Peer, result: &mut Evaluation) {
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
