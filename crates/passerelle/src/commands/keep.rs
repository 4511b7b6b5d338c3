//! `passerelle keep`: what the clocks say, and doing it by hand.

use anyhow::{Result, ensure};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;

use super::table;
use crate::{
    cli::{NodeDir, WrongUse},
    clock, keeper,
    node::Node,
};

/// `passerelle keep`.
#[derive(Debug, clap::Subcommand)]
pub enum KeepCommand {
    /// Mask and erase what is due; a running node does so by itself
    #[command(after_help = "Examples:
  passerelle keep run gbr
  passerelle keep run gbr --as-of 2031-01-01 --for-good   as if it were that day; nothing brings it back")]
    Run {
        #[command(flatten)]
        node: NodeDir,
        /// Now, which is what is done without --as-of.
        #[arg(long, conflicts_with = "as_of")]
        now: bool,
        /// As if it were this day.
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        /// That keys whose day has not come may be destroyed.
        #[arg(long)]
        for_good: bool,
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Show every key with its days
    #[command(after_help = "Example:\n  passerelle keep status gbr")]
    Status {
        #[command(flatten)]
        node: NodeDir,
    },
}

/// Runs it.
pub fn run(command: KeepCommand) -> Result<()> {
    match command {
        KeepCommand::Run { node, as_of, for_good, json, .. } => {
            let node = Node::open(&node.dir)?;
            let mut at = clock::now();
            if let Some(day) = as_of {
                let then = day.to_zoned(TimeZone::UTC)?.timestamp();
                ensure!(
                    then <= at || for_good,
                    WrongUse(
                        "that day has not come: say --for-good, for nothing brings it back".into()
                    )
                );
                at = then;
            }
            let kept = keeper::keep(&node, at)?;
            node.close();
            if json {
                println!("{}", json!(kept));
                return Ok(());
            }
            if kept.is_nothing() {
                println!("Nothing is due.");
            }
            kept.masked.iter().for_each(|name| println!("masked  {name}"));
            kept.erased.iter().for_each(|name| println!("erased  {name}"));
            if !kept.scrubbed {
                println!(
                    "The write-ahead log could not be cut while somebody reads; run this again."
                );
            }
            Ok(())
        }
        KeepCommand::Status { node } => status(&Node::open(&node.dir)?),
    }
}

fn status(node: &Node) -> Result<()> {
    let day = |d: Option<Date>| d.map_or_else(|| "-".to_owned(), |d| d.to_string());
    let keys = node.store().day_keys()?;
    if keys.is_empty() {
        println!("No list was kept yet, so there is no key.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|k| {
            let state = match (k.live, k.erased_at) {
                (_, Some(_)) => "erased",
                (true, None) => "live",
                (false, None) => "masked",
            };
            let name = store::key_name(&k.scope, k.day);
            vec![name, state.to_owned(), day(k.mask_due), k.erase_due.to_string()]
        })
        .collect();
    table(&["key", "state", "mask", "erase"], &rows);
    Ok(())
}
