//! Questions that only pages ask: counts by hour, by stream, by state.
//!
//! Read-only SQL over [`Store::read`], plain enough for any database. Times are
//! microseconds, as everywhere in the store.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use store::{
    Quality, Store, StoreError,
    db::{Row, Value},
    rows::List,
    values,
};

use crate::SubmissionLine;

const HOUR: i64 = 3_600_000_000;
const WEEK: i64 = 7 * 24 * HOUR;

/// Totals of one stream and direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamTotals {
    pub partner: String,
    pub agreement: String,
    pub parcels: u64,
    /// Not receipted yet (outgoing), or refused (incoming).
    pub pending: u64,
    pub refused: u64,
    pub last_sequence: u64,
    pub last_at: Option<Timestamp>,
    pub oldest_pending: Option<Timestamp>,
}

fn instant(us: Option<i64>) -> Option<Timestamp> {
    us.and_then(|us| Timestamp::from_microsecond(us).ok())
}

/// A sum or a maximum, of which there is none where there are no rows.
fn n(r: &Row<'_>, column: usize) -> Result<u64, StoreError> {
    Ok(r.get::<Option<u64>>(column)?.unwrap_or(0))
}

fn totals(store: &Store, sql: &str) -> Result<Vec<StreamTotals>, StoreError> {
    store.read(|db| {
        db.rows(sql, &[], |r| {
            Ok(StreamTotals {
                partner: r.get(0)?,
                agreement: r.get(1)?,
                parcels: n(r, 2)?,
                pending: n(r, 3)?,
                refused: n(r, 4)?,
                last_sequence: n(r, 5)?,
                last_at: instant(r.get(6)?),
                oldest_pending: instant(r.get(7)?),
            })
        })
    })
}

/// What went out, by stream; `last_at` is the last receipt.
pub(crate) fn outgoing(store: &Store) -> Result<Vec<StreamTotals>, StoreError> {
    totals(
        store,
        "SELECT partner, agreement, COUNT(*), COUNT(CASE WHEN status = 'queued' THEN 1 END),
           COUNT(CASE WHEN status = 'refused' THEN 1 END), MAX(sequence),
           MAX(receipted_at), MIN(CASE WHEN status = 'queued' THEN queued_at END)
         FROM outbox GROUP BY partner, agreement ORDER BY partner, agreement",
    )
}

/// What came in, by stream; `last_at` is the last parcel.
pub(crate) fn incoming(store: &Store) -> Result<Vec<StreamTotals>, StoreError> {
    totals(
        store,
        "SELECT partner, agreement, COUNT(*), 0, COUNT(CASE WHEN verdict = 'refused' THEN 1 END), MAX(sequence),
           MAX(received_at), CAST(NULL AS BIGINT)
         FROM inbox GROUP BY partner, agreement ORDER BY partner, agreement",
    )
}

/// Incoming streams by agreement, with why nothing more is taken where one was stopped.
pub(crate) fn streams_in(store: &Store) -> Result<HashMap<String, Option<String>>, StoreError> {
    let read = |r: &Row<'_>| Ok((r.get(0)?, r.get(1)?));
    let sql = "SELECT agreement, stopped FROM streams_in";
    Ok(store.read(|db| db.rows(sql, &[], read))?.into_iter().collect())
}

/// Counts for the last `hours` hours, the oldest first; `table` and `column` are ours.
fn by_hour(
    store: &Store,
    sql: &str,
    key: &str,
    (now, hours): (Timestamp, i64),
) -> Result<Vec<u64>, StoreError> {
    let last = now.as_microsecond().div_euclid(HOUR);
    let first = last - hours + 1;
    let mut counts = vec![0; hours as usize];
    let read = |r: &Row<'_>| Ok((r.get::<i64>(0)?, n(r, 1)?));
    for (hour, count) in store.read(|db| db.rows(sql, values![first * HOUR, key], read))? {
        if let Some(place) = counts.get_mut((hour - first) as usize) {
            *place = count;
        }
    }
    Ok(counts)
}

/// Hits raised, by hour.
pub(crate) fn hits_by_hour(store: &Store, range: (Timestamp, i64)) -> Result<Vec<u64>, StoreError> {
    let sql = "SELECT raised_at / 3600000000, COUNT(*) FROM hits
               WHERE raised_at >= ?1 AND band <> ?2 GROUP BY 1";
    by_hour(store, sql, "silent", range)
}

/// Lists received, by hour.
pub(crate) fn lists_by_hour(
    store: &Store,
    range: (Timestamp, i64),
) -> Result<Vec<u64>, StoreError> {
    let sql = "SELECT received_at / 3600000000, COUNT(*) FROM lists
               WHERE received_at >= ?1 AND id <> ?2 GROUP BY 1";
    by_hour(store, sql, "", range)
}

/// Parcels sealed for a partner, by hour.
pub(crate) fn sent_by_hour(
    store: &Store,
    partner: &str,
    range: (Timestamp, i64),
) -> Result<Vec<u64>, StoreError> {
    let sql = "SELECT queued_at / 3600000000, COUNT(*) FROM outbox
               WHERE queued_at >= ?1 AND partner = ?2 GROUP BY 1";
    by_hour(store, sql, partner, range)
}

/// Parcels taken from a partner, by hour.
pub(crate) fn received_by_hour(
    store: &Store,
    partner: &str,
    range: (Timestamp, i64),
) -> Result<Vec<u64>, StoreError> {
    let sql = "SELECT received_at / 3600000000, COUNT(*) FROM inbox
               WHERE received_at >= ?1 AND partner = ?2 GROUP BY 1";
    by_hour(store, sql, partner, range)
}

/// Hits by state; silent ones are left out.
pub(crate) fn hits_by_state(store: &Store) -> Result<Vec<(String, u64)>, StoreError> {
    let sql = "SELECT state, COUNT(*) FROM hits WHERE band <> 'silent' GROUP BY state";
    store.read(|db| db.rows(sql, &[], |r| Ok((r.get(0)?, n(r, 1)?))))
}

/// Flights, travellers on carriers' lists, departing in a range of time.
pub(crate) fn departing(
    store: &Store,
    from: Timestamp,
    to: Timestamp,
) -> Result<(u64, u64), StoreError> {
    let sql = "SELECT COUNT(*), CAST(SUM(most) AS BIGINT) FROM
               (SELECT MAX(travellers) AS most FROM lists
                WHERE departs_at >= ?1 AND departs_at < ?2 GROUP BY flight) AS flights";
    let (from, to) = (from.as_microsecond(), to.as_microsecond());
    let found = store.read(|db| db.row(sql, values![from, to], |r| Ok((n(r, 0)?, n(r, 1)?))))?;
    Ok(found.unwrap_or_default())
}

/// The parcels that carried a hit: partner and status.
pub(crate) fn parcels_of_hit(
    store: &Store,
    hit: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let sql = "SELECT partner, status FROM outbox WHERE hit = ?1 ORDER BY partner";
    store.read(|db| db.rows(sql, values![hit], |r| Ok((r.get(0)?, r.get(1)?))))
}

/// How many hits partners disclosed.
pub(crate) fn received_hits(store: &Store) -> Result<u64, StoreError> {
    store.read(|db| db.number("SELECT COUNT(*) FROM received_hits", &[]))
}

/// The first departure from an instant on.
pub(crate) fn first_departure(
    store: &Store,
    from: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT MIN(departs_at) FROM lists WHERE departs_at >= ?1";
    let found = store.read(|db| db.row(sql, values![from.as_microsecond()], |r| r.get(0)))?;
    Ok(instant(found.flatten()))
}

/// What a list says of itself without being opened: all but the sealed part.
const HEAD: &str = "SELECT id, submission, parcel, origin, agreement, flight, carrier, number, origin_airport,
  destination, departs_at, arrives_at, dataset, function, travellers, dropped, received_at, keep_until, mask_due, leave_due,
  clock, scope, day, digest, screened_at, watchlists FROM lists";

/// Lists of flights that depart in a range of time, or were received in it when the
/// departure is not known; in order of departure, without their sealed parts.
pub(crate) fn heads_between(
    store: &Store,
    (from, to): (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<List>, StoreError> {
    let sql = format!(
        "{HEAD} WHERE (departs_at >= ?1 AND departs_at < ?2)
           OR (departs_at IS NULL AND received_at >= ?1 AND received_at < ?2)
         ORDER BY COALESCE(departs_at, received_at), flight, id LIMIT ?3"
    );
    heads(store, &sql, values![from.as_microsecond(), to.as_microsecond(), limit])
}

fn heads(store: &Store, sql: &str, values: &[Value<'_>]) -> Result<Vec<List>, StoreError> {
    let missing = || StoreError::Conflict("a list has a time or day that is none".into());
    let time = |us: Option<i64>| instant(us).ok_or_else(missing);
    let day = |text: String| text.parse::<Date>().map_err(|_| missing());
    store.read(|db| {
        db.rows(sql, values, |r| {
            Ok(List {
                id: r.get("id")?,
                submission: r.get("submission")?,
                parcel: r.get("parcel")?,
                origin: r.get("origin")?,
                agreement: r.get("agreement")?,
                flight: r.get("flight")?,
                carrier: r.get("carrier")?,
                number: r.get("number")?,
                origin_airport: r.get("origin_airport")?,
                destination: r.get("destination")?,
                departs_at: instant(r.get("departs_at")?),
                arrives_at: instant(r.get("arrives_at")?),
                dataset: r.get("dataset")?,
                function: r.get("function")?,
                travellers: r.get("travellers")?,
                dropped: r.get("dropped")?,
                received_at: time(r.get("received_at")?)?,
                keep_until: day(r.get("keep_until")?)?,
                mask_due: r.get::<Option<String>>("mask_due")?.map(&day).transpose()?,
                leave_due: r.get::<Option<String>>("leave_due")?.map(&day).transpose()?,
                clock: r.get("clock")?,
                scope: r.get("scope")?,
                day: day(r.get("day")?)?,
                sealed: Vec::new(),
                remainder: Vec::new(),
                digest: r.get("digest")?,
                screened_at: instant(r.get("screened_at")?),
                watchlists: r.get("watchlists")?,
            })
        })
    })
}

/// Hits of the lists of a range of time: how many, and how many of them wait.
pub(crate) fn hits_by_list(
    store: &Store,
    (from, to): (Timestamp, Timestamp),
) -> Result<HashMap<String, (u32, u32)>, StoreError> {
    let sql = "SELECT h.list, COUNT(*), COUNT(CASE WHEN h.state IN ('open', 'half') THEN 1 END)
         FROM lists l JOIN hits h ON h.list = l.id
         WHERE h.band <> 'silent' AND ((l.departs_at >= ?1 AND l.departs_at < ?2)
           OR (l.departs_at IS NULL AND l.received_at >= ?1 AND l.received_at < ?2))
         GROUP BY h.list";
    let (from, to) = (from.as_microsecond(), to.as_microsecond());
    let read = |r: &Row<'_>| Ok((r.get(0)?, (r.get(1)?, r.get(2)?)));
    Ok(store.read(|db| db.rows(sql, values![from, to], read))?.into_iter().collect())
}

/// Submissions with faults, the newest first, without what is sealed.
pub(crate) fn faulty(
    store: &Store,
    carrier: Option<&str>,
    (start, limit): (u32, u32),
) -> Result<Vec<SubmissionLine>, StoreError> {
    let sql =
        "SELECT id, carrier, received_at, bytes, faults, lists, status, repeats FROM submissions
               WHERE faults > 0 AND (?1 IS NULL OR carrier = ?1)
               ORDER BY received_at DESC, id DESC LIMIT ?2 OFFSET ?3";
    let bad = || StoreError::Conflict("a submission has a time that is none".into());
    store.read(|db| {
        db.rows(sql, values![carrier, limit, start], |r| {
            let (lists, status): (u32, u16) = (r.get(5)?, r.get(6)?);
            Ok(SubmissionLine {
                id: r.get(0)?,
                carrier: r.get(1)?,
                received_at: instant(Some(r.get(2)?)).ok_or_else(bad)?,
                bytes: r.get(3)?,
                faults: r.get(4)?,
                lists,
                rejected: lists == 0 && status != 200,
                repeats: r.get(7)?,
            })
        })
    })
}

/// What carriers' messages were worth in each of the last weeks, and the number of the first
/// of these; weeks are counted from 1970 on.
pub(crate) fn quality_by_week(
    store: &Store,
    now: Timestamp,
    weeks: i64,
) -> Result<(Vec<(i64, Quality)>, i64), StoreError> {
    let first = now.as_microsecond().div_euclid(WEEK) - weeks + 1;
    let sql = "SELECT s.carrier, s.received_at / 604800000000, COUNT(*),
           COUNT(CASE WHEN s.lists = 0 AND s.status <> 200 THEN 1 END), CAST(SUM(s.faults) AS BIGINT),
           CAST(SUM(COALESCE(l.travellers, 0)) AS BIGINT)
         FROM submissions s LEFT JOIN (SELECT submission, CAST(SUM(travellers) AS BIGINT) AS travellers FROM lists
           WHERE submission IS NOT NULL AND received_at >= ?1 GROUP BY submission) l ON l.submission = s.id
         WHERE s.received_at >= ?1 GROUP BY 1, 2 ORDER BY 1, 2";
    let read = |r: &Row<'_>| {
        let quality = Quality {
            carrier: r.get(0)?,
            messages: n(r, 2)?,
            rejected: n(r, 3)?,
            faults: n(r, 4)?,
            travellers: n(r, 5)?,
        };
        Ok((r.get::<i64>(1)?, quality))
    };
    Ok((store.read(|db| db.rows(sql, values![first * WEEK], read))?, first))
}

/// Hits that nobody decided on before what they tell was masked or erased.
pub(crate) fn undecided_and_masked(store: &Store) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM hits h JOIN lists l ON l.id = h.list
         JOIN day_keys k ON k.scope = l.scope AND k.day = l.day
         WHERE h.state IN ('open', 'half') AND h.band <> 'silent' AND k.identity IS NULL";
    store.read(|db| db.number(sql, &[]))
}
