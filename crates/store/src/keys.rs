//! Day keys: two for every scope and service day, wrapped under the node key.
//!
//! ```text
//! node key ─┬─ identity key (scope, day) ── list key, original key, explanation key …
//!           └─ remainder key (scope, day) ── remainder key of a list
//! ```
//! A *scope* is what has one clock: the origin (carriers, or a partner's agreement) and
//! the regimes that bind (`carrier.icao_annex9`). Both keys are random, made when the
//! first list of their day comes, and stored wrapped (AES-256-GCM under the node key).
//!
//! | state | identity key | remainder key |
//! |---|---|---|
//! | live | opens under the node key | opens under the node key |
//! | masked | opens with the independent authority's key alone ([`crate::authority`]), or not at all | opens under the node key |
//! | erased | destroyed | destroyed |
//!
//! Taking away or destroying a day's keys reaches every list, original and explanation
//! of that day at once, and every backup: backups hold no day keys, and the node key is
//! of no use without them. What is unwrapped is remembered only as long as the row is
//! as it was: another process may have masked or erased the day meanwhile.

use std::collections::HashMap;

use audit::{Actor, Event, Logged};
use aws_lc_rs::hmac;
use jiff::{Timestamp, civil::Date};
use parking_lot::Mutex;
use travel::{ElementSet, PassengerList};

use crate::{
    Batch, Change, Store, StoreError,
    db::values,
    rows::List,
    sealed::{self, Secret},
};

/// The origin of what carriers send; partners' states are the others.
pub const CARRIERS: &str = "carrier";

/// A pair of keys as the table has them.
struct Wrapped {
    identity: Option<Vec<u8>>,
    remainder: Option<Vec<u8>>,
    erased: bool,
    /// Whether its day goes over to new ones.
    going: bool,
}

/// A key that was unwrapped, with the bytes from which it was.
type Opened = (Vec<u8>, Secret);

pub(crate) struct Keys {
    node: Secret,
    opened: Mutex<HashMap<String, Opened>>,
}

impl Keys {
    pub(crate) fn new(node: Secret) -> Self {
        Self { node, opened: Mutex::default() }
    }

    pub(crate) fn node(&self) -> &Secret {
        &self.node
    }

    fn open(&self, part: Part, name: &str, wrapped: &[u8]) -> Result<Secret, StoreError> {
        let remembered = format!("{} {name}", part.name());
        if let Some((bytes, key)) = self.opened.lock().get(&remembered)
            && bytes == wrapped
        {
            return Ok(key.clone());
        }
        let bytes = sealed::open(&self.node, part.name(), name, wrapped)?;
        let key = Secret::from_slice(&bytes)
            .ok_or(StoreError::Sealed { what: "day key", why: "it has not 32 bytes" })?;
        self.opened.lock().insert(remembered, (wrapped.to_vec(), key.clone()));
        Ok(key)
    }

    /// Forgets what was unwrapped of a day.
    pub(crate) fn forget(&self, name: &str) {
        let mut opened = self.opened.lock();
        for part in [Part::Identity, Part::Remainder] {
            opened.remove(&format!("{} {name}", part.name()));
        }
    }
}

/// Which of the two keys of a day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Identity,
    Remainder,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Identity => "day key",
            Part::Remainder => "remainder key",
        }
    }
}

/// What a pair of keys is called in events: `carrier.icao_annex9/2026-09-22`.
pub fn key_name(scope: &str, day: Date) -> String {
    format!("{scope}/{day}")
}

/// The label under which an object's key hangs on its day key.
pub(crate) const LABEL: &str = "passerelle ";

impl Store {
    /// Seals something of a service day that shows who somebody is, making the day's keys
    /// when it is the first. `purpose` is one word (`original`, `hit`), `id` the row's.
    ///
    /// # Errors
    /// The day is masked or erased, or the disk refuses.
    pub fn seal(
        &self,
        key: (&str, Date),
        (purpose, id): (&'static str, &str),
        plain: &[u8],
        at: Timestamp,
    ) -> Result<Vec<u8>, StoreError> {
        let key = self.key_or_new(Part::Identity, key, at)?;
        sealed::seal(&key.derive(LABEL, &format!("{purpose} {id}")), purpose, id, plain)
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// The key is gone or masked, or key or bytes are not the right ones.
    pub fn unseal(
        &self,
        key: (&str, Date),
        (purpose, id): (&'static str, &str),
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let key = self.key(Part::Identity, key)?.ok_or(NO_KEY)?;
        sealed::open(&key.derive(LABEL, &format!("{purpose} {id}")), purpose, id, sealed)
    }

    /// A keyed digest of who somebody is and which entry he was compared with, under a
    /// key that hangs on the node's: without it nobody can tell whom it is of, nor try
    /// names until one fits.
    pub fn pair(&self, identity: &[u8], watchlist: &str, entry: &str) -> String {
        let key = self.keys.node.derive("passerelle ", "cleared pairs");
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
        let mut mac = hmac::Context::with_key(&key);
        for part in [identity, watchlist.as_bytes(), entry.as_bytes()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.sign().as_ref().iter().take(16).map(|b| format!("{b:02x}")).collect()
    }

    /// Seals a list in its two parts: what is `masked` when its day is, and the rest.
    ///
    /// # Errors
    /// The day is masked or erased, or the disk refuses.
    pub fn seal_list(
        &self,
        key: (&str, Date),
        (id, list): (&str, &PassengerList),
        masked: ElementSet,
        at: Timestamp,
    ) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
        let (identity, remainder) = list.split(masked);
        let first = self.seal(key, ("list", id), &identity.encode(), at)?;
        let key = self.key_or_new(Part::Remainder, key, at)?;
        let key = key.derive(LABEL, &format!("remainder {id}"));
        Ok((first, sealed::seal(&key, "remainder", id, &remainder.encode())?))
    }

    /// Opens a list whole.
    ///
    /// # Errors
    /// Its day is masked or erased, or the bytes are not the right ones.
    pub fn open_list(&self, row: &List) -> Result<PassengerList, StoreError> {
        let open = |row: &List| {
            let bytes = self.unseal((&row.scope, row.day), ("list", &row.id), &row.sealed)?;
            self.joined(row, &bytes)
        };
        match open(row) {
            // Its day went over to new keys since the row was read.
            Err(StoreError::Sealed { what: "day key", why }) => match self.list(&row.id)? {
                Some(now) if now.scope != row.scope => open(&now),
                _ => Err(StoreError::Sealed { what: "day key", why }),
            },
            other => other,
        }
    }

    /// Opens what masking leaves of a list; of a list of an older store, nothing.
    ///
    /// # Errors
    /// Its day is erased, or the bytes are not the right ones.
    pub fn open_remainder(&self, row: &List) -> Result<Option<PassengerList>, StoreError> {
        let key = self.key(Part::Remainder, (&row.scope, row.day));
        match key {
            Ok(Some(_)) if row.remainder.is_empty() => Ok(None),
            Ok(Some(key)) => {
                let key = key.derive(LABEL, &format!("remainder {}", row.id));
                decode(&sealed::open(&key, "remainder", &row.id, &row.remainder)?).map(Some)
            }
            Ok(None) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// The whole list of its opened identity part.
    pub(crate) fn joined(&self, row: &List, identity: &[u8]) -> Result<PassengerList, StoreError> {
        let identity = decode(identity)?;
        match self.open_remainder(row)? {
            None => Ok(identity),
            Some(remainder) => identity
                .joined(remainder)
                .ok_or(StoreError::Sealed { what: "list", why: "its two parts do not fit" }),
        }
    }

    /// The scope under which something of that day can be sealed: the one given, or where
    /// its day is masked, erased or going over already, the next one of the same clocks (`…~2`).
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn open_scope(&self, scope: &str, day: Date) -> Result<String, StoreError> {
        let mut name = scope.to_owned();
        for generation in 2u32.. {
            match self.wrapped(&name, day)? {
                Some(Wrapped { identity: None, .. } | Wrapped { going: true, .. }) => {
                    name = format!("{scope}~{generation}")
                }
                _ => break,
            }
        }
        Ok(name)
    }

    fn wrapped(&self, scope: &str, day: Date) -> Result<Option<Wrapped>, StoreError> {
        let sql =
            "SELECT identity, remainder, erased_at IS NOT NULL, going_at IS NOT NULL FROM day_keys
                   WHERE scope = ?1 AND day = ?2";
        self.read(|db| {
            db.row(sql, values![scope, day.to_string()], |r| {
                Ok(Wrapped {
                    identity: r.get(0)?,
                    remainder: r.get(1)?,
                    erased: r.get(2)?,
                    going: r.get(3)?,
                })
            })
        })
    }

    /// A key of a day; nothing when the day has none.
    ///
    /// # Errors
    /// It was taken away, or does not open.
    pub(crate) fn key(
        &self,
        part: Part,
        (scope, day): (&str, Date),
    ) -> Result<Option<Secret>, StoreError> {
        let Some(row) = self.wrapped(scope, day)? else { return Ok(None) };
        let gone = |why| Err(StoreError::Sealed { what: "day key", why });
        let wrapped = match part {
            Part::Identity => row.identity,
            Part::Remainder => row.remainder,
        };
        match wrapped {
            Some(wrapped) => self.keys.open(part, &key_name(scope, day), &wrapped).map(Some),
            None if row.erased => gone("it was destroyed when its clock struck"),
            None if part == Part::Identity => {
                gone("it is masked; the independent authority alone can have a list of it opened")
            }
            // A day of an older store has one key.
            None => Ok(None),
        }
    }

    fn key_or_new(
        &self,
        part: Part,
        (scope, day): (&str, Date),
        at: Timestamp,
    ) -> Result<Secret, StoreError> {
        if let Some(key) = self.key(part, (scope, day))? {
            return Ok(key);
        }
        self.make_day_keys(scope, day, at)?;
        self.key(part, (scope, day))?.ok_or(NO_KEY)
    }

    /// Makes and stores the keys of a day, unless somebody was faster.
    fn make_day_keys(&self, scope: &str, day: Date, at: Timestamp) -> Result<(), StoreError> {
        let name = key_name(scope, day);
        let wrap = |part: Part| {
            sealed::seal(&self.keys.node, part.name(), &name, Secret::random()?.bytes())
        };
        let change = Change::DayKey {
            scope: scope.to_owned(),
            day,
            identity: wrap(Part::Identity)?,
            remainder: wrap(Part::Remainder)?,
            at,
        };
        let event = Logged::new(at, Actor::Node, Event::KeyMade { key: name });
        match self.commit(Batch::new(vec![change], vec![event])) {
            Ok(_) => Ok(()),
            // The other one's keys are there now.
            Err(StoreError::Constraint(_)) => Ok(()),
            Err(e) => Err(e),
        }
    }
}

const NO_KEY: StoreError = StoreError::Sealed { what: "list", why: "its day has no key" };

pub(crate) fn decode(bytes: &[u8]) -> Result<PassengerList, StoreError> {
    PassengerList::decode(bytes)
        .map_err(|_| StoreError::Sealed { what: "list", why: "it is not in canonical form" })
}
