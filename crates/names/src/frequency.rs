//! How much a word tells: rare names tell more.

use std::{collections::HashMap, sync::LazyLock};

use crate::token::{ABD, DIN, with_article};

/// The most that an agreement on one word is ever worth.
const MOST: f32 = 9.2;

static TABLE: LazyLock<HashMap<&'static str, f32>> = LazyLock::new(|| {
    let rows = include_str!("frequency.csv").lines().filter_map(|l| l.split_once(','));
    rows.filter_map(|(t, n)| Some((t, n.parse::<f32>().ok()? / 10.0))).collect()
});

/// Whether the word is a name that many bear, as it is written.
pub(crate) fn is_common(word: &str) -> bool {
    TABLE.contains_key(word)
}

/// What an agreement on this word is worth, in nats: the negative logarithm of the share
/// of people who bear it, among travellers and on published lists alike.
///
/// ```
/// assert!(names::information("MUHAMMAD") < names::information("ZAWAHIRI"));
/// ```
pub fn information(word: &str) -> f32 {
    // Short words collide more often by chance than long ones.
    let most = match word.len() {
        0..=1 => 1.0,
        2 => 4.5,
        3 => 6.2,
        4 => 7.7,
        5 => 8.5,
        _ => MOST,
    };
    // `ABD AL X` is as rare as X, and a little rarer.
    if let Some(name) = word.strip_prefix(ABD).filter(|n| n.len() >= 3) {
        return (information(name) + 1.0).min(MOST);
    }
    let known = |word: &str| TABLE.get(word).copied();
    let of_a_part = || {
        let compound = word.strip_suffix(DIN).and_then(known).map(|nats| nats + 1.0);
        compound.or_else(|| with_article(word).and_then(known))
    };
    known(word).or_else(of_a_part).map_or(most, |nats| nats.clamp(1.0, most))
}
