//! Questions that only pages ask: counts by hour, by stream, by state.
//!
//! Read-only SQL over [`Store::read`], plain enough for any database. Times are
//! microseconds, as everywhere in the store.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use store::{Store, StoreError, rows::List};

const HOUR: i64 = 3_600_000_000;

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

fn totals(store: &Store, sql: &str) -> Result<Vec<StreamTotals>, StoreError> {
    store.read(|db| {
        let mut statement = db.prepare_cached(sql)?;
        let found = statement.query_map([], |r| {
            let n = |i: usize| r.get::<_, i64>(i).map(|n| n.max(0) as u64);
            Ok(StreamTotals {
                partner: r.get(0)?,
                agreement: r.get(1)?,
                parcels: n(2)?,
                pending: n(3)?,
                refused: n(4)?,
                last_sequence: n(5)?,
                last_at: instant(r.get(6)?),
                oldest_pending: instant(r.get(7)?),
            })
        })?;
        let mut all = Vec::new();
        for row in found {
            all.push(row?);
        }
        Ok(all)
    })
}

/// What went out, by stream; `last_at` is the last receipt.
pub(crate) fn outgoing(store: &Store) -> Result<Vec<StreamTotals>, StoreError> {
    totals(
        store,
        "SELECT partner, agreement, COUNT(*), SUM(status = 'queued'), SUM(status = 'refused'), MAX(sequence),
           MAX(receipted_at), MIN(CASE WHEN status = 'queued' THEN queued_at END)
         FROM outbox GROUP BY partner, agreement ORDER BY partner, agreement",
    )
}

/// What came in, by stream; `last_at` is the last parcel.
pub(crate) fn incoming(store: &Store) -> Result<Vec<StreamTotals>, StoreError> {
    totals(
        store,
        "SELECT partner, agreement, COUNT(*), 0, SUM(verdict = 'refused'), MAX(sequence), MAX(received_at), NULL
         FROM inbox GROUP BY partner, agreement ORDER BY partner, agreement",
    )
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
    store.read(|db| {
        let mut statement = db.prepare_cached(sql)?;
        let found = statement
            .query_map((first * HOUR, key), |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?)))?;
        for row in found {
            let (hour, count) = row?;
            if let Some(place) = counts.get_mut((hour - first) as usize) {
                *place = count.max(0) as u64;
            }
        }
        Ok(())
    })?;
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
    store.read(|db| {
        let sql = "SELECT state, COUNT(*) FROM hits WHERE band <> 'silent' GROUP BY state";
        let mut statement = db.prepare_cached(sql)?;
        let found =
            statement.query_map([], |r| Ok((r.get(0)?, r.get::<_, i64>(1)?.max(0) as u64)))?;
        let mut all = Vec::new();
        for row in found {
            all.push(row?);
        }
        Ok(all)
    })
}

/// Flights, travellers on carriers' lists, departing in a range of time.
pub(crate) fn departing(
    store: &Store,
    from: Timestamp,
    to: Timestamp,
) -> Result<(u64, u64), StoreError> {
    store.read(|db| {
        let sql = "SELECT COUNT(*), COALESCE(SUM(most), 0) FROM
                   (SELECT MAX(travellers) AS most FROM lists
                    WHERE departs_at >= ?1 AND departs_at < ?2 GROUP BY flight)";
        let mut statement = db.prepare_cached(sql)?;
        let range = (from.as_microsecond(), to.as_microsecond());
        let n = |n: i64| n.max(0) as u64;
        Ok(statement.query_row(range, |r| Ok((n(r.get(0)?), n(r.get(1)?))))?)
    })
}

/// The parcels that carried a hit: partner and status.
pub(crate) fn parcels_of_hit(
    store: &Store,
    hit: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    store.read(|db| {
        let sql = "SELECT partner, status FROM outbox WHERE hit = ?1 ORDER BY partner";
        let mut statement = db.prepare_cached(sql)?;
        let found = statement.query_map([hit], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let mut all = Vec::new();
        for row in found {
            all.push(row?);
        }
        Ok(all)
    })
}

/// How many hits partners disclosed.
pub(crate) fn received_hits(store: &Store) -> Result<u64, StoreError> {
    store.read(|db| {
        let mut statement = db.prepare_cached("SELECT COUNT(*) FROM received_hits")?;
        Ok(statement.query_row([], |r| r.get::<_, i64>(0))?.max(0) as u64)
    })
}

/// The first departure from an instant on.
pub(crate) fn first_departure(
    store: &Store,
    from: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    store.read(|db| {
        let sql = "SELECT MIN(departs_at) FROM lists WHERE departs_at >= ?1";
        let mut statement = db.prepare_cached(sql)?;
        Ok(instant(statement.query_row([from.as_microsecond()], |r| r.get(0))?))
    })
}

/// What a list says of itself without being opened: all but the sealed part.
const HEAD: &str = "SELECT id, submission, parcel, origin, agreement, flight, carrier, number, origin_airport,
  destination, departs_at, arrives_at, dataset, function, travellers, dropped, received_at, keep_until, mask_due,
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
    heads(store, &sql, &[from.as_microsecond(), to.as_microsecond(), i64::from(limit)])
}

fn heads(store: &Store, sql: &str, values: &[i64; 3]) -> Result<Vec<List>, StoreError> {
    let missing = || StoreError::Conflict("a list has a time or day that is none".into());
    let time = |us: Option<i64>| instant(us).ok_or_else(missing);
    let day = |text: String| text.parse::<Date>().map_err(|_| missing());
    store.read(|db| {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query(*values)?;
        let mut all = Vec::new();
        while let Some(r) = rows.next()? {
            all.push(List {
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
                mask_due: r.get::<_, Option<String>>("mask_due")?.map(&day).transpose()?,
                clock: r.get("clock")?,
                scope: r.get("scope")?,
                day: day(r.get("day")?)?,
                sealed: Vec::new(),
                remainder: Vec::new(),
                digest: r.get("digest")?,
                screened_at: instant(r.get("screened_at")?),
                watchlists: r.get("watchlists")?,
            });
        }
        Ok(all)
    })
}

/// Hits of the lists of a range of time: how many, and how many of them wait.
pub(crate) fn hits_by_list(
    store: &Store,
    (from, to): (Timestamp, Timestamp),
) -> Result<HashMap<String, (u32, u32)>, StoreError> {
    store.read(|db| {
        let sql = "SELECT h.list, COUNT(*), SUM(h.state IN ('open', 'half')) FROM lists l JOIN hits h ON h.list = l.id
             WHERE h.band <> 'silent' AND ((l.departs_at >= ?1 AND l.departs_at < ?2)
               OR (l.departs_at IS NULL AND l.received_at >= ?1 AND l.received_at < ?2))
             GROUP BY h.list";
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([from.as_microsecond(), to.as_microsecond()])?;
        let mut all = HashMap::new();
        while let Some(r) = rows.next()? {
            all.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
        }
        Ok(all)
    })
}
