//! Checkpoints: what a log says of itself, signed.
//!
//! The text is C2SP `tlog-checkpoint`: origin, size, root in base64, each on a line.
//! It is signed as a C2SP signed note: the text, an empty line, then lines of
//! `— name base64(key id ‖ signature)`, where the key id is the first four bytes of
//! `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)` for Ed25519. Signatures by keys we do
//! not know (witnesses) are left alone, as the specification asks.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use crate::{Digest, Hash};

const ED25519_NOTE: u8 = 0x01;
const MAX_NOTE_BYTES: usize = 1_000_000;
const MAX_SIGNATURES: usize = 100;

/// A note is not what it should be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note, or its text not a checkpoint.
    #[error("not a signed checkpoint: {0}")]
    Malformed(&'static str),
    /// The checkpoint is another log's.
    #[error("the checkpoint is of log {0}")]
    OtherLog(String),
    /// No line carries a signature of the log's key.
    #[error("the log's own signature is missing")]
    Unsigned,
    /// A line claims to be the log's signature and is not.
    #[error("the signature does not verify")]
    BadSignature,
    /// Not a key, or a name that no key may have.
    #[error("not a log key: {0}")]
    BadKey(&'static str),
}

/// The state of a log at one moment: so many events, this root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The log's name, a URL without its scheme: `gw.gbr.example/log`.
    pub origin: String,
    /// How many events it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed, with its last line feed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(&self.root.0))
    }

    /// The checkpoint as a note signed by the log's key.
    pub fn sign(&self, key: &LogKey) -> String {
        let text = self.text();
        let mut line = key.public.id().to_vec();
        line.extend_from_slice(key.pair.sign(text.as_bytes()).as_ref());
        format!("{text}\n\u{2014} {} {}\n", key.public.origin, BASE64.encode(&line))
    }

    /// Reads a note without looking at its signatures.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let (text, _) = split(note)?;
        let mut lines = text.lines();
        let origin = lines.next().filter(|o| !o.is_empty());
        let origin = origin.ok_or(NoteError::Malformed("no origin"))?.to_owned();
        let size = lines.next().and_then(decimal).ok_or(NoteError::Malformed("no size"))?;
        let root = lines.next().and_then(|l| BASE64.decode(l.as_bytes()).ok());
        let root = root.and_then(|r| r.try_into().ok()).map(Digest);
        Ok(Self { origin, size, root: root.ok_or(NoteError::Malformed("no root hash"))? })
    }

    /// Reads a note and checks that the log of `key` signed it.
    ///
    /// # Errors
    /// Any [`NoteError`] but `BadKey`.
    pub fn verify(note: &str, key: &LogPublicKey) -> Result<Self, NoteError> {
        let checkpoint = Self::parse(note)?;
        if checkpoint.origin != key.origin {
            return Err(NoteError::OtherLog(checkpoint.origin));
        }
        let (text, signatures) = split(note)?;
        let mut signed = false;
        for line in signatures.lines() {
            let (name, bytes) = signature_line(line)?;
            if name != key.origin || bytes[..4] != key.id() {
                continue;
            }
            let public = UnparsedPublicKey::new(&ED25519, key.public);
            public.verify(text.as_bytes(), &bytes[4..]).map_err(|_| NoteError::BadSignature)?;
            signed = true;
        }
        if signed { Ok(checkpoint) } else { Err(NoteError::Unsigned) }
    }
}

/// Text (with its last line feed) and signature lines of a note.
fn split(note: &str) -> Result<(&str, &str), NoteError> {
    if note.len() > MAX_NOTE_BYTES {
        return Err(NoteError::Malformed("longer than a megabyte"));
    }
    if note.chars().any(|c| c.is_control() && c != '\n') {
        return Err(NoteError::Malformed("control characters"));
    }
    let end = note.rfind("\n\n").ok_or(NoteError::Malformed("no empty line"))?;
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    if signatures.is_empty() || !signatures.ends_with('\n') {
        return Err(NoteError::Malformed("no signature line"));
    }
    if signatures.lines().count() > MAX_SIGNATURES {
        return Err(NoteError::Malformed("too many signatures"));
    }
    Ok((text, signatures))
}

fn signature_line(line: &str) -> Result<(&str, Vec<u8>), NoteError> {
    let wrong = NoteError::Malformed("not a signature line");
    let line = line.strip_prefix("\u{2014} ").ok_or(wrong.clone())?;
    let (name, encoded) = line.split_once(' ').ok_or(wrong.clone())?;
    match BASE64.decode(encoded.as_bytes()) {
        Ok(bytes) if bytes.len() >= 5 && is_key_name(name) => Ok((name, bytes)),
        _ => Err(wrong),
    }
}

/// A number as the format writes it: no sign, no leading zero.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The key with which a node signs its log. `Debug` shows only the origin.
pub struct LogKey {
    pair: Ed25519KeyPair,
    public: LogPublicKey,
}

impl LogKey {
    /// The key of log `origin` that grows from 32 secret bytes.
    ///
    /// # Errors
    /// [`NoteError::BadKey`]: the origin is empty or holds blanks or `+`.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| NoteError::BadKey("the seed makes no key"))?;
        Self::from_pair(origin, pair)
    }

    /// The key of log `origin` from a PKCS #8 document.
    ///
    /// # Errors
    /// [`NoteError::BadKey`]: not an Ed25519 key, or the origin is not a name.
    pub fn from_pkcs8(origin: &str, document: &[u8]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_pkcs8(document)
            .map_err(|_| NoteError::BadKey("not an Ed25519 key in PKCS #8 form"))?;
        Self::from_pair(origin, pair)
    }

    fn from_pair(origin: &str, pair: Ed25519KeyPair) -> Result<Self, NoteError> {
        if !is_key_name(origin) {
            return Err(NoteError::BadKey("a name without blanks and plus signs is needed"));
        }
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Ok(Self { pair, public: LogPublicKey { origin: origin.to_owned(), public } })
    }

    /// The public half.
    pub fn public(&self) -> &LogPublicKey {
        &self.public
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogKey").field("origin", &self.public.origin).finish_non_exhaustive()
    }
}

/// The key by which everybody checks a log. `Display` is the *verifier key* of the
/// signed-note specification: `name+key id+base64(0x01 ‖ public key)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogPublicKey {
    /// The log's name.
    pub origin: String,
    /// The Ed25519 public key.
    pub public: [u8; 32],
}

impl LogPublicKey {
    /// The key id of the specification.
    pub fn id(&self) -> [u8; 4] {
        let parts: [&[u8]; 3] = [self.origin.as_bytes(), &[b'\n', ED25519_NOTE], &self.public];
        let [a, b, c, d, ..] = Digest::of_parts(&parts).0;
        [a, b, c, d]
    }

    /// Reads a verifier key.
    ///
    /// # Errors
    /// [`NoteError::BadKey`].
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::BadKey("not name+id+key"));
        };
        let key = BASE64.decode(key.as_bytes()).ok();
        let public = match key.as_deref() {
            Some([ED25519_NOTE, public @ ..]) => public.try_into().ok(),
            _ => None,
        };
        let public = public.ok_or(NoteError::BadKey("not an Ed25519 key"))?;
        let found = Self { origin: name.to_owned(), public };
        let id = HEXLOWER_PERMISSIVE.decode(id.as_bytes()).ok();
        if !is_key_name(name) || id.as_deref() != Some(&found.id()) {
            return Err(NoteError::BadKey("the id is not that of name and key"));
        }
        Ok(found)
    }
}

impl fmt::Display for LogPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = HEXLOWER_PERMISSIVE.encode(&self.id());
        let mut key = vec![ED25519_NOTE];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{id}+{}", self.origin, BASE64.encode(&key))
    }
}
