//! What a new version of an agreement widens and narrows.
//!
//! Terms can be written in many ways, so that texts are not compared but what they let
//! out. The airports and states that either version names, one airport of each named state
//! that is not named itself, and one elsewhere, stand for all airports; flights of one leg
//! between any two of these, and of two legs where they are few, stand for all flights; the
//! days on which a term begins or ends stand for all days. For each of these, kind of
//! flight, dataset and mode, the elements that the old and the new version let go are held
//! against each other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use travel::{Airport, Country, Dataset, ElementSet, FlightKind};

use crate::{
    Agreement, Direction, Mode, Onward, Route, Set, Term,
    toml_form::{DATASETS, KINDS},
    words::{airport, and, country, dataset, kind},
};

/// Up to so many places, flights of two legs are tried as well.
const FEW: usize = 14;
const MODES: [Mode; 5] = Mode::ALL;

/// How two versions differ, in sentences.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Difference {
    /// What may go, be used or be kept that could not before.
    pub widens: Vec<String>,
    /// What could and no longer may.
    pub narrows: Vec<String>,
    /// What is said otherwise and lets out neither more nor less.
    pub changes: Vec<String>,
}

impl Difference {
    /// Whether nothing is different.
    pub fn is_none(&self) -> bool {
        self.widens.is_empty() && self.narrows.is_empty() && self.changes.is_empty()
    }

    /// A value of which more is wider.
    fn compare<T: PartialOrd>(&mut self, (old, new): (T, T), text: String) {
        if new > old {
            self.widens.push(text);
        } else if new < old {
            self.narrows.push(text);
        }
    }
}

impl Agreement {
    /// What `new` widens and narrows, compared with this version.
    pub fn diff(&self, new: &Agreement) -> Difference {
        let mut found = Difference::default();
        for (what, old, new) in [
            ("The title is", &self.title, &new.title),
            ("It rests on", &self.legal_basis, &new.legal_basis),
        ] {
            if old != new {
                found.changes.push(format!("{what} “{new}”, not “{old}”."));
            }
        }
        let first = format!("It begins on {}, not on {}.", new.from, self.from);
        found.compare((new.from, self.from), first);
        let last = format!("It ends after {}, not after {}.", new.until, self.until);
        found.compare((self.until, new.until), last);
        let [a, b] = self.parties;
        let ends = [(a, b), (b, a)];
        for (from, to) in ends {
            direction((from, to), (self, new), &mut found);
        }
        if !(new.parties.contains(&a) && new.parties.contains(&b)) {
            found.changes.push("It is between other states.".to_owned());
        }
        found
    }
}

fn direction(
    (from, to): (Country, Country),
    (old, new): (&Agreement, &Agreement),
    found: &mut Difference,
) {
    let way = format!("From {} to {}", country(from), country(to));
    let (before, after) = match (old.direction(from, to), new.direction(from, to)) {
        (None, None) => return,
        (Some(_), None) => return found.narrows.push(format!("{way}: nothing goes any more.")),
        (None, Some(d)) => {
            found.widens.push(format!("{way}: something goes, where nothing went."));
            return flows(&way, &[], &d.terms, found);
        }
        (Some(before), Some(after)) => (before, after),
    };
    uses(&way, before, after, found);
    flows(&way, &before.terms, &after.terms, found);
}

/// What the receiver may do with what it got.
fn uses(way: &str, old: &Direction, new: &Direction, found: &mut Difference) {
    for purpose in &new.purposes {
        if !old.purposes.contains(purpose) {
            found.widens.push(format!("{way}: it may be used for {}.", purpose.words()));
        }
    }
    for purpose in &old.purposes {
        if !new.purposes.contains(purpose) {
            found.narrows.push(format!("{way}: it may not be used for {}.", purpose.words()));
        }
    }
    let (before, after) = (old.retention_days, new.retention_days);
    let kept = format!("{way}: it may be kept for {after} days, not {before}.");
    found.compare((before, after), kept);
    let masked = |d: &Direction| d.mask_after_days.unwrap_or(u32::MAX);
    let said = |d: Option<u32>| d.map_or("never".to_owned(), |d| format!("after {d} days"));
    let (before, after) = (said(old.mask_after_days), said(new.mask_after_days));
    let text = format!("{way}: identity is masked {after}, not {before}.");
    found.compare((masked(old), masked(new)), text);
    let (asked, asks) = (old.emergency.is_some(), new.emergency.is_some());
    let text = match asks {
        true => format!("{way}: requests are answered in emergencies."),
        false => format!("{way}: no request is answered as an emergency."),
    };
    found.compare((asked, asks), text);
    if let (true, Some(e)) = (asked && old.emergency != new.emergency, new.emergency) {
        found.changes.push(format!(
            "{way}: in an emergency it is answered within {} minutes and justified within {} hours.",
            e.answer_within_minutes, e.justify_within_hours
        ));
    }
    let passed = match new.onward {
        Onward::WithConsent => format!("{way}: it may be passed on with the sender's consent."),
        Onward::Never => format!("{way}: it may not be passed on any more."),
    };
    found.compare((old.onward as u8, new.onward as u8), passed);
    let (before, after) =
        (old.latest_before_departure_minutes, new.latest_before_departure_minutes);
    if before != after {
        let said = |m: Option<u32>| {
            m.map_or("at no set time".to_owned(), |m| format!("{m} minutes before departure"))
        };
        found.changes.push(format!("{way}: it is due {}, not {}.", said(after), said(before)));
    }
}

/// A place that stands for others.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stand {
    /// This airport.
    Airport(String),
    /// Any airport of a state but those that are named.
    Other(Country),
    /// Anywhere else.
    Elsewhere,
}

impl Stand {
    fn lies_in(&self, set: &Set) -> bool {
        match (set, self) {
            (Set::Any, _) => true,
            (set, Stand::Airport(code)) => set.contains(code),
            (Set::Countries(states), Stand::Other(state)) => states.contains(state),
            _ => false,
        }
    }

    fn words(&self) -> String {
        match self {
            Stand::Airport(code) => airport(code),
            Stand::Other(state) => format!("another airport of {}", country(*state)),
            Stand::Elsewhere => "anywhere else".to_owned(),
        }
    }
}

fn stands(terms: &[&Term]) -> Vec<Stand> {
    let mut stands = BTreeSet::from([Stand::Elsewhere]);
    let routes = terms.iter().flat_map(|t| t.routes.iter().chain(&t.not));
    for set in routes.flat_map(|r| [&r.from, &r.to]) {
        match set {
            Set::Any => {}
            Set::Airports(codes) => stands.extend(codes.iter().map(|code| {
                let known = Airport::find(code);
                Stand::Airport(known.map_or(code.clone(), |a| a.iata.to_owned()))
            })),
            Set::Countries(states) => stands.extend(states.iter().map(|s| Stand::Other(*s))),
        }
    }
    stands.into_iter().collect()
}

fn days(terms: &[&Term]) -> Vec<Date> {
    let mut days = BTreeSet::new();
    for day in terms.iter().flat_map(|t| [t.from, t.until]).flatten() {
        days.extend([day.yesterday().ok(), Some(day), day.tomorrow().ok()].into_iter().flatten());
    }
    if days.is_empty() {
        days.insert(Date::ZERO);
    }
    days.into_iter().collect()
}

/// The flights that stand for all.
fn paths(stands: &[Stand]) -> Vec<Vec<Stand>> {
    let mut paths = Vec::new();
    for from in stands {
        for to in stands {
            paths.push(vec![from.clone(), to.clone()]);
        }
    }
    if stands.len() <= FEW {
        let longer: Vec<Vec<Stand>> = paths
            .iter()
            .flat_map(|path| stands.iter().map(|last| [path.clone(), vec![last.clone()]].concat()))
            .collect();
        paths.extend(longer);
    }
    paths
}

fn covers(route: &Route, path: &[Stand]) -> bool {
    let boards = path[..path.len() - 1].iter().position(|at| at.lies_in(&route.from));
    boards.is_some_and(|at| path[at + 1..].iter().any(|to| to.lies_in(&route.to)))
}

/// What may be said of a traveller on such a flight, as [`crate::decide`] finds it: by the
/// first term that covers it.
fn let_out(
    terms: &[Term],
    path: &[Stand],
    (kind, dataset, mode, day): (FlightKind, Dataset, Mode, Date),
) -> ElementSet {
    let matches = |t: &&Term| {
        t.mode == mode
            && t.flight_kinds.contains(&kind)
            && t.datasets.contains(&dataset)
            && t.from.is_none_or(|from| from <= day)
            && t.until.is_none_or(|until| day <= until)
            && t.routes.iter().any(|r| covers(r, path))
            && !t.not.iter().any(|r| covers(r, path))
    };
    terms.iter().find(matches).map_or(ElementSet::default(), |t| t.elements)
}

/// Everything that one sentence says.
type Said = (Mode, u8, u8, u32, bool);
/// The first flight of which it holds, and the ends of all.
type Shown = (Vec<Stand>, BTreeSet<(Stand, Stand)>);

fn flows(way: &str, old: &[Term], new: &[Term], found: &mut Difference) {
    let all: Vec<&Term> = old.iter().chain(new).collect();
    let (paths, days) = (paths(&stands(&all)), days(&all));
    let mut wider: BTreeMap<Said, Shown> = BTreeMap::new();
    let mut narrower = wider.clone();
    for (k, kind) in KINDS.into_iter().enumerate() {
        for (d, dataset) in DATASETS.into_iter().enumerate() {
            for (mode, day) in MODES.iter().flat_map(|m| days.iter().map(|d| (*m, *d))) {
                for path in &paths {
                    let cell = (kind, dataset, mode, day);
                    let (before, after) = (let_out(old, path, cell), let_out(new, path, cell));
                    for (had, has, into) in
                        [(before, after, &mut wider), (after, before, &mut narrower)]
                    {
                        let more = without(has, had);
                        if more.is_empty() {
                            continue;
                        }
                        let said = (mode, k as u8, d as u8, more.bits(), had.is_empty());
                        let entry =
                            into.entry(said).or_insert_with(|| (path.clone(), BTreeSet::new()));
                        if let [first, last] = path.as_slice() {
                            entry.1.insert((first.clone(), last.clone()));
                        }
                    }
                }
            }
        }
    }
    let sentence = |said: &Said, (path, ends): &Shown, what: [&str; 2]| {
        sentence(way, said, (path, ends.len()), what)
    };
    found.widens.extend(wider.iter().map(|(s, w)| sentence(s, w, ["may go", "may be said of"])));
    found.narrows.extend(
        narrower
            .iter()
            .map(|(s, w)| sentence(s, w, ["may no longer go", "may no longer be said of"])),
    );
}

fn without(these: ElementSet, those: ElementSet) -> ElementSet {
    these.iter().filter(|e| !those.contains(*e)).collect()
}

fn sentence(
    way: &str,
    (mode, k, d, bits, whole): &Said,
    (path, ends): (&[Stand], usize),
    [goes, said]: [&str; 2],
) -> String {
    let form = match mode {
        Mode::List => "whole lists",
        Mode::Hit => "travellers with an upheld hit",
        Mode::Blind => "blind tags",
        Mode::Answer => "answers to requests",
        Mode::Spontaneous => "what is told unasked",
    };
    let elements: Vec<String> = ElementSet::from_bits(*bits)
        .unwrap_or_default()
        .iter()
        .map(|e| e.name().replace('_', " "))
        .collect();
    let flights = kind(KINDS[usize::from(*k)]);
    let of = dataset(DATASETS[usize::from(*d)]);
    let path: Vec<String> = path.iter().map(Stand::words).collect();
    let others = match ends {
        0 | 1 => String::new(),
        2 => " and another route".to_owned(),
        n => format!(" and {} other routes", n - 1),
    };
    let by_way = path.join(" to ");
    match whole {
        true => format!(
            "{way}: {form} of {flights} ({of}) {goes}, with {}; so from {by_way}{others}.",
            and(&elements)
        ),
        false => format!(
            "{way}: {} {said} {form} of {flights} ({of}); so from {by_way}{others}.",
            and(&elements)
        ),
    }
}
