//! Hits on lists of documents.
//!
//! An entry has no id but its number, and a number is a traveller's, once it is a hit: it stands
//! in the sealed hit alone. In rows the entry is known by a keyed digest of it, the same in every
//! version of the list, so that who was cleared of it stays cleared until the list says otherwise.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result};
use screening::{Hit, documents::DocumentList};
use travel::PassengerList;

use crate::node::Node;

/// Versions of the entries that were found, by their ids.
pub(super) type Versions = HashMap<String, String>;

/// Hits for all documents of a list's travellers that are listed.
pub(super) fn hits(
    node: &Node,
    list: &PassengerList,
    listed: &[Arc<DocumentList>],
) -> Result<(Vec<Hit>, Versions)> {
    let (mut hits, mut versions) = (Vec::new(), Versions::new());
    for documents in listed {
        let name = &documents.name;
        let found = documents
            .screen(list.travellers())
            .with_context(|| format!("the list of documents {name} cannot be read"))?;
        for mut hit in found {
            let known_by = |part: &[u8], text: &str| {
                let mut digest = node.store().pair(part, name, text);
                digest.truncate(16);
                digest
            };
            let id = known_by(b"listed document", &hit.entry.id);
            let says = format!("{} {}", hit.entry.id, hit.entry.reason);
            versions.insert(id.clone(), known_by(b"what is said of a listed document", &says));
            hit.entry.id = id;
            hits.push(hit);
        }
    }
    Ok((hits, versions))
}
