//! `StructuredPNR_History`: when a booking was changed, and in what (heading 19). What stood
//! there before is not kept: it may say what must not be held (EU-30).

use quick_xml::events::BytesStart;
use travel::{Act, Element, Revision};

use super::super::progress::MOST_CHANGES;
use super::Document;
use super::names::Said;
use super::value::{all_of, time};

/// The element that is one change.
pub(super) const CHANGE: &str = "StructuredPNR_History";

/// What a change is about, by the element in it.
const ABOUT: &[(&str, Element)] = &[
    ("Passenger", Element::Names),
    ("Flight", Element::Itinerary),
    ("CheckedBag", Element::Baggage),
    ("PrepaidBag", Element::Baggage),
    ("SeatNumber", Element::Seat),
    ("TicketDocument", Element::Ticket),
    ("PaymentInfo", Element::Payment),
    ("ContactInfo", Element::Contact),
    ("CustLoyalty", Element::FrequentFlyer),
    ("DOC_SSR", Element::Documents),
];

impl Document<'_> {
    /// A change begins, or an element in it tells of it.
    pub(super) fn changed(&mut self, e: &BytesStart<'_>) {
        let name = e.local_name();
        let name = name.as_ref();
        if name != CHANGE && !self.within(CHANGE) {
            return;
        }
        if name == CHANGE {
            let words: Vec<String> = all_of(e, self.names.of(Said::ChangeAgent)).collect();
            self.reader.changed_by = (!words.is_empty()).then(|| words.join(" ").into());
            self.reader.changed_at = time(&self.one(e, Said::ChangeTime));
        }
        let act = match &*self.one(e, Said::ChangeAct).to_ascii_uppercase() {
            "A" | "ADD" | "ADDED" => Some(Act::Added),
            "X" | "CANCEL" | "CANCELLED" | "DELETED" => Some(Act::Cancelled),
            "" if name != CHANGE => None,
            _ => Some(Act::Changed),
        };
        if let Some(act) = act {
            self.reader.taken_out = act == Act::Cancelled;
        }
        let (at, by) = (self.reader.changed_at, self.reader.changed_by.clone());
        let Some(booking) = self.reader.report.bookings.last_mut() else { return };
        // What is done is said of the change, or of each thing in it.
        let named_before = booking.history.len() > self.changes && name != CHANGE;
        match act {
            Some(act)
                if named_before && booking.history.last().is_some_and(|r| r.about.is_none()) =>
            {
                if let Some(last) = booking.history.last_mut() {
                    last.act = act;
                }
            }
            Some(act) if booking.history.len() < MOST_CHANGES => {
                if name == CHANGE {
                    self.changes = booking.history.len();
                }
                booking.history.push(Revision { at, act, about: None, by });
            }
            _ => {}
        }
        let about = ABOUT.iter().find(|(of, _)| *of == name).map(|(_, about)| *about);
        if let (Some(last), Some(about)) = (booking.history.last_mut(), about) {
            last.about.get_or_insert(about);
        }
    }

    /// All of a change is said.
    pub(super) fn close_change(&mut self) {
        (self.reader.changed_at, self.reader.changed_by) = (None, None);
        self.reader.taken_out = false;
    }
}
