//! What is there: rows by id, queues, pages, counts.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use policy::Ground;

use crate::{
    Store, StoreError,
    db::{Row, Value, bad, values},
    rows::*,
};

type Result<T, E = StoreError> = std::result::Result<T, E>;

fn at(row: &Row<'_>, column: &str) -> Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|_| bad(column))
}

fn at_option(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>> {
    let us: Option<i64> = row.get(column)?;
    us.map(|us| Timestamp::from_microsecond(us).map_err(|_| bad(column))).transpose()
}

fn day(row: &Row<'_>, column: &str) -> Result<Date> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| bad(column))
}

fn day_option(row: &Row<'_>, column: &str) -> Result<Option<Date>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| bad(column))).transpose()
}

/// When a key must be gone: half a year after it was made, where no list tells a clock.
fn erase_due(row: &Row<'_>, column: &str) -> Result<Date> {
    if let Some(due) = day_option(row, column)? {
        return Ok(due);
    }
    let made = at(row, "made_at")?.to_zoned(TimeZone::UTC).date();
    made.checked_add(jiff::Span::new().months(6)).map_err(|_| bad(column))
}

/// Reads one row struct from one SQL row, column by column of the same name.
trait FromRow: Sized {
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

macro_rules! from_row {
    ($($name:ident { $($field:ident $(: $how:ident)?),* $(,)? })*) => {$(
        impl FromRow for $name {
            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(Self { $($field: from_row!(@ row, $field $(, $how)?)),* })
            }
        }
    )*};
    (@ $row:ident, $field:ident) => { $row.get(stringify!($field))? };
    (@ $row:ident, $field:ident, $how:ident) => { $how($row, stringify!($field))? };
}

from_row! {
    Carrier { id, name, token_hash, certificate, flights, enabled, added_at: at }
    Submission { id, carrier, digest, received_at: at, bytes, scope, day: day, keep_until: day, original,
        status, media_type,
        answer, faults, lists, repeats }
    List { id, submission, parcel, origin, agreement, flight, carrier, number, origin_airport, destination,
        departs_at: at_option, arrives_at: at_option, dataset, function, travellers, dropped, received_at: at,
        keep_until: day, mask_due: day_option, leave_due: day_option, clock, scope, day: day,
        sealed, remainder, digest, screened_at: at_option, watchlists }
    PartRow { series, number, last, base, submission, message, received_at: at, due_at: at }
    HitRow { id, list, traveller, watchlist, entry, entry_version, pair, band, nats, state, raised_at: at, departs_at: at_option,
        disclosed_at: at_option, sealed }
    DecisionRow { hit, ordinal, officer, verdict, reason, at: at }
    Officer { id, roles, password, enabled, failed, locked_until: at_option, added_at: at }
    Session { token_hash, officer, csrf, started_at: at, seen_at: at }
    Partner { state, name, url, authority, certificate, keys, enabled, added_at: at, last_answer,
        last_answer_at: at_option }
    AgreementRow { id, partner, version, signed, status, suspended_by, changed_at: at }
    AgreementAct { agreement, at: at, officer, act, reason }
    ThresholdsRow { watchlist, possible, hit, set_by, set_at: at }
    Outgoing { parcel, partner, agreement, sequence, mode, list, hit, elements, digest, bytes, status,
        attempts, not_before: at, queued_at: at, receipted_at: at_option, receipt }
    Incoming { parcel, partner, agreement, sequence, mode, digest, list, verdict, receipt, received_at: at }
    RequestRow { id, partner, outgoing, agreement, digest, purpose, dataset, elements, answer_by: at_option,
        justify_by: at_option, asked_by, at: at, scope, day: day, sealed, outcome, decided_by, decided_at: at_option,
        reason, justified_at: at_option, justification, late_at: at_option,
        unanswered_at: at_option }
    AnswerRow { partner, request, number, parts, parcel, list, outcome, rules, at: at }
    CorrectionRow { partner, parcel, earlier, outgoing, mode, cause, replaced, list, believed_from: at, at: at }
    TellingRow { partner, parcel, outgoing, purpose, list, travellers, told_by, at: at, seen_by, seen_at: at_option,
        sealed }
    DayTotal { partner, parcel, agreement, outgoing, day: day, first_number, last_number, total, receipt, agrees,
        at: at, answered_at: at_option }
    CountedRow { sequence, mode, digest, status, at: at }
    ReceivedHit { id, partner, parcel, list, received_at: at, seen_by, seen_at: at_option, sealed }
    RefusalRow { at: at, partner, mode, list, hit, rules, direction }
    Opening { at: at, officer, list, traveller, purpose, reason }
    WatchlistRow { name, version, digest, entries, file, loaded_at: at }
    CriteriaRow { name, digest, document, review_by: day, lists, travellers, met, proposed_by, proposed_at: at,
        approved_by, approved_at: at_option, withdrawn_by, withdrawn_at: at_option, reason }
    Alarm { id, at: at, partner, kind, what, settled_by, settled_at: at_option, reason }
    CaseRow { id, day: day, ground, hold, opened_by, opened_at: at, keep_until: day, closed_at: at_option }
    CaseRecord { case_id, list, traveller, sealed, copied_at: at }
    Unmasking { id, list, case_id, secret, asked_by, asked_at: at, used_at: at_option }
    Removal { list, scope, day: day, travellers, rules, asked_by, begun_at: at, removed_at: at_option }
    DayKeyRow { scope, day: day, live, masked_at: at_option, going_at: at_option, erased_at: at_option, mask_due: day_option,
        erase_due: erase_due }
}

/// The columns of [`DayKeyRow`].
const DAY_KEY: &str = "scope, day, identity IS NOT NULL AS live, masked_at, going_at, erased_at, mask_due, erase_due, made_at";

/// Of which lists `to_rescreen` and `left_to_rescreen` speak.
const RESCREEN: &str = "FROM lists WHERE screened_at IS NOT NULL AND LENGTH(sealed) > 0 AND (watchlists < ?1 OR watchlists > ?1)
     AND EXISTS (SELECT 1 FROM day_keys k WHERE k.scope = lists.scope AND k.day = lists.day AND k.identity IS NOT NULL)
     AND NOT EXISTS (SELECT 1 FROM lake_lists x WHERE x.list = lists.id)";

/// What has gone to partners and been receipted, or not yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disclosed {
    /// Parcels in mode `list`.
    pub list: u64,
    /// Parcels in mode `hit`.
    pub hit: u64,
}

/// What a carrier's messages were worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Its id.
    pub carrier: String,
    /// Messages that it sent, repeats not counted.
    pub messages: u64,
    /// Those of them of which no list was kept.
    pub rejected: u64,
    /// Faults and findings that it was told of, notes not counted.
    pub faults: u64,
    /// Travellers on its lists.
    pub travellers: u64,
}

impl Quality {
    /// 0 to 100: how many in a hundred of its messages and travellers had nothing to mend,
    /// each fault counted as one of them, and a message that was turned away as all of it.
    /// `None` before the first message.
    ///
    /// ```
    /// let quality = store::Quality {
    ///     carrier: "TK".into(), messages: 10, rejected: 1, faults: 9, travellers: 190,
    /// };
    /// assert_eq!(quality.score(), Some(85));
    /// ```
    pub fn score(&self) -> Option<u8> {
        let things = self.messages + self.travellers;
        let taken = self.messages.checked_sub(self.rejected)?;
        if self.messages == 0 {
            return None;
        }
        let sound = things.saturating_sub(self.faults) * 100 * taken;
        u8::try_from(sound / (things * self.messages)).ok()
    }
}

/// Totals of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Submissions that carriers made, repeats not counted.
    pub submissions: u64,
    /// Lists kept, carriers' and partners'.
    pub lists: u64,
    /// Lists kept that carriers sent.
    pub carrier_lists: u64,
    /// Different flights among them.
    pub flights: u64,
    /// Travellers on carriers' lists.
    pub travellers: u64,
    /// Faults and findings answered to carriers.
    pub faults: u64,
    /// Hits raised.
    pub hits: u64,
    /// Hits that nobody has decided on.
    pub open: u64,
    /// Hits that wait for the second officer.
    pub half: u64,
    /// Hits upheld.
    pub upheld: u64,
    /// Hits dismissed.
    pub dismissed: u64,
    /// Parcels sealed.
    pub disclosed: Disclosed,
    /// Parcels receipted by partners.
    pub receipted: u64,
    /// Parcels that wait to be handed over.
    pub queued: u64,
    /// Parcels taken from partners.
    pub received: u64,
    /// Disclosures and parcels refused.
    pub refused: u64,
    /// Alarms that nobody has settled.
    pub alarms: u64,
    /// Events in the log.
    pub events: u64,
}

impl Store {
    fn rows<T: FromRow>(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<T>> {
        self.read(|db| db.rows(sql, values, |r| T::from_row(r)))
    }

    fn row<T: FromRow>(&self, sql: &str, values: &[Value<'_>]) -> Result<Option<T>> {
        self.read(|db| db.row(sql, values, |r| T::from_row(r)))
    }

    fn number(&self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        self.read(|db| db.number(sql, values))
    }

    /// The one column of every row.
    fn column(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<String>> {
        self.read(|db| db.rows(sql, values, |r| r.get(0)))
    }

    /// The state whose node this is.
    pub fn state(&self) -> Result<String> {
        let state = self.read(|db| db.row("SELECT state FROM node", &[], |r| r.get(0)))?;
        state.ok_or_else(|| StoreError::Missing { what: "node", id: String::new() })
    }

    /// The carrier with this token (its SHA-256, hexadecimal) or certificate.
    pub fn carrier_by(
        &self,
        token_hash: Option<&str>,
        certificate: Option<&str>,
    ) -> Result<Option<Carrier>> {
        self.row(
            "SELECT * FROM carriers WHERE enabled = 1 AND (token_hash = ?1 OR certificate = ?2) LIMIT 1",
            values![token_hash, certificate],
        )
    }

    /// Every carrier.
    pub fn carriers(&self) -> Result<Vec<Carrier>> {
        self.rows("SELECT * FROM carriers ORDER BY id", &[])
    }

    /// The submission of a carrier with this digest.
    pub fn submission_by(&self, carrier: &str, digest: &str) -> Result<Option<Submission>> {
        self.row(
            "SELECT * FROM submissions WHERE carrier = ?1 AND digest = ?2",
            values![carrier, digest],
        )
    }

    /// A submission.
    pub fn submission(&self, id: &str) -> Result<Option<Submission>> {
        self.row("SELECT * FROM submissions WHERE id = ?1", values![id])
    }

    /// The newest submissions.
    pub fn submissions(&self, limit: u32) -> Result<Vec<Submission>> {
        self.rows("SELECT * FROM submissions ORDER BY received_at DESC LIMIT ?1", values![limit])
    }

    /// The original bytes of a submission.
    pub fn open_original(&self, s: &Submission) -> Result<Vec<u8>> {
        self.unseal((&s.scope, s.day), ("original", &s.id), &s.original)
    }

    /// A list's row.
    pub fn list(&self, id: &str) -> Result<Option<List>> {
        self.row("SELECT * FROM lists WHERE id = ?1", values![id])
    }

    /// Lists of flights that depart in a range of time, or were received in it when
    /// the departure is not known; in order of departure. Sealed parts included.
    pub fn lists_between(&self, from: Timestamp, to: Timestamp, limit: u32) -> Result<Vec<List>> {
        self.rows(
            "SELECT * FROM lists WHERE COALESCE(departs_at, received_at) >= ?1 AND COALESCE(departs_at, received_at) < ?2
             ORDER BY COALESCE(departs_at, received_at), flight, id LIMIT ?3",
            values![from.as_microsecond(), to.as_microsecond(), limit],
        )
    }

    /// Every list of a flight, the newest first.
    pub fn lists_of_flight(&self, flight: &str) -> Result<Vec<List>> {
        self.rows(
            "SELECT * FROM lists WHERE flight = ?1 ORDER BY received_at DESC, id DESC",
            values![flight],
        )
    }

    /// Lists of flights whose key begins so (it ends with `/`), the latest flights first.
    pub fn lists_under_flight(&self, prefix: &str, limit: u32) -> Result<Vec<List>> {
        // What begins with a text that ends with `/` lies before the same with `0`.
        let end = format!("{}0", prefix.trim_end_matches('/'));
        self.rows(
            "SELECT * FROM lists WHERE flight >= ?1 AND flight < ?2 ORDER BY flight DESC, received_at DESC LIMIT ?3",
            values![prefix, end, limit],
        )
    }

    /// Lists that a submission brought.
    pub fn lists_of_submission(&self, submission: &str) -> Result<Vec<List>> {
        self.rows("SELECT * FROM lists WHERE submission = ?1 ORDER BY id", values![submission])
    }

    /// Ids of lists that are kept and not screened yet, oldest first.
    pub fn unscreened(&self, limit: u32) -> Result<Vec<String>> {
        self.column(
            "SELECT id FROM lists WHERE screened_at IS NULL ORDER BY received_at LIMIT ?1",
            values![limit],
        )
    }

    /// Ids of hits that are upheld and about which no agreement was asked yet.
    pub fn undisclosed(&self, limit: u32) -> Result<Vec<String>> {
        self.column(
            "SELECT id FROM hits WHERE state = 'upheld' AND disclosed_at IS NULL ORDER BY raised_at LIMIT ?1",
            values![limit],
        )
    }

    /// The parts of a series.
    pub fn parts_of(&self, series: &str) -> Result<Vec<PartRow>> {
        self.rows("SELECT * FROM parts WHERE series = ?1 ORDER BY number", values![series])
    }

    /// The parts of every open series under one base.
    pub fn parts_like(&self, base: &str) -> Result<Vec<PartRow>> {
        self.rows("SELECT * FROM parts WHERE base = ?1 ORDER BY series, number", values![base])
    }

    /// Series that are whole at `now`, or not waited for any longer; the oldest first.
    pub fn series_ready(&self, now: Timestamp, limit: u32) -> Result<Vec<String>> {
        let sql = "SELECT series FROM parts GROUP BY series
            HAVING MIN(due_at) <= ?1 OR COUNT(*) = MAX(CASE WHEN last = 1 THEN number END)
            ORDER BY MIN(due_at) LIMIT ?2";
        self.column(sql, values![now.as_microsecond(), limit])
    }

    /// A hit's row.
    pub fn hit(&self, id: &str) -> Result<Option<HitRow>> {
        self.row("SELECT * FROM hits WHERE id = ?1", values![id])
    }

    /// Opens a hit's explanation: the bytes that screening encoded.
    pub fn open_hit(&self, hit: &HitRow) -> Result<Vec<u8>> {
        let (origin, day) = self.list_day(&hit.list)?;
        self.unseal((&origin, day), ("hit", &hit.id), &hit.sealed)
    }

    /// Opens the answer to a submission.
    pub fn open_answer(&self, s: &Submission) -> Result<Vec<u8>> {
        self.unseal((&s.scope, s.day), ("answer", &s.id), &s.answer)
    }

    /// Opens the reason of a decision.
    pub fn open_reason(&self, hit: &HitRow, decision: &DecisionRow) -> Result<String> {
        let (origin, day) = self.list_day(&hit.list)?;
        let id = format!("{}/{}", hit.id, decision.ordinal);
        self.unseal_reason((&origin, day), ("reason", &id), &decision.reason)
    }

    /// Opens a reason: whatever people gave as one is text.
    fn unseal_reason(
        &self,
        key: (&str, Date),
        sealed_as: (&'static str, &str),
        sealed: &[u8],
    ) -> Result<String> {
        let bytes = self.unseal(key, sealed_as, sealed)?;
        String::from_utf8(bytes)
            .map_err(|_| StoreError::Sealed { what: "reason", why: "it is not text" })
    }

    /// Scope and day of the keys that seal a list and all that hangs on it.
    pub fn list_day(&self, list: &str) -> Result<(String, Date)> {
        let sql = "SELECT scope, day FROM lists WHERE id = ?1";
        let found: Option<(String, String)> =
            self.read(|db| db.row(sql, values![list], |r| Ok((r.get(0)?, r.get(1)?))))?;
        let missing = || StoreError::Missing { what: "list", id: list.to_owned() };
        let (scope, day) = found.ok_or_else(missing)?;
        let day = day.parse().map_err(|_| missing())?;
        Ok((scope, day))
    }

    /// Hits in one of the given states (`open`, `half` …), those whose flight departs
    /// soonest first, after the given one; silent ones are left out.
    pub fn hits_in(&self, states: &[&str], after: Option<&str>, limit: u32) -> Result<Vec<HitRow>> {
        let wanted: Vec<String> = states
            .iter()
            .filter(|s| s.bytes().all(|b| b.is_ascii_lowercase()))
            .map(|s| format!("'{s}'"))
            .collect();
        let sql = format!(
            "SELECT * FROM hits WHERE state IN ({}) AND band <> 'silent' AND (?1 IS NULL OR
             (COALESCE(departs_at, raised_at), id) > (SELECT COALESCE(departs_at, raised_at), id FROM hits WHERE id = ?1))
             ORDER BY COALESCE(departs_at, raised_at), id LIMIT ?2",
            wanted.join(",")
        );
        self.rows(&sql, values![after, limit])
    }

    /// Hits of a list.
    pub fn hits_of_list(&self, list: &str) -> Result<Vec<HitRow>> {
        self.rows("SELECT * FROM hits WHERE list = ?1 ORDER BY traveller, nats DESC", values![list])
    }

    /// Decisions on a hit, in order.
    pub fn decisions(&self, hit: &str) -> Result<Vec<DecisionRow>> {
        self.rows("SELECT * FROM decisions WHERE hit = ?1 ORDER BY ordinal", values![hit])
    }

    /// Every pair of day keys.
    pub fn day_keys(&self) -> Result<Vec<DayKeyRow>> {
        let sql = format!("SELECT {DAY_KEY} FROM day_keys ORDER BY day, scope");
        self.rows(&sql, &[])
    }

    /// Day keys on which something is due on that day.
    pub fn due_keys(&self, today: Date) -> Result<Vec<DayKeyRow>> {
        let sql = format!(
            "SELECT {DAY_KEY} FROM day_keys WHERE erased_at IS NULL AND
               (erase_due IS NULL OR erase_due <= ?1 OR (mask_due <= ?1 AND masked_at IS NULL AND going_at IS NULL)) ORDER BY day, scope"
        );
        let mut found: Vec<DayKeyRow> = self.rows(&sql, values![today.to_string()])?;
        found.retain(|key| {
            // What goes over to new keys is masked under those.
            let live = key.masked_at.is_none() && key.going_at.is_none();
            let mask = live && key.mask_due.is_some_and(|due| due <= today);
            key.erase_due <= today || mask
        });
        Ok(found)
    }

    /// Who was removed from a list, or is to be; by the keys that went for it.
    pub fn removals_of(&self, list: &str) -> Result<Vec<Removal>> {
        let sql = "SELECT * FROM removals WHERE list = ?1 ORDER BY begun_at, scope, day";
        self.rows(sql, values![list])
    }

    /// Every removal, those begun last first.
    pub fn removals(&self) -> Result<Vec<Removal>> {
        self.rows("SELECT * FROM removals ORDER BY begun_at DESC, list, scope, day", &[])
    }

    /// Removals for which the keys of that day are to go.
    pub fn removals_under(&self, scope: &str, of: Date) -> Result<Vec<Removal>> {
        let sql = "SELECT * FROM removals WHERE scope = ?1 AND day = ?2 AND removed_at IS NULL
                   ORDER BY list";
        self.rows(sql, values![scope, of.to_string()])
    }

    /// Lists of flights that have left, of whose travellers some must be gone by now, and of which
    /// nothing is under way; those of one day together.
    pub fn leaving(&self, now: Timestamp) -> Result<Vec<String>> {
        self.column(
            "SELECT id FROM lists WHERE leave_due <= ?1 AND travellers > 0 AND LENGTH(sealed) > 0
               AND screened_at IS NOT NULL AND COALESCE(departs_at, 0) <= ?2
               AND EXISTS (SELECT 1 FROM day_keys k WHERE k.scope = lists.scope AND k.day = lists.day
                 AND k.identity IS NOT NULL AND k.going_at IS NULL)
               AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.list = lists.id AND o.status = 'queued')
             ORDER BY scope, day, id",
            values![now.to_zoned(TimeZone::UTC).date().to_string(), now.as_microsecond()],
        )
    }

    /// Who of a list is held on that day, and by what.
    pub fn held(&self, list: &str, today: Date) -> Result<Vec<(u32, Ground)>> {
        let sql = "SELECT traveller, 'upheld_hit' AS ground FROM hits WHERE list = ?1 AND state = 'upheld'
             UNION SELECT traveller, 'open_hit' FROM hits
               WHERE list = ?1 AND state IN ('open', 'half') AND band <> 'silent'
             UNION SELECT r.traveller, CASE WHEN c.hold = 1 THEN 'hold' ELSE 'case' END
               FROM case_records r JOIN cases c ON c.id = r.case_id
               WHERE r.list = ?1 AND c.closed_at IS NULL AND c.keep_until > ?2
             ORDER BY 1, 2";
        self.read(|db| {
            db.rows(sql, values![list, today.to_string()], |r| {
                let ground: String = r.get(1)?;
                Ok((r.get(0)?, Ground::named(&ground).ok_or_else(|| bad("ground"))?))
            })
        })
    }

    /// Every case, the newest first.
    pub fn cases(&self) -> Result<Vec<CaseRow>> {
        self.rows("SELECT * FROM cases ORDER BY opened_at DESC, id", &[])
    }

    /// A case.
    pub fn case(&self, id: &str) -> Result<Option<CaseRow>> {
        self.row("SELECT * FROM cases WHERE id = ?1", values![id])
    }

    /// What was copied to a case.
    pub fn case_records(&self, case: &str) -> Result<Vec<CaseRecord>> {
        let sql = "SELECT * FROM case_records WHERE case_id = ?1 ORDER BY list, traveller";
        self.rows(sql, values![case])
    }

    /// A request to unmask a list.
    pub fn unmasking(&self, id: &str) -> Result<Option<Unmasking>> {
        self.row("SELECT * FROM unmaskings WHERE id = ?1", values![id])
    }

    /// The clocks of what is held of a flight under the keys of a day, the strictest.
    pub fn clocks_of_flight(
        &self,
        (flight, origin): (&str, &str),
        of: Date,
    ) -> Result<Option<(Date, Option<Date>)>> {
        let sql = "SELECT MIN(keep_until) AS keep_until, MIN(mask_due) AS mask_due FROM lists
                   WHERE flight = ?1 AND origin = ?2 AND day = ?3";
        let read = |r: &Row<'_>| {
            let keep = day_option(r, "keep_until")?;
            Ok(keep.map(|keep| (keep, day_option(r, "mask_due").ok().flatten())))
        };
        let found = self.read(|db| db.row(sql, values![flight, origin, of.to_string()], read))?;
        Ok(found.flatten())
    }

    /// An officer's account.
    pub fn officer(&self, id: &str) -> Result<Option<Officer>> {
        self.row("SELECT * FROM officers WHERE id = ?1", values![id])
    }

    /// Every officer.
    pub fn officers(&self) -> Result<Vec<Officer>> {
        self.rows("SELECT * FROM officers ORDER BY id", &[])
    }

    /// A session by the hash of its token.
    pub fn session(&self, token_hash: &str) -> Result<Option<Session>> {
        self.row("SELECT * FROM sessions WHERE token_hash = ?1", values![token_hash])
    }

    /// Every partner.
    pub fn partners(&self) -> Result<Vec<Partner>> {
        self.rows("SELECT * FROM partners ORDER BY state", &[])
    }

    /// A partner.
    pub fn partner(&self, state: &str) -> Result<Option<Partner>> {
        self.row("SELECT * FROM partners WHERE state = ?1", values![state])
    }

    /// The partner that shows this certificate.
    pub fn partner_by_certificate(&self, fingerprint: &str) -> Result<Option<Partner>> {
        self.row(
            "SELECT * FROM partners WHERE certificate = ?1 AND enabled = 1",
            values![fingerprint],
        )
    }

    /// Every agreement, the newest version first.
    pub fn agreements(&self) -> Result<Vec<AgreementRow>> {
        self.rows("SELECT * FROM agreements ORDER BY partner, version DESC, id", &[])
    }

    /// An agreement.
    pub fn agreement(&self, id: &str) -> Result<Option<AgreementRow>> {
        self.row("SELECT * FROM agreements WHERE id = ?1", values![id])
    }

    /// What was done about an agreement, the first act first.
    pub fn agreement_acts(&self, agreement: &str) -> Result<Vec<AgreementAct>> {
        self.rows(
            "SELECT * FROM agreement_acts WHERE agreement = ?1 ORDER BY at",
            values![agreement],
        )
    }

    /// Opens the reason of an act; `None` when none was given.
    pub fn open_act_reason(&self, act: &AgreementAct) -> Result<Option<String>> {
        let Some(sealed) = &act.reason else { return Ok(None) };
        let key = (crate::CARRIERS, act.day());
        self.unseal_reason(key, ("agreement", &act.name()), sealed).map(Some)
    }

    /// The thresholds that somebody has set, by watchlist.
    pub fn thresholds(&self) -> Result<Vec<ThresholdsRow>> {
        self.rows("SELECT * FROM thresholds ORDER BY watchlist", &[])
    }

    /// Where an outgoing stream stands.
    pub fn stream_out(&self, agreement: &str) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT state FROM streams_out WHERE agreement = ?1";
        self.read(|db| db.row(sql, values![agreement], |r| r.get(0)))
    }

    /// Where an incoming stream stands, and why it was stopped, if it was.
    pub fn stream_in(&self, agreement: &str) -> Result<Option<(Vec<u8>, Option<String>)>> {
        let sql = "SELECT state, stopped FROM streams_in WHERE agreement = ?1";
        self.read(|db| db.row(sql, values![agreement], |r| Ok((r.get(0)?, r.get(1)?))))
    }

    /// Whether any parcel for a partner is not receipted.
    pub fn is_queued(&self, partner: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM outbox WHERE partner = ?1 AND status = 'queued' LIMIT 1";
        self.read(|db| Ok(db.row(sql, values![partner], |_| Ok(()))?.is_some()))
    }

    /// The first parcels of one stream after a number that are not receipted, in order: at
    /// most so many, and so many bytes together, but one at least.
    pub fn queued(
        &self,
        (agreement, after): (&str, u64),
        (most, bytes): (u32, u64),
    ) -> Result<Vec<Outgoing>> {
        let sizes = "SELECT COALESCE(LENGTH(bytes), 0) FROM outbox
             WHERE agreement = ?1 AND status = 'queued' AND sequence > ?3 ORDER BY sequence LIMIT ?2";
        let sizes: Vec<u64> =
            self.read(|db| db.rows(sizes, values![agreement, most, after], |r| r.get(0)))?;
        let sums = sizes.iter().scan(0, |sum: &mut u64, size| {
            *sum += size;
            Some(*sum)
        });
        let fit = sums.take_while(|sum| *sum <= bytes).count().max(1) as u32;
        self.rows(
            "SELECT * FROM outbox WHERE agreement = ?1 AND status = 'queued' AND sequence > ?3
             ORDER BY sequence LIMIT ?2",
            values![agreement, fit, after],
        )
    }

    /// A parcel of the outbox by its place in a stream.
    pub fn outgoing(&self, agreement: &str, sequence: u64) -> Result<Option<Outgoing>> {
        self.row(
            "SELECT * FROM outbox WHERE agreement = ?1 AND sequence = ?2",
            values![agreement, sequence],
        )
    }

    /// The parcel of that id, or those that went of a list, without what was refused.
    pub fn outgoing_of(&self, id: &str) -> Result<Vec<Outgoing>> {
        self.rows(
            "SELECT * FROM outbox WHERE status <> 'refused' AND (parcel = ?1 OR list = ?1
               OR list = (SELECT list FROM outbox WHERE parcel = ?1) AND mode IN ('withdrawal', 'erasure'))
             ORDER BY agreement, sequence",
            values![id],
        )
    }

    /// The whole outbox, for checks.
    pub fn outbox(&self) -> Result<Vec<Outgoing>> {
        self.rows("SELECT * FROM outbox ORDER BY agreement, sequence", &[])
    }

    /// A parcel of the inbox.
    pub fn incoming(&self, partner: &str, parcel: &str) -> Result<Option<Incoming>> {
        self.row("SELECT * FROM inbox WHERE partner = ?1 AND parcel = ?2", values![partner, parcel])
    }

    /// The whole inbox, for checks.
    pub fn inbox(&self) -> Result<Vec<Incoming>> {
        self.rows("SELECT * FROM inbox ORDER BY agreement, sequence", &[])
    }

    /// Requests to partners and of partners, the newest first.
    pub fn requests(&self, limit: u32) -> Result<Vec<RequestRow>> {
        self.rows("SELECT * FROM requests ORDER BY at DESC, id DESC LIMIT ?1", values![limit])
    }

    /// One of them.
    pub fn request(&self, partner: &str, id: &str) -> Result<Option<RequestRow>> {
        self.row("SELECT * FROM requests WHERE partner = ?1 AND id = ?2", values![partner, id])
    }

    /// Opens what a request says.
    pub fn open_request(&self, row: &RequestRow) -> Result<Vec<u8>> {
        self.unseal((&row.scope, row.day), ("request", &row.id), &row.sealed)
    }

    /// Opens why an officer decided so on a partner's request.
    pub fn open_request_reason(&self, row: &RequestRow) -> Result<Option<String>> {
        let Some(sealed) = &row.reason else { return Ok(None) };
        let text = self.unseal((&row.scope, row.day), ("request reason", &row.id), sealed)?;
        String::from_utf8(text)
            .map(Some)
            .map_err(|_| StoreError::Sealed { what: "reason", why: "it is no text" })
    }

    /// Requests made in an emergency that nobody has justified in time, and of which nobody was
    /// told yet.
    pub fn unjustified(&self, now: Timestamp) -> Result<Vec<RequestRow>> {
        self.rows(
            "SELECT * FROM requests WHERE justify_by < ?1 AND justified_at IS NULL AND late_at IS NULL
             ORDER BY justify_by, id",
            values![now.as_microsecond()],
        )
    }

    /// Requests made in an emergency that are not answered in time, wholly, and of which nobody
    /// was told yet.
    pub fn unanswered(&self, now: Timestamp) -> Result<Vec<RequestRow>> {
        self.rows(
            "SELECT * FROM requests r WHERE answer_by < ?1 AND unanswered_at IS NULL AND outcome IS NULL
             AND (SELECT COUNT(*) FROM answers a WHERE a.partner = r.partner AND a.request = r.id)
               < COALESCE((SELECT MAX(parts) FROM answers a WHERE a.partner = r.partner AND a.request = r.id), 1)
             ORDER BY answer_by, id",
            values![now.as_microsecond()],
        )
    }

    /// Opens the statement that justifies a request, if there is one.
    pub fn open_justification(&self, row: &RequestRow) -> Result<Option<Vec<u8>>> {
        let Some(sealed) = &row.justification else { return Ok(None) };
        self.unseal((&row.scope, row.day), ("justification", &row.id), sealed).map(Some)
    }

    /// The parcels of the answer to a request.
    pub fn answers(&self, partner: &str, request: &str) -> Result<Vec<AnswerRow>> {
        let sql = "SELECT * FROM answers WHERE partner = ?1 AND request = ?2 ORDER BY number";
        self.rows(sql, values![partner, request])
    }

    /// The correction that came or went with a parcel.
    pub fn correction(&self, partner: &str, parcel: &str) -> Result<Option<CorrectionRow>> {
        let sql = "SELECT * FROM corrections WHERE partner = ?1 AND parcel = ?2";
        self.row(sql, values![partner, parcel])
    }

    /// The corrections by which a list was replaced, or came in the place of another; each
    /// partner's, the first first.
    pub fn corrections_of(&self, list: &str) -> Result<Vec<CorrectionRow>> {
        let sql = "SELECT * FROM corrections WHERE list = ?1 OR replaced = ?1 ORDER BY at, parcel";
        self.rows(sql, values![list])
    }

    /// What was corrected, either way, the newest first.
    pub fn corrections(&self, limit: u32) -> Result<Vec<CorrectionRow>> {
        self.rows(
            "SELECT * FROM corrections ORDER BY at DESC, parcel DESC LIMIT ?1",
            values![limit],
        )
    }

    /// The last parcel of that mode that was queued for a partner.
    pub fn last_outgoing(&self, partner: &str, mode: &str) -> Result<Option<Outgoing>> {
        let sql = "SELECT * FROM outbox WHERE partner = ?1 AND mode = ?2
                   ORDER BY queued_at DESC, sequence DESC LIMIT 1";
        self.row(sql, values![partner, mode])
    }

    /// Daily totals with a partner, both ways, the newest first.
    pub fn day_totals(&self, partner: &str, limit: u32) -> Result<Vec<DayTotal>> {
        let sql = "SELECT * FROM day_totals WHERE partner = ?1
                   ORDER BY day DESC, agreement, outgoing DESC, last_number DESC LIMIT ?2";
        self.rows(sql, values![partner, limit])
    }

    /// One of them.
    pub fn day_total(&self, partner: &str, parcel: &str) -> Result<Option<DayTotal>> {
        let sql = "SELECT * FROM day_totals WHERE partner = ?1 AND parcel = ?2";
        self.row(sql, values![partner, parcel])
    }

    /// Up to which number totals count a stream; 0 before the first.
    pub fn counted_up_to(&self, agreement: &str, outgoing: bool) -> Result<u64> {
        let sql = "SELECT COALESCE(MAX(last_number), 0) AS up_to FROM day_totals
                   WHERE agreement = ?1 AND outgoing = ?2";
        let up_to =
            self.read(|db| db.row(sql, values![agreement, outgoing], |r| r.get("up_to")))?;
        Ok(up_to.unwrap_or(0))
    }

    /// Parcels of a stream from here, after a number, in order, so many at most.
    pub fn sent_after(
        &self,
        agreement: &str,
        (number, limit): (u64, u32),
    ) -> Result<Vec<CountedRow>> {
        let sql = "SELECT sequence, mode, digest, status, queued_at AS at FROM outbox
                   WHERE agreement = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
        self.rows(sql, values![agreement, number, limit])
    }

    /// Parcels of a stream to here, after a number, in order.
    pub fn came_after(&self, agreement: &str, number: u64) -> Result<Vec<CountedRow>> {
        let sql = "SELECT sequence, mode, digest, verdict AS status, received_at AS at FROM inbox
                   WHERE agreement = ?1 AND sequence > ?2 ORDER BY sequence";
        self.rows(sql, values![agreement, number])
    }

    /// What was told unasked, either way, the newest first.
    pub fn tellings(&self, limit: u32) -> Result<Vec<TellingRow>> {
        self.rows("SELECT * FROM tellings ORDER BY at DESC, parcel DESC LIMIT ?1", values![limit])
    }

    /// One of them.
    pub fn telling(&self, partner: &str, parcel: &str) -> Result<Option<TellingRow>> {
        let sql = "SELECT * FROM tellings WHERE partner = ?1 AND parcel = ?2";
        self.row(sql, values![partner, parcel])
    }

    /// Opens on what ground and why it was told.
    pub fn open_telling(&self, row: &TellingRow) -> Result<Vec<u8>> {
        let (origin, day) = self.list_day(&row.list)?;
        self.unseal((&origin, day), ("telling", &row.parcel), &row.sealed)
    }

    /// Hits that partners disclosed, the newest first.
    pub fn received_hits(&self, limit: u32) -> Result<Vec<ReceivedHit>> {
        self.rows("SELECT * FROM received_hits ORDER BY received_at DESC LIMIT ?1", values![limit])
    }

    /// One of them.
    pub fn received_hit(&self, id: &str) -> Result<Option<ReceivedHit>> {
        self.row("SELECT * FROM received_hits WHERE id = ?1", values![id])
    }

    /// Opens the ground on which a partner's hit came.
    pub fn open_ground(&self, hit: &ReceivedHit) -> Result<Vec<u8>> {
        let (origin, day) = self.list_day(&hit.list)?;
        self.unseal((&origin, day), ("ground", &hit.id), &hit.sealed)
    }

    /// What was refused, the newest first.
    pub fn refusals(&self, limit: u32) -> Result<Vec<RefusalRow>> {
        self.rows("SELECT * FROM refusals ORDER BY id DESC LIMIT ?1", values![limit])
    }

    /// Watchlists that are loaded.
    pub fn watchlists(&self) -> Result<Vec<WatchlistRow>> {
        self.rows("SELECT * FROM watchlists ORDER BY name", &[])
    }

    /// Every version of a watchlist that was loaded, the newest first.
    pub fn watchlist_versions(&self, name: &str) -> Result<Vec<WatchlistRow>> {
        self.rows(
            "SELECT * FROM watchlist_versions WHERE name = ?1 ORDER BY loaded_at DESC, digest",
            values![name],
        )
    }

    /// Every version of criteria that was proposed, the newest of each name first.
    pub fn criteria(&self) -> Result<Vec<CriteriaRow>> {
        self.rows("SELECT * FROM criteria ORDER BY name, proposed_at DESC, digest", &[])
    }

    /// Criteria that are approved, not withdrawn, and not due for another look.
    pub fn criteria_in_force(&self, today: Date) -> Result<Vec<CriteriaRow>> {
        self.rows(
            "SELECT * FROM criteria WHERE approved_at IS NOT NULL AND withdrawn_at IS NULL
             AND review_by >= ?1 ORDER BY name",
            values![today.to_string()],
        )
    }

    /// Carriers' lists that can still be read, the newest first, after that one.
    pub fn newest_lists(&self, before: Option<&str>, limit: u32) -> Result<Vec<List>> {
        self.rows(
            "SELECT * FROM lists WHERE origin = ?1 AND id < ?2
             AND EXISTS (SELECT 1 FROM day_keys k WHERE k.scope = lists.scope AND k.day = lists.day
                         AND k.identity IS NOT NULL)
             ORDER BY id DESC LIMIT ?3",
            values![crate::CARRIERS, before.unwrap_or("~"), limit],
        )
    }

    /// One name for all that is screened against at the moment: a digest over the names
    /// and digests of the watchlists.
    pub fn watchlists_digest(&self) -> Result<audit::Digest> {
        let rows = self.watchlists()?;
        let all: String = rows.iter().map(|w| format!("{} {}\n", w.name, w.digest)).collect();
        Ok(audit::Digest::of(all.as_bytes()))
    }

    /// Lists that were screened against other watchlists than those of this digest and
    /// can still be read, the latest departures first.
    pub fn to_rescreen(&self, watchlists: &str, limit: u32) -> Result<Vec<String>> {
        // Which comes last, when nothing is known, is told: databases differ.
        let sql = format!("SELECT id {RESCREEN} ORDER BY departs_at DESC NULLS LAST LIMIT ?2");
        self.column(&sql, values![watchlists, limit])
    }

    /// How many lists are still to be screened against the watchlists of this digest, for
    /// the first time or again.
    pub fn left_to_rescreen(&self, watchlists: &str) -> Result<u64> {
        let sql = format!(
            "SELECT (SELECT COUNT(*) {RESCREEN}) + (SELECT COUNT(*) FROM lists WHERE screened_at IS NULL)
               + (SELECT CAST(COALESCE(SUM(lists), 0) AS BIGINT) FROM lake_parts WHERE watchlists <> ?1)"
        );
        self.number(&sql, values![watchlists])
    }

    /// The hit that tells already of this traveller and this version of the entry: one
    /// that was dismissed, and is cleared on `today`; or one on the same flight that
    /// waits or was upheld. With it, what became of it.
    pub fn known_pair(
        &self,
        (pair, entry_version): (&str, &str),
        (flight, band): (&str, &str),
        today: Date,
    ) -> Result<Option<(String, String)>> {
        let read = |r: &Row<'_>| Ok((r.get(0)?, r.get(1)?));
        self.read(|db| {
            let cleared = db.row(
                "SELECT hit, 'dismissed' FROM cleared WHERE pair = ?1 AND entry_version = ?2 AND until > ?3",
                values![pair, entry_version, today.to_string()],
                read,
            )?;
            if cleared.is_some() {
                return Ok(cleared);
            }
            db.row(
                "SELECT h.id, h.state FROM hits h JOIN lists l ON l.id = h.list
                 WHERE h.pair = ?1 AND h.entry_version = ?2 AND h.state IN ('open', 'half', 'upheld') AND l.flight = ?3
                 AND (h.band <> 'silent' OR ?4 = 'silent') LIMIT 1",
                values![pair, entry_version, flight, band],
                read,
            )
        })
    }

    /// How many pairs are cleared on that day.
    pub fn cleared_pairs(&self, today: Date) -> Result<u64> {
        self.number("SELECT COUNT(*) FROM cleared WHERE until > ?1", values![today.to_string()])
    }

    /// Hits of one watchlist, all bands, those of erased days left out, after an id.
    pub fn hits_of_watchlist(&self, name: &str, after: &str, limit: u32) -> Result<Vec<HitRow>> {
        self.rows(
            "SELECT h.* FROM hits h JOIN lists l ON l.id = h.list WHERE h.watchlist = ?1 AND h.id > ?2
             AND EXISTS (SELECT 1 FROM day_keys k WHERE k.scope = l.scope AND k.day = l.day AND k.identity IS NOT NULL)
             ORDER BY h.id LIMIT ?3",
            values![name, after, limit],
        )
    }

    /// Alarms, the newest first.
    pub fn alarms(&self, limit: u32) -> Result<Vec<Alarm>> {
        self.rows("SELECT * FROM alarms ORDER BY id DESC LIMIT ?1", values![limit])
    }

    /// Opens the reason for which an alarm was settled; `None` when there is none.
    pub fn open_alarm_reason(&self, alarm: &Alarm) -> Result<Option<String>> {
        let Some(sealed) = &alarm.reason else { return Ok(None) };
        let id = alarm.id.to_string();
        self.unseal_reason((crate::CARRIERS, alarm.day()), ("alarm", &id), sealed).map(Some)
    }

    /// Why criteria were withdrawn.
    ///
    /// # Errors
    /// Its day is erased, or the bytes are not the right ones.
    pub fn open_criteria_reason(&self, row: &CriteriaRow) -> Result<Option<String>> {
        let (Some(at), Some(sealed)) = (row.withdrawn_at, &row.reason) else { return Ok(None) };
        let key = (crate::CARRIERS, at.to_zoned(TimeZone::UTC).date());
        self.unseal_reason(key, ("criteria", &row.digest), sealed).map(Some)
    }

    /// Events of the log with their positions, from one on.
    pub fn events(&self, from: u64, limit: u32) -> Result<Vec<(u64, Vec<u8>)>> {
        self.read(|db| {
            db.rows(
                "SELECT position, bytes FROM log_events WHERE position >= ?1 ORDER BY position LIMIT ?2",
                values![from, limit],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
        })
    }

    /// Every checkpoint, in order of size.
    pub fn checkpoints(&self) -> Result<Vec<String>> {
        self.column("SELECT note FROM log_checkpoints ORDER BY size", &[])
    }

    /// The newest checkpoint.
    pub fn last_checkpoint(&self) -> Result<Option<String>> {
        let sql = "SELECT note FROM log_checkpoints ORDER BY size DESC LIMIT 1";
        Ok(self.column(sql, &[])?.pop())
    }

    /// How many events the log has.
    pub fn log_size(&self) -> Result<u64> {
        self.number("SELECT COALESCE(MAX(position) + 1, 0) FROM log_events", &[])
    }

    /// Totals. What grows with the traffic is not counted here: the writer keeps the sums.
    pub fn counts(&self) -> Result<Counts> {
        let c = |sql: &str| self.number(sql, &[]);
        let mut counts = Counts {
            received: c("SELECT COUNT(*) FROM inbox WHERE verdict = 'accepted'")?,
            refused: c("SELECT COUNT(*) FROM refusals")?,
            alarms: c("SELECT COUNT(*) FROM alarms WHERE settled_by IS NULL")?,
            events: self.log_size()?,
            ..self.sums()?
        };
        let by_state = "SELECT state, COUNT(*) FROM hits WHERE band <> 'silent' GROUP BY state";
        for (state, n) in self.pairs(by_state)? {
            counts.hits += n;
            match state.as_str() {
                "open" => counts.open = n,
                "half" => counts.half = n,
                "upheld" => counts.upheld = n,
                "dismissed" => counts.dismissed = n,
                _ => {}
            }
        }
        for (of, n) in
            self.pairs("SELECT mode || ' ' || status, COUNT(*) FROM outbox GROUP BY mode, status")?
        {
            let (mode, status) = of.split_once(' ').unwrap_or_default();
            match mode {
                "list" => counts.disclosed.list += n,
                "hit" => counts.disclosed.hit += n,
                _ => {}
            }
            match status {
                "receipted" => counts.receipted += n,
                "queued" => counts.queued += n,
                _ => {}
            }
        }
        Ok(counts)
    }

    fn sums(&self) -> Result<Counts> {
        let sql =
            "SELECT submissions, faults, lists, carrier_lists, flights, travellers FROM totals";
        let read = |r: &Row<'_>| {
            Ok(Counts {
                submissions: r.get(0)?,
                faults: r.get(1)?,
                lists: r.get(2)?,
                carrier_lists: r.get(3)?,
                flights: r.get(4)?,
                travellers: r.get(5)?,
                ..Counts::default()
            })
        };
        self.read(|db| db.row(sql, &[], read)).map(Option::unwrap_or_default)
    }

    /// Words with numbers.
    fn pairs(&self, sql: &str) -> Result<Vec<(String, u64)>> {
        self.read(|db| db.rows(sql, &[], |r| Ok((r.get(0)?, r.get(1)?))))
    }

    /// What each carrier's messages were worth, by its id.
    pub fn quality(&self) -> Result<Vec<Quality>> {
        let sql = "SELECT s.carrier, COUNT(*), COUNT(CASE WHEN s.lists = 0 AND s.status <> 200 THEN 1 END),
            CAST(SUM(s.faults) AS BIGINT),
            (SELECT CAST(SUM(l.travellers) AS BIGINT) FROM lists l JOIN submissions o ON o.id = l.submission
              WHERE o.carrier = s.carrier)
            FROM submissions s GROUP BY s.carrier ORDER BY s.carrier";
        let count = |r: &Row<'_>, column: usize| -> Result<u64> {
            Ok(r.get::<Option<u64>>(column)?.unwrap_or(0))
        };
        self.read(|db| {
            db.rows(sql, &[], |r| {
                Ok(Quality {
                    carrier: r.get(0)?,
                    messages: count(r, 1)?,
                    rejected: count(r, 2)?,
                    faults: count(r, 3)?,
                    travellers: count(r, 4)?,
                })
            })
        })
    }

    /// What the database finds wrong with itself, or with its settings: empty as a rule.
    pub fn integrity(&self) -> Result<Vec<String>> {
        self.with_reader(|session| session.integrity())
    }
}
