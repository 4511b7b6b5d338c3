//! The lake: travellers by the hundred million, in sealed Parquet files, on a disk or on S3.
//!
//! A *part* is of one service day and has two files: the [`People`] that a watchlist is
//! compared with, and the [`Marks`] by which somebody is looked up. Each is a whole Parquet
//! file inside a seal: no name, no count of a column, no smallest or largest value
//! lies outside of it, and any range of it opens by itself. `docs/formats/lake.md` describes both.
//!
//! Everything here is made of the lists, which are the truth, and can be made again. This
//! crate knows neither whose keys these are, nor what the law says, nor the state store: it
//! is handed rows, keys and a [`Place`].
#![warn(missing_docs)]

mod error;
mod marks;
mod people;
mod place;
#[cfg(feature = "s3")]
mod s3;
mod seal;
mod table;

pub use error::LakeError;
pub use marks::{Marks, Stands, Token};
pub use people::{Crowd, People};
pub use place::{Disk, Object, Place};
#[cfg(feature = "s3")]
pub use s3::S3;
pub use seal::FileKey;

use std::{path::Path, sync::Arc};

use seal::Sealed;
use table::Table;
use travel::Traveller;

/// The two files of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// What a watchlist is compared with.
    People,
    /// By what somebody is looked up.
    Marks,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::People, Kind::Marks];

    /// As the name of a file ends, and a key is derived.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::People => "people",
            Kind::Marks => "marks",
        }
    }
}

/// A place by its address: `file:PATH` (a path that is not absolute lies below `base`), or
/// `s3://BUCKET/PREFIX`, whose server and keys are those that the usual variables of AWS name.
///
/// # Errors
/// The address is none; this program was built without S3.
pub fn place(address: &str, base: &Path) -> Result<Arc<dyn Place>, LakeError> {
    if let Some(path) = address.strip_prefix("file:") {
        return Ok(Arc::new(Disk::new(&base.join(path))));
    }
    #[cfg(feature = "s3")]
    if address.starts_with("s3://") {
        return Ok(Arc::new(S3::new(address)?));
    }
    Err(LakeError::Address(format!(
        "{address:?} is no address of a lake: write file:PATH or s3://BUCKET/PREFIX"
    )))
}

/// Gathers the travellers of a part.
#[derive(Default)]
pub struct Part {
    people: Vec<people::Person>,
    marks: Vec<marks::Mark>,
}

impl Part {
    /// Puts a traveller into it, who stands on the list of that place under that number.
    pub fn add(&mut self, place: (u32, u32), traveller: &Traveller, marks: &[String]) {
        self.people.push(people::Person::of(traveller, place));
        self.marks.extend(marks.iter().map(|mark| marks::Mark::of(mark, place)));
    }

    /// How many travellers are in it.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Sorts it and seals its two files, each under its own name and key.
    ///
    /// # Errors
    /// A cipher or the table's writer fails.
    pub fn seal(
        self,
        people: (&str, &FileKey),
        marks: (&str, &FileKey),
    ) -> Result<(Vec<u8>, Vec<u8>), LakeError> {
        let first = seal::seal(people.1, people.0, &people::write(self.people)?)?;
        let second = seal::seal(marks.1, marks.0, &marks::write(self.marks)?)?;
        Ok((first, second))
    }
}

/// Opens the people of a part: the name of the file, and how long it is.
///
/// # Errors
/// It is not there, or does not open.
pub fn people<'l>(
    place: &'l dyn Place,
    file: (&str, u64),
    key: FileKey,
) -> Result<People<'l>, LakeError> {
    Ok(People::new(Table::open(Sealed::new(place, file, key)?)?))
}

/// Opens the marks of a part.
///
/// # Errors
/// It is not there, or does not open.
pub fn marks<'l>(
    place: &'l dyn Place,
    file: (&str, u64),
    key: FileKey,
) -> Result<Marks<'l>, LakeError> {
    Ok(Marks::new(Table::open(Sealed::new(place, file, key)?)?))
}

/// Reads a file from its beginning to its end; every chunk of it has to open.
///
/// # Errors
/// It is not there, or does not open.
pub fn verify(place: &dyn Place, file: (&str, u64), key: FileKey) -> Result<(), LakeError> {
    const STEP: u64 = 4 << 20;
    let sealed = Sealed::new(place, file, key)?;
    let mut from = 0;
    while from < sealed.len() {
        let to = sealed.len().min(from + STEP);
        sealed.read(from..to)?;
        from = to;
    }
    Table::open(sealed).map(drop)
}
