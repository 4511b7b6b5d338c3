//! Where readers put their findings, with the place of the segment.

use edifact::{FaultKind, Segment, Span};

use crate::structured::quoted;
use crate::{Code, Finding, codes};

/// Most findings kept of one submission: enough to mend it, and bounded memory.
const MOST: usize = 20_000;

/// Where something was named, for findings that are made once all is read.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    message: usize,
    segment: Option<usize>,
    span: Span,
}

impl Origin {
    /// The segment `s` of message `message`.
    pub(crate) fn of(message: usize, s: Segment<'_>) -> Self {
        Origin { message, segment: Some(s.position()), span: s.span() }
    }

    /// A stretch of a document that has no segments.
    pub(crate) fn stretch(span: Span) -> Self {
        Origin { message: 0, segment: None, span }
    }

    /// Whether a segment of the same message, `message`, is written as the one there.
    pub(crate) fn is_repeated(self, message: usize, s: &Segment<'_>) -> bool {
        self.message == message && s.is_written_at(self.span)
    }

    /// Puts a finding there.
    pub(crate) fn place(self, finding: &mut Finding) {
        finding.message = Some(self.message);
        finding.segment = self.segment;
        finding.span = self.span;
    }
}

/// Collects the findings of one message.
pub(crate) struct Sink<'f> {
    /// Index of the message being read.
    pub(crate) message: usize,
    findings: &'f mut Vec<Finding>,
    /// How many findings there were before.
    start: usize,
}

impl<'f> Sink<'f> {
    pub(crate) fn new(findings: &'f mut Vec<Finding>) -> Self {
        Self::since(findings.len(), findings)
    }

    /// One to which the findings since the first `start` count as made here.
    pub(crate) fn since(start: usize, findings: &'f mut Vec<Finding>) -> Self {
        Sink { message: 0, findings, start }
    }

    /// Of whom a finding of this code was made here; ascending.
    pub(crate) fn travellers_with(&self, code: Code) -> Vec<usize> {
        let own = self.findings[self.start..].iter().filter(|f| f.code == code.code);
        let mut found: Vec<usize> = own.filter_map(|f| f.traveller).collect();
        found.sort_unstable();
        found
    }

    /// Whether a finding of this code was made here.
    pub(crate) fn has(&self, code: Code) -> bool {
        self.findings[self.start..].iter().any(|f| f.code == code.code)
    }

    /// About a whole segment.
    pub(crate) fn segment(&mut self, code: Code, s: Segment<'_>, traveller: Option<usize>) {
        let mut finding = Finding::new(code, s.span(), tag_of(&s));
        finding.message = Some(self.message);
        finding.segment = Some(s.position());
        finding.traveller = traveller;
        self.keep(finding);
    }

    /// About one component; `element` and `component` count from 1.
    pub(crate) fn at(
        &mut self,
        code: Code,
        s: Segment<'_>,
        (element, component): (usize, usize),
        traveller: Option<usize>,
    ) {
        let present = element <= s.elements() && component <= s.components(element);
        let span = if present { s.span_of(element, component) } else { s.span() };
        let mut finding = Finding::new(code, span, quoted(&s.code(), s.text(element, component)));
        finding.message = Some(self.message);
        finding.segment = Some(s.position());
        finding.element = Some(element);
        finding.component = Some(component);
        finding.traveller = traveller;
        self.keep(finding);
    }

    /// The tag that is written was read as another; the segment is about that traveller.
    pub(crate) fn meant(
        &mut self,
        (span, written): (Span, String),
        tag: [u8; 3],
        s: &Segment<'_>,
        traveller: Option<usize>,
    ) {
        let mut finding = Finding::new(codes::TAG_MEANT, span, written);
        finding.expected = String::from_utf8_lossy(&tag).into_owned();
        finding.message = Some(self.message);
        finding.segment = Some(s.position());
        finding.traveller = traveller;
        self.keep(finding);
    }

    /// The segment stands behind another without a terminator between.
    pub(crate) fn run_together(&mut self, s: &Segment<'_>) {
        let start = s.span().start;
        let span = Span { start, end: start + s.head_len() };
        let mut finding = Finding::new(codes::TERMINATOR_MISSING, span, s.tag());
        finding.message = Some(self.message);
        finding.segment = Some(s.position());
        self.keep(finding);
    }

    /// About some words of a component: they are what was found.
    pub(crate) fn words(
        &mut self,
        code: Code,
        s: &Segment<'_>,
        ((element, component), words): ((usize, usize), &str),
        traveller: Option<usize>,
    ) {
        let whole = s.span_of(element, component);
        let at = memchr::memmem::find(s.raw(element, component), words.as_bytes());
        let narrow =
            |at: usize| Span { start: whole.start + at, end: whole.start + at + words.len() };
        let mut finding = Finding::new(code, at.map_or(whole, narrow), words);
        finding.message = Some(self.message);
        finding.segment = Some(s.position());
        finding.element = Some(element);
        finding.component = Some(component);
        finding.traveller = traveller;
        self.keep(finding);
    }

    /// A fault of syntax in one component.
    pub(crate) fn fault(
        &mut self,
        kind: FaultKind,
        s: &Segment<'_>,
        (element, component): (usize, usize),
        expected: &str,
        traveller: Option<usize>,
    ) {
        let found = quoted(&s.code(), s.text(element, component));
        let span = s.span_of(element, component);
        let mut finding = Finding::of_kind(kind, span, &found, expected);
        (finding.element, finding.component) = (Some(element), Some(component));
        self.keep_fault(finding, s, traveller);
    }

    /// A fault of syntax that a whole segment is.
    pub(crate) fn fault_of_segment(
        &mut self,
        kind: FaultKind,
        s: &Segment<'_>,
        expected: &str,
        traveller: Option<usize>,
    ) {
        self.keep_fault(Finding::of_kind(kind, s.span(), tag_of(s), expected), s, traveller);
    }

    fn keep_fault(&mut self, mut finding: Finding, s: &Segment<'_>, traveller: Option<usize>) {
        finding.message = Some(self.message);
        finding.segment = Some(s.position());
        finding.traveller = traveller;
        self.keep(finding);
    }

    /// The segments of messages, by message and position, in which something was found here
    /// and no fault of [`crate::limits`] among it, with whom it is about.
    pub(crate) fn doubted(&self) -> Vec<(usize, usize, Option<usize>)> {
        let own = &self.findings[self.start..];
        let key = |f: &Finding| Some((f.message?, f.segment?, f.traveller));
        let looked: std::collections::HashSet<(usize, usize)> = own
            .iter()
            .filter(|f| f.is_syntax())
            .filter_map(|f| Some((f.message?, f.segment?)))
            .collect();
        let mut all: Vec<_> = own.iter().filter(|f| f.element.is_some()).filter_map(key).collect();
        all.retain(|(m, s, _)| !looked.contains(&(*m, *s)));
        all.sort_unstable();
        all.dedup_by_key(|(m, s, _)| (*m, *s));
        all
    }

    /// Keeps a finding; past the limit, one that says so is all that is kept.
    fn keep(&mut self, finding: Finding) {
        match self.findings.len() {
            n if n < MOST => self.findings.push(finding),
            n if n == MOST => self.findings.push(Finding::new(codes::MANY, finding.span, "")),
            _ => {}
        }
    }

    /// A finding made elsewhere.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        finding.message.get_or_insert(self.message);
        self.keep(finding);
    }
}

/// The tag, if it is one: what stands in its place may be a text's rest.
fn tag_of<'a>(s: &Segment<'a>) -> &'a str {
    Some(s.tag()).filter(|tag| tag.len() <= 3).unwrap_or_default()
}
