//! Writing: characters released, counts kept.

use crate::Separators;

/// Writes segments one after another.
///
/// ```
/// use edifact::{Separators, Writer};
/// let mut w = Writer::new(Separators::default());
/// w.segment("NAD", &[&["FL"], &[], &[], &["O'LEARY", "ANN"]]);
/// assert_eq!(w.finish(), b"NAD+FL+++O?'LEARY:ANN'");
/// ```
#[derive(Debug)]
pub struct Writer {
    separators: Separators,
    out: Vec<u8>,
    segments: usize,
}

impl Writer {
    /// A writer with these service characters; `UNA` is written only when asked for.
    pub fn new(separators: Separators) -> Self {
        Self { separators, out: Vec::new(), segments: 0 }
    }

    /// Writes `UNA`.
    pub fn advice(&mut self) -> &mut Self {
        self.out.extend_from_slice(&self.separators.una());
        self
    }

    /// Writes a segment: its tag, and its elements as lists of components. Empty
    /// components and elements at an end are left out; control characters, which no
    /// repertoire has, become blanks.
    pub fn segment(&mut self, tag: &str, elements: &[&[&str]]) -> &mut Self {
        self.out.extend_from_slice(tag.as_bytes());
        for element in until_last(elements, |e| e.iter().any(|c| !c.is_empty())) {
            self.out.push(self.separators.element);
            self.components(element);
        }
        self.end()
    }

    /// As [`Writer::segment`], each element a list of its repetitions. Without a
    /// repetition separator the first of them alone is written.
    ///
    /// ```
    /// use edifact::{Separators, Writer};
    /// let mut w = Writer::new(Separators { repetition: Some(b'*'), ..Separators::default() });
    /// w.repeated("COM", &[&[&["030 1", "TE"], &["030 2", "FX"]]]);
    /// assert_eq!(w.finish(), b"COM+030 1:TE*030 2:FX'");
    /// ```
    pub fn repeated(&mut self, tag: &str, elements: &[&[&[&str]]]) -> &mut Self {
        self.out.extend_from_slice(tag.as_bytes());
        let says = |repetition: &&[&str]| repetition.iter().any(|c| !c.is_empty());
        for element in until_last(elements, |e| e.iter().any(says)) {
            self.out.push(self.separators.element);
            for (i, repetition) in until_last(element, says).iter().enumerate() {
                match self.separators.repetition {
                    _ if i == 0 => {}
                    Some(separator) => self.out.push(separator),
                    None => break,
                }
                self.components(repetition);
            }
        }
        self.end()
    }

    fn components(&mut self, components: &[&str]) {
        for (i, component) in until_last(components, |c| !c.is_empty()).iter().enumerate() {
            if i > 0 {
                self.out.push(self.separators.component);
            }
            self.value(component);
        }
    }

    fn end(&mut self) -> &mut Self {
        self.out.push(self.separators.terminator);
        self.segments += 1;
        self
    }

    fn value(&mut self, text: &str) {
        let s = &self.separators;
        for byte in text.bytes() {
            let special = byte == s.component
                || byte == s.element
                || byte == s.terminator
                || Some(byte) == s.release
                || Some(byte) == s.repetition;
            match s.release {
                Some(release) if special => self.out.extend_from_slice(&[release, byte]),
                None if special => self.out.push(b' '),
                _ if byte < 0x20 => self.out.push(b' '),
                _ => self.out.push(byte),
            }
        }
    }

    /// How many segments were written.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// The items up to the last that says something.
fn until_last<T>(items: &[T], says: impl Fn(&T) -> bool) -> &[T] {
    &items[..items.iter().rposition(says).map_or(0, |last| last + 1)]
}
