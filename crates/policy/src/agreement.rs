//! The agreement: what each of two states sends the other, and on what terms.
//!
//! Its binding form is canonical CBOR (maps with integer keys in ascending order,
//! sets sorted, absent values left out); the SHA-256 of those bytes is its id, which
//! rides on every parcel. TOML (`toml_form`) and the readable page (`words`) are
//! views of it.

use std::fmt;

use aws_lc_rs::digest;
use jiff::civil::Date;
use minicbor::{Decode, Encode};
use travel::{Airport, Country, Dataset, ElementSet, Flight, FlightKind};

use crate::Purpose;

/// Longest document read, in bytes.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 1_000_000;
const MAX_ITEMS: usize = 1_000;

/// The digest by which parcels name an agreement; shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct AgreementId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl AgreementId {
    /// The id of the document with these bytes.
    pub fn of(document: &[u8]) -> Self {
        let mut id = [0; 32];
        id.copy_from_slice(digest::digest(&digest::SHA256, document).as_ref());
        Self(id)
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut id = [0; 32];
        for (i, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(id))
    }

    /// The first eight digits, for lists on a screen.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for AgreementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}
impl fmt::Debug for AgreementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// In what form something goes to the partner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Mode {
    /// The whole list of a flight.
    #[n(0)]
    List,
    /// One traveller, when officers have upheld a hit.
    #[n(1)]
    Hit,
    /// Tags that open only for those on the receiver's watchlist.
    #[n(2)]
    Blind,
    /// What an officer answers to a reasoned request, case by case (EU-17).
    #[n(3)]
    Answer,
    /// What an officer tells, unasked, the state that a person concerns (EU-16).
    #[n(4)]
    Spontaneous,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 5] =
        [Mode::List, Mode::Hit, Mode::Blind, Mode::Answer, Mode::Spontaneous];

    /// The name in agreements and events.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::List => "list",
            Mode::Hit => "hit",
            Mode::Blind => "blind",
            Mode::Answer => "answer",
            Mode::Spontaneous => "spontaneous",
        }
    }

    /// Whether it is about single persons, so that an officer has to have decided on it.
    pub const fn by_officer(self) -> bool {
        matches!(self, Mode::Hit | Mode::Answer | Mode::Spontaneous)
    }

    /// The mode of that name.
    pub fn named(name: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|m| m.name() == name)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the receiver may pass on what it got.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Onward {
    /// Never.
    #[n(0)]
    Never,
    /// Case by case, with the sender's consent given before (EU-22).
    #[n(1)]
    WithConsent,
}

impl Onward {
    /// The name in agreements.
    pub const fn name(self) -> &'static str {
        match self {
            Onward::Never => "never",
            Onward::WithConsent => "with_consent",
        }
    }
}

/// Airports or countries at one end of a route.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Set {
    /// Anywhere.
    #[n(0)]
    Any,
    /// These airports, by IATA or ICAO code.
    #[n(1)]
    Airports(#[n(0)] Vec<String>),
    /// Any airport of these countries.
    #[n(2)]
    Countries(#[n(0)] Vec<Country>),
}

impl Set {
    /// Whether the airport with this code is in the set. An airport that is not known
    /// is only in [`Set::Any`], or where the set names its code.
    pub fn contains(&self, code: &str) -> bool {
        let airport = Airport::find(code);
        match self {
            Set::Any => true,
            Set::Airports(codes) => codes
                .iter()
                .any(|c| c == code || airport.is_some_and(|a| *c == a.iata || *c == a.icao)),
            Set::Countries(countries) => airport.is_some_and(|a| countries.contains(&a.country)),
        }
    }
}

/// From anywhere in one set to anywhere in another.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Route {
    /// Where travellers board.
    #[n(0)]
    pub from: Set,
    /// Where they leave the aircraft.
    #[n(1)]
    pub to: Set,
}

impl Route {
    /// Whether somebody can board the flight in `from` and leave it, on that leg or a
    /// later one, in `to`.
    pub fn covers(&self, flight: &Flight) -> bool {
        let boards = flight.legs.iter().position(|leg| self.from.contains(&leg.from));
        boards.is_some_and(|i| flight.legs[i..].iter().any(|leg| self.to.contains(&leg.to)))
    }
}

/// One thing that a state sends: of which flights, what, and in which form.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Term {
    /// A name for people; no term is decided by it.
    #[n(0)]
    pub name: String,
    /// The flights: those that one of these routes covers …
    #[n(1)]
    pub routes: Vec<Route>,
    /// … and none of these does.
    #[n(2)]
    pub not: Vec<Route>,
    /// Kinds of flight.
    #[n(3)]
    pub flight_kinds: Vec<FlightKind>,
    /// Datasets.
    #[n(4)]
    pub datasets: Vec<Dataset>,
    /// In which form.
    #[n(5)]
    pub mode: Mode,
    /// What of a record may go.
    #[n(6)]
    pub elements: ElementSet,
    /// First day, where it is later than the agreement's.
    #[cbor(n(7), with = "day_option", has_nil)]
    pub from: Option<Date>,
    /// Last day, where it is earlier than the agreement's.
    #[cbor(n(8), with = "day_option", has_nil)]
    pub until: Option<Date>,
}

impl Term {
    /// Whether the term's routes cover the flight.
    pub fn covers(&self, flight: &Flight) -> bool {
        self.routes.iter().any(|r| r.covers(flight)) && !self.not.iter().any(|r| r.covers(flight))
    }
}

/// What one party sends the other.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Direction {
    /// The sender.
    #[n(0)]
    pub from: Country,
    /// The receiver.
    #[n(1)]
    pub to: Country,
    /// What is sent; the first term that matches decides.
    #[n(2)]
    pub terms: Vec<Term>,
    /// For what the receiver may use it.
    #[n(3)]
    pub purposes: Vec<Purpose>,
    /// For how many days the receiver may keep it, from receipt.
    #[n(4)]
    pub retention_days: u32,
    /// After how many days the receiver must mask it, if at all.
    #[n(5)]
    pub mask_after_days: Option<u32>,
    /// Whether the receiver may pass it on.
    #[n(6)]
    pub onward: Onward,
    /// How many minutes before departure the sender has to have sent it, where agreed.
    #[n(7)]
    pub latest_before_departure_minutes: Option<u32>,
    /// On what terms the sender answers in an emergency, where agreed.
    #[n(8)]
    pub emergency: Option<Emergency>,
}

/// On what terms an emergency request is answered (EU-18): at once, and with a ground that
/// may come after.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Emergency {
    /// Within how many minutes after the request its officers decide.
    #[n(0)]
    pub answer_within_minutes: u32,
    /// Within how many hours after the request the asking state has to justify it.
    #[n(1)]
    pub justify_within_hours: u32,
}

/// An agreement between two states.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Agreement {
    /// What it is called.
    #[n(0)]
    pub title: String,
    /// The two states.
    #[n(1)]
    pub parties: [Country; 2],
    /// The treaty or law that it rests on, as lawyers cite it.
    #[n(2)]
    pub legal_basis: String,
    /// Counted from 1; a change is a new version, signed anew.
    #[n(3)]
    pub version: u32,
    /// First day in force (UTC).
    #[cbor(n(4), with = "day")]
    pub from: Date,
    /// Last day in force (UTC).
    #[cbor(n(5), with = "day")]
    pub until: Date,
    /// What each party sends, at most one direction each.
    #[n(6)]
    pub directions: Vec<Direction>,
}

/// Where in a document something is wrong; indexes are counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// Which direction.
    pub direction: Option<usize>,
    /// Which term of it.
    pub term: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.direction, self.term) {
            (Some(d), Some(t)) => write!(f, "direction {}, term {}", d + 1, t + 1),
            (Some(d), None) => write!(f, "direction {}", d + 1),
            _ => f.write_str("the agreement"),
        }
    }
}

/// A document is no agreement.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AgreementError {
    /// The TOML cannot be read; the text names line and column and shows the place.
    #[error("{0}")]
    Toml(String),
    /// Not the canonical CBOR of an agreement.
    #[error("not an agreement in canonical form: {0}")]
    Cbor(String),
    /// It can be read but makes no sense.
    #[error("{}{place}: {text}", line.map_or_else(String::new, |l| format!("line {l}: ")))]
    Invalid {
        /// The line of the TOML, counted from 1, when it came from there.
        line: Option<usize>,
        /// Where.
        place: Place,
        /// What is wrong.
        text: String,
    },
}

impl Agreement {
    /// The binding form; equal agreements have equal bytes.
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut sorted = self.clone();
        sorted.sort();
        minicbor::to_vec(&sorted).expect("writing to memory cannot fail")
    }

    /// Reads the binding form, and no other.
    ///
    /// # Errors
    /// [`AgreementError::Cbor`] or [`AgreementError::Invalid`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, AgreementError> {
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(AgreementError::Cbor("longer than a megabyte".to_owned()));
        }
        let agreement: Self =
            minicbor::decode(bytes).map_err(|e| AgreementError::Cbor(e.to_string()))?;
        agreement.validate()?;
        if agreement.to_cbor() != bytes {
            return Err(AgreementError::Cbor("written otherwise than we would".to_owned()));
        }
        Ok(agreement)
    }

    /// Its id: the SHA-256 of the binding form.
    pub fn digest(&self) -> AgreementId {
        AgreementId::of(&self.to_cbor())
    }

    /// What `from` sends to `to`.
    pub fn direction(&self, from: Country, to: Country) -> Option<&Direction> {
        self.directions.iter().find(|d| d.from == from && d.to == to)
    }

    /// The party that is not `state`.
    pub fn partner_of(&self, state: Country) -> Option<Country> {
        match self.parties {
            [a, b] if a == state => Some(b),
            [a, b] if b == state => Some(a),
            _ => None,
        }
    }

    /// Brings every set into ascending order without doubles; the order of terms and
    /// routes is meaning and stays.
    pub(crate) fn sort(&mut self) {
        for direction in &mut self.directions {
            direction.purposes.sort();
            direction.purposes.dedup();
            for term in &mut direction.terms {
                term.flight_kinds.sort_by_key(|k| *k as u8);
                term.flight_kinds.dedup();
                term.datasets.sort_by_key(|d| *d as u8);
                term.datasets.dedup();
                for route in term.routes.iter_mut().chain(&mut term.not) {
                    route.from.sort();
                    route.to.sort();
                }
            }
        }
    }

    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first thing that makes no sense, as [`AgreementError::Invalid`].
    pub fn validate(&self) -> Result<(), AgreementError> {
        let whole = Place::default();
        check(!self.title.trim().is_empty(), whole, "it needs a title")?;
        check(!self.legal_basis.trim().is_empty(), whole, "it needs a legal basis")?;
        check(self.version > 0, whole, "versions are counted from 1")?;
        check(self.parties[0] != self.parties[1], whole, "the two parties are one state")?;
        check(self.from <= self.until, whole, "it ends before it starts")?;
        check(!self.directions.is_empty(), whole, "it lets nobody send anything")?;
        for (i, direction) in self.directions.iter().enumerate() {
            let place = Place { direction: Some(i), term: None };
            let known = self.partner_of(direction.from) == Some(direction.to);
            check(known, place, "from and to must be the two parties")?;
            let earlier = self.directions[..i].iter().any(|d| d.from == direction.from);
            check(!earlier, place, "this direction is there already")?;
            direction.validate(i)?;
        }
        Ok(())
    }
}

fn check(holds: bool, place: Place, text: &str) -> Result<(), AgreementError> {
    if holds {
        return Ok(());
    }
    Err(AgreementError::Invalid { line: None, place, text: text.to_owned() })
}

impl Direction {
    fn validate(&self, index: usize) -> Result<(), AgreementError> {
        let place = Place { direction: Some(index), term: None };
        check(!self.purposes.is_empty(), place, "it names no purpose")?;
        let days = 1..=3_660;
        check(days.contains(&self.retention_days), place, "retention_days must be 1 to 3660")?;
        let masks = self.mask_after_days.is_none_or(|d| d > 0 && d <= self.retention_days);
        check(masks, place, "mask_after_days must be 1 to retention_days")?;
        check(!self.terms.is_empty(), place, "it has no term")?;
        if let Some(emergency) = self.emergency {
            let answers = self.terms.iter().any(|t| t.mode == Mode::Answer);
            check(answers, place, "it knows emergencies and answers nothing (mode answer)")?;
            let minutes = (1..=1_440).contains(&emergency.answer_within_minutes);
            check(minutes, place, "answer_within_minutes must be 1 to 1440")?;
            let hours = (1..=720).contains(&emergency.justify_within_hours);
            check(hours, place, "justify_within_hours must be 1 to 720")?;
        }
        check(self.terms.len() <= MAX_ITEMS, place, "it has more than 1,000 terms")?;
        for (i, term) in self.terms.iter().enumerate() {
            term.validate(Place { direction: Some(index), term: Some(i) })?;
        }
        Ok(())
    }
}

impl Term {
    fn validate(&self, place: Place) -> Result<(), AgreementError> {
        check(!self.routes.is_empty(), place, "it names no route")?;
        check(!self.flight_kinds.is_empty(), place, "it names no kind of flight")?;
        check(!self.datasets.is_empty(), place, "it names no dataset")?;
        check(!self.elements.is_empty(), place, "it names no element")?;
        check(self.elements.is_subset(ElementSet::ALL), place, "it names an unknown element")?;
        let ends = self.from.is_none_or(|f| self.until.is_none_or(|u| f <= u));
        check(ends, place, "it ends before it starts")?;
        for route in self.routes.iter().chain(&self.not) {
            check(
                route.from.is_sound() && route.to.is_sound(),
                place,
                "a set of a route is empty, too long or holds what is no code",
            )?;
        }
        Ok(())
    }
}

impl Set {
    fn is_sound(&self) -> bool {
        let code = |c: &String| {
            (3..=4).contains(&c.len())
                && c.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        match self {
            Set::Any => true,
            Set::Airports(a) => !a.is_empty() && a.len() <= MAX_ITEMS && a.iter().all(code),
            Set::Countries(c) => !c.is_empty() && c.len() <= MAX_ITEMS,
        }
    }

    fn sort(&mut self) {
        match self {
            Set::Any => {}
            Set::Airports(codes) => {
                codes.sort();
                codes.dedup();
            }
            Set::Countries(codes) => {
                codes.sort();
                codes.dedup();
            }
        }
    }
}

/// Days are written as text, `2026-01-31`.
mod day {
    use jiff::civil::Date;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    pub(super) fn encode<C, W: Write>(
        day: &Date,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.str(&day.to_string())?.ok()
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Date, DecodeError> {
        d.str()?.parse().map_err(|_| DecodeError::message("not a day"))
    }
}

mod day_option {
    use jiff::civil::Date;
    use minicbor::{
        Decoder, Encoder,
        decode::Error as DecodeError,
        encode::{Error as EncodeError, Write},
    };

    pub(super) fn encode<C, W: Write>(
        day: &Option<Date>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        match day {
            Some(day) => super::day::encode(day, e, ctx),
            None => e.null()?.ok(),
        }
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Option<Date>, DecodeError> {
        super::day::decode(d, ctx).map(Some)
    }

    pub(super) fn nil() -> Option<Option<Date>> {
        Some(None)
    }

    pub(super) fn is_nil(day: &Option<Date>) -> bool {
        day.is_none()
    }
}
