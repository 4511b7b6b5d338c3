//! The tables on a PostgreSQL server: the same, with the types that it has.
//!
//! A schema begins as what SQLite has in that version, and every later step is written in
//! both. Text is compared by its bytes (`COLLATE "C"`), as in SQLite.

use super::NEWEST;
use crate::{
    StoreError,
    db::{Session, Sql, postgres::Connection, values},
};

/// Steps, each with the version that it makes. Never changed once released.
const STEPS: &[(i64, &str)] = &[(5, "
CREATE TABLE node (
  one BIGINT PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL, state TEXT NOT NULL, made_at BIGINT NOT NULL,
  strangers BIGINT NOT NULL DEFAULT 0);
CREATE TABLE day_keys (
  scope TEXT NOT NULL, day TEXT NOT NULL, identity BYTEA, made_at BIGINT NOT NULL, erased_at BIGINT,
  remainder BYTEA, masked BYTEA, mask_due TEXT, erase_due TEXT, masked_at BIGINT, purged_at BIGINT,
  PRIMARY KEY (scope, day));
CREATE TABLE log_events (position BIGINT PRIMARY KEY, bytes BYTEA NOT NULL);
CREATE TABLE log_checkpoints (size BIGINT PRIMARY KEY, note TEXT NOT NULL);
CREATE TABLE log_tree (one BIGINT PRIMARY KEY CHECK (one = 1), frontier BYTEA NOT NULL);
CREATE TABLE carriers (id TEXT PRIMARY KEY, name TEXT NOT NULL, token_hash TEXT UNIQUE, certificate TEXT UNIQUE,
  enabled BIGINT NOT NULL, added_at BIGINT NOT NULL, flights TEXT NOT NULL DEFAULT '');
CREATE TABLE submissions (
  id TEXT PRIMARY KEY, carrier TEXT NOT NULL, digest TEXT NOT NULL, received_at BIGINT NOT NULL,
  bytes BIGINT NOT NULL, day TEXT NOT NULL, original BYTEA NOT NULL, status BIGINT NOT NULL,
  media_type TEXT NOT NULL, answer BYTEA NOT NULL, faults BIGINT NOT NULL, lists BIGINT NOT NULL,
  repeats BIGINT NOT NULL DEFAULT 0, scope TEXT NOT NULL DEFAULT 'carrier', keep_until TEXT NOT NULL DEFAULT '',
  UNIQUE (carrier, digest));
CREATE TABLE lists (
  id TEXT PRIMARY KEY, submission TEXT, parcel TEXT, origin TEXT NOT NULL, agreement TEXT, flight TEXT NOT NULL,
  carrier TEXT NOT NULL, number TEXT NOT NULL, origin_airport TEXT NOT NULL, destination TEXT NOT NULL,
  departs_at BIGINT, arrives_at BIGINT, dataset TEXT NOT NULL, function TEXT NOT NULL,
  travellers BIGINT NOT NULL, dropped BIGINT NOT NULL, received_at BIGINT NOT NULL, keep_until TEXT NOT NULL,
  day TEXT NOT NULL, sealed BYTEA NOT NULL, digest TEXT NOT NULL, screened_at BIGINT, watchlists TEXT,
  scope TEXT NOT NULL DEFAULT '', remainder BYTEA NOT NULL DEFAULT '', mask_due TEXT,
  clock TEXT NOT NULL DEFAULT '');
CREATE TABLE hits (id TEXT PRIMARY KEY, list TEXT NOT NULL REFERENCES lists (id), traveller BIGINT NOT NULL,
  watchlist TEXT NOT NULL, entry TEXT NOT NULL, entry_version TEXT NOT NULL DEFAULT '', pair TEXT,
  band TEXT NOT NULL, nats DOUBLE PRECISION NOT NULL, state TEXT NOT NULL, raised_at BIGINT NOT NULL,
  departs_at BIGINT, disclosed_at BIGINT, sealed BYTEA NOT NULL,
  UNIQUE (list, traveller, watchlist, entry, entry_version));
CREATE TABLE decisions (
  hit TEXT NOT NULL REFERENCES hits (id), ordinal BIGINT NOT NULL, officer TEXT NOT NULL, verdict TEXT NOT NULL,
  reason BYTEA NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (hit, ordinal));
CREATE TABLE officers (id TEXT PRIMARY KEY, roles TEXT NOT NULL, password TEXT NOT NULL, enabled BIGINT NOT NULL,
  failed BIGINT NOT NULL, locked_until BIGINT, added_at BIGINT NOT NULL);
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY, officer TEXT NOT NULL, csrf TEXT NOT NULL, started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL);
CREATE TABLE partners (state TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL, authority TEXT NOT NULL,
  certificate TEXT NOT NULL, keys BYTEA NOT NULL, enabled BIGINT NOT NULL, added_at BIGINT NOT NULL,
  last_answer TEXT, last_answer_at BIGINT);
CREATE TABLE agreements (id TEXT PRIMARY KEY, partner TEXT NOT NULL, version BIGINT NOT NULL, signed BYTEA NOT NULL,
  status TEXT NOT NULL, suspended_by TEXT, changed_at BIGINT NOT NULL);
CREATE TABLE streams_out (agreement TEXT PRIMARY KEY, partner TEXT NOT NULL, state BYTEA NOT NULL);
CREATE TABLE streams_in (agreement TEXT PRIMARY KEY, partner TEXT NOT NULL, state BYTEA NOT NULL, stopped TEXT);
CREATE TABLE outbox (
  parcel TEXT PRIMARY KEY, partner TEXT NOT NULL, agreement TEXT NOT NULL, sequence BIGINT NOT NULL,
  mode TEXT NOT NULL, list TEXT NOT NULL, hit TEXT, elements BIGINT NOT NULL, digest TEXT NOT NULL, bytes BYTEA,
  status TEXT NOT NULL, attempts BIGINT NOT NULL DEFAULT 0, not_before BIGINT NOT NULL,
  queued_at BIGINT NOT NULL, receipted_at BIGINT, receipt BYTEA, UNIQUE (agreement, sequence));
CREATE TABLE inbox (parcel TEXT NOT NULL, partner TEXT NOT NULL, agreement TEXT NOT NULL, sequence BIGINT NOT NULL,
  mode TEXT NOT NULL, digest TEXT NOT NULL, list TEXT, verdict TEXT NOT NULL, receipt BYTEA NOT NULL,
  received_at BIGINT NOT NULL, PRIMARY KEY (partner, parcel));
CREATE TABLE received_hits (id TEXT PRIMARY KEY, partner TEXT NOT NULL, parcel TEXT NOT NULL, list TEXT NOT NULL,
  received_at BIGINT NOT NULL, seen_by TEXT, seen_at BIGINT, sealed BYTEA NOT NULL);
CREATE TABLE refusals (
  id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at BIGINT NOT NULL, partner TEXT NOT NULL,
  mode TEXT NOT NULL, list TEXT, hit TEXT, rules TEXT NOT NULL, direction TEXT NOT NULL);
CREATE TABLE openings (
  id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at BIGINT NOT NULL, officer TEXT NOT NULL,
  list TEXT NOT NULL, traveller BIGINT, purpose TEXT NOT NULL, reason BYTEA NOT NULL);
CREATE TABLE watchlists (name TEXT PRIMARY KEY, version TEXT NOT NULL, digest TEXT NOT NULL, entries BIGINT NOT NULL,
  file TEXT NOT NULL, loaded_at BIGINT NOT NULL);
CREATE TABLE alarms (
  id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at BIGINT NOT NULL, partner TEXT, kind TEXT NOT NULL,
  what TEXT NOT NULL, settled_by TEXT, settled_at BIGINT, reason BYTEA);
CREATE TABLE cases (
  id TEXT PRIMARY KEY, day TEXT NOT NULL, ground BYTEA NOT NULL, hold BIGINT NOT NULL, opened_by TEXT NOT NULL,
  opened_at BIGINT NOT NULL, keep_until TEXT NOT NULL, closed_at BIGINT);
CREATE TABLE case_records (
  case_id TEXT NOT NULL REFERENCES cases (id), list TEXT NOT NULL, traveller BIGINT NOT NULL,
  sealed BYTEA NOT NULL, copied_at BIGINT NOT NULL, PRIMARY KEY (case_id, list, traveller));
CREATE TABLE unmaskings (
  id TEXT PRIMARY KEY, list TEXT NOT NULL, case_id TEXT NOT NULL, secret BYTEA, asked_by TEXT NOT NULL,
  asked_at BIGINT NOT NULL, used_at BIGINT);
CREATE TABLE cleared (pair TEXT NOT NULL, entry_version TEXT NOT NULL, hit TEXT NOT NULL, cleared_at BIGINT NOT NULL,
  until TEXT NOT NULL, PRIMARY KEY (pair, entry_version));
CREATE TABLE watchlist_versions (
  name TEXT NOT NULL, digest TEXT NOT NULL, version TEXT NOT NULL, entries BIGINT NOT NULL, file TEXT NOT NULL,
  loaded_at BIGINT NOT NULL, PRIMARY KEY (name, digest));
CREATE INDEX submissions_received ON submissions (received_at);
CREATE INDEX lists_departs ON lists (departs_at);
CREATE INDEX lists_flight ON lists (flight);
CREATE INDEX lists_unscreened ON lists (received_at) WHERE screened_at IS NULL;
CREATE INDEX lists_submission ON lists (submission);
CREATE INDEX outbox_due ON outbox (partner, status, sequence);
CREATE INDEX lists_when ON lists (COALESCE(departs_at, received_at), flight, id);
CREATE INDEX outbox_hit ON outbox (hit) WHERE hit IS NOT NULL;
CREATE INDEX outbox_list ON outbox (list);
CREATE INDEX received_hits_received ON received_hits (received_at);
CREATE INDEX lists_key ON lists (scope, day);
CREATE INDEX submissions_key ON submissions (scope, day);
CREATE INDEX hits_state ON hits (state, departs_at);
CREATE INDEX hits_queue ON hits (state, COALESCE(departs_at, raised_at), id);
CREATE INDEX hits_raised ON hits (raised_at);
CREATE INDEX hits_pair ON hits (pair, entry_version) WHERE pair IS NOT NULL;
CREATE INDEX cleared_until ON cleared (until);
CREATE INDEX lists_watchlists ON lists (watchlists) WHERE screened_at IS NOT NULL;
-- The row that whoever writes locks.
INSERT INTO log_tree (one, frontier) VALUES (1, '');
"), (6, "
CREATE TABLE parts (series TEXT NOT NULL, number BIGINT NOT NULL, last BIGINT NOT NULL, base TEXT NOT NULL,
  submission TEXT NOT NULL, message BIGINT NOT NULL, received_at BIGINT NOT NULL, due_at BIGINT NOT NULL,
  PRIMARY KEY (series, number));
CREATE INDEX parts_base ON parts (base);
"), (7, "
CREATE TABLE totals (one BIGINT PRIMARY KEY CHECK (one = 1), submissions BIGINT NOT NULL, faults BIGINT NOT NULL,
  lists BIGINT NOT NULL, carrier_lists BIGINT NOT NULL, flights BIGINT NOT NULL, travellers BIGINT NOT NULL);
INSERT INTO totals (one, submissions, faults, lists, carrier_lists, flights, travellers) VALUES (1,
  (SELECT COUNT(*) FROM submissions), (SELECT COALESCE(SUM(faults), 0) FROM submissions), (SELECT COUNT(*) FROM lists),
  (SELECT COUNT(*) FROM lists WHERE submission IS NOT NULL),
  (SELECT COUNT(DISTINCT flight) FROM lists WHERE submission IS NOT NULL),
  (SELECT COALESCE(SUM(travellers), 0) FROM lists WHERE submission IS NOT NULL));
CREATE INDEX hits_shown ON hits (state) WHERE band <> 'silent';
CREATE INDEX outbox_mode ON outbox (mode, status);
CREATE INDEX inbox_verdict ON inbox (verdict);
"), (8, "
CREATE INDEX outbox_queued ON outbox (agreement, sequence) WHERE status = 'queued';
"), (9, "
CREATE TABLE criteria (name TEXT NOT NULL, digest TEXT NOT NULL, document TEXT NOT NULL, review_by TEXT NOT NULL,
  lists BIGINT NOT NULL, travellers BIGINT NOT NULL, met TEXT NOT NULL, proposed_by TEXT NOT NULL,
  proposed_at BIGINT NOT NULL, approved_by TEXT, approved_at BIGINT, withdrawn_by TEXT, withdrawn_at BIGINT,
  reason BYTEA, PRIMARY KEY (name, digest));
"), (10, "
CREATE TABLE agreement_acts (agreement TEXT NOT NULL, at BIGINT NOT NULL, officer TEXT NOT NULL, act TEXT NOT NULL,
  reason BYTEA, PRIMARY KEY (agreement, at, act));
CREATE TABLE thresholds (watchlist TEXT PRIMARY KEY, possible DOUBLE PRECISION NOT NULL, hit DOUBLE PRECISION NOT NULL,
  set_by TEXT NOT NULL, set_at BIGINT NOT NULL);
"), (11, "
CREATE TABLE segments (id TEXT PRIMARY KEY, scope TEXT NOT NULL, day TEXT NOT NULL, lists TEXT NOT NULL);
CREATE INDEX segments_key ON segments (scope, day);
CREATE TABLE postings (segment TEXT NOT NULL, first BIGINT NOT NULL, entries BYTEA NOT NULL,
  PRIMARY KEY (segment, first));
ALTER TABLE lists ADD COLUMN projected BIGINT NOT NULL DEFAULT 0;
CREATE INDEX lists_unprojected ON lists (scope, day) WHERE projected = 0;
"), (12, "
CREATE TABLE serving (one BIGINT PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, until BIGINT NOT NULL);
"), (13, "
CREATE TABLE lake_parts (id TEXT PRIMARY KEY, scope TEXT NOT NULL, day TEXT NOT NULL, lists BIGINT NOT NULL,
  travellers BIGINT NOT NULL, people_bytes BIGINT NOT NULL, marks_bytes BIGINT NOT NULL, watchlists TEXT NOT NULL,
  made_at BIGINT NOT NULL);
CREATE INDEX lake_parts_day ON lake_parts (scope, day);
CREATE TABLE lake_lists (list TEXT PRIMARY KEY, part TEXT NOT NULL, place BIGINT NOT NULL);
CREATE UNIQUE INDEX lake_lists_place ON lake_lists (part, place);
CREATE TABLE lake_gone (part TEXT PRIMARY KEY, day TEXT NOT NULL);
"), (14, "
CREATE TABLE requests (id TEXT NOT NULL, partner TEXT NOT NULL, outgoing BIGINT NOT NULL, agreement TEXT NOT NULL,
  digest TEXT NOT NULL, purpose TEXT NOT NULL, dataset TEXT NOT NULL, elements BIGINT NOT NULL, answer_by BIGINT,
  justify_by BIGINT, asked_by TEXT, at BIGINT NOT NULL, scope TEXT NOT NULL, day TEXT NOT NULL, sealed BYTEA NOT NULL,
  outcome TEXT, decided_by TEXT, decided_at BIGINT, reason BYTEA, PRIMARY KEY (partner, id));
CREATE INDEX requests_key ON requests (scope, day);
CREATE INDEX requests_at ON requests (at);
CREATE TABLE answers (partner TEXT NOT NULL, request TEXT NOT NULL, number BIGINT NOT NULL, parts BIGINT NOT NULL,
  parcel TEXT NOT NULL, list TEXT, outcome TEXT NOT NULL, rules TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (partner, request, number));
"), (15, "
CREATE TABLE tellings (partner TEXT NOT NULL, parcel TEXT NOT NULL, outgoing BIGINT NOT NULL, purpose TEXT NOT NULL,
  list TEXT NOT NULL, travellers TEXT NOT NULL, told_by TEXT, at BIGINT NOT NULL, seen_by TEXT, seen_at BIGINT,
  sealed BYTEA NOT NULL, PRIMARY KEY (partner, parcel));
CREATE INDEX tellings_at ON tellings (at);
CREATE INDEX tellings_list ON tellings (list);
"), (16, "
ALTER TABLE requests ADD COLUMN justified_at BIGINT;
ALTER TABLE requests ADD COLUMN justification BYTEA;
ALTER TABLE requests ADD COLUMN late_at BIGINT;
"), (17, "
CREATE TABLE corrections (partner TEXT NOT NULL, parcel TEXT NOT NULL, earlier TEXT NOT NULL, outgoing BIGINT NOT NULL,
  mode TEXT NOT NULL, cause TEXT NOT NULL, replaced TEXT NOT NULL, list TEXT NOT NULL, believed_from BIGINT NOT NULL,
  at BIGINT NOT NULL, PRIMARY KEY (partner, parcel));
CREATE INDEX corrections_list ON corrections (list);
CREATE INDEX corrections_replaced ON corrections (replaced);
"), (18, "
ALTER TABLE requests ADD COLUMN unanswered_at BIGINT;
"), (19, "
CREATE TABLE day_totals (partner TEXT NOT NULL, parcel TEXT NOT NULL, agreement TEXT NOT NULL, outgoing BIGINT NOT NULL,
  day TEXT NOT NULL, first_number BIGINT NOT NULL, last_number BIGINT NOT NULL, total BYTEA NOT NULL, receipt BYTEA,
  agrees BIGINT, at BIGINT NOT NULL, answered_at BIGINT, PRIMARY KEY (partner, parcel));
CREATE INDEX day_totals_stream ON day_totals (agreement, outgoing, last_number);
"), (20, "
CREATE TABLE removals (list TEXT NOT NULL, scope TEXT NOT NULL, day TEXT NOT NULL, travellers TEXT NOT NULL,
  rules TEXT NOT NULL, asked_by TEXT, begun_at BIGINT NOT NULL, removed_at BIGINT, PRIMARY KEY (list, scope, day));
CREATE INDEX removals_day ON removals (scope, day);
ALTER TABLE day_keys ADD COLUMN going_at BIGINT;
ALTER TABLE lists ADD COLUMN leave_due TEXT;
CREATE INDEX lists_leave ON lists (leave_due) WHERE leave_due IS NOT NULL;
")];

/// The version of the tables that are there; nothing when there are none.
pub(crate) fn version(db: &Connection) -> Result<Option<i64>, StoreError> {
    let db: &dyn Sql = db;
    let there = "SELECT 1 FROM information_schema.tables
                 WHERE table_schema = 'passerelle' AND table_name = 'schema_version'";
    if db.row(there, &[], |_| Ok(()))?.is_none() {
        return Ok(None);
    }
    db.row("SELECT version FROM schema_version", &[], |r| r.get(0))
}

/// Brings the tables up to the newest version; makes them when the store is to be `new`.
pub(crate) fn migrate(db: &Connection, new: bool) -> Result<(), StoreError> {
    match version(db)? {
        None if !new => return Err(StoreError::Place("there is no store in that database".into())),
        Some(found) if found > NEWEST => {
            return Err(StoreError::Newer { found, known: NEWEST });
        }
        Some(NEWEST) => return Ok(()),
        _ => {}
    }
    db.run("BEGIN")?;
    let done = steps(db);
    db.run(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

/// Makes the tables in a transaction that is under way.
pub(crate) fn make(db: &Connection) -> Result<(), StoreError> {
    match version(db)? {
        None => steps(db),
        Some(_) => Err(StoreError::Place("there is a store in that database already".into())),
    }
}

/// The steps that the tables lack, all or none.
fn steps(db: &Connection) -> Result<(), StoreError> {
    let sql: &dyn Sql = db;
    // Of two programs that start at once, one waits here and finds the work done.
    let found = match version(db)? {
        None => {
            db.run(
                "CREATE SCHEMA IF NOT EXISTS passerelle;
                 CREATE TABLE schema_version (version BIGINT NOT NULL);
                 INSERT INTO schema_version (version) VALUES (0)",
            )?;
            0
        }
        Some(_) => sql.number("SELECT version FROM schema_version FOR UPDATE", &[])? as i64,
    };
    for (_, step) in STEPS.iter().filter(|(version, _)| *version > found) {
        db.run(&step.replace(" TEXT", " TEXT COLLATE \"C\""))?;
    }
    sql.execute("UPDATE schema_version SET version = ?1", values![NEWEST])?;
    Ok(())
}

/// After rows came with their numbers: the next one is above them all.
pub(crate) fn renumber(db: &dyn Session) -> Result<(), StoreError> {
    for table in ["refusals", "openings", "alarms"] {
        let next = format!("SELECT COALESCE(MAX(id), 0) + 1 FROM {table}");
        let next = (db as &dyn Sql).number(&next, &[])?;
        let sql = format!("ALTER TABLE {table} ALTER COLUMN id RESTART WITH {next}");
        db.execute(&sql, &[])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_step_is_that_of_sqlite() {
        assert_eq!(STEPS.last().map(|(version, _)| *version), Some(NEWEST));
    }
}
