//! A listed document is a hit by itself, whoever shows it; a near number is nothing.
#![allow(clippy::unwrap_used)]

use expect_test::{Expect, expect};
use screening::documents::{DocumentList, InMemory, RunsInMemory, Sorter, read};
use travel::{Country, DocumentKind, TravelDocument, Traveller};

fn list() -> DocumentList {
    let csv = "number,issuing_state,type,reported,reason\n\
               L898902C3,UTO,P,2026-03-01,stolen\n\
               ID7654321,UTO,I,,lost\n\
               V1234567,UTO,V,,revoked\n";
    let mut sorter = Sorter::new(RunsInMemory::default(), 2);
    read(csv.as_bytes(), &mut |d| sorter.add(d)).unwrap();
    let mut pages = InMemory::default();
    sorter.finish(&mut pages).unwrap();
    DocumentList { name: "sltd".into(), version: "7".into(), set: pages.set().unwrap() }
}

fn check(documents: &[(DocumentKind, &str, &str)], nationality: &str, expected: Expect) {
    let document = |(kind, number, issuer): &(DocumentKind, &str, &str)| TravelDocument {
        kind: *kind,
        number: (*number).into(),
        issuer: Country::parse(issuer),
        expires: None,
        issued: None,
    };
    let traveller = Traveller {
        surname: "VANDREY".into(),
        given: "ORSOLYA".into(),
        nationality: Country::parse(nationality),
        documents: documents.iter().map(document).collect(),
        ..Traveller::default()
    };
    let found = list().screen(&[Traveller::default(), traveller]).unwrap();
    let line = |h: &screening::Hit| {
        let e = &h.evidence[0];
        format!(
            "{} {} {}: {} | {} | {} | {}\n",
            h.traveller,
            h.band.name(),
            h.nats,
            e.traveller,
            e.entry,
            e.relation,
            h.entry.reason
        )
    };
    expected.assert_eq(&found.iter().map(line).collect::<String>());
}

use DocumentKind::{IdentityCard, Passport, Unknown, Visa};

#[test]
fn a_listed_document_is_a_hit_by_itself() {
    check(
        &[(Passport, "l898902c3", "UTO")],
        "",
        expect![[r#"
        1 hit 20: passport L898902C3 of UTO | passport L898902C3 of UTO | same number, issuing state and type | stolen, reported on 2026-03-01
    "#]],
    );
    check(
        &[(Unknown, "L898902C3", "UTO"), (Passport, "L898902C3", "UTO")],
        "",
        expect![[r#"
        1 hit 20: document L898902C3 of UTO | passport L898902C3 of UTO | same number and issuing state | stolen, reported on 2026-03-01
    "#]],
    );
}

#[test]
fn what_speaks_against_it_makes_it_a_possible_match() {
    check(
        &[(Passport, "ID7654321", "UTO")],
        "",
        expect![[r#"
        1 possible 14: passport ID7654321 of UTO | identity card ID7654321 of UTO | same number and issuing state, of another type | lost
    "#]],
    );
    check(
        &[(Passport, "L898902C3", "")],
        "UTO",
        expect![[r#"
        1 possible 14: passport L898902C3 | passport L898902C3 of UTO | same number; the issuing state is that of the nationality | stolen, reported on 2026-03-01
    "#]],
    );
}

#[test]
fn near_numbers_other_states_and_other_things_are_nothing() {
    for near in ["L898902C4", "L898902C", "L898902C30", "1898902C3", "L8989O2C3"] {
        check(&[(Passport, near, "UTO")], "UTO", expect![""]);
    }
    check(&[(Passport, "L898902C3", "GBR")], "UTO", expect![""]);
    check(&[(Passport, "L898902C3", "")], "", expect![""]);
    check(&[(Visa, "L898902C3", "UTO"), (Passport, "V1234567", "UTO")], "", expect![""]);
    check(&[(IdentityCard, "", "UTO")], "", expect![""]);
}
