//! Reading a list of documents, a line at a time: CSV with a header.
//!
//! ```text
//! number,issuing_state,type,reported,reason
//! L898902C3,UTO,P,2026-03-01,stolen
//! ```
//! Columns are known by their names, in any order; the last two may be absent, and others are
//! passed over. The state is a code of two or three letters, or `D`; the type is as in a machine
//! readable zone (`P`, `IP`, `I`, `V` …), or in words, or empty; the reason is `lost`, `stolen`,
//! `stolen blank`, `revoked`, or empty. Fields are parted by commas or semicolons. A line of more
//! than 64 KiB is none, so that no file takes more memory than that.

use std::io::{self, BufRead, Read};

use jiff::civil::Date;
use travel::{Country, DocumentKind, is_country_code, is_retired};

use super::{Key, ReportedDocument, Why};
use crate::{ListError, ListFinding, lists::written};

const MOST_LINE: usize = 1 << 16;
/// So many findings are kept; the others are counted.
const MOST_FINDINGS: usize = 100;

/// What was made of a file, besides the documents.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DocumentsRead {
    /// What could not be understood, the first hundred.
    pub findings: Vec<ListFinding>,
    /// How many findings there were.
    pub noted: u64,
    /// How many lines hold no document that can be made out.
    pub left_out: u64,
    /// How many documents were read.
    pub documents: u64,
}

impl DocumentsRead {
    fn note(&mut self, line: u64, text: &str) {
        self.noted += 1;
        if self.findings.len() < MOST_FINDINGS {
            let place = format!("line {line}");
            self.findings.push(ListFinding { place, text: text.to_owned() });
        }
    }
}

/// Whether a file that begins so is a list of documents.
///
/// ```
/// assert!(screening::documents::looks_like(b"number,issuing_state,type\nL898902C3,UTO,P\n"));
/// assert!(!screening::documents::looks_like(b"id,name,alias,birth_date\n"));
/// ```
pub fn looks_like(head: &[u8]) -> bool {
    let line = head.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    Columns::of(line).is_some()
}

/// Reads a list of documents, and gives each to `see`. Lines that cannot be understood are
/// findings.
///
/// # Errors
/// It is no such list, it is cut off, or it cannot be read further; what `see` gives.
pub fn read(
    source: impl BufRead,
    see: &mut dyn FnMut(ReportedDocument) -> io::Result<()>,
) -> Result<DocumentsRead, DocumentsError> {
    let mut lines = Lines { source, line: Vec::new(), number: 0, before: 0, at: 0 };
    lines.next()?;
    let columns = Columns::of(lines.text()).ok_or(ListError::UnknownFormat)?;
    let mut read = DocumentsRead::default();
    while lines.next()? {
        if lines.text().iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let fields = columns.fields(lines.text());
        if !lines.is_ended() && columns.of_line(lines.text()) < columns.count {
            let text = "the file ends in the middle of a line: it is cut off, and no list".into();
            return Err(ListError::Broken { position: lines.before, text }.into());
        }
        match document(&fields, &mut |text| read.note(lines.number, text)) {
            Some(document) => {
                read.documents += 1;
                see(document)?;
            }
            None => read.left_out += 1,
        }
    }
    Ok(read)
}

/// A list of documents cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    /// It is no list.
    #[error(transparent)]
    NoList(#[from] ListError),
    /// It cannot be read or kept: the disk's fault.
    #[error("the list cannot be read or kept")]
    Disk(#[from] io::Error),
}

/// Lines of a file, none of them longer than is held.
struct Lines<S> {
    source: S,
    line: Vec<u8>,
    number: u64,
    /// Where the line begins and where it ends in the file.
    before: u64,
    at: u64,
}

impl<S: BufRead> Lines<S> {
    fn next(&mut self) -> Result<bool, DocumentsError> {
        self.line.clear();
        self.before = self.at;
        self.number += 1;
        let most = MOST_LINE as u64 + 1;
        let read = self.source.by_ref().take(most).read_until(b'\n', &mut self.line)?;
        self.at += read as u64;
        if self.line.len() > MOST_LINE {
            let text = "a line has more than 65,536 bytes: this is no list of documents".into();
            return Err(ListError::Broken { position: self.before, text }.into());
        }
        Ok(read > 0)
    }

    fn is_ended(&self) -> bool {
        self.line.ends_with(b"\n")
    }

    fn text(&self) -> &[u8] {
        self.line.trim_ascii_end()
    }
}

/// Where what stands, and what parts the fields.
struct Columns {
    by: u8,
    /// Number, issuing state, type, day, reason.
    at: [Option<usize>; 5],
    /// As many fields as a line has to have.
    count: usize,
}

const NAMES: [&[&str]; 5] = [
    &["number", "document_number"],
    &["issuing_state", "issuer"],
    &["type", "document_type"],
    &["reported", "reported_date"],
    &["reason", "status"],
];

impl Columns {
    fn of(header: &[u8]) -> Option<Self> {
        let header = header.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(header);
        let by = if header.contains(&b';') { b';' } else { b',' };
        let named = |names: &[&str]| {
            let is = |f: &[u8]| names.iter().any(|n| f.eq_ignore_ascii_case(n.as_bytes()));
            split(header, by).position(is)
        };
        let at = NAMES.map(named);
        let needed = at[..3].iter().copied().collect::<Option<Vec<_>>>()?;
        let count = needed.into_iter().max().map_or(0, |last| last + 1);
        Some(Self { by, at, count })
    }

    fn fields<'l>(&self, line: &'l [u8]) -> [&'l [u8]; 5] {
        let mut fields: [&[u8]; 5] = [b""; 5];
        for (number, field) in split(line, self.by).enumerate() {
            for (place, at) in fields.iter_mut().zip(self.at) {
                if at == Some(number) {
                    *place = field;
                }
            }
        }
        fields
    }

    fn of_line(&self, line: &[u8]) -> usize {
        split(line, self.by).count()
    }
}

/// The fields of a line, blanks and quotation marks around them gone.
fn split(line: &[u8], by: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let quoted = line.trim_ascii_start().first() == Some(&b'"');
        let mut inside = false;
        let end = line.iter().position(|b| {
            inside ^= quoted && *b == b'"';
            *b == by && !inside
        });
        let field = end.map_or(line, |end| &line[..end]);
        rest = end.map(|end| &line[end + 1..]);
        let field = field.trim_ascii();
        Some(match field {
            [b'"', inner @ .., b'"'] => inner.trim_ascii(),
            field => field,
        })
    })
}

/// The document of a line; what is wrong with it is told.
fn document(fields: &[&[u8]; 5], note: &mut dyn FnMut(&str)) -> Option<ReportedDocument> {
    let mut text = [""; 5];
    for (text, field) in text.iter_mut().zip(fields) {
        match std::str::from_utf8(field) {
            Ok(utf8) => *text = utf8,
            Err(_) => {
                note("a field is not UTF-8; the line was left out");
                return None;
            }
        }
    }
    let [number, state, kind, day, reason] = text;
    let Some(issuer) = Country::parse(state) else {
        note("the issuing state is no code of two or three letters; the line was left out");
        return None;
    };
    let Some(key) = Key::of(number, issuer) else {
        note(
            "a number has five to twenty letters and figures, of no other script; the line was \
             left out",
        );
        return None;
    };
    if !is_country_code(issuer) && !is_retired(issuer) {
        note("the issuing state is no code of ISO 3166-1 or Doc 9303; it is compared as it stands");
    }
    let kind = kind_of(kind).unwrap_or_else(|| {
        note("the type is none that is known; the document is listed without one");
        DocumentKind::Unknown
    });
    let reported = (!day.is_empty()).then(|| day.get(..10).unwrap_or(day).parse::<Date>());
    if matches!(reported, Some(Err(_))) {
        note("the day of the report is no date (YYYY-MM-DD); it is left out");
    }
    Some(ReportedDocument::new(key, kind, why(reason), reported.and_then(Result::ok)))
}

/// By the codes of machine readable zones and messages, or in words; none where it is neither.
fn kind_of(text: &str) -> Option<DocumentKind> {
    let code = text.to_ascii_uppercase();
    Some(match code.as_bytes() {
        b"" => DocumentKind::Unknown,
        b"P" | [b'P', b'A'..=b'Z'] => DocumentKind::Passport,
        b"IP" => DocumentKind::PassportCard,
        b"AC" => DocumentKind::CrewCertificate,
        b"A" | b"C" | b"I" | b"ID" => DocumentKind::IdentityCard,
        b"V" => DocumentKind::Visa,
        b"L" => DocumentKind::PilotLicence,
        b"T" | b"F" | b"M" | b"G" | b"K" => DocumentKind::Other,
        b"OTHER" => DocumentKind::Other,
        _ => return written::kind(text),
    })
}

fn why(text: &str) -> Why {
    let is = |word: &str| text.to_ascii_lowercase().contains(word);
    match text {
        "" => Why::NotSaid,
        _ if is("blank") => Why::StolenBlank,
        _ if is("stolen") => Why::Stolen,
        _ if is("lost") => Why::Lost,
        _ if is("revoked") || is("cancel") || is("invalid") => Why::Revoked,
        _ => Why::Other,
    }
}
