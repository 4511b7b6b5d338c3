//! What reading yields: understood messages, and findings with their place.

use std::fmt;

use edifact::{Mode, Severity, Span};
use travel::{Kind, Report, Text};

use crate::cusres::Outcome;
use crate::{Code, Tally, structured};

/// One thing that is wrong or doubtful in what a carrier sent: a syntax fault or a
/// finding on the content. `Debug` never shows what was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// The standard's code (ISO 9735 element 0085) where it has one, else `P-…` of
    /// [`crate::CODES`].
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where in the bytes.
    pub span: Span,
    /// Index into the interchange's messages, counted from 0.
    pub message: Option<usize>,
    /// Index of the group (UNG) whose own segments it is about.
    pub(crate) group: Option<usize>,
    /// Position of the segment in its message; `UNH` is 1.
    pub segment: Option<usize>,
    /// Element in the segment, counted from 1.
    pub element: Option<usize>,
    /// Component in the element, counted from 1.
    pub component: Option<usize>,
    /// Index into [`Report::travellers`] of the understood message, counted from 0.
    pub traveller: Option<usize>,
    /// Of a table, JSON or XML: the name of the field, as the page on tables and JSON has it.
    pub field: Option<&'static str>,
    /// What stands there; a person's datum, perhaps.
    pub found: String,
    /// What should stand there; empty when there is no telling.
    pub expected: String,
    /// A sentence for the one who has to mend it. Names nobody.
    pub text: String,
    /// What to do about it, in a sentence. Names nobody.
    pub advice: &'static str,
}

impl Finding {
    /// A finding of `code` at `span`, without a place in a message.
    pub(crate) fn new(code: Code, span: Span, found: impl Into<String>) -> Self {
        Finding {
            code: code.code.to_owned(),
            severity: code.severity,
            span,
            message: None,
            group: None,
            segment: None,
            element: None,
            component: None,
            traveller: None,
            field: None,
            found: bounded(found.into()),
            expected: code.expected.to_owned(),
            text: code.text.to_owned(),
            advice: code.advice,
        }
    }

    /// Makes it one of that code, at the same place.
    pub(crate) fn of(&mut self, code: Code) {
        (self.code, self.severity, self.advice) =
            (code.code.to_owned(), code.severity, code.advice);
        (self.expected, self.text) = (code.expected.to_owned(), code.text.to_owned());
    }

    /// A fault of syntax that only who knows the message's guide can find.
    pub(crate) fn of_kind(
        kind: edifact::FaultKind,
        span: Span,
        found: &str,
        expected: &str,
    ) -> Self {
        Finding {
            code: kind.code().to_string(),
            severity: kind.tolerant(),
            span,
            message: None,
            group: None,
            segment: None,
            element: None,
            component: None,
            traveller: None,
            field: None,
            found: bounded(found.to_owned()),
            expected: expected.to_owned(),
            text: kind.text().to_owned(),
            advice: kind.advice(),
        }
    }

    /// The whole finding in plain words, without its place: what is wrong, what stands there
    /// and what should, what to do. **It may name a person**: see [`Finding::advised`].
    ///
    /// ```
    /// let sent = b"UNB+UNOA:4+TK+GBR+260301:0900+1'UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+9+1'UNZ+1+1'";
    /// let reading = messages::read(sent, edifact::Mode::Tolerant, jiff::civil::date(2026, 3, 1));
    /// let count = reading.findings.iter().find(|f| f.code == "29").unwrap();
    /// assert!(count.words().starts_with("The count in the trailer is not the number that is there. \
    ///     Found \"9\", expected 3. Write the number that is there"));
    /// ```
    pub fn words(&self) -> String {
        let found = if self.found.is_empty() { String::new() } else { format!("{:?}", self.found) };
        let said = match (found.is_empty(), self.expected.is_empty()) {
            (false, false) => format!(" Found {found}, expected {}.", self.expected),
            (false, true) => format!(" Found {found}."),
            (true, false) => format!(" Expected {}.", self.expected),
            (true, true) => String::new(),
        };
        format!("{}{said} {}", self.text, self.advice)
    }

    /// What is wrong and what to do, in words that name nobody.
    pub fn advised(&self) -> String {
        format!("{} {}", self.text, self.advice)
    }

    /// Whether this is a fault of syntax, which `CONTRL` answers, and no finding on
    /// the content.
    pub fn is_syntax(&self) -> bool {
        self.code.bytes().all(|b| b.is_ascii_digit())
    }
}

/// Long enough to recognise what stands there.
const MOST_FOUND: usize = 200;

fn bounded(mut found: String) -> String {
    if let Some((end, _)) = found.char_indices().nth(MOST_FOUND) {
        found.truncate(end);
    }
    found
}

/// What is told of what stands at a fault: of a whole segment, its tag and no more, unless it is
/// one of the envelope; of text that is no message, how long it is.
fn quotable(fault: &mut edifact::Fault) -> String {
    use edifact::FaultKind as K;
    let found = std::mem::take(&mut fault.found);
    let envelope = found.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("UN"));
    match fault.kind {
        K::TextBefore | K::TextAfter | K::NoInterchange => {
            format!("{} bytes", fault.span.len())
        }
        K::NoTerminator
        | K::NoMessageTrailer
        | K::OutsideMessage
        | K::NoMessageHeader
        | K::TrailerWithoutHeader
            if !envelope =>
        {
            tag_of(&found)
        }
        K::BadTag if fault.expected.starts_with("a tag") => tag_of(&found),
        _ if envelope || found.len() <= MOST_OF_FAULT => found,
        _ => structured::length(&found),
    }
}

/// No reference, count or date of the envelope is longer.
const MOST_OF_FAULT: usize = 35;

/// The tag with which a segment begins, if it begins with one.
fn tag_of(segment: &str) -> String {
    let tag: String = segment.chars().take_while(char::is_ascii_alphanumeric).take(4).collect();
    if tag.len() == 3 { tag } else { String::new() }
}

impl From<edifact::Fault> for Finding {
    fn from(mut fault: edifact::Fault) -> Self {
        let found = quotable(&mut fault);
        Finding {
            code: fault.code().to_string(),
            severity: fault.severity,
            span: fault.span,
            message: fault.message,
            group: None,
            segment: fault.segment,
            element: fault.element,
            component: fault.component,
            traveller: None,
            field: None,
            found,
            expected: fault.expected,
            text: fault.text,
            advice: fault.kind.advice(),
        }
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("code", &self.code)
            .field("severity", &self.severity)
            .field("span", &self.span)
            .field("segment", &self.segment)
            .finish_non_exhaustive()
    }
}

/// Kind of message (UNH S009 0065).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MessageType {
    /// Passenger or crew list.
    Paxlst,
    /// Booking records to governments, EDIFACT or XML.
    Pnrgov,
    /// A state's answer to PAXLST.
    Cusres,
    /// Answer on syntax.
    Contrl,
    /// A state's answer to PNRGOV.
    Ackres,
    /// Anything else, as named.
    Other(String),
}

impl MessageType {
    /// Reads 0065.
    pub fn parse(text: &str) -> Self {
        match text {
            "PAXLST" => MessageType::Paxlst,
            "PNRGOV" => MessageType::Pnrgov,
            "CUSRES" => MessageType::Cusres,
            "CONTRL" => MessageType::Contrl,
            "ACKRES" => MessageType::Ackres,
            other => MessageType::Other(other.to_owned()),
        }
    }

    /// The name in the standard.
    pub fn name(&self) -> &str {
        match self {
            MessageType::Paxlst => "PAXLST",
            MessageType::Pnrgov => "PNRGOV",
            MessageType::Cusres => "CUSRES",
            MessageType::Contrl => "CONTRL",
            MessageType::Ackres => "ACKRES",
            MessageType::Other(name) => name,
        }
    }
}

/// In what the submission is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// UN/EDIFACT.
    Edifact,
    /// PNRGOV in XML.
    PnrgovXml,
    /// A table with a header.
    Csv,
    /// JSON.
    Json,
    /// None that is understood; the findings say what it looks like.
    Unknown,
}

/// The interchange's envelope (`UNB`), as sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Envelope {
    /// Sender (S002 0004).
    pub sender: String,
    /// Qualifier of the sender (0007).
    pub sender_qualifier: String,
    /// Recipient (S003 0010).
    pub recipient: String,
    /// Qualifier of the recipient (0007).
    pub recipient_qualifier: String,
    /// Interchange control reference (0020).
    pub reference: String,
    /// Application reference (0026).
    pub application: String,
    /// Syntax identifier (0001), `UNOA` or other.
    pub syntax_id: String,
    /// Syntax version (0002).
    pub syntax_version: String,
    /// Whether the test indicator (0035) is set.
    pub test: bool,
    /// Whether an acknowledgement is asked for (0031).
    pub ack_requested: bool,
}

/// Somebody whom a message names again. `Debug` never shows who.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Mention {
    /// In what role.
    pub kind: Kind,
    /// Surname, as [`travel::Traveller::surname`].
    pub surname: Text,
    /// Given names, as [`travel::Traveller::given`].
    pub given: Text,
}

impl Mention {
    /// `SURNAME/GIVEN`, as [`travel::Traveller::written_name`].
    pub fn written_name(&self) -> String {
        match self.given.is_empty() {
            true => self.surname.to_string(),
            false => format!("{}/{}", self.surname, self.given),
        }
    }
}

impl fmt::Debug for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mention").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// One message as far as it was understood; parts of a series are one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Understood {
    /// Kind of message.
    pub kind: MessageType,
    /// `D:05B` for PAXLST, `11:1` for PNRGOV: version and release.
    pub release: String,
    /// `745`, `745+CP`, `22`: what the message wants, in the standard's codes.
    pub function: String,
    /// How many messages (UNH S010) were joined.
    pub parts: u32,
    /// What it says.
    pub report: Report,
    /// Message reference (UNH 0062) of the first part.
    pub reference: String,
    /// Common access reference (0068); empty when absent.
    pub access_reference: String,
    /// Indexes into the interchange's messages, one per part.
    pub messages: Vec<usize>,
    /// How often somebody already counted is named again, at check-in or in the
    /// history of a booking, or somebody whom the history says to have been taken out of
    /// it. Such are no further travellers.
    pub repeated: Vec<Mention>,
    /// What an answer says (CUSRES, ACKRES): a result for each of those it is about.
    pub outcomes: Vec<Outcome>,
    /// Which parts of a series (UNH S010) are here, when others are not; `None` for what is
    /// whole. See [`crate::Waiting`].
    pub series: Option<Tally>,
    /// Whether the transmission ends in the middle of it: neither its own trailer nor
    /// anything else follows. Who is missing, nobody can say.
    pub cut_off: bool,
}

/// How a `UNH` names its message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Named {
    pub(crate) reference: String,
    /// Type, version, release, agency (S009).
    pub(crate) kind: [String; 4],
    /// Index into [`Reading::groups`].
    pub(crate) group: Option<usize>,
}

/// How a `UNG` names its group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct GroupNamed {
    pub(crate) reference: String,
    pub(crate) sender: String,
    pub(crate) recipient: String,
}

/// All that reading a submission yields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// In what it is written.
    pub format: Format,
    /// In which mode it was read.
    pub mode: Mode,
    /// The envelope, where there is one.
    pub envelope: Option<Envelope>,
    /// The messages.
    pub messages: Vec<Understood>,
    /// Faults and findings in the order of their place in the bytes.
    pub findings: Vec<Finding>,
    /// Whether nothing could be made of it at all.
    pub fatal: bool,
    /// The interchange's messages as their `UNH` names them, for CONTRL.
    pub(crate) names: Vec<Named>,
    /// Its groups, likewise.
    pub(crate) groups: Vec<GroupNamed>,
}

impl Reading {
    /// The worst finding; `None` when there is none.
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).max()
    }
}
