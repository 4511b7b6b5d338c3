//! `passerelle agreement check`: on stored lists, what would leave and what would not.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use policy::{Agreement, Direction, Mode, Regime, Request, RuleId, rehearse};
use store::{CARRIERS, rows::List};
use travel::{Country, ElementSet, PassengerList};

use super::super::table;
use crate::{clock, node::Node};

/// At most so many lists are looked at, the newest days last.
const MOST: u32 = 100_000;

/// What an agreement would do with the lists, in one mode.
#[derive(Default)]
struct Tally {
    lists: u64,
    leave: u64,
    elements: ElementSet,
    /// By rule: how many it would keep here, and the first flight of them.
    stay: BTreeMap<RuleId, (u64, String)>,
}

/// Holds the lists of the last days against an agreement as if both had signed it, at the
/// moment at which each arrived. For hits it is asked what would leave about a traveller
/// if officers upheld a hit.
pub(super) fn check(node: &Node, agreement: &Agreement, days: u32, json: bool) -> Result<()> {
    let us = node.state();
    let to = agreement.partner_of(us).with_context(|| {
        let [a, b] = agreement.parties;
        format!("this agreement is between {a} and {b}; this node is of {us}")
    })?;
    let Some(direction) = agreement.direction(us, to) else {
        println!("{us} sends nothing to {to} under it.");
        return Ok(());
    };
    let tallies = tally(node, (to, agreement, direction), days)?;
    if tallies.is_empty() {
        println!("No list of a carrier is here from the last {days} days.");
    }
    for (mode, tally) in &tallies {
        if json { print_json(*mode, tally) } else { print(*mode, tally, (us, to), days) }
    }
    Ok(())
}

/// Asks about every list of a carrier from the last days; empty when there is none.
fn tally(
    node: &Node,
    (to, agreement, direction): (Country, &Agreement, &Direction),
    days: u32,
) -> Result<BTreeMap<Mode, Tally>> {
    let (us, now) = (node.state(), clock::now());
    let since = now - SignedDuration::from_hours(24 * i64::from(days));
    let until = now + SignedDuration::from_hours(24 * 400);
    let regimes = node.regimes();
    let mut tallies: BTreeMap<Mode, Tally> = BTreeMap::new();
    for row in node.store().lists_between(since, until, MOST)? {
        if row.origin != CARRIERS {
            continue;
        }
        let list = node.store().open_list(&row)?;
        for mode in [Mode::List, Mode::Hit] {
            let tally = tallies.entry(mode).or_default();
            ask(tally, (&list, &row), (us, to, mode), (agreement, direction, &regimes));
        }
    }
    Ok(tallies)
}

fn ask(
    tally: &mut Tally,
    (list, row): (&PassengerList, &List),
    (us, to, mode): (Country, Country, Mode),
    (agreement, direction, regimes): (&Agreement, &Direction, &[Regime]),
) {
    tally.lists += 1;
    let at: Timestamp = row.received_at;
    let mut first = None;
    for purpose in &direction.purposes {
        let mut request = Request::about(list, (us, to), mode, *purpose, at);
        request.reviewed = mode == Mode::Hit;
        match rehearse(&request, agreement, regimes) {
            Ok(rehearsal) => {
                tally.leave += 1;
                tally.elements = tally.elements.iter().chain(rehearsal.elements.iter()).collect();
                return;
            }
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    for rule in first.into_iter().flat_map(|refusal| refusal.rules) {
        let stay = tally.stay.entry(rule).or_insert_with(|| (0, row.flight.clone()));
        stay.0 += 1;
    }
}

fn names(elements: ElementSet) -> Vec<&'static str> {
    elements.iter().map(travel::Element::name).collect()
}

fn print(mode: Mode, tally: &Tally, (us, to): (Country, Country), days: u32) {
    let what = match mode {
        Mode::Hit => "In mode hit, should officers uphold a hit on a traveller",
        _ => "In mode list",
    };
    println!(
        "{what}: of {} lists of the last {days} days {} would leave {us} for {to}.",
        tally.lists, tally.leave
    );
    if tally.leave > 0 {
        println!("  They would say: {}.", names(tally.elements).join(", ").replace('_', " "));
    }
    let stay: Vec<Vec<String>> = tally
        .stay
        .iter()
        .map(|(rule, (lists, flight))| {
            let sentence = rule.sentence().to_owned();
            vec![lists.to_string(), rule.to_string(), sentence, flight.clone()]
        })
        .collect();
    if !stay.is_empty() {
        println!("  {} would stay:", tally.lists - tally.leave);
        table(&["LISTS", "RULE", "WHAT IT SAYS", "SO FLIGHT"], &stay);
    }
    println!();
}

fn print_json(mode: Mode, tally: &Tally) {
    let stay: Vec<serde_json::Value> = tally
        .stay
        .iter()
        .map(|(rule, (lists, flight))| {
            serde_json::json!({ "rule": rule.as_str(), "lists": lists, "flight": flight })
        })
        .collect();
    let line = serde_json::json!({
        "mode": mode.name(), "lists": tally.lists, "leave": tally.leave,
        "elements": names(tally.elements), "stay": stay,
    });
    println!("{line}");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use audit::Actor;
    use store::Change;

    use super::*;
    use crate::{
        courier::tests::{list, node},
        pipeline::{self, Provenance},
    };

    #[test]
    fn it_is_shown_what_would_leave_and_by_which_rule_the_rest_would_stay() {
        let dir = tempfile::TempDir::new().unwrap();
        let (tur, now) = (node(&dir, Country::new("TUR")), clock::now());
        let from = Provenance { submission: None, parcel: None, agreed: None };
        let (row, event) = pipeline::keep(&tur, &list(now), CARRIERS, from, now).unwrap();
        tur.record(vec![Change::List(row)], Actor::Node, vec![event]).unwrap();
        let text = include_str!("../../../../../docs/agreements/gbr-tur.toml");
        let agreement = Agreement::from_toml(text).unwrap();
        let gbr = Country::new("GBR");
        let direction = agreement.direction(tur.state(), gbr).unwrap();
        let tallies = tally(&tur, (gbr, &agreement, direction), 7).unwrap();
        let list = &tallies[&Mode::List];
        assert_eq!((list.lists, list.leave, list.stay.len()), (1, 1, 0));
        assert!(names(list.elements).contains(&"documents"));
        assert!(!names(list.elements).contains(&"payment"));
        let hit = &tallies[&Mode::Hit];
        let rules: Vec<&str> = hit.stay.keys().map(|rule| rule.as_str()).collect();
        assert_eq!((hit.leave, rules.as_slice()), (0, &["AG-03"][..]), "hits are not agreed");
        assert!(tur.store().outbox().unwrap().is_empty(), "nothing leaves by that");
    }
}
