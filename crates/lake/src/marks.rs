//! The table of marks: by what a traveller is looked up, sorted, with where each stands.
//!
//! | column | holds |
//! |---|---|
//! | `token` | the first 40 bits of SHA-256 of the mark; rows are sorted by it |
//! | `list`, `traveller` | place of the list in its part, number on the list |
//!
//! So short a token may stand for two marks, once in some ten thousand searches of a hundred
//! million travellers: whoever looks somebody up opens the list and sees. Longer tokens would
//! be most of the table.

use aws_lc_rs::digest::{SHA256, digest};
use parquet::{
    basic::{Compression, Encoding},
    file::{
        properties::{EnabledStatistics, WriterProperties},
        statistics::Statistics,
    },
};

use crate::{
    LakeError,
    table::{self, Column, Table},
};

const SCHEMA: &str = "message marks {
    required int64 token;
    required int32 list;
    required int32 traveller;
}";

mod at {
    pub const TOKEN: usize = 0;
    pub const LIST: usize = 1;
    pub const TRAVELLER: usize = 2;
}

/// Rows in a group: what one look-up reads.
const GROUP: usize = 1 << 15;

/// Where a mark stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    token: Token,
    list: u32,
    traveller: u32,
}

/// What stands for a mark.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(i64);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// Of a mark.
    pub fn of(mark: &str) -> Self {
        let digest = digest(&SHA256, mark.as_bytes());
        let first = digest.as_ref().first_chunk::<5>().copied().unwrap_or_default();
        Self(first.iter().fold(0, |n, b| n << 8 | i64::from(*b)))
    }
}

impl Mark {
    pub(crate) fn of(mark: &str, (list, traveller): (u32, u32)) -> Self {
        Self { token: Token::of(mark), list, traveller }
    }
}

/// Sorts marks and writes their table.
pub(crate) fn write(mut marks: Vec<Mark>) -> Result<Vec<u8>, LakeError> {
    marks.sort_unstable();
    let properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::DELTA_BINARY_PACKED)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(GROUP))
        .set_offset_index_disabled(true)
        .build();
    let groups = marks.chunks(GROUP).map(|v| {
        vec![
            Column::Long(v.iter().map(|m| m.token.0).collect()),
            Column::Int(v.iter().map(|m| m.list as i32).collect()),
            Column::Int(v.iter().map(|m| m.traveller as i32).collect()),
        ]
    });
    table::write(SCHEMA, properties, groups)
}

/// The place of a token among those looked for; of the list in its part, and the number on it.
pub type Stands = (usize, (u32, u32));

/// The marks of a part.
pub struct Marks<'l>(Table<'l>);

impl<'l> Marks<'l> {
    pub(crate) fn new(table: Table<'l>) -> Self {
        Self(table)
    }

    /// Where these tokens stand.
    ///
    /// # Errors
    /// It cannot be read, or does not open.
    pub fn find(&self, tokens: &[Token]) -> Result<Vec<Stands>, LakeError> {
        let mut found = Vec::new();
        for (number, group) in self.0.groups().iter().enumerate() {
            let Some(Statistics::Int64(range)) = group.column(at::TOKEN).statistics() else {
                continue;
            };
            let (Some(least), Some(most)) = (range.min_opt(), range.max_opt()) else { continue };
            let within = |t: &Token| (*least..=*most).contains(&t.0);
            if tokens.iter().any(within) {
                self.look_into(number, tokens, &mut found)?;
            }
        }
        Ok(found)
    }

    fn look_into(
        &self,
        number: usize,
        tokens: &[Token],
        found: &mut Vec<Stands>,
    ) -> Result<(), LakeError> {
        let sorted = self.0.group(number, at::TOKEN..at::TOKEN + 1)?.longs(at::TOKEN)?;
        let mut rows: Vec<(usize, usize)> = Vec::new();
        for (place, token) in tokens.iter().enumerate() {
            let first = sorted.partition_point(|t| *t < token.0);
            let same = sorted[first..].iter().take_while(|t| **t == token.0).count();
            rows.extend((first..first + same).map(|row| (place, row)));
        }
        if rows.is_empty() {
            return Ok(());
        }
        let group = self.0.group(number, at::LIST..at::TRAVELLER + 1)?;
        let (lists, travellers) = (group.ints(at::LIST)?, group.ints(at::TRAVELLER)?);
        let place =
            |(token, row): (usize, usize)| (token, (lists[row] as u32, travellers[row] as u32));
        found.extend(rows.into_iter().map(place));
        Ok(())
    }
}
