//! Copies of a store, without its keys; and how one is put back.
//!
//! A copy is a file of SQLite, whatever the store is in, and can be put back into either:
//! this is also the way from a file to a server, and back.
//!
//! A copy is made while the node works, from one read transaction, table by table. Day
//! keys, what opens unmaskings, and sessions are not in it, and never were in the file
//! that it is: so a copy of yesterday cannot bring back what was erased today. Day keys are
//! kept apart ([`Store::kept_keys`]), in one file that is written over each time, wrapped
//! under the node key as they are in the store.
//!
//! Put back, a copy gets the keys that are there *now*. What was masked or erased since
//! stays so, and is written into the log again, for the copy's log does not know of it.

use std::{fs, path::Path};

use audit::{Actor, Digest, Event, Logged};
use jiff::{Timestamp, civil::Date};
use minicbor::{Decode, Encode};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::{
    Batch, Store, StoreError,
    db::{Database, Go, Location, Session, Sql, Value, sqlite, values},
    schema,
};

/// A pair of day keys as they are wrapped in the store, and their state.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeptKey {
    #[n(0)]
    scope: String,
    #[n(1)]
    day: String,
    #[cbor(n(2), with = "minicbor::bytes")]
    identity: Option<Vec<u8>>,
    #[cbor(n(3), with = "minicbor::bytes")]
    remainder: Option<Vec<u8>>,
    #[cbor(n(4), with = "minicbor::bytes")]
    masked: Option<Vec<u8>>,
    #[n(5)]
    masked_at: Option<i64>,
    #[n(6)]
    erased_at: Option<i64>,
}

/// What a restored store must be told of again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Days of the copy that were erased since.
    pub erased: Vec<(String, Date)>,
    /// Days of the copy that were masked since.
    pub masked: Vec<(String, Date)>,
    /// Days of the copy for which there is no key: nothing of them opens.
    pub without_key: u64,
}

impl KeptKey {
    /// The form of the file of keys.
    pub fn encode(keys: &[KeptKey]) -> Vec<u8> {
        minicbor::to_vec(keys).expect("writing to memory cannot fail")
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// The bytes are no keys.
    pub fn decode(bytes: &[u8]) -> Result<Vec<KeptKey>, StoreError> {
        let wrong = StoreError::Sealed { what: "file of keys", why: "it is in no form known here" };
        minicbor::decode(bytes).map_err(|_| wrong)
    }

    /// Those of the store in `dir`, which need not be whole otherwise.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn of_store(dir: &Path) -> Result<Vec<KeptKey>, StoreError> {
        let database = Location::of(dir)?.database()?;
        if !database.exists()? {
            return Err(StoreError::Place(format!("there is no store at {}", database.place())));
        }
        read(&*database.reader()?)
    }
}

fn read(db: &dyn Sql) -> Result<Vec<KeptKey>, StoreError> {
    let sql = "SELECT scope, day, identity, remainder, masked, masked_at, erased_at FROM day_keys
               ORDER BY day, scope";
    db.rows(sql, &[], |r| {
        Ok(KeptKey {
            scope: r.get(0)?,
            day: r.get(1)?,
            identity: r.get(2)?,
            remainder: r.get(3)?,
            masked: r.get(4)?,
            masked_at: r.get(5)?,
            erased_at: r.get(6)?,
        })
    })
}

/// What a copy has of a column.
fn taken_as<'c>(table: &str, column: &'c str) -> &'c str {
    match (table, column) {
        secret if SECRETS.contains(&secret) => "NULL",
        // Projections are made again.
        ("lists", "projected") => "0",
        _ => column,
    }
}

/// Tables and columns that are empty in a copy.
const SECRETS: [(&str, &str); 4] = [
    ("day_keys", "identity"),
    ("day_keys", "remainder"),
    ("day_keys", "masked"),
    ("unmaskings", "secret"),
];

impl Store {
    /// The day keys as they are now, wrapped.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn kept_keys(&self) -> Result<Vec<KeptKey>, StoreError> {
        self.read(read)
    }

    /// Copies the store, without a key, to a file that is not there yet, while it is in
    /// use. `progress` hears the name of each table. Gives the size of the log in the copy.
    ///
    /// # Errors
    /// The file is there; one of the disks refuses.
    pub fn backup(
        &self,
        to: &Path,
        mut progress: impl FnMut(&str),
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        if to.exists() {
            return Err(StoreError::Place(format!("{} is there already", to.display())));
        }
        let part = to.with_extension("part");
        let gone = |e: std::io::Error| StoreError::Place(format!("{}: {e}", to.display()));
        if part.exists() {
            fs::remove_file(&part).map_err(gone)?;
        }
        let (size, note) = match self.database.file() {
            Some(file) => copy(file, &part, &mut progress)?,
            None => download(&*self.database, &part, &mut progress)?,
        };
        fs::File::open(&part).and_then(|f| f.sync_all()).map_err(gone)?;
        fs::rename(&part, to).map_err(gone)?;
        let event = Event::BackedUp { digest: Digest::of(note.as_bytes()), size };
        self.commit(Batch::new(Vec::new(), vec![Logged::new(at, Actor::Node, event)]))?;
        Ok(size)
    }

    /// Writes into the log of a store that was put back what became of its days since.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn tell_again(&self, restored: &Restored, at: Timestamp) -> Result<(), StoreError> {
        let newest = self.last_checkpoint()?.unwrap_or_default();
        let event =
            Event::Restored { digest: Digest::of(newest.as_bytes()), size: self.log_size()? };
        self.commit(Batch::new(Vec::new(), vec![Logged::new(at, Actor::Node, event)]))?;
        for (scope, day) in &restored.masked {
            let key = crate::key_name(scope, *day);
            let event = Logged::new(at, Actor::Node, Event::Masked { key, lists: 0 });
            self.commit(Batch::new(Vec::new(), vec![event]))?;
        }
        for (scope, day) in &restored.erased {
            let rules = self.rules_of_day(scope, *day)?;
            self.erase_day(scope, *day, (&rules, at))?;
        }
        Ok(())
    }
}

/// Copies every table; gives the size of the log and its newest checkpoint.
fn copy(
    from: &Path,
    to: &Path,
    progress: &mut impl FnMut(&str),
) -> Result<(u64, String), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut db = sqlite::open(from, flags)?;
    // What a row refers to may be copied after it: the order is that in which tables were made.
    db.execute("ATTACH DATABASE ?1 AS copy", [to.to_string_lossy()])?;
    db.execute_batch(
        "PRAGMA copy.journal_mode = OFF; PRAGMA copy.synchronous = OFF;
         PRAGMA foreign_keys = OFF;",
    )?;
    let version: i64 = db.query_row("PRAGMA main.user_version", [], |r| r.get(0))?;
    let tx = db.transaction()?;
    let shape = |kind: &str| -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT name, sql FROM main.sqlite_schema
                   WHERE type = ?1 AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
        let mut statement = tx.prepare(sql)?;
        let rows = statement.query_map([kind], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    for (name, sql) in shape("table")? {
        progress(&name);
        tx.execute_batch(&sql.replacen("CREATE TABLE ", "CREATE TABLE copy.", 1))?;
        if schema::NOT_COPIED.contains(&name.as_str()) {
            continue;
        }
        let columns = columns(&tx, &name)?;
        let taken: Vec<&str> = columns.iter().map(|c| taken_as(&name, c)).collect();
        let (into, taken) = (columns.join(", "), taken.join(", "));
        tx.execute_batch(&format!(
            "INSERT INTO copy.{name} ({into}) SELECT {taken} FROM main.{name}"
        ))?;
    }
    for (name, sql) in shape("index")? {
        progress(&name);
        tx.execute_batch(&sql.replacen("INDEX ", "INDEX copy.", 1))?;
    }
    let newest = tx
        .query_row(
            "SELECT size, note FROM copy.log_checkpoints ORDER BY size DESC LIMIT 1",
            [],
            |r| Ok((r.get::<_, i64>(0)?, r.get(1)?)),
        )
        .optional()?;
    tx.pragma_update(Some("copy"), "user_version", version)?;
    tx.commit()?;
    db.execute_batch("DETACH DATABASE copy")?;
    let (size, note) = newest.unwrap_or_default();
    Ok((size.max(0) as u64, note))
}

fn columns(db: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |r| r.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Copies every table of a server into a file; gives the size of the log and its newest
/// checkpoint.
fn download(
    from: &dyn Database,
    to: &Path,
    progress: &mut impl FnMut(&str),
) -> Result<(u64, String), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut db = sqlite::open(to, flags)?;
    schema::migrate(&mut db)?;
    db.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF",
    )?;
    let reader = from.reader()?;
    reader.begin_reading()?;
    db.execute_batch("BEGIN")?;
    for name in schema::NOT_EMPTY {
        db.execute_batch(&format!("DELETE FROM {name}"))?;
    }
    for name in schema::TABLES.into_iter().filter(|name| !schema::NOT_COPIED.contains(name)) {
        progress(name);
        let columns = columns(&db, name)?;
        let taken: Vec<&str> = columns.iter().map(|c| taken_as(name, c)).collect();
        rows_of(name, &columns, &taken, &*reader, &db)?;
    }
    db.execute_batch("COMMIT")?;
    let newest = "SELECT size, note FROM log_checkpoints ORDER BY size DESC LIMIT 1";
    let newest = (&db as &dyn Sql).row(newest, &[], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(newest.unwrap_or_default())
}

/// Copies the rows of a table from one database to another.
fn rows_of(
    table: &str,
    columns: &[String],
    taken: &[&str],
    from: &dyn Sql,
    to: &dyn Sql,
) -> Result<(), StoreError> {
    const TOGETHER: usize = 256;
    let marks: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
    let (into, marks) = (columns.join(", "), marks.join(", "));
    let insert = format!("INSERT INTO {table} ({into}) VALUES ({marks})");
    let select = format!("SELECT {} FROM {table}", taken.join(", "));
    let mut count = 0;
    from.each(&select, &[], &mut |row| {
        let values: Vec<Value<'_>> =
            (0..columns.len()).map(|at| row.value(at)).collect::<Result<_, _>>()?;
        to.post(&insert, &values, None)?;
        count += 1;
        if count % TOGETHER == 0 {
            to.settle()?;
        }
        Ok(Go::On)
    })?;
    to.settle()
}

/// Moves the store of `dir` out of the way, whole; gives its new place in words.
///
/// # Errors
/// There is none; it is in use; something was moved there before.
pub fn put_aside(dir: &Path) -> Result<String, StoreError> {
    Location::of(dir)?.database()?.put_aside()
}

/// Puts a copy into `dir` as its store, or on the server that has it, with the keys given.
/// There must be none.
///
/// # Errors
/// There is a store already; the copy is of a newer program, or none; a disk refuses.
pub fn restore(copy: &Path, dir: &Path, keys: &[KeptKey]) -> Result<Restored, StoreError> {
    let location = Location::of(dir)?;
    let database = location.database()?;
    if database.exists()? {
        return Err(StoreError::Place(format!("there is a store already: {}", database.place())));
    }
    let part = dir.join("passerelle.part");
    let failed = |e: std::io::Error| StoreError::Place(format!("{}: {e}", copy.display()));
    fs::copy(copy, &part).map_err(failed)?;
    let mut db = sqlite::open(&part, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::migrate(&mut db)?;
    match location {
        Location::File(file) => {
            db.begin_writing()?;
            let restored = give_keys(&db, keys)?;
            db.execute_batch("COMMIT")?;
            drop(db);
            fs::File::open(&part).and_then(|f| f.sync_all()).map_err(failed)?;
            fs::rename(&part, &file).map_err(failed)?;
            Ok(restored)
        }
        Location::Server(_) => {
            let restored = upload(&db, &*database, keys)?;
            drop(db);
            fs::remove_file(&part).map_err(failed)?;
            Ok(restored)
        }
    }
}

/// Copies every table of a file to a server, all or nothing: until the commit there is no
/// store there.
fn upload(from: &Connection, to: &dyn Database, keys: &[KeptKey]) -> Result<Restored, StoreError> {
    let db = to.making()?;
    for name in schema::NOT_EMPTY {
        db.execute(&format!("DELETE FROM {name}"), &[])?;
    }
    for name in schema::TABLES {
        let columns = columns(from, name)?;
        let taken: Vec<&str> = columns.iter().map(String::as_str).collect();
        rows_of(name, &columns, &taken, from, &*db)?;
    }
    schema::postgres::renumber(&*db)?;
    let restored = give_keys(&*db, keys)?;
    db.settle()?;
    db.execute("COMMIT", &[])?;
    Ok(restored)
}

/// Gives the days of a copy the keys of today.
fn give_keys(db: &dyn Sql, keys: &[KeptKey]) -> Result<Restored, StoreError> {
    let mut restored = Restored::default();
    for key in keys {
        let live: Option<(bool, bool)> = db.row(
            "SELECT erased_at IS NULL, masked_at IS NULL FROM day_keys WHERE scope = ?1 AND day = ?2",
            values![key.scope, key.day],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )?;
        let (Some((true, unmasked)), Ok(day)) = (live, key.day.parse()) else { continue };
        if key.erased_at.is_some() {
            restored.erased.push((key.scope.clone(), day));
        } else if unmasked && key.masked_at.is_some() {
            restored.masked.push((key.scope.clone(), day));
        }
        db.execute(
            "UPDATE day_keys SET identity = ?3, remainder = ?4, masked = ?5, masked_at = ?6
             WHERE scope = ?1 AND day = ?2",
            values![key.scope, key.day, key.identity, key.remainder, key.masked, key.masked_at],
        )?;
    }
    let without = db.number(
        "SELECT COUNT(*) FROM day_keys WHERE erased_at IS NULL AND identity IS NULL AND remainder IS NULL",
        &[],
    )?;
    restored.without_key = without.saturating_sub(restored.erased.len() as u64);
    Ok(restored)
}
