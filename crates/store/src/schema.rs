//! The tables, and how an older file becomes one of today.
//!
//! Here SQLite's; [`postgres`] has the same for a server.
//!
//! Times are microseconds since 1970, ids are UUIDv7 as text, digests are 64
//! hexadecimal digits. No triggers, no server functions: the same statements run on
//! any SQL database. What each table is worth is said in `docs/formats/store.md`.

pub(crate) mod postgres;

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// Each step makes the next version of the file. Steps are never changed once released.
const STEPS: &[&str] = &["
CREATE TABLE node (one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL, state TEXT NOT NULL,
  made_at INTEGER NOT NULL, strangers INTEGER NOT NULL DEFAULT 0);
CREATE TABLE day_keys (origin TEXT NOT NULL, day TEXT NOT NULL, wrapped BLOB, made_at INTEGER NOT NULL,
  destroyed_at INTEGER, PRIMARY KEY (origin, day));
CREATE TABLE log_events (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE log_checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL);
CREATE TABLE log_tree (one INTEGER PRIMARY KEY CHECK (one = 1), frontier BLOB NOT NULL);
CREATE TABLE carriers (id TEXT PRIMARY KEY, name TEXT NOT NULL, token_hash TEXT UNIQUE, certificate TEXT UNIQUE,
  enabled INTEGER NOT NULL, added_at INTEGER NOT NULL);
CREATE TABLE submissions (id TEXT PRIMARY KEY, carrier TEXT NOT NULL, digest TEXT NOT NULL, received_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL, day TEXT NOT NULL, original BLOB NOT NULL, status INTEGER NOT NULL, media_type TEXT NOT NULL,
  answer BLOB NOT NULL, faults INTEGER NOT NULL, lists INTEGER NOT NULL, repeats INTEGER NOT NULL DEFAULT 0,
  UNIQUE (carrier, digest));
CREATE INDEX submissions_received ON submissions (received_at);
CREATE TABLE lists (id TEXT PRIMARY KEY, submission TEXT, parcel TEXT, origin TEXT NOT NULL, agreement TEXT,
  flight TEXT NOT NULL, carrier TEXT NOT NULL, number TEXT NOT NULL, origin_airport TEXT NOT NULL,
  destination TEXT NOT NULL, departs_at INTEGER, arrives_at INTEGER, dataset TEXT NOT NULL, function TEXT NOT NULL,
  travellers INTEGER NOT NULL, dropped INTEGER NOT NULL, received_at INTEGER NOT NULL, keep_until TEXT NOT NULL,
  day TEXT NOT NULL, sealed BLOB NOT NULL, digest TEXT NOT NULL, screened_at INTEGER, watchlists TEXT);
CREATE INDEX lists_departs ON lists (departs_at);
CREATE INDEX lists_flight ON lists (flight);
CREATE INDEX lists_unscreened ON lists (received_at) WHERE screened_at IS NULL;
CREATE INDEX lists_submission ON lists (submission);
CREATE TABLE hits (id TEXT PRIMARY KEY, list TEXT NOT NULL REFERENCES lists (id), traveller INTEGER NOT NULL,
  watchlist TEXT NOT NULL, entry TEXT NOT NULL, band TEXT NOT NULL, nats REAL NOT NULL, state TEXT NOT NULL,
  raised_at INTEGER NOT NULL, departs_at INTEGER, disclosed_at INTEGER, sealed BLOB NOT NULL,
  UNIQUE (list, traveller, watchlist, entry));
CREATE INDEX hits_state ON hits (state, departs_at);
CREATE TABLE decisions (hit TEXT NOT NULL REFERENCES hits (id), ordinal INTEGER NOT NULL, officer TEXT NOT NULL,
  verdict TEXT NOT NULL, reason BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (hit, ordinal));
CREATE TABLE officers (id TEXT PRIMARY KEY, roles TEXT NOT NULL, password TEXT NOT NULL, enabled INTEGER NOT NULL,
  failed INTEGER NOT NULL, locked_until INTEGER, added_at INTEGER NOT NULL);
CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, officer TEXT NOT NULL, csrf TEXT NOT NULL, started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL);
CREATE TABLE partners (state TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, authority TEXT NOT NULL,
  certificate TEXT NOT NULL, keys BLOB NOT NULL, enabled INTEGER NOT NULL, added_at INTEGER NOT NULL,
  last_answer TEXT, last_answer_at INTEGER);
CREATE TABLE agreements (id TEXT PRIMARY KEY, partner TEXT NOT NULL, version INTEGER NOT NULL, signed BLOB NOT NULL,
  status TEXT NOT NULL, suspended_by TEXT, changed_at INTEGER NOT NULL);
CREATE TABLE streams_out (agreement TEXT PRIMARY KEY, partner TEXT NOT NULL, state BLOB NOT NULL);
CREATE TABLE streams_in (agreement TEXT PRIMARY KEY, partner TEXT NOT NULL, state BLOB NOT NULL, stopped TEXT);
CREATE TABLE outbox (parcel TEXT PRIMARY KEY, partner TEXT NOT NULL, agreement TEXT NOT NULL, sequence INTEGER NOT NULL,
  mode TEXT NOT NULL, list TEXT NOT NULL, hit TEXT, elements INTEGER NOT NULL, digest TEXT NOT NULL, bytes BLOB,
  status TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, not_before INTEGER NOT NULL, queued_at INTEGER NOT NULL,
  receipted_at INTEGER, receipt BLOB, UNIQUE (agreement, sequence));
CREATE INDEX outbox_due ON outbox (partner, status, sequence);
CREATE TABLE inbox (parcel TEXT NOT NULL, partner TEXT NOT NULL, agreement TEXT NOT NULL, sequence INTEGER NOT NULL,
  mode TEXT NOT NULL, digest TEXT NOT NULL, list TEXT, verdict TEXT NOT NULL, receipt BLOB NOT NULL,
  received_at INTEGER NOT NULL, PRIMARY KEY (partner, parcel));
CREATE TABLE received_hits (id TEXT PRIMARY KEY, partner TEXT NOT NULL, parcel TEXT NOT NULL, list TEXT NOT NULL,
  received_at INTEGER NOT NULL, seen_by TEXT, seen_at INTEGER, sealed BLOB NOT NULL);
CREATE TABLE refusals (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, partner TEXT NOT NULL, mode TEXT NOT NULL,
  list TEXT, hit TEXT, rules TEXT NOT NULL, direction TEXT NOT NULL);
CREATE TABLE openings (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, officer TEXT NOT NULL, list TEXT NOT NULL,
  traveller INTEGER, purpose TEXT NOT NULL, reason BLOB NOT NULL);
CREATE TABLE watchlists (name TEXT PRIMARY KEY, version TEXT NOT NULL, digest TEXT NOT NULL, entries INTEGER NOT NULL,
  file TEXT NOT NULL, loaded_at INTEGER NOT NULL);
CREATE TABLE alarms (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, partner TEXT, kind TEXT NOT NULL,
  what TEXT NOT NULL, settled_by TEXT, settled_at INTEGER);
",
// What pages ask for, without reading whole tables.
"
CREATE INDEX lists_when ON lists (COALESCE(departs_at, received_at), flight, id);
CREATE INDEX hits_queue ON hits (state, COALESCE(departs_at, raised_at), id);
CREATE INDEX hits_raised ON hits (raised_at);
CREATE INDEX outbox_hit ON outbox (hit) WHERE hit IS NOT NULL;
CREATE INDEX outbox_list ON outbox (list);
CREATE INDEX received_hits_received ON received_hits (received_at);
",
// Whose flights a carrier may report; what an alarm was.
"
ALTER TABLE carriers ADD COLUMN flights TEXT NOT NULL DEFAULT '';
ALTER TABLE alarms ADD COLUMN reason BLOB;
",
// Keys with a clock: two for each scope and day, lists in two parts, cases. Of an older
// list nobody noted when it is to be masked: a month after it came, the shortest there is.
"
ALTER TABLE day_keys RENAME COLUMN origin TO scope;
ALTER TABLE day_keys RENAME COLUMN wrapped TO identity;
ALTER TABLE day_keys RENAME COLUMN destroyed_at TO erased_at;
ALTER TABLE day_keys ADD COLUMN remainder BLOB;
ALTER TABLE day_keys ADD COLUMN masked BLOB;
ALTER TABLE day_keys ADD COLUMN mask_due TEXT;
ALTER TABLE day_keys ADD COLUMN erase_due TEXT;
ALTER TABLE day_keys ADD COLUMN masked_at INTEGER;
ALTER TABLE day_keys ADD COLUMN purged_at INTEGER;
ALTER TABLE lists ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE lists ADD COLUMN remainder BLOB NOT NULL DEFAULT x'';
ALTER TABLE lists ADD COLUMN mask_due TEXT;
ALTER TABLE lists ADD COLUMN clock TEXT NOT NULL DEFAULT '';
ALTER TABLE submissions ADD COLUMN scope TEXT NOT NULL DEFAULT 'carrier';
ALTER TABLE submissions ADD COLUMN keep_until TEXT NOT NULL DEFAULT '';
UPDATE lists SET scope = origin, mask_due = MIN(keep_until, date(received_at / 1000000, 'unixepoch', '+1 month'));
UPDATE submissions SET keep_until = date(received_at / 1000000, 'unixepoch', '+6 months');
UPDATE day_keys SET erase_due = COALESCE(
    (SELECT MIN(keep_until) FROM lists WHERE lists.scope = day_keys.scope AND lists.day = day_keys.day),
    date(day, '+6 months')),
  mask_due = (SELECT MIN(mask_due) FROM lists WHERE lists.scope = day_keys.scope AND lists.day = day_keys.day);
CREATE INDEX lists_key ON lists (scope, day);
CREATE INDEX submissions_key ON submissions (scope, day);
CREATE TABLE cases (id TEXT PRIMARY KEY, day TEXT NOT NULL, ground BLOB NOT NULL, hold INTEGER NOT NULL,
  opened_by TEXT NOT NULL, opened_at INTEGER NOT NULL, keep_until TEXT NOT NULL, closed_at INTEGER);
CREATE TABLE case_records (case_id TEXT NOT NULL REFERENCES cases (id), list TEXT NOT NULL, traveller INTEGER NOT NULL,
  sealed BLOB NOT NULL, copied_at INTEGER NOT NULL, PRIMARY KEY (case_id, list, traveller));
CREATE TABLE unmaskings (id TEXT PRIMARY KEY, list TEXT NOT NULL, case_id TEXT NOT NULL, secret BLOB,
  asked_by TEXT NOT NULL, asked_at INTEGER NOT NULL, used_at INTEGER);
",
// Hits know the version of their entry, so that a changed entry is seen anew; who was
// dismissed is cleared; every version of a watchlist is remembered.
"
CREATE TABLE hits_new (id TEXT PRIMARY KEY, list TEXT NOT NULL REFERENCES lists (id), traveller INTEGER NOT NULL,
  watchlist TEXT NOT NULL, entry TEXT NOT NULL, entry_version TEXT NOT NULL DEFAULT '', pair TEXT, band TEXT NOT NULL,
  nats REAL NOT NULL, state TEXT NOT NULL, raised_at INTEGER NOT NULL, departs_at INTEGER, disclosed_at INTEGER,
  sealed BLOB NOT NULL, UNIQUE (list, traveller, watchlist, entry, entry_version));
INSERT INTO hits_new (id, list, traveller, watchlist, entry, band, nats, state, raised_at, departs_at, disclosed_at, sealed)
  SELECT id, list, traveller, watchlist, entry, band, nats, state, raised_at, departs_at, disclosed_at, sealed FROM hits;
DROP TABLE hits;
ALTER TABLE hits_new RENAME TO hits;
CREATE INDEX hits_state ON hits (state, departs_at);
CREATE INDEX hits_queue ON hits (state, COALESCE(departs_at, raised_at), id);
CREATE INDEX hits_raised ON hits (raised_at);
CREATE INDEX hits_pair ON hits (pair, entry_version) WHERE pair IS NOT NULL;
CREATE TABLE cleared (pair TEXT NOT NULL, entry_version TEXT NOT NULL, hit TEXT NOT NULL, cleared_at INTEGER NOT NULL,
  until TEXT NOT NULL, PRIMARY KEY (pair, entry_version));
CREATE INDEX cleared_until ON cleared (until);
CREATE INDEX lists_watchlists ON lists (watchlists) WHERE screened_at IS NOT NULL;
CREATE TABLE watchlist_versions (name TEXT NOT NULL, digest TEXT NOT NULL, version TEXT NOT NULL, entries INTEGER NOT NULL,
  file TEXT NOT NULL, loaded_at INTEGER NOT NULL, PRIMARY KEY (name, digest));
INSERT INTO watchlist_versions (name, digest, version, entries, file, loaded_at)
  SELECT name, digest, version, entries, file, loaded_at FROM watchlists;
",
// Parts of a list that came in submissions of their own, until they are one list.
"
CREATE TABLE parts (series TEXT NOT NULL, number INTEGER NOT NULL, last INTEGER NOT NULL, base TEXT NOT NULL,
  submission TEXT NOT NULL, message INTEGER NOT NULL, received_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
  PRIMARY KEY (series, number));
CREATE INDEX parts_base ON parts (base);
",
// Totals that no page has to count; and what else is counted, from indexes alone.
"
CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), submissions INTEGER NOT NULL, faults INTEGER NOT NULL,
  lists INTEGER NOT NULL, carrier_lists INTEGER NOT NULL, flights INTEGER NOT NULL, travellers INTEGER NOT NULL);
INSERT INTO totals (one, submissions, faults, lists, carrier_lists, flights, travellers) VALUES (1,
  (SELECT COUNT(*) FROM submissions), (SELECT COALESCE(SUM(faults), 0) FROM submissions), (SELECT COUNT(*) FROM lists),
  (SELECT COUNT(*) FROM lists WHERE submission IS NOT NULL),
  (SELECT COUNT(DISTINCT flight) FROM lists WHERE submission IS NOT NULL),
  (SELECT COALESCE(SUM(travellers), 0) FROM lists WHERE submission IS NOT NULL));
CREATE INDEX hits_shown ON hits (state) WHERE band <> 'silent';
CREATE INDEX outbox_mode ON outbox (mode, status);
CREATE INDEX inbox_verdict ON inbox (verdict);
",
// What waits of a stream is found without a look at all that went before.
"
CREATE INDEX outbox_queued ON outbox (agreement, sequence) WHERE status = 'queued';
",
// Criteria, as they were proposed, tried, approved by somebody else, and withdrawn.
"
CREATE TABLE criteria (name TEXT NOT NULL, digest TEXT NOT NULL, document TEXT NOT NULL, review_by TEXT NOT NULL,
  lists INTEGER NOT NULL, travellers INTEGER NOT NULL, met TEXT NOT NULL, proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL, approved_by TEXT, approved_at INTEGER, withdrawn_by TEXT, withdrawn_at INTEGER,
  reason BLOB, PRIMARY KEY (name, digest));
",
// Who did what about an agreement, and why; thresholds that were set on the console.
"
CREATE TABLE agreement_acts (agreement TEXT NOT NULL, at INTEGER NOT NULL, officer TEXT NOT NULL, act TEXT NOT NULL,
  reason BLOB, PRIMARY KEY (agreement, at, act));
CREATE TABLE thresholds (watchlist TEXT PRIMARY KEY, possible REAL NOT NULL, hit REAL NOT NULL, set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL);
",
// Where the marks of travellers stand. A segment belongs to a day and goes with its key.
"
CREATE TABLE segments (id TEXT PRIMARY KEY, scope TEXT NOT NULL, day TEXT NOT NULL, lists TEXT NOT NULL);
CREATE INDEX segments_key ON segments (scope, day);
CREATE TABLE postings (segment TEXT NOT NULL, first INTEGER NOT NULL, entries BLOB NOT NULL,
  PRIMARY KEY (segment, first)) WITHOUT ROWID;
ALTER TABLE lists ADD COLUMN projected INTEGER NOT NULL DEFAULT 0;
CREATE INDEX lists_unprojected ON lists (scope, day) WHERE projected = 0;
",
// Which node serves.
"
CREATE TABLE serving (one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, until INTEGER NOT NULL);
",
// Which parts the lake has, which lists are in them, and which files are to be removed.
"
CREATE TABLE lake_parts (id TEXT PRIMARY KEY, scope TEXT NOT NULL, day TEXT NOT NULL, lists INTEGER NOT NULL,
  travellers INTEGER NOT NULL, people_bytes INTEGER NOT NULL, marks_bytes INTEGER NOT NULL, watchlists TEXT NOT NULL,
  made_at INTEGER NOT NULL);
CREATE INDEX lake_parts_day ON lake_parts (scope, day);
CREATE TABLE lake_lists (list TEXT PRIMARY KEY, part TEXT NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX lake_lists_place ON lake_lists (part, place);
CREATE TABLE lake_gone (part TEXT PRIMARY KEY, day TEXT NOT NULL);
",
// What partners were asked and asked, sealed under the key of its day; and the answers.
"
CREATE TABLE requests (id TEXT NOT NULL, partner TEXT NOT NULL, outgoing INTEGER NOT NULL, agreement TEXT NOT NULL,
  digest TEXT NOT NULL, purpose TEXT NOT NULL, dataset TEXT NOT NULL, elements INTEGER NOT NULL, answer_by INTEGER,
  justify_by INTEGER, asked_by TEXT, at INTEGER NOT NULL, scope TEXT NOT NULL, day TEXT NOT NULL, sealed BLOB NOT NULL,
  outcome TEXT, decided_by TEXT, decided_at INTEGER, reason BLOB, PRIMARY KEY (partner, id));
CREATE INDEX requests_key ON requests (scope, day);
CREATE INDEX requests_at ON requests (at);
CREATE TABLE answers (partner TEXT NOT NULL, request TEXT NOT NULL, number INTEGER NOT NULL, parts INTEGER NOT NULL,
  parcel TEXT NOT NULL, list TEXT, outcome TEXT NOT NULL, rules TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (partner, request, number));
",
// Of whom partners were told unasked, and told this state, with the reason, sealed under the key of
// the list's day.
"
CREATE TABLE tellings (partner TEXT NOT NULL, parcel TEXT NOT NULL, outgoing INTEGER NOT NULL, purpose TEXT NOT NULL,
  list TEXT NOT NULL, travellers TEXT NOT NULL, told_by TEXT, at INTEGER NOT NULL, seen_by TEXT, seen_at INTEGER,
  sealed BLOB NOT NULL, PRIMARY KEY (partner, parcel));
CREATE INDEX tellings_at ON tellings (at);
CREATE INDEX tellings_list ON tellings (list);
",
// Why a request could not wait, sealed as the request is; and when a person was told that nobody said.
"
ALTER TABLE requests ADD COLUMN justified_at INTEGER;
ALTER TABLE requests ADD COLUMN justification BLOB;
ALTER TABLE requests ADD COLUMN late_at INTEGER;
",
// Which record was replaced by which, here or at a partner, and since when the wrong one was
// believed. It names nobody, and outlives both.
"
CREATE TABLE corrections (partner TEXT NOT NULL, parcel TEXT NOT NULL, earlier TEXT NOT NULL, outgoing INTEGER NOT NULL,
  mode TEXT NOT NULL, cause TEXT NOT NULL, replaced TEXT NOT NULL, list TEXT NOT NULL, believed_from INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (partner, parcel));
CREATE INDEX corrections_list ON corrections (list);
CREATE INDEX corrections_replaced ON corrections (replaced);
",
// When a person was told that a request made in an emergency was not answered in its time.
"
ALTER TABLE requests ADD COLUMN unanswered_at INTEGER;
",
// What each day of a stream carried, said by both sides over the same parcels.
"
CREATE TABLE day_totals (partner TEXT NOT NULL, parcel TEXT NOT NULL, agreement TEXT NOT NULL, outgoing INTEGER NOT NULL,
  day TEXT NOT NULL, first_number INTEGER NOT NULL, last_number INTEGER NOT NULL, total BLOB NOT NULL, receipt BLOB,
  agrees INTEGER, at INTEGER NOT NULL, answered_at INTEGER, PRIMARY KEY (partner, parcel));
CREATE INDEX day_totals_stream ON day_totals (agreement, outgoing, last_number);
",
// Who was removed from a list before its day went, or is to be; which days go over to new keys
// for it; and when a law wants it by itself.
"
CREATE TABLE removals (list TEXT NOT NULL, scope TEXT NOT NULL, day TEXT NOT NULL, travellers TEXT NOT NULL,
  rules TEXT NOT NULL, asked_by TEXT, begun_at INTEGER NOT NULL, removed_at INTEGER, PRIMARY KEY (list, scope, day));
CREATE INDEX removals_day ON removals (scope, day);
ALTER TABLE day_keys ADD COLUMN going_at INTEGER;
ALTER TABLE lists ADD COLUMN leave_due TEXT;
CREATE INDEX lists_leave ON lists (leave_due) WHERE leave_due IS NOT NULL;
",
];

/// Every table, what is referred to before what refers to it.
pub(crate) const TABLES: [&str; 45] = [
    "node",
    "day_keys",
    "log_events",
    "log_checkpoints",
    "log_tree",
    "carriers",
    "submissions",
    "lists",
    "hits",
    "decisions",
    "officers",
    "sessions",
    "partners",
    "agreements",
    "streams_out",
    "streams_in",
    "outbox",
    "inbox",
    "received_hits",
    "refusals",
    "openings",
    "watchlists",
    "watchlist_versions",
    "alarms",
    "cases",
    "case_records",
    "unmaskings",
    "cleared",
    "parts",
    "totals",
    "criteria",
    "agreement_acts",
    "thresholds",
    "segments",
    "postings",
    "serving",
    "lake_parts",
    "lake_lists",
    "lake_gone",
    "requests",
    "answers",
    "tellings",
    "corrections",
    "day_totals",
    "removals",
];

/// Tables that no copy holds: who is signed in, who serves, and what is made again from the
/// lists.
pub(crate) const NOT_COPIED: [&str; 7] =
    ["sessions", "segments", "postings", "serving", "lake_parts", "lake_lists", "lake_gone"];

/// Tables that begin with a row, which a copy must not have twice.
pub(crate) const NOT_EMPTY: [&str; 2] = ["log_tree", "totals"];

/// The version that this program makes and reads.
pub const NEWEST: i64 = STEPS.len() as i64;

/// Brings the file up to the newest version.
pub fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    let found: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    if found > NEWEST {
        return Err(StoreError::Newer { found, known: NEWEST });
    }
    if found == NEWEST {
        return Ok(());
    }
    // A table that others refer to is made anew by one step; SQLite asks for it so.
    let strict: bool = db.query_row("PRAGMA foreign_keys", [], |r| r.get(0))?;
    db.execute_batch("PRAGMA foreign_keys = OFF")?;
    let done = steps(db);
    if strict {
        db.execute_batch("PRAGMA foreign_keys = ON")?;
    }
    done
}

/// The steps that the file lacks, all or none.
fn steps(db: &mut Connection) -> Result<(), StoreError> {
    // All steps in one transaction, and the version asked again inside it: a command
    // may open the store at the same moment.
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = tx.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    for step in STEPS.iter().skip(found.max(0) as usize) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", NEWEST)?;
    tx.commit()?;
    Ok(())
}

/// Settings of every connection. Pages leave the write-ahead log beside the writer
/// ([`crate::db::Database::backfill`]); a commit moves them only where that falls far behind.
pub fn configure(db: &Connection) -> Result<(), StoreError> {
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 16000;
         PRAGMA cache_size = -16000;",
    )?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn version(db: &Connection) -> i64 {
        db.query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap()
    }

    /// Tables and indexes, as SQLite tells of them.
    fn shape(db: &Connection) -> Vec<String> {
        let mut statement =
            db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
        let found = statement.query_map([], |r| r.get(0)).unwrap();
        let mut shape: Vec<String> = found.collect::<Result<_, _>>().unwrap();
        shape.sort();
        shape
    }

    #[test]
    fn a_file_of_any_older_version_becomes_one_of_today_with_its_rows() {
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh).unwrap();
        for older in 1..STEPS.len() {
            let mut db = Connection::open_in_memory().unwrap();
            STEPS[..older].iter().for_each(|step| db.execute_batch(step).unwrap());
            db.pragma_update(None, "user_version", older as i64).unwrap();
            let row = "INSERT INTO node (one, origin, state, made_at) VALUES (1, 'o', 'GBR', 0)";
            db.execute(row, []).unwrap();
            migrate(&mut db).unwrap();
            migrate(&mut db).unwrap();
            assert_eq!(version(&db), NEWEST);
            assert_eq!(shape(&db), shape(&fresh), "from version {older}");
            let nodes: i64 = db.query_row("SELECT COUNT(*) FROM node", [], |r| r.get(0)).unwrap();
            assert_eq!(nodes, 1);
        }
    }

    #[test]
    fn hits_and_what_was_decided_on_them_outlive_the_table_of_hits_that_is_made_anew() {
        let rows = "INSERT INTO hits (id, list, traveller, watchlist, entry, band, nats, state, raised_at, sealed)
              VALUES ('h', 'l', 3, 'un', 'e', 'hit', 17.5, 'dismissed', 5, x'01');
            INSERT INTO decisions (hit, ordinal, officer, verdict, reason, at)
              VALUES ('h', 1, 'o', 'dismiss', x'02', 6);
            INSERT INTO watchlists (name, digest, version, entries, file, loaded_at)
              VALUES ('un', 'd', '1', 2, 'un-d', 7);";
        // The fifth step makes it anew.
        for older in 1..5 {
            let mut db = Connection::open_in_memory().unwrap();
            STEPS[..older].iter().for_each(|step| db.execute_batch(step).unwrap());
            db.pragma_update(None, "user_version", older as i64).unwrap();
            // The list of the hit is beside the point.
            db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
            db.execute_batch(rows).unwrap();
            db.execute_batch("PRAGMA foreign_keys = ON").unwrap();
            migrate(&mut db).unwrap();
            let sql =
                "SELECT h.state || h.nats || h.entry_version || d.verdict || v.file FROM hits h
                JOIN decisions d ON d.hit = h.id JOIN watchlist_versions v ON v.name = h.watchlist";
            let kept: String = db.query_row(sql, [], |r| r.get(0)).unwrap();
            assert_eq!(kept, "dismissed17.5dismissun-d", "from version {older}");
            let strict: bool = db.query_row("PRAGMA foreign_keys", [], |r| r.get(0)).unwrap();
            assert!(strict);
        }
    }

    #[test]
    fn a_file_of_a_newer_program_is_left_alone() {
        let mut db = Connection::open_in_memory().unwrap();
        db.pragma_update(None, "user_version", NEWEST + 1).unwrap();
        let refused = migrate(&mut db);
        assert!(matches!(refused, Err(StoreError::Newer { found, .. }) if found == NEWEST + 1));
        assert!(shape(&db).is_empty());
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE alarms (in_the_way INTEGER)").unwrap();
        assert!(migrate(&mut db).is_err());
        assert_eq!((version(&db), shape(&db).len()), (0, 1));
    }
}
