//! What can go wrong with a lake.

/// A file of the lake cannot be written, found or read.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The object is not there: it was removed, or never came to be.
    #[error("{0} is not in the lake")]
    Missing(String),
    /// The disk or the server refuses.
    #[error("the lake at {place} cannot be used: {why}")]
    Place {
        /// Where it is, without a secret.
        place: String,
        /// What was said.
        why: String,
    },
    /// The bytes are not those that were sealed, or the key is another.
    #[error("{name} of the lake does not open: {why}")]
    Sealed {
        /// The object.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// What was opened is no table of ours.
    #[error("a table of the lake cannot be {what}: {why}")]
    Table {
        /// Written or read.
        what: &'static str,
        /// What the Parquet library said. It never sees a value in it: types and lengths.
        why: String,
    },
    /// The address of a lake that cannot be used.
    #[error("{0}")]
    Address(String),
}

impl LakeError {
    /// Whether the object is simply not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }
}
