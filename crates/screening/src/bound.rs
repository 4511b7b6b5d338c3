//! The most that a traveller's name can come to beside an entry's, told fast.
//!
//! Of the persons who gather enough to be looked at, nearly all come to nothing: one word
//! agrees and the rest does not. [`most`] pairs each of the traveller's words with the best
//! of the entry's, from what was found for the word, and writes no ledger. It adds what
//! [`align`](crate::align) might find in what is left over, and takes off what `align` is
//! sure to. No name comes to more; that a word may be several written together it leaves to
//! `align` to find out.

use names::{TokenKind, compare};

use crate::{
    Index,
    align::{self, MOST_WORDS},
    index::Brief,
    room::{Known, Memory, Notes, Pairs},
    weights::Weights,
};

/// Lines of a ledger are rounded; all of a name together by no more than this.
const ROUNDED: f32 = 0.2;

/// The words of one side, and which of them are what, a bit each.
struct Side<'w> {
    words: &'w [Brief],
    /// Those that have a partner as good as any.
    taken: u16,
    /// Those that could have one.
    wanted: u16,
}

impl<'w> Side<'w> {
    const fn of(words: &'w [Brief]) -> Self {
        Self { words, taken: 0, wanted: 0 }
    }

    /// The words without a bit.
    fn without(&self, bits: u16) -> impl Iterator<Item = (usize, Brief)> {
        let words = self.words.iter().copied().enumerate();
        words.filter(move |(i, _)| bits >> i & 1 == 0)
    }
}

/// A traveller's name, ready to be held against many.
pub(crate) struct Ours<'r> {
    words: Vec<(u32, &'r Known)>,
    briefs: Vec<Brief>,
    /// Whether it is one ([`names::is_byname`]).
    is_byname: bool,
}

impl<'r> Ours<'r> {
    /// Of the numbers of its words.
    pub fn of(numbers: &[u32], memory: &'r Memory) -> Self {
        let known = numbers.iter().map(|n| (*n, memory.known(*n)));
        let mut words: Vec<(u32, &Known)> = known.collect();
        let is_byname = names::is_byname_of(words.iter().map(|(_, known)| &*known.word));
        words.truncate(MOST_WORDS);
        let briefs = words.iter().map(|(_, known)| known.brief).collect();
        Self { words, briefs, is_byname }
    }
}

/// What a name of the index, given by the numbers of its words and their briefs, can come to
/// at most; infinite where only [`align`](crate::align) can tell.
pub(crate) fn most(
    ours: &Ours<'_>,
    (theirs, briefs): (&[u32], &[Brief]),
    asked: &mut Asked<'_>,
) -> f32 {
    let weights = &asked.index.weights;
    let count = theirs.len().min(MOST_WORDS);
    let (theirs, briefs) = (&theirs[..count], &briefs[..count]);
    if theirs.is_empty() || ours.words.is_empty() {
        return 0.0;
    }
    let (mut mine, mut yours) = (Side::of(&ours.briefs), Side::of(briefs));
    let (mut sum, mut conflict) = (0.0, false);
    for (i, (number, known)) in ours.words.iter().enumerate() {
        let mut best = (0.0f32, 0);
        for (j, (id, brief)) in theirs.iter().zip(yours.words).enumerate() {
            let worth = asked.worth((*number, known), (*id, *brief));
            if worth > 0.0 {
                mine.wanted |= 1 << i;
                yours.wanted |= 1 << j;
            }
            if worth > best.0 {
                best = (worth, j);
            }
        }
        if best.0 > 0.0 {
            sum += best.0;
            let partner = 1 << best.1;
            conflict |= yours.taken & partner != 0;
            yours.taken |= partner;
            // Of two that want the same, either may be left over.
            mine.taken |= if conflict { 0 } else { 1 << i };
        }
    }
    if sum > weights.names_full {
        sum += (weights.names_beyond - 1.0) * (sum - weights.names_full);
    }
    if conflict {
        // Who is left over is told by the order in which `align` pairs.
        (mine.taken, yours.taken) = (0, 0);
    } else {
        (mine.wanted, yours.wanted) = (mine.taken, yours.taken);
    }
    let Some((gain, hopeful)) = gain(&mine, &yours, weights) else { return f32::INFINITY };
    let mut left = left_over(&mine, &yours, hopeful, weights);
    if ours.is_byname {
        left = left.max(weights.byname);
    }
    sum + gain + left + ROUNDED
}

/// What the words of a name must be worth together, at the least, for the name to come to
/// `nats`.
pub(crate) fn enough(nats: f32, weights: &Weights) -> f32 {
    let nats = nats - ROUNDED;
    nats.max(weights.names_full + (nats - weights.names_full) / weights.names_beyond)
}

/// Who is asked what two words are worth.
pub(crate) struct Asked<'r> {
    pub index: &'r Index,
    /// What was found for the traveller's words.
    pub notes: &'r Notes,
    pub pairs: &'r mut Pairs,
}

impl Asked<'_> {
    /// What two words are worth to each other; not above zero where they are two names.
    fn worth(&mut self, (number, ours): (u32, &Known), (id, theirs): (u32, Brief)) -> f32 {
        if let Some(worth) = self.notes.worth(number, id) {
            return worth;
        }
        let kinds = (ours.brief.kind, theirs.kind);
        // Whatever is near was found, but for the few that have no key in common.
        if kinds == (TokenKind::Word, TokenKind::Word)
            && !ours.brief.sketch.may_be_alike_without_a_key(&theirs.sketch)
        {
            return 0.0;
        }
        let index = self.index;
        self.pairs.worth(number, id, || {
            if (kinds.0 == TokenKind::Initial) != (kinds.1 == TokenKind::Initial) {
                return 0.0;
            }
            let other = index.word(id);
            let alike = compare(&ours.word, other);
            alike.map_or(0.0, |a| align::worth(&ours.word, other, a.share, &index.weights))
        })
    }
}

/// What words that are not taken may be worth as initials or cut off, and which of either
/// side those are; `None` where several could be one, written together.
fn gain(mine: &Side<'_>, yours: &Side<'_>, weights: &Weights) -> Option<(f32, (u16, u16))> {
    let (mut sum, mut hopeful) = (0.0, (0u16, 0u16));
    for (i, a) in mine.without(mine.taken) {
        let mut most = 0.0f32;
        for (j, b) in yours.without(yours.taken) {
            let one_initial = (a.kind == TokenKind::Initial) != (b.kind == TokenKind::Initial);
            let cut = a.length() >= 4 && b.length() >= 4 && a.head() == b.head();
            let nats = match () {
                () if one_initial && a.first() == b.first() => weights.initial,
                () if !one_initial && cut => a.information.min(b.information) * weights.cut_off,
                () => continue,
            };
            most = most.max(nats);
            hopeful = (hopeful.0 | 1 << i, hopeful.1 | 1 << j);
        }
        sum += most;
    }
    let joined = |some: &Side<'_>, others: &Side<'_>| {
        some.without(some.taken).any(|(_, whole)| may_be_several(whole, others))
    };
    (!joined(mine, yours) && !joined(yours, mine)).then_some((sum, hopeful))
}

/// Whether a word could be several of the others written together, or one with an article.
fn may_be_several(whole: Brief, others: &Side<'_>) -> bool {
    if whole.kind != TokenKind::Word || whole.length() < 5 {
        return false;
    }
    let slack = align::slack(usize::from(whole.length())) as u8;
    let free = || others.without(others.taken).filter(|(_, b)| b.length() > 1);
    free().any(|(i, first)| {
        if first.length() >= whole.length() {
            return false;
        }
        if first.length() >= 4 && first.tail == whole.tail {
            return true;
        }
        // What is not exactly as long must still begin with the same letter.
        let letters = u32::from(first.length().min(4));
        let begins = match slack {
            0 => whole.head() >> (8 * (4 - letters)) == first.head(),
            _ => whole.first() == first.first(),
        };
        let fits = |length: u8| length.abs_diff(whole.length() - first.length()) <= slack;
        begins
            && free().filter(|(j, _)| *j != i).any(|(j, second)| {
                fits(second.length())
                    || free().any(|(k, third)| {
                        k != i && k != j && fits(second.length().saturating_add(third.length()))
                    })
            })
    })
}

/// What is sure to be left over counts against, as `align` has it at the least.
fn left_over(mine: &Side<'_>, yours: &Side<'_>, hopeful: (u16, u16), weights: &Weights) -> f32 {
    let words = |side: &Side<'_>, hopeful: u16| {
        let left = side.without(side.wanted | hopeful);
        let words = left.filter(|(_, b)| b.kind == TokenKind::Word);
        words.fold((false, 0.0), |(_, sum), (_, b)| (true, sum + b.information))
    };
    let ((more, ours), (fewer, theirs)) = (words(mine, hopeful.0), words(yours, hopeful.1));
    let extra = weights.contradicted_name.max(weights.extra_name);
    let omitted = weights.contradicting_name.max(weights.omitted_name);
    let once = match more && fewer {
        true => weights.contradiction.max(weights.contradiction + weights.contradiction_same_birth),
        false => 0.0,
    };
    (extra * ours + omitted * theirs).max(weights.most_left_over) + once
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use travel::Traveller;

    use super::*;
    use crate::{Alias, AliasQuality, Candidate, Entry, Watchlist, room::Room};

    /// Names of few and similar words, so that many agree in part.
    fn name() -> impl Strategy<Value = String> {
        const WORDS: &[&str] = &[
            "AHMED",
            "AHMAD",
            "MUHAMMAD",
            "MOHAMED",
            "ALHASSAN",
            "HASSAN",
            "ABDUL",
            "RAHMAN",
            "ABDULRAHMAN",
            "AL",
            "BIN",
            "A",
            "MARIA",
            "MARIANA",
            "IVANOV",
            "IVANOVA",
            "IVANOVICH",
            "HAJIZADEH",
            "HAJI",
            "ZADEH",
            "KARIMI",
            "KARIM",
            "LEE",
            "LI",
            "SONG",
            "IL",
            "NAM",
        ];
        proptest::collection::vec(proptest::sample::select(WORDS), 1..6)
            .prop_map(|words| words.join(" "))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_name_comes_to_more_than_its_bound(ours in name(), theirs in name()) {
            let traveller = Traveller { given: ours.into(), ..Traveller::default() };
            let names = vec![Alias { text: theirs, quality: AliasQuality::Primary }];
            let entry = Entry { id: "1".into(), names, ..Entry::default() };
            let list = Watchlist { name: "l".into(), version: "1".into(), entries: vec![entry] };
            let index = Index::build(vec![list]);
            let mut room = Room::new(&index);
            let (candidate, numbers) = Candidate::remembered(&traveller, &mut room.memory);
            room.look_up_all(&numbers, &index);
            let ours = Ours::of(&numbers, &room.memory);
            let (notes, pairs) = (&room.notes, &mut room.pairs);
            let mut asked = Asked { index: &index, notes, pairs };
            for (name, _) in index.names_of(0) {
                let briefs: Vec<Brief> = name.iter().map(|id| index.brief(*id)).collect();
                let most = most(&ours, (name, &briefs), &mut asked);
                let score = index.score(&candidate, 0);
                prop_assert!(f64::from(most) >= score, "{most} is below {score}");
            }
        }
    }
}
