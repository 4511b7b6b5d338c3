//! What the index does not find and a scan of the whole list does, by the weakest word, for
//! the tuned half of the persons: `cargo run --release -p evaluation --example missed -- DIR
//! [QUERIES]`.
use std::path::Path;

use evaluation::{Data, Half, Pair, Set};
use screening::{Hit, Index, Screener, Watchlist};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().unwrap_or_default();
    let most: usize = arguments.next().and_then(|r| r.parse().ok()).unwrap_or(1_000);
    let data = Data::read(Path::new(&dir))?;
    let list = data.watchlist.as_ref().map(|l| l.entries.clone()).unwrap_or_default();
    let index =
        Index::build(vec![Watchlist { name: "l".into(), version: "1".into(), entries: list }]);
    let tuned = |p: &&Pair| p.same && p.set != Set::FalseAlert && p.half == Half::Tuned;
    let queries: Vec<&Pair> = data.pairs.iter().filter(tuned).collect();
    let step = (queries.len() / most.max(1)).max(1);
    let mut screener = Screener::new(&index);
    let (mut all, mut missed) = (0, 0);
    for pair in queries.into_iter().step_by(step) {
        let found = screener.screen(&pair.traveller);
        for wanted in screener.scan(&pair.traveller) {
            all += 1;
            if !found.iter().any(|h| h.entry.id == wanted.entry.id) {
                missed += 1;
                show(pair, &wanted);
            }
        }
    }
    println!("{missed} of {all} missed");
    Ok(())
}

fn show(pair: &Pair, hit: &Hit) {
    let t = &pair.traveller;
    println!("{}/{} {:.1} {}", t.surname, t.given, hit.nats, hit.entry.alias);
    for e in &hit.evidence {
        let what = format!("{}: {}", e.feature, e.relation);
        println!("      {:<24}{:<24}{what:<40}{:+.1}", e.traveller, e.entry, e.nats);
    }
}
