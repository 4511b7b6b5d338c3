//! What arrived: told from its first bytes, so that a ZIP gets an answer that
//! speaks of a ZIP.

use edifact::Span;

use crate::{Finding, Format, codes, pnrgov, records};

/// The format, or the fatal finding that says what this is instead.
pub(crate) fn sniff(bytes: &[u8]) -> Result<Format, Box<Finding>> {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let span = Span { start: 0, end: bytes.len().min(16) };
    let no = |code, what: &str| Err(Box::new(Finding::new(code, span, what)));
    if start.is_empty() {
        return no(codes::EMPTY, "");
    }
    let archive = [
        (&b"PK\x03\x04"[..], "ZIP archive"),
        (b"PK\x05\x06", "empty ZIP archive"),
        (b"\x1F\x8B", "gzip"),
        (b"\x28\xB5\x2F\xFD", "zstd"),
        (b"7z\xBC\xAF", "7z archive"),
        (b"BZh", "bzip2"),
        (b"\xFD7zXZ", "xz"),
        (b"Rar!", "RAR archive"),
    ];
    if let Some((_, what)) = archive.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return no(codes::COMPRESSED, what);
    }
    let document = [
        (&b"%PDF"[..], "PDF"),
        (b"{\\rtf", "RTF"),
        (b"\xD0\xCF\x11\xE0", "Office document"),
        (b"\x89PNG", "image"),
        (b"\xFF\xD8\xFF", "image"),
        (b"GIF8", "image"),
    ];
    if let Some((_, what)) = document.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return no(codes::DOCUMENT, what);
    }
    // Nearly all that comes begins so: no header of a table is sought in it.
    if begins_envelope(start) {
        return Ok(Format::Edifact);
    }
    if start[0] == b'<' {
        return markup(start, span);
    }
    let json = matches!(start[0], b'{' | b'[');
    if (json || start.starts_with(b"/")) && records::json::names_people(start) {
        return Ok(Format::Json);
    }
    if records::csv::is_table(start, true) {
        return Ok(Format::Csv);
    }
    if has_envelope(start) {
        return Ok(Format::Edifact);
    }
    if records::csv::is_table(start, false) {
        return Ok(Format::Csv);
    }
    if json {
        return no(codes::NOT_A_MESSAGE, "JSON");
    }
    no(codes::NOT_A_MESSAGE, "neither UNA nor UNB")
}

/// XML that holds bookings; else what it is.
fn markup(start: &[u8], span: Span) -> Result<Format, Box<Finding>> {
    let head = &start[..start.len().min(4096)];
    let holds = |what: &[u8]| head.windows(what.len()).any(|w| w.eq_ignore_ascii_case(what));
    if holds(b"<!doctype html") || holds(b"<html") {
        return Err(Box::new(Finding::new(codes::DOCUMENT, span, "HTML")));
    }
    // Markup alone: an interchange may travel in XML of another kind.
    if holds(b"IATA_PNRGOV") || holds(b"<PNR") || holds(b":PNR") {
        return Ok(Format::PnrgovXml);
    }
    if has_envelope(start) {
        return Ok(Format::Edifact);
    }
    if pnrgov::xml::names_people(&start[..start.len().min(64 << 10)]) {
        return Ok(Format::PnrgovXml);
    }
    Err(Box::new(Finding::new(codes::NOT_A_MESSAGE, span, "XML of another kind")))
}

/// Whether these are `UNB` and a separator that is no letter, `UNA` and six service
/// characters, or a bare message.
fn begins_envelope(bytes: &[u8]) -> bool {
    bytes.len() > 4
        && ([b"UNB", b"UNA", b"UNH"].iter().any(|tag| bytes.starts_with(*tag))
            && !bytes[3].is_ascii_alphanumeric()
            || [b"unb+", b"unh+"].iter().any(|tag| bytes.starts_with(*tag)))
}

/// Whether an envelope starts somewhere: transport noise may stand before it.
fn has_envelope(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr2(b'U', b'u', rest) {
        rest = &rest[at..];
        if begins_envelope(rest) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_named() {
        let say = |bytes: &[u8]| match sniff(bytes) {
            Ok(format) => format!("{format:?}"),
            Err(f) => format!("{} {}", f.code, f.found),
        };
        let all: Vec<String> = [
            &b""[..],
            b" \r\n",
            b"PK\x03\x04rest",
            b"\x1F\x8B\x08",
            b"%PDF-1.7",
            b"<!DOCTYPE html><p>",
            b"{\"a\":1}",
            b"hello",
            b"QU LONBA\r\n.X\r\nUNB+UNOA:4+",
            b"\xEF\xBB\xBFUNA:+.? 'UNB",
            b"<?xml version='1.0'?><IATA_PNRGOV_NotifRQ/>",
            b"{\"travellers\":[]}",
            b"Surname;First name;DOB\nX;Y;800101",
            b"<a/>",
            b"<a><![CDATA[UNB+IATA:1'UNH+1+PNRGOV:11:1:IA'",
            b"UNBELIEVABLE",
            b"unb+unoa:4+tk+gbr",
            b"una lista",
        ]
        .iter()
        .map(|b| say(b))
        .collect();
        assert_eq!(
            all,
            [
                "P-EMPTY ",
                "P-EMPTY ",
                "P-COMPRESSED ZIP archive",
                "P-COMPRESSED gzip",
                "P-DOCUMENT PDF",
                "P-DOCUMENT HTML",
                "P-FORMAT JSON",
                "P-FORMAT neither UNA nor UNB",
                "Edifact",
                "Edifact",
                "PnrgovXml",
                "Json",
                "Csv",
                "P-FORMAT XML of another kind",
                "Edifact",
                "P-FORMAT neither UNA nor UNB",
                "Edifact",
                "P-FORMAT neither UNA nor UNB",
            ]
        );
    }
}
