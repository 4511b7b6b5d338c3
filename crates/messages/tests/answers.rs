//! What states answer is read, written, and read again to the same.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use edifact::Mode;
use jiff::civil::{date, datetime};
use messages::cusres::{Cusres, Decision, Outcome};
use messages::{Outgoing, ackres, cusres};
use proptest::prelude::*;
use travel::{Flight, Leg, LocalTime};

fn out(release: &str) -> Outgoing {
    Outgoing {
        sender: "GBR".into(),
        recipient: "ZZ".into(),
        reference: "R1".into(),
        message_reference: "M1".into(),
        made_at: datetime(2026, 3, 1, 9, 0, 0, 0),
        test: false,
        release: release.into(),
    }
}

fn again(said: &Cusres) -> Cusres {
    let bytes = cusres::write(said, &out("05B"));
    let (interchange, faults) = edifact::read(&bytes, Mode::Strict);
    assert!(faults.is_empty(), "{}", String::from_utf8_lossy(&bytes));
    cusres::read(&interchange.messages()[0], date(2026, 3, 1))
}

fn files(of: &str) -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(of);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared =
        std::env::var_os("PASSERELLE_SHARED").map_or(root.join("../shared"), PathBuf::from);
    let folders = [own, shared.join("samples").join(of)];
    let entries = folders.iter().filter_map(|f| std::fs::read_dir(f).ok()).flatten();
    let paths = entries.map(|e| e.unwrap().path());
    paths.filter(|p| p.extension().is_some_and(|e| e == "edi")).collect()
}

#[test]
fn every_cusres_is_written_as_it_was_read() {
    let files = files("cusres");
    assert!(files.len() >= 7);
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let (interchange, _) = edifact::read(&bytes, Mode::Tolerant);
        let said = cusres::read(&interchange.messages()[0], date(2026, 3, 1));
        assert!(!said.outcomes.is_empty() && !said.function.is_empty(), "{}", path.display());
        let named = String::from_utf8_lossy(&bytes).matches("ERP").count();
        assert_eq!(said.outcomes.len(), named, "{}", path.display());
        assert_eq!(again(&said), said, "{}", path.display());
    }
}

#[test]
fn every_ackres_is_written_as_it_was_read() {
    for path in files("ackres") {
        let bytes = std::fs::read(&path).unwrap();
        let (interchange, _) = edifact::read(&bytes, Mode::Tolerant);
        let said = ackres::read(&interchange.messages()[0]);
        let bytes = ackres::write(&said, &out("17:1"));
        let (interchange, faults) = edifact::read(&bytes, Mode::Strict);
        assert!(faults.is_empty());
        assert_eq!(ackres::read(&interchange.messages()[0]), said, "{}", path.display());
    }
}

#[test]
fn result_codes_come_to_decisions() {
    use Decision::*;
    let codes = ["0Z", "0A", "1Z", "2Z", "4Z", "0", "1", "118", "103", "777", "9X", "", "0ZZ"];
    let all: Vec<Decision> = codes.iter().map(|c| Decision::of(c)).collect();
    let expected = [
        Board,
        Board,
        NoBoard,
        Advice,
        Insufficient,
        Accepted,
        Exception,
        Failed,
        Failed,
        Failed,
        Unknown,
        Unknown,
        Unknown,
    ];
    assert_eq!(all, expected);
}

prop_compose! {
    fn outcome()(
        person in any::<bool>(),
        locator in "[A-Z0-9]{0,6}",
        reference in "[A-Z0-9]{1,25}",
        code in prop::sample::select(vec!["0Z", "1Z", "2Z", "4Z", "0", "1", "118"]),
        text in "[A-Z0-9 '+:?.]{0,40}",
    ) -> Outcome {
        Outcome { person, locator, reference, code: code.into(), text }
    }
}

proptest! {
    #[test]
    fn whatever_is_answered_is_read_as_it_was_meant(
        outcomes in prop::collection::vec(outcome(), 0..12),
        function in prop::sample::select(vec!["962", "132", "312"]),
        reference in "[A-Z0-9]{0,20}",
        access_reference in "[A-Z0-9/]{0,20}",
        legs in 1usize..4,
    ) {
        const STOPS: [&str; 4] = ["IST", "AMS", "LHR", "JFK"];
        let time = |hour| Some(LocalTime(datetime(2026, 3, 2, hour, 30, 0, 0)));
        let legs = (0..legs).map(|i| Leg {
            from: STOPS[i].into(),
            to: STOPS[i + 1].into(),
            departs: time(i as i8 * 3),
            arrives: time(i as i8 * 3 + 2),
        });
        let flight = Flight {
            carrier: "TK".into(), number: "1980".into(), legs: legs.collect(), ..Flight::default()
        };
        let said = Cusres {
            function: function.into(), reference, access_reference, flights: vec![flight], outcomes,
        };
        prop_assert_eq!(again(&said), said);
    }
}
