//! Sorting more documents than memory holds: runs that are sorted, kept aside, and merged.
//!
//! A run is what each key is beyond the one before, seven bits to a byte, the lowest first, with
//! the topmost bit set where more follow; and the three bytes of what was reported.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io::{self, BufReader, Read},
};

use super::{Key, Note, Page, ReportedDocument, damaged, page::Filling};

/// Where runs are kept aside.
pub trait Runs {
    /// Keeps a run.
    ///
    /// # Errors
    /// It cannot be kept: the disk is full, say.
    fn keep(&mut self, run: Vec<u8>) -> io::Result<()>;
    /// Opens all that were kept.
    ///
    /// # Errors
    /// One cannot be read.
    fn open(&mut self) -> io::Result<Vec<Box<dyn Read + '_>>>;
}

/// In memory: for lists that are small enough.
#[derive(Default)]
pub struct RunsInMemory(Vec<Vec<u8>>);

impl Runs for RunsInMemory {
    fn keep(&mut self, run: Vec<u8>) -> io::Result<()> {
        self.0.push(run);
        Ok(())
    }

    fn open(&mut self) -> io::Result<Vec<Box<dyn Read + '_>>> {
        Ok(self.0.iter().map(|run| Box::new(run.as_slice()) as Box<dyn Read + '_>).collect())
    }
}

/// Where pages go, one after the other.
pub trait Output {
    /// Takes a page and its first key.
    ///
    /// # Errors
    /// It cannot be written.
    fn page(&mut self, first: Key, page: &Page) -> io::Result<()>;
}

/// What was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sorted {
    /// How many documents.
    pub entries: u64,
    /// How many were said again, by number, issuing state and type; the latest report counts.
    pub repeated: u64,
}

/// Sorts documents and makes pages of them, each document once.
pub struct Sorter<R> {
    runs: R,
    /// So many are sorted at a time.
    at_once: usize,
    open: Vec<Packed>,
}

impl<R: Runs> Sorter<R> {
    /// Sorts so many documents at a time; each takes 24 bytes meanwhile.
    pub fn new(runs: R, at_once: usize) -> Self {
        Self { runs, at_once: at_once.max(1), open: Vec::new() }
    }

    /// Takes a document.
    ///
    /// # Errors
    /// A run cannot be kept.
    pub fn add(&mut self, document: ReportedDocument) -> io::Result<()> {
        self.open.push(Packed::of(document));
        if self.open.len() >= self.at_once { self.keep() } else { Ok(()) }
    }

    fn keep(&mut self) -> io::Result<()> {
        self.open.sort_unstable();
        let mut run = Vec::with_capacity(self.open.len() * 10);
        let mut before = 0;
        for document in self.open.drain(..).map(Packed::document) {
            write_number(&mut run, document.key.0 - before);
            run.extend_from_slice(&document.note.bytes());
            before = document.key.0;
        }
        self.runs.keep(run)
    }

    /// Merges all that was taken.
    ///
    /// # Errors
    /// A run cannot be read again, or a page not be written.
    pub fn finish(mut self, out: &mut dyn Output) -> io::Result<Sorted> {
        if !self.open.is_empty() {
            self.keep()?;
        }
        self.open = Vec::new();
        let mut merged = Merged::of(self.runs.open()?)?;
        let (mut page, mut sorted) = (Filling::default(), Sorted::default());
        let mut same: Vec<ReportedDocument> = Vec::new();
        while let Some(document) = merged.next()? {
            if same.first().is_some_and(|first| first.key != document.key) {
                put(&mut page, &same, out)?;
                sorted.entries += same.len() as u64;
                same.clear();
            }
            match same.last_mut().filter(|last| last.note.kind() == document.note.kind()) {
                Some(last) => {
                    if document.note.day() >= last.note.day() {
                        *last = document;
                    }
                    sorted.repeated += 1;
                }
                None => same.push(document),
            }
        }
        put(&mut page, &same, out)?;
        sorted.entries += same.len() as u64;
        if let Some((first, page)) = page.take() {
            out.page(first, &page)?;
        }
        Ok(sorted)
    }
}

/// Those of one key lie on one page.
fn put(filling: &mut Filling, same: &[ReportedDocument], out: &mut dyn Output) -> io::Result<()> {
    if !filling.add(same) {
        if let Some((first, page)) = filling.take() {
            out.page(first, &page)?;
        }
        filling.add(same);
    }
    Ok(())
}

/// As it lies in memory while it is sorted, in 24 bytes and not 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Packed {
    upper: u64,
    lower: u64,
    note: Note,
}

impl Packed {
    fn of(document: ReportedDocument) -> Self {
        let key = document.key.0;
        Self { upper: (key >> 64) as u64, lower: key as u64, note: document.note }
    }

    fn document(self) -> ReportedDocument {
        let key = u128::from(self.upper) << 64 | u128::from(self.lower);
        ReportedDocument { key: Key(key), note: self.note }
    }
}

fn write_number(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A run that is read.
struct Run<'r> {
    from: BufReader<Box<dyn Read + 'r>>,
    before: u128,
}

impl Run<'_> {
    fn next(&mut self) -> io::Result<Option<ReportedDocument>> {
        let Some(mut byte) = self.byte()? else { return Ok(None) };
        let (mut beyond, mut shift) = (0u128, 0);
        loop {
            beyond |= u128::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            let next = self.byte()?.filter(|_| shift < 126);
            byte = next.ok_or_else(|| damaged("a run of sorted documents is not in its form"))?;
        }
        let mut note = [0; Note::BYTES];
        self.from.read_exact(&mut note)?;
        self.before = self.before.wrapping_add(beyond);
        Ok(Some(ReportedDocument { key: Key(self.before), note: Note::of(note) }))
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        Ok((self.from.read(&mut byte)? > 0).then_some(byte[0]))
    }
}

/// All runs, in one order.
struct Merged<'r> {
    runs: Vec<Run<'r>>,
    next: BinaryHeap<Reverse<(Packed, usize)>>,
}

impl<'r> Merged<'r> {
    fn of(runs: Vec<Box<dyn Read + 'r>>) -> io::Result<Self> {
        let open = |from| Run { from: BufReader::with_capacity(1 << 16, from), before: 0 };
        let mut runs: Vec<Run<'r>> = runs.into_iter().map(open).collect();
        let mut next = BinaryHeap::with_capacity(runs.len());
        for (number, run) in runs.iter_mut().enumerate() {
            next.extend(run.next()?.map(|d| Reverse((Packed::of(d), number))));
        }
        Ok(Self { runs, next })
    }

    fn next(&mut self) -> io::Result<Option<ReportedDocument>> {
        let Some(mut least) = self.next.peek_mut() else { return Ok(None) };
        let Reverse((document, number)) = *least;
        match self.runs[number].next()? {
            Some(after) => *least = Reverse((Packed::of(after), number)),
            None => _ = std::collections::binary_heap::PeekMut::pop(least),
        }
        Ok(Some(document.document()))
    }
}
