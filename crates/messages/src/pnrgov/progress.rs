//! How far a booking and its travellers have come: what is confirmed, who flies, who came,
//! what was divided and changed (headings 10, 11, 15 and 19 of Annex I).

use edifact::Segment;
use travel::{Act, CodeShare, Element, Revision, Status};

use super::{Place, Reader};
use crate::text::few;

/// Most changes that are kept of one booking.
pub(super) const MOST_CHANGES: usize = 1000;

/// What boarding status says, in the words of reservation systems.
pub(super) fn status(words: &str) -> Option<Status> {
    let plain: String = words.chars().filter(|c| c.is_alphanumeric()).collect();
    Some(match plain.to_ascii_uppercase().as_str() {
        "GOSHOW" => Status::GoShow,
        "NOSHOW" => Status::NoShow,
        "BOARDED" | "ONBOARD" => Status::Boarded,
        "NOTBOARDED" | "NOTONBOARD" | "OFFLOADED" => Status::NotBoarded,
        "CHECKEDIN" | "ACCEPTED" => Status::CheckedIn,
        _ => return None,
    })
}

impl Reader<'_> {
    /// `IFT+4:63+GO SHOW`.
    pub(super) fn boarding(&mut self, s: Segment<'_>) {
        let said = status(&s.text(2, 1));
        if let (Place::Passenger | Place::CheckIn, Some(i), Some(said)) =
            (self.place, self.current, said)
        {
            self.report.travellers[i].status = Some(said);
        }
    }

    /// Whoever stands at check-in has been there, unless more is known.
    pub(super) fn checked_in(&mut self) {
        if let (Place::CheckIn, Some(i)) = (self.place, self.current) {
            self.report.travellers[i].status.get_or_insert(Status::CheckedIn);
        }
    }

    /// `RPI+2+HK`: seats, and whether they are confirmed.
    pub(super) fn confirmation(&mut self, s: Segment<'_>) {
        if self.place != Place::Flight {
            return;
        }
        let Some(booking) = self.report.bookings.last_mut() else { return };
        let code = s.text(2, 1);
        if let Some(flight) = booking.itinerary.last()
            && !code.is_empty()
        {
            booking.confirmations.push(format!("{} {code}", flight.name()).into());
        }
    }

    /// `TRA+YY+77:Y`: who flies, and under which number.
    pub(super) fn operating(&mut self, s: Segment<'_>) {
        if self.place == Place::Flight {
            self.flown_by(&s.text(1, 1), &s.text(2, 1));
        }
    }

    /// `TVL+++++972:M`: the number under which it is flown, by whom the last `TVL` said.
    pub(super) fn operating_number(&mut self, number: &str) {
        if number.bytes().any(|b| b.is_ascii_digit()) {
            self.flown_by("", number);
        }
    }

    fn flown_by(&mut self, carrier: &str, number: &str) {
        let Some(booking) = self.report.bookings.last_mut() else { return };
        let Some(flight) = booking.itinerary.last() else { return };
        // One number may be flown on two days, each time by another.
        let this = booking.itinerary.len() - 1;
        let known = self.shared.replace(this) == Some(this);
        match booking.code_shares.last_mut().filter(|_| known) {
            Some(share) if carrier.is_empty() => share.operated.push_str(number),
            Some(share) => share.operated = format!("{carrier}{number}").into(),
            None => {
                let carrier = if carrier.is_empty() { &flight.carrier } else { carrier };
                let operated = format!("{carrier}{number}").into();
                let marketed = flight.name().into();
                booking.code_shares.push(CodeShare { marketed, operated });
            }
        }
    }

    /// `RCI` of Gr8: a booking that this one was divided from or into.
    pub(super) fn divided(&mut self, s: Segment<'_>) {
        let Some(booking) = self.report.bookings.last_mut() else { return };
        for e in 1..=few(s.elements()) {
            let (carrier, locator) = (s.text(e, 1), s.text(e, 2));
            if !locator.is_empty() {
                booking.split.push(format!("{carrier} {locator}").trim_start().into());
            }
        }
    }

    /// `SAC+++X`: something was done; what to, the next segment says.
    pub(super) fn change(&mut self, s: Segment<'_>) {
        let act = match s.raw(3, 1) {
            b"A" => Act::Added,
            b"X" => Act::Cancelled,
            _ => Act::Changed,
        };
        let at = self.changed_at;
        if let Some(booking) = self.report.bookings.last_mut()
            && booking.history.len() < MOST_CHANGES
        {
            booking.history.push(Revision { at, act, about: None });
        }
    }

    /// A segment of the history: the first behind `SAC` says what was changed. Which request
    /// it was, when it may reveal what must not be held, is not said.
    pub(super) fn changed(&mut self, s: Segment<'_>) {
        let about = match &s.code() {
            b"TIF" => Element::Names,
            b"TVL" => Element::Itinerary,
            b"TBD" => Element::Baggage,
            b"SSD" => Element::Seat,
            b"TKT" => Element::Ticket,
            b"FOP" => Element::Payment,
            b"ADD" => Element::Contact,
            b"FTI" => Element::FrequentFlyer,
            b"SSR" => match s.raw(1, 1) {
                b"DOCS" | b"DOCO" | b"DOCA" => Element::Documents,
                b"SEAT" | b"NSST" | b"RQST" => Element::Seat,
                code if code.starts_with(b"CTC") => Element::Contact,
                code if code.starts_with(b"TKN") => Element::Ticket,
                _ => return,
            },
            _ => return,
        };
        let last = self.report.bookings.last_mut().and_then(|b| b.history.last_mut());
        if let Some(revision) = last {
            revision.about.get_or_insert(about);
        }
    }
}
