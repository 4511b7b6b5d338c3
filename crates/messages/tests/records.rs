//! Lists that are no EDIFACT, in the writing of an old office: places are those of the bytes.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::civil::date;

/// Everything that was found lies inside, and `word` is underlined somewhere.
#[track_caller]
fn underlined(bytes: &[u8], word: &[u8]) {
    let reading = messages::read(bytes, Mode::Tolerant, date(2026, 3, 1));
    let places = reading.findings.iter().map(|f| (f.span.start, f.span.end));
    let found: Vec<&[u8]> = places.map(|(start, end)| &bytes[start..end]).collect();
    assert!(found.contains(&word), "{:?}", reading.findings);
}

#[test]
fn a_table_in_latin_1_is_underlined_where_it_is_wrong() {
    let table = b"surname;given;dob;nationality;wish\nYI\xf0IT;ALI;1988-13-02;TUR;\nM\xdcLLER;EVA;31.02.1990;DEU;\n";
    for word in [&b"wish"[..], b"1988-13-02", b"31.02.1990"] {
        underlined(table, word);
    }
}

#[test]
fn json_in_latin_1_is_read_and_underlined() {
    let json = b"{\"flight\":\"TK1980\",\"travellers\":[{\"surname\":\"M\xdcLLER\",\"dob\":\"1990-02-31\"}]}";
    let reading = messages::read(json, Mode::Tolerant, date(2026, 3, 1));
    assert_eq!(reading.messages[0].report.travellers[0].surname.as_str(), "M\u{dc}LLER");
    underlined(json, b"{\"surname\":\"M\xdcLLER\",\"dob\":\"1990-02-31\"}");
}
