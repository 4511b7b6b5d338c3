//! Reading an interchange: which segments make which message, and everything that does
//! not fit together.

use std::{collections::HashSet, ops::Range, sync::Arc};

use crate::{
    Fault, FaultKind, Group, Header, Interchange, MOST_BYTES, Message, Mode, Repertoire, Segment,
    Separators, Severity, Span, Tokens,
    envelope::Names,
    fault::excerpt,
    opening::Opening,
    segment::Context,
    service::{self, Finding, Place},
};

/// After so many faults a sender knows enough; the rest are of the same kind.
const MOST_FAULTS: usize = 10_000;

/// Reads an interchange, and whatever else there is.
///
/// Segments are never lost: what stands outside a message is named in a fault, and a
/// message without its trailer ends where the next thing begins.
pub fn read(bytes: &[u8], mode: Mode) -> (Interchange<'_>, Vec<Fault>) {
    let len = bytes.len();
    let bytes = &bytes[..len.min(MOST_BYTES)];
    let opening = Opening::find(bytes);
    let context = Context {
        bytes,
        separators: opening.as_ref().map_or_else(Separators::default, |o| o.separators),
        repertoire: opening.as_ref().map_or(Repertoire::Unicode, |o| o.repertoire),
    };
    let mut tokens = Tokens::default();
    if let Some(opening) = &opening {
        tokens.tokenise_from(bytes, opening.start, &opening.separators, opening.repertoire);
    }
    let tokens = Arc::new(tokens);
    let mut reader = Reader::new(&context, &tokens, mode);
    match &opening {
        Some(opening) => {
            reader.opening(opening);
            reader.run();
        }
        None => {
            let span = Span { start: 0, end: bytes.len().min(80) };
            reader.push(Finding::new(FaultKind::NoInterchange, span).expected("UNB"));
        }
    }
    if len > bytes.len() {
        let span = Span { start: bytes.len(), end: bytes.len() };
        reader.push(Finding::new(FaultKind::TooLarge, span));
    }
    let Reader { header, groups, messages, faults, .. } = reader;
    (Interchange { context, tokens, header, groups, messages }, faults)
}

struct Reader<'a, 't> {
    context: &'t Context<'a>,
    tokens: &'t Arc<Tokens>,
    mode: Mode,
    faults: Vec<Fault>,
    header: Option<Header>,
    groups: Vec<Group>,
    messages: Vec<Message<'a>>,
    /// Index of the `UNH` of the message that is open.
    open_message: Option<usize>,
    open_group: Option<usize>,
    messages_in_group: u64,
    /// Message references of this interchange.
    references: HashSet<String>,
    /// Control reference of this interchange (`UNB` 0020).
    reference: String,
    /// Whether there was a `UNG`.
    grouped: bool,
    /// Whether `UNZ` was read.
    closed: bool,
    /// Whether what follows `UNZ` is no interchange.
    noise_after: bool,
    /// Messages or groups that earlier interchanges of the transmission had.
    before: u64,
}

impl<'a, 't> Reader<'a, 't> {
    fn new(context: &'t Context<'a>, tokens: &'t Arc<Tokens>, mode: Mode) -> Self {
        Self {
            context,
            tokens,
            mode,
            faults: Vec::new(),
            header: None,
            groups: Vec::new(),
            messages: Vec::new(),
            open_message: None,
            open_group: None,
            messages_in_group: 0,
            references: HashSet::new(),
            reference: String::new(),
            grouped: false,
            closed: false,
            noise_after: false,
            before: 0,
        }
    }

    fn segment(&self, index: usize) -> Segment<'t> {
        Segment { context: self.context, tokens: self.tokens, index, position: index + 1 }
    }

    fn push(&mut self, finding: Finding) {
        let Finding { kind, span, place, expected, why } = finding;
        let noise = matches!(kind, FaultKind::TextBefore | FaultKind::TextAfter);
        if self.faults.len() >= MOST_FAULTS || (noise && self.mode == Mode::Cleaning) {
            return;
        }
        let severity = match self.mode {
            Mode::Strict => kind.tolerant().max(Severity::Error),
            _ => kind.tolerant(),
        };
        let text = match why.as_str() {
            "" => kind.text().to_owned(),
            why => format!("{} ({why})", kind.text()),
        };
        self.faults.push(Fault {
            kind,
            severity,
            span,
            message: place.message,
            segment: place.segment,
            element: place.element,
            component: place.component,
            found: excerpt(&self.context.bytes[span.start..span.end]),
            expected,
            text,
        });
    }

    fn opening(&mut self, opening: &Opening) {
        let noise = &self.context.bytes[..opening.noise];
        if noise.iter().any(|b| !b.is_ascii_whitespace() && *b > 3) {
            let span = Span { start: 0, end: opening.noise };
            self.push(Finding::new(FaultKind::TextBefore, span));
        }
        if let Some((span, why)) = &opening.advice {
            self.push(Finding::new(FaultKind::BadAdvice, *span).expected("UNA:+.? '").why(why));
        }
    }

    fn run(&mut self) {
        for index in 0..self.tokens.segments() {
            let segment = self.segment(index);
            let tag = segment.tag();
            if self.closed && !matches!(tag, "UNA" | "UNB" | "UNH" | "UNG") {
                self.after_the_end(segment.span().start);
                break;
            }
            match tag {
                "UNB" => self.unb(index),
                "UNG" => self.ung(index),
                "UNH" => self.unh(index),
                "UNT" => self.unt(index),
                "UNE" => self.une(index),
                "UNZ" => self.unz(index),
                // The next interchange of the transmission is announced.
                "UNA" if self.closed => {}
                _ => self.other(index, tag),
            }
        }
        self.end();
    }

    fn after_the_end(&mut self, start: usize) {
        let end = self.context.bytes.len();
        let text = &self.context.bytes[start..end];
        self.noise_after = true;
        if text.iter().any(|b| !b.is_ascii_whitespace() && *b > 3) {
            self.push(Finding::new(FaultKind::TextAfter, Span { start, end }));
        }
    }

    fn unb(&mut self, index: usize) {
        self.cut_message(index);
        self.cut_group(index);
        let unb = self.segment(index);
        let header = service::header(&unb);
        self.reference.clone_from(&header.reference);
        self.references.clear();
        if self.header.is_some() {
            let again = match self.closed {
                true => FaultKind::SeveralInterchanges,
                false => FaultKind::SecondHeader,
            };
            self.push(Finding::new(again, unb.span()));
            self.before = self.units();
            self.closed = false;
            return;
        }
        for finding in service::header_findings(&unb, &header) {
            self.push(finding);
        }
        self.header = Some(header);
    }

    /// Groups, or messages where there are none, so far.
    fn units(&self) -> u64 {
        if self.grouped { self.groups.len() as u64 } else { self.messages.len() as u64 }
    }

    fn ung(&mut self, index: usize) {
        self.cut_message(index);
        self.cut_group(index);
        let ung = self.segment(index);
        if !self.grouped && self.messages.len() as u64 > self.before {
            self.push(Finding::new(FaultKind::GroupsMixed, ung.span()).expected("UNH"));
        }
        self.grouped = true;
        self.closed = false;
        self.groups.push(service::group(&ung));
        self.open_group = Some(self.groups.len() - 1);
        self.messages_in_group = 0;
    }

    fn unh(&mut self, index: usize) {
        self.cut_message(index);
        let span = self.segment(index).span();
        if self.header.is_none() && self.messages.is_empty() {
            self.push(Finding::new(FaultKind::NoHeader, span).expected("UNB"));
        }
        if self.open_group.is_none() && self.grouped {
            self.push(Finding::new(FaultKind::GroupsMixed, span).expected("UNG"));
        }
        self.closed = false;
        self.open_message = Some(index);
    }

    fn unt(&mut self, index: usize) {
        let Some(from) = self.open_message.take() else {
            return self.closes_nothing(index, "UNH");
        };
        let at = self.message(from..index + 1);
        let segments = index + 1 - from;
        let reference = self.messages[at].names.reference.clone();
        self.trailer(index, Place::of_segment(at, segments), segments as u64, &reference);
    }

    fn une(&mut self, index: usize) {
        self.cut_message(index);
        let Some(group) = self.open_group.take() else {
            return self.closes_nothing(index, "UNG");
        };
        let Group { reference, span, .. } = self.groups[group].clone();
        let count = self.messages_in_group;
        if count == 0 {
            self.push(Finding::new(FaultKind::Empty, span).expected("a message").why("the group"));
        }
        self.trailer(index, Place::default(), count, &reference);
    }

    fn unz(&mut self, index: usize) {
        self.cut_message(index);
        self.cut_group(index);
        let count = self.units() - self.before;
        let reference = std::mem::take(&mut self.reference);
        self.trailer(index, Place::default(), count, &reference);
        self.closed = true;
    }

    fn closes_nothing(&mut self, index: usize, header: &str) {
        let span = self.segment(index).span();
        self.push(Finding::new(FaultKind::TrailerWithoutHeader, span).expected(header));
    }

    fn trailer(&mut self, index: usize, place: Place, count: u64, reference: &str) {
        for finding in service::trailer_findings(&self.segment(index), place, count, reference) {
            self.push(finding);
        }
    }

    fn other(&mut self, index: usize, tag: &str) {
        let capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        let good = tag.len() == 3 && tag.bytes().all(capital);
        let span = self.segment(index).span();
        match self.open_message {
            Some(_) if good => {}
            Some(from) => {
                let place = Place::of_segment(self.messages.len(), index + 1 - from);
                self.push(Finding::new(FaultKind::BadTag, span).at(place));
            }
            None if good || !span.is_empty() => {
                self.push(Finding::new(FaultKind::OutsideMessage, span).expected("UNH"));
            }
            None => {}
        }
    }

    /// Ends a message that nothing closed.
    fn cut_message(&mut self, index: usize) {
        let Some(from) = self.open_message.take() else { return };
        let at = self.message(from..index);
        let last = index.saturating_sub(1).max(from);
        let span = self.segment(last).span();
        let place = Place::of_segment(at, last + 1 - from);
        self.push(Finding::new(FaultKind::NoMessageTrailer, span).at(place).expected("UNT"));
    }

    fn cut_group(&mut self, index: usize) {
        if self.open_group.take().is_some() {
            let span = self.segment(index.min(self.tokens.segments() - 1)).span();
            self.push(Finding::new(FaultKind::NoGroupTrailer, span).expected("UNE"));
        }
    }

    /// Makes a message of these segments; gives its index.
    fn message(&mut self, range: Range<usize>) -> usize {
        let at = self.messages.len();
        let unh = self.segment(range.start);
        let names = Names::of(&unh);
        let of_kind = Place { element: Some(2), component: Some(1), ..Place::of_segment(at, 1) };
        if names.kind.is_empty() {
            let missing = Finding::new(FaultKind::MissingElement, unh.span_of(2, 1)).at(of_kind);
            self.push(missing.expected("the message type"));
        }
        let group = self.open_group;
        let in_group = group.map(|g| self.groups[g].kind.clone()).unwrap_or_default();
        if !in_group.is_empty() && in_group != names.kind {
            let differs = Finding::new(FaultKind::TypeDiffers, unh.span_of(2, 1)).at(of_kind);
            self.push(differs.expected(&in_group));
        }
        if !self.references.insert(names.reference.clone()) {
            let place = Place { element: Some(1), component: Some(1), ..Place::of_segment(at, 1) };
            self.push(Finding::new(FaultKind::SameReference, unh.span_of(1, 1)).at(place));
        }
        if range.len() <= 2 {
            let place = Place::of_segment(at, 1);
            self.push(Finding::new(FaultKind::Empty, unh.span()).at(place).why("the message"));
        }
        self.outside_repertoire(at, &range);
        self.messages_in_group += 1;
        self.messages.push(Message {
            context: *self.context,
            tokens: Arc::clone(self.tokens),
            from: range.start,
            to: range.end,
            names,
            group,
        });
        at
    }

    fn outside_repertoire(&mut self, message: usize, range: &Range<usize>) {
        let Some(last) = range.end.checked_sub(1) else { return };
        let (start, end) = (self.segment(range.start).span().start, self.segment(last).span().end);
        let foreign = &self.tokens.foreign;
        let first = foreign.partition_point(|at| (*at as usize) < start);
        let Some(at) = foreign.get(first).map(|at| *at as usize).filter(|at| *at < end) else {
            return;
        };
        let index = self.tokens.stretches.partition_point(|s| s.start as usize <= at) - 1;
        let within = self.segment(index).element_at(at);
        let place = Place {
            element: within.map(|w| w.0),
            component: within.map(|w| w.1),
            ..Place::of_segment(message, index + 1 - range.start)
        };
        let declared = self.header.as_ref().map(|h| h.syntax_id.clone()).unwrap_or_default();
        let finding =
            Finding::new(FaultKind::OutsideRepertoire, Span { start: at, end: at + 1 }).at(place);
        self.push(finding.expected(&declared).why("the first of them is shown"));
    }

    fn end(&mut self) {
        let segments = self.tokens.segments();
        self.cut_message(segments);
        self.cut_group(segments);
        let end = self.context.bytes.len();
        let at_end = Span { start: end, end };
        if !self.closed {
            self.push(Finding::new(FaultKind::NoTrailer, at_end).expected("UNZ"));
        }
        if !self.tokens.closed && !self.noise_after {
            let last = segments.checked_sub(1).map_or(at_end, |last| self.segment(last).span());
            self.push(Finding::new(FaultKind::NoTerminator, last));
        }
        if self.tokens.release_at_end {
            let span = Span { start: end.saturating_sub(1), end };
            self.push(Finding::new(FaultKind::ReleaseAtEnd, span));
        }
        if self.messages.is_empty()
            && let Some(header) = &self.header
        {
            let empty = Finding::new(FaultKind::Empty, header.span);
            self.push(empty.expected("a message").why("the interchange"));
        }
    }
}
