//! Messages in the wrong shape: nobody whom one names is lost, nobody is invented, and nobody is
//! given what is somebody else's. Each names the people who must come of it, with their date of
//! birth (the last two digits of the year) and how many documents they have; `?` is somebody of
//! whom the name is not known.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::civil::date;
use messages::{Finding, Reading};

const UNB: &str = "UNB+UNOA:4+ZZ+GBR+260301:0900+1++APIS'";
const FLIGHT: &str = "BGM+745'NAD+MS+++DESK'COM+441234:TE'TDT+20+ZZ77+++ZZ'LOC+125+IST'\
    DTM+189:2603021130:201'LOC+87+LHR'DTM+232:2603021330:201'";
const AYSE: &str = "NAD+FL+++YILMAZ:AYSE'ATT+2++F'DTM+329:880402'NAT+2+TUR'RFF+ABO:R1'\
    DOC+P+U1234567'DTM+36:300101'LOC+91+TUR'";
const CAN: &str = "NAD+FL+++KAYA:CAN'ATT+2++M'DTM+329:790511'NAT+2+DEU'RFF+ABO:R2'DOC+P+U7654321'\
    DTM+36:300101'LOC+91+DEU'";
const EDA: &str = "NAD+FL+++OZ:EDA'ATT+2++F'DTM+329:010203'NAT+2+FRA'RFF+ABO:R3'DOC+P+P555001'\
    DTM+36:300101'LOC+91+FRA'";
const ALL: &str = "YILMAZ/AYSE 88 1, KAYA/CAN 79 1, OZ/EDA 01 1";

fn message(body: &str, total: usize) -> String {
    numbered(body, total, "1")
}

fn numbered(body: &str, total: usize, reference: &str) -> String {
    let text = format!("UNH+{reference}+PAXLST:D:05B:UN:IATA'{FLIGHT}{body}CNT+42:{total}'");
    format!("{text}UNT+{}+{reference}'", text.matches('\'').count() + 1)
}

fn sent(message: &str) -> String {
    format!("{UNB}{message}UNZ+1+1'")
}

fn read(text: &str, mode: Mode) -> Reading {
    messages::read(text.as_bytes(), mode, date(2026, 3, 1))
}

/// Who was read: `SURNAME/GIVEN 88 1`.
fn people(reading: &Reading) -> String {
    let travellers = reading.messages.iter().flat_map(|m| &m.report.travellers);
    let shown = travellers.map(|t| {
        let name = if t.surname.is_empty() { "?".to_owned() } else { t.written_name() };
        let born = t.birth_date.map_or("-".into(), |d| format!("{:02}", d.year % 100));
        format!("{name} {born} {}", t.documents.len())
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn has(reading: &Reading, code: &str) -> bool {
    reading.findings.iter().any(|f| f.code == code)
}

/// The people are these in every mode and however the lines are broken, and the code is told.
#[track_caller]
fn all(failed: &mut Vec<String>, what: &str, text: &str, (named, code): (&str, &str)) {
    let lines = text.replace('\'', "'\r\n").replace("?'\r\n", "?'");
    let wrapped: Vec<&str> =
        text.as_bytes().chunks(63).filter_map(|l| std::str::from_utf8(l).ok()).collect();
    for (how, text) in [("", text.to_owned()), ("lines", lines), ("wrapped", wrapped.join("\n"))] {
        for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
            let reading = read(&text, mode);
            let who = people(&reading);
            if who != named {
                failed.push(format!("{what} {how} {mode:?}\n   is {who}\n  not {named}"));
                break;
            }
            if !code.is_empty() && !has(&reading, code) {
                let codes: Vec<&str> = reading.findings.iter().map(|f| &*f.code).collect();
                failed.push(format!("{what} {how} {mode:?}: {code} is not in {codes:?}"));
                break;
            }
            let spans = |f: &Finding| f.span.start > f.span.end || f.span.end > text.len();
            assert!(!reading.findings.iter().any(spans), "{what}");
        }
    }
}

#[track_caller]
fn none(failed: &[String]) {
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_trailer_that_comes_too_early_ends_nothing() {
    let mut failed = Vec::new();
    let both = format!("{AYSE}{CAN}{EDA}");
    let one = message(&both, 3);
    let inside = |trailer: &str| one.replace("NAD+FL+++KAYA", &format!("{trailer}'NAD+FL+++KAYA"));
    let (first, second) = (numbered(AYSE, 3, "1"), numbered(&format!("{CAN}{EDA}"), 3, "2"));
    let headless = second.split_once('\'').unwrap().1;
    let unfinished = inside("UNZ+1+1");
    let unfinished = &unfinished[..unfinished.find("CNT").unwrap()];
    let group = "UNG+PAXLST+ZZ+GBR+260301:0900+1+UN+D:05B'";
    for (what, text) in [
        ("between two messages", format!("{UNB}{first}UNZ+1+1'{second}UNZ+2+1'")),
        ("between two, and none at the end", format!("{UNB}{first}UNZ+1+1'{second}")),
        ("before one without a header", format!("{UNB}{first}UNZ+1+1'{headless}UNZ+2+1'")),
        ("inside a message", format!("{UNB}{}UNZ+1+1'", inside("UNZ+1+1"))),
        ("inside a message, and none at the end", format!("{UNB}{}", inside("UNZ+1+1"))),
        ("inside a message that ends so", format!("{UNB}{unfinished}")),
        ("inside a message without a trailer", format!("{UNB}{unfinished}UNZ+1+1'")),
        ("of a group", format!("{UNB}{group}{}UNE+1+1'UNZ+1+1'", inside("UNE+1+1"))),
    ] {
        all(&mut failed, what, &text, (ALL, "15"));
    }
    let noise = format!("{}NNNN\r\nTHIS MAIL'S TEXT IS+CONFIDENTIAL'BYE", sent(&message(AYSE, 1)));
    all(&mut failed, "a disclaimer", &noise, ("YILMAZ/AYSE 88 1", ""));
    assert!(!has(&read(&noise, Mode::Tolerant), "15"));
    none(&failed);
}

#[test]
fn a_person_whose_tag_is_mistyped_is_that_person() {
    let mut failed = Vec::new();
    for written in [
        "NDA+FL+++",
        "NAD-FL+++",
        "NA+FL+++",
        "NADD+FL+++",
        "NADFL+++",
        "NAD FL+++",
        "NAD:FL+++",
        "NAT+FL+++",
        "NAF+FL+++",
        "+FL+++",
        "FL+++",
        "NAD'FL+++",
        "XYZ+FL+++",
        "N AD+FL+++",
        "nda+fl+++",
        "NAD.FL+++",
        "NDA+FK+++",
        "AND+FL+++",
        "NAD=FL+++",
        "NADFM+++",
        "nad-fl+++",
    ] {
        let list = message(&format!("{AYSE}{}{EDA}", CAN.replace("NAD+FL+++", written)), 3);
        all(&mut failed, written, &sent(&list), (ALL, "P-TAG"));
        let first = message(&format!("{}{CAN}{EDA}", AYSE.replace("NAD+FL+++", written)), 3);
        all(&mut failed, written, &sent(&first), (ALL, "P-TAG"));
    }
    for written in ["NAD+FK+++", "NAD+LF+++", "NAD+F L+++", "NAD++++", "NAD+++"] {
        let list = message(&format!("{AYSE}{}{EDA}", CAN.replace("NAD+FL+++", written)), 3);
        all(&mut failed, written, &sent(&list), (ALL, "P-PERSON-KIND"));
    }
    for written in ["NAD+FL++", "NAD+FL+", "NAD+FL++++"] {
        let list = message(&format!("{AYSE}{}{EDA}", CAN.replace("NAD+FL+++", written)), 3);
        all(&mut failed, written, &sent(&list), (ALL, "P-NAME-PLACE"));
    }
    let every = format!("{AYSE}{CAN}{EDA}").replace("NAD", "NDA");
    all(&mut failed, "every tag", &sent(&message(&every, 3)), (ALL, "P-TAG"));
    none(&failed);
}

#[test]
fn other_tags_of_a_list_are_known_by_what_stands_in_them() {
    let mut failed = Vec::new();
    for (right, wrong) in [
        ("DTM+329:79", "DTN+329:79"),
        ("DTM+329:79", "DTM-329:79"),
        ("DOC+P+U7654321", "DCO+P+U7654321"),
        ("DOC+P+U7654321", "LOC+P+U7654321"),
        ("ATT+2++M", "AT+2++M"),
        ("NAT+2+DEU", "NTA+2+DEU"),
        ("LOC+91+DEU", "DOC+91+DEU"),
    ] {
        let list = message(&format!("{AYSE}{}{EDA}", CAN.replace(right, wrong)), 3);
        all(&mut failed, wrong, &sent(&list), (ALL, "P-TAG"));
    }
    // What is of no guide stays what it is, and takes nothing from the person.
    for unknown in ["QTY+1:2'", "XXX'", "IMD+FL+C'", "NAA+1'", "FTY+AAA+++SOME WORDS'"] {
        for before in ["ATT+2++M", "NAT+2+DEU", "DOC+P+U7"] {
            let can = CAN.replace(before, &format!("{unknown}{before}"));
            let list = message(&format!("{AYSE}{can}{EDA}"), 3);
            all(&mut failed, unknown, &sent(&list), (ALL, "P-SEGMENT"));
            assert!(!has(&read(&sent(&list), Mode::Tolerant), "P-TAG"), "{unknown}");
        }
    }
    none(&failed);
}

#[test]
fn segments_that_run_together_are_two() {
    let mut failed = Vec::new();
    let list = sent(&message(&format!("{AYSE}{CAN}{EDA}"), 3));
    let mut ends: Vec<usize> = list.match_indices('\'').map(|(at, _)| at).collect();
    let body = list.find("TDT").unwrap()..list.find("CNT").unwrap();
    ends.retain(|at| body.contains(at));
    for at in ends {
        for instead in ["", ";", "?'", "\"", "+"] {
            let mut text = list.clone();
            text.replace_range(at..at + 1, instead);
            let what = format!("{instead:?} before {}", &list[at + 1..at + 12]);
            all(&mut failed, &what, &text, (ALL, "P-TERMINATOR"));
        }
    }
    let brief = "NAD+FL+++YILMAZ:AYSENAD+FL+++KAYA:CAN'ATT+2++M'";
    all(
        &mut failed,
        "names",
        &sent(&message(brief, 2)),
        ("YILMAZ/AYSE - 0, KAYA/CAN - 0", "P-TERMINATOR"),
    );
    let two = format!(
        "{UNB}{}{}UNZ+2+1'",
        numbered(AYSE, 3, "1").trim_end_matches('\''),
        numbered(&format!("{CAN}{EDA}"), 3, "2")
    );
    all(&mut failed, "two messages", &two, (ALL, ""));
    for (right, wrong) in
        [("APIS'UNH", "APISUNH"), ("IATA'BGM", "IATABGM"), ("'UNT", "UNT"), ("'CNT", "CNT")]
    {
        all(&mut failed, wrong, &list.replace(right, wrong), (ALL, ""));
    }
    none(&failed);
}

#[test]
fn what_is_somebody_elses_is_not_given_to_the_one_before() {
    let mut failed = Vec::new();
    let nameless = CAN.split_once('\'').unwrap().1;
    let missing = "YILMAZ/AYSE 88 1, ? 79 1, OZ/EDA 01 1";
    for instead in ["", "QX7'", "QXV+KAYA'", "(((+))'", "NAMEKAYA'"] {
        let list = message(&format!("{AYSE}{instead}{nameless}{EDA}"), 3);
        all(&mut failed, instead, &sent(&list), (missing, "P-PERSON-MISSING"));
        let first = message(&format!("{instead}{nameless}{EDA}"), 2);
        all(&mut failed, instead, &sent(&first), ("? 79 1, OZ/EDA 01 1", "P-PERSON-MISSING"));
    }
    // One person of two nationalities, each with a document, stays one.
    let twice = format!("{AYSE}ATT+2++F'DTM+329:880402'NAT+2+DEU'DOC+P+C1234567'{EDA}");
    let one = "YILMAZ/AYSE 88 2, OZ/EDA 01 1";
    all(&mut failed, "two passports", &sent(&message(&twice, 2)), (one, ""));
    assert!(!has(&read(&sent(&message(&twice, 2)), Mode::Tolerant), "P-PERSON-MISSING"));
    let corrected = AYSE.replace("DTM+329:880402'", "DTM+329:880402'DTM+329:880403'");
    let same = "YILMAZ/AYSE 88 1, OZ/EDA 01 1";
    all(&mut failed, "two births", &sent(&message(&format!("{corrected}{EDA}"), 2)), (same, "35"));
    none(&failed);
}

#[test]
fn a_second_name_in_one_segment_is_a_second_person() {
    let mut failed = Vec::new();
    let both = "YILMAZ/AYSE - 0, KAYA/CAN - 0, OZ/EDA 01 1";
    let body = format!("NAD+FL+++YILMAZ:AYSE*KAYA:CAN'ATT+2++F'{EDA}");
    all(&mut failed, "repetition", &sent(&message(&body, 3)), (both, "P-NAMES"));
    let body = format!("NAD+FL+++YILMAZ:AYSE+KAYA:CAN'{EDA}");
    let last = "YILMAZ/AYSE - 0, OZ/EDA 01 1, KAYA/CAN - 0";
    all(&mut failed, "element, as the total says", &sent(&message(&body, 3)), (last, "P-NAMES"));
    let body = format!("NAD+FL+++YILMAZ:AYSE+ROSE COTTAGE:MAIN ROAD'{EDA}");
    let address = "YILMAZ/AYSE - 0, OZ/EDA 01 1";
    all(&mut failed, "an address", &sent(&message(&body, 2)), (address, ""));
    assert!(!has(&read(&sent(&message(&body, 2)), Mode::Tolerant), "P-NAMES-SECOND"));
    let body = format!("NAD+FL+++YILMAZ:AYSE:KAYA:CAN'{EDA}");
    let names = "YILMAZ/AYSE KAYA CAN - 0, OZ/EDA 01 1";
    all(&mut failed, "components", &sent(&message(&body, 3)), (names, "P-NAMES-SECOND"));
    none(&failed);
}

#[test]
fn the_dialect_before_the_directory_loses_nobody_either() {
    let mut failed = Vec::new();
    let head = "UNB+UNOA:1+ZZ+USCS+260301:0900+1'UNH+1+PAXLST:001:000:NZ'CTA+IC+:DESK+5551234:TE'\
        TDT++ZZ77+40+ZZ'LOC+005+NZAKL:50'DTM+136:2603011130'LOC+008+USLAX:50'DTM+132:2603010600'UNS+D'";
    let person = |tag: &str, name: &str, year: u8| {
        format!("{tag}P/N{year}:301231:NZL+{name}:{year:02}0402:F+PAX+NZAKL:USLAX'")
    };
    let named = "YILMAZ/AYSE 88 1, KAYA/CAN 79 1, OZ/EDA 01 1";
    for tag in ["PDT+", "PTD+", "PDT-", "PDTT+", "DT+", "PDT", "PD+", "XXX+", "+"] {
        let all_three = [
            person("PDT+", "YILMAZ:AYSE", 88),
            person(tag, "KAYA:CAN", 79),
            person("PDT+", "OZ:EDA", 1),
        ];
        let code = if tag == "PDT+" { "" } else { "P-TAG" };
        let text = format!("{head}{}UNT+12+1'UNZ+1+1'", all_three.concat());
        all(&mut failed, tag, &text, (named, code));
    }
    let glued = [
        person("PDT+", "YILMAZ:AYSE", 88).trim_end_matches('\'').to_owned(),
        person("PDT+", "KAYA:CAN", 79),
        person("PDT+", "OZ:EDA", 1),
    ];
    let text = format!("{head}{}UNT+12+1'UNZ+1+1'", glued.concat());
    all(&mut failed, "together", &text, (named, "P-TERMINATOR"));
    none(&failed);
}

const PUSH: &str = "UNA:+.?*'UNB+IATA:1+ZZ+GBR+260301:0900+1++PNRGOV'UNH+1+PNRGOV:13:1:IA+A1'MSG+:22'\
    ORG+ZZ:IST'TVL+020326:1130:020326:1330+IST+LHR+ZZ+77'EQN+2'";

fn push(bookings: &[&str]) -> String {
    let body: String = bookings
        .iter()
        .zip(["AAA111", "BBB222"])
        .map(|(people, locator)| {
            format!(
                "SRC'RCI+ZZ:{locator}::150126:1354'{people}\
                TVL+020326:1130:020326:1330+IST+LHR+ZZ+77:Y'RPI+2+HK'"
            )
        })
        .collect();
    let count = (PUSH.matches('\'').count() + body.matches('\'').count()) - 1;
    format!("{PUSH}{body}UNT+{count}+1'UNZ+1+1'")
}

fn docs(name: &str, year: u8, to: &str) -> String {
    format!("SSR+DOCS:HK:1:ZZ:::::/P/TUR/U{year:07}/TUR/02APR{year:02}/F/30SEP31/{name}{to}'")
}

/// One of a booking: the tag as written, the name, the year of birth, the number.
fn one(tag: &str, (surname, given): (&str, &str), year: u8, number: u8) -> String {
    format!(
        "{tag}{surname}+{given}:A:{number}'FTI+ZZ:{year}'{}",
        docs(&format!("{surname}/{given}"), year, &format!("+::{number}"))
    )
}

#[test]
fn a_traveller_whose_tag_is_mistyped_is_that_traveller() {
    let mut failed = Vec::new();
    let ayse = one("TIF+", ("YILMAZ", "AYSE"), 88, 1);
    let eda = one("TIF+", ("OZ", "EDA"), 1, 1);
    for tag in [
        "TIF+", "TFI+", "TF+", "TIFF+", "TIF-", "ITF+", "IFT+", "FTI+", "TIF", "XXX+", "+", "TIF:",
        "TIF ", "TIT+", "tfi+",
    ] {
        let first = format!("{ayse}{}", one(tag, ("KAYA", "CAN"), 79, 2));
        let code = if tag == "TIF+" { "" } else { "P-TAG" };
        all(&mut failed, tag, &push(&[&first, &eda]), (ALL, code));
    }
    // Without a number, near tags alone are known; who is behind another is named by a document.
    for (tag, code) in [
        ("TFI+", "P-TAG"),
        ("TIF-", "P-TAG"),
        ("XXX+", "P-PERSON-DOCUMENT"),
        ("Q+", "P-PERSON-DOCUMENT"),
    ] {
        let can = format!("{tag}KAYA+CAN'FTI+ZZ:79'{}", docs("KAYA/CAN", 79, ""));
        all(&mut failed, tag, &push(&[&format!("{ayse}{can}"), &eda]), (ALL, code));
    }
    let alone = format!("{ayse}TFI+KAYA'");
    let named = "YILMAZ/AYSE 88 1, KAYA - 0, OZ/EDA 01 1";
    all(&mut failed, "a surname", &push(&[&alone, &eda]), (named, "P-TAG"));
    none(&failed);
}

#[test]
fn segments_of_a_push_that_run_together_are_two() {
    let mut failed = Vec::new();
    let ayse = one("TIF+", ("YILMAZ", "AYSE"), 88, 1);
    let can = one("TIF+", ("KAYA", "CAN"), 79, 2);
    let eda = one("TIF+", ("OZ", "EDA"), 1, 1);
    let whole = push(&[&format!("{ayse}{can}"), &eda]);
    let ends: Vec<usize> = whole.match_indices('\'').map(|(at, _)| at).collect();
    let (from, to) = (whole.find("EQN").unwrap(), whole.find("UNT").unwrap());
    for at in ends.into_iter().filter(|at| (from..to).contains(at)) {
        for instead in ["", ";", "?'"] {
            let mut text = whole.clone();
            text.replace_range(at..at + 1, instead);
            let what = format!("{instead:?} before {}", &whole[at + 1..at + 6]);
            all(&mut failed, &what, &text, (ALL, ""));
        }
    }
    none(&failed);
}

#[test]
fn several_people_in_one_tif_are_several() {
    let mut failed = Vec::new();
    let eda = one("TIF+", ("OZ", "EDA"), 1, 1);
    let (two, family) = (
        "YILMAZ/AYSE - 0, KAYA/CAN - 0, OZ/EDA 01 1",
        "YILMAZ/AYSE - 0, YILMAZ/CAN - 0, OZ/EDA 01 1",
    );
    for (tif, named) in [
        ("TIF+YILMAZ+AYSE:A:1+KAYA+CAN:A:2'", two),
        ("TIF+YILMAZ+AYSE:A:1+CAN:A:2'", family),
        ("TIF+YILMAZ+AYSE:A:1*CAN:A:2'", family),
    ] {
        let text = push(&[tif, &eda]).replace("IATA:1+", "UNOA:4+");
        all(&mut failed, tif, &text, (named, "P-NAMES"));
    }
    let docs = docs("YILMAZ/CAN", 79, "+::2");
    let tif = format!("TIF+YILMAZ+AYSE:A:1+CAN:A:2'{docs}");
    let named = "YILMAZ/AYSE - 0, YILMAZ/CAN 79 1, OZ/EDA 01 1";
    all(&mut failed, "with a document", &push(&[&tif, &eda]), (named, "P-NAMES"));
    none(&failed);
}

#[test]
fn what_could_name_somebody_takes_the_details_with_it() {
    let mut failed = Vec::new();
    let ayse = one("TIF+", ("YILMAZ", "AYSE"), 88, 1);
    let garbled = format!("{ayse}QX'TKT+9991234567890:T'{}", docs("KAYA/CAN", 79, ""));
    let named = "YILMAZ/AYSE 88 1, KAYA/CAN 79 1";
    all(&mut failed, "garbled", &push(&[&garbled]), (named, "P-ASIDE"));
    let reading = read(&push(&[&garbled]), Mode::Tolerant);
    assert!(reading.messages[0].report.travellers[0].tickets.is_empty());
    // The rest of a remark is none.
    let remark = format!("{ayse}IFT+4:28+SHE DOESN'T SMOKE'TKT+9991234567890:T'");
    all(&mut failed, "a remark", &push(&[&remark]), ("YILMAZ/AYSE 88 1", ""));
    let reading = read(&push(&[&remark]), Mode::Tolerant);
    assert_eq!(reading.messages[0].report.travellers[0].tickets.len(), 1);
    assert!(!has(&reading, "P-ASIDE"));
    none(&failed);
}
