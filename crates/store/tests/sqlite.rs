//! The conformance suite on SQLite in one file, the embedded default.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod conformance;

use std::time::{Duration, Instant};

use conformance::world::{Place, at, digest, done, log_key, node_key, submission};
use store::{Change, Secret, Store, StoreError};

/// A directory of its own.
struct Sqlite(tempfile::TempDir);

impl Place for Sqlite {
    fn fresh() -> Option<Self> {
        Some(Self(tempfile::tempdir().expect("a directory for the test")))
    }

    fn create(&self) -> Result<Store, StoreError> {
        Store::create(self.0.path(), "GBR", node_key(1), log_key("gw.gbr.example/log"), at(0))
    }

    fn open_with(&self, node_key: Secret, log_key: audit::LogKey) -> Result<Store, StoreError> {
        Store::open(self.0.path(), node_key, log_key)
    }

    fn disk(&self) -> Vec<u8> {
        let file = |name: &str| std::fs::read(self.0.path().join(name)).unwrap_or_default();
        [file("passerelle.db"), file("passerelle.db-wal")].concat()
    }
}

every_rule!(super::Sqlite);

#[test]
fn what_was_written_leaves_the_write_ahead_log_by_itself() {
    let place = Sqlite::fresh().unwrap();
    let store = place.create().unwrap();
    let text = "kept beside the write-ahead log";
    let row = submission("s-1", digest("message"), text);
    done(&store, vec![Change::Submission(row)]);
    let moved = || {
        let file = std::fs::read(place.0.path().join("passerelle.db")).unwrap();
        memchr::memmem::find(&file, text.as_bytes()).is_some()
    };
    let end = Instant::now() + Duration::from_secs(30);
    while !moved() {
        assert!(Instant::now() < end, "it is in the write-ahead log still");
        std::thread::sleep(Duration::from_millis(50));
    }
}
