//! Small charts as SVG: drawn here, printable, with their numbers in words beside them.

use crate::words;

/// Bars of counts by hour, the last one being this hour.
pub struct Bars {
    /// Left edge, top edge, height of each bar, in the chart's own units.
    pub bars: Vec<Bar>,
    /// What the chart shows, in words.
    pub words: String,
}

/// One bar.
pub struct Bar {
    pub x: usize,
    pub y: String,
    pub height: String,
    pub count: u64,
}

/// Height of a chart in its own units; [`Bars::WIDTH`] is its width.
const HEIGHT: f64 = 40.0;
const STEP: usize = 10;

impl Bars {
    /// Counts of the last hours, the oldest first; `what` names what is counted.
    pub fn by_hour(counts: &[u64], what: &str) -> Self {
        let most = counts.iter().copied().max().unwrap_or(0);
        let total: u64 = counts.iter().sum();
        let bar = |(i, &count): (usize, &u64)| {
            let height = match most {
                0 => 0.0,
                _ => (count as f64 / most as f64 * HEIGHT).max(if count > 0 { 1.5 } else { 0.0 }),
            };
            let (y, height) = (format!("{:.1}", HEIGHT - height), format!("{height:.1}"));
            Bar { x: i * STEP, y, height, count }
        };
        let bars = counts.iter().enumerate().map(bar).collect();
        let now = counts.last().copied().unwrap_or(0);
        let words = match total {
            0 => format!("No {what} in the last {} hours.", counts.len()),
            _ => format!(
                "{} {what} in the last {} hours, {} in this one; at most {} in an hour.",
                words::count(total),
                counts.len(),
                words::count(now),
                words::count(most)
            ),
        };
        Self { bars, words }
    }
}

/// A weight of evidence as a bar to the right (for) or to the left (against).
pub struct Weight {
    pub x: String,
    pub width: String,
    pub against: bool,
}

/// The weights of a ledger, on one scale.
pub fn weights(nats: impl Iterator<Item = f64> + Clone) -> Vec<Weight> {
    let most = nats.clone().map(f64::abs).fold(1.0, f64::max);
    nats.map(|n| {
        let width = n.abs() / most * 50.0;
        let x = if n < 0.0 { 50.0 - width } else { 50.0 };
        Weight { x: format!("{x:.1}"), width: format!("{width:.1}"), against: n < 0.0 }
    })
    .collect()
}
