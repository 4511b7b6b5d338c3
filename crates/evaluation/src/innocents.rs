//! The innocent: how fast they are screened, and who of them is put before an officer.

use std::collections::BTreeMap;

use screening::{Band, Hit, Index, Screener, weights};
use travel::Country;

use crate::{
    CultureLine, Evaluation, Options, Share, clock::Watch, cultures, innocent, pairs::tenths,
    threshold,
};

/// Screens the innocent: how fast, and who of them is put before an officer.
pub fn innocents(index: &Index, options: &Options, tell: &dyn Fn(&str), result: &mut Evaluation) {
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
