//! Messages with one thing wrong, and the truth known beforehand: the travellers, the flight
//! and the fault come back as they were made.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::Timestamp;
use jiff::civil::date;
use messages::{Outgoing, Reading};
use testkit::{DAMAGES, Damage, Rng, Survivors, World};
use travel::{Dataset, Report};

fn now() -> Timestamp {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

fn lists(dataset: Dataset, how_many: usize) -> Vec<Report> {
    let world = World::new(3);
    let submissions = (0..).map(|i| world.submission(i, now()).report);
    let own = submissions.filter(|r| r.dataset == dataset).map(|mut r| {
        r.travellers.truncate(12);
        // A transaction number makes it a request about some of the travellers.
        r.reference = Default::default();
        r.stated_total = r.stated_total.map(|_| 12);
        r
    });
    own.take(how_many).collect()
}

fn outgoing(release: &str) -> Outgoing {
    Outgoing {
        sender: "TK".into(),
        recipient: "GBR".into(),
        reference: "R1".into(),
        message_reference: "M1".into(),
        made_at: jiff::civil::datetime(2026, 3, 1, 9, 0, 0, 0),
        test: false,
        release: release.into(),
    }
}

fn read(bytes: &[u8]) -> Reading {
    messages::read(bytes, Mode::Tolerant, date(2026, 3, 1))
}

fn names(reading: &Reading) -> Vec<String> {
    let people = reading.messages.iter().flat_map(|m| &m.report.travellers);
    people.map(|t| t.written_name()).collect()
}

/// What went differently from what the row says; nothing when all is as it should be.
fn judge(damage: &Damage, whole: &Report, release: &str) -> Vec<String> {
    let bytes = messages::paxlst::write(whole, &outgoing(release));
    let clean = read(&bytes);
    let damaged = damage.apply(&bytes, &mut Rng::new(7, 7));
    let reading = read(&damaged.bytes);
    let (before, after) = (clean.messages[0].report.travellers.len(), names(&reading).len());
    let mut wrong = Vec::new();
    let right = match damaged.survivors {
        Survivors::All => after == before,
        Survivors::OneTwice => after == before + 1,
        Survivors::Before(n) => after == n || after == n + 1,
    };
    if !right {
        wrong.push(format!("{after} travellers of {before}"));
    }
    let flight = |r: &Reading| r.messages.first().and_then(|m| m.report.flights.first().cloned());
    if damage.same_flight && flight(&reading).map(|f| f.name()) != flight(&clean).map(|f| f.name())
    {
        wrong.push("another flight".into());
    }
    let codes: Vec<&str> = reading.findings.iter().map(|f| f.code.as_str()).collect();
    if !damage.code.is_empty() && !codes.contains(&damage.code) {
        wrong.push(format!("{} is not among {codes:?}", damage.code));
    }
    wrong
}

#[test]
fn every_damage_leaves_what_it_says_and_is_found() {
    let mut wrong = Vec::new();
    for list in lists(Dataset::Api, 4) {
        for release in ["02B", "05B", "12B", "15B", "17A"] {
            for damage in DAMAGES {
                let said = judge(damage, &list, release);
                wrong.extend(said.into_iter().map(|w| format!("{}, {release}: {w}", damage.name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two things wrong at a time: nobody is lost whom neither alone loses.
#[test]
fn two_damages_at_once_lose_nobody() {
    let list = &lists(Dataset::Api, 1)[0];
    let bytes = messages::paxlst::write(list, &outgoing("15B"));
    let whole = names(&read(&bytes)).len();
    let harmless = |d: &&Damage| {
        matches!(d.apply(&bytes, &mut Rng::new(7, 7)).survivors, Survivors::All)
            && !d.name.contains("separators")
    };
    let rows: Vec<&Damage> = DAMAGES.iter().filter(harmless).collect();
    for first in &rows {
        let once = first.apply(&bytes, &mut Rng::new(7, 7)).bytes;
        // The rows are written for the usual service characters.
        if !once.starts_with(b"UNA:+.? '") {
            continue;
        }
        for second in &rows {
            let twice = second.apply(&once, &mut Rng::new(8, 8)).bytes;
            let found = names(&read(&twice)).len();
            assert_eq!(found, whole, "{} and {}", first.name, second.name);
        }
    }
}

/// What transport does, a booking record suffers as well as a list.
#[test]
fn what_transport_does_to_bookings_loses_nobody() {
    const TRANSPORT: &[&str] = &[
        "wrong count in UNT",
        "other reference in UNT",
        "wrong count in UNZ",
        "other reference in UNZ",
        "count without number",
        "no trailers",
        "last terminator missing",
        "telex header",
        "telex trailer",
        "disclaimer after UNZ",
        "lone carriage returns",
        "line ends between segments",
        "separators without advice",
        "backslash as release",
    ];
    for mut list in lists(Dataset::Pnr, 3) {
        list.travellers.retain(|t| t.booking.is_some());
        for release in ["11:1", "13:1", "17:1", "20:1"] {
            let bytes = messages::pnrgov::write(&list, &outgoing(release));
            let whole = names(&read(&bytes));
            assert_eq!(whole.len(), list.travellers.len());
            for name in TRANSPORT {
                let damage = DAMAGES.iter().find(|d| d.name == *name).unwrap();
                let damaged = damage.apply(&bytes, &mut Rng::new(7, 7)).bytes;
                assert_eq!(names(&read(&damaged)), whole, "{name}, {release}");
            }
            for width in [63, 69, 80] {
                let lines: Vec<&[u8]> = bytes.chunks(width).collect();
                let wrapped = lines.join(&b"\r\n"[..]);
                assert_eq!(names(&read(&wrapped)), whole, "wrapped at {width}, {release}");
            }
        }
    }
}

#[test]
fn an_undamaged_message_says_what_the_report_said() {
    for list in lists(Dataset::Api, 3) {
        let reading = read(&messages::paxlst::write(&list, &outgoing("15B")));
        let written: Vec<String> = list.travellers.iter().map(|t| t.written_name()).collect();
        assert_eq!(names(&reading), written);
        let severe: Vec<_> = reading.findings.iter().filter(|f| f.is_syntax()).collect();
        assert!(severe.is_empty(), "{severe:?}");
    }
}
