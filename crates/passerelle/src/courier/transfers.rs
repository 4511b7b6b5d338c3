//! Parcels that come in chunks, until they are whole.
//!
//! A file for each, below `transfers/` in the node's directory: sealed bytes, of which nothing
//! is looked at before the last chunk has come, and which nobody but their sender can go on
//! with. A chunk is on the disk before it is answered. A partner has [`AT_ONCE`] of them at the
//! most; one that it begins anew displaces the one on which nothing has come for longest. What
//! is lost here is sent again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    time::SystemTime,
};

use exchange::{Chunk, Offered};

use crate::node::Node;

/// So many parcels of one partner may be under way in chunks: bounds the disk to so many times
/// the longest parcel.
const AT_ONCE: usize = 2;

/// The parcels of a partner that are under way.
pub(crate) struct Transfers {
    dir: PathBuf,
}

/// What became of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// So many bytes are here now.
    Have(usize),
    /// Another is to come: so many bytes are here.
    Elsewhere(usize),
    /// The parcel is whole.
    Whole(Vec<u8>),
    /// Nothing is kept: of another length, or not what was sent.
    Wrong,
}

impl Transfers {
    /// Those of the partner of that state.
    pub(super) fn of(node: &Node, partner: &str) -> Self {
        Self { dir: node.layout().root().join("transfers").join(partner) }
    }

    fn file(&self, offered: &Offered) -> PathBuf {
        self.dir.join(offered.path().replace('/', "-"))
    }

    /// How many bytes of it are here.
    pub(super) fn have(&self, offered: &Offered) -> io::Result<usize> {
        match fs::metadata(self.file(offered)) {
            Ok(file) => Ok(offered.held(file.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(e) => Err(e),
        }
    }

    /// Adds a chunk; it is durable when this returns.
    pub(super) fn add(
        &self,
        offered: &Offered,
        at: usize,
        (chunk, said): (&[u8], Option<&str>),
    ) -> io::Result<Added> {
        let have = self.have(offered)?;
        match offered.judge(have, at, chunk, said) {
            Chunk::Elsewhere => return Ok(Added::Elsewhere(have)),
            Chunk::Wrong => return Ok(Added::Wrong),
            Chunk::Next => {}
        }
        let path = self.file(offered);
        if have == 0 {
            self.make_room(offered)?;
        }
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        // What was being written when the node died is no chunk.
        file.set_len(have as u64)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(chunk)?;
        file.sync_data()?;
        if have == 0 {
            File::open(&self.dir)?.sync_all()?;
        }
        let have = have + chunk.len();
        if offered.next(have).is_none_or(|next| !next.is_empty()) {
            return Ok(Added::Have(have));
        }
        let mut whole = Vec::with_capacity(have);
        file.rewind()?;
        file.read_to_end(&mut whole)?;
        if offered.is(&whole) {
            return Ok(Added::Whole(whole));
        }
        // The disk, or the partner, was wrong about one of them: it begins anew.
        self.forget(offered)?;
        Ok(Added::Wrong)
    }

    /// The parcel was answered, or is of no use.
    pub(super) fn forget(&self, offered: &Offered) -> io::Result<()> {
        match fs::remove_file(self.file(offered)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        }
    }

    /// Those of any partner with which nobody has gone on since then go: they are sent anew.
    pub(crate) fn leave(node: &Node, since: SystemTime) -> io::Result<()> {
        let files = |dir: PathBuf| match fs::read_dir(dir) {
            Ok(entries) => entries.collect::<io::Result<Vec<_>>>(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        };
        for partner in files(node.layout().root().join("transfers"))? {
            for file in files(partner.path())? {
                if file.metadata()?.modified()? < since {
                    fs::remove_file(file.path())?;
                }
            }
        }
        Ok(())
    }

    /// Room for another: those on which nothing has come for longest go.
    fn make_room(&self, offered: &Offered) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let own = self.file(offered);
        let mut others = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let last = entry.metadata()?.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if entry.path() != own {
                others.push((last, entry.path()));
            }
        }
        others.sort();
        let most = others.len().saturating_sub(AT_ONCE - 1);
        others.iter().take(most).try_for_each(|(_, path)| fs::remove_file(path))
    }
}
