//! The independent authority: whom a node cannot do without once a day is masked.
//!
//! The unit that keeps passenger data may not approve its own unmasking (CJ-07,
//! CJEU C-817/19). So a masked day's identity key is sealed to the public key of a
//! court or independent body, whose private key never comes near the node:
//!
//! ```text
//! node        ── Request: list, case, masked identity key, a key to answer to ──▶ authority
//! authority   ── Grant: the key of that one list, signed ───────────────────────▶ node
//! ```
//! The authority opens the day's identity key with its own and derives from it the key
//! of the one list that was asked for; nothing else of the day leaves it. Sealing is
//! X25519 and ML-KEM-768 together (HKDF-SHA-256, AES-256-GCM), so that it holds as long
//! as either does; signatures are Ed25519.

use audit::Digest;
use aws_lc_rs::{
    agreement::{self, X25519},
    encoding::{AsBigEndian, Curve25519SeedBin},
    kem::{Ciphertext, DecapsulationKey, EncapsulationKey, ML_KEM_768},
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use minicbor::{Decode, Encode};
use zeroize::Zeroize;

use crate::{
    StoreError,
    keys::LABEL,
    sealed::{self, Secret},
};

/// The public half: what a node is given of its authority.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct AuthorityPublic {
    #[cbor(n(0), with = "minicbor::bytes")]
    x25519: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    ml_kem_768: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    ed25519: Vec<u8>,
}

/// The private half, which stays with the authority.
#[derive(Encode, Decode)]
#[cbor(map)]
pub struct AuthorityKey {
    #[cbor(n(0), with = "minicbor::bytes")]
    x25519: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    ml_kem_768: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    ed25519: Vec<u8>,
    #[n(3)]
    public: AuthorityPublic,
}

impl Drop for AuthorityKey {
    fn drop(&mut self) {
        self.x25519.zeroize();
        self.ml_kem_768.zeroize();
        self.ed25519.zeroize();
    }
}

/// What the node asks of the authority: one list, for one case.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Request {
    /// Its id.
    #[n(0)]
    pub id: String,
    /// The node's state.
    #[n(1)]
    pub state: String,
    /// The list.
    #[n(2)]
    pub list: String,
    /// The flight of it, for whoever decides.
    #[n(3)]
    pub flight: String,
    /// The case.
    #[n(4)]
    pub case: String,
    /// Why, in the officer's words.
    #[n(5)]
    pub reason: String,
    /// Name of the masked key: scope and day.
    #[n(6)]
    pub key: String,
    /// The day's identity key, sealed to the authority.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub masked: Vec<u8>,
    /// To whom the list's key is to be sealed.
    #[n(8)]
    pub answer_to: AuthorityPublic,
}

/// What the authority answers: the key of that list, and no other.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Grant {
    /// The request.
    #[n(0)]
    pub request: String,
    /// The list.
    #[n(1)]
    pub list: String,
    /// The case.
    #[n(2)]
    pub case: String,
    /// The list's key, sealed to the request.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// The authority's signature over the fields above.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

impl AuthorityPublic {
    /// The form in files.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let key: Self = minicbor::decode(bytes).ok()?;
        (key.x25519.len() == 32 && key.ml_kem_768.len() == 1_184 && key.ed25519.len() == 32)
            .then_some(key)
    }

    /// By which people compare it: the first 128 bits of its digest.
    pub fn fingerprint(&self) -> String {
        Digest::of(&self.encode()).to_string()[..32].to_owned()
    }

    /// Seals a key to whoever holds the private half.
    pub(crate) fn seal(&self, name: &str, key: &Secret) -> Result<Vec<u8>, StoreError> {
        let refused = || StoreError::Crypto("the authority's key is refused");
        let own = agreement::PrivateKey::generate(&X25519)
            .map_err(|_| StoreError::Crypto("no randomness"))?;
        let public = own.compute_public_key().map_err(|_| refused())?;
        let ml_kem = EncapsulationKey::new(&ML_KEM_768, &self.ml_kem_768).map_err(|_| refused())?;
        let (ciphertext, quantum) = ml_kem.encapsulate().map_err(|_| refused())?;
        let peer = agreement::UnparsedPublicKey::new(&X25519, &self.x25519);
        let shared = agreement::agree(&own, peer, refused(), |classic| {
            shared(classic, quantum.as_ref(), &self.digest()).ok_or_else(refused)
        })?;
        let sealed = sealed::seal(&shared, "to the authority", name, key.bytes())?;
        Ok([public.as_ref(), ciphertext.as_ref(), &sealed].concat())
    }

    fn digest(&self) -> [u8; 32] {
        Digest::of(&self.encode()).0
    }
}

fn shared(classic: &[u8], quantum: &[u8], to: &[u8; 32]) -> Option<Secret> {
    let both = Digest::of_parts(&[b"passerelle authority v1\0", classic, quantum, to]);
    Secret::from_slice(&both.0).map(|s| s.derive("passerelle authority", ""))
}

/// What came sealed opens as 32 bytes, or as nothing.
const CIPHERTEXT: usize = 1_088;

impl AuthorityKey {
    /// A new key.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn generate() -> Result<Self, StoreError> {
        let refused = |_| StoreError::Crypto("no authority key could be made");
        let x25519 = agreement::PrivateKey::generate(&X25519).map_err(refused)?;
        let seed: Curve25519SeedBin<'_> = x25519.as_be_bytes().map_err(refused)?;
        let ml_kem = DecapsulationKey::generate(&ML_KEM_768).map_err(refused)?;
        let encapsulation = ml_kem.encapsulation_key().map_err(refused)?;
        let signing = Secret::random()?;
        let pair = Ed25519KeyPair::from_seed_unchecked(signing.bytes())
            .map_err(|_| StoreError::Crypto("no authority key could be made"))?;
        let public = AuthorityPublic {
            x25519: x25519.compute_public_key().map_err(refused)?.as_ref().to_vec(),
            ml_kem_768: encapsulation.key_bytes().map_err(refused)?.as_ref().to_vec(),
            ed25519: pair.public_key().as_ref().to_vec(),
        };
        Ok(Self {
            x25519: seed.as_ref().to_vec(),
            ml_kem_768: ml_kem.key_bytes().map_err(refused)?.as_ref().to_vec(),
            ed25519: signing.bytes().to_vec(),
            public,
        })
    }

    /// The public half.
    pub fn public(&self) -> &AuthorityPublic {
        &self.public
    }

    /// The form in files.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }

    /// Opens what was sealed to the public half.
    pub(crate) fn open(&self, name: &str, bytes: &[u8]) -> Result<Secret, StoreError> {
        let wrong = StoreError::Sealed {
            what: "key for the authority",
            why: "it was sealed to another authority, or changed",
        };
        let open = || {
            let (public, rest) = bytes.split_at_checked(32)?;
            let (ciphertext, sealed) = rest.split_at_checked(CIPHERTEXT)?;
            let ml_kem = DecapsulationKey::new(&ML_KEM_768, &self.ml_kem_768).ok()?;
            let quantum = ml_kem.decapsulate(Ciphertext::from(ciphertext)).ok()?;
            let own = agreement::PrivateKey::from_private_key(&X25519, &self.x25519).ok()?;
            let peer = agreement::UnparsedPublicKey::new(&X25519, public);
            let shared = agreement::agree(&own, peer, (), |classic| {
                shared(classic, quantum.as_ref(), &self.public.digest()).ok_or(())
            });
            let key = sealed::open(&shared.ok()?, "to the authority", name, sealed).ok()?;
            Secret::from_slice(&key)
        };
        open().ok_or(wrong)
    }

    /// Grants a request: takes the key of the one list out of the day's, and seals it to
    /// the node that asked.
    ///
    /// # Errors
    /// The request is for another authority, or was changed.
    pub fn grant(&self, request: &Request) -> Result<Grant, StoreError> {
        let day = self.open(&request.key, &request.masked)?;
        let list = day.derive(LABEL, &format!("list {}", request.list));
        let key = request.answer_to.seal(&request.id, &list)?;
        let mut grant = Grant {
            request: request.id.clone(),
            list: request.list.clone(),
            case: request.case.clone(),
            key,
            signature: Vec::new(),
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(&self.ed25519)
            .map_err(|_| StoreError::Crypto("the authority's signing key is refused"))?;
        grant.signature = pair.sign(&grant.statement()).as_ref().to_vec();
        Ok(grant)
    }
}

impl Grant {
    fn statement(&self) -> Vec<u8> {
        let bare = Self { signature: Vec::new(), ..self.clone() };
        [b"passerelle grant v1\0".as_slice(), &bare.encode()].concat()
    }

    /// Whether that authority signed it.
    pub fn is_by(&self, authority: &AuthorityPublic) -> bool {
        UnparsedPublicKey::new(&ED25519, &authority.ed25519)
            .verify(&self.statement(), &self.signature)
            .is_ok()
    }

    /// The form in files.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }
}

impl Request {
    /// The form in files.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }
}
