//! SQLite, bundled: one file with a write-ahead log, every commit synced.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
    time::Duration,
};

use parking_lot::Mutex;
use rusqlite::{
    Connection, OpenFlags, Statement, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{Columns, Database, Go, Result, Row, Session, Sql, Value};
use crate::{StoreError, schema};

/// How long somebody who writes is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file that is a store, or is to be.
pub(crate) struct File {
    path: PathBuf,
    /// Held by whoever moves pages from the write-ahead log: SQLite lets one do so at a time,
    /// and the others do not wait for it.
    moving: Mutex<()>,
}

impl File {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), moving: Mutex::new(()) }
    }
}

/// Opens a file; writing makes the tables those of today.
pub(crate) fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

impl Database for File {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn size(&self) -> Result<u64> {
        let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
        Ok(bytes(&self.path) + bytes(&self.path.with_extension("db-wal")))
    }

    fn exists(&self) -> Result<bool> {
        Ok(self.path.exists())
    }

    fn writer(&self, new: bool) -> Result<Box<dyn Session>> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        if new {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let mut db = open(&self.path, flags)?;
        schema::configure(&db)?;
        schema::migrate(&mut db)?;
        Ok(Box::new(db))
    }

    fn making(&self) -> Result<Box<dyn Session>> {
        let session = self.writer(true)?;
        session.begin_writing()?;
        Ok(session)
    }

    fn reader(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(open(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?))
    }

    fn scrub(&self) -> Result<bool> {
        let _alone = self.moving.lock();
        let db = open(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.busy_timeout(Duration::from_secs(5))?;
        let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
        Ok(busy == 0)
    }

    fn backfill(&self) -> Result<()> {
        let _alone = self.moving.lock();
        let db = open(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        Ok(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }

    fn put_aside(&self) -> Result<String> {
        let failed = |e: std::io::Error| StoreError::Place(format!("{}: {e}", self.place()));
        let aside = self.path.with_file_name("replaced.db");
        if aside.exists() {
            let text = format!("{} is there already: look at it and remove it", aside.display());
            return Err(StoreError::Place(text));
        }
        // All of it in one file first.
        if !self.scrub()? {
            return Err(StoreError::Place("the store is in use: stop the node first".into()));
        }
        std::fs::rename(&self.path, &aside).map_err(failed)?;
        for end in ["-wal", "-shm"] {
            let mut name = self.path.clone().into_os_string();
            name.push(end);
            let _ = std::fs::remove_file(PathBuf::from(name));
        }
        Ok(aside.display().to_string())
    }
}

impl Session for Connection {
    fn begin_writing(&self) -> Result<()> {
        Ok(self.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn begin_reading(&self) -> Result<()> {
        self.execute_batch("BEGIN")?;
        // The transaction sees what is there at its first read, which is this one.
        self.query_row("SELECT COUNT(*) FROM node", [], |_| Ok(()))?;
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        !self.is_autocommit()
    }

    fn usable(&self) -> bool {
        true
    }

    fn integrity(&self) -> Result<Vec<String>> {
        let found: Vec<String> =
            (self as &dyn Sql).rows("PRAGMA integrity_check", &[], |r| r.get(0))?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }
}

impl Sql for Connection {
    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        Ok(self.prepare_cached(sql)?.execute(params_from_iter(values))? as u64)
    }

    fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(&Row<'_>) -> Result<Go>,
    ) -> Result<()> {
        let mut statement = self.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if take(&Row(row))? == Go::Enough {
                break;
            }
        }
        Ok(())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Int(v) => v.map_or(ValueRef::Null, ValueRef::Integer),
            Value::Real(v) => v.map_or(ValueRef::Null, ValueRef::Real),
            Value::Text(v) => v.as_ref().map_or(ValueRef::Null, |t| ValueRef::Text(t.as_bytes())),
            Value::Blob(v) => v.as_ref().map_or(ValueRef::Null, |b| ValueRef::Blob(b)),
        }))
    }
}

impl Columns for rusqlite::Row<'_> {
    fn position(&self, name: &str) -> Option<usize> {
        let statement: &Statement<'_> = self.as_ref();
        statement.column_index(name).ok()
    }

    fn value(&self, at: usize) -> Result<Value<'_>> {
        Ok(match self.get_ref(at)? {
            ValueRef::Null => Value::Int(None),
            ValueRef::Integer(n) => Value::Int(Some(n)),
            ValueRef::Real(n) => Value::Real(Some(n)),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(|_| super::bad(at))?;
                Value::Text(Some(Cow::Borrowed(text)))
            }
            ValueRef::Blob(bytes) => Value::Blob(Some(Cow::Borrowed(bytes))),
        })
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match e.sqlite_error_code() {
            Some(
                Code::DiskFull | Code::DatabaseBusy | Code::DatabaseLocked | Code::SystemIoFailure,
            ) => Self::BusyOrFull(e.to_string()),
            Some(Code::ConstraintViolation) => Self::Constraint(e.to_string()),
            _ => Self::Database(Box::new(e)),
        }
    }
}
