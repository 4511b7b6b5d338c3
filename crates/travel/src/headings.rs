//! The nineteen headings of Annex I of Directive (EU) 2016/681, in our own words, and what
//! of each a list here holds.

use crate::Element;

/// One heading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heading {
    /// Its number in the annex, 1 to 19.
    pub number: u8,
    /// What it is about.
    pub text: &'static str,
    /// Where a list holds it; or, in brackets, why it holds nothing of it.
    pub held: &'static str,
}

macro_rules! headings {
    ($($number:literal $text:literal $held:literal;)*) => {
        /// All of them.
        pub const HEADINGS: [Heading; 19] =
            [$(Heading { number: $number, text: $text, held: $held }),*];
    };
}

headings! {
    1 "record locator" "booking: locator, carrier; traveller: reference";
    2 "date of reservation or issue" "booking: made";
    3 "dates of intended travel" "flight and itinerary: departure and arrival of each leg";
    4 "names" "traveller: surname, given";
    5 "address and contact" "traveller and booking: contacts";
    6 "payment, with billing address" "booking: payments, accounts masked to the last four";
    7 "complete itinerary" "booking: itinerary; traveller: journey from, to";
    8 "frequent flyer" "traveller: frequent flyer";
    9 "agency or agent" "booking: agency";
    10 "travel status" "traveller: status; booking: confirmations, cancelled";
    11 "split or divided booking" "booking: split, the locators of the others";
    12 "general remarks, unaccompanied minors" "(free text is dropped at the door: CJ-01, EU-30)";
    13 "ticketing" "traveller: tickets";
    14 "seat" "traveller: seat";
    15 "code share" "booking: code shares, under what a flight is sold and who flies it";
    16 "baggage" "traveller: bags, their weight and tags";
    17 "number and names of the others of the booking" "booking: travellers, who all refer to it";
    18 "advance passenger information" "traveller: documents, birth date, sex, nationality, places; flight";
    19 "changes of all this" "booking: history, when who did something to what; not what stood there before";
}

impl Heading {
    /// The elements of the vocabulary that fall under it.
    pub fn elements(self) -> impl Iterator<Item = Element> {
        // The dates of travel are those of the flight and the itinerary.
        let also = (self.number == 3).then_some([Element::BookingDates, Element::Itinerary]);
        let own = Element::ALL.iter().copied().filter(move |e| e.heading() == self.number);
        own.chain(also.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_has_elements_and_every_element_a_heading() {
        for (i, heading) in HEADINGS.iter().enumerate() {
            assert_eq!(usize::from(heading.number), i + 1);
            assert!(heading.elements().count() > 0, "{}", heading.text);
        }
        for element in Element::ALL {
            let number = usize::from(element.heading());
            // The flight itself is not among the nineteen.
            assert!(number <= HEADINGS.len() && (number > 0 || *element == Element::Flight));
        }
    }
}
