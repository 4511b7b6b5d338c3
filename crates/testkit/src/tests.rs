//! The world is what it says, and the same twice.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use jiff::Timestamp;
use travel::{Country, Dataset};

use crate::{CULTURES, LISTED, Place, STATES, World, nationalities, render, to_csv};

fn now() -> Timestamp {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

#[test]
fn there_are_enough_cultures_and_nationalities_and_every_code_is_known() {
    assert!(CULTURES.len() >= 25, "{}", CULTURES.len());
    let codes: HashSet<_> = nationalities().into_iter().map(|n| n.0).collect();
    assert!(codes.len() >= 80, "{}", codes.len());
    assert!(codes.iter().all(|c| travel::is_country_code(*c)));
}

#[test]
fn the_watchlists_overlap_partly_and_their_ids_are_distinct() {
    let world = World::new(7);
    let [a, b] = STATES.map(|s| world.list(s).iter().map(|l| l.number).collect::<HashSet<_>>());
    assert_eq!((a.len(), b.len()), (LISTED as usize, LISTED as usize));
    assert_eq!(a.intersection(&b).count(), 5_000);
    let csv = to_csv(world.list(STATES[0]));
    assert_eq!(csv.lines().count(), 15_001);
    assert!(csv.lines().all(|l| l.matches(',').count() == 7), "no name has a comma");
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_others() {
    let at = now().to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let bytes = |seed| render(&World::new(seed).submission(3, now()), STATES[0], 3, at);
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn every_message_reads_back_with_everybody_and_the_mixture_is_as_promised() {
    let world = World::new(42);
    let at = now().to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let (mut pnr, mut both, mut truths, mut travellers) = (0, 0, 0, 0);
    for position in 0..120 {
        let submission = world.submission(position, now());
        assert!(!submission.states.is_empty());
        for state in &submission.states {
            let bytes = render(&submission, *state, position, at);
            let reading = messages::read(&bytes, edifact::Mode::Tolerant, at.date());
            assert!(!reading.fatal, "{position}: {:?}", reading.findings);
            let read: usize = reading.messages.iter().map(|m| m.report.travellers.len()).sum();
            assert_eq!(read, submission.report.travellers.len(), "{position}");
            let flight = &reading.messages[0].report.flights[0];
            assert_eq!(flight.key(), submission.report.flights[0].key(), "{position}");
        }
        pnr += usize::from(submission.report.dataset == Dataset::Pnr);
        both += usize::from(submission.states.len() == 2);
        truths += submission.truths.len();
        travellers += submission.report.travellers.len();
    }
    assert!((8..40).contains(&pnr), "{pnr}");
    assert!(both > 50, "{both}");
    assert!(truths > 100, "{truths}");
    assert!(travellers > 12_000, "{travellers}");
}

#[test]
fn in_a_world_of_more_states_flights_go_from_each_to_each_other_in_turn() {
    let places: Vec<Place> = [("DEU", "FRA"), ("JOR", "AMM"), ("USA", "JFK"), ("QAT", "DOH")]
        .map(|(state, airport)| Place {
            state: Country::new(state),
            airports: vec![airport.to_owned()],
        })
        .to_vec();
    let world = World::of(3, &places, 900);
    let mut pairs = HashSet::new();
    for position in 0..12 {
        let submission = world.submission(position, now());
        assert_eq!(submission.states.len(), 2, "{position}");
        let flight = &submission.report.flights[0];
        let (from, to) = flight.ends();
        pairs.insert((from.to_owned(), to.to_owned()));
        let minutes = flight.arrives_at().unwrap() - flight.departs_at().unwrap();
        let minutes = minutes.total(jiff::Unit::Minute).unwrap();
        assert!((100.0..900.0).contains(&minutes), "{from} {to} {minutes}");
    }
    assert_eq!(pairs.len(), 12);
    assert_eq!(world.list(Country::new("JOR")).len(), 900);
    assert!(world.list(Country::new("GBR")).is_empty());
}
