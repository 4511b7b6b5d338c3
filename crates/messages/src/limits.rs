//! What the guides allow of a segment inside a message: how many elements and components it
//! has, and how long each of them may be (ISO 9735 codes 16, 39 and 40), and in which order
//! PAXLST has its segments (15).
//!
//! Nobody is lost for any of it: what stands there was read, and the sender is told. To
//! measure every component of every segment would cost each sound list what few need, so the
//! readers ask of a segment no more than whether it is longer than a sound one usually is;
//! only then, or when something else was found in it, is it held against the table.

use edifact::{FaultKind, Message, Segment};

use crate::reading::MessageType;
use crate::sink::Sink;
use crate::text::few;

/// Fewest and most characters of a component; an empty one is never too short.
type Size = (u16, u16);
/// The components of an element.
type Composite = &'static [Size];

/// A segment of a guide.
struct Row {
    tag: [u8; 3],
    /// The qualifiers (first component) for which it holds; none: for all others.
    of: &'static [&'static str],
    elements: &'static [Composite],
}

const fn row(tag: &[u8; 3], of: &'static [&'static str], elements: &'static [Composite]) -> Row {
    Row { tag: *tag, of, elements }
}

const fn to(most: u16) -> Size {
    (1, most)
}

/// A code of the directory; code list (1131) and agency (3055) behind it.
const CODE: Size = to(3);
const LIST: Size = to(17);
const AGENCY: Size = to(3);
/// A country of Doc 9303 (`D` is Germany's), and an airport of IATA or ICAO.
const COUNTRY: Size = to(3);
const AIRPORT: Size = (3, 4);
/// A name or line of an address.
const NAME: Size = to(35);

/// PAXLST, D:02B to D:17A; where directories differ in a length, the longest.
const PAXLST: &[Row] = &[
    row(b"BGM", &[], &[&[CODE, LIST, AGENCY, NAME], &[NAME, to(9), to(6)], &[CODE], &[CODE]]),
    row(
        b"NAD",
        &[],
        &[
            &[CODE],
            &[NAME, LIST, AGENCY],
            &[NAME, NAME, NAME, NAME, NAME],
            &[NAME, NAME, NAME, NAME, NAME, CODE],
            &[NAME, NAME, NAME, NAME],
            &[NAME],
            &[to(9), LIST, AGENCY, to(70)],
            &[to(17)],
            &[COUNTRY],
        ],
    ),
    row(
        b"TDT",
        &[],
        &[
            &[CODE],
            &[to(17)],
            &[CODE, to(17)],
            &[to(8), LIST, AGENCY, NAME],
            &[to(17), LIST, AGENCY, NAME],
            &[CODE],
            &[CODE, CODE, to(17)],
            &[NAME, LIST, AGENCY, to(70), CODE],
            &[CODE],
        ],
    ),
    row(
        b"LOC",
        &["125", "87", "92"],
        &[&[CODE], &[AIRPORT, LIST, AGENCY, to(256)], PLACE, PLACE, &[CODE]],
    ),
    row(
        b"LOC",
        &["91", "174"],
        &[&[CODE], &[COUNTRY, LIST, AGENCY, to(256)], PLACE, PLACE, &[CODE]],
    ),
    row(b"LOC", &[], &[&[CODE], PLACE, PLACE, PLACE, &[CODE]]),
    row(b"DTM", &["189", "232", "554"], &[&[CODE, (10, 12), CODE]]),
    row(b"DTM", &["329", "36", "182"], &[&[CODE, (6, 8), CODE]]),
    row(b"ATT", &[], &[&[CODE], &[to(17), LIST, AGENCY], &[to(17), LIST, AGENCY, to(256)]]),
    row(b"GEI", &[], &[&[CODE], &[CODE, LIST, AGENCY, NAME]]),
    row(b"NAT", &[], &[&[CODE], &[(3, 3), LIST, AGENCY, NAME]]),
    row(b"RFF", &["ABO"], &[&[CODE, to(25), to(6), NAME, to(6)]]),
    row(b"RFF", &[], &[&[CODE, to(70), to(6), NAME, to(6)]]),
    row(
        b"DOC",
        &[],
        &[
            &[CODE, LIST, AGENCY, to(70)],
            &[NAME, CODE, to(70), CODE, to(9), to(6)],
            &[CODE],
            &[to(2)],
            &[to(2)],
        ],
    ),
    row(
        b"MEA",
        &[],
        &[&[CODE], &[CODE, CODE, to(17), to(70)], &[to(8), to(18), to(18), to(18), to(2)], &[CODE]],
    ),
    row(
        b"FTX",
        &[],
        &[
            &[CODE],
            &[CODE],
            &[to(17), LIST, AGENCY],
            &[to(512), to(512), to(512), to(512), to(512)],
            &[CODE],
            &[CODE],
        ],
    ),
    row(b"CNT", &[], &[&[CODE, to(18), to(8)]]),
];

const PLACE: Composite = &[to(35), LIST, AGENCY, to(256)];

/// PNRGOV, as far as its guide's layouts are known; it sets no bounds that we have read to
/// texts, and none to how often a segment stands.
const PNRGOV: &[Row] = &[
    row(b"SRC", &[], &[]),
    row(b"EQN", &[], &[&[to(15), CODE]]),
    row(b"TIF", &[], &[&[to(70), CODE, to(5)], &[to(70), CODE, to(10), CODE, CODE]]),
];

/// The table of a message.
fn table(kind: &MessageType) -> &'static [Row] {
    match kind {
        MessageType::Paxlst => PAXLST,
        MessageType::Pnrgov => PNRGOV,
        _ => &[],
    }
}

/// Holds a segment against its row.
pub(crate) fn check(
    kind: &MessageType,
    s: &Segment<'_>,
    traveller: Option<usize>,
    sink: &mut Sink<'_>,
) {
    let (code, qualifier) = (s.code(), s.qualifier().trim_ascii());
    let mut rows = table(kind).iter().filter(|row| row.tag == code);
    let holds = |row: &&Row| row.of.is_empty() || row.of.iter().any(|q| q.as_bytes() == qualifier);
    let Some(row) = rows.find(holds) else { return };
    for e in 1..=few(s.elements()) {
        let sizes = row.elements.get(e - 1).copied();
        for c in 1..=few(s.components(e)) {
            let text = s.text(e, c);
            let length = text.trim().chars().count();
            let Some((fewest, most)) = sizes.and_then(|sizes| sizes.get(c - 1)).copied() else {
                if length > 0 {
                    let room = sizes.map_or(row.elements.len(), |sizes| sizes.len());
                    let what = if sizes.is_some() { "components" } else { "elements" };
                    sink.fault(
                        FaultKind::Surplus,
                        s,
                        (e, c),
                        &format!("at most {room} {what}"),
                        traveller,
                    );
                    // What follows is too many as well.
                    return;
                }
                continue;
            };
            let (kind, expected) = match length {
                0 => continue,
                n if n > usize::from(most) => {
                    (FaultKind::TooLong, format!("at most {most} characters"))
                }
                n if n < usize::from(fewest) => {
                    (FaultKind::TooShort, format!("at least {fewest} characters"))
                }
                _ => continue,
            };
            sink.fault(kind, s, (e, c), &expected, traveller);
        }
    }
}

/// The order of PAXLST: at the head, behind a `NAD` that is somebody, and behind a `DOC`.
const HEAD: &[[u8; 3]] = &[*b"UNH", *b"BGM", *b"RFF", *b"NAD", *b"COM", *b"TDT"];
const PERSON: &[[u8; 3]] = &[
    *b"NAD", *b"ATT", *b"DTM", *b"MEA", *b"GEI", *b"FTX", *b"LOC", *b"COM", *b"EMP", *b"NAT",
    *b"RFF", *b"DOC",
];
const DOCUMENT: &[[u8; 3]] = &[*b"DOC", *b"DTM", *b"LOC"];

/// Names each segment of a list that stands behind one which the guide has behind it. Senders
/// keep to no order behind `NAD`, the guide's own examples among them: a strict reader alone
/// is told.
pub(crate) fn order(message: &Message<'_>, sink: &mut Sink<'_>) {
    let (mut table, mut last) = (HEAD, 0);
    for s in message.segments() {
        let code = s.code();
        let opens = match &code {
            b"NAD" if s.qualifier().trim_ascii() != b"MS" => Some(PERSON),
            b"DOC" if table != HEAD => Some(DOCUMENT),
            b"CNT" | b"UNT" | b"UNS" | b"CTA" | b"PDT" => return,
            _ => None,
        };
        if let Some(group) = opens {
            (table, last) = (group, 0);
            continue;
        }
        let own = !matches!(
            (&code, s.qualifier()),
            (b"DTM", b"329") | (b"LOC", b"174" | b"178" | b"179" | b"180" | b"22")
        );
        let place = table.iter().position(|tag| *tag == code).filter(|_| table != DOCUMENT || own);
        match place {
            Some(place) if place >= last => last = place,
            // Places and times of a leg stand in any number and turn.
            None if table == HEAD => {}
            _ => {
                let before = table.get(last).map_or(&b"DOC"[..], |tag| &tag[..]);
                let before = if table == DOCUMENT { &b"DOC"[..] } else { before };
                let expected = format!("before {}", String::from_utf8_lossy(before));
                sink.fault_of_segment(FaultKind::OutOfOrder, &s, &expected, None);
            }
        }
    }
}
