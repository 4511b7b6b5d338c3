//! Parquet, column by column: what both tables of a part have in common.
//!
//! The library's low-level interface is used, without Arrow: every column is required, and
//! has numbers or texts. Whatever is read here was sealed by us.

use std::{ops::Range, sync::Arc};

use bytes::{Buf, Bytes};
use parquet::{
    column::reader::ColumnReaderImpl,
    data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData},
        properties::WriterProperties,
        reader::{ChunkReader, Length},
        serialized_reader::SerializedPageReader,
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

use crate::{LakeError, seal::Sealed};

/// One column of a group of rows.
pub(crate) enum Column {
    Int(Vec<i32>),
    Long(Vec<i64>),
    Text(Vec<ByteArray>),
}

/// Writes a table of so many columns as the schema has, group after group.
pub(crate) fn write(
    schema: &str,
    properties: WriterProperties,
    groups: impl Iterator<Item = Vec<Column>>,
) -> Result<Vec<u8>, LakeError> {
    written(schema, properties, groups)
        .map_err(|e| LakeError::Table { what: "written", why: e.to_string() })
}

fn written(
    schema: &str,
    properties: WriterProperties,
    groups: impl Iterator<Item = Vec<Column>>,
) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(schema)?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    for columns in groups {
        let mut group = file.next_row_group()?;
        for column in columns {
            let missing = || ParquetError::General("a column more than the schema has".into());
            let mut to = group.next_column()?.ok_or_else(missing)?;
            match column {
                Column::Int(v) => to.typed::<Int32Type>().write_batch(&v, None, None)?,
                Column::Long(v) => to.typed::<Int64Type>().write_batch(&v, None, None)?,
                Column::Text(v) => to.typed::<ByteArrayType>().write_batch(&v, None, None)?,
            };
            to.close()?;
        }
        group.close()?;
    }
    file.into_inner()
}

/// A table in a sealed file.
pub(crate) struct Table<'l> {
    file: Sealed<'l>,
    meta: ParquetMetaData,
}

/// Most tables of contents are shorter: one read brings them.
const TAIL: u64 = 32 << 10;
/// Length of the table of contents, and the mark at the end.
const END: u64 = 8;

impl<'l> Table<'l> {
    /// Opens a table: reads what it contains, and where.
    pub(crate) fn open(file: Sealed<'l>) -> Result<Self, LakeError> {
        let all = file.len();
        let tail = file.read(all.saturating_sub(TAIL)..all)?;
        let bad = || LakeError::Table { what: "read", why: "it has no table of contents".into() };
        let end = tail.len().checked_sub(END as usize).ok_or_else(bad)?;
        let length = tail.slice(end..end + 4).get_u32_le() as usize;
        let contents = match end.checked_sub(length) {
            Some(from) => tail.slice(from..end),
            None => {
                let from = all.checked_sub(END + length as u64).ok_or_else(bad)?;
                file.read(from..all - END)?
            }
        };
        let meta = ParquetMetaDataReader::decode_metadata(&contents).map_err(unread)?;
        Ok(Self { file, meta })
    }

    pub(crate) fn groups(&self) -> &[RowGroupMetaData] {
        self.meta.row_groups()
    }

    /// Opens some neighbouring columns of a group, in one read.
    pub(crate) fn group(&self, number: usize, columns: Range<usize>) -> Result<Group, LakeError> {
        let meta = self.meta.row_group(number).clone();
        let of = |column: usize| meta.column(column).byte_range();
        let (start, _) = of(columns.start);
        let (last, length) = of(columns.end - 1);
        let bytes = self.file.read(start..last + length)?;
        Ok(Group { meta, window: Arc::new(Window { start, bytes }) })
    }
}

/// Some columns of a group of rows, opened.
pub(crate) struct Group {
    meta: RowGroupMetaData,
    window: Arc<Window>,
}

impl Group {
    pub(crate) fn rows(&self) -> usize {
        self.meta.num_rows().max(0) as usize
    }

    pub(crate) fn ints(&self, column: usize) -> Result<Vec<i32>, LakeError> {
        self.column::<Int32Type>(column)
    }

    pub(crate) fn longs(&self, column: usize) -> Result<Vec<i64>, LakeError> {
        self.column::<Int64Type>(column)
    }

    pub(crate) fn texts(&self, column: usize) -> Result<Vec<ByteArray>, LakeError> {
        self.column::<ByteArrayType>(column)
    }

    fn column<T: DataType>(&self, column: usize) -> Result<Vec<T::T>, LakeError> {
        let meta = self.meta.column(column);
        let rows = self.rows();
        let pages = SerializedPageReader::new(self.window.clone(), meta, rows, None);
        let descr = meta.column_descr_ptr();
        let mut reader = ColumnReaderImpl::<T>::new(descr, Box::new(pages.map_err(unread)?));
        let mut values = Vec::with_capacity(rows);
        while values.len() < rows {
            let wanted = rows - values.len();
            let (read, _, _) =
                reader.read_records(wanted, None, None, &mut values).map_err(unread)?;
            if read == 0 {
                return Err(unread(ParquetError::EOF("fewer rows than it says".into())));
            }
        }
        Ok(values)
    }
}

fn unread(e: ParquetError) -> LakeError {
    LakeError::Table { what: "read", why: e.to_string() }
}

/// A part of a file in memory, at its place in the file.
struct Window {
    start: u64,
    bytes: Bytes,
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Window {
    fn at(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let from = start.checked_sub(self.start).map(|from| from as usize);
        let range = from.and_then(|from| Some(from..from.checked_add(length)?));
        match range.filter(|r| r.end <= self.bytes.len()) {
            Some(range) => Ok(self.bytes.slice(range)),
            None => Err(ParquetError::EOF("outside of what was read".into())),
        }
    }
}

impl ChunkReader for Window {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let left = self.len().saturating_sub(start) as usize;
        self.at(start, left).map(Buf::reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.at(start, length)
    }
}
