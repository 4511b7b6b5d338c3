//! A segment: its tag, elements and components, where they lie and what they say.

use std::borrow::Cow;

use crate::{
    Span,
    context::Context,
    token::{Stretch, Tokens},
};

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
    /// First bytes of its elements.
    pub(crate) elements: &'a [u32],
    /// Its component separators.
    pub(crate) separators: &'a [u32],
    /// From its tag to its terminator.
    pub(crate) stretch: Stretch,
    pub(crate) index: usize,
    pub(crate) position: usize,
    /// Whether a release character or a line break may stand in it.
    pub(crate) escapes: bool,
}

impl<'a> Segment<'a> {
    /// The segment with this index in `tokens`, which is there.
    #[inline]
    pub(crate) fn new(
        context: &'a Context<'a>,
        tokens: &'a Tokens,
        index: usize,
        position: usize,
    ) -> Self {
        let stretch = tokens.stretches[index];
        let (elements, components) = match tokens.stretches.get(index + 1) {
            Some(next) => (next.elements as usize, next.components as usize),
            None => (tokens.elements.len(), tokens.components.len()),
        };
        Self {
            context,
            tokens,
            elements: &tokens.elements[stretch.elements as usize..elements],
            separators: &tokens.components[stretch.components as usize..components],
            stretch,
            index,
            position,
            escapes: context.escapes,
        }
    }

    /// The tag as three bytes, to be compared at once: in capitals, whatever was written;
    /// what is shorter has blanks behind it, what is longer or no ASCII text is all blanks.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+3+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// assert_eq!(interchange.messages()[0].segment(1).unwrap().code(), *b"BGM");
    /// ```
    #[inline]
    pub fn code(&self) -> [u8; 3] {
        let start = self.stretch.start as usize;
        let end = self.elements.first().map_or(self.stretch.end, |first| first - 1) as usize;
        match self.context.bytes[start..end] {
            [a, b, c] if are_capitals([a, b, c]) => [a, b, c],
            _ => self.odd_code(),
        }
    }

    #[cold]
    fn odd_code(&self) -> [u8; 3] {
        let code = match *self.tag().as_bytes() {
            [a] => [a, b' ', b' '],
            [a, b] => [a, b, b' '],
            [a, b, c] => [a, b, c],
            _ => [b' '; 3],
        };
        code.map(|b| b.to_ascii_uppercase())
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

    /// All of it as text, separators included, without its terminator.
    pub fn whole(&self) -> Cow<'a, str> {
        self.context.plain(self.span(), true)
    }

    /// The bytes of the tag, up to the first separator.
    #[inline]
    pub(crate) fn raw_tag(&self) -> &'a [u8] {
        let end = self.elements.first().map_or(self.stretch.end, |first| first - 1);
        let raw = &self.context.bytes[self.stretch.start as usize..end as usize];
        if raw.len() <= 3 {
            return raw;
        }
        let separators = &self.context.separators;
        let cut = |b: &u8| *b == separators.component || Some(*b) == separators.repetition;
        &raw[..raw.iter().position(cut).unwrap_or(raw.len())]
    }

    /// What stands before the first element, component by component: of a segment that has
    /// no tag because a text before it ended with a terminator that was not released.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'NAD+FL+++O'LEARY:ANN+X'UNT+4+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// let half = interchange.messages()[0].segment(2).unwrap();
    /// assert_eq!((half.head(), half.text(1, 1)), (vec!["LEARY".into(), "ANN".into()], "X".into()));
    /// ```
    pub fn head(&self) -> Vec<Cow<'a, str>> {
        let Context { bytes, separators, .. } = self.context;
        let end = self.elements.first().map_or(self.stretch.end, |first| first - 1) as usize;
        let mut parts = Vec::new();
        let (mut start, mut at) = (self.stretch.start as usize, self.stretch.start as usize);
        while at < end {
            if Some(bytes[at]) == separators.release {
                at += 1;
            } else if bytes[at] == separators.component {
                parts.push(self.context.plain(Span { start, end: at }, true));
                start = at + 1;
            }
            at += 1;
        }
        parts.push(self.context.plain(Span { start: start.min(end), end }, true));
        parts
    }

    /// The character that ends it and all others.
    pub fn terminator(&self) -> char {
        self.context.separators.terminator.into()
    }

    /// Position in its message; `UNH` is 1.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Where it lies, without its terminator.
    pub fn span(&self) -> Span {
        Span { start: self.stretch.start as usize, end: self.stretch.end as usize }
    }

    /// All of it as it stands, without its terminator.
    pub fn bytes(&self) -> &'a [u8] {
        &self.context.bytes[self.stretch.start as usize..self.stretch.end as usize]
    }

    /// The segments behind it, whatever they are.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'BGM+745'CNT+42:0'UNT+4+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// let bgm = interchange.messages()[0].segment(1).unwrap();
    /// assert_eq!(bgm.behind().map(|s| s.code()).collect::<Vec<_>>(), [*b"CNT", *b"UNT"]);
    /// ```
    pub fn behind(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let (context, tokens, index, position) =
            (self.context, self.tokens, self.index, self.position);
        let more = index + 1..tokens.segments();
        more.map(move |i| Segment::new(context, tokens, i, position + i - index))
    }

    /// Whether the same bytes stand at another place of its text.
    ///
    /// ```
    /// let bytes = b"UNH+1+PNRGOV:13:1:IA'TIF+LEARY+ANN:A:1'TIF+LEARY+ANN:A:1'UNT+4+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// let [first, second] = [1, 2].map(|i| interchange.messages()[0].segment(i).unwrap());
    /// assert!(second.is_written_at(first.span()));
    /// assert!(!second.is_written_at(edifact::Span { start: 0, end: 9999 }));
    /// ```
    pub fn is_written_at(&self, there: Span) -> bool {
        self.context.bytes.get(there.start..there.end) == Some(self.bytes())
    }

    /// How many elements follow the tag.
    pub fn elements(&self) -> usize {
        self.elements.len()
    }

    /// Repetitions after the first of the element with this index in `tokens`.
    fn repeats(&self, index: usize) -> &'a [(u32, u32)] {
        let all = &self.tokens.repeats;
        let from = all.partition_point(|r| (r.0 as usize) < index);
        let to = from + all[from..].partition_point(|r| r.0 as usize == index);
        &all[from..to]
    }

    /// Where a repetition of an element lies.
    #[inline]
    fn bounds(&self, element: usize, nth: usize) -> Option<(u32, u32)> {
        let index = element.checked_sub(1)?;
        let start = *self.elements.get(index)?;
        let end = self.elements.get(index + 1).map_or(self.stretch.end, |next| next - 1);
        if nth == 1 && self.tokens.repeats.is_empty() {
            return Some((start, end));
        }
        self.bounds_of_repetition(index, nth, (start, end))
    }

    #[cold]
    fn bounds_of_repetition(
        &self,
        index: usize,
        nth: usize,
        (start, end): (u32, u32),
    ) -> Option<(u32, u32)> {
        let repeats = self.repeats(self.stretch.elements as usize + index);
        let start = match nth.checked_sub(2) {
            Some(n) => repeats.get(n)?.1,
            None if nth == 1 => start,
            None => return None,
        };
        let end = repeats.get(nth - 1).map_or(end, |(_, next)| next - 1);
        Some((start, end))
    }

    /// Where a repetition of an element lies, and the component separators in it.
    #[inline]
    fn part(&self, element: usize, nth: usize) -> Option<(u32, u32, &'a [u32])> {
        let (start, end) = self.bounds(element, nth)?;
        let separators = &self.separators[before(self.separators, start)..];
        // Behind the last element there is none.
        let last = element == self.elements.len() && self.tokens.repeats.is_empty();
        let count = if last { separators.len() } else { before(separators, end) };
        Some((start, end, &separators[..count]))
    }

    /// An element (its first repetition), to look at several components of it: their
    /// places are found once. Empty when there is no such element.
    ///
    /// ```
    /// let bytes = b"UNH+1+PNRGOV:13:1:IA'TIF+O?'LEARY+ANN:A:1'UNT+3+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// let tif = interchange.messages()[0].segment(1).unwrap();
    /// let given = tif.element(2);
    /// assert_eq!((given.components(), given.raw(2)), (3, &b"A"[..]));
    /// assert_eq!((given.text(1), given.text(9)), ("ANN".into(), "".into()));
    /// assert_eq!(tif.element(1).text(1), "O'LEARY");
    /// assert_eq!(tif.element(3).components(), 0);
    /// ```
    #[inline]
    pub fn element(&self, element: usize) -> Element<'a> {
        let (start, end, separators) = self.part(element, 1).unwrap_or((0, 0, &[]));
        Element { context: self.context, start, end, separators, escapes: self.escapes }
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
        match element.checked_sub(1).filter(|i| *i < self.elements.len()) {
            Some(index) => 1 + self.repeats(self.stretch.elements as usize + index).len(),
            None => 0,
        }
    }

    #[inline]
    fn place(&self, element: usize, nth: usize, component: usize) -> Option<Span> {
        let (start, end) = self.bounds(element, nth)?;
        // The separator in front of the component, and the one behind it.
        let behind = before(self.separators, start) + component.checked_sub(1)?;
        let start = match component {
            1 => start,
            _ => *self.separators.get(behind - 1).filter(|at| **at < end)? + 1,
        };
        let end = self.separators.get(behind).map_or(end, |at| end.min(*at));
        Some(Span { start: start as usize, end: end as usize })
    }

    /// The first component of the first element, as [`Segment::raw`] gives it: by it, most
    /// segments say what they are about.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'DTM+36:300119'NAT'UNT+4+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// let message = &interchange.messages()[0];
    /// assert_eq!(message.segment(1).unwrap().qualifier(), b"36");
    /// assert_eq!(message.segment(2).unwrap().qualifier(), b"");
    /// ```
    #[inline]
    pub fn qualifier(&self) -> &'a [u8] {
        let Some((start, end)) = self.bounds(1, 1) else { return &[] };
        // No separator stands before the first element.
        let end = self.separators.first().map_or(end, |at| end.min(*at));
        &self.context.bytes[start as usize..end as usize]
    }

    /// Where a component lies; the end of the segment when it is not there.
    pub fn span_of(&self, element: usize, component: usize) -> Span {
        let end = self.stretch.end as usize;
        self.place(element, 1, component).unwrap_or(Span { start: end, end })
    }

    /// The bytes of a component as they stand, release characters included.
    #[inline]
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
    #[inline]
    pub fn text_rep(&self, element: usize, repetition: usize, component: usize) -> Cow<'a, str> {
        match self.place(element, repetition, component) {
            Some(span) => self.context.plain(span, self.escapes),
            None => Cow::Borrowed(""),
        }
    }

    /// Element and component in which an offset lies; none in the tag.
    pub(crate) fn element_at(&self, offset: usize) -> Option<(usize, usize)> {
        let element = self.elements.partition_point(|e| *e as usize <= offset);
        let (_, _, separators) = self.part(element, 1)?;
        let component = 1 + separators.partition_point(|at| (*at as usize) < offset);
        Some((element, component))
    }
}

/// An element of a segment; see [`Segment::element`]. Components are counted from 1, and
/// what is not there is empty.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    context: &'a Context<'a>,
    start: u32,
    end: u32,
    /// Its component separators.
    separators: &'a [u32],
    escapes: bool,
}

impl<'a> Element<'a> {
    /// How many components it has; 0 when it is empty.
    #[inline]
    pub fn components(&self) -> usize {
        if self.end > self.start { self.separators.len() + 1 } else { 0 }
    }

    #[inline]
    fn place(&self, component: usize) -> Option<Span> {
        let start = match component {
            0 => return None,
            1 => self.start,
            n => *self.separators.get(n - 2)? + 1,
        };
        let end = self.separators.get(component - 1).map_or(self.end, |at| *at);
        Some(Span { start: start as usize, end: end as usize })
    }

    /// The bytes of a component as they stand, release characters included.
    #[inline]
    pub fn raw(&self, component: usize) -> &'a [u8] {
        self.place(component).map_or(&[], |s| &self.context.bytes[s.start..s.end])
    }

    /// The text of a component, as [`Segment::text`] gives it.
    #[inline]
    pub fn text(&self, component: usize) -> Cow<'a, str> {
        match self.place(component) {
            Some(span) => self.context.plain(span, self.escapes),
            None => Cow::Borrowed(""),
        }
    }
}

/// Whether these are capital letters, told of all three at once.
#[inline]
pub(crate) fn are_capitals([a, b, c]: [u8; 3]) -> bool {
    const HIGH: u32 = 0x0080_8080;
    let tag = u32::from_le_bytes([a, b, c, 0]);
    // What is added carries each byte to its highest bit: from `A` on, and behind `Z`.
    let (low, ones) = (tag & !HIGH, 0x0001_0101);
    let (from, behind) = (low + ones * (0x80 - 0x41), low + ones * (0x7f - 0x5a));
    from & !behind & !tag & HIGH == HIGH
}

/// How many of the ascending offsets lie before this one.
#[inline]
fn before(offsets: &[u32], offset: u32) -> usize {
    // Hardly any segment has more; a comparison of a few is quicker than a search.
    const FEW: usize = 16;
    let mut before = 0;
    while before < offsets.len() && offsets[before] < offset {
        before += 1;
        if before == FEW {
            return FEW + offsets[FEW..].partition_point(|at| *at < offset);
        }
    }
    before
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

/// An element may hold a name.
impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Element").field("components", &self.components()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    /// Each component of each repetition of each element of `NAD`.
    #[test]
    fn components_lie_where_a_plain_split_finds_them() {
        for (elements, repetitions, components) in [
            (1, 1, 1),
            (3, 1, 1),
            (4, 1, 3),
            (2, 1, 8),
            (9, 1, 2),
            (5, 1, 40),
            (3, 3, 4),
            (2, 2, 30),
        ] {
            let component = |n: usize| "X".repeat(n % 3);
            let of = |count: usize, by: &str, part: &dyn Fn(usize) -> String| {
                (0..count).map(part).collect::<Vec<_>>().join(by)
            };
            let repetition = |n| of(components, ":", &|c| component(n + c));
            let element = |n| of(repetitions, "*", &|r| repetition(n + r));
            let nad = format!("NAD+{}", of(elements, "+", &element));
            let text = format!("UNA:+.?*'UNB+UNOA:4'UNH+1'COM+A:B*C'{nad}'COM+A:B'UNT+5+1'");
            let (interchange, _) = crate::read(text.as_bytes(), crate::Mode::Cleaning);
            let segment = interchange.messages()[0].segments().nth(2).expect("there is NAD");
            for (e, whole) in nad.split('+').skip(1).enumerate() {
                for (r, repetition) in whole.split('*').enumerate() {
                    for (c, part) in repetition.split(':').chain(["", ""]).enumerate() {
                        assert_eq!(
                            segment.text_rep(e + 1, r + 1, c + 1),
                            part,
                            "{nad} {e} {r} {c}"
                        );
                    }
                }
                assert_eq!(segment.repetitions(e + 1), repetitions);
            }
            assert_eq!((segment.elements(), segment.text(elements + 1, 1)), (elements, "".into()));
        }
    }
}
