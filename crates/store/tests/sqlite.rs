//! The conformance suite on SQLite in one file, the embedded default.

#[macro_use]
mod conformance;

use conformance::world::{Place, at, log_key, node_key};
use store::{Secret, Store, StoreError};

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
