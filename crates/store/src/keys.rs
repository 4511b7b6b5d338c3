//! Day keys: one for every origin and service day, wrapped under the node key.
//!
//! A day key is random, made when the first list of its day comes, and stored
//! wrapped (AES-256-GCM under the node key). Destroying it makes all lists, originals
//! and explanations of that day unreadable, here and in every backup of the store,
//! since the node key alone is of no use without the wrapped day key and backups of
//! the store hold no node key.

use std::collections::HashMap;

use audit::{Actor, Event, Logged};
use jiff::{Timestamp, civil::Date};
use parking_lot::Mutex;
use rusqlite::{OptionalExtension, params};

use crate::{
    Batch, Change, Store, StoreError,
    sealed::{self, Secret},
};

/// The origin of what carriers send; partners' states are the others.
pub const CARRIERS: &str = "carrier";

pub(crate) struct Keys {
    node: Secret,
    days: Mutex<HashMap<(String, Date), Secret>>,
}

impl Keys {
    pub(crate) fn new(node: Secret) -> Self {
        Self { node, days: Mutex::default() }
    }
}

fn key_name(origin: &str, day: Date) -> String {
    format!("{origin}/{day}")
}

impl Store {
    /// Seals something of a service day, making the day's key when it is the first.
    /// `purpose` is one word (`list`, `original`, `hit`), `id` the row's.
    ///
    /// # Errors
    /// The day's key was destroyed, or the disk refuses.
    pub fn seal(
        &self,
        (origin, day): (&str, Date),
        (purpose, id): (&'static str, &str),
        plain: &[u8],
        at: Timestamp,
    ) -> Result<Vec<u8>, StoreError> {
        let key = match self.day_key(origin, day)? {
            Some(key) => key,
            None => self.make_day_key(origin, day, at)?,
        };
        sealed::seal(&key.derive("passerelle ", &format!("{purpose} {id}")), purpose, id, plain)
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// The key is gone, or key or bytes are not the right ones.
    pub fn unseal(
        &self,
        (origin, day): (&str, Date),
        (purpose, id): (&'static str, &str),
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let key = self
            .day_key(origin, day)?
            .ok_or(StoreError::Sealed { what: purpose, why: "its day has no key" })?;
        sealed::open(&key.derive("passerelle ", &format!("{purpose} {id}")), purpose, id, sealed)
    }

    /// Destroys a day's key, for good. Gives how many lists can no longer be read.
    ///
    /// # Errors
    /// The disk refuses; then the key is still there.
    pub fn destroy_day_key(
        &self,
        origin: &str,
        day: Date,
        (rules, at): (&[String], Timestamp),
    ) -> Result<u64, StoreError> {
        let lists: i64 = self.read(|db| {
            Ok(db.query_row(
                "SELECT COUNT(*) FROM lists WHERE origin = ?1 AND day = ?2",
                params![origin, day.to_string()],
                |r| r.get(0),
            )?)
        })?;
        let event = Event::Erased {
            key: key_name(origin, day),
            lists: lists as u64,
            rules: rules.to_vec(),
        };
        self.commit(Batch::new(
            vec![Change::DestroyDayKey { origin: origin.to_owned(), day, at }],
            vec![Logged::new(at, Actor::Node, event)],
        ))?;
        self.keys.days.lock().remove(&(origin.to_owned(), day));
        Ok(lists as u64)
    }

    fn day_key(&self, origin: &str, day: Date) -> Result<Option<Secret>, StoreError> {
        let name = (origin.to_owned(), day);
        if let Some(key) = self.keys.days.lock().get(&name) {
            return Ok(Some(key.clone()));
        }
        let row: Option<Option<Vec<u8>>> = self.read(|db| {
            Ok(db
                .prepare_cached("SELECT wrapped FROM day_keys WHERE origin = ?1 AND day = ?2")?
                .query_row(params![origin, day.to_string()], |r| r.get(0))
                .optional()?)
        })?;
        let wrapped = match row {
            None => return Ok(None),
            Some(None) => {
                return Err(StoreError::Sealed {
                    what: "day key",
                    why: "it was destroyed when its clock struck",
                });
            }
            Some(Some(wrapped)) => wrapped,
        };
        let bytes = sealed::open(&self.keys.node, "day key", &key_name(origin, day), &wrapped)?;
        let key = Secret::from_slice(&bytes)
            .ok_or(StoreError::Sealed { what: "day key", why: "it has not 32 bytes" })?;
        self.keys.days.lock().insert(name, key.clone());
        Ok(Some(key))
    }

    /// Makes and stores the key of a day, unless somebody was faster.
    fn make_day_key(&self, origin: &str, day: Date, at: Timestamp) -> Result<Secret, StoreError> {
        let key = Secret::random()?;
        let name = key_name(origin, day);
        let wrapped = sealed::seal(&self.keys.node, "day key", &name, key.bytes())?;
        let change = Change::DayKey { origin: origin.to_owned(), day, wrapped, at };
        let event = Logged::new(at, Actor::Node, Event::KeyMade { key: name });
        match self.commit(Batch::new(vec![change], vec![event])) {
            Ok(_) => {}
            // The other one's key is there now.
            Err(StoreError::Database(e))
                if e.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {}
            Err(e) => return Err(e),
        }
        self.day_key(origin, day)?
            .ok_or(StoreError::Sealed { what: "day key", why: "it is not there after it was made" })
    }
}
