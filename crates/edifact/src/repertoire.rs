//! Character repertoires (UNB 0001): which bytes may stand, and what they mean.
//!
//! Wild traffic breaks its declaration. Decoding is a ladder: ASCII; valid UTF-8;
//! the declared single-byte set; windows-1252.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

/// A repertoire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Repertoire {
    /// Upper case, digits and some signs (`UNOA`, `IATA`).
    #[default]
    A,
    /// With lower case (`UNOB`, `IATB`).
    B,
    /// A part of ISO 8859, by its number (`UNOC` to `UNOL`).
    Latin(u8),
    /// Unicode (`UNOW`, `UNOX`, `UNOY`).
    Unicode,
}

impl Repertoire {
    /// The repertoire of a syntax identifier; `None` for one that nobody defined.
    ///
    /// ```
    /// use edifact::Repertoire;
    /// assert_eq!(Repertoire::named("UNOE"), Some(Repertoire::Latin(5)));
    /// assert_eq!(Repertoire::named("IATB"), Some(Repertoire::B));
    /// assert_eq!(Repertoire::named("UNOZ"), None);
    /// ```
    pub fn named(id: &str) -> Option<Self> {
        Some(match id {
            "UNOA" | "IATA" => Self::A,
            "UNOB" | "IATB" => Self::B,
            "UNOC" => Self::Latin(1),
            "UNOD" => Self::Latin(2),
            "UNOE" => Self::Latin(5),
            "UNOF" => Self::Latin(7),
            "UNOG" => Self::Latin(3),
            "UNOH" => Self::Latin(4),
            "UNOI" => Self::Latin(6),
            "UNOJ" => Self::Latin(8),
            "UNOK" => Self::Latin(9),
            "UNOL" => Self::Latin(15),
            "UNOW" | "UNOX" | "UNOY" => Self::Unicode,
            _ => return None,
        })
    }

    /// One of each kind that has bytes of its own: from these, tables are made.
    pub(crate) const KINDS: [Self; 4] = [Self::A, Self::B, Self::Latin(1), Self::Unicode];

    /// Which of [`Self::KINDS`] has the same bytes.
    pub(crate) const fn kind(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
            Self::Latin(_) => 2,
            Self::Unicode => 3,
        }
    }

    /// Whether a byte of data may stand in it; the transport may break lines in any.
    pub(crate) const fn has(self, byte: u8) -> bool {
        match byte {
            b'\r' | b'\n' => true,
            _ => match self {
                Self::A => matches!(
                    byte,
                    b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'.' | b',' | b'-' | b'(' | b')' | b'/'
                        | b'=' | b'!' | b'"' | b'%' | b'&' | b'*' | b';' | b'<' | b'>'
                        | b'\'' | b'+' | b':' | b'?'
                ),
                Self::B => matches!(byte, 0x20..=0x7e),
                Self::Latin(_) => matches!(byte, 0x20..=0x7e | 0xa0..),
                Self::Unicode => byte >= 0x20,
            },
        }
    }

    fn encoding(self) -> &'static Encoding {
        let of = |label: &[u8]| Encoding::for_label(label).unwrap_or(WINDOWS_1252);
        match self {
            Self::Latin(2) => of(b"iso-8859-2"),
            Self::Latin(3) => of(b"iso-8859-3"),
            Self::Latin(4) => of(b"iso-8859-4"),
            Self::Latin(5) => of(b"iso-8859-5"),
            Self::Latin(6) => of(b"iso-8859-6"),
            Self::Latin(7) => of(b"iso-8859-7"),
            Self::Latin(8) => of(b"iso-8859-8"),
            Self::Latin(9) => of(b"iso-8859-9"),
            Self::Latin(15) => of(b"iso-8859-15"),
            _ => WINDOWS_1252,
        }
    }

    /// Text of bytes, by the ladder.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => self.encoding().decode_without_bom_handling(bytes).0,
        }
    }
}
