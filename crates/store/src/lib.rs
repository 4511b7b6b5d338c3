//! Durable state: what was received, kept, decided and sent, and the log of it all.
//!
//! One file (SQLite, write-ahead log, every commit synced), or a schema on a PostgreSQL
//! server, where `postgres.url` in the store's directory names one. Lists, originals and
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
mod cold;
pub mod db;
mod error;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod faults;
pub mod inspect;
mod keeping;
mod keys;
mod postings;
mod read;
mod removing;
pub mod rows;
mod schema;
mod sealed;
mod writer;

/// The tests of this crate use what those beside it use, under the same names.
#[cfg(test)]
extern crate self as store;
#[cfg(test)]
#[allow(clippy::unwrap_used, dead_code)]
#[path = "../tests/conformance"]
mod conformance {
    pub mod world;
}
#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "../tests/server/mod.rs"]
mod server;

use std::{path::Path, sync::Arc};

use audit::{LogKey, LogPublicKey};
use jiff::Timestamp;
use lake::{Disk, Place};
use parking_lot::{Mutex, RwLock};

pub use backup::{KeptKey, Restored, put_aside, restore};
pub use change::{Batch, Change, Outcome, POINTS};
pub use cold::{LakeCheck, LakePart, LakeStatus, NewPart};
pub use error::StoreError;
pub use keeping::NewCase;
pub use keys::{CARRIERS, key_name};
pub use postings::{Found, Projected, Segment};
pub use read::{Counts, Disclosed, Quality};
pub use removing::{Attached, GoneOver, Leaving, ListAnew, SubmissionAnew, numbered, numbers};
pub use sealed::Secret;

use db::{Database, Location, Session, Sql};
use keys::Keys;
use writer::Writer;

/// A node's durable state.
pub struct Store {
    database: Arc<dyn Database>,
    keys: Keys,
    log: LogPublicKey,
    writer: Mutex<Writer>,
    /// As whom this process serves, once it does.
    serving: Arc<Mutex<Option<String>>>,
    readers: Mutex<Vec<Box<dyn Session>>>,
    /// Where the files of the lake are.
    lake: RwLock<Arc<dyn Place>>,
}

/// Writes down that the store of `dir` is, or is to be, on a server: an address
/// (`postgres://user@host/database`), with its password if it needs one; and in the lines
/// after it the certificate (PEM) of the authority that answers for the server's, unless the
/// server is on this machine.
///
/// # Errors
/// It is no address; the disk refuses.
pub fn set_address(dir: &Path, address: &str) -> Result<(), StoreError> {
    db::postgres::Server::new(address)?;
    let file = dir.join(db::ADDRESS);
    let failed = |e: std::io::Error| StoreError::Place(format!("{}: {e}", file.display()));
    // The directory is the node's alone; this is for whoever loosens that.
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut made = options.open(&file).map_err(failed)?;
    std::io::Write::write_all(&mut made, address.as_bytes()).map_err(failed)?;
    made.sync_all().map_err(failed)
}

/// Where the store of `dir` is, in words that hold no secret; nothing when it is not there.
///
/// # Errors
/// The server does not answer; its address is none.
pub fn place(dir: &Path) -> Result<Option<String>, StoreError> {
    let database = Location::of(dir)?.database()?;
    Ok(database.exists()?.then(|| database.place()))
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
        let database = Location::of(dir)?.database()?;
        if database.exists()? {
            let text = format!("there is a store already: {}", database.place());
            return Err(StoreError::Place(text));
        }
        let origin = log_key.public().origin.clone();
        let store = Self::start((database, dir), node_key, log_key, true)?;
        let made = audit::Event::KeyMade { key: "node".to_owned() };
        store.commit(Batch::new(
            vec![Change::Node { origin, state: state.to_owned(), at }],
            vec![audit::Logged::new(at, audit::Actor::Node, made)],
        ))?;
        Ok(store)
    }

    /// Opens the store of a node, bringing older tables up to date.
    ///
    /// # Errors
    /// There is none, it is of a newer program, or of another log.
    pub fn open(dir: &Path, node_key: Secret, log_key: LogKey) -> Result<Self, StoreError> {
        let database = Location::of(dir)?.database()?;
        if !database.exists()? {
            return Err(StoreError::Place(format!("there is no store at {}", database.place())));
        }
        let expected = log_key.public().origin.clone();
        let store = Self::start((database, dir), node_key, log_key, false)?;
        let origin: Option<String> =
            store.read(|db| db.row("SELECT origin FROM node", &[], |r| r.get(0)))?;
        let origin = origin.unwrap_or_default();
        if origin != expected {
            return Err(StoreError::Place(format!(
                "this store's log is {origin:?}, and the key is of {expected}"
            )));
        }
        Ok(store)
    }

    fn start(
        (database, dir): (Box<dyn Database>, &Path),
        node_key: Secret,
        key: LogKey,
        new: bool,
    ) -> Result<Self, StoreError> {
        let database: Arc<dyn Database> = database.into();
        let session = database.writer(new)?;
        let log = key.public().clone();
        let serving = Arc::new(Mutex::new(None));
        let writer = Writer::start(database.clone(), session, (key, serving.clone()));
        Ok(Self {
            keys: Keys::new(node_key),
            log,
            writer: Mutex::new(writer),
            serving,
            readers: Mutex::new(Vec::new()),
            lake: RwLock::new(Arc::new(Disk::new(&dir.join("lake")))),
            database,
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

    /// Serves the store as `holder` until then, or goes on doing so. One at a time: two nodes
    /// would give one number of a stream to two parcels. From now on this store writes
    /// nothing once another holder has taken over, however late it hears of it.
    ///
    /// # Errors
    /// Another one serves it ([`StoreError::Conflict`]), or has taken over since
    /// ([`StoreError::Replaced`]).
    pub fn serve_as(
        &self,
        holder: &str,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let change = Change::Serving { holder: holder.to_owned(), at, until };
        self.commit(Batch::new(vec![change], Vec::new()))?;
        *self.serving.lock() = Some(holder.to_owned());
        Ok(())
    }

    /// Reads with a connection of the pool.
    ///
    /// # Errors
    /// Whatever `work` gives, or the database does not open.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&dyn Sql) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_reader(|session| work(session))
    }

    /// Reads several things as they are at one moment.
    pub(crate) fn at_one_moment<T>(
        &self,
        work: impl FnOnce(&dyn Sql) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_reader(|session| {
            session.begin_reading()?;
            let done = work(session);
            let ended = session.execute("COMMIT", &[]);
            done.and_then(|done| ended.map(|_| done))
        })
    }

    fn with_reader<T>(
        &self,
        work: impl FnOnce(&dyn Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut pooled = self.readers.lock().pop();
        while pooled.as_ref().is_some_and(|session| !session.usable()) {
            pooled = self.readers.lock().pop();
        }
        let session = match pooled {
            Some(session) => session,
            None => self.database.reader()?,
        };
        let result = work(&*session);
        let mut readers = self.readers.lock();
        if readers.len() < 16 && session.usable() {
            readers.push(session);
        }
        result
    }

    /// The key by which the log is checked.
    pub fn log_key(&self) -> &LogPublicKey {
        &self.log
    }

    /// Where it is, in words that hold no secret.
    pub fn place(&self) -> String {
        self.database.place()
    }

    /// How much it has on the disk, in bytes.
    ///
    /// # Errors
    /// A server does not tell.
    pub fn size_bytes(&self) -> Result<u64, StoreError> {
        self.database.size()
    }

    /// Writes all that waits, and takes nothing more.
    pub fn close(&self) {
        self.writer.lock().close();
    }
}
