//! What other thresholds would do, shown on what is stored before anybody sets them.

use anyhow::{Context, Result};
use screening::{Band, Hit, Thresholds};

use super::super::table;
use crate::node::Node;

/// How many hits are read at a time.
const PAGE: u32 = 500;
/// How many are named; the rest is counted.
const NAMED: usize = 20;

/// Stored matches of a list by what would become of them.
#[derive(Default)]
struct Outcome {
    stored: u64,
    bands: [u64; 3],
    would: [u64; 3],
    appear: Vec<Vec<String>>,
    vanish: Vec<Vec<String>>,
    /// Of those that would vanish, which an officer upheld.
    upheld: u64,
}

/// Compares the bands of stored matches with those under other thresholds.
pub fn compare(node: &Node, name: &str, thresholds: Thresholds) -> Result<()> {
    let store = node.store();
    let mut outcome = Outcome::default();
    let mut after = String::new();
    loop {
        let page = store.hits_of_watchlist(name, &after, PAGE)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for row in &page {
            let hit = Hit::decode(&store.open_hit(row)?)?;
            let would = thresholds.band(&hit);
            outcome.stored += 1;
            let is = [Band::Silent, Band::Possible, Band::Hit];
            let is =
                is.into_iter().find(|b| b.name() == row.band).context("a band unknown here")?;
            outcome.bands[is as usize] += 1;
            outcome.would[would as usize] += 1;
            let line = || {
                let nats = format!("{:.1}", row.nats);
                vec![row.id.clone(), row.entry.clone(), nats, row.band.clone(), would.name().into()]
            };
            if is == Band::Silent && would > Band::Silent {
                outcome.appear.push(line());
            } else if is > Band::Silent && would == Band::Silent {
                outcome.upheld += u64::from(row.state == "upheld");
                outcome.vanish.push(line());
            }
        }
        eprint!("\r{} stored matches of {name} compared", outcome.stored);
    }
    eprintln!();
    outcome.show(name, store.counts()?.travellers);
    Ok(())
}

impl Outcome {
    fn show(&self, name: &str, travellers: u64) {
        let per_1000 = |n: u64| match travellers {
            0 => "-".to_owned(),
            all => format!("{:.2}", n as f64 * 1000.0 / all as f64),
        };
        let bands =
            ["silent", "possible", "hit"].into_iter().zip(self.bands.into_iter().zip(self.would));
        let rows: Vec<Vec<String>> = bands
            .map(|(band, (is, would))| {
                vec![band.into(), is.to_string(), would.to_string(), per_1000(is), per_1000(would)]
            })
            .collect();
        table(&["BAND", "NOW", "WOULD BE", "NOW PER 1,000", "WOULD BE PER 1,000"], &rows);
        for (what, lines) in [("appear", &self.appear), ("vanish", &self.vanish)] {
            println!("\n{} alerts of {name} would {what}.", lines.len());
            if !lines.is_empty() {
                let shown: Vec<Vec<String>> = lines.iter().take(NAMED).cloned().collect();
                table(&["HIT", "ENTRY", "NATS", "NOW", "WOULD BE"], &shown);
            }
        }
        if self.upheld > 0 {
            println!("\n{} of those that would vanish were upheld by officers.", self.upheld);
        }
        println!(
            "\nNothing was changed. Thresholds are set in passerelle.toml, [screening.lists.{name}]."
        );
    }
}
