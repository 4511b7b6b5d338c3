//! Reading what is too large to be held: bytes are handed in as they come, messages are
//! handed out as soon as they are whole.
//!
//! What is held is a stretch of the transmission: some hundred kilobytes, or one message,
//! or the parts of one series (S010). Faults, their places and the numbers of messages are
//! those that [`crate::read`] gives for the whole, but for what cannot be known without
//! it: a series whose parts are more than [`MOST`] apart is not put together, and of a
//! message larger than that, what follows is passed over, with a fault.

use std::{collections::HashSet, sync::Arc};

use crate::{
    Fault, Interchange, Mode, Segment, Sequence, Tokens,
    context::Context,
    envelope::Names,
    opening::{ENOUGH, Opening},
    read::{State, Stretch},
};

/// How much is gathered before it is read, in bytes: what a core's own cache holds, with
/// the lists that reading makes of it.
const STRETCH: usize = 256 << 10;
/// How much is held at most, in bytes.
const MOST: usize = 8 << 20;

/// Reads a transmission of any length.
///
/// ```
/// use edifact::{Mode, Stream};
/// let sent = b"UNB+UNOA:4+TK+GBR+260101:0900+R1'UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+3+1'UNZ+1+R1'";
/// let mut stream = Stream::new(Mode::Tolerant);
/// let (mut messages, mut faults) = (0, 0);
/// let mut each = |interchange: &edifact::Interchange<'_>, found: Vec<edifact::Fault>| {
///     messages += interchange.messages().len();
///     faults += found.len();
/// };
/// for chunk in sent.chunks(10) {
///     stream.feed(chunk, &mut each);
/// }
/// stream.end(&mut each);
/// assert_eq!((messages, faults), (1, 0));
/// ```
pub struct Stream {
    mode: Mode,
    state: State,
    opening: Option<Opening>,
    /// Whether a stretch was handed out.
    begun: bool,
    /// What came and is not handed out yet.
    held: Vec<u8>,
    /// How much is gathered before it is read.
    stretch: usize,
    /// How much must be held before it is worth looking at.
    wanted: usize,
    tokens: Tokens,
}

impl Stream {
    /// Nothing has come yet.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            state: State::default(),
            opening: None,
            begun: false,
            held: Vec::new(),
            stretch: STRETCH,
            wanted: STRETCH,
            tokens: Tokens::default(),
        }
    }

    /// Gathers so many bytes before they are read (at first 256 KiB); more where a message
    /// or a series is longer.
    #[must_use]
    pub fn gathering(mut self, bytes: usize) -> Self {
        self.stretch = bytes.clamp(1, MOST);
        self.wanted = self.stretch;
        self
    }

    /// Takes what came next. Each stretch of whole messages is handed to `each` with its
    /// faults: places in it are those of the stretch
    /// (see [`Interchange::offset`]); faults have those of the transmission.
    pub fn feed(&mut self, chunk: &[u8], mut each: impl FnMut(&Interchange<'_>, Vec<Fault>)) {
        for part in chunk.chunks(self.stretch) {
            self.held.extend_from_slice(part);
            if self.held.len() >= self.wanted {
                self.look(false, &mut each);
            }
        }
    }

    /// Nothing more comes: hands out what is left.
    pub fn end(&mut self, mut each: impl FnMut(&Interchange<'_>, Vec<Fault>)) {
        self.look(true, &mut each);
    }

    /// Hands out the messages that are whole; at the end, all.
    fn look(&mut self, last: bool, each: &mut impl FnMut(&Interchange<'_>, Vec<Fault>)) {
        let full = self.held.len() >= MOST;
        if self.opening.is_none() {
            let enough = |o: &Opening| last || full || self.held.len() >= o.start + ENOUGH;
            self.opening = Opening::find(&self.held).filter(enough);
        }
        let mut tokens = std::mem::take(&mut self.tokens);
        tokens.clear(0);
        let (mut end, mut more) = (self.held.len(), false);
        if let Some(opening) = &self.opening {
            let start = if self.begun { 0 } else { opening.start };
            tokens.tokenise_from(&self.held, start, &opening.separators, opening.repertoire);
            if !last {
                let context = Context::new(
                    &self.held,
                    opening.separators,
                    opening.repertoire,
                    tokens.released,
                );
                let closed = tokens.segments() - usize::from(!tokens.is_closed());
                let cut = whole_messages(&context, &tokens, closed, full);
                more = cut.is_none() && full && closed > 0;
                match cut.or(more.then_some(closed)) {
                    Some(segments) => {
                        end = tokens.span(segments - 1).map_or(0, |s| s.end + 1);
                        tokens.truncate(segments);
                    }
                    None => end = 0,
                }
            }
        } else if !last && !full {
            end = 0;
        }
        if end == 0 && !last {
            self.wanted = self.held.len() * 2;
            self.tokens = tokens;
            return;
        }
        let stretch = Stretch { opening: self.opening.as_ref(), first: !self.begun, last };
        let tokens = Arc::new(tokens);
        let bytes = &self.held[..end];
        let (interchange, faults) =
            stretch.read(bytes, Arc::clone(&tokens), self.mode, &mut self.state, more);
        each(&interchange, faults);
        self.begun = true;
        self.state.go_on(end, interchange.messages().len());
        drop(interchange);
        self.tokens = Arc::try_unwrap(tokens).unwrap_or_default();
        self.held.drain(..end);
        self.wanted = self.held.len() + self.stretch;
    }
}

/// A series of which parts are missing.
struct Open {
    kind: String,
    access: Option<String>,
    numbers: HashSet<u32>,
    last: Option<u32>,
    /// Whether it may be a single message: a part 1 that does not say that it is the
    /// first of several.
    single: bool,
}

/// How many segments there are up to the last trailer behind which no message and no
/// series goes on (or, if it cannot be waited for, no message); `None` if there is none.
fn whole_messages(
    context: &Context<'_>,
    tokens: &Tokens,
    closed: usize,
    full: bool,
) -> Option<usize> {
    let mut open: Vec<Open> = Vec::new();
    let (mut whole, mut any, mut inside) = (None, None, false);
    for index in 0..closed {
        let segment = Segment::new(context, tokens, index, index + 1);
        match &segment.code() {
            b"UNH" => {
                inside = true;
                note(&mut open, &segment);
            }
            // Behind a trailer that came too early, the message goes on.
            b"UNE" | b"UNZ" if inside => {}
            b"UNT" | b"UNE" | b"UNZ" => {
                inside = false;
                any = Some(index + 1);
                if open.is_empty() {
                    whole = any;
                }
            }
            _ => {}
        }
    }
    if full { whole.or(any) } else { whole }
}

/// Puts a message with the others of its series.
fn note(open: &mut Vec<Open>, unh: &Segment<'_>) {
    let Names { kind, access_reference: access, sequence, .. } = Names::of(unh);
    let mine = |o: &Open| o.kind == kind && o.access == access;
    open.retain(|o| !o.single || mine(o));
    // A first part that is the last is whole, unless the sender counts from 0.
    let follows_nought = |o: &Open| mine(o) && o.last.is_none() && o.numbers.contains(&0);
    let whole = |s: &Sequence| {
        s.last && (s.number == 0 || (s.number == 1 && !open.iter().any(follows_nought)))
    };
    let Some(sequence) = sequence.filter(|s| !whole(s)) else { return };
    let at = open.iter().position(mine).unwrap_or_else(|| {
        let (numbers, single) = (HashSet::new(), sequence.number <= 1 && !sequence.first);
        open.push(Open { kind, access, numbers, last: None, single });
        open.len() - 1
    });
    let series = &mut open[at];
    series.single &= series.numbers.is_empty();
    series.numbers.insert(sequence.number);
    if sequence.last {
        series.last = Some(sequence.number);
    }
    let from_nought = usize::from(series.numbers.contains(&0));
    if series.last.is_some_and(|l| l as usize + from_nought == series.numbers.len()) {
        open.swap_remove(at);
    }
}
