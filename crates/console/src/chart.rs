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

/// Units of the picture for a week.
const WEEK: usize = 8;

/// Scores of 0 to 100 by week, as a line with gaps where nothing came.
pub struct Scores {
    /// Stretches of the line, as SVG paths.
    pub lines: Vec<String>,
    /// The newest score's place.
    pub last: Option<(usize, String)>,
    /// What the picture shows, in words.
    pub words: String,
    weeks: usize,
}

impl Scores {
    /// Scores of the last weeks, the oldest first.
    pub fn by_week(scores: &[Option<u8>]) -> Self {
        let y = |score: u8| format!("{:.1}", HEIGHT - f64::from(score) / 100.0 * HEIGHT);
        let mut lines: Vec<String> = Vec::new();
        let mut open = false;
        for (week, score) in scores.iter().enumerate() {
            let Some(score) = score else {
                open = false;
                continue;
            };
            let at = format!("{} {}", week * WEEK, y(*score));
            match lines.last_mut().filter(|_| open) {
                Some(line) => line.push_str(&format!("L{at}")),
                // A week that stands alone is a dot: a line of no length with round ends.
                None => lines.push(format!("M{at}h0")),
            }
            open = true;
        }
        let known: Vec<u8> = scores.iter().copied().flatten().collect();
        let last = scores.iter().rposition(Option::is_some);
        let words = match (known.iter().min(), known.iter().max(), known.last()) {
            (Some(least), Some(most), Some(now)) if least != most => {
                format!("{least} to {most}, {now} at the end")
            }
            (Some(same), ..) => format!("{same} throughout"),
            _ => "nothing came".to_owned(),
        };
        Self {
            lines,
            last: last.and_then(|week| Some((week * WEEK, y(scores[week]?)))),
            words,
            weeks: scores.len(),
        }
    }

    /// Width of the picture in its own units.
    pub fn width(&self) -> usize {
        self.weeks.saturating_sub(1) * WEEK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_without_a_message_are_gaps_and_no_zeros() {
        let scores = Scores::by_week(&[Some(100), None, Some(50), Some(75), None]);
        assert_eq!(scores.lines, ["M0 0.0h0", "M16 20.0h0L24 10.0"]);
        assert_eq!(
            (scores.last, scores.words.as_str()),
            (Some((24, "10.0".into())), "50 to 100, 75 at the end")
        );
        let none = Scores::by_week(&[None, None]);
        assert!(none.lines.is_empty() && none.last.is_none() && none.words == "nothing came");
    }
}
