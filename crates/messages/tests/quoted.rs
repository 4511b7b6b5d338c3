//! Words that may reveal what must not be kept are neither quoted by a finding nor shown around
//! one, wherever they stand in an interchange: each message has `SECRET` where it may not be seen.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::civil::date;
use messages::Format;

const HEAD: &str = "UNB+UNOA:4+ZZ+GBR+260301:0900+1++APIS'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
    TDT+20+ZZ77+++ZZ'LOC+125+IST'DTM+189:2603021130:201'LOC+87+LHR'DTM+232:2603021330:201'\
    NAD+FL+++YILMAZ:AYSE'ATT+2++F'DTM+329:880402'DOC+P+U1234567'";
const TAIL: &str = "CNT+42:1'UNT+14+1'UNZ+1+1'";
const PUSH: &str = "UNA:+.? 'UNB+IATA:1+ZZ+GBR+260301:0900+1++PNRGOV'UNH+1+PNRGOV:13:1:IA'MSG+:22'\
    ORG+ZZ:IST'TVL+020326:1130:020326:1330+IST+LHR+ZZ+77'EQN+1'SRC'RCI+ZZ:ABC123'TIF+YILMAZ+AYSE:A:1'";

#[track_caller]
fn keeps(text: &str) {
    assert!(text.contains("SECRET"), "{text}");
    let bytes = text.as_bytes();
    for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
        let reading = messages::read(bytes, mode, date(2026, 3, 1));
        for f in &reading.findings {
            let said = format!("{} {} {}", f.found, f.expected, f.text);
            assert!(!said.contains("SECRET"), "{} says {said:?} of {text}", f.code);
        }
        let kept = format!(
            "{:?}",
            reading.messages.iter().map(|m| &m.report.bookings).collect::<Vec<_>>()
        );
        assert!(!kept.contains("SECRET"), "{text}");
    }
    let mut shown = bytes.to_vec();
    for span in messages::hidden(bytes, Format::Edifact) {
        shown[span.start..span.end].fill(b'_');
    }
    let shown = String::from_utf8_lossy(&shown);
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn words_in_a_list_are_told_by_place_and_length() {
    for words in [
        "FTX+AAA+++SECRET ILLNESS'",
        "RFF+AVF:SECRET ILLNESS'",
        "RFF+XYZ:SECRET ILLNESS'",
        "RFF+SECRET ILLNESS:1'",
        "MEA+CT++:SECRET ILLNESS'",
        "MEA+CT++:SECRET'",
        "GEI+4+SECRET'",
        "GEI+SECRET+173'",
        "QQQ+SECRET'",
        "QQQ+1+2:SECRET'",
        "SECRET'",
        "SECRET ILLNESS+1:2'",
        "FTX-AAA+++SECRET'",
        "FXT+AAA+++SECRET ILLNESS'",
        "ATT+2++SECRET'",
        "NAT+2+SECRET'",
        "LOC+174+SECRET'",
        "LOC+SECRET+TUR'",
        "DTM+SECRET:880402'",
        "COM+SECRET:TE'",
        "FTX+AAA+++IT IS'SECRET'",
        "FTX+AAA+++IT IS'SECRET+SECRET:SECRET'",
        "FTX+BAG+++SECRET ILLNESS'",
        "FTX+AAA+++X:SECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRETSECRET'",
    ] {
        keeps(&format!("{HEAD}{words}{TAIL}"));
        let lines = format!("{HEAD}{words}{TAIL}").replace('\'', "'\r\n");
        keeps(&lines);
        // Cut off in it.
        keeps(format!("{HEAD}{words}").trim_end_matches('\''));
    }
    keeps(&format!("{HEAD}{TAIL}THE PASSENGER HAS A SECRET'SECRET+1'RFF+AVF:SECRET'"));
    keeps(&format!("QU LONXXX1\r\n.SECRET ILLNESS\r\n{HEAD}{TAIL}"));
    keeps(&format!("{HEAD}{TAIL}").replace("CNT+42:1'UNT+14+1'", "UNT+13+1'CNT+42:SECRET'"));
}

#[test]
fn words_in_a_push_are_told_by_place_and_length() {
    for words in [
        "SSR+WCHR:HK:1:ZZ:::::SECRET'",
        "SRR+VGML:HK:1:ZZ:::::SECRET'",
        "SSR-VGML:HK:1:ZZ:::::SECRET'",
        "S\r\nSR+VGML:HK:1:ZZ:::::SECRET'",
        "SSR+VGML:HK:1:ZZ:::::SEC\r\nRET SECRET'",
        "SSR+OTHS:HK:1:ZZ:::::DON'T SECRET'",
        "SSR+DOCS:HK:1:ZZ:::::SECRET ILLNESS'",
        "SSR+CTCX:HK:1:ZZ:::::SECRET ILLNESS'",
        "SSR+INFT:HK:1:ZZ:::::SECRET'",
        "OSI+ZZ+SECRET'",
        "IFT+4:28+SECRET'",
        "IFT+SECRET'",
        "LTS+SECRET'",
        "SSR+SEAT:HK:1:ZZ:::IST:LHR+SECRET ILLNESS::1'",
    ] {
        keeps(&format!("{PUSH}{words}UNT+10+1'UNZ+1+1'"));
        keeps(format!("{PUSH}{words}").trim_end_matches('\''));
    }
}
