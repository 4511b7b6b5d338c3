//! Daily totals of streams: stated when a day is over, counted when a partner states one, and
//! held against what a partner counts. What is durable decides; a repeat brings the same bytes.

use anyhow::{Context, Result};
use audit::{Actor, Digest, Event, Logged};
use exchange::{Content, Counted, Counting, Header, Kind, PublicKeys, Receipt, Reckoning, Total};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use policy::InForce;
use store::{
    Batch, Change, Store, StoreError,
    rows::{CountedRow, DayTotal, Outgoing},
};
use travel::Country;

use super::disclosing::{Disclosing, TRIES};
use crate::node::Node;

/// The most parcels that one total counts; a busier day has several.
const MOST: u32 = 100_000;
/// The alarm when two sides count otherwise.
pub(crate) const DIFFER: &str = "totals_differ";

/// States the totals of every stream for the days that are over. Gives how many.
///
/// # Errors
/// The store, or a partner's keys.
pub fn state_totals(node: &Node, now: Timestamp) -> Result<usize> {
    let signed = [node.agreements()?, node.ended()?].concat();
    let mut stated = 0;
    for agreed in &signed {
        while state(node, agreed, &signed, now)? {
            stated += 1;
        }
    }
    Ok(stated)
}

/// The parcels of the first day that no total counts and that is over. Totals are counted with
/// the next day on which something else went, so that a stream that rests is left alone.
fn day_over(rows: &[CountedRow], today: Date) -> Option<(Date, &[CountedRow])> {
    let day = |row: &CountedRow| row.at.to_zoned(TimeZone::UTC).date();
    let totals = rows.iter().take_while(|row| row.mode == Kind::Total.name()).count();
    let of = day(rows.get(totals)?);
    let others = rows[totals..].iter().take_while(|row| day(row) <= of).count();
    (of < today).then(|| (of, &rows[..totals + others]))
}

fn counted(row: &CountedRow) -> Option<Counted> {
    Some(Counted {
        sequence: row.sequence,
        kind: Kind::named(&row.mode),
        digest: Digest::parse(&row.digest)?,
        taken: row.status != "refused",
    })
}

/// States the next total of a stream, if a day is over.
fn state(node: &Node, agreed: &InForce, signed: &[InForce], now: Timestamp) -> Result<bool> {
    let us = node.state();
    let Some(to) = agreed.agreement().partner_of(us) else { return Ok(false) };
    let Some(partner) = node.store().partner(to.code())?.filter(|p| p.enabled) else {
        return Ok(false);
    };
    let (id, today) = (agreed.id().to_string(), now.to_zoned(TimeZone::UTC).date());
    let mut tries = 1;
    loop {
        let _sealing = node.sealing.lock();
        let up_to = node.store().counted_up_to(&id, true)?;
        let rows = node.store().sent_after(&id, (up_to, MOST))?;
        let Some((day, rows)) = day_over(&rows, today) else { return Ok(false) };
        let parcels: Vec<Counted> = rows.iter().filter_map(counted).collect();
        let whole = parcels.first().is_some_and(|first| first.sequence == up_to + 1);
        let total = Total::of((agreed.id(), us, to), day, &parcels).filter(|_| whole);
        let Some(total) = total else {
            tracing::error!(partner = %to, agreement = %id, "parcels of the outbox are missing: no total can be stated");
            return Ok(false);
        };
        let leave =
            policy::account(agreed.id(), (us, to), signed).map_err(|e| anyhow::anyhow!("{e}"))?;
        let proof = total.sign(&node.keys())?;
        let content = Content::total(leave, &total, proof.clone()).context("another stream")?;
        let (mut batch, mut disclosing) = (Batch::default(), Disclosing::new(node, now)?);
        let (header, _) = disclosing.send(content, &partner, (&String::new(), None), &mut batch)?;
        let event = Event::TotalStated {
            parcel: header.parcel.to_string(),
            partner: partner.state.clone(),
            agreement: Digest(agreed.id().0),
            day: total.day.clone(),
            first: total.first,
            last: total.last,
            digest: total.digest,
        };
        batch.events.push(Logged::new(now, Actor::Node, event));
        batch.changes.push(Change::DayTotal(row(&header, (&total, proof), true, now)?));
        match node.store().commit(batch) {
            Err(StoreError::Constraint(_)) if tries < TRIES => tries += 1,
            done => {
                done?;
                return Ok(true);
            }
        }
    }
}

fn row(
    header: &Header,
    (total, proof): (&Total, Vec<u8>),
    outgoing: bool,
    now: Timestamp,
) -> Result<DayTotal> {
    Ok(DayTotal {
        partner: if outgoing { header.to } else { header.from }.to_string(),
        parcel: header.parcel.to_string(),
        agreement: header.agreement.to_string(),
        outgoing,
        day: total.day.parse().context("a total of no day")?,
        first_number: total.first,
        last_number: total.last,
        total: proof,
        receipt: None,
        agrees: None,
        at: now,
        answered_at: None,
    })
}

/// What is here of a partner's stream since its last total.
pub(crate) fn counting(store: &Store, header: &Header, keys: &PublicKeys) -> Result<Counting> {
    let id = header.agreement.to_string();
    let up_to = store.counted_up_to(&id, false)?;
    let rows = store.came_after(&id, up_to)?;
    let parcels = rows.iter().filter_map(counted).collect();
    Ok(Counting { first: up_to + 1, parcels, keys: keys.clone() })
}

/// What is to be stored of a partner's total, with the receipt that says what this side counts.
pub(crate) fn counted_here(
    header: &Header,
    (total, proof): (&Total, &[u8]),
    (reckoning, receipt): (&Reckoning, &[u8]),
    now: Timestamp,
) -> Result<(Change, Event)> {
    let agrees = reckoning.agrees(total);
    let row = DayTotal {
        receipt: Some(receipt.to_vec()),
        agrees: Some(agrees),
        answered_at: Some(now),
        ..row(header, (total, proof.to_vec()), false, now)?
    };
    let event = Event::TotalCounted {
        parcel: row.parcel.clone(),
        partner: row.partner.clone(),
        agreement: Digest(header.agreement.0),
        day: total.day.clone(),
        first: reckoning.first,
        last: reckoning.last,
        digest: reckoning.digest,
        outcome: outcome(agrees),
    };
    Ok((Change::DayTotal(row), event))
}

fn outcome(agrees: bool) -> String {
    if agrees { "agrees" } else { "differs" }.to_owned()
}

/// What a difference is called for people.
pub(crate) fn difference(
    partner: Country,
    outgoing: bool,
    total: &Total,
    reckoning: &Reckoning,
) -> String {
    let (said, here) = (total.parcels(), reckoning.parcels());
    let (whose, them) = match outgoing {
        true => (format!("to {partner}"), "it counts"),
        false => (format!("from {partner}"), "this state counts"),
    };
    format!(
        "The totals of {} {whose} differ: {said} parcels, numbers {} to {}, were stated, and {them} {here}, \
         numbers {} to {}, or others. See `passerelle partner totals`.",
        total.day, total.first, total.last, reckoning.first, reckoning.last
    )
}

/// What is to be stored of a partner's receipt for a total of this state; with a sentence for
/// people when it counts otherwise.
///
/// # Errors
/// The store, or a total that cannot be read any more.
pub(crate) fn answered(
    node: &Node,
    row: &Outgoing,
    (bytes, receipt): (&[u8], &Receipt),
    now: Timestamp,
) -> Result<Option<(Change, Event, Option<String>)>> {
    // A partner whose program knows no totals refuses the parcel, and nothing is known.
    let Some(reckoning) = &receipt.reckoning else { return Ok(None) };
    let Some(stated) = node.store().day_total(&row.partner, &row.parcel)? else { return Ok(None) };
    let total = Total::kept(&stated.total).context("a stored total cannot be read")?;
    let agrees = reckoning.agrees(&total);
    let said = (!agrees).then(|| difference(total.to, true, &total, reckoning));
    let (partner, parcel) = (row.partner.clone(), row.parcel.clone());
    let event = Event::TotalAnswered {
        parcel: parcel.clone(),
        partner: partner.clone(),
        outcome: outcome(agrees),
    };
    let receipt = bytes.to_vec();
    let change =
        Change::DayTotalAnswered { partner, parcel, receipt, agrees: Some(agrees), at: now };
    Ok(Some((change, event, said)))
}
