//! The facts of which criteria may be made: one table, from which the reader of criteria, the
//! help and the documents are made.

use std::cell::OnceCell;

use jiff::civil::Date;
use travel::{Booking, Country, Element, Flight, Kind, PassengerList, Status, Text, Traveller};

use crate::{Journey, KnownLeg};

/// Of what kind a fact is, and so which tests it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FactKind {
    /// It is so, or not: `minor`, `not minor`.
    Truth,
    /// A number: `bags <= 1`.
    Number,
    /// One country or several, three letters each: `to in [TUR]`.
    Countries,
    /// An airport, by its IATA code: `to_airport in [IST, SAW]`.
    Airport,
}

macro_rules! facts {
    ($($variant:ident $name:literal $kind:ident $element:ident $words:literal;)*) => {
        /// Something about a traveller, their booking or their journey.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "the table says it")]
        pub enum Fact { $($variant,)* }

        impl Fact {
            /// All, in the order of the table.
            pub const ALL: &'static [Fact] = &[$(Fact::$variant),*];

            /// The word in criteria.
            pub const fn name(self) -> &'static str {
                match self { $(Fact::$variant => $name),* }
            }

            /// Of what kind it is.
            pub const fn kind(self) -> FactKind {
                match self { $(Fact::$variant => FactKind::$kind),* }
            }

            /// The element of the record from which it is told.
            pub const fn element(self) -> Element {
                match self { $(Fact::$variant => Element::$element),* }
            }

            /// What it is, in words.
            pub const fn words(self) -> &'static str {
                match self { $(Fact::$variant => $words),* }
            }
        }
    };
}

facts! {
    Minor "minor" Truth BirthDate "under 18 on the day of departure";
    Accompanied "accompanied" Truth CoTravellers "an adult is in the same booking";
    Crew "crew" Truth Flight "travels as crew";
    NoShow "no_show" Truth Status "did not turn up";
    Documents "documents" Number Documents "travel documents that were reported";
    DocumentDays "document_days" Number Documents "days from departure until the last document expires";
    Bags "bags" Number Baggage "pieces of baggage";
    BookedBefore "booked_before" Number BookingDates "days from booking to departure";
    BookingTravellers "booking_travellers" Number CoTravellers "travellers in the booking";
    BookingSplit "booking_split" Truth Split "the booking was split from another";
    BookingChanges "booking_changes" Number History "changes of the booking";
    ByAgency "by_agency" Truth Agency "an agency made the booking";
    OneWay "one_way" Truth Itinerary "the booking does not lead back to the country where it begins";
    From "from" Countries Flight "country in which the flight begins";
    To "to" Countries Flight "country in which the flight ends";
    FromAirport "from_airport" Airport Flight "airport where the flight begins";
    ToAirport "to_airport" Airport Flight "airport where the flight ends";
    Legs "legs" Number Itinerary "legs of the journey, over all bookings";
    Bookings "bookings" Number Locator "bookings of the journey";
    JourneyFrom "journey_from" Countries Itinerary "country in which the journey begins";
    JourneyTo "journey_to" Countries Itinerary "country in which the journey ends, as far as is known";
    Through "through" Countries Itinerary "countries in between";
    Away "away" Number Itinerary "days since leaving the country to which the journey leads back";
}

impl Fact {
    /// Whether it is told from the whole journey, with legs that may stand on other lists.
    pub const fn is_of_journey(self) -> bool {
        matches!(
            self,
            Fact::Legs
                | Fact::Bookings
                | Fact::JourneyFrom
                | Fact::JourneyTo
                | Fact::Through
                | Fact::Away
        )
    }

    /// The fact of that word.
    pub fn named(name: &str) -> Option<Fact> {
        Fact::ALL.iter().copied().find(|f| f.name() == name)
    }
}

/// What a fact is for a traveller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Truth(bool),
    Number(i64),
    Places(Vec<Text>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Truth(true) => f.write_str("yes"),
            Value::Truth(false) => f.write_str("no"),
            Value::Number(n) => write!(f, "{n}"),
            Value::Places(places) => {
                let places: Vec<&str> = places.iter().map(Text::as_str).collect();
                f.write_str(&places.join(", "))
            }
        }
    }
}

/// A traveller with all that facts are told from.
pub(super) struct Situation<'a> {
    list: &'a PassengerList,
    traveller: &'a Traveller,
    booking: Option<&'a Booking>,
    elsewhere: &'a [KnownLeg],
    journey: OnceCell<Option<Journey>>,
}

impl<'a> Situation<'a> {
    /// `elsewhere` are the legs of the same person on other lists.
    pub(super) fn new(
        list: &'a PassengerList,
        traveller: &'a Traveller,
        elsewhere: &'a [KnownLeg],
    ) -> Self {
        let booking = traveller.booking.and_then(|b| list.bookings().get(b as usize));
        Self { list, traveller, booking, elsewhere, journey: OnceCell::new() }
    }

    /// Put together when it is first asked for: few criteria look at journeys.
    fn journey(&self) -> Option<&Journey> {
        self.journey.get_or_init(|| self.put_together()).as_ref()
    }

    fn put_together(&self) -> Option<Journey> {
        let locator = self.booking.map(|b| b.locator.clone()).unwrap_or_default();
        let here = KnownLeg::of(self.list.flight(), &locator);
        let booked = self.booking.into_iter().flat_map(|b| &b.itinerary);
        let mut known: Vec<KnownLeg> = booked.flat_map(|f| KnownLeg::of(f, &locator)).collect();
        known.extend(here.iter().cloned());
        known.extend_from_slice(self.elsewhere);
        Some(Journey::around(here.first()?, &known))
    }

    /// What the fact is; `None` when it is not known.
    pub(super) fn value(&self, fact: Fact) -> Option<Value> {
        let flight = self.list.flight();
        let number = |n: usize| Value::Number(i64::try_from(n).unwrap_or(i64::MAX));
        Some(match fact {
            Fact::Minor => Value::Truth(self.minor(self.traveller)?),
            Fact::Accompanied => Value::Truth(self.accompanied()?),
            Fact::Crew => Value::Truth(self.traveller.kind == Kind::Crew),
            Fact::NoShow => Value::Truth(self.traveller.status? == Status::NoShow),
            Fact::Documents => number(self.traveller.documents.len()),
            Fact::DocumentDays => {
                let last = self.traveller.documents.iter().filter_map(|d| d.expires?.whole()).max();
                Value::Number(days(self.departs()?, last?))
            }
            Fact::Bags => Value::Number(i64::from(self.traveller.bags.count?)),
            Fact::BookedBefore => {
                Value::Number(days(self.booking?.made?.whole()?, self.departs()?))
            }
            Fact::BookingTravellers => Some(self.booking?.travellers)
                .filter(|n| *n > 0)
                .map(|n| Value::Number(n.into()))?,
            Fact::BookingSplit => Value::Truth(!self.booking?.split.is_empty()),
            Fact::BookingChanges => number(self.booking?.history.len()),
            Fact::ByAgency => Value::Truth(self.booking?.agency.is_some()),
            Fact::OneWay => Value::Truth(one_way(&self.booking?.itinerary)?),
            Fact::From => countries([country(flight.ends().0)])?,
            Fact::To => countries([country(flight.ends().1)])?,
            Fact::FromAirport => airport(flight.ends().0)?,
            Fact::ToAirport => airport(flight.ends().1)?,
            Fact::Legs => number(self.journey()?.legs().len()),
            Fact::Bookings => number(self.journey()?.bookings()?),
            Fact::JourneyFrom => countries([self.journey()?.begins_in()])?,
            Fact::JourneyTo => countries([self.journey()?.ends_in()])?,
            Fact::Through => {
                let through = self.journey()?.through().into_iter();
                Value::Places(through.map(|c| Text::from(c.code())).collect())
            }
            Fact::Away => Value::Number(self.journey()?.away_days()?),
        })
    }

    fn departs(&self) -> Option<Date> {
        Some(self.list.flight().legs.first()?.departs?.0.date())
    }

    fn minor(&self, traveller: &Traveller) -> Option<bool> {
        let born = traveller.birth_date?.whole()?;
        let adult_on = born.checked_add(jiff::Span::new().years(18)).ok()?;
        Some(self.departs()? < adult_on)
    }

    /// Whether an adult is in the booking; not known when the booking has somebody whose age
    /// is not, or who is not on this list.
    fn accompanied(&self) -> Option<bool> {
        let mine = self.traveller.booking?;
        let others: Vec<&Traveller> = self
            .list
            .travellers()
            .iter()
            .filter(|t| t.booking == Some(mine) && !std::ptr::eq(*t, self.traveller))
            .collect();
        if others.iter().any(|t| self.minor(t) == Some(false)) {
            return Some(true);
        }
        let all_here = self.booking?.travellers as usize <= others.len() + 1;
        (all_here && others.iter().all(|t| self.minor(t).is_some())).then_some(false)
    }
}

fn days(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

fn country(airport: &str) -> Option<Country> {
    travel::Airport::find(airport).map(|a| a.country)
}

fn countries<const N: usize>(found: [Option<Country>; N]) -> Option<Value> {
    let codes: Option<Vec<Text>> =
        found.iter().map(|c| c.as_ref().map(|c| c.code().into())).collect();
    codes.map(Value::Places)
}

fn airport(code: &str) -> Option<Value> {
    (!code.is_empty()).then(|| Value::Places(vec![code.into()]))
}

/// Whether an itinerary ends in another country than it begins in.
fn one_way(itinerary: &[Flight]) -> Option<bool> {
    let first = itinerary.first()?.ends().0;
    let last = itinerary.last()?.ends().1;
    Some(country(first)? != country(last)?)
}
