//! `passerelle agreement check`: on stored lists, what would leave and what would not.

use std::io::{IsTerminal, Write};

use anyhow::Result;
use api::agreements::rehearsal::{MOST, Rehearsed, RehearsedMode, rehearsed};
use policy::Agreement;

use super::super::{said, table};
use crate::{clock, node::Node};

/// Holds the lists of the last days against an agreement as if both had signed it.
pub(super) fn check(node: &Node, agreement: &Agreement, days: u32, json: bool) -> Result<()> {
    let found = tally(node, agreement, days)?;
    let (us, to) = (&found.from, &found.to);
    if !found.sends {
        println!("{us} sends nothing to {to} under it.");
    } else if found.modes.is_empty() {
        println!("No list of a carrier is here from the last {days} days.");
    }
    for mode in &found.modes {
        if json { print_json(mode) } else { print(mode, &found) }
    }
    if found.forgotten > 0 {
        eprintln!("{} lists are masked or erased and cannot be held against it.", found.forgotten);
    }
    Ok(())
}

fn tally(node: &Node, agreement: &Agreement, days: u32) -> Result<Rehearsed> {
    let shown = std::io::stderr().is_terminal();
    let mut looked = |done: usize, all: usize| {
        if shown && done.is_multiple_of(100) {
            eprint!("\r{done} of {all} lists");
            let _ = std::io::stderr().flush();
        }
    };
    let span = (clock::now(), days, MOST);
    let found = said(rehearsed((node.store(), node), agreement, span, &mut looked));
    if shown {
        eprint!("\r\x1b[K");
    }
    found
}

fn print(tally: &RehearsedMode, Rehearsed { from, to, days, .. }: &Rehearsed) {
    let what = match tally.mode {
        "hit" => "In mode hit, should officers uphold a hit on a traveller",
        _ => "In mode list",
    };
    println!(
        "{what}: of {} lists of the last {days} days {} would leave {from} for {to}.",
        tally.lists, tally.leave
    );
    if tally.leave > 0 {
        println!("  They would say: {}.", tally.elements.join(", ").replace('_', " "));
    }
    let cells = |s: &api::agreements::rehearsal::Stay| {
        vec![s.lists.to_string(), s.rule.into(), s.sentence.into(), s.flight.clone()]
    };
    let stay: Vec<Vec<String>> = tally.stay.iter().map(cells).collect();
    if !stay.is_empty() {
        println!("  {} would stay:", tally.lists - tally.leave);
        table(&["LISTS", "RULE", "WHAT IT SAYS", "SO FLIGHT"], &stay);
    }
    println!();
}

fn print_json(tally: &RehearsedMode) {
    let stay: Vec<serde_json::Value> = tally
        .stay
        .iter()
        .map(|s| serde_json::json!({ "rule": s.rule, "lists": s.lists, "flight": s.flight }))
        .collect();
    let line = serde_json::json!({
        "mode": tally.mode, "lists": tally.lists, "leave": tally.leave,
        "elements": tally.elements, "stay": stay,
    });
    println!("{line}");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use audit::Actor;
    use store::{CARRIERS, Change};
    use travel::Country;

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
        let found = tally(&tur, &agreement, 7).unwrap();
        let [list, hit] = found.modes.as_slice() else { panic!("two modes") };
        assert_eq!((list.mode, list.lists, list.leave, list.stay.len()), ("list", 1, 1, 0));
        assert!(list.elements.contains(&"documents"));
        assert!(!list.elements.contains(&"payment"));
        let rules: Vec<&str> = hit.stay.iter().map(|stay| stay.rule).collect();
        assert_eq!((hit.leave, rules.as_slice()), (0, &["AG-03"][..]), "hits are not agreed");
        assert!(tur.store().outbox().unwrap().is_empty(), "nothing leaves by that");
    }
}
