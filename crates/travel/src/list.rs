//! The passenger list: what a state keeps of one submission about one flight.

use minicbor::{Decode, Encode};

use crate::{Booking, Element, ElementSet, Flight, Traveller};

/// API (travel documents) or PNR (bookings).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Dataset {
    /// Advance passenger information (PAXLST).
    #[default]
    #[n(0)]
    Api,
    /// Crew list (PAXLST BGM 250).
    #[n(1)]
    Crew,
    /// Booking records (PNRGOV).
    #[n(2)]
    Pnr,
}

/// What a submission does to what is held about its flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(index_only)]
pub enum Function {
    /// A full list (745, 250; PNRGOV 22).
    #[default]
    #[n(0)]
    Full,
    /// Changes to travellers or bookings already sent (CP; PNRGOV 141).
    #[n(1)]
    Change,
    /// The listed are cancelled (XR, RP).
    #[n(2)]
    Cancel,
    /// The flight is closed; the listed are on board (CL, CLOB).
    #[n(3)]
    CloseOnBoard,
    /// The flight is closed; the listed are not on board (CLNB).
    #[n(4)]
    CloseNotOnBoard,
    /// The flight is cancelled (XF).
    #[n(5)]
    FlightCancelled,
    /// A pass to the gate is asked for people who do not travel (655).
    #[n(6)]
    GatePass,
}

/// A list that has come through the door.
///
/// Only [`PassengerList::admit`] makes one from a carrier's report, and only
/// [`PassengerList::decode`] one from bytes that [`PassengerList::encode`] wrote.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PassengerList {
    #[n(0)]
    pub(crate) dataset: Dataset,
    #[n(1)]
    pub(crate) function: Function,
    #[n(2)]
    pub(crate) flight: Flight,
    #[n(3)]
    pub(crate) travellers: Vec<Traveller>,
    #[n(4)]
    pub(crate) bookings: Vec<Booking>,
    #[n(5)]
    pub(crate) elements: ElementSet,
    #[n(6)]
    pub(crate) dropped_sensitive: u32,
}

/// The bytes are no list of this form.
#[derive(Debug, thiserror::Error)]
#[error("not a passenger list in canonical form: {0}")]
pub struct DecodeError(String);

impl PassengerList {
    /// API, crew or PNR.
    pub fn dataset(&self) -> Dataset {
        self.dataset
    }
    /// What the submission does.
    pub fn function(&self) -> Function {
        self.function
    }
    /// The flight.
    pub fn flight(&self) -> &Flight {
        &self.flight
    }
    /// The travellers, in the order of the message. Their index is their number on
    /// the list, counted from 0.
    pub fn travellers(&self) -> &[Traveller] {
        &self.travellers
    }
    /// The bookings.
    pub fn bookings(&self) -> &[Booking] {
        &self.bookings
    }
    /// The elements that the list may hold: permitted at the door, and not
    /// restricted since.
    pub fn elements(&self) -> ElementSet {
        self.elements
    }
    /// How many sensitive elements the door dropped.
    pub fn dropped_sensitive(&self) -> u32 {
        self.dropped_sensitive
    }

    /// The canonical binary form (`docs/formats/list.md`): CBOR maps with integer
    /// keys in ascending order, absent values left out. Equal lists, equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 + self.travellers.len() * 160);
        minicbor::encode(self, &mut out).expect("writing to memory cannot fail");
        out
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// The bytes are not a list in canonical form.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        minicbor::decode(bytes).map_err(|e| DecodeError(e.to_string()))
    }

    /// The list as a report again, for a writer of crate `messages`.
    pub fn to_report(&self) -> crate::Report {
        crate::Report {
            dataset: self.dataset,
            function: self.function,
            reference: String::new(),
            flights: vec![self.flight.clone()],
            travellers: self.travellers.clone(),
            bookings: self.bookings.clone(),
            stated_total: Some(self.travellers.len() as u32),
            stated_bookings: None,
            dropped_sensitive: self.dropped_sensitive,
        }
    }

    /// The list with only the elements in `permitted`, for travellers of the given
    /// indexes (all, when `None`). What an agreement lets out is made here and
    /// nowhere else. The order of travellers is kept. Who was removed is left out, and
    /// whoever comes after has another number then.
    #[must_use]
    pub fn restricted_to(&self, permitted: ElementSet, only: Option<&[usize]>) -> Self {
        let mut list = self.clone();
        let left = if only.is_none() { self.left() } else { None };
        if let Some(only) = only.or(left.as_deref()) {
            let there = only.iter().filter_map(|i| self.travellers.get(*i));
            list.travellers = there.filter(|t| !t.is_removed()).cloned().collect();
            let used: Vec<u32> = list.travellers.iter().filter_map(|t| t.booking).collect();
            let kept: Vec<u32> =
                (0..list.bookings.len() as u32).filter(|i| used.contains(i)).collect();
            list.bookings = kept.iter().map(|i| self.bookings[*i as usize].clone()).collect();
            for t in &mut list.travellers {
                t.booking =
                    t.booking.and_then(|b| kept.iter().position(|k| *k == b)).map(|i| i as u32);
            }
            for b in &mut list.bookings {
                b.travellers = 0;
            }
        }
        list.retain(permitted.intersection(self.elements));
        list
    }

    /// The list without the travellers of these numbers. The others keep theirs: in the place of
    /// who went stands [`Traveller::removed`]. A booking of which nobody is left goes as well; what
    /// is written in one that others share is theirs, too, and stays.
    ///
    /// ```
    /// use travel::{
    ///     Admission, Country, ElementSet, Flight, Kind, Leg, PassengerList, Report, Traveller,
    /// };
    /// let leg = Leg { from: "IST".into(), to: "LHR".into(), ..Leg::default() };
    /// let named = |name: &str| Traveller { surname: name.into(), ..Traveller::default() };
    /// let report = Report {
    ///     flights: vec![Flight {
    ///         carrier: "TK".into(),
    ///         number: "1980".into(),
    ///         legs: [leg].into(),
    ///         ..Flight::default()
    ///     }],
    ///     travellers: vec![named("YILMAZ"), named("SMITH")],
    ///     ..Report::default()
    /// };
    /// let door = Admission {
    ///     state: Country::new("GBR"),
    ///     permitted: ElementSet::ALL,
    ///     received_at: "2026-03-01T09:00:00Z".parse().unwrap(),
    ///     must_touch: false,
    /// };
    /// let left = PassengerList::admit(report, &door).unwrap().without(&[0]);
    /// assert_eq!(left.travellers()[0].kind, Kind::Removed);
    /// assert_eq!(left.travellers()[0].written_name(), "");
    /// assert_eq!(left.travellers()[1].written_name(), "SMITH");
    /// ```
    #[must_use]
    pub fn without(mut self, numbers: &[u32]) -> Self {
        let mut touched = Vec::new();
        for number in numbers {
            if let Some(traveller) = self.travellers.get_mut(*number as usize) {
                touched.extend(traveller.booking);
                *traveller = Traveller::removed();
            }
        }
        touched.retain(|b| !self.travellers.iter().any(|t| t.booking == Some(*b)));
        for booking in touched {
            if let Some(booking) = self.bookings.get_mut(booking as usize) {
                *booking = Booking::default();
            }
        }
        self
    }

    /// The numbers of who is still on the list; nothing when that is everybody.
    fn left(&self) -> Option<Vec<usize>> {
        let there = |(number, t): (usize, &Traveller)| (!t.is_removed()).then_some(number);
        self.travellers
            .iter()
            .any(Traveller::is_removed)
            .then(|| self.travellers.iter().enumerate().filter_map(there).collect())
    }

    /// Clears every field whose element is not in `kept`.
    pub(crate) fn retain(&mut self, kept: ElementSet) {
        let has = |e| kept.contains(e);
        self.elements = kept;
        if kept == ElementSet::ALL {
            return;
        }
        if !has(Element::Flight) {
            self.flight = Flight::default();
        }
        for t in &mut self.travellers {
            if !has(Element::Names) {
                t.surname.clear();
                t.given.clear();
            }
            if !has(Element::BirthDate) {
                t.birth_date = None;
            }
            if !has(Element::Sex) {
                t.sex = Default::default();
            }
            if !has(Element::Nationality) {
                t.nationality = None;
            }
            if !has(Element::Documents) {
                t.documents.clear();
                t.verified = None;
            }
            if !has(Element::Places) {
                t.residence = None;
                t.birth_place = None;
            }
            if !has(Element::Itinerary) {
                t.journey_from = None;
                t.journey_to = None;
            }
            if !has(Element::Seat) {
                t.seat = None;
            }
            if !has(Element::Baggage) {
                t.bags = Default::default();
            }
            if !has(Element::Contact) {
                t.contacts.clear();
            }
            if !has(Element::FrequentFlyer) {
                t.frequent_flyer.clear();
            }
            if !has(Element::Ticket) {
                t.tickets.clear();
            }
            if !has(Element::Locator) {
                t.reference = None;
            }
            if !has(Element::Status) {
                t.status = None;
            }
        }
        for b in &mut self.bookings {
            if !has(Element::Locator) {
                b.locator.clear();
                b.carrier.clear();
            }
            if !has(Element::BookingDates) {
                b.made = None;
            }
            if !has(Element::Agency) {
                b.agency = None;
            }
            if !has(Element::Itinerary) {
                b.itinerary.clear();
            }
            if !has(Element::Contact) {
                b.contacts.clear();
            }
            if !has(Element::Payment) {
                b.payments.clear();
            }
            if !has(Element::CoTravellers) {
                b.travellers = 0;
            }
            if !has(Element::Status) {
                b.cancelled = false;
                b.confirmations.clear();
            }
            if !has(Element::Split) {
                b.split.clear();
            }
            if !has(Element::CodeShare) {
                b.code_shares.clear();
            }
            if !has(Element::History) {
                b.history.clear();
            }
        }
    }
}
