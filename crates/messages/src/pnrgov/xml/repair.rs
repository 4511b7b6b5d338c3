//! XML that is broken in small ways: signs that are meant as text, references to characters
//! that nobody declared, quotes and brackets that are missing.
//!
//! The parser would end at the first of them, and everybody behind it would be lost. So each
//! is made harmless before it reads, by as many bytes as stand there: places stay what they
//! are. [`plain`] turns what was put in their place back into what was meant.

use std::borrow::Cow;

use edifact::Span;

use crate::reading::Finding;
use crate::{Code, codes};

/// What stands for a sign that is meant as text while the parser reads. XML has no such
/// characters.
const AND: u8 = 1;
const LESS: u8 = 2;

/// The text as the parser can read it, and what was wrong.
pub(super) fn repaired(source: &str) -> (Cow<'_, str>, Vec<Finding>) {
    let mut repair = Repair { bytes: source.as_bytes(), put: Vec::new(), findings: Vec::new() };
    repair.walk();
    let Repair { put, findings, .. } = repair;
    if put.is_empty() {
        return (source.into(), findings);
    }
    let mut bytes = source.as_bytes().to_vec();
    for (at, byte) in put {
        bytes[at] = byte;
    }
    // One byte of ASCII for another: it is UTF-8 as before.
    (String::from_utf8(bytes).map_or(Cow::Borrowed(source), Cow::Owned), findings)
}

/// Signs that were made harmless, as they are meant.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains([AND as char, LESS as char]) {
        return text.into();
    }
    text.replace(AND as char, "&").replace(LESS as char, "<").into()
}

/// The value of an attribute, references resolved.
pub(super) fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST).position(|b| b == b';');
        match end.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, c)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    plain(&out.replace(['\n', '\r', '\t'], " ")).into_owned()
}

/// No reference is longer, in bytes.
const LONGEST: usize = 12;

/// The letters of Latin-1 by their names in HTML, from U+00C0 on.
const LETTERS: [&str; 64] = [
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];

/// The character that a reference names.
pub(super) fn entity(name: &str) -> Option<char> {
    let number = |text: &str, radix| u32::from_str_radix(text, radix).ok();
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ if name.starts_with("#x") => char::from_u32(number(&name[2..], 16)?),
        _ if name.starts_with('#') => char::from_u32(number(&name[1..], 10)?),
        _ => {
            let at = LETTERS.iter().position(|known| *known == name)?;
            char::from_u32(0xc0 + at as u32)
        }
    }
}

struct Repair<'s> {
    bytes: &'s [u8],
    put: Vec<(usize, u8)>,
    findings: Vec<Finding>,
}

impl Repair<'_> {
    fn tell(&mut self, code: Code, start: usize, end: usize) {
        // More than anybody mends; the sink would keep no more either.
        if self.findings.len() < 10_000 {
            self.findings.push(Finding::new(code, Span { start, end }, ""));
        }
    }

    fn walk(&mut self) {
        let mut at = 0;
        while let Some(n) = memchr::memchr2(b'<', b'&', &self.bytes[at..]) {
            at += n;
            at = if self.bytes[at] == b'&' { self.reference(at) } else { self.markup(at) };
        }
    }

    /// One behind the reference at `at`, or behind the sign that is none.
    fn reference(&mut self, at: usize) -> usize {
        let rest = &self.bytes[at + 1..];
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'#';
        let length = rest.iter().take(LONGEST).take_while(|b| is_name(b)).count();
        let name = std::str::from_utf8(&rest[..length]).unwrap_or_default();
        if rest.get(length) != Some(&b';') || length == 0 {
            self.put.push((at, AND));
            self.tell(codes::XML_SIGN, at, at + 1);
            return at + 1;
        }
        let end = at + length + 2;
        match entity(name) {
            Some(_)
                if name.starts_with('#') || ["amp", "lt", "gt", "quot", "apos"].contains(&name) => {
            }
            Some(_) => self.tell(codes::XML_ENTITY, at, end),
            None => {
                self.put.push((at, AND));
                self.tell(codes::XML_ENTITY, at, end);
            }
        }
        end
    }

    /// One behind the markup at `at`, or behind the sign that begins none.
    fn markup(&mut self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        let behind = |end: &[u8]| {
            memchr::memmem::find(rest, end).map_or(self.bytes.len(), |n| at + n + end.len())
        };
        let is_name =
            |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80);
        match rest {
            [b'<', b'!', b'-', b'-', ..] => behind(b"-->"),
            [b'<', b'!', b'[', ..] => behind(b"]]>"),
            [b'<', b'?', ..] => behind(b"?>"),
            [b'<', b'!', ..] => behind(b">"),
            [b'<', b'/', name, ..] if is_name(Some(name)) => self.tag(at),
            [b'<', name, ..] if is_name(Some(name)) => self.tag(at),
            // The end of all: the parser tells it.
            [_] => at + 1,
            _ => self.less(at),
        }
    }

    fn less(&mut self, at: usize) -> usize {
        self.put.push((at, LESS));
        self.tell(codes::XML_SIGN, at, at + 1);
        at + 1
    }

    /// One behind the tag at `at`.
    fn tag(&mut self, at: usize) -> usize {
        let (mut i, mut quote) = (at + 1, None::<(u8, usize)>);
        // Whether a value seems to hold what ends a tag.
        let mut ended = false;
        let before = self.findings.len();
        let put = self.put.len();
        while let Some(byte) = self.bytes.get(i).copied() {
            match (byte, quote) {
                (b'>', None) => return i + 1,
                (b'"' | b'\'', None) => {
                    let last = self.bytes[at..i].iter().rev().find(|b| !b.is_ascii_whitespace());
                    if last == Some(&b'=') {
                        quote = Some((byte, i));
                        ended = false;
                    } else {
                        self.put.push((i, b' '));
                        self.tell(codes::XML_QUOTE, i, i + 1);
                    }
                }
                (b, Some((open, _))) if b == open => quote = None,
                (b'&', Some(_)) => {
                    i = self.reference(i);
                    continue;
                }
                (b'<', Some((open, from))) => {
                    let next = memchr::memchr3(open, b'>', b'\n', &self.bytes[i..]);
                    if !ended && next.is_some_and(|n| self.bytes[i + n] == open) {
                        self.put.push((i, LESS));
                        self.tell(codes::XML_SIGN, i, i + 1);
                    } else {
                        return self.unclosed(from, i);
                    }
                }
                (b'>', Some(_)) => ended = true,
                (b'<', None) => {
                    // A tag that its bracket does not end; what is in it is not told twice.
                    self.findings.truncate(before);
                    self.put.truncate(put);
                    if self.bytes[i - 1].is_ascii_whitespace() {
                        self.put.push((i - 1, b'>'));
                        self.tell(codes::XML_SYNTAX, i - 1, i);
                        return i;
                    }
                    return self.less(at);
                }
                _ => {}
            }
            i += 1;
        }
        self.bytes.len()
    }

    /// A quote at `from` that nothing closes before the next tag at `end`: the value is lost,
    /// and no more. One behind the tag.
    fn unclosed(&mut self, from: usize, end: usize) -> usize {
        self.tell(codes::XML_QUOTE, from, from + 1);
        let close = memchr::memrchr(b'>', &self.bytes[from..end]).map(|n| from + n);
        let close = close.unwrap_or(end - 1);
        let stop =
            if self.bytes[close - 1] == b'/' && close > from + 1 { close - 1 } else { close };
        // An empty value takes two bytes; where there is no room, the attribute has none.
        self.put.extend((from..stop).map(|at| (at, b' ')));
        self.put.push((close, b'>'));
        close + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, text: &str, codes: &[&str]) {
        let (repaired, findings) = repaired(source);
        assert_eq!(repaired.len(), source.len());
        assert_eq!(plain(&repaired), text);
        assert_eq!(findings.iter().map(|f| &*f.code).collect::<Vec<_>>(), codes, "{source}");
    }

    #[test]
    fn signs_that_are_meant_as_text_stop_nothing() {
        check("<a>X & Y</a>", "<a>X & Y</a>", &["P-XML-SIGN"]);
        check("<a>X < Y</a>", "<a>X < Y</a>", &["P-XML-SIGN"]);
        check("<a>SMI<TH</a>", "<a>SMI<TH</a>", &["P-XML-SIGN"]);
        check("<a b=\"X<Y&Z\"/>", "<a b=\"X<Y&Z\"/>", &["P-XML-SIGN", "P-XML-SIGN"]);
        check(
            "<a>M&uuml;&foo;&amp;&#65;</a>",
            "<a>M&uuml;&foo;&amp;&#65;</a>",
            &["P-XML-ENTITY"; 2],
        );
        check("<!-- < & --><a><![CDATA[< &]]></a>", "<!-- < & --><a><![CDATA[< &]]></a>", &[]);
    }

    #[test]
    fn quotes_and_brackets_that_are_missing_cost_their_value_alone() {
        let (text, findings) = repaired("<a b=\"X>\n<c>Y</c></a>");
        assert_eq!((&*text, findings.len()), ("<a b=  >\n<c>Y</c></a>", 1));
        let (text, findings) = repaired("<a>Y</a \n<c>Z</c>");
        assert_eq!((&*text, findings.len()), ("<a>Y</a ><c>Z</c>", 1));
    }

    #[test]
    fn what_attributes_say_is_resolved() {
        assert_eq!(unescaped("M&uuml;LLER &amp; S&#246;HNE & &x;"), "MüLLER & SöHNE & &x;");
    }
}
