//! PostgreSQL, and what speaks its protocol: a server for several nodes on one store.
//!
//! The tables lie in a schema of their own (`passerelle`). Whoever writes first locks the
//! row of the log's frontier, so that transactions of all nodes and commands come one
//! after the other, as they do in SQLite, and none fails for another's sake. Commits are
//! synchronous whatever the server's default is. Statements are prepared once; what is
//! posted is sent without waiting for the answer of the one before.
//!
//! The callers are threads: the connections' tasks run on one of their own.

mod tls;

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::HashMap,
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, OnceLock},
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::Duration,
};

use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, Config, NoTls, Statement,
    config::{Host, SslMode},
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::{Columns, Database, Go, Result, Row, Session, Sql, Value, must_change, values};
use crate::{StoreError, schema::postgres as schema};

/// A server, and the database on it that holds a store, or is to.
pub(crate) struct Server {
    config: Config,
    tls: Option<tls::Tls>,
}

impl Server {
    /// From an address, `postgres://user@host/database`; a certificate that follows it (PEM)
    /// is the authority's that answers for the server's.
    pub(crate) fn new(address: &str) -> Result<Self> {
        let (address, pem) = match address.find("-----BEGIN") {
            Some(at) => (address[..at].trim(), Some(&address[at..])),
            None => (address.trim(), None),
        };
        let wrong = |why: String| StoreError::Place(format!("the store's address: {why}"));
        let mut config: Config = address.parse().map_err(|e: tokio_postgres::Error| {
            wrong(format!("{e} (it reads postgres://user@host/database)"))
        })?;
        config.application_name("passerelle");
        config.connect_timeout(Duration::from_secs(10));
        config.keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(Duration::from_secs(30));
        let tls = match pem {
            Some(pem) if config.get_ssl_mode() != SslMode::Disable => {
                config.ssl_mode(SslMode::Require);
                Some(tls::Tls::trusting(pem).map_err(wrong)?)
            }
            _ => None,
        };
        let far = is_far(&config);
        if tls.is_none() && config.get_ssl_mode() == SslMode::Require {
            return Err(wrong(
                "sslmode=require needs the certificate of the server's authority \
                 (PEM) in the lines after the address"
                    .to_owned(),
            ));
        }
        if tls.is_none() && far && config.get_ssl_mode() != SslMode::Disable {
            return Err(wrong(
                "the server is not on this machine: put the certificate of its \
                 authority (PEM) into the lines after the address, or say sslmode=disable where \
                 the network itself is trusted"
                    .to_owned(),
            ));
        }
        Ok(Self { config, tls })
    }

    fn connect(&self) -> Result<Client> {
        let (config, tls) = (self.config.clone(), self.tls.clone());
        // Connections outlive the call; each has a task of its own, which ends with it.
        let connecting = runtime()?.spawn(async move {
            match tls {
                Some(tls) => {
                    let (client, connection) = config.connect(tls).await?;
                    tokio::spawn(connection);
                    Ok(client)
                }
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    tokio::spawn(connection);
                    Ok::<_, tokio_postgres::Error>(client)
                }
            }
        });
        let client = block_on(connecting).map_err(|e| StoreError::Database(Box::new(e)))??;
        block_on(client.batch_execute(
            "SET search_path TO passerelle; SET synchronous_commit TO on;
             SET lock_timeout TO '10s'; SET client_min_messages TO warning;",
        ))?;
        Ok(client)
    }

    fn session(&self) -> Result<Connection> {
        Ok(Connection {
            client: Arc::new(self.connect()?),
            statements: RefCell::default(),
            posted: RefCell::default(),
        })
    }
}

/// Whether any of the servers is on another machine. An address (`hostaddr`) is where the
/// connection goes, whatever the host beside it is called.
fn is_far(config: &Config) -> bool {
    let named = config.get_hosts().iter().any(|host| match host {
        Host::Tcp(name) => !["localhost", "127.0.0.1", "::1"].contains(&name.as_str()),
        #[allow(unreachable_patterns, reason = "there are no other sockets everywhere")]
        _ => false,
    });
    named || config.get_hostaddrs().iter().any(|address| !address.is_loopback())
}

impl Database for Server {
    fn place(&self) -> String {
        let hosts: Vec<String> = self
            .config
            .get_hosts()
            .iter()
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            })
            .collect();
        let name = self.config.get_dbname().unwrap_or("its default database");
        format!("the PostgreSQL server at {}, {name}", hosts.join(", "))
    }

    fn file(&self) -> Option<&std::path::Path> {
        None
    }

    fn size(&self) -> Result<u64> {
        let sql = "SELECT CAST(SUM(pg_total_relation_size(c.oid)) AS BIGINT) FROM pg_class c
                   JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'passerelle' AND c.relkind = 'r'";
        (&self.session()? as &dyn Sql).number(sql, &[])
    }

    fn exists(&self) -> Result<bool> {
        Ok(schema::version(&self.session()?)?.is_some())
    }

    fn writer(&self, new: bool) -> Result<Box<dyn Session>> {
        let session = self.session()?;
        schema::migrate(&session, new)?;
        Ok(Box::new(session))
    }

    fn making(&self) -> Result<Box<dyn Session>> {
        let session = self.session()?;
        session.run("BEGIN")?;
        schema::make(&session)?;
        Ok(Box::new(session))
    }

    fn reader(&self) -> Result<Box<dyn Session>> {
        Ok(Box::new(self.session()?))
    }

    /// Writes the table of keys anew, takes away old rows of the others, and asks the
    /// server to go on to another file of its write-ahead log. What a server does with the
    /// files that it leaves is its own: see `docs/operating.md`.
    fn scrub(&self) -> Result<bool> {
        let client = self.connect()?;
        if !written_anew(&client)? {
            return Ok(false);
        }
        for table in SEALED {
            block_on(client.batch_execute(&format!("VACUUM {table}")))?;
        }
        for step in ["CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"] {
            match block_on(client.batch_execute(step)) {
                Ok(()) => {}
                Err(e) if e.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => return Ok(false),
                Err(e) => return Err(e.into()),
            }
        }
        Ok(true)
    }

    /// The server's own checkpointer does.
    fn backfill(&self) -> Result<()> {
        Ok(())
    }

    fn put_aside(&self) -> Result<String> {
        let client = self.connect()?;
        let sql = "ALTER SCHEMA passerelle RENAME TO passerelle_replaced";
        match block_on(client.batch_execute(sql)) {
            Err(e) if e.code() == Some(&SqlState::DUPLICATE_SCHEMA) => Err(StoreError::Place(
                "there is a schema passerelle_replaced already: look at it and remove it".into(),
            )),
            Err(e) => Err(e.into()),
            Ok(()) => Ok(format!("schema passerelle_replaced of {}", self.place())),
        }
    }
}

/// Tables with sealed columns, of which rows are emptied.
const SEALED: [&str; 11] = [
    "submissions",
    "lists",
    "hits",
    "decisions",
    "openings",
    "received_hits",
    "outbox",
    "cases",
    "case_records",
    "cleared",
    "unmaskings",
];

/// Writes the table of keys anew; whether it could. Rows that somebody might still see would be
/// taken along, and who that might be no view of the server tells surely: that all of a page's
/// rows are seen by everybody says that no other row is left on it.
fn written_anew(client: &Client) -> Result<bool> {
    let clean =
        "SELECT relallvisible = relpages FROM pg_class WHERE oid = 'passerelle.day_keys'::regclass";
    for _ in 0..40 {
        block_on(client.batch_execute("VACUUM (INDEX_CLEANUP ON) day_keys"))?;
        if block_on(client.query_one(clean, &[]))?.try_get(0)? {
            block_on(client.batch_execute("VACUUM FULL day_keys"))?;
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(false)
}

/// A statement that was sent, and whose answer nobody has waited for.
struct Posted {
    answer: Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>,
    ready: Option<Result<u64, tokio_postgres::Error>>,
    otherwise: Option<&'static str>,
}

pub(crate) struct Connection {
    client: Arc<Client>,
    statements: RefCell<HashMap<String, Statement>>,
    posted: RefCell<Vec<Posted>>,
}

impl Connection {
    pub(crate) fn run(&self, sql: &str) -> Result<()> {
        self.settle()?;
        Ok(block_on(self.client.batch_execute(sql))?)
    }

    fn statement(&self, sql: &str, values: &[Value<'_>]) -> Result<Statement> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        // The answers of what was posted come first.
        self.settle()?;
        let types: Vec<Type> = values
            .iter()
            .map(|value| match value {
                // A null of SQLite's tells no type: the server knows what the column is.
                Value::Int(None) => Type::UNKNOWN,
                Value::Int(_) => Type::INT8,
                Value::Real(_) => Type::FLOAT8,
                Value::Text(_) => Type::TEXT,
                Value::Blob(_) => Type::BYTEA,
            })
            .collect();
        let statement = block_on(self.client.prepare_typed(&sql.replace('?', "$"), &types))?;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Session for Connection {
    fn begin_writing(&self) -> Result<()> {
        self.run("BEGIN")?;
        // Whoever holds this row is the one writer.
        let sql = "SELECT one FROM log_tree WHERE one = 1 FOR UPDATE";
        (self as &dyn Sql).number(sql, &[]).map(drop)
    }

    fn begin_reading(&self) -> Result<()> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
        (self as &dyn Sql).number("SELECT COUNT(*) FROM node", &[]).map(drop)
    }

    fn in_transaction(&self) -> bool {
        // An error leaves the transaction open until it is rolled back, to a savepoint or
        // whole; only with its connection does it end by itself.
        self.usable()
    }

    fn usable(&self) -> bool {
        !self.client.is_closed()
    }

    fn integrity(&self) -> Result<Vec<String>> {
        let on = ["fsync", "full_page_writes"];
        let mut found = Vec::new();
        for name in on {
            let sql = "SELECT setting FROM pg_settings WHERE name = ?1";
            let setting: Option<String> =
                (self as &dyn Sql).row(sql, values![name], |r| r.get(0))?;
            if setting.as_deref() == Some("off") {
                found.push(format!(
                    "the server runs with {name} = off: what is answered may be lost when its machine fails"
                ));
            }
        }
        Ok(found)
    }
}

impl Sql for Connection {
    fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        self.settle()?;
        let statement = self.statement(sql, values)?;
        Ok(block_on(self.client.execute_raw(&statement, values))?)
    }

    fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        take: &mut dyn FnMut(&Row<'_>) -> Result<Go>,
    ) -> Result<()> {
        let statement = self.statement(sql, values)?;
        let mut query = pin!(self.client.query_raw(&statement, values));
        // Sent at the first poll, behind what was posted; answers are taken in their order.
        let ready = query.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.settle()?;
        let mut rows = pin!(match ready {
            Poll::Ready(rows) => rows?,
            Poll::Pending => block_on(query)?,
        });
        while let Some(row) = block_on(std::future::poll_fn(|cx| next(rows.as_mut(), cx))) {
            if take(&Row(&row?))? == Go::Enough {
                break;
            }
        }
        Ok(())
    }

    fn post(&self, sql: &str, values: &[Value<'_>], otherwise: Option<&'static str>) -> Result<()> {
        let statement = self.statement(sql, values)?;
        let values: Vec<Value<'static>> = values.iter().map(Value::owned).collect();
        let client = self.client.clone();
        let mut answer: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(async move { client.execute_raw(&statement, values).await });
        // The first poll sends it.
        let ready = match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        };
        self.posted.borrow_mut().push(Posted { answer, ready, otherwise });
        Ok(())
    }

    fn settle(&self) -> Result<()> {
        let posted = std::mem::take(&mut *self.posted.borrow_mut());
        let mut first = Ok(());
        for one in posted {
            let changed = match one.ready {
                Some(result) => result,
                None => block_on(one.answer),
            };
            let done = changed.map_err(StoreError::from);
            let done = done.and_then(|changed| must_change(changed, one.otherwise));
            // What follows a failure fails for its sake.
            if first.is_ok() {
                first = done;
            }
        }
        first
    }
}

fn next(
    rows: Pin<&mut tokio_postgres::RowStream>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<tokio_postgres::Row, tokio_postgres::Error>>> {
    futures_core::Stream::poll_next(rows, cx)
}

/// The runtime on which connections' tasks run; one thread, for as long as the program.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let started = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("postgres").enable_all().build()
    });
    started.as_ref().map_err(|e| StoreError::BusyOrFull(format!("no thread can be had: {e}")))
}

/// Waits for a future on the thread that calls, whatever else that thread is for.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        // A file may hold a text where a number belongs: eight letters are no number.
        let fits = match self {
            Value::Int(Some(_)) => *ty == Type::INT8,
            Value::Real(Some(_)) => *ty == Type::FLOAT8,
            Value::Text(Some(_)) => *ty == Type::TEXT,
            Value::Blob(Some(_)) => *ty == Type::BYTEA,
            _ => true,
        };
        if !fits {
            return Err(format!("a value does not fit a column of type {ty}").into());
        }
        match self {
            Value::Int(None) => Ok(IsNull::Yes),
            Value::Int(v) => v.to_sql(ty, out),
            Value::Real(v) => v.to_sql(ty, out),
            // The one character that a text may not hold here.
            Value::Text(Some(text)) if text.contains('\0') => {
                text.replace('\0', "\u{fffd}").to_sql(ty, out)
            }
            Value::Text(v) => v.as_deref().to_sql(ty, out),
            Value::Blob(v) => v.as_deref().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::FLOAT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

impl Columns for tokio_postgres::Row {
    fn position(&self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.name() == name)
    }

    fn value(&self, at: usize) -> Result<Value<'_>> {
        fn get<'a, T: FromSql<'a>>(row: &'a tokio_postgres::Row, at: usize) -> Result<Option<T>> {
            Ok(row.try_get(at)?)
        }
        let column = self.columns().get(at).ok_or_else(|| super::bad(at))?;
        Ok(match *column.type_() {
            Type::INT8 => Value::Int(get(self, at)?),
            Type::INT4 => Value::Int(get::<i32>(self, at)?.map(i64::from)),
            Type::BOOL => Value::Int(get::<bool>(self, at)?.map(i64::from)),
            Type::FLOAT8 => Value::Real(get(self, at)?),
            Type::BYTEA => Value::Blob(get(self, at)?.map(Cow::Borrowed)),
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => {
                Value::Text(get(self, at)?.map(Cow::Borrowed))
            }
            _ => return Err(super::bad(at)),
        })
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(e: tokio_postgres::Error) -> Self {
        let Some(error) = e.as_db_error() else {
            // No word of the server's: the connection is not there, or not any more.
            let cause = std::error::Error::source(&e).map(|s| format!(": {s}"));
            return Self::BusyOrFull(format!("{e}{}", cause.unwrap_or_default()));
        };
        // Its message names tables and rules; what a row holds would be in its detail.
        let said = error.message().to_owned();
        match error.code().code().get(..2) {
            Some("23") => Self::Constraint(said),
            // Connection, resources (disk full), operator's intervention (a restart), system;
            // rolled back for another's sake; a server that only reads, before or after a
            // failover; a lock that took too long.
            Some("08" | "53" | "57" | "58" | "40") => Self::BusyOrFull(said),
            _ if [&SqlState::READ_ONLY_SQL_TRANSACTION, &SqlState::LOCK_NOT_AVAILABLE]
                .contains(&error.code()) =>
            {
                Self::BusyOrFull(said)
            }
            _ => Self::Database(said.into()),
        }
    }
}
