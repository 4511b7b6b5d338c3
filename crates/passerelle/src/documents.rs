//! Lists of documents on the disk (`docs/formats/documents.md`).
//!
//! | bytes | |
//! |---|---|
//! | 1,024 each | the pages ([`screening::documents`]) |
//! | 24 for each page | the directory: the page's first key, and the first 8 bytes of its SHA-256 |
//! | 64 | the end: `passerelle docs1`, how many documents and pages (8 bytes each, big endian), SHA-256 of the file that was loaded |
//!
//! The digest of directory and end is the list's, and stands in the store and in the log. They are read and checked when the
//! list is taken up; a page is, each time it is read. So a list of any size is ready at once,
//! takes 40 bytes of memory for each page, and neither a damaged disk nor a changed file goes
//! unnoticed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use audit::Digest;
use aws_lc_rs::digest::{self, SHA256};
use screening::documents::{
    DocumentSet, DocumentsRead, Key, Output, PAGE, Page, Pages, Runs, Sorted, Sorter,
};

const MAGIC: &[u8; 16] = b"passerelle docs1";
const END: u64 = 64;
/// A page's row in the directory: its first key, and the beginning of its digest.
const ROW: usize = 24;
/// So many documents are sorted at a time, in a hundred megabytes.
const AT_ONCE: usize = 4 << 20;
/// After so many it is said how far it has come.
const PROGRESS: u64 = 10_000_000;
const MADE_IN: &str = ".being-made-";

/// A list that was made.
pub struct Made {
    /// Its digest.
    pub digest: Digest,
    /// SHA-256 of the file it was made of.
    pub source: Digest,
    /// How many documents are on it, and how many were said again.
    pub sorted: Sorted,
    /// What the reader found.
    pub read: DocumentsRead,
    /// How many bytes it has on the disk.
    pub bytes: u64,
    folder: Folder,
}

/// Makes a list from a file, in little memory; what it works with lies below `place`.
///
/// # Errors
/// The file is no list of documents, or the disk refuses.
pub fn make(source: impl Read, place: &Path) -> Result<Made> {
    let folder = Folder::below(place)?;
    let mut source = Counted { source, digest: digest::Context::new(&SHA256) };
    let mut sorter = Sorter::new(RunFiles { folder: folder.0.clone(), kept: 0 }, AT_ONCE);
    let mut seen = 0u64;
    let read =
        screening::documents::read(BufReader::with_capacity(1 << 20, &mut source), &mut |d| {
            seen += 1;
            if seen.is_multiple_of(PROGRESS) {
                eprintln!("{} million documents read", seen / 1_000_000);
            }
            sorter.add(d)
        })?;
    let path = folder.list();
    let mut out =
        Writing { file: BufWriter::with_capacity(1 << 20, secret(&path)?), directory: Vec::new() };
    if seen >= PROGRESS {
        eprintln!("{seen} documents read; they are put in their order");
    }
    let sorted = sorter.finish(&mut out)?;
    let source = source.digest.finish();
    let source = Digest(source.as_ref().try_into().expect("SHA-256 has 32 bytes"));
    let (digest, bytes) = out.end(sorted.entries, source)?;
    Ok(Made { digest, source, sorted, read, bytes, folder })
}

impl Made {
    /// The set, as it lies now.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(&self) -> Result<DocumentSet> {
        open(&self.folder.list(), self.digest)
    }

    /// Puts the list where it is to stay.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn keep(self, path: &Path) -> Result<()> {
        fs::rename(self.folder.list(), path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// Opens a list whose digest this is.
///
/// # Errors
/// It cannot be read, is damaged, or is another.
pub fn open(path: &Path, digest: Digest) -> Result<DocumentSet> {
    let shown = path.display();
    let mut file = File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let size = file.metadata()?.len();
    let (pages, end) = end_of(&mut file, size).with_context(|| {
        format!("{shown} is no list of documents, or is cut off; load it again")
    })?;
    let mut directory = vec![0; pages as usize * ROW];
    file.read_exact_at(&mut directory, pages * PAGE as u64)
        .with_context(|| format!("{shown} cannot be read"))?;
    ensure!(
        Digest::of_parts(&[&directory, &end]) == digest,
        "{shown} was changed since it was loaded; load it again"
    );
    let rows = directory.chunks_exact(ROW);
    let firsts = rows.clone().map(|row| {
        let (first, _) = row.split_at(16);
        DocumentSet::first_of(first.try_into().expect("sixteen bytes"))
    });
    let digests = rows.map(|row| row[16..].try_into().expect("eight bytes")).collect();
    let pages = OnDisk { file, digests };
    Ok(DocumentSet::new(firsts.collect(), Box::new(pages))?)
}

/// How many pages a file of this size says that it has, and its end.
fn end_of(file: &mut File, size: u64) -> Option<(u64, [u8; END as usize])> {
    let mut end = [0; END as usize];
    file.seek(SeekFrom::Start(size.checked_sub(END)?)).ok()?;
    file.read_exact(&mut end).ok()?;
    let pages = u64::from_be_bytes(end[24..32].try_into().ok()?);
    let whole = pages.checked_mul((PAGE + ROW) as u64)?.checked_add(END)?;
    (end.starts_with(MAGIC) && whole == size).then_some((pages, end))
}

/// Pages of a file, each checked when it is read.
struct OnDisk {
    file: File,
    digests: Vec<[u8; 8]>,
}

impl Pages for OnDisk {
    fn read(&self, number: usize, page: &mut Page) -> io::Result<()> {
        self.file.read_exact_at(page, (number * PAGE) as u64)?;
        match self.digests.get(number) {
            Some(digest) if Digest::of(page).0.starts_with(digest) => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("page {number} is not what was written; load the list again"),
            )),
        }
    }
}

/// A list that is being written.
struct Writing {
    file: BufWriter<File>,
    directory: Vec<u8>,
}

impl Output for Writing {
    fn page(&mut self, first: Key, page: &Page) -> io::Result<()> {
        self.directory.extend_from_slice(&DocumentSet::first_bytes(first));
        self.directory.extend_from_slice(&Digest::of(page).0[..8]);
        self.file.write_all(page)
    }
}

impl Writing {
    fn end(mut self, entries: u64, source: Digest) -> Result<(Digest, u64)> {
        let pages = (self.directory.len() / ROW) as u64;
        let mut end = MAGIC.to_vec();
        end.extend_from_slice(&entries.to_be_bytes());
        end.extend_from_slice(&pages.to_be_bytes());
        end.extend_from_slice(&source.0);
        self.file.write_all(&self.directory)?;
        self.file.write_all(&end)?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((Digest::of_parts(&[&self.directory, &end]), file.metadata()?.len()))
    }
}

/// What is read is digested.
struct Counted<R> {
    source: R,
    digest: digest::Context,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.digest.update(&into[..read]);
        Ok(read)
    }
}

/// Runs in files.
struct RunFiles {
    folder: PathBuf,
    kept: usize,
}

impl RunFiles {
    fn path(&self, number: usize) -> PathBuf {
        self.folder.join(format!("run-{number}"))
    }
}

impl Runs for RunFiles {
    fn keep(&mut self, run: Vec<u8>) -> io::Result<()> {
        secret(&self.path(self.kept))?.write_all(&run)?;
        self.kept += 1;
        Ok(())
    }

    fn open(&mut self) -> io::Result<Vec<Box<dyn Read + '_>>> {
        let open = |number| Ok(Box::new(File::open(self.path(number))?) as Box<dyn Read>);
        (0..self.kept).map(open).collect()
    }
}

/// A folder that goes when it is no longer needed.
struct Folder(PathBuf);

impl Folder {
    /// One of this process; what a process that was killed has left there goes first.
    fn below(place: &Path) -> Result<Self> {
        fs::create_dir_all(place)?;
        for left in fs::read_dir(place)?.flatten() {
            let name = left.file_name();
            let of = name.to_str().and_then(|name| name.strip_prefix(MADE_IN));
            if of.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
                fs::remove_dir_all(left.path())?;
            }
        }
        let folder = place.join(format!("{MADE_IN}{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self(folder))
    }

    fn list(&self) -> PathBuf {
        self.0.join("list")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the next list is made.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn secret(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests;
