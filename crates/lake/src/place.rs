//! Where the files of a lake lie.

use std::{
    fs,
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::Timestamp;

use crate::LakeError;

/// A file, as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name, below the place.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// When it was written, by the clock of the place.
    pub written: Timestamp,
}

/// Somewhere that files can be put, once each, under names of the form `month/file`.
pub trait Place: Send + Sync {
    /// Where it is, in words without a secret.
    fn describe(&self) -> String;
    /// How many reads are worth doing at the same time.
    fn at_once(&self) -> usize;
    /// Writes a file; it is there, whole and durable, or not at all.
    ///
    /// # Errors
    /// The disk or the server refuses.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), LakeError>;
    /// Reads a range of a file.
    ///
    /// # Errors
    /// It is not there ([`LakeError::Missing`]); the disk or the server refuses.
    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, LakeError>;
    /// Removes a file; nothing when it is not there.
    ///
    /// # Errors
    /// The disk or the server refuses.
    fn remove(&self, name: &str) -> Result<(), LakeError>;
    /// Every file, in the order of their names.
    ///
    /// # Errors
    /// The disk or the server refuses.
    fn list(&self) -> Result<Vec<Object>, LakeError>;
}

/// A directory of this machine.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
}

/// The end of a name under which a file is written before it is whole.
const UNFINISHED: &str = ".tmp";

impl Disk {
    /// The directory; it is made when something is put into it.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn failed(&self, e: &std::io::Error) -> LakeError {
        LakeError::Place { place: self.describe(), why: e.to_string() }
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let month = file.parent().unwrap_or(&self.root);
        if !month.exists() {
            fs::create_dir_all(month)?;
            fs::File::open(&self.root)?.sync_all()?;
        }
        let mut name = file.as_os_str().to_owned();
        name.push(UNFINISHED);
        let mut made = fs::File::create(&name)?;
        made.write_all(bytes)?;
        made.sync_all()?;
        fs::rename(&name, file)?;
        fs::File::open(month)?.sync_all()
    }

    fn found(&self, dir: &Path, below: &str, all: &mut Vec<Object>) -> std::io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            let meta = entry.metadata()?;
            if meta.is_dir() {
                self.found(&entry.path(), &format!("{name}/"), all)?;
                continue;
            }
            let written = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let written = Timestamp::try_from(written).unwrap_or(Timestamp::UNIX_EPOCH);
            all.push(Object { name, bytes: meta.len(), written });
        }
        Ok(())
    }
}

impl Place for Disk {
    fn describe(&self) -> String {
        self.root.display().to_string()
    }

    fn at_once(&self) -> usize {
        2
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), LakeError> {
        self.write(&self.root.join(name), bytes).map_err(|e| self.failed(&e))
    }

    fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, LakeError> {
        let mut file = match fs::File::open(self.root.join(name)) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                return Err(LakeError::Missing(name.to_owned()));
            }
            Err(e) => return Err(self.failed(&e)),
        };
        let length = range.end.saturating_sub(range.start);
        let mut bytes = Vec::with_capacity(length as usize);
        file.seek(SeekFrom::Start(range.start))
            .and_then(|_| file.take(length).read_to_end(&mut bytes))
            .map_err(|e| self.failed(&e))?;
        Ok(bytes)
    }

    fn remove(&self, name: &str) -> Result<(), LakeError> {
        match fs::remove_file(self.root.join(name)) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(self.failed(&e)),
            _ => Ok(()),
        }
    }

    fn list(&self) -> Result<Vec<Object>, LakeError> {
        let mut all = Vec::new();
        if self.root.exists() {
            self.found(&self.root, "", &mut all).map_err(|e| self.failed(&e))?;
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn files_come_and_go_and_what_is_not_there_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let place = Disk::new(&dir.path().join("lake"));
        assert_eq!(place.list().unwrap(), []);
        place.put("2026-09/b", b"0123456789").unwrap();
        place.put("2026-09/a", b"x").unwrap();
        place.put("2026-09/a", b"yz").unwrap();
        assert_eq!(place.read("2026-09/b", 3..6).unwrap(), b"345");
        assert_eq!(place.read("2026-09/b", 8..20).unwrap(), b"89");
        let names: Vec<_> = place.list().unwrap().into_iter().map(|o| (o.name, o.bytes)).collect();
        assert_eq!(names, [("2026-09/a".to_owned(), 2), ("2026-09/b".to_owned(), 10)]);
        place.remove("2026-09/b").unwrap();
        place.remove("2026-09/b").unwrap();
        assert!(place.read("2026-09/b", 0..1).unwrap_err().is_missing());
    }
}
