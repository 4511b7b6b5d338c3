//! Proofs with the real solver; without it they are named and skipped.
#![cfg(feature = "cedar")]
#![allow(clippy::unwrap_used)]

use std::{collections::HashSet, ffi::OsStr};

use expect_test::{Expect, expect};
use policy::{Agreement, Regime};
use proofs::{Prover, Question, SOLVER};
use travel::Country;

const DEMO: &str = include_str!("../../../docs/agreements/gbr-tur.toml");
const GBR: Country = Country::new("GBR");
const TUR: Country = Country::new("TUR");

fn demo() -> Agreement {
    Agreement::from_toml(DEMO).unwrap()
}

fn changed(from: &str, to: &str) -> Agreement {
    assert!(DEMO.contains(from), "{from}");
    Agreement::from_toml(&DEMO.replace(from, to)).unwrap()
}

fn laws() -> Vec<(Country, Vec<Regime>)> {
    let packs = |names: &[&str]| names.iter().map(|n| Regime::named(n).unwrap()).collect();
    vec![(GBR, packs(&["uk_domestic", "icao_annex9"])), (TUR, packs(&["icao_annex9"]))]
}

/// Runs it with a solver, if there is one or has to be one.
fn proved<T>(ask: impl AsyncFnOnce(&Prover) -> T) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match Prover::new(OsStr::new(SOLVER)) {
            Ok(prover) => Some(ask(&prover).await),
            Err(e) if std::env::var("PASSERELLE_TEST").as_deref() == Ok("all") => panic!("{e}"),
            Err(e) => {
                eprintln!("skipped: {e}");
                None
            }
        }
    })
}

fn outside(agreement: &Agreement, laws: &[(Country, Vec<Regime>)], expected: &Expect) {
    if let Some(found) = proved(async |p| p.outside(agreement, laws).await.unwrap()) {
        expected.assert_eq(&found.map_or(String::new(), |case| case.words() + "\n"));
    }
}

fn wider(old: &Agreement, new: &Agreement, expected: &Expect) {
    if let Some(found) = proved(async |p| p.wider(old, new).await.unwrap()) {
        expected.assert_eq(&found.map_or(String::new(), |case| case.words() + "\n"));
    }
}

#[test]
fn the_demos_agreement_lies_inside_the_law() {
    outside(&demo(), &laws(), &expect![[r#""#]]);
}

#[test]
fn a_purpose_that_the_law_does_not_know_is_shown() {
    let new =
        changed(r#"["terrorism", "serious_crime"]"#, r#"["terrorism", "criteria_development"]"#);
    outside(
        &new,
        &laws(),
        &expect![[r#"
        From the United Kingdom to Türkiye, whole lists of civil passenger flights (advance passenger information) may say names for making and reviewing criteria; so on a flight from London (STN) to Arnavutköy Istanbul (IST). IC-05: The law names the elements and the purposes, no wider than needed (Annex 9, 9.25). UK-01: PNR data serve against terrorism and serious crime, exceptionally to protect life (TCA art. 544).
    "#]],
    );
}

#[test]
fn booking_records_for_border_control_are_shown() {
    let new = changed(
        "purposes = [\"terrorism\", \"serious_crime\"]",
        "purposes = [\"terrorism\", \"border_control\"]",
    );
    let eu = ["eu_pnr", "eu_pnr_cjeu"].map(|name| Regime::named(name).unwrap());
    outside(
        &new,
        &[(TUR, eu.to_vec())],
        &expect![[r#"
        From the United Kingdom to Türkiye, what is sent of an upheld hit of civil passenger flights (booking records) may say names for border control; so on a flight from an airport of the United Kingdom to an airport of Türkiye. CJ-02: Only crime with a link to carriage by air; not border control (C-817/19). EU-01: PNR data serve only against terrorist offences and serious crime (Dir. 2016/681 art. 1(2)).
    "#]],
    );
}

#[test]
fn six_months_by_the_court_are_not_a_year() {
    let eu = Regime::named("eu_pnr_cjeu").unwrap();
    let new = changed("retention_days = 90\nmask_after_days = 14", "retention_days = 365");
    outside(
        &new,
        &[(TUR, vec![eu])],
        &expect![[r#"
        From the United Kingdom to Türkiye, what is sent of an upheld hit of civil passenger flights (booking records) may say names for terrorist offences and travel for them; so on a flight from an airport of the United Kingdom to an airport of Türkiye, still kept 182 days after receipt. CJ-08: After six months only those are kept about whom there is objective evidence (C-817/19).
    "#]],
    );
}

#[test]
fn identity_that_shows_too_long_is_shown() {
    let new = changed("retention_days = 180\nmask_after_days = 30", "retention_days = 1000");
    outside(
        &new,
        &laws(),
        &expect![[r#"
        From Türkiye to the United Kingdom, whole lists of civil passenger flights (advance passenger information) may say names for terrorist offences and travel for them; so on a flight from an airport of Türkiye to an airport of the United Kingdom, with identity still shown 182 days after receipt. IC-12: Kept for five years at most; depersonalised at six months (Annex 9, 9.32). UK-21: Identity is masked six months after the transfer (SI 2018/598 reg. 13(2)).
    "#]],
    );
}

#[test]
fn remarks_are_outside_the_closed_list_of_headings() {
    let eu = Regime::named("eu_pnr_cjeu").unwrap();
    let new = changed(
        r#""birth_date", "sex", "nationality", "documents", "itinerary"]
routes = [
"#,
        r#""birth_date", "remarks"]
routes = [
"#,
    );
    outside(
        &new,
        &[(TUR, vec![eu])],
        &expect![[r#"
        From the United Kingdom to Türkiye, what is sent of an upheld hit of civil passenger flights (booking records) may say remarks for terrorist offences and travel for them; so on a flight from an airport of the United Kingdom to an airport of Türkiye. CJ-01: The headings of Annex I are a closed list and are read narrowly (C-817/19).
    "#]],
    );
}

#[test]
fn the_same_is_not_wider() {
    wider(&demo(), &demo(), &expect![[r#""#]]);
}

#[test]
fn a_narrower_version_is_not_wider() {
    wider(&demo(), &changed(r#", "seat"]"#, "]"), &expect![[r#""#]]);
    wider(&demo(), &changed("retention_days = 180", "retention_days = 60"), &expect![[r#""#]]);
    wider(&demo(), &changed("2099-12-31", "2030-12-31"), &expect![[r#""#]]);
}

#[test]
fn an_element_more_is_wider() {
    wider(
        &demo(),
        &changed(r#""seat"]"#, r#""seat", "contact"]"#),
        &expect![[r#"
        From Türkiye to the United Kingdom, whole lists of civil passenger flights (advance passenger information) may say contact for terrorist offences and travel for them; so on a flight from an airport of Türkiye to an airport of the United Kingdom.
    "#]],
    );
}

#[test]
fn an_airport_more_is_wider() {
    wider(
        &demo(),
        &changed(
            r#""LCY"] }, to = { airports = ["IST", "SAW"] } }]
"#,
            r#""LCY", "MAN"] }, to = { airports = ["IST", "SAW"] } }]
"#,
        ),
        &expect![[r#"
            From the United Kingdom to Türkiye, whole lists of civil passenger flights (advance passenger information) may say names for terrorist offences and travel for them; so on a flight from Manchester (MAN) to Arnavutköy Istanbul (IST).
        "#]],
    );
}

#[test]
fn a_longer_life_is_wider() {
    wider(
        &demo(),
        &changed("2020-01-01", "2019-01-01"),
        &expect![[r#"
        From the United Kingdom to Türkiye, whole lists of civil passenger flights (advance passenger information) may say names for terrorist offences and travel for them; so on a flight from London (STN) to Arnavutköy Istanbul (IST), on 2019-12-31.
    "#]],
    );
}

#[test]
fn to_pass_on_is_wider() {
    wider(
        &demo(),
        &changed("\"never\"", "\"with_consent\""),
        &expect![[r#"
        From the United Kingdom to Türkiye, whole lists of civil passenger flights (advance passenger information) may say names for terrorist offences and travel for them; so on a flight from London (STN) to Arnavutköy Istanbul (IST), and passed on to another state.
    "#]],
    );
}

#[test]
fn to_keep_longer_is_wider() {
    wider(
        &demo(),
        &changed("retention_days = 90", "retention_days = 91"),
        &expect![[r#"
        From the United Kingdom to Türkiye, whole lists of civil passenger flights (advance passenger information) may say names for terrorist offences and travel for them; so on a flight from London (STN) to Arnavutköy Istanbul (IST), still kept 91 days after receipt.
    "#]],
    );
}

#[test]
fn an_exception_less_is_wider() {
    let less = changed(
        r#"
not = [{ from = { airports = ["LHR", "LGW", "STN", "LTN", "LCY"] }, to = { airports = ["IST", "SAW"] } }]"#,
        "",
    );
    wider(
        &demo(),
        &less,
        &expect![[r#"
        From the United Kingdom to Türkiye, what is sent of an upheld hit of civil passenger flights (advance passenger information) may say names for terrorist offences and travel for them; so on a flight from London (STN) to Arnavutköy Istanbul (IST).
    "#]],
    );
}

#[test]
fn agreements_of_a_coalition_lie_inside_the_law() {
    let (agreements, laws) = coalition();
    assert_eq!(agreements.len(), 210);
    proved(async |p| {
        let mut known = HashSet::new();
        for agreement in &agreements {
            let question = Question::inside(agreement, &laws);
            if known.insert(question.nameless()) {
                assert!(p.ask(&question).await.unwrap().is_none());
            }
        }
        // Those of the states whose airports the document names are questions of their own.
        assert!((2..=10).contains(&known.len()), "{} questions", known.len());
    });
}

#[test]
fn questions_that_differ_in_names_alone_are_alike() {
    let eu = ["eu_pnr", "icao_annex9"].map(|name| Regime::named(name).unwrap()).to_vec();
    let other = vec![Regime::named("icao_annex9").unwrap()];
    let of = |(a, b): (&str, &str)| {
        let agreement = between(a, b);
        let law = |s: &str| if matches!(s, "FRA" | "DEU") { eu.clone() } else { other.clone() };
        let laws = [a, b].map(|s| (Country::new(s), law(s)));
        Question::inside(&agreement, &laws).nameless()
    };
    assert_eq!(of(("FRA", "JOR")), of(("DEU", "EGY")));
    assert_ne!(of(("FRA", "JOR")), of(("FRA", "DEU")), "the law of two members binds it");
    assert_ne!(of(("FRA", "JOR")), of(("JOR", "EGY")), "the law of no member binds it");
    assert_ne!(of(("FRA", "JOR")), of(("FRA", "GBR")), "of one its airports are named");
}

/// Every pair of the 21 states, each with the demo's agreement about its own airspace.
fn coalition() -> (Vec<Agreement>, Vec<(Country, Vec<Regime>)>) {
    const STATES: [&str; 21] = [
        "GBR", "TUR", "USA", "FRA", "DEU", "IRQ", "AUS", "BHR", "BEL", "CAN", "DNK", "EGY", "ITA",
        "JOR", "KWT", "NLD", "NOR", "QAT", "SAU", "ESP", "ARE",
    ];
    let law = Regime::named("icao_annex9").unwrap();
    let laws = STATES.iter().map(|s| (Country::new(s), vec![law.clone()])).collect();
    let pairs =
        STATES.iter().enumerate().flat_map(|(i, a)| STATES[i + 1..].iter().map(move |b| (a, b)));
    (pairs.map(|(a, b)| between(a, b)).collect(), laws)
}

/// The demo's agreement, between two other states.
fn between(a: &str, b: &str) -> Agreement {
    let text = DEMO.replace("GBR", "#").replace("TUR", b).replace('#', "\u{1}");
    let text: String =
        text.lines().filter(|l| !l.starts_with('\u{1}')).map(|l| format!("{l}\n")).collect();
    Agreement::from_toml(&text.replace('\u{1}', a)).unwrap()
}
