//! Requests between states and their answers (EU-17): one state asks about somebody, a
//! document or a flight, with its reason; an officer of the other decides what is answered.
//!
//! A request goes one way, its answer the other, in the stream of whoever sends it. The
//! answer names the request's parcel on its outside and the digest of its bytes inside, so
//! that it answers that request and no other. What is answered are records of one list for
//! each parcel, so many of so many; or one word: that there is nothing, or why not.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use minicbor::{Decode, Encode};
use policy::{Leave, Recall};
use travel::{Dataset, ElementSet, Flight, PartialDate};

use crate::{Chosen, Content, Digest, DisclosureError, Header, Kind, ParcelId, codec};

/// The longest word or name of a request, and the longest reason, in bytes.
const MOST: usize = 200;
const MOST_REASON: usize = 4_000;
/// As many parcels may an answer have.
const MOST_PARTS: u32 = 500;

/// About whom or what is asked: one of these, or several that all have to hold.
#[derive(Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Subject {
    /// A name, in any writing; with `born`.
    #[n(0)]
    pub name: Option<String>,
    /// Date of birth: `1990-01-02`, or `1990`.
    #[n(1)]
    pub born: Option<String>,
    /// Number of a travel document.
    #[n(2)]
    pub document: Option<String>,
    /// Locator of a booking.
    #[n(3)]
    pub booking: Option<String>,
    /// Telephone number or mail address.
    #[n(4)]
    pub contact: Option<String>,
    /// A flight, carrier and number: `TK1980`.
    #[n(5)]
    pub flight: Option<String>,
    /// Its local day of departure: `2026-03-01`.
    #[n(6)]
    pub day: Option<String>,
}

/// A request, as it is read by the officers of the state that is asked.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Inquiry {
    /// About whom or what.
    #[n(0)]
    pub subject: Subject,
    /// The law on which the request rests, as lawyers cite it.
    #[n(1)]
    pub legal_ground: String,
    /// Why it is necessary, in this case.
    #[n(2)]
    pub reason: String,
    /// The asking state's file.
    #[n(3)]
    pub reference: String,
    /// In an emergency: until when an answer is needed.
    #[cbor(n(4), with = "crate::codec::instant_option", has_nil)]
    pub answer_by: Option<Timestamp>,
    /// In an emergency: until when the asking state justifies it, if it has not yet.
    #[cbor(n(5), with = "crate::codec::instant_option", has_nil)]
    pub justify_by: Option<Timestamp>,
}

/// What is wrong with a request: nobody could decide on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreasoned {
    /// It asks about nobody and nothing, or about everybody of a day.
    #[error(
        "it asks about nobody: name a document, a name with its date of birth, a booking, a contact or a flight"
    )]
    Subject,
    /// No reason, no legal ground or no reference.
    #[error("it gives no reason, no legal ground, or no reference to a file")]
    Reason,
    /// A text is too long.
    #[error("a text of it is longer than requests are")]
    TooLong,
}

impl Subject {
    fn texts(&self) -> [&Option<String>; 7] {
        let Self { name, born, document, booking, contact, flight, day } = self;
        [name, born, document, booking, contact, flight, day]
    }

    fn check(&self) -> Result<(), Unreasoned> {
        let said = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
        let empty = |text: &&Option<String>| text.is_some() && !said(text);
        if self.texts().iter().any(empty) || self.name.is_some() != self.born.is_some() {
            return Err(Unreasoned::Subject);
        }
        let born = self.born.as_deref().is_none_or(|b| PartialDate::parse(b.trim()).is_some());
        let day = self.day.as_deref().is_none_or(|d| d.parse::<Date>().is_ok());
        let one = [&self.name, &self.document, &self.booking, &self.contact, &self.flight];
        if !born
            || !day
            || !one.into_iter().any(said)
            || (self.day.is_some() && !said(&self.flight))
        {
            return Err(Unreasoned::Subject);
        }
        let long = |t: &&Option<String>| t.as_ref().is_some_and(|t| t.len() > MOST);
        if self.texts().iter().any(long) { Err(Unreasoned::TooLong) } else { Ok(()) }
    }
}

/// Whether law, reason and file are all named, and in no more words than are read.
pub(crate) fn reasoned(
    [legal_ground, reason]: [&str; 2],
    reference: &str,
) -> Result<(), Unreasoned> {
    if [legal_ground, reason, reference].iter().any(|text| text.trim().is_empty()) {
        return Err(Unreasoned::Reason);
    }
    let long = [legal_ground, reason].iter().any(|text| text.len() > MOST_REASON)
        || reference.len() > MOST;
    if long { Err(Unreasoned::TooLong) } else { Ok(()) }
}

impl Inquiry {
    /// Whether somebody could decide on it.
    ///
    /// # Errors
    /// What it lacks.
    pub fn check(&self) -> Result<(), Unreasoned> {
        self.subject.check()?;
        reasoned([&self.legal_ground, &self.reason], &self.reference)
    }

    /// The canonical binary form.
    pub fn encode(&self) -> Vec<u8> {
        codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote, if somebody could decide on it; `None` for
    /// anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        codec::exactly(bytes).filter(|inquiry: &Self| inquiry.check().is_ok())
    }
}

/// Shows nobody.
impl fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inquiry").field("answer_by", &self.answer_by).finish_non_exhaustive()
    }
}

/// Shows nobody.
impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(..)")
    }
}

impl Content {
    /// A request. The leave is used up; what it sets for an emergency is written into it.
    ///
    /// # Errors
    /// Nobody could decide on it.
    pub fn request(leave: Leave, mut inquiry: Inquiry) -> Result<Self, Unreasoned> {
        inquiry.answer_by = leave.answer_by();
        inquiry.justify_by = leave.justify_by();
        inquiry.check()?;
        let stream = (leave.agreement(), leave.from(), leave.to());
        let of = (Flight::default(), leave.dataset(), leave.purpose());
        let body = (inquiry.encode(), crate::kind::CBOR);
        Ok(Self::new(stream, Kind::Request, of, body).asking_for(leave.elements()))
    }

    /// Records of one list in answer to a request: so many of so many parcels.
    ///
    /// # Errors
    /// What was chosen is no answer, or not to that state.
    pub fn answer(
        chosen: Chosen,
        asked: &Asked,
        (number, of): (u32, u32),
    ) -> Result<Self, DisclosureError> {
        let permit = chosen.permit();
        let fits = (permit.purpose(), permit.dataset()) == (asked.purpose, asked.dataset)
            && permit.elements().is_subset(asked.elements);
        let outcome = Outcome::Given;
        let response =
            Response { request: asked.digest, outcome, number, of, rules: rules(permit) };
        let content = chosen.into_content(policy::Mode::Answer, Kind::Answer)?;
        if !fits {
            return Err(DisclosureError::OtherRequest);
        }
        Ok(content.responding(asked.parcel, response))
    }

    /// An answer without data: that nothing is here, or why nothing is said.
    ///
    /// # Errors
    /// The outcome is one with data.
    pub fn answer_without(
        leave: Recall,
        asked: &Asked,
        (outcome, rules): (Outcome, Vec<String>),
    ) -> Result<Self, DisclosureError> {
        if outcome == Outcome::Given {
            return Err(DisclosureError::OtherRequest);
        }
        let stream = (leave.agreement(), leave.from(), leave.to());
        let of = (Flight::default(), asked.dataset, asked.purpose);
        let body = (outcome.name().as_bytes().to_vec(), crate::kind::WORD);
        let response = Response { request: asked.digest, outcome, number: 1, of: 1, rules };
        Ok(Self::new(stream, Kind::Answer, of, body).responding(asked.parcel, response))
    }
}

fn rules(permit: &policy::Permit) -> Vec<String> {
    permit.rules().iter().map(ToString::to_string).collect()
}

macro_rules! outcomes {
    ($($(#[$doc:meta])* $variant:ident $number:literal $name:literal $words:literal;)*) => {
        /// What became of a request: a closed list, so that nobody is described in it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
        #[cbor(index_only)]
        pub enum Outcome { $($(#[$doc])* #[n($number)] $variant),* }

        impl Outcome {
            /// Every outcome.
            pub const ALL: &'static [Outcome] = &[$(Outcome::$variant),*];

            /// Its word on the wire, in rows and events.
            pub const fn name(self) -> &'static str {
                match self { $(Outcome::$variant => $name),* }
            }

            /// The same for people.
            pub const fn words(self) -> &'static str {
                match self { $(Outcome::$variant => $words),* }
            }

            /// The outcome of that word.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|outcome| outcome.name() == name)
            }
        }
    };
}

outcomes! {
    /// Records were given.
    Given 0 "given" "Records were given.";
    /// There is nothing here about it.
    Nothing 1 "nothing" "There is nothing about it.";
    /// The request gives no sufficient reason.
    Unreasoned 2 "unreasoned" "The reason is not sufficient.";
    /// It asks for more than is necessary.
    TooWide 3 "too_wide" "It asks for more than is necessary.";
    /// Agreement or law let nothing of it go.
    NotLawful 4 "not_lawful" "The agreement or the law lets nothing of it go.";
    /// It would harm a case here, or somebody.
    Harmful 5 "harmful" "An answer would harm an investigation or somebody.";
}

/// What an answer says besides the records.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Response {
    /// SHA-256 of the request's bytes.
    #[cbor(n(0), with = "crate::codec::digest")]
    pub request: Digest,
    /// What became of it.
    #[n(1)]
    pub outcome: Outcome,
    /// Which parcel of the answer this is, counted from 1 …
    #[n(2)]
    pub number: u32,
    /// … of so many.
    #[n(3)]
    pub of: u32,
    /// The rules that decided.
    #[n(4)]
    pub rules: Vec<String>,
}

impl Response {
    pub(crate) fn is_sound(&self) -> bool {
        (1..=MOST_PARTS).contains(&self.of)
            && (1..=self.of).contains(&self.number)
            && (self.outcome == Outcome::Given || self.of == 1)
            && self.rules.len() <= 100
            && self.rules.iter().all(|rule| rule.len() <= 20)
    }
}

/// A request that was sent, as far as its answer is held against it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The request's parcel.
    pub parcel: ParcelId,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// For what it was asked.
    pub purpose: policy::Purpose,
    /// Out of which dataset.
    pub dataset: Dataset,
    /// What was asked for.
    pub elements: ElementSet,
    /// The numbers of the parcels of its answer that came.
    pub answered: Vec<u32>,
}

impl Asked {
    /// The request with that outside and these bytes.
    pub fn of(header: &Header, digest: Digest, answered: Vec<u32>) -> Option<Self> {
        (header.kind == Kind::Request).then_some(Self {
            parcel: header.parcel,
            digest,
            purpose: header.purpose,
            dataset: header.dataset,
            elements: header.elements,
            answered,
        })
    }
}
