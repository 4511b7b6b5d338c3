//! A segment: its tag, elements and components, where they lie and what they say.

use std::borrow::Cow;

use crate::{
    Repertoire, Separators, Span,
    token::{Stretch, Tokens},
};

/// The text that segments are cut from, and the rules for reading it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub bytes: &'a [u8],
    pub separators: Separators,
    pub repertoire: Repertoire,
}

/// A segment. Elements, repetitions and components are counted from 1; what is not
/// there is empty. Every place is looked up without a search.
///
/// ```
/// let bytes = b"UNH+1+PAXLST:D:05B:UN'NAD+FL+++O?'LEARY:ANN'UNT+3+1'";
/// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
/// let nad = interchange.messages()[0].segment(1).unwrap();
/// assert_eq!((nad.tag(), nad.position(), nad.elements()), ("NAD", 2, 4));
/// assert_eq!((nad.text(4, 1), nad.raw(4, 1)), ("O'LEARY".into(), &b"O?'LEARY"[..]));
/// assert_eq!(nad.text(9, 9), "");
/// ```
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) tokens: &'a Tokens,
    pub(crate) index: usize,
    pub(crate) position: usize,
}

impl<'a> Segment<'a> {
    #[inline]
    fn stretch(&self) -> Stretch {
        self.tokens.stretches[self.index]
    }

    /// Indexes of its elements.
    #[inline]
    fn range(&self) -> std::ops::Range<usize> {
        let next = self.tokens.stretches.get(self.index + 1);
        let to = next.map_or(self.tokens.elements.len(), |s| s.elements as usize);
        self.stretch().elements as usize..to
    }

    /// The tag: three characters, as written; `""` when it is no ASCII text. Line breaks
    /// in it are left out.
    pub fn tag(&self) -> &'a str {
        let raw = self.raw_tag();
        if raw.len() > 3 {
            let wrapped = &self.tokens.wrapped;
            if let Ok(i) = wrapped.binary_search_by_key(&(self.index as u32), |w| w.0) {
                return &wrapped[i].1;
            }
        }
        std::str::from_utf8(raw).unwrap_or("").trim_end()
    }

    /// The bytes of the tag, up to the first separator.
    #[inline]
    pub(crate) fn raw_tag(&self) -> &'a [u8] {
        let stretch = self.stretch();
        let range = self.range();
        let end = match self.tokens.elements.get(range.start) {
            Some(first) if !range.is_empty() => first - 1,
            _ => stretch.end,
        };
        let raw = &self.context.bytes[stretch.start as usize..end as usize];
        if raw.len() <= 3 {
            return raw;
        }
        let separators = &self.context.separators;
        let cut = |b: &u8| *b == separators.component || Some(*b) == separators.repetition;
        &raw[..raw.iter().position(cut).unwrap_or(raw.len())]
    }

    /// Position in its message; `UNH` is 1.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Where it lies, without its terminator.
    pub fn span(&self) -> Span {
        let stretch = self.stretch();
        Span { start: stretch.start as usize, end: stretch.end as usize }
    }

    /// How many elements follow the tag.
    pub fn elements(&self) -> usize {
        self.range().len()
    }

    /// Repetitions after the first of the element with this index in `tokens`.
    fn repeats(&self, index: usize) -> &'a [(u32, u32)] {
        let all = &self.tokens.repeats;
        if all.is_empty() {
            return &[];
        }
        let from = all.partition_point(|r| (r.0 as usize) < index);
        let to = from + all[from..].partition_point(|r| r.0 as usize == index);
        &all[from..to]
    }

    /// Where a repetition of an element lies, and the component separators in it.
    #[inline]
    fn part(&self, element: usize, nth: usize) -> Option<(u32, u32, &'a [u32])> {
        let range = self.range();
        let index = range.start + element.checked_sub(1)?;
        if index >= range.end || nth == 0 {
            return None;
        }
        let elements = &self.tokens.elements[..range.end];
        let repeats = self.repeats(index);
        let start = if nth == 1 { elements[index] } else { repeats.get(nth - 2)?.1 };
        let end = match (repeats.get(nth - 1), elements.get(index + 1)) {
            (Some((_, next)), _) | (None, Some(next)) => next - 1,
            (None, None) => self.stretch().end,
        };
        let separators = self.separators();
        let before = |offset| match separators.len() {
            // A comparison of all is quicker than a search.
            0..=8 => separators.iter().map(|at| usize::from(*at < offset)).sum(),
            _ => separators.partition_point(|at| *at < offset),
        };
        Some((start, end, &separators[before(start)..before(end)]))
    }

    /// Offsets of its component separators.
    #[inline]
    fn separators(&self) -> &'a [u32] {
        let all = &self.tokens.components;
        let next = self.tokens.stretches.get(self.index + 1);
        let to = next.map_or(all.len(), |s| s.components as usize);
        &all[self.stretch().components as usize..to]
    }

    /// How many components an element has (of its first repetition).
    pub fn components(&self, element: usize) -> usize {
        self.components_rep(element, 1)
    }

    /// How many components a repetition of an element has.
    pub fn components_rep(&self, element: usize, repetition: usize) -> usize {
        match self.part(element, repetition) {
            Some((start, end, separators)) if end > start => separators.len() + 1,
            _ => 0,
        }
    }

    /// How many times an element stands there; 1 without a repetition separator.
    pub fn repetitions(&self, element: usize) -> usize {
        let range = self.range();
        match element.checked_sub(1).map(|e| range.start + e).filter(|i| *i < range.end) {
            Some(index) => 1 + self.repeats(index).len(),
            None => 0,
        }
    }

    #[inline]
    fn place(&self, element: usize, nth: usize, component: usize) -> Option<Span> {
        let (start, end, separators) = self.part(element, nth)?;
        let start = match component {
            0 => return None,
            1 => start,
            n => *separators.get(n - 2)? + 1,
        };
        let end = separators.get(component - 1).map_or(end, |at| *at);
        Some(Span { start: start as usize, end: end as usize })
    }

    /// Where a component lies; the end of the segment when it is not there.
    pub fn span_of(&self, element: usize, component: usize) -> Span {
        let end = self.stretch().end as usize;
        self.place(element, 1, component).unwrap_or(Span { start: end, end })
    }

    /// The bytes of a component as they stand, release characters included.
    pub fn raw(&self, element: usize, component: usize) -> &'a [u8] {
        self.place(element, 1, component).map_or(&[], |s| &self.context.bytes[s.start..s.end])
    }

    /// The text of a component: release characters and line breaks removed, decoded
    /// by the declared repertoire as far as the bytes keep to it.
    #[inline]
    pub fn text(&self, element: usize, component: usize) -> Cow<'a, str> {
        self.text_rep(element, 1, component)
    }

    /// The text of a component of a repetition.
    pub fn text_rep(&self, element: usize, repetition: usize, component: usize) -> Cow<'a, str> {
        match self.place(element, repetition, component) {
            Some(span) => self.plain(&self.context.bytes[span.start..span.end]),
            None => Cow::Borrowed(""),
        }
    }

    fn plain(&self, raw: &'a [u8]) -> Cow<'a, str> {
        let release = self.context.separators.release;
        let is_break = |b: u8| b == b'\r' || b == b'\n';
        if !raw.iter().any(|&b| is_break(b) || Some(b) == release) {
            return self.context.repertoire.decode(raw);
        }
        let mut plain = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter().copied().filter(|b| !is_break(*b));
        while let Some(byte) = bytes.next() {
            if Some(byte) == release {
                plain.extend(bytes.next());
            } else {
                plain.push(byte);
            }
        }
        Cow::Owned(self.context.repertoire.decode(&plain).into_owned())
    }

    /// Element and component in which an offset lies; none in the tag.
    pub(crate) fn element_at(&self, offset: usize) -> Option<(usize, usize)> {
        let range = self.range();
        let elements = &self.tokens.elements[range.clone()];
        let element = elements.partition_point(|e| *e as usize <= offset);
        let (_, _, separators) = self.part(element, 1)?;
        let component = 1 + separators.partition_point(|at| (*at as usize) < offset);
        Some((element, component))
    }
}

/// Shows the tag alone: what follows may be a person's.
impl std::fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segment")
            .field("tag", &self.tag())
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
