//! `passerelle statistics`: travellers by nationality and route, small counts withheld.

use anyhow::{Result, ensure};
use api::statistics::{self, MOST_DAYS, Table};

use super::table;
use crate::{
    cli::{NodeDir, WrongUse},
    clock,
    node::Node,
};

/// Days ahead that are counted: carriers send their lists before departure.
const AHEAD: u32 = 2;

/// `passerelle statistics`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Counts below the threshold are withheld together with their names; the others are
rounded down to multiples of it, totals among them, so that no withheld count follows from the rest.

Examples:
  passerelle statistics gbr
  passerelle statistics gbr --days 30 --threshold 20 --json"
)]
pub struct StatisticsArgs {
    #[command(flatten)]
    node: NodeDir,
    /// Flights that departed within so many days, and those of the next two.
    #[arg(long, default_value_t = 7, value_name = "N")]
    days: u32,
    /// Withhold counts below this; not less than the node's configuration says.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs it.
///
/// # Errors
/// No such node, a threshold that is too small, or the store.
pub fn run(args: StatisticsArgs) -> Result<()> {
    ensure!(
        args.days <= MOST_DAYS,
        WrongUse(format!("--days {}: {MOST_DAYS} is the most", args.days))
    );
    let node = Node::open(&args.node.dir)?;
    let least = node.config().statistics.threshold;
    let threshold = args.threshold.unwrap_or(least);
    // Any other number would tell by which threshold a count falls, and so the count.
    ensure!(
        threshold >= least && threshold.is_multiple_of(least.max(1)),
        WrongUse(format!(
            "--threshold {threshold}: it has to be a multiple of {least}, which the node's configuration says"
        ))
    );
    let range = statistics::days(clock::now(), args.days, AHEAD)?;
    let found = statistics::statistics(node.store(), range, threshold)?;
    if args.json {
        println!("{}", serde_json::to_string(&found)?);
        return Ok(());
    }
    let shown = |n: Option<u64>| n.map_or(format!("fewer than {threshold}"), |n| n.to_string());
    println!(
        "Flights: {}. Travellers: {}. (Departing {} to {}; rounded down to {threshold}s.)",
        shown(found.flights),
        shown(found.travellers),
        found.from,
        found.until
    );
    if found.cut_off {
        println!("There are more lists than are counted at once; these are the first.");
    }
    if found.forgotten > 0 {
        println!("{} lists cannot be counted any more: masked or erased.", found.forgotten);
    }
    for (name, counts) in [
        ("NATIONALITY", &found.by_nationality),
        ("ROUTE", &found.by_route),
        ("ROUTE AND NATIONALITY", &found.by_route_and_nationality),
    ] {
        print(name, counts);
    }
    Ok(())
}

fn print(name: &str, counts: &Table) {
    println!();
    let mut rows: Vec<Vec<String>> =
        counts.lines.iter().map(|l| vec![l.what.clone(), l.travellers.to_string()]).collect();
    if counts.withheld {
        rows.push(vec!["others".to_owned(), "withheld".to_owned()]);
    }
    table(&[name, "TRAVELLERS"], &rows);
}
