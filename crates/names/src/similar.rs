//! How alike two words are, and how that is said.
//!
//! Everything that one word's comparisons need is worked out once, when the word is made
//! ([`Word::new`]); two words are then told apart by a few whole numbers in nearly all
//! cases, and only what may be alike is aligned letter by letter.

use crate::{Word, osa, tables, word::Stem};

/// How two words stand to each other.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Similarity {
    /// From 0 to 1: the share of the word's information that agrees.
    pub share: f32,
    /// In words.
    pub relation: &'static str,
}

/// The consonants of a word, those that are confused between romanisations made one,
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
        let third = b.get(i + 2).copied().unwrap_or(0);
        let (letter, taken) = match (b[i], next) {
            (b'S', b'C') if third == b'H' => (b'S', 3),
            (b'T', b'C') if third == b'H' => (b'S', 3),
            (b'T', b'S') if third == b'C' => (b'S', 3),
            (b'S', b'H' | b'Z') | (b'C' | b'Z', b'H') | (b'C' | b'T', b'S' | b'Z') => (b'S', 2),
            (b'K' | b'G' | b'Q', b'H') => (b'K', 2),
            (b'C', b'K') => (b'K', 2),
            (b'T' | b'D', b'H') => (b'T', 2),
            (b'P', b'H') => (b'F', 2),
            (b'D', b'Z' | b'J') => (b'J', 2),
            (b'X', _) if i == 0 => (b'S', 1),
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

/// A word as it sounds: spellings that languages use for one sound are made one, vowels
/// kept. Two romanisations of one name are equal here, or nearly.
///
/// ```
/// assert_eq!(names::sound("VIQTOR"), names::sound("VICTOR"));
/// assert_eq!(names::sound("CHOUKRI"), names::sound("SHUKRI"));
/// assert_eq!(names::sound("WLADIMIR"), names::sound("VLADIMIR"));
/// ```
pub fn sound(word: &str) -> String {
    let b = word.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(b.len());
    let mut i = 0;
    while i < b.len() {
        let rest = &b[i..];
        let rule = SOUNDS
            .iter()
            .find(|(from, _, at)| at.fits(i, rest.len(), from) && rest.starts_with(from));
        let (to, taken): (&[u8], usize) = match rule {
            Some((from, to, _)) => (to, from.len()),
            None => (&rest[..1], 1),
        };
        for letter in to {
            if out.last() != Some(letter) {
                out.push(*letter);
            }
        }
        i += taken;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Where in a word a rule of [`SOUNDS`] holds.
#[derive(Clone, Copy)]
enum At {
    Start,
    End,
    Anywhere,
}

impl At {
    const fn fits(self, at: usize, left: usize, from: &[u8]) -> bool {
        match self {
            At::Start => at == 0,
            At::End => left == from.len() && at > 1,
            At::Anywhere => true,
        }
    }
}

type Rule = (&'static [u8], &'static [u8], At);

/// Spellings of one sound, the longest first. French, English, German, Spanish and
/// Slavic ways to write Arabic, Persian, Cyrillic and Chinese names, side by side.
const SOUNDS: &[Rule] = {
    use At::{Anywhere, End, Start};
    &[
        (b"SHCH", b"C", Anywhere),
        (b"TSCH", b"C", Anywhere),
        (b"OUGH", b"U", Anywhere),
        (b"IYY", b"I", Anywhere),
        (b"EFF", b"EF", End),
        (b"OFF", b"OF", End),
        (b"IEV", b"EF", End),
        (b"YEV", b"EF", End),
        (b"SCH", b"C", Anywhere),
        (b"TCH", b"C", Anywhere),
        (b"OUE", b"UE", Anywhere),
        (b"OUI", b"UI", Anywhere),
        (b"EAU", b"O", Anywhere),
        (b"AOU", b"AU", Anywhere),
        (b"SKY", b"SKI", End),
        (b"OU", b"U", Anywhere),
        (b"OO", b"U", Anywhere),
        (b"OE", b"O", Anywhere),
        (b"UE", b"U", Anywhere),
        (b"AE", b"A", Anywhere),
        (b"AA", b"A", Anywhere),
        (b"EE", b"I", Anywhere),
        (b"EA", b"IA", Anywhere),
        (b"IE", b"I", Anywhere),
        (b"YE", b"E", Start),
        (b"YI", b"I", Start),
        (b"EI", b"I", Anywhere),
        (b"EY", b"I", Anywhere),
        (b"IY", b"I", Anywhere),
        (b"YY", b"I", Anywhere),
        (b"IJ", b"I", End),
        (b"IA", b"IA", Anywhere),
        (b"CH", b"C", Anywhere),
        (b"SH", b"C", Anywhere),
        (b"ZH", b"J", Anywhere),
        (b"DJ", b"J", Anywhere),
        (b"DZ", b"J", Anywhere),
        (b"KH", b"H", Anywhere),
        (b"GH", b"G", Anywhere),
        (b"DH", b"D", Anywhere),
        (b"TH", b"T", Anywhere),
        (b"PH", b"F", Anywhere),
        (b"CK", b"K", Anywhere),
        (b"QU", b"K", Anywhere),
        (b"TS", b"S", Anywhere),
        (b"TZ", b"S", Anywhere),
        (b"CZ", b"C", Anywhere),
        (b"SZ", b"C", Anywhere),
        (b"CE", b"SE", Anywhere),
        (b"CI", b"SI", Anywhere),
        (b"AH", b"A", End),
        (b"EH", b"A", End),
        (b"E", b"", End),
        (b"C", b"K", Anywhere),
        (b"Q", b"K", Anywhere),
        (b"X", b"KS", Anywhere),
        (b"W", b"V", Start),
        (b"V", b"F", End),
        (b"W", b"V", Anywhere),
        (b"Y", b"I", Anywhere),
        (b"Z", b"S", Anywhere),
        (b"O", b"U", Anywhere),
        (b"E", b"I", Anywhere),
    ]
};

/// Compares two words; `None` when they are two different names.
///
/// ```
/// use names::{Word, compare};
/// let said = |a: &str, b: &str| compare(&Word::new(a), &Word::new(b)).map(|s| s.relation);
/// assert!(said("GRAHAM", "KARIMI").is_none());
/// assert!(said("HARRIS", "REZA").is_none());
/// assert_eq!(said("ALEKSEY", "ALEXEI"), Some("same name, other spelling"));
/// assert_eq!(said("AYMAN", "AYMN"), Some("one letter differs"));
/// let share = |a: &str, b: &str| compare(&Word::new(a), &Word::new(b)).map_or(0.0, |s| s.share);
/// assert!(share("QASIM", "QASIR") < share("QASIM", "QASIN"), "two names are no slip");
/// assert_eq!(said("WILLIAM", "BILL"), Some("short form"));
/// assert_eq!(said("ALTIKRITI", "TIKRITI"), Some("with its article"));
/// assert_ne!(said("ELMIRA", "MIRA"), Some("with its article"));
/// ```
pub fn compare(a: &Word, b: &Word) -> Option<Similarity> {
    if a.hash == b.hash && a.text == b.text {
        return found(1.0, "same");
    }
    let (short, long) = if a.text.len() <= b.text.len() { (a, b) } else { (b, a) };
    if short.text.len() == 1 {
        return if long.text.starts_with(&*short.text) { found(0.45, "initial") } else { None };
    }
    // An article and a name that looks like it are two things.
    if a.kind != b.kind {
        return None;
    }
    match (&a.stem, &b.stem) {
        // Two that serve: what they serve is what tells them apart.
        (Some(Stem::Served(x)), Some(Stem::Served(y))) => return alike(x, y),
        (None, None) => return alike(a, b),
        _ => {}
    }
    // Two with articles, and what only begins so, are told apart as they are written.
    let whole = alike(a, b);
    if whole.is_some_and(|s| s.share >= 0.8) {
        return whole;
    }
    let part = match (&a.stem, &b.stem) {
        (Some(Stem::Served(x)), _) => of_the_stem(x, b, 0.8, "part of a compound name"),
        (_, Some(Stem::Served(y))) => of_the_stem(y, a, 0.8, "part of a compound name"),
        (Some(Stem::Article(x)), _) => of_the_stem(x, b, 0.96, "with its article"),
        (_, Some(Stem::Article(y))) => of_the_stem(y, a, 0.96, "with its article"),
        _ => None,
    };
    part.filter(|p| whole.is_none_or(|w| w.share < p.share)).or(whole)
}

/// What is left of a likeness to the name in a word that has more written to it.
fn of_the_stem(
    stem: &Word,
    other: &Word,
    share: f32,
    relation: &'static str,
) -> Option<Similarity> {
    if stem.text == other.text {
        return found(share, relation);
    }
    let likeness = alike(stem, other).filter(|s| s.share >= 0.8)?.share;
    found(share * likeness, relation)
}

/// Compares two different words as they are written.
fn alike(a: &Word, b: &Word) -> Option<Similarity> {
    if a.hash == b.hash && a.text == b.text {
        return found(1.0, "same");
    }
    let (short, long) = if a.text.len() <= b.text.len() { (a, b) } else { (b, a) };
    if tables::share_a_group(a.groups, b.groups) {
        // Syllables are written alike in many languages.
        let share = if short.text.len() <= 3 { 0.7 } else { 0.95 };
        return found(share, "same name, other spelling");
    }
    let alike = if a.may_be_near(b) { near(short, long) } else { None };
    if alike.is_some_and(|s| s.share >= 0.8) {
        return alike;
    }
    if a.head == b.head && ending(&short.text, &long.text) {
        return found(0.87, "other ending");
    }
    if !a.short_forms.is_empty() && a.short_forms.contains(&b.hash) {
        return found(0.8, "short form");
    }
    alike
}

const fn found(share: f32, relation: &'static str) -> Option<Similarity> {
    Some(Similarity { share, relation })
}

/// What is left of a likeness of letters between two names of their own.
const NAMES_OF_THEIR_OWN: f32 = 0.8;

/// Words whose letters or sounds are near.
fn near(short: &Word, long: &Word) -> Option<Similarity> {
    const OTHER: &str = "same name, other spelling";
    let (a, b) = (short.sound.as_bytes(), long.sound.as_bytes());
    let length = short.text.len();
    let consonants = short.consonants();
    let ears = short.skeleton == long.skeleton && consonants >= 2;
    // Two spellings of one sound differ by no letter that is heard.
    if a == b {
        return match length {
            4.. => found(0.95, OTHER),
            3 => found(0.85, OTHER),
            _ => found(0.6, OTHER),
        };
    }
    if ears && (short.is_without_vowels() || long.is_without_vowels()) && bare(short).eq(bare(long))
    {
        return found(0.85, "same consonants, vowels not written");
    }
    let letters = osa(short.text.as_bytes(), long.text.as_bytes(), 2);
    let sounds = osa(a, b, if ears { 3 } else { 2 });
    let heard = a.len().min(b.len());
    if ears {
        return match (letters, sounds, consonants) {
            (Some(1), _, 3..) => found(0.95, "one letter differs"),
            (Some(1), _, _) => found(0.88, "one letter differs"),
            (_, Some(1), 3..) => found(0.92, "same consonants"),
            (_, Some(1), _) if heard >= 4 => found(0.84, "same consonants"),
            (_, Some(1), _) => found(0.7, "same consonants"),
            (Some(2), _, 4..) | (_, Some(2), 4..) => found(0.87, "same consonants"),
            (Some(2), _, 3) | (_, Some(2), 3) if heard >= 5 => found(0.8, "same consonants"),
            (Some(2), _, 3) | (_, Some(2), 3) => found(0.66, "same consonants"),
            (Some(2), _, _) | (_, Some(2), _) => found(0.5, "same consonants"),
            (_, Some(3), 4..) => found(0.78, "same consonants"),
            (_, Some(3), 3) => found(0.55, "same consonants"),
            _ => None,
        };
    }
    // The first letter is the one that is least often wrong; and where both are names that many
    // bear (QASIM, QASIR), it is seldom that the one was meant by the other.
    let own = if short.common && long.common { NAMES_OF_THEIR_OWN } else { 1.0 };
    let first = own * if a[0] == b[0] { 1.0 } else { 0.85 };
    match (letters, sounds) {
        (Some(1), _) => match length {
            7.. => found(0.92 * first, "one letter differs"),
            6 => found(0.89 * first, "one letter differs"),
            5 => found(0.82 * first, "one letter differs"),
            4 => found(0.72 * first, "one letter differs"),
            3 => found(0.45 * first, "one letter differs"),
            _ => None,
        },
        (_, Some(1)) => match heard {
            7.. => found(0.86 * first, "sounds alike"),
            6 => found(0.8 * first, "sounds alike"),
            5 => found(0.7 * first, "sounds alike"),
            4 => found(0.5 * first, "sounds alike"),
            _ => None,
        },
        (Some(2), _) => match length {
            9.. => found(0.8 * first, "two letters differ"),
            8 => found(0.74 * first, "two letters differ"),
            7 => found(0.62 * first, "two letters differ"),
            6 => found(0.45 * first, "two letters differ"),
            _ => None,
        },
        (_, Some(2)) if heard >= 8 => found(0.62 * first, "sounds alike"),
        _ => None,
    }
}

/// What scripts without vowels write of a word, doubles once.
fn bare(word: &Word) -> impl Iterator<Item = u8> + '_ {
    let mut last = 0;
    word.text.bytes().filter(move |b| {
        let written = !b"AEIOUWY".contains(b) && *b != last;
        last = *b;
        written
    })
}

/// Feminine and patronymic endings: IVANOV, IVANOVA; PETROVICH, PETROVNA.
fn ending(short: &str, long: &str) -> bool {
    const PAIRS: &[(&str, &str)] = &[
        ("", "A"),
        ("Y", "AIA"),
        ("I", "AIA"),
        ("IY", "AIA"),
        ("Y", "AYA"),
        ("I", "AYA"),
        ("IY", "AYA"),
        ("ICH", "NA"),
        ("VICH", "VNA"),
        ("SKI", "SKA"),
        ("SKII", "SKAIA"),
    ];
    let split = |s: &'static str, l: &'static str| {
        let (a, b) = (short.strip_suffix(s), long.strip_suffix(l));
        matches!((a, b), (Some(a), Some(b)) if a == b && a.len() >= 4)
    };
    PAIRS.iter().any(|(s, l)| split(s, l) || split(l, s))
}
