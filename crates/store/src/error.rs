//! Our own failures, sorted by whose fault they are.

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, or the database is locked by somebody else for too long.
    /// Nothing was done; try again later.
    #[error("the store takes nothing at the moment: {0}")]
    BusyOrFull(String),
    /// The database refused a statement: our bug, or a damaged file.
    #[error("the database refused: {0}")]
    Database(Box<dyn std::error::Error + Send + Sync>),
    /// Something that must be there once is there already, or what a row refers to is not
    /// there. Nothing was done.
    #[error("the database refused: {0}")]
    Constraint(String),
    /// A row holds what no program of ours wrote there: a damaged file.
    #[error("the store is damaged: {0}. `passerelle doctor` looks it over")]
    Damaged(String),
    /// The file was made by a newer program.
    #[error("the store has schema {found}; this program knows {known}. Use a newer program")]
    Newer {
        /// The schema of the file.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// There is no store in that directory, or there is one already.
    #[error("{0}")]
    Place(String),
    /// Sealed bytes do not open: a wrong key, a destroyed one, or bytes that were changed.
    #[error("sealed {what} does not open: {why}")]
    Sealed {
        /// What was to be opened.
        what: &'static str,
        /// Why it does not.
        why: &'static str,
    },
    /// A file of the lake is not there, or does not open: it is made anew from the lists.
    #[error(
        "{0}. `passerelle lake verify` finds all such files, `passerelle lake rebuild` makes the lake anew"
    )]
    Lake(lake::LakeError),
    /// What was asked for is not there.
    #[error("there is no {what} {id:?}")]
    Missing {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The change contradicts what is there (a second decision under one ordinal, a
    /// parcel out of order). Nothing of its batch was done.
    #[error("{0}")]
    Conflict(String),
    /// Another node has taken over this store: nothing more is written by this one.
    #[error("another node serves this store now: this one must stop")]
    Replaced,
    /// The writer is gone: the node is stopping, or it failed.
    #[error("the store is closed")]
    Closed,
    /// The system gives no randomness, or a cipher failed.
    #[error("cryptography failed: {0}")]
    Crypto(&'static str),
    /// An event could not be written to the log.
    #[error(transparent)]
    Event(#[from] audit::EventError),
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub fn is_busy_or_full(&self) -> bool {
        matches!(self, Self::BusyOrFull(_))
    }
}
