//! On stored lists, what would leave under an agreement and what would not: nothing leaves
//! by it, and nobody has to have signed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use policy::{Agreement, Direction, Mode, Regime, Request, RuleId, rehearse};
use serde::Serialize;
use store::{CARRIERS, Store, StoreError, rows::List};
use travel::{Country, ElementSet, PassengerList};

use super::acts::partner_of;
use crate::{Error, Office, queries};

/// No more lists than these are looked at, the newest.
pub const MOST: u32 = 100_000;

/// What an agreement would do with stored lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rehearsed {
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// Lists that arrived within so many days.
    pub days: u32,
    /// Whether it lets the sender send anything at all.
    pub sends: bool,
    /// Each form in which something could go; empty when no list is there.
    pub modes: Vec<RehearsedMode>,
    /// Whether there were more lists than were looked at.
    pub cut_off: bool,
    /// Lists that can no longer be read: masked, or erased.
    pub forgotten: u64,
}

/// The same in one mode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RehearsedMode {
    /// `list` or `hit`; for a hit it is asked what would leave about a traveller if
    /// officers upheld one.
    pub mode: &'static str,
    /// Lists that were looked at.
    pub lists: u64,
    /// Those of them that would leave.
    pub leave: u64,
    /// What they would say, by the names of elements.
    pub elements: Vec<&'static str>,
    /// What would stay, by the rule that would keep it.
    pub stay: Vec<Stay>,
}

/// What a rule would keep here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stay {
    /// The rule.
    pub rule: &'static str,
    /// What it says.
    pub sentence: &'static str,
    /// How many lists.
    pub lists: u64,
    /// The flight of the first of them, by its key.
    pub flight: String,
}

#[derive(Default)]
struct Tally {
    lists: u64,
    leave: u64,
    elements: ElementSet,
    stay: BTreeMap<RuleId, (u64, String)>,
}

/// What lists are held against.
struct Against<'a> {
    us: Country,
    to: Country,
    agreement: &'a Agreement,
    direction: &'a Direction,
    regimes: &'a [Regime],
}

/// Holds the lists of the last `days` against an agreement as if both had signed it, at the
/// moment at which each arrived; `most` of them, the newest. `looked` is told now and then
/// how many of how many are done.
///
/// # Errors
/// The agreement is between others, or the store cannot be read.
pub fn rehearsed(
    (store, office): (&Store, &dyn Office),
    agreement: &Agreement,
    (at, days, most): (Timestamp, u32, u32),
    looked: &mut dyn FnMut(usize, usize),
) -> Result<Rehearsed, Error> {
    let us = office.state();
    let to = partner_of(agreement, us)?;
    let mut found = Rehearsed {
        from: us.to_string(),
        to: to.to_string(),
        days,
        sends: true,
        modes: Vec::new(),
        cut_off: false,
        forgotten: 0,
    };
    let Some(direction) = agreement.direction(us, to) else {
        return Ok(Rehearsed { sends: false, ..found });
    };
    let against = Against { us, to, agreement, direction, regimes: &office.regimes() };
    let mut rows = heads(store, at, days)?;
    found.cut_off = rows.len() as u64 > u64::from(most);
    let rows = rows.split_off(rows.len().saturating_sub(most as usize));
    let mut tallies: BTreeMap<Mode, Tally> = BTreeMap::new();
    for (i, head) in rows.iter().enumerate() {
        looked(i, rows.len());
        // One list at a time: many would be more than fits into memory.
        let Some(row) = store.list(&head.id)? else { continue };
        let list = match store.open_list(&row) {
            Err(StoreError::Sealed { .. }) => {
                found.forgotten += 1;
                continue;
            }
            other => other?,
        };
        for mode in [Mode::List, Mode::Hit] {
            tallies.entry(mode).or_default().ask((&list, &row), mode, &against);
        }
    }
    found.modes = tallies.into_iter().map(|(mode, tally)| tally.told(mode)).collect();
    Ok(found)
}

/// Carriers' lists of flights from so many days back on, without what is sealed.
fn heads(store: &Store, at: Timestamp, days: u32) -> Result<Vec<List>, Error> {
    let hours = |n: i64| SignedDuration::from_hours(24 * n);
    let out = |e: jiff::Error| Error::Invalid { field: "days", text: e.to_string() };
    let since = at.checked_sub(hours(i64::from(days))).map_err(out)?;
    let until = at.checked_add(hours(400)).map_err(out)?;
    let rows = queries::heads_between(store, (since, until), MOST)?;
    Ok(rows.into_iter().filter(|row| row.origin == CARRIERS).collect())
}

impl Tally {
    fn ask(&mut self, (list, row): (&PassengerList, &List), mode: Mode, against: &Against<'_>) {
        self.lists += 1;
        let mut first = None;
        for purpose in &against.direction.purposes {
            let ends = (against.us, against.to);
            let mut request = Request::about(list, ends, mode, *purpose, row.received_at);
            request.reviewed = mode == Mode::Hit;
            match rehearse(&request, against.agreement, against.regimes) {
                Ok(rehearsal) => {
                    self.leave += 1;
                    self.elements = self.elements.iter().chain(rehearsal.elements.iter()).collect();
                    return;
                }
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        for rule in first.into_iter().flat_map(|refusal| refusal.rules) {
            self.stay.entry(rule).or_insert_with(|| (0, row.flight.clone())).0 += 1;
        }
    }

    fn told(self, mode: Mode) -> RehearsedMode {
        let stay = |(rule, (lists, flight)): (RuleId, (u64, String))| Stay {
            rule: rule.as_str(),
            sentence: rule.sentence(),
            lists,
            flight,
        };
        RehearsedMode {
            mode: mode.name(),
            lists: self.lists,
            leave: self.leave,
            elements: self.elements.iter().map(travel::Element::name).collect(),
            stay: self.stay.into_iter().map(stay).collect(),
        }
    }
}
