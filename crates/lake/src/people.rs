//! The table of people: what a watchlist is compared with, and where each stands.
//!
//! | column | holds |
//! |---|---|
//! | `surname`, `given` | as on the list; rows are sorted by them |
//! | `born` | year × 10,000 + month × 100 + day, 0 for what is not known |
//! | `sex`, `nationality` | [`travel::Sex`] by its number; the three letters of the code, big endian, or 0 |
//! | `documents` | of each: issuer (three letters or blanks) and number, a line feed between |
//! | `list`, `traveller` | place of the list in its part, number on the list |

use std::cmp::Ordering;

use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::ByteArray,
    file::properties::{EnabledStatistics, WriterProperties},
    schema::types::ColumnPath,
};
use travel::{Country, DocumentKind, PartialDate, Sex, Text, TravelDocument, Traveller};

use crate::{
    LakeError,
    table::{self, Column, Group, Table},
};

const SCHEMA: &str = "message people {
    required binary surname (UTF8);
    required binary given (UTF8);
    required int32 born;
    required int32 sex;
    required int32 nationality;
    required binary documents (UTF8);
    required int32 list;
    required int32 traveller;
}";

/// Columns by their place.
mod at {
    pub const SURNAME: usize = 0;
    pub const GIVEN: usize = 1;
    pub const BORN: usize = 2;
    pub const SEX: usize = 3;
    pub const NATIONALITY: usize = 4;
    pub const DOCUMENTS: usize = 5;
    pub const LIST: usize = 6;
    pub const TRAVELLER: usize = 7;
}

/// Rows in a group.
const GROUP: usize = 1 << 17;
/// Names repeat more than anything: their dictionary may be large.
const DICTIONARY: usize = 8 << 20;

/// A row to be written.
pub(crate) struct Person {
    surname: Text,
    given: Text,
    documents: Text,
    born: i32,
    nationality: i32,
    sex: u8,
    traveller: u32,
    list: u32,
}

impl Person {
    pub(crate) fn of(t: &Traveller, (list, traveller): (u32, u32)) -> Self {
        let mut documents = Text::new();
        for document in &t.documents {
            if !documents.is_empty() {
                documents.push('\n');
            }
            documents.push_str(document.issuer.as_ref().map_or("   ", Country::code));
            documents.push_str(&document.plain_number());
        }
        let born = t.birth_date.map_or(0, |d| {
            i32::from(d.year) * 10_000
                + i32::from(d.month.unwrap_or(0)) * 100
                + i32::from(d.day.unwrap_or(0))
        });
        Self {
            surname: t.surname.clone(),
            given: t.given.clone(),
            documents,
            born,
            nationality: t.nationality.map_or(0, packed),
            sex: t.sex as u8,
            traveller,
            list,
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |p: &Self| (p.born, p.list, p.traveller);
        let names = self.surname.cmp(&other.surname).then_with(|| self.given.cmp(&other.given));
        names.then_with(|| key(self).cmp(&key(other)))
    }
}

fn packed(country: Country) -> i32 {
    country.code().bytes().fold(0, |n, b| n << 8 | i32::from(b))
}

fn country(packed: i32) -> Option<Country> {
    let [_, letters @ ..] = packed.to_be_bytes();
    Country::parse(std::str::from_utf8(&letters).ok()?)
}

/// Sorts people by name and writes their table.
pub(crate) fn write(mut people: Vec<Person>) -> Result<Vec<u8>, LakeError> {
    people.sort_unstable_by(Person::order);
    let text = |v: &[Person], of: fn(&Person) -> &Text| {
        Column::Text(v.iter().map(|p| ByteArray::from(of(p).as_bytes().to_vec())).collect())
    };
    let int = |v: &[Person], of: fn(&Person) -> i32| Column::Int(v.iter().map(of).collect());
    let groups = people.chunks(GROUP).map(|v| {
        vec![
            text(v, |p| &p.surname),
            text(v, |p| &p.given),
            int(v, |p| p.born),
            int(v, |p| i32::from(p.sex)),
            int(v, |p| p.nationality),
            text(v, |p| &p.documents),
            int(v, |p| p.list as i32),
            int(v, |p| p.traveller as i32),
        ]
    });
    table::write(SCHEMA, properties(), groups)
}

fn properties() -> WriterProperties {
    let level = ZstdLevel::try_new(3).expect("3 is a level of zstd");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP))
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_column_statistics_enabled(ColumnPath::from("surname"), EnabledStatistics::Chunk);
    // What hardly repeats costs more in a dictionary than it saves.
    for column in ["documents", "list", "traveller"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
    }
    for column in ["list", "traveller"] {
        let column = ColumnPath::from(column);
        properties = properties
            .set_column_encoding(column.clone(), Encoding::DELTA_BINARY_PACKED)
            .set_column_compression(column, Compression::UNCOMPRESSED);
    }
    properties.build()
}

/// The people of a part, group after group.
pub struct People<'l>(Table<'l>);

impl<'l> People<'l> {
    pub(crate) fn new(table: Table<'l>) -> Self {
        Self(table)
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.0.groups().len()
    }

    /// Opens one of them.
    ///
    /// # Errors
    /// It cannot be read, or does not open.
    pub fn group(&self, number: usize) -> Result<Crowd, LakeError> {
        let group = self.0.group(number, at::SURNAME..at::TRAVELLER + 1)?;
        Ok(Crowd {
            surname: group.texts(at::SURNAME)?,
            given: group.texts(at::GIVEN)?,
            documents: group.texts(at::DOCUMENTS)?,
            born: group.ints(at::BORN)?,
            sex: group.ints(at::SEX)?,
            nationality: group.ints(at::NATIONALITY)?,
            group,
        })
    }
}

/// A group of people, in the order of their names. `Debug` shows nobody.
pub struct Crowd {
    surname: Vec<ByteArray>,
    given: Vec<ByteArray>,
    documents: Vec<ByteArray>,
    born: Vec<i32>,
    sex: Vec<i32>,
    nationality: Vec<i32>,
    group: Group,
}

impl std::fmt::Debug for Crowd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crowd({})", self.len())
    }
}

impl Crowd {
    /// How many they are.
    pub fn len(&self) -> usize {
        self.group.rows()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Surname and given names.
    pub fn name(&self, row: usize) -> (&str, &str) {
        (text(&self.surname[row]), text(&self.given[row]))
    }

    /// Issuing states and numbers of documents, in capitals and digits alone.
    pub fn documents(&self, row: usize) -> impl Iterator<Item = (Option<Country>, &str)> {
        lines(&self.documents[row]).map(|(issuer, number)| (Country::parse(issuer), number))
    }

    /// Birth date, sex and nationality.
    pub fn beside(&self, row: usize) -> (Option<PartialDate>, Sex, Option<Country>) {
        let sex = match self.sex[row] {
            1 => Sex::Male,
            2 => Sex::Female,
            3 => Sex::Unspecified,
            _ => Sex::Unknown,
        };
        (date(self.born[row]), sex, country(self.nationality[row]))
    }

    /// What of a traveller a watchlist is compared with.
    pub fn traveller(&self, row: usize) -> Traveller {
        let (surname, given) = self.name(row);
        let document = |(issuer, number): (&str, &str)| TravelDocument {
            kind: DocumentKind::Passport,
            number: number.into(),
            issuer: Country::parse(issuer),
            expires: None,
            issued: None,
        };
        let (birth_date, sex, nationality) = self.beside(row);
        Traveller {
            surname: surname.into(),
            given: given.into(),
            birth_date,
            sex,
            nationality,
            documents: lines(&self.documents[row]).map(document).collect(),
            ..Traveller::default()
        }
    }

    /// Of every row the place of the list in its part, and the number on that list.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn places(&self) -> Result<Vec<(u32, u32)>, LakeError> {
        let (lists, numbers) = (self.group.ints(at::LIST)?, self.group.ints(at::TRAVELLER)?);
        Ok(lists.into_iter().zip(numbers).map(|(l, n)| (l as u32, n as u32)).collect())
    }
}

fn text(value: &ByteArray) -> &str {
    std::str::from_utf8(value.data()).unwrap_or_default()
}

fn lines(value: &ByteArray) -> impl Iterator<Item = (&str, &str)> {
    text(value).split('\n').filter_map(|line| line.split_at_checked(3))
}

fn date(packed: i32) -> Option<PartialDate> {
    let part = |n: i32| u8::try_from(n % 100).ok().filter(|n| *n > 0);
    let year = i16::try_from(packed / 10_000).ok().filter(|y| *y > 0)?;
    Some(PartialDate { year, month: part(packed / 100), day: part(packed) })
}
