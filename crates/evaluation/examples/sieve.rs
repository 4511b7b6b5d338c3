//! What the sieve costs, and whom it lets through: made-up travellers, in the order of their
//! names as they lie in a part of the lake, against 500 entries.
//!
//! `cargo run --release -p evaluation --example sieve -- [travellers]`

use std::time::Instant;

use screening::{Band, Beside, Index, Screener, Sieve};
use travel::{Country, Traveller};

const SEED: u64 = 7;
const LISTED: u32 = 500;

fn main() -> anyhow::Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(500_000), |n| n.parse())?;
    let csv = testkit::to_csv(&testkit::watchlist(SEED, Country::new("TUR"), LISTED));
    let index = Index::build(vec![screening::read_list("bench", "1", csv.as_bytes())?.0]);
    let mut all: Vec<Traveller> =
        (0..count).map(|number| evaluation::innocent(SEED, number).traveller).collect();
    all.sort_by(|a, b| (&a.surname, &a.given).cmp(&(&b.surname, &b.given)));
    let mut sieve = Sieve::new(&index);
    for round in ["names not known yet", "names known"] {
        let began = Instant::now();
        let kept = all.iter().filter(|t| {
            let (birth_date, sex, nationality) = (t.birth_date, t.sex, t.nationality);
            sieve.keeps((&t.surname, &t.given), &Beside { birth_date, sex, nationality })
        });
        let kept = kept.count();
        println!("sieve, {round}: {}, {kept} of {count} kept", each(began, count));
    }
    let mut screener = Screener::new(&index);
    let began = Instant::now();
    let mut shown = 0;
    for traveller in &all {
        shown += u64::from(screener.screen(traveller).iter().any(|hit| hit.band > Band::Silent));
    }
    println!("screening: {}, {shown} of {count} shown", each(began, count));
    Ok(())
}

fn each(began: Instant, count: u64) -> String {
    format!("{:.0} ns a traveller", began.elapsed().as_secs_f64() * 1e9 / count as f64)
}
