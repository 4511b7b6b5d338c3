//! SQLite's files, damaged as disks damage them: a write-ahead log that is torn anywhere, a bit
//! that is flipped anywhere. What is read is as it was written, or the damage is told.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod conformance {
    pub mod world;
}

use std::path::Path;

use conformance::world::{
    at, batch, digest, log_key, node_key, passengers_many, sealed_list, submission,
};
use rusqlite::Connection;
use store::{Change, Store, StoreError};

/// How many lists are kept, each in a transaction of its own.
const LISTS: usize = 24;

/// The files of a store, and how long its write-ahead log was before each list and after the last.
struct Image {
    file: Vec<u8>,
    log: Vec<u8>,
    ends: Vec<usize>,
}

fn id(number: usize) -> String {
    format!("list-{number:02}")
}

/// A store with lists. Where `torn`, all of it is in the write-ahead log: somebody reads what was
/// before, so that no page can leave it.
fn image(torn: bool) -> Image {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), "GBR", node_key(1), log_key("gw.gbr.example/log"), at(0));
    let store = store.unwrap();
    let key = (store::CARRIERS, conformance::world::day());
    store.seal(key, ("list", "none"), b"the day has its keys", at(0)).unwrap();
    let path = |name: &str| dir.path().join(name);
    let read = |name: &str| std::fs::read(path(name)).unwrap_or_default();
    store.scrub().unwrap();
    let reader = Connection::open(path("passerelle.db")).unwrap();
    if torn {
        reader.execute_batch("BEGIN; SELECT COUNT(*) FROM lists;").unwrap();
    }
    let mut ends = Vec::new();
    for number in 0..LISTS {
        ends.push(read("passerelle.db-wal").len());
        let name = id(number);
        let list = sealed_list(&store, &name, &passengers_many(3));
        let kept = submission(&format!("s-{name}"), digest(&name), "answered");
        store.commit(batch(vec![Change::Submission(kept), Change::List(list)])).unwrap();
    }
    ends.push(read("passerelle.db-wal").len());
    if !torn {
        drop(reader);
        assert!(store.scrub().unwrap(), "all of it is in the file");
        store.close();
        return Image { file: read("passerelle.db"), log: Vec::new(), ends };
    }
    Image { file: read("passerelle.db"), log: read("passerelle.db-wal"), ends }
}

/// What is found in damaged files.
#[derive(Debug, PartialEq)]
enum Found {
    /// The first so many lists, whole, with their log.
    Kept(usize),
    /// That something is wrong.
    Told(String),
}

fn look(file: &[u8], log: &[u8]) -> Found {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("passerelle.db"), file).unwrap();
    if !log.is_empty() {
        std::fs::write(dir.path().join("passerelle.db-wal"), log).unwrap();
    }
    match read(dir.path()) {
        Ok(number) => Found::Kept(number),
        Err(e) => Found::Told(e),
    }
}

/// How many lists there are; an error is what an operator is told.
fn read(dir: &Path) -> Result<usize, String> {
    let told = |e: StoreError| e.to_string();
    let store = Store::open(dir, node_key(1), log_key("gw.gbr.example/log")).map_err(told)?;
    let wrong = store.integrity().map_err(told)?;
    if let Some(first) = wrong.first() {
        return Err(first.clone());
    }
    let events = store.events(0, u32::MAX).map_err(told)?;
    let checkpoints = store.checkpoints().map_err(told)?;
    if !audit::verify(store.log_key(), events, checkpoints).ok {
        return Err("the log does not verify".to_owned());
    }
    let size = store.log_size().map_err(told)?;
    let lists = store.lists_between(at(0), at(100), u32::MAX).map_err(told)?;
    for (number, list) in lists.iter().enumerate() {
        let opened = store.open_list(list).map_err(told)?;
        assert_eq!(list.id, id(number), "lists are missing or in disorder, and nothing is told");
        assert_eq!(opened, passengers_many(3), "a list is another one, and nothing is told");
    }
    assert_eq!(store.counts().map_err(told)?.lists, lists.len() as u64);
    // One event for the node, one for the day's keys, one for each list.
    assert_eq!(size, 2 + lists.len() as u64, "lists and log do not go together");
    Ok(lists.len())
}

#[test]
fn a_write_ahead_log_that_is_torn_anywhere_holds_whole_lists_up_to_there() {
    let Image { file, log, ends } = image(true);
    assert_eq!(ends.len(), LISTS + 1);
    assert!(ends.windows(2).all(|two| two[0] < two[1]), "no page has left the log: {ends:?}");
    // What stands there whole; a torn write leaves the rest as zeros, as noise, or not at all.
    let whole = |cut: usize| ends.iter().skip(1).filter(|end| **end <= cut).count();
    let cuts = (0..40).map(|step| log.len() * step / 40).chain(ends.iter().copied());
    for (number, cut) in cuts.enumerate() {
        let mut torn = log[..cut].to_vec();
        match number % 3 {
            0 => {}
            1 => torn.resize(log.len(), 0),
            _ => torn.extend(log[cut..].iter().map(|byte| byte.wrapping_mul(31) ^ 0x5a)),
        }
        assert_eq!(look(&file, &torn), Found::Kept(whole(cut)), "torn at {cut} of {}", log.len());
    }
}

#[test]
fn a_flipped_bit_anywhere_is_told_or_changes_nothing() {
    let Image { file, .. } = image(false);
    assert_eq!(look(&file, &[]), Found::Kept(LISTS));
    let mut told = 0;
    let steps = if std::env::var("PASSERELLE_TEST").is_ok_and(|t| t == "all") { 600 } else { 120 };
    for step in 0..steps {
        let byte = file.len() / steps * step + step * 37 % (file.len() / steps);
        let mut flipped = file.clone();
        flipped[byte] ^= 1 << (step % 8);
        match look(&flipped, &[]) {
            Found::Kept(lists) => {
                assert_eq!(lists, LISTS, "byte {byte}: lists are gone in silence")
            }
            Found::Told(_) => told += 1,
        }
    }
    assert!(told > 0, "no bit was of any weight");
}
