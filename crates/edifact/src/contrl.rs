//! CONTRL: the answer on syntax, naming every fault with its place.

use crate::{Fault, FaultKind, Interchange, Mode, Severity, Writer, read};

/// What became of the interchange, as the receiver decided (0083).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// This level and all below are rejected (4).
    Rejected,
    /// This level is acknowledged, and what is below unless it is rejected (7).
    Acknowledged,
}

impl Action {
    const fn code(self) -> &'static str {
        match self {
            Action::Rejected => "4",
            Action::Acknowledged => "7",
        }
    }
}

/// Writes the segments of one CONTRL message, `UNH` to `UNT`, into `writer`.
///
/// `accepted` says for each message of the interchange whether it was taken.
pub fn write(
    writer: &mut Writer,
    reference: &str,
    interchange: &Interchange<'_>,
    faults: &[Fault],
    accepted: &[bool],
) {
    let first = writer.segments();
    let none = crate::Header::default();
    let header = interchange.header().unwrap_or(&none);
    let version = if header.syntax_version == "4" { "4" } else { "3" };
    let whole: Vec<&Fault> =
        faults.iter().filter(|f| f.message.is_none() && f.severity > Severity::Note).collect();
    let dead =
        faults.iter().any(|f| f.severity == Severity::Fatal) || (interchange.messages().is_empty());
    let action = if dead { Action::Rejected } else { Action::Acknowledged };
    writer.segment("UNH", &[&[reference], &["CONTRL", "D", version, "UN"]]);
    let mut uci: Vec<Vec<String>> = vec![
        vec![header.reference.clone()],
        vec![header.sender.clone(), header.sender_qualifier.clone()],
        vec![header.recipient.clone(), header.recipient_qualifier.clone()],
        vec![action.code().to_owned()],
    ];
    if let Some(fault) = whole.iter().max_by_key(|f| f.severity) {
        uci.extend(place(interchange, fault));
    }
    segment(writer, "UCI", &uci);
    for (i, message) in interchange.messages().iter().enumerate() {
        let mine: Vec<&Fault> = faults.iter().filter(|f| f.message == Some(i)).collect();
        let taken = accepted.get(i).copied().unwrap_or(false);
        let action = if taken { Action::Acknowledged } else { Action::Rejected };
        let ucm = [
            vec![message.reference().to_owned()],
            vec![
                message.kind().to_owned(),
                message.version().to_owned(),
                message.release().to_owned(),
                message.agency().to_owned(),
            ],
            vec![action.code().to_owned()],
        ];
        segment(writer, "UCM", &ucm);
        for fault in mine.iter().filter(|f| f.severity > Severity::Note).take(999) {
            let Some(position) = fault.segment else { continue };
            let code = fault.code().to_string();
            if fault.element.is_some() {
                writer.segment("UCS", &[&[&position.to_string()]]);
                let element = fault.element.map(|e| e.to_string()).unwrap_or_default();
                let component = fault.component.map(|c| c.to_string()).unwrap_or_default();
                writer.segment("UCD", &[&[&code], &[&element, &component]]);
            } else {
                writer.segment("UCS", &[&[&position.to_string()], &[&code]]);
            }
        }
    }
    let count = (writer.segments() + 1 - first).to_string();
    writer.segment("UNT", &[&[&count], &[reference]]);
}

/// Code, segment and element of a fault of the interchange itself.
fn place(interchange: &Interchange<'_>, fault: &Fault) -> Vec<Vec<String>> {
    let there = interchange.segment_at(fault.span.start).map_or("", |s| s.tag());
    let tag = match (fault.kind, there) {
        (FaultKind::BadAdvice, _) => "UNA",
        (FaultKind::NoTrailer, _) => "UNZ",
        (FaultKind::NoGroupTrailer, _) => "UNE",
        (_, "UNG" | "UNE" | "UNZ") => there,
        _ => "UNB",
    };
    let mut place = vec![vec![fault.code().to_string()], vec![tag.to_owned()]];
    if let Some(element) = fault.element {
        let component = fault.component.map(|c| c.to_string()).unwrap_or_default();
        place.push(vec![element.to_string(), component]);
    }
    place
}

fn segment(writer: &mut Writer, tag: &str, elements: &[Vec<String>]) {
    let borrowed: Vec<Vec<&str>> =
        elements.iter().map(|e| e.iter().map(String::as_str).collect()).collect();
    let slices: Vec<&[&str]> = borrowed.iter().map(Vec::as_slice).collect();
    writer.segment(tag, &slices);
}

/// What a CONTRL says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// The interchange that it answers (0020).
    pub interchange: String,
    /// Whether the interchange was rejected as a whole.
    pub rejected: bool,
    /// Messages by reference, and whether each was taken.
    pub messages: Vec<(String, bool)>,
    /// Codes (0085), in order.
    pub codes: Vec<u8>,
}

/// Reads the CONTRL messages of an interchange; `None` when there is none.
pub fn reports(bytes: &[u8]) -> Option<Report> {
    let (interchange, _) = read(bytes, Mode::Tolerant);
    let message = interchange.messages().iter().find(|m| m.kind() == "CONTRL")?;
    let mut report = Report::default();
    for s in message.segments() {
        let code = |e| s.text(e, 1).parse::<u8>().ok();
        match s.tag() {
            "UCI" => {
                report.interchange = s.text(1, 1).into_owned();
                report.rejected = s.text(4, 1) == "4";
                report.codes.extend(code(5));
            }
            "UCM" => {
                report.messages.push((s.text(1, 1).into_owned(), s.text(3, 1) != "4"));
                report.codes.extend(code(4));
            }
            "UCS" => report.codes.extend(code(2)),
            "UCD" => report.codes.extend(code(1)),
            _ => {}
        }
    }
    Some(report)
}
