//! The seal around a file: fixed chunks, each AES-256-GCM, so that any range opens by itself.
//!
//! ```text
//! file  = "PLAK" ‖ version (1 byte: 1) ‖ chunk …
//! chunk = ciphertext of 16,384 bytes (the last: 0 to 16,384) ‖ tag (16 bytes)
//! nonce = 0 (4 bytes) ‖ number of the chunk (8 bytes, big endian)
//! associated data = name of the object ‖ 0 ‖ whether it is the last chunk (1 byte)
//! ```
//! A key seals one file, once: the store derives it for a part that gets a new id whenever it
//! is written. So the numbers of chunks are nonces that never come twice. Chunks cannot change
//! places, files cannot change names, and a file that was cut has no last chunk.

use std::ops::Range;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use bytes::Bytes;

use crate::{LakeError, Place};

const HEAD: &[u8; 5] = b"PLAK\x01";
const CHUNK: u64 = 16 << 10;
const TAG: u64 = 16;

/// The key of one file.
pub struct FileKey(LessSafeKey);

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(..)")
    }
}

impl FileKey {
    /// Of 32 bytes that were derived for this file.
    pub fn new(bytes: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, bytes).expect("32 bytes are an AES-256 key");
        Self(LessSafeKey::new(key))
    }
}

fn nonce(chunk: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&chunk.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn associated(name: &str, last: bool) -> Aad<Vec<u8>> {
    Aad::from([name.as_bytes(), &[0, u8::from(last)]].concat())
}

/// Seals the bytes of a file of that name.
pub(crate) fn seal(key: &FileKey, name: &str, plain: &[u8]) -> Result<Vec<u8>, LakeError> {
    let chunks = (plain.len() as u64).div_ceil(CHUNK).max(1);
    let mut out = Vec::with_capacity(HEAD.len() + plain.len() + (chunks * TAG) as usize);
    out.extend_from_slice(HEAD);
    let mut room = Vec::with_capacity((CHUNK + TAG) as usize);
    for number in 0..chunks {
        let from = (number * CHUNK) as usize;
        let to = plain.len().min(from + CHUNK as usize);
        room.clear();
        room.extend_from_slice(&plain[from..to]);
        let aad = associated(name, number + 1 == chunks);
        key.0
            .seal_in_place_append_tag(nonce(number), aad, &mut room)
            .map_err(|_| LakeError::Sealed { name: name.to_owned(), why: "the cipher failed" })?;
        out.extend_from_slice(&room);
    }
    Ok(out)
}

/// A sealed file of which ranges are read.
pub(crate) struct Sealed<'l> {
    place: &'l dyn Place,
    name: String,
    key: FileKey,
    plain: u64,
    chunks: u64,
}

impl<'l> Sealed<'l> {
    /// A file of so many bytes, as they lie there.
    pub(crate) fn new(
        place: &'l dyn Place,
        (name, bytes): (&str, u64),
        key: FileKey,
    ) -> Result<Self, LakeError> {
        let body = bytes.saturating_sub(HEAD.len() as u64);
        let chunks = body.div_ceil(CHUNK + TAG);
        let Some(plain) = body.checked_sub(chunks * TAG).filter(|_| chunks > 0) else {
            return Err(wrong(name, "it is too short"));
        };
        Ok(Self { place, name: name.to_owned(), key, plain, chunks })
    }

    /// How long it is when opened.
    pub(crate) fn len(&self) -> u64 {
        self.plain
    }

    /// Opens a range of it.
    pub(crate) fn read(&self, range: Range<u64>) -> Result<Bytes, LakeError> {
        if range.is_empty() || range.end > self.plain {
            return Err(wrong(&self.name, "it is shorter than its own table of contents says"));
        }
        let (first, last) = (range.start / CHUNK, (range.end - 1) / CHUNK);
        let end = |chunk: u64| {
            let whole = (chunk + 1) * (CHUNK + TAG);
            HEAD.len() as u64 + whole.min(self.plain + self.chunks * TAG)
        };
        let from = HEAD.len() as u64 + first * (CHUNK + TAG);
        let mut sealed = self.place.read(&self.name, from..end(last))?;
        if sealed.len() as u64 != end(last) - from {
            return Err(wrong(&self.name, "it was cut"));
        }
        let mut plain = Vec::with_capacity(((last - first + 1) * CHUNK) as usize);
        for (number, chunk) in (first..).zip(sealed.chunks_mut((CHUNK + TAG) as usize)) {
            let aad = associated(&self.name, number + 1 == self.chunks);
            let opened = self.key.0.open_in_place(nonce(number), aad, chunk);
            let opened =
                opened.map_err(|_| wrong(&self.name, "the key or the bytes are others"))?;
            plain.extend_from_slice(opened);
        }
        let skip = (range.start - first * CHUNK) as usize;
        Ok(Bytes::from(plain).slice(skip..skip + (range.end - range.start) as usize))
    }
}

fn wrong(name: &str, why: &'static str) -> LakeError {
    LakeError::Sealed { name: name.to_owned(), why }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Disk;

    fn opened(place: &Disk, name: &str, seed: u8, range: Range<u64>) -> Result<Bytes, LakeError> {
        let bytes = place.list().unwrap().iter().find(|o| o.name == name).unwrap().bytes;
        Sealed::new(place, (name, bytes), FileKey::new(&[seed; 32]))?.read(range)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_range_of_a_sealed_file_opens_as_it_was(
            length in 1usize..70_000, at in 0.0..1.0f64, part in 0.0..1.0f64,
        ) {
            let plain: Vec<u8> = (0..length).map(|i| (i * 7 + i / 251) as u8).collect();
            let dir = tempfile::tempdir().unwrap();
            let place = Disk::new(dir.path());
            place.put("a", &seal(&FileKey::new(&[1; 32]), "a", &plain).unwrap()).unwrap();
            let from = (at * (length - 1) as f64) as usize;
            let to = from + 1 + (part * (length - from - 1) as f64) as usize;
            let found = opened(&place, "a", 1, from as u64..to as u64).unwrap();
            prop_assert_eq!(&found[..], &plain[from..to]);
        }
    }

    #[test]
    fn another_key_name_or_order_and_a_cut_or_flipped_file_do_not_open() {
        let plain = vec![5u8; 3 * CHUNK as usize - 9];
        let sealed = seal(&FileKey::new(&[1; 32]), "a", &plain).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let place = Disk::new(dir.path());
        let refused = |name: &str, bytes: &[u8], seed: u8| {
            place.put(name, bytes).unwrap();
            let all = plain.len() as u64;
            match opened(&place, name, seed, all - 10..all) {
                Err(e) => e.to_string(),
                Ok(_) => "opened".to_owned(),
            }
        };
        assert_eq!(refused("a", &sealed, 1), "opened");
        let others = "the key or the bytes are others";
        assert!(refused("a", &sealed, 2).contains(others));
        assert!(refused("b", &sealed, 1).contains(others));
        let mut flipped = sealed.clone();
        *flipped.last_mut().unwrap() ^= 1;
        assert!(refused("a", &flipped, 1).contains(others));
        // Cut behind the second chunk: what is left is whole, and not the last.
        let cut = HEAD.len() + 2 * (CHUNK + TAG) as usize;
        place.put("a", &sealed[..cut]).unwrap();
        let found = opened(&place, "a", 1, CHUNK..CHUNK + 5).unwrap_err();
        assert!(found.to_string().contains(others), "{found}");
        let (first, rest) = sealed[HEAD.len()..].split_at((CHUNK + TAG) as usize);
        let (second, rest) = rest.split_at((CHUNK + TAG) as usize);
        let swapped = [HEAD, second, first, rest].concat();
        place.put("a", &swapped).unwrap();
        assert!(opened(&place, "a", 1, 0..5).is_err());
    }
}
