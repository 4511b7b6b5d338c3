//! Faults: what is wrong with the syntax, where, and how CONTRL codes it (0085).

use crate::Span;

/// How bad something is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Against the standard; understood all the same.
    Warning,
    /// Something could not be understood or does not fit together.
    Error,
    /// Nothing could be understood.
    Fatal,
}

impl Severity {
    /// The word in `--json` output.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Fatal => "fatal",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $tolerant:ident, $text:literal, $advice:literal;)*) => {
        /// What kind of fault, after the checks of a strict receiver.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum FaultKind { $($(#[$doc])* $variant,)* }

        impl FaultKind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$variant),*];

            /// The code of element 0085.
            pub const fn code(self) -> u8 {
                match self { $(FaultKind::$variant => $code),* }
            }
            /// How bad it is to a tolerant reader; to a strict one all are errors.
            pub const fn tolerant(self) -> Severity {
                match self { $(FaultKind::$variant => Severity::$tolerant),* }
            }
            /// A sentence for the one who has to mend it.
            pub const fn text(self) -> &'static str {
                match self { $(FaultKind::$variant => $text),* }
            }
            /// What to do about it, in a sentence.
            pub const fn advice(self) -> &'static str {
                match self { $(FaultKind::$variant => $advice),* }
            }
        }
    };
}

kinds! {
    /// No `UNB` and no `UNH` anywhere.
    NoInterchange = 13, Fatal, "There is no interchange here: neither UNB nor UNH was found.",
        "Send one interchange, UNB to UNZ, as plain text.";
    /// The interchange does not begin with `UNB`.
    NoHeader = 13, Error, "The interchange header UNB is missing.",
        "Put UNB, with sender, recipient, date and reference, before the first message.";
    /// A second `UNB` before the `UNZ` of the first.
    SecondHeader = 35, Error, "A second UNB opens before the first interchange was closed by UNZ.",
        "Close the first interchange with UNZ, and send the second by itself.";
    /// Several interchanges in one transmission.
    SeveralInterchanges = 35, Warning, "Another interchange follows; send one at a time.",
        "Send each interchange, UNB to UNZ, by itself.";
    /// No `UNZ`.
    NoTrailer = 13, Warning, "The interchange trailer UNZ is missing.",
        "End the interchange with UNZ: the number of messages (or groups), and the reference of UNB.";
    /// Text before the interchange (telex header, disclaimer).
    TextBefore = 18, Note, "There is text before the interchange; it is not part of it.",
        "Nothing need be done; send the interchange alone if you can.";
    /// Text after the interchange.
    TextAfter = 18, Note, "There is text after the interchange; it is not part of it.",
        "Nothing need be done; send the interchange alone if you can.";
    /// A segment without a terminator at the end.
    NoTerminator = 13, Warning, "The last segment is not closed by the segment terminator.",
        "Check whether all was sent; end every segment, the last as well, with the terminator.";
    /// Syntax identifier or version that the standard does not know.
    UnknownSyntax = 2, Warning, "This syntax identifier or version is not one of ISO 9735 or PADIS.",
        "Write UNOA to UNOY, IATA or IATB and a version from 1 to 4 as first element of UNB.";
    /// `UNA` makes no sense.
    BadAdvice = 22, Warning, "The service string advice UNA is not six different characters.",
        "Write UNA:+.? ' (or UNA:+.?*' in version 4), or leave UNA out and use these characters.";
    /// A release character with nothing after it.
    ReleaseAtEnd = 18, Warning, "The data end with a release character that releases nothing.",
        "Check whether all was sent; write a question mark that is meant as text twice (??).";
    /// A trailer's reference is not its header's.
    ReferenceDiffers = 28, Warning, "The reference in the trailer is not that of the header.",
        "Repeat the header's reference: UNH in UNT, UNG in UNE, UNB in UNZ.";
    /// A trailer's count is wrong.
    CountDiffers = 29, Warning, "The count in the trailer is not the number that is there.",
        "Write the number that is there: in UNT segments from UNH to UNT, both counted; in UNE messages; in UNZ groups, or messages where there are no groups.";
    /// A trailer's count is not a number.
    CountNotNumeric = 37, Warning, "The count in the trailer is not a number.",
        "Write the number in digits.";
    /// Messages inside groups and outside.
    GroupsMixed = 30, Warning, "Some messages stand in groups (UNG) and some do not.",
        "Put every message into a group, or none.";
    /// Message of another type than its group says.
    TypeDiffers = 31, Warning, "The message is of another type than its group says.",
        "Put messages of one type alone into a group, and name that type in UNG.";
    /// An interchange, group or message with nothing in it.
    Empty = 32, Error, "There is nothing inside.",
        "Send nothing where there is nothing to say, or put the messages in.";
    /// A segment outside any message.
    OutsideMessage = 33, Warning, "This segment stands outside any message.",
        "Put the segment between the UNH and UNT of its message.";
    /// A message that no `UNT` closes.
    NoMessageTrailer = 13, Warning, "The message is not closed by UNT.",
        "Check whether all was sent; end every message with UNT.";
    /// `UNT`, `UNE` or `UNZ` without its header.
    TrailerWithoutHeader = 33, Warning, "This trailer closes nothing.",
        "Take the trailer out, or put its header in.";
    /// A group that no `UNE` closes.
    NoGroupTrailer = 13, Warning, "The group is not closed by UNE.",
        "End every group with UNE.";
    /// A mandatory element of an envelope segment is missing.
    MissingElement = 13, Warning, "A mandatory element is missing.",
        "Fill the element in.";
    /// A segment without a tag, or with one that is not three capital letters or digits.
    BadTag = 12, Warning, "A segment does not begin with a tag of three capital letters or digits.",
        "Write the tag in capitals. If this is the rest of a name or text, the quote before it ended the segment: write ?' for a quote that is meant as text.";
    /// Bytes outside the declared repertoire.
    OutsideRepertoire = 21, Warning, "There are characters that the declared repertoire does not have.",
        "Declare a repertoire that has the letters (UNOC for western Europe, UNOW for UTF-8) and encode by it, or write the name as in the machine-readable zone.";
    /// An element longer than the standard allows.
    TooLong = 39, Warning, "The element is longer than the standard allows.",
        "Shorten the element.";
    /// More elements or components than the envelope segment has.
    TooMany = 16, Note, "This envelope segment has fewer elements or components than stand here.",
        "Take out what stands behind the last element that the segment has.";
    /// More elements or components than a segment of the message has. Only who knows the
    /// message's guide can tell.
    Surplus = 16, Warning, "There are more elements or components here than the segment has; what is too many was not read.",
        "Take out what stands behind the last element or component that the guide has; release a separator that is meant as text (?+, ?:).";
    /// An element of the message shorter than its guide allows.
    TooShort = 40, Warning, "The element is shorter than the guide allows.",
        "Write the element in full.";
    /// A segment of the message that stands more often than its guide allows.
    SegmentRepeats = 35, Warning, "The segment stands here more often than the guide allows.",
        "Write the segment as often as the guide has it; what belongs to somebody else stands behind their own NAD or TIF.";
    /// A group of segments that stands more often than its guide allows.
    GroupRepeats = 36, Warning, "The group that this segment opens stands here more often than the guide allows.",
        "Write the group as often as the guide has it.";
    /// A segment of the message that does not stand where its guide has it.
    OutOfOrder = 15, Note, "The segment does not stand where the guide has it; it was read all the same.",
        "Write the segments in the order of the guide's table.";
    /// `UNZ` or `UNE` before the end of what it closes.
    EarlyTrailer = 15, Error, "The trailer stands before the end; what follows it was read all the same.",
        "Put UNZ once, behind the last message and its UNT (UNE behind the last message of its group).";
    /// A message that begins without `UNH`.
    NoMessageHeader = 13, Error, "The message header UNH is missing; what stands here was read as a message.",
        "Begin every message with UNH: its reference, and its type, version and release.";
    /// Date or time of preparation that is none.
    BadDate = 12, Note, "The date of preparation is YYMMDD (or CCYYMMDD), its time HHMM.",
        "Write the date of preparation as YYMMDD:HHMM.";
    /// Two messages of one interchange with the same reference.
    SameReference = 26, Note, "Another message of this interchange has the same reference.",
        "Number the messages of an interchange differently.";
    /// More bytes than can be read.
    TooLarge = 18, Error, "The transmission is too large; it was read up to here.",
        "Split the transmission.";
    /// For somebody else. Only the receiver can know: see `Interchange::misaddressed`.
    NotForUs = 7, Error, "The recipient in UNB is not who received this.",
        "Address the interchange to whom it is sent, or send it to whom it is addressed.";
    /// Test where production is expected, or the other way round: see `Interchange::wrong_channel`.
    TestIndicator = 25, Error, "The test indicator does not fit the channel by which this came.",
        "Set element 11 of UNB to 1 for tests, and leave it out otherwise.";
    /// Received before, in this transmission or (see `Interchange::repeated`) in another.
    Duplicate = 26, Error, "An interchange of this sender with this reference was received before.",
        "Give every interchange a reference of its own; a repetition need not be sent.";
}

/// One fault, with its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// How bad.
    pub severity: Severity,
    /// Where in the bytes.
    pub span: Span,
    /// Index into [`crate::Interchange::messages`], counted from 0.
    pub message: Option<usize>,
    /// Position of the segment in its message; `UNH` is 1.
    pub segment: Option<usize>,
    /// Element in the segment, counted from 1.
    pub element: Option<usize>,
    /// Component in the element, counted from 1.
    pub component: Option<usize>,
    /// What stands there, at most 80 characters of it.
    pub found: String,
    /// What should stand there; empty when there is no telling.
    pub expected: String,
    /// A sentence for the one who has to mend it.
    pub text: String,
}

impl Fault {
    /// The code of element 0085.
    pub fn code(&self) -> u8 {
        self.kind.code()
    }
}

impl Fault {
    /// The whole fault as a sentence for the sender's engineer: where, what was found,
    /// what should be there. **It may name a person**: it is for the answer to the sender
    /// and for officers, never for a log.
    ///
    /// ```
    /// let bytes = b"UNB+UNOA:4+TK+GBR+260101:0900+R1'UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+9+1'UNZ+1+R1'";
    /// let (_, faults) = edifact::read(bytes, edifact::Mode::Tolerant);
    /// assert_eq!(
    ///     faults[0].sentence(),
    ///     "Message 1, segment 3, element 1, component 1: The count in the trailer is not \
    ///      the number that is there. Found \"9\", expected \"3\" (0085 = 29)."
    /// );
    /// ```
    pub fn sentence(&self) -> String {
        let mut place = Vec::new();
        place.extend(self.message.map(|m| format!("message {}", m + 1)));
        place.extend(self.segment.map(|s| format!("segment {s}")));
        place.extend(self.element.map(|e| format!("element {e}")));
        place.extend(self.component.map(|c| format!("component {c}")));
        if place.is_empty() {
            place.push(format!("byte {}", self.span.start + 1));
        }
        let mut place = place.join(", ");
        place[..1].make_ascii_uppercase();
        let found =
            if self.found.is_empty() { "nothing".into() } else { format!("{:?}", self.found) };
        let expected = match self.expected.as_str() {
            "" => String::new(),
            text => format!(", expected {text:?}"),
        };
        format!("{place}: {} Found {found}{expected} (0085 = {}).", self.text, self.code())
    }
}

/// At most 80 characters of what stands there, for people.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(320)]);
    text.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Shows neither what was found nor what was expected: they may be a person's.
impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fault")
            .field("kind", &self.kind)
            .field("severity", &self.severity)
            .field("span", &self.span)
            .field("message", &self.message)
            .field("segment", &self.segment)
            .finish_non_exhaustive()
    }
}
