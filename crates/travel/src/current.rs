//! The current list of a flight: the fold of everything that came about it.
//!
//! Carriers push a flight's list again and again: two days and one day before departure,
//! at closure, and in between what has changed, was cancelled, or was divided into two
//! bookings; some push it under the number of a code share, too. Each submission is kept as
//! it came. [`current`] says what they come to, without changing or copying any of them: who
//! is on the flight by the latest word, and in which list and place each word about them
//! stands.
//!
//! | a list of function | does to what its *source* said before |
//! |---|---|
//! | full | is the list now: who is not on it any more is *absent* |
//! | change | replaces who it names; who has left a booking that it names is absent |
//! | cancel | those named are *cancelled* |
//! | closed, on board | those named are *boarded*, the others are *not boarded* |
//! | closed, not on board | the other way round |
//! | flight cancelled | everybody is cancelled |
//! | gate pass | names people who do not travel: *at the gate* |
//!
//! A source is who sent it, of which kind (API, crew, PNR), under which number: a full list
//! of one carrier says nothing about another's. Sources are then laid over each other: who
//! is on several is one person.
//!
//! Nobody is lost: whoever was named once is in the result, with the standing that the last
//! word gives them. A list that shrank therefore shows.

use std::collections::BTreeMap;

use crate::{Function, PassengerList, Status, Traveller};

/// A list that came about the flight.
#[derive(Clone, Copy, Debug)]
pub struct Version<'l> {
    /// The list.
    pub list: &'l PassengerList,
    /// Who sent it.
    pub source: &'l str,
}

/// How somebody stands by the latest word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// A later list does not name them any more.
    Absent,
    /// They, their booking or the flight were cancelled.
    Cancelled,
    /// They have a pass to the gate and do not travel.
    AtGate,
    /// On the list.
    Listed,
    /// The flight is closed, and they are not on board.
    NotBoarded,
    /// The flight is closed, and they are on board.
    Boarded,
}

impl Standing {
    /// Every standing, those who travel first.
    pub const ALL: [Standing; 6] = [
        Standing::Boarded,
        Standing::Listed,
        Standing::NotBoarded,
        Standing::Cancelled,
        Standing::Absent,
        Standing::AtGate,
    ];

    /// The words for people.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Absent => "not on the newest list",
            Standing::Cancelled => "cancelled",
            Standing::AtGate => "at the gate only",
            Standing::Listed => "listed",
            Standing::NotBoarded => "not on board",
            Standing::Boarded => "on board",
        }
    }

    /// Whether they are taken to travel.
    pub const fn travels(self) -> bool {
        matches!(self, Standing::Listed | Standing::Boarded)
    }
}

/// Where a word about somebody stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Index of the version.
    pub version: usize,
    /// Number of the traveller on its list, from 0.
    pub traveller: usize,
}

/// Somebody who is or was on the flight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Every place where they are named, the newest first.
    pub places: Vec<Place>,
    /// How they stand.
    pub standing: Standing,
}

/// What a version did to what its source had said before.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Step {
    /// Named for the first time.
    pub added: usize,
    /// Named before, with other data.
    pub changed: usize,
    /// Named before, with the same data.
    pub same: usize,
    /// On the list until then, and not any more: cancelled, absent or not on board.
    pub gone: usize,
}

/// What all versions come to.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Current {
    /// Everybody who was named, in the order in which they were named first.
    pub people: Vec<Person>,
    /// What each version did.
    pub steps: Vec<Step>,
    /// Whether the last word about the flight is that it is cancelled.
    pub cancelled: bool,
    /// Whether it was closed.
    pub closed: bool,
}

impl Current {
    /// How many stand so.
    pub fn count(&self, standing: Standing) -> usize {
        self.people.iter().filter(|p| p.standing == standing).count()
    }
}

/// Folds versions, which are given in the order in which they came.
///
/// ```
/// use travel::{Admission, Country, ElementSet, Flight, Function, PassengerList, Report, Traveller};
/// use travel::current::{Standing, Version, current};
/// let door = Admission {
///     state: Country::new("GBR"),
///     permitted: ElementSet::ALL,
///     received_at: "2026-03-01T09:00:00Z".parse().unwrap(),
///     must_touch: false,
/// };
/// let list = |function, names: &[&str]| {
///     let flight = Flight { carrier: "TK".into(), number: "1980".into(), ..Flight::default() };
///     let named = |n: &&str| Traveller { surname: (*n).into(), ..Traveller::default() };
///     let travellers = names.iter().map(named).collect();
///     let report = Report { function, flights: vec![flight], travellers, ..Report::default() };
///     PassengerList::admit(report, &door).unwrap()
/// };
/// let first = list(Function::Full, &["YILMAZ", "SMITH"]);
/// let change = list(Function::Change, &["BROWN"]);
/// let closed = list(Function::CloseOnBoard, &["YILMAZ", "BROWN"]);
/// let versions = [&first, &change, &closed].map(|list| Version { list, source: "carrier" });
/// let now = current(&versions);
/// assert_eq!(now.people.len(), 3);
/// assert_eq!(now.count(Standing::Boarded), 2);
/// assert_eq!(now.count(Standing::NotBoarded), 1);
/// ```
pub fn current(versions: &[Version<'_>]) -> Current {
    let mut sources: Vec<Source> = Vec::new();
    let mut places: BTreeMap<(u8, bool, &str, String), usize> = BTreeMap::new();
    let mut steps = Vec::with_capacity(versions.len());
    let mut cancelled = false;
    for (number, version) in versions.iter().enumerate() {
        let list = version.list;
        let at_gate = list.function() == Function::GatePass;
        let key = (list.dataset() as u8, at_gate, version.source, list.flight().name());
        let at = *places.entry(key).or_insert_with(|| {
            sources.push(Source::default());
            sources.len() - 1
        });
        // A flight that is cancelled is so for everybody, whoever said it.
        match list.function() {
            Function::FlightCancelled => {
                let gone = sources.iter_mut().map(|s| s.cancel_all()).sum();
                steps.push(Step { gone, ..Step::default() });
                cancelled = true;
            }
            function => {
                cancelled &= !matches!(function, Function::Full | Function::Change);
                steps.push(sources[at].take(versions, number));
            }
        }
    }
    let closed = sources.iter().any(|s| s.closed);
    Current { people: laid_over(sources, versions), steps, cancelled, closed }
}

/// What one source has said.
#[derive(Default)]
struct Source {
    entries: Vec<Entry>,
    closed: bool,
}

/// Somebody as one source knows them.
struct Entry {
    /// The newest last.
    places: Vec<Place>,
    standing: Standing,
}

impl Source {
    fn cancel_all(&mut self) -> usize {
        let travelling = self.entries.iter_mut().filter(|e| e.standing > Standing::AtGate);
        travelling.map(|e| e.standing = Standing::Cancelled).count()
    }

    fn take(&mut self, versions: &[Version<'_>], number: usize) -> Step {
        let list = versions[number].list;
        let before: Vec<Standing> = self.entries.iter().map(|e| e.standing).collect();
        let found = matched(&self.entries, versions, number);
        let named: Vec<bool> = {
            let mut named = vec![false; self.entries.len()];
            found.iter().flatten().for_each(|at| named[*at] = true);
            named
        };
        let mut step = Step::default();
        for (traveller, at) in found.iter().enumerate() {
            let place = Place { version: number, traveller };
            let now = &list.travellers()[traveller];
            if now.is_removed() {
                continue;
            }
            let Some(at) = *at else {
                step.added += 1;
                let standing = self.standing_of(list, now, None);
                self.entries.push(Entry { places: vec![place], standing });
                continue;
            };
            let earlier = self.entries[at].places.last().map(|p| traveller_at(versions, *p));
            if earlier.is_some_and(|earlier| same(earlier, now)) {
                step.same += 1;
            } else {
                step.changed += 1;
            }
            let standing = self.standing_of(list, now, Some(self.entries[at].standing));
            self.entries[at].places.push(place);
            self.entries[at].standing = standing;
        }
        for at in (0..named.len()).filter(|at| !named[*at]) {
            if let Some(standing) = self.unnamed(at, versions, list) {
                self.entries[at].standing = standing;
            }
        }
        let closing = [Function::CloseOnBoard, Function::CloseNotOnBoard];
        self.closed |= closing.contains(&list.function());
        let travelled = before.iter().zip(&self.entries);
        step.gone =
            travelled.filter(|(before, e)| before.travels() && !e.standing.travels()).count();
        step
    }

    /// How somebody stands whom a list names.
    fn standing_of(
        &self,
        list: &PassengerList,
        traveller: &Traveller,
        before: Option<Standing>,
    ) -> Standing {
        let booking = traveller.booking.and_then(|b| list.bookings().get(b as usize));
        match list.function() {
            Function::GatePass => return Standing::AtGate,
            Function::Cancel | Function::FlightCancelled => return Standing::Cancelled,
            Function::CloseOnBoard => return Standing::Boarded,
            Function::CloseNotOnBoard => return Standing::NotBoarded,
            Function::Full | Function::Change => {}
        }
        match traveller.status {
            _ if booking.is_some_and(|b| b.cancelled) => Standing::Cancelled,
            Some(Status::Boarded) => Standing::Boarded,
            Some(Status::NoShow | Status::NotBoarded) => Standing::NotBoarded,
            // A list that is sent again does not open a flight that was closed.
            _ if self.closed => match before {
                Some(known @ (Standing::Boarded | Standing::NotBoarded)) => known,
                _ => Standing::Listed,
            },
            _ => Standing::Listed,
        }
    }

    /// What becomes of somebody whom a list does not name; nothing when it says nothing of
    /// them.
    fn unnamed(
        &self,
        at: usize,
        versions: &[Version<'_>],
        list: &PassengerList,
    ) -> Option<Standing> {
        let entry = &self.entries[at];
        let travels = entry.standing > Standing::AtGate;
        match list.function() {
            Function::Full => travels.then_some(Standing::Absent),
            Function::CloseOnBoard => travels.then_some(Standing::NotBoarded),
            Function::CloseNotOnBoard => {
                (entry.standing == Standing::Listed).then_some(Standing::Boarded)
            }
            Function::Change if travels => {
                let last = *entry.places.last()?;
                let own = locator(versions, last).filter(|l| !l.is_empty())?;
                let booking = list.bookings().iter().find(|b| b.locator == own)?;
                Some(if booking.cancelled { Standing::Cancelled } else { Standing::Absent })
            }
            _ => None,
        }
    }
}

fn traveller_at<'l>(versions: &[Version<'l>], place: Place) -> &'l Traveller {
    &versions[place.version].list.travellers()[place.traveller]
}

/// The locator of the booking in which somebody stands there.
fn locator<'l>(versions: &[Version<'l>], place: Place) -> Option<&'l str> {
    let list = versions[place.version].list;
    let booking = list.travellers()[place.traveller].booking?;
    Some(list.bookings().get(booking as usize)?.locator.as_str())
}

/// Whether two records say the same; where the booking stands in its list is not of them.
fn same(a: &Traveller, b: &Traveller) -> bool {
    let apart = |t: &Traveller| Traveller { booking: None, ..t.clone() };
    apart(a) == apart(b)
}

/// By what somebody is known again, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// The carrier's own reference.
    Reference,
    /// A travel document.
    Document,
    /// The name within a booking, or the one that it was divided from.
    Booking,
    /// Name and date of birth.
    Born,
    /// The name, where nothing else is said.
    Name,
}

const WITHIN: [By; 5] = [By::Reference, By::Document, By::Booking, By::Born, By::Name];
/// References and locators of one source mean nothing in another.
const ACROSS: [By; 3] = [By::Document, By::Born, By::Name];

/// What identifies somebody in that way.
fn keys(versions: &[Version<'_>], place: Place, by: By) -> Vec<String> {
    let t = traveller_at(versions, place);
    let name = written(t);
    match by {
        By::Reference => t.reference.iter().map(|r| r.to_string()).collect(),
        By::Document => {
            let numbered = t.documents.iter().filter(|d| !d.number.is_empty());
            let issued = |d: &crate::TravelDocument| match d.issuer {
                Some(issuer) => format!("{} {issuer}", d.number),
                None => d.number.to_string(),
            };
            numbered.map(issued).collect()
        }
        _ if name.is_empty() => Vec::new(),
        By::Booking => {
            let list = versions[place.version].list;
            let booking = t.booking.and_then(|b| list.bookings().get(b as usize));
            let Some(booking) = booking.filter(|b| !b.locator.is_empty()) else {
                return Vec::new();
            };
            let split = booking.split.iter().filter_map(|s| s.rsplit(' ').next());
            let all = std::iter::once(booking.locator.as_str()).chain(split);
            all.map(|locator| format!("{locator} {name}")).collect()
        }
        By::Born => t.birth_date.iter().map(|b| format!("{name} {b}")).collect(),
        By::Name => vec![name],
    }
}

/// Letters and figures of the name, as capitals; nothing for the unnamed.
fn written(t: &Traveller) -> String {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    };
    match (letters(&t.surname), letters(&t.given)) {
        (surname, given) if surname.is_empty() && given.is_empty() => String::new(),
        (surname, given) => format!("{surname}/{given}"),
    }
}

/// Whether what both records say of a person is not contradictory: a name alone does not make
/// one of two people of different birth dates, documents or bookings.
fn may_be_one(versions: &[Version<'_>], a: Place, b: Place, by: By) -> bool {
    if by != By::Name {
        return true;
    }
    let (one, other) = (traveller_at(versions, a), traveller_at(versions, b));
    let born = match (one.birth_date, other.birth_date) {
        (Some(x), Some(y)) => x == y,
        _ => true,
    };
    let documents = keys(versions, a, By::Document);
    let others = keys(versions, b, By::Document);
    let papers =
        documents.is_empty() || others.is_empty() || documents.iter().any(|d| others.contains(d));
    let same_kind = versions[a.version].list.dataset() == versions[b.version].list.dataset();
    let booked = match (locator(versions, a), locator(versions, b)) {
        (Some(x), Some(y)) if same_kind => x == y,
        _ => true,
    };
    born && papers && booked
}

/// For each traveller of a version the entry that they are, each entry once.
fn matched(entries: &[Entry], versions: &[Version<'_>], number: usize) -> Vec<Option<usize>> {
    let known: Vec<&[Place]> = entries.iter().map(|e| e.places.as_slice()).collect();
    let travellers = versions[number].list.travellers().len();
    let new: Vec<[Place; 1]> =
        (0..travellers).map(|traveller| [Place { version: number, traveller }]).collect();
    let new: Vec<&[Place]> = new.iter().map(|p| p.as_slice()).collect();
    pair(&known, &new, versions, &WITHIN)
}

/// For each of `new` which of `known` it is. What is surer goes first; nobody is taken twice.
fn pair(
    known: &[&[Place]],
    new: &[&[Place]],
    versions: &[Version<'_>],
    ways: &[By],
) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = vec![None; new.len()];
    let mut taken = vec![false; known.len()];
    for by in ways {
        let mut index: BTreeMap<String, Vec<(usize, Place)>> = BTreeMap::new();
        for (at, places) in known.iter().enumerate().filter(|(at, _)| !taken[*at]) {
            for place in *places {
                for key in keys(versions, *place, *by) {
                    index.entry(key).or_default().push((at, *place));
                }
            }
        }
        for (traveller, places) in new.iter().enumerate() {
            if found[traveller].is_some() {
                continue;
            }
            let all =
                places.iter().flat_map(|p| keys(versions, *p, *by).into_iter().map(|k| (*p, k)));
            let candidates = all.filter_map(|(p, key)| Some((p, index.get(&key)?)));
            let free = candidates
                .flat_map(|(p, list)| list.iter().map(move |(at, q)| (p, *at, *q)))
                .find(|(p, at, q)| !taken[*at] && may_be_one(versions, *p, *q, *by));
            if let Some((_, at, _)) = free {
                taken[at] = true;
                found[traveller] = Some(at);
            }
        }
    }
    found
}

/// Lays the sources over each other: who is on several is one person, whose standing is the
/// one that says most.
fn laid_over(sources: Vec<Source>, versions: &[Version<'_>]) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for source in sources {
        let known: Vec<&[Place]> = people.iter().map(|p| p.places.as_slice()).collect();
        let new: Vec<&[Place]> = source.entries.iter().map(|e| e.places.as_slice()).collect();
        let found = pair(&known, &new, versions, &ACROSS);
        for (entry, at) in source.entries.into_iter().zip(found) {
            match at {
                Some(at) => {
                    people[at].places.extend(entry.places);
                    people[at].standing = people[at].standing.max(entry.standing);
                }
                None => people.push(Person { places: entry.places, standing: entry.standing }),
            }
        }
    }
    for person in &mut people {
        person.places.sort_unstable_by(|a, b| b.cmp(a));
    }
    people.sort_by_key(|p| p.places.last().copied());
    people
}
