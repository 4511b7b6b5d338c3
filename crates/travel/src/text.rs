//! Short texts of which a list has thousands: names, numbers, codes.
//!
//! Up to 24 bytes lie in the record itself; only what is longer is put on the heap. So
//! that a traveller costs no visit to the allocator for each field, which took more
//! time than reading the message did.

use std::{borrow::Borrow, borrow::Cow, fmt, ops::Deref};

use compact_str::CompactString;
use minicbor::{Decode, Encode};

/// A text that is read as a `&str`. `Debug` never shows it: it may name a person.
///
/// ```
/// use travel::Text;
/// let surname = Text::from("YILMAZ");
/// assert_eq!(surname, "YILMAZ");
/// assert_eq!(surname.len(), 6);
/// assert_eq!(format!("{surname}"), "YILMAZ");
/// assert_eq!(format!("{surname:?}"), "Text(..)");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(CompactString);

impl Text {
    /// An empty text.
    pub const fn new() -> Self {
        Self(CompactString::const_new(""))
    }
    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
    /// Makes it empty.
    pub fn clear(&mut self) {
        self.0.clear();
    }
    /// Puts more at its end.
    #[inline]
    pub fn push_str(&mut self, more: &str) {
        self.0.push_str(more);
    }
    /// Puts a character at its end.
    #[inline]
    pub fn push(&mut self, c: char) {
        self.0.push(c);
    }
    /// Puts a blank and a word at its end.
    ///
    /// ```
    /// let mut given = travel::Text::from("GARETH");
    /// given.push_word("PETER");
    /// assert_eq!(given, "GARETH PETER");
    /// ```
    #[inline]
    pub fn push_word(&mut self, word: &str) {
        // What fits the record is put together beside it: that is quicker than to grow twice.
        let mut both = [b' '; 24];
        let (from, to) = (self.len() + 1, self.len() + 1 + word.len());
        if to <= both.len() {
            both[..from - 1].copy_from_slice(self.as_bytes());
            both[from..to].copy_from_slice(word.as_bytes());
            if let Ok(both) = std::str::from_utf8(&both[..to]) {
                *self = both.into();
                return;
            }
        }
        self.push(' ');
        self.push_str(word);
    }
    /// Makes its ASCII letters capitals.
    pub fn make_ascii_uppercase(&mut self) {
        self.0.make_ascii_uppercase();
    }
}

impl Deref for Text {
    type Target = str;
    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}
impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}
impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Self {
        Self(CompactString::new(text))
    }
}
impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}
impl From<String> for Text {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}
impl From<Cow<'_, str>> for Text {
    #[inline]
    fn from(text: Cow<'_, str>) -> Self {
        (&*text).into()
    }
}
impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}
impl From<&Text> for String {
    fn from(text: &Text) -> Self {
        text.as_str().to_owned()
    }
}
impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into()
    }
}
impl FromIterator<char> for Text {
    fn from_iter<I: IntoIterator<Item = char>>(chars: I) -> Self {
        Self(chars.into_iter().collect())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}
impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}
impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}
impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        *self == other.as_str()
    }
}
impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl<C> Encode<C> for Text {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self)?.ok()
    }
}
impl<'b, C> Decode<'b, C> for Text {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str().map(Text::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_behind_a_blank_however_long_the_text_is() {
        for (a, b) in (0..30).flat_map(|a| (0..30).map(move |b| (a, b))) {
            let (before, word) = ("\u{e9}".repeat(a), "W".repeat(b));
            let mut text = Text::from(before.as_str());
            text.push_word(&word);
            assert_eq!(text, format!("{before} {word}"));
        }
    }
}
