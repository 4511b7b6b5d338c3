//! Which of a submission's bytes are not shown around a finding: words that may reveal what
//! must not be kept (EU-30). Meals, assistance, remarks, free text: they are dropped at the
//! door, and a carrier's engineer does not need them to mend what stands beside.
//!
//! Of an interchange, what is shown is what is known to have a structure: service segments,
//! names, codes, numbers and dates in the segments that hold such. All else is words, wherever
//! it stands: before and behind the interchange, in segments that nobody knows, in components
//! that should be a code and are a sentence.

use edifact::{Mode, Separators, Span};

use crate::pnrgov;
use crate::reading::Format;
use crate::records;
use crate::structured::is_structured;

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
        Format::Edifact => {
            let (start, separators) = opening(bytes);
            let mut spans = vec![Span { start: 0, end: start }];
            spans.retain(|span| !span.is_empty());
            in_segments(bytes, start, &separators, &mut spans);
            spans
        }
        Format::Csv => in_columns(bytes),
        Format::Json => in_values(bytes),
        Format::PnrgovXml => in_elements(bytes),
        Format::Unknown => vec![Span { start: 0, end: bytes.len() }],
    }
}

/// [`hidden`] of a stretch of an interchange that begins with `head`.
pub fn hidden_behind(head: &[u8], stretch: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    in_segments(stretch, 0, &opening(head).1, &mut spans);
    spans
}

/// So much of an interchange tells its separators.
const HEAD: usize = 4096;

/// Where the interchange begins, and its separators.
fn opening(bytes: &[u8]) -> (usize, Separators) {
    let (interchange, _) = edifact::read_up_to(bytes, Mode::Cleaning, HEAD);
    let first = interchange.header().map(|h| h.span.start);
    let first = first.or_else(|| Some(interchange.messages().first()?.span().start));
    // Of a piece out of the middle, all is judged by its tags.
    let first = first.unwrap_or(0);
    let advice = memchr::memmem::rfind(&bytes[first.saturating_sub(16)..first], b"UNA");
    let start = advice.map_or(first, |at| first.saturating_sub(16) + at);
    (start, interchange.separators())
}

/// What the segment before one without a tag was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Name,
    /// One of words, or what follows it.
    Words,
    Other,
    /// `UNZ`: what follows is of no interchange.
    End,
}

fn in_segments(bytes: &[u8], from: usize, separators: &Separators, spans: &mut Vec<Span>) {
    let (mut start, mut before) = (from, Before::Other);
    while start < bytes.len() {
        let end = end_of_segment(&bytes[start..], separators) + start;
        let from = start + bytes[start..end].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let segment = &bytes[from..end];
        let tagged = segment.len() >= 3
            && segment[..3].iter().all(u8::is_ascii_alphanumeric)
            && segment.get(3).map_or(before != Before::Words, |b| *b == separators.element);
        let tag: &[u8] = if tagged { &segment[..3] } else { b"" };
        let opens = matches!(tag, b"UNA" | b"UNB" | b"UNG" | b"UNH");
        let hides = |from: usize| Some(Span { start: from, end }).filter(|s| !s.is_empty());
        match (before, tag) {
            (Before::End, _) if !opens && !segment.starts_with(b"UNA") => spans.extend(hides(from)),
            // The rest of a name that a quote parts.
            (Before::Name, b"") if segment.len() <= LONGEST_REST => before = Before::Other,
            (_, b"") if segment.starts_with(b"UNA") => {}
            (_, b"") => {
                spans.extend(hides(from));
                before = Before::Words;
            }
            _ => {
                let words = in_segment(segment, from, separators, spans);
                before = match tag {
                    _ if ends_in_surname(segment, separators) => Before::Name,
                    b"UNZ" => Before::End,
                    _ if words => Before::Words,
                    _ => Before::Other,
                };
            }
        }
        start = end + 1;
    }
}

/// Whether a segment ends in a surname, which a quote may have cut: `NAD+FL+++O`, `TIF+O`.
fn ends_in_surname(segment: &[u8], separators: &Separators) -> bool {
    let count = |byte| memchr::memchr_iter(byte, segment).count();
    let elements = match &segment[..3] {
        b"NAD" => 4,
        b"TIF" => 1,
        _ => return false,
    };
    count(separators.element) == elements && count(separators.component) == 0
}

/// No rest of a name behind a quote is longer, in bytes.
const LONGEST_REST: usize = 80;

/// How a segment's components are told to be no words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Service segments, and those of names.
    Shown,
    /// A name in the first elements, an address behind.
    Person,
    /// Codes, numbers and dates.
    Codes,
    /// Requests: by their code.
    Request,
    Words,
}

fn kind(segment: &[u8], first: &[u8]) -> Kind {
    match &segment[..3] {
        b"UNA" | b"UNB" | b"UNG" | b"UNH" | b"UNT" | b"UNE" | b"UNZ" | b"TIF" | b"PDT" => {
            Kind::Shown
        }
        b"NAD" => Kind::Person,
        b"BGM" | b"TDT" | b"LOC" | b"DTM" | b"ATT" | b"NAT" | b"DOC" | b"RFF" | b"COM" | b"MEA"
        | b"GEI" | b"CNT" | b"EMP" | b"UNS" | b"MSG" | b"ORG" | b"TVL" | b"EQN" | b"SRC"
        | b"RCI" | b"REF" | b"FTI" | b"TKT" | b"SSD" | b"TBD" | b"TRI" | b"DAT" | b"RPI"
        | b"TRA" | b"EBD" | b"ABI" | b"SAC" | b"APD" | b"MON" | b"ERP" | b"ERC" | b"UCI"
        | b"UCF" | b"UCM" | b"UCS" | b"UCD" => Kind::Codes,
        b"FTX" if first == b"BAG" => Kind::Codes,
        b"SSR" if std::str::from_utf8(first).is_ok_and(pnrgov::is_neutral) => Kind::Request,
        _ => Kind::Words,
    }
}

/// The components of a segment with a tag that are words; whether all of it is.
fn in_segment(segment: &[u8], from: usize, separators: &Separators, spans: &mut Vec<Span>) -> bool {
    let stops = |b: &u8| *b == separators.component || *b == separators.element;
    let first = segment.get(4..).unwrap_or_default().split(stops).next().unwrap_or_default();
    let first = first.trim_ascii();
    let kind = kind(segment, first);
    match kind {
        Kind::Shown => return false,
        Kind::Words => {
            let words =
                Span { start: (from + 4).min(from + segment.len()), end: from + segment.len() };
            spans.extend(Some(words).filter(|s| !s.is_empty()));
            return true;
        }
        _ => {}
    }
    let document = matches!(first, b"DOCS" | b"DOCO" | b"DOCA");
    let (mut at, mut start, mut element) = (3, 3, 0);
    while at <= segment.len() {
        let byte = segment.get(at);
        if byte.is_some_and(|b| Some(*b) == separators.release) {
            at += 2;
            continue;
        }
        if byte.is_none_or(stops) {
            let component = &segment[start.min(at)..at.min(segment.len())];
            let shown = match kind {
                Kind::Person if element <= 4 => true,
                Kind::Request if document && component.contains(&b'/') => true,
                Kind::Request if start == 4 => true,
                _ => is_structured(&segment[..3], component),
            };
            if !shown {
                spans.push(Span { start: from + start, end: from + at.min(segment.len()) });
            }
            start = at + 1;
            element += usize::from(byte == Some(&separators.element));
        }
        at += 1;
    }
    false
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

/// What of a table is not known to be a value of a column that is known.
fn in_columns(bytes: &[u8]) -> Vec<Span> {
    records::hidden(bytes, records::csv::shown)
}

/// What of JSON is not known to be a key, or the value of one, that is known.
fn in_values(bytes: &[u8]) -> Vec<Span> {
    records::hidden(bytes, records::json::shown)
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
                "UNB+UNOA:4'TIF+A'SSR+WCHR:HK'SSR+SEAT:HK+1A'IFT+4:28+X?'Y'RST'LTS+Z'FTX+BAG+++1'FTX+AAA+++Q'\
                 RFF+AVF:K7X2'RFF+AEA:PAX IS DEAF'MEA+CT++:DEAF'GEI+4+BLIND'QQQ+HALAL'SRR+KSML'SS\r\nR+KSML'\
                 NAD+FL+++O'LEARY:ANN'UNZ+1+1'DEAF'RFF+A:B1'",
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
                "UNB+UNOA:4'TIF+A'SSR+_______'SSR+SEAT:HK+1A'IFT+_________'___'LTS+_'FTX+BAG+++1'FTX+_______'\
                 RFF+AVF:K7X2'RFF+AEA:___________'MEA+CT++:____'GEI+4+_____'QQQ+_____'SRR+____'__________'\
                 NAD+FL+++O'LEARY:ANN'UNZ+1+1'____'________'",
                "UNA*|.~ #UNB|1#SSR|_______#___#",
                "____________UNB|UNOA*4|ZZ|GBR|260301*0900|1#UNH|1|PNRGOV*13*1*IA#SSR|_______#",
                "surname_meal_dob_KAYA_________880402_OZ____ECE_____",
                r#"_"travellers"___"surname"_"OZ"_"meal"________"ssr"___________"dob"_______"#,
                r#"<PNR><SSR__________________</SSR><x:OSI______/><P Surname="S"/></PNR>"#,
            ]
        );
    }
}
