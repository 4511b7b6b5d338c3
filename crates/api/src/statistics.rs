//! Statistics of the travellers of a time: by nationality, and by route.
//!
//! Nobody may be found in one of them, nor by taking a part from its total. Two rules see to
//! that, with one number, the threshold (10, unless the node's configuration says otherwise).
//! They do not see to it between tables of times that overlap, so that pages and programs are
//! given whole months and quarters alone ([`Period`]). Whoever is at the machine may ask for
//! other times; and of a period that still runs, two looks can be held against each other.
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
//! for each kind of list the larger; what partners sent is theirs to count. A list of those who
//! did not board, or of what was cancelled, is none of travellers, and a flight that was
//! cancelled had none. Lists are opened one at a time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::Serialize;
use store::{CARRIERS, Store, StoreError, rows::List};

use crate::{Api, Caller, Error, Operation, queries};

/// The usual threshold.
pub const THRESHOLD: u64 = 10;
/// No more lists than these are opened for one table.
pub const MOST_LISTS: u32 = 20_000;
/// The longest time of one table, in days back.
pub const MOST_DAYS: u32 = 366;

/// What a list is for that says that its flight does not take place.
const CANCELLED: &str = "flight cancelled";
/// What lists are for that say who flies.
const WHOLE: [&str; 2] = ["full", "closed, on board"];

/// A whole month or quarter, in UTC: what pages and programs can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Period {
    first: Date,
    months: i8,
}

impl Period {
    /// The month, or the quarter, of a day.
    pub fn of(day: Date, quarter: bool) -> Self {
        let months = if quarter { 3 } else { 1 };
        let month = (day.month() - 1) / months * months + 1;
        Self { first: jiff::civil::date(day.year(), month, 1), months }
    }

    /// Reads `2026-11` or `2026-Q4`.
    ///
    /// ```
    /// use api::statistics::Period;
    /// assert_eq!(Period::parse("2026-Q4").unwrap().to_string(), "2026-Q4");
    /// assert!(Period::parse("2026-11").is_some() && Period::parse("2026-11-07").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (year, part) = text.split_once('-')?;
        let year: i16 = year.parse().ok().filter(|_| year.len() == 4)?;
        let (month, quarter) = match part.strip_prefix('Q') {
            Some(q) => {
                ((q.parse::<i8>().ok()?.checked_sub(1)?).checked_mul(3)?.checked_add(1)?, true)
            }
            None => (part.parse().ok().filter(|_| part.len() == 2)?, false),
        };
        Some(Self::of(Date::new(year, month, 1).ok()?, quarter))
    }

    /// The one before it.
    #[must_use]
    pub fn before(self) -> Self {
        Self { first: self.first.saturating_sub(i32::from(self.months).months()), ..self }
    }

    /// From its first moment to its last.
    ///
    /// # Errors
    /// A time that there is not.
    pub fn range(self) -> Result<(Timestamp, Timestamp), Error> {
        let out = |e: jiff::Error| Error::Ours(e.to_string());
        let at = |day: Date| day.to_zoned(TimeZone::UTC).map(|z| z.timestamp()).map_err(out);
        let end = self.first.checked_add(i32::from(self.months).months()).map_err(out)?;
        Ok((at(self.first)?, at(end)?))
    }

    /// Whether it is over.
    pub fn is_over(self, at: Timestamp) -> bool {
        self.range().is_ok_and(|(_, end)| end <= at)
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month) = (self.first.year(), self.first.month());
        match self.months {
            1 => write!(f, "{year:04}-{month:02}"),
            _ => write!(f, "{year:04}-Q{}", (month - 1) / 3 + 1),
        }
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

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
    /// The statistics of flights that departed or will depart in a period. Nobody is in them
    /// who could be found.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn statistics(&self, caller: &Caller, period: Period) -> Result<Statistics, Error> {
        caller.demand(Operation::Statistics)?;
        Ok(statistics(&self.store, period.range()?, self.office.withheld_below())?)
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
    let lists = queries::heads_between(store, (from, until), MOST_LISTS)?;
    let cut_off = lists.len() as u64 >= u64::from(MOST_LISTS);
    let mut counts = Counts::default();
    for head in newest(lists) {
        // One at a time: what is sealed of all of them need not fit into memory.
        if let Some(list) = store.list(&head.id)? {
            counts.add(store, &list)?;
        }
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
    let mut cancelled: BTreeMap<String, Timestamp> = BTreeMap::new();
    for list in lists.iter().filter(|l| l.origin == CARRIERS && l.function == CANCELLED) {
        let at = cancelled.entry(list.flight.clone()).or_insert(list.received_at);
        *at = list.received_at.max(*at);
    }
    let flies = |l: &List| cancelled.get(&l.flight).is_none_or(|at| l.received_at > *at);
    let counted = |l: &List| l.origin == CARRIERS && l.dataset != "crew" && whole(&l.function);
    for list in lists.into_iter().filter(|l| counted(l) && flies(l)) {
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

/// Whether a list with this function says who flies.
fn whole(function: &str) -> bool {
    WHOLE.contains(&function)
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
    let day = at.to_zoned(TimeZone::UTC).date();
    let out_of_range = |e: jiff::Error| Error::Ours(e.to_string());
    let midnight = day.to_zoned(TimeZone::UTC).map_err(out_of_range)?.timestamp();
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

    fn sent(id: &str, function: &str, minute: i64, travellers: u32) -> List {
        let at = Timestamp::from_second(minute * 60).expect("a time");
        let day = jiff::civil::date(2026, 11, 1);
        List {
            id: id.into(),
            submission: None,
            parcel: None,
            origin: CARRIERS.into(),
            agreement: None,
            flight: "TK1".into(),
            carrier: "TK".into(),
            number: "1".into(),
            origin_airport: "IST".into(),
            destination: "LHR".into(),
            departs_at: None,
            arrives_at: None,
            dataset: "api".into(),
            function: function.into(),
            travellers,
            dropped: 0,
            received_at: at,
            keep_until: day,
            mask_due: None,
            leave_due: None,
            clock: String::new(),
            scope: String::new(),
            day,
            sealed: Vec::new(),
            remainder: Vec::new(),
            digest: String::new(),
            screened_at: None,
            watchlists: None,
        }
    }

    fn counted(lists: Vec<List>) -> Vec<String> {
        newest(lists).into_iter().map(|l| l.id).collect()
    }

    #[test]
    fn who_did_not_board_and_what_was_cancelled_is_not_counted() {
        let full = || sent("full", "full", 1, 90);
        assert_eq!(counted(vec![full(), sent("no-shows", "closed, not on board", 2, 4)]), ["full"]);
        assert_eq!(counted(vec![full(), sent("boarded", "closed, on board", 2, 86)]), ["boarded"]);
        assert!(counted(vec![full(), sent("off", CANCELLED, 2, 90)]).is_empty());
        let again = sent("again", "full", 3, 80);
        assert_eq!(counted(vec![full(), sent("off", CANCELLED, 2, 90), again]), ["again"]);
        assert_eq!(counted(vec![full(), sent("change", "change", 2, 1)]), ["full"]);
    }

    #[test]
    fn a_period_is_a_whole_month_or_quarter_and_nothing_else() {
        let of = |text: &str| Period::parse(text).map(|p| p.to_string());
        for whole in ["2026-01", "2026-12", "2026-Q1", "2026-Q4"] {
            assert_eq!(of(whole).as_deref(), Some(whole));
        }
        for no in
            ["2026", "2026-13", "2026-0", "2026-Q5", "2026-Q0", "2026-1", "26-01", "2026-Q-9", ""]
        {
            assert_eq!(of(no), None, "{no}");
        }
        let (from, until) = Period::parse("2026-Q4").expect("a quarter").range().expect("a time");
        assert_eq!(
            (from.to_string(), until.to_string()),
            ("2026-10-01T00:00:00Z".into(), "2027-01-01T00:00:00Z".into())
        );
        let january = Period::parse("2026-01").expect("a month");
        assert_eq!(january.before().to_string(), "2025-12");
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
