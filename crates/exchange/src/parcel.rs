//! The parcel: a disclosure on the wire, and how it is read, step by step.
//!
//! ```text
//! COSE_Sign (tag 98)            signed by Ed25519 and by ML-DSA-65
//! ├ protected: content type, parcel header (label -70001, canonical CBOR)
//! └ payload:  COSE_Encrypt (tag 96)
//!   ├ AES-256-GCM over the padded body, bound to the parcel header
//!   └ recipient: epoch (kid), X25519 and ML-KEM-768 encapsulations
//! ```
//! The body is `{0: payload, 1: media type, 2: ground}`; of a withdrawal or an erasure the
//! payload is one word of why. `docs/wire/exchange.md` is
//! the specification for other implementations.

mod arriving;

use std::fmt;

use aws_lc_rs::rand;
use coset::{
    CoseEncryptBuilder, CoseRecipientBuilder, HeaderBuilder, RegisteredLabelWithPrivate,
    TaggedCborSerializable, cbor::value::Value, iana,
};
use jiff::Timestamp;
use minicbor::{Decode, Encode};
use policy::{AgreementId, Mode, Purpose};
use travel::{Country, Dataset, ElementSet, Flight};

use crate::{
    Digest, Disclosure, ExchangeError, Ground, MAX_PARCEL_BYTES, Outgoing, PROTOCOL, PublicKeys,
    Retraction, StateKeys, codec, cose, seal,
};

pub use self::arriving::{Arrived, Opened, Unread, Verified};

const CONTEXT: &[u8] = b"passerelle parcel v1";
const CONTENT_TYPE: &str = "application/cose; cose-type=\"cose-encrypt\"";
/// What a payload in a standard message format is called.
const MEDIA_TYPE: &str = "application/edifact";
/// What a word of why is called.
const WORD: &str = "text/plain";
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

/// What a parcel is. Numbers are for ever; 2 and 5 to 15 are kept for correction, request,
/// answer, totals and keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A whole list (0).
    List,
    /// One traveller under an upheld hit (1).
    Hit,
    /// An earlier parcel should not have been sent: what came with it goes (3).
    Withdrawal,
    /// Nobody may hold any more what came with an earlier parcel: it goes (4).
    Erasure,
    /// One that this version does not know.
    Other(u32),
}

impl Kind {
    /// The mode of the agreement under which it comes.
    pub fn mode(self) -> Option<Mode> {
        match self {
            Kind::List => Some(Mode::List),
            Kind::Hit => Some(Mode::Hit),
            Kind::Withdrawal | Kind::Erasure | Kind::Other(_) => None,
        }
    }

    /// Whether it takes back what came with an earlier parcel.
    pub const fn takes_back(self) -> bool {
        matches!(self, Kind::Withdrawal | Kind::Erasure)
    }

    /// Its name in rows and events: `list`, `hit`, `withdrawal`, `erasure`.
    ///
    /// ```
    /// use exchange::Kind;
    /// assert_eq!(Kind::named(Kind::Erasure.name()), Some(Kind::Erasure));
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Kind::List => "list",
            Kind::Hit => "hit",
            Kind::Withdrawal => "withdrawal",
            Kind::Erasure => "erasure",
            Kind::Other(_) => "other",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Kind::List, Kind::Hit, Kind::Withdrawal, Kind::Erasure]
            .into_iter()
            .find(|kind| kind.name() == name)
    }

    fn number(self) -> u32 {
        match self {
            Kind::List => 0,
            Kind::Hit => 1,
            Kind::Withdrawal => 3,
            Kind::Erasure => 4,
            Kind::Other(n) => n,
        }
    }
}

impl<C> Encode<C> for Kind {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u32(self.number())?.ok()
    }
}
impl<C> Decode<'_, C> for Kind {
    fn decode(d: &mut minicbor::Decoder<'_>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Ok(match d.u32()? {
            0 => Kind::List,
            1 => Kind::Hit,
            3 => Kind::Withdrawal,
            4 => Kind::Erasure,
            n => Kind::Other(n),
        })
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
    /// The earlier parcel of the stream that it takes back; in those kinds alone.
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
    /// Seals a disclosure as the next parcel of this stream. Gives the parcel and the
    /// stream after it; both are to be stored in one transaction.
    ///
    /// # Errors
    /// The disclosure is not for this stream, is too long, or a key is refused.
    pub fn seal(
        &self,
        disclosure: Disclosure,
        sealing: Sealing<'_>,
    ) -> Result<(Parcel, Outgoing), ExchangeError> {
        let permit = &disclosure.permit;
        if (permit.agreement(), permit.from(), permit.to()) != (self.agreement, self.from, self.to)
        {
            return Err(ExchangeError::OtherStream);
        }
        let keys = (sealing.keys, sealing.to);
        let header = self.header(
            if disclosure.ground.is_some() { Kind::Hit } else { Kind::List },
            (disclosure.list.flight().clone(), disclosure.list.dataset(), permit.purpose()),
            sealing,
        );
        let header = Header { elements: disclosure.list.elements(), ..header };
        let body = Body {
            payload: disclosure.payload,
            media_type: MEDIA_TYPE.to_owned(),
            ground: disclosure.ground,
        };
        self.next(header, &body, keys)
    }

    /// Seals a retraction as the next parcel of this stream; as [`seal`](Self::seal).
    ///
    /// # Errors
    /// It is not for this stream, or a key is refused.
    pub fn take_back(
        &self,
        retraction: Retraction,
        sealing: Sealing<'_>,
    ) -> Result<(Parcel, Outgoing), ExchangeError> {
        let recall = &retraction.recall;
        if (recall.agreement(), recall.from(), recall.to()) != (self.agreement, self.from, self.to)
        {
            return Err(ExchangeError::OtherStream);
        }
        let keys = (sealing.keys, sealing.to);
        let about = (retraction.flight, retraction.dataset, retraction.purpose);
        let header = self.header(retraction.kind, about, sealing);
        let header = Header { about: Some(retraction.earlier), ..header };
        let payload = retraction.reason.name().as_bytes().to_vec();
        let body = Body { payload, media_type: WORD.to_owned(), ground: None };
        self.next(header, &body, keys)
    }

    /// What stands on the outside of the next parcel, which carries no element yet and is
    /// about no earlier one.
    fn header(
        &self,
        kind: Kind,
        (flight, dataset, purpose): (Flight, Dataset, Purpose),
        sealing: Sealing<'_>,
    ) -> Header {
        Header {
            protocol: PROTOCOL,
            parcel: sealing.id,
            kind,
            agreement: self.agreement,
            from: self.from,
            to: self.to,
            sequence: self.next_sequence,
            previous: self.previous,
            made_at: sealing.made_at,
            flight,
            dataset,
            elements: ElementSet::EMPTY,
            purpose,
            epoch: sealing.to.epoch().epoch,
            checkpoint: sealing.checkpoint,
            about: None,
        }
    }

    fn next(
        &self,
        header: Header,
        body: &Body,
        (keys, to): (&StateKeys, &PublicKeys),
    ) -> Result<(Parcel, Outgoing), ExchangeError> {
        let bytes = write(&header, codec::to_vec(body), keys, to)?;
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
