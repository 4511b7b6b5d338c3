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
        let used = elements.iter().rposition(|e| e.iter().any(|c| !c.is_empty()));
        for element in &elements[..used.map_or(0, |i| i + 1)] {
            self.out.push(self.separators.element);
            let used = element.iter().rposition(|c| !c.is_empty());
            for (i, component) in element[..used.map_or(0, |i| i + 1)].iter().enumerate() {
                if i > 0 {
                    self.out.push(self.separators.component);
                }
                self.value(component);
            }
        }
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
