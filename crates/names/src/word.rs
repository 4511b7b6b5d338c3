//! A word of a name with everything worked out that comparing it needs.

use crate::{
    Token, TokenKind, frequency, information, skeleton, sound, tables,
    token::{ABD, with_article},
};

/// One word, ready to be compared ([`compare`](crate::compare)). `Debug` shows no name.
#[derive(Clone)]
pub struct Word {
    /// A–Z.
    pub text: Box<str>,
    /// What it is.
    pub kind: TokenKind,
    /// What an agreement on it is worth, in nats.
    pub information: f32,
    /// The word as it sounds.
    pub(crate) sound: Box<str>,
    /// Its consonants, four bits each; see [`skeleton`].
    pub(crate) skeleton: u64,
    /// Of the text.
    pub(crate) hash: u64,
    /// Which letters are in it, a bit each.
    letters: u32,
    /// Which letters are in its sound.
    sounds: u32,
    /// Its first four letters.
    pub(crate) head: u32,
    /// Whether it is a name that many bear, as it is written.
    pub(crate) common: bool,
    /// Groups of spellings that it is in.
    pub(crate) groups: &'static [u32],
    /// Hashes of the words that it is a short form of, or that are of it.
    pub(crate) short_forms: &'static [u64],
    /// The name in it, where more is written to it.
    pub(crate) stem: Option<Stem>,
}

/// The name in a word that has more written to it.
#[derive(Clone)]
pub(crate) enum Stem {
    /// X, of `ABDALX`.
    Served(Box<Word>),
    /// X, of `ALX`; or the word begins so by chance (`ALEXANDER`).
    Article(Box<Word>),
}

impl Stem {
    fn of(text: &str) -> Option<Self> {
        let plain = |text: &str| Box::new(Word::plain(Token::new(text)));
        // ABDALLAH is a name of its own, not a servant of LAH.
        match text.strip_prefix(ABD).filter(|name| name.len() >= 3 && *name != "LAH") {
            Some(name) => Some(Self::Served(plain(name))),
            None => with_article(text).map(|name| Self::Article(plain(name))),
        }
    }

    const fn word(&self) -> &Word {
        match self {
            Self::Served(word) | Self::Article(word) => word,
        }
    }
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Word").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Word {
    /// From folded text.
    pub fn new(text: &str) -> Self {
        Self::of(Token::new(text))
    }

    /// From a token.
    pub fn of(token: Token) -> Self {
        let stem = Stem::of(&token.text).filter(|_| token.kind == TokenKind::Word);
        Self { stem, ..Self::plain(token) }
    }

    fn plain(token: Token) -> Self {
        let sound = sound(&token.text);
        let hash = hash(token.text.as_bytes());
        let packed = skeleton(&token.text).bytes().take(16).fold(0, |s, b| (s << 4) | code(b));
        let head = token.text.bytes().take(4).fold(0, |h, b| (h << 8) | u32::from(b));
        Self {
            kind: token.kind,
            information: information(&token.text),
            letters: letters(&token.text),
            sounds: letters(&sound),
            sound: sound.into(),
            skeleton: packed,
            hash,
            head,
            common: frequency::is_common(&token.text),
            groups: tables::groups(&token.text),
            short_forms: tables::short_forms(hash),
            text: token.text.into(),
            stem: None,
        }
    }

    /// How many consonants are in its skeleton.
    pub(crate) const fn consonants(&self) -> u32 {
        (67 - self.skeleton.leading_zeros()) / 4
    }

    /// Whether it was written in a script that leaves vowels out.
    pub(crate) const fn is_without_vowels(&self) -> bool {
        const VOWELS: u32 = 1 << 1 | 1 << 5 | 1 << 9 | 1 << 15 | 1 << 21;
        self.letters & VOWELS == 0 && self.text.len() >= 3
    }

    /// How many words it is: `ABD AL X` is joined to one of two.
    pub fn count(&self) -> u32 {
        1 + u32::from(matches!(self.stem, Some(Stem::Served(_))))
    }

    /// Whether the words can be near at all: three edits change no more letters than six.
    pub(crate) fn may_be_near(&self, other: &Self) -> bool {
        (self.skeleton == other.skeleton && self.consonants() >= 2)
            || (self.letters ^ other.letters).count_ones() <= 4
                && self.text.len().abs_diff(other.text.len()) <= 2
            || (self.sounds ^ other.sounds).count_ones() <= 4
                && self.sound.len().abs_diff(other.sound.len()) <= 2
    }

    /// Keys under which an index finds this word and those that are near: the word, the
    /// word without each of its letters, its sound so too, its consonants, and its groups
    /// of spellings. Two words that [`compare`](crate::compare) finds near share one,
    /// but for the few that two edits part and no consonants join.
    pub fn keys(&self, out: &mut Vec<u64>) {
        out.clear();
        self.own_keys(out);
        if let Some(stem) = &self.stem {
            stem.word().own_keys(out);
        }
        out.sort_unstable();
        out.dedup();
    }

    fn own_keys(&self, out: &mut Vec<u64>) {
        deletions(self.text.as_bytes(), out);
        if *self.sound != *self.text {
            deletions(self.sound.as_bytes(), out);
        }
        if self.consonants() >= 2 {
            out.push(mix(self.skeleton ^ 0x5CE1_E701));
        }
        out.extend(self.groups.iter().map(|g| mix(u64::from(*g) ^ 0x6_0000_0000)));
        out.extend(self.short_forms.iter().copied());
    }

    /// What tells most words apart from it.
    pub fn sketch(&self) -> Sketch {
        Sketch {
            letters: self.letters,
            sounds: self.sounds,
            head: self.head,
            length: self.text.len().min(255) as u8,
            heard: self.sound.len().min(255) as u8,
            is_plain: self.stem.is_none(),
        }
    }

    /// A hash of the text.
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// Its first four letters, the first uppermost; fewer where it has fewer.
    pub const fn head(&self) -> u32 {
        self.head
    }
}

/// A few numbers of a word that tell it apart from most others.
#[derive(Clone, Copy)]
pub struct Sketch {
    letters: u32,
    sounds: u32,
    /// See [`Word::head`].
    pub head: u32,
    /// Letters, at most 255.
    pub length: u8,
    heard: u8,
    is_plain: bool,
}

impl Sketch {
    /// Whether [`compare`](crate::compare) may find two words alike that share none of their
    /// [keys](Word::keys). It does so seldom: what differs by one letter, of the text or of
    /// the sound, shares one, and so does what has the same consonants.
    pub const fn may_be_alike_without_a_key(&self, other: &Self) -> bool {
        let letters = (self.letters ^ other.letters).count_ones() <= 4
            && self.length.abs_diff(other.length) <= 2
            && self.length >= 6
            && other.length >= 6;
        let sounds = (self.sounds ^ other.sounds).count_ones() <= 4
            && self.heard.abs_diff(other.heard) <= 2
            && self.heard >= 8
            && other.heard >= 8;
        letters || sounds || self.head == other.head || !self.is_plain || !other.is_plain
    }
}

/// The word, and the word without each of its letters.
fn deletions(word: &[u8], out: &mut Vec<u64>) {
    let word = &word[..word.len().min(32)];
    out.push(hash(word));
    if word.len() < 3 {
        return;
    }
    for skip in 0..word.len() {
        if skip == 0 || word[skip] != word[skip - 1] {
            let left = word[..skip].iter().chain(&word[skip + 1..]);
            out.push(left.fold(SEED, |h, b| step(h, *b)));
        }
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

const fn step(h: u64, b: u8) -> u64 {
    let h = (h ^ b as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    h ^ (h >> 29)
}

/// A hash of a folded word, as [`Word::hash`] has it.
pub fn hash_of(text: &str) -> u64 {
    hash(text.as_bytes())
}

/// Of the bytes, one after the other.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(SEED, |h, b| step(h, *b))
}

const fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 30)
}

fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |set, b| set | 1 << (b & 31))
}

/// A consonant of a skeleton in four bits; never 0.
const fn code(b: u8) -> u64 {
    match b {
        b'A' => 1,
        b'F' => 2,
        b'H' => 3,
        b'J' => 4,
        b'K' => 5,
        b'L' => 6,
        b'M' => 7,
        b'N' => 8,
        b'P' => 9,
        b'R' => 10,
        b'S' => 11,
        _ => 12,
    }
}

/// The words of a name in any writing, without titles.
///
/// ```
/// let words = names::words("Dr. Ayman al-Zawahiri");
/// let texts: Vec<&str> = words.iter().map(|w| &*w.text).collect();
/// assert_eq!(texts, ["AYMAN", "AL", "ZAWAHIRI"]);
/// ```
pub fn words(name: &str) -> Vec<Word> {
    crate::tokens(name).into_iter().map(Word::of).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compare;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn alike_words_share_a_key_or_their_sketches_say_so(
            word in "[AEIOUKSHMRTLNDYWZ]{3,11}",
            slips in proptest::collection::vec((any::<prop::sample::Index>(), "[AEIOUKSHMRT]?"), 1..4),
        ) {
            let mut other = word.clone();
            for (at, letter) in slips {
                let at = at.index(other.len());
                other.replace_range(at..at + 1, &letter);
                if other.len() < 3 {
                    break;
                }
            }
            let (a, b) = (Word::new(&word), Word::new(&other));
            let both = a.kind == TokenKind::Word && b.kind == TokenKind::Word;
            if both && compare(&a, &b).is_some() {
                let (mut ours, mut theirs) = (Vec::new(), Vec::new());
                a.keys(&mut ours);
                b.keys(&mut theirs);
                let share = ours.iter().any(|key| theirs.contains(key));
                let sketches = a.sketch().may_be_alike_without_a_key(&b.sketch());
                prop_assert!(share || sketches, "{word} {other}");
            }
        }
    }
}
