//! Parcels that are longer than a chunk, chunk by chunk: where a cut line or a killed node ended
//! it, a transfer goes on.
//!
//! A parcel is *offered* by its digest and its length. The receiver says how much of it is here,
//! the sender sends the next [`CHUNK_BYTES`], and so on; each chunk is durable before it is
//! answered. What is whole is taken as if it had come in one piece: nothing of a parcel is
//! looked at before. Chunks have one length, so that a partner can make neither holes nor a
//! thousand small writes, and only the next one is taken.

use std::ops::Range;

use data_encoding::BASE64;

use crate::{Digest, MAX_PARCEL_BYTES, codec};

/// The bytes of a chunk; the last one of a parcel is shorter. A parcel that is not longer goes
/// in one piece.
pub const CHUNK_BYTES: usize = 1 << 20;

/// A parcel that goes in chunks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offered {
    digest: Digest,
    size: usize,
}

/// What becomes of a chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Chunk {
    /// It is the next: to be made durable.
    Next,
    /// Another is to come: the sender is told which.
    Elsewhere,
    /// Nothing of it is kept: of another length than chunks are, or not what its sender sent.
    Wrong,
}

/// What a chunk says of itself (RFC 9530, `Content-Digest`).
///
/// ```
/// let said = exchange::content_digest(b"hello");
/// assert_eq!(said, "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:");
/// ```
pub fn content_digest(chunk: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(&Digest::of(chunk).0))
}

/// Writes how many bytes of a parcel are here.
///
/// ```
/// assert_eq!(exchange::read_held(&exchange::write_held(3 << 20)), Some(3 << 20));
/// assert_eq!(exchange::read_held(b"3145728"), None);
/// ```
pub fn write_held(bytes: usize) -> Vec<u8> {
    codec::to_vec(&(bytes as u64))
}

/// Reads what [`write_held`] wrote.
pub fn read_held(body: &[u8]) -> Option<usize> {
    codec::exactly::<u64>(body).and_then(|bytes| usize::try_from(bytes).ok())
}

impl Offered {
    /// How a parcel is offered; `None` where it goes in one piece.
    pub fn of(parcel: &[u8]) -> Option<Self> {
        (parcel.len() > CHUNK_BYTES)
            .then(|| Self { digest: Digest::of(parcel), size: parcel.len() })
    }

    /// Reads the two parts of [`path`](Self::path). `None` for what is no digest, or a length
    /// that no parcel has which goes in chunks.
    ///
    /// ```
    /// use exchange::Offered;
    /// let parcel = vec![7; 3 << 20];
    /// let offered = Offered::of(&parcel).unwrap();
    /// let path = offered.path();
    /// let (digest, size) = path.split_once('/').unwrap();
    /// assert_eq!(Offered::read(digest, size), Some(offered));
    /// assert!(Offered::read("../etc", size).is_none());
    /// assert!(Offered::read(digest, "1073741824").is_none());
    /// assert!(Offered::read(digest, "+3145728").is_none());
    /// ```
    pub fn read(digest: &str, size: &str) -> Option<Self> {
        let offered = Self { digest: Digest::parse(digest)?, size: size.parse().ok()? };
        let fits = (CHUNK_BYTES + 1..=MAX_PARCEL_BYTES).contains(&offered.size);
        (fits && offered.path() == format!("{digest}/{size}")).then_some(offered)
    }

    /// Its digest, hexadecimal, and its length: `9f86…/3145728`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.digest, self.size)
    }

    /// How much of it counts as here, of so many bytes that are stored: whole chunks. What was
    /// being written when a node died is no chunk.
    pub fn held(&self, stored: u64) -> usize {
        match usize::try_from(stored) {
            Ok(stored) if stored < self.size => stored - stored % CHUNK_BYTES,
            Ok(stored) if stored == self.size => stored,
            // More than there is of it was never written by us.
            _ => 0,
        }
    }

    /// Which bytes come next when so many are there; none when it is whole, and `None` where a
    /// partner says that it has what no chunk makes.
    pub fn next(&self, have: usize) -> Option<Range<usize>> {
        let sound = self.held(have as u64) == have && have <= self.size;
        sound.then(|| have..self.size.min(have + CHUNK_BYTES))
    }

    /// Judges a chunk that is said to begin there.
    pub fn judge(&self, have: usize, at: usize, chunk: &[u8], said: Option<&str>) -> Chunk {
        match self.next(have) {
            Some(next) if at == have => {
                let right = chunk.len() == next.len() && said == Some(&*content_digest(chunk));
                if right { Chunk::Next } else { Chunk::Wrong }
            }
            _ => Chunk::Elsewhere,
        }
    }

    /// Whether these bytes are the parcel.
    pub fn is(&self, parcel: &[u8]) -> bool {
        parcel.len() == self.size && Digest::of(parcel) == self.digest
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_chunk_in_its_length_and_as_it_was_sent_is_taken() {
        let parcel: Vec<u8> = (0..2 * CHUNK_BYTES + 5).map(|n| n as u8).collect();
        let offered = Offered::of(&parcel).unwrap();
        let (first, last) = (&parcel[..CHUNK_BYTES], &parcel[2 * CHUNK_BYTES..]);
        let said = |chunk: &[u8]| Some(content_digest(chunk));
        let judged = |have, at, chunk: &[u8], said: Option<String>| {
            offered.judge(have, at, chunk, said.as_deref())
        };
        assert_eq!(judged(0, 0, first, said(first)), Chunk::Next);
        assert_eq!(judged(2 * CHUNK_BYTES, 2 * CHUNK_BYTES, last, said(last)), Chunk::Next);
        assert_eq!(judged(parcel.len(), parcel.len(), b"", said(b"")), Chunk::Next, "it is whole");
        for at in [1, CHUNK_BYTES, 2 * CHUNK_BYTES, usize::MAX] {
            assert_eq!(judged(0, at, first, said(first)), Chunk::Elsewhere, "{at}");
        }
        for chunk in [&parcel[..CHUNK_BYTES - 1], &parcel[..CHUNK_BYTES + 1], b""] {
            assert_eq!(judged(0, 0, chunk, said(chunk)), Chunk::Wrong);
        }
        assert_eq!(judged(0, 0, first, said(last)), Chunk::Wrong);
        assert_eq!(judged(0, 0, first, None), Chunk::Wrong);
        assert!(offered.is(&parcel) && !offered.is(&parcel[1..]));
    }

    #[test]
    fn what_was_being_written_counts_for_nothing() {
        let offered = Offered::of(&vec![0; 2 * CHUNK_BYTES + 5]).unwrap();
        let (chunk, size) = (CHUNK_BYTES as u64, 2 * CHUNK_BYTES as u64 + 5);
        let held = [0, 1, chunk - 1, chunk, chunk + 1, size - 1, size, size + 1, u64::MAX];
        let held = held.map(|stored| offered.held(stored));
        let (one, two) = (CHUNK_BYTES, 2 * CHUNK_BYTES);
        assert_eq!(held, [0, 0, 0, one, one, two, two + 5, 0, 0]);
        assert_eq!(offered.next(1), None);
        assert_eq!(offered.next(two + 6), None);
        assert_eq!(Offered::of(&[0; 9]), None);
    }
}
