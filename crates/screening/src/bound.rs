//! The most that a traveller's name can come to beside an entry's, told fast.
//!
//! Of the persons who gather enough to be looked at, nearly all come to nothing: one word
//! agrees and the rest does not. [`most`] pairs words as [`align`](crate::align) does,
//! from what is remembered of pairs, and writes no ledger. Where no two words want the
//! same partner and nothing is left that could be words written together, cut off or
//! initials, that is the very sum that `align` comes to; everywhere else it says so, and
//! `align` decides.

use names::{TokenKind, Word, compare};

use crate::{
    Index,
    align::{self, MOST_WORDS},
    index::Brief,
    room::{Known, Pairs},
    weights::Weights,
};

/// Lines of a ledger are rounded; all of a name together by no more than this.
const ROUNDED: f32 = 0.2;

/// What the name `theirs` of the index can come to at most; infinite where only
/// [`align`](crate::align) can tell.
pub(crate) fn most(
    ours: &[(u32, &Known)],
    theirs: &[u32],
    index: &Index,
    pairs: &mut Pairs,
) -> f32 {
    let theirs = &theirs[..theirs.len().min(MOST_WORDS)];
    let weights = &index.weights;
    let mut taken = 0u16;
    let mut sum = 0.0;
    let mut free: [Option<Brief>; MOST_WORDS] = [None; MOST_WORDS];
    let mut briefs: [Option<Brief>; MOST_WORDS] = [None; MOST_WORDS];
    for (brief, id) in briefs.iter_mut().zip(theirs) {
        *brief = Some(index.brief(*id));
    }
    for (i, (number, known)) in ours.iter().enumerate() {
        let mut best = (0.0f32, usize::MAX);
        for (j, (id, brief)) in theirs.iter().zip(briefs.iter().flatten()).enumerate() {
            let worth = pairs.worth(*number, *id, || {
                worth(&known.word, known.brief, index.word(*id), *brief, weights)
            });
            if worth > best.0 {
                best = (worth, j);
            }
        }
        match best {
            (_, usize::MAX) => free[i] = Some(known.brief),
            (_, j) if taken >> j & 1 == 1 => return f32::INFINITY,
            (worth, j) => {
                taken |= 1 << j;
                sum += worth;
            }
        }
    }
    for (j, brief) in briefs.iter_mut().enumerate() {
        if taken >> j & 1 == 1 {
            *brief = None;
        }
    }
    if may_be_more(&free, &briefs) || may_be_more(&briefs, &free) {
        return f32::INFINITY;
    }
    if sum > weights.names_full {
        sum += (weights.names_beyond - 1.0) * (sum - weights.names_full);
    }
    sum + left_over(&free, &briefs, weights) + ROUNDED
}

/// What two words are worth to each other; not above zero where they are two names.
fn worth(a: &Word, ours: Brief, b: &Word, theirs: Brief, weights: &Weights) -> f32 {
    if (ours.kind == TokenKind::Initial) != (theirs.kind == TokenKind::Initial) {
        return 0.0;
    }
    compare(a, b).map_or(0.0, |alike| align::worth(a, b, alike.share, weights))
}

/// Whether a word of `some` could be the initial of one of `others`, cut off, or several
/// of them written together.
fn may_be_more(some: &[Option<Brief>], others: &[Option<Brief>]) -> bool {
    let several = others.iter().flatten().count();
    some.iter().flatten().any(|a| {
        others.iter().flatten().any(|b| {
            let begins = a.first() == b.first();
            match (a.kind, b.kind) {
                (TokenKind::Initial, TokenKind::Initial) => false,
                (TokenKind::Initial, _) | (_, TokenKind::Initial) => begins,
                _ => {
                    let cut = a.length >= 4 && b.length >= 4 && a.head == b.head;
                    let long = a.kind == TokenKind::Word && a.length >= 5;
                    let part = begins && several >= 2 && b.length < a.length;
                    let article = a.tail == b.tail && b.length >= 4 && b.length < a.length;
                    cut || long && (part || article)
                }
            }
        })
    })
}

/// What is left over counts against, as `align` has it.
fn left_over(mine: &[Option<Brief>], yours: &[Option<Brief>], weights: &Weights) -> f32 {
    let words = |all: &[Option<Brief>]| {
        let words = all.iter().flatten().filter(|b| b.kind == TokenKind::Word);
        words.fold((false, 0.0), |(_, sum), b| (true, sum + b.information))
    };
    let ((more, ours), (fewer, theirs)) = (words(mine), words(yours));
    let (extra, omitted) = match more && fewer {
        true => (weights.contradicted_name, weights.contradicting_name),
        false => (weights.extra_name, weights.omitted_name),
    };
    (extra * ours + omitted * theirs).max(weights.most_left_over)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use travel::Traveller;

    use super::*;
    use crate::{
        Alias, AliasQuality, Candidate, Entry, Watchlist,
        room::{Known, Room},
    };

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
            let known: Vec<(u32, &Known)> =
                numbers.iter().map(|n| (*n, room.memory.known(*n))).collect();
            for (name, _) in index.names_of(&index.persons[0]) {
                let most = most(&known, name, &index, &mut room.pairs);
                let score = index.score(&candidate, 0);
                prop_assert!(f64::from(most) >= score, "{most} is below {score}");
            }
        }
    }
}
