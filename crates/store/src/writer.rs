//! One thread writes; what waits is written together.
//!
//! Everybody who has something to write hands a [`Batch`] to the writer and waits.
//! The writer takes all that waits (up to a bound), applies each batch under a
//! savepoint of its own, appends the events to the log's tree, signs one checkpoint
//! over it, and commits. One fsync, and everybody is answered: the effect, its event
//! and the checkpoint that covers it are durable together, before anybody hears of
//! it (promises 1 and 4).
//!
//! The tree's frontier is read inside each transaction, so that a command run beside
//! a serving node, or another node on the same store, appends to the same log.
//!
//! What commits wrote aside is moved to where it belongs by a second thread: a commit that
//! did so itself would keep everybody waiting who comes after it.
//!
//! A server that goes away takes its transaction with it: everybody who waits is told that
//! nothing is known to be done, and the next transaction begins on a connection of its own.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use audit::{Checkpoint, LogKey, Logged, Tree};
use jiff::civil::Date;
use parking_lot::Mutex;

use crate::{
    StoreError,
    apply::{Applied, apply},
    change::{Batch, Change, Outcome},
    db::{Database, Session, Sql, values},
};

/// How many batches go into one transaction at the most.
const TOGETHER: usize = 512;
/// How many may wait.
const WAITING: usize = 4096;
/// How often what commits wrote aside is moved to where it belongs, at the most.
const BACKFILL_EVERY: Duration = Duration::from_secs(1);

type Reply = Box<dyn FnOnce(Result<Outcome, StoreError>) + Send>;

struct Job {
    batch: Batch,
    reply: Reply,
}

/// The writer's threads; they end when it is dropped, after all that waits is written.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        database: Arc<dyn Database>,
        db: Box<dyn Session>,
        (key, serving): (LogKey, Arc<Mutex<Option<String>>>),
    ) -> Self {
        let (jobs, waiting) = sync_channel(WAITING);
        let (written, wrote) = sync_channel(1);
        let filled = database.clone();
        let run = move || Writing { database, db, key, serving, written }.run(&waiting);
        let threads = [
            spawn("store writer", run),
            spawn("store backfill", move || backfill(&*filled, &wrote)),
        ];
        Self { jobs: Some(jobs), threads: threads.into_iter().flatten().collect() }
    }

    /// Hands over a batch; `reply` is called when it is durable, or refused.
    pub(crate) fn submit(&self, batch: Batch, reply: Reply) {
        let Some(jobs) = &self.jobs else { return reply(Err(StoreError::Closed)) };
        match jobs.try_send(Job { batch, reply }) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => {
                (job.reply)(Err(StoreError::BusyOrFull("too much waits to be written".into())));
            }
            Err(TrySendError::Disconnected(job)) => (job.reply)(Err(StoreError::Closed)),
        }
    }

    /// Writes all that waits and ends.
    pub(crate) fn close(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A writer that panicked has already failed everybody who waited.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    std::thread::Builder::new().name(name.into()).spawn(run).ok()
}

/// Moves what was written to where it belongs, after it was written. Where that fails, the
/// writer's own connection does it when there is too much.
fn backfill(database: &dyn Database, wrote: &Receiver<()>) {
    let mut last = Instant::now();
    while wrote.recv().is_ok() {
        while let Some(wait) = BACKFILL_EVERY.checked_sub(last.elapsed()) {
            match wrote.recv_timeout(wait) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let _ = database.backfill();
        last = Instant::now();
    }
}

struct Writing {
    database: Arc<dyn Database>,
    db: Box<dyn Session>,
    key: LogKey,
    serving: Arc<Mutex<Option<String>>>,
    written: SyncSender<()>,
}

impl Writing {
    fn run(mut self, waiting: &Receiver<Job>) {
        while let Ok(first) = waiting.recv() {
            let mut jobs = vec![first];
            while jobs.len() < TOGETHER {
                let Ok(job) = waiting.try_recv() else { break };
                jobs.push(job);
            }
            let (batches, replies): (Vec<Batch>, Vec<Reply>) =
                jobs.into_iter().map(|j| (j.batch, j.reply)).unzip();
            match self.write(&batches) {
                Ok(outcomes) => {
                    for (reply, outcome) in replies.into_iter().zip(outcomes) {
                        reply(outcome);
                    }
                    let _ = self.written.try_send(());
                }
                // Nothing is known to be done. Should a commit have come through all the
                // same, history does not fork: the next transaction reads the frontier
                // that the file has.
                Err(e) => {
                    let text = e.to_string();
                    for reply in replies {
                        reply(Err(match e {
                            StoreError::Replaced => StoreError::Replaced,
                            _ => StoreError::BusyOrFull(text.clone()),
                        }));
                    }
                }
            }
        }
    }

    fn write(&mut self, batches: &[Batch]) -> Result<Vec<Result<Outcome, StoreError>>, StoreError> {
        if !self.db.usable() {
            self.db = self.database.writer(false)?;
        }
        let done = self.db.begin_writing().and_then(|()| self.transaction(batches));
        if done.is_err() && self.db.in_transaction() {
            // Where not even that can be done, the connection is of no use any more.
            let _ = self.db.execute("ROLLBACK", &[]);
        }
        done
    }

    fn transaction(
        &self,
        batches: &[Batch],
    ) -> Result<Vec<Result<Outcome, StoreError>>, StoreError> {
        let db: &dyn Sql = &*self.db;
        if let Some(own) = &*self.serving.lock() {
            still_serving(db, own)?;
        }
        let mut tree = frontier(db)?;
        let before = tree.size();
        let mut outcomes = Vec::with_capacity(batches.len());
        let mut stays = HashSet::new();
        for batch in batches {
            db.post("SAVEPOINT batch", &[], None)?;
            let outcome =
                still_sealed(db, batch, &mut stays).and_then(|()| one(db, batch, &mut tree));
            if outcome.is_err() {
                // A full disk or a failed write may end the whole transaction, not the
                // statement alone. What follows would be committed one by one, with a tree
                // that holds events which are gone: nobody gets anything.
                if !self.db.in_transaction() {
                    outcome?;
                    continue;
                }
                db.execute("ROLLBACK TO batch", &[])?;
            }
            db.post("RELEASE batch", &[], None)?;
            outcomes.push(outcome);
        }
        if tree.size() > before {
            checkpoint(db, &tree, &self.key)?;
        }
        db.settle()?;
        db.execute("COMMIT", &[])?;
        Ok(outcomes)
    }
}

/// Whether nobody has taken over. Asked in the transaction: a node that was stopped for an
/// hour and wakes up finds out before it writes.
fn still_serving(db: &dyn Sql, own: &str) -> Result<(), StoreError> {
    let sql = "SELECT holder FROM serving WHERE one = 1";
    let holder: Option<String> = db.row(sql, &[], |r| r.get(0))?;
    if holder.is_some_and(|h| h == own) { Ok(()) } else { Err(StoreError::Replaced) }
}

/// Whether what a batch holds is sealed under keys that stay: a day that goes over to new keys
/// takes nothing more under the old ones. What was asked in this transaction is remembered.
fn still_sealed<'b>(
    db: &dyn Sql,
    batch: &'b Batch,
    stays: &mut HashSet<(&'b str, Date)>,
) -> Result<(), StoreError> {
    let own = batch.changes.iter().filter_map(|change| match change {
        Change::List(l) => Some((l.scope.as_str(), l.day)),
        Change::Submission(s) => Some((s.scope.as_str(), s.day)),
        _ => None,
    });
    for key in own.chain(batch.under.iter().map(|(scope, day)| (scope.as_str(), *day))) {
        if stays.contains(&key) {
            continue;
        }
        let sql = "SELECT COUNT(*) FROM day_keys
                   WHERE scope = ?1 AND day = ?2 AND going_at IS NOT NULL";
        if db.number(sql, values![key.0, key.1.to_string()])? > 0 {
            return Err(StoreError::Conflict(
                "this day has just gone over to new keys: do it again".into(),
            ));
        }
        stays.insert(key);
    }
    if batch.changes.iter().any(|change| matches!(change, Change::GoOver { .. })) {
        stays.clear();
    }
    Ok(())
}

/// The tree as the last transaction left it.
fn frontier(db: &dyn Sql) -> Result<Tree, StoreError> {
    let sql = "SELECT frontier FROM log_tree WHERE one = 1";
    let bytes: Vec<u8> = db.row(sql, &[], |r| r.get(0))?.unwrap_or_default();
    if bytes.is_empty() {
        return Ok(Tree::new());
    }
    Tree::from_bytes(&bytes)
        .map_err(|e| StoreError::Conflict(format!("the log's frontier is damaged: {e}")))
}

fn one(db: &dyn Sql, batch: &Batch, tree: &mut Tree) -> Result<Outcome, StoreError> {
    for change in &batch.changes {
        if let Applied::Repeat(outcome, logged) = apply(db, change)? {
            append(db, std::slice::from_ref(&logged), tree)?;
            return Ok(outcome);
        }
    }
    append(db, &batch.events, tree)?;
    Ok(Outcome::Done { log_size: tree.size() })
}

fn append(db: &dyn Sql, events: &[Logged], tree: &mut Tree) -> Result<(), StoreError> {
    let encoded = events.iter().map(Logged::encode).collect::<Result<Vec<_>, _>>()?;
    let insert = "INSERT INTO log_events (position, bytes) VALUES (?1, ?2)";
    for (position, bytes) in (tree.size()..).zip(&encoded) {
        db.post(insert, values![position, bytes], None)?;
    }
    db.settle()?;
    // The tree follows only when nothing can fail any more: a batch that is rolled
    // back leaves no trace in it.
    for bytes in &encoded {
        tree.append(bytes);
    }
    Ok(())
}

fn checkpoint(db: &dyn Sql, tree: &Tree, key: &LogKey) -> Result<(), StoreError> {
    let checkpoint =
        Checkpoint { origin: key.public().origin.clone(), size: tree.size(), root: tree.root() };
    let note = checkpoint.sign(key);
    let sql = "INSERT INTO log_checkpoints (size, note) VALUES (?1, ?2)";
    db.post(sql, values![tree.size(), note], None)?;
    db.post(
        "INSERT INTO log_tree (one, frontier) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET frontier = ?1",
        values![tree.to_bytes()],
        None,
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use audit::{Actor, Event};
    use jiff::Timestamp;
    use rusqlite::Connection;

    use super::*;
    use crate::{db::sqlite, schema};

    fn writing(db: &mut Connection) -> LogKey {
        schema::configure(db).unwrap();
        schema::migrate(db).unwrap();
        LogKey::from_seed("gw.gbr.example/log", &[1; 32]).unwrap()
    }

    fn batch(number: i64, bytes: usize) -> Batch {
        let at = Timestamp::UNIX_EPOCH;
        let alarm =
            Change::Alarm { partner: None, kind: "test".into(), what: "x".repeat(bytes), at };
        let event = Event::KeyMade { key: format!("key {number}") };
        Batch::new(vec![alarm], vec![Logged::new(at, Actor::Node, event)])
    }

    fn alarms_and_events(writing: &Writing) -> (i64, i64) {
        let sql = "SELECT (SELECT COUNT(*) FROM alarms), (SELECT COUNT(*) FROM log_events)";
        let db: &dyn Sql = &*writing.db;
        db.row(sql, &[], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().unwrap()
    }

    /// A writer on a connection of SQLite; it is not opened again.
    fn on(db: Connection, key: LogKey) -> Writing {
        let nowhere = Arc::new(sqlite::File::new(std::path::Path::new("nowhere")));
        let written = sync_channel(1).0;
        Writing { database: nowhere, db: Box::new(db), key, serving: Arc::default(), written }
    }

    /// The log is what its checkpoints say.
    fn log_is_whole(writing: &Writing) {
        let db: &dyn Sql = &*writing.db;
        let events = "SELECT bytes FROM log_events ORDER BY position";
        let events: Vec<Vec<u8>> = db.rows(events, &[], |r| r.get(0)).unwrap();
        let notes = "SELECT note FROM log_checkpoints ORDER BY size";
        let notes: Vec<String> = db.rows(notes, &[], |r| r.get(0)).unwrap();
        let found = audit::verify(writing.key.public(), (0..).zip(events), notes);
        assert!(found.ok, "{found:?}");
    }

    /// A full disk, in all its ways: the batch that does not fit, those beside it, and
    /// the node after somebody has made room.
    #[test]
    fn a_full_disk_undoes_what_it_must_and_tells_everybody() {
        let dir = tempfile::tempdir().unwrap();
        for batches in 1..6 {
            for free_pages in (1..40).step_by(3) {
                let file = dir.path().join(format!("{batches}-{free_pages}.db"));
                let mut db = Connection::open(file).unwrap();
                let key = writing(&mut db);
                let pages: i64 = db.query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
                let limit = |db: &dyn Sql, pages: i64| {
                    db.number(&format!("PRAGMA max_page_count = {pages}"), &[]).unwrap();
                };
                limit(&db, pages + free_pages);
                let mut writing = on(db, key);
                let work: Vec<Batch> = (0..batches).map(|i| batch(i, 30_000)).collect();
                let done = match writing.write(&work) {
                    Ok(outcomes) => {
                        let full = |o: &Result<Outcome, StoreError>| match o {
                            Ok(_) => false,
                            Err(e) => {
                                assert!(e.is_busy_or_full(), "{e}");
                                true
                            }
                        };
                        batches - outcomes.iter().filter(|o| full(o)).count() as i64
                    }
                    Err(e) => {
                        assert!(e.is_busy_or_full(), "{e}");
                        0
                    }
                };
                assert_eq!(alarms_and_events(&writing), (done, done), "what was said is so");
                log_is_whole(&writing);
                limit(&*writing.db, 1_000_000);
                assert!(writing.write(&[batch(9, 30_000)]).unwrap()[0].is_ok());
                assert_eq!(alarms_and_events(&writing), (done + 1, done + 1));
                log_is_whole(&writing);
            }
        }
    }

    /// SQLite may end the whole transaction in the middle of it (a full disk, a failed
    /// write); here a trigger does.
    #[test]
    fn a_transaction_that_ends_by_itself_takes_every_batch_with_it() {
        let mut db = Connection::open_in_memory().unwrap();
        let key = writing(&mut db);
        db.execute_batch(
            "CREATE TRIGGER planted BEFORE INSERT ON watchlists
             BEGIN SELECT RAISE(ROLLBACK, 'planted'); END",
        )
        .unwrap();
        let watchlist = crate::rows::WatchlistRow {
            name: "un".into(),
            version: "bad".into(),
            digest: String::new(),
            entries: 1,
            file: String::new(),
            loaded_at: Timestamp::UNIX_EPOCH,
        };
        let mut bad = batch(1, 10);
        bad.changes.push(Change::Watchlist(watchlist));
        let mut writing = on(db, key);
        assert!(writing.write(&[batch(0, 10), bad, batch(2, 10)]).is_err());
        assert_eq!(alarms_and_events(&writing), (0, 0));
        assert!(writing.write(&[batch(3, 10)]).is_ok());
        assert_eq!(alarms_and_events(&writing), (1, 1));
        log_is_whole(&writing);
    }
}
