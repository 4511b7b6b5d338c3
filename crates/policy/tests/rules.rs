//! A test for every rule id, bearing its name; the last one sees that none is missing.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use jiff::civil::date;
use policy::{
    Agreement, Ground, InForce, Mode, Onward, Purpose, RULES, Retention, Subject, decide, retention,
};
use travel::{Dataset, Element, ElementSet, FlightKind};

const ALL: fn(&mut policy::Request<'_>) = |_| {};

fn changed(change: impl FnOnce(&mut Agreement)) -> Vec<InForce> {
    let mut agreement = Agreement::from_toml(DEMO).unwrap();
    change(&mut agreement);
    vec![in_force(&agreement)]
}

/// A request in PNR, which the demo's agreement gives only as hits.
fn hit(r: &mut policy::Request<'_>) {
    (r.from, r.mode, r.dataset, r.reviewed) = (GBR, Mode::Hit, Dataset::Pnr, true);
}

fn pnr_lists() -> Vec<InForce> {
    changed(|a| a.directions[1].terms[0].datasets.push(Dataset::Pnr))
}

fn pnr(r: &mut policy::Request<'_>) {
    r.dataset = Dataset::Pnr;
}

fn clocks(dataset: Dataset, legs: &[(&str, &str)], regimes: &[&str]) -> Retention {
    let flight = flight(legs);
    retention(&Subject { dataset, flight: &flight, origin: None }, &law(regimes), None)
}

#[test]
fn ag_01_nothing_goes_where_no_agreement_is() {
    refused(ALL, &[], &[], &["AG-01"]);
    refused(|r| r.to = FRA, &[demo()], &[], &["AG-01"]);
}

#[test]
fn ag_02_a_route_that_no_term_covers_is_refused() {
    let paris = flight(&[("LHR", "CDG")]);
    let mut r = request(&paris);
    r.mode = Mode::List;
    assert_eq!(ids(&decide(&r, &[demo()], &[])), (false, vec!["AG-02"]));
    let manchester = flight(&[("MAN", "IST")]);
    let mut r = request(&manchester);
    (r.mode, r.reviewed) = (Mode::Hit, true);
    assert!(decide(&r, &[demo()], &[]).is_ok());
}

#[test]
fn ag_03_a_mode_that_was_not_agreed_is_refused() {
    let manchester = flight(&[("MAN", "IST")]);
    assert_eq!(ids(&decide(&request(&manchester), &[demo()], &[])), (false, vec!["AG-03"]));
    refused(|r| (r.mode, r.reviewed) = (Mode::Hit, true), &[demo()], &[], &["AG-03"]);
}

#[test]
fn ag_04_before_its_first_and_after_its_last_day_it_covers_nothing() {
    let short = changed(|a| (a.from, a.until) = (date(2026, 3, 1), date(2026, 3, 31)));
    refused(|r| r.at = at("2026-02-28T23:59:59Z"), &short, &[], &["AG-04"]);
    refused(|r| r.at = at("2026-04-01T00:00:00Z"), &short, &[], &["AG-04"]);
    assert!(decided(|r| r.at = at("2026-03-01T00:00:00Z"), &short, &[]).0);
    assert!(decided(|r| r.at = at("2026-03-31T23:59:59Z"), &short, &[]).0);
    let term = changed(|a| a.directions[1].terms[0].until = Some(date(2025, 1, 1)));
    refused(ALL, &term, &[], &["AG-04"]);
}

#[test]
fn ag_05_either_party_alone_suspends_it_at_once() {
    refused(ALL, &[demo().suspended(Some(TUR))], &[], &["AG-05"]);
    assert!(decided(ALL, &[demo().suspended(Some(TUR)).suspended(None)], &[]).0);
}

#[test]
fn ag_06_a_purpose_that_it_does_not_name_is_refused() {
    refused(|r| r.purpose = Purpose::BorderControl, &[demo()], &[], &["AG-06"]);
}

#[test]
fn ag_07_a_dataset_that_it_does_not_cover_is_refused() {
    refused(pnr, &[demo()], &[], &["AG-07"]);
}

#[test]
fn ag_08_a_kind_of_flight_that_it_does_not_cover_is_refused() {
    let mut cargo = flight(&[("LHR", "IST")]);
    cargo.kind = FlightKind::Cargo;
    assert_eq!(ids(&decide(&request(&cargo), &[demo()], &[])), (false, vec!["AG-08"]));
}

#[test]
fn ag_09_when_nothing_of_what_was_asked_is_agreed_nothing_goes() {
    let only = |e: Element| ElementSet::EMPTY.with(e);
    refused(|r| r.elements = only(Element::Payment), &[demo()], &[], &["AG-09"]);
}

#[test]
fn ag_10_only_the_agreed_elements_go() {
    permitted_by(ALL, &[demo()], &[], "AG-10");
    let flight = flight(&[("LHR", "IST")]);
    let permit = decide(&request(&flight), &[demo()], &[]).unwrap();
    assert_eq!(permit.elements().to_string(), "flight, names, birth_date, nationality, documents");
    let mut narrow = request(&flight);
    narrow.elements = ElementSet::EMPTY.with(Element::Names);
    let permit = decide(&narrow, &[demo()], &[]).unwrap();
    assert_eq!(permit.elements().to_string(), "names");
}

#[test]
fn ag_11_the_agreement_sets_how_long_the_receiver_keeps_it() {
    permitted_by(ALL, &[demo()], &["national_default"], "AG-11");
    let flight = flight(&[("LHR", "IST")]);
    let permit = decide(&request(&flight), &[demo()], &law(&["national_default"])).unwrap();
    let (due, rule) = permit.retention().erase_due(date(2026, 3, 1));
    assert_eq!((due, rule.as_str()), (date(2026, 5, 30), "AG-11"));
}

#[test]
fn ag_12_the_agreement_sets_when_the_receiver_masks_it() {
    let flight = flight(&[("LHR", "IST")]);
    let permit = decide(&request(&flight), &[demo()], &law(&["uk_domestic"])).unwrap();
    let (due, rule) = permit.retention().mask_due(date(2026, 3, 1)).unwrap();
    assert_eq!((due, rule.as_str()), (date(2026, 3, 15), "AG-12"));
}

#[test]
fn ag_13_what_came_under_an_agreement_goes_on_only_as_it_allows() {
    let mut from_france = Agreement::from_toml(DEMO).unwrap();
    from_france.parties = [FRA, GBR];
    from_france.directions.truncate(1);
    from_france.directions[0].from = FRA;
    from_france.directions[0].to = GBR;
    let consented = |r: &mut policy::Request<'_>| (r.origin, r.origin_consents) = (Some(FRA), true);
    assert!(decided(consented, &[demo(), in_force(&from_france)], &[]).0);
    from_france.directions[0].onward = Onward::Never;
    refused(consented, &[demo(), in_force(&from_france)], &[], &["AG-13"]);
    refused(consented, &[demo()], &[], &["AG-13"]);
}

#[test]
fn ag_14_what_went_under_an_agreement_is_taken_back_under_it_whenever() {
    let id = demo().id();
    let both = [(GBR, TUR), (TUR, GBR)];
    for agreement in [demo(), demo().suspended(Some(TUR))] {
        for pair in both {
            let recall = policy::recall(id, pair, std::slice::from_ref(&agreement)).unwrap();
            assert_eq!(recall.rules().map(|r| r.as_str()), ["AG-14"]);
        }
    }
    let others = policy::recall(id, (FRA, GBR), &[demo()]).unwrap_err();
    assert_eq!(others.rules[0].as_str(), "AG-01");
    assert!(policy::recall(id, both[0], &[]).is_err());
}

/// The United Kingdom asks Türkiye, under the second version of the demo's agreement.
fn question() -> policy::Question {
    policy::Question {
        from: GBR,
        to: TUR,
        purpose: Purpose::Terrorism,
        dataset: Dataset::Pnr,
        elements: ElementSet::ALL,
        urgent: false,
        at: at("2026-03-01T09:00:00Z"),
    }
}

fn second() -> Agreement {
    let toml = include_str!("../../../docs/agreements/gbr-tur-requests.toml");
    Agreement::from_toml(toml).unwrap()
}

fn asked(
    change: impl FnOnce(&mut policy::Question),
    agreements: &[InForce],
    regimes: &[&str],
) -> (bool, Vec<&'static str>) {
    let mut question = question();
    change(&mut question);
    match policy::ask(&question, agreements, &law(regimes)) {
        Ok(leave) => (true, leave.rules().iter().map(|r| r.as_str()).collect()),
        Err(refusal) => (false, refusal.rules.iter().map(|r| r.as_str()).collect()),
    }
}

#[test]
fn ag_15_whom_an_agreement_answers_may_ask_and_nobody_else() {
    let agreed = [in_force(&second())];
    let leave = policy::ask(&question(), &agreed, &law(&["uk_domestic"])).unwrap();
    let rules: Vec<&str> = leave.rules().iter().map(|r| r.as_str()).collect();
    assert_eq!(rules, ["AG-10", "AG-15", "UK-01"]);
    assert!(leave.elements().contains(Element::Names) && leave.justify_by().is_none());
    assert!(!leave.elements().contains(Element::Payment));
    assert_eq!(asked(|_| {}, &[demo()], &[]), (false, vec!["AG-03"]), "no term answers");
    assert_eq!(asked(|q| q.to = FRA, &agreed, &[]), (false, vec!["AG-01"]));
    assert_eq!(asked(|q| q.at = at("2019-01-01T00:00:00Z"), &agreed, &[]), (false, vec!["AG-04"]));
    let suspended = [in_force(&second()).suspended(Some(TUR))];
    assert_eq!(asked(|_| {}, &suspended, &[]), (false, vec!["AG-05"]));
    let other = |q: &mut policy::Question| q.purpose = Purpose::VitalInterest;
    assert_eq!(asked(other, &agreed, &[]), (false, vec!["AG-06"]));
    assert_eq!(asked(|q| q.dataset = Dataset::Crew, &agreed, &[]), (false, vec!["AG-07"]));
    let nothing = |q: &mut policy::Question| q.elements = ElementSet::EMPTY.with(Element::Payment);
    assert_eq!(asked(nothing, &agreed, &[]), (false, vec!["AG-09"]));
    let border = |q: &mut policy::Question| q.purpose = Purpose::BorderControl;
    assert_eq!(asked(border, &agreed, &["eu_pnr"]), (false, vec!["EU-01"]), "the asker's own law");
}

#[test]
fn ag_15_what_is_answered_is_asked_of_agreement_and_law_anew_and_by_an_officer() {
    let agreed = [in_force(&second())];
    let flight = flight(&[("ESB", "CDG")]);
    let mut r = request(&flight);
    (r.from, r.to, r.mode, r.dataset) = (TUR, GBR, Mode::Answer, Dataset::Pnr);
    assert_eq!(ids(&decide(&r, &agreed, &law(&["eu_pnr"]))), (false, vec!["DF-05", "EU-08"]));
    r.reviewed = true;
    assert!(decide(&r, &agreed, &law(&["eu_pnr"])).is_ok());
    r.masked = true;
    assert_eq!(ids(&decide(&r, &agreed, &law(&["eu_pnr"]))), (false, vec!["EU-17"]));
    (r.masked, r.origin) = (false, Some(FRA));
    assert_eq!(ids(&decide(&r, &agreed, &law(&["eu_pnr"]))), (false, vec!["EU-22"]));
    (r.origin, r.mode) = (None, Mode::List);
    assert_eq!(ids(&decide(&r, &agreed, &[])), (false, vec!["AG-03"]), "lists are another matter");
}

#[test]
fn ag_16_an_emergency_is_asked_where_it_was_agreed_and_has_its_times() {
    let agreed = [in_force(&second())];
    let mut question = question();
    question.urgent = true;
    let leave = policy::ask(&question, &agreed, &[]).unwrap();
    assert_eq!(leave.answer_by(), Some(at("2026-03-01T10:00:00Z")));
    assert_eq!(leave.justify_by(), Some(at("2026-03-03T09:00:00Z")));
    assert!(leave.rules().iter().any(|r| r.as_str() == "AG-16"));
    let back = |q: &mut policy::Question| {
        (q.from, q.to, q.dataset, q.urgent) = (TUR, GBR, Dataset::Api, true);
    };
    assert_eq!(asked(back, &agreed, &[]), (false, vec!["AG-16"]));
}

#[test]
fn eu_01_pnr_serves_only_against_terrorism_and_serious_crime() {
    let agreed = changed(|a| {
        a.directions[1].terms[0].datasets.push(Dataset::Pnr);
        a.directions[1].purposes.push(Purpose::BorderControl);
    });
    let border = |r: &mut policy::Request<'_>| {
        (r.dataset, r.purpose) = (Dataset::Pnr, Purpose::BorderControl);
    };
    refused(border, &agreed, &["eu_pnr"], &["EU-01"]);
    assert!(decided(border, &agreed, &["uk_domestic"]).0);
}

#[test]
fn eu_04_what_annex_i_does_not_list_is_not_in_the_vocabulary() {
    let pack = policy::Regime::named("eu_pnr").unwrap();
    assert_eq!(pack.elements(), ElementSet::ALL);
    let own = include_str!("../regimes/eu_pnr.toml").replace("\"all\"", "\"names\"");
    let narrow = policy::Regime::from_toml(&own).unwrap();
    let flight = flight(&[("LHR", "IST")]);
    let mut r = request(&flight);
    r.dataset = Dataset::Pnr;
    let permit = decide(&r, &pnr_lists(), &[narrow]).unwrap();
    assert_eq!(permit.elements().to_string(), "names");
    assert!(permit.rules().iter().any(|r| r.as_str() == "EU-04"));
}

#[test]
fn eu_08_no_hit_goes_that_no_person_has_reviewed() {
    let manchester = flight(&[("MAN", "IST")]);
    let mut r = request(&manchester);
    hit(&mut r);
    r.reviewed = false;
    let answer = decide(&r, &[demo()], &law(&["eu_pnr"]));
    assert_eq!(ids(&answer), (false, vec!["DF-05", "EU-08"]));
    r.reviewed = true;
    assert!(ids(&decide(&r, &[demo()], &law(&["eu_pnr"]))).1.contains(&"EU-08"));
}

#[test]
fn eu_17_masked_data_stays() {
    let masked = |r: &mut policy::Request<'_>| (r.dataset, r.masked) = (Dataset::Pnr, true);
    refused(masked, &pnr_lists(), &["eu_pnr"], &["EU-17"]);
}

#[test]
fn eu_22_what_another_state_sent_goes_on_only_with_its_consent() {
    let theirs = |r: &mut policy::Request<'_>| (r.dataset, r.origin) = (Dataset::Pnr, Some(FRA));
    refused(theirs, &pnr_lists(), &["eu_pnr"], &["EU-22"]);
}

#[test]
fn eu_24_pnr_is_kept_for_five_years_at_most() {
    let kept = clocks(Dataset::Pnr, &[("LHR", "IST")], &["eu_pnr"]).erase_due(date(2024, 2, 29));
    assert_eq!((kept.0, kept.1.as_str()), (date(2029, 2, 28), "EU-24"));
}

#[test]
fn eu_25_after_six_months_identity_is_masked() {
    let kept = clocks(Dataset::Pnr, &[("LHR", "IST")], &["eu_pnr"]);
    let (due, rule) = kept.mask_due(date(2023, 8, 31)).unwrap();
    assert_eq!((due, rule.as_str()), (date(2024, 2, 29), "EU-25"));
    let identity = [Element::Names, Element::Contact, Element::Payment, Element::FrequentFlyer];
    assert!(identity.iter().all(|e| kept.masked_elements().contains(*e)));
    assert!(kept.masked_elements().contains(Element::CoTravellers));
    assert!(!kept.masked_elements().contains(Element::Flight));
}

#[test]
fn eu_30_sensitive_data_is_never_sent() {
    let sensitive = |r: &mut policy::Request<'_>| (r.dataset, r.sensitive) = (Dataset::Pnr, true);
    refused(sensitive, &pnr_lists(), &["eu_pnr"], &["EU-30"]);
}

#[test]
fn cj_01_open_headings_do_not_widen_what_goes() {
    let all = changed(|a| {
        a.directions[1].terms[0].datasets.push(Dataset::Pnr);
        a.directions[1].terms[0].elements = ElementSet::ALL;
    });
    permitted_by(pnr, &all, &["eu_pnr_cjeu"], "CJ-01");
    let flight = flight(&[("LHR", "IST")]);
    let mut r = request(&flight);
    pnr(&mut r);
    let permit = decide(&r, &all, &law(&["eu_pnr_cjeu"])).unwrap();
    assert!(!permit.elements().contains(Element::Remarks));
    assert!(!permit.elements().contains(Element::History));
}

#[test]
fn cj_02_border_control_is_no_purpose_for_pnr() {
    let border = |r: &mut policy::Request<'_>| {
        (r.dataset, r.purpose) = (Dataset::Pnr, Purpose::BorderControl);
    };
    refused(border, &pnr_lists(), &["eu_pnr_cjeu"], &["CJ-02"]);
}

#[test]
fn cj_06_nothing_goes_without_a_reviewer_who_finds_reasonable_suspicion() {
    let unreviewed = |r: &mut policy::Request<'_>| {
        hit(r);
        r.reviewed = false;
    };
    refused(unreviewed, &[demo()], &["eu_pnr_cjeu"], &["CJ-06", "DF-05"]);
}

#[test]
fn cj_08_after_six_months_only_those_in_a_case_are_left() {
    let both = clocks(Dataset::Pnr, &[("LHR", "IST")], &["eu_pnr", "eu_pnr_cjeu"]);
    let (due, rule) = both.erase_due(date(2026, 1, 10));
    assert_eq!((due, rule.as_str()), (date(2026, 7, 10), "CJ-08"));
    assert_eq!(both.mask_due(date(2026, 1, 10)), None);
}

#[test]
fn uk_01_purposes_are_terrorism_serious_crime_and_exceptionally_life() {
    let agreed = changed(|a| {
        a.directions[1].terms[0].datasets.push(Dataset::Pnr);
        a.directions[1].purposes = Purpose::ALL.to_vec();
    });
    let with =
        |p: Purpose| move |r: &mut policy::Request<'_>| (r.dataset, r.purpose) = (Dataset::Pnr, p);
    permitted_by(with(Purpose::VitalInterest), &agreed, &["uk_domestic"], "UK-01");
    refused(with(Purpose::CriteriaDevelopment), &agreed, &["uk_domestic"], &["UK-01"]);
}

#[test]
fn uk_02_flights_that_touch_a_member_state_are_under_the_eu_uk_agreement() {
    let tca = policy::Regime::named("uk_eu_tca").unwrap();
    let binds = |legs: &[(&str, &str)], origin| {
        let flight = flight(legs);
        tca.binds(&Subject { dataset: Dataset::Pnr, flight: &flight, origin })
    };
    assert!(binds(&[("CDG", "LHR")], None));
    assert!(binds(&[("JFK", "CDG"), ("CDG", "LHR")], None));
    assert!(!binds(&[("IST", "LHR")], None));
    assert!(binds(&[("IST", "LHR")], Some(FRA)));
}

#[test]
fn uk_03_special_categories_are_not_used() {
    refused(|r| r.sensitive = true, &[demo()], &["uk_domestic"], &["UK-03"]);
}

#[test]
fn uk_07_a_machine_alone_decides_nothing() {
    let unreviewed = |r: &mut policy::Request<'_>| r.mode = Mode::Hit;
    refused(unreviewed, &[demo()], &["uk_domestic"], &["DF-05", "UK-07"]);
}

#[test]
fn uk_08_eu_data_is_kept_for_five_years_at_most_and_masked_at_six_months() {
    let kept = clocks(Dataset::Pnr, &[("CDG", "LHR")], &["uk_eu_tca"]);
    assert_eq!(kept.erase_due(date(2026, 1, 1)).1.as_str(), "UK-08");
    assert_eq!(kept.mask_due(date(2026, 1, 1)).unwrap().0, date(2026, 7, 1));
}

#[test]
fn uk_09_who_has_left_goes_unless_every_law_accepts_a_ground() {
    let flight = flight(&[("LHR", "CDG")]);
    let about = |dataset| Subject { dataset, flight: &flight, origin: None };
    let tca = law(&["uk_eu_tca", "icao_annex9"]);
    let left = policy::departed(&about(Dataset::Pnr), &tca).unwrap();
    let (due, rule) = left.due(date(2026, 1, 31)).unwrap();
    assert_eq!((due, rule.as_str()), (date(2026, 2, 1), "UK-09"));
    let all = [Ground::UpheldHit, Ground::Case, Ground::Hold];
    assert_eq!(left.grounds, all);
    assert!(policy::departed(&about(Dataset::Api), &tca).is_none(), "it is about PNR");
    // A stricter one beside it: the shortest period, and what both accept.
    let strict = include_str!("../regimes/uk_eu_tca.toml")
        .replace("\"P1D\"", "\"P0D\"")
        .replace("\"upheld_hit\", \"case\", \"hold\"", "\"case\", \"open_hit\"");
    let both = [tca, vec![policy::Regime::from_toml(&strict).unwrap()]].concat();
    let left = policy::departed(&about(Dataset::Pnr), &both).unwrap();
    assert_eq!(left.due(date(2026, 1, 31)).unwrap().0, date(2026, 1, 31));
    assert_eq!(left.grounds, [Ground::Case]);
}

#[test]
fn uk_13_what_another_state_sent_needs_its_safeguards() {
    refused(|r| r.origin = Some(FRA), &[demo()], &["uk_domestic"], &["UK-13"]);
}

#[test]
fn uk_16_other_data_than_pnr_does_not_go() {
    let own = include_str!("../regimes/uk_domestic.toml").replace("\"all\"", "\"names\"");
    let narrow = policy::Regime::from_toml(&own).unwrap();
    let flight = flight(&[("LHR", "IST")]);
    let permit = decide(&request(&flight), &[demo()], &[narrow]).unwrap();
    assert!(permit.rules().iter().any(|r| r.as_str() == "UK-16"));
}

#[test]
fn uk_19_other_pnr_is_deleted_after_five_years() {
    let kept = clocks(Dataset::Pnr, &[("IST", "LHR")], &["uk_domestic", "uk_eu_tca"]);
    let (due, rule) = kept.erase_due(date(2026, 1, 1));
    assert_eq!((due, rule.as_str()), (date(2031, 1, 1), "UK-19"));
}

#[test]
fn uk_21_masked_six_months_after_the_transfer_and_then_it_stays() {
    let kept = clocks(Dataset::Api, &[("IST", "LHR")], &["uk_domestic"]);
    assert_eq!(kept.mask_due(date(2026, 1, 1)).unwrap().1.as_str(), "UK-21");
    refused(|r| r.masked = true, &[demo()], &["uk_domestic"], &["UK-21"]);
}

fn us_2012(day: jiff::civil::Date) -> policy::Clocks {
    clocks(Dataset::Pnr, &[("CDG", "JFK")], &["eu_us_2012"]).clocks(day)
}

#[test]
fn us_01_masked_six_months_after_it_was_sent() {
    let (due, rule) = us_2012(date(2026, 8, 31)).mask.unwrap();
    assert_eq!((due, rule.as_str()), (date(2027, 2, 28), "US-01"));
}

#[test]
fn us_02_payment_and_frequent_flyer_are_not_masked_unlike_in_the_union() {
    let masked = us_2012(date(2026, 1, 1)).masked;
    let european = clocks(Dataset::Pnr, &[("CDG", "JFK")], &["eu_pnr"]).masked_elements();
    let more = [Element::Payment, Element::FrequentFlyer].into_iter().collect::<ElementSet>();
    assert_eq!(european.difference(masked), more);
    assert!(masked.is_subset(european));
    let both = clocks(Dataset::Pnr, &[("CDG", "JFK")], &["eu_us_2012", "eu_pnr"]);
    assert_eq!(both.masked_elements(), european, "the widest mask wins");
    assert!(both.rules().iter().any(|r| r.as_str() == "US-02"));
}

#[test]
fn us_03_a_dormant_record_is_not_exchanged() {
    let paris = flight(&[("CDG", "IST")]);
    let mut r = request(&paris);
    (r.dataset, r.masked) = (Dataset::Pnr, true);
    let refusal = decide(&r, &pnr_lists(), &law(&["eu_us_2012"])).unwrap_err();
    assert!(refusal.rules.iter().any(|r| r.as_str() == "US-03"));
}

#[test]
fn us_04_gone_after_fifteen_years() {
    let (due, rule) = us_2012(date(2024, 2, 29)).erase;
    assert_eq!((due, rule.as_str()), (date(2039, 2, 28), "US-04"));
}

/// A request about PNR of a flight from Paris, under the agreement with the United States.
fn american(change: impl FnOnce(&mut policy::Request<'_>)) -> Vec<&'static str> {
    let paris = flight(&[("CDG", "IST")]);
    let mut r = request(&paris);
    r.dataset = Dataset::Pnr;
    change(&mut r);
    ids(&decide(&r, &pnr_lists(), &law(&["eu_us_2012"]))).1
}

#[test]
fn us_06_sensitive_data_is_not_used() {
    assert_eq!(american(|r| r.sensitive = true), ["US-06"]);
}

#[test]
fn us_09_what_another_state_sent_goes_on_with_its_consent() {
    assert_eq!(american(|r| r.origin = Some(FRA)), ["US-09"]);
}

#[test]
fn us_11_border_control_is_no_purpose_of_it() {
    assert_eq!(american(|r| r.purpose = Purpose::BorderControl), ["US-11"]);
}

#[test]
fn us_12_only_the_types_of_data_that_it_lists() {
    let pack = include_str!("../regimes/eu_us_2012.toml").replace("\"all\"", "\"names\"");
    let narrow = policy::Regime::from_toml(&pack).unwrap();
    let paris = flight(&[("LHR", "CDG"), ("CDG", "IST")]);
    let mut r = request(&paris);
    r.dataset = Dataset::Pnr;
    let permit = decide(&r, &pnr_lists(), &[narrow]).unwrap();
    assert!(permit.rules().iter().any(|r| r.as_str() == "US-12"));
}

#[test]
fn ic_05_purposes_are_no_wider_than_the_law_names() {
    let criteria = |r: &mut policy::Request<'_>| r.purpose = Purpose::CriteriaDevelopment;
    refused(criteria, &[demo()], &["icao_annex9"], &["IC-05"]);
}

#[test]
fn ic_08_no_harm_by_a_machine_alone() {
    refused(|r| r.mode = Mode::Hit, &[demo()], &["icao_annex9"], &["DF-05", "IC-08"]);
}

#[test]
fn ic_10_sensitive_data_is_not_used() {
    refused(|r| r.sensitive = true, &[demo()], &["icao_annex9"], &["IC-10"]);
}

#[test]
fn ic_12_five_years_at_most_and_six_months_with_a_name() {
    let kept = clocks(Dataset::Crew, &[("JFK", "GRU")], &["icao_annex9"]);
    assert_eq!(kept.erase_due(date(2026, 1, 1)).0, date(2031, 1, 1));
    assert_eq!(kept.mask_due(date(2026, 1, 1)).unwrap().1.as_str(), "IC-12");
}

#[test]
fn df_01_only_the_purposes_that_the_state_has_named() {
    let criteria = |r: &mut policy::Request<'_>| r.purpose = Purpose::CriteriaDevelopment;
    refused(criteria, &[demo()], &["national_default"], &["DF-01"]);
}

#[test]
fn df_02_only_the_elements_that_the_state_has_named() {
    permitted_by(ALL, &[demo()], &["national_default"], "DF-02");
}

#[test]
fn df_03_without_a_law_a_record_lives_six_months() {
    let kept = clocks(Dataset::Api, &[("LHR", "IST")], &[]);
    let (due, rule) = kept.erase_due(date(2025, 8, 31));
    assert_eq!((due, rule.as_str()), (date(2026, 2, 28), "DF-03"));
}

#[test]
fn df_04_what_came_from_another_state_needs_its_consent() {
    refused(|r| r.origin = Some(FRA), &[demo()], &["national_default"], &["DF-04"]);
}

#[test]
fn df_05_where_no_law_binds_a_hit_still_needs_an_officer() {
    refused(|r| r.mode = Mode::Hit, &[demo()], &[], &["DF-05"]);
}

#[test]
fn df_06_sensitive_data_is_not_sent() {
    refused(|r| r.sensitive = true, &[demo()], &["national_default"], &["DF-06"]);
}

#[test]
fn df_07_masked_data_is_not_sent() {
    refused(|r| r.masked = true, &[demo()], &["national_default"], &["DF-07"]);
}

#[test]
fn df_08_without_a_law_identity_is_masked_after_a_month() {
    let kept = clocks(Dataset::Api, &[("LHR", "IST")], &["national_default"]);
    let (due, rule) = kept.mask_due(date(2026, 1, 31)).unwrap();
    assert_eq!((due, rule.as_str()), (date(2026, 2, 28), "DF-08"));
}

#[test]
fn df_09_what_is_no_list_is_gone_after_a_month() {
    let kept = policy::Clocks::of_no_list(date(2026, 1, 31));
    assert_eq!((kept.erase.0, kept.erase.1.as_str()), (date(2026, 2, 28), "DF-09"));
    assert!(kept.mask.is_none());
}

/// §1.12: of several regimes the shortest keeping, the earliest masking, the widest mask,
/// each with the rule that set it.
#[test]
fn of_several_clocks_the_strictest_wins() {
    let legs = [("LHR", "CDG")];
    let all = ["uk_domestic", "uk_eu_tca", "eu_pnr", "eu_us_2012", "icao_annex9"];
    let kept = clocks(Dataset::Pnr, &legs, &all).clocks(date(2026, 3, 31));
    assert_eq!(kept.erase.0, date(2031, 3, 31));
    assert_eq!(kept.mask.unwrap().0, date(2026, 9, 30));
    let more: Vec<&str> = all.iter().copied().chain(["eu_pnr_cjeu"]).collect();
    let shorter = clocks(Dataset::Pnr, &legs, &more).clocks(date(2026, 3, 31));
    assert_eq!((shorter.erase.0, shorter.erase.1.as_str()), (date(2026, 9, 30), "CJ-08"));
    assert!(shorter.mask.is_none(), "it is gone by then");
}

#[test]
fn a_record_that_is_sent_again_keeps_the_clocks_of_the_first() {
    let fresh = clocks(Dataset::Api, &[("IST", "LHR")], &["uk_domestic"]).clocks(date(2027, 1, 1));
    let again = fresh.not_after(date(2031, 1, 1), Some(date(2026, 7, 1)));
    assert_eq!((again.erase.0, again.mask.unwrap().0), (date(2031, 1, 1), date(2026, 7, 1)));
    assert_eq!(fresh.not_after(date(2040, 1, 1), None), fresh, "and never longer ones");
}

#[test]
fn deny_wins_and_every_rule_against_is_named() {
    refused(
        |r| (r.masked, r.sensitive) = (true, true),
        &[demo()],
        &["uk_domestic", "icao_annex9", "national_default"],
        &["DF-06", "DF-07", "IC-10", "UK-03", "UK-21"],
    );
}

/// No law that binds besides can make more of a record go, or be kept for longer.
#[test]
fn a_further_regime_never_widens() {
    let names =
        ["eu_pnr", "eu_pnr_cjeu", "uk_eu_tca", "uk_domestic", "icao_annex9", "national_default"];
    let agreements = changed(|a| {
        a.directions[1].terms[0].elements = ElementSet::ALL;
        a.directions[1].terms[0].datasets.push(Dataset::Pnr);
        a.directions[1].retention_days = 3_000;
    });
    let flight = flight(&[("LHR", "CDG"), ("CDG", "IST")]);
    for chosen in 0u32..1 << names.len() {
        for added in 0..names.len() {
            let pick = |bits: u32| -> Vec<&str> {
                (0..names.len()).filter(|i| bits & (1 << i) != 0).map(|i| names[i]).collect()
            };
            let (few, more) = (law(&pick(chosen)), law(&pick(chosen | 1 << added)));
            for purpose in Purpose::ALL {
                let mut r = request(&flight);
                (r.dataset, r.purpose) = (Dataset::Pnr, purpose);
                let Ok(wide) = decide(&r, &agreements, &more) else { continue };
                let narrow = decide(&r, &agreements, &few).unwrap();
                assert!(wide.elements().is_subset(narrow.elements()));
                let day = date(2026, 1, 31);
                if !few.is_empty() {
                    assert!(
                        wide.retention().erase_due(day).0 <= narrow.retention().erase_due(day).0
                    );
                }
            }
        }
    }
}

#[test]
fn every_rule_id_has_a_test_that_bears_its_name() {
    let tests = include_str!("rules.rs");
    for rule in RULES {
        let name = format!("fn {}_", rule.id.as_str().to_lowercase().replace('-', "_"));
        assert!(tests.contains(&name), "no test for {}", rule.id);
        assert!(rule.sentence.ends_with('.'), "{} says nothing", rule.id);
    }
}

/// `UPDATE_EXPECT=1 cargo test -p policy` writes the page anew.
#[test]
fn the_page_of_rules_is_made_from_the_tables() {
    let mut page = String::from(
        "# Rules\n\nMade from `crates/policy/src/rules.rs` and `crates/policy/regimes`. Every answer of\n\
         `policy::decide` and every clock names the rules that decided it. The values were taken from\n\
         the published texts and from commentary; no lawyer has checked them yet.\n\n\
         | id | what it says | packs |\n|---|---|---|\n",
    );
    let packs = policy::Regime::all();
    for rule in RULES {
        let using: Vec<&str> = packs
            .iter()
            .filter(|p| p.rules().contains(&rule.id))
            .map(|p| p.name.as_str())
            .collect();
        page += &format!("| {} | {} | {} |\n", rule.id, rule.sentence, using.join(", "));
    }
    page += "\n## Packs\n\n| pack | | keep | mask | purposes |\n|---|---|---|---|---|\n";
    for p in &packs {
        let mask = p.mask().map_or_else(String::new, |(period, rule)| format!("{period} ({rule})"));
        let purposes: Vec<&str> = p.purposes().iter().map(|p| p.name()).collect();
        let (keep, rule) = p.keep();
        page += &format!(
            "| `{}` | {} | {keep} ({rule}) | {mask} | {} |\n",
            p.name,
            p.title,
            purposes.join(", ")
        );
    }
    expect_test::expect_file!["../../../docs/law.md"].assert_eq(&page);
}
