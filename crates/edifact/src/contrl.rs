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
    let whole: Vec<(Option<usize>, &Fault)> = faults
        .iter()
        .filter(|f| f.message.is_none() && f.severity > Severity::Note)
        .map(|f| (interchange.group_at(f.span.start), f))
        .collect();
    let worst = |group: Option<usize>| {
        let own = whole.iter().filter(|(g, _)| *g == group).map(|(_, f)| *f);
        own.max_by_key(|f| f.severity)
    };
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
    if let Some(fault) = worst(None) {
        uci.extend(place(interchange, fault));
    }
    segment(writer, "UCI", &uci);
    let write_group = |writer: &mut Writer, group: Option<usize>| {
        if let Some(index) = group
            && let Some(group) = interchange.groups().get(index)
        {
            let fault = worst(Some(index));
            let mut ucf = vec![
                vec![group.reference.clone()],
                vec![group.sender.clone()],
                vec![group.recipient.clone()],
                vec![of_group(fault).code().to_owned()],
            ];
            ucf.extend(fault.into_iter().flat_map(|f| place(interchange, f)));
            segment(writer, "UCF", &ucf);
        }
    };
    let mut group = None;
    for (i, message) in interchange.messages().iter().enumerate() {
        if message.group() != group {
            group = message.group();
            write_group(writer, group);
        }
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
    // Groups without a message.
    let full: Vec<usize> = interchange.messages().iter().filter_map(|m| m.group()).collect();
    let empty = (0..interchange.groups().len()).filter(|g| !full.contains(g));
    empty.for_each(|g| write_group(writer, Some(g)));
    let count = (writer.segments() + 1 - first).to_string();
    writer.segment("UNT", &[&[&count], &[reference]]);
}

/// A group is rejected when there is nothing in it; its messages have actions of their own.
fn of_group(fault: Option<&Fault>) -> Action {
    match fault {
        Some(f) if f.kind == FaultKind::Empty => Action::Rejected,
        _ => Action::Acknowledged,
    }
}

/// Code, segment and element of a fault of the interchange or a group itself.
fn place(interchange: &Interchange<'_>, fault: &Fault) -> Vec<Vec<String>> {
    let there = interchange.segment_at(fault.span.start).map(|s| s.code());
    let tag = match (fault.kind, there.as_ref()) {
        (FaultKind::BadAdvice, _) => "UNA",
        (FaultKind::NoTrailer, _) | (_, Some(b"UNZ")) => "UNZ",
        (FaultKind::NoGroupTrailer, _) | (_, Some(b"UNE")) => "UNE",
        (_, Some(b"UNG")) => "UNG",
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

/// What the codes of element 0085 mean (ISO 9735), in our own words.
pub const MEANINGS: &[(u8, &str)] = &[
    (2, "syntax version or level not supported"),
    (7, "the recipient is another"),
    (12, "invalid value"),
    (13, "missing"),
    (14, "value not supported in this position"),
    (15, "not supported in this position"),
    (16, "too many parts"),
    (17, "no agreement"),
    (18, "unspecified error"),
    (19, "invalid decimal mark"),
    (20, "character invalid as service character"),
    (21, "invalid character"),
    (22, "invalid service character"),
    (23, "unknown sender"),
    (24, "too old"),
    (25, "test indicator not supported"),
    (26, "duplicate"),
    (27, "security function not supported"),
    (28, "references do not match"),
    (29, "the count is not the number received"),
    (30, "groups and messages mixed"),
    (31, "more than one message type in the group"),
    (32, "nothing inside"),
    (33, "outside any message or group"),
    (34, "nesting not allowed"),
    (35, "segment repeated too often"),
    (36, "group repeated too often"),
    (37, "letters or digits where the others belong"),
    (38, "no digit before the decimal mark"),
    (39, "too long"),
    (40, "too short"),
];

/// What a CONTRL says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// The interchange that it answers (0020).
    pub interchange: String,
    /// Whether the interchange was rejected as a whole.
    pub rejected: bool,
    /// Groups by reference, and whether each was taken.
    pub groups: Vec<(String, bool)>,
    /// Messages by reference, and whether each was taken.
    pub messages: Vec<(String, bool)>,
    /// What is wrong, in order.
    pub faults: Vec<Reported>,
}

/// One fault that a CONTRL tells of, with its place as far as it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reported {
    /// Code (0085).
    pub code: u8,
    /// Index into [`Report::groups`], for a fault in or of a group.
    pub group: Option<usize>,
    /// Index into [`Report::messages`].
    pub message: Option<usize>,
    /// Position of the segment in its message (UCS 0096).
    pub segment: Option<usize>,
    /// Element (S011).
    pub element: Option<usize>,
    /// Component (S011).
    pub component: Option<usize>,
}

impl Reported {
    /// The code in words; empty when the standard has no such code.
    ///
    /// ```
    /// let reported = edifact::contrl::Reported { code: 29, ..Default::default() };
    /// assert_eq!(reported.meaning(), "the count is not the number received");
    /// ```
    pub fn meaning(&self) -> &'static str {
        MEANINGS.iter().find(|(code, _)| *code == self.code).map_or("", |(_, meaning)| meaning)
    }
}

impl Report {
    /// The codes (0085), in order.
    pub fn codes(&self) -> Vec<u8> {
        self.faults.iter().map(|f| f.code).collect()
    }
}

/// Reads the first CONTRL message of an interchange; `None` when there is none.
pub fn reports(bytes: &[u8]) -> Option<Report> {
    let (interchange, _) = read(bytes, Mode::Tolerant);
    let message = interchange.messages().iter().find(|m| m.kind() == "CONTRL")?;
    Some(understand(message))
}

/// Reads a CONTRL message.
pub fn understand(message: &crate::Message<'_>) -> Report {
    let mut report = Report::default();
    let mut position = None;
    for s in message.segments() {
        let number = |e, c| s.text(e, c).parse::<usize>().ok();
        let group = report.groups.len().checked_sub(1);
        let here = report.messages.len().checked_sub(1);
        let found = |report: &mut Report, at: usize, place: usize, base: Reported| {
            if let Ok(code) = s.text(at, 1).parse::<u8>() {
                let (element, component) = (number(place, 1), number(place, 2));
                report.faults.push(Reported { code, element, component, ..base });
            }
        };
        let taken = |e| s.text(e, 1) != "4";
        match &s.code() {
            b"UCI" => {
                report.interchange = s.text(1, 1).into_owned();
                report.rejected = !taken(4);
                found(&mut report, 5, 7, Reported::default());
            }
            b"UCF" => {
                report.groups.push((s.text(1, 1).into_owned(), taken(4)));
                let group = Some(report.groups.len() - 1);
                found(&mut report, 5, 7, Reported { group, ..Reported::default() });
            }
            b"UCM" => {
                report.messages.push((s.text(1, 1).into_owned(), taken(3)));
                let message = Some(report.messages.len() - 1);
                found(&mut report, 4, 6, Reported { group, message, ..Reported::default() });
            }
            b"UCS" => {
                position = number(1, 1);
                let base =
                    Reported { group, message: here, segment: position, ..Reported::default() };
                found(&mut report, 2, 0, base);
            }
            b"UCD" => {
                let base =
                    Reported { group, message: here, segment: position, ..Reported::default() };
                found(&mut report, 1, 2, base);
            }
            _ => {}
        }
    }
    report
}
