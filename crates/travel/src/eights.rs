//! Questions about the bytes of short texts, answered for eight bytes at once: names and
//! numbers are asked thousands of times a list whether they are plain, and nearly all are.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The highest bit of each byte that lies in a run of ASCII.
///
/// ```
/// let eight = u64::from_le_bytes(*b"AB12cd\0\xff");
/// assert_eq!(travel::eights::within(eight, b'0', b'9'), 0x8080_0000);
/// ```
#[inline]
pub const fn within(eight: u64, first: u8, last: u8) -> u64 {
    // What is added carries a byte to its highest bit when it is large enough; bytes that have
    // that bit themselves would carry into their neighbours.
    let low = eight & !HIGH;
    let from = low + ONES * (0x80 - first) as u64;
    let behind = low + ONES * (0x7f - last) as u64;
    from & !behind & !eight & HIGH
}

/// Whether `which` gives the highest bit of every byte.
///
/// ```
/// use travel::eights::{all, within};
/// let plain = |text: &str| all(text.as_bytes(), |eight| within(eight, b'A', b'Z'));
/// assert!(plain("YILMAZ") && plain("") && !plain("O'LEARY") && !plain("M\u{dc}LLER"));
/// ```
#[inline]
pub fn all(text: &[u8], which: impl Fn(u64) -> u64) -> bool {
    fold(text, HIGH, |found, eight| found & which(eight)) == HIGH
}

/// Whether `which` gives the highest bit of any byte.
///
/// ```
/// use travel::eights::{any, within};
/// let digit = |text: &str| any(text.as_bytes(), |eight| within(eight, b'0', b'9'));
/// assert!(digit("SM1TH") && !digit("SMITH") && !digit(""));
/// ```
#[inline]
pub fn any(text: &[u8], which: impl Fn(u64) -> u64) -> bool {
    fold(text, 0, |found, eight| found | which(eight)) & HIGH != 0
}

/// Hands over every byte at least once, and none that is not there.
#[inline]
fn fold(text: &[u8], start: u64, mut with: impl FnMut(u64, u64) -> u64) -> u64 {
    let (eights, rest) = text.as_chunks::<8>();
    let found = eights.iter().fold(start, |found, eight| with(found, u64::from_le_bytes(*eight)));
    let Some(first) = rest.first() else { return found };
    // The last bytes, some of them perhaps once more.
    let fours = text.first_chunk::<4>().zip(text.last_chunk::<4>());
    let last = match (text.last_chunk::<8>(), fours) {
        (Some(eight), _) => u64::from_le_bytes(*eight),
        (None, Some((a, b))) => {
            u64::from(u32::from_le_bytes(*a)) << 32 | u64::from(u32::from_le_bytes(*b))
        }
        _ => rest.iter().fold(ONES * u64::from(*first), |word, b| word << 8 | u64::from(*b)),
    };
    with(found, last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{all, within};

    #[test]
    fn a_byte_is_within_a_run_of_any_bounds_and_beside_any_other() {
        for (first, last) in [(b'0', b'9'), (b'!', b'~'), (0, 0), (0x7f, 0x7f), (b'A', b'Z')] {
            for (byte, beside) in (0..=255).flat_map(|a| [0, 0x7f, 0x80, 0xff].map(|b| (a, b))) {
                let eight = u64::from_le_bytes([beside, byte, beside, 0, 0, 0, 0, beside]);
                let bit = within(eight, first, last) >> 8 & 0xff;
                assert_eq!(bit == 0x80, (first..=last).contains(&byte), "{first} {last} {byte}");
            }
        }
    }

    proptest! {
        #[test]
        fn all_and_any_are_told_as_byte_for_byte(
            text in prop::collection::vec(prop_oneof![3 => b'a'..=b'f', 1 => any::<u8>()], 0..30),
        ) {
            let of = |first, last| move |eight| within(eight, first, last);
            for run in [b'a'..=b'f', b'b'..=b'f', b'0'..=b'9', b'f'..=b'f'] {
                let (first, last) = (*run.start(), *run.end());
                prop_assert_eq!(all(&text, of(first, last)), text.iter().all(|b| run.contains(b)));
                prop_assert_eq!(super::any(&text, of(first, last)), text.iter().any(|b| run.contains(b)));
            }
        }
    }
}
