//! Reading an interchange: which segments make which message, and everything that does
//! not fit together.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
    sync::Arc,
};

use crate::{
    Fault, FaultKind, Group, Header, Interchange, MOST_BYTES, Message, Mode, Repertoire, Segment,
    Separators, Span, Tokens,
    context::Context,
    envelope::Names,
    fault::excerpt,
    opening::Opening,
    service::{self, Finding, Place},
};

/// After so many faults a sender knows enough; the rest are of the same kind.
const MOST_FAULTS: usize = 10_000;

/// Reads an interchange, and whatever else there is.
///
/// Segments are never lost: what stands outside a message is named in a fault, and a
/// message without its trailer ends where the next thing begins.
pub fn read(bytes: &[u8], mode: Mode) -> (Interchange<'_>, Vec<Fault>) {
    read_up_to(bytes, mode, MOST_BYTES)
}

/// As [`read`], but looks at no more than `most` bytes (nor at more than 4 GiB), and says
/// so in a fault.
///
/// ```
/// use edifact::{FaultKind, Mode, read_up_to};
/// let (_, faults) = read_up_to(b"UNB+UNOA:4+TK+GBR+260101:0900+R1'UNH+1+PAX", Mode::Tolerant, 33);
/// assert_eq!(faults[0].kind, FaultKind::TooLarge);
/// ```
pub fn read_up_to(bytes: &[u8], mode: Mode, most: usize) -> (Interchange<'_>, Vec<Fault>) {
    let len = bytes.len();
    let bytes = &bytes[..len.min(most).min(MOST_BYTES)];
    let opening = Opening::find(bytes);
    let mut tokens = Tokens::default();
    if let Some(opening) = &opening {
        tokens.tokenise_from(bytes, opening.start, &opening.separators, opening.repertoire);
    }
    let mut state = State::default();
    let stretch = Stretch { opening: opening.as_ref(), first: true, last: true };
    stretch.read(bytes, Arc::new(tokens), mode, &mut state, len > bytes.len())
}

/// So many message references are remembered, so that memory has a bound.
const MOST_REFERENCES: usize = 1_000_000;
/// So many interchanges of one transmission are remembered.
const MOST_INTERCHANGES: usize = 1_000;

/// Which part of a transmission is read: all of it, or some of its messages.
pub(crate) struct Stretch<'o> {
    /// `None` when no interchange was found at all.
    pub opening: Option<&'o Opening>,
    pub first: bool,
    pub last: bool,
}

impl Stretch<'_> {
    /// Reads what the tokens say; `more` if the message that is open goes on behind the
    /// stretch, further than can be read.
    pub fn read<'a>(
        &self,
        bytes: &'a [u8],
        tokens: Arc<Tokens>,
        mode: Mode,
        state: &mut State,
        more: bool,
    ) -> (Interchange<'a>, Vec<Fault>) {
        let separators = self.opening.map_or_else(Separators::default, |o| o.separators);
        let repertoire = self.opening.map_or(Repertoire::Unicode, |o| o.repertoire);
        let context = Context::new(bytes, separators, repertoire, tokens.released);
        let mut reader = Reader::new(&context, &tokens, mode, state);
        if more {
            let span = Span { start: bytes.len(), end: bytes.len() };
            reader.push(Finding::new(FaultKind::TooLarge, span));
        }
        match self.opening {
            Some(opening) => {
                if self.first {
                    reader.opening(opening);
                }
                reader.run();
                if self.last {
                    reader.end();
                } else {
                    reader.state.skipping |= reader.open_message.is_some();
                    reader.cut_message(tokens.segments());
                }
            }
            None => {
                let span = Span { start: 0, end: bytes.len().min(80) };
                reader.push(Finding::new(FaultKind::NoInterchange, span).expected("UNB"));
            }
        }
        let Reader { messages, faults, .. } = reader;
        let (header, groups) = (state.header.clone(), state.groups.clone());
        let before = (state.offset, state.messages);
        (Interchange { context, tokens, header, groups, messages, before }, faults)
    }
}

/// What is known of a transmission from its stretches so far.
#[derive(Default)]
pub(crate) struct State {
    /// The first `UNB`, and how it begins.
    header: Option<Header>,
    header_text: String,
    groups: Vec<Group>,
    open_group: Option<usize>,
    /// How the open group's `UNG` begins.
    group_text: String,
    messages_in_group: u64,
    /// Fingerprints of the message references of this interchange.
    references: HashSet<u64>,
    /// Senders and control references of the interchanges of this transmission.
    interchanges: Vec<(String, String)>,
    /// Control reference of this interchange (`UNB` 0020), once there is a `UNB`.
    reference: Option<String>,
    /// Whether there was a `UNG`.
    grouped: bool,
    /// Whether `UNZ` was read.
    closed: bool,
    /// Where the last `UNZ` stands in the transmission, and how it begins.
    ended: Option<(Span, String)>,
    /// Groups and messages that earlier interchanges of the transmission had.
    before: (usize, usize),
    /// Whether the rest of a message that was too large is passed over.
    skipping: bool,
    /// How many faults were found.
    faults: usize,
    /// How many bytes, messages and groups the stretches before had.
    pub offset: usize,
    pub messages: usize,
    groups_before: usize,
}

impl State {
    /// Whether an earlier message of the interchange has this reference.
    fn is_repeated(&mut self, reference: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        reference.hash(&mut hasher);
        let fingerprint = hasher.finish();
        match self.references.len() < MOST_REFERENCES {
            true => !self.references.insert(fingerprint),
            false => self.references.contains(&fingerprint),
        }
    }

    /// The stretch ends; of its groups, the one that is open goes on.
    pub fn go_on(&mut self, bytes: usize, messages: usize) {
        self.offset += bytes;
        self.messages += messages;
        let closed = self.open_group.unwrap_or(self.groups.len());
        self.groups_before += closed;
        self.groups.drain(..closed);
        self.open_group = self.open_group.map(|_| 0);
    }

    /// How many groups there are, those of earlier stretches included.
    fn groups(&self) -> usize {
        self.groups_before + self.groups.len()
    }
}

struct Reader<'a, 't> {
    context: &'t Context<'a>,
    tokens: &'t Arc<Tokens>,
    mode: Mode,
    state: &'t mut State,
    faults: Vec<Fault>,
    /// Those of this stretch.
    messages: Vec<Message<'a>>,
    /// Index of the `UNH` of the message that is open.
    open_message: Option<usize>,
    /// Whether what follows `UNZ` is no interchange.
    noise_after: bool,
    /// Of the open message, what has no tag: the halves of texts that an unreleased quote
    /// parts.
    halves: u64,
    /// Whether the open message has no `UNH`.
    headless: bool,
    /// Up to here, what stands outside a message begins none.
    strays_until: usize,
}

impl<'a, 't> Reader<'a, 't> {
    fn new(
        context: &'t Context<'a>,
        tokens: &'t Arc<Tokens>,
        mode: Mode,
        state: &'t mut State,
    ) -> Self {
        Self {
            context,
            tokens,
            mode,
            state,
            faults: Vec::new(),
            messages: Vec::new(),
            open_message: None,
            noise_after: false,
            halves: 0,
            headless: false,
            strays_until: 0,
        }
    }

    fn segment(&self, index: usize) -> Segment<'t> {
        Segment::new(self.context, self.tokens, index, index + 1)
    }

    fn excerpt(&self, span: Span) -> String {
        excerpt(&self.context.bytes[span.start..span.end])
    }

    /// How many messages there are, those of earlier stretches included.
    fn count(&self) -> usize {
        self.state.messages + self.messages.len()
    }

    /// A span of this stretch as one of the transmission.
    fn absolute(&self, span: Span) -> Span {
        span.behind(self.state.offset)
    }

    fn push_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    fn push(&mut self, finding: Finding) {
        let noise = matches!(finding.kind, FaultKind::TextBefore | FaultKind::TextAfter);
        if self.state.faults < MOST_FAULTS && !(noise && self.mode == Mode::Cleaning) {
            self.state.faults += 1;
            self.faults.push(finding.weigh(self.mode, self.context.bytes, self.state.offset));
        }
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
        let mut next = 0;
        while next < self.tokens.segments() {
            if self.open_message.is_some() {
                next = self.tokens.first_odd(next, self.context.bytes);
                if next == self.tokens.segments() {
                    break;
                }
            }
            let index = next;
            next += 1;
            let code = self.segment(index).code();
            if self.state.closed && !starts_something(code) {
                match self.begins_behind_the_end(index, code) {
                    true => self.begin_headless(index),
                    false => next = self.after_the_end(index),
                }
                continue;
            }
            self.capitals(index, code);
            if self.state.skipping && matches!(&code, b"UNB" | b"UNG" | b"UNH" | b"UNE" | b"UNZ") {
                self.state.skipping = false;
            }
            match &code {
                b"UNB" => self.unb(index),
                b"UNG" => self.ung(index),
                b"UNH" => self.unh(index),
                b"UNT" => self.unt(index),
                b"UNE" => self.une(index),
                b"UNZ" => self.unz(index),
                // The next interchange of the transmission is announced.
                b"UNA" if self.state.closed => {}
                _ => self.other(index, code),
            }
        }
    }

    /// Passes over what follows `UNZ` and is no interchange; gives the segment at which
    /// there is something again.
    fn after_the_end(&mut self, index: usize) -> usize {
        let segments = self.tokens.segments();
        let next = (index..segments).find(|i| starts_something(self.segment(*i).code()));
        let start = self.segment(index).span().start;
        let end = next.map_or(self.context.bytes.len(), |i| self.segment(i).span().start);
        let text = &self.context.bytes[start..end];
        self.noise_after = next.is_none();
        if text.iter().any(|b| !b.is_ascii_whitespace() && *b > 3) {
            self.push(Finding::new(FaultKind::TextAfter, Span { start, end }));
        }
        next.unwrap_or(segments)
    }

    /// Whether a message without `UNH` begins behind `UNZ`, which came too early.
    fn begins_behind_the_end(&mut self, index: usize, code: [u8; 3]) -> bool {
        is_good(code) && self.segment(index).elements() > 0 && self.begins_headless(index)
    }

    /// Whether the open message goes on behind the `UNZ` or `UNE` at `index`, which stands in the
    /// middle of it: its own trailer comes before anything else of the envelope, or if there is
    /// none, a segment follows.
    fn goes_on_behind(&self, index: usize) -> bool {
        if self.open_message.is_none() {
            return false;
        }
        let code = |i: usize| self.segment(i).code();
        let segments = self.tokens.segments();
        let service = (index + 1..segments).find(|i| code(*i).starts_with(b"UN"));
        if service.is_some_and(|i| code(i) == *b"UNT") {
            return true;
        }
        let next = index + 1;
        let ends = |i: usize| matches!(&code(i), b"UNZ" | b"UNE");
        next < service.unwrap_or(segments)
            && service.is_none_or(ends)
            && is_good(code(next))
            && self.segment(next).elements() > 0
    }

    /// Passes over a trailer in the middle of the open message.
    fn too_early(&mut self, index: usize) {
        let Some(from) = self.open_message else { return };
        // The sender may have counted it or not.
        self.halves += 1;
        let place = Place::of_segment(self.count(), index + 1 - from);
        let span = self.segment(index).span();
        self.push(Finding::new(FaultKind::EarlyTrailer, span).at(place).expected("UNT"));
    }

    /// Says once that a message or group stands behind `UNZ`.
    fn behind_the_end(&mut self) {
        if let Some((span, text)) = self.state.ended.take().filter(|_| self.state.closed) {
            self.push(Finding::before(FaultKind::EarlyTrailer, span, &text));
        }
    }

    fn unb(&mut self, index: usize) {
        self.cut_message(index);
        self.cut_group();
        let unb = self.segment(index);
        let mut header = service::header(&unb);
        header.span = self.absolute(header.span);
        self.state.reference = Some(header.reference.clone());
        self.state.references.clear();
        self.push_all(service::header_findings(&unb, &header));
        let key = (header.sender.clone(), header.reference.clone());
        let known = self.state.interchanges.contains(&key);
        if self.state.header.is_some() {
            self.push(match self.state.closed {
                true if known => {
                    let place = Place { component: Some(1), ..Place::default().element(5) };
                    Finding::new(FaultKind::Duplicate, unb.span_of(5, 1)).at(place)
                }
                true => Finding::new(FaultKind::SeveralInterchanges, unb.span()),
                false => Finding::new(FaultKind::SecondHeader, unb.span()),
            });
            self.state.before = (self.state.groups(), self.count());
            (self.state.closed, self.state.grouped) = (false, false);
            self.state.ended = None;
        }
        if self.state.interchanges.len() < MOST_INTERCHANGES && !known {
            self.state.interchanges.push(key);
        }
        if self.state.header.is_none() {
            self.state.header_text = self.excerpt(unb.span());
            self.state.header = Some(header);
        }
        self.outside_repertoire(index..index + 1, Place::default());
    }

    fn ung(&mut self, index: usize) {
        self.cut_message(index);
        self.cut_group();
        let ung = self.segment(index);
        self.expect_header(ung.span());
        if !self.state.grouped && self.count() > self.state.before.1 {
            self.push(Finding::new(FaultKind::GroupsMixed, ung.span()).expected("UNH"));
        }
        self.state.grouped = true;
        self.behind_the_end();
        self.state.closed = false;
        let mut group = service::group(&ung);
        group.span = self.absolute(group.span);
        self.state.group_text = self.excerpt(ung.span());
        self.push_all(service::group_findings(&ung, &group));
        self.state.groups.push(group);
        self.state.open_group = Some(self.state.groups.len() - 1);
        self.state.messages_in_group = 0;
    }

    fn unh(&mut self, index: usize) {
        self.cut_message(index);
        let span = self.segment(index).span();
        self.expect_header(span);
        if self.state.open_group.is_none() && self.state.grouped {
            self.push(Finding::new(FaultKind::GroupsMixed, span).expected("UNG"));
        }
        self.behind_the_end();
        self.state.closed = false;
        self.open_message = Some(index);
        (self.halves, self.headless) = (0, false);
    }

    /// Says once that there is no `UNB`, at the first thing that stands there instead.
    fn expect_header(&mut self, span: Span) {
        if self.state.header.is_none() && (self.count() == 0) && self.state.groups() == 0 {
            self.push(Finding::new(FaultKind::NoHeader, span).expected("UNB"));
        }
    }

    fn unt(&mut self, index: usize) {
        let Some(from) = self.open_message.take() else {
            return match std::mem::take(&mut self.state.skipping) {
                true => {}
                false => self.closes_nothing(index, "UNH"),
            };
        };
        let at = self.message(from..index + 1, true);
        let segments = index + 1 - from;
        let reference = self.messages[at - self.state.messages].names.reference.clone();
        // The sender counted no halves.
        let (all, halves) = (segments as u64, self.halves);
        let stated = self.stated(index);
        let count = if stated == Some(all - halves) { all - halves } else { all };
        if std::mem::take(&mut self.headless) {
            // The sender counted the `UNH` that is not here.
            let count = if stated == Some(count + 1) { count + 1 } else { count };
            return self.trailer(index, Place::of_segment(at, segments), count, None);
        }
        self.trailer(index, Place::of_segment(at, segments), count, Some(&reference));
    }

    fn une(&mut self, index: usize) {
        if self.goes_on_behind(index) {
            return self.too_early(index);
        }
        self.cut_message(index);
        let Some(group) = self.state.open_group.take() else {
            return self.closes_nothing(index, "UNG");
        };
        let Group { reference, span, .. } = self.state.groups[group].clone();
        let count = self.state.messages_in_group;
        if count == 0 {
            let empty = Finding::before(FaultKind::Empty, span, &self.state.group_text);
            self.push(empty.expected("a message").why("the group"));
        }
        self.trailer(index, Place::default(), count, Some(&reference));
    }

    fn unz(&mut self, index: usize) {
        if self.goes_on_behind(index) {
            return self.too_early(index);
        }
        self.cut_message(index);
        self.cut_group();
        let count = match self.state.grouped {
            true => self.state.groups() - self.state.before.0,
            false => self.count() - self.state.before.1,
        };
        let reference = self.state.reference.clone();
        self.trailer(index, Place::default(), count as u64, reference.as_deref());
        let span = self.segment(index).span();
        self.state.ended = Some((self.absolute(span), self.excerpt(span)));
        self.state.closed = true;
    }

    /// The count that a trailer states.
    fn stated(&self, index: usize) -> Option<u64> {
        self.segment(index).text(1, 1).trim().parse().ok()
    }

    fn closes_nothing(&mut self, index: usize, header: &str) {
        let span = self.segment(index).span();
        self.push(Finding::new(FaultKind::TrailerWithoutHeader, span).expected(header));
    }

    fn trailer(&mut self, index: usize, place: Place, count: u64, reference: Option<&str>) {
        self.push_all(service::trailer_findings(&self.segment(index), place, count, reference));
    }

    /// A tag in small letters is understood, and a fault.
    fn capitals(&mut self, index: usize, code: [u8; 3]) {
        let segment = self.segment(index);
        let tag = segment.tag();
        let small = tag.len() == 3 && tag.bytes().any(|b| b.is_ascii_lowercase());
        if !small || self.state.skipping {
            return;
        }
        let service = code.starts_with(b"UN");
        let place = match self.open_message {
            Some(from) if !service || code == *b"UNT" => {
                Place::of_segment(self.count(), index + 1 - from)
            }
            _ if service => Place::default(),
            _ => return,
        };
        let start = segment.span().start;
        let finding = Finding::new(FaultKind::BadTag, Span { start, end: start + tag.len() });
        self.push(finding.at(place).expected(&String::from_utf8_lossy(&code)));
    }

    fn other(&mut self, index: usize, code: [u8; 3]) {
        let good = is_good(code);
        if self.state.skipping || (good && self.open_message.is_some()) {
            return;
        }
        let span = self.segment(index).span();
        let begins = good && self.open_message.is_none() && self.begins_headless(index);
        match self.open_message {
            Some(from) => {
                let place = Place::of_segment(self.count(), index + 1 - from);
                self.halves += u64::from(!span.is_empty());
                self.push(
                    Finding::new(FaultKind::BadTag, span).at(place).expected("a tag, such as NAD"),
                );
            }
            None if begins => self.begin_headless(index),
            None if good || !span.is_empty() => {
                self.push(Finding::new(FaultKind::OutsideMessage, span).expected("UNH"));
            }
            None => {}
        }
    }

    /// Opens a message whose `UNH` is missing.
    fn begin_headless(&mut self, index: usize) {
        let place = Place::of_segment(self.count(), 1);
        let span = self.segment(index).span();
        self.push(Finding::new(FaultKind::NoMessageHeader, span).at(place).expected("UNH"));
        self.behind_the_end();
        self.state.closed = false;
        (self.open_message, self.headless, self.halves) = (Some(index), true, 0);
    }

    /// Whether a message begins here whose `UNH` is missing: a trailer closes it, or it is all
    /// that stands between the envelope's header and trailer.
    fn begins_headless(&mut self, index: usize) -> bool {
        if index < self.strays_until {
            return false;
        }
        let code = |i: usize| self.segment(i).code();
        let segments = self.tokens.segments();
        let behind = (index + 1..segments).find(|i| code(*i).starts_with(b"UN"));
        let behind = behind.unwrap_or(segments);
        let begins = match (behind < segments).then(|| code(behind)).as_ref() {
            Some(b"UNT") => true,
            // One segment alone is a stray.
            None | Some(b"UNE" | b"UNZ") => {
                let first = index.checked_sub(1).map(code);
                behind > index + 1 && matches!(first.as_ref(), Some(b"UNB" | b"UNG"))
            }
            _ => false,
        };
        self.strays_until = behind;
        begins
    }

    /// Ends a message that nothing closed.
    fn cut_message(&mut self, index: usize) {
        let Some(from) = self.open_message.take() else { return };
        let at = self.message(from..index, false);
        self.headless = false;
        let last = index.saturating_sub(1).max(from);
        let span = self.segment(last).span();
        let place = Place::of_segment(at, last + 1 - from);
        self.push(Finding::new(FaultKind::NoMessageTrailer, span).at(place).expected("UNT"));
    }

    fn cut_group(&mut self) {
        if let Some(group) = self.state.open_group.take() {
            let span = self.state.groups[group].span;
            let unclosed = Finding::before(FaultKind::NoGroupTrailer, span, &self.state.group_text);
            self.push(unclosed.expected("UNE"));
        }
    }

    /// Makes a message of these segments, the last of them `UNT` or not; gives its index.
    fn message(&mut self, range: Range<usize>, closed: bool) -> usize {
        let at = self.count();
        let unh = self.segment(range.start);
        let group = self.state.open_group;
        let headless = unh.code() != *b"UNH";
        let names = if headless { Names::default() } else { Names::of(&unh) };
        let of_group = group.map(|g| self.state.groups[g].kind.as_str()).unwrap_or_default();
        if !headless {
            self.push_all(service::message_findings(&unh, &names, at, of_group));
        }
        if !headless && self.state.is_repeated(&names.reference) {
            let place = Place { element: Some(1), component: Some(1), ..Place::of_segment(at, 1) };
            self.push(Finding::new(FaultKind::SameReference, unh.span_of(1, 1)).at(place));
        }
        if !headless && range.len() == 1 + usize::from(closed) {
            let place = Place::of_segment(at, 1);
            self.push(Finding::new(FaultKind::Empty, unh.span()).at(place).why("the message"));
        }
        self.outside_repertoire(range.clone(), Place::of_segment(at, 0));
        self.state.messages_in_group += 1;
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

    /// Names the first byte in these segments that is outside the repertoire.
    fn outside_repertoire(&mut self, range: Range<usize>, place: Place) {
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
            segment: place.segment.map(|_| index + 1 - range.start),
            ..place
        };
        let declared = self.state.header.as_ref().map(|h| h.syntax_id.clone()).unwrap_or_default();
        let near = &self.context.bytes[at..self.context.bytes.len().min(at + 4)];
        let long = near.utf8_chunks().next().and_then(|c| c.valid().chars().next());
        let end = at + long.map_or(1, char::len_utf8);
        let finding = Finding::new(FaultKind::OutsideRepertoire, Span { start: at, end }).at(place);
        let expected =
            if declared.is_empty() { declared } else { format!("characters of {declared}") };
        self.push(finding.expected(&expected).why("the first of them is shown"));
    }

    fn end(&mut self) {
        let segments = self.tokens.segments();
        self.cut_message(segments);
        self.cut_group();
        let end = self.context.bytes.len();
        let at_end = Span { start: end, end };
        if !self.state.closed {
            self.push(Finding::new(FaultKind::NoTrailer, at_end).expected("UNZ"));
        }
        let dangling = self.tokens.release_at_end.map(|at| at as usize);
        if let Some(start) = dangling.filter(|_| !self.noise_after) {
            self.push(Finding::new(FaultKind::ReleaseAtEnd, Span { start, end }));
        } else if !self.tokens.closed && !self.noise_after {
            let last = segments.checked_sub(1).map_or(at_end, |last| self.segment(last).span());
            self.push(Finding::new(FaultKind::NoTerminator, last));
        }
        if (self.count() == 0)
            && self.state.groups() == 0
            && let Some(header) = &self.state.header
        {
            let text = &self.state.header_text;
            let empty = Finding::before(FaultKind::Empty, header.span, text);
            self.push(empty.expected("a message").why("the interchange"));
        }
    }
}

/// Whether this is a tag: three capitals or digits.
fn is_good(code: [u8; 3]) -> bool {
    code.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether a segment of this tag may stand behind `UNZ`.
fn starts_something(code: [u8; 3]) -> bool {
    matches!(&code, b"UNA" | b"UNB" | b"UNH" | b"UNG")
}
