//! The text that segments are cut from: what its bytes say once release characters and line
//! breaks are out, and each segment of it in turn.

use std::{borrow::Cow, ops::Range};

use crate::{
    Repertoire, Segment, Separators, Span,
    token::{Stretch, Tokens},
};

/// The text that segments are cut from, and the rules for reading it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub bytes: &'a [u8],
    pub separators: Separators,
    pub repertoire: Repertoire,
    /// The bytes as text, if all of them are UTF-8: then no part need be looked at again.
    text: Option<&'a str>,
    /// Whether there is a release character or a line break anywhere.
    pub escapes: bool,
}

impl<'a> Context<'a> {
    /// `released` says whether a release character stands in any segment.
    pub fn new(
        bytes: &'a [u8],
        separators: Separators,
        repertoire: Repertoire,
        released: bool,
    ) -> Self {
        let escapes = released || memchr::memchr2(b'\r', b'\n', bytes).is_some();
        let text = std::str::from_utf8(bytes).ok();
        Self { bytes, separators, repertoire, text, escapes }
    }

    /// Where the next release character or line break is from an offset on; `to`, if there
    /// is none before that.
    pub fn next_escape(&self, from: usize, to: usize) -> usize {
        if !self.escapes {
            return to;
        }
        let release = self.separators.release.unwrap_or(b'\n');
        let there = self.bytes.get(from..to).unwrap_or_default();
        memchr::memchr3(release, b'\r', b'\n', there).map_or(to, |at| from + at)
    }

    /// What stands in a span; `escapes` if a release character or a line break may.
    #[inline]
    pub fn plain(&self, span: Span, escapes: bool) -> Cow<'a, str> {
        match self.text.filter(|_| !escapes).and_then(|text| text.get(span.start..span.end)) {
            Some(text) => Cow::Borrowed(text),
            None => self.plain_of(span, escapes),
        }
    }

    /// [`Self::plain`] of what is not simply there.
    #[cold]
    fn plain_of(&self, span: Span, escapes: bool) -> Cow<'a, str> {
        let raw = &self.bytes[span.start..span.end];
        if escapes && self.has_escapes(raw) {
            return Cow::Owned(self.without_escapes(raw));
        }
        match self.text.and_then(|text| text.get(span.start..span.end)) {
            Some(text) => Cow::Borrowed(text),
            None => self.repertoire.decode(raw),
        }
    }

    fn has_escapes(&self, raw: &[u8]) -> bool {
        let release = self.separators.release;
        raw.iter().any(|&b| is_break(b) || Some(b) == release)
    }

    fn without_escapes(&self, raw: &[u8]) -> String {
        let release = self.separators.release;
        let mut plain = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter().copied().filter(|b| !is_break(*b));
        while let Some(byte) = bytes.next() {
            if Some(byte) == release {
                plain.extend(bytes.next());
            } else {
                plain.push(byte);
            }
        }
        self.repertoire.decode(&plain).into_owned()
    }
}

/// Segments one after the other. Where one ends in the lists, the next begins, so that each
/// list is looked up once for a segment.
pub(crate) struct Segments<'a> {
    context: &'a Context<'a>,
    tokens: &'a Tokens,
    stretches: std::slice::Iter<'a, Stretch>,
    /// Where the elements and components of the next begin.
    at: (usize, usize),
    /// Those of the last end there.
    end: (usize, usize),
    index: usize,
    position: usize,
    /// Where the last one ends, in bytes.
    last: usize,
    /// The next release character or line break. Few segments have one; of the others, no
    /// component need be looked through. None is sought behind the last segment: many short
    /// messages would make that a long search.
    escape: usize,
}

impl<'a> Segments<'a> {
    pub fn new(context: &'a Context<'a>, tokens: &'a Tokens, range: Range<usize>) -> Self {
        let lists = |index: usize| match tokens.stretches.get(index) {
            Some(s) => (s.elements as usize, s.components as usize),
            None => (tokens.elements.len(), tokens.components.len()),
        };
        let stretches = &tokens.stretches[range.clone()];
        Self {
            context,
            tokens,
            stretches: stretches.iter(),
            at: lists(range.start),
            end: lists(range.end),
            index: range.start,
            position: 1,
            last: stretches.last().map_or(0, |s| s.end as usize),
            escape: 0,
        }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let stretch = *self.stretches.next()?;
        let (elements, components) = self.at;
        self.at = match self.stretches.as_slice().first() {
            Some(next) => (next.elements as usize, next.components as usize),
            None => self.end,
        };
        if self.escape < stretch.start as usize {
            self.escape = self.context.next_escape(stretch.start as usize, self.last);
        }
        let segment = Segment {
            context: self.context,
            tokens: self.tokens,
            elements: &self.tokens.elements[elements..self.at.0],
            separators: &self.tokens.components[components..self.at.1],
            stretch,
            index: self.index,
            position: self.position,
            escapes: self.escape < stretch.end as usize,
        };
        (self.index, self.position) = (self.index + 1, self.position + 1);
        Some(segment)
    }
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}
