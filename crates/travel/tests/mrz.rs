//! Zones in text, what is read of them and what is wrong with them out. The specimens are
//! those of ICAO Doc 9303; everybody in them is made up.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use expect_test::{Expect, expect};
use travel::mrz::{Format, Zone, read};
use travel::{Country, PartialDate, Sex};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 3, 1);

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&show(text));
}

fn show(text: &str) -> String {
    let (zone, faults) = read(text, TODAY);
    let mut out = String::new();
    if let Some(z) = &zone {
        let country = |c: Option<Country>| c.map_or("-".into(), |c| c.to_string());
        let day = |d: Option<PartialDate>| d.map_or("-".into(), |d| d.to_string());
        writeln!(
            out,
            "{} {} {:?} of {}: {:?}, {}, born {}, {:?}, until {}, {:?}/{:?}{}, {:?} {:?}",
            z.format.name(),
            z.code,
            z.kind(),
            country(z.issuer),
            z.number,
            country(z.nationality),
            day(z.birth_date),
            z.sex,
            day(z.expires),
            z.surname,
            z.given,
            if z.truncated { " (cut)" } else { "" },
            z.optional,
            z.optional_2
        )
        .unwrap();
    }
    for fault in &faults {
        writeln!(out, "{fault}").unwrap();
    }
    out
}

const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
D231458907UTO7408122F1204159<<<<<<<6";
const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<
7408122F1204159UTO<<<<<<<<<<<6
ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const MRV_A: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L8988901C4XXX4009078F96121096ZE184226B<<<<<<";
const MRV_B: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
L8988901C4XXX4009078F9612109<<<<<<<<";

#[test]
fn the_specimens_are_read_without_a_fault() {
    let all: String = [TD3, TD2, TD1, MRV_A, MRV_B].map(show).concat();
    expect![[r#"
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "ZE184226B" ""
        TD2 I IdentityCard of UTO: "D23145890", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "" ""
        TD1 I IdentityCard of UTO: "D23145890", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "" ""
        MRV-A V Visa of UTO: "L8988901C", XXX, born 1940-09-07, Female, until 1996-12-10, "ERIKSSON"/"ANNA MARIA", "6ZE184226B" ""
        MRV-B V Visa of UTO: "L8988901C", XXX, born 1940-09-07, Female, until 1996-12-10, "ERIKSSON"/"ANNA MARIA", "" ""
    "#]].assert_eq(&all);
}

#[test]
fn every_wrong_check_digit_is_told_with_the_right_one() {
    check(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C30UTO7408120F1204150ZE184226B<<<<<01",
        expect![[r#"
            TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "ZE184226B" ""
            line 2, column 6: perhaps one character for another (document number): found `0`, expected O
            line 2, column 10: the check digit does not fit (document number): found `0`, expected 6
            line 2, column 20: the check digit does not fit (date of birth): found `0`, expected 2
            line 2, column 28: the check digit does not fit (date of expiry): found `0`, expected 9
            line 2, column 29: perhaps one character for another (optional data): found `Z`, expected 2
            line 2, column 43: the check digit does not fit (optional data): found `0`, expected 1
            line 2, column 44: the check digit does not fit (composite): found `1`, expected 2
        "#]],
    );
}

#[test]
fn lookalikes_are_told_and_not_repaired() {
    check(
        "P<UT0ERIKSS0N<<ANNA<MAR1A<<<<<<<<<<<<<<<<<<<
L8989O2C36UTO74O8122F12O4I59ZE184226B<<<<<10",
        expect![[r#"
            TD3 P Passport of -: "L8989O2C3", UTO, born -, Female, until -, "ERIKSS0N"/"ANNA MAR1A", "ZE184226B" ""
            line 1, column 5: perhaps one character for another (issuing state): found `0`, expected O
            line 1, column 12: perhaps one character for another (name): found `0`, expected O
            line 1, column 24: perhaps one character for another (name): found `1`, expected I
            line 2, column 6: perhaps one character for another (document number): found `O`, expected 0
            line 2, column 10: the check digit does not fit (document number): found `6`, expected 0
            line 2, column 16: perhaps one character for another (date of birth): found `O`, expected 0
            line 2, column 20: the check digit does not fit (date of birth): found `2`, expected 6
            line 2, column 24: perhaps one character for another (date of expiry): found `O`, expected 0
            line 2, column 26: perhaps one character for another (date of expiry): found `I`, expected 1
            line 2, column 28: the check digit does not fit (date of expiry): found `9`, expected 4
            line 2, column 44: the check digit does not fit (composite): found `0`, expected 3
        "#]],
    );
}

#[test]
fn a_number_of_more_than_nine_characters_goes_on_in_the_optional_data() {
    check(
        "I<UTOD23145890<AB112234566<<<<
7408122F1204159UTO<<<<<<<<<<<6
ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        expect![[r#"
            TD1 I IdentityCard of UTO: "D23145890AB11223456", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "" ""
        "#]],
    );
    check(
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
D23145890<UTO7408122F1204159AB11<<<8",
        expect![[r#"
            TD2 I IdentityCard of UTO: "D23145890AB1", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "" ""
        "#]],
    );
}

#[test]
fn what_is_not_known_of_a_date_is_a_filler() {
    check(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C36UTO7408<<7<<<<<<<0<<<<<<<<<<<<<<<8",
        expect![[r#"
            TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08, Unspecified, until -, "ERIKSSON"/"ANNA MARIA", "" ""
        "#]],
    );
    check(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C36UTO74<<<<1X9913456<<<<<<<<<<<<<<<8",
        expect![[r#"
            TD3 P Passport of UTO: "L898902C3", UTO, born 1974, Unspecified, until -, "ERIKSSON"/"ANNA MARIA", "" ""
            line 2, column 21: not of the kind that stands here (sex): found `X`, expected M, F or <
            line 2, column 22: no date (date of expiry): found `991345`, expected YYMMDD, < for what is not known
            line 2, column 28: the check digit does not fit (date of expiry): found `6`, expected 9
            line 2, column 44: the check digit does not fit (composite): found `8`, expected 3
        "#]],
    );
    check(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C36UTO7400005Q<<04<<2<<<<<<<<<<<<<<00",
        expect![[r#"
            TD3 P Passport of UTO: "L898902C3", UTO, born 1974, Unknown, until -, "ERIKSSON"/"ANNA MARIA", "" ""
            line 2, column 14: no date (date of birth): found `740000`, expected YYMMDD, < for what is not known
            line 2, column 20: the check digit does not fit (date of birth): found `5`, expected 1
            line 2, column 21: not of the kind that stands here (sex): found `Q`, expected M, F or <
            line 2, column 22: no date (date of expiry): found `<<04<<`, expected YYMMDD, < for what is not known
            line 2, column 28: the check digit does not fit (date of expiry): found `2`, expected 8
            line 2, column 44: the check digit does not fit (composite): found `0`, expected 4
        "#]],
    );
}

#[test]
fn states_beyond_the_iso_list_are_known_and_others_are_told() {
    let mut out = String::new();
    for code in [
        "GBN", "GBO", "GBP", "GBS", "GBD", "UNO", "UNA", "UNK", "XOM", "XXA", "XXB", "XXC", "XXX",
        "XPO", "RKS", "EUE", "D<<", "UTO", "XBA", "XCE", "DEU", "GB<", "QQQ", "<<<", "G<B", "G8R",
    ] {
        let text = TD3.replacen("UTO7408", &format!("{code}7408"), 1);
        let (zone, faults) = read(&text, TODAY);
        let country = zone.unwrap().nationality.map_or("-".into(), |c| c.to_string());
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        writeln!(out, "{code} {country} {}", faults.join("; ")).unwrap();
    }
    expect![[r#"
        GBN GBN 
        GBO GBO 
        GBP GBP 
        GBS GBS 
        GBD GBD 
        UNO UNO 
        UNA UNA 
        UNK UNK 
        XOM XOM 
        XXA XXA 
        XXB XXB 
        XXC XXC 
        XXX XXX 
        XPO XPO 
        RKS RKS 
        EUE EUE 
        D<< DEU 
        UTO UTO 
        XBA XBA 
        XCE XCE 
        DEU DEU line 2, column 11: the code is not known (nationality): found `DEU`, expected D<<
        GB< - line 2, column 11: the code is not known (nationality): found `GB<`
        QQQ QQQ line 2, column 11: the code is not known (nationality): found `QQQ`
        <<< - line 2, column 11: the nationality is missing: found `<<<`, expected a state's code
        G<B - line 2, column 11: the code is not known (nationality): found `G<B`
        G8R - line 2, column 12: perhaps one character for another (nationality): found `8`, expected B
    "#]].assert_eq(&out);
}

#[test]
fn what_is_no_zone_has_one_fault_that_says_so() {
    let mut out = String::new();
    for text in [
        "",
        "\n\n",
        "hello",
        TD3.lines().next().unwrap(),
        &format!("{TD3}\n{TD3}"),
        &"<".repeat(4096),
    ] {
        out.push_str(&show(text));
    }
    expect![[r#"
        line 1, column 1: this is no machine-readable zone: found `nothing`, expected 3 lines of 30, or 2 of 36 or 44
        line 1, column 1: this is no machine-readable zone: found `nothing`, expected 3 lines of 30, or 2 of 36 or 44
        line 1, column 1: this is no machine-readable zone: found `lines of 5`, expected 3 lines of 30, or 2 of 36 or 44
        line 1, column 1: this is no machine-readable zone: found `lines of 44`, expected 3 lines of 30, or 2 of 36 or 44
        line 1, column 1: this is no machine-readable zone: found `lines of 44, 44, 44, 44`, expected 3 lines of 30, or 2 of 36 or 44
        line 1, column 1: this is no machine-readable zone: found `lines of 4096`, expected 3 lines of 30, or 2 of 36 or 44
    "#]].assert_eq(&out);
}

#[test]
fn lines_that_lost_or_won_characters_are_read_as_far_as_they_go() {
    check(
        "  P<UTOERIKSSON<<ANNA<MARIA\r\n\r\nL898902C36UTO7408122F1204159ZE184226B<<<<<10<\r\n",
        expect![[r#"
            TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "ZE184226B" ""
            line 1, column 26: the line has not the length of its layout: found `25`, expected 44
            line 2, column 45: the line has not the length of its layout: found `45`, expected 44
        "#]],
    );
    assert_eq!(show(&TD1.replace('\n', "")), show(TD1), "all in one line");
    assert_eq!(show(&TD3.replace('\n', "\r")), show(TD3), "telex lines");
}

#[test]
fn foreign_characters_are_placed_and_kept() {
    check(
        "P<UTOeriksson<<ANNA MARIA«««<<<<<<<<<<<<<<<<
L898902C36UTO7408l22F1204159ZE184226B<<<<<10",
        expect![[r#"
            TD3 P Passport of UTO: "L898902C3", UTO, born -, Female, until 2012-04-15, "eriksson"/"ANNA MARIA«««", "ZE184226B" ""
            line 1, column 6: a character that no zone has (name): found `eriksson`, expected ERIKSSON
            line 1, column 20: a character that no zone has (name): found ` `, expected A to Z, 0 to 9 or <
            line 1, column 26: a character that no zone has (name): found `«««`, expected A to Z, 0 to 9 or <
            line 2, column 18: a character that no zone has (date of birth): found `l`, expected L
        "#]],
    );
}

#[test]
fn names_have_one_double_filler() {
    let mut out = String::new();
    for name in [
        "ARKFREITH",
        "<ERIKSSON<<ANNA",
        "<<ANNA",
        "ERIKSSON<<ANNA<<MARIA",
        "ERIKSSON<<<ANNA",
        "VAN<DER<MUELLEN<<MARTIN",
        "",
        "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
    ] {
        let second = TD3.lines().nth(1).unwrap();
        out.push_str(&show(&format!("P<UTO{name:<<39}\n{second}")));
    }
    expect![[r#"
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "ARKFREITH"/"", "ZE184226B" ""
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA", "ZE184226B" ""
        line 1, column 6: the name has not the form of one: found `<`, expected a letter
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, ""/"ANNA", "ZE184226B" ""
        line 1, column 6: the name has not the form of one: found `<`, expected a letter
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA MARIA", "ZE184226B" ""
        line 1, column 20: the name has not the form of one: found `<`, expected one << between the names
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "ERIKSSON"/"ANNA", "ZE184226B" ""
        line 1, column 16: the name has not the form of one: found `<`, expected one << between the names
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "VAN DER MUELLEN"/"MARTIN", "ZE184226B" ""
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, ""/"", "ZE184226B" ""
        line 1, column 6: the name is missing: found `<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<`, expected a name
        TD3 P Passport of UTO: "L898902C3", UTO, born 1974-08-12, Female, until 2012-04-15, "NILAVADHANANANDA"/"CHAYAPA DEJTHAMRONG K" (cut), "ZE184226B" ""
    "#]].assert_eq(&out);
}

#[test]
fn debug_shows_nobody() {
    let (zone, faults) = read(&TD3.replace("ERIKSSON", "ER1KSSON"), TODAY);
    let text = format!("{:?} {faults:?}", zone.unwrap());
    assert!(
        !text.contains("ANNA") && !text.contains("L898902C3") && text.contains("Td3"),
        "{text}"
    );
}

#[test]
fn a_zone_names_its_document() {
    let (zone, _) = read(TD3, TODAY);
    let mut document = zone.unwrap().document();
    assert_eq!(
        (document.number.as_str(), document.issuer),
        ("L898902C3", Some(Country::new("UTO")))
    );
    document.number.clear();
    expect!["Passport"].assert_eq(&format!("{:?}", document.kind));
    let kinds: Vec<String> = ["P", "PD", "IP", "AC", "A", "C", "I", "ID", "V", "VC", "Q"]
        .iter()
        .map(|code| {
            let zone = Zone { code: (*code).into(), sex: Sex::Female, ..Zone::new(Format::Td1) };
            format!("{code} {:?}", zone.kind())
        })
        .collect();
    expect!["P Passport, PD Passport, IP PassportCard, AC CrewCertificate, A IdentityCard, C IdentityCard, I IdentityCard, ID IdentityCard, V Visa, VC Visa, Q Unknown"].assert_eq(&kinds.join(", "));
}
