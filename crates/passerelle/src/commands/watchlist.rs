//! `passerelle watchlist`: what travellers are compared with.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use audit::{Actor, Digest, Event};
use store::{Change, rows::WatchlistRow};

use super::{AT_THE_MACHINE, table};
use crate::{
    cli::{NodeDir, OrWrongUse, WrongUse},
    clock,
    node::Node,
    tls,
};

/// `passerelle watchlist …`.
#[derive(Debug, clap::Subcommand)]
pub enum WatchlistCommand {
    /// Load a list, or a new version of one
    #[command(
        after_help = "Reads the UN consolidated list (XML), OFAC sdn.csv, and our CSV with the header
id,name,alias,birth_date,sex,nationality,documents,reason

Examples:
  passerelle watchlist load gbr un consolidated.xml
  passerelle watchlist load gbr national persons.csv --confirm"
    )]
    Load {
        #[command(flatten)]
        node: NodeDir,
        /// The name that the list has here: un, ofac, national …
        name: String,
        /// The file.
        file: PathBuf,
        /// The publisher's version; the day's date when absent.
        #[arg(long)]
        version: Option<String>,
        /// Load it although it has shrunk by more than a tenth.
        #[arg(long)]
        confirm: bool,
    },
    /// Show the lists that are loaded
    #[command(after_help = "Example:\n  passerelle watchlist list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
}

/// Runs it.
pub fn run(command: WatchlistCommand) -> Result<()> {
    match command {
        WatchlistCommand::Load { node, name, file, version, confirm } => {
            let node = Node::open(&node.dir)?;
            let loaded = load(&node, &name, &file, version.as_deref(), confirm)?;
            let (entries, are) =
                if loaded.entries == 1 { ("entry", "is") } else { ("entries", "are") };
            println!(
                "{} {entries} of {name}, version {}, {are} loaded.",
                loaded.entries, loaded.version
            );
            Ok(())
        }
        WatchlistCommand::List { node } => list(&Node::open(&node.dir)?),
    }
}

/// Reads a list, keeps its file, and has the node take it up.
pub fn load(
    node: &Node,
    name: &str,
    file: &Path,
    version: Option<&str>,
    confirm: bool,
) -> Result<WatchlistRow> {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    ensure!(
        (1..=40).contains(&name.len()) && plain,
        WrongUse(format!("{name:?} is no name for a list: small letters, digits, hyphens"))
    );
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let digest = Digest::of(&bytes);
    let version = version.map_or_else(|| clock::utc().date().to_string(), str::to_owned);
    let (list, findings) = screening::read_list(name, &version, &bytes)
        .with_context(|| format!("{} is no watchlist", file.display()))
        .or_wrong_use()?;
    for finding in findings.iter().take(10) {
        eprintln!("{}: {finding}", file.display());
    }
    if findings.len() > 10 {
        eprintln!("{}: {} more findings", file.display(), findings.len() - 10);
    }
    let entries = list.entries.len() as u64;
    ensure!(entries > 0, WrongUse(format!("{} names nobody", file.display())));
    if let Some(old) = node.store().watchlists()?.into_iter().find(|w| w.name == name)
        && entries * 10 < old.entries * 9
        && !confirm
    {
        bail!(
            "{name} would shrink from {} entries to {entries}. If that is right, say --confirm",
            old.entries
        );
    }
    let kept = format!("{name}-{}", &digest.to_string()[..16]);
    tls::write_secret(&node.layout().watchlists().join(&kept), &bytes)?;
    let row = WatchlistRow {
        name: name.to_owned(),
        version: version.clone(),
        digest: digest.to_string(),
        entries,
        file: kept,
        loaded_at: clock::now(),
    };
    let event = Event::WatchlistLoaded { watchlist: name.to_owned(), version, digest, entries };
    node.record(
        vec![Change::Watchlist(row.clone())],
        Actor::Officer(AT_THE_MACHINE.into()),
        vec![event],
    )?;
    Ok(row)
}

fn list(node: &Node) -> Result<()> {
    let rows: Vec<Vec<String>> = node
        .store()
        .watchlists()?
        .into_iter()
        .map(|w| {
            let loaded = w.loaded_at.strftime("%Y-%m-%d %H:%M").to_string();
            vec![w.name, w.version, w.entries.to_string(), loaded, w.digest[..16].to_owned()]
        })
        .collect();
    if rows.is_empty() {
        println!(
            "No watchlist is loaded: nobody is compared with anything. `passerelle watchlist load` loads one."
        );
        return Ok(());
    }
    table(&["LIST", "VERSION", "ENTRIES", "LOADED (UTC)", "SHA-256"], &rows);
    Ok(())
}
