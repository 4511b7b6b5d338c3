//! Daily totals of streams: what each side says that a day carried, and whether both say the same.

use std::collections::BTreeMap;

use exchange::{Receipt, Tally, Total};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use store::{Store, rows::DayTotal};

use crate::{Api, Caller, Error, Operation};

/// Parcels by kind.
type ByKind = BTreeMap<&'static str, u64>;

/// A day of a stream.
#[derive(Clone, Debug, Serialize)]
pub struct DayLine {
    /// State of the partner.
    pub partner: String,
    /// The stream's agreement, hexadecimal.
    pub agreement: String,
    /// Whether this state is the sender.
    pub outgoing: bool,
    /// The day, UTC, by the sender's clock.
    pub day: Date,
    /// The number of the first parcel that it counts.
    pub first: u64,
    /// That of the last.
    pub last: u64,
    /// How many parcels the sender says that it sent.
    pub parcels: u64,
    /// The same by kind.
    pub sent: ByKind,
    /// How many the receiver took, by kind; nothing before its receipt.
    pub taken: ByKind,
    /// How many it refused for good, by kind.
    pub refused: ByKind,
    /// The digest over all of them, as the sender says.
    pub digest: String,
    /// Whether the receiver counts the same; nothing while there is no count of it.
    pub agrees: Option<bool>,
    /// The parcel that brought the total.
    pub parcel: String,
    /// When it was sealed, or came.
    pub at: Timestamp,
    /// When the receipt was made, or came.
    pub answered_at: Option<Timestamp>,
}

impl DayLine {
    /// `agreed`, `differs` or `waiting`.
    pub fn state(&self) -> &'static str {
        match self.agrees {
            Some(true) => "agreed",
            Some(false) => "differs",
            None => "waiting",
        }
    }
}

fn by_kind(tallies: &[Tally]) -> ByKind {
    let mut kinds = ByKind::new();
    for tally in tallies {
        let sum = kinds.entry(tally.name()).or_default();
        *sum = sum.saturating_add(tally.parcels);
    }
    kinds
}

fn line(row: DayTotal) -> Result<DayLine, Error> {
    let broken = || Error::Ours("a stored total is not in its form".into());
    let total = Total::kept(&row.total).ok_or_else(broken)?;
    let receipt = row.receipt.as_deref().map(|bytes| Receipt::kept(bytes).ok_or_else(broken));
    let reckoning = receipt.transpose()?.and_then(|receipt| receipt.reckoning);
    let (taken, refused) = reckoning.map_or_else(Default::default, |r| (r.taken, r.refused));
    Ok(DayLine {
        partner: row.partner,
        agreement: row.agreement,
        outgoing: row.outgoing,
        day: row.day,
        first: row.first_number,
        last: row.last_number,
        parcels: total.parcels(),
        sent: by_kind(&total.sent),
        taken: by_kind(&taken),
        refused: by_kind(&refused),
        digest: total.digest.to_string(),
        agrees: row.agrees,
        parcel: row.parcel,
        at: row.at,
        answered_at: row.answered_at,
    })
}

/// The daily totals with a partner, both ways, the newest first. For callers whose rights were
/// looked at already; [`Api::totals`] looks at them.
///
/// # Errors
/// The store, or what it holds.
pub fn day_lines(store: &Store, partner: &str, limit: u32) -> Result<Vec<DayLine>, Error> {
    store.day_totals(partner, limit.min(1000))?.into_iter().map(line).collect()
}

impl Api {
    /// The daily totals with a partner, both ways, the newest first.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn totals(
        &self,
        caller: &Caller,
        partner: &str,
        limit: u32,
    ) -> Result<Vec<DayLine>, Error> {
        caller.demand(Operation::Partners)?;
        day_lines(&self.store, partner, limit)
    }
}
