//! The watchlists in use: of persons, held in one index, and of documents, each a set on the disk.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result, bail};
use audit::Digest;
use screening::{
    Index, Watchlist,
    documents::{Became, DocumentList, InMemory, RunsInMemory, Sorter, compare},
};
use store::rows::WatchlistRow;

use super::Node;
use crate::documents;

/// What travellers are compared with.
pub struct Against {
    /// Persons.
    pub index: Index,
    /// Lists of documents.
    pub documents: Vec<Arc<DocumentList>>,
}

/// The watchlists that travellers are compared with at the moment.
pub struct Loaded {
    /// All of them.
    all: Against,
    /// Digest over names and digests of the lists.
    pub digest: Digest,
    /// What was loaded before, and all that is new or was changed since.
    changed: Option<(Digest, Against)>,
    /// Version of every entry, by list and id: a digest of what the list says of it.
    versions: HashMap<(String, String), String>,
    /// Digests of the lists of documents, in their order.
    of_documents: Vec<String>,
}

impl Loaded {
    /// No watchlist at all.
    pub(super) fn nothing() -> Self {
        Self {
            all: Against { index: Index::build(Vec::new()), documents: Vec::new() },
            digest: Digest::of(b""),
            changed: None,
            versions: HashMap::new(),
            of_documents: Vec::new(),
        }
    }

    /// All of it.
    pub fn all(&self) -> &Against {
        &self.all
    }

    /// What is to be looked for in what was compared with watchlists of this digest, where less than all
    /// is enough.
    pub fn since(&self, before: &str) -> Option<&Against> {
        let (since, changed) = self.changed.as_ref()?;
        (since.to_string() == before).then_some(changed)
    }

    /// The version of an entry, empty when there is no such entry.
    pub fn version(&self, list: &str, entry: &str) -> &str {
        let key = (list.to_owned(), entry.to_owned());
        self.versions.get(&key).map_or("", String::as_str)
    }

    fn is_nothing(&self) -> bool {
        self.versions.is_empty() && self.all.documents.is_empty()
    }

    fn document_list(&self, name: &str) -> Option<(&Arc<DocumentList>, &str)> {
        let lists = self.all.documents.iter().zip(&self.of_documents);
        lists.map(|(list, digest)| (list, digest.as_str())).find(|(list, _)| list.name == name)
    }
}

/// The version of an entry.
fn version_of(entry: &screening::Entry) -> String {
    Digest::of(&entry.canonical()).to_string()[..16].to_owned()
}

/// So many new documents are held in memory; where there are more, the whole list is looked for.
const MOST_NEW: usize = 1_000_000;

impl Node {
    /// Loads the watchlists that the store names, and swaps them in. Gives whether
    /// anything changed.
    ///
    /// # Errors
    /// A list cannot be read any more, or was changed since it was loaded.
    pub fn load_watchlists(&self) -> Result<bool> {
        let digest = self.store.watchlists_digest()?;
        let before = self.watchlists();
        if before.digest == digest {
            return Ok(false);
        }
        let rows = self.store.watchlists()?;
        let (of_documents, of_persons): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(WatchlistRow::holds_documents);
        let (documents, new_documents) = self.document_lists(&of_documents, &before)?;
        let lists = of_persons.iter().map(|row| self.persons(row)).collect::<Result<Vec<_>>>()?;
        let (versions, changed) = new_entries(&lists, &before);
        // The first lists of a node that starts are all new: nothing is saved by a
        // second index of them.
        let changed = (!before.is_nothing()).then(|| {
            let changed = Against { index: Index::build(changed), documents: new_documents };
            (before.digest, changed)
        });
        let all = Against { index: Index::build(lists), documents };
        let of_documents = of_documents.into_iter().map(|row| row.digest).collect();
        let loaded = Loaded { all, digest, changed, versions, of_documents };
        *self.index.write() = Arc::new(loaded);
        Ok(true)
    }

    fn persons(&self, row: &WatchlistRow) -> Result<Watchlist> {
        let path = self.layout.watchlists().join(&row.file);
        let bytes =
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        if Digest::of(&bytes).to_string() != row.digest {
            bail!("{} was changed since it was loaded; load it again", path.display());
        }
        let (list, _) = screening::read_list(&row.name, &row.version, &bytes)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(list)
    }

    /// The lists of documents, and what is new on them.
    fn document_lists(&self, rows: &[WatchlistRow], before: &Loaded) -> Result<(Lists, Lists)> {
        let (mut all, mut new) = (Vec::new(), Vec::new());
        for row in rows {
            let known = before.document_list(&row.name);
            if let Some((list, _)) = known.filter(|(_, digest)| *digest == row.digest) {
                all.push(Arc::clone(list));
                continue;
            }
            let path = self.layout.watchlists().join(&row.file);
            let digest = Digest::parse(&row.digest).context("a watchlist's digest is none")?;
            let set = documents::open(&path, digest)?;
            let (name, version) = (row.name.clone(), row.version.clone());
            let list = Arc::new(DocumentList { name, version, set });
            match known {
                Some((known, _)) => new.push(new_documents(known, &list)?),
                None => new.push(Arc::clone(&list)),
            }
            all.push(list);
        }
        Ok((all, new))
    }
}

type Lists = Vec<Arc<DocumentList>>;

/// What is new on a list of documents, or all of it where that is too much to hold.
fn new_documents(before: &DocumentList, now: &Arc<DocumentList>) -> Result<Arc<DocumentList>> {
    let mut new = Vec::new();
    compare(&before.set, &now.set, &mut |became, document| {
        if became != Became::Removed && new.len() <= MOST_NEW {
            new.push(document);
        }
    })
    .with_context(|| format!("what is new on {} cannot be told", now.name))?;
    if new.len() > MOST_NEW {
        return Ok(Arc::clone(now));
    }
    let mut sorter = Sorter::new(RunsInMemory::default(), MOST_NEW);
    new.into_iter().try_for_each(|document| sorter.add(document))?;
    let mut pages = InMemory::default();
    sorter.finish(&mut pages)?;
    let (name, version) = (now.name.clone(), now.version.clone());
    Ok(Arc::new(DocumentList { name, version, set: pages.set()? }))
}

type Versions = HashMap<(String, String), String>;

/// The version of every entry, and the entries that are new or were changed.
fn new_entries(lists: &[Watchlist], before: &Loaded) -> (Versions, Vec<Watchlist>) {
    let mut versions = HashMap::new();
    let mut changed = Vec::with_capacity(lists.len());
    for list in lists {
        let (name, version) = (list.name.clone(), list.version.clone());
        let mut delta = Watchlist { name, version, entries: Vec::new() };
        for entry in &list.entries {
            let version = version_of(entry);
            if before.version(&list.name, &entry.id) != version {
                delta.entries.push(entry.clone());
            }
            versions.insert((list.name.clone(), entry.id.clone()), version);
        }
        changed.push(delta);
    }
    (versions, changed)
}
