//! What a new version widens and narrows: text in, text out.
#![allow(clippy::unwrap_used)]

use expect_test::{Expect, expect};
use policy::Agreement;

const FIRST: &str = include_str!("../../../docs/agreements/gbr-tur.toml");

fn check(changes: &[(&str, &str)], expected: Expect) {
    let old = Agreement::from_toml(FIRST).unwrap();
    let mut text = FIRST.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} does not stand in the agreement");
        text = text.replacen(from, to, 1);
    }
    let new = Agreement::from_toml(&text).unwrap();
    let found = old.diff(&new);
    let lines = |sign: char, lines: &[String]| -> String {
        lines.iter().map(|line| format!("{sign} {line}\n")).collect()
    };
    let shown =
        lines('+', &found.widens) + &lines('-', &found.narrows) + &lines('~', &found.changes);
    expected.assert_eq(&shown);
}

#[test]
fn the_same_words_are_no_difference() {
    check(&[], expect![""]);
}

#[test]
fn another_way_of_writing_the_same_is_no_difference() {
    let airports = "routes = [{ from = { airports = [\"LHR\", \"LGW\", \"STN\", \"LTN\", \"LCY\"] }, to = { airports = [\"IST\", \"SAW\"] } }]\n\n[[direction.term]]\nname = \"other";
    let apart = airports.replace(
        "to = { airports = [\"IST\", \"SAW\"] } }]",
        "to = { airports = [\"IST\"] } }, { from = { airports = [\"LCY\", \"LTN\", \"STN\", \"LGW\", \"LHR\"] }, to = { airports = [\"SAW\"] } }]",
    );
    check(&[(airports, &apart)], expect![""]);
}

#[test]
fn one_element_more_widens_and_one_less_narrows() {
    check(
        &[("\"itinerary\", \"seat\"]", "\"itinerary\", \"contact\"]")],
        expect![[r#"
            + From Türkiye to the United Kingdom: contact may be said of whole lists of civil passenger flights (advance passenger information); so from another airport of the United Kingdom to another airport of the United Kingdom and another route.
            - From Türkiye to the United Kingdom: seat may no longer be said of whole lists of civil passenger flights (advance passenger information); so from another airport of the United Kingdom to another airport of the United Kingdom and another route.
        "#]],
    );
}

#[test]
fn a_route_that_is_excluded_no_more_goes() {
    check(
        &[(
            "to = { airports = [\"IST\", \"SAW\"] } }]\n\n[[direction.term]]",
            "to = { airports = [\"IST\"] } }]\n\n[[direction.term]]",
        )],
        expect![[r#"
            - From the United Kingdom to Türkiye: whole lists of civil passenger flights (advance passenger information) may no longer go, with flight, names, birth date, nationality and documents; so from London (LCY) to Istanbul (SAW) and 4 other routes.
        "#]],
    );
}

#[test]
fn longer_keeping_another_purpose_and_passing_on_widen() {
    check(
        &[
            ("retention_days = 90", "retention_days = 120"),
            ("mask_after_days = 14", "mask_after_days = 7"),
            ("onward = \"never\"", "onward = \"with_consent\""),
            (
                "purposes = [\"terrorism\", \"serious_crime\"]",
                "purposes = [\"terrorism\", \"vital_interest\"]",
            ),
            ("until = \"2099-12-31\"", "until = \"2030-12-31\""),
            ("latest_before_departure_minutes = 30", "latest_before_departure_minutes = 60"),
        ],
        expect![[r#"
            + From the United Kingdom to Türkiye: it may be used for protecting somebody's life or health.
            + From the United Kingdom to Türkiye: it may be kept for 120 days, not 90.
            + From the United Kingdom to Türkiye: it may be passed on with the sender's consent.
            - It ends after 2030-12-31, not after 2099-12-31.
            - From the United Kingdom to Türkiye: it may not be used for serious crime.
            - From the United Kingdom to Türkiye: identity is masked after 7 days, not after 14 days.
            ~ From Türkiye to the United Kingdom: it is due 60 minutes before departure, not 30 minutes before departure.
        "#]],
    );
}
