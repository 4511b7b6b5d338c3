//! The texts of `DOCS`, `DOCO` and `DOCA`: fields behind slashes, of which many are lost on the
//! way; and what they add to their traveller.

use travel::{Contact, Country, DocumentKind, PartialDate, Sex, Text, TravelDocument, Traveller};

use crate::sink::Origin;
use crate::text::{self, Century};

/// How many documents or contacts of one traveller are looked through for a repeat.
const FEW: usize = 64;

/// Who somebody is, as `DOCS` says.
#[derive(Default)]
pub(super) struct Identity {
    pub(super) document: Option<TravelDocument>,
    pub(super) birth_date: Option<PartialDate>,
    pub(super) sex: Option<Sex>,
    pub(super) nationality: Option<Country>,
}

/// What a `DOC…` says, until its owner is known.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) identity: Identity,
    pub(super) surname: Text,
    pub(super) given: Text,
    pub(super) infant: bool,
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
    /// What could not be read between it and the traveller beside whom it stands.
    pub(super) unread: Option<Origin>,
}

impl Pending {
    /// Whether the document bears the name of that traveller.
    pub(super) fn names(&self, t: &Traveller) -> bool {
        !self.surname.is_empty()
            && text::same_letters(&t.surname, &self.surname)
            && (text::begins_like(&t.given, &self.given)
                || text::begins_like(&self.given, &t.given))
    }
}

/// Adds to the traveller what the document says and they do not have yet.
pub(super) fn give(t: &mut Traveller, p: Pending) {
    p.identity.give(t);
    t.residence = t.residence.or(p.residence);
    t.birth_place = t.birth_place.take().or(p.birth_place);
    if let Some(contact) = p.contact
        && !t.contacts.iter().take(FEW).any(|c| *c == contact)
    {
        t.contacts.push(contact);
    }
}

impl Identity {
    /// Adds to the traveller what they do not have yet.
    pub(super) fn give(self, t: &mut Traveller) {
        t.birth_date = t.birth_date.or(self.birth_date);
        if t.sex == Sex::Unknown {
            t.sex = self.sex.unwrap_or_default();
        }
        t.nationality = t.nationality.or(self.nationality);
        let Some(new) = self.document else { return };
        let same = |d: &&mut TravelDocument| d.number == new.number && d.kind == new.kind;
        match t.documents.iter_mut().take(FEW).find(same) {
            Some(known) => {
                known.issuer = known.issuer.or(new.issuer);
                known.expires = known.expires.or(new.expires);
                known.issued = known.issued.or(new.issued);
            }
            None => t.documents.push(new),
        }
    }
}

/// The fields of a document's text; the first slash may be missing. `-1NAME` at the end
/// repeats whose it is.
fn fields(text: &str) -> Fields<'_> {
    let repeats = |w: &[u8]| w[0] == b'-' && w[1] == b'1' && w[2].is_ascii_alphabetic();
    let dash = memchr::memchr(b'-', text.as_bytes());
    let end = dash.and_then(|dash| {
        text.as_bytes()[dash..].windows(3).position(repeats).map(|further| dash + further)
    });
    let text = text::trimmed(&text[..end.unwrap_or(text.len())]);
    let text = text.strip_prefix('/').unwrap_or(text);
    let mut ends = [0; MOST_FIELDS];
    let count = text::places_of(b'/', text, &mut ends[..MOST_FIELDS - 1]);
    ends[count] = text.len();
    Fields { text, ends, count: count + 1 }
}

/// As many fields as any document has, and some more; the last has all that follows.
const MOST_FIELDS: usize = 13;

/// Fields, each found where its slashes are when it is asked for.
struct Fields<'a> {
    text: &'a str,
    ends: [usize; MOST_FIELDS],
    count: usize,
}

impl<'a> Fields<'a> {
    /// What stands there; nothing, if there is no such field.
    #[inline]
    fn get(&self, index: usize) -> &'a str {
        let start = match index {
            0 => 0,
            _ if index >= self.count => return "",
            _ => self.ends[index - 1] + 1,
        };
        text::trimmed(&self.text[start..self.ends[index]])
    }
}

fn is_dmmmy(text: &str) -> bool {
    let b = text.as_bytes();
    matches!(b.len(), 7 | 9)
        && b[..2].iter().all(u8::is_ascii_digit)
        && text::month_of(&[b[2], b[3], b[4]]).is_some()
        && b[5..].iter().all(u8::is_ascii_digit)
}

/// `/type/issuer/number/nationality/birth/sex/expiry/surname/given/second/H`.
pub(super) struct Docs<'a> {
    pub(super) identity: Identity,
    fields: Fields<'a>,
    /// The field with the date of birth.
    born: usize,
    pub(super) infant: bool,
}

impl<'a> Docs<'a> {
    /// Fields are lost in the wild, so the birth date is looked for by its form and the
    /// others are counted from it.
    pub(super) fn read(text: &'a str, today: jiff::civil::Date) -> Self {
        let fields = fields(text);
        // A document number can look like a date; a sex behind the usual place settles it.
        let born = match fields.get(5).as_bytes() {
            [b'M' | b'F' | b'U' | b'X'] | [b'M' | b'F', b'I'] => 4,
            _ => (0..6).find(|i| is_dmmmy(fields.get(*i))).unwrap_or(4),
        };
        let field = |i: usize| fields.get(i);
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
            expires: text::date_of_docs(field(born + 2), Century::Near, today).0,
            issued: None,
        });
        let identity = Identity {
            document,
            birth_date: text::date_of_docs(field(born), Century::Past, today).0,
            sex: text::sex(sex.as_bytes()),
            nationality: text::country(before(1)),
        };
        let infant = matches!(sex, "MI" | "FI");
        Docs { identity, fields, born, infant }
    }

    /// What stands where the date of birth does and is none, or could be two.
    pub(super) fn no_birth(&self) -> Option<&'a str> {
        let born = self.fields.get(self.born);
        (self.identity.birth_date.is_none() && is_like_date(born)).then_some(born)
    }

    /// The same of the date on which the document expires.
    pub(super) fn no_expiry(&self) -> Option<&'a str> {
        let document = self.identity.document.as_ref()?;
        let expires = self.fields.get(self.born + 2);
        (document.expires.is_none() && is_like_date(expires)).then_some(expires)
    }

    /// A date in digits that was read.
    pub(super) fn in_digits(&self) -> Option<&'a str> {
        let expires = self.identity.document.as_ref().and_then(|d| d.expires);
        let [born, until] = [self.fields.get(self.born), self.fields.get(self.born + 2)];
        let digits = |text: &str| text.as_bytes().get(2).is_some_and(u8::is_ascii_digit);
        let read = self.identity.birth_date.is_some() && digits(born);
        read.then_some(born).or((expires.is_some() && digits(until)).then_some(until))
    }
}

/// Whether a date was meant: digits, and no more than one has, perhaps with a month's letters.
fn is_like_date(text: &str) -> bool {
    (4..=11).contains(&text.len())
        && text.bytes().filter(u8::is_ascii_digit).count() >= 3
        && text.bytes().filter(u8::is_ascii_alphabetic).count() <= 3
}

impl From<Docs<'_>> for Pending {
    fn from(docs: Docs<'_>) -> Self {
        let Docs { identity, fields, born, infant } = docs;
        let [surname, first, second] = [3, 4, 5].map(|behind| fields.get(born + behind));
        let mut given = Text::from(first);
        if !second.is_empty() {
            given.push(' ');
            given.push_str(second);
        }
        let given = given.trim().into();
        Pending { identity, surname: surname.into(), given, infant, ..Pending::default() }
    }
}

/// `/birth place/type/visa number/place of issue/issue date/country/I`.
pub(super) fn doco(text: &str, today: jiff::civil::Date) -> Pending {
    let fields = fields(text);
    let field = |i: usize| fields.get(i);
    let number = text::document_number(field(2));
    // K and R are a government's own references to a traveller.
    let visa = field(1) == "V" && !number.is_empty();
    let document = visa.then(|| TravelDocument {
        kind: DocumentKind::Visa,
        number,
        issuer: text::country(field(5)),
        expires: None,
        issued: text::date_dmmmy(field(4), Century::Near, today),
    });
    Pending {
        identity: Identity { document, ..Identity::default() },
        birth_place: (!field(0).is_empty()).then(|| field(0).into()),
        infant: field(6) == "I",
        ..Pending::default()
    }
}

/// `/D or R/country/address/city/state/zip/I`.
pub(super) fn doca(text: &str) -> Pending {
    let fields = fields(text);
    let field = |i: usize| fields.get(i);
    let words: Vec<&str> =
        [2, 3, 4, 5, 1].into_iter().map(field).filter(|f| !f.is_empty()).collect();
    Pending {
        residence: (field(0) == "R").then(|| text::country(field(1))).flatten(),
        contact: (words.len() > 1).then(|| Contact { text: words.join(", ").into() }),
        infant: field(6) == "I",
        ..Pending::default()
    }
}
