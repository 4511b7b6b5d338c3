//! How much a token tells: rare names tell more.

use std::{collections::HashMap, sync::LazyLock};

/// What an agreement on this token is worth, in nats: the negative logarithm of the
/// share of travellers that bear it, at most 9.
///
/// ```
/// assert!(names::information("MUHAMMAD") < names::information("ZAWAHIRI"));
/// ```
pub fn information(token: &str) -> f64 {
    static TABLE: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
        let rows = include_str!("frequency.csv").lines().filter_map(|l| l.split_once(','));
        rows.filter_map(|(t, n)| Some((t, n.parse::<f64>().ok()? / 10.0))).collect()
    });
    match TABLE.get(token) {
        Some(nats) => nats.clamp(1.0, 9.0),
        // Short words collide more often by chance than long ones.
        None => match token.len() {
            0..=1 => 1.0,
            2 => 4.5,
            3 => 6.5,
            4 => 7.5,
            _ => 8.5,
        },
    }
}
