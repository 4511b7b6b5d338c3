//! `passerelle watchlist`: what travellers are compared with.

mod documents;
mod thresholds;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result, ensure};
use audit::{Actor, Digest, Event};
use screening::Watchlist;
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
        after_help = "Reads the lists of the UN (XML), OFAC (CSV, XML, advanced XML), the EU (XML), the UK (CSV),
OpenSanctions (FollowTheMoney JSON lines), and our CSV with the header
id,name,alias,birth_date,sex,nationality,documents,reason
A list of lost, stolen or revoked travel documents is a CSV with the header
number,issuing_state,type and perhaps reported,reason; it may have a hundred million lines.
A running node takes the list up within seconds, and screens what it keeps against all that
is new or has changed; `passerelle watchlist status` tells how far it has come.

Examples:
  passerelle watchlist load gbr un consolidated.xml
  passerelle watchlist load gbr ofac sdn.csv alt.csv sdn_comments.csv
  passerelle watchlist load gbr national persons.csv --confirm-shrunk
  passerelle watchlist load gbr sltd documents.csv"
    )]
    Load {
        #[command(flatten)]
        node: NodeDir,
        /// The name that the list has here: un, ofac, national …
        name: String,
        /// The file; of OFAC's CSV, its files in any order.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The publisher's version; the day's date when absent.
        #[arg(long)]
        version: Option<String>,
        /// Load it although it has shrunk by more than a tenth.
        #[arg(long, alias = "confirm")]
        confirm_shrunk: bool,
    },
    /// Show the lists that are loaded
    #[command(after_help = "Example:\n  passerelle watchlist list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Show every version of a list that was loaded
    #[command(after_help = "Example:\n  passerelle watchlist versions gbr national")]
    Versions {
        #[command(flatten)]
        node: NodeDir,
        /// The list.
        name: String,
    },
    /// Show how far kept lists have been screened against the watchlists of now
    #[command(after_help = "Example:\n  passerelle watchlist status gbr")]
    Status {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Show which stored matches other thresholds would put before officers, or take away
    #[command(after_help = "Nothing is changed: thresholds stand in passerelle.toml, for each list

  [screening.lists.national]
  possible = 12.0
  hit = 16.5

Example:
  passerelle watchlist thresholds gbr national --possible 12 --hit 16.5")]
    Thresholds {
        #[command(flatten)]
        node: NodeDir,
        /// The list.
        name: String,
        /// From where on one officer looks at it, in nats.
        #[arg(long)]
        possible: f64,
        /// From where on two do, in nats.
        #[arg(long)]
        hit: f64,
    },
}

/// Runs it.
pub fn run(command: WatchlistCommand) -> Result<()> {
    match command {
        WatchlistCommand::Load { node, name, files, version, confirm_shrunk } => {
            let node = Node::open(&node.dir)?;
            let loaded = load(&node, &name, &files, version.as_deref(), confirm_shrunk)?;
            let (entries, are) =
                if loaded.entries == 1 { ("entry", "is") } else { ("entries", "are") };
            println!(
                "{} {entries} of {name}, version {}, {are} loaded.",
                loaded.entries, loaded.version
            );
            Ok(())
        }
        WatchlistCommand::List { node } => list(&Node::open(&node.dir)?),
        WatchlistCommand::Versions { node, name } => versions(&Node::open(&node.dir)?, &name),
        WatchlistCommand::Status { node } => status(&Node::open(&node.dir)?),
        WatchlistCommand::Thresholds { node, name, possible, hit } => {
            let thresholds = screening::Thresholds::new(possible, hit).or_wrong_use()?;
            thresholds::compare(&Node::open(&node.dir)?, &name, thresholds)
        }
    }
}

/// Reads a list, keeps its file, and has the node take it up. Several files are read as
/// one (OFAC's).
pub fn load(
    node: &Node,
    name: &str,
    files: &[PathBuf],
    version: Option<&str>,
    confirm: bool,
) -> Result<WatchlistRow> {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    ensure!(
        (1..=40).contains(&name.len()) && plain,
        WrongUse(format!("{name:?} is no name for a list: small letters, digits, hyphens"))
    );
    let file = files.first().context("a list needs a file")?;
    let old = node.store().watchlists()?.into_iter().find(|w| w.name == name);
    let version = version.map_or_else(|| clock::utc().date().to_string(), str::to_owned);
    let of_documents = documents::is_one(file)?;
    if let Some(old) = &old {
        let of = |documents| if documents { "documents" } else { "persons" };
        let was = old.holds_documents();
        ensure!(
            was == of_documents,
            WrongUse(format!(
                "{name} is a list of {}, and {} is one of {}: give it another name",
                of(was),
                file.display(),
                of(of_documents)
            ))
        );
    }
    if of_documents {
        ensure!(files.len() == 1, WrongUse("a list of documents is one file".to_owned()));
        return documents::load(node, (name, version), file, (old.as_ref(), confirm));
    }
    let mut bytes = Vec::new();
    for part in files {
        let read =
            std::fs::read(part).with_context(|| format!("{} cannot be read", part.display()))?;
        eprintln!("{}: {} bytes read", part.display(), read.len());
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        bytes.extend(read);
    }
    let digest = Digest::of(&bytes);
    let read = screening::read_whole_list(name, &version, &bytes)
        .with_context(|| format!("{} is no watchlist", file.display()))
        .or_wrong_use()?;
    let (list, findings) = (read.list, read.findings);
    ensure!(
        files.len() == 1 || read.format == "OFAC list, CSV",
        WrongUse(format!("{} is a {}: that is one file", file.display(), read.format))
    );
    eprintln!(
        "{}: {}; {} persons, {} others passed over, {} findings",
        file.display(),
        read.format,
        list.entries.len(),
        read.others,
        findings.len()
    );
    for finding in findings.iter().take(10) {
        eprintln!("{}: {finding}", file.display());
    }
    if findings.len() > 10 {
        eprintln!("{}: {} more findings", file.display(), findings.len() - 10);
    }
    let entries = list.entries.len() as u64;
    ensure!(entries > 0, WrongUse(format!("{} names nobody", file.display())));
    if let Some(old) = &old {
        say_what_changed(node, old, &list);
        check_size(old, entries, confirm)?;
    }
    let kept = format!("{name}-{}", &digest.to_string()[..16]);
    tls::write_secret(&node.layout().watchlists().join(&kept), &bytes)?;
    let event = Event::WatchlistLoaded {
        watchlist: name.to_owned(),
        version: version.clone(),
        digest,
        entries,
    };
    record(node, (name.to_owned(), version, kept), (digest, entries), event)
}

/// A list that has shrunk by more than a tenth is taken where somebody has said so.
fn check_size(old: &WatchlistRow, entries: u64, confirm: bool) -> Result<()> {
    ensure!(
        entries * 10 >= old.entries * 9 || confirm,
        "{} would shrink from {} entries to {entries}. If that is right, say --confirm-shrunk",
        old.name,
        old.entries
    );
    Ok(())
}

/// Has the node take up a list whose file is kept.
fn record(
    node: &Node,
    (name, version, file): (String, String, String),
    (digest, entries): (Digest, u64),
    event: Event,
) -> Result<WatchlistRow> {
    let (digest, loaded_at) = (digest.to_string(), clock::now());
    let row = WatchlistRow { name, version, digest, entries, file, loaded_at };
    let change = Change::Watchlist(row.clone());
    node.record(vec![change], Actor::Officer(AT_THE_MACHINE.into()), vec![event])?;
    Ok(row)
}

/// What a new version adds, removes and changes, by the publisher's ids.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<String>,
}

impl Changes {
    fn between(old: &Watchlist, new: &Watchlist) -> Self {
        let of = |list: &Watchlist| -> BTreeMap<String, Vec<u8>> {
            list.entries.iter().map(|e| (e.id.clone(), e.canonical())).collect()
        };
        let (old, new) = (of(old), of(new));
        let mut changes = Self::default();
        for (id, now) in &new {
            match old.get(id) {
                None => changes.added.push(id.clone()),
                Some(before) if before != now => changes.changed.push(id.clone()),
                Some(_) => {}
            }
        }
        changes.removed = old.into_keys().filter(|id| !new.contains_key(id)).collect();
        changes
    }
}

fn say_what_changed(node: &Node, old: &WatchlistRow, new: &Watchlist) {
    let path = node.layout().watchlists().join(&old.file);
    let before = std::fs::read(&path).ok();
    let before =
        before.and_then(|bytes| screening::read_list(&old.name, &old.version, &bytes).ok());
    let Some((before, _)) = before else {
        eprintln!("{} cannot be read any more: what has changed cannot be told", path.display());
        return;
    };
    let changes = Changes::between(&before, new);
    for (what, ids) in
        [("added", &changes.added), ("removed", &changes.removed), ("changed", &changes.changed)]
    {
        let more = if ids.len() > 20 { " …" } else { "" };
        let shown: Vec<&str> = ids.iter().take(20).map(String::as_str).collect();
        eprintln!("{} {what}: {}{more}", ids.len(), shown.join(", "));
    }
}

fn versions(node: &Node, name: &str) -> Result<()> {
    let rows: Vec<Vec<String>> = node
        .store()
        .watchlist_versions(name)?
        .into_iter()
        .map(|w| {
            let loaded = w.loaded_at.strftime("%Y-%m-%d %H:%M").to_string();
            vec![w.version, w.entries.to_string(), loaded, w.digest[..16].to_owned()]
        })
        .collect();
    ensure!(!rows.is_empty(), WrongUse(format!("no list called {name} was ever loaded")));
    table(&["VERSION", "ENTRIES", "LOADED (UTC)", "SHA-256"], &rows);
    Ok(())
}

fn status(node: &Node) -> Result<()> {
    list(node)?;
    let store = node.store();
    let left = store.left_to_rescreen(&store.watchlists_digest()?.to_string())?;
    let kept = store.counts()?.lists;
    println!();
    match left {
        0 => println!("All kept lists have been screened against these watchlists."),
        n => println!(
            "{n} of {kept} kept lists wait to be screened; a running node does it by itself."
        ),
    }
    println!(
        "Pairs that are cleared, and not raised again: {}.",
        store.cleared_pairs(clock::utc().date())?
    );
    Ok(())
}

fn list(node: &Node) -> Result<()> {
    let rows: Vec<Vec<String>> = node
        .store()
        .watchlists()?
        .into_iter()
        .map(|w| {
            let loaded = w.loaded_at.strftime("%Y-%m-%d %H:%M").to_string();
            let of = if w.holds_documents() { "documents" } else { "persons" };
            let (entries, digest) = (w.entries.to_string(), w.digest[..16].to_owned());
            vec![w.name, w.version, of.to_owned(), entries, loaded, digest]
        })
        .collect();
    if rows.is_empty() {
        println!(
            "No watchlist is loaded: nobody is compared with anything. `passerelle watchlist load` loads one."
        );
        return Ok(());
    }
    table(&["LIST", "VERSION", "OF", "ENTRIES", "LOADED (UTC)", "SHA-256"], &rows);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn list(lines: &str) -> Watchlist {
        let head = "id,name,alias,birth_date,sex,nationality,documents,reason\n";
        screening::read_list("l", "1", format!("{head}{lines}").as_bytes()).unwrap().0
    }

    #[test]
    fn a_new_version_says_what_it_adds_removes_and_changes() {
        let old = list("1,Ann Oldcastle,,,,,,\n2,Bo Torn,,,,,,\n3,Cy Lamp,,1980,,,,\n");
        let new = list("1,Ann Oldcastle,,,,,,\n3,Cy Lamp,,1981,,,,\n4,Di Vandrey,,,,,,\n");
        let expected = Changes {
            added: vec!["4".into()],
            removed: vec!["2".into()],
            changed: vec!["3".into()],
        };
        assert_eq!(Changes::between(&old, &new), expected);
    }
}
