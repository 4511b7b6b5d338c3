//! `Passenger`, and what hangs on it: names, documents, contacts, tickets, loyalty, payment,
//! bags. Attributes go by several names: no two senders have the same edition of the schema.

use quick_xml::events::BytesStart;
use travel::{Contact, Kind, Text, TravelDocument, Traveller};

use super::super::{booking, document, progress, ssr};
use super::Document;
use super::names::Said;
use super::value::{all_of, attribute, date};
use crate::reading::{Finding, Mention};
use crate::records::{self, Field};
use crate::sink::Origin;
use crate::{bags, codes, text};

impl Document<'_> {
    pub(super) fn passenger(&mut self, e: &BytesStart<'_>) {
        let reference = self.one(e, Said::Reference);
        if self.in_history() || self.within("CheckInInfo") {
            let owner = if reference.is_empty() { self.seat_of.clone() } else { reference };
            self.again = Some((Text::new(), Text::new(), owner));
            return;
        }
        if self.reader.report.bookings.is_empty() {
            self.reader.open_booking();
        }
        self.add(reference, Text::new(), Text::new());
        let first = |names: &[&str]| names.iter().find_map(|name| attribute(e, name));
        self.in_attributes = [
            first(&["Surname", "LastName", "surname", "lastName"]).unwrap_or_default(),
            first(&["GivenName", "FirstName", "givenName", "firstName"]).unwrap_or_default(),
        ];
        let unique = attribute(e, "PaxID").or_else(|| attribute(e, "SurnameRefNumber"));
        let boarding = attribute(e, "BoardingStatus").and_then(|s| progress::status(&s));
        if let Some(t) = self.reader.report.travellers.last_mut() {
            t.reference = unique.filter(|u| !u.is_empty()).map(Text::from);
            t.status = boarding;
        }
    }

    pub(super) fn add(&mut self, reference: String, surname: Text, given: Text) {
        let booking = self.reader.report.bookings.len().checked_sub(1).map(|b| b as u32);
        let index = self.reader.report.travellers.len();
        self.reader.report.travellers.push(Traveller {
            booking,
            surname,
            given,
            ..Traveller::default()
        });
        if !reference.is_empty() {
            self.reader.numbers.give(&reference, index);
        }
        self.reader.places.travellers.push(Origin::stretch(self.at));
        self.reader.current = Some(index);
    }

    pub(super) fn document(&mut self, e: &BytesStart<'_>) {
        let today = self.reader.received_on;
        let get = |said| self.one(e, said);
        let country = |said| text::country(&get(said));
        let number = text::document_number(&get(Said::DocumentNumber));
        let mut odd = Vec::new();
        for written in [get(Said::DocumentNationality), get(Said::DocumentIssuer)] {
            if !written.is_empty() && text::country(&written).is_none() {
                odd.push(self.doubt(codes::COUNTRY_INVALID, (Field::Nationality, &written)));
            }
        }
        let gender = attribute(e, "Gender").unwrap_or_default();
        if text::sex(gender.as_bytes()).is_none() {
            odd.push(self.doubt(codes::SEX_UNKNOWN, (Field::Sex, &gender)));
        }
        let kind = match e.local_name().as_ref() {
            "DOCO" => "V".to_owned(),
            _ => get(Said::DocumentType),
        };
        let given = [get(Said::DocumentGiven), get(Said::DocumentGivenMore)].join(" ");
        let day = |t: &str, c| date(t).or_else(|| text::date_dmmmy(t, c, today));
        let (ends, birth) = (get(Said::DocumentExpiry), get(Said::DocumentBirth));
        let expires = day(&ends, text::Century::Near);
        let birth_date = day(&birth, text::Century::Past);
        if birth_date.is_none() && !birth.is_empty() {
            odd.push(self.doubt(codes::BIRTH_INVALID, (Field::BirthDate, &birth)));
        }
        if expires.is_none() && !ends.is_empty() {
            odd.push(self.doubt(codes::DOCUMENT_DATE, (Field::DocumentExpires, &ends)));
        }
        let pending = document::Pending {
            identity: document::Identity {
                document: (!number.is_empty()).then(|| TravelDocument {
                    kind: text::document_kind(kind.as_bytes()),
                    number,
                    issuer: country(Said::DocumentIssuer),
                    expires,
                    issued: None,
                }),
                birth_date,
                sex: text::sex(gender.as_bytes()),
                nationality: country(Said::DocumentNationality),
            },
            surname: attribute(e, "Surname").unwrap_or_default().into(),
            given: given.trim().into(),
            infant: matches!(gender.as_str(), "MI" | "FI"),
            reference: self.service.as_ref().map(|s| s.1.clone()).unwrap_or_default().into(),
            beside: self.beside(),
            ..document::Pending::default()
        };
        let pending = match e.local_name().as_ref() {
            "DOCA" => document::Pending {
                residence: self.residence(e),
                contact: self.address(e),
                ..pending
            },
            _ => pending,
        };
        odd.into_iter().for_each(|finding| self.reader.sink.push(finding));
        self.reader.documents.push(pending);
    }

    /// A finding on what an attribute of the open tag says.
    pub(super) fn doubt(&self, code: crate::Code, (field, value): (Field, &str)) -> Finding {
        let value = if records::is_of_form(field, value) { value } else { "" };
        let mut finding = Finding::new(code, self.at, value);
        (finding.traveller, finding.field) = (self.beside(), Some(field.name()));
        finding
    }

    pub(super) fn beside(&self) -> Option<usize> {
        self.reader.current.filter(|_| self.within("Passenger") && self.again.is_none())
    }

    pub(super) fn contact(&mut self, e: &BytesStart<'_>) {
        let text = self.one(e, Said::Contact);
        if text.is_empty() {
            return;
        }
        let contact = Contact { text: text.into() };
        match self.beside() {
            Some(i) => self.reader.report.travellers[i].contacts.push(contact),
            None => {
                if let Some(b) = self.reader.report.bookings.last_mut() {
                    b.contacts.push(contact);
                }
            }
        }
    }

    pub(super) fn ticket(&mut self, e: &BytesStart<'_>) {
        let number = attribute(e, "TicketDocumentNbr").filter(|n| !n.is_empty());
        if let (Some(i), Some(number)) = (self.beside(), number) {
            self.reader.report.travellers[i].tickets.push(number.into());
        }
    }

    pub(super) fn name(&mut self, part: &str, content: &str) {
        let (surname, given) = match (&mut self.again, self.reader.current) {
            (Some((surname, given, _)), _) => (surname, given),
            (None, Some(i)) => {
                let t = &mut self.reader.report.travellers[i];
                (&mut t.surname, &mut t.given)
            }
            _ => return,
        };
        let field = if part.starts_with("Surname") { surname } else { given };
        // A text that an entity splits goes on without a blank.
        if part == "MiddleName" && !field.is_empty() {
            field.push(' ');
        }
        field.push_str(content);
        if part == "SurnamePrefix" {
            field.push(' ');
        }
    }

    /// `CustLoyalty`: a frequent flyer's number (heading 8).
    pub(super) fn loyalty(&mut self, e: &BytesStart<'_>) {
        let program = self.one(e, Said::LoyaltyProgram);
        let number = self.one(e, Said::LoyaltyNumber);
        if let Some(i) = self.beside().filter(|_| !number.is_empty()) {
            let known = format!("{program} {number}").trim_start().into();
            self.reader.report.travellers[i].frequent_flyer.push(known);
        }
    }

    /// `PaymentInfo` and `CreditCardInfo` (heading 6): kind, vendor, and the account masked to
    /// its last four. A card's expiry goes no further.
    pub(super) fn payment(&mut self, e: &BytesStart<'_>) {
        let account = self.one(e, Said::PaymentAccount);
        let kind = match e.local_name().as_ref() {
            "CreditCardInfo" => "CC".to_owned(),
            _ => self.one(e, Said::PaymentKind),
        };
        let words = [kind, self.one(e, Said::PaymentVendor), booking::mask(&account)];
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
        let Some(booking) = self.reader.report.bookings.last_mut() else { return };
        let text = words.join(" ");
        // What the card's `PaymentInfo` said is said again, with more.
        if text.starts_with("CC ") && booking.payments.last().is_some_and(|p| p == "CC") {
            booking.payments.pop();
        }
        if !text.is_empty() && !booking.payments.iter().take(64).any(|p| *p == text) {
            booking.payments.push(text.into());
        }
    }

    /// `CheckedBag` of whoever checks in (heading 16).
    pub(super) fn bag(&mut self, e: &BytesStart<'_>) {
        let Some(i) = self.boarding() else { return };
        let count = self.one(e, Said::BagCount).parse::<u16>().ok();
        let weight = self.one(e, Said::BagWeight).parse::<u32>().ok();
        let unit = self.one(e, Said::BagUnit);
        let pounds = unit.to_ascii_uppercase().starts_with(['L', 'P']);
        let tag = self.one(e, Said::BagTag);
        let held = &mut self.reader.report.travellers[i].bags;
        let more = |known: Option<u16>, new: u16| known.unwrap_or(0).saturating_add(new);
        if let Some(count) = count {
            held.count = Some(more(held.count, count));
        }
        if let Some(weight) = weight {
            let kg = if pounds {
                bags::kilograms(weight)
            } else {
                weight.try_into().unwrap_or(u16::MAX)
            };
            held.weight_kg = Some(more(held.weight_kg, kg));
        }
        held.tags.extend((!tag.is_empty()).then(|| Text::from(tag)));
    }

    /// `BoardingNumber`: somebody has checked in (heading 10).
    pub(super) fn boards(&mut self, e: &BytesStart<'_>) {
        self.seat_of = self.one(e, Said::Reference);
        if let Some(i) = self.boarding() {
            self.reader.report.travellers[i].status.get_or_insert(travel::Status::CheckedIn);
        }
    }

    /// Who checks in at this place of the document.
    fn boarding(&self) -> Option<usize> {
        self.reader
            .by_reference(&self.seat_of)
            .filter(|_| self.within("CheckInInfo") && !self.in_history())
    }

    /// `Source` of `POS`: who made the booking (heading 9).
    pub(super) fn agency(&mut self, e: &BytesStart<'_>) {
        let words: Vec<String> = all_of(e, self.names.of(Said::Agency)).collect();
        if let Some(b) = self.reader.report.bookings.last_mut().filter(|b| b.agency.is_none())
            && !words.is_empty()
        {
            b.agency = Some(words.join(" ").into());
        }
    }

    pub(super) fn close_service(&mut self) {
        let Some((code, reference, words)) = self.service.take() else { return };
        if self.in_history() || !ssr::is_neutral(&code) {
            self.reader.report.dropped_sensitive += u32::from(!ssr::is_neutral(&code));
            return;
        }
        if code == "DOCS" && !words.is_empty() {
            let mut pending =
                document::Pending::from(document::Docs::read(&words, self.reader.received_on));
            pending.reference = reference.into();
            pending.beside = self.beside();
            self.reader.documents.push(pending);
        }
    }

    /// Somebody named again is sought in the booking, and added if nobody there bears
    /// that name.
    pub(super) fn close_passenger(&mut self) {
        match self.again.take() {
            Some(named) => self.named_again(named),
            None => {
                let t = self.reader.current.and_then(|i| self.reader.report.travellers.get_mut(i));
                let [surname, given] = std::mem::take(&mut self.in_attributes);
                if let Some(t) = t.filter(|t| t.surname.is_empty() && t.given.is_empty()) {
                    // Some write the name into attributes, or as all that the element holds.
                    let (surname, given) = match surname.split_once('/') {
                        Some((s, g)) if given.is_empty() => (s, text::without_title(g)),
                        _ => (surname.as_str(), given.as_str()),
                    };
                    (t.surname, t.given) = (surname.into(), given.into());
                    if surname.is_empty() && given.is_empty() {
                        t.kind = Kind::Unnamed;
                    }
                }
            }
        }
    }

    fn named_again(&mut self, (surname, given, reference): (Text, Text, String)) {
        let people = self.reader.candidates(&surname);
        let found = people.iter().find(|i| {
            let t = &self.reader.report.travellers[*i];
            text::same_letters(&t.surname, &surname)
                && (text::begins_like(&t.given, &given) || text::begins_like(&given, &t.given))
        });
        let gone = self.in_history() && self.reader.taken_out;
        let who = if found.is_some() || gone || (surname.is_empty() && given.is_empty()) {
            self.reader.repeated.push(Mention { surname, given, ..Mention::default() });
            if gone && found.is_none() {
                self.reader.sink.push(Finding::new(codes::REMOVED_TRAVELLER, self.at, ""));
            }
            found
        } else {
            self.add(reference, surname, given);
            let mut finding = Finding::new(codes::LATE_TRAVELLER, self.at, "");
            finding.traveller = self.reader.current;
            self.reader.sink.push(finding);
            self.reader.current
        };
        if let Some(i) = who.filter(|_| !self.in_history()) {
            self.reader.report.travellers[i].status.get_or_insert(travel::Status::CheckedIn);
        }
    }

    /// Where somebody lives, as `DOCA` says.
    fn residence(&self, e: &BytesStart<'_>) -> Option<travel::Country> {
        let lives = self.one(e, Said::AddressType).starts_with(['R', 'r']);
        lives.then(|| text::country(&self.one(e, Said::AddressCountry))).flatten()
    }

    /// The address of `DOCA`.
    fn address(&self, e: &BytesStart<'_>) -> Option<Contact> {
        let parts = [
            Said::AddressLine,
            Said::AddressCity,
            Said::AddressState,
            Said::AddressPostcode,
            Said::AddressCountry,
        ];
        let words = parts.map(|said| self.one(e, said));
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
        (words.len() > 1).then(|| Contact { text: words.join(", ").into() })
    }
}
