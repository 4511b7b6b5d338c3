//! The parcel: a disclosure on the wire, and how it is read, step by step.
//!
//! ```text
//! COSE_Sign (tag 98)            signed by Ed25519 and by ML-DSA-65
//! ├ protected: content type, parcel header (label -70001, canonical CBOR)
//! └ payload:  COSE_Encrypt (tag 96)
//!   ├ AES-256-GCM over the padded body, bound to the parcel header
//!   └ recipient: epoch (kid), X25519 and ML-KEM-768 encapsulations
//! ```
//! The body is `{0: payload, 1: media type, 2: ground, 3: response, 4: telling, 5: cause}`. What a payload is
//! depends on the kind of the parcel (`kind`). `docs/wire/exchange.md` is the specification for other
//! implementations.
//!
//! What can be sealed is a [`Content`], and there is one only of what took leave: a
//! [`Disclosure`], a [`Retraction`], a request or its answer, a telling with its [`Statement`].

mod arriving;

use std::fmt;

use aws_lc_rs::rand;
use coset::{
    CoseEncryptBuilder, CoseRecipientBuilder, HeaderBuilder, RegisteredLabelWithPrivate,
    TaggedCborSerializable, cbor::value::Value, iana,
};
use jiff::Timestamp;
use minicbor::{Decode, Encode};
use policy::{AgreementId, Purpose};
use travel::{Country, Dataset, ElementSet, Flight};

use crate::{
    Cause, Digest, Disclosure, ExchangeError, Ground, Kind, MAX_PARCEL_BYTES, Outgoing, PROTOCOL,
    PublicKeys, Response, Retraction, StateKeys, Statement, codec, cose,
    kind::{MEDIA_TYPE, WORD},
    seal,
};

pub use self::arriving::{Arrived, Opened, Unread, Verified};

const CONTEXT: &[u8] = b"passerelle parcel v1";
const CONTENT_TYPE: &str = "application/cose; cose-type=\"cose-encrypt\"";
/// Private-use COSE header labels (RFC 9052 §1.5: below -65536).
const PARCEL_HEADER: i64 = -70_001;
const HYBRID_SEAL: i64 = -70_010;
const ENCAPSULATED_X25519: i64 = -70_011;
const ENCAPSULATED_ML_KEM: i64 = -70_012;

/// The id of a parcel: a UUIDv7 that the caller made. A retry keeps it.
///
/// ```
/// let text = "018f0000-1234-7abc-8def-000000000001";
/// assert_eq!(exchange::ParcelId::parse(text).unwrap().to_string(), text);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct ParcelId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl ParcelId {
    /// Reads the 36 characters that `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 36 || !text.is_ascii() {
            return None;
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let id = Self(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes());
        (id.to_string() == text.to_ascii_lowercase()).then_some(id)
    }
}

impl fmt::Display for ParcelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}
impl fmt::Debug for ParcelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What stands on the outside of a parcel: enough to check order and agreement before
/// anything is opened. Names nobody.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Header {
    /// The version of the protocol.
    #[n(0)]
    pub protocol: u32,
    /// The id.
    #[n(1)]
    pub parcel: ParcelId,
    /// What it is.
    #[n(2)]
    pub kind: Kind,
    /// The agreement under which it comes.
    #[n(3)]
    pub agreement: AgreementId,
    /// The sender.
    #[n(4)]
    pub from: Country,
    /// The receiver.
    #[n(5)]
    pub to: Country,
    /// Its place in the stream, counted from 1.
    #[n(6)]
    pub sequence: u64,
    /// The digest of the parcel before it; zeros before the first.
    #[cbor(n(7), with = "crate::codec::digest")]
    pub previous: Digest,
    /// When it was sealed.
    #[cbor(n(8), with = "crate::codec::instant")]
    pub made_at: Timestamp,
    /// The flight that it is about.
    #[n(9)]
    pub flight: Flight,
    /// Of which dataset.
    #[n(10)]
    pub dataset: Dataset,
    /// Which elements it may hold.
    #[n(11)]
    pub elements: ElementSet,
    /// For what the receiver may use it.
    #[n(12)]
    pub purpose: Purpose,
    /// The receiver's epoch key to which it is sealed.
    #[n(13)]
    pub epoch: u32,
    /// The newest checkpoint of the sender's log, as a signed note.
    #[n(14)]
    pub checkpoint: Option<String>,
    /// The parcel that it is about: of the same stream the one that it corrects, takes back or
    /// justifies, of the other way the request that it answers; in those kinds alone.
    #[n(15)]
    pub about: Option<ParcelId>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Body {
    #[cbor(n(0), with = "minicbor::bytes")]
    payload: Vec<u8>,
    #[n(1)]
    media_type: String,
    #[n(2)]
    ground: Option<Ground>,
    #[n(3)]
    response: Option<Response>,
    #[n(4)]
    telling: Option<Statement>,
    #[n(5)]
    cause: Option<String>,
}

/// What goes into a parcel. Made only of something that took leave to go.
#[must_use = "a content that is not sealed reaches nobody"]
pub struct Content {
    stream: (AgreementId, Country, Country),
    kind: Kind,
    about: Option<ParcelId>,
    flight: Flight,
    dataset: Dataset,
    purpose: Purpose,
    elements: ElementSet,
    body: Body,
}

impl Content {
    /// Something for a stream, which is about no other parcel and carries no element.
    pub(crate) fn new(
        stream: (AgreementId, Country, Country),
        kind: Kind,
        (flight, dataset, purpose): (Flight, Dataset, Purpose),
        (payload, media_type): (Vec<u8>, &str),
    ) -> Self {
        let media_type = media_type.to_owned();
        let (ground, response, telling, cause) = (None, None, None, None);
        let body = Body { payload, media_type, ground, response, telling, cause };
        let elements = ElementSet::EMPTY;
        Self { stream, kind, about: None, flight, dataset, purpose, elements, body }
    }

    /// The agreement under which it goes.
    pub fn agreement(&self) -> AgreementId {
        self.stream.0
    }

    /// To whom it goes.
    pub fn to(&self) -> Country {
        self.stream.2
    }

    pub(crate) fn asking_for(self, elements: ElementSet) -> Self {
        Self { elements, ..self }
    }

    pub(crate) fn saying_why(mut self, telling: Statement) -> Self {
        self.body.telling = Some(telling);
        self
    }

    pub(crate) fn correcting(mut self, earlier: ParcelId, cause: Cause) -> Self {
        self.body.cause = Some(cause.name().to_owned());
        Self { kind: Kind::Correction, about: Some(earlier), ..self }
    }

    pub(crate) fn naming(self, earlier: ParcelId) -> Self {
        Self { about: Some(earlier), ..self }
    }

    pub(crate) fn responding(mut self, request: ParcelId, response: Response) -> Self {
        self.body.response = Some(response);
        Self { about: Some(request), ..self }
    }
}

impl From<Disclosure> for Content {
    fn from(disclosure: Disclosure) -> Self {
        let Disclosure { permit, list, payload, ground } = disclosure;
        let stream = (permit.agreement(), permit.from(), permit.to());
        let of = (list.flight().clone(), list.dataset(), permit.purpose());
        let kind = if ground.is_some() { Kind::Hit } else { Kind::List };
        let mut content = Self::new(stream, kind, of, (payload, MEDIA_TYPE));
        (content.elements, content.body.ground) = (list.elements(), ground);
        content
    }
}

impl From<Retraction> for Content {
    fn from(retraction: Retraction) -> Self {
        let recall = &retraction.recall;
        let stream = (recall.agreement(), recall.from(), recall.to());
        let of = (retraction.flight, retraction.dataset, retraction.purpose);
        let word = retraction.reason.name().as_bytes().to_vec();
        let about = Some(retraction.earlier);
        Self { about, ..Self::new(stream, retraction.kind, of, (word, WORD)) }
    }
}

/// What the caller adds to a disclosure to seal it.
pub struct Sealing<'a> {
    /// A new UUIDv7.
    pub id: ParcelId,
    /// Now.
    pub made_at: Timestamp,
    /// The sender's keys.
    pub keys: &'a StateKeys,
    /// The receiver's keys.
    pub to: &'a PublicKeys,
    /// The newest checkpoint of the sender's log, as a signed note.
    pub checkpoint: Option<String>,
}

/// A sealed parcel, ready for the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    /// What stands on its outside.
    pub header: Header,
    /// SHA-256 of `bytes`.
    pub digest: Digest,
    /// What goes over the wire; a retry sends the same bytes.
    pub bytes: Vec<u8>,
}

impl Outgoing {
    /// Seals something as the next parcel of this stream. Gives the parcel and the stream
    /// after it; both are to be stored in one transaction.
    ///
    /// # Errors
    /// It is not for this stream, is too long, or a key is refused.
    pub fn seal(
        &self,
        what: impl Into<Content>,
        sealing: Sealing<'_>,
    ) -> Result<(Parcel, Outgoing), ExchangeError> {
        let content = what.into();
        if content.stream != (self.agreement, self.from, self.to) {
            return Err(ExchangeError::OtherStream);
        }
        let header = Header {
            protocol: PROTOCOL,
            parcel: sealing.id,
            kind: content.kind,
            agreement: self.agreement,
            from: self.from,
            to: self.to,
            sequence: self.next_sequence,
            previous: self.previous,
            made_at: sealing.made_at,
            flight: content.flight,
            dataset: content.dataset,
            elements: content.elements,
            purpose: content.purpose,
            epoch: sealing.to.epoch().epoch,
            checkpoint: sealing.checkpoint,
            about: content.about,
        };
        let bytes = write(&header, codec::to_vec(&content.body), sealing.keys, sealing.to)?;
        let digest = Digest::of(&bytes);
        let after =
            Outgoing { next_sequence: self.next_sequence + 1, previous: digest, ..self.clone() };
        Ok((Parcel { header, digest, bytes }, after))
    }
}

fn write(
    header: &Header,
    body: Vec<u8>,
    keys: &StateKeys,
    to: &PublicKeys,
) -> Result<Vec<u8>, ExchangeError> {
    let on_the_outside = codec::to_vec(header);
    let sealed = encrypt(&on_the_outside, seal::pad(body), to)?;
    let protected = HeaderBuilder::new()
        .content_type(CONTENT_TYPE.to_owned())
        .value(PARCEL_HEADER, Value::Bytes(on_the_outside))
        .build();
    let bytes = cose::sign(keys, CONTEXT, protected, sealed)?;
    if bytes.len() > MAX_PARCEL_BYTES {
        return Err(ExchangeError::TooLong { bytes: bytes.len() });
    }
    Ok(bytes)
}

fn encrypt(header: &[u8], body: Vec<u8>, to: &PublicKeys) -> Result<Vec<u8>, ExchangeError> {
    let (key, encapsulation) = seal::encapsulate(to.epoch(), header)?;
    let mut nonce = [0; seal::NONCE_BYTES];
    rand::fill(&mut nonce).map_err(|_| ExchangeError::Crypto("no randomness"))?;
    let recipient = CoseRecipientBuilder::new()
        .protected(
            HeaderBuilder::new()
                .algorithm_label(RegisteredLabelWithPrivate::PrivateUse(HYBRID_SEAL))
                .build(),
        )
        .unprotected(
            HeaderBuilder::new()
                .key_id(to.epoch().epoch.to_be_bytes().to_vec())
                .value(ENCAPSULATED_X25519, Value::Bytes(encapsulation.x25519))
                .value(ENCAPSULATED_ML_KEM, Value::Bytes(encapsulation.ml_kem_768))
                .build(),
        )
        .ciphertext(Vec::new())
        .build();
    CoseEncryptBuilder::new()
        .protected(HeaderBuilder::new().algorithm(iana::Algorithm::A256GCM).build())
        .unprotected(HeaderBuilder::new().iv(nonce.to_vec()).build())
        .try_create_ciphertext(&body, header, |content, aad| {
            key.seal(nonce, aad, content.to_vec())
                .ok_or(ExchangeError::Crypto("AES-256-GCM refuses"))
        })?
        .add_recipient(recipient)
        .build()
        .to_tagged_vec()
        .map_err(|_| ExchangeError::Crypto("COSE cannot be written"))
}

macro_rules! shows_its_header {
    ($($type:ty),*) => {$(
        /// Shows the outside only.
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Header { parcel, kind, from, to, sequence, .. } = &self.header;
                write!(f, "parcel {parcel} ({kind:?} {sequence}, {from} to {to})")
            }
        }
    )*};
}
shows_its_header!(Parcel, Arrived, Verified, Opened);
