//! `passerelle keep`: what the clocks say, and doing it by hand.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use audit::Actor;
use jiff::{civil::Date, tz::TimeZone};
use policy::{Ground, RuleId};
use serde_json::json;
use store::Leaving;

use super::{AT_THE_MACHINE, table};
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
    /// Remove single travellers from a list, before its day goes
    #[command(
        after_help = "The others of the list stay, under their numbers. The whole day of the list goes over to new
keys and its old ones are destroyed, so that no copy of the store that was made before opens
anything of that day any more: make a new one, or have one made with --backup. What partners were
sent is not taken back (`passerelle partner take-back`).

Example:
  passerelle keep remove gbr 0198f2 --traveller 3 --rule UK-09 --backup /backup/gbr-today.db"
    )]
    Remove {
        #[command(flatten)]
        node: NodeDir,
        /// The list.
        list: String,
        /// Number of the traveller on the list, from 0; may be given several times.
        #[arg(long, required = true, value_name = "N")]
        traveller: Vec<u32>,
        /// The rule that asks for it, as in docs/law.md.
        #[arg(long, value_name = "ID")]
        rule: String,
        /// Where a copy of the store goes that is made afterwards.
        #[arg(long, value_name = "FILE")]
        backup: Option<PathBuf>,
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
            kept.removed.iter().for_each(|place| println!("removed {place}"));
            kept.masked.iter().for_each(|name| println!("masked  {name}"));
            kept.erased.iter().for_each(|name| println!("erased  {name}"));
            if !kept.scrubbed {
                println!(
                    "The write-ahead log could not be cut while somebody reads; run this again."
                );
            }
            Ok(())
        }
        KeepCommand::Remove { node, list, traveller, rule, backup } => {
            let rule = RuleId::named(&rule).ok_or_else(|| {
                WrongUse(format!("no rule is called {rule}; docs/law.md has them all"))
            })?;
            let leaving = Leaving { list, travellers: traveller };
            remove(&Node::open(&node.dir)?, &leaving, rule, backup.as_deref())
        }
        KeepCommand::Status { node } => status(&Node::open(&node.dir)?),
    }
}

/// Removes travellers by an order, whatever the clocks say.
fn remove(node: &Node, leaving: &Leaving, rule: RuleId, backup: Option<&Path>) -> Result<()> {
    let now = clock::now();
    ensure!(
        backup.is_none_or(|to| !to.exists()),
        WrongUse("the file of --backup is there already".into())
    );
    let store = node.store();
    let today = now.to_zoned(TimeZone::UTC).date();
    for (number, ground) in store.held(&leaving.list, today)? {
        let stays = ground != Ground::UpheldHit && ground != Ground::OpenHit;
        ensure!(
            !(stays && leaving.travellers.contains(&number)),
            "traveller {number} of {} is kept by a {}: close it first (`passerelle case list`)",
            leaving.list,
            ground.words()
        );
    }
    // What is under way is brought to its end first: a day goes over once at a time.
    keeper::go_on(node, now)?;
    let by = Actor::Officer(AT_THE_MACHINE.to_owned());
    let keys =
        store.begin_removal(std::slice::from_ref(leaving), &[rule.to_string()], (by, now))?;
    for (scope, day) in keys {
        let gone = store.go_over(&scope, day, now)?;
        store.purge_day(&scope, day, now)?;
        println!("{}: destroyed; {} lists of it are under new keys", gone.key, gone.lists);
    }
    println!("removed {}/{}", leaving.list, store::numbers(&leaving.travellers));
    if !store.scrub()? {
        println!(
            "The write-ahead log could not be cut while somebody reads: run `passerelle keep run`."
        );
    }
    match backup {
        Some(to) => {
            store.backup(to, |name| eprintln!("copying {name}"), now)?;
            println!("{}: a copy of the store as it is now", to.display());
        }
        None => println!(
            "Copies that were made before open nothing of that day any more: make a new one \
             (`passerelle backup`), and write the file of day keys over."
        ),
    }
    node.close();
    Ok(())
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
                (true, None) if k.going_at.is_some() => "goes over",
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
