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
    let (mut before, mut last, mut row) = ([0usize; 64], [0usize; 64], [0usize; 64]);
    for (j, cell) in last.iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=b.len() {
        row[0] = i;
        let mut least = i;
        for j in 1..=a.len() {
            let same = b[i - 1] == a[j - 1];
            let mut cost = (last[j - 1] + usize::from(!same)).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && b[i - 1] == a[j - 2] && b[i - 2] == a[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
        before = last;
        last = row;
    }
    (last[a.len()] <= most).then_some(last[a.len()])
}
