//! Reading a submission that is too large to be held (see [`edifact::Stream`]).

use edifact::Mode;
use jiff::civil::Date;

use crate::{
    Finding, Format, Reading, codes,
    join::{content, no_message},
    sniff::sniff,
};

/// Most findings that are handed out: enough to mend a submission.
const MOST_FINDINGS: usize = 20_000;

/// Reads an EDIFACT submission of any length: bytes in, as they come; readings out, each of
/// some messages.
///
/// Places and the numbers of messages are those that [`crate::read`] gives for the whole,
/// and so are the findings, with the bounds of [`edifact::Stream`], but for two that need
/// the whole: faults of a group are the interchange's, and a transmission that ends in `UNB`
/// has the faults of what did not come as well. Lines broken in the middle of segments are
/// not joined; [`edifact::Breaks`] tells whether there are any.
///
/// ```
/// let sent = b"UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
///     TDT+20+TK1980+++TK'LOC+125+IST'DTM+189:2603011130:201'LOC+87+LHR'\
///     DTM+232:2603011330:201'NAD+FL+++YILMAZ:AYSE'DTM+329:880402'CNT+42:1'UNT+10+1'UNZ+1+1'";
/// let today = jiff::civil::date(2026, 3, 1);
/// let mut stream = messages::Stream::new(edifact::Mode::Tolerant, today);
/// let mut travellers = 0;
/// let mut each = |reading: messages::Reading| {
///     travellers += reading.messages.iter().map(|m| m.report.travellers.len()).sum::<usize>();
/// };
/// for chunk in sent.chunks(100) {
///     stream.feed(chunk, &mut each);
/// }
/// stream.end(&mut each);
/// assert_eq!(travellers, 1);
/// ```
pub struct Stream {
    inner: edifact::Stream,
    received_on: Date,
    mode: Mode,
    bytes: usize,
    messages: usize,
    findings: usize,
}

impl Stream {
    /// Nothing has come yet. `received_on` settles the century of two-digit years.
    pub fn new(mode: Mode, received_on: Date) -> Self {
        let inner = edifact::Stream::new(mode);
        Self { inner, received_on, mode, bytes: 0, messages: 0, findings: 0 }
    }

    /// Whether what begins like this can be read in stretches: it is EDIFACT, and needs no
    /// straightening ([`edifact::straighten`]).
    pub fn can_read(head: &[u8]) -> bool {
        matches!(sniff(head), Ok(Format::Edifact)) && edifact::straighten(head).is_none()
    }

    /// Gathers so many bytes before they are read; more where a message is longer.
    #[must_use]
    pub fn gathering(mut self, bytes: usize) -> Self {
        self.inner = self.inner.gathering(bytes);
        self
    }

    /// Takes what came next, and hands the messages that are whole to `each`.
    pub fn feed(&mut self, chunk: &[u8], mut each: impl FnMut(Reading)) {
        let Self { inner, received_on, mode, bytes, messages, findings } = self;
        *bytes += chunk.len();
        inner.feed(chunk, |interchange, faults| {
            let mut reading = content(interchange, faults, *mode, (*received_on, None));
            *messages += reading.messages.len();
            bound(&mut reading.findings, findings);
            each(reading);
        });
    }

    /// Nothing more comes: hands out what is left.
    pub fn end(&mut self, mut each: impl FnMut(Reading)) {
        let Self { inner, received_on, mode, bytes, messages, findings } = self;
        inner.end(|interchange, faults| {
            let mut reading = content(interchange, faults, *mode, (*received_on, None));
            if *messages + reading.messages.len() == 0 {
                reading.findings.push(no_message(*bytes));
                reading.findings.sort_by_key(|f| f.span.start);
            }
            bound(&mut reading.findings, findings);
            each(reading);
        });
    }
}

/// Keeps as many findings as there is room for; then one that says so.
fn bound(new: &mut Vec<Finding>, before: &mut usize) {
    let room = MOST_FINDINGS.saturating_sub(*before);
    if room < new.len() {
        let span = new[room].span;
        new.truncate(room);
        if room > 0 {
            new.push(Finding::new(codes::MANY, span, ""));
        }
    }
    *before += new.len();
}
