//! Who travels, by a document of JSON: lists under known names, and people who stand elsewhere
//! but can be nothing else.
//!
//! Nobody is taken for a traveller for having a name: an agent has one, and so has whoever is
//! to be called in need. What looks like somebody and is not read is told with its place.

use edifact::Span;
use travel::{Dataset, Kind};

use super::fields::plain;
use super::tree::{Member, Node, Value};

use super::{Collector, Field, field, function, is_of_form};
use crate::codes;
use crate::reading::Envelope;

/// Keys under which people stand, and what they are when they do not say.
const PEOPLE: [(&str, Kind); 28] = [
    ("travellers", Kind::Passenger),
    ("passengers", Kind::Passenger),
    ("crew", Kind::Crew),
    ("traveller", Kind::Passenger),
    ("travelers", Kind::Passenger),
    ("traveler", Kind::Passenger),
    ("passenger", Kind::Passenger),
    ("pax", Kind::Passenger),
    ("paxes", Kind::Passenger),
    ("paxs", Kind::Passenger),
    ("paxlist", Kind::Passenger),
    ("passengerlist", Kind::Passenger),
    ("travellerlist", Kind::Passenger),
    ("travelerlist", Kind::Passenger),
    ("people", Kind::Passenger),
    ("persons", Kind::Passenger),
    ("guests", Kind::Passenger),
    ("adults", Kind::Passenger),
    ("children", Kind::Passenger),
    ("companions", Kind::Passenger),
    ("infants", Kind::Infant),
    ("infant", Kind::Infant),
    ("crewlist", Kind::Crew),
    ("crewmembers", Kind::Crew),
    ("crewmember", Kind::Crew),
    ("flightcrew", Kind::Crew),
    ("cabincrew", Kind::Crew),
    ("transit", Kind::Transit),
];
/// Keys of a flight.
const FLIGHTS: [&str; 7] =
    ["flight", "flights", "flightinfo", "flightdetails", "voyage", "leg", "segment"];
/// Keys of documents.
const DOCUMENTS: [&str; 12] = [
    "documents",
    "document",
    "traveldocuments",
    "traveldocument",
    "docs",
    "doc",
    "passport",
    "passports",
    "visa",
    "visas",
    "identitydocument",
    "identitydocuments",
];
/// Keys under which more of the same person stands.
const OF_PERSON: [&str; 14] = [
    "name",
    "names",
    "fullname",
    "personal",
    "personaldetails",
    "personalinfo",
    "details",
    "identity",
    "bio",
    "person",
    "birth",
    "profile",
    "passengername",
    "api",
];
/// Keys of those who have a name and do not travel.
const OTHERS: [&str; 12] = [
    "agent",
    "agents",
    "contact",
    "contacts",
    "emergency",
    "emergencycontact",
    "author",
    "createdby",
    "sender",
    "user",
    "operator",
    "recipient",
];

/// What they are who stand under that key.
fn of_people(key: &str) -> Option<Kind> {
    let key = plain(key)?;
    PEOPLE.iter().find(|(known, _)| *known == key).map(|(_, kind)| *kind)
}

/// Whether people stand under that key.
pub(super) fn is_of_people(key: &str) -> bool {
    of_people(key).is_some()
}

fn is_one_of(key: &str, keys: &[&str]) -> bool {
    plain(key).is_some_and(|key| keys.contains(&&*key))
}

/// How surely an object is somebody who travels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Likeness {
    No,
    /// It has a name.
    Named,
    /// It has a surname by that word, and given names.
    Whole,
    /// It has a name, and what is said of travellers alone.
    Sure,
}

fn likeness(members: &[Member<'_>]) -> Likeness {
    let (mut named, mut surname, mut given, mut travels) = (false, false, false, false);
    for m in members {
        let nested = is_one_of(&m.key, &OF_PERSON) && likeness(m.value.members()) > Likeness::No;
        let about = field(&m.key);
        named |= nested || about.is_some_and(Field::is_name);
        surname |= nested || about == Some(Field::Surname) && !is_one_of(&m.key, &["name"]);
        given |= nested || about == Some(Field::Given);
        use Field::{BirthDate, DocumentNumber, Nationality, Seat, Sex, Ticket};
        let of_travel = [BirthDate, DocumentNumber, Nationality, Seat, Sex, Ticket];
        let number = is_one_of(&m.key, &["number", "id"]);
        travels |= about.is_some_and(|f| of_travel.contains(&f)) && !number;
        travels |= is_one_of(&m.key, &DOCUMENTS);
    }
    match () {
        () if !(named || given) => Likeness::No,
        () if travels => Likeness::Sure,
        () if surname && given => Likeness::Whole,
        () => Likeness::Named,
    }
}

/// Goes through a document.
pub(super) struct Walk<'f> {
    pub(super) collector: Collector<'f>,
    pub(super) envelope: Envelope,
    /// The function, as written.
    pub(super) word: String,
    /// What was said of the flight of all.
    flights: bool,
}

impl<'f> Walk<'f> {
    pub(super) fn new(collector: Collector<'f>) -> Self {
        let envelope = Envelope::default();
        Walk { collector, envelope, word: String::new(), flights: false }
    }

    /// The values of a text: a document, or several, or people alone.
    pub(super) fn top(&mut self, values: &[Node<'_>]) {
        for node in values {
            match &node.value {
                Value::List(all) => all.iter().for_each(|one| self.of_list(one)),
                _ => self.of_list(node),
            }
        }
    }

    fn of_list(&mut self, node: &Node<'_>) {
        let members = node.members();
        let holds = |m: &Member<'_>| is_of_people(&m.key) && m.value.text().is_none();
        if likeness(members) > Likeness::No && !members.iter().any(holds) {
            self.someone(node, Kind::Passenger);
        } else if members.is_empty() && !matches!(node.value, Value::List(_)) {
            self.collector.find(codes::JSON_SYNTAX, node.span, false);
        } else {
            self.envelope(node);
        }
    }

    /// An object that holds people, or others that do.
    fn envelope(&mut self, node: &Node<'_>) {
        if let Value::List(all) = &node.value {
            return all.iter().for_each(|one| self.look(one, false));
        }
        let members = node.members();
        self.words(members);
        self.flights_of(node);
        for m in members {
            match of_people(&m.key) {
                Some(kind) => self.people(m, kind),
                None if is_one_of(&m.key, &FLIGHTS) => self.within_flight(&m.value),
                None => self.look(&m.value, is_one_of(&m.key, &OTHERS)),
            }
        }
    }

    /// People of a flight may stand in it.
    fn within_flight(&mut self, node: &Node<'_>) {
        let flights = match &node.value {
            Value::List(all) => all.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for m in flights.iter().flat_map(Node::members) {
            if let Some(kind) = of_people(&m.key) {
                self.people(m, kind);
            }
        }
    }

    /// What the document says of itself.
    fn words(&mut self, members: &[Member<'_>]) {
        let text = |key: &str| {
            let found = members.iter().find(|m| m.key == key);
            found.and_then(|m| m.value.text()).map(str::to_owned)
        };
        if let Some(word) = text("function").filter(|_| self.word.is_empty()) {
            self.collector.report.function = function(&word).unwrap_or_default();
            self.word = word;
        }
        if text("type").is_some_and(|t| t.eq_ignore_ascii_case("pnr")) {
            self.collector.report.dataset = Dataset::Pnr;
        }
        let set = |place: &mut String, said: Option<String>| {
            if let Some(said) = said.filter(|_| place.is_empty()) {
                *place = said;
            }
        };
        set(&mut self.envelope.sender, text("sender"));
        set(&mut self.envelope.recipient, text("recipient"));
        set(&mut self.envelope.reference, text("reference"));
        self.collector.report.reference = self.envelope.reference.as_str().into();
    }

    /// Something under a key that is not known: are these people?
    fn look(&mut self, node: &Node<'_>, others: bool) {
        let like = match &node.value {
            Value::List(all) => {
                let each = all.iter().map(|one| likeness(one.members()));
                each.fold(Likeness::No, |best, one| if one > best { one } else { best })
            }
            _ => likeness(node.members()),
        };
        let is_list = matches!(node.value, Value::List(_));
        match like {
            Likeness::Sure if !others => self.found(node),
            Likeness::Whole if !others && is_list => self.found(node),
            Likeness::No if !others => match &node.value {
                Value::Object(_) | Value::List(_) => self.envelope(node),
                _ => {}
            },
            Likeness::No => {}
            _ => self.collector.find(codes::PEOPLE_UNREAD, node.span, false),
        }
    }

    /// People under a key that is not known.
    fn found(&mut self, node: &Node<'_>) {
        self.collector.find(codes::PEOPLE_KEY, opening(node.span), false);
        match &node.value {
            Value::List(all) => all.iter().for_each(|one| self.one(one, Kind::Passenger)),
            _ => self.someone(node, Kind::Passenger),
        }
    }

    /// People under a key that is known: a list of them, or what stands for one.
    fn people(&mut self, m: &Member<'_>, kind: Kind) {
        let node = &m.value;
        match &node.value {
            Value::List(all) => all.iter().for_each(|one| self.one(one, kind)),
            Value::Object(members) => {
                self.collector.find(codes::PEOPLE_KEY, m.at, false);
                if likeness(members) > Likeness::No {
                    return self.someone(node, kind);
                }
                let before = self.collector.last();
                for member in members {
                    match (&member.value.value, of_people(&member.key)) {
                        (Value::Object(_) | Value::List(_), Some(kind)) => {
                            self.people(member, kind)
                        }
                        (Value::Object(_), None) => self.one(&member.value, kind),
                        (Value::List(all), None) => all.iter().for_each(|one| self.one(one, kind)),
                        _ => {}
                    }
                }
                if before == self.collector.last() && !members.is_empty() {
                    self.collector.find(codes::PEOPLE_UNREAD, opening(node.span), false);
                }
            }
            Value::Word(number) if number.parse::<u32>().is_ok() => {
                self.collector.report.stated_total = number.parse().ok();
            }
            Value::Text(_) | Value::Word(_) => {
                self.collector.find(codes::PEOPLE_KEY, m.at, false);
                self.one(node, kind);
            }
            Value::Null => {}
        }
    }

    /// One of a list of people.
    fn one(&mut self, node: &Node<'_>, kind: Kind) {
        match &node.value {
            Value::List(all) => all.iter().for_each(|one| self.one(one, kind)),
            Value::Object(members) => {
                let inner = || members.iter().filter(|m| m.value.text().is_none());
                let holder = likeness(members) == Likeness::No;
                match inner().find_map(|m| Some((m, of_people(&m.key)?))).filter(|_| holder) {
                    Some((m, kind)) => self.people(m, kind),
                    None => self.someone(node, kind),
                }
            }
            // A name alone.
            Value::Text(name) if name.chars().filter(|c| c.is_alphabetic()).count() > 1 => {
                self.collector.person(node.span);
                self.of_kind(kind);
                self.collector.put(Field::FullName, name, node.span);
            }
            Value::Null => {}
            _ => self.collector.find(codes::PEOPLE_UNREAD, node.span, false),
        }
    }

    fn of_kind(&mut self, kind: Kind) {
        if let Some(t) = self.collector.report.travellers.last_mut() {
            t.kind = kind;
        }
    }

    fn someone(&mut self, node: &Node<'_>, kind: Kind) {
        self.collector.person(node.span);
        self.of_kind(kind);
        let of_flight = |m: &Member<'_>| field(&m.key).is_some_and(Field::is_of_flight);
        let flies = node.members().iter().any(of_flight);
        if flies {
            self.collector.flight(node.span);
        }
        let mut with = Vec::new();
        self.of_person(node.members(), &mut with);
        if flies {
            self.collector.close_flight();
        }
        for (m, kind) in with {
            self.people(m, kind);
        }
    }

    /// What is said of the last person; who stands in it with them comes later.
    fn of_person<'n, 's>(
        &mut self,
        members: &'n [Member<'s>],
        with: &mut Vec<(&'n Member<'s>, Kind)>,
    ) {
        for m in members {
            let is_part = matches!(m.value.value, Value::Object(_) | Value::List(_));
            match of_people(&m.key).filter(|_| is_part) {
                Some(kind) => with.push((m, kind)),
                None if is_part && is_one_of(&m.key, &DOCUMENTS) => self.documents(&m.value),
                None if is_one_of(&m.key, &OF_PERSON) && !m.value.members().is_empty() => {
                    self.of_person(m.value.members(), with);
                }
                None => self.value(m),
            }
        }
    }

    fn value(&mut self, m: &Member<'_>) {
        let about = field(&m.key).or_else(|| field(m.key.trim_end_matches('s')));
        let Some(about) = about else {
            if matches!(m.value.value, Value::Null | Value::Word("true" | "false")) {
                return;
            }
            self.collector.find(codes::COLUMN_UNKNOWN, m.at, false);
            return self.look(&m.value, true);
        };
        match &m.value.value {
            Value::List(all) => {
                let texts = all.iter().filter_map(|one| Some((one, one.text()?)));
                texts.for_each(|(one, text)| self.collector.put(about, text, one.span));
            }
            Value::Object(members) => {
                let codes = ["code", "value", "number", "iso3", "alpha3", "iso"];
                let said = members
                    .iter()
                    .find(|m| is_one_of(&m.key, &codes) || field(&m.key) == Some(about));
                if let Some((one, text)) = said.and_then(|m| Some((m, m.value.text()?))) {
                    self.collector.put(about, text, one.value.span);
                } else if about == Field::Sensitive {
                    self.collector.put(about, "-", m.value.span);
                } else {
                    self.collector.find(codes::COLUMN_UNKNOWN, m.at, false);
                }
            }
            _ => {
                if let Some(text) = m.value.text() {
                    self.collector.put(about, text, m.value.span);
                } else if about == Field::Sensitive && m.value.text().is_none() {
                    let said = matches!(m.value.value, Value::Word("true"));
                    self.collector.put(about, if said { "-" } else { "" }, m.value.span);
                }
            }
        }
    }

    fn documents(&mut self, node: &Node<'_>) {
        if let Value::List(all) = &node.value {
            return all.iter().for_each(|one| self.documents(one));
        }
        if node.members().is_empty() {
            if let Some(number) = node.text() {
                self.collector.put(Field::DocumentNumber, number, node.span);
            }
            return;
        }
        self.collector.document();
        for m in node.members() {
            let Some(text) = m.value.text() else { continue };
            match of_document(&m.key) {
                Some(about) => self.collector.put(about, text, m.value.span),
                None => self.collector.find(codes::COLUMN_UNKNOWN, m.at, false),
            }
        }
    }

    /// `flight` is an object, or a designator beside keys of its own; `legs` are several.
    fn flights_of(&mut self, list: &Node<'_>) {
        let at = list.members().iter().find(|m| is_one_of(&m.key, &FLIGHTS));
        match at.map(|m| &m.value) {
            Some(node) => match &node.value {
                Value::Object(_) => self.flight(node, node.span),
                Value::List(all) => all.iter().for_each(|one| self.flight(one, one.span)),
                _ => self.flight(list, node.span),
            },
            None => {
                let said = |m: &Member<'_>| field(&m.key).is_some_and(Field::is_of_flight);
                if list.members().iter().any(said) || !self.flights {
                    self.flight(list, Span { start: list.span.start, end: list.span.start });
                }
            }
        }
        self.flights = true;
    }

    fn flight(&mut self, node: &Node<'_>, span: Span) {
        let legs = node.members().iter().find(|m| is_one_of(&m.key, &["legs", "segments"]));
        let legs = match legs.map(|m| &m.value.value) {
            Some(Value::List(legs)) => legs.as_slice(),
            _ => &[],
        };
        if legs.is_empty() {
            self.collector.flight(span);
            self.of_flight(node.members());
            return self.collector.close_flight();
        }
        for leg in legs {
            self.collector.flight(span);
            self.of_flight(node.members());
            self.of_flight(leg.members());
            self.collector.close_flight();
        }
    }

    fn of_flight(&mut self, members: &[Member<'_>]) {
        for m in members {
            // In the flight's own object `number` is the flight's.
            let number = is_one_of(&m.key, &["number"]);
            let about = if number { Some(Field::Flight) } else { field(&m.key) };
            let Some(about) = about.filter(|f| f.is_of_flight()) else { continue };
            if let Some(text) = m.value.text() {
                self.collector.put(about, text, m.value.span);
            }
            // `"departure": {"airport": "IST", "time": …}`
            for inner in m.value.members() {
                let Some(text) = inner.value.text() else { continue };
                let place =
                    is_one_of(&inner.key, &["airport", "iata", "code", "station", "iatacode"]);
                let time = is_one_of(
                    &inner.key,
                    &["time", "date", "datetime", "scheduled", "scheduledtime", "local"],
                );
                let about = match about {
                    Field::Departs | Field::From if place => Field::From,
                    Field::Arrives | Field::To if place => Field::To,
                    Field::Departs | Field::From if time => Field::Departs,
                    Field::Arrives | Field::To if time => Field::Arrives,
                    _ => continue,
                };
                self.collector.put(about, text, inner.value.span);
            }
        }
    }
}

fn of_document(key: &str) -> Option<Field> {
    match plain(key)?.as_str() {
        "kind" | "type" => Some(Field::DocumentKind),
        "country" => Some(Field::DocumentIssuer),
        _ => field(key),
    }
}

/// The bracket with which something begins.
fn opening(span: Span) -> Span {
    Span { start: span.start, end: (span.start + 1).min(span.end) }
}

/// Where keys stand that are known, and values under them that may be shown.
pub(super) fn shown(node: &Node<'_>, whole: bool, all: &mut Vec<Span>) {
    if let Value::List(list) = &node.value {
        return list.iter().for_each(|one| shown(one, whole, all));
    }
    for m in node.members() {
        let about = field(&m.key).or_else(|| of_document(&m.key));
        let known = about.is_some()
            || is_of_people(&m.key)
            || is_one_of(&m.key, &FLIGHTS)
            || is_one_of(&m.key, &DOCUMENTS)
            || is_one_of(&m.key, &OF_PERSON);
        if known {
            all.push(m.at);
        }
        let may = |(field, text): (Field, &str)| {
            is_of_form(field, text) && (whole || !field.is_of_words())
        };
        if about.zip(m.value.text()).is_some_and(may) {
            all.push(m.value.span);
        }
        shown(&m.value, whole, all);
    }
}
