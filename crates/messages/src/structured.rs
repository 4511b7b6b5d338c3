//! What may be quoted of a message: what is known to have a structure. A code, a number, a date
//! has one; a sentence in its place may reveal what must not be kept (EU-30), and is told by its
//! length alone.

use std::borrow::Cow;

use travel::Country;

/// The longest code or number, in bytes.
const LONGEST: usize = 35;

/// Whether a component of that segment is a code, a number or a date: a few letters, or digits
/// and no blank among letters.
pub(crate) fn is_structured(tag: &[u8], component: &[u8]) -> bool {
    let text = component.trim_ascii();
    // A single letter or word of three is a code; airports of ICAO have four, locators six.
    let most = match tag {
        b"RCI" | b"ORG" | b"UNH" => 6,
        b"LOC" | b"TVL" | b"BGM" | b"TDT" => 4,
        _ => 3,
    };
    let code = text.len() <= most && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b' ');
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let spaced = text.iter().any(u8::is_ascii_whitespace);
    let letters = text.iter().any(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    code || (digits > 0 && text.len() <= LONGEST && !(spaced && letters))
}

/// What is quoted of a component: all of it, or how long it is.
pub(crate) fn quoted<'t>(tag: &[u8], text: Cow<'t, str>) -> Cow<'t, str> {
    let name = matches!(tag, b"NAD" | b"TIF" | b"PDT");
    let country = || matches!(tag, b"NAT" | b"LOC") && Country::of_name(&text).is_some();
    match name || is_structured(tag, text.as_bytes()) || country() {
        true => text,
        false => length(&text).into(),
    }
}

/// How long a text is that is not quoted.
pub(crate) fn length(text: &str) -> String {
    match text.chars().count() {
        1 => "1 character".to_owned(),
        n => format!("{n} characters"),
    }
}
