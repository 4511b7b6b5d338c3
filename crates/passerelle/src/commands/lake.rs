//! `passerelle lake`: what lists of days past are found by, and how it stands.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use store::{LakePart, StoreError};

use crate::{
    cli::{self, NodeDir},
    clock,
    node::Node,
};

/// `passerelle lake`.
#[derive(Debug, clap::Subcommand)]
pub enum LakeCommand {
    /// How large it is, what waits to go there, and what to be looked through
    #[command(after_help = "Examples:
  passerelle lake status gbr
  passerelle lake status gbr --json")]
    Status(Given),
    /// Move what is old enough, make one part of the small ones of a day, remove what nobody needs
    #[command(after_help = "A running node does so by itself, little by little; it may be running.

Examples:
  passerelle lake compact gbr
  passerelle lake compact gbr --json")]
    Compact(Given),
    /// Forget it and make it anew from the lists
    #[command(
        after_help = "Nobody is lost by it: the lists are the truth. Meanwhile searches open lists one by one, as
far as they go, and say how many they did not look at. What is in a new place ([lake] in
passerelle.toml) comes there by this, too.

Examples:
  passerelle lake rebuild gbr
  passerelle lake rebuild gbr --json"
    )]
    Rebuild(Given),
    /// Read every file of it; exit code 1 when one is lost, cut, changed, or belongs to nothing
    #[command(after_help = "Examples:
  passerelle lake verify gbr
  passerelle lake verify gbr --json")]
    Verify(Given),
}

/// What every one of them is given.
#[derive(Debug, clap::Args)]
pub struct Given {
    #[command(flatten)]
    pub node: NodeDir,
    /// One JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(command: LakeCommand) -> ExitCode {
    match command {
        LakeCommand::Status(given) => with(&given, |_| Ok(())),
        LakeCommand::Compact(given) => with(&given, |node| {
            node.store().remove_orphans(clock::now())?;
            node.store().sweep_lake()?;
            fill(node)?;
            while node.store().compact_lake_fully(clock::now())? > 0 {}
            Ok(())
        }),
        LakeCommand::Rebuild(given) => with(&given, |node| {
            node.store().forget_lake()?;
            fill(node)
        }),
        LakeCommand::Verify(given) => match verify(&given) {
            Ok(whole) => ExitCode::from(u8::from(!whole)),
            Err(e) => cli::done(Err(e)),
        },
    }
}

/// Does something to the lake of a node, and says how it stands.
fn with(given: &Given, work: impl FnOnce(&Node) -> Result<()>) -> ExitCode {
    let done = Node::open(&given.node.dir).and_then(|node| {
        work(&node)?;
        status(&node, given.json)?;
        node.close();
        Ok(())
    });
    cli::done(done)
}

/// Moves all that is old enough; tells how far it is.
fn fill(node: &Node) -> Result<()> {
    let store = node.store();
    let until = node.config().lake.until(clock::now());
    let all = store.lake_status(until)?.waiting;
    let (mut moved, mut told) = (0, 0);
    loop {
        match store.move_to_lake(until, clock::now())? {
            0 => return Ok(()),
            n => moved += n,
        }
        let percent = moved * 100 / all.max(1);
        if percent >= told + 10 {
            told = percent;
            eprintln!("moving into the lake: {percent} % of {all} lists");
        }
    }
}

fn status(node: &Node, as_json: bool) -> Result<()> {
    let config = node.config();
    let s = node.store().lake_status(config.lake.until(clock::now()))?;
    let each = if s.travellers == 0 { 0.0 } else { s.bytes as f64 / s.travellers as f64 };
    if as_json {
        println!(
            "{}",
            json!({
                "place": s.place, "parts": s.parts, "days": s.days,
                "first_day": s.span.map(|(first, _)| first.to_string()),
                "last_day": s.span.map(|(_, last)| last.to_string()),
                "lists": s.lists, "travellers": s.travellers, "size_bytes": s.bytes,
                "bytes_per_traveller": (each * 10.0).round() / 10.0,
                "after_days": config.lake.after_days,
                "waiting": s.waiting, "to_hunt": s.to_hunt, "to_sweep": s.to_sweep,
            })
        );
        return Ok(());
    }
    println!("{}, lists of {} days past and more", s.place, config.lake.after_days);
    match s.span {
        Some((first, last)) => {
            println!("  {} to {}: {} days in {} parts", first, last, s.days, s.parts);
            println!(
                "  {} travellers on {} lists, {:.1} MB, {each:.1} bytes a traveller",
                s.travellers,
                s.lists,
                s.bytes as f64 / 1e6
            );
        }
        None => println!("  nothing is in it yet"),
    }
    if s.waiting > 0 {
        println!("  {} lists wait to be moved there", s.waiting);
    }
    if s.to_hunt > 0 {
        println!("  {} lists wait to be looked through for what is new on watchlists", s.to_hunt);
    }
    if s.to_sweep > 0 {
        println!("  {} parts are gone and their files not removed yet", s.to_sweep);
    }
    Ok(())
}

/// Whether every file is there and opens, and there are no others.
fn verify(given: &Given) -> Result<bool> {
    let node = Node::open(&given.node.dir)?;
    let store = node.store();
    let check = store.check_lake()?;
    let parts = store.lake_parts()?;
    let (mut broken, mut told) = (Vec::new(), 0);
    for (number, part) in parts.iter().enumerate() {
        match store.verify_part(part) {
            Ok(()) => {}
            Err(e @ StoreError::Lake(_)) => broken.push(say(part, &e)),
            Err(e) => return Err(e.into()),
        }
        let percent = (number + 1) * 100 / parts.len();
        if percent >= told + 10 {
            told = percent;
            eprintln!("reading the lake: {percent} % of {} parts", parts.len());
        }
    }
    node.close();
    let whole = broken.is_empty() && check.missing.is_empty() && check.orphans.is_empty();
    if given.json {
        let (missing, orphans) = (&check.missing, &check.orphans);
        println!(
            "{}",
            json!({"ok": whole, "parts": parts.len(), "broken": broken, "missing": missing, "orphans": orphans})
        );
        return Ok(whole);
    }
    broken.iter().for_each(|line| println!("BROKEN  {line}"));
    check.missing.iter().for_each(|name| println!("MISSING  {name}"));
    check.orphans.iter().for_each(|name| println!("ORPHAN  {name}"));
    let word = if whole { "the lake is whole" } else { "the lake is not whole" };
    println!("{} parts read: {word}", parts.len());
    if !(broken.is_empty() && check.missing.is_empty()) {
        println!("`passerelle lake rebuild {}` makes it anew.", given.node.dir.display());
    } else if !check.orphans.is_empty() {
        println!(
            "`passerelle lake compact {}` removes what is older than an hour.",
            given.node.dir.display()
        );
    }
    Ok(whole)
}

fn say(part: &LakePart, e: &StoreError) -> String {
    format!("{} {}: {e}", part.day, part.id)
}
