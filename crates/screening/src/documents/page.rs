//! A page: some hundred documents that lie next to one another.
//!
//! | bytes | |
//! |---|---|
//! | 2 | how many documents, big endian |
//! | 1 | `w`: how many bits each key takes |
//! | 1 | 0 |
//! | ⌈n·w/8⌉ | of each, in rising order, what its key is beyond the page's first, the lowest bit first |
//! | 3 n | what was reported of each, in the same order |
//!
//! The first key of a page stands beside it, in the directory of pages.

use super::{Key, Note, ReportedDocument, damaged};

/// Size of a page in bytes.
pub const PAGE: usize = 1024;
/// A page as it lies on a disk.
pub type Page = [u8; PAGE];

const HEAD: usize = 4;

fn size(count: usize, width: u32) -> usize {
    HEAD + (count * width as usize).div_ceil(8) + count * Note::BYTES
}

fn width(beyond: u128) -> u32 {
    u128::BITS - beyond.leading_zeros()
}

/// A page that is being filled.
#[derive(Default)]
pub(super) struct Filling {
    documents: Vec<ReportedDocument>,
}

impl Filling {
    /// Adds documents of one key, greater than all before, unless the page is too full for them.
    pub fn add(&mut self, same: &[ReportedDocument]) -> bool {
        let (Some(first), Some(new)) = (self.documents.first().or(same.first()), same.first())
        else {
            return true;
        };
        let width = width(new.key.0 - first.key.0);
        if size(self.documents.len() + same.len(), width) > PAGE {
            return false;
        }
        self.documents.extend_from_slice(same);
        true
    }

    /// The page and its first key, none when it is empty; it begins anew.
    pub fn take(&mut self) -> Option<(Key, Page)> {
        let documents = std::mem::take(&mut self.documents);
        let (first, last) = (documents.first()?.key, documents.last()?.key);
        let width = width(last.0 - first.0);
        let mut page = [0; PAGE];
        page[..2].copy_from_slice(&(documents.len() as u16).to_be_bytes());
        page[2] = width as u8;
        let mut notes = HEAD + (documents.len() * width as usize).div_ceil(8);
        for (number, document) in documents.iter().enumerate() {
            let beyond = document.key.0 - first.0;
            write_bits(&mut page[HEAD..], number * width as usize, width, beyond);
            page[notes..notes + Note::BYTES].copy_from_slice(&document.note.bytes());
            notes += Note::BYTES;
        }
        Some((first, page))
    }
}

/// A page that was read.
pub(super) struct Filled<'p> {
    first: Key,
    page: &'p Page,
    count: usize,
    width: u32,
}

impl<'p> Filled<'p> {
    /// The page whose first key this is.
    ///
    /// # Errors
    /// It is none.
    pub fn of(first: Key, page: &'p Page) -> std::io::Result<Self> {
        let count = usize::from(u16::from_be_bytes([page[0], page[1]]));
        let width = u32::from(page[2]);
        let top = (1u128 << width.min(127)) - 1;
        if count == 0
            || width > 124
            || size(count, width) > PAGE
            || first.0.checked_add(top).is_none()
        {
            return Err(damaged("a page of a list of documents is not in its form"));
        }
        Ok(Self { first, page, count, width })
    }

    pub fn len(&self) -> usize {
        self.count
    }

    fn key(&self, number: usize) -> Key {
        let at = number * self.width as usize;
        Key(self.first.0 + read_bits(&self.page[HEAD..], at, self.width))
    }

    pub fn get(&self, number: usize) -> ReportedDocument {
        let notes = HEAD + (self.count * self.width as usize).div_ceil(8);
        let at = notes + number * Note::BYTES;
        let note = [self.page[at], self.page[at + 1], self.page[at + 2]];
        ReportedDocument { key: self.key(number), note: Note::of(note) }
    }

    /// The documents of a key.
    pub fn find(&self, key: Key) -> impl Iterator<Item = ReportedDocument> {
        let (mut from, mut to) = (0, self.count);
        while from < to {
            let middle = from.midpoint(to);
            if self.key(middle) < key { from = middle + 1 } else { to = middle }
        }
        (from..self.count).map(|n| self.get(n)).take_while(move |d| d.key == key)
    }
}

/// Sixteen bytes from there on, as far as there are so many.
fn word(bytes: &[u8], from: usize) -> u128 {
    match bytes.get(from..from + 16) {
        Some(word) => u128::from_le_bytes(word.try_into().expect("sixteen bytes")),
        None => {
            let mut word = [0; 16];
            let rest = bytes.get(from..).unwrap_or_default();
            word[..rest.len()].copy_from_slice(rest);
            u128::from_le_bytes(word)
        }
    }
}

fn read_bits(bytes: &[u8], at: usize, width: u32) -> u128 {
    let (from, shift) = (at / 8, at % 8);
    let mut value = word(bytes, from) >> shift;
    // Seven bits and the greatest width are more than sixteen bytes.
    if width as usize + shift > 128 {
        value |= u128::from(bytes.get(from + 16).copied().unwrap_or(0)) << (128 - shift);
    }
    value & (1u128 << width).wrapping_sub(1)
}

fn write_bits(bytes: &mut [u8], at: usize, width: u32, value: u128) {
    for bit in 0..width as usize {
        if value >> bit & 1 == 1 {
            bytes[(at + bit) / 8] |= 1 << ((at + bit) % 8);
        }
    }
}
