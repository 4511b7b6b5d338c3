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
    // How much is looked at again is counted beside the reader; here, that nobody is lost.
    for text in [nested(100, 30_000), nested(4, 1000)] {
        let (people, codes) = of(&text);
        assert_eq!(people, ["passenger ADAMS"]);
        assert_eq!(codes[0], "P-JSON");
    }
}

#[test]
fn people_under_other_keys_are_read_or_told() {
    for (text, who) in [
        (r#"{"passengers":{"surname":"ADAMS","given":"A"}}"#, vec!["passenger ADAMS"]),
        (r#"{"pax":[{"lastName":"ADAMS"}]}"#, vec!["passenger ADAMS"]),
        (
            r#"{"travelers":{"1":{"surname":"ADAMS"},"2":{"surname":"BAKER"}}}"#,
            vec!["passenger ADAMS", "passenger BAKER"],
        ),
        (r#"{"data":{"manifest":[{"name":"ADAMS","dob":"880402"}]}}"#, vec!["passenger ADAMS"]),
        (r#"{"traveller":{"name":{"first":"ANN","last":"ADAMS"}}}"#, vec!["passenger ADAMS"]),
        (r#"{"passengers":["ADAMS/ANN"]}"#, vec!["passenger ADAMS"]),
        (
            "{\"surname\":\"ADAMS\"}\n{\"surname\":\"BAKER\"}\n",
            vec!["passenger ADAMS", "passenger BAKER"],
        ),
        ("// made by hand\n{\"crew\":[{surname:'ADAMS'},],}", vec!["crew ADAMS"]),
    ] {
        assert_eq!(of(text).0, who, "{text}");
    }
    // Whoever has a name and is no traveller is told, not invented.
    let (people, codes) =
        of(r#"{"passengers":[{"surname":"ADAMS","emergencyContact":{"name":"EVE","phone":"1"}}],
            "agent":{"name":"BOB","surname":"BAKER"}}"#);
    assert_eq!(people, ["passenger ADAMS"]);
    assert_eq!(codes.iter().filter(|c| *c == "P-PEOPLE-UNREAD").count(), 2, "{codes:?}");
    let (people, codes) = of(r#"{"passengers":{"all":{"on":"board"},"x":7}}"#);
    assert!(people.len() < 2 && !codes.is_empty());
}

const XML: &str = "<PNR><Passenger><Surname>ADAMS</Surname></Passenger>\
    <Passenger><Surname>BAKER</Surname></Passenger></PNR>";

#[test]
fn xml_that_is_broken_in_small_ways_loses_nobody_and_says_where() {
    let xml = |from: &str, to: &str| of(&XML.replacen(from, to, 1));
    for (from, to, first, code) in [
        ("ADAMS", "AD & AMS", "AD & AMS", "P-XML-SIGN"),
        ("ADAMS", "AD<AMS", "AD<AMS", "P-XML-SIGN"),
        ("ADAMS", "AD&Auml;MS", "AD\u{c4}MS", "P-XML-ENTITY"),
        ("ADAMS", "AD&foo;MS", "AD&foo;MS", "P-XML-ENTITY"),
        ("</Surname>", "</Surnam>", "ADAMS", "P-XML-END"),
        ("</Surname></Passenger>", "</Passenger>", "ADAMS", "P-XML-END"),
    ] {
        let (people, codes) = xml(from, to);
        assert_eq!(people, [format!("passenger {first}"), "passenger BAKER".to_owned()], "{to}");
        assert!(codes.iter().any(|c| c == code), "{to}: {codes:?}");
    }
    for name in ["Pax", "passenger", "Traveller"] {
        let (people, codes) = of(&XML.replace("Passenger", name));
        assert_eq!(people, ["passenger ADAMS", "passenger BAKER"], "{name}");
        assert!(codes.iter().any(|c| c == "P-XML-ELEMENT"));
    }
    let text = XML.replace("ADAMS", "\u{15e}AH\u{130}N");
    let text = format!("<?xml version='1.0' encoding='ISO-8859-9'?>{text}");
    let bytes: Vec<u8> = text
        .chars()
        .map(|c| match c {
            '\u{15e}' => 0xde,
            '\u{130}' => 0xdd,
            c => c as u8,
        })
        .collect();
    let reading = messages::read(&bytes, Mode::Tolerant, date(2026, 3, 1));
    assert_eq!(&*reading.messages[0].report.travellers[0].surname, "\u{15e}AH\u{130}N");
}

#[test]
fn what_cannot_be_is_told_in_xml_as_well() {
    let docs = r#"<DOC_SSR><DOCS Gender="Q" DateOfBirth="1990-02-31" ExpiryDate="2031-13-01" TravelDocNbr="U1"/></DOC_SSR></Passenger>"#;
    let (_, codes) = of(&XML.replacen("</Passenger>", docs, 1));
    for code in ["P-SEX", "P-BIRTH", "P-DOCUMENT-DATE"] {
        assert!(codes.iter().any(|c| c == code), "{code} {codes:?}");
    }
    let docs = docs.replace("1990-02-31", "2031-01-01");
    let (_, codes) = of(&XML.replacen("</Passenger>", &docs, 1));
    assert!(codes.iter().any(|c| c == "P-BIRTH-FUTURE"), "{codes:?}");
}
