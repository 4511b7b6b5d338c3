//! Optimal string alignment over bytes, bounded.

/// How many insertions, deletions, substitutions and swaps of neighbours make `b` of
/// `a`; `None` when more than `most`, or when a word is longer than 63 letters.
///
/// ```
/// assert_eq!(names::osa(b"AYMAN", b"AYMNA", 2), Some(1));
/// assert_eq!(names::osa(b"AYMAN", b"OMAR", 2), None);
/// ```
pub fn osa(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > most || b.len() > 63 {
        return None;
    }
    // What both begin and end with costs nothing.
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    if a.is_empty() || b.len() == 1 {
        return (b.len() <= most).then_some(b.len());
    }
    within(a, b, most)
}

/// Only the cells within `most` of the diagonal can come to `most` or less.
fn within(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    const FAR: u8 = 99;
    let (mut before, mut last, mut row) = ([FAR; 65], [FAR; 65], [FAR; 65]);
    for (j, cell) in last.iter_mut().enumerate().take(most + 1) {
        *cell = j as u8;
    }
    for i in 1..=b.len() {
        let (from, to) = (i.saturating_sub(most).max(1), (i + most).min(a.len()));
        row[from - 1] = if from == 1 { i as u8 } else { FAR };
        let mut least = row[from - 1];
        for j in from..=to {
            let differs = u8::from(b[i - 1] != a[j - 1]);
            let mut cost = (last[j - 1] + differs).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && b[i - 1] == a[j - 2] && b[i - 2] == a[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
            least = least.min(cost);
        }
        if to < 64 {
            row[to + 1] = FAR;
        }
        if usize::from(least) > most {
            return None;
        }
        (before, last, row) = (last, row, before);
    }
    let cost = usize::from(last[a.len()]);
    (cost <= most).then_some(cost)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// The whole table, as the textbooks have it.
    fn plain(a: &[u8], b: &[u8]) -> usize {
        let mut t = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                t[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let differs = usize::from(a[i - 1] != b[j - 1]);
                    let mut c =
                        (t[i - 1][j - 1] + differs).min(t[i - 1][j] + 1).min(t[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        c = c.min(t[i - 2][j - 2] + 1);
                    }
                    c
                };
            }
        }
        t[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_band_gives_what_the_whole_table_gives(a in "[A-C]{0,9}", b in "[A-C]{0,9}", most in 0usize..4) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let all = plain(a, b);
            prop_assert_eq!(super::osa(a, b, most), (all <= most).then_some(all));
        }
    }
}
