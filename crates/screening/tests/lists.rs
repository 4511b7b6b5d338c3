//! Every format: text in, text out, on lists of invented people; then the publishers'
//! own files, where they are at hand.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use screening::{Entry, ListRead, read_whole_list};

fn show(entry: &Entry) -> String {
    let mut out = format!("{} | {} | {:?}\n", entry.id, entry.reason, entry.sex);
    for name in &entry.names {
        writeln!(out, "  {} {}", name.quality.name(), name.text).unwrap();
    }
    let dates: Vec<String> = entry.birth_dates.iter().map(ToString::to_string).collect();
    let nationalities: Vec<&str> = entry.nationalities.iter().map(|c| c.code()).collect();
    writeln!(out, "  born {} at {}", dates.join(", "), entry.birth_places.join("; ")).unwrap();
    writeln!(out, "  of {}", nationalities.join(" ")).unwrap();
    for d in &entry.documents {
        let issuer = d.issuer.map(|c| c.code().to_owned()).unwrap_or_default();
        writeln!(out, "  {:?} {issuer} {}", d.kind, d.number).unwrap();
    }
    out
}

fn check(bytes: &[u8], expected: Expect) {
    let ListRead { list, findings, format, others } = read_whole_list("l", "1", bytes).unwrap();
    let mut out = format!("{format}; {others} others\n");
    list.entries.iter().for_each(|e| out += &show(e));
    findings.iter().for_each(|f| writeln!(out, "! {f}").unwrap());
    expected.assert_eq(&out);
}

#[test]
fn the_list_of_the_united_nations() {
    check(
        include_bytes!("testdata/un.xml"),
        expect![[r#"
        UN consolidated list, XML; 1 others
        UTi.001 | UN Utopia UTi.001 | Female
          primary ORSOLYA VANDREY
          good Орсолья Вандрей
          good Orsolja Wandrei
          good Orsolya Wandrey
          former Orsolya Oldcastle
          low The Lamplighter
          low The Lamp
          born 1965-12-12, about 1958, 1960 to 1964 at Vinograd, Ukraine
          of UKR
          Passport UKR XA112233
        ! byte 115 (UTi.001): a nationality is no country that is known; it was left out
    "#]],
    );
}

#[test]
fn the_list_of_the_european_union() {
    check(
        include_bytes!("testdata/eu.xml"),
        expect![[r#"
        EU consolidated list, XML; 1 others
        EU.1.1 | EU UTOP | Female
          primary Orsolya Vandrey
          good Orsolja Q Wandrei
          low The Lamplighter
          born 1965-12-12, about 1958, 1960 to 1964 at Vinograd, ALGERIA
          of DZA
          Passport DZA X0488555
        ! byte 157 (EU.1.1): a nationality is no country that is known; it was left out
        ! byte 157 (EU.1.1): a birth date cannot be read; it was left out
        ! byte 157 (EU.1.1): a document has no number that can be made out; it was left out
    "#]],
    );
}

#[test]
fn the_list_of_the_united_kingdom() {
    check(
        include_bytes!("testdata/uk.csv"),
        expect![[r#"
        UK list, CSV; 1 others
        90001 | UK Utopia | Unknown
          primary Orsolya VANDREJ
          good Orsolya VANDREY
          good Орсолья Вандрей
          low LAMPLIGHTER
          born 1984-04, 1983, 1936 at Vinograd, Ukraine
          of UKR MDA
          Passport UKR XA112233
          Passport UKR XB445566
          IdentityCard  19840400123
        ! line 7: the line has no id where the header says it stands; it was left out
    "#]],
    );
}

#[test]
fn the_sanctions_list_of_the_united_kingdom() {
    check(
        include_bytes!("testdata/uk_sanctions_list.csv"),
        expect![[r#"
        UK list, CSV; 1 others
        UTO0001 | UK Utopia (Made Up) Regulations | Female
          primary Orsolya VANDREY
          low LAMPLIGHTER
          born 1984 at Vinograd, Ukraine
          of UKR
          Passport  XA112233
    "#]],
    );
}

#[test]
fn the_three_csv_files_of_ofac_one_after_the_other() {
    check(
        include_bytes!("testdata/ofac.csv"),
        expect![[r#"
        OFAC list, CSV; 1 others
        9001 | OFAC UTOP, SDGT | Female
          primary Orsolya VANDREY
          good Orsolja WANDREI
          former Orsolya OLDCASTLE
          low THE LAMPLIGHTER
          low D'OR
          born 1965-12-12, about 1958, 1960 to 1964 at Vinograd, Ukraine
          of UKR
          Passport UKR XA112233
          IdentityCard UKR 19840400123
        9003 | OFAC UTOP | Unknown
          primary Bertil OLDCASTLE
          born  at Nowhere
          of SWE
          Passport SWE Q7788001
        ! line 9 (9003): the line has the columns of no file of OFAC's; it was left out
        ! line 7 (9999): it is about a number that the list does not have
        ! line 1 (9001): a nationality is no country that is known; it was left out
        ! line 3 (9003): a birth date cannot be read; it was left out
    "#]],
    );
}

#[test]
fn the_xml_list_of_ofac() {
    check(
        include_bytes!("testdata/ofac.xml"),
        expect![[r#"
        OFAC list, XML; 1 others
        9001 | OFAC UTOP, SDGT | Female
          primary Orsolya VANDREY
          former Orsolya OLDCASTLE
          low THE LAMPLIGHTER
          born 1976 to 1978, about 1975 at Vinograd, Ukraine
          of UKR MDA
          Passport UKR XA112233
    "#]],
    );
}

#[test]
fn the_advanced_list_of_ofac() {
    check(
        include_bytes!("testdata/ofac_advanced.xml"),
        expect![[r#"
        OFAC list, advanced XML; 1 others
        9001 | OFAC UTOP | Female
          primary Orsolya Vandrey
          former Orsolya Oldcastle
          low The Lamplighter
          born 1965-12-12, about 1958, 1960 to 1964 at Vinograd, Ukraine
          of UKR
          Passport UKR XA112233
    "#]],
    );
}

#[test]
fn follow_the_money_flat_and_nested() {
    check(
        include_bytes!("testdata/ftm.json"),
        expect![[r#"
        FollowTheMoney, JSON lines; 1 others
        UT-1 | sanction, UTOP | Female
          primary Orsolya Vandrey
          good Orsolja Wandrei
          good Орсолья Вандрей
          former Orsolya Oldcastle
          low The Lamplighter
          born 1965-12-12, 1958 at Vinograd
          of UKR
          Passport  XA112233
          Passport MDA XB445566
        UT-5 |  | Unknown
          primary Bertil Oldcastle
          born  at 
          of 
          IdentityCard SWE 88001122
        ! line 1 (UT-1): a nationality is no country that is known; it was left out
        ! line 5 (UT-5): a birth date cannot be read; it was left out
        ! line 7: the line is no JSON (column 9); it was left out
        ! line 6 (UT-7): an entry needs an id and a name; it was left out
    "#]],
    );
}

#[test]
fn our_own_csv() {
    check(
        include_bytes!("testdata/ours.csv"),
        expect![[r#"
        CSV of ours; 0 others
        S-1 | wanted | Female
          primary Orsolya Vandrey
          good Orsolja Wandrei
          former Orsolya Oldcastle
          low The Lamplighter
          born 1965-12-12, about 1958, 1960 to 1964, 1970-02 at Vinograd
          of UKR MDA
          Passport UKR XA112233
          Unknown  880011
        S-3 |  | Male
          primary Bertil Oldcastle
          born  at 
          of 
        ! line 3 (S-2): an entry needs an id and a name; it was left out
        ! line 4 (S-3): a birth date cannot be read; it was left out
        ! line 4 (S-3): a nationality is no country code; it was left out
        ! line 4 (S-3): a document cannot be read; it was left out
    "#]],
    );
}

/// Every list of this folder, and our own.
const OURS: [&[u8]; 10] = [
    include_bytes!("testdata/un.xml"),
    include_bytes!("testdata/eu.xml"),
    include_bytes!("testdata/uk.csv"),
    include_bytes!("testdata/uk_sanctions_list.csv"),
    include_bytes!("testdata/ofac.csv"),
    include_bytes!("testdata/ofac.xml"),
    include_bytes!("testdata/ofac_advanced.xml"),
    include_bytes!("testdata/ftm.json"),
    include_bytes!("testdata/ours.csv"),
    b"id,name,alias\n",
];

#[test]
fn a_list_that_is_cut_off_is_refused_where_its_form_tells() {
    for list in &OURS[..8] {
        let closed = list.starts_with(b"<") || list.starts_with(b"{");
        for cut in [list.len() / 2, list.len() - 20] {
            let read = read_whole_list("l", "1", &list[..cut]);
            assert!(!closed || read.is_err(), "cut at {cut}");
        }
    }
}

#[test]
fn what_an_entry_says_of_itself_changes_with_its_data_and_not_with_their_order() {
    let read = |bytes: &str| {
        let head = "id,name,alias,birth_date,sex,nationality,documents,reason\n";
        read_whole_list("l", "1", format!("{head}{bytes}").as_bytes()).unwrap().list.entries
    };
    let entry = read("1,Ann Oldcastle,Anna|Annie,1980|1981,F,UKR,PASSPORT:UKR:XA112233,why\n");
    let turned = read("1,Ann Oldcastle,Annie|Anna,1981|1980,F,UKR,PASSPORT:UKR:XA112233,why\n");
    let moved = read("1,Ann Oldcastle,Annie|Anna,1981|1982,F,UKR,PASSPORT:UKR:XA112233,why\n");
    assert_eq!(entry[0].canonical(), turned[0].canonical());
    assert_ne!(entry[0].canonical(), moved[0].canonical());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn damage_anywhere_is_a_finding_or_an_error_and_never_a_panic(
        which in 0usize..OURS.len(), at in 0usize..8_000, byte in 0u8..=255, cut in 0usize..8_000,
    ) {
        let mut bytes = OURS[which].to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let whole = read_whole_list("l", "1", &bytes);
        if let Ok(read) = whole {
            proptest::prop_assert!(read.list.entries.iter().all(|e| !e.names.is_empty()));
            proptest::prop_assert!(read.findings.iter().all(|f| !f.place.is_empty()));
        }
        bytes.truncate(cut % OURS[which].len());
        let _ = read_whole_list("l", "1", &bytes);
    }
}

/// The publishers' own files, which are not part of the project.
mod published {
    use super::*;

    fn file(name: &str) -> Option<Vec<u8>> {
        let path = format!("{}/../../../shared/data/lists/{name}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).ok();
        let all = std::env::var("PASSERELLE_TEST").is_ok_and(|t| t == "all");
        assert!(bytes.is_some() || !all, "PASSERELLE_TEST=all, but there is no {name}");
        if bytes.is_none() {
            eprintln!("skipped: there is no {name}");
        }
        bytes
    }

    fn read(name: &str) -> Option<(String, ListRead)> {
        let bytes = file(name)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some((text, read_whole_list("l", "1", &bytes).unwrap()))
    }

    fn names(read: &ListRead) -> usize {
        read.list.entries.iter().map(|e| e.names.len()).sum()
    }

    #[test]
    fn no_individual_and_no_alias_of_the_united_nations_is_lost() {
        let Some((text, read)) = read("un_consolidated_2026-02-27.xml") else { return };
        assert_eq!(read.list.entries.len(), text.matches("<INDIVIDUAL>").count());
        let known: std::collections::HashSet<&str> =
            read.list.entries.iter().flat_map(|e| &e.names).map(|n| n.text.as_str()).collect();
        let aliases = text.split("<INDIVIDUAL_ALIAS>").skip(1);
        let written = aliases.filter_map(|a| {
            let of = a.split_once("</INDIVIDUAL_ALIAS>")?.0.split_once("<ALIAS_NAME>")?.1;
            Some(of.split_once("</ALIAS_NAME>")?.0.to_owned())
        });
        let (mut seen, mut lost) = (0, Vec::new());
        for alias in written.filter(|a| !a.contains(['&', '(', ')']) && a.trim().len() > 2) {
            for part in alias.split(';').map(|p| p.trim().trim_matches([',', '"']).trim()) {
                seen += 1;
                if !part.is_empty() && !known.contains(part) && !part.eq_ignore_ascii_case("na") {
                    lost.push(part.to_owned());
                }
            }
        }
        assert!(seen > 1_500, "only {seen} aliases");
        assert!(lost.is_empty(), "{lost:?}");
    }

    #[test]
    fn every_individual_of_ofac_is_read_with_what_its_remarks_say() {
        let Some((text, read)) = read("ofac_sdn_2023-11.csv") else { return };
        assert_eq!(read.list.entries.len(), text.matches(",\"individual\",").count().max(5_890));
        let dated = read.list.entries.iter().filter(|e| !e.birth_dates.is_empty()).count();
        let placed = read.list.entries.iter().filter(|e| !e.birth_places.is_empty()).count();
        let has = |what: &str| {
            text.lines().filter(|l| l.contains("individual") && l.contains(what)).count()
        };
        assert!(dated * 100 >= has("DOB ") * 99, "{dated} of {}", has("DOB "));
        assert!(placed * 100 >= has("POB ") * 99, "{placed} of {}", has("POB "));
    }

    #[test]
    fn aliases_of_ofac_find_their_entries() {
        let (Some(mut list), Some(aliases)) =
            (file("ofac_cons_prim.csv"), file("ofac_cons_alt.csv"))
        else {
            return;
        };
        let without = names(&read_whole_list("l", "1", &list).unwrap());
        list.push(b'\n');
        list.extend(aliases);
        let with = read_whole_list("l", "1", &list).unwrap();
        assert!(names(&with) > without);
        assert!(with.findings.len() < 20, "{:?}", with.findings);
    }

    #[test]
    fn samples_of_the_other_formats_are_read_with_few_findings() {
        for (name, entries, findings) in [
            ("format_sample_eu.xml", 3, 3),
            ("format_sample_hmt.csv", 6, 2),
            ("format_sample_ofac_consolidated.xml", 2, 2),
            ("format_sample_unsc.xml", 1, 2),
        ] {
            let Some((_, read)) = read(name) else { continue };
            let found = (read.list.entries.len(), read.findings.len());
            assert!(
                found.0 >= entries && found.1 <= findings,
                "{name}: {found:?} {:?}",
                read.findings
            );
        }
    }
}
