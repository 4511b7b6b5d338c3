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

fn of(json: &str) -> (Vec<String>, Vec<String>) {
    let reading = messages::read(json.as_bytes(), Mode::Tolerant, date(2026, 3, 1));
    let people = reading.messages.iter().flat_map(|m| &m.report.travellers);
    let people = people.map(|t| format!("{} {}", t.kind.name(), t.surname)).collect();
    (people, reading.findings.iter().map(|f| f.code.clone()).collect())
}

#[test]
fn who_stands_behind_a_break_is_what_the_last_key_before_them_says() {
    let (people, _) =
        of(r#"{"flight":"ZZ1","passengers":[{"surname":"ADAMS" "given":"A"},{"surname":"crew"}],
            "crew" : [{"surname":"BAKER"},{"surname":"COOK","kind":"passenger"}],
            "travellers":[{"surname":"DEAN"}]}"#);
    assert_eq!(
        people,
        ["passenger ADAMS", "passenger crew", "crew BAKER", "passenger COOK", "passenger DEAN"]
    );
    let (people, _) =
        of(r#"{"crew":[{"surname":"ADAMS"},{"surname":"BAKER" 7},{"surname":"COOK"}]}"#);
    assert_eq!(people, ["crew ADAMS", "crew BAKER", "crew COOK"]);
}

#[test]
fn who_stands_before_a_break_is_kept_however_deep_it_is() {
    let deep = format!("{}7{}", "[1,".repeat(300), "]".repeat(300));
    let (people, codes) =
        of(&format!(r#"{{"travellers":[{{"surname":"ADAMS"}}],"notes":{deep}}}"#));
    assert_eq!(people, ["passenger ADAMS"]);
    assert_eq!(codes[0], "P-JSON");
}

#[test]
fn a_text_that_is_nested_everywhere_behind_a_break_is_not_looked_at_for_ever() {
    let nested = |levels: usize, inner: usize| {
        let open = r#"{"a":"#.repeat(levels);
        format!(r#"{{"travellers":[{{"surname":"ADAMS"}}] 7 [{open}[{}"#, "1,".repeat(inner))
    };
    let (people, codes) = of(&nested(100, 30_000));
    assert_eq!(people, ["passenger ADAMS"]);
    assert!(codes.contains(&"P-MANY".to_owned()), "the carrier is told that not all was read");
    let (_, codes) = of(&nested(4, 1000));
    assert!(!codes.contains(&"P-MANY".to_owned()));
}
