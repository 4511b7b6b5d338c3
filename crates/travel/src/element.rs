//! The vocabulary of what a record may hold: the nineteen headings of Annex I of
//! Directive (EU) 2016/681, with heading 18 (API) split as agreements split it.

use std::fmt;

use minicbor::{Decode, Encode};

macro_rules! elements {
    ($($(#[$doc:meta])* $variant:ident = $bit:literal, $name:literal, $heading:literal;)*) => {
        /// One heading of what a passenger list can hold.
        ///
        /// Numbers of `heading` are those of Annex I (law-and-operations §1.4).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
        #[cbor(index_only)]
        #[repr(u8)]
        pub enum Element { $($(#[$doc])* #[n($bit)] $variant = $bit,)* }

        impl Element {
            /// Every element, in the order of the table.
            pub const ALL: &'static [Element] = &[$(Element::$variant),*];

            /// The name used in agreements (TOML) and on the console.
            pub const fn name(self) -> &'static str {
                match self { $(Element::$variant => $name),* }
            }

            /// The heading of Annex I under which it falls, 1 to 19; 0 for what the
            /// annex does not list (the flight itself).
            pub const fn heading(self) -> u8 {
                match self { $(Element::$variant => $heading),* }
            }

            /// The element of that name.
            pub fn named(name: &str) -> Option<Element> {
                match name { $($name => Some(Element::$variant),)* _ => None }
            }
        }
    };
}

elements! {
    /// The flight: carrier, number, airports, times.
    Flight = 0, "flight", 0;
    /// Names of the traveller.
    Names = 1, "names", 4;
    /// Date of birth.
    BirthDate = 2, "birth_date", 18;
    /// Sex.
    Sex = 3, "sex", 18;
    /// Nationality.
    Nationality = 4, "nationality", 18;
    /// Travel documents: type, number, issuer, expiry.
    Documents = 5, "documents", 18;
    /// Place of birth and country of residence, where a carrier sends them.
    Places = 6, "places", 18;
    /// Booking locator.
    Locator = 7, "locator", 1;
    /// Dates of booking and of intended travel.
    BookingDates = 8, "booking_dates", 2;
    /// Address, telephone, electronic mail.
    Contact = 9, "contact", 5;
    /// Payment and billing.
    Payment = 10, "payment", 6;
    /// The whole itinerary.
    Itinerary = 11, "itinerary", 7;
    /// Frequent flyer.
    FrequentFlyer = 12, "frequent_flyer", 8;
    /// Agency or agent.
    Agency = 13, "agency", 9;
    /// Travel status: confirmed, checked in, boarded, no-show.
    Status = 14, "status", 10;
    /// Split or divided booking.
    Split = 15, "split", 11;
    /// General remarks, as far as Annex I allows them (CJ-01: minors only).
    Remarks = 16, "remarks", 12;
    /// Ticketing.
    Ticket = 17, "ticket", 13;
    /// Seat.
    Seat = 18, "seat", 14;
    /// Code share.
    CodeShare = 19, "code_share", 15;
    /// Baggage.
    Baggage = 20, "baggage", 16;
    /// Number and names of the other travellers of the booking.
    CoTravellers = 21, "co_travellers", 17;
    /// History of changes.
    History = 22, "history", 19;
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of [`Element`]s.
///
/// ```
/// use travel::{Element, ElementSet};
/// let set: ElementSet = [Element::Names, Element::Seat].into_iter().collect();
/// assert!(set.contains(Element::Seat) && !set.contains(Element::Payment));
/// assert_eq!(set.to_string(), "names, seat");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct ElementSet(#[n(0)] u32);

impl ElementSet {
    /// No element.
    pub const EMPTY: Self = Self(0);
    /// Every element of the vocabulary.
    pub const ALL: Self = Self((1 << Element::ALL.len()) - 1);

    /// Whether the set holds `element`.
    pub const fn contains(self, element: Element) -> bool {
        self.0 & (1 << element as u8) != 0
    }
    /// The set with `element` added.
    #[must_use]
    pub const fn with(self, element: Element) -> Self {
        Self(self.0 | (1 << element as u8))
    }
    /// What both sets hold.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// What either set holds.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// What this set holds and the other does not.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// Whether every element is also in `other`.
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
    /// Whether the set holds nothing.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The set as bits, element `n` of the table as bit `n`: the form in rows and events.
    pub const fn bits(self) -> u32 {
        self.0
    }
    /// The set of these bits; `None` when one of them stands for no element.
    pub const fn from_bits(bits: u32) -> Option<Self> {
        if bits & !Self::ALL.0 == 0 { Some(Self(bits)) } else { None }
    }
    /// The elements, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Element> {
        Element::ALL.iter().copied().filter(move |e| self.contains(*e))
    }
}

impl FromIterator<Element> for ElementSet {
    fn from_iter<I: IntoIterator<Item = Element>>(iter: I) -> Self {
        iter.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Display for ElementSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, e) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            f.write_str(e.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ElementSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}
