//! The keys of a state: what it signs with, and what partners seal to.
//!
//! Identity (Ed25519 and ML-DSA-65) is what people compare by fingerprint. Epoch keys
//! (X25519 and ML-KEM-768) are certified by the identity and can be changed without
//! another telephone call ([`crate::Rollover`]); old ones are kept to open what is still on its way.

use aws_lc_rs::{
    agreement::{self, X25519},
    encoding::{AsBigEndian, Curve25519SeedBin},
    kem::{DecapsulationKey, EncapsulationKey, ML_KEM_768},
    rand,
    signature::{
        ED25519, Ed25519KeyPair, KeyPair, ML_DSA_65, ML_DSA_65_SIGNING, PqdsaKeyPair,
        UnparsedPublicKey,
    },
};
use jiff::Timestamp;
use minicbor::{Decode, Encode};
use policy::{PartyKeys, PartySignature, SignatureError};
use travel::Country;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Digest, ExchangeError, codec};

pub(crate) const ED25519_BYTES: usize = 32;
pub(crate) const ML_DSA_65_PUBLIC_BYTES: usize = 1_952;
pub(crate) const ML_DSA_65_SIGNATURE_BYTES: usize = 3_309;
pub(crate) const X25519_BYTES: usize = 32;
pub(crate) const ML_KEM_768_PUBLIC_BYTES: usize = 1_184;
const EPOCH_CONTEXT: &[u8] = b"passerelle epoch key v1\0";
const MAX_KEY_BYTES: usize = 64 << 10;

/// The two signatures of a state over the same bytes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Signatures {
    /// Ed25519, 64 bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub ed25519: Vec<u8>,
    /// ML-DSA-65, 3,309 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub ml_dsa_65: Vec<u8>,
}

/// The public half of an epoch key, certified by the identity of its state.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct EpochKey {
    /// Counted from 1.
    #[n(0)]
    pub epoch: u32,
    /// X25519, 32 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub x25519: Vec<u8>,
    /// ML-KEM-768, 1,184 bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub ml_kem_768: Vec<u8>,
    /// Both signatures of the state over the three fields above.
    #[n(3)]
    pub certified: Signatures,
}

impl EpochKey {
    /// Whether it is the same key under the same number. Its certification may be signed anew:
    /// ML-DSA draws randomness.
    pub fn is_same(&self, other: &EpochKey) -> bool {
        self.digest() == other.digest()
    }

    /// A digest of its number and its two keys.
    pub fn digest(&self) -> Digest {
        Digest::of(&Self::statement(self.epoch, &self.x25519, &self.ml_kem_768))
    }

    fn statement(epoch: u32, x25519: &[u8], ml_kem_768: &[u8]) -> Vec<u8> {
        [EPOCH_CONTEXT, &epoch.to_be_bytes(), x25519, ml_kem_768].concat()
    }
}

/// What partners know of a state's keys.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct PublicKeys {
    /// Ed25519, 32 bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    ed25519: Vec<u8>,
    /// ML-DSA-65, raw, 1,952 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    ml_dsa_65: Vec<u8>,
    /// The key to which parcels are sealed at present.
    #[n(2)]
    epoch: EpochKey,
}

impl PublicKeys {
    /// The canonical binary form, as partner files carry it.
    pub fn encode(&self) -> Vec<u8> {
        codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote, and checks that the epoch key is
    /// certified by the identity.
    ///
    /// # Errors
    /// The bytes are no keys, or the epoch key is somebody else's.
    pub fn decode(bytes: &[u8]) -> Result<Self, ExchangeError> {
        if bytes.len() > MAX_KEY_BYTES {
            return Err(ExchangeError::Keys("too long"));
        }
        let keys: Self = codec::exactly(bytes).ok_or(ExchangeError::Keys("not in this form"))?;
        if !keys.has_lengths() {
            return Err(ExchangeError::Keys("a key of the wrong length"));
        }
        if !keys.certifies_its_epoch() {
            return Err(ExchangeError::Keys("the epoch key is not certified by the identity"));
        }
        Ok(keys)
    }

    /// Whether each key is as long as its algorithm has them.
    pub(crate) fn has_lengths(&self) -> bool {
        self.ed25519.len() == ED25519_BYTES
            && self.ml_dsa_65.len() == ML_DSA_65_PUBLIC_BYTES
            && self.epoch.x25519.len() == X25519_BYTES
            && self.epoch.ml_kem_768.len() == ML_KEM_768_PUBLIC_BYTES
    }

    /// Whether the epoch key is certified by the identity beside it.
    pub(crate) fn certifies_its_epoch(&self) -> bool {
        let epoch = &self.epoch;
        let statement = EpochKey::statement(epoch.epoch, &epoch.x25519, &epoch.ml_kem_768);
        self.verify_both(&statement, &epoch.certified)
    }

    /// The digest of the identity: stays the same when the epoch key changes.
    pub fn digest(&self) -> Digest {
        Digest::of_parts(&[b"passerelle identity v1\0", &self.ed25519, &self.ml_dsa_65])
    }

    /// The first 128 bits of [`digest`](Self::digest) as eight syllable words, to be
    /// read out over a telephone (proquints: `lusab babad …`).
    pub fn fingerprint(&self) -> String {
        let words: Vec<String> = self.digest().0[..16].chunks_exact(2).map(proquint).collect();
        words.join(" ")
    }

    /// The key to which parcels are sealed at present.
    pub fn epoch(&self) -> &EpochKey {
        &self.epoch
    }

    /// The identity, as agreements are verified against it.
    pub fn party_keys(&self, party: Country) -> PartyKeys {
        PartyKeys { party, ed25519: self.ed25519.clone(), ml_dsa_65: self.ml_dsa_65.clone() }
    }

    /// Whether both signatures are over `message` and by this state.
    pub fn verify_both(&self, message: &[u8], signatures: &Signatures) -> bool {
        self.verify_ed25519(message, &signatures.ed25519)
            && self.verify_ml_dsa_65(message, &signatures.ml_dsa_65)
    }

    pub(crate) fn verify_ed25519(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.ed25519).verify(message, signature).is_ok()
    }

    pub(crate) fn verify_ml_dsa_65(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ML_DSA_65, &self.ml_dsa_65).verify(message, signature).is_ok()
    }
}

/// Sixteen bits as five letters (Wilkerson, *A Proposal for Proquints*, 2009).
fn proquint(two: &[u8]) -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aiou";
    let n = usize::from(two[0]) << 8 | usize::from(two[1]);
    let letters = [
        CONSONANTS[n >> 12],
        VOWELS[n >> 10 & 3],
        CONSONANTS[n >> 6 & 15],
        VOWELS[n >> 4 & 3],
        CONSONANTS[n & 15],
    ];
    letters.iter().map(|l| char::from(*l)).collect()
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
struct EpochSecret {
    #[n(0)]
    epoch: u32,
    #[cbor(n(1), with = "minicbor::bytes")]
    x25519: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    ml_kem_768: Vec<u8>,
    #[cbor(n(3), with = "minicbor::bytes")]
    ml_kem_768_public: Vec<u8>,
    /// When it was made, µs since 1970; older files do not say.
    #[n(4)]
    made_at: Option<i64>,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
struct Secrets {
    #[cbor(n(0), with = "minicbor::bytes")]
    ed25519_seed: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    ml_dsa_65_seed: Vec<u8>,
    /// Newest last.
    #[n(2)]
    epochs: Vec<EpochSecret>,
}

/// The secret keys of a state. Has no `Debug`; wiped when dropped.
///
/// ```
/// use exchange::{PublicKeys, StateKeys};
/// let keys = StateKeys::generate().unwrap();
/// let partners_view = PublicKeys::decode(&keys.public().encode()).unwrap();
/// let signatures = keys.sign_both(b"what was agreed").unwrap();
/// assert!(partners_view.verify_both(b"what was agreed", &signatures));
/// assert_eq!(partners_view.fingerprint().split(' ').count(), 8);
/// ```
pub struct StateKeys {
    secrets: Secrets,
    ed25519: Ed25519KeyPair,
    ml_dsa_65: PqdsaKeyPair,
    public: PublicKeys,
}

/// An epoch key whose private part is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Epoch {
    /// Its number.
    pub number: u32,
    /// When it was made; keys of older programs do not say.
    pub made_at: Option<Timestamp>,
}

/// Which private part of an epoch opens a parcel.
pub(crate) struct EpochPrivate {
    pub(crate) x25519: agreement::PrivateKey,
    pub(crate) ml_kem_768: DecapsulationKey,
    pub(crate) x25519_public: Vec<u8>,
    pub(crate) ml_kem_768_public: Vec<u8>,
}

impl StateKeys {
    /// New keys, drawn from the system's source of randomness.
    ///
    /// # Errors
    /// [`ExchangeError::Crypto`]: the system gives none.
    pub fn generate() -> Result<Self, ExchangeError> {
        let mut seeds = [Zeroizing::new([0u8; 32]), Zeroizing::new([0u8; 32])];
        for seed in &mut seeds {
            rand::fill(&mut seed[..]).map_err(|_| ExchangeError::Crypto("no randomness"))?;
        }
        let secrets = Secrets {
            ed25519_seed: seeds[0].to_vec(),
            ml_dsa_65_seed: seeds[1].to_vec(),
            epochs: vec![EpochSecret::generate(1, None)?],
        };
        Self::of(secrets)
    }

    fn of(secrets: Secrets) -> Result<Self, ExchangeError> {
        let refused = |_| ExchangeError::Keys("a signing key is refused");
        let ed25519 =
            Ed25519KeyPair::from_seed_unchecked(&secrets.ed25519_seed).map_err(refused)?;
        let ml_dsa_65 = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, &secrets.ml_dsa_65_seed)
            .map_err(refused)?;
        let newest = secrets.epochs.last().ok_or(ExchangeError::Keys("no epoch key"))?;
        let x25519 = newest.x25519_public()?;
        let statement = EpochKey::statement(newest.epoch, &x25519, &newest.ml_kem_768_public);
        let epoch = EpochKey {
            epoch: newest.epoch,
            x25519,
            ml_kem_768: newest.ml_kem_768_public.clone(),
            certified: sign_both(&ed25519, &ml_dsa_65, &statement)?,
        };
        let public = PublicKeys {
            ed25519: ed25519.public_key().as_ref().to_vec(),
            ml_dsa_65: ml_dsa_65.public_key().as_ref().to_vec(),
            epoch,
        };
        Ok(Self { secrets, ed25519, ml_dsa_65, public })
    }

    /// The form for the key file. Wiped when dropped.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(codec::to_vec(&self.secrets))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`ExchangeError::Keys`]: the bytes are no keys of this form.
    pub fn decode(bytes: &[u8]) -> Result<Self, ExchangeError> {
        let secrets: Secrets =
            minicbor::decode(bytes).map_err(|_| ExchangeError::Keys("not in this form"))?;
        Self::of(secrets)
    }

    /// What partners may know.
    pub fn public(&self) -> &PublicKeys {
        &self.public
    }

    /// The same identity with a new epoch key, from now on the one to seal to. All old ones stay,
    /// and open what was sealed to them. Its number is above every one here, and above `known`:
    /// the highest that a partner may know.
    ///
    /// # Errors
    /// [`ExchangeError::Crypto`]: the system gives no randomness.
    pub fn next_epoch(self, known: u32, made_at: Timestamp) -> Result<Self, ExchangeError> {
        let number = self.public.epoch.epoch.max(known).saturating_add(1);
        self.with_epochs(|epochs| {
            epochs.push(EpochSecret::generate(number, Some(made_at))?);
            Ok(())
        })
    }

    /// The same without the private parts of epochs before this one; the newest stays in any
    /// case. What was sealed to the others can no longer be read by anybody.
    ///
    /// # Errors
    /// [`ExchangeError::Keys`]: never for keys that were read.
    pub fn keep_from(self, oldest: u32) -> Result<Self, ExchangeError> {
        let newest = self.public.epoch.epoch;
        self.with_epochs(|epochs| {
            epochs.retain(|epoch| epoch.epoch >= oldest || epoch.epoch == newest);
            Ok(())
        })
    }

    fn with_epochs(
        mut self,
        change: impl FnOnce(&mut Vec<EpochSecret>) -> Result<(), ExchangeError>,
    ) -> Result<Self, ExchangeError> {
        change(&mut self.secrets.epochs)?;
        Self::of(Secrets {
            ed25519_seed: self.secrets.ed25519_seed.clone(),
            ml_dsa_65_seed: self.secrets.ml_dsa_65_seed.clone(),
            epochs: std::mem::take(&mut self.secrets.epochs),
        })
    }

    /// The epochs whose private parts are here, the newest last.
    pub fn epochs(&self) -> Vec<Epoch> {
        let at = |us: i64| Timestamp::from_microsecond(us).ok();
        let each = |e: &EpochSecret| Epoch { number: e.epoch, made_at: e.made_at.and_then(at) };
        self.secrets.epochs.iter().map(each).collect()
    }

    /// Signs with both algorithms. Callers put a context of their own in front of what
    /// they sign, so that no signature can be taken for another.
    ///
    /// # Errors
    /// [`ExchangeError::Crypto`]: the library refuses.
    pub fn sign_both(&self, message: &[u8]) -> Result<Signatures, ExchangeError> {
        sign_both(&self.ed25519, &self.ml_dsa_65, message)
    }

    pub(crate) fn sign_ed25519(&self, message: &[u8]) -> Vec<u8> {
        self.ed25519.sign(message).as_ref().to_vec()
    }

    pub(crate) fn sign_ml_dsa_65(&self, message: &[u8]) -> Result<Vec<u8>, ExchangeError> {
        sign_ml_dsa_65(&self.ml_dsa_65, message)
    }

    /// Signs an agreement's document for a party.
    ///
    /// # Errors
    /// [`SignatureError::CannotSign`].
    pub fn sign_agreement(
        &self,
        party: Country,
        document: &[u8],
    ) -> Result<PartySignature, SignatureError> {
        PartySignature::make(party, document, &self.ed25519, &self.ml_dsa_65)
    }

    /// The private part of an epoch, if it is still kept.
    pub(crate) fn epoch(&self, epoch: u32) -> Option<EpochPrivate> {
        let secret = self.secrets.epochs.iter().find(|e| e.epoch == epoch)?;
        Some(EpochPrivate {
            x25519: agreement::PrivateKey::from_private_key(&X25519, &secret.x25519).ok()?,
            ml_kem_768: DecapsulationKey::new(&ML_KEM_768, &secret.ml_kem_768).ok()?,
            x25519_public: secret.x25519_public().ok()?,
            ml_kem_768_public: secret.ml_kem_768_public.clone(),
        })
    }
}

fn sign_both(
    ed25519: &Ed25519KeyPair,
    ml_dsa_65: &PqdsaKeyPair,
    message: &[u8],
) -> Result<Signatures, ExchangeError> {
    Ok(Signatures {
        ed25519: ed25519.sign(message).as_ref().to_vec(),
        ml_dsa_65: sign_ml_dsa_65(ml_dsa_65, message)?,
    })
}

fn sign_ml_dsa_65(key: &PqdsaKeyPair, message: &[u8]) -> Result<Vec<u8>, ExchangeError> {
    let mut signature = vec![0; ML_DSA_65_SIGNATURE_BYTES];
    let length = key
        .sign(message, &mut signature)
        .map_err(|_| ExchangeError::Crypto("ML-DSA-65 cannot sign"))?;
    signature.truncate(length);
    Ok(signature)
}

impl EpochSecret {
    fn generate(epoch: u32, made_at: Option<Timestamp>) -> Result<Self, ExchangeError> {
        let refused = |_| ExchangeError::Crypto("no epoch key could be made");
        let x25519 = agreement::PrivateKey::generate(&X25519).map_err(refused)?;
        let seed: Curve25519SeedBin<'_> = x25519.as_be_bytes().map_err(refused)?;
        let ml_kem = DecapsulationKey::generate(&ML_KEM_768).map_err(refused)?;
        let public: EncapsulationKey = ml_kem.encapsulation_key().map_err(refused)?;
        Ok(Self {
            epoch,
            x25519: seed.as_ref().to_vec(),
            ml_kem_768: ml_kem.key_bytes().map_err(refused)?.as_ref().to_vec(),
            ml_kem_768_public: public.key_bytes().map_err(refused)?.as_ref().to_vec(),
            made_at: made_at.map(Timestamp::as_microsecond),
        })
    }

    fn x25519_public(&self) -> Result<Vec<u8>, ExchangeError> {
        let refused = || ExchangeError::Keys("an epoch key is refused");
        let private = agreement::PrivateKey::from_private_key(&X25519, &self.x25519)
            .map_err(|_| refused())?;
        Ok(private.compute_public_key().map_err(|_| refused())?.as_ref().to_vec())
    }
}
