//! What other thresholds would do, shown on what is stored before anybody sets them.

use anyhow::Result;
use api::thresholds::{Moved, Rehearsal, rehearse};
use screening::Thresholds;

use super::super::{said, table};
use crate::node::Node;

/// Compares the bands of stored matches with those under other thresholds.
pub fn compare(node: &Node, name: &str, thresholds: Thresholds) -> Result<()> {
    let mut looked = |n: u64| eprint!("\r{n} stored matches of {name} compared");
    let found = said(rehearse(node.store(), name, thresholds, &mut looked))?;
    eprintln!();
    show(name, &found);
    Ok(())
}

fn show(name: &str, found: &Rehearsal) {
    let rate = |n: u64| found.per_thousand(n).map_or("-".to_owned(), |r| format!("{r:.2}"));
    let bands =
        ["silent", "possible", "hit"].into_iter().zip(found.is.into_iter().zip(found.would));
    let rows: Vec<Vec<String>> = bands
        .map(|(band, (is, would))| {
            vec![band.into(), is.to_string(), would.to_string(), rate(is), rate(would)]
        })
        .collect();
    table(&["BAND", "NOW", "WOULD BE", "NOW PER 1,000", "WOULD BE PER 1,000"], &rows);
    for (what, (some, all)) in [("appear", &found.appear), ("vanish", &found.vanish)] {
        println!("\n{all} alerts of {name} would {what}.");
        if !some.is_empty() {
            let line = |m: &Moved| {
                let nats = format!("{:.1}", m.nats);
                vec![m.hit.clone(), m.entry.clone(), nats, m.is.clone(), m.would.into()]
            };
            let shown: Vec<Vec<String>> = some.iter().map(line).collect();
            table(&["HIT", "ENTRY", "NATS", "NOW", "WOULD BE"], &shown);
        }
    }
    if found.upheld > 0 {
        println!("\n{} of those that would vanish were upheld by officers.", found.upheld);
    }
    if found.forgotten > 0 {
        println!("\n{} matches are masked or erased and could not be read.", found.forgotten);
    }
    println!(
        "\nNothing was changed. Thresholds are set in passerelle.toml, [screening.lists.{name}], or by a supervisor in the console, which goes before."
    );
}
