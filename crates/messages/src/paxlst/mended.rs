//! What stands in the wrong shape: tags that nobody knows, segments that run together, and
//! details that are somebody else's than the traveller's behind whom they stand.

use edifact::Segment;
use travel::{Function, Kind, Sex, Traveller};

use super::shapes::{SHAPES, is_person};
use super::{Place, Reader};
use crate::reading::Finding;
use crate::sink::Origin;
use crate::text::{self, Century, few};
use crate::{codes, tags};

/// So many segments of a person are looked through for what is said twice.
const MOST_OF_PERSON: usize = 60;

impl Reader<'_> {
    /// Reads a segment that has more elements than one of its kind as several, if it is such.
    #[inline]
    pub(super) fn together(&mut self, s: &Segment<'_>, most: usize) -> bool {
        s.elements() > most && self.run_together(s)
    }

    #[cold]
    fn run_together(&mut self, s: &Segment<'_>) -> bool {
        tags::apart(SHAPES, s, |part, behind_another| {
            if behind_another {
                self.sink.run_together(part);
            }
            self.segment(part.code(), part);
        })
    }

    /// A segment of no tag that is known.
    #[cold]
    pub(super) fn odd(&mut self, s: &Segment<'_>) {
        if s.span().is_empty() || self.run_together(s) {
            return;
        }
        let read = tags::meant(SHAPES, s, |tag, meant| {
            let opens = matches!(&tag, b"NAD" | b"PDT");
            let who = if opens { Some(self.report.travellers.len()) } else { self.current() };
            self.sink.meant(tags::written(s), tag, s, who);
            self.segment(tag, meant);
        });
        if read.is_some() {
            return;
        }
        // No tag: the rest of a text that an unreleased quote ended, of a name perhaps.
        match s.code() == *b"   " {
            true if self.rest_of_name(s) => return,
            true => {}
            false => self.sink.segment(codes::SEGMENT_UNKNOWN, *s, self.current()),
        }
        if self.current().is_some() {
            self.unread = Some(Origin::of(self.sink.message, *s));
        }
    }

    /// A nationality with elements that only a name has: `NAT+FL+++KAYA:CAN`.
    #[inline]
    pub(super) fn is_a_name(&mut self, s: &Segment<'_>) -> bool {
        s.elements() > 2 && self.is_person_by_another_tag(s)
    }

    #[cold]
    fn is_person_by_another_tag(&mut self, s: &Segment<'_>) -> bool {
        if is_person(s) {
            let who = Some(self.report.travellers.len());
            self.sink.meant(tags::written(s), *b"NAD", s, who);
            self.segment(*b"NAD", s);
        }
        is_person(s)
    }

    /// What a person has once stands a second time: whether it is somebody else's, whose `NAD`
    /// could not be read or is not there. They are then the traveller whose segments come.
    ///
    /// Where something stood that could not be read, it is, if it says otherwise than what is
    /// known; else two kinds must be there again, and the date of birth another. One person may
    /// have two nationalities, and two documents, each with all that belongs to it.
    #[cold]
    pub(super) fn another_begins(&mut self, s: &Segment<'_>) -> bool {
        let Some(known) = self.current().map(|i| &self.report.travellers[i]) else { return false };
        let mut said = Said::default();
        for s in std::iter::once(*s).chain(s.behind().take(MOST_OF_PERSON)) {
            if matches!(&s.code(), b"NAD" | b"PDT" | b"CNT" | b"TDT" | b"UNT" | b"UNH" | b"   ") {
                break;
            }
            said.hear(&s, known, self.received_on);
        }
        let begins = match self.unread {
            Some(_) => said.other_birth || (!said.birth && said.other),
            None => said.other_birth && said.again >= 2,
        };
        if begins {
            self.nameless(s);
        }
        begins
    }

    /// What only people have stands behind the flight, or behind a party, where nobody is named:
    /// whoever it is of.
    #[cold]
    pub(super) fn begins_nameless(&mut self, s: &Segment<'_>) -> bool {
        let begins = match self.place {
            Place::Leg => true,
            Place::Party => !self.legs.is_empty(),
            _ => false,
        };
        if begins {
            self.nameless(s);
        }
        begins
    }

    /// Adds a traveller of whom nobody can say the name.
    fn nameless(&mut self, s: &Segment<'_>) {
        let mut finding = Finding::new(codes::PERSON_MISSING, s.span(), "");
        self.unread.take().unwrap_or(Origin::of(self.sink.message, *s)).place(&mut finding);
        finding.traveller = Some(self.report.travellers.len());
        self.sink.push(finding);
        self.place = Place::Person;
        self.push(Traveller::default(), s);
    }
}

/// Who may be named second in a `NAD`, or behind it where an address stands.
pub(super) struct Second {
    message: usize,
    finding: Finding,
    /// Them, if it can be told what their name would be.
    traveller: Option<(Origin, Traveller)>,
}

impl Reader<'_> {
    /// Whoever else a `NAD` names: by a repetition of the name, which says so itself; in the
    /// place of an address, or behind two names of the first, which may be no more than they seem.
    #[cold]
    pub(super) fn further_names(&mut self, s: &Segment<'_>, kind: Kind) {
        let several = s.repetitions(4);
        for repetition in 2..=few(several) {
            let part = |c| s.text_rep(4, repetition, c);
            let (surname, _) = text::given_names(std::iter::once(part(1)));
            let (given, _) =
                text::given_names((2..=few(s.components_rep(4, repetition))).map(part));
            if surname.is_empty() {
                continue;
            }
            let index = self.report.travellers.len();
            self.sink.at(codes::NAMES_SEVERAL, *s, (4, 1), Some(index));
            self.push(Traveller { kind, surname, given, ..Traveller::default() }, s);
            self.place = Place::Several;
        }
        let pair = |e: usize| [1, 2].iter().all(|c| tags::is_name(s.raw(e, *c)));
        let place = match (s.elements(), s.components(5), s.components(4)) {
            (5, 2, _) if pair(5) => 5,
            (4, _, 4) if several == 1 => 4,
            _ => return,
        };
        let from = if place == 5 { 1 } else { 3 };
        let mut finding = Finding::new(codes::NAMES_SECOND, s.span_of(place, from), "");
        finding.message = Some(self.sink.message);
        finding.segment = Some(s.position());
        (finding.element, finding.component) = (Some(place), Some(from));
        finding.traveller = self.report.travellers.len().checked_sub(1);
        let named = |c| text::given_names(std::iter::once(s.text(place, c))).0;
        let traveller = (place == 5).then(|| {
            let t = Traveller { kind, surname: named(1), given: named(2), ..Traveller::default() };
            (Origin::of(self.sink.message, *s), t)
        });
        self.second.push(Second { message: self.sink.message, finding, traveller });
    }

    /// Says where a second name may stand if more are stated than are named; if as many are
    /// missing as names stand in the place of an address, these are theirs.
    pub(super) fn tell_of_second_names(&mut self) {
        let second = std::mem::take(&mut self.second);
        let named = self.report.travellers.len();
        let stated = self.report.stated_total.map_or(0, |n| n as usize);
        let missing = stated.saturating_sub(named);
        if missing == 0
            || self.report.function != Function::Full
            || !self.report.reference.is_empty()
        {
            return;
        }
        let sure = second.iter().filter(|s| s.traveller.is_some()).count() == missing;
        for Second { message, mut finding, traveller } in second {
            self.sink.message = message;
            if let (true, Some((origin, t))) = (sure, traveller) {
                // What was taken for an address was none.
                let first = finding.traveller.and_then(|i| self.report.travellers.get_mut(i));
                if let Some(first) = first {
                    let address = format!("{}, {}", t.surname, t.given);
                    first.contacts.retain(|c| c.text != address);
                }
                finding.of(codes::NAMES_SEVERAL);
                finding.traveller = Some(self.report.travellers.len());
                self.report.travellers.push(t);
                self.places.travellers.push(origin);
            }
            self.sink.push(finding);
        }
    }
}

/// What is said again of a traveller who is known.
#[derive(Default)]
struct Said {
    /// How many kinds of things.
    again: u32,
    /// Whether a date of birth, and whether another.
    birth: bool,
    other_birth: bool,
    /// Whether anything else is another.
    other: bool,
}

impl Said {
    fn hear(&mut self, s: &Segment<'_>, known: &Traveller, today: jiff::civil::Date) {
        let differs = match (&s.code(), s.qualifier()) {
            (b"ATT", _) if known.sex != Sex::Unknown => {
                let code = if s.raw(3, 1).is_empty() { s.raw(2, 1) } else { s.raw(3, 1) };
                text::sex(code).is_some_and(|sex| sex != known.sex && sex != Sex::Unknown)
            }
            (b"NAT", _) if known.nationality.is_some() => {
                let country = text::country(&s.text(2, 1));
                country.is_some() && country != known.nationality
            }
            (b"RFF", b"ABO") if known.reference.is_some() => {
                known.reference.as_deref() != Some(&*s.text(1, 2))
            }
            (b"DTM", b"329") => {
                self.birth = true;
                let date = text::date_ymd(s.raw(1, 2), Century::Past, today);
                self.again += u32::from(known.birth_date.is_some());
                self.other_birth |=
                    known.birth_date.is_some() && date.is_some_and(|d| Some(d) != known.birth_date);
                return;
            }
            _ => return,
        };
        self.again += 1;
        self.other |= differs;
    }
}
