//! Comparing a traveller with an entry: one ledger, one sum.

use std::sync::Arc;

use names::{Token, Word, split_titles};
use travel::{Country, PartialDate, Sex, Traveller};

use crate::{
    AliasQuality, Band, Entry, EntryRef, Evidence, Feature, Hit, Index, align, birth,
    ledger::{About, Ledger, Line, Words},
    room::Memory,
    weights as w,
};

/// What is compared of a traveller.
pub struct Candidate {
    pub(crate) words: Vec<Arc<Word>>,
    pub(crate) birth_date: Option<PartialDate>,
    pub(crate) sex: Sex,
    pub(crate) nationality: Option<Country>,
    pub(crate) documents: Vec<(String, Option<Country>)>,
}

impl Candidate {
    /// From a traveller of a list.
    pub fn of(traveller: &Traveller) -> Self {
        let words = tokens(&traveller.surname, &traveller.given).into_iter();
        let words = words.map(|token| Arc::new(Word::of(token)));
        Self::from_words(traveller, words.collect())
    }

    /// The same, of words that are remembered, and their numbers there.
    pub(crate) fn remembered(traveller: &Traveller, memory: &mut Memory) -> (Self, Vec<u32>) {
        let tokens = tokens(&traveller.surname, &traveller.given).into_iter();
        let numbers: Vec<u32> = tokens.map(|token| memory.number(token)).collect();
        let words = numbers.iter().map(|n| Arc::clone(&memory.known(*n).word));
        (Self::from_words(traveller, words.collect()), numbers)
    }

    /// What innocent travellers of such names score by chance beyond others; see
    /// [`weights::ALLOWANCES`](w::ALLOWANCES).
    pub(crate) fn allowance(&self) -> f64 {
        let nationality = self.nationality.as_ref().map(Country::code);
        let population = names::population(self.words.iter().map(Arc::as_ref), nationality);
        population.map_or(0.0, |p| w::allowance(p.name()))
    }

    fn is_byname(&self) -> bool {
        names::is_byname_of(self.words.iter().map(Arc::as_ref))
    }

    fn from_words(traveller: &Traveller, words: Vec<Arc<Word>>) -> Self {
        Self {
            words,
            birth_date: traveller.birth_date,
            sex: traveller.sex,
            nationality: traveller.nationality,
            documents: traveller.documents.iter().map(|d| (d.plain_number(), d.issuer)).collect(),
        }
    }
}

/// The words of a traveller's name, titles and placeholders gone, compounds joined.
pub(crate) fn tokens(surname: &str, given: &str) -> Vec<Token> {
    // A booking system's name element, not taken apart by whoever sent it.
    let (surname, given) = match surname.split_once('/') {
        Some((surname, rest)) if given.is_empty() => (surname, rest),
        _ => (surname, given),
    };
    // A whole name in one field ends as given names do.
    let surname = match given.is_empty() && surname.trim().contains(' ') {
        true => split_titles(surname),
        false => surname,
    };
    let mut tokens = names::tokens(surname);
    let mut given_tokens = given_tokens(given);
    // A single name is sometimes given twice.
    if given_tokens == tokens {
        given_tokens.clear();
    }
    tokens.append(&mut given_tokens);
    names::join(&mut tokens);
    tokens.truncate(align::MOST_WORDS);
    tokens
}

/// The words of given names, by themselves.
pub(crate) fn given_tokens(given: &str) -> Vec<Token> {
    names::tokens(split_titles(given))
}

/// Room to write ledgers in, used again for entry after entry.
#[derive(Default)]
pub(crate) struct Desk {
    /// Of the name looked at.
    open: Ledger,
    /// Of the best name so far, and then of everything.
    pub best: Ledger,
}

/// What came of comparing with one person.
#[derive(Clone, Copy)]
pub(crate) struct Verdict {
    /// Which of the entry's names.
    alias: u16,
    /// What the birth dates are worth, where both sides have one.
    born: Option<f32>,
    by_document: bool,
    pub nats: f64,
}

/// Compares a traveller with a person; the ledger is left on the desk. The only code that
/// scores: what screening, `screen_one` and evaluation give all comes from here.
pub(crate) fn judge(
    candidate: &Candidate,
    index: &Index,
    person: u32,
    desk: &mut Desk,
) -> Option<Verdict> {
    let weights = &index.weights;
    let mut alias = None;
    let mut words: [&Word; align::MOST_WORDS];
    for (sequence, number) in index.names_of(person) {
        let count = sequence.len().min(align::MOST_WORDS);
        words = [index.word(sequence[0]); align::MOST_WORDS];
        for (place, id) in words.iter_mut().zip(sequence) {
            *place = index.word(*id);
        }
        desk.open.clear();
        align::names(&candidate.words, &words[..count], weights, &mut desk.open);
        if alias.is_none() || desk.open.hundredths() > desk.best.hundredths() {
            std::mem::swap(&mut desk.open, &mut desk.best);
            alias = Some(number);
        }
    }
    let alias = alias?;
    let entry = &index.persons[person as usize].entry;
    let document = document(candidate, entry, weights);
    if document.is_some() && desk.best.nats() < 0.0 {
        // Another name under the same document speaks little against it.
        desk.best.lines_mut().iter_mut().for_each(|l| l.nats = (l.nats * 20.0).round() / 100.0);
    }
    let ledger = &mut desk.best;
    if entry.names[alias].quality == AliasQuality::Former {
        let about = About::Other(0, 0);
        ledger.write(Feature::Alias, about, "former name", weights.former_alias);
    }
    if let Some(ours) = candidate.birth_date
        && let Some((number, nats, relation)) = birth::best(ours, &entry.birth_dates, weights)
    {
        ledger.write(Feature::BirthDate, About::Other(0, number as u16), relation, nats);
        let contradicted = ledger.lines().iter().any(|l| l.relation == align::CONTRADICTION);
        if contradicted && nats >= weights.born_same_january {
            let relation = "the day of birth agrees: perhaps other names of one person";
            let nats = weights.contradiction_same_birth;
            ledger.write(Feature::Alias, About::Other(0, 0), relation, nats);
        }
        let against = ledger.of_names_left_over();
        let least = match ledger.of_names() {
            nats if nats > 1.0 => weights.byname,
            _ => weights.byname_alone,
        };
        if nats >= weights.born_same_january && against < least && candidate.is_byname() {
            let relation = "a byname, and the day of birth agrees";
            ledger.write(Feature::Alias, About::Other(0, 0), relation, least - against);
        }
    }
    sex_and_nationality(candidate, entry, weights, ledger);
    ledger.extend(document);
    Some(Verdict {
        alias: alias as u16,
        born: ledger.of(Feature::BirthDate),
        by_document: document.is_some(),
        nats: ledger.nats(),
    })
}

fn sex_and_nationality(
    candidate: &Candidate,
    entry: &Entry,
    weights: &w::Weights,
    ledger: &mut Ledger,
) {
    let about = About::Other(0, 0);
    let known = |s| matches!(s, Sex::Male | Sex::Female);
    if known(candidate.sex) && known(entry.sex) {
        let (relation, nats) = if candidate.sex == entry.sex {
            ("same", weights.sex_same)
        } else {
            ("different", weights.sex_differs)
        };
        ledger.write(Feature::Sex, about, relation, nats);
    }
    if let Some(ours) = candidate.nationality
        && !entry.nationalities.is_empty()
    {
        let (relation, nats) = if entry.nationalities.contains(&ours) {
            ("same", weights.nationality_same)
        } else {
            ("different", weights.nationality_differs)
        };
        ledger.write(Feature::Nationality, about, relation, nats);
    }
}

/// Documents shorter than this say nothing by their number.
pub(crate) const SHORTEST_DOCUMENT: usize = 5;

fn document(candidate: &Candidate, entry: &Entry, weights: &w::Weights) -> Option<Line> {
    for (ours, (number, issuer)) in candidate.documents.iter().enumerate() {
        for (theirs, listed) in entry.documents.iter().enumerate() {
            if number.len() < SHORTEST_DOCUMENT || listed.number != *number {
                continue;
            }
            let (relation, nats) = match (issuer, listed.issuer) {
                (Some(a), Some(b)) if *a == b => ("same number and issuer", weights.document_same),
                (Some(_), Some(_)) => continue,
                _ => ("same number", weights.document_number),
            };
            let about = About::Other(ours as u16, theirs as u16);
            return Some(Line { feature: Feature::Document, about, relation, nats });
        }
    }
    None
}

/// Writes a hit out, from the ledger on the desk.
pub(crate) fn hit(
    candidate: &Candidate,
    index: &Index,
    number: u32,
    (verdict, desk): (Verdict, &Desk),
    allowance: f64,
) -> Hit {
    let person = &index.persons[number as usize];
    let entry = &person.entry;
    let (list, version) = &index.lists[person.list as usize];
    let alias = entry.names.get(usize::from(verdict.alias));
    let quality = alias.map_or(AliasQuality::Low, |a| a.quality);
    let theirs: Vec<&Word> = index
        .names_of(number)
        .find(|(_, alias)| *alias == usize::from(verdict.alias))
        .map(|(sequence, _)| sequence.iter().map(|id| index.word(*id)).collect())
        .unwrap_or_default();
    let write = |line: &Line| evidence(line, candidate, entry, &theirs);
    let found = Banded::of(verdict, quality, allowance);
    Hit {
        traveller: 0,
        entry: EntryRef {
            list: list.clone(),
            list_version: version.clone(),
            id: entry.id.clone(),
            name: entry.names.first().map(|n| n.text.clone()).unwrap_or_default(),
            alias: alias.map(|a| a.text.clone()).unwrap_or_default(),
            alias_quality: quality,
            reason: entry.reason.clone(),
            birth_dates: entry.birth_dates.iter().map(ToString::to_string).collect(),
            nationalities: entry.nationalities.iter().map(ToString::to_string).collect(),
            documents: entry.documents.len() as u32,
            of_documents: false,
        },
        band: found.band(w::HIT, w::POSSIBLE),
        nats: verdict.nats,
        probability: probability(found.standing(), verdict.by_document),
        one_in: one_in(found.standing()),
        evidence: desk.best.lines().iter().map(write).collect(),
        weights: w::VERSION.to_owned(),
        allowance,
    }
}

/// A hit on a list of documents: its ledger has one line, which is all there is to know.
pub(crate) fn of_document(traveller: u32, entry: EntryRef, evidence: Evidence) -> Hit {
    let born = None;
    let quality = entry.alias_quality;
    let found = Banded { nats: evidence.nats, born, quality, by_document: true };
    Hit {
        traveller,
        entry,
        band: found.band(w::HIT, w::POSSIBLE),
        nats: evidence.nats,
        probability: probability(found.standing(), true),
        one_in: one_in(found.standing()),
        evidence: vec![evidence],
        weights: w::VERSION.to_owned(),
        allowance: 0.0,
    }
}

/// One line, in words.
fn evidence(line: &Line, candidate: &Candidate, entry: &Entry, theirs: &[&Word]) -> Evidence {
    let letter = |s: Sex| if s == Sex::Male { "M" } else { "F" }.to_owned();
    let (ours, listed) = match (line.feature, line.about) {
        (_, About::Names(mine, yours)) => (
            joined(mine, candidate.words.iter().map(Arc::as_ref)),
            joined(yours, theirs.iter().copied()),
        ),
        (Feature::BirthDate, About::Other(_, number)) => (
            candidate.birth_date.map(|d| d.to_string()).unwrap_or_default(),
            entry.birth_dates[usize::from(number)].to_string(),
        ),
        (Feature::Sex, _) => (letter(candidate.sex), letter(entry.sex)),
        (Feature::Nationality, _) => {
            let all: Vec<&str> = entry.nationalities.iter().map(Country::code).collect();
            (candidate.nationality.map(|c| c.to_string()).unwrap_or_default(), all.join(" "))
        }
        (Feature::Document, About::Other(ours, number)) => (
            candidate.documents[usize::from(ours)].0.clone(),
            entry.documents[usize::from(number)].number.clone(),
        ),
        _ => (String::new(), String::new()),
    };
    line.evidence(ours, listed)
}

/// The words that have their bit, with blanks between.
fn joined<'w>(bits: Words, words: impl Iterator<Item = &'w Word>) -> String {
    let chosen = words.enumerate().take(16).filter(|(i, _)| bits >> i & 1 == 1);
    chosen.map(|(_, w)| &*w.text).collect::<Vec<_>>().join(" ")
}

impl Verdict {
    /// Of an entry that has no name.
    pub const fn nothing() -> Self {
        Self { alias: 0, born: None, by_document: false, nats: 0.0 }
    }

    /// Whether it is noted at all.
    pub fn is_noted(self) -> bool {
        self.by_document || self.nats >= w::SILENT
    }
}

/// What a band is made of.
pub(crate) struct Banded {
    /// The evidence, less what such names score by chance beyond others.
    pub nats: f64,
    /// What the birth dates are worth, where both sides have one.
    pub born: Option<f64>,
    /// Of the name that matched.
    pub quality: AliasQuality,
    pub by_document: bool,
}

impl Banded {
    fn of(verdict: Verdict, quality: AliasQuality, allowance: f64) -> Self {
        let born = verdict.born.map(f64::from);
        Self { nats: verdict.nats - allowance, born, quality, by_document: verdict.by_document }
    }

    /// Of a hit, read back from its ledger.
    pub fn hit(hit: &Hit) -> Self {
        let line = |f| hit.evidence.iter().find(|e| e.feature == f);
        Self {
            nats: hit.nats - hit.allowance,
            born: line(Feature::BirthDate).map(|e| e.nats),
            quality: hit.entry.alias_quality,
            by_document: line(Feature::Document).is_some(),
        }
    }

    /// Evidence in the measure by which all travellers are banded alike: where there is no
    /// birth date, less by what moves a band down.
    pub fn standing(&self) -> f64 {
        match self.born {
            None if !self.by_document => self.nats - (w::HIT - w::POSSIBLE),
            _ => self.nats,
        }
    }

    /// The band by the sum, then: one down without a birth date; never a hit on a weak
    /// alias; a document alone is at least a possible match.
    ///
    /// Where a birth date says no more than a year, one namesake in some sixty shares it
    /// by chance. It may confirm a hit that stands without it, on a name rare enough, but
    /// it never makes one: a full name with a year is a possible match. It is not moved
    /// down as if there were no date, for lists often know no more than the year, and
    /// their persons would then be passed over in silence.
    pub fn band(&self, hit: f64, possible: f64) -> Band {
        let mut band = match self.nats {
            n if n >= hit => Band::Hit,
            n if n >= possible => Band::Possible,
            _ => Band::Silent,
        };
        if !self.by_document {
            let year_only = f64::from(w::STANDARD.born_year);
            band = match self.born {
                None => band.down(),
                Some(born) if born <= year_only && self.nats - born < hit => {
                    band.min(Band::Possible)
                }
                Some(_) => band,
            };
            if self.quality == AliasQuality::Low {
                band = band.min(Band::Possible);
            }
            return band;
        }
        band.max(Band::Possible)
    }
}

/// Logistic around [`w::EVEN`]; 0.99 at most without a document.
fn probability(standing: f64, by_document: bool) -> f64 {
    let p = 1.0 / (1.0 + (-(standing - w::EVEN) / w::SPREAD).exp());
    let p = if by_document { p.min(0.999) } else { p.min(0.99) };
    (p * 1000.0).round() / 1000.0
}

/// The largest number that [`Hit::one_in`] ever is: the last row of
/// [`weights::ONE_IN`](w::ONE_IN).
pub const RAREST: u64 = w::ONE_IN[w::ONE_IN.len() - 1].1 as u64;

/// What [`Hit::one_in`] says, in words. Nothing rarer than the last row of
/// [`weights::ONE_IN`](w::ONE_IN) was measured, and nothing is made up for it.
///
/// ```
/// assert_eq!(screening::rarity(3_000), "one in 3000");
/// let rarest = screening::RAREST;
/// assert_eq!(screening::rarity(rarest), format!("fewer than one in {rarest}"));
/// ```
pub fn rarity(one_in: u64) -> String {
    match one_in {
        n if n >= RAREST => format!("fewer than one in {RAREST}"),
        n => format!("one in {n}"),
    }
}

fn one_in(standing: f64) -> u64 {
    let nats = standing;
    let rows = w::ONE_IN;
    let (first, last) = (rows[0], rows[rows.len() - 1]);
    let value = if nats <= first.0 {
        first.1
    } else if nats >= last.0 {
        last.1
    } else {
        let i = rows.iter().position(|r| r.0 > nats).unwrap_or(rows.len() - 1);
        let ((x0, y0), (x1, y1)) = (rows[i - 1], rows[i]);
        (y0.ln() + (y1.ln() - y0.ln()) * (nats - x0) / (x1 - x0)).exp()
    };
    // Two figures are as much as is known.
    let scale = 10f64.powf(value.log10().floor() - 1.0);
    ((value / scale).round() * scale) as u64
}

impl std::fmt::Display for crate::BirthDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::On(date) => write!(f, "{date}"),
            Self::About(date) => write!(f, "about {date}"),
            Self::Between(from, to) => write!(f, "{from} to {to}"),
        }
    }
}
