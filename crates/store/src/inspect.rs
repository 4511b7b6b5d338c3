//! Reading a store without the node: for the invariant checker, `passerelle doctor`
//! and `passerelle log verify`.
//!
//! An [`Inspector`] sees one moment: everything it gives comes from one read
//! transaction, so that rows and log fit together even while the node writes. It
//! needs no key and opens nothing that is sealed.

use std::path::Path;

use audit::Digest;
use jiff::{Timestamp, civil::Date};

use crate::{
    LakeCheck, StoreError, cold,
    db::{Database, Location, Row, Session, Sql, bad, sqlite, values},
};

/// A store seen at one moment.
pub struct Inspector {
    db: Box<dyn Session>,
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").finish_non_exhaustive()
    }
}

macro_rules! seen {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    )*};
}

seen! {
    /// A submission, without its bytes.
    SeenSubmission {
        /// Its id.
        id: String,
        /// Digest of its bytes, hexadecimal.
        digest: String,
        /// HTTP status of its answer.
        status: u16,
        /// How many lists it says came of it.
        lists: u32,
    }
    /// A list, without what is sealed.
    SeenList {
        /// Its id.
        id: String,
        /// The submission of which it came.
        submission: Option<String>,
        /// The parcel with which it came.
        parcel: Option<String>,
        /// `carrier`, or the state of the partner.
        origin: String,
        /// [`travel::Flight::key`] of its flight.
        flight: String,
        /// How many travellers.
        travellers: u32,
        /// The first day on which it must be gone.
        keep_until: Date,
        /// The first day on which its identity must be masked.
        mask_due: Option<Date>,
        /// The scope of the keys that seal it.
        scope: String,
        /// The day of those keys.
        day: Date,
        /// Digest that was noted when it was kept, hexadecimal.
        digest: String,
        /// Digest of what is there now; `None` when nothing is.
        found: Option<String>,
    }
    /// A hit, without its explanation.
    SeenHit {
        /// Its id.
        id: String,
        /// Its band.
        band: String,
        /// Its state.
        state: String,
    }
    /// A decision, without its reason.
    SeenDecision {
        /// The hit.
        hit: String,
        /// 1 for the first.
        ordinal: u32,
        /// Who.
        officer: String,
        /// `uphold` or `dismiss`.
        verdict: String,
        /// When.
        at: Timestamp,
    }
    /// A parcel on its way out, without its bytes.
    SeenOutgoing {
        /// Its id.
        parcel: String,
        /// The partner.
        partner: String,
        /// The agreement.
        agreement: String,
        /// Its number in the stream.
        sequence: u64,
        /// `list` or `hit`.
        mode: String,
        /// The hit, in mode `hit`.
        hit: Option<String>,
        /// What it carries, as bits of `travel::ElementSet`.
        elements: u32,
        /// Digest of its bytes.
        digest: String,
        /// `queued`, `receipted`, `refused`.
        status: String,
        /// When it was sealed.
        queued_at: Timestamp,
    }
    /// A parcel that came in.
    SeenIncoming {
        /// Its id.
        parcel: String,
        /// The partner.
        partner: String,
        /// The agreement.
        agreement: String,
        /// Its number in the stream.
        sequence: u64,
        /// `list` or `hit`.
        mode: String,
        /// Digest of its bytes.
        digest: String,
        /// When it came.
        received_at: Timestamp,
        /// The list that was kept of it.
        list: Option<String>,
        /// `accepted` or `refused`.
        verdict: String,
    }
    /// An agreement.
    SeenAgreement {
        /// Its id.
        id: String,
        /// The partner.
        partner: String,
        /// `policy::SignedAgreement`, CBOR.
        signed: Vec<u8>,
        /// `proposed`, `in_force`, `suspended`, `ended`.
        status: String,
    }
    /// A day key, without the key.
    SeenKey {
        /// What has one clock: all lists under it.
        scope: String,
        /// The day.
        day: Date,
        /// Whether its identity key can still be opened by the node.
        live: bool,
        /// Whether any key of it is there, be it for the authority alone.
        present: bool,
        /// Whether it was masked.
        masked: bool,
        /// Whether it was erased.
        erased: bool,
        /// The first day on which it must be gone.
        erase_due: Option<Date>,
        /// The first day on which its identity must be masked.
        mask_due: Option<Date>,
    }
    /// An alarm that nobody has settled.
    SeenAlarm {
        /// Its number.
        id: i64,
        /// One word.
        kind: String,
        /// A sentence.
        what: String,
    }
}

impl Inspector {
    /// Looks at the store in `dir` as it is now, whether or not its node runs.
    ///
    /// # Errors
    /// There is no store, or it cannot be read.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::on(&*Location::of(dir)?.database()?)
    }

    /// Looks at a file that is a store, or a copy of one.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open_file(file: &Path) -> Result<Self, StoreError> {
        Self::on(&sqlite::File::new(file))
    }

    fn on(database: &dyn Database) -> Result<Self, StoreError> {
        if !database.exists()? {
            return Err(StoreError::Place(format!("there is no store at {}", database.place())));
        }
        let db = database.reader()?;
        db.begin_reading()?;
        Ok(Self { db })
    }

    fn sql(&self) -> &dyn Sql {
        &*self.db
    }

    /// Origin of the log and state of the node.
    ///
    /// # Errors
    /// It cannot be read, or is not there.
    pub fn node(&self) -> Result<(String, String), StoreError> {
        self.sql()
            .row("SELECT origin, state FROM node", &[], |r| Ok((r.get(0)?, r.get(1)?)))?
            .ok_or_else(|| StoreError::Missing { what: "node", id: String::new() })
    }

    /// Hands every event with its position, in order and one at a time, to `read`.
    ///
    /// # Errors
    /// It cannot be read, or not to its end.
    pub fn events<R>(
        &self,
        read: impl FnOnce(&mut dyn Iterator<Item = (u64, Vec<u8>)>) -> R,
    ) -> Result<R, StoreError> {
        const TOGETHER: u64 = 4096;
        let sql = "SELECT position, bytes FROM log_events WHERE position >= ?1 ORDER BY position LIMIT ?2";
        let mut failed = None;
        let mut from = 0;
        let mut page: std::vec::IntoIter<(u64, Vec<u8>)> = Vec::new().into_iter();
        let mut events = std::iter::from_fn(|| {
            if page.as_slice().is_empty() {
                let read = |r: &Row<'_>| Ok((r.get(0)?, r.get(1)?));
                match self.sql().rows(sql, values![from, TOGETHER], read) {
                    Ok(rows) => page = rows.into_iter(),
                    Err(error) => failed = Some(error),
                }
            }
            let (position, bytes) = page.next()?;
            from = position + 1;
            Some((position, bytes))
        });
        let result = read(&mut events);
        match failed {
            Some(error) => Err(error),
            None => Ok(result),
        }
    }

    /// What the database itself finds wrong with its file; nothing, as a rule.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.db.integrity()
    }

    /// Every signed checkpoint, smallest first.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn checkpoints(&self) -> Result<Vec<String>, StoreError> {
        self.all("SELECT note FROM log_checkpoints ORDER BY size", |r| r.get(0))
    }

    /// Every submission.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn submissions(&self) -> Result<Vec<SeenSubmission>, StoreError> {
        self.all("SELECT id, digest, status, lists FROM submissions ORDER BY id", |r| {
            Ok(SeenSubmission {
                id: r.get(0)?,
                digest: r.get(1)?,
                status: r.get(2)?,
                lists: r.get(3)?,
            })
        })
    }

    /// Every list; what is sealed is read only for its digest.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn lists(&self) -> Result<Vec<SeenList>, StoreError> {
        let sql = "SELECT id, submission, parcel, origin, flight, travellers, keep_until, day, digest, sealed,
             remainder, scope, mask_due FROM lists ORDER BY id";
        self.all(sql, |r| {
            let (first, second) = (r.bytes(9)?, r.bytes(10)?);
            Ok(SeenList {
                id: r.get(0)?,
                submission: r.get(1)?,
                parcel: r.get(2)?,
                origin: r.get(3)?,
                flight: r.get(4)?,
                travellers: r.get(5)?,
                keep_until: day(r, 6)?,
                mask_due: day_option(r, 12)?,
                scope: r.get(11)?,
                day: day(r, 7)?,
                digest: r.get(8)?,
                found: match &*first {
                    [] => None,
                    first => Some(Digest::of_parts(&[first, &second]).to_string()),
                },
            })
        })
    }

    /// Every hit.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn hits(&self) -> Result<Vec<SeenHit>, StoreError> {
        self.all("SELECT id, band, state FROM hits ORDER BY id", |r| {
            Ok(SeenHit { id: r.get(0)?, band: r.get(1)?, state: r.get(2)? })
        })
    }

    /// Every decision.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn decisions(&self) -> Result<Vec<SeenDecision>, StoreError> {
        let sql = "SELECT hit, ordinal, officer, verdict, at FROM decisions ORDER BY hit, ordinal";
        self.all(sql, |r| {
            Ok(SeenDecision {
                hit: r.get(0)?,
                ordinal: r.get(1)?,
                officer: r.get(2)?,
                verdict: r.get(3)?,
                at: instant(r, 4)?,
            })
        })
    }

    /// Every parcel that was sealed here.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn outbox(&self) -> Result<Vec<SeenOutgoing>, StoreError> {
        let sql = "SELECT parcel, partner, agreement, sequence, mode, hit, elements, digest, status, queued_at
             FROM outbox ORDER BY agreement, sequence";
        self.all(sql, outgoing)
    }

    /// One parcel that was sealed here.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn outgoing(&self, parcel: &str) -> Result<Option<SeenOutgoing>, StoreError> {
        let sql = "SELECT parcel, partner, agreement, sequence, mode, hit, elements, digest, status, queued_at
             FROM outbox WHERE parcel = ?1";
        self.sql().row(sql, values![parcel], outgoing)
    }

    /// Every parcel that came in.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn inbox(&self) -> Result<Vec<SeenIncoming>, StoreError> {
        let sql =
            "SELECT parcel, partner, agreement, sequence, mode, digest, received_at, list, verdict
             FROM inbox ORDER BY partner, agreement, sequence";
        self.all(sql, incoming)
    }

    /// One parcel that came in from a partner.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn incoming(
        &self,
        partner: &str,
        parcel: &str,
    ) -> Result<Option<SeenIncoming>, StoreError> {
        let sql =
            "SELECT parcel, partner, agreement, sequence, mode, digest, received_at, list, verdict
             FROM inbox WHERE partner = ?1 AND parcel = ?2";
        self.sql().row(sql, values![partner, parcel], incoming)
    }

    /// Every agreement.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn agreements(&self) -> Result<Vec<SeenAgreement>, StoreError> {
        self.all("SELECT id, partner, signed, status FROM agreements ORDER BY id", |r| {
            Ok(SeenAgreement {
                id: r.get(0)?,
                partner: r.get(1)?,
                signed: r.get(2)?,
                status: r.get(3)?,
            })
        })
    }

    /// State and public keys (as crate `exchange` encodes them) of every partner.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn partner_keys(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.all("SELECT state, keys FROM partners ORDER BY state", |r| Ok((r.get(0)?, r.get(1)?)))
    }

    /// Every day key.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn day_keys(&self) -> Result<Vec<SeenKey>, StoreError> {
        let sql = "SELECT scope, day, identity IS NOT NULL,
               identity IS NOT NULL OR remainder IS NOT NULL OR masked IS NOT NULL,
               masked_at IS NOT NULL, erased_at IS NOT NULL, erase_due, mask_due
             FROM day_keys ORDER BY day, scope";
        self.all(sql, |r| {
            Ok(SeenKey {
                scope: r.get(0)?,
                day: day(r, 1)?,
                live: r.get(2)?,
                present: r.get(3)?,
                masked: r.get(4)?,
                erased: r.get(5)?,
                erase_due: day_option(r, 6)?,
                mask_due: day_option(r, 7)?,
            })
        })
    }

    /// Alarms that nobody has settled.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open_alarms(&self) -> Result<Vec<SeenAlarm>, StoreError> {
        let sql = "SELECT id, kind, what FROM alarms WHERE settled_by IS NULL ORDER BY id";
        self.all(sql, |r| Ok(SeenAlarm { id: r.get(0)?, kind: r.get(1)?, what: r.get(2)? }))
    }

    /// Agreements whose incoming stream is stopped, with the reason.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn stopped_streams(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT agreement, stopped FROM streams_in WHERE stopped IS NOT NULL";
        self.all(sql, |r| Ok((r.get(0)?, r.get(1)?)))
    }

    /// How often somebody opened a traveller's record.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn openings(&self) -> Result<u64, StoreError> {
        self.sql().number("SELECT COUNT(*) FROM openings", &[])
    }

    /// Holds the files of the lake, as its place lists them, against the rows.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn check_lake(&self, files: &[lake::Object]) -> Result<LakeCheck, StoreError> {
        cold::against_rows(self.sql(), files).map(|(check, _)| check)
    }

    fn all<T>(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.sql().rows(sql, &[], read)
    }
}

fn outgoing(r: &Row<'_>) -> Result<SeenOutgoing, StoreError> {
    Ok(SeenOutgoing {
        parcel: r.get(0)?,
        partner: r.get(1)?,
        agreement: r.get(2)?,
        sequence: r.get(3)?,
        mode: r.get(4)?,
        hit: r.get(5)?,
        elements: r.get(6)?,
        digest: r.get(7)?,
        status: r.get(8)?,
        queued_at: instant(r, 9)?,
    })
}

fn incoming(r: &Row<'_>) -> Result<SeenIncoming, StoreError> {
    Ok(SeenIncoming {
        parcel: r.get(0)?,
        partner: r.get(1)?,
        agreement: r.get(2)?,
        sequence: r.get(3)?,
        mode: r.get(4)?,
        digest: r.get(5)?,
        received_at: instant(r, 6)?,
        list: r.get(7)?,
        verdict: r.get(8)?,
    })
}

fn instant(r: &Row<'_>, column: usize) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(r.get(column)?).map_err(|_| bad(column))
}

fn day(r: &Row<'_>, column: usize) -> Result<Date, StoreError> {
    let text: String = r.get(column)?;
    text.parse().map_err(|_| bad(column))
}

fn day_option(r: &Row<'_>, column: usize) -> Result<Option<Date>, StoreError> {
    let text: Option<String> = r.get(column)?;
    text.map(|_| day(r, column)).transpose()
}
