//! Statistics of the travellers of a time: by nationality, and by route.
//!
//! Nobody may be found in one of them, nor by taking a part from its total. Two rules see to
//! that, with one number, the threshold (10, unless the node's configuration says otherwise).
//! They do not see to it between tables of times that overlap: who may ask for many of those
//! may narrow a small count down, and is an officer or at the machine.
//!
//! 1. A count below the threshold is withheld, and so is what it would be the count of: that
//!    the one citizen of some state flew that day is not said either.
//! 2. Every other count is rounded down to a multiple of the threshold, each for itself,
//!    totals among them. What is withheld is then no more than the difference of a total and
//!    its parts, each of which is uncertain by a whole threshold: of a withheld count nothing
//!    follows beyond that it is below the threshold. (To the nearest multiple would not do:
//!    with 10 withheld and up, the lowest class would be half as wide as the others.)
//!
//! What is counted are travellers on the newest list of each flight that a carrier sent, once
//! for each kind of list the larger; what partners sent is theirs to count.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::{CARRIERS, Store, StoreError, rows::List};

use crate::{Api, Caller, Error, Operation};

/// The usual threshold.
pub const THRESHOLD: u64 = 10;
/// No more lists than these are opened for one table.
pub const MOST_LISTS: u32 = 20_000;
/// The longest time of one table, in days back.
pub const MOST_DAYS: u32 = 366;

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What is counted: an ICAO code of a nationality, or `LHR-IST`.
    pub what: String,
    /// Travellers, rounded down.
    pub travellers: u64,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What is not withheld, the largest first.
    pub lines: Vec<Line>,
    /// Whether anything is withheld.
    pub withheld: bool,
}

/// The statistics of a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// From when, by departure.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Below what a count is withheld, and to multiples of what the others are rounded.
    pub threshold: u64,
    /// Flights, rounded; nothing when there are fewer than the threshold.
    pub flights: Option<u64>,
    /// Travellers, rounded down.
    pub travellers: Option<u64>,
    /// By nationality; `XXX` where a list names none.
    pub by_nationality: Table,
    /// By route, from the first airport of the flight to its last.
    pub by_route: Table,
    /// By route and nationality: `LHR-IST TUR`.
    pub by_route_and_nationality: Table,
    /// Whether there were more lists than are opened for one table.
    pub cut_off: bool,
    /// Lists whose day was masked or erased: nobody on them can be counted any more.
    pub forgotten: u64,
}

/// Counts as they are; shown to nobody.
#[derive(Default)]
struct Counts {
    flights: u64,
    forgotten: u64,
    nationalities: BTreeMap<String, u64>,
    routes: BTreeMap<String, u64>,
    both: BTreeMap<String, u64>,
}

impl Api {
    /// The statistics of flights that departed or will depart in a time. Nobody is in them
    /// who could be found.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn statistics(
        &self,
        caller: &Caller,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<Statistics, Error> {
        caller.demand(Operation::Statistics)?;
        Ok(statistics(&self.store, (from, until), self.office.withheld_below())?)
    }
}

/// The same for whoever has the store; `threshold` is at least 2.
///
/// # Errors
/// The store.
pub fn statistics(
    store: &Store,
    (from, until): (Timestamp, Timestamp),
    threshold: u64,
) -> Result<Statistics, StoreError> {
    let threshold = threshold.max(2);
    let lists = store.lists_between(from, until, MOST_LISTS)?;
    let cut_off = lists.len() as u64 >= u64::from(MOST_LISTS);
    let mut counts = Counts::default();
    for list in newest(lists) {
        counts.add(store, &list)?;
    }
    Ok(Statistics {
        from,
        until,
        threshold,
        flights: shown(counts.flights, threshold),
        travellers: shown(counts.nationalities.values().sum(), threshold),
        by_nationality: table(counts.nationalities, threshold),
        by_route: table(counts.routes, threshold),
        by_route_and_nationality: table(counts.both, threshold),
        cut_off,
        forgotten: counts.forgotten,
    })
}

/// Of each flight one list that a carrier sent: of the newest of each kind the longest. Crew
/// are no travellers.
fn newest(lists: Vec<List>) -> Vec<List> {
    let mut kinds: BTreeMap<(String, String), List> = BTreeMap::new();
    for list in lists.into_iter().filter(|l| l.origin == CARRIERS && l.dataset != "crew") {
        let key = (list.flight.clone(), list.dataset.clone());
        match kinds.get(&key) {
            Some(known) if known.received_at > list.received_at => {}
            _ => drop(kinds.insert(key, list)),
        }
    }
    let mut flights: BTreeMap<String, List> = BTreeMap::new();
    for ((flight, _), list) in kinds {
        match flights.get(&flight) {
            Some(known) if known.travellers >= list.travellers => {}
            _ => drop(flights.insert(flight, list)),
        }
    }
    flights.into_values().collect()
}

impl Counts {
    fn add(&mut self, store: &Store, row: &List) -> Result<(), StoreError> {
        let list = match store.open_list(row) {
            Ok(list) => list,
            Err(StoreError::Sealed { .. }) => {
                self.forgotten += 1;
                return Ok(());
            }
            Err(e) => return Err(e),
        };
        self.flights += 1;
        let route = format!("{}-{}", row.origin_airport, row.destination);
        for traveller in list.travellers() {
            let nationality = traveller.nationality.map_or("XXX".to_owned(), |n| n.to_string());
            let both = format!("{route} {nationality}");
            *self.both.entry(both).or_default() += 1;
            *self.routes.entry(route.clone()).or_default() += 1;
            *self.nationalities.entry(nationality).or_default() += 1;
        }
        Ok(())
    }
}

/// A count as it is shown: nothing below the threshold, else the next lower multiple of it.
fn shown(count: u64, threshold: u64) -> Option<u64> {
    (count >= threshold).then(|| count / threshold * threshold)
}

fn table(counts: BTreeMap<String, u64>, threshold: u64) -> Table {
    let all = counts.len();
    let mut lines: Vec<Line> = counts
        .into_iter()
        .filter_map(|(what, n)| Some(Line { what, travellers: shown(n, threshold)? }))
        .collect();
    // Among equals by name: the order says nothing that the rounding has hidden.
    lines.sort_by(|a, b| (b.travellers, &a.what).cmp(&(a.travellers, &b.what)));
    Table { withheld: lines.len() < all, lines }
}

/// From midnight to midnight (UTC), so many days back and on from a day.
///
/// # Errors
/// A time that there is not.
pub fn days(at: Timestamp, back: u32, on: u32) -> Result<(Timestamp, Timestamp), Error> {
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let out_of_range = |e: jiff::Error| Error::Ours(e.to_string());
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(out_of_range)?.timestamp();
    let hours = |days: u32| SignedDuration::from_hours(24 * i64::from(days));
    let from = midnight.checked_sub(hours(back)).map_err(out_of_range)?;
    let until = midnight.checked_add(hours(on)).map_err(out_of_range)?;
    Ok((from, until))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
        pairs.iter().map(|(what, n)| ((*what).to_owned(), *n)).collect()
    }

    #[test]
    fn a_small_count_is_neither_shown_nor_named() {
        let table = table(counts(&[("TUR", 214), ("GBR", 96), ("FIN", 1), ("ISL", 9)]), 10);
        let lines: Vec<(&str, u64)> =
            table.lines.iter().map(|l| (l.what.as_str(), l.travellers)).collect();
        assert_eq!(lines, [("TUR", 210), ("GBR", 90)]);
        assert!(table.withheld);
    }

    /// Whoever subtracts the parts from the total learns nothing of what is withheld: every
    /// count from none to the threshold would have left the same numbers, or is left possible
    /// by the next ones.
    #[test]
    fn a_withheld_count_does_not_follow_from_a_total_and_its_other_parts() {
        let threshold = 10;
        for part in 10..200_u64 {
            for hidden in 1..threshold {
                let total = shown(part + hidden, threshold).expect("a total");
                let part = shown(part, threshold).expect("a part");
                // All pairs of true counts that show as these two.
                let rounds_to = |n: u64| n..n + threshold;
                let possible: std::collections::BTreeSet<u64> = rounds_to(total)
                    .flat_map(|t| rounds_to(part).filter_map(move |p| t.checked_sub(p)))
                    .filter(|h| *h < threshold)
                    .collect();
                assert!(possible.len() >= 9, "{total} - {part}: {possible:?}");
            }
        }
    }

    #[test]
    fn the_threshold_is_never_less_than_two() {
        assert_eq!(shown(1, 2), None);
        assert_eq!((shown(2, 2), shown(3, 2)), (Some(2), Some(2)));
    }
}
