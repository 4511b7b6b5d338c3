//! The envelope as read: `UNB`, `UNG`, and the messages between.

use std::sync::Arc;

use crate::{
    Fault, FaultKind, Segment, Separators, Severity, Span, Tokens,
    context::{Context, Segments},
};

/// `UNB`: who sent the interchange to whom.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// Syntax identifier (0001).
    pub syntax_id: String,
    /// Syntax version (0002).
    pub syntax_version: String,
    /// Sender (S002 0004).
    pub sender: String,
    /// Its qualifier (0007).
    pub sender_qualifier: String,
    /// Recipient (S003 0010).
    pub recipient: String,
    /// Its qualifier (0007).
    pub recipient_qualifier: String,
    /// Date of preparation, as written.
    pub date: String,
    /// Time of preparation, as written.
    pub time: String,
    /// Interchange control reference (0020).
    pub reference: String,
    /// Application reference (0026).
    pub application: String,
    /// Whether an acknowledgement is asked for (0031).
    pub ack_requested: bool,
    /// Whether it is a test (0035).
    pub test: bool,
    /// Where `UNB` lies.
    pub span: Span,
}

/// `UNG`: a group of messages of one type.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Group {
    /// Message type (0038).
    pub kind: String,
    /// Sender of the group.
    pub sender: String,
    /// Recipient of the group.
    pub recipient: String,
    /// Reference (0048).
    pub reference: String,
    /// Where `UNG` lies.
    pub span: Span,
}

/// `S010`: which part of a series a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sequence {
    /// Number of the part.
    pub number: u32,
    /// Whether it is said to be the first (`C`).
    pub first: bool,
    /// Whether it is said to be the last (`F`).
    pub last: bool,
}

/// One message, `UNH` to `UNT`.
pub struct Message<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) tokens: Arc<Tokens>,
    /// Its segments in `tokens`.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) names: Names,
    pub(crate) group: Option<usize>,
}

/// What `UNH` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub reference: String,
    pub kind: String,
    pub version: String,
    pub release: String,
    pub agency: String,
    pub association: String,
    pub access_reference: Option<String>,
    pub sequence: Option<Sequence>,
}

impl<'a> Message<'a> {
    /// Message reference (UNH 0062).
    pub fn reference(&self) -> &str {
        &self.names.reference
    }
    /// Message type (0065): `PAXLST`.
    pub fn kind(&self) -> &str {
        &self.names.kind
    }
    /// Version (0052): `D`.
    pub fn version(&self) -> &str {
        &self.names.version
    }
    /// Release (0054): `05B`.
    pub fn release(&self) -> &str {
        &self.names.release
    }
    /// Controlling agency (0051): `UN`.
    pub fn agency(&self) -> &str {
        &self.names.agency
    }
    /// Association code (0057): `IATA`.
    pub fn association(&self) -> &str {
        &self.names.association
    }
    /// Common access reference (0068).
    pub fn access_reference(&self) -> Option<&str> {
        self.names.access_reference.as_deref()
    }
    /// Index of the group in which it stands.
    pub fn group(&self) -> Option<usize> {
        self.group
    }
    /// Which part of a series it is (S010).
    pub fn sequence(&self) -> Option<Sequence> {
        self.names.sequence
    }

    /// How many segments it has, `UNH` and `UNT` included.
    pub fn len(&self) -> usize {
        self.to - self.from
    }
    /// Whether it has none, which cannot be: a message has its `UNH`.
    pub fn is_empty(&self) -> bool {
        self.to <= self.from
    }

    /// A segment, counted from 0 (`UNH`).
    pub fn segment(&self, index: usize) -> Option<Segment<'_>> {
        let segment = || Segment::new(&self.context, &self.tokens, self.from + index, index + 1);
        (index < self.len()).then(segment)
    }

    /// Its segments, `UNH` first.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        Segments::new(&self.context, &self.tokens, self.from..self.to)
    }

    /// How many of its segments begin with each of these tags: how much room a reader needs.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'NAD+FL+++A'NAD+FL+++B'UNT+4+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// assert_eq!(interchange.messages()[0].counts([*b"NAD", *b"LOC"]), [2, 0]);
    /// ```
    pub fn counts<const N: usize>(&self, codes: [[u8; 3]; N]) -> [usize; N] {
        let mut counts = [0; N];
        for stretch in &self.tokens.stretches[self.from..self.to] {
            let Some(tag) = self.context.bytes[stretch.start as usize..].first_chunk() else {
                continue;
            };
            for (count, code) in counts.iter_mut().zip(&codes) {
                *count += usize::from(tag == code);
            }
        }
        counts
    }

    /// Where it lies, without the last terminator.
    pub fn span(&self) -> Span {
        let start = self.tokens.span(self.from).map_or(0, |s| s.start);
        let end = self.to.checked_sub(1).and_then(|i| self.tokens.span(i)).map_or(start, |s| s.end);
        Span { start, end }
    }
}

/// An interchange as far as it could be made out.
pub struct Interchange<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) header: Option<Header>,
    pub(crate) groups: Vec<Group>,
    pub(crate) messages: Vec<Message<'a>>,
    /// Of earlier stretches.
    pub(crate) before: (usize, usize),
}

impl<'a> Interchange<'a> {
    /// `UNB`, if there is one; the first, should there be several.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }
    /// The service characters in force.
    pub fn separators(&self) -> Separators {
        self.context.separators
    }
    /// The messages, in order.
    pub fn messages(&self) -> &[Message<'a>] {
        &self.messages
    }
    /// The groups, in order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
    /// The group in which a message stands.
    pub fn group_of(&self, message: usize) -> Option<&Group> {
        self.groups.get(self.messages.get(message)?.group?)
    }
    /// Where the bytes stand in the transmission; not 0 for a stretch of a
    /// [`crate::Stream`] alone.
    pub fn offset(&self) -> usize {
        self.before.0
    }
    /// How many messages of the transmission stand before.
    pub fn messages_before(&self) -> usize {
        self.before.1
    }
    /// The bytes that were read.
    pub fn bytes(&self) -> &'a [u8] {
        self.context.bytes
    }

    /// The segment in which an offset lies, envelope segments included; its position is
    /// counted in the interchange.
    pub fn segment_at(&self, offset: usize) -> Option<Segment<'_>> {
        let after = self.tokens.stretches.partition_point(|s| s.start as usize <= offset);
        let index = after.checked_sub(1)?;
        Some(Segment::new(&self.context, &self.tokens, index, after))
    }

    /// Index of the group whose `UNG` or `UNE` stands at an offset.
    pub fn group_at(&self, offset: usize) -> Option<usize> {
        let segment = self.segment_at(offset).filter(|s| matches!(&s.code(), b"UNG" | b"UNE"))?;
        let start = segment.span().start;
        self.groups.partition_point(|g| g.span.start <= start).checked_sub(1)
    }

    /// The fault to answer with when the recipient is none of `ours` (code 7). Whom an
    /// interchange is for, no grammar can know.
    pub fn misaddressed(&self, ours: &[&str]) -> Option<Fault> {
        let header = self.header.as_ref()?;
        let known = ours.iter().any(|us| us.eq_ignore_ascii_case(&header.recipient));
        (!known).then(|| {
            let mut fault = self.of_header(FaultKind::NotForUs, 3);
            fault.expected = ours.join(" or ");
            fault
        })
    }

    /// The fault to answer with when a test arrives where none is expected, or the
    /// other way round (code 25).
    pub fn wrong_channel(&self, test_expected: bool) -> Option<Fault> {
        let header = self.header.as_ref()?;
        (header.test != test_expected).then(|| {
            let mut fault = self.of_header(FaultKind::TestIndicator, 11);
            fault.expected = if test_expected { "1" } else { "" }.to_owned();
            fault
        })
    }

    /// The fault to answer with when the receiver remembers this sender and reference
    /// from another interchange (code 26).
    pub fn repeated(&self) -> Option<Fault> {
        self.header.as_ref().map(|_| self.of_header(FaultKind::Duplicate, 5))
    }

    fn of_header(&self, kind: FaultKind, element: usize) -> Fault {
        let at = self.header.as_ref().map(|h| h.span).unwrap_or_default();
        let unb = self.segment_at(at.start);
        let span = unb.map_or(at, |s| s.span_of(element, 1));
        Fault {
            kind,
            severity: Severity::Error,
            span,
            message: None,
            segment: None,
            element: Some(element),
            component: Some(1),
            found: crate::fault::excerpt(
                self.context.bytes.get(span.start..span.end).unwrap_or(b""),
            ),
            expected: String::new(),
            text: kind.text().to_owned(),
        }
    }
}
