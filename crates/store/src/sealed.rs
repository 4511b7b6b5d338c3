//! Sealing: zstd, then AES-256-GCM under a key derived for one object.
//!
//! ```text
//! sealed = version (1 byte: 1) ‖ nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)
//! list key = HKDF-SHA-256(day key, salt = none, info = "passerelle list" ‖ list id)
//! associated data = purpose ‖ 0 ‖ id
//! ```
//! The key of an object hangs on the day key, so that destroying a day key makes
//! everything of that day unreadable at once.

use std::cell::RefCell;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf, rand,
};
use zeroize::{Zeroize, Zeroizing};

use crate::StoreError;

/// 32 secret bytes, overwritten when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// From bytes; the caller's copy is overwritten.
    pub fn take(bytes: &mut [u8; 32]) -> Self {
        let secret = Self(Zeroizing::new(*bytes));
        bytes.zeroize();
        secret
    }

    /// From a slice of exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// Fresh random bytes of the system.
    pub fn random() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut()).map_err(|_| StoreError::Crypto("no randomness"))?;
        Ok(Self(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key derived for `info`.
    pub fn derive(&self, label: &str, info: &str) -> Secret {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]);
        let prk = salt.extract(self.0.as_ref());
        let mut out = Zeroizing::new([0; 32]);
        prk.expand(&[label.as_bytes(), info.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(out.as_mut()))
            .expect("32 bytes are within what HKDF-SHA-256 gives");
        Secret(out)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Of compression; more costs far more time than it saves room.
const LEVEL: i32 = 3;

thread_local! {
    /// The tables of either are larger than what is packed, and take longer to make.
    static PACKER: RefCell<Option<zstd::bulk::Compressor<'static>>> =
        RefCell::new(zstd::bulk::Compressor::new(LEVEL).ok());
    static UNPACKER: RefCell<Option<zstd::bulk::Decompressor<'static>>> =
        RefCell::new(zstd::bulk::Decompressor::new().ok());
}

const VERSION: u8 = 1;
const NONCE: usize = 12;
/// No list or message is larger when unpacked: the intake takes less.
const MOST_BYTES: usize = 512 << 20;

/// Seals `plain` for one purpose and id.
pub fn seal(key: &Secret, purpose: &str, id: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let packed = PACKER.with_borrow_mut(|packer| match packer {
        Some(packer) => packer.compress(plain),
        None => zstd::bulk::compress(plain, LEVEL),
    });
    let mut packed = packed.map_err(|_| StoreError::Crypto("zstd"))?;
    let mut nonce = [0u8; NONCE];
    rand::fill(&mut nonce).map_err(|_| StoreError::Crypto("no randomness"))?;
    cipher(key)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated(purpose, id)),
            &mut packed,
        )
        .map_err(|_| StoreError::Crypto("AES-GCM"))?;
    let mut out = Vec::with_capacity(1 + NONCE + packed.len());
    out.push(VERSION);
    out.extend_from_slice(&nonce);
    out.append(&mut packed);
    Ok(out)
}

/// Opens what [`seal`] made.
pub fn open(
    key: &Secret,
    purpose: &'static str,
    id: &str,
    sealed: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let wrong = |why| StoreError::Sealed { what: purpose, why };
    let (&version, rest) = sealed.split_first().ok_or(wrong("it is empty"))?;
    if version != VERSION {
        return Err(wrong("it has a form that this program does not know"));
    }
    let (nonce, body) = rest.split_at_checked(NONCE).ok_or(wrong("it is too short"))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong("it is too short"))?;
    let mut body = body.to_vec();
    let packed = cipher(key)?
        .open_in_place(nonce, Aad::from(associated(purpose, id)), &mut body)
        .map_err(|_| wrong("the key or the bytes are not the right ones"))?;
    let size = zstd::bulk::Decompressor::upper_bound(packed).unwrap_or(MOST_BYTES);
    let unpacked = UNPACKER.with_borrow_mut(|unpacker| match unpacker {
        Some(unpacker) => unpacker.decompress(packed, size.min(MOST_BYTES)),
        None => zstd::bulk::decompress(packed, size.min(MOST_BYTES)),
    });
    unpacked.map_err(|_| wrong("what was sealed is not whole"))
}

fn cipher(key: &Secret) -> Result<LessSafeKey, StoreError> {
    let key = UnboundKey::new(&AES_256_GCM, key.bytes())
        .map_err(|_| StoreError::Crypto("not an AES key"))?;
    Ok(LessSafeKey::new(key))
}

fn associated(purpose: &str, id: &str) -> Vec<u8> {
    [purpose.as_bytes(), &[0], id.as_bytes()].concat()
}
