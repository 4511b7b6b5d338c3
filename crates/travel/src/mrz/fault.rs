//! What can be wrong with a machine-readable zone, and where.

use std::fmt;

/// Which datum of the zone a fault is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Field {
    /// The lines as a whole.
    Lines,
    /// Document code.
    Code,
    /// Issuing state.
    Issuer,
    /// Document number, with what overflows into the optional data.
    Number,
    /// Nationality.
    Nationality,
    /// Date of birth.
    Birth,
    /// Sex.
    Sex,
    /// Date of expiry.
    Expiry,
    /// Optional data; TD3's personal number.
    Optional,
    /// TD1's second optional data.
    Optional2,
    /// Name.
    Name,
    /// All that the composite check digit covers.
    Composite,
}

impl Field {
    /// The name in sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Field::Lines => "lines",
            Field::Code => "document code",
            Field::Issuer => "issuing state",
            Field::Number => "document number",
            Field::Nationality => "nationality",
            Field::Birth => "date of birth",
            Field::Sex => "sex",
            Field::Expiry => "date of expiry",
            Field::Optional => "optional data",
            Field::Optional2 => "second optional data",
            Field::Name => "name",
            Field::Composite => "composite",
        }
    }
}

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FaultKind {
    /// Number and length of the lines fit no layout; nothing was read.
    Shape,
    /// A line is longer or shorter than its layout has it. Columns that are missing are
    /// read as fillers, those in excess not at all.
    Length,
    /// A character outside A to Z, 0 to 9 and the filler.
    Character,
    /// A digit where only letters stand, or a letter where only digits do, that looks
    /// like the other; or the one character which, read as the other, would make the
    /// check digit fit. It is read as it stands.
    Lookalike,
    /// A letter or digit where none of its kind may stand.
    Class,
    /// A filler where something must stand.
    Missing,
    /// No document code of that layout.
    DocumentCode,
    /// A state's code that neither ISO 3166-1 nor Doc 9303 part 3 §5 has.
    Country,
    /// Digits that are no date.
    Date,
    /// Surname and given names are not told apart as they must be.
    NameForm,
    /// The check digit does not fit what it covers.
    CheckDigit,
}

/// One fault of a zone, placed. `Debug` never shows what was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// With which datum.
    pub field: Field,
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1.
    pub column: usize,
    /// How many columns.
    pub width: usize,
    /// What stands there; a person's datum, perhaps.
    pub found: String,
    /// What should stand there; empty when there is no telling.
    pub expected: String,
}

impl fmt::Display for Fault {
    /// A sentence for the one who has to mend it: `line 2, column 10: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.name();
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        match self.kind {
            FaultKind::Shape => write!(f, "this is no machine-readable zone")?,
            FaultKind::Length => write!(f, "the line has not the length of its layout")?,
            FaultKind::Character => write!(f, "a character that no zone has ({field})")?,
            FaultKind::Lookalike => write!(f, "perhaps one character for another ({field})")?,
            FaultKind::Class => write!(f, "not of the kind that stands here ({field})")?,
            FaultKind::Missing => write!(f, "the {field} is missing")?,
            FaultKind::DocumentCode => write!(f, "no {field} of this layout")?,
            FaultKind::Country => write!(f, "the code is not known ({field})")?,
            FaultKind::Date => write!(f, "no date ({field})")?,
            FaultKind::NameForm => write!(f, "the name has not the form of one")?,
            FaultKind::CheckDigit => write!(f, "the check digit does not fit ({field})")?,
        }
        write!(f, ": found `{}`", self.found)?;
        if !self.expected.is_empty() {
            write!(f, ", expected {}", self.expected)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("kind", &self.kind)
            .field("field", &self.field)
            .field("line", &self.line)
            .field("column", &self.column)
            .finish_non_exhaustive()
    }
}
