//! What the field sends: odd service characters, telex lines, wrapped lines, mails,
//! several interchanges, none. Each is read as far as it can be, and says what was odd.
#![allow(clippy::unwrap_used)]

use edifact::{FaultKind, Mode, Segment, Separators, read};
use expect_test::{Expect, expect};

/// The service characters, each segment between `UNH` and `UNT` with its elements, and
/// the faults.
#[track_caller]
fn check(bytes: impl AsRef<[u8]>, expected: Expect) {
    let bytes = bytes.as_ref();
    let (interchange, faults) = read(bytes, Mode::Tolerant);
    let mut shown = vec![String::from_utf8_lossy(&interchange.separators().una()).into_owned()];
    for message in interchange.messages() {
        let inner = message.segments().filter(|s| !matches!(s.tag(), "UNH" | "UNT"));
        shown.extend(inner.map(|s| all_of(&s)));
    }
    for fault in &faults {
        let found = String::from_utf8_lossy(&bytes[fault.span.start..fault.span.end]);
        let place = [fault.message.map(|m| m + 1), fault.segment, fault.element, fault.component];
        let place: Vec<String> = place.iter().flatten().map(usize::to_string).collect();
        shown.push(format!("! {:?} {} {found:?}", fault.kind, place.join(".")));
    }
    let visible = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    let shown: String = shown.join(" / ").chars().map(visible).collect();
    expected.assert_eq(&shown);
}

fn all_of(segment: &Segment<'_>) -> String {
    let mut shown = segment.tag().to_owned();
    for element in 1..=segment.elements() {
        for repetition in 1..=segment.repetitions(element) {
            shown.push_str(if repetition == 1 { " | " } else { " * " });
            let components = segment.components_rep(element, repetition);
            let texts: Vec<_> =
                (1..=components).map(|c| segment.text_rep(element, repetition, c)).collect();
            shown.push_str(&texts.join(" : "));
        }
    }
    shown
}

const UNB: &str = "UNB+UNOA:3+TK+GBR+260101:0900+R1'";
const UNH: &str = "UNH+1+PAXLST:D:05B:UN'";

/// A sound interchange around these segments, which are `n` with `UNH` and `UNT`.
fn around(body: &str, n: usize) -> String {
    format!("{UNB}{UNH}{body}UNT+{n}+1'UNZ+1+R1'")
}

#[test]
fn padis_advice_turns_repetition_on_in_version_4_alone() {
    let body = "FTX+A*B:C'";
    let v4 = around(body, 3).replace("UNOA:3", "IATA:4");
    let v3 = around(body, 3);
    check(format!("UNA:+.?*'{v4}"), expect!["UNA:+.?*' / FTX | A * B : C"]);
    check(format!("UNA:+.?*'{v3}"), expect!["UNA:+.? ' / FTX | A*B : C"]);
    check(&v4, expect!["UNA:+.?*' / FTX | A * B : C"]);
    check(&v3, expect!["UNA:+.? ' / FTX | A*B : C"]);
    check(format!("UNA:+.? '{v4}"), expect!["UNA:+.? ' / FTX | A*B : C"]);
}

#[test]
fn a_backslash_may_release() {
    let body = "FTX+ANN\\'S \\+ \\\\?'";
    check(format!("UNA:+.\\*'{}", around(body, 3)), expect![[r#"UNA:+.\ ' / FTX | ANN'S + \?"#]]);
    check(format!("UNA:+.\\ '{}", around(body, 3)), expect![[r#"UNA:+.\ ' / FTX | ANN'S + \?"#]]);
}

#[test]
fn an_advice_one_character_short_is_understood() {
    check(
        format!("UNA:+\\*'{}", around("FTX+A\\'B'", 3)),
        expect![[r#"UNA:+.\ ' / FTX | A'B / ! BadAdvice  "UNA:+\\*'""#]],
    );
}

#[test]
fn an_advice_may_have_other_characters_and_line_breaks() {
    let odd = around("FTX+A:B'", 3).replace(':', "-").replace('+', "*").replace('\'', "$");
    check(format!("UNA-*.? $\r\n{odd}"), expect!["UNA-*.? $ / FTX | A : B"]);
    check(format!("UNA-*.?\r\n $\r\n{odd}"), expect!["UNA-*.? $ / FTX | A : B"]);
}

#[test]
fn other_characters_without_an_advice_are_guessed() {
    let odd = around("FTX+A:B'", 3).replace(':', ">").replace('+', "*").replace('\'', "~");
    check(odd, expect![[r#"UNA>*.  ~ / FTX | A : B / ! BadAdvice  "UNB""#]]);
}

#[test]
fn an_advice_that_makes_no_sense_is_not_followed() {
    check(
        format!("UNAAAAAAA{}", around("FTX+A:B'", 3)),
        expect![[r#"UNA:+.? ' / FTX | A : B / ! BadAdvice  "UNAAAAAAA""#]],
    );
}

#[test]
fn the_letters_una_in_data_are_no_advice() {
    check(
        around("FTX+UNA:*.? ''", 4),
        expect![[r#"UNA:+.? ' / FTX | UNA : *.  /  / ! BadTag 1.3 """#]],
    );
}

#[test]
fn the_decimal_mark_and_a_separator_may_not_be_alike() {
    check(
        format!("UNA:+:? '{}", around("MEA+WT++KGM:9'", 3)),
        expect![[r#"UNA:+.? ' / MEA | WT |  | KGM : 9 / ! BadAdvice  "UNA:+:? '""#]],
    );
}

#[test]
fn telex_lines_are_put_aside() {
    let text = around("BGM+745'", 3);
    let telex = format!("\u{1}QD GBRAPXS\r\n.ISTTKXS 010900\r\n\u{2}{text}\r\n\u{3}");
    check(
        telex,
        expect![[
            r#"UNA:+.? ' / BGM | 745 / ! TextBefore  "\u{1}QD GBRAPXS\r\n.ISTTKXS 010900\r\n\u{2}""#
        ]],
    );
    check(
        format!("{text}\r\n\u{3}\r\n27AUG21 0031Z\r\n"),
        expect![[r#"UNA:+.? ' / BGM | 745 / ! TextAfter  "27AUG21 0031Z\r\n""#]],
    );
}

#[test]
fn lone_carriage_returns_between_segments_are_nothing() {
    let lines = around("BGM+745'", 3).replace('\'', "'\r");
    check(lines, expect!["UNA:+.? ' / BGM | 745"]);
}

#[test]
fn lines_may_be_wrapped_anywhere() {
    let text = around("NAD+FL+++O?'LEARY:ANN MARIE'", 3);
    let plain = read(text.as_bytes(), Mode::Strict);
    assert_eq!(plain.1, []);
    let all = |i: &edifact::Interchange<'_>| -> Vec<String> {
        i.messages()
            .iter()
            .flat_map(|m| m.segments().map(|s| all_of(&s)).collect::<Vec<_>>())
            .collect()
    };
    let inside = text.find("UNH").unwrap();
    for line_break in ["\r\n", "\n", "\r"] {
        for at in inside..text.len() {
            let wrapped = format!("{}{line_break}{}", &text[..at], &text[at..]);
            let (interchange, faults) = read(wrapped.as_bytes(), Mode::Strict);
            assert_eq!(all(&interchange), all(&plain.0), "{wrapped:?}");
            assert_eq!(faults, [], "{wrapped:?}");
        }
    }
}

#[test]
fn every_line_of_a_telex_may_be_wrapped_at_one_width() {
    let text = around("NAD+FL+++O?'LEARY:ANN MARIE'DTM+329:900101'NAT+2+IRL'", 5);
    for width in 3..70 {
        let lines: Vec<&str> = text.as_bytes()[9..]
            .chunks(width)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        let wrapped = format!("{}{}", &text[..9], lines.join("\r\n"));
        let (interchange, faults) = read(wrapped.as_bytes(), Mode::Strict);
        assert_eq!(faults, [], "{wrapped:?}");
        let nad = interchange.messages()[0].segment(1).unwrap();
        assert_eq!((nad.tag(), &*nad.text(4, 1)), ("NAD", "O'LEARY"), "{wrapped:?}");
    }
}

#[test]
fn segments_may_end_with_a_typographic_quote() {
    let text = around("NAD+FL+++O?'LEARY:ANN'", 3).replace("?'", "");
    for quote in ["\u{2019}", "\u{2018}", "\u{b4}", "\u{2032}"] {
        let (interchange, faults) =
            read(text.replace('\'', quote).leak().as_bytes(), Mode::Tolerant);
        let nad = interchange.messages()[0].segment(1).unwrap();
        assert_eq!(all_of(&nad), "NAD | FL |  |  | OLEARY : ANN", "{quote}");
        assert!(faults.iter().all(|f| f.kind == FaultKind::BadAdvice), "{faults:?}");
    }
    check(
        text.replace('\'', "\u{2019}"),
        expect![[r#"UNA:+.? � / NAD | FL |  |  | OLEARY : ANN / ! BadAdvice  "UNB""#]],
    );
    let windows: Vec<u8> = text.bytes().map(|b| if b == b'\'' { 0x92 } else { b }).collect();
    check(windows, expect![[r#"UNA:+.? � / NAD | FL |  |  | OLEARY : ANN / ! BadAdvice  "UNB""#]]);
}

#[test]
fn segments_may_end_with_the_line() {
    check(
        around("BGM+745'", 3).replace('\'', "\r\n"),
        expect![[r#"UNA:+.? \n / BGM | 745 / ! BadAdvice  "UNB""#]],
    );
    check(
        around("BGM+745'", 3).replace('\'', "\n"),
        expect![[r#"UNA:+.? \n / BGM | 745 / ! BadAdvice  "UNB""#]],
    );
}

#[test]
fn several_interchanges_are_read_one_after_the_other() {
    let grouped = "UNB+UNOA:3+TK+GBR+260101:0901+R2'UNG+PAXLST+TK+GBR+260101:0901+G1'UNH+1+PAXLST:D:05B:UN'\
                   BGM+745'UNT+3+1'UNE+1+G1'UNZ+1+R2'";
    let third = around("BGM+250'", 3).replace("R1", "R3");
    check(
        format!("{}\r\nUNA:+.? '\r\n{grouped}\r\n{third}", around("BGM+745'", 3)),
        expect![[
            r#"UNA:+.? ' / BGM | 745 / BGM | 745 / BGM | 250 / ! SeveralInterchanges  "UNB+UNOA:3+TK+GBR+260101:0901+R2" / ! SeveralInterchanges  "UNB+UNOA:3+TK+GBR+260101:0900+R3""#
        ]],
    );
}

#[test]
fn groups_are_read_with_their_messages() {
    let message = |n| format!("UNH+{n}+PAXLST:D:05B:UN'BGM+745'UNT+3+{n}'");
    let text = format!(
        "{UNB}UNG+PAXLST+TK+GBR+260101:0900+G1'{}{}UNE+2+G1'UNG+PAXLST+TK+GBR+260101:0900+G2'{}UNE+1+G2'UNZ+2+R1'",
        message(1),
        message(2),
        message(3)
    );
    let (interchange, faults) = read(text.as_bytes(), Mode::Strict);
    assert_eq!(faults, []);
    let of: Vec<&str> =
        (0..3).map(|m| interchange.group_of(m).unwrap().reference.as_str()).collect();
    assert_eq!(of, ["G1", "G1", "G2"]);
    assert!(interchange.group_of(3).is_none());
    let g2 = &interchange.groups()[1];
    assert_eq!(
        (g2.kind.as_str(), g2.sender.as_str(), g2.recipient.as_str()),
        ("PAXLST", "TK", "GBR")
    );
}

#[test]
fn a_mail_around_it_is_named_and_put_aside() {
    let text = around("BGM+745'", 3);
    let mail = format!(
        "Dear all,\r\nplease find our list.\r\n\r\n{text}\r\n-- \r\nThis mail isn't for you.\r\n"
    );
    check(
        &mail,
        expect![[
            r#"UNA:+.? ' / BGM | 745 / ! TextBefore  "Dear all,\r\nplease find our list.\r\n\r\n" / ! TextAfter  "-- \r\nThis mail isn't for you.\r\n""#
        ]],
    );
    assert_eq!(read(mail.as_bytes(), Mode::Cleaning).1, []);
}

#[test]
fn a_word_that_begins_like_a_header_is_none() {
    check(
        format!("UNBELIEVABLE, UNHAPPY\n{}", around("BGM+745'", 3)),
        expect![[r#"UNA:+.? ' / BGM | 745 / ! TextBefore  "UNBELIEVABLE, UNHAPPY\n""#]],
    );
}

#[test]
fn words_about_a_header_in_small_letters_are_none() {
    check(
        format!("your unb+ is wrong, and so are unh+unt and ung+\n{}", around("BGM+745'", 3)),
        expect![[
            r#"UNA:+.? ' / BGM | 745 / ! TextBefore  "your unb+ is wrong, and so are unh+unt and ung+\n""#
        ]],
    );
}

#[test]
fn a_release_character_at_the_end_releases_nothing() {
    check(
        format!("{UNB}{UNH}FTX+A?"),
        expect![[
            r#"UNA:+.? ' / FTX | A / ! NoMessageTrailer 1.2 "FTX+A?" / ! NoTrailer  "" / ! ReleaseAtEnd  "?""#
        ]],
    );
    check(
        format!("{UNB}{UNH}FTX+A??"),
        expect![[
            r#"UNA:+.? ' / FTX | A? / ! NoMessageTrailer 1.2 "FTX+A??" / ! NoTrailer  "" / ! NoTerminator  "FTX+A??""#
        ]],
    );
}

#[test]
fn noughts_are_no_text() {
    let text = around("BGM+745'", 3);
    check(format!("\0\0{text}\0\0\0"), expect!["UNA:+.? ' / BGM | 745"]);
    check(
        around("FTX+A\0B'", 3),
        expect![[r#"UNA:+.? ' / FTX | A\u{0}B / ! OutsideRepertoire 1.2.1.1 "\0""#]],
    );
}

#[test]
fn bytes_that_break_the_declared_repertoire_are_still_text() {
    let named = |name: &[u8], id: &str| {
        let text = around("NAD+FL+++NAME'", 3).replace("UNOA", id);
        let at = text.find("NAME").unwrap();
        [&text.as_bytes()[..at], name, &text.as_bytes()[at + 4..]].concat()
    };
    check(
        named("GÖKÇE".as_bytes(), "UNOA"),
        expect![[r#"UNA:+.? ' / NAD | FL |  |  | GÖKÇE / ! OutsideRepertoire 1.2.4.1 "Ö""#]],
    );
    check(named(b"G\xd6K\xc7E", "UNOC"), expect!["UNA:+.? ' / NAD | FL |  |  | GÖKÇE"]);
    check(
        named(b"G\xd6K\xc7E", "UNOA"),
        expect![[r#"UNA:+.? ' / NAD | FL |  |  | GÖKÇE / ! OutsideRepertoire 1.2.4.1 "�""#]],
    );
    check(named(b"\xbf\xd5\xe2\xe0", "UNOE"), expect!["UNA:+.? ' / NAD | FL |  |  | Петр"]);
}

#[test]
fn each_message_that_leaves_the_repertoire_is_named() {
    let mut text = UNB.to_owned();
    for n in 1..=9 {
        let long = "FTX+A+B:C'".repeat(n * 7);
        let count = n * 7 + 3;
        let tail = "A".repeat(n * 30);
        text += &format!("UNH+{n}+PAXLST:D:05B:UN'{long}FTX+n{tail}'UNT+{count}+{n}'");
    }
    text += "UNZ+9+R1'";
    let (_, faults) = read(text.as_bytes(), Mode::Tolerant);
    let places: Vec<_> = faults.iter().map(|f| (f.kind, f.message, f.segment)).collect();
    let foreign = |n: usize| (FaultKind::OutsideRepertoire, Some(n - 1), Some(n * 7 + 2));
    assert_eq!(places, (1..=9).map(foreign).collect::<Vec<_>>());
}

#[test]
fn without_a_header_messages_are_still_read() {
    check(
        format!("{UNH}BGM+745'UNT+3+1'"),
        expect![[
            r#"UNA:+.? ' / BGM | 745 / ! NoHeader  "UNH+1+PAXLST:D:05B:UN" / ! NoTrailer  """#
        ]],
    );
    check("BGM+745'NAD+FL'", expect![[r#"UNA:+.? ' / ! NoInterchange  "BGM+745'NAD+FL'""#]]);
    check("", expect![[r#"UNA:+.? ' / ! NoInterchange  """#]]);
}

#[test]
fn empty_segments_are_one_and_a_fault() {
    check(around("BGM+745''''", 4), expect![[r#"UNA:+.? ' / BGM | 745 /  / ! BadTag 1.3 """#]]);
}

#[test]
fn a_part_of_a_series_says_which() {
    let sequence = |s010: &str| {
        let text = around("BGM+745'", 3).replace(":UN'", &format!(":UN+ACCESS{s010}'"));
        let (interchange, faults) = read(text.leak().as_bytes(), Mode::Strict);
        assert_eq!(faults, []);
        let message = &interchange.messages()[0];
        assert_eq!(message.access_reference(), Some("ACCESS"));
        message.sequence().map(|s| (s.number, s.first, s.last))
    };
    assert_eq!(sequence("+01:C"), Some((1, true, false)));
    assert_eq!(sequence("+02"), Some((2, false, false)));
    assert_eq!(sequence("+10:F"), Some((10, false, true)));
    assert_eq!(sequence("+X"), None);
    assert_eq!(sequence(""), None);
}

#[test]
fn the_default_characters_are_those_of_versions_1_to_3() {
    assert_eq!(&Separators::default().una(), b"UNA:+.? '");
}

#[test]
fn a_sign_and_a_tag_in_a_text_end_no_segment() {
    let (interchange, _) = read(b"UNH+1$UNZ'", Mode::Tolerant);
    assert_eq!(interchange.separators().terminator, b'\'');
    assert_eq!(interchange.messages()[0].segments().next().unwrap().text(1, 1), "1$UNZ");
}

#[test]
fn the_last_byte_of_a_letter_is_no_quote() {
    // In UTF-8 U+0192 ends with the byte that is a closing quote in Windows-1252.
    let (interchange, _) = read("UNH+1+PN\u{192}UNZ+9'".as_bytes(), Mode::Tolerant);
    assert_eq!(interchange.separators().terminator, b'\'');
}

#[test]
fn a_message_without_its_header_names_no_syntax_version() {
    let (interchange, _) = read(b"UNH+:4+PAXLST'DTM+329::1*'", Mode::Tolerant);
    assert_eq!(interchange.separators().repetition, None);
}

#[test]
fn a_typographic_quote_and_a_tag_in_a_text_end_no_segment() {
    let (interchange, _) = read("UNH+1+U\u{2019}UNZ?+1'BGM+745'".as_bytes(), Mode::Tolerant);
    assert_eq!(interchange.separators().terminator, b'\'');
    assert_eq!(interchange.messages()[0].segments().count(), 2);
}
