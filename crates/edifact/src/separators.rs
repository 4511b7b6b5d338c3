//! The service characters, and the service string advice `UNA` that may change them.

/// The characters that separate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Separators {
    /// Between components, `:`.
    pub component: u8,
    /// Between elements, `+`.
    pub element: u8,
    /// Decimal mark, `.` or `,`.
    pub decimal: u8,
    /// Makes the next character literal, `?`; `None` when there is none.
    pub release: Option<u8>,
    /// Between repetitions, `*`; active in syntax version 4 alone.
    pub repetition: Option<u8>,
    /// Ends a segment, `'`.
    pub terminator: u8,
}

impl Default for Separators {
    /// Those of syntax versions 1 to 3.
    fn default() -> Self {
        Self {
            component: b':',
            element: b'+',
            decimal: b'.',
            release: Some(b'?'),
            repetition: None,
            terminator: b'\'',
        }
    }
}

impl Separators {
    /// The six characters after `UNA`; position 4 blank means no release character,
    /// position 5 blank no repetition.
    pub(crate) fn from_una(six: [u8; 6]) -> Self {
        let used = |b: u8| (b != b' ').then_some(b);
        Self {
            component: six[0],
            element: six[1],
            decimal: six[2],
            release: used(six[3]),
            repetition: used(six[4]),
            terminator: six[5],
        }
    }

    /// What is wrong with them: two alike, or a letter or digit among them.
    pub(crate) fn fault(&self) -> Option<String> {
        let all = [
            Some(self.component),
            Some(self.element),
            Some(self.decimal),
            self.release,
            self.repetition,
            Some(self.terminator),
        ];
        let used: Vec<u8> = all.into_iter().flatten().collect();
        for (i, b) in used.iter().enumerate() {
            if b.is_ascii_alphanumeric() {
                return Some(format!("{:?} is a letter or digit", *b as char));
            }
            if used[..i].contains(b) {
                return Some(format!("{:?} stands for two things", *b as char));
            }
        }
        None
    }

    /// `UNA` with the six characters.
    pub fn una(&self) -> [u8; 9] {
        let blank = b' ';
        [
            b'U',
            b'N',
            b'A',
            self.component,
            self.element,
            self.decimal,
            self.release.unwrap_or(blank),
            self.repetition.unwrap_or(blank),
            self.terminator,
        ]
    }
}
