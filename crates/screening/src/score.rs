//! Comparing a traveller with an entry: one ledger, one sum.

use std::collections::HashMap;

use names::{Token, TokenKind, compare, information, split_titles};
use travel::{PartialDate, PassengerList, Sex, Traveller};

use crate::{
    AliasQuality, Band, BirthDate, Entry, EntryRef, Evidence, Feature, Hit, Index, Screened,
    index::Person, weights as w,
};

/// At most so many entries are noted for one traveller.
const MOST_HITS: usize = 8;
/// So many candidates are looked at closely.
const MOST_CANDIDATES: usize = 96;
/// Names must be worth this before an entry is looked at closely.
const LOOK: f64 = 5.0;

/// Compares every traveller of a list with the index.
pub fn screen(list: &PassengerList, index: &Index) -> Screened {
    screen_travellers(list.travellers(), index)
}

/// Compares travellers who stand in no admitted list; a hit's `traveller` is an index into
/// `travellers`.
pub fn screen_travellers(travellers: &[Traveller], index: &Index) -> Screened {
    let mut hits = Vec::new();
    for (number, traveller) in travellers.iter().enumerate() {
        let mut found = screen_traveller(traveller, index);
        for hit in &mut found {
            hit.traveller = number as u32;
        }
        hits.append(&mut found);
    }
    Screened { hits }
}

/// What is compared of a traveller.
pub struct Candidate {
    tokens: Vec<Token>,
    birth_date: Option<PartialDate>,
    sex: Sex,
    nationality: Option<travel::Country>,
    documents: Vec<(String, Option<travel::Country>)>,
}

impl Candidate {
    /// From a traveller of a list.
    pub fn of(traveller: &Traveller) -> Self {
        // A booking system's name element, not taken apart by whoever sent it.
        let (surname, given) = match traveller.surname.split_once('/') {
            Some((surname, given)) if traveller.given.is_empty() => (surname, given),
            _ => (traveller.surname.as_str(), traveller.given.as_str()),
        };
        // A whole name in one field ends as given names do.
        let surname = match given.is_empty() && surname.trim().contains(' ') {
            true => split_titles(surname),
            false => surname,
        };
        let given = split_titles(given);
        let mut tokens = names::tokens(surname);
        let mut given_tokens = names::tokens(given);
        // A single name is sometimes given twice.
        if given_tokens == tokens {
            given_tokens.clear();
        }
        tokens.append(&mut given_tokens);
        if tokens.len() > 1 {
            tokens.retain(|t| !t.is_title());
        }
        Self {
            tokens,
            birth_date: traveller.birth_date,
            sex: traveller.sex,
            nationality: traveller.nationality,
            documents: traveller.documents.iter().map(|d| (d.plain_number(), d.issuer)).collect(),
        }
    }
}

/// Compares one traveller with one entry, as a full screening would; `None` when
/// nothing speaks for it.
pub fn screen_one(candidate: &Candidate, entry: &Entry, list: (&str, &str)) -> Option<Hit> {
    let names = entry
        .names
        .iter()
        .map(|a| names::tokens(&a.text).into_iter().filter(|t| !t.is_title()).collect())
        .collect();
    score(candidate, &Person { list: 0, entry: entry.clone(), names }, list)
}

fn screen_traveller(traveller: &Traveller, index: &Index) -> Vec<Hit> {
    let candidate = Candidate::of(traveller);
    let mut persons: Vec<u32> = Vec::new();
    for (number, _) in &candidate.documents {
        if number.len() >= 5 {
            persons.extend_from_slice(index.documents(number));
        }
    }
    persons.extend(by_name(&candidate, index));
    persons.sort_unstable();
    persons.dedup();
    let mut hits: Vec<Hit> = persons
        .into_iter()
        .filter_map(|p| {
            let person = &index.persons[p as usize];
            let (name, version) = &index.lists[person.list as usize];
            score(&candidate, person, (name, version))
        })
        .filter(|hit| hit.nats >= w::SILENT || hit.band >= Band::Possible)
        .collect();
    hits.sort_by(|a, b| b.nats.total_cmp(&a.nats).then_with(|| a.entry.id.cmp(&b.entry.id)));
    hits.truncate(MOST_HITS);
    hits
}

/// Persons whose names may be the traveller's, the likeliest ones.
fn by_name(candidate: &Candidate, index: &Index) -> Vec<u32> {
    let mut words = words_of(candidate, index);
    // Rarest first; very common names only count for persons already touched.
    words.sort_by(|a, b| information(b).total_cmp(&information(a)));
    let mut sums: HashMap<u32, f64> = HashMap::new();
    for (rank, word) in words.iter().enumerate() {
        let mut best: HashMap<u32, f64> = HashMap::new();
        let common = rank > 0 && information(word) < 5.0;
        for found in index.find(word) {
            let posting = index.posting(found.token);
            for person in posting {
                if common && !sums.contains_key(person) {
                    continue;
                }
                let nats = best.entry(*person).or_insert(0.0);
                *nats = nats.max(found.nats);
            }
        }
        for (person, nats) in best {
            *sums.entry(person).or_insert(0.0) += nats;
        }
    }
    let gate = |person: u32, sum: f64| {
        let dates = &index.persons[person as usize].entry.birth_dates;
        match candidate.birth_date {
            Some(date) if !dates.is_empty() && sum < w::HIT => {
                dates.iter().any(|d| birth(date, *d).0 > w::birth::APART)
            }
            _ => true,
        }
    };
    let mut likely: Vec<(u32, f64)> =
        sums.into_iter().filter(|(p, sum)| *sum >= LOOK && gate(*p, *sum)).collect();
    likely.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    likely.truncate(MOST_CANDIDATES);
    likely.into_iter().map(|(p, _)| p).collect()
}

/// The words that are looked up: tokens, neighbours written together, and the two
/// halves of a token that is two known ones glued.
fn words_of(candidate: &Candidate, index: &Index) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for token in candidate.tokens.iter().filter(|t| t.kind == TokenKind::Word) {
        words.push(token.text.clone());
        if token.text.len() >= 8 && token.text.is_ascii() && !index.has(&token.text) {
            for at in 3..=token.text.len() - 3 {
                let (a, b) = token.text.split_at(at);
                if index.has(a) && index.has(b) {
                    words.extend([a.to_owned(), b.to_owned()]);
                }
            }
        }
    }
    for pair in candidate.tokens.windows(2) {
        if pair.iter().any(|t| t.kind == TokenKind::Word) {
            words.push(format!("{}{}", pair[0].text, pair[1].text));
        }
    }
    words.sort();
    words.dedup();
    words
}

fn score(candidate: &Candidate, person: &Person, (list, version): (&str, &str)) -> Option<Hit> {
    let (alias, mut evidence) = person
        .names
        .iter()
        .enumerate()
        .map(|(i, name)| (i, name_evidence(&candidate.tokens, name)))
        .max_by(|a, b| sum(&a.1).total_cmp(&sum(&b.1)).then(b.0.cmp(&a.0)))?;
    let documents = document_evidence(candidate, &person.entry);
    let by_document = !documents.is_empty();
    if by_document {
        // Another name under the same document speaks little against it.
        let names = sum(&evidence);
        if names < 0.0 {
            evidence.iter_mut().for_each(|e| e.nats *= 0.2);
        }
    }
    let quality = person.entry.names[alias].quality;
    if quality == AliasQuality::Former {
        evidence.push(line(Feature::Alias, "", "former name", "former name", w::FORMER_ALIAS));
    }
    let dated = birth_evidence(candidate, &person.entry, &mut evidence);
    sex_and_nationality(candidate, &person.entry, &mut evidence);
    evidence.extend(documents);
    let nats = sum(&evidence);
    let band = band(nats, dated || by_document, quality, by_document);
    let entry = &person.entry;
    Some(Hit {
        traveller: 0,
        entry: EntryRef {
            list: list.to_owned(),
            list_version: version.to_owned(),
            id: entry.id.clone(),
            name: entry.names.first().map(|n| n.text.clone()).unwrap_or_default(),
            alias: entry.names[alias].text.clone(),
            alias_quality: quality,
            reason: entry.reason.clone(),
            birth_dates: entry.birth_dates.iter().map(|d| d.to_string()).collect(),
            nationalities: entry.nationalities.iter().map(ToString::to_string).collect(),
            documents: entry.documents.len() as u32,
        },
        band,
        nats,
        probability: probability(nats, by_document),
        one_in: one_in(nats),
        evidence,
        weights: w::VERSION.to_owned(),
    })
}

fn sum(evidence: &[Evidence]) -> f64 {
    evidence.iter().map(|e| e.nats).sum()
}

fn line(feature: Feature, traveller: &str, entry: &str, relation: &str, nats: f64) -> Evidence {
    Evidence {
        feature,
        traveller: traveller.to_owned(),
        entry: entry.to_owned(),
        relation: relation.to_owned(),
        nats: (nats * 100.0).round() / 100.0,
    }
}

/// The band by the sum; one down without a birth date, never a hit on a weak alias; a
/// document alone is at least a possible match.
fn band(nats: f64, dated: bool, quality: AliasQuality, by_document: bool) -> Band {
    let mut band = if nats >= w::HIT {
        Band::Hit
    } else if nats >= w::POSSIBLE {
        Band::Possible
    } else {
        Band::Silent
    };
    if !dated {
        band = band.down();
    }
    if quality == AliasQuality::Low && !by_document {
        band = band.min(Band::Possible);
    }
    if by_document { band.max(Band::Possible) } else { band }
}

/// Logistic around [`w::EVEN`]; 0.99 at most without a document.
fn probability(nats: f64, by_document: bool) -> f64 {
    let p = 1.0 / (1.0 + (-(nats - w::EVEN) / 1.5).exp());
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
/// assert_eq!(screening::rarity(20_000), "fewer than one in 20000");
/// ```
pub fn rarity(one_in: u64) -> String {
    match one_in {
        n if n >= RAREST => format!("fewer than one in {RAREST}"),
        n => format!("one in {n}"),
    }
}

fn one_in(nats: f64) -> u64 {
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

/// Pairs the words of two names, best agreements first, and says what is left over.
fn name_evidence(ours: &[Token], theirs: &[Token]) -> Vec<Evidence> {
    let mut pairs: Vec<(f64, usize, usize, &'static str)> = Vec::new();
    for (i, a) in ours.iter().enumerate() {
        for (j, b) in theirs.iter().enumerate() {
            if let Some(alike) = compare(&a.text, &b.text) {
                let particle = a.kind == TokenKind::Particle || b.kind == TokenKind::Particle;
                let nats = if particle {
                    w::PARTICLE
                } else {
                    information(&a.text).min(information(&b.text)) * alike.share
                };
                pairs.push((nats, i, j, alike.relation));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut mine, mut yours) = (vec![false; ours.len()], vec![false; theirs.len()]);
    let mut evidence = Vec::with_capacity(ours.len() + theirs.len());
    let mut words = 0;
    for (nats, i, j, relation) in pairs {
        if !mine[i] && !yours[j] {
            (mine[i], yours[j]) = (true, true);
            words += usize::from(ours[i].kind == TokenKind::Word);
            evidence.push(line(Feature::Name, &ours[i].text, &theirs[j].text, relation, nats));
        }
    }
    words += glued(ours, theirs, (&mut mine, &mut yours), &mut evidence);
    words += cut_off(ours, theirs, (&mut mine, &mut yours), &mut evidence);
    leftovers(ours, theirs, (&mine, &yours), words, &mut evidence);
    evidence
}

type Used<'u> = (&'u mut Vec<bool>, &'u mut Vec<bool>);

/// One word here is two or three there, written together.
fn glued(
    ours: &[Token],
    theirs: &[Token],
    (mine, yours): Used<'_>,
    evidence: &mut Vec<Evidence>,
) -> usize {
    let mut words = 0;
    for swap in [false, true] {
        let (single, several) = if swap { (theirs, ours) } else { (ours, theirs) };
        for i in 0..single.len() {
            let (one, many): (&mut Vec<bool>, &mut Vec<bool>) =
                if swap { (yours, mine) } else { (mine, yours) };
            if one[i] || single[i].text.len() < 6 {
                continue;
            }
            let Some(parts) = parts(&single[i].text, several, many) else { continue };
            one[i] = true;
            parts.iter().for_each(|j| many[*j] = true);
            let nats: f64 = parts
                .iter()
                .map(|j| match several[*j].kind {
                    TokenKind::Word => information(&several[*j].text) * 0.95,
                    _ => w::PARTICLE,
                })
                .sum();
            words += parts.iter().filter(|j| several[**j].kind == TokenKind::Word).count();
            let joined: Vec<&str> = parts.iter().map(|j| several[*j].text.as_str()).collect();
            let joined = joined.join(" ");
            let (a, b) = if swap {
                (joined.as_str(), single[i].text.as_str())
            } else {
                (single[i].text.as_str(), joined.as_str())
            };
            evidence.push(line(Feature::Name, a, b, "written together", nats));
        }
    }
    words
}

/// Two or three unused words that, written together, make `whole`, give or take a letter.
fn parts(whole: &str, several: &[Token], used: &[bool]) -> Option<Vec<usize>> {
    let free: Vec<usize> = (0..several.len()).filter(|j| !used[*j]).take(6).collect();
    let fits = |chosen: &[usize]| {
        let joined: String = chosen.iter().map(|j| several[*j].text.as_str()).collect();
        let slack = usize::from(joined.len() >= 8);
        joined.len().abs_diff(whole.len()) <= slack
            && names::osa(joined.as_bytes(), whole.as_bytes(), slack).is_some()
    };
    for a in &free {
        for b in free.iter().filter(|b| *b != a) {
            if fits(&[*a, *b]) {
                return Some(vec![*a, *b]);
            }
            for c in free.iter().filter(|c| *c != a && *c != b) {
                if fits(&[*a, *b, *c]) {
                    return Some(vec![*a, *b, *c]);
                }
            }
        }
    }
    None
}

/// A word that is the beginning of a longer one: cut off where a field was full.
fn cut_off(
    ours: &[Token],
    theirs: &[Token],
    (mine, yours): Used<'_>,
    evidence: &mut Vec<Evidence>,
) -> usize {
    let mut words = 0;
    for (i, a) in ours.iter().enumerate() {
        if mine[i] || a.text.len() < 5 {
            continue;
        }
        let found = theirs.iter().enumerate().position(|(j, b)| {
            !yours[j] && b.text.len() > a.text.len() && b.text.starts_with(&a.text)
        });
        if let Some(j) = found {
            (mine[i], yours[j]) = (true, true);
            words += 1;
            let nats = information(&theirs[j].text) * 0.75;
            evidence.push(line(Feature::Name, &a.text, &theirs[j].text, "cut off", nats));
        }
    }
    words
}

fn leftovers(
    ours: &[Token],
    theirs: &[Token],
    (mine, yours): (&[bool], &[bool]),
    words: usize,
    evidence: &mut Vec<Evidence>,
) {
    let agreed = sum(evidence);
    if agreed > w::NAMES_FULL {
        let damped = (w::NAMES_BEYOND - 1.0) * (agreed - w::NAMES_FULL);
        evidence.push(line(Feature::Redundancy, "", "", "names that often go together", damped));
    }
    let count = |all: &[Token]| all.iter().filter(|t| t.kind == TokenKind::Word).count();
    let left = |all: &[Token], used: &[bool]| {
        all.iter().zip(used).filter(|(t, u)| !**u && t.kind == TokenKind::Word).count()
    };
    if words <= 1 && count(ours) > 1 && count(theirs) > 1 {
        evidence.push(line(Feature::Redundancy, "", "", "only one name agrees", w::SINGLE_NAME));
    }
    let both = left(ours, mine) > 0 && left(theirs, yours) > 0;
    let unused = |all: &[Token], used: &[bool]| -> Vec<String> {
        let left = all.iter().zip(used).filter(|(t, u)| !**u && t.kind != TokenKind::Particle);
        left.map(|(t, _)| t.text.clone()).collect()
    };
    for word in unused(ours, mine) {
        let nats = w::EXTRA_NAME * information(&word) * if both { 1.6 } else { 1.0 };
        evidence.push(line(Feature::ExtraName, &word, "", "not on the list", nats));
    }
    for word in unused(theirs, yours) {
        let share = if both { w::CONTRADICTING_NAME } else { w::OMITTED_NAME };
        let nats = share * information(&word);
        evidence.push(line(Feature::MissingName, "", &word, "not in the booking", nats));
    }
}

/// How a date stands to a listed one.
fn birth(ours: PartialDate, theirs: BirthDate) -> (f64, &'static str) {
    use w::birth as b;
    match theirs {
        BirthDate::Between(from, to) if (from..=to).contains(&ours.year) => {
            (b::ABOUT, "within the range")
        }
        BirthDate::Between(..) => (b::APART, "outside the range"),
        BirthDate::About(date) => match ours.year.abs_diff(date.year) {
            0 => (b::YEAR, "about the same"),
            1 | 2 => (b::ABOUT, "about the same"),
            3..=5 => (-1.0, "some years apart"),
            _ => (b::APART, "apart"),
        },
        BirthDate::On(date) => exact(ours, date),
    }
}

fn exact(a: PartialDate, b: PartialDate) -> (f64, &'static str) {
    use w::birth;
    let known = |d: PartialDate| Some((d.month?, d.day?));
    let years = a.year.abs_diff(b.year);
    let (Some(x), Some(y)) = (known(a), known(b)) else {
        return match years {
            0 => (birth::YEAR, "same year, the rest is not known"),
            1 => (birth::YEAR_NEAR, "one year off, the rest is not known"),
            _ => (birth::APART, "apart"),
        };
    };
    let placeholder = |d| d == (1, 1);
    match (years, x == y) {
        (0, true) if placeholder(x) => (4.0, "same, but 1 January is often a placeholder"),
        (0, true) => (birth::SAME, "same"),
        (0, false) if x.0 == y.1 && x.1 == y.0 => (birth::SWAPPED, "day and month swapped"),
        (0, false) if placeholder(x) || placeholder(y) => {
            (birth::YEAR, "same year, one says 1 January")
        }
        (1..=2, true) if !placeholder(x) => (birth::YEAR_OFF, "same day, the year is near"),
        _ if one_digit(a, b) => (birth::ONE_DIGIT, "one digit differs"),
        (0, false) => (birth::SAME_YEAR_ONLY, "same year, another day"),
        (1, _) if placeholder(x) || placeholder(y) => (birth::YEAR_NEAR, "one year off"),
        _ => (birth::APART, "apart"),
    }
}

fn one_digit(a: PartialDate, b: PartialDate) -> bool {
    let (a, b) = (a.to_string(), b.to_string());
    a.len() == b.len() && a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count() == 1
}

/// Adds the line about birth dates; gives whether both sides have one.
fn birth_evidence(candidate: &Candidate, entry: &Entry, evidence: &mut Vec<Evidence>) -> bool {
    let Some(ours) = candidate.birth_date else { return false };
    let best = entry
        .birth_dates
        .iter()
        .map(|d| (birth(ours, *d), d))
        .max_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let Some(((nats, relation), date)) = best else { return false };
    evidence.push(line(Feature::BirthDate, &ours.to_string(), &date.to_string(), relation, nats));
    true
}

fn sex_and_nationality(candidate: &Candidate, entry: &Entry, evidence: &mut Vec<Evidence>) {
    let letter = |s: Sex| match s {
        Sex::Male => "M",
        Sex::Female => "F",
        _ => "",
    };
    let (a, b) = (letter(candidate.sex), letter(entry.sex));
    if !a.is_empty() && !b.is_empty() {
        let (relation, nats) =
            if a == b { ("same", w::SEX_SAME) } else { ("different", w::SEX_DIFFERS) };
        evidence.push(line(Feature::Sex, a, b, relation, nats));
    }
    if let Some(ours) = candidate.nationality
        && !entry.nationalities.is_empty()
    {
        let listed: Vec<String> = entry.nationalities.iter().map(ToString::to_string).collect();
        let (relation, nats) = if entry.nationalities.contains(&ours) {
            ("same", w::NATIONALITY_SAME)
        } else {
            ("different", w::NATIONALITY_DIFFERS)
        };
        evidence.push(line(Feature::Nationality, ours.code(), &listed.join(" "), relation, nats));
    }
}

fn document_evidence(candidate: &Candidate, entry: &Entry) -> Vec<Evidence> {
    let mut found = Vec::new();
    for (number, issuer) in &candidate.documents {
        for listed in entry.documents.iter().filter(|d| d.number == *number && number.len() >= 5) {
            let (relation, nats) = match (issuer, listed.issuer) {
                (Some(a), Some(b)) if *a == b => ("same number and issuer", w::DOCUMENT_SAME),
                (Some(_), Some(_)) => continue,
                _ => ("same number", w::DOCUMENT_NUMBER),
            };
            found.push(line(Feature::Document, number, &listed.number, relation, nats));
        }
    }
    found.truncate(1);
    found
}

impl std::fmt::Display for BirthDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BirthDate::On(date) => write!(f, "{date}"),
            BirthDate::About(date) => write!(f, "about {date}"),
            BirthDate::Between(from, to) => write!(f, "{from} to {to}"),
        }
    }
}
