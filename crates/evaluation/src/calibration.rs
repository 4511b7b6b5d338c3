//! What came true of probabilities.
//!
//! How probable it is that a hit is the person depends on how many of the travellers are
//! listed at all, which no node knows. The probability of a hit is meant for traffic of
//! which one in a thousand is listed ([`LISTED`]). Such traffic is put together here: of
//! pairs of the same person, of the half that nothing was tuned on, and of the made-up
//! innocent travellers, each in its share.

use std::collections::BTreeMap;

use crate::{CalibrationLine, Data, Half, Score, Set, Share};

/// The share of travellers who are on the list.
pub const LISTED: f64 = 0.001;

/// One of two populations in a tenth of the probabilities.
#[derive(Clone, Copy, Default)]
struct Count {
    n: usize,
    sum: f64,
}

/// What came true of each tenth.
pub(crate) fn lines(
    data: &Data,
    scores: &[Score],
    innocent: &BTreeMap<u32, u64>,
) -> Vec<CalibrationLine> {
    let (mut same, mut others) = ([Count::default(); 10], [Count::default(); 10]);
    for (pair, score) in data.pairs.iter().zip(scores) {
        if pair.same && pair.set != Set::FalseAlert && pair.half == Half::HeldOut {
            add(&mut same, score.probability, 1);
        }
    }
    for (hundredths, n) in innocent {
        add(&mut others, (f64::from(*hundredths) + 0.5) / 100.0, *n as usize);
    }
    let total = |counts: &[Count]| counts.iter().map(|c| c.n).sum::<usize>();
    let (listed, free) = (total(&same), total(&others));
    if listed == 0 || free == 0 {
        return Vec::new();
    }
    let line = |tenth: usize| {
        let (s, o) = (same[tenth], others[tenth]);
        if s.n + o.n == 0 {
            return None;
        }
        let (of_listed, of_free) = (Share::of(s.n, listed), Share::of(o.n, free));
        let part = |a: f64, b: f64| LISTED * a / (LISTED * a + (1.0 - LISTED) * b);
        let weight = |count: Count, all: usize, share: f64| share * count.sum / all as f64;
        let given = weight(s, listed, LISTED) + weight(o, free, 1.0 - LISTED);
        let all = LISTED * of_listed.share + (1.0 - LISTED) * of_free.share;
        Some(CalibrationLine {
            set: "calibration",
            category: format!("0.{tenth} to {:.1}", (tenth + 1) as f64 / 10.0),
            n: s.n + o.n,
            probability: given / all,
            same: part(of_listed.share, of_free.share),
            low: part(of_listed.low, of_free.high),
            high: part(of_listed.high, of_free.low),
        })
    };
    (0..10).filter_map(line).collect()
}

fn add(counts: &mut [Count; 10], probability: f64, n: usize) {
    let count = &mut counts[((probability * 10.0) as usize).min(9)];
    count.n += n;
    count.sum += probability * n as f64;
}
