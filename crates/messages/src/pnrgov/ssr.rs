//! Special service requests: the documents in `DOCS`, `DOCO` and `DOCA`, contacts in
//! `CTC…`, seats; and all those that must not be kept (EU-30).

use std::borrow::Cow;

use edifact::Segment;
use travel::{Contact, Country, DocumentKind, Kind, PartialDate, Sex, Text, TravelDocument};

use super::{Place, Reader, people::Candidates};
use crate::codes;
use crate::text::{self, Century, few};

/// How many documents or contacts of one traveller are looked through for a repeat.
const FEW: usize = 64;

/// Codes that reveal nothing of what must not be kept. Every other one is dropped and
/// counted: a meal, an assistance, or words that may say anything.
const NEUTRAL: &[&str] = &[
    "SEAT", "TKNE", "TKNA", "TKNM", "TKNR", "INFT", "INFS", "CHLD", "NSST", "NSSA", "NSSW", "NSSB",
    "RQST", "FQTV", "FQTR", "FQTS", "FQTU", "BSCT", "XBAG", "PDBG", "CBBG", "EXST", "GRPS", "GRPF",
    "ADTK", "ADPI", "AUTH", "EPAY", "BIKE", "BULK", "CKIN", "TCP", "SVC", "RVSM", "UPGD",
];

/// What a `DOC…` says, until its owner is known.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) document: Option<TravelDocument>,
    pub(super) surname: Text,
    pub(super) given: Text,
    pub(super) birth_date: Option<PartialDate>,
    pub(super) sex: Option<Sex>,
    pub(super) infant: bool,
    pub(super) nationality: Option<Country>,
    pub(super) residence: Option<Country>,
    pub(super) birth_place: Option<Text>,
    pub(super) contact: Option<Contact>,
    /// A contact without a traveller is the booking's; a document is nobody's.
    pub(super) only_contact: bool,
    /// The number by which the segment refers to a traveller.
    pub(super) reference: Text,
    /// In whose Gr2 it stands.
    pub(super) beside: Option<usize>,
    pub(super) span: Option<edifact::Span>,
    pub(super) segment: usize,
}

impl Reader<'_> {
    pub(super) fn service(&mut self, s: Segment<'_>) {
        if self.place == Place::Message {
            self.ensure_booking(s);
        }
        let code = s.text(1, 1);
        let code = code.trim();
        // History repeats what was, sensitive things among it.
        if self.place == Place::History {
            self.report.dropped_sensitive += u32::from(!is_neutral(code));
            return;
        }
        match code {
            "DOCS" | "DOCO" | "DOCA" => self.pend(s, code),
            _ if code.starts_with("CTC") => self.contact(s, code),
            "SEAT" | "NSST" | "RQST" | "NSSA" | "NSSW" => self.seats(s),
            _ if is_neutral(code) => {}
            _ => self.report.dropped_sensitive += 1,
        }
    }

    fn pend(&mut self, s: Segment<'_>, code: &str) {
        let words = words(s);
        let mut pending = match code {
            "DOCS" => docs(&words, self.received_on),
            "DOCO" => doco(&words, self.received_on),
            _ => doca(&words),
        };
        if pending.document.is_none() && pending.birth_date.is_none() && code == "DOCS" {
            self.sink.segment(codes::DOCUMENT_FORM, s, self.beside());
        }
        pending.reference = references(s).next().unwrap_or_default();
        pending.beside = self.beside();
        pending.span = Some(s.span());
        pending.segment = s.position();
        self.documents.push(pending);
    }

    fn beside(&self) -> Option<usize> {
        self.current.filter(|_| self.place == Place::Passenger)
    }

    fn contact(&mut self, s: Segment<'_>, code: &str) {
        let text = words(s);
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
        let contact = Contact { text: text.into() };
        let reference = references(s).next().unwrap_or_default();
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
    fn seats(&mut self, s: Segment<'_>) {
        for e in 2..=few(s.elements()) {
            let (seat, reference) = (s.text(e, 1), s.text(e, 3));
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
                Some(i) => give(&mut self.report.travellers[i], pending),
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

    /// Says that a document refers to a traveller whom the booking does not name.
    fn refers_to_nobody(&mut self, p: &Pending) {
        if let Some(span) = p.span
            && !p.reference.is_empty()
            && self.by_reference(&p.reference).is_none()
        {
            let found = p.reference.as_str();
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
        let fits = |i: &usize| {
            let t = &self.report.travellers[*i];
            !p.surname.is_empty()
                && text::same_letters(&t.surname, &p.surname)
                && (text::begins_like(&t.given, &p.given) || text::begins_like(&p.given, &t.given))
        };
        let plausible = |i: &usize| {
            let t = &self.report.travellers[*i];
            !p.infant || t.kind == Kind::Infant || fits(i)
        };
        self.by_reference(&p.reference)
            .filter(plausible)
            .or_else(|| p.beside.filter(fits))
            .or_else(|| people.iter().find(fits))
            .or_else(|| p.beside.filter(plausible))
            .or_else(|| {
                let alone = self.report.travellers.len() == self.first + 1;
                alone.then_some(self.first).filter(plausible)
            })
    }
}

/// Whether a request of that code reveals nothing.
pub(super) fn is_neutral(code: &str) -> bool {
    NEUTRAL.contains(&code) || matches!(code, "DOCS" | "DOCO" | "DOCA") || code.starts_with("CTC")
}

/// Adds to the traveller what the document says and they do not have yet.
pub(super) fn give(t: &mut travel::Traveller, p: Pending) {
    t.birth_date = t.birth_date.or(p.birth_date);
    if t.sex == Sex::Unknown {
        t.sex = p.sex.unwrap_or_default();
    }
    t.nationality = t.nationality.or(p.nationality);
    t.residence = t.residence.or(p.residence);
    t.birth_place = t.birth_place.take().or(p.birth_place);
    if let Some(contact) = p.contact
        && !t.contacts.iter().take(FEW).any(|c| *c == contact)
    {
        t.contacts.push(contact);
    }
    let Some(new) = p.document else { return };
    match t.documents.iter_mut().take(FEW).find(|d| d.number == new.number && d.kind == new.kind) {
        Some(known) => {
            known.issuer = known.issuer.or(new.issuer);
            known.expires = known.expires.or(new.expires);
            known.issued = known.issued.or(new.issued);
        }
        None => t.documents.push(new),
    }
}

/// The text of a request: component 9 of element 1 and what a colon in it cut off; or
/// the first component that has a slash.
fn words(s: Segment<'_>) -> Cow<'_, str> {
    let count = few(s.components(1));
    if count == 9 {
        let text = s.text(1, 9);
        if !text.trim().is_empty() {
            return text;
        }
    }
    let from = if count >= 9 {
        9
    } else {
        (4..=count).find(|c| s.raw(1, *c).contains(&b'/')).unwrap_or(9)
    };
    let text: Vec<_> = (from..=count).map(|c| s.text(1, c)).collect();
    let text = text.join(":");
    if !text.trim().is_empty() {
        return text.into();
    }
    (2..=few(s.elements())).map(|e| s.text(e, 1)).find(|t| t.contains('/')).unwrap_or_default()
}

/// The references to travellers: component 3 of elements 2 and on.
fn references(s: Segment<'_>) -> impl Iterator<Item = Text> + '_ {
    (2..=few(s.elements())).map(move |e| Text::from(s.text(e, 3))).filter(|r| !r.is_empty())
}

/// The fields of a document's text; the first slash may be missing. `-1NAME` at the end
/// repeats whose it is.
fn fields(text: &str) -> Fields<'_> {
    let repeats = |w: &[u8]| w[0] == b'-' && w[1] == b'1' && w[2].is_ascii_alphabetic();
    let end = text.as_bytes().windows(3).position(repeats).unwrap_or(text.len());
    let text = text[..end].trim();
    let mut fields = Fields::default();
    let mut free = fields.0.iter_mut();
    text::split_at(text.strip_prefix('/').unwrap_or(text), b'/', |part| {
        if let Some(field) = free.next() {
            *field = Some(part.trim());
        }
    });
    fields
}

/// As many fields as any document has, and some more.
#[derive(Default)]
struct Fields<'a>([Option<&'a str>; 12]);

impl<'a> Fields<'a> {
    fn get(&self, index: usize) -> Option<&'a str> {
        self.0.get(index).copied().flatten()
    }
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

fn is_dmmmy(text: &str) -> bool {
    let b = text.as_bytes();
    matches!(b.len(), 7 | 9)
        && b[..2].iter().all(u8::is_ascii_digit)
        && MONTHS.iter().any(|m| b[2..5].eq_ignore_ascii_case(m.as_bytes()))
        && b[5..].iter().all(u8::is_ascii_digit)
}

/// `/type/issuer/number/nationality/birth/sex/expiry/surname/given/second/H`.
///
/// Fields are lost in the wild, so the birth date is looked for by its form and the
/// others are counted from it.
pub(super) fn docs(text: &str, today: jiff::civil::Date) -> Pending {
    let fields = fields(text);
    // A document number can look like a date; a sex behind the usual place settles it.
    let usual = |f: &&str| matches!(*f, "M" | "F" | "MI" | "FI" | "U" | "X");
    let born = match fields.get(5).filter(usual) {
        Some(_) => 4,
        None => (0..6).find(|i| fields.get(*i).is_some_and(is_dmmmy)).unwrap_or(4),
    };
    let field = |i: usize| fields.get(i).unwrap_or("");
    let before = |n: usize| born.checked_sub(n).map_or("", field);
    let (issuer, number) = match (before(3), before(2)) {
        (place, "") if place.bytes().any(|b| b.is_ascii_digit()) => ("", place),
        both => both,
    };
    let number = text::document_number(number);
    let sex = field(born + 1);
    let document = (!number.is_empty()).then(|| TravelDocument {
        kind: text::document_kind(before(4).as_bytes()),
        number,
        issuer: text::country(issuer),
        expires: text::date_dmmmy(field(born + 2), Century::Near, today),
        issued: None,
    });
    let given: Cow<'_, str> = match (field(born + 4), field(born + 5)) {
        (first, "") => first.into(),
        (first, second) => format!("{first} {second}").into(),
    };
    Pending {
        document,
        surname: field(born + 3).into(),
        given: given.trim().into(),
        birth_date: text::date_dmmmy(field(born), Century::Past, today),
        sex: text::sex(sex.as_bytes()),
        infant: matches!(sex, "MI" | "FI"),
        nationality: text::country(before(1)),
        ..Pending::default()
    }
}

/// `/birth place/type/visa number/place of issue/issue date/country/I`.
fn doco(text: &str, today: jiff::civil::Date) -> Pending {
    let fields = fields(text);
    let field = |i: usize| fields.get(i).unwrap_or("");
    let number = text::document_number(field(2));
    // K and R are a government's own references to a traveller.
    let visa = field(1) == "V" && !number.is_empty();
    Pending {
        document: visa.then(|| TravelDocument {
            kind: DocumentKind::Visa,
            number,
            issuer: text::country(field(5)),
            expires: None,
            issued: text::date_dmmmy(field(4), Century::Near, today),
        }),
        birth_place: (!field(0).is_empty()).then(|| field(0).into()),
        infant: field(6) == "I",
        ..Pending::default()
    }
}

/// `/D or R/country/address/city/state/zip/I`.
fn doca(text: &str) -> Pending {
    let fields = fields(text);
    let field = |i: usize| fields.get(i).unwrap_or("");
    let words: Vec<&str> =
        [2, 3, 4, 5, 1].into_iter().map(field).filter(|f| !f.is_empty()).collect();
    Pending {
        residence: (field(0) == "R").then(|| text::country(field(1))).flatten(),
        contact: (words.len() > 1).then(|| Contact { text: words.join(", ").into() }),
        infant: field(6) == "I",
        ..Pending::default()
    }
}
