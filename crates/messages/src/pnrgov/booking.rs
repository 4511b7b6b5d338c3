//! Gr1: what a booking's travellers share.

use edifact::{FaultKind, Segment};
use travel::{Booking, Contact, Function, PartialDate};

use super::{Place, Reader};
use crate::codes;
use crate::text::{self, few};

/// So many segments of a booking stand before its first traveller, at most.
const MOST_BEFORE_NAMES: usize = 50;

impl Reader<'_> {
    pub(super) fn open_booking(&mut self) {
        self.close_booking();
        self.place = Place::Booking;
        self.first = self.report.travellers.len();
        self.open = true;
        self.empty_org = false;
        self.unread = None;
        (self.taken_out, self.act_said) = (false, false);
        (self.changed_at, self.changed_by) = (None, None);
        self.shared = None;
        self.numbers.clear();
        self.surnames.clear();
        self.indexed = self.report.travellers.len();
        self.report.bookings.push(Booking::default());
    }

    /// Hands out the documents and settles what only the whole booking tells.
    pub(super) fn close_booking(&mut self) {
        if !self.open {
            return;
        }
        self.hand_out_documents();
        let people = (self.report.travellers.len() - self.first) as u32;
        let update = self.report.function == Function::Change;
        let gone = update && self.empty_org && people == 0;
        if let Some(booking) = self.report.bookings.last_mut() {
            booking.travellers = people;
            booking.cancelled = gone && booking.itinerary.is_empty();
        }
        self.open = false;
        self.current = None;
    }

    /// Segments of a booking without its `SRC`.
    pub(super) fn ensure_booking(&mut self, s: &Segment<'_>) {
        if !self.open {
            self.sink.segment(codes::BOOKING_WITHOUT_SRC, *s, None);
            self.open_booking();
        }
    }

    pub(super) fn record(&mut self, s: &Segment<'_>) {
        if self.place == Place::Message {
            self.ensure_booking(s);
        }
        if self.place == Place::Aside && self.splitting {
            return self.divided(s);
        }
        if self.begins_another(s) {
            self.sink.segment(codes::BOOKING_WITHOUT_SRC, *s, None);
            self.open_booking();
        }
        if self.place != Place::Booking {
            return;
        }
        let Some(booking) = self.report.bookings.last_mut() else { return };
        if !booking.locator.is_empty() {
            let expected = "one RCI behind an SRC";
            self.sink.fault_of_segment(FaultKind::SegmentRepeats, s, expected, None);
            return;
        }
        // Type C is the departure control system's own reference.
        let own = (1..=few(s.elements())).find(|e| s.raw(*e, 3) != b"C").unwrap_or(1);
        booking.carrier = s.text(own, 1).into();
        booking.locator = s.text(own, 2).into();
        booking.made = text::date_dmy(s.raw(own, 4), self.received_on).map(PartialDate::from);
    }

    /// Whether a booking begins with this `RCI` though no `SRC` stands before: it bears another
    /// locator than the one that is open, and the next to come is a traveller. Behind the `RCI`
    /// of a flight (Gr5) that is another flight, or a check-in.
    fn begins_another(&self, s: &Segment<'_>) -> bool {
        let within = matches!(self.place, Place::Passenger | Place::Flight | Place::CheckIn);
        let Some(booking) = self.report.bookings.last().filter(|_| within) else { return false };
        let same = |e: usize| booking.locator == *s.text(e, 2);
        if (1..=few(s.elements())).any(same) || s.text(1, 2).is_empty() {
            return false;
        }
        let telling = |code: [u8; 3]| match &code {
            b"SSR" | b"DAT" | b"IFT" | b"ORG" | b"ADD" | b"EBD" => None,
            other => Some(other == b"TIF"),
        };
        s.behind().take(MOST_BEFORE_NAMES).find_map(|s| telling(s.code())).unwrap_or(false)
    }

    pub(super) fn origin(&mut self, s: &Segment<'_>) {
        if self.place != Place::Booking {
            return;
        }
        let Some(booking) = self.report.bookings.last_mut() else { return };
        let words: Vec<String> = (1..=s.elements().min(4))
            .flat_map(|e| (1..=few(s.components(e))).map(move |c| s.text(e, c).into_owned()))
            .filter(|w| !w.is_empty())
            .collect();
        self.empty_org = words.is_empty();
        if !words.is_empty() && booking.agency.is_none() {
            booking.agency = Some(words.join(" ").into());
        }
    }

    /// `ADD++700:street:city:…`: where somebody is to be reached.
    pub(super) fn address(&mut self, s: &Segment<'_>) {
        let texts = (1..=few(s.elements())).filter_map(|e| {
            let from = if s.raw(e, 1).iter().all(u8::is_ascii_digit) { 2 } else { 1 };
            let words: Vec<_> = (from..=few(s.components(e)))
                .map(|c| s.text(e, c))
                .filter(|w| !w.trim().is_empty())
                .collect();
            (!words.is_empty()).then(|| Contact { text: words.join(", ").into() })
        });
        let contacts: Vec<Contact> = texts.collect();
        match (self.place, self.current) {
            (Place::Passenger, Some(i)) => self.report.travellers[i].contacts.extend(contacts),
            (Place::Booking | Place::Passenger, _) => {
                if let Some(booking) = self.report.bookings.last_mut() {
                    booking.contacts.extend(contacts);
                }
            }
            _ => {}
        }
    }

    /// `FOP+CC:::VI:account:expiry`: kind, amount, vendor, account masked to its last
    /// four. The card's expiry goes no further.
    pub(super) fn payment(&mut self, s: &Segment<'_>) {
        if !matches!(self.place, Place::Booking | Place::Passenger) {
            return;
        }
        for e in 1..=few(s.elements()) {
            let words = [s.text(e, 1), s.text(e, 3), s.text(e, 4), mask(&s.text(e, 5)).into()];
            let words: Vec<_> = words.into_iter().filter(|w| !w.is_empty()).collect();
            if let Some(booking) = self.report.bookings.last_mut()
                && !words.is_empty()
            {
                let text = words.join(" ");
                if !booking.payments.iter().take(64).any(|p| *p == text) {
                    booking.payments.push(text.into());
                }
            }
        }
    }

    /// Free text goes no further (EU-30); fare calculations (15) reveal nothing and are not
    /// kept either. Boarding status (63) is one of a few words.
    pub(super) fn free_text(&mut self, s: &Segment<'_>) {
        if s.raw(1, 2) == b"63" {
            self.boarding(s);
        }
        let neutral = matches!(s.raw(1, 1), b"4") && matches!(s.raw(1, 2), b"15" | b"63");
        if !neutral {
            self.report.dropped_sensitive += 1;
        }
    }
}

/// All but the last four characters as `X`.
pub(super) fn mask(account: &str) -> String {
    let keep = account.chars().count().saturating_sub(4);
    account.chars().enumerate().map(|(i, c)| if i < keep { 'X' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_account_keeps_its_last_four() {
        assert_eq!(super::mask("4111111111111186"), "XXXXXXXXXXXX1186");
        assert_eq!(super::mask("86"), "86");
    }
}
