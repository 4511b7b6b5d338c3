//! Baggage as both message families write it: runs of tags, and weights in pounds.

use travel::Text;

/// Longest run of bag tags that one segment may stand for.
pub(crate) const MOST_TAGS: u32 = 99;

/// `count` tags that follow one another, the first as written.
pub(crate) fn run_of_tags(tag: &str, count: u32) -> impl Iterator<Item = Text> + '_ {
    let head = tag.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &tag[head.len()..];
    let first = digits.parse::<u64>().ok();
    (0..count).map_while(move |i| match (i, first) {
        (0, _) => Some(tag.into()),
        (_, Some(n)) => {
            let n = n.checked_add(u64::from(i))?;
            Some(format!("{head}{n:0width$}", width = digits.len()).into())
        }
        (_, None) => None,
    })
}

/// Pounds in kilograms, rounded; at most what a list has room for.
pub(crate) fn kilograms(pounds: u32) -> u16 {
    let kg = (u64::from(pounds) * 45_359 + 50_000) / 100_000;
    u16::try_from(kg).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_a_run_keep_their_zeros() {
        let tags: Vec<Text> = run_of_tags("ZZ0099", 3).collect();
        assert_eq!(tags, ["ZZ0099", "ZZ0100", "ZZ0101"]);
        assert_eq!(run_of_tags("ZZ", 3).count(), 1, "what has no number does not go on");
    }

    #[test]
    fn pounds_are_rounded() {
        assert_eq!([44, 66, 0, u32::MAX].map(kilograms), [20, 30, 0, u16::MAX]);
    }
}
