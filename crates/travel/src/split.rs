//! A list in two parts: what shows who somebody is, and the rest.
//!
//! The two parts are kept under sibling keys, so that masking takes away a key and
//! rewrites nothing. What belongs to which part is the law's to say: the elements that
//! the binding regimes mask (EU-25, US-02, UK-21) are the *identity*, all others the
//! *remainder*. Who is in a booking with whom, and how many they are, goes with
//! [`Element::CoTravellers`].

use crate::{Element, ElementSet, PassengerList};

impl PassengerList {
    /// The part that masking takes away, and the part that stays.
    ///
    /// Both are lists with the same travellers in the same order; each holds its own
    /// elements alone. [`joined`](Self::joined) makes the whole of them again.
    pub fn split(&self, masked: ElementSet) -> (PassengerList, PassengerList) {
        let masked = masked.intersection(self.elements);
        let mut identity = self.clone();
        identity.retain(masked);
        let mut remainder = self.clone();
        remainder.retain(self.elements.difference(masked));
        if masked.contains(Element::CoTravellers) {
            remainder.travellers.iter_mut().for_each(|t| t.booking = None);
        }
        (identity, remainder)
    }

    /// The whole list of an identity part and its remainder; nothing when they are not
    /// parts of one list.
    pub fn joined(mut self, remainder: PassengerList) -> Option<PassengerList> {
        let same = self.travellers.len() == remainder.travellers.len()
            && self.bookings.len() == remainder.bookings.len();
        if !same {
            return None;
        }
        let has = |e| remainder.elements.contains(e);
        if has(Element::Flight) {
            self.flight = remainder.flight;
        }
        for (t, r) in self.travellers.iter_mut().zip(remainder.travellers) {
            let take = Taking(remainder.elements);
            take.one(Element::Names, (&mut t.surname, r.surname));
            take.one(Element::Names, (&mut t.given, r.given));
            take.one(Element::BirthDate, (&mut t.birth_date, r.birth_date));
            take.one(Element::Sex, (&mut t.sex, r.sex));
            take.one(Element::Nationality, (&mut t.nationality, r.nationality));
            take.one(Element::Documents, (&mut t.documents, r.documents));
            take.one(Element::Documents, (&mut t.verified, r.verified));
            take.one(Element::Places, (&mut t.residence, r.residence));
            take.one(Element::Places, (&mut t.birth_place, r.birth_place));
            take.one(Element::Itinerary, (&mut t.journey_from, r.journey_from));
            take.one(Element::Itinerary, (&mut t.journey_to, r.journey_to));
            take.one(Element::Seat, (&mut t.seat, r.seat));
            take.one(Element::Baggage, (&mut t.bags, r.bags));
            take.one(Element::Contact, (&mut t.contacts, r.contacts));
            take.one(Element::FrequentFlyer, (&mut t.frequent_flyer, r.frequent_flyer));
            take.one(Element::Ticket, (&mut t.tickets, r.tickets));
            take.one(Element::Locator, (&mut t.reference, r.reference));
            take.one(Element::Status, (&mut t.status, r.status));
        }
        for (b, r) in self.bookings.iter_mut().zip(remainder.bookings) {
            let take = Taking(remainder.elements);
            take.one(Element::Locator, (&mut b.locator, r.locator));
            take.one(Element::Locator, (&mut b.carrier, r.carrier));
            take.one(Element::BookingDates, (&mut b.made, r.made));
            take.one(Element::Agency, (&mut b.agency, r.agency));
            take.one(Element::Itinerary, (&mut b.itinerary, r.itinerary));
            take.one(Element::Contact, (&mut b.contacts, r.contacts));
            take.one(Element::Payment, (&mut b.payments, r.payments));
            take.one(Element::CoTravellers, (&mut b.travellers, r.travellers));
            take.one(Element::Status, (&mut b.cancelled, r.cancelled));
            take.one(Element::Status, (&mut b.confirmations, r.confirmations));
            take.one(Element::Split, (&mut b.split, r.split));
            take.one(Element::CodeShare, (&mut b.code_shares, r.code_shares));
            take.one(Element::History, (&mut b.history, r.history));
        }
        self.elements = self.elements.union(remainder.elements);
        Some(self)
    }
}

/// What the remainder holds, and the identity part therefore does not.
struct Taking(ElementSet);

impl Taking {
    fn one<T>(&self, element: Element, (into, from): (&mut T, T)) {
        if self.0.contains(element) {
            *into = from;
        }
    }
}
