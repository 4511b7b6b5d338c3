//! Which of a submission's bytes are not shown around a finding: words that may reveal what
//! must not be kept (EU-30). Meals, assistance, remarks, free text: they are dropped at the
//! door, and a carrier's engineer does not need them to mend what stands beside.

use edifact::{Mode, Separators, Span};

use crate::pnrgov;
use crate::reading::Format;
use crate::records::{self, Field};

/// Those bytes, in order.
///
/// ```
/// use messages::{Format, hidden};
/// let sent = b"UNB+IATA:1'TIF+KAYA+CAN:A:1'SSR+VGML:HK:1::::::NO EGGS'SSR+DOCS:HK:1::::::/P'OSI+X'";
/// let spans = hidden(sent, Format::Edifact);
/// let words: Vec<_> = spans.iter().map(|s| &sent[s.start..s.end]).collect();
/// assert_eq!(words, [&b"VGML:HK:1::::::NO EGGS"[..], b"X"]);
/// ```
pub fn hidden(bytes: &[u8], format: Format) -> Vec<Span> {
    match format {
        Format::Edifact => in_segments(bytes, &separators(bytes)),
        Format::Csv => in_columns(bytes),
        Format::Json => in_values(bytes),
        Format::PnrgovXml => in_elements(bytes),
        Format::Unknown => Vec::new(),
    }
}

/// [`hidden`] of a stretch of an interchange that begins with `head`.
pub fn hidden_behind(head: &[u8], stretch: &[u8]) -> Vec<Span> {
    in_segments(stretch, &separators(head))
}

/// So much of an interchange tells its separators.
const HEAD: usize = 4096;

fn separators(bytes: &[u8]) -> Separators {
    edifact::read_up_to(bytes, Mode::Cleaning, HEAD).0.separators()
}

fn in_segments(bytes: &[u8], separators: &Separators) -> Vec<Span> {
    let (mut spans, mut start, mut in_words) = (Vec::new(), 0, false);
    while start < bytes.len() {
        let end = end_of_segment(&bytes[start..], separators) + start;
        let from = start + bytes[start..end].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let segment = &bytes[from..end];
        let tagged = segment.len() >= 3
            && segment[..3].iter().all(u8::is_ascii_alphanumeric)
            && segment.get(3).map_or(!in_words, |b| *b == separators.element);
        // What has no tag is the rest of a text that a quote has ended.
        in_words = if tagged { reveals(segment, separators) } else { in_words };
        if in_words {
            let words = if tagged { from + 4 } else { from };
            spans.push(Span { start: words.min(end), end });
        }
        start = end + 1;
    }
    spans
}

/// Where the segment ends that begins here, releases minded.
fn end_of_segment(bytes: &[u8], separators: &Separators) -> usize {
    let mut from = 0;
    while let Some(at) = memchr::memchr(separators.terminator, &bytes[from..]) {
        let end = from + at;
        let released = bytes[..end].iter().rev().take_while(|b| Some(**b) == separators.release);
        if released.count() % 2 == 0 {
            return end;
        }
        from = end + 1;
    }
    bytes.len()
}

/// Whether a segment's words may reveal something.
fn reveals(segment: &[u8], separators: &Separators) -> bool {
    let stops = |b: &u8| *b == separators.component || *b == separators.element;
    let first =
        segment.get(4..).unwrap_or_default().split(stops).next().unwrap_or_default().trim_ascii();
    match &segment[..3] {
        b"SSR" => !std::str::from_utf8(first).is_ok_and(pnrgov::is_neutral),
        b"FTX" => first != b"BAG",
        b"OSI" | b"IFT" | b"LTS" => true,
        _ => false,
    }
}

/// The values of a table's columns of words.
fn in_columns(bytes: &[u8]) -> Vec<Span> {
    let Some(delimiter) = records::csv::delimiter(bytes.trim_ascii_start()) else {
        return Vec::new();
    };
    let (mut columns, mut spans): (Option<Vec<bool>>, Vec<Span>) = (None, Vec::new());
    let (mut column, mut start, mut quoted) = (0, 0, false);
    let mut header = Vec::new();
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b'\n');
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted && at < bytes.len() => {}
            b if b == delimiter || matches!(b, b'\r' | b'\n') => {
                let value = &bytes[start..at];
                let of_words = columns.as_ref().and_then(|c| c.get(column)).copied();
                match of_words {
                    None if columns.is_none() => {
                        let name = String::from_utf8_lossy(value);
                        header.push(records::field(&name) == Some(Field::Sensitive));
                    }
                    Some(true) if !value.is_empty() => spans.push(Span { start, end: at }),
                    _ => {}
                }
                (column, start) = (column + 1, at + 1);
                if b != delimiter {
                    column = 0;
                    if columns.is_none() && header.len() > 1 {
                        columns = Some(std::mem::take(&mut header));
                    }
                    header.clear();
                }
            }
            _ => {}
        }
    }
    spans
}

/// The values of keys of words.
fn in_values(bytes: &[u8]) -> Vec<Span> {
    let source = String::from_utf8_lossy(bytes);
    // Places are those of the bytes in UTF-8 alone; elsewhere, nothing but the rest is shown.
    if source.len() != bytes.len() {
        return vec![Span { start: 0, end: bytes.len() }];
    }
    records::json::values_of(&source, |key| records::field(key) == Some(Field::Sensitive))
}

/// Elements of words in PNRGOV XML.
const OF_WORDS: [&str; 4] = ["SSR", "OSI", "UnstructuredPNR_History", "Remark"];

/// No name of an element that is looked for is longer, its prefix included.
const LONGEST_NAME: usize = 256;

/// The attributes and the content of elements of words.
fn in_elements(bytes: &[u8]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for at in memchr::memchr_iter(b'<', bytes) {
        if spans.last().is_some_and(|s| at < s.end) {
            continue;
        }
        let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'<' | b'>' | b'/');
        let most = bytes.len().min(at + 1 + LONGEST_NAME);
        let name = bytes[at + 1..most].split(ends).next().unwrap_or_default();
        let local = name.rsplit(|b| *b == b':').next().unwrap_or_default();
        if !OF_WORDS.iter().any(|word| word.as_bytes() == local) {
            continue;
        }
        let inside = at + 1 + name.len();
        let Some(close) = memchr::memchr(b'>', &bytes[inside..]).map(|c| inside + c) else {
            spans.push(Span { start: inside, end: bytes.len() });
            break;
        };
        let end = match bytes[close - 1] {
            b'/' => close - 1,
            _ => {
                let closing = [b"</", name].concat();
                // Of what is not closed, all that follows is inside.
                let found = memchr::memmem::find(&bytes[close..], &closing);
                found.map_or(bytes.len(), |found| close + found)
            }
        };
        spans.push(Span { start: inside, end });
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, format: Format) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for span in hidden(text.as_bytes(), format) {
            bytes[span.start..span.end].fill(b'_');
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn words_are_hidden_and_what_stands_beside_is_not() {
        let all = [
            (
                Format::Edifact,
                "TIF+A'SSR+WCHR:HK'SSR+SEAT:HK+1A'IFT+4:28+X?'Y'RST'LTS+Z'FTX+BAG+++1'FTX+AAA+++Q'",
            ),
            (Format::Edifact, "UNA*|.~ #UNB|1#SSR|DBML*HK#DAT#"),
            (
                Format::Edifact,
                "QU LONXXX1\r\nUNB|UNOA*4|ZZ|GBR|260301*0900|1#UNH|1|PNRGOV*13*1*IA#SSR|DBML*HK#",
            ),
            (Format::Csv, "surname;meal;dob\nKAYA;\"VG;ML\";880402\nOZ;;1\nECE;KSML"),
            (
                Format::Json,
                r#"{"travellers":[{"surname":"OZ","meal":"KSML","ssr":["A","B"],"dob":"1"}]}"#,
            ),
            (
                Format::PnrgovXml,
                r#"<PNR><SSR SSRCode="X">words</SSR><x:OSI a="b"/><P Surname="S"/></PNR>"#,
            ),
        ];
        let shown: Vec<String> = all.iter().map(|(format, text)| shown(text, *format)).collect();
        assert_eq!(
            shown,
            [
                "TIF+A'SSR+_______'SSR+SEAT:HK+1A'IFT+_________'___'LTS+_'FTX+BAG+++1'FTX+_______'",
                "UNA*|.~ #UNB|1#SSR|_______#___#",
                "QU LONXXX1\r\nUNB|UNOA*4|ZZ|GBR|260301*0900|1#UNH|1|PNRGOV*13*1*IA#SSR|_______#",
                "surname;meal;dob\nKAYA;_______;880402\nOZ;;1\nECE;____",
                r#"{"travellers":[{"surname":"OZ","meal":______,"ssr":_________,"dob":"1"}]}"#,
                r#"<PNR><SSR__________________</SSR><x:OSI______/><P Surname="S"/></PNR>"#,
            ]
        );
    }
}
