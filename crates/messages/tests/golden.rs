//! Every message of `testdata` is read as the file beside it says.
//!
//! `UPDATE_EXPECT=1 cargo test -p messages --test golden` writes those files anew.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use edifact::Mode;
use messages::{Finding, Reading, Understood};
use travel::{Booking, Flight, Traveller};

#[test]
fn every_message_of_testdata_is_read_as_its_neighbour_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let index = std::fs::read_to_string(root.join("INDEX.md")).unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap()
        .filter_map(|d| std::fs::read_dir(d.unwrap().path()).ok())
        .flat_map(|d| d.map(|f| f.unwrap().path()))
        .filter(|p| {
            p.extension().is_some_and(|e| ["edi", "xml", "csv", "json"].iter().any(|k| e == *k))
        })
        .collect();
    files.sort();
    assert!(files.len() > 20);
    for path in files {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        assert!(index.contains(&format!("| {name} |")), "{name} has no line in INDEX.md");
        let bytes = std::fs::read(&path).unwrap();
        let reading = messages::read(&bytes, Mode::Tolerant, jiff::civil::date(2026, 3, 1));
        let expected = path.with_extension("expected");
        expect_test::expect_file![expected].assert_eq(&show(&reading));
    }
}

#[test]
fn words_that_reveal_are_neither_kept_nor_quoted() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pnrgov/words_that_go_no_further.edi");
    let bytes = std::fs::read(path).unwrap();
    assert!(bytes.windows(4).filter(|w| w == b"MARK").count() > 20);
    for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
        let reading = messages::read(&bytes, mode, jiff::civil::date(2026, 3, 1));
        let shown = show(&reading);
        assert!(!shown.contains("MARK"), "{shown}");
    }
}

fn show(reading: &Reading) -> String {
    let mut out = String::new();
    reading.messages.iter().for_each(|m| message(&mut out, m));
    reading.findings.iter().for_each(|f| finding(&mut out, f));
    out
}

fn message(out: &mut String, m: &Understood) {
    let report = &m.report;
    write!(out, "{} {} {}", m.kind.name(), m.release, m.function).unwrap();
    write!(out, " = {:?} {:?}, parts {}", report.dataset, report.function, m.parts).unwrap();
    writeln!(
        out,
        ", reference {:?}, total {:?}, dropped {}, again {}",
        report.reference,
        report.stated_total,
        report.dropped_sensitive,
        m.repeated.len()
    )
    .unwrap();
    report.flights.iter().for_each(|f| flight(out, "", f));
    report.travellers.iter().for_each(|t| traveller(out, t));
    report.bookings.iter().for_each(|b| booking(out, b));
    for o in &m.outcomes {
        let who = if o.person { "person" } else { "message" };
        writeln!(
            out,
            "{who} {:?} {:?}: {} = {:?} {:?}",
            o.locator,
            o.reference,
            o.code,
            o.decision(),
            o.text
        )
        .unwrap();
    }
}

fn flight(out: &mut String, indent: &str, f: &Flight) {
    write!(out, "{indent}flight {} {:?}", f.name(), f.kind).unwrap();
    for (i, leg) in f.legs.iter().enumerate() {
        let mark = if f.marked_leg == Some(i as u32) { "*" } else { "" };
        let time = |t: Option<travel::LocalTime>| t.map_or("-".into(), |t| t.to_string());
        write!(
            out,
            " | {mark}{} {} > {} {}",
            leg.from,
            time(leg.departs),
            leg.to,
            time(leg.arrives)
        )
        .unwrap();
    }
    writeln!(out).unwrap();
}

fn traveller(out: &mut String, t: &Traveller) {
    write!(out, "{} {:?}", t.kind.name(), t.written_name()).unwrap();
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            write!(out, ", {name} {value}").unwrap();
        }
    };
    field("born", t.birth_date.map(|d| d.to_string()));
    field("sex", Some(format!("{:?}", t.sex)));
    field("nationality", t.nationality.map(|c| c.to_string()));
    field("residence", t.residence.map(|c| c.to_string()));
    field("birth place", t.birth_place.clone().map(String::from));
    field("from", t.journey_from.clone().map(String::from));
    field("to", t.journey_to.clone().map(String::from));
    field("status", t.status.map(|s| s.name().to_owned()));
    field("seat", t.seat.clone().map(String::from));
    field("booking", t.booking.map(|b| b.to_string()));
    field("reference", t.reference.clone().map(String::from));
    field("bags", t.bags.count.map(|n| n.to_string()));
    field("kg", t.bags.weight_kg.map(|n| n.to_string()));
    field("tags", Some(t.bags.tags.join(" ")));
    field(
        "contacts",
        Some(t.contacts.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join("; ")),
    );
    field("frequent flyer", Some(t.frequent_flyer.join(" ")));
    field("tickets", Some(t.tickets.join(" ")));
    field("verified", t.verified.map(|v| v.to_string()));
    writeln!(out).unwrap();
    for d in &t.documents {
        let day = |d: Option<travel::PartialDate>| d.map_or("-".into(), |d| d.to_string());
        let issuer = d.issuer.map_or("-".into(), |c| c.to_string());
        writeln!(
            out,
            "  {:?} {} of {issuer}, from {} until {}",
            d.kind,
            d.number,
            day(d.issued),
            day(d.expires)
        )
        .unwrap();
    }
}

fn booking(out: &mut String, b: &Booking) {
    write!(out, "booking {}:{} of {}", b.carrier, b.locator, b.travellers).unwrap();
    write!(out, ", made {}", b.made.map_or("-".into(), |d| d.to_string())).unwrap();
    if let Some(agency) = &b.agency {
        write!(out, ", by {agency}").unwrap();
    }
    for contact in &b.contacts {
        write!(out, ", at {}", contact.text).unwrap();
    }
    for payment in &b.payments {
        write!(out, ", paid {payment}").unwrap();
    }
    for other in &b.split {
        write!(out, ", divided {other}").unwrap();
    }
    for share in &b.code_shares {
        write!(out, ", {} is {}", share.marketed, share.operated).unwrap();
    }
    for confirmed in &b.confirmations {
        write!(out, ", {confirmed}").unwrap();
    }
    for r in &b.history {
        let at = r.at.map_or("-".into(), |at| at.to_string());
        let about = r.about.map_or("-", travel::Element::name);
        write!(out, ", {at} {about} {}", r.act.name()).unwrap();
        if let Some(by) = &r.by {
            write!(out, " by {by}").unwrap();
        }
    }
    writeln!(out, "{}", if b.cancelled { ", cancelled" } else { "" }).unwrap();
    b.itinerary.iter().for_each(|f| flight(out, "  ", f));
}

fn finding(out: &mut String, f: &Finding) {
    write!(out, "{} {} at {}+{}", f.severity.name(), f.code, f.span.start, f.span.len()).unwrap();
    for (name, n) in [
        ("message", f.message),
        ("segment", f.segment),
        ("element", f.element),
        ("component", f.component),
        ("traveller", f.traveller),
    ] {
        if let Some(n) = n {
            write!(out, " {name} {n}").unwrap();
        }
    }
    writeln!(out, ": {:?}", f.found).unwrap();
}
