//! Sealing to an epoch key: X25519 and ML-KEM-768 side by side, HKDF-SHA-256 over
//! both secrets and everything that was said in public, AES-256-GCM.
//!
//! The content key is fresh for each parcel and holds as long as one of the two
//! algorithms does. The secrets stand in the order of X25519MLKEM768 (TLS):
//! ML-KEM first.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, UnparsedPublicKey, X25519},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    kem::{Ciphertext, EncapsulationKey, ML_KEM_768},
};
use zeroize::{Zeroize, Zeroizing};

use crate::{EpochKey, ExchangeError, keys::EpochPrivate};

const LABEL: &[u8] = b"passerelle seal v1 X25519 ML-KEM-768 HKDF-SHA-256 AES-256-GCM\0";
/// Bytes of an AES-GCM nonce.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes of an AES-GCM tag.
pub(crate) const TAG_BYTES: usize = 16;

/// What travels in public so that the receiver can make the content key.
pub(crate) struct Encapsulation {
    pub(crate) x25519: Vec<u8>,
    pub(crate) ml_kem_768: Vec<u8>,
}

/// A key for one content. Wiped when dropped.
pub(crate) struct ContentKey(Zeroizing<[u8; 32]>);

struct Length;
impl KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

/// Everything public that the key is bound to.
struct Said<'a> {
    encapsulation: &'a Encapsulation,
    x25519: &'a [u8],
    ml_kem_768: &'a [u8],
    context: &'a [u8],
}

fn derive(said: &Said<'_>, post_quantum: &[u8], classic: &[u8]) -> Option<ContentKey> {
    let mut secret = Zeroizing::new(Vec::with_capacity(64));
    secret.extend_from_slice(post_quantum);
    secret.extend_from_slice(classic);
    let prk = Salt::new(HKDF_SHA256, LABEL).extract(&secret);
    let info = [
        &said.encapsulation.x25519[..],
        &said.encapsulation.ml_kem_768,
        said.x25519,
        said.ml_kem_768,
        said.context,
    ];
    let mut key = Zeroizing::new([0; 32]);
    prk.expand(&info, Length).ok()?.fill(&mut key[..]).ok()?;
    Some(ContentKey(key))
}

/// A fresh key for the holder of `to`, bound to `context`.
pub(crate) fn encapsulate(
    to: &EpochKey,
    context: &[u8],
) -> Result<(ContentKey, Encapsulation), ExchangeError> {
    let refused = || ExchangeError::Crypto("the receiver's epoch key is refused");
    let ephemeral = agreement::PrivateKey::generate(&X25519)
        .map_err(|_| ExchangeError::Crypto("no randomness"))?;
    let public = ephemeral.compute_public_key().map_err(|_| refused())?;
    let ml_kem = EncapsulationKey::new(&ML_KEM_768, &to.ml_kem_768).map_err(|_| refused())?;
    let (ciphertext, post_quantum) = ml_kem.encapsulate().map_err(|_| refused())?;
    let encapsulation = Encapsulation {
        x25519: public.as_ref().to_vec(),
        ml_kem_768: ciphertext.as_ref().to_vec(),
    };
    let said = Said {
        encapsulation: &encapsulation,
        x25519: &to.x25519,
        ml_kem_768: &to.ml_kem_768,
        context,
    };
    let peer = UnparsedPublicKey::new(&X25519, &to.x25519);
    let key = agreement::agree(&ephemeral, peer, (), |classic| {
        derive(&said, post_quantum.as_ref(), classic).ok_or(())
    });
    Ok((key.map_err(|()| refused())?, encapsulation))
}

/// The key that [`encapsulate`] made, for who holds the private part.
pub(crate) fn decapsulate(
    own: &EpochPrivate,
    encapsulation: &Encapsulation,
    context: &[u8],
) -> Option<ContentKey> {
    let ciphertext = Ciphertext::from(encapsulation.ml_kem_768.as_slice());
    let post_quantum = own.ml_kem_768.decapsulate(ciphertext).ok()?;
    let said = Said {
        encapsulation,
        x25519: &own.x25519_public,
        ml_kem_768: &own.ml_kem_768_public,
        context,
    };
    let peer = UnparsedPublicKey::new(&X25519, &encapsulation.x25519);
    agreement::agree(&own.x25519, peer, (), |classic| {
        derive(&said, post_quantum.as_ref(), classic).ok_or(())
    })
    .ok()
}

impl ContentKey {
    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0[..]).ok().map(LessSafeKey::new)
    }

    /// Seals `content` in place and appends the tag.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_BYTES],
        aad: &[u8],
        mut content: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.cipher()?.seal_in_place_append_tag(nonce, Aad::from(aad), &mut content).ok()?;
        Some(content)
    }

    /// Opens what [`seal`](Self::seal) made. Nothing is given out unless the tag holds.
    pub(crate) fn open(&self, nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut content = sealed.to_vec();
        match self.cipher()?.open_in_place(nonce, Aad::from(aad), &mut content) {
            Ok(open) => {
                let length = open.len();
                content.truncate(length);
                Some(content)
            }
            Err(_) => {
                content.zeroize();
                None
            }
        }
    }
}

/// The length to which `bytes` are padded: at least 4 KiB, and then at most an eighth
/// more, so that a length says little about how many are on the list.
pub(crate) fn size_class(bytes: usize) -> usize {
    let bytes = bytes.max(4096);
    let step = 1usize << (usize::BITS - 1 - bytes.leading_zeros()).saturating_sub(3);
    bytes.div_ceil(step) * step
}

/// Appends 0x80 and zeros up to the size class (ISO/IEC 7816-4).
pub(crate) fn pad(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(0x80);
    bytes.resize(size_class(bytes.len()), 0);
    bytes
}

/// Takes away what [`pad`] appended.
pub(crate) fn unpad(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().rposition(|b| *b != 0)?;
    (bytes[end] == 0x80 && size_class(end + 1) == bytes.len()).then_some(&bytes[..end])
}
