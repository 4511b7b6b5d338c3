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
    pub(super) fn boarding(&mut self, s: &Segment<'_>) {
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
    pub(super) fn confirmation(&mut self, s: &Segment<'_>) {
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
    pub(super) fn operating(&mut self, s: &Segment<'_>) {
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
    pub(super) fn divided(&mut self, s: &Segment<'_>) {
        let Some(booking) = self.report.bookings.last_mut() else { return };
        for e in 1..=few(s.elements()) {
            let (carrier, locator) = (s.text(e, 1), s.text(e, 2));
            if !locator.is_empty() {
                booking.split.push(format!("{carrier} {locator}").trim_start().into());
            }
        }
    }

    /// `ABI+4+ZZ99AA+IST++ZZ`: changes by one agent begin.
    pub(super) fn changer(&mut self, s: &Segment<'_>) {
        self.place = Place::History;
        (self.taken_out, self.act_said, self.changed_at) = (false, false, None);
        let words = (2..=few(s.elements()))
            .flat_map(|e| (1..=few(s.components(e))).map(move |c| s.text(e, c)))
            .filter(|word| !word.trim().is_empty());
        let words: Vec<_> = words.collect();
        self.changed_by = (!words.is_empty()).then(|| words.join(" ").into());
    }

    /// `SAC+++X`: something was done; what to, the segments behind it say.
    pub(super) fn change(&mut self, s: &Segment<'_>) {
        self.place = Place::History;
        self.taken_out = s.raw(3, 1) == b"X";
        let act = match s.raw(3, 1) {
            b"A" => Act::Added,
            b"X" => Act::Cancelled,
            _ => Act::Changed,
        };
        self.revised(act, None);
        self.act_said = true;
    }

    /// Keeps one change more.
    pub(super) fn revised(&mut self, act: Act, about: Option<Element>) {
        let (at, by) = (self.changed_at, self.changed_by.clone());
        if let Some(booking) = self.report.bookings.last_mut()
            && booking.history.len() < MOST_CHANGES
        {
            booking.history.push(Revision { at, act, about, by });
        }
    }

    /// A segment of the history says what was changed; several behind one `SAC` are several
    /// changes. Which request it was, when it may reveal what must not be held, is not said.
    pub(super) fn changed(&mut self, s: &Segment<'_>) {
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
        match last.filter(|_| self.act_said) {
            Some(revision) if revision.about.is_none_or(|known| known == about) => {
                revision.about = Some(about);
            }
            Some(revision) => {
                let act = revision.act;
                self.revised(act, Some(about));
            }
            None => {
                self.revised(Act::Changed, Some(about));
                self.act_said = true;
            }
        }
    }
}
