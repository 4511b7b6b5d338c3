//! The service segments, each by itself: what `UNB`, `UNG`, `UNH` and the trailers say,
//! and what in them is against the standard.

use crate::{
    Fault, FaultKind, Group, Header, Mode, Repertoire, Segment, Sequence, Severity, Span,
    envelope::Names, fault::excerpt,
};

/// Something found wrong, before it is weighed by the mode.
pub(crate) struct Finding {
    pub kind: FaultKind,
    pub span: Span,
    pub place: Place,
    pub expected: String,
    pub why: String,
    /// What stands there, if that is in an earlier stretch; then `span` is one of the
    /// whole transmission.
    found: Option<String>,
}

impl Finding {
    pub fn new(kind: FaultKind, span: Span) -> Self {
        Self {
            kind,
            span,
            place: Place::default(),
            expected: String::new(),
            why: String::new(),
            found: None,
        }
    }
    /// About something that may stand in an earlier stretch.
    pub fn before(kind: FaultKind, span: Span, found: &str) -> Self {
        Self { found: Some(found.to_owned()), ..Self::new(kind, span) }
    }
    pub fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }
    pub fn expected(self, what: &str) -> Self {
        Self { expected: what.to_owned(), ..self }
    }
    pub fn why(self, why: &str) -> Self {
        Self { why: why.to_owned(), ..self }
    }

    /// The fault that it is to a reader of this mode.
    /// `bytes` stand at `offset` of the transmission.
    pub fn weigh(self, mode: Mode, bytes: &[u8], offset: usize) -> Fault {
        let Self { kind, span, place, expected, why, found } = self;
        let (span, found) = match found {
            Some(found) => (span, found),
            None => (span.behind(offset), excerpt(&bytes[span.start..span.end])),
        };
        let severity = match mode {
            Mode::Strict => kind.tolerant().max(Severity::Error),
            _ => kind.tolerant(),
        };
        let text = match why.as_str() {
            "" => kind.text().to_owned(),
            why => format!("{} ({why})", kind.text()),
        };
        Fault {
            kind,
            severity,
            span,
            message: place.message,
            segment: place.segment,
            element: place.element,
            component: place.component,
            found,
            expected,
            text,
        }
    }
}

/// Where it was found.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    pub message: Option<usize>,
    pub segment: Option<usize>,
    pub element: Option<usize>,
    pub component: Option<usize>,
}

impl Place {
    pub fn of_segment(message: usize, segment: usize) -> Self {
        Self { message: Some(message), segment: Some(segment), ..Self::default() }
    }
    pub fn element(self, element: usize) -> Self {
        Self { element: Some(element), component: Some(1), ..self }
    }
}

fn text(segment: &Segment<'_>, element: usize, component: usize) -> String {
    segment.text(element, component).trim().to_owned()
}

/// Reads `UNB`.
pub(crate) fn header(unb: &Segment<'_>) -> Header {
    let text = |e, c| text(unb, e, c);
    Header {
        syntax_id: text(1, 1),
        syntax_version: text(1, 2),
        sender: text(2, 1),
        sender_qualifier: text(2, 2),
        recipient: text(3, 1),
        recipient_qualifier: text(3, 2),
        date: text(4, 1),
        time: text(4, 2),
        reference: text(5, 1),
        application: text(7, 1),
        ack_requested: text(9, 1) == "1",
        test: text(11, 1) == "1",
        span: unb.span(),
    }
}

/// What `UNB` lacks or has too much of.
pub(crate) fn header_findings(unb: &Segment<'_>, header: &Header) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut push = |kind, element, component, expected: &str| {
        let place = Place { component: Some(component), ..Place::default().element(element) };
        let span = unb.span_of(element, component);
        findings.push(Finding::new(kind, span).at(place).expected(expected));
    };
    let syntax = "UNOA to UNOY, IATA or IATB, version 1 to 4";
    if Repertoire::named(&header.syntax_id).is_none() {
        push(FaultKind::UnknownSyntax, 1, 1, syntax);
    } else if !matches!(header.syntax_version.as_str(), "1" | "2" | "3" | "4" | "") {
        push(FaultKind::UnknownSyntax, 1, 2, syntax);
    }
    let mandatory = [
        (2, &header.sender, "the sender"),
        (3, &header.recipient, "the recipient"),
        (4, &header.date, "the date"),
        (5, &header.reference, "the control reference"),
    ];
    for (element, value, what) in mandatory {
        if value.is_empty() {
            push(FaultKind::MissingElement, element, 1, what);
        }
    }
    if header.reference.chars().count() > 14 {
        push(FaultKind::TooLong, 5, 1, "at most 14 characters");
    }
    if !header.date.is_empty() && !is_date(&header.date) {
        push(FaultKind::BadDate, 4, 1, "YYMMDD:HHMM");
    } else if !header.date.is_empty() && !is_time(&header.time) {
        push(FaultKind::BadDate, 4, 2, "YYMMDD:HHMM");
    }
    if unb.elements() > 11 {
        push(FaultKind::TooMany, 12, 1, "at most 11 elements");
    }
    findings
}

/// Whether this can be a date of preparation: YYMMDD or CCYYMMDD.
fn is_date(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits && matches!(text.len(), 6 | 8) && {
        let (month, day) = text[text.len() - 4..].split_at(2);
        ("01"..="12").contains(&month) && ("01"..="31").contains(&day)
    }
}

/// Whether this can be a time of preparation: HHMM.
fn is_time(text: &str) -> bool {
    text.len() == 4
        && text.bytes().all(|b| b.is_ascii_digit())
        && &text[..2] <= "23"
        && &text[2..] <= "59"
}

/// Reads `UNG`.
pub(crate) fn group(ung: &Segment<'_>) -> Group {
    Group {
        kind: text(ung, 1, 1),
        sender: text(ung, 2, 1),
        recipient: text(ung, 3, 1),
        reference: text(ung, 5, 1),
        span: ung.span(),
    }
}

/// What `UNG` lacks.
pub(crate) fn group_findings(ung: &Segment<'_>, group: &Group) -> Option<Finding> {
    let missing = Finding::new(FaultKind::MissingElement, ung.span_of(5, 1));
    let missing = missing.at(Place::default().element(5)).expected("the group reference");
    group.reference.is_empty().then_some(missing)
}

/// So many elements has `UNH` in syntax version 4, the last three for subsets and scenarios.
const MOST_OF_UNH: usize = 7;

/// What is wrong with `UNH`, of message `at`, in a group of type `of_group` (or of none).
pub(crate) fn message_findings(
    unh: &Segment<'_>,
    names: &Names,
    at: usize,
    of_group: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut push = |kind, element, expected: &str| {
        let place = Place::of_segment(at, 1).element(element);
        findings.push(Finding::new(kind, unh.span_of(element, 1)).at(place).expected(expected));
    };
    if names.reference.is_empty() {
        push(FaultKind::MissingElement, 1, "the message reference");
    }
    if names.reference.chars().count() > 14 {
        push(FaultKind::TooLong, 1, "at most 14 characters");
    }
    if names.kind.is_empty() {
        push(FaultKind::MissingElement, 2, "the message type");
    }
    if !of_group.is_empty() && of_group != names.kind {
        push(FaultKind::TypeDiffers, 2, of_group);
    }
    if unh.elements() > MOST_OF_UNH {
        push(FaultKind::TooMany, MOST_OF_UNH + 1, "at most 7 elements");
    }
    findings
}

impl Names {
    /// Reads `UNH`.
    pub fn of(unh: &Segment<'_>) -> Self {
        let text = |e, c| text(unh, e, c);
        Self {
            reference: text(1, 1),
            kind: text(2, 1).to_uppercase(),
            version: text(2, 2),
            release: text(2, 3),
            agency: text(2, 4),
            association: text(2, 5),
            access_reference: Some(text(3, 1)).filter(|t| !t.is_empty()),
            sequence: sequence(&text(4, 1), &text(4, 2)),
        }
    }
}

fn sequence(number: &str, flag: &str) -> Option<Sequence> {
    let number = number.parse().ok()?;
    Some(Sequence { number, first: flag == "C", last: flag == "F" })
}

/// What is wrong with the count and the reference of `UNT`, `UNE` or `UNZ`.
pub(crate) fn trailer_findings(
    trailer: &Segment<'_>,
    place: Place,
    count: u64,
    reference: Option<&str>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut push = |kind, element, expected: &str| {
        let span = trailer.span_of(element, 1);
        findings.push(Finding::new(kind, span).at(place.element(element)).expected(expected));
    };
    match text(trailer, 1, 1).parse::<u64>() {
        Ok(given) if given == count => {}
        Ok(_) => push(FaultKind::CountDiffers, 1, &count.to_string()),
        Err(_) => push(FaultKind::CountNotNumeric, 1, &count.to_string()),
    }
    if let Some(reference) = reference
        && text(trailer, 2, 1) != reference
    {
        push(FaultKind::ReferenceDiffers, 2, reference);
    }
    if trailer.elements() > 2 {
        push(FaultKind::TooMany, 3, "2 elements");
    }
    findings
}
