//! What others do, on the same pairs: floors computed here, and scores of any other
//! matcher read from a file in the shape that `--scores` writes.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use rapidfuzz::distance::{jaro_winkler, levenshtein};
use serde_json::Value;

use crate::Pair;

/// A matcher's scores, one for each pair in their order; `None` where it gave none.
pub struct Peer {
    /// What it is called.
    pub name: String,
    /// Its scores.
    pub scores: Vec<Option<f64>>,
}

/// The floors: equal words, and the two string measures most in use.
pub fn floors(pairs: &[Pair]) -> Vec<Peer> {
    let mut floors = ["equal words", "Jaro-Winkler, sorted words", "Levenshtein, sorted words"]
        .map(|name| Peer { name: name.to_owned(), scores: Vec::with_capacity(pairs.len()) });
    for pair in pairs {
        let t = &pair.traveller;
        let ours = sorted(&format!("{} {}", t.surname, t.given));
        let mut best = [0.0f64; 3];
        for alias in &pair.entry.names {
            let theirs = sorted(&alias.text);
            let (a, b) = (ours.bytes(), theirs.bytes());
            let found = [
                f64::from(u8::from(ours == theirs)),
                jaro_winkler::similarity(a.clone(), b.clone()),
                levenshtein::normalized_similarity(a, b),
            ];
            best.iter_mut().zip(found).for_each(|(best, found)| *best = best.max(found));
        }
        floors.iter_mut().zip(best).for_each(|(peer, score)| peer.scores.push(Some(score)));
    }
    floors.into()
}

/// The words of a name, folded, sorted, with a blank between.
fn sorted(name: &str) -> String {
    let folded = names::fold(name);
    let mut words: Vec<&str> = folded.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

/// Scores of another matcher, in the shape in which ours are written.
///
/// # Errors
/// The file cannot be read, or a line in it is no score.
pub fn read(name: &str, path: &Path, pairs: &[Pair]) -> Result<Peer> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut rows = Rows::of(pairs);
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("{} cannot be read", path.display()))?;
        let place = || format!("{}, line {}", path.display(), number + 1);
        let v: Value = serde_json::from_str(&line).with_context(place)?;
        ensure!(rows.take(name, &v), "{}: no score", place());
    }
    let peer = rows.peers.pop();
    Ok(peer.unwrap_or_else(|| Peer { name: name.to_owned(), scores: vec![None; pairs.len()] }))
}

/// Scores as they come, put to their pairs.
pub struct Rows<'p> {
    position: HashMap<(&'p str, usize), usize>,
    /// Whose scores have come.
    pub peers: Vec<Peer>,
}

impl<'p> Rows<'p> {
    /// For these pairs.
    pub fn of(pairs: &'p [Pair]) -> Self {
        let position = pairs.iter().enumerate().map(|(i, p)| ((p.set.name(), p.row), i)).collect();
        Self { position, peers: Vec::new() }
    }

    /// Takes one score of a matcher; false where it is none. What belongs to no pair is passed
    /// over: a score may be of a file that is not there any more.
    pub fn take(&mut self, name: &str, line: &Value) -> bool {
        let row = line["row"].as_u64().map(|r| r as usize);
        let (set, score) = (line["set"].as_str(), line["score"].as_f64());
        let (Some(set), Some(row), Some(score)) = (set, row, score) else { return false };
        let known = self.peers.iter().position(|p| p.name == name);
        let peer = known.unwrap_or_else(|| {
            let scores = vec![None; self.position.len()];
            self.peers.push(Peer { name: name.to_owned(), scores });
            self.peers.len() - 1
        });
        if let Some(at) = self.position.get(&(set, row)) {
            self.peers[peer].scores[*at] = Some(score);
        }
        true
    }
}
