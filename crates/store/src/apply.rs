//! Changes as SQL.

use audit::{Actor, Digest, Event, Logged};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    StoreError,
    change::{Change, Outcome},
    cold::NewPart,
    db::{Sql, values},
    postings::Segment,
    removing::{Attached, ListAnew, SubmissionAnew},
    rows::*,
};

/// Microseconds since 1970, as the tables have it.
pub(crate) fn us(at: Timestamp) -> i64 {
    at.as_microsecond()
}

fn us_option(at: Option<Timestamp>) -> Option<i64> {
    at.map(us)
}

/// What the writer is to do after a change.
pub(crate) enum Applied {
    /// Go on.
    Next,
    /// Leave the rest of the batch undone, but log this.
    Repeat(Outcome, Logged),
}

macro_rules! run {
    ($db:expr, $sql:expr $(, $value:expr)* $(,)?) => { $db.post($sql, values![$($value),*], None)? };
}

/// A change that must find what it changes; otherwise there is a conflict, in these words.
macro_rules! once {
    ($db:expr, $otherwise:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        $db.post($sql, values![$($value),*], Some($otherwise))?
    };
}

/// Applies one change within the writer's transaction.
pub(crate) fn apply(db: &dyn Sql, change: &Change) -> Result<Applied, StoreError> {
    match change {
        Change::Submission(s) => return submission(db, s),
        Change::List(l) => list(db, l)?,
        Change::Hit(h) => hit(db, h)?,
        Change::Decision { decision, state } => decide(db, decision, state)?,
        Change::Queue(p) => queue(db, p)?,
        Change::Part(p) => part(db, p)?,
        Change::PartsJoined { series, parts, submission } => {
            joined(db, series, *parts, submission)?
        }
        Change::Inbox(p) => inbox(db, p)?,
        Change::Request(r) => request(db, r)?,
        Change::Projected(s) => projected(db, s)?,
        Change::Serving { holder, at, until } => once!(
            db,
            "another node serves this store: stop it first, or wait a minute after it has failed",
            "INSERT INTO serving (one, holder, until) VALUES (1,?1,?3) ON CONFLICT (one) DO UPDATE
               SET holder = ?1, until = ?3 WHERE serving.holder = ?1 OR serving.until <= ?2",
            holder,
            us(*at),
            us(*until)
        ),
        Change::Laked(p) => laked(db, p)?,
        Change::Hunted { part, before, watchlists } => once!(
            db,
            "this part of the lake is not there, or was looked through in the meantime",
            "UPDATE lake_parts SET watchlists = ?3 WHERE id = ?1 AND watchlists = ?2",
            part,
            before,
            watchlists
        ),
        Change::Unlaked {} => {
            run!(
                db,
                "UPDATE lists SET projected = 0
                   WHERE EXISTS (SELECT 1 FROM lake_lists x WHERE x.list = lists.id)"
            );
            empty_lake(db)?;
        }
        Change::Swept { part } => run!(db, "DELETE FROM lake_gone WHERE part = ?1", part),
        Change::Unprojected {} => {
            empty_lake(db)?;
            run!(db, "DELETE FROM postings");
            run!(db, "DELETE FROM segments");
            run!(db, "UPDATE lists SET projected = 0 WHERE projected = 1");
        }
        other if forgetting(db, other)? => {}
        other => small(db, other)?,
    }
    Ok(Applied::Next)
}

fn submission(db: &dyn Sql, s: &Submission) -> Result<Applied, StoreError> {
    let before = db.row(
        "SELECT id, status, media_type, answer FROM submissions WHERE carrier = ?1 AND digest = ?2",
        values![s.carrier, s.digest],
        |r| {
            Ok(Outcome::Repeat {
                submission: r.get(0)?,
                status: r.get(1)?,
                media_type: r.get(2)?,
                answer: r.get(3)?,
            })
        },
    )?;
    if let Some(repeat) = before {
        run!(
            db,
            "UPDATE submissions SET repeats = repeats + 1 WHERE carrier = ?1 AND digest = ?2",
            s.carrier,
            s.digest
        );
        let digest = Digest::parse(&s.digest)
            .ok_or_else(|| StoreError::Conflict("a submission without a digest".into()))?;
        let event = Event::SubmissionRepeated { submission: digest };
        let logged = Logged::new(s.received_at, Actor::Carrier(s.carrier.clone()), event);
        return Ok(Applied::Repeat(repeat, logged));
    }
    run!(
        db,
        "INSERT INTO submissions (id, carrier, digest, received_at, bytes, day, original, status, media_type,
         answer, faults, lists, scope, keep_until) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)",
        s.id, s.carrier, s.digest, us(s.received_at), s.bytes, s.day.to_string(), s.original,
        s.status, s.media_type, s.answer, s.faults, s.lists, s.scope, s.keep_until.to_string()
    );
    run!(
        db,
        "UPDATE totals SET submissions = submissions + 1, faults = faults + ?1 WHERE one = 1",
        s.faults
    );
    not_later(db, (&s.scope, s.day), s.keep_until, None)?;
    Ok(Applied::Next)
}

fn list(db: &dyn Sql, l: &List) -> Result<(), StoreError> {
    // Before the list is there: whether its flight is a new one is asked of the others.
    let carriers = l.submission.is_some();
    run!(
        db,
        "UPDATE totals SET lists = lists + 1, carrier_lists = carrier_lists + ?1, travellers = travellers + ?2,
           flights = flights + CASE WHEN ?1 = 0 OR EXISTS (
             SELECT 1 FROM lists WHERE flight = ?3 AND submission IS NOT NULL) THEN 0 ELSE 1 END
         WHERE one = 1",
        carriers,
        if carriers { l.travellers } else { 0 },
        l.flight
    );
    run!(
        db,
        "INSERT INTO lists (id, submission, parcel, origin, agreement, flight, carrier, number, origin_airport,
         destination, departs_at, arrives_at, dataset, function, travellers, dropped, received_at, keep_until, day,
         sealed, digest, scope, remainder, mask_due, clock, leave_due)
         VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26)",
        l.id, l.submission, l.parcel, l.origin, l.agreement, l.flight, l.carrier, l.number,
        l.origin_airport, l.destination, us_option(l.departs_at), us_option(l.arrives_at), l.dataset,
        l.function, l.travellers, l.dropped, us(l.received_at), l.keep_until.to_string(),
        l.day.to_string(), l.sealed, l.digest, l.scope, l.remainder,
        l.mask_due.map(|d| d.to_string()), l.clock, l.leave_due.map(|d| d.to_string())
    );
    not_later(db, (&l.scope, l.day), l.keep_until, l.mask_due)
}

fn part(db: &dyn Sql, p: &PartRow) -> Result<(), StoreError> {
    once!(
        db,
        "this part of the series is here already",
        "INSERT INTO parts (series, number, last, base, submission, message, received_at, due_at)
         VALUES (?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT (series, number) DO NOTHING",
        p.series,
        p.number,
        p.last,
        p.base,
        p.submission,
        p.message,
        us(p.received_at),
        us(p.due_at)
    );
    Ok(())
}

fn joined(
    db: &dyn Sql,
    series: &str,
    parts: usize,
    submission: &Option<String>,
) -> Result<(), StoreError> {
    let gone = db.execute("DELETE FROM parts WHERE series = ?1", values![series])?;
    if gone != parts as u64 {
        return Err(StoreError::Conflict("parts of this series were joined, or came".into()));
    }
    run!(db, "UPDATE submissions SET lists = lists + 1 WHERE id = ?1", submission);
    Ok(())
}

fn projected(db: &dyn Sql, s: &Segment) -> Result<(), StoreError> {
    const LATE: &str = "these lists were projected in the meantime, or their day was masked";
    let day = s.day.to_string();
    if !s.blocks.is_empty() {
        let live = "SELECT COUNT(*) FROM day_keys WHERE scope = ?1 AND day = ?2 AND identity IS NOT NULL AND going_at IS NULL";
        if db.number(live, values![s.scope, day])? == 0 {
            return Err(StoreError::Conflict(LATE.into()));
        }
        let insert = "INSERT INTO segments (id, scope, day, lists) VALUES (?1,?2,?3,?4)";
        run!(db, insert, s.id, s.scope, day, s.lists.join(" "));
    }
    for merged in &s.merged {
        once!(db, LATE, "DELETE FROM segments WHERE id = ?1", merged);
        run!(db, "DELETE FROM postings WHERE segment = ?1", merged);
    }
    if s.merged.is_empty() {
        for list in &s.lists {
            once!(db, LATE, "UPDATE lists SET projected = 1 WHERE id = ?1 AND projected = 0", list);
        }
    }
    for (first, entries) in &s.blocks {
        let insert = "INSERT INTO postings (segment, first, entries) VALUES (?1,?2,?3)";
        run!(db, insert, s.id, first, entries);
    }
    Ok(())
}

/// A part of the lake: its lists are found there from now on, and nowhere else.
fn laked(db: &dyn Sql, p: &NewPart) -> Result<(), StoreError> {
    const LATE: &str = "these lists went to the lake in the meantime, or their day was masked";
    let day = p.day.to_string();
    let live = "SELECT COUNT(*) FROM day_keys WHERE scope = ?1 AND day = ?2 AND identity IS NOT NULL AND going_at IS NULL";
    if db.number(live, values![p.scope, day])? == 0 {
        return Err(StoreError::Conflict(LATE.into()));
    }
    for old in &p.instead_of {
        let gone = "INSERT INTO lake_gone (part, day) SELECT id, day FROM lake_parts WHERE id = ?1";
        run!(db, gone, old);
        run!(db, "DELETE FROM lake_lists WHERE part = ?1", old);
        once!(db, LATE, "DELETE FROM lake_parts WHERE id = ?1", old);
    }
    let insert = "INSERT INTO lake_parts (id, scope, day, lists, travellers, people_bytes, marks_bytes, watchlists,
                    made_at) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)";
    let lists = p.lists.len() as u64;
    let ([people, marks], at) = (p.bytes, us(p.at));
    run!(db, insert, p.id, p.scope, day, lists, p.travellers, people, marks, p.watchlists, at);
    for (place, (list, sealed)) in p.lists.iter().enumerate() {
        // A list that was taken back since it was read is shorter now.
        let insert = "INSERT INTO lake_lists (list, part, place) SELECT id, ?2, CAST(?3 AS BIGINT) FROM lists
                        WHERE id = ?1 AND scope = ?4 AND day = ?5 AND LENGTH(sealed) = CAST(?6 AS BIGINT)";
        once!(db, LATE, insert, list, p.id, place as u64, p.scope, day, *sealed);
        run!(db, "UPDATE lists SET projected = 1 WHERE id = ?1 AND projected = 0", list);
    }
    db.settle()?;
    let elsewhere = "SELECT COUNT(*) FROM lists WHERE scope = ?1 AND day = ?2 AND projected = 1
                       AND NOT EXISTS (SELECT 1 FROM lake_lists x WHERE x.list = lists.id)";
    match db.number(elsewhere, values![p.scope, day])? {
        0 => unsegment(db, &p.scope, p.day),
        _ => Ok(()),
    }
}

fn empty_lake(db: &dyn Sql) -> Result<(), StoreError> {
    run!(db, "INSERT INTO lake_gone (part, day) SELECT id, day FROM lake_parts");
    run!(db, "DELETE FROM lake_lists");
    run!(db, "DELETE FROM lake_parts");
    Ok(())
}

/// What was projected of a day goes with its identity key: without it nobody can use it.
fn unproject(db: &dyn Sql, scope: &str, day: Date) -> Result<(), StoreError> {
    const STEPS: [&str; 3] = [
        "INSERT INTO lake_gone (part, day) SELECT id, day FROM lake_parts WHERE scope = ?1 AND day = ?2",
        "DELETE FROM lake_lists WHERE part IN (SELECT id FROM lake_parts WHERE scope = ?1 AND day = ?2)",
        "DELETE FROM lake_parts WHERE scope = ?1 AND day = ?2",
    ];
    for step in STEPS {
        run!(db, step, scope, day.to_string());
    }
    unsegment(db, scope, day)
}

fn unsegment(db: &dyn Sql, scope: &str, day: Date) -> Result<(), StoreError> {
    run!(
        db,
        "DELETE FROM postings WHERE segment IN (SELECT id FROM segments WHERE scope = ?1 AND day = ?2)",
        scope,
        day.to_string()
    );
    run!(db, "DELETE FROM segments WHERE scope = ?1 AND day = ?2", scope, day.to_string());
    Ok(())
}

/// The clocks of a key are the strictest of what it seals.
fn not_later(
    db: &dyn Sql,
    (scope, day): (&str, Date),
    erase: Date,
    mask: Option<Date>,
) -> Result<(), StoreError> {
    run!(
        db,
        "UPDATE day_keys SET
           erase_due = CASE WHEN erase_due IS NULL OR erase_due > ?3 THEN ?3 ELSE erase_due END,
           mask_due = CASE WHEN ?4 IS NOT NULL AND (mask_due IS NULL OR mask_due > ?4) THEN ?4 ELSE mask_due END
         WHERE scope = ?1 AND day = ?2
           AND (erase_due IS NULL OR erase_due > ?3 OR (?4 IS NOT NULL AND (mask_due IS NULL OR mask_due > ?4)))",
        scope,
        day.to_string(),
        erase.to_string(),
        mask.map(|d| d.to_string())
    );
    Ok(())
}

fn hit(db: &dyn Sql, h: &HitRow) -> Result<(), StoreError> {
    run!(
        db,
        "INSERT INTO hits (id, list, traveller, watchlist, entry, band, nats, state, raised_at, departs_at, sealed,
         entry_version, pair) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)
         ON CONFLICT (list, traveller, watchlist, entry, entry_version) DO NOTHING",
        h.id, h.list, h.traveller, h.watchlist, h.entry, h.band, h.nats, h.state, us(h.raised_at),
        us_option(h.departs_at), h.sealed, h.entry_version, h.pair
    );
    Ok(())
}

fn decide(db: &dyn Sql, d: &DecisionRow, state: &str) -> Result<(), StoreError> {
    let next = db.number(
        "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM decisions WHERE hit = ?1",
        values![d.hit],
    )?;
    if next != u64::from(d.ordinal) {
        return Err(StoreError::Conflict(
            "somebody else decided on this hit in the meantime; look at it again".into(),
        ));
    }
    run!(
        db,
        "INSERT INTO decisions (hit, ordinal, officer, verdict, reason, at) VALUES (?1,?2,?3,?4,?5,?6)",
        d.hit,
        d.ordinal,
        d.officer,
        d.verdict,
        d.reason,
        us(d.at)
    );
    run!(db, "UPDATE hits SET state = ?2 WHERE id = ?1", d.hit, state);
    Ok(())
}

fn queue(db: &dyn Sql, p: &Outgoing) -> Result<(), StoreError> {
    run!(
        db,
        "INSERT INTO outbox (parcel, partner, agreement, sequence, mode, list, hit, elements, digest, bytes, status,
         attempts, not_before, queued_at) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)",
        p.parcel, p.partner, p.agreement, p.sequence, p.mode, p.list, p.hit, p.elements,
        p.digest, p.bytes, p.status, p.attempts, us(p.not_before), us(p.queued_at)
    );
    Ok(())
}

fn inbox(db: &dyn Sql, p: &Incoming) -> Result<(), StoreError> {
    run!(
        db,
        "INSERT INTO inbox (parcel, partner, agreement, sequence, mode, digest, list, verdict, receipt, received_at)
         VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
        p.parcel, p.partner, p.agreement, p.sequence, p.mode, p.digest, p.list, p.verdict,
        p.receipt, us(p.received_at)
    );
    Ok(())
}

fn request(db: &dyn Sql, r: &RequestRow) -> Result<(), StoreError> {
    run!(
        db,
        "INSERT INTO requests (id, partner, outgoing, agreement, digest, purpose, dataset, elements, answer_by,
         justify_by, asked_by, at, scope, day, sealed) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
        r.id, r.partner, r.outgoing, r.agreement, r.digest, r.purpose, r.dataset, r.elements,
        us_option(r.answer_by), us_option(r.justify_by), r.asked_by, us(r.at), r.scope,
        r.day.to_string(), r.sealed
    );
    Ok(())
}

/// Keys with a clock, and what outlives them. Whether the change was one of these.
fn forgetting(db: &dyn Sql, change: &Change) -> Result<bool, StoreError> {
    match change {
        Change::DayKey { scope, day, identity, remainder, at } => run!(
            db,
            "INSERT INTO day_keys (scope, day, identity, remainder, made_at) VALUES (?1,?2,?3,?4,?5)",
            scope,
            day.to_string(),
            identity,
            remainder,
            us(*at)
        ),
        Change::MaskDay { scope, day, masked, at } => {
            lapse(db, scope, *day)?;
            unproject(db, scope, *day)?;
            once!(
                db,
                "this day has no identity key, or it was taken away before",
                "UPDATE day_keys SET identity = NULL, masked = ?3, masked_at = ?4
                     WHERE scope = ?1 AND day = ?2 AND identity IS NOT NULL",
                scope,
                day.to_string(),
                masked,
                us(*at)
            )
        }
        Change::TakeBack { list, at } => take_back(db, list, *at)?,
        Change::EraseDay { scope, day, at } => {
            lapse(db, scope, *day)?;
            unproject(db, scope, *day)?;
            once!(db, "this day has no key, or it was destroyed before",
 "UPDATE day_keys SET identity = NULL, remainder = NULL, masked = NULL, erased_at = ?3
                     WHERE scope = ?1 AND day = ?2 AND erased_at IS NULL",
                scope, day.to_string(), us(*at)
            );
            removed(db, scope, (*day, *at))?;
        }
        Change::GoOver { scope, day, removals, at } => go_over(db, (scope, *day), removals, *at)?,
        Change::ListAnew(l) => list_anew(db, l)?,
        Change::SubmissionAnew(s) => submission_anew(db, s)?,
        Change::GoneOver { scope, day, at } => gone_over(db, scope, (*day, *at))?,
        Change::LeaveLater { list, due } => run!(
            db,
            "UPDATE lists SET leave_due = ?2 WHERE id = ?1 AND leave_due < ?2",
            list,
            due.to_string()
        ),
        Change::PurgeDay { scope, day, at } => purge(db, scope, (*day, *at))?,
        Change::Case(c) => {
            run!(
                db,
                "INSERT INTO cases (id, day, ground, hold, opened_by, opened_at, keep_until)
                     VALUES (?1,?2,?3,?4,?5,?6,?7)",
                c.id,
                c.day.to_string(),
                c.ground,
                c.hold,
                c.opened_by,
                us(c.opened_at),
                c.keep_until.to_string()
            );
            not_later(db, (&case_scope(&c.id), c.day), c.keep_until, None)?;
        }
        Change::CaseRecord(r) => run!(
            db,
            "INSERT INTO case_records (case_id, list, traveller, sealed, copied_at) VALUES (?1,?2,?3,?4,?5)",
            r.case_id,
            r.list,
            r.traveller,
            r.sealed,
            us(r.copied_at)
        ),
        Change::CaseClosed { id, at } => once!(
            db,
            "there is no such case, or it is closed",
            "UPDATE cases SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL",
            id,
            us(*at)
        ),
        Change::Unmasking(u) => run!(
            db,
            "INSERT INTO unmaskings (id, list, case_id, secret, asked_by, asked_at) VALUES (?1,?2,?3,?4,?5,?6)",
            u.id,
            u.list,
            u.case_id,
            u.secret,
            u.asked_by,
            us(u.asked_at)
        ),
        Change::Unmasked { id, at } => once!(
            db,
            "there is no such request, or it was used before",
            "UPDATE unmaskings SET secret = NULL, used_at = ?2 WHERE id = ?1 AND used_at IS NULL",
            id,
            us(*at)
        ),
        _ => return Ok(false),
    };
    Ok(true)
}

/// The scope of a case's key.
pub(crate) fn case_scope(id: &str) -> String {
    format!("case:{id}")
}

/// Hits of a day that nobody can look at any more: nobody decides on them.
fn lapse(db: &dyn Sql, scope: &str, day: Date) -> Result<(), StoreError> {
    run!(
        db, "UPDATE hits SET state = 'lapsed' WHERE (state IN ('open', 'half') OR (state = 'upheld' AND disclosed_at IS NULL))
             AND list IN (SELECT id FROM lists WHERE scope = ?1 AND day = ?2)",
        scope, day.to_string()
    );
    Ok(())
}

/// Nobody looks at the list any more, nor screens it; its row stays, empty.
fn take_back(db: &dyn Sql, list: &str, at: Timestamp) -> Result<(), StoreError> {
    // Its day is projected anew, without it.
    const STEPS: [&str; 13] = [
        "INSERT INTO lake_gone (part, day) SELECT p.id, p.day FROM lake_parts p JOIN lists l
           ON l.scope = p.scope AND l.day = p.day WHERE l.id = ?1",
        "DELETE FROM lake_lists WHERE part IN (SELECT p.id FROM lake_parts p JOIN lists l
           ON l.scope = p.scope AND l.day = p.day WHERE l.id = ?1)",
        "DELETE FROM lake_parts WHERE id IN (SELECT p.id FROM lake_parts p JOIN lists l
           ON l.scope = p.scope AND l.day = p.day WHERE l.id = ?1)",
        "DELETE FROM postings WHERE segment IN (SELECT s.id FROM segments s JOIN lists l
           ON l.scope = s.scope AND l.day = s.day WHERE l.id = ?1)",
        "DELETE FROM segments WHERE id IN (SELECT s.id FROM segments s JOIN lists l
           ON l.scope = s.scope AND l.day = s.day WHERE l.id = ?1)",
        "UPDATE lists SET projected = 0 WHERE projected = 1 AND EXISTS (SELECT 1 FROM lists l
           WHERE l.id = ?1 AND l.scope = lists.scope AND l.day = lists.day)",
        "DELETE FROM cleared WHERE hit IN (SELECT id FROM hits WHERE list = ?1)",
        "UPDATE decisions SET reason = ?2 WHERE hit IN (SELECT id FROM hits WHERE list = ?1)",
        "UPDATE hits SET sealed = ?2, pair = NULL WHERE list = ?1",
        "UPDATE openings SET reason = ?2 WHERE list = ?1",
        "UPDATE received_hits SET sealed = ?2 WHERE list = ?1",
        "UPDATE tellings SET sealed = ?2 WHERE list = ?1 AND outgoing = 0",
        "UPDATE lists SET sealed = ?2, remainder = ?2 WHERE id = ?1",
    ];
    run!(
        db,
        "UPDATE hits SET state = 'lapsed' WHERE list = ?1
         AND (state IN ('open', 'half') OR (state = 'upheld' AND disclosed_at IS NULL))",
        list
    );
    run!(
        db,
        "UPDATE lists SET screened_at = ?2 WHERE id = ?1 AND screened_at IS NULL",
        list,
        us(at)
    );
    let nothing: &[u8] = &[];
    for step in STEPS {
        match step.contains("?2") {
            true => run!(db, step, list, nothing),
            false => run!(db, step, list),
        }
    }
    Ok(())
}

/// Marks a day, with who is to go for it.
fn go_over(
    db: &dyn Sql,
    (scope, day): (&str, Date),
    removals: &[Removal],
    at: Timestamp,
) -> Result<(), StoreError> {
    once!(
        db,
        "this day is masked, erased, or goes over to new keys already",
        "UPDATE day_keys SET going_at = ?3
         WHERE scope = ?1 AND day = ?2 AND identity IS NOT NULL AND going_at IS NULL",
        scope,
        day.to_string(),
        us(at)
    );
    db.settle()?;
    for r in removals {
        still_to_go(db, r)?;
        run!(
            db,
            "INSERT INTO removals (list, scope, day, travellers, rules, asked_by, begun_at) VALUES (?1,?2,?3,?4,?5,?6,?7)",
            r.list,
            r.scope,
            r.day.to_string(),
            r.travellers,
            r.rules,
            r.asked_by,
            us(r.begun_at)
        );
    }
    Ok(())
}

/// Whether a list can lose travellers: it is under these keys, itself or in the message that
/// brought it, and nothing about it is on its way to anybody.
fn still_to_go(db: &dyn Sql, r: &Removal) -> Result<(), StoreError> {
    let there = "SELECT COUNT(*) FROM lists l WHERE l.id = ?1 AND LENGTH(l.sealed) > 0
         AND ((l.scope = ?2 AND l.day = ?3) OR EXISTS (
           SELECT 1 FROM submissions s WHERE s.id = l.submission AND s.scope = ?2 AND s.day = ?3))";
    let conflict = |why: &str| Err(StoreError::Conflict(format!("the list {}: {why}", r.list)));
    if db.number(there, values![r.list, r.scope, r.day.to_string()])? == 0 {
        return conflict("it was taken back, or has gone over to other keys in the meantime");
    }
    let unscreened = "SELECT COUNT(*) FROM lists WHERE id = ?1 AND screened_at IS NULL";
    if db.number(unscreened, values![r.list])? > 0 {
        return conflict("it waits to be screened; its travellers can be removed after that");
    }
    let queued = "SELECT COUNT(*) FROM outbox WHERE list = ?1 AND status = 'queued'";
    if db.number(queued, values![r.list])? > 0 {
        return conflict(
            "something of it waits to be handed to a partner; its travellers can be removed after that",
        );
    }
    Ok(())
}

fn list_anew(db: &dyn Sql, l: &ListAnew) -> Result<(), StoreError> {
    let (from, to) = &l.scopes;
    once!(
        db,
        "this list has gone over to new keys in the meantime",
        "UPDATE lists SET scope = ?3, sealed = ?4, remainder = ?5, leave_due = ?6,
           digest = COALESCE(?7, digest), projected = 0
         WHERE id = ?1 AND scope = ?2",
        l.list,
        from,
        to,
        l.sealed[0],
        l.sealed[1],
        l.leave_due.map(|d| d.to_string()),
        l.digest.map(|d| d.to_string())
    );
    not_later(db, (to, l.day), l.clocks.0, l.clocks.1)?;
    l.attached.iter().try_for_each(|one| attached(db, one))
}

fn attached(db: &dyn Sql, one: &Attached) -> Result<(), StoreError> {
    match one {
        Attached::Hit { id, sealed } => {
            run!(db, "UPDATE hits SET sealed = ?2 WHERE id = ?1", id, sealed)
        }
        Attached::HitGone { id } => {
            let nothing: &[u8] = &[];
            run!(db, "DELETE FROM cleared WHERE hit = ?1", id);
            run!(db, "UPDATE decisions SET reason = ?2 WHERE hit = ?1", id, nothing);
            run!(
                db,
                "UPDATE hits SET state = 'lapsed' WHERE id = ?1
                 AND (state IN ('open', 'half') OR (state = 'upheld' AND disclosed_at IS NULL))",
                id
            );
            // The id of the hit keeps two of one traveller apart.
            run!(
                db,
                "UPDATE hits SET sealed = ?2, pair = NULL, entry = '', entry_version = id, nats = 0
                 WHERE id = ?1",
                id,
                nothing
            )
        }
        Attached::Reason { hit, ordinal, sealed } => run!(
            db,
            "UPDATE decisions SET reason = ?3 WHERE hit = ?1 AND ordinal = ?2",
            hit,
            ordinal,
            sealed
        ),
        Attached::Opening { id, sealed } => {
            run!(db, "UPDATE openings SET reason = ?2 WHERE id = ?1", id, sealed)
        }
        Attached::ReceivedHit { id, sealed } => {
            run!(db, "UPDATE received_hits SET sealed = ?2 WHERE id = ?1", id, sealed)
        }
        Attached::Telling { partner, parcel, sealed } => run!(
            db,
            "UPDATE tellings SET sealed = ?3 WHERE partner = ?1 AND parcel = ?2",
            partner,
            parcel,
            sealed
        ),
    }
    Ok(())
}

fn submission_anew(db: &dyn Sql, s: &SubmissionAnew) -> Result<(), StoreError> {
    let (from, to) = &s.scopes;
    once!(
        db,
        "this submission has gone over to new keys in the meantime",
        "UPDATE submissions SET scope = ?3, original = ?4, answer = ?5 WHERE id = ?1 AND scope = ?2",
        s.id,
        from,
        to,
        s.sealed[0],
        s.sealed[1]
    );
    not_later(db, (to, s.day), s.keep_until, None)
}

fn gone_over(db: &dyn Sql, scope: &str, (day, at): (Date, Timestamp)) -> Result<(), StoreError> {
    let left = "SELECT (SELECT COUNT(*) FROM lists WHERE scope = ?1 AND day = ?2)
                  + (SELECT COUNT(*) FROM submissions WHERE scope = ?1 AND day = ?2)";
    if db.number(left, values![scope, day.to_string()])? > 0 {
        return Err(StoreError::Conflict("something of this day is under its old keys yet".into()));
    }
    unproject(db, scope, day)?;
    once!(
        db,
        "this day does not go over to new keys, or has done so",
        "UPDATE day_keys SET identity = NULL, remainder = NULL, masked = NULL, erased_at = ?3
         WHERE scope = ?1 AND day = ?2 AND erased_at IS NULL AND going_at IS NOT NULL",
        scope,
        day.to_string(),
        us(at)
    );
    removed(db, scope, (day, at))
}

/// Those keys are destroyed for which travellers were to go.
fn removed(db: &dyn Sql, scope: &str, (day, at): (Date, Timestamp)) -> Result<(), StoreError> {
    run!(
        db,
        "UPDATE removals SET removed_at = ?3 WHERE scope = ?1 AND day = ?2 AND removed_at IS NULL",
        scope,
        day.to_string(),
        us(at)
    );
    Ok(())
}

fn purge(db: &dyn Sql, scope: &str, (day, at): (Date, Timestamp)) -> Result<(), StoreError> {
    const LISTS: &str = "(SELECT id FROM lists WHERE scope = ?1 AND day = ?2)";
    const STEPS: [&str; 13] = [
        "UPDATE outbox SET bytes = NULL WHERE status <> 'queued'
           AND parcel IN (SELECT id FROM requests WHERE scope = ?1 AND day = ?2)",
        "UPDATE requests SET sealed = ?3, reason = ?3, justification = ?3 WHERE scope = ?1 AND day = ?2",
        "UPDATE submissions SET original = ?3, answer = ?3 WHERE scope = ?1 AND day = ?2",
        "DELETE FROM cleared WHERE hit IN (SELECT id FROM hits WHERE list IN ?lists)",
        "UPDATE hits SET sealed = ?3, pair = NULL WHERE list IN ?lists",
        "UPDATE decisions SET reason = ?3 WHERE hit IN (SELECT id FROM hits WHERE list IN ?lists)",
        "UPDATE openings SET reason = ?3 WHERE list IN ?lists",
        "UPDATE received_hits SET sealed = ?3 WHERE list IN ?lists",
        "UPDATE tellings SET sealed = ?3 WHERE list IN ?lists",
        "UPDATE outbox SET bytes = NULL WHERE status <> 'queued' AND list IN ?lists",
        "UPDATE lists SET sealed = ?3, remainder = ?3 WHERE scope = ?1 AND day = ?2",
        "UPDATE case_records SET sealed = ?3 WHERE case_id = SUBSTR(?1, 6) AND ?1 LIKE 'case:%'
           AND EXISTS (SELECT 1 FROM day_keys WHERE scope = ?1 AND day = ?2)",
        "UPDATE cases SET ground = ?3 WHERE 'case:' || id = ?1 AND day = ?2",
    ];
    let nothing: &[u8] = &[];
    for step in STEPS {
        let step = step.replace("?lists", LISTS);
        // A statement gets the values that it names.
        if step.contains("?3") {
            run!(db, &step, scope, day.to_string(), nothing);
        } else {
            run!(db, &step, scope, day.to_string());
        }
    }
    run!(
        db,
        "UPDATE day_keys SET purged_at = ?3 WHERE scope = ?1 AND day = ?2 AND erased_at IS NOT NULL",
        scope,
        day.to_string(),
        us(at)
    );
    Ok(())
}

fn small(db: &dyn Sql, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Node { origin, state, at } => run!(
            db, "INSERT INTO node (one, origin, state, made_at) VALUES (1,?1,?2,?3)",
            origin, state, us(*at)
        ),
        Change::Carrier(c) => run!(
            db, "INSERT INTO carriers (id, name, token_hash, certificate, flights, enabled, added_at)
             VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT (id) DO UPDATE SET name = ?2, token_hash = ?3,
             certificate = ?4, flights = ?5, enabled = ?6",
            c.id, c.name, c.token_hash, c.certificate, c.flights, c.enabled, us(c.added_at)
        ),
        Change::Screened { list, watchlists, at } => once!(db, "this list is not there, or was screened in the meantime",
 "UPDATE lists SET screened_at = ?2, watchlists = ?3 WHERE id = ?1 AND screened_at IS NULL",
            list, us(*at), watchlists
        ),
        Change::Rescreened { list, before, watchlists } => once!(db, "this list is not there, or was screened again in the meantime",
 "UPDATE lists SET watchlists = ?3 WHERE id = ?1 AND watchlists = ?2", list, before, watchlists
        ),
        Change::Cleared { pair, entry_version, hit, until, at } => {
            run!(db, "DELETE FROM cleared WHERE until <= ?1", at.to_zoned(TimeZone::UTC).date().to_string());
            run!(
                db, "INSERT INTO cleared (pair, entry_version, hit, cleared_at, until) VALUES (?1,?2,?3,?4,?5)
                 ON CONFLICT (pair, entry_version) DO UPDATE SET hit = ?3, cleared_at = ?4, 
                 until = CASE WHEN cleared.until > ?5 THEN cleared.until ELSE ?5 END",
                pair, entry_version, hit, us(*at), until.to_string()
            )
        }
        Change::Disclosed { hit, at } => once!(db, "this hit is not upheld, or was disclosed in the meantime",
 "UPDATE hits SET disclosed_at = ?2 WHERE id = ?1 AND state = 'upheld' AND disclosed_at IS NULL", hit, us(*at)
        ),
        Change::Retry { parcel, not_before } => run!(
            db, "UPDATE outbox SET attempts = attempts + 1, not_before = ?2 WHERE parcel = ?1 AND status = 'queued'",
            parcel, us(*not_before)
        ),
        Change::Receipted { parcel, status, receipt, at } => run!(
            db, "UPDATE outbox SET status = ?2, receipt = ?3, receipted_at = ?4, attempts = attempts + 1
             WHERE parcel = ?1 AND status = 'queued'",
            parcel, status, receipt, us(*at)
        ),
        Change::Refused(r) => run!(
            db, "INSERT INTO refusals (at, partner, mode, list, hit, rules, direction) VALUES (?1,?2,?3,?4,?5,?6,?7)",
            us(r.at), r.partner, r.mode, r.list, r.hit, r.rules, r.direction
        ),
        Change::Opened(o) => run!(
            db, "INSERT INTO openings (at, officer, list, traveller, purpose, reason) VALUES (?1,?2,?3,?4,?5,?6)",
            us(o.at), o.officer, o.list, o.traveller, o.purpose, o.reason
        ),
        Change::Watchlist(w) => {
            run!(
                db, "INSERT INTO watchlist_versions (name, version, digest, entries, file, loaded_at)
                 VALUES (?1,?2,?3,?4,?5,?6) ON CONFLICT (name, digest) DO UPDATE SET version = ?2, loaded_at = ?6",
                w.name, w.version, w.digest, w.entries, w.file, us(w.loaded_at)
            );
            run!(
                db, "INSERT INTO watchlists (name, version, digest, entries, file, loaded_at) VALUES (?1,?2,?3,?4,?5,?6)
                 ON CONFLICT (name) DO UPDATE SET version = ?2, digest = ?3, entries = ?4, file = ?5, loaded_at = ?6",
                w.name, w.version, w.digest, w.entries, w.file, us(w.loaded_at)
            )
        }
        Change::Criteria(c) => once!(
            db, "these criteria were decided on already",
            "INSERT INTO criteria (name, digest, document, review_by, lists, travellers, met, proposed_by, proposed_at)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9) ON CONFLICT (name, digest) DO UPDATE SET lists = ?5, travellers = ?6,
             met = ?7, proposed_by = ?8, proposed_at = ?9
             WHERE criteria.approved_at IS NULL AND criteria.withdrawn_at IS NULL",
            c.name, c.digest, c.document, c.review_by.to_string(), c.lists, c.travellers, c.met, c.proposed_by,
            us(c.proposed_at)
        ),
        Change::CriteriaApproved { name, digest, officer, at } => {
            run!(
                db, "UPDATE criteria SET withdrawn_by = '', withdrawn_at = ?3
                 WHERE name = ?1 AND digest <> ?2 AND approved_at IS NOT NULL AND withdrawn_at IS NULL",
                name, digest, us(*at)
            );
            once!(
                db, "these criteria are no proposal, or their author cannot approve them",
                "UPDATE criteria SET approved_by = ?3, approved_at = ?4 WHERE name = ?1 AND digest = ?2
                 AND approved_at IS NULL AND withdrawn_at IS NULL AND proposed_by <> ?3",
                name, digest, officer, us(*at)
            )
        }
        Change::CriteriaWithdrawn { name, digest, officer, reason, at } => once!(
            db, "these criteria are withdrawn already",
            "UPDATE criteria SET withdrawn_by = ?3, withdrawn_at = ?4, reason = ?5
             WHERE name = ?1 AND digest = ?2 AND withdrawn_at IS NULL",
            name, digest, officer, us(*at), reason
        ),
        Change::Alarm { partner, kind, what, at } => run!(
            db, "INSERT INTO alarms (at, partner, kind, what) VALUES (?1,?2,?3,?4)",
            us(*at), partner, kind, what
        ),
        Change::SettleAlarm { id, officer, reason, at } => run!(
            db, "UPDATE alarms SET settled_by = ?2, settled_at = ?3, reason = ?4
                 WHERE id = ?1 AND settled_by IS NULL",
            id, officer, us(*at), reason
        ),
        other => return people(db, other),
    };
    Ok(())
}

/// Officers, their sessions, and partners.
fn people(db: &dyn Sql, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Officer(o) => {
            // Whoever signed in with what was true before signs in again.
            run!(db, "DELETE FROM sessions WHERE officer = ?1", o.id);
            run!(
            db, "INSERT INTO officers (id, roles, password, enabled, failed, locked_until, added_at)
             VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT (id) DO UPDATE SET roles = ?2, password = ?3, enabled = ?4,
             failed = ?5, locked_until = ?6",
            o.id, o.roles, o.password, o.enabled, o.failed, us_option(o.locked_until), us(o.added_at)
        )}
        Change::StrangerTried {} => run!(db, "UPDATE node SET strangers = strangers + 1"),
        Change::SignInTried { officer, failed, locked_until } => run!(
            db, "UPDATE officers SET failed = ?2, locked_until = ?3 WHERE id = ?1",
            officer, failed, us_option(*locked_until)
        ),
        Change::Session(s) => run!(
            db, "INSERT INTO sessions (token_hash, officer, csrf, started_at, seen_at) VALUES (?1,?2,?3,?4,?5)",
            s.token_hash, s.officer, s.csrf, us(s.started_at), us(s.seen_at)
        ),
        Change::SessionSeen { token_hash, at } => run!(
            db, "UPDATE sessions SET seen_at = ?2 WHERE token_hash = ?1", token_hash, us(*at)
        ),
        Change::SessionEnded { token_hash } => run!(
            db, "DELETE FROM sessions WHERE token_hash = ?1", token_hash
        ),
        Change::Partner(p) => run!(
            db, "INSERT INTO partners (state, name, url, authority, certificate, keys, enabled, added_at)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT (state) DO UPDATE SET name = ?2, url = ?3, authority = ?4,
             certificate = ?5, keys = ?6, enabled = ?7",
            p.state, p.name, p.url, p.authority, p.certificate, p.keys, p.enabled, us(p.added_at)
        ),
        Change::PartnerKeys { state, before, keys } => once!(
            db, "this partner's keys were changed in the meantime",
            "UPDATE partners SET keys = ?3 WHERE state = ?1 AND keys = ?2",
            state, before, keys
        ),
        Change::PartnerAnswered { state, answer, at } => run!(
            db, "UPDATE partners SET last_answer = ?2, last_answer_at = ?3 WHERE state = ?1",
            state, answer, us(*at)
        ),
        Change::Agreement(a) => run!(
            db, "INSERT INTO agreements (id, partner, version, signed, status, suspended_by, changed_at)
             VALUES (?1,?2,?3,?4,?5,?6,?7) ON CONFLICT (id) DO UPDATE SET signed = ?4, status = ?5, suspended_by = ?6,
             changed_at = ?7",
            a.id, a.partner, a.version, a.signed, a.status, a.suspended_by, us(a.changed_at)
        ),
        Change::AgreementAct(a) => run!(
            db, "INSERT INTO agreement_acts (agreement, at, officer, act, reason) VALUES (?1,?2,?3,?4,?5)",
            a.agreement, us(a.at), a.officer, a.act, a.reason
        ),
        Change::Thresholds(t) => run!(
            db, "INSERT INTO thresholds (watchlist, possible, hit, set_by, set_at) VALUES (?1,?2,?3,?4,?5)
             ON CONFLICT (watchlist) DO UPDATE SET possible = ?2, hit = ?3, set_by = ?4, set_at = ?5",
            t.watchlist, t.possible, t.hit, t.set_by, us(t.set_at)
        ),
        Change::StreamOut { agreement, partner, state } => run!(
            db, "INSERT INTO streams_out (agreement, partner, state) VALUES (?1,?2,?3)
             ON CONFLICT (agreement) DO UPDATE SET state = ?3",
            agreement, partner, state
        ),
        Change::StreamIn { agreement, partner, state, stopped } => run!(
            db, "INSERT INTO streams_in (agreement, partner, state, stopped) VALUES (?1,?2,?3,?4)
             ON CONFLICT (agreement) DO UPDATE SET state = ?3, stopped = ?4",
            agreement, partner, state, stopped
        ),
        Change::ResumeStreamIn { agreement, seen, state } => once!(db, "this stream is not stopped, or was resumed in the meantime",
 "UPDATE streams_in SET state = ?3, stopped = NULL
                 WHERE agreement = ?1 AND state = ?2 AND stopped IS NOT NULL",
            agreement, seen, state
        ),
        Change::RequestDecided { partner, id, outcome, officer, reason, at } => once!(
            db, "this request is not there, or somebody else decided on it in the meantime",
            "UPDATE requests SET outcome = ?3, decided_by = ?4, reason = ?5, decided_at = ?6
             WHERE partner = ?1 AND id = ?2 AND outgoing = 0 AND outcome IS NULL",
            partner, id, outcome, officer, reason, us(*at)
        ),
        Change::RequestJustified { partner, id, statement, at } => once!(
            db, "this request is not there, was made in no emergency, or is justified already",
            "UPDATE requests SET justified_at = ?3, justification = ?4
             WHERE partner = ?1 AND id = ?2 AND justify_by IS NOT NULL AND justified_at IS NULL",
            partner, id, us(*at), statement
        ),
        Change::RequestLate { partner, id, at } => run!(
            db, "UPDATE requests SET late_at = ?3 WHERE partner = ?1 AND id = ?2 AND late_at IS NULL",
            partner, id, us(*at)
        ),
        Change::RequestUnanswered { partner, id, at } => run!(
            db, "UPDATE requests SET unanswered_at = ?3
             WHERE partner = ?1 AND id = ?2 AND unanswered_at IS NULL",
            partner, id, us(*at)
        ),
        Change::Answer(a) => run!(
            db, "INSERT INTO answers (partner, request, number, parts, parcel, list, outcome, rules, at)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
            a.partner, a.request, a.number, a.parts, a.parcel, a.list, a.outcome, a.rules, us(a.at)
        ),
        Change::Correction(c) => run!(
            db, "INSERT INTO corrections (partner, parcel, earlier, outgoing, mode, cause, replaced, list, believed_from, at)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
            c.partner, c.parcel, c.earlier, c.outgoing, c.mode, c.cause, c.replaced, c.list, us(c.believed_from), us(c.at)
        ),
        Change::Telling(t) => run!(
            db, "INSERT INTO tellings (partner, parcel, outgoing, purpose, list, travellers, told_by, at, sealed)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
            t.partner, t.parcel, t.outgoing, t.purpose, t.list, t.travellers, t.told_by, us(t.at), t.sealed
        ),
        Change::TellingSeen { partner, parcel, officer, at } => run!(
            db, "UPDATE tellings SET seen_by = ?3, seen_at = ?4
             WHERE partner = ?1 AND parcel = ?2 AND outgoing = 0 AND seen_by IS NULL",
            partner, parcel, officer, us(*at)
        ),
        Change::DayTotal(t) => run!(
            db, "INSERT INTO day_totals (partner, parcel, agreement, outgoing, day, first_number, last_number, total,
             receipt, agrees, at, answered_at) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
            t.partner, t.parcel, t.agreement, t.outgoing, t.day.to_string(), t.first_number, t.last_number, t.total,
            t.receipt, t.agrees, us(t.at), us_option(t.answered_at)
        ),
        Change::DayTotalAnswered { partner, parcel, receipt, agrees, at } => run!(
            db, "UPDATE day_totals SET receipt = ?3, agrees = ?4, answered_at = ?5
             WHERE partner = ?1 AND parcel = ?2 AND outgoing = 1 AND answered_at IS NULL",
            partner, parcel, receipt, agrees, us(*at)
        ),
        Change::ReceivedHit(h) => run!(
            db, "INSERT INTO received_hits (id, partner, parcel, list, received_at, sealed) VALUES (?1,?2,?3,?4,?5,?6)",
            h.id, h.partner, h.parcel, h.list, us(h.received_at), h.sealed
        ),
        Change::ReceivedHitSeen { id, officer, at } => run!(
            db, "UPDATE received_hits SET seen_by = ?2, seen_at = ?3 WHERE id = ?1 AND seen_by IS NULL",
            id, officer, us(*at)
        ),
        Change::Submission(_) | Change::List(_) | Change::Part(_) | Change::PartsJoined { .. } | Change::Hit(_) | Change::Decision { .. }
        | Change::Queue(_) | Change::Inbox(_) | Change::Request(_) | Change::Node { .. } | Change::DayKey { .. }
        | Change::GoOver { .. } | Change::ListAnew(_) | Change::SubmissionAnew(_) | Change::GoneOver { .. } | Change::LeaveLater { .. }
        | Change::TakeBack { .. } | Change::MaskDay { .. } | Change::EraseDay { .. } | Change::PurgeDay { .. } | Change::Case(_)
        | Change::Projected(_) | Change::Unprojected {} | Change::Laked(_) | Change::Hunted { .. } | Change::Unlaked {} | Change::Swept { .. } | Change::Serving { .. } | Change::CaseRecord(_) | Change::CaseClosed { .. } | Change::Unmasking(_)
        | Change::Unmasked { .. } | Change::Carrier(_) | Change::Screened { .. }
        | Change::Rescreened { .. } | Change::Cleared { .. } | Change::Disclosed { .. } | Change::Retry { .. } | Change::Receipted { .. }
        | Change::Refused(_) | Change::Opened(_) | Change::Watchlist(_) | Change::Criteria(_)
        | Change::CriteriaApproved { .. } | Change::CriteriaWithdrawn { .. } | Change::Alarm { .. }
        | Change::SettleAlarm { .. } => {
            return Err(StoreError::Conflict("a change that this table does not know".into()));
        }
    };
    Ok(())
}
