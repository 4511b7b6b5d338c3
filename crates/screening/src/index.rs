//! The index: distinct tokens, the names that have them, and the documents.
//!
//! Names of a list share few distinct tokens. A traveller's token is looked up among
//! them by what is left when any one letter is deleted, and by its consonants; what is
//! found is verified token by token, and only then are names touched (matching.md §4).

use std::collections::HashMap;

use names::{Similarity, Token, TokenKind, compare, information, skeleton};

use crate::{Entry, Watchlist};

/// A person of a list.
pub(crate) struct Person {
    pub list: u32,
    pub entry: Entry,
    /// Its names, split; as many as `entry.names`.
    pub names: Vec<Vec<Token>>,
}

/// Several watchlists, ready to be compared with.
pub struct Index {
    pub(crate) lists: Vec<(String, String)>,
    pub(crate) persons: Vec<Person>,
    tokens: Vec<String>,
    by_token: HashMap<String, u32>,
    by_key: HashMap<u64, Vec<u32>>,
    postings: Vec<Vec<u32>>,
    by_document: HashMap<String, Vec<u32>>,
}

/// A token of the index that a traveller's token may stand for.
pub(crate) struct Found {
    pub token: u32,
    pub nats: f64,
}

impl Index {
    /// An index over these lists.
    pub fn build(lists: Vec<Watchlist>) -> Self {
        let mut index = Self {
            lists: Vec::new(),
            persons: Vec::new(),
            tokens: Vec::new(),
            by_token: HashMap::new(),
            by_key: HashMap::new(),
            postings: Vec::new(),
            by_document: HashMap::new(),
        };
        for list in lists {
            index.lists.push((list.name, list.version));
            for entry in list.entries {
                index.add(entry);
            }
        }
        for posting in &mut index.postings {
            posting.sort_unstable();
            posting.dedup();
        }
        index
    }

    fn add(&mut self, entry: Entry) {
        let person = self.persons.len() as u32;
        let names: Vec<Vec<Token>> = entry
            .names
            .iter()
            .map(|alias| names::tokens(&alias.text).into_iter().filter(|t| !t.is_title()).collect())
            .collect();
        for name in &names {
            for token in name.iter().filter(|t| t.kind == TokenKind::Word) {
                let id = self.token(&token.text);
                self.postings[id as usize].push(person);
            }
            // What airlines glue: neighbours written together are found as one.
            for pair in name.windows(2) {
                let glued = format!("{}{}", pair[0].text, pair[1].text);
                if pair.iter().any(|t| t.kind == TokenKind::Word) && glued.len() >= 6 {
                    let id = self.token(&glued);
                    self.postings[id as usize].push(person);
                }
            }
        }
        for document in &entry.documents {
            self.by_document.entry(document.number.clone()).or_default().push(person);
        }
        let list = self.lists.len() as u32 - 1;
        self.persons.push(Person { list, entry, names });
    }

    fn token(&mut self, text: &str) -> u32 {
        if let Some(id) = self.by_token.get(text) {
            return *id;
        }
        let id = self.tokens.len() as u32;
        self.tokens.push(text.to_owned());
        self.by_token.insert(text.to_owned(), id);
        self.postings.push(Vec::new());
        for key in keys(text) {
            self.by_key.entry(key).or_default().push(id);
        }
        id
    }

    /// The names and versions of the lists in it.
    pub fn lists(&self) -> &[(String, String)] {
        &self.lists
    }

    /// How many persons are in it.
    pub fn len(&self) -> usize {
        self.persons.len()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// Tokens that `word` may stand for, with what the agreement is worth.
    pub(crate) fn find(&self, word: &str) -> Vec<Found> {
        let mut ids: Vec<u32> = keys(word)
            .into_iter()
            .flat_map(|k| self.by_key.get(&k).into_iter().flatten().copied())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
            .filter_map(|token| {
                let other = &self.tokens[token as usize];
                let Similarity { share, .. } = compare(word, other)?;
                let nats = information(word).min(information(other)) * share;
                Some(Found { token, nats })
            })
            .collect()
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.by_token.contains_key(word)
    }

    pub(crate) fn posting(&self, token: u32) -> &[u32] {
        &self.postings[token as usize]
    }

    pub(crate) fn documents(&self, number: &str) -> &[u32] {
        self.by_document.get(number).map_or(&[], Vec::as_slice)
    }
}

/// Keys of a token: itself, itself without each letter, and its consonants. Two tokens
/// that are one letter apart, or sound alike, share one.
fn keys(token: &str) -> Vec<u64> {
    let bytes = &token.as_bytes()[..token.len().min(40)];
    let mut keys = Vec::with_capacity(bytes.len() + 2);
    keys.push(hash(bytes, usize::MAX, 0));
    for skip in 0..bytes.len() {
        keys.push(hash(bytes, skip, 0));
    }
    let consonants = skeleton(token);
    if consonants.len() >= 2 {
        keys.push(hash(consonants.as_bytes(), usize::MAX, 1));
    }
    keys
}

/// FNV-1a over the bytes but one, in one of two rooms.
fn hash(bytes: &[u8], skip: usize, room: u64) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325u64 ^ room.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for (i, b) in bytes.iter().enumerate() {
        if i != skip {
            h = (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    h
}
