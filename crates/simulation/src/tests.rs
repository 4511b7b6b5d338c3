//! Worlds of a few seeds, and a few of the bugs; the rest is `cargo xtask simulate`.

use crate::{Options, PLANTS, run};

#[test]
fn whatever_fails_the_promises_are_kept() {
    for seed in 0..8 {
        let report = run(seed, &Options::default());
        assert!(report.violations.is_empty(), "seed {seed}: {:#?}", report.violations);
    }
}

#[test]
fn twenty_one_states_come_to_rest() {
    let options = Options { states: Some(21), ..Options::default() };
    let report = run(3, &options);
    assert!(report.violations.is_empty(), "{:#?}", report.violations);
    assert!(report.delivered > 100);
}

#[test]
fn what_a_partner_lost_goes_again_only_if_it_still_may() {
    // A partner's disk lied, and asks for parcels of a version that has ended and was wider.
    let report = run(252, &Options::default());
    assert!(report.violations.is_empty(), "{:#?}", report.violations);
}

#[test]
fn one_seed_has_one_course() {
    let options = Options { trace: true, ..Options::default() };
    let (once, again) = (run(7, &options), run(7, &options));
    assert_eq!(once.trace, again.trace);
    assert!(once.events > 0 && once.events == again.events);
}

#[test]
fn a_planted_bug_is_found() {
    // All of them are looked for by `cargo xtask simulate --plant all`.
    for name in
        ["receipt-made-anew", "fork-overlooked", "event-forgotten", "sends-uncut", "total-guessed"]
    {
        let row = PLANTS.iter().find(|row| row.name == name);
        let options = Options { plant: row.map(|r| r.plant), ..Options::default() };
        let found = (0..60).any(|seed| !run(seed, &options).violations.is_empty());
        assert!(found, "{name} was not found in sixty seeds");
    }
}
