//! Recall and false alerts on the labelled data: `cargo run --release -p screening
//! --example evaluate -- DIR`, where DIR holds `watchlist_people.jsonl`,
//! `labelled_pairs.jsonl`, `degraded_queries.jsonl` and (unpacked) `innocent.csv`.
//!
//! Prints, for each category, the share of true pairs at or above each band's
//! threshold, and how many innocent travellers of a thousand are put before an officer.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::{collections::BTreeMap, path::Path, time::Instant};

use screening::*;
use serde_json::Value;
use travel::{Country, PartialDate, Sex, Traveller};

fn main() {
    let dir = std::env::args().nth(1).expect("the directory of the data");
    let dir = Path::new(&dir);
    for set in ["labelled_pairs.jsonl", "degraded_queries.jsonl"] {
        pairs(&dir.join(set));
    }
    innocent(dir);
}

fn text<'v>(v: &'v Value, key: &str) -> &'v str {
    v.get(key).and_then(Value::as_str).unwrap_or("")
}

fn traveller(q: &Value) -> Traveller {
    let (surname, given) = match (text(q, "last"), text(q, "first")) {
        ("", "") => (text(q, "name"), ""),
        (l, f) => (l, f),
    };
    Traveller {
        surname: surname.into(),
        given: given.into(),
        birth_date: PartialDate::parse(text(q, "dob")),
        sex: sex(text(q, "sex")),
        nationality: q
            .get("nat")
            .and_then(|n| n.get(0))
            .and_then(Value::as_str)
            .and_then(Country::of_name),
        ..Traveller::default()
    }
}

fn sex(s: &str) -> Sex {
    match s {
        "M" => Sex::Male,
        "F" => Sex::Female,
        _ => Sex::Unknown,
    }
}

fn strings<'v>(v: &'v Value, key: &str) -> Vec<&'v str> {
    v.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn entry(l: &Value) -> Entry {
    let mut names: Vec<Alias> = strings(l, "names")
        .into_iter()
        .map(|n| Alias { text: n.into(), quality: AliasQuality::Good })
        .collect();
    names.extend(
        strings(l, "weak")
            .into_iter()
            .map(|n| Alias { text: n.into(), quality: AliasQuality::Low }),
    );
    Entry {
        id: text(l, "id").to_owned(),
        names,
        birth_dates: strings(l, "dob")
            .into_iter()
            .filter_map(PartialDate::parse)
            .map(BirthDate::On)
            .collect(),
        sex: sex(text(l, "sex")),
        nationalities: strings(l, "nat").into_iter().filter_map(Country::of_name).collect(),
        ..Entry::default()
    }
}

fn pairs(path: &Path) {
    let file = std::fs::read_to_string(path).unwrap();
    let mut table: BTreeMap<(String, i64), (u32, u32, u32, u32)> = BTreeMap::new();
    for line in file.lines() {
        let v: Value = serde_json::from_str(line).unwrap();
        let category = match text(&v, "category") {
            "" => text(&v, "treatment"),
            c => c,
        };
        let label = v["label"].as_i64().unwrap();
        let hit =
            screen_one(&Candidate::of(&traveller(&v["query"])), &entry(&v["list"]), ("x", "1"));
        let nats = hit.map_or(-99.0, |h| h.nats);
        let row = table.entry((category.to_owned(), label)).or_default();
        row.0 += 1;
        row.1 += u32::from(nats >= weights::SILENT);
        row.2 += u32::from(nats >= weights::POSSIBLE);
        row.3 += u32::from(nats >= weights::HIT);
    }
    println!(
        "{}\n{:<34}{:>6}{:>8}{:>8}{:>9}{:>8}",
        path.display(),
        "category",
        "same",
        "n",
        "silent",
        "possible",
        "hit"
    );
    for ((category, label), (n, s, p, h)) in table {
        let share = |k: u32| f64::from(k) / f64::from(n);
        println!(
            "{category:<34}{label:>6}{n:>8}{:>8.3}{:>9.3}{:>8.3}",
            share(s),
            share(p),
            share(h)
        );
    }
}

fn innocent(dir: &Path) {
    let file = std::fs::read_to_string(dir.join("watchlist_people.jsonl")).unwrap();
    let entries: Vec<Entry> =
        file.lines().map(|l| entry(&serde_json::from_str(l).unwrap())).collect();
    let started = Instant::now();
    let persons = entries.len();
    let index = Index::build(vec![Watchlist { name: "all".into(), version: "1".into(), entries }]);
    println!("index of {persons} persons in {:.3} s", started.elapsed().as_secs_f64());
    let mut reader = csv_rows(&dir.join("innocent.csv"));
    reader.truncate(20_000);
    let travel = |t: &Traveller| -> Vec<Hit> { screen_traveller_for_tests(t, &index) };
    let started = Instant::now();
    let (mut possible, mut hit) = (0, 0);
    let mut scores: Vec<f64> = Vec::new();
    for t in &reader {
        let found = travel(t);
        let best = found.iter().map(|h| h.band).max();
        possible += u32::from(best >= Some(Band::Possible));
        hit += u32::from(best == Some(Band::Hit));
        scores.extend(found.iter().map(|h| h.nats).reduce(f64::max));
    }
    let seconds = started.elapsed().as_secs_f64();
    scores.sort_by(|a, b| b.total_cmp(a));
    println!("{} innocent travellers, {:.0} a second", reader.len(), reader.len() as f64 / seconds);
    println!("possible or hit: {possible}, hit: {hit}");
    for one_in in [100, 300, 1000, 3000, 10_000] {
        let rank = reader.len() / one_in;
        if let Some(nats) = scores.get(rank) {
            println!("one in {one_in}: {nats:.1} nats");
        }
    }
}

fn csv_rows(path: &Path) -> Vec<Traveller> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .skip(1)
        .filter_map(|l| {
            let f: Vec<&str> = l.split(',').collect();
            Some(Traveller {
                surname: f.get(3).copied()?.into(),
                given: format!("{} {}", f.get(1)?, f.get(2)?).into(),
                birth_date: PartialDate::parse(f.get(5)?),
                sex: match *f.get(4)? {
                    "male" => Sex::Male,
                    "female" => Sex::Female,
                    _ => Sex::Unknown,
                },
                nationality: Country::of_name(f.last()?),
                ..Traveller::default()
            })
        })
        .collect()
}

/// One traveller through the same door as a list.
fn screen_traveller_for_tests(t: &Traveller, index: &Index) -> Vec<Hit> {
    use travel::*;
    let report = Report {
        flights: vec![Flight {
            carrier: "XX".into(),
            number: "1".into(),
            legs: vec![Leg::default()],
            ..Flight::default()
        }],
        travellers: vec![t.clone()],
        ..Report::default()
    };
    let admission = Admission {
        state: Country::new("XXX"),
        permitted: ElementSet::ALL,
        received_at: jiff::Timestamp::UNIX_EPOCH,
        must_touch: false,
    };
    screen(&PassengerList::admit(report, &admission).unwrap(), index).hits
}
