//! Travellers and bookings as a carrier reports them.

use std::fmt;

use minicbor::{Decode, Encode};

use crate::{
    Country, Dataset, Element, Few, Flight, Function, LocalTime, PartialDate, Text, TravelDocument,
};

/// In what role somebody is on the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// Passenger (NAD FL, PNRGOV adult or child).
    #[default]
    #[n(0)]
    Passenger,
    /// Crew member (NAD FM).
    #[n(1)]
    Crew,
    /// In transit (NAD DDU, DDT).
    #[n(2)]
    Transit,
    /// Infant without a seat (PNRGOV IN).
    #[n(3)]
    Infant,
    /// A person without a name: group bookings, flight-close forms (NAD ZZZ).
    #[n(4)]
    Unnamed,
    /// Nobody any more: who stood under this number was removed ([`crate::PassengerList::without`]).
    #[n(5)]
    Removed,
}

impl Kind {
    /// The word in `--json` output.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Passenger => "passenger",
            Kind::Crew => "crew",
            Kind::Transit => "transit",
            Kind::Infant => "infant",
            Kind::Unnamed => "unnamed",
            Kind::Removed => "removed",
        }
    }
}

/// Sex as the document or the carrier says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Sex {
    /// Not said, or said to be unknown (`U`). Some carriers send `M` for this.
    #[default]
    #[n(0)]
    Unknown,
    /// `M`.
    #[n(1)]
    Male,
    /// `F`.
    #[n(2)]
    Female,
    /// `X` in the document.
    #[n(3)]
    Unspecified,
}

/// How far somebody has come on the way into the aircraft (heading 10 of Annex I), as the
/// carrier says it; who is booked and no more has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Status {
    /// Checked in.
    #[n(0)]
    CheckedIn,
    /// On board.
    #[n(1)]
    Boarded,
    /// Booked, and did not come.
    #[n(2)]
    NoShow,
    /// Not booked, and came.
    #[n(3)]
    GoShow,
    /// Checked in, and not on board.
    #[n(4)]
    NotBoarded,
}

impl Status {
    /// The word for people.
    pub const fn name(self) -> &'static str {
        match self {
            Status::CheckedIn => "checked in",
            Status::Boarded => "on board",
            Status::NoShow => "no-show",
            Status::GoShow => "go-show",
            Status::NotBoarded => "not on board",
        }
    }
}

/// A flight that goes under another carrier's number as well (heading 15 of Annex I).
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct CodeShare {
    /// Under what it is booked: `TK1980`.
    #[n(0)]
    pub marketed: Text,
    /// Who flies it, with their number where it is said: `AJ77`.
    #[n(1)]
    pub operated: Text,
}

impl fmt::Debug for CodeShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeShare(..)")
    }
}

/// What was done in a change of a booking.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Act {
    /// Something was added.
    #[n(0)]
    Added,
    /// Something was taken out.
    #[n(1)]
    Cancelled,
    /// Something was changed.
    #[n(2)]
    Changed,
}

impl Act {
    /// The word for people.
    pub const fn name(self) -> &'static str {
        match self {
            Act::Added => "added",
            Act::Cancelled => "taken out",
            Act::Changed => "changed",
        }
    }
}

/// One change of a booking (heading 19 of Annex I): when, by whom, and of what kind. What stood
/// there before is not kept: it may say what must not be held (EU-30).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Revision {
    /// When, in UTC.
    #[n(0)]
    pub at: Option<LocalTime>,
    /// What was done.
    #[n(1)]
    pub act: Act,
    /// To what; `None` for what has no element, or must not be named.
    #[n(2)]
    pub about: Option<Element>,
    /// The agent or office that did it, as written.
    #[n(3)]
    pub by: Option<Text>,
}

/// Baggage of one traveller. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Bag {
    /// Number of checked bags.
    #[n(0)]
    pub count: Option<u16>,
    /// Their weight in kilograms.
    #[n(1)]
    pub weight_kg: Option<u16>,
    /// Tag numbers.
    #[n(2)]
    pub tags: Vec<Text>,
}

impl fmt::Debug for Bag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bag(..)")
    }
}

/// A way to reach somebody. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Contact {
    /// Telephone, mail address or postal address as written.
    #[n(0)]
    pub text: Text,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// One person of a list. `Debug` never shows who.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Traveller {
    /// In what role.
    #[n(0)]
    pub kind: Kind,
    /// Surname as written, decoded; empty for the unnamed.
    #[n(1)]
    pub surname: Text,
    /// Given names as written, one string, blanks between.
    #[n(2)]
    pub given: Text,
    /// Date of birth.
    #[n(3)]
    pub birth_date: Option<PartialDate>,
    /// Sex.
    #[n(4)]
    pub sex: Sex,
    /// Nationality.
    #[n(5)]
    pub nationality: Option<Country>,
    /// Country of residence.
    #[n(6)]
    pub residence: Option<Country>,
    /// Place of birth as written.
    #[n(7)]
    pub birth_place: Option<Text>,
    /// Documents, in the order of the message.
    #[n(8)]
    pub documents: Few<TravelDocument>,
    /// Where the traveller's own journey starts and ends (LOC 178, 179).
    #[n(9)]
    pub journey_from: Option<Text>,
    /// See `journey_from`.
    #[n(10)]
    pub journey_to: Option<Text>,
    /// Seat, when assigned.
    #[n(11)]
    pub seat: Option<Text>,
    /// Index into [`Report::bookings`] or [`crate::PassengerList::bookings`].
    #[n(12)]
    pub booking: Option<u32>,
    /// The carrier's reference for this person on this flight (RFF ABO).
    #[n(13)]
    pub reference: Option<Text>,
    /// Baggage.
    #[n(14)]
    pub bags: Bag,
    /// Contacts of this person.
    #[n(15)]
    pub contacts: Vec<Contact>,
    /// Frequent-flyer numbers.
    #[n(16)]
    pub frequent_flyer: Vec<Text>,
    /// Ticket numbers.
    #[n(17)]
    pub tickets: Vec<Text>,
    /// Whether the document was read by machine (GEI 173).
    #[n(18)]
    pub verified: Option<bool>,
    /// How far they have come.
    #[n(19)]
    pub status: Option<Status>,
}

impl Traveller {
    /// What stays of somebody who was removed from a list: the number.
    pub fn removed() -> Self {
        Self { kind: Kind::Removed, ..Self::default() }
    }

    /// Whether the number is all that is left.
    pub fn is_removed(&self) -> bool {
        self.kind == Kind::Removed
    }

    /// `SURNAME/GIVEN`, the form used in output and answers; `""` for the unnamed.
    pub fn written_name(&self) -> String {
        if self.given.is_empty() {
            self.surname.to_string()
        } else {
            format!("{}/{}", self.surname, self.given)
        }
    }
}

impl fmt::Debug for Traveller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traveller").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A booking (PNR): what its travellers share. `Debug` shows how many they are.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Booking {
    /// Record locator of the carrier that sent it; empty when the message has none.
    #[n(0)]
    pub locator: Text,
    /// Carrier that owns the locator.
    #[n(1)]
    pub carrier: Text,
    /// Day on which it was made.
    #[n(2)]
    pub made: Option<PartialDate>,
    /// Agency or office that made it, as written.
    #[n(3)]
    pub agency: Option<Text>,
    /// Itinerary: every flight of the booking.
    #[n(4)]
    pub itinerary: Few<Flight>,
    /// Contacts.
    #[n(5)]
    pub contacts: Vec<Contact>,
    /// Forms of payment as written, account numbers masked to the last four.
    #[n(6)]
    pub payments: Vec<Text>,
    /// Whether the booking was cancelled.
    #[n(7)]
    pub cancelled: bool,
    /// Number of travellers that the booking names.
    #[n(8)]
    pub travellers: u32,
    /// Locators of the bookings that it was divided from or into, each with its carrier.
    #[n(9)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub split: Vec<Text>,
    /// Flights of the itinerary that others fly.
    #[n(10)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub code_shares: Vec<CodeShare>,
    /// Whether each flight is confirmed: `TK1980 HK`, in the codes of reservation systems.
    #[n(11)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub confirmations: Vec<Text>,
    /// How it was changed, in the order of the message.
    #[n(12)]
    #[cbor(skip_if = "Vec::is_empty")]
    pub history: Vec<Revision>,
}

impl fmt::Debug for Booking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Booking").field("travellers", &self.travellers).finish_non_exhaustive()
    }
}

/// What one message says, before the door: made by a reader of crate `messages`.
///
/// A report holds everything the reader could make out. It is no list yet:
/// [`crate::PassengerList::admit`] decides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// API or PNR.
    pub dataset: Dataset,
    /// What the message wants done.
    pub function: Function,
    /// The carrier's reference for the message, to be repeated in the answer
    /// (UNH 0062, or RFF TN).
    pub reference: String,
    /// Flights, in the order of the message. One for a list; several bookings'
    /// itineraries are in `bookings`.
    pub flights: Vec<Flight>,
    /// Everybody the message names.
    pub travellers: Vec<Traveller>,
    /// Bookings.
    pub bookings: Vec<Booking>,
    /// What the message says the flight's total is (CNT), if it does.
    pub stated_total: Option<u32>,
    /// How many bookings the message says there are, all its parts together (EQN), if it
    /// does.
    pub stated_bookings: Option<u32>,
    /// Elements that reveal what must never be kept (meals, assistance, free text),
    /// counted by the reader and not carried further (EU-30).
    pub dropped_sensitive: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_bookings_and_bags_shows_nobody() {
        let booking = Booking { locator: "ABC123".into(), travellers: 2, ..Booking::default() };
        assert_eq!(format!("{booking:?}"), "Booking { travellers: 2, .. }");
        let bag = Bag { tags: vec!["0235123456".into()], ..Bag::default() };
        assert_eq!(format!("{bag:?}"), "Bag(..)");
    }
}
