//! Special service requests: the documents in `DOCS`, `DOCO` and `DOCA`, contacts in
//! `CTC…`, seats; and all those that must not be kept (EU-30).

use std::borrow::Cow;

use edifact::{Element, Segment};
use travel::{Contact, Kind, Text};

use super::document::{Docs, Pending, doca, doco, give};
use super::{Place, Reader, people::Candidates};
use crate::codes;
use crate::structured::quoted;
use crate::text::{self, few};

/// Codes that reveal nothing of what must not be kept. Every other one is dropped and
/// counted: a meal, an assistance, or words that may say anything.
const NEUTRAL: &[&str] = &[
    "SEAT", "TKNE", "TKNA", "TKNM", "TKNR", "INFT", "INFS", "CHLD", "NSST", "NSSA", "NSSW", "NSSB",
    "RQST", "FQTV", "FQTR", "FQTS", "FQTU", "BSCT", "XBAG", "PDBG", "CBBG", "EXST", "GRPS", "GRPF",
    "ADTK", "ADPI", "AUTH", "EPAY", "BIKE", "BULK", "CKIN", "TCP", "SVC", "RVSM", "UPGD",
];

/// No telephone number is shorter.
const FEWEST_DIGITS: usize = 5;

impl Reader<'_> {
    pub(super) fn service(&mut self, s: &Segment<'_>) {
        if self.place == Place::Message {
            self.ensure_booking(s);
        }
        let request = s.element(1);
        let code = request.text(1);
        let code = text::trimmed(&code);
        // History repeats what was, sensitive things among it.
        if self.place == Place::History {
            self.report.dropped_sensitive += u32::from(!is_neutral(code));
            return;
        }
        match code {
            "DOCS" => self.identity(s, request),
            "DOCO" | "DOCA" => {
                let words = words(s, request);
                let pending = match code {
                    "DOCO" => doco(&words, self.received_on),
                    _ => doca(&words),
                };
                self.pend(s, pending);
            }
            _ if code.starts_with("CTC") => self.contact(s, code),
            "SEAT" | "NSST" | "RQST" | "NSSA" | "NSSW" => self.seats(s),
            _ if is_neutral(code) => {}
            _ => self.report.dropped_sensitive += 1,
        }
    }

    /// A `DOCS` whose owner the booking has named already is given to them at once, unless
    /// others wait: what came first is given first.
    fn identity(&mut self, s: &Segment<'_>, request: Element<'_>) {
        let words = words(s, request);
        let docs = Docs::read(&words, self.received_on);
        if docs.identity.document.is_none() && docs.identity.birth_date.is_none() {
            self.sink.segment(codes::DOCUMENT_FORM, *s, self.beside());
        }
        let referred = self.by_reference(&reference(s));
        for (code, none) in [
            (codes::BIRTH_INVALID, docs.no_birth()),
            (codes::DOCUMENT_DATE, docs.no_expiry()),
            (codes::DOCS_DATE, docs.in_digits()),
        ] {
            if let Some(words) = none {
                self.sink.words(code, s, ((1, 9), words), referred.or(self.beside()));
            }
        }
        let at_once = !docs.infant && self.documents.is_empty();
        match referred.filter(|_| at_once) {
            Some(owner) => docs.identity.give(&mut self.report.travellers[owner]),
            None => self.pend(s, docs.into()),
        }
    }

    fn pend(&mut self, s: &Segment<'_>, mut pending: Pending) {
        pending.reference = reference(s).into();
        pending.beside = self.beside();
        pending.span = Some(s.span());
        pending.segment = s.position();
        pending.unread = self.unread;
        self.documents.push(pending);
    }

    fn beside(&self) -> Option<usize> {
        self.current.filter(|_| self.place == Place::Passenger)
    }

    fn contact(&mut self, s: &Segment<'_>, code: &str) {
        let text = words(s, s.element(1));
        let mut text = text.trim().trim_start_matches('/').trim();
        let mut mail = code == "CTCE";
        // `CTC M` writes the kind into the text.
        if code == "CTC"
            && let Some((kind, rest)) = text.split_once(' ')
            && kind.len() == 1
        {
            mail = kind == "E";
            text = rest.trim_start();
        }
        let text = if mail {
            text.replace("//", "@").replace("./", "-").replace("..", "_")
        } else {
            text.to_owned()
        };
        if text.is_empty() {
            return;
        }
        // Words in the place of a number are a remark, and may say anything (EU-30).
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if digits < FEWEST_DIGITS && !text.contains('@') {
            self.report.dropped_sensitive += 1;
            return;
        }
        let contact = Contact { text: text.into() };
        let reference: Text = reference(s).into();
        match (self.beside(), reference.is_empty(), self.report.bookings.last_mut()) {
            (Some(i), true, _) => self.report.travellers[i].contacts.push(contact),
            (None, true, Some(booking)) => booking.contacts.push(contact),
            // The traveller may be named further on.
            (beside, ..) => self.documents.push(Pending {
                contact: Some(contact),
                reference,
                beside,
                only_contact: true,
                ..Pending::default()
            }),
        }
    }

    /// `SSR+SEAT:…++17A::1+17B::2`.
    fn seats(&mut self, s: &Segment<'_>) {
        for e in 2..=few(s.elements()) {
            let element = s.element(e);
            let (seat, reference) = (element.text(1), element.text(3));
            let owner = self.by_reference(&reference).or(self.beside());
            let is_seat = seat.bytes().any(|b| b.is_ascii_digit()) && seat.len() <= 5;
            if let Some(i) = owner
                && is_seat
                && self.report.travellers[i].seat.is_none()
            {
                self.report.travellers[i].seat = Some(seat.into());
            }
        }
    }

    /// Gives every document of the booking to its owner.
    pub(super) fn hand_out_documents(&mut self) {
        let mut documents = std::mem::take(&mut self.documents);
        for pending in documents.drain(..) {
            self.refers_to_nobody(&pending);
            match self.owner(&pending) {
                None if pending.only_contact => {
                    if let Some(booking) = self.report.bookings.last_mut() {
                        booking.contacts.extend(pending.contact);
                    }
                }
                Some(i) => {
                    self.bears_another_name(&pending, i);
                    give(&mut self.report.travellers[i], pending);
                }
                None if !pending.surname.is_empty() && pending.unread.is_some() => {
                    if let Some(unread) = pending.unread {
                        self.named_by_document(pending, unread);
                    }
                }
                None => {
                    let span = pending.span.unwrap_or(edifact::Span { start: 0, end: 0 });
                    let mut finding = crate::Finding::new(codes::DOCUMENT_UNPLACED, span, "");
                    finding.segment = Some(pending.segment);
                    self.sink.push(finding);
                }
            }
        }
        self.documents = documents;
    }

    /// Says that a document which refers to nobody bears another name than its owner, by whom
    /// it only stands.
    fn bears_another_name(&mut self, p: &Pending, owner: usize) {
        let Some(span) = p.span.filter(|_| p.reference.is_empty() && !p.surname.is_empty()) else {
            return;
        };
        if p.names(&self.report.travellers[owner]) {
            return;
        }
        let name = format!("{}/{}", p.surname, p.given);
        let mut finding = crate::Finding::new(codes::DOCUMENT_NAME, span, name);
        finding.segment = Some(p.segment);
        finding.traveller = Some(owner);
        self.sink.push(finding);
    }

    /// Says that a document refers to a traveller whom the booking does not name.
    fn refers_to_nobody(&mut self, p: &Pending) {
        if let Some(span) = p.span
            && !p.reference.is_empty()
            && self.by_reference(&p.reference).is_none()
        {
            let found = quoted(b"SSR", p.reference.as_str().into());
            let mut finding = crate::Finding::new(codes::REFERENCED_NOBODY, span, found);
            finding.segment = Some(p.segment);
            self.sink.push(finding);
        }
    }

    fn owner(&mut self, p: &Pending) -> Option<usize> {
        // An infant's document refers to the adult, so the reference may settle nothing.
        let adult = |i: usize| p.infant && self.report.travellers[i].kind != Kind::Infant;
        let settled = self.by_reference(&p.reference).is_some_and(|i| !adult(i));
        let people = match settled {
            true => Candidates::All(0..0),
            false => self.candidates(&p.surname),
        };
        let fits = |i: &usize| p.names(&self.report.travellers[*i]);
        let plausible = |i: &usize| {
            let t = &self.report.travellers[*i];
            !p.infant || t.kind == Kind::Infant || fits(i)
        };
        let referred = self.by_reference(&p.reference);
        // Who refers to nobody and bears another name is somebody else.
        let stranger = referred.is_none() && !p.reference.is_empty() && !p.surname.is_empty();
        let near = |i: &usize| plausible(i) && (!stranger || fits(i));
        referred
            .filter(plausible)
            .or_else(|| p.beside.filter(fits))
            .or_else(|| people.iter().find(fits))
            .or_else(|| p.beside.filter(|i| p.unread.is_none() && near(i)))
            .or_else(|| {
                let alone = self.report.travellers.len() == self.first + 1 && p.unread.is_none();
                alone.then_some(self.first).filter(near)
            })
    }
}

/// Whether a request of that code reveals nothing.
pub(crate) fn is_neutral(code: &str) -> bool {
    NEUTRAL.contains(&code) || matches!(code, "DOCS" | "DOCO" | "DOCA") || code.starts_with("CTC")
}

/// The text of a request: component 9 of element 1 and what a colon in it cut off; or
/// the first component that has a slash.
fn words<'a>(s: &Segment<'a>, request: Element<'a>) -> Cow<'a, str> {
    let count = few(request.components());
    if count == 9 {
        let text = request.text(9);
        if !text::trimmed(&text).is_empty() {
            return text;
        }
    }
    let from = if count >= 9 {
        9
    } else {
        (4..=count).find(|c| request.raw(*c).contains(&b'/')).unwrap_or(9)
    };
    let text: Vec<_> = (from..=count).map(|c| request.text(c)).collect();
    let text = text.join(":");
    if !text.trim().is_empty() {
        return text.into();
    }
    (2..=few(s.elements())).map(|e| s.text(e, 1)).find(|t| t.contains('/')).unwrap_or_default()
}

/// The first reference to a traveller: component 3 of elements 2 and on.
pub(super) fn reference<'a>(s: &Segment<'a>) -> Cow<'a, str> {
    let first = s.element(2).text(3);
    if !first.is_empty() {
        return first;
    }
    let mut all = (3..=few(s.elements())).map(|e| s.element(e));
    all.find_map(|e| Some(e.text(3)).filter(|r| !r.is_empty())).unwrap_or_default()
}
