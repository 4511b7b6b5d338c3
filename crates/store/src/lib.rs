//! Durable state: what was received, kept, decided and sent, and the log of it all.
//!
//! One file (SQLite, write-ahead log, every commit synced). Lists, originals and
//! explanations are sealed under keys that hang on the key of a service day; nothing
//! about a person stands in a column. All writes go through [`Batch`]es of [`Change`]s
//! with their events, by one writer that commits many together.
//!
//! The clock is handed in with every call.
#![warn(missing_docs)]

mod apply;
pub mod authority;
mod backup;
mod change;
mod error;
pub mod inspect;
mod keeping;
mod keys;
mod read;
pub mod rows;
mod schema;
mod sealed;
mod writer;

use std::path::{Path, PathBuf};

use audit::{LogKey, LogPublicKey};
use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

pub use backup::{KeptKey, Restored, restore};
pub use change::{Batch, Change, Outcome};
pub use error::StoreError;
pub use keeping::NewCase;
pub use keys::{CARRIERS, key_name};
pub use read::{Counts, Disclosed, Quality};
pub use sealed::Secret;

use keys::Keys;
use writer::Writer;

/// A node's durable state.
pub struct Store {
    path: PathBuf,
    keys: Keys,
    log: LogPublicKey,
    writer: Mutex<Writer>,
    readers: Mutex<Vec<Connection>>,
}

impl Store {
    /// Makes the store of a new node.
    ///
    /// # Errors
    /// There is one already, or the disk refuses.
    pub fn create(
        dir: &Path,
        state: &str,
        node_key: Secret,
        log_key: LogKey,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let path = dir.join("passerelle.db");
        if path.exists() {
            return Err(StoreError::Place(format!("there is a store already: {}", path.display())));
        }
        let origin = log_key.public().origin.clone();
        let store = Self::start(path, node_key, log_key, true)?;
        let made = audit::Event::KeyMade { key: "node".to_owned() };
        store.commit(Batch::new(
            vec![Change::Node { origin, state: state.to_owned(), at }],
            vec![audit::Logged::new(at, audit::Actor::Node, made)],
        ))?;
        Ok(store)
    }

    /// Opens the store of a node, bringing an older file up to date.
    ///
    /// # Errors
    /// There is none, it is of a newer program, or of another log.
    pub fn open(dir: &Path, node_key: Secret, log_key: LogKey) -> Result<Self, StoreError> {
        let path = dir.join("passerelle.db");
        if !path.exists() {
            return Err(StoreError::Place(format!("there is no store at {}", path.display())));
        }
        let expected = log_key.public().origin.clone();
        let store = Self::start(path, node_key, log_key, false)?;
        let origin: String =
            store.read(|db| Ok(db.query_row("SELECT origin FROM node", [], |r| r.get(0))?))?;
        if origin != expected {
            return Err(StoreError::Place(format!(
                "this store's log is {origin}, and the key is of {expected}"
            )));
        }
        Ok(store)
    }

    fn start(path: PathBuf, node_key: Secret, key: LogKey, new: bool) -> Result<Self, StoreError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if new {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let mut db = Connection::open_with_flags(&path, flags)?;
        db.set_prepared_statement_cache_capacity(128);
        schema::configure(&db)?;
        schema::migrate(&mut db)?;
        let log = key.public().clone();
        Ok(Self {
            path,
            keys: Keys::new(node_key),
            log,
            writer: Mutex::new(Writer::start(db, key)),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// Does a batch: all of it, durably, with its events under a signed checkpoint,
    /// or nothing. Blocks until then.
    ///
    /// # Errors
    /// What the database refused; nothing of the batch was done.
    pub fn commit(&self, batch: Batch) -> Result<Outcome, StoreError> {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        self.commit_then(batch, move |outcome| {
            // Nobody listens any more only when the caller's thread is gone.
            let _ = tell.send(outcome);
        });
        told.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Does a batch, and calls `then` from the writer's thread when it is durable or
    /// refused. `then` must not block.
    pub fn commit_then(
        &self,
        batch: Batch,
        then: impl FnOnce(Result<Outcome, StoreError>) + Send + 'static,
    ) {
        self.writer.lock().submit(batch, Box::new(then));
    }

    /// Reads with a connection of the pool.
    ///
    /// # Errors
    /// Whatever `work` gives, or the database does not open.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let pooled = self.readers.lock().pop();
        let db = match pooled {
            Some(db) => db,
            None => self.reader()?,
        };
        let result = work(&db);
        let mut readers = self.readers.lock();
        if readers.len() < 16 {
            readers.push(db);
        }
        result
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.path, flags)?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(db)
    }

    /// The key by which the log is checked.
    pub fn log_key(&self) -> &LogPublicKey {
        &self.log
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes all that waits, and takes nothing more.
    pub fn close(&self) {
        self.writer.lock().close();
    }
}
