//! What goes wrong with a message at its maker or on its way, and how much of it can
//! still be made out: one row for each way, after `formats.md` §1.7 and §2.9.
//!
//! Rows take a well-formed PAXLST in service characters `:+.? '` (as
//! [`messages::paxlst::write`] makes it) and give bytes with exactly one thing wrong.
//! The truth is known beforehand, so a reader can be held against it.
//!
//! ```
//! use testkit::{DAMAGES, Rng};
//! let whole = b"UNB+UNOA:4+X1+GBR+260301:0900+1'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'UNT+3+1'UNZ+1+1'";
//! let row = DAMAGES.iter().find(|d| d.name == "wrong count in UNT").unwrap();
//! let damaged = row.apply(whole, &mut Rng::new(1, 1));
//! assert!(damaged.bytes.windows(7).any(|w| w == b"UNT+4+1"));
//! ```

use crate::Rng;

/// How many of a message's travellers a reader must still find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Survivors {
    /// Everybody.
    All,
    /// Everybody, and one of them a second time.
    OneTwice,
    /// Those whose naming segment is whole; one more may be cut in two.
    Before(usize),
}

/// Damaged bytes and what is known of them.
pub struct Damaged {
    /// What arrives.
    pub bytes: Vec<u8>,
    /// Whom a reader must find.
    pub survivors: Survivors,
}

/// One way in which a message goes wrong.
pub struct Damage {
    /// What it is called here.
    pub name: &'static str,
    /// What a reader must say about it: the code of element 0085 or one of
    /// [`messages::CODES`]; empty where it is odd and harmless.
    pub code: &'static str,
    /// Whether the flight is the same afterwards.
    pub same_flight: bool,
    apply: fn(&[u8], &mut Rng) -> (Vec<u8>, Survivors),
}

impl Damage {
    /// Does it.
    pub fn apply(&self, whole: &[u8], rng: &mut Rng) -> Damaged {
        let (bytes, survivors) = (self.apply)(whole, rng);
        Damaged { bytes, survivors }
    }
}

macro_rules! damages {
    ($($name:literal $code:literal $flight:ident $how:expr;)*) => {
        /// All of them.
        pub const DAMAGES: &[Damage] = &[$(Damage {
            name: $name, code: $code, same_flight: stringify!($flight).len() == 4, apply: $how,
        }),*];
    };
}

damages! {
    "wrong count in UNT" "29" same |b, _| all(each(b, "UNT+", |s| counted(s, 1, 1)));
    "other reference in UNT" "28" same |b, _| all(each(b, "UNT+", |s| put(s, 2, "9X9")));
    "wrong count in UNZ" "29" same |b, _| all(each(b, "UNZ+", |s| counted(s, 1, 1)));
    "other reference in UNZ" "28" same |b, _| all(each(b, "UNZ+", |s| put(s, 2, "OTHER")));
    "count without number" "37" same |b, _| all(each(b, "UNZ+", |s| put(s, 1, "ONE")));
    "total that differs" "P-COUNT" same |b, _| all(each(b, "CNT+42", |s| counted(s, 1, 3)));
    "no trailers" "13" same |b, _| all(drop_from(b, "UNT+"));
    "cut off" "13" same cut_off;
    "last terminator missing" "13" same |b, _| all(b[..b.len() - 1].to_vec());
    "telex header" "18" same |b, _| all(joined(&[b"\x01QU LONXXX1 ANKXXX1\r\n.LONXXX1 231215\r\n\x02", b]));
    "telex trailer" "18" same |b, _| all(joined(&[b, b"\r\n\x03\r\n\r\n---------\r\n23NOV26 1215Z"]));
    "disclaimer after UNZ" "18" same |b, _| all(joined(&[b, b"\r\n\r\nThis e-mail and any attachment may be confidential.\r\n"]));
    "lone carriage returns" "" same |b, _| all(replaced(b, b"'", b"'\r"));
    "line ends between segments" "" same |b, _| all(replaced(b, b"'", b"'\r\n"));
    "small letters" "21" same |b, _| all(each(b, "NAD+FL", |s| format!("NAD+FL{}", s[6..].to_ascii_lowercase())));
    "Latin-1 under UNOA" "21" same latin1;
    "unreleased apostrophe" "12" same |b, _| all(first(b, "NAD+FL+++", |s| s.replacen("+++", "+++O'", 1)));
    "segment of their own" "P-SEGMENT" same |b, _| all(first(b, "CNT+", |s| format!("XQX+7+OWN:USE'{s}")));
    "separators without advice" "" same |b, _| all(other_separators(b));
    "backslash as release" "" same |b, _| all(replaced(b, b"UNA:+.? '", b"UNA:+.\\ '"));
    "empty departure time" "P-TIME" same |b, _| all(first(b, "DTM+189", |_| "DTM+189::201".into()));
    "blank in a birth date" "" same |b, _| all(first(b, "DTM+329", |s| spread(&s)));
    "impossible birth date" "P-BIRTH" same |b, _| all(first(b, "DTM+329", |_| "DTM+329:991332".into()));
    "birth date missing" "P-BIRTH-MISSING" same |b, _| all(without(b, "DTM+329"));
    "nationality of two letters" "P-COUNTRY-SHORT" same |b, _| all(first(b, "NAT+2+", |_| "NAT+2+GB".into()));
    "unknown nationality" "P-COUNTRY-UNK" same |b, _| all(first(b, "NAT+2+", |_| "NAT+2+UNK".into()));
    "nationality of nobody" "P-COUNTRY" same |b, _| all(first(b, "NAT+2+", |_| "NAT+2+QQX".into()));
    "title glued on" "P-NAME-TITLE" same |b, _| all(first(b, "NAD+FL", |_| "NAD+FL+++SMITH:JOHNMR".into()));
    "name of nobody" "P-NAME-NOBODY" same |b, _| all(first(b, "NAD+FL", |_| "NAD+FL+++UNKNOWN:UNKNOWN".into()));
    "digits in a name" "P-NAME-DIGITS" same |b, _| all(first(b, "NAD+FL", |_| "NAD+FL+++SM1TH:JOHN".into()));
    "birth date of nobody" "P-BIRTH-NOBODY" same |b, _| all(first(b, "DTM+329", |_| "DTM+329:19000101:102".into()));
    "document number of nobody" "P-DOCUMENT-NOBODY" same |b, _| all(first(b, "DOC+P", |s| put(&s, 2, "000000000")));
    "check digit in the number" "P-DOCUMENT-CHECK-DIGIT" same |b, _| all(first(b, "DOC+P", |s| put(&s, 2, "L898902C36")));
    "wrapped at 63" "" same |b, _| all(b.chunks(63).collect::<Vec<_>>().join(&b"\r\n"[..]));
    "wrapped at 69" "" same |b, _| all(b.chunks(69).collect::<Vec<_>>().join(&b"\n"[..]));
    "two bytes a character" "" same |b, _| all(b.iter().flat_map(|b| [*b, 0]).collect());
    "document without kind" "P-DOCUMENT-KIND" same |b, _| all(first(b, "DOC+P", |s| s.replacen("DOC+P:110:111", "DOC+", 1)));
    "document without number" "P-DOCUMENT-NUMBER" same |b, _| all(first(b, "DOC+P", |s| put(&s, 2, "")));
    "expired document" "P-DOCUMENT-EXPIRED" same |b, _| all(first(b, "DTM+36", |_| "DTM+36:200101".into()));
    "empty issuer" "" same |b, _| all(first(b, "LOC+91", |_| "LOC+91+".into()));
    "bag tag NULL" "" same |b, _| all(first(b, "ATT+2", |s| format!("{s}'FTX+BAG+++NULL'MEA+CT++:0")));
    "sex of another alphabet" "P-SEX" same |b, _| all(first(b, "ATT+2", |_| "ATT+2++Q".into()));
    "the same person twice" "P-DUPLICATE" same twice;
    "no name" "P-NAME" same |b, _| all(first(b, "NAD+FL", |_| "NAD+FL+++".into()));
    "the same airport twice" "P-AIRPORTS-SAME" other |b, _| all(same_airport(b));
    "unknown airport" "P-AIRPORT" other |b, _| all(first(b, "LOC+125", |_| "LOC+125+QQQ".into()));
    "arrival before departure" "P-TIMES-ORDER" same |b, _| all(first(b, "DTM+232", |_| "DTM+232:2001010000:201".into()));
    "flight without number" "P-FLIGHT-NUMBER" other |b, _| all(first(b, "TDT+20", |s| put(&s, 2, "")));
    "no message header" "13" same |b, _| all(without(b, "UNH+"));
    "blank before the airport's qualifier" "P-QUALIFIER-BLANK" same |b, _| all(first(b, "LOC+125", |s| s.replacen("+125", "+ 125", 1)));
    "blank before the time's qualifier" "P-QUALIFIER-BLANK" same |b, _| all(first(b, "DTM+189", |s| s.replacen("+189", "+ 189", 1)));
    "name that is too long" "39" same |b, _| all(first(b, "NAD+FL", |_| format!("NAD+FL+++{}:JOHN", "LANGE".repeat(8))));
    "birth date that is too short" "40" same |b, _| all(first(b, "DTM+329", |_| "DTM+329:8804".into()));
    "elements too many" "16" same |b, _| all(first(b, "ATT+2", |s| format!("{s}+ONE:MORE")));
    "birth date twice" "35" same |b, _| all(first(b, "DTM+329", |s| format!("{s}'{s}")));
    "country of specimens" "P-COUNTRY-SPECIMEN" same |b, _| all(first(b, "NAT+2+", |_| "NAT+2+UTO".into()));
    "country of days past" "P-COUNTRY-RETIRED" same |b, _| all(first(b, "NAT+2+", |_| "NAT+2+ZIM".into()));
    "function of their own" "P-FUNCTION" same |b, _| all(first(b, "BGM+745", |_| "BGM+745+ZZ9".into()));
}

fn all(bytes: Vec<u8>) -> (Vec<u8>, Survivors) {
    (bytes, Survivors::All)
}

/// The segments, each with its terminator; releases are minded.
fn segments(bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut start, mut at) = (0, if bytes.starts_with(b"UNA") { 9 } else { 0 });
    if at > 0 {
        out.push(&bytes[..at]);
        start = at;
    }
    while at < bytes.len() {
        match bytes[at] {
            b'?' => at += 1,
            b'\'' => {
                out.push(&bytes[start..=at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push(&bytes[start..]);
    out
}

/// Rewrites every segment that begins so; its terminator stays.
fn each(bytes: &[u8], begin: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    rewritten(bytes, begin, usize::MAX, change)
}

/// Rewrites the first segment that begins so.
fn first(bytes: &[u8], begin: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    rewritten(bytes, begin, 1, |s| change(s.to_owned()))
}

fn rewritten(bytes: &[u8], begin: &str, most: usize, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut left = most;
    let mut out = Vec::with_capacity(bytes.len() + 64);
    for segment in segments(bytes) {
        let inner = segment.strip_suffix(b"'").unwrap_or(segment);
        match std::str::from_utf8(inner) {
            Ok(text) if left > 0 && text.starts_with(begin) => {
                left -= 1;
                out.extend_from_slice(change(text).as_bytes());
                out.extend_from_slice(&segment[inner.len()..]);
            }
            _ => out.extend_from_slice(segment),
        }
    }
    out
}

fn without(bytes: &[u8], begin: &str) -> Vec<u8> {
    let left = segments(bytes).into_iter().filter(|s| !s.starts_with(begin.as_bytes()));
    left.flatten().copied().collect()
}

/// Everything before the first segment that begins so.
fn drop_from(bytes: &[u8], begin: &str) -> Vec<u8> {
    let left = segments(bytes).into_iter().take_while(|s| !s.starts_with(begin.as_bytes()));
    left.flatten().copied().collect()
}

/// The segment with element `element` (counted from 1) replaced.
fn put(segment: &str, element: usize, with: &str) -> String {
    let mut elements: Vec<&str> = segment.split('+').collect();
    if let Some(place) = elements.get_mut(element) {
        *place = with;
    }
    elements.join("+")
}

/// The last number of an element grown by `more`.
fn counted(segment: &str, element: usize, more: u64) -> String {
    let old = segment.split('+').nth(element).unwrap_or_default();
    let (before, number) = old.rsplit_once(':').map_or(("", old), |(b, n)| (b, n));
    let grown = number.parse::<u64>().unwrap_or(0) + more;
    let new = if before.is_empty() { grown.to_string() } else { format!("{before}:{grown}") };
    put(segment, element, &new)
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    // The advice keeps its own service characters unless it is what is replaced.
    let keep = if bytes.starts_with(b"UNA") && !from.starts_with(b"UNA") { 9 } else { 0 };
    let mut out = bytes[..keep].to_vec();
    let mut at = keep;
    while at < bytes.len() {
        if bytes[at] == b'?' && from.len() == 1 && at + 1 < bytes.len() {
            out.extend_from_slice(&bytes[at..at + 2]);
            at += 2;
        } else if bytes[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// Somewhere in the second half, within the list of travellers.
fn cut_off(bytes: &[u8], rng: &mut Rng) -> (Vec<u8>, Survivors) {
    let middle = bytes.len() as u64 / 2;
    let at = rng.between(middle, bytes.len() as u64 * 9 / 10) as usize;
    let cut = bytes[..at].to_vec();
    let whole = |s: &&[u8]| s.starts_with(b"NAD+F") && s.ends_with(b"'");
    let before = segments(&cut).iter().filter(|s| whole(s)).count();
    (cut, Survivors::Before(before))
}

/// A letter with two dots in the first surname, as one byte.
fn latin1(bytes: &[u8], _: &mut Rng) -> (Vec<u8>, Survivors) {
    let marked = first(bytes, "NAD+F", |s| s.replacen("+++", "+++\u{1}", 1));
    let bytes = marked.iter().map(|b| if *b == 1 { 0xDC } else { *b }).collect::<Vec<u8>>();
    all(replaced(&bytes, b"+UNOB:", b"+UNOA:"))
}

/// Telex-like separators that no advice announces.
fn other_separators(bytes: &[u8]) -> Vec<u8> {
    let body = bytes.strip_prefix(b"UNA:+.? '").unwrap_or(bytes);
    let free = |b: u8| !body.contains(&b);
    if ![b'\x1c', b'\x1d', b'\x1f'].into_iter().all(free) {
        return bytes.to_vec();
    }
    body.iter()
        .map(|b| match b {
            b'\'' => b'\x1c',
            b'+' => b'\x1d',
            b':' => b'\x1f',
            b => *b,
        })
        .collect()
}

/// `DTM+329:880402` as `DTM+329:88 0402`.
fn spread(segment: &str) -> String {
    let (start, date) = segment.split_at("DTM+329:".len().min(segment.len()));
    let (year, rest) = date.split_at(2.min(date.len()));
    format!("{start}{year} {rest}")
}

/// The first traveller's whole group is there a second time, at the end.
fn twice(bytes: &[u8], _: &mut Rng) -> (Vec<u8>, Survivors) {
    let all = segments(bytes);
    let is = |tag: &'static [u8]| move |s: &&[u8]| s.starts_with(tag);
    let (Some(start), Some(end)) =
        (all.iter().position(is(b"NAD+F")), all.iter().position(is(b"CNT+")))
    else {
        return (bytes.to_vec(), Survivors::All);
    };
    let next = all[start + 1..].iter().position(is(b"NAD+")).map_or(end, |i| start + 1 + i);
    let order = all[..end].iter().chain(&all[start..next]).chain(&all[end..]);
    (order.copied().flatten().copied().collect(), Survivors::OneTwice)
}

fn same_airport(bytes: &[u8]) -> Vec<u8> {
    let from = segments(bytes).into_iter().find_map(|s| s.strip_prefix(b"LOC+125+"));
    let from = from.map(|s| String::from_utf8_lossy(s).trim_end_matches('\'').to_owned());
    first(bytes, "LOC+87", |_| format!("LOC+87+{}", from.clone().unwrap_or_default()))
}
