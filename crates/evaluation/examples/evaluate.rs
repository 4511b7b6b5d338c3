//! The evaluation without the rest of the program: `cargo run --release -p evaluation
//! --example evaluate -- DIR [TRAVELLERS]`. `passerelle evaluate` prints the same.
use std::path::Path;

use evaluation::{Data, Options, evaluate, scores};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().unwrap_or_default();
    let mut options = Options::default();
    if let Some(travellers) = arguments.next() {
        options.travellers = travellers.parse()?;
    }
    let data = Data::read(Path::new(&dir))?;
    let scores = scores(&data);
    let result = evaluate(&data, &scores, &options, &|_| {})?;
    let part = |p: Option<f64>| p.map_or("-".to_owned(), |p| format!("{p:.3}"));
    for line in &result.categories {
        println!(
            "{:<10}{:<62}{:>6}{:>8.3}  ({:.3} to {:.3})  tuned {} held out {}",
            line.set,
            format!("{}{}", line.category, if line.same { "" } else { " (let through)" }),
            line.n,
            line.recall,
            line.low,
            line.high,
            part(line.recall_tuned),
            part(line.recall_held_out)
        );
    }
    for line in &result.peers {
        println!(
            "{:<30}{:<40}{:>8.3} at {:.3}",
            line.peer, line.category, line.recall, line.threshold
        );
    }
    for line in &result.cultures {
        println!(
            "{:<30}{:>8.2} ({:.2} to {:.2})",
            line.category, line.false_alerts_per_1000, line.low, line.high
        );
    }
    for line in &result.calibration {
        println!(
            "probability {:<12}{:>7} given {:.3}, came true {:.3} ({:.3} to {:.3})",
            line.category, line.n, line.probability, line.same, line.low, line.high
        );
    }
    // What `screening::weights::ONE_IN` is made of.
    let (mut above, mut rows) = (0, Vec::new());
    for (tenths, count) in result.innocent_standings.iter().rev() {
        above += count;
        rows.push((*tenths, above));
    }
    for wanted in [3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.05] {
        let most = (wanted / 10_000.0 * result.summary.travellers as f64) as u64;
        if let Some((tenths, _)) = rows.iter().rev().find(|r| r.1 <= most) {
            println!("one in {:.0}: {:.1} nats", 10_000.0 / wanted, f64::from(*tenths) / 10.0);
        }
    }
    println!("{}", serde_json::to_string_pretty(&result.summary)?);
    Ok(())
}
