//! The five layouts, as tables of places (Doc 9303 parts 4 to 7 §4.2).

use super::value;

/// A layout of the zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// Card, three lines of 30 (part 5).
    Td1,
    /// Card or booklet, two lines of 36 (part 6).
    Td2,
    /// Passport, two lines of 44 (part 4).
    Td3,
    /// Visa, two lines of 44 (part 7).
    MrvA,
    /// Visa, two lines of 36 (part 7).
    MrvB,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 5] =
        [Format::Td1, Format::Td2, Format::Td3, Format::MrvA, Format::MrvB];

    /// The name in the standard.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Td1 => "TD1",
            Format::Td2 => "TD2",
            Format::Td3 => "TD3",
            Format::MrvA => "MRV-A",
            Format::MrvB => "MRV-B",
        }
    }

    /// How many lines.
    pub const fn lines(self) -> usize {
        self.layout().lines
    }

    /// How many characters a line has.
    pub const fn width(self) -> usize {
        self.layout().width
    }

    /// How many characters the name field has: 39, 31 or 30.
    pub const fn name_width(self) -> usize {
        self.layout().name.width
    }

    /// Whether no check digit can tell the two characters apart at that place (line and
    /// column from 1): because none covers it, or because both count the same, modulo
    /// ten.
    ///
    /// ```
    /// use travel::mrz::Format;
    /// assert!(!Format::Td3.unnoticeable(2, 1, 'L', 'M'));
    /// assert!(Format::Td3.unnoticeable(2, 1, 'L', 'B'));
    /// assert!(Format::Td3.unnoticeable(1, 6, 'E', 'F'), "no check digit covers the name");
    /// ```
    pub fn unnoticeable(self, line: usize, column: usize, was: char, is: char) -> bool {
        let (Some(was), Some(is)) = (value(was), value(is)) else { return false };
        was % 10 == is % 10 || !self.layout().guarded(line, column)
    }

    pub(super) const fn layout(self) -> &'static Layout {
        match self {
            Format::Td1 => &TD1,
            Format::Td2 => &TD2,
            Format::Td3 => &TD3,
            Format::MrvA => &MRV_A,
            Format::MrvB => &MRV_B,
        }
    }
}

/// Columns of one line; both count from 0 here.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) line: usize,
    pub(super) start: usize,
    pub(super) width: usize,
}

impl Span {
    pub(super) fn end(self) -> usize {
        self.start + self.width
    }

    fn holds(self, line: usize, column: usize) -> bool {
        self.line == line && (self.start..self.end()).contains(&column)
    }
}

const fn at(line: usize, first: usize, last: usize) -> Span {
    Span { line: line - 1, start: first - 1, width: last + 1 - first }
}

/// Where everything stands. A check digit stands behind what it covers, except TD1's
/// composite, which has a place of its own.
pub(super) struct Layout {
    pub(super) lines: usize,
    pub(super) width: usize,
    /// First letters that the document code may have.
    pub(super) codes: &'static str,
    pub(super) code: Span,
    pub(super) issuer: Span,
    pub(super) number: Span,
    pub(super) nationality: Span,
    pub(super) birth: Span,
    pub(super) sex: Span,
    pub(super) expiry: Span,
    pub(super) optional: Span,
    /// TD3's personal number has a check digit of its own.
    pub(super) optional_checked: bool,
    pub(super) optional_2: Option<Span>,
    pub(super) name: Span,
    /// Whether a long number goes on in the optional data.
    pub(super) overflows: bool,
    /// What the composite covers; its digit is the last character of line 2.
    pub(super) composite: &'static [Span],
}

impl Layout {
    /// Whether a check digit covers the place, or stands there; counted from 1.
    fn guarded(&self, line: usize, column: usize) -> bool {
        let (line, column) = (line.wrapping_sub(1), column.wrapping_sub(1));
        let own = [self.number, self.birth, self.expiry];
        let wider = |s: &Span| Span { width: s.width + 1, ..*s };
        own.iter().map(wider).any(|s| s.holds(line, column))
            || self.composite.iter().any(|s| s.holds(line, column))
            || (!self.composite.is_empty() && line == 1 && column + 1 == self.width)
    }
}

/// What the layouts of two lines have in common.
const TWO_LINES: Layout = Layout {
    lines: 2,
    width: 44,
    codes: "P",
    code: at(1, 1, 2),
    issuer: at(1, 3, 5),
    name: at(1, 6, 44),
    number: at(2, 1, 9),
    nationality: at(2, 11, 13),
    birth: at(2, 14, 19),
    sex: at(2, 21, 21),
    expiry: at(2, 22, 27),
    optional: at(2, 29, 42),
    optional_checked: true,
    optional_2: None,
    overflows: false,
    composite: &[at(2, 1, 10), at(2, 14, 20), at(2, 22, 43)],
};

static TD3: Layout = TWO_LINES;

static TD2: Layout = Layout {
    width: 36,
    codes: "AIC",
    name: at(1, 6, 36),
    optional: at(2, 29, 35),
    optional_checked: false,
    overflows: true,
    composite: &[at(2, 1, 10), at(2, 14, 20), at(2, 22, 35)],
    ..TWO_LINES
};

static MRV_A: Layout = Layout {
    codes: "V",
    optional: at(2, 29, 44),
    optional_checked: false,
    composite: &[],
    ..TWO_LINES
};

static MRV_B: Layout = Layout {
    width: 36,
    codes: "V",
    name: at(1, 6, 36),
    optional: at(2, 29, 36),
    optional_checked: false,
    composite: &[],
    ..TWO_LINES
};

static TD1: Layout = Layout {
    lines: 3,
    width: 30,
    codes: "AIC",
    code: at(1, 1, 2),
    issuer: at(1, 3, 5),
    number: at(1, 6, 14),
    optional: at(1, 16, 30),
    optional_checked: false,
    birth: at(2, 1, 6),
    sex: at(2, 8, 8),
    expiry: at(2, 9, 14),
    nationality: at(2, 16, 18),
    optional_2: Some(at(2, 19, 29)),
    name: at(3, 1, 30),
    overflows: true,
    composite: &[at(1, 6, 30), at(2, 1, 7), at(2, 9, 15), at(2, 19, 29)],
};
