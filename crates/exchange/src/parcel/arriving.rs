//! A parcel as it comes in: its form, its signatures, its seal, each checked before the
//! next is looked at.

use coset::{
    CoseEncrypt, CoseRecipient, CoseSign, EncryptionContext, HeaderBuilder, Label,
    RegisteredLabelWithPrivate, TaggedCborSerializable, cbor::value::Value, enc_structure_data,
    iana,
};
use travel::Country;

use super::{
    Body, CONTENT_TYPE, CONTEXT, ENCAPSULATED_ML_KEM, ENCAPSULATED_X25519, HYBRID_SEAL, Header,
    PARCEL_HEADER,
};
use crate::{
    Cause, Digest, Ground, Kind, MAX_PARCEL_BYTES, PROTOCOL, PublicKeys, Response, StateKeys,
    Statement, codec, cose,
    seal::{self, Encapsulation},
};

/// Why a parcel was not taken. The partner's doing, or somebody's between.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unread {
    /// Longer than [`MAX_PARCEL_BYTES`].
    #[error("longer than a parcel may be")]
    TooLong,
    /// Not a parcel in the one form of this protocol.
    #[error("not a parcel: {0}")]
    Form(&'static str),
    /// A version of the protocol that we do not speak.
    #[error("protocol version {0} is not spoken here")]
    Protocol(u32),
    /// It says it comes from another state than the one that handed it over.
    #[error("from another sender than the one that handed it over")]
    WrongSender,
    /// It is for another state.
    #[error("for another state")]
    NotForUs,
    /// A signature does not hold.
    #[error("the {0} signature does not hold")]
    Signature(&'static str),
    /// A kind of parcel that we do not know.
    #[error("a parcel of the unknown kind {0}")]
    Kind(u32),
    /// It is sealed to an epoch key that we do not have any more.
    #[error("sealed to epoch key {0}, which is not here")]
    Epoch(u32),
    /// The content does not open.
    #[error("the content does not open")]
    Sealed,
    /// It opened, and holds something else than a parcel of its kind.
    #[error("the content is not what the outside says: {0}")]
    Body(&'static str),
}

impl Unread {
    /// A short name for events and receipts.
    pub fn name(self) -> &'static str {
        match self {
            Unread::TooLong => "too_long",
            Unread::Form(_) => "form",
            Unread::Protocol(_) => "protocol",
            Unread::WrongSender => "wrong_sender",
            Unread::NotForUs => "not_for_us",
            Unread::Signature(_) => "signature",
            Unread::Kind(_) => "kind",
            Unread::Epoch(_) => "epoch",
            Unread::Sealed => "sealed",
            Unread::Body(_) => "body",
        }
    }
}

/// A parcel whose form is right and whose header can be read. Nothing is proven yet.
pub struct Arrived {
    pub(super) header: Header,
    digest: Digest,
    signed: CoseSign,
}

/// A parcel that both of the sender's signatures cover, for us.
pub struct Verified {
    pub(super) header: Header,
    digest: Digest,
    payload: Vec<u8>,
}

/// What was in a parcel.
pub struct Opened {
    /// What stands on its outside.
    pub header: Header,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// The message in a standard format.
    pub payload: Vec<u8>,
    /// What format that is.
    pub media_type: String,
    /// On what ground it came, where it is a hit.
    pub ground: Option<Ground>,
    /// What became of a request, where it answers one.
    pub response: Option<Response>,
    /// Why it concerns this state, where it is told unasked.
    pub telling: Option<Statement>,
    /// Why it was wrong before, where it corrects something.
    pub cause: Option<Cause>,
}

impl Arrived {
    /// Reads the outside of a parcel.
    ///
    /// # Errors
    /// Too long, not a parcel, or of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, Unread> {
        if bytes.len() > MAX_PARCEL_BYTES {
            return Err(Unread::TooLong);
        }
        let signed = cose::read(bytes).ok_or(Unread::Form("no COSE_Sign of the right form"))?;
        let protected = &signed.protected.header;
        let outside = match protected.rest.as_slice() {
            [(Label::Int(PARCEL_HEADER), Value::Bytes(outside))] => outside,
            _ => return Err(Unread::Form("no parcel header")),
        };
        if let Some(version) = protocol(outside).filter(|v| *v != PROTOCOL) {
            return Err(Unread::Protocol(version));
        }
        let header: Header =
            codec::exactly(outside).ok_or(Unread::Form("a parcel header of another form"))?;
        if header.about.is_some() != header.kind.is_about()
            && !matches!(header.kind, Kind::Other(_))
        {
            return Err(Unread::Form("another parcel named where none belongs, or none"));
        }
        let expected = HeaderBuilder::new()
            .content_type(CONTENT_TYPE.to_owned())
            .value(PARCEL_HEADER, Value::Bytes(outside.clone()))
            .build();
        if *protected != expected {
            return Err(Unread::Form("a protected header of another form"));
        }
        Ok(Self { header, digest: Digest::of(bytes), signed })
    }

    /// What it says on its outside; not proven yet.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Checks that `sender` sent it to `us`, by both signatures.
    ///
    /// # Errors
    /// Another sender or receiver, or a signature that does not hold.
    pub fn verify(
        self,
        (sender, keys): (Country, &PublicKeys),
        us: Country,
    ) -> Result<Verified, Unread> {
        if self.header.from != sender {
            return Err(Unread::WrongSender);
        }
        if self.header.to != us {
            return Err(Unread::NotForUs);
        }
        cose::verify(&self.signed, CONTEXT, keys).map_err(|broken| match broken {
            cose::Broken::Form => Unread::Form("not two signatures"),
            cose::Broken::Ed25519 => Unread::Signature("Ed25519"),
            cose::Broken::MlDsa65 => Unread::Signature("ML-DSA-65"),
        })?;
        let payload = self.signed.payload.ok_or(Unread::Form("no payload"))?;
        Ok(Verified { header: self.header, digest: self.digest, payload })
    }
}

/// The version in a header of any version.
fn protocol(header: &[u8]) -> Option<u32> {
    let mut d = minicbor::Decoder::new(header);
    d.map().ok()??;
    (d.u32().ok()? == 0).then(|| d.u32().ok())?
}

impl Verified {
    /// What stands on its outside; proven to be the sender's.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Opens it. Whether it may be opened is asked before: order with
    /// [`crate::Incoming::receive`], agreement and law with [`policy::decide`].
    ///
    /// # Errors
    /// It does not open, or holds something else than its outside says.
    pub fn open(self, own: &StateKeys) -> Result<Opened, Unread> {
        if let Kind::Other(kind) = self.header.kind {
            return Err(Unread::Kind(kind));
        }
        let padded = decrypt(&self.payload, &self.header, own)?;
        let body = seal::unpad(&padded).ok_or(Unread::Body("wrong padding"))?;
        let body: Body = codec::exactly(body).ok_or(Unread::Body("not a body"))?;
        // Whether a correction has a ground hangs on what it corrects.
        if self.header.kind != Kind::Correction
            && body.ground.is_some() != (self.header.kind == Kind::Hit)
        {
            return Err(Unread::Body("a ground where none belongs, or none"));
        }
        if !self.header.kind.may_hold(&body.media_type) {
            return Err(Unread::Body("another media type than its kind has"));
        }
        if body.response.is_some() != (self.header.kind == Kind::Answer) {
            return Err(Unread::Body("a response where none belongs, or none"));
        }
        if body.telling.is_some() != (self.header.kind == Kind::Spontaneous) {
            return Err(Unread::Body("a reason where none belongs, or none"));
        }
        if body.telling.as_ref().is_some_and(|telling| telling.check().is_err()) {
            return Err(Unread::Body("no reason why it is told"));
        }
        if body.cause.is_some() != (self.header.kind == Kind::Correction) {
            return Err(Unread::Body("a cause where none belongs, or none"));
        }
        let cause = body.cause.as_deref().map(Cause::named);
        if cause == Some(None) {
            return Err(Unread::Body("a cause of which nobody knows"));
        }
        Ok(Opened {
            header: self.header,
            digest: self.digest,
            payload: body.payload,
            media_type: body.media_type,
            ground: body.ground,
            response: body.response,
            telling: body.telling,
            cause: cause.flatten(),
        })
    }
}

fn decrypt(payload: &[u8], header: &Header, own: &StateKeys) -> Result<Vec<u8>, Unread> {
    let encrypted = CoseEncrypt::from_tagged_slice(payload)
        .map_err(|_| Unread::Form("no COSE_Encrypt inside"))?;
    let aes = RegisteredLabelWithPrivate::Assigned(iana::Algorithm::A256GCM);
    if encrypted.protected.header.alg != Some(aes) {
        return Err(Unread::Form("another cipher"));
    }
    let [recipient] = encrypted.recipients.as_slice() else {
        return Err(Unread::Form("not one recipient"));
    };
    let encapsulation = encapsulation(recipient).ok_or(Unread::Form("another way of sealing"))?;
    let private = own.epoch(header.epoch).ok_or(Unread::Epoch(header.epoch))?;
    let outside = codec::to_vec(header);
    let key = seal::decapsulate(&private, &encapsulation, &outside).ok_or(Unread::Sealed)?;
    let aad =
        enc_structure_data(EncryptionContext::CoseEncrypt, encrypted.protected.clone(), &outside);
    let ciphertext = encrypted.ciphertext.as_deref().ok_or(Unread::Form("no ciphertext"))?;
    if ciphertext.len() < seal::TAG_BYTES {
        return Err(Unread::Sealed);
    }
    key.open(&encrypted.unprotected.iv, &aad, ciphertext).ok_or(Unread::Sealed)
}

fn encapsulation(recipient: &CoseRecipient) -> Option<Encapsulation> {
    let hybrid = RegisteredLabelWithPrivate::PrivateUse(HYBRID_SEAL);
    if recipient.protected.header.alg.as_ref() != Some(&hybrid) {
        return None;
    }
    let part = |label| {
        let (_, value) =
            recipient.unprotected.rest.iter().find(|(l, _)| *l == Label::Int(label))?;
        value.as_bytes().cloned()
    };
    Some(Encapsulation {
        x25519: part(ENCAPSULATED_X25519)?,
        ml_kem_768: part(ENCAPSULATED_ML_KEM)?,
    })
}
