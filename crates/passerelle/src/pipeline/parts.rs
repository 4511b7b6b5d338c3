//! Parts of a list (UNH S010) that come in submissions of their own.
//!
//! A part is acknowledged when its submission is durable; the list is made when the last
//! part is there, or when the time for it is over (`intake.parts_wait_s`), of what came. The
//! store holds the numbers of the parts; what they say is read again from the sealed
//! originals, so that a crash at any moment changes nothing: what waits to be joined is
//! found at start.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use audit::{Actor, Digest, Event, Logged};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use messages::{Reading, Standing, Tally, Understood};
use store::{
    Batch, CARRIERS, Change, StoreError,
    rows::{Carrier, PartRow},
};
use travel::{Admission, PassengerList};
use uuid::Uuid;

use super::{Provenance, Turned, keep, permitted};
use crate::node::Node;

/// A message that is a part, or several, of a list.
pub(super) struct Held {
    /// Its parts.
    pub(super) rows: Vec<PartRow>,
    /// What the carrier is told.
    pub(super) words: String,
}

impl Held {
    pub(super) fn event(&self, submission: Digest) -> Event {
        let row = &self.rows[0];
        Event::PartHeld {
            submission,
            series: row.series.clone(),
            number: u64::from(row.number),
            parts: self.rows.len() as u64,
        }
    }
}

/// No more parts than these of one submission wait for others; what is more is taken as lists
/// of its own, which costs nothing to anybody but its sender.
const MOST_HELD: usize = 100;

/// Which of the messages wait for other parts; `None` for those that do not.
pub(super) fn held(
    node: &Node,
    reading: &Reading,
    admitted: &[Result<PassengerList, Turned>],
    carrier: &Carrier,
    (submission, now): (&str, Timestamp),
) -> Result<Vec<Option<Held>>> {
    let mut all: Vec<Option<Held>> = Vec::new();
    let mut parts = 0;
    for (index, (message, admitted)) in reading.messages.iter().zip(admitted).enumerate() {
        let tally = message.series.as_ref().filter(|_| !message.access_reference.is_empty());
        let (Some(tally), Ok(_)) = (tally.filter(|_| parts < MOST_HELD), admitted) else {
            all.push(None);
            continue;
        };
        let base = [&carrier.id, message.kind.name(), &message.access_reference];
        let base = Digest::of_parts(&base.map(str::as_bytes)).to_string();
        let mut known = node.store().parts_like(&base)?;
        let here = all.iter().flatten().flat_map(|h| &h.rows).filter(|r| r.base == base);
        known.extend(here.cloned());
        let known = series_of(known, tally);
        let since = known.iter().map(|r| r.received_at).min().unwrap_or(now);
        let row = |number: &u32| PartRow {
            series: known.first().map_or_else(|| Uuid::now_v7().to_string(), |r| r.series.clone()),
            number: *number,
            last: tally.last() == Some(*number),
            base: base.clone(),
            submission: submission.to_owned(),
            message: index as u32,
            received_at: now,
            due_at: since.checked_add(limit(node)).unwrap_or(Timestamp::MAX),
        };
        let mut rows: Vec<PartRow> = tally.numbers().iter().map(row).collect();
        let series = rows.first().map(|r| r.series.clone()).unwrap_or_default();
        rows.iter_mut().for_each(|r| r.series.clone_from(&series));
        let mut whole = tally_of(&known);
        whole.extend(tally);
        // Those of this submission are not in the store yet: what they say is at hand.
        let elsewhere: Vec<PartRow> =
            known.into_iter().filter(|r| r.submission != submission).collect();
        let words = match whole.at(since, limit(node), now) {
            Standing::Whole => told_whole(node, elsewhere, reading, (message, &whole))?,
            _ => told_awaited(tally, &whole, rows.first().map_or(now, |r| r.due_at)),
        };
        parts += rows.len();
        all.push(Some(Held { rows, words }));
    }
    Ok(all)
}

fn limit(node: &Node) -> SignedDuration {
    SignedDuration::from_secs(node.config().intake.parts_wait_s.into())
}

fn tally_of(rows: &[PartRow]) -> Tally {
    let mut tally = Tally::default();
    rows.iter().for_each(|r| tally.add(r.number, r.last));
    tally
}

/// The parts of the newest series that these can be of.
fn series_of(rows: Vec<PartRow>, own: &Tally) -> Vec<PartRow> {
    let mut series: BTreeMap<String, Vec<PartRow>> = BTreeMap::new();
    for row in rows {
        series.entry(row.series.clone()).or_default().push(row);
    }
    // UUIDv7: the newest is the last.
    series.into_values().rev().find(|rows| tally_of(rows).joins(own)).unwrap_or_default()
}

/// `Part 1 is kept; parts 2, 4 are awaited until 2026-03-01T09:05:00Z.`
fn told_awaited(own: &Tally, all: &Tally, until: Timestamp) -> String {
    let awaited = match all.missing() {
        Some(missing) => messages::numbered(&missing),
        None => "the other parts".to_owned(),
    };
    let until = until.strftime("%Y-%m-%d %H:%M:%S UTC");
    let own = messages::numbered(own.numbers());
    format!("KEPT: {own}. {awaited} awaited until {until}; then the list is what came.")
        .to_uppercase()
}

/// `All 3 parts are here: 412 travellers.`
fn told_whole(
    node: &Node,
    elsewhere: Vec<PartRow>,
    reading: &Reading,
    (message, tally): (&Understood, &Tally),
) -> Result<String> {
    let (mut parts, _) = read(node, &elsewhere)?;
    let mine = |m: &&Understood| {
        m.access_reference == message.access_reference
            && m.kind == message.kind
            && m.series.is_some()
    };
    parts.extend(reading.messages.iter().filter(mine).cloned());
    let today = node_today(elsewhere.first());
    let joined = messages::join_parts(parts, today);
    let (whole, findings) = joined.context("a series without parts")?;
    let travellers = whole.report.travellers.len();
    let mut words =
        format!("ALL {} PARTS ARE HERE: {travellers} TRAVELLERS.", tally.numbers().len());
    for f in findings.iter().filter(|f| f.traveller.is_none()) {
        words += &format!(" {}: {} Found {}, expected {}.", f.code, f.text, f.found, f.expected);
    }
    Ok(words)
}

fn node_today(row: Option<&PartRow>) -> jiff::civil::Date {
    let at = row.map_or(Timestamp::UNIX_EPOCH, |r| r.received_at);
    at.to_zoned(TimeZone::UTC).date()
}

/// What the parts say, from their originals, and which rows are of those. An original whose
/// key was destroyed is gone.
fn read(node: &Node, rows: &[PartRow]) -> Result<(Vec<Understood>, Vec<PartRow>)> {
    let mut places: Vec<(&str, u32)> =
        rows.iter().map(|r| (r.submission.as_str(), r.message)).collect();
    places.sort_unstable();
    places.dedup();
    let mut parts = Vec::with_capacity(places.len());
    let mut there = Vec::with_capacity(rows.len());
    for (submission, message) in places {
        let row = node.store().submission(submission)?;
        let row = row.context("a part whose submission is not there")?;
        let bytes = match node.store().open_original(&row) {
            Ok(bytes) => bytes,
            Err(StoreError::Sealed { .. }) => continue,
            Err(e) => return Err(e.into()),
        };
        let received = row.received_at.to_zoned(TimeZone::UTC).date();
        let mut reading = node.config().understand(&bytes, received)?;
        let index = message as usize;
        anyhow::ensure!(index < reading.messages.len(), "a part that is not in its submission");
        parts.push(reading.messages.swap_remove(index));
        let of_it = |r: &&PartRow| r.submission == submission && r.message == message;
        there.extend(rows.iter().filter(of_it).cloned());
    }
    Ok((parts, there))
}

/// Makes one list of a series that is whole, or of what came of one that is not waited for
/// any longer; then an alarm says which parts did not come.
pub fn join_series(node: &Node, series: &str, now: Timestamp) -> Result<()> {
    let _joining = node.joining.lock();
    let rows = node.store().parts_of(series)?;
    let Some(first) = rows.iter().min_by_key(|r| r.number) else { return Ok(()) };
    let due = rows.iter().map(|r| r.due_at).min().unwrap_or(now);
    let tally = tally_of(&rows);
    if !tally.is_whole() && now < due {
        return Ok(());
    }
    let (parts, there) = read(node, &rows)?;
    // A part that nobody can open any more did not come, as far as the list goes.
    let tally = tally_of(&there);
    let joined = messages::join_parts(parts, node_today(Some(first)));
    let admission = Admission {
        state: node.state(),
        permitted: permitted(node),
        received_at: first.received_at,
        must_touch: true,
    };
    let admitted = joined.map(|(whole, _)| PassengerList::admit(whole.report, &admission));
    let submission = node.store().submission(&first.submission)?;
    let submission = submission.context("a part whose submission is not there")?;
    let digest = Digest::parse(&submission.digest).context("a submission without a digest")?;
    let by = |event| Logged::new(now, Actor::Node, event);
    let (mut changes, mut events) = (Vec::new(), Vec::new());
    let mut list = None;
    if let Some(Ok(admitted)) = &admitted {
        let from =
            Provenance { submission: Some((&submission.id, digest)), parcel: None, agreed: None };
        let (row, event) = keep(node, admitted, CARRIERS, from, now)?;
        list = Some(row.id.clone());
        changes.push(Change::List(row));
        events.push(by(event));
    }
    let gone = Change::PartsJoined {
        series: series.to_owned(),
        parts: rows.len(),
        submission: list.as_ref().map(|_| submission.id.clone()),
    };
    changes.push(gone);
    if list.is_none() || !tally.is_whole() {
        let flight =
            admitted.and_then(Result::ok).map(|l| (l.flight().key(), l.travellers().len()));
        let what = missing(&submission.carrier, &tally, flight, node.config().intake.parts_wait_s);
        let (partner, kind) = (None, "parts_missing".to_owned());
        changes.push(Change::Alarm { partner, kind: kind.clone(), what, at: now });
        let subject = list.unwrap_or_else(|| series.to_owned());
        events.push(by(Event::Alarm { alarm: kind, subject, digest: None }));
    }
    node.store().commit(Batch::new(changes, events))?;
    Ok(())
}

/// What the alarm says.
fn missing(carrier: &str, tally: &Tally, flight: Option<(String, usize)>, waited_s: u32) -> String {
    let came = messages::numbered(tally.numbers());
    let missing = match tally.missing() {
        Some(missing) => messages::numbered(&missing),
        None => "the last part".to_owned(),
    };
    let list = match flight {
        Some((flight, travellers)) => {
            format!("The list of {flight} was made of what came: {travellers} travellers.")
        }
        None => "No list could be made of what came.".to_owned(),
    };
    format!(
        "{carrier} sent {came} of a list, and within {waited_s} seconds not {missing}. {list} \
         Ask the carrier to send the list again, whole."
    )
}
