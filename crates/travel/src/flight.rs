//! Flights, their legs, and the local times in which carriers speak.

use std::fmt;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use minicbor::{Decode, Encode};

use crate::{Airport, Country, Few, Text};

/// A date and time on the clock of some airport, without its offset.
///
/// Carriers send local times (PAXLST DTM 201, PNRGOV TVL). Only the airport's
/// time zone makes an instant of one: [`LocalTime::at`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(pub DateTime);

impl LocalTime {
    /// The instant at which the clocks of `airport` show this; `None` when the
    /// airport is not known to [`Airport::find`]. A time skipped or repeated by a
    /// change of clocks is taken as jiff's "compatible" rule takes it.
    pub fn at(self, airport: &str) -> Option<Timestamp> {
        let zone = TimeZone::get(Airport::find(airport)?.zone).ok()?;
        Some(self.0.to_zoned(zone).ok()?.timestamp())
    }

    /// RFC 3339 with the airport's offset; without an offset when the airport is
    /// unknown.
    pub fn rfc3339(self, airport: &str) -> String {
        let zoned = || {
            let zone = TimeZone::get(Airport::find(airport)?.zone).ok()?;
            self.0.to_zoned(zone).ok()
        };
        match zoned() {
            Some(z) => z.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            None => self.0.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        }
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.strftime("%Y-%m-%d %H:%M").to_string())
    }
}

/// Minutes since 2000-01-01T00:00, on the local clock.
impl<C> Encode<C> for LocalTime {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let epoch = jiff::civil::datetime(2000, 1, 1, 0, 0, 0, 0);
        let minutes = self.0.duration_since(epoch).as_secs().div_euclid(60);
        e.i64(minutes)?.ok()
    }
}
impl<'b, C> Decode<'b, C> for LocalTime {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let epoch = jiff::civil::datetime(2000, 1, 1, 0, 0, 0, 0);
        let minutes = d.i64()?;
        let seconds = minutes
            .checked_mul(60)
            .ok_or_else(|| minicbor::decode::Error::message("local time out of range"))?;
        epoch
            .checked_add(jiff::SignedDuration::from_secs(seconds))
            .map(LocalTime)
            .map_err(|_| minicbor::decode::Error::message("local time out of range"))
    }
}

/// One leg: take-off to landing.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Leg {
    /// Departure airport, IATA (three letters) or ICAO (four); empty when not said.
    #[n(0)]
    pub from: Text,
    /// Arrival airport; empty when not said.
    #[n(1)]
    pub to: Text,
    /// Scheduled departure, on the clock of `from`.
    #[n(2)]
    pub departs: Option<LocalTime>,
    /// Scheduled arrival, on the clock of `to`.
    #[n(3)]
    pub arrives: Option<LocalTime>,
}

/// Scheduled passenger service or something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum FlightKind {
    /// A commercial passenger flight.
    #[default]
    #[n(0)]
    Passenger,
    /// A cargo flight (crew lists only).
    #[n(1)]
    Cargo,
    /// An overflight (TDT 34).
    #[n(2)]
    Overflight,
    /// No flight: a carrier's list of all its crew (PAXLST BGM 336), under a name of the
    /// form `TKUSMCL`.
    #[n(3)]
    MasterCrew,
}

/// A flight as one list names it.
///
/// The *border-crossing leg* is the one from a foreign airport to ours or back;
/// see [`Flight::border_leg`].
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Flight {
    /// Carrier designator, two (IATA) or three (ICAO) characters, upper case.
    #[n(0)]
    pub carrier: Text,
    /// Flight number without carrier and leading zeros, with its suffix letter.
    #[n(1)]
    pub number: Text,
    /// Legs in the order of the message; the flight has at least one.
    #[n(2)]
    pub legs: Few<Leg>,
    /// What kind of flight.
    #[n(3)]
    pub kind: FlightKind,
    /// The leg that the message marks as border-crossing (LOC 125 and 87), if it does.
    #[n(4)]
    pub marked_leg: Option<u32>,
}

impl Flight {
    /// Splits `TK1980`, `TK 0198A` or, given a carrier, `1980`, into carrier and number.
    ///
    /// ```
    /// use travel::Flight;
    /// assert_eq!(Flight::designator("CA0339", None), ("CA".into(), "339".into()));
    /// assert_eq!(Flight::designator("THY7A", None), ("THY".into(), "7A".into()));
    /// assert_eq!(Flight::designator("1980", Some("TK")), ("TK".into(), "1980".into()));
    /// ```
    pub fn designator(text: &str, carrier: Option<&str>) -> (Text, Text) {
        let text: Text = match is_plain(text) {
            true => text.into(),
            false => text.split_whitespace().collect::<String>().to_uppercase().into(),
        };
        let own = carrier.map(str::trim).filter(|c| !c.is_empty()).map(|c| match is_plain(c) {
            true => Text::from(c),
            false => c.to_uppercase().into(),
        });
        let (head, tail) = match &own {
            Some(c) if text.starts_with(c.as_str()) && text.len() > c.len() => {
                (c.clone(), &text[c.len()..])
            }
            Some(c) => match split_designator(&text) {
                Some((_, tail)) => (c.clone(), tail),
                None => (c.clone(), text.as_str()),
            },
            None => match split_designator(&text) {
                Some((head, tail)) => (head.into(), tail),
                None => (Text::new(), text.as_str()),
            },
        };
        let number = tail.trim_start_matches('0');
        let number = if number.is_empty() && !tail.is_empty() { "0" } else { number };
        (head, number.into())
    }

    /// Carrier and number as one word: `TK1980`.
    pub fn name(&self) -> String {
        format!("{}{}", self.carrier, self.number)
    }

    /// The leg on which the border of `state` is crossed: the marked one; else the
    /// first that has exactly one end in the state; else the first leg.
    pub fn border_leg(&self, state: Country) -> Option<&Leg> {
        let marked = self.marked_leg.and_then(|i| self.legs.get(i as usize));
        marked
            .or_else(|| self.legs.iter().find(|leg| leg.touches(state) == 1))
            .or_else(|| self.legs.first())
    }

    /// Whether every airport that is known lies outside `state`, and one at least is
    /// known: only then is it certain that the flight is none of the state's.
    pub fn avoids(&self, state: Country) -> bool {
        let ends = self.legs.iter().flat_map(|l| [&l.from, &l.to]);
        let known: Vec<Country> =
            ends.filter_map(|code| Airport::find(code)).map(|a| a.country).collect();
        let unknown = self
            .legs
            .iter()
            .any(|l| [&l.from, &l.to].into_iter().any(|code| Airport::find(code).is_none()));
        !known.is_empty() && !unknown && !known.contains(&state)
    }

    /// Whether any leg departs from or arrives in `state`.
    pub fn touches(&self, state: Country) -> bool {
        self.legs.iter().any(|leg| leg.touches(state) > 0)
    }

    /// When it leaves `state` for another one, in the time of the airport; nothing when no leg
    /// does, or the time is not known.
    pub fn leaves(&self, state: Country) -> Option<LocalTime> {
        let of = |code: &str| Airport::find(code).map(|a| a.country);
        let out = |leg: &&Leg| {
            of(&leg.from) == Some(state) && of(&leg.to).is_some_and(|there| there != state)
        };
        self.legs.iter().find(out)?.departs
    }

    /// First airport of departure and last of arrival.
    pub fn ends(&self) -> (&str, &str) {
        let from = self.legs.first().map_or("", |l| l.from.as_str());
        let to = self.legs.last().map_or("", |l| l.to.as_str());
        (from, to)
    }

    /// The instant of the first departure, when time and airport are known.
    pub fn departs_at(&self) -> Option<Timestamp> {
        let leg = self.legs.first()?;
        leg.departs?.at(&leg.from)
    }

    /// The instant of the last arrival, when time and airport are known.
    pub fn arrives_at(&self) -> Option<Timestamp> {
        let leg = self.legs.last()?;
        leg.arrives?.at(&leg.to)
    }

    /// What two submissions about one flight have in common: carrier, number,
    /// first departure airport and its local service day, as text.
    pub fn key(&self) -> String {
        let (from, to) = self.ends();
        let day = self
            .legs
            .first()
            .and_then(|l| l.departs)
            .map_or_else(|| "-".to_owned(), |t| t.0.date().to_string());
        format!("{}/{}/{from}-{to}", self.name(), day)
    }
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight")
            .field("name", &self.name())
            .field("legs", &self.legs)
            .field("kind", &self.kind)
            .field("marked_leg", &self.marked_leg)
            .finish()
    }
}

impl fmt::Debug for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leg")
            .field("from", &&*self.from)
            .field("to", &&*self.to)
            .field("departs", &self.departs)
            .field("arrives", &self.arrives)
            .finish()
    }
}

impl Leg {
    /// How many of its two ends lie in `state`.
    pub fn touches(&self, state: Country) -> usize {
        [&self.from, &self.to]
            .into_iter()
            .filter(|code| Airport::find(code).is_some_and(|a| a.country == state))
            .count()
    }
}

/// Whether there are capital letters and digits alone.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Two characters of which one is a letter, or three letters, then a digit.
fn split_designator(text: &str) -> Option<(&str, &str)> {
    let b = text.as_bytes();
    if !text.is_ascii() {
        return None;
    }
    let three = b.len() > 3 && b[..3].iter().all(u8::is_ascii_alphabetic) && b[3].is_ascii_digit();
    if three {
        return Some(text.split_at(3));
    }
    let two = b.len() > 2
        && b[..2].iter().all(u8::is_ascii_alphanumeric)
        && b[..2].iter().any(u8::is_ascii_alphabetic)
        && b[2].is_ascii_digit();
    two.then(|| text.split_at(2))
}
