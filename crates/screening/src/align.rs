//! Names against names: words are paired, the best agreements first; what is left over is
//! tried as words written together and as words cut off, and then counts against.

use std::sync::Arc;

use names::{TokenKind, Word, compare};

use crate::{
    Feature,
    ledger::{About, Ledger, Words},
    weights::Weights,
};

/// Names of more words than this are looked at so far.
pub(crate) const MOST_WORDS: usize = 12;

/// What is said of names left over on both sides.
pub(crate) const CONTRADICTION: &str = "other names on either side";

/// Two names while they are paired.
struct Pairing<'n> {
    ours: &'n [Arc<Word>],
    theirs: &'n [&'n Word],
    weights: &'n Weights,
    /// Words that are used up.
    mine: Words,
    yours: Words,
    /// Words, not particles or initials, that agree.
    agreeing: u32,
    /// What they are worth together.
    sum: f32,
}

const fn bit(i: usize) -> Words {
    1 << i
}

/// Pairs two names and writes what it finds.
pub(crate) fn names(ours: &[Arc<Word>], theirs: &[&Word], weights: &Weights, ledger: &mut Ledger) {
    let ours = &ours[..ours.len().min(MOST_WORDS)];
    let theirs = &theirs[..theirs.len().min(MOST_WORDS)];
    let mut pairing = Pairing { ours, theirs, weights, mine: 0, yours: 0, agreeing: 0, sum: 0.0 };
    pairing.words(ledger);
    if pairing.words_left(ours.iter().map(Arc::as_ref), pairing.mine) > 0
        || pairing.words_left(theirs.iter().copied(), pairing.yours) > 0
    {
        pairing.joined(ledger);
        pairing.cut_off(ledger);
    }
    pairing.initials(ledger);
    pairing.dependence(ledger);
    pairing.left_over(ledger);
}

impl Pairing<'_> {
    /// Word by word.
    fn words(&mut self, ledger: &mut Ledger) {
        let mut pairs = [(0.0f32, 0u8, 0u8, ""); 48];
        let mut found = 0;
        for (i, a) in self.ours.iter().enumerate() {
            for (j, b) in self.theirs.iter().enumerate() {
                if a.kind == TokenKind::Initial && b.kind != TokenKind::Initial
                    || b.kind == TokenKind::Initial && a.kind != TokenKind::Initial
                {
                    continue;
                }
                if let Some(alike) = compare(a, b)
                    && found < pairs.len()
                {
                    let nats = worth(a, b, alike.share, self.weights);
                    pairs[found] = (nats, i as u8, j as u8, alike.relation);
                    found += 1;
                }
            }
        }
        let pairs = &mut pairs[..found];
        // Equals keep the order of the names.
        pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (nats, i, j, relation) in pairs {
            let (mine, yours) = (bit(usize::from(*i)), bit(usize::from(*j)));
            if self.mine & mine == 0 && self.yours & yours == 0 {
                let (a, b) = (&self.ours[usize::from(*i)], self.theirs[usize::from(*j)]);
                let words = if a.kind == TokenKind::Word { a.count().min(b.count()) } else { 0 };
                self.take(ledger, (mine, yours), relation, *nats, words);
            }
        }
    }

    fn take(
        &mut self,
        ledger: &mut Ledger,
        (mine, yours): (Words, Words),
        relation: &'static str,
        nats: f32,
        words: u32,
    ) {
        self.mine |= mine;
        self.yours |= yours;
        self.agreeing += words;
        self.sum += nats;
        ledger.write(Feature::Name, About::Names(mine, yours), relation, nats);
    }

    /// An initial, where the other side has a name that begins with it.
    fn initials(&mut self, ledger: &mut Ledger) {
        for i in 0..self.ours.len() {
            for j in 0..self.theirs.len() {
                if self.mine & bit(i) != 0 || self.yours & bit(j) != 0 {
                    continue;
                }
                let (a, b) = (&self.ours[i], self.theirs[j]);
                let one = (a.kind == TokenKind::Initial) != (b.kind == TokenKind::Initial);
                if one && a.text.as_bytes()[0] == b.text.as_bytes()[0] {
                    self.take(ledger, (bit(i), bit(j)), "initial", self.weights.initial, 0);
                }
            }
        }
    }

    /// One word here is two or three there, written together, or one with its particle.
    fn joined(&mut self, ledger: &mut Ledger) {
        for i in 0..self.ours.len() {
            if self.mine & bit(i) == 0
                && let Some(parts) = parts(&self.ours[i], self.theirs, self.yours)
            {
                let (nats, words) = self.worth_joined(self.theirs.iter().copied(), parts);
                self.take(ledger, (bit(i), parts), "written together", nats, words);
            }
        }
        let ours: Vec<&Word> = self.ours.iter().map(Arc::as_ref).collect();
        for j in 0..self.theirs.len() {
            if self.yours & bit(j) == 0
                && let Some(parts) = parts(self.theirs[j], &ours, self.mine)
            {
                let (nats, words) = self.worth_joined(ours.iter().copied(), parts);
                self.take(ledger, (parts, bit(j)), "written together", nats, words);
            }
        }
    }

    fn worth_joined<'w>(&self, all: impl Iterator<Item = &'w Word>, parts: Words) -> (f32, u32) {
        let (mut nats, mut words) = (0.0, 0);
        for (_, word) in all.enumerate().filter(|(k, _)| parts & bit(*k) != 0) {
            if word.kind == TokenKind::Word {
                nats += word.information * self.weights.joined;
                words += 1;
            } else {
                nats += self.weights.particle;
            }
        }
        (nats, words)
    }

    /// A word that is the beginning of a longer one: cut off where a field was full, or a
    /// list that has the shorter form of a compound name.
    fn cut_off(&mut self, ledger: &mut Ledger) {
        for i in 0..self.ours.len() {
            let a = &self.ours[i];
            if self.mine & bit(i) != 0 || a.text.len() < 4 || a.kind != TokenKind::Word {
                continue;
            }
            let begins = |j: &usize| {
                let b = &self.theirs[*j].text;
                b.len() > a.text.len() && b.starts_with(&*a.text)
                    || b.len() >= 6 && a.text.starts_with(&**b)
            };
            let free = (0..self.theirs.len()).filter(|j| self.yours & bit(*j) == 0);
            if let Some(j) = free.into_iter().find(begins) {
                let b = self.theirs[j];
                let (share, relation) = match (a.text.len(), b.text.len()) {
                    (4, _) => (0.8 * self.weights.cut_off, "cut off"),
                    (ours, theirs) if ours < theirs => (self.weights.cut_off, "cut off"),
                    _ => (0.8 * self.weights.cut_off, "begins the same"),
                };
                let nats = a.information.min(b.information) * share;
                self.take(ledger, (bit(i), bit(j)), relation, nats, 1);
            }
        }
    }

    fn words_left<'w>(&self, all: impl Iterator<Item = &'w Word>, used: Words) -> u32 {
        let free = |(k, w): (usize, &Word)| used & bit(k) == 0 && w.kind == TokenKind::Word;
        all.enumerate().filter(|(k, w)| free((*k, w))).count() as u32
    }

    /// Names of one family or culture go together: they are not all news.
    fn dependence(&self, ledger: &mut Ledger) {
        let w = self.weights;
        if self.sum > w.names_full {
            let damped = (w.names_beyond - 1.0) * (self.sum - w.names_full);
            let relation = "names that often go together";
            ledger.write(Feature::Redundancy, About::Other(0, 0), relation, damped);
        }
        let count = |all: &mut dyn Iterator<Item = &Word>| {
            all.filter(|w| w.kind == TokenKind::Word).map(Word::count).sum::<u32>()
        };
        let ours = count(&mut self.ours.iter().map(Arc::as_ref));
        let theirs = count(&mut self.theirs.iter().copied());
        if self.agreeing <= 1 && self.sum > 0.0 {
            // An initial beside the one name that agrees is half another.
            let initial = ledger.lines().iter().any(|l| l.relation == "initial");
            let (relation, nats) = if ours > 1 && theirs > 1 {
                ("only one name agrees", w.single_name)
            } else if initial {
                return;
            } else {
                ("one name is all there is", w.mononym)
            };
            ledger.write(Feature::Redundancy, About::Other(0, 0), relation, nats);
        }
    }

    fn left_over(&self, ledger: &mut Ledger) {
        let w = self.weights;
        let mine = self.words_left(self.ours.iter().map(Arc::as_ref), self.mine);
        let yours = self.words_left(self.theirs.iter().copied(), self.yours);
        let both = mine > 0 && yours > 0;
        let mut room = w.most_left_over;
        let ours = self.ours.iter().enumerate().filter(|(k, _)| self.mine & bit(*k) == 0);
        for (k, word) in ours.filter(|(_, w)| w.kind == TokenKind::Word) {
            let share = if both { w.contradicted_name } else { w.extra_name };
            let nats = (share * word.information).max(room);
            room -= nats;
            let about = About::Names(bit(k), 0);
            ledger.write(Feature::ExtraName, about, "not on the list", nats);
        }
        let theirs = self.theirs.iter().enumerate().filter(|(k, _)| self.yours & bit(*k) == 0);
        for (k, word) in theirs.filter(|(_, w)| w.kind == TokenKind::Word) {
            let share = if both { w.contradicting_name } else { w.omitted_name };
            let nats = (share * word.information).max(room);
            room -= nats;
            let about = About::Names(0, bit(k));
            ledger.write(Feature::MissingName, about, "not in the booking", nats);
        }
        if both {
            let about = About::Names(
                words_bits(self.ours.iter().map(Arc::as_ref)) & !self.mine,
                words_bits(self.theirs.iter().copied()) & !self.yours,
            );
            ledger.write(Feature::ExtraName, about, CONTRADICTION, w.contradiction);
        }
    }
}

/// Which of the words are names, not particles or initials.
fn words_bits<'w>(all: impl Iterator<Item = &'w Word>) -> Words {
    let names = all.enumerate().filter(|(_, w)| w.kind == TokenKind::Word);
    names.fold(0, |bits, (k, _)| bits | bit(k))
}

/// What two words are worth that agree so far.
pub(crate) fn worth(a: &Word, b: &Word, share: f32, weights: &Weights) -> f32 {
    match (a.kind, b.kind) {
        (TokenKind::Word, TokenKind::Word) => {
            let least = a.information.min(b.information);
            let power = weights.likeness_power;
            least * if power == 1.0 { share } else { share.powf(power) }
        }
        _ => weights.particle,
    }
}

/// Words of `several` that are not used and, written together in some order, make
/// `whole`, give or take a letter; or the one that `whole` is with an article before it.
fn parts(whole: &Word, several: &[&Word], used: Words) -> Option<Words> {
    let text = whole.text.as_bytes();
    if text.len() < 5 || whole.kind != TokenKind::Word {
        return None;
    }
    let free = |k: usize| used & bit(k) == 0 && several[k].text.len() > 1;
    for a in (0..several.len()).filter(|k| free(*k)) {
        let first = several[a].text.as_bytes();
        if first.len() >= 4
            && several[a].kind == TokenKind::Word
            && text.strip_suffix(first).is_some_and(|article| ARTICLES.contains(&article))
        {
            return Some(bit(a));
        }
        // What begins otherwise is not looked at: a slip in its first letter is left out.
        if first[0] != text[0] || first.len() >= text.len() {
            continue;
        }
        for b in (0..several.len()).filter(|k| *k != a && free(*k)) {
            if fits(text, &[first, several[b].text.as_bytes()]) {
                return Some(bit(a) | bit(b));
            }
            for c in (0..several.len()).filter(|k| *k != a && *k != b && free(*k)) {
                let parts = [first, several[b].text.as_bytes(), several[c].text.as_bytes()];
                if fits(text, &parts) {
                    return Some(bit(a) | bit(b) | bit(c));
                }
            }
        }
    }
    None
}

const ARTICLES: &[&[u8]] = &[b"AL", b"EL", b"UL", b"ABU", b"ABOU", b"BIN", b"BEN", b"IBN"];

/// So many letters may differ in words written together.
pub(crate) const fn slack(length: usize) -> usize {
    match length {
        0..8 => 0,
        8..12 => 1,
        _ => 2,
    }
}

fn fits(whole: &[u8], parts: &[&[u8]]) -> bool {
    let length: usize = parts.iter().map(|p| p.len()).sum();
    let slack = slack(whole.len());
    if length.abs_diff(whole.len()) > slack || length > 63 {
        return false;
    }
    let mut joined = [0u8; 64];
    let mut at = 0;
    for part in parts {
        joined[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    names::osa(&joined[..at], whole, slack).is_some()
}
