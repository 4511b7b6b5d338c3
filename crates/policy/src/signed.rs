//! Signatures of both parties over the same bytes, and what they make of a document.
//!
//! What is signed is `passerelle agreement v1`, a zero byte, and the document, so that
//! a signature made for anything else can never be taken for one. Ed25519 and
//! ML-DSA-65 stand side by side; both must hold.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, ML_DSA_65, PqdsaKeyPair, UnparsedPublicKey};
use minicbor::{Decode, Encode};
use travel::Country;

use crate::{Agreement, AgreementError, AgreementId};

const CONTEXT: &[u8] = b"passerelle agreement v1\0";
const ML_DSA_65_BYTES: usize = 3_309;
const MAX_SIGNED_BYTES: usize = 2_000_000;

/// What a party signs when it signs this document.
pub fn to_be_signed(document: &[u8]) -> Vec<u8> {
    [CONTEXT, document].concat()
}

/// The public keys of a party, as its fingerprint was checked by people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartyKeys {
    /// Whose.
    pub party: Country,
    /// Ed25519, 32 bytes.
    pub ed25519: Vec<u8>,
    /// ML-DSA-65, raw, 1,952 bytes.
    pub ml_dsa_65: Vec<u8>,
}

/// One party's two signatures.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PartySignature {
    /// Whose.
    #[n(0)]
    pub party: Country,
    /// Ed25519, 64 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub ed25519: Vec<u8>,
    /// ML-DSA-65, 3,309 bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub ml_dsa_65: Vec<u8>,
}

impl PartySignature {
    /// Signs a document for a party.
    ///
    /// # Errors
    /// [`SignatureError::CannotSign`]: the key is not one for ML-DSA-65.
    pub fn make(
        party: Country,
        document: &[u8],
        ed25519: &Ed25519KeyPair,
        ml_dsa_65: &PqdsaKeyPair,
    ) -> Result<Self, SignatureError> {
        let message = to_be_signed(document);
        let mut post_quantum = vec![0; ML_DSA_65_BYTES];
        let length = ml_dsa_65
            .sign(&message, &mut post_quantum)
            .map_err(|_| SignatureError::CannotSign(party))?;
        post_quantum.truncate(length);
        Ok(Self {
            party,
            ed25519: ed25519.sign(&message).as_ref().to_vec(),
            ml_dsa_65: post_quantum,
        })
    }

    /// Whether both signatures are over this document and by these keys.
    pub fn holds(&self, document: &[u8], keys: &PartyKeys) -> bool {
        let message = to_be_signed(document);
        let classic = UnparsedPublicKey::new(&ED25519, &keys.ed25519);
        let post_quantum = UnparsedPublicKey::new(&ML_DSA_65, &keys.ml_dsa_65);
        self.party == keys.party
            && classic.verify(&message, &self.ed25519).is_ok()
            && post_quantum.verify(&message, &self.ml_dsa_65).is_ok()
    }
}

/// A signed agreement is not in force.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureError {
    /// The document under the signatures is no agreement.
    #[error(transparent)]
    Document(#[from] AgreementError),
    /// The bytes are no signed agreement.
    #[error("not a signed agreement: {0}")]
    Form(String),
    /// A party has not signed.
    #[error("{0} has not signed")]
    NotSigned(Country),
    /// We do not know a party's keys.
    #[error("the keys of {0} are not known")]
    UnknownKeys(Country),
    /// A signature is not over this document, or not by this party.
    #[error("the signature of {0} does not verify")]
    BadSignature(Country),
    /// Our own key cannot sign.
    #[error("the key of {0} cannot sign")]
    CannotSign(Country),
}

/// A document with the signatures gathered so far.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SignedAgreement {
    /// The binding form of the agreement.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub document: Vec<u8>,
    /// The signatures.
    #[n(1)]
    pub signatures: Vec<PartySignature>,
}

impl SignedAgreement {
    /// An agreement that nobody has signed yet.
    pub fn unsigned(agreement: &Agreement) -> Self {
        Self { document: agreement.to_cbor(), signatures: Vec::new() }
    }

    /// Its id.
    pub fn id(&self) -> AgreementId {
        AgreementId::of(&self.document)
    }

    /// The document.
    ///
    /// # Errors
    /// The bytes are no agreement.
    pub fn agreement(&self) -> Result<Agreement, AgreementError> {
        Agreement::from_cbor(&self.document)
    }

    /// Adds a party's signature, in place of an earlier one of the same party.
    pub fn add(&mut self, signature: PartySignature) {
        self.signatures.retain(|s| s.party != signature.party);
        self.signatures.push(signature);
        self.signatures.sort_by_key(|s| s.party);
    }

    /// As bytes, for the store and for the partner.
    pub fn to_cbor(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads what [`to_cbor`](Self::to_cbor) wrote; says nothing of the signatures.
    ///
    /// # Errors
    /// [`SignatureError::Form`].
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, SignatureError> {
        if bytes.len() > MAX_SIGNED_BYTES {
            return Err(SignatureError::Form("longer than two megabytes".to_owned()));
        }
        minicbor::decode(bytes).map_err(|e| SignatureError::Form(e.to_string()))
    }

    /// Whether `party` has signed and its signatures hold.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn verify_party(&self, party: Country, keys: &[PartyKeys]) -> Result<(), SignatureError> {
        let signature = self.signatures.iter().find(|s| s.party == party);
        let signature = signature.ok_or(SignatureError::NotSigned(party))?;
        let keys = keys.iter().find(|k| k.party == party);
        let keys = keys.ok_or(SignatureError::UnknownKeys(party))?;
        if signature.holds(&self.document, keys) {
            Ok(())
        } else {
            Err(SignatureError::BadSignature(party))
        }
    }

    /// Checks the signatures of both parties. This is the only way to an [`InForce`].
    ///
    /// # Errors
    /// What keeps it from being in force.
    pub fn verify(&self, keys: &[PartyKeys]) -> Result<InForce, SignatureError> {
        let agreement = self.agreement()?;
        for party in agreement.parties {
            self.verify_party(party, keys)?;
        }
        Ok(InForce { id: self.id(), agreement, suspended_by: None })
    }
}

/// An agreement that both parties have signed, as far as the signatures show. Its
/// days, and whether it is suspended, are looked at by [`crate::decide`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    id: AgreementId,
    agreement: Agreement,
    suspended_by: Option<Country>,
}

impl InForce {
    /// Its id.
    pub fn id(&self) -> AgreementId {
        self.id
    }

    /// As if both had signed: for [`crate::rehearse`] alone, which gives no permit.
    pub(crate) fn supposed(agreement: &Agreement) -> Self {
        Self { id: agreement.digest(), agreement: agreement.clone(), suspended_by: None }
    }

    /// What it says.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// Who has suspended it, if anybody has.
    pub fn suspended_by(&self) -> Option<Country> {
        self.suspended_by
    }

    /// The same agreement, suspended by a party or, with `None`, not suspended.
    #[must_use]
    pub fn suspended(mut self, by: Option<Country>) -> Self {
        self.suspended_by = by;
        self
    }
}
