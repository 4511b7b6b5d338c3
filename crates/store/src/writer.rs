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
//! a serving node appends to the same log.

use std::{
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
};

use audit::{Checkpoint, LogKey, Logged, Tree};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::{
    StoreError,
    apply::{Applied, apply},
    change::{Batch, Outcome},
};

/// How many batches go into one transaction at the most.
const TOGETHER: usize = 512;
/// How many may wait.
const WAITING: usize = 4096;

type Reply = Box<dyn FnOnce(Result<Outcome, StoreError>) + Send>;

struct Job {
    batch: Batch,
    reply: Reply,
}

/// The writer's thread; ends when dropped, after all that waits is written.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(db: Connection, key: LogKey) -> Self {
        let (jobs, waiting) = sync_channel(WAITING);
        let run = move || Writing { db, key }.run(&waiting);
        let thread = std::thread::Builder::new().name("store writer".into()).spawn(run).ok();
        Self { jobs: Some(jobs), thread }
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
        if let Some(thread) = self.thread.take() {
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

struct Writing {
    db: Connection,
    key: LogKey,
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
                }
                // Nothing is known to be done. Should a commit have come through all the
                // same, history does not fork: the next transaction reads the frontier
                // that the file has.
                Err(e) => {
                    let text = e.to_string();
                    for reply in replies {
                        reply(Err(StoreError::BusyOrFull(text.clone())));
                    }
                }
            }
        }
    }

    fn write(&mut self, batches: &[Batch]) -> Result<Vec<Result<Outcome, StoreError>>, StoreError> {
        let mut tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tree = frontier(&tx)?;
        let before = tree.size();
        let mut outcomes = Vec::with_capacity(batches.len());
        for batch in batches {
            let savepoint = tx.savepoint()?;
            match one(&savepoint, batch, &mut tree) {
                Ok(outcome) => {
                    savepoint.commit()?;
                    outcomes.push(Ok(outcome));
                }
                Err(e) => {
                    drop(savepoint); // rolls back
                    // A full disk or a failed write may end the whole transaction, not
                    // the statement alone. What follows would be committed one by one,
                    // with a tree that holds events which are gone: nobody gets anything.
                    if tx.is_autocommit() {
                        return Err(e);
                    }
                    outcomes.push(Err(e));
                }
            }
        }
        if tree.size() > before {
            checkpoint(&tx, &tree, &self.key)?;
        }
        tx.commit()?;
        Ok(outcomes)
    }
}

/// The tree as the last transaction left it.
fn frontier(db: &Connection) -> Result<Tree, StoreError> {
    let bytes: Option<Vec<u8>> =
        db.query_row("SELECT frontier FROM log_tree WHERE one = 1", [], |r| r.get(0)).optional()?;
    match bytes {
        None => Ok(Tree::new()),
        Some(bytes) => Tree::from_bytes(&bytes)
            .map_err(|e| StoreError::Conflict(format!("the log's frontier is damaged: {e}"))),
    }
}

fn one(db: &Connection, batch: &Batch, tree: &mut Tree) -> Result<Outcome, StoreError> {
    for change in &batch.changes {
        if let Applied::Repeat(outcome, logged) = apply(db, change)? {
            append(db, std::slice::from_ref(&logged), tree)?;
            return Ok(outcome);
        }
    }
    append(db, &batch.events, tree)?;
    Ok(Outcome::Done { log_size: tree.size() })
}

fn append(db: &Connection, events: &[Logged], tree: &mut Tree) -> Result<(), StoreError> {
    let encoded = events.iter().map(Logged::encode).collect::<Result<Vec<_>, _>>()?;
    let mut insert =
        db.prepare_cached("INSERT INTO log_events (position, bytes) VALUES (?1, ?2)")?;
    for (i, bytes) in encoded.iter().enumerate() {
        insert.execute(params![tree.size() as i64 + i as i64, bytes])?;
    }
    // The tree follows only when nothing can fail any more: a batch that is rolled
    // back leaves no trace in it.
    for bytes in &encoded {
        tree.append(bytes);
    }
    Ok(())
}

fn checkpoint(db: &Connection, tree: &Tree, key: &LogKey) -> Result<(), StoreError> {
    let checkpoint =
        Checkpoint { origin: key.public().origin.clone(), size: tree.size(), root: tree.root() };
    db.prepare_cached("INSERT INTO log_checkpoints (size, note) VALUES (?1, ?2)")?
        .execute(params![tree.size() as i64, checkpoint.sign(key)])?;
    db.prepare_cached(
        "INSERT INTO log_tree (one, frontier) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET frontier = ?1",
    )?
    .execute(params![tree.to_bytes()])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use audit::{Actor, Event};
    use jiff::Timestamp;

    use super::*;
    use crate::{change::Change, schema};

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

    fn alarms_and_events(db: &Connection) -> (i64, i64) {
        let sql = "SELECT (SELECT COUNT(*) FROM alarms), (SELECT COUNT(*) FROM log_events)";
        db.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap()
    }

    /// The log is what its checkpoints say.
    fn log_is_whole(writing: &Writing) {
        let rows = |sql: &str| -> Vec<Vec<u8>> {
            let mut statement = writing.db.prepare(sql).unwrap();
            let found =
                statement.query_map([], |r| Ok(r.get_ref(0)?.as_bytes()?.to_vec())).unwrap();
            found.collect::<Result<_, _>>().unwrap()
        };
        let events = rows("SELECT bytes FROM log_events ORDER BY position");
        let notes = rows("SELECT note FROM log_checkpoints ORDER BY size");
        let notes = notes.into_iter().map(|n| String::from_utf8(n).unwrap());
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
                let limit = |db: &Connection, pages: i64| {
                    let set = format!("PRAGMA max_page_count = {pages}");
                    db.query_row(&set, [], |r| r.get::<_, i64>(0)).unwrap();
                };
                limit(&db, pages + free_pages);
                let mut writing = Writing { db, key };
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
                assert_eq!(alarms_and_events(&writing.db), (done, done), "what was said is so");
                log_is_whole(&writing);
                limit(&writing.db, 1_000_000);
                assert!(writing.write(&[batch(9, 30_000)]).unwrap()[0].is_ok());
                assert_eq!(alarms_and_events(&writing.db), (done + 1, done + 1));
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
        let mut writing = Writing { db, key };
        assert!(writing.write(&[batch(0, 10), bad, batch(2, 10)]).is_err());
        assert_eq!(alarms_and_events(&writing.db), (0, 0));
        assert!(writing.write(&[batch(3, 10)]).is_ok());
        assert_eq!(alarms_and_events(&writing.db), (1, 1));
        log_is_whole(&writing);
    }
}
