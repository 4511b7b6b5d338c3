//! `passerelle watchlist load` of a list of documents.

use std::{collections::BTreeMap, fs, fs::File, io::Read, path::Path};

use anyhow::{Context, Result, ensure};
use audit::{Digest, Event};
use screening::documents::{Became, DocumentSet, compare, looks_like};
use store::rows::WatchlistRow;

use super::{check_size, record};
use crate::{
    cli::{OrWrongUse, WrongUse},
    documents,
    node::Node,
};

/// Whether a file begins like a list of documents.
pub(super) fn is_one(path: &Path) -> Result<bool> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut head = Vec::new();
    file.take(4096).read_to_end(&mut head)?;
    Ok(looks_like(&head))
}

/// Makes a set of the file, says what has changed, and has the node take it up.
pub(super) fn load(
    node: &Node,
    (name, version): (&str, String),
    file: &Path,
    (old, confirm): (Option<&WatchlistRow>, bool),
) -> Result<WatchlistRow> {
    let shown = file.display();
    let place = node.layout().watchlists();
    let source = File::open(file).with_context(|| format!("{shown} cannot be read"))?;
    let made = documents::make(source, &place)
        .with_context(|| format!("{shown} is not loaded"))
        .or_wrong_use()?;
    let entries = made.sorted.entries;
    eprintln!(
        "{shown}: {} lines are documents, of which {} are said again; {} lines left out, {} findings",
        made.read.documents, made.sorted.repeated, made.read.left_out, made.read.noted
    );
    for finding in made.read.findings.iter().take(10) {
        eprintln!("{shown}: {finding}");
    }
    if made.read.noted > 10 {
        eprintln!("{shown}: {} more findings", made.read.noted - 10);
    }
    ensure!(entries > 0, WrongUse(format!("{shown} lists no document")));
    let changes = match old {
        Some(old) => Changes::since(node, old, &made.open()?),
        None => Some(Changes { added: entries, ..Changes::default() }),
    };
    if let Some(old) = old {
        match &changes {
            Some(changes) => changes.say(),
            None => {
                eprintln!("{} cannot be read any more: what has changed cannot be told", old.file)
            }
        }
        check_size(old, entries, confirm)?;
    }
    let (digest, source) = (made.digest, made.source);
    let kept = format!("{name}-{}{}", &digest.to_string()[..16], WatchlistRow::DOCUMENTS);
    made.keep(&place.join(&kept))?;
    let changes = changes.unwrap_or_default();
    let event = Event::DocumentsLoaded {
        watchlist: name.to_owned(),
        version: version.clone(),
        source,
        digest,
        entries,
        added: changes.added,
        removed: changes.removed,
    };
    let row = record(node, (name.to_owned(), version, kept.clone()), (digest, entries), event)?;
    remove_older(&place, name, [Some(kept.as_str()), old.map(|o| o.file.as_str())]);
    Ok(row)
}

/// What a new version adds, removes and changes, by issuing state.
#[derive(Default)]
struct Changes {
    added: u64,
    removed: u64,
    changed: u64,
    by_state: BTreeMap<String, u64>,
}

impl Changes {
    /// None where the old version cannot be read any more.
    fn since(node: &Node, old: &WatchlistRow, new: &DocumentSet) -> Option<Self> {
        let path = node.layout().watchlists().join(&old.file);
        let before = documents::open(&path, Digest::parse(&old.digest)?).ok()?;
        let mut changes = Self::default();
        compare(&before, new, &mut |became, document| {
            *match became {
                Became::Added => &mut changes.added,
                Became::Removed => &mut changes.removed,
                Became::Changed => &mut changes.changed,
            } += 1;
            *changes.by_state.entry(document.key.issuer().to_string()).or_default() += 1;
        })
        .ok()?;
        Some(changes)
    }

    fn say(&self) {
        eprintln!("{} added, {} removed, {} changed", self.added, self.removed, self.changed);
        let mut states: Vec<_> = self.by_state.iter().collect();
        states.sort_by_key(|(state, n)| (std::cmp::Reverse(**n), (*state).clone()));
        if !states.is_empty() {
            let shown: Vec<_> = states.iter().take(10).map(|(s, n)| format!("{s} {n}")).collect();
            let more = if states.len() > 10 { " …" } else { "" };
            eprintln!("by issuing state: {}{more}", shown.join(", "));
        }
    }
}

/// Removes the files of versions before the last two: they are large, and what they held is told
/// by nobody any more. A node that still reads one keeps it until it has taken up the newer.
fn remove_older(place: &Path, name: &str, kept: [Option<&str>; 2]) {
    for file in fs::read_dir(place).into_iter().flatten().flatten() {
        let of = file.file_name().to_string_lossy().into_owned();
        let digest = of
            .strip_suffix(WatchlistRow::DOCUMENTS)
            .and_then(|f| f.strip_prefix(name)?.strip_prefix('-'));
        let ours =
            digest.is_some_and(|d| d.len() == 16 && d.bytes().all(|b| b.is_ascii_hexdigit()));
        if ours && !kept.contains(&Some(of.as_str())) && fs::remove_file(file.path()).is_err() {
            eprintln!("{} is needed no longer and cannot be removed", file.path().display());
        }
    }
}
