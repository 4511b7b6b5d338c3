//! How alike two tokens are, and how that is said.

use crate::{information, osa};

/// How two tokens stand to each other.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Similarity {
    /// From 0 to 1: the share of the token's information that agrees.
    pub share: f64,
    /// In words.
    pub relation: &'static str,
}

/// The consonants of a token, those that are confused between romanisations made one,
/// doubles once: what a careful ear keeps.
///
/// ```
/// assert_eq!(names::skeleton("MOHAMED"), names::skeleton("MUHAMMAD"));
/// assert_eq!(names::skeleton("YUSUF"), names::skeleton("JOUSSEF"));
/// ```
pub fn skeleton(token: &str) -> String {
    let b = token.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(b.len());
    let mut i = 0;
    while i < b.len() {
        let next = b.get(i + 1).copied().unwrap_or(0);
        let (letter, taken) = match (b[i], next) {
            (b'S', b'C') if b.get(i + 2) == Some(&b'H') => (b'S', 3),
            (b'S', b'H' | b'Z') | (b'C' | b'Z', b'H') | (b'C' | b'T', b'S' | b'Z') => (b'S', 2),
            (b'K' | b'G' | b'Q', b'H') => (b'K', 2),
            (b'T' | b'D', b'H') => (b'T', 2),
            (b'P', b'H') => (b'F', 2),
            (b'D', b'Z' | b'J') => (b'J', 2),
            (b'C' | b'Q' | b'G' | b'K' | b'X', _) => (b'K', 1),
            (b'Z' | b'S', _) => (b'S', 1),
            (b'D' | b'T', _) => (b'T', 1),
            (b'V' | b'W' | b'F', _) => (b'F', 1),
            (b'B' | b'P', _) => (b'P', 1),
            (b'J', _) => (b'J', 1),
            (b'L' | b'R' | b'M' | b'N', _) => (b[i], 1),
            (b'H', _) if i == 0 => (b'H', 1),
            (b'Y', _) if i == 0 => (b'J', 1),
            (b'A' | b'E' | b'I' | b'O' | b'U', _) if i == 0 => (b'A', 1),
            _ => (0, 1),
        };
        if letter != 0 && out.last() != Some(&letter) {
            out.push(letter);
        }
        i += taken;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Compares two folded tokens; `None` when they are two different names.
///
/// ```
/// assert!(names::compare("GRAHAM", "KARIMI").is_none());
/// assert!(names::compare("HARRIS", "REZA").is_none());
/// assert_eq!(names::compare("YUSUF", "YOUSSEF").unwrap().relation, "same consonants");
/// ```
pub fn compare(a: &str, b: &str) -> Option<Similarity> {
    let found = |share, relation| Some(Similarity { share, relation });
    if a == b {
        return found(1.0, "same");
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() == 1 {
        return if long.starts_with(short) { found(0.45, "initial") } else { None };
    }
    let near = osa(a.as_bytes(), b.as_bytes(), 3);
    let letters = near.filter(|n| *n <= 2);
    // Consonants alone make one of GRAHAM and KARIMI; the letters must be near as well.
    let ears = near.is_some_and(|n| n <= 2 || short.len() >= 5)
        && skeleton(a) == skeleton(b)
        && skeleton(a).len() >= 2;
    match (letters, ears) {
        (Some(1), true) => return found(0.95, "one letter differs"),
        (_, true) if same_shape(a, b) => return found(0.9, "same consonants"),
        (Some(1), false) if short.len() >= 6 => return found(0.9, "one letter differs"),
        (Some(1), false) if short.len() >= 4 => return found(0.8, "one letter differs"),
        (Some(2), true) => return found(0.85, "two letters differ"),
        (Some(2), false) if short.len() >= 7 => return found(0.75, "two letters differ"),
        (_, true) if short.len() >= 5 => return found(0.75, "same consonants"),
        _ => {}
    }
    if ending(short, long) {
        return found(0.85, "other ending");
    }
    None
}

/// Lengths that two spellings of one sound may have.
fn same_shape(a: &str, b: &str) -> bool {
    a.len().abs_diff(b.len()) <= 2 && a.len().min(b.len()) >= 4
}

/// Feminine and patronymic endings: IVANOV, IVANOVA; PETROVICH, PETROVNA.
fn ending(short: &str, long: &str) -> bool {
    const PAIRS: &[(&str, &str)] = &[
        ("", "A"),
        ("Y", "AIA"),
        ("I", "AIA"),
        ("IY", "AIA"),
        ("VICH", "VNA"),
        ("SKI", "SKA"),
        ("SKII", "SKAIA"),
    ];
    let split = |s: &'static str, l: &'static str| {
        let (a, b) = (short.strip_suffix(s), long.strip_suffix(l));
        matches!((a, b), (Some(a), Some(b)) if a == b && a.len() >= 5)
    };
    PAIRS.iter().any(|(s, l)| split(s, l) || split(l, s))
}

/// What an agreement of two tokens is worth, in nats.
pub fn worth(a: &str, b: &str, similarity: Similarity) -> f64 {
    information(a).min(information(b)) * similarity.share
}
