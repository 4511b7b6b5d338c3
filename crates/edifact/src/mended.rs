//! A segment seen as its sender meant it, where a separator between tag and first element is
//! another or none, or where the terminator between two segments is missing. The bytes stay as
//! they are, and so do all places in them; who knows the message's guide says what was meant.

use crate::{Segment, token::Stretch};

impl<'a> Segment<'a> {
    /// How many bytes stand before the first element separator: the tag, in a sound segment.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'NAD-FL+++LEARY:ANN'UNT+3+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// assert_eq!(interchange.messages()[0].segment(1).unwrap().head_len(), 6);
    /// ```
    pub fn head_len(&self) -> usize {
        let end = self.elements.first().map_or(self.stretch.end, |first| first - 1);
        (end - self.stretch.start) as usize
    }

    /// The two segments that this is, if the first ends at offset `end` and the tag of the
    /// second begins at offset `start`; both lie in it, `start` not before `end`.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'DTM+329:880402NAD+FL+++LEARY:ANN'UNT+4+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// let both = interchange.messages()[0].segment(1).unwrap();
    /// let nad = both.span().start + "DTM+329:880402".len();
    /// let (dtm, nad) = both.parted(nad, nad);
    /// assert_eq!((dtm.text(1, 2), dtm.elements()), ("880402".into(), 1));
    /// assert_eq!((nad.tag(), nad.text(4, 2), nad.elements()), ("NAD", "ANN".into(), 4));
    /// ```
    pub fn parted(&self, end: usize, start: usize) -> (Segment<'a>, Segment<'a>) {
        let own = (self.stretch.start, self.stretch.end);
        let bounded = |at: usize| u32::try_from(at).map_or(own.1, |at| at.clamp(own.0, own.1));
        let (end, start) = (bounded(end), bounded(start.max(end)));
        // What begins where the first ends is an empty element of it.
        let of_first = self.elements.partition_point(|e| *e <= end);
        let of_second = self.elements.partition_point(|e| *e <= start);
        let (left, right) = (
            self.separators.partition_point(|at| *at < end),
            self.separators.partition_point(|at| *at < start),
        );
        let first = Segment {
            elements: &self.elements[..of_first],
            separators: &self.separators[..left],
            stretch: Stretch { end, ..self.stretch },
            ..*self
        };
        let second = Segment {
            elements: &self.elements[of_second..],
            separators: &self.separators[right..],
            stretch: Stretch {
                start,
                elements: self.stretch.elements + of_second as u32,
                components: self.stretch.components + right as u32,
                ..self.stretch
            },
            ..*self
        };
        (first, second)
    }

    /// Hands over the segment as it is if its first element begins `first` bytes behind its
    /// start, before the first separator: with `NAD-FL+++…` and 4, `FL` is an element.
    ///
    /// ```
    /// let bytes = b"UNH+1+PAXLST:D:05B:UN'DTM-329:880402'UNT+3+1'";
    /// let (interchange, _) = edifact::read(bytes, edifact::Mode::Cleaning);
    /// let dtm = interchange.messages()[0].segment(1).unwrap();
    /// dtm.with_first_element(4, |dtm| {
    ///     assert_eq!((dtm.qualifier(), dtm.text(1, 2)), (&b"329"[..], "880402".into()));
    /// });
    /// ```
    pub fn with_first_element<R>(&self, first: usize, read: impl FnOnce(&Segment<'_>) -> R) -> R {
        let head_end = self.span().start + self.head_len();
        let from = (self.span().start + first).min(head_end);
        let elements: Vec<u32> =
            std::iter::once(from as u32).chain(self.elements.iter().copied()).collect();
        let mut separators = self.separators_in(from, head_end);
        separators.extend_from_slice(self.separators);
        let segment = Segment {
            elements: &elements,
            separators: &separators,
            // One element more stands before those in the lists. A tag ends before its separator.
            stretch: Stretch {
                start: self.stretch.start.min((from as u32).saturating_sub(1)),
                elements: self.stretch.elements.saturating_sub(1),
                ..self.stretch
            },
            ..*self
        };
        read(&segment)
    }

    /// Component separators that are not released, in a stretch without elements.
    fn separators_in(&self, from: usize, to: usize) -> Vec<u32> {
        let (bytes, separators) = (self.context.bytes, &self.context.separators);
        let (mut found, mut at) = (Vec::new(), from);
        while at < to {
            match bytes[at] {
                b if Some(b) == separators.release => at += 1,
                b if b == separators.component => found.push(at as u32),
                _ => {}
            }
            at += 1;
        }
        found
    }
}
