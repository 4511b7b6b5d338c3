//! What the store asks of a database: statements, rows, transactions.
//!
//! One trait, two adapters: [`sqlite`] (one file, the embedded default) and [`postgres`]
//! (a server, for several nodes on one store or for high availability). The statements
//! are the same for both: `?1` for values, `ON CONFLICT`, no triggers, no server
//! functions, nothing that a database of the same wire protocol might lack. A value has
//! one of four types; a truth is 0 or 1, a time microseconds, a date text.
//!
//! [`Sql::post`] is for a statement of which only a failure is of interest. A server is
//! sent one after the other without waiting for answers; [`Sql::settle`] collects them.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use crate::StoreError;

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Where a store is.
#[derive(Clone)]
pub(crate) enum Location {
    /// A file of this machine.
    File(PathBuf),
    /// A server, by its address (`postgres://…`), which may hold a password.
    Server(String),
}

/// In a store's directory: the address of the server that has it instead.
pub(crate) const ADDRESS: &str = "postgres.url";
/// In a store's directory: the store, where no server has it.
pub(crate) const FILE: &str = "passerelle.db";

impl Location {
    /// Where the store of a directory is.
    pub(crate) fn of(dir: &Path) -> Result<Self> {
        let address = dir.join(ADDRESS);
        match std::fs::read_to_string(&address) {
            Ok(text) => Ok(Self::Server(text.trim().to_owned())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::File(dir.join(FILE))),
            Err(e) => Err(StoreError::Place(format!("{} cannot be read: {e}", address.display()))),
        }
    }

    pub(crate) fn database(&self) -> Result<Box<dyn Database>> {
        Ok(match self {
            Self::File(file) => Box::new(sqlite::File::new(file)),
            Self::Server(address) => Box::new(postgres::Server::new(address)?),
        })
    }
}

/// A database in which one store is, or is to be.
pub(crate) trait Database: Send + Sync {
    /// The store's place in words, without a secret.
    fn place(&self) -> String;
    /// The file that it is in, where it is in one.
    fn file(&self) -> Option<&Path>;
    /// What it has on the disk, in bytes.
    fn size(&self) -> Result<u64>;
    /// Whether there is a store.
    fn exists(&self) -> Result<bool>;
    /// A connection that writes, with the tables of today; `new` makes them where there are none.
    fn writer(&self, new: bool) -> Result<Box<dyn Session>>;
    /// A connection in the middle of a transaction that makes a store; what is not committed
    /// leaves nothing behind, tables neither.
    fn making(&self) -> Result<Box<dyn Session>>;
    /// A connection that reads.
    fn reader(&self) -> Result<Box<dyn Session>>;
    /// Takes away older images of rows, as far as the database lets us; whether it did.
    fn scrub(&self) -> Result<bool>;
    /// Moves what commits wrote aside to where it belongs, while others read and write. Nothing
    /// to do where the database does so by itself.
    fn backfill(&self) -> Result<()>;
    /// Moves the store out of the way, whole; gives its new place in words.
    fn put_aside(&self) -> Result<String>;
}

/// A connection.
pub(crate) trait Session: Sql + Send {
    /// Begins a transaction that will write, and is the only one that does.
    fn begin_writing(&self) -> Result<()>;
    /// Begins a transaction that reads, and sees one moment.
    fn begin_reading(&self) -> Result<()>;
    /// Whether a transaction that was begun can still go on. A full disk may end it.
    fn in_transaction(&self) -> bool;
    /// Whether the connection is of any use still.
    fn usable(&self) -> bool;
    /// What the database finds wrong with itself or its settings; nothing, as a rule.
    fn integrity(&self) -> Result<Vec<String>>;
}

/// Something that statements can be run on.
pub trait Sql {
    /// Runs a statement; how many rows it changed.
    ///
    /// # Errors
    /// The database refuses.
    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64>;
    /// Hands every row of a query to `take`, until that says that it has enough.
    ///
    /// # Errors
    /// The database refuses, or `take` does.
    fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(&Row<'_>) -> Result<Go>,
    ) -> Result<()>;
    /// Runs a statement by the next [`settle`](Self::settle) at the latest. `otherwise` is
    /// the conflict when it changes no row.
    ///
    /// # Errors
    /// The database refuses; a conflict. Or the next call says so.
    fn post(&self, sql: &str, values: &[Value<'_>], otherwise: Option<&'static str>) -> Result<()> {
        must_change(self.execute(sql, values)?, otherwise)
    }
    /// Waits for all that was posted: the first failure of it, if any.
    ///
    /// # Errors
    /// What the database refused of it.
    fn settle(&self) -> Result<()> {
        Ok(())
    }
}

/// Whether a query is to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// There may be more.
    On,
    /// No more is wanted.
    Enough,
}

pub(crate) fn must_change(changed: u64, otherwise: Option<&'static str>) -> Result<()> {
    match otherwise {
        Some(conflict) if changed == 0 => Err(StoreError::Conflict(conflict.to_owned())),
        _ => Ok(()),
    }
}

impl dyn Sql + '_ {
    /// Every row, as `read` reads it.
    ///
    /// # Errors
    /// The database refuses, or a row is not as `read` needs it.
    pub fn rows<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(sql, values, &mut |row| {
            rows.push(read(row)?);
            Ok(Go::On)
        })?;
        Ok(rows)
    }

    /// The first row, as `read` reads it.
    ///
    /// # Errors
    /// The database refuses, or the row is not as `read` needs it.
    pub fn row<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.each(sql, values, &mut |row| {
            found = Some(read(row)?);
            Ok(Go::Enough)
        })?;
        Ok(found)
    }

    /// The one number that a query gives; nothing counts as 0.
    ///
    /// # Errors
    /// The database refuses.
    pub fn number(&self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let n: Option<Option<i64>> = self.row(sql, values, |r| r.get(0))?;
        Ok(n.flatten().unwrap_or(0).max(0) as u64)
    }
}

/// One value of a row or a statement. `Debug` shows its type alone.
#[derive(Clone)]
pub enum Value<'a> {
    /// A whole number, a truth, a time; or a null of which nobody tells the type.
    Int(Option<i64>),
    /// A number.
    Real(Option<f64>),
    /// A text.
    Text(Option<Cow<'a, str>>),
    /// Bytes.
    Blob(Option<Cow<'a, [u8]>>),
}

impl Value<'_> {
    pub(crate) fn owned(&self) -> Value<'static> {
        match self {
            Self::Int(v) => Value::Int(*v),
            Self::Real(v) => Value::Real(*v),
            Self::Text(v) => Value::Text(v.as_ref().map(|t| Cow::Owned(t.clone().into_owned()))),
            Self::Blob(v) => Value::Blob(v.as_ref().map(|b| Cow::Owned(b.clone().into_owned()))),
        }
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Int(_) => "Int",
            Self::Real(_) => "Real",
            Self::Text(_) => "Text",
            Self::Blob(_) => "Blob",
        })
    }
}

/// What can be handed to a statement.
pub trait ToValue {
    /// Nothing, of its type.
    const NULL: Value<'static>;
    /// As a value.
    fn to_value(&self) -> Value<'_>;
}

macro_rules! to_value {
    ($($type:ty: $kind:ident, $it:ident => $value:expr;)*) => {$(
        impl ToValue for $type {
            const NULL: Value<'static> = Value::$kind(None);
            fn to_value(&self) -> Value<'_> {
                let $it = self;
                Value::$kind(Some($value))
            }
        }
    )*};
}

to_value! {
    i64: Int, it => *it;
    u64: Int, it => *it as i64;
    u32: Int, it => i64::from(*it);
    u16: Int, it => i64::from(*it);
    bool: Int, it => i64::from(*it);
    f64: Real, it => *it;
    str: Text, it => Cow::Borrowed(it);
    String: Text, it => Cow::Borrowed(it.as_str());
    [u8]: Blob, it => Cow::Borrowed(it);
    Vec<u8>: Blob, it => Cow::Borrowed(it.as_slice());
}

impl<T: ToValue + ?Sized> ToValue for &T {
    const NULL: Value<'static> = T::NULL;
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    const NULL: Value<'static> = T::NULL;
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(T::NULL, T::to_value)
    }
}

/// The values of a statement, `?1` first.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::db::ToValue::to_value(&$value)),*] };
}
pub(crate) use crate::values;

/// What a value can be read as; `None` when it is of another type or out of range.
pub trait FromValue: Sized {
    /// From a value.
    fn from_value(value: Value<'_>) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Int(v) => v,
            _ => None,
        }
    }
}

macro_rules! from_int {
    ($($type:ty),*) => {$(
        impl FromValue for $type {
            fn from_value(value: Value<'_>) -> Option<Self> {
                i64::from_value(value)?.try_into().ok()
            }
        }
    )*};
}
from_int!(u64, u32, u16);

impl FromValue for bool {
    fn from_value(value: Value<'_>) -> Option<Self> {
        i64::from_value(value).map(|n| n != 0)
    }
}

impl FromValue for f64 {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Real(v) => v,
            // SQLite may keep a whole number as one.
            Value::Int(v) => v.map(|n| n as f64),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(v) => v.map(Cow::into_owned),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Blob(v) => v.map(Cow::into_owned),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Int(None) | Value::Real(None) | Value::Text(None) | Value::Blob(None) => {
                Some(None)
            }
            some => T::from_value(some).map(Some),
        }
    }
}

/// The columns of a row, as an adapter has them.
pub trait Columns {
    /// The place of a column.
    fn position(&self, name: &str) -> Option<usize>;
    /// What it holds.
    ///
    /// # Errors
    /// There is none.
    fn value(&self, at: usize) -> Result<Value<'_>>;
}

/// A row of a query.
pub struct Row<'a>(pub(crate) &'a dyn Columns);

/// How a column is named: by its place or its name.
pub trait At: Copy + std::fmt::Display {
    /// Its place in a row.
    fn position(self, columns: &dyn Columns) -> Option<usize>;
}

impl At for usize {
    fn position(self, _: &dyn Columns) -> Option<usize> {
        Some(self)
    }
}

impl At for &str {
    fn position(self, columns: &dyn Columns) -> Option<usize> {
        columns.position(self)
    }
}

impl Row<'_> {
    /// A column.
    ///
    /// # Errors
    /// There is none, or it holds something else.
    pub fn get<T: FromValue>(&self, at: impl At) -> Result<T> {
        let value = self.value(at)?;
        T::from_value(value).ok_or_else(|| bad(at))
    }

    /// A column as it is.
    ///
    /// # Errors
    /// There is none.
    pub fn value(&self, at: impl At) -> Result<Value<'_>> {
        self.0.value(at.position(self.0).ok_or_else(|| bad(at))?)
    }

    /// The bytes of a column, as they lie there; nothing when it is empty or null.
    ///
    /// # Errors
    /// There is none, or it holds something else.
    pub fn bytes(&self, at: impl At) -> Result<Cow<'_, [u8]>> {
        match self.value(at)? {
            Value::Blob(bytes) => Ok(bytes.unwrap_or_default()),
            Value::Int(None) | Value::Text(None) | Value::Real(None) => Ok(Cow::default()),
            _ => Err(bad(at)),
        }
    }
}

/// A column that does not hold what it must.
pub(crate) fn bad(at: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("column {at} of a row does not hold what it must"))
}
