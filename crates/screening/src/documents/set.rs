//! The set: a directory of pages, and the pages.

use std::io;

use super::{Key, Output, PAGE, Page, ReportedDocument, damaged, page::Filled};

/// Where the pages of a set lie.
pub trait Pages: Send + Sync {
    /// Reads a page.
    ///
    /// # Errors
    /// It cannot be read, or is not what was written.
    fn read(&self, number: usize, page: &mut Page) -> io::Result<()>;
}

/// An exact set of documents.
pub struct DocumentSet {
    /// The first key of every page, in rising order.
    firsts: Vec<Key>,
    pages: Box<dyn Pages>,
}

impl DocumentSet {
    /// The set of these pages, by the first key of each.
    ///
    /// # Errors
    /// The keys do not rise.
    pub fn new(firsts: Vec<Key>, pages: Box<dyn Pages>) -> io::Result<Self> {
        if !firsts.is_sorted_by(|a, b| a < b) {
            return Err(damaged("the pages of a list of documents are not in their order"));
        }
        Ok(Self { firsts, pages })
    }

    /// The key made of these sixteen bytes, as [`first_bytes`](Self::first_bytes) gives them.
    pub fn first_of(bytes: [u8; 16]) -> Key {
        Key(u128::from_be_bytes(bytes))
    }

    /// A first key as it is written into a directory.
    pub fn first_bytes(first: Key) -> [u8; 16] {
        first.0.to_be_bytes()
    }

    /// What is listed under this number and issuing state: nothing, or one document of each type.
    ///
    /// # Errors
    /// Its page cannot be read.
    pub fn find(&self, key: Key) -> io::Result<Vec<ReportedDocument>> {
        let Some(number) = self.firsts.partition_point(|first| *first <= key).checked_sub(1) else {
            return Ok(Vec::new());
        };
        let mut page = [0; PAGE];
        self.pages.read(number, &mut page)?;
        Ok(Filled::of(self.firsts[number], &page)?.find(key).collect())
    }

    /// All documents, in the order of their keys.
    pub fn entries(&self) -> Entries<'_> {
        Entries { set: self, page: 0, read: Vec::new().into_iter() }
    }

    /// How much memory it takes, without pages that lie in memory.
    pub fn bytes(&self) -> usize {
        self.firsts.capacity() * size_of::<Key>()
    }
}

/// All documents of a set, page by page.
pub struct Entries<'s> {
    set: &'s DocumentSet,
    page: usize,
    read: std::vec::IntoIter<ReportedDocument>,
}

impl Entries<'_> {
    fn more(&mut self) -> io::Result<Option<ReportedDocument>> {
        loop {
            if let Some(document) = self.read.next() {
                return Ok(Some(document));
            }
            let Some(first) = self.set.firsts.get(self.page) else { return Ok(None) };
            let mut page = [0; PAGE];
            self.set.pages.read(self.page, &mut page)?;
            let filled = Filled::of(*first, &page)?;
            self.read = (0..filled.len()).map(|n| filled.get(n)).collect::<Vec<_>>().into_iter();
            self.page += 1;
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = io::Result<ReportedDocument>;

    fn next(&mut self) -> Option<Self::Item> {
        let more = self.more();
        if more.is_err() {
            self.page = self.set.firsts.len();
        }
        more.transpose()
    }
}

/// Pages in memory: for lists that are small, and for what is new on a large one.
#[derive(Default)]
pub struct InMemory {
    firsts: Vec<Key>,
    pages: Vec<Page>,
}

impl Output for InMemory {
    fn page(&mut self, first: Key, page: &Page) -> io::Result<()> {
        self.firsts.push(first);
        self.pages.push(*page);
        Ok(())
    }
}

impl Pages for Vec<Page> {
    fn read(&self, number: usize, page: &mut Page) -> io::Result<()> {
        *page = *self.get(number).ok_or_else(|| damaged("there is no such page"))?;
        Ok(())
    }
}

impl InMemory {
    /// The set of these pages.
    ///
    /// # Errors
    /// They did not come in their order.
    pub fn set(self) -> io::Result<DocumentSet> {
        DocumentSet::new(self.firsts, Box::new(self.pages))
    }
}

/// How a document stands in a newer set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Became {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Another reason or day is given.
    Changed,
}

/// Tells `see` of each document what became of it from one set to another; of those of which
/// nothing has changed, nothing. Of what was changed, what the newer says.
///
/// # Errors
/// A page cannot be read.
pub fn compare(
    before: &DocumentSet,
    now: &DocumentSet,
    see: &mut dyn FnMut(Became, ReportedDocument),
) -> io::Result<()> {
    let (mut before, mut now) = (before.entries(), now.entries());
    let (mut old, mut new) = (before.more()?, now.more()?);
    let order = |d: &ReportedDocument| (d.key, d.note.kind());
    loop {
        match (old, new) {
            (None, None) => return Ok(()),
            (Some(was), is) if is.is_none_or(|is| order(&was) < order(&is)) => {
                see(Became::Removed, was);
                old = before.more()?;
            }
            (was, Some(is)) if was.is_none_or(|was| order(&is) < order(&was)) => {
                see(Became::Added, is);
                new = now.more()?;
            }
            (was, is) => {
                if let Some(is) = is.filter(|is| was != Some(*is)) {
                    see(Became::Changed, is);
                }
                (old, new) = (before.more()?, now.more()?);
            }
        }
    }
}
