//! The native decision and Cedar's are one, over random documents and requests.
#![cfg(feature = "cedar")]
#![allow(clippy::unwrap_used)]

#[path = "../../policy/tests/common/mod.rs"]
mod common;

use common::{in_force, law};
use jiff::ToSpan;
use policy::{Agreement, InForce, Mode, Purpose, Regime, Request, cedar, decide};
use proofs::{Asked, Vocabulary};
use travel::{Country, Dataset, Element, ElementSet, Flight, FlightKind, Leg};

const STATES: [&str; 4] = ["GBR", "TUR", "FRA", "USA"];
const AIRPORTS: [&str; 9] = ["LHR", "MAN", "IST", "SAW", "CDG", "JFK", "EGLL", "QQQ", ""];
const PACKS: [&[&str]; 5] = [
    &[],
    &["icao_annex9"],
    &["uk_domestic", "uk_eu_tca"],
    &["eu_pnr", "eu_pnr_cjeu"],
    &["eu_us_2012", "national_default"],
];

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }
    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
    fn often(&mut self) -> bool {
        self.below(5) > 0
    }
    fn seldom(&mut self) -> bool {
        !self.often()
    }
    fn some<'a, T>(&mut self, of: &'a [T]) -> Vec<&'a T> {
        let mut some: Vec<&T> = of.iter().filter(|_| self.below(2) == 0).collect();
        if some.is_empty() {
            some.push(&of[self.below(of.len())]);
        }
        some
    }
}

fn quoted<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<String> = names.iter().map(|n| format!("\"{}\"", n.as_ref())).collect();
    format!("[{}]", names.join(", "))
}

fn set(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 | 1 => "\"any\"".to_owned(),
        2 => format!("{{ airports = {} }}", quoted(&dice.some(&AIRPORTS[..8]))),
        _ => format!("{{ countries = {} }}", quoted(&dice.some(&STATES))),
    }
}

fn routes(dice: &mut Dice) -> String {
    let one = |dice: &mut Dice| format!("{{ from = {}, to = {} }}", set(dice), set(dice));
    let routes: Vec<String> = (0..=dice.below(2)).map(|_| one(dice)).collect();
    format!("[{}]", routes.join(", "))
}

fn term(dice: &mut Dice) -> String {
    let names: Vec<&str> = Element::ALL.iter().map(|e| e.name()).collect();
    let mut text = format!(
        "[[direction.term]]\nname = \"t\"\nmode = \"{}\"\ndatasets = {}\nflight_kinds = {}\nelements = {}\nroutes = {}\n",
        dice.one(&Mode::ALL).name(),
        quoted(&dice.some(&["api", "crew", "pnr"])),
        quoted(&dice.some(&["passenger", "cargo", "overflight", "master_crew"])),
        quoted(&dice.some(&names)),
        routes(dice),
    );
    if dice.seldom() {
        text.push_str(&format!("not = {}\n", routes(dice)));
    }
    if dice.seldom() {
        text.push_str("from = \"2026-02-01\"\n");
    }
    if dice.seldom() {
        text.push_str("until = \"2026-06-30\"\n");
    }
    text
}

fn direction(dice: &mut Dice, (from, to): (&str, &str)) -> String {
    let purposes: Vec<&str> = Purpose::ALL.iter().map(|p| p.name()).collect();
    let mut text = format!(
        "[[direction]]\nfrom = \"{from}\"\nto = \"{to}\"\npurposes = {}\nretention_days = {}\nonward = \"{}\"\n",
        quoted(&dice.some(&purposes)),
        1 + dice.below(2_000),
        dice.one(&["never", "with_consent"]),
    );
    (0..=dice.below(3)).for_each(|_| text.push_str(&term(dice)));
    text
}

fn agreement(dice: &mut Dice, (a, b): (&str, &str)) -> Agreement {
    let mut text = format!(
        "title = \"t\"\nparties = [\"{a}\", \"{b}\"]\nlegal_basis = \"l\"\nversion = 1\nfrom = \"2026-01-01\"\nuntil = \"2026-12-31\"\n"
    );
    text.push_str(&direction(dice, (a, b)));
    if dice.often() {
        text.push_str(&direction(dice, (b, a)));
    }
    Agreement::from_toml(&text).unwrap()
}

fn flight(dice: &mut Dice) -> Flight {
    let mut leg = || Leg {
        from: (*dice.one(&AIRPORTS)).into(),
        to: (*dice.one(&AIRPORTS)).into(),
        ..Leg::default()
    };
    let legs: Vec<Leg> = vec![leg(), leg(), leg()];
    let kind = *dice.one(&[
        FlightKind::Passenger,
        FlightKind::Cargo,
        FlightKind::Overflight,
        FlightKind::MasterCrew,
    ]);
    let legs = legs[..=dice.below(3)].to_vec();
    Flight { legs: legs.into(), kind, ..Flight::default() }
}

fn request<'a>(dice: &mut Dice, all: &[&Agreement], flight: &'a Flight) -> Request<'a> {
    let state = |dice: &mut Dice| Country::new(STATES[dice.below(STATES.len())]);
    let days = i64::try_from(dice.below(420)).unwrap() - 20;
    let first: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let (from, to) = if dice.often() {
        let directions = &dice.one(all).directions;
        let direction = dice.one(directions);
        (direction.from, direction.to)
    } else {
        (state(dice), state(dice))
    };
    Request {
        from,
        to,
        mode: *dice.one(&Mode::ALL),
        flight,
        dataset: *dice.one(&[Dataset::Api, Dataset::Crew, Dataset::Pnr]),
        elements: [*dice.one(Element::ALL)].into_iter().collect::<ElementSet>(),
        origin: dice.seldom().then(|| state(dice)),
        origin_consents: dice.often(),
        masked: dice.seldom() && dice.seldom(),
        reviewed: dice.often(),
        sensitive: dice.seldom() && dice.seldom(),
        purpose: *dice.one(&Purpose::ALL),
        at: first + (24 * days).hours(),
    }
}

fn asked(request: &Request<'_>) -> Asked {
    let ends = |leg: &Leg| [cedar::stop(&leg.from), cedar::stop(&leg.to)];
    Asked {
        from: request.from.to_string(),
        to: request.to.to_string(),
        legs: request.flight.legs.iter().map(ends).collect(),
        kind: cedar::kind_name(request.flight.kind).to_owned(),
        dataset: cedar::dataset_name(request.dataset).to_owned(),
        mode: request.mode.name().to_owned(),
        purpose: request.purpose.name().to_owned(),
        element: request.elements.iter().next().unwrap().name().to_owned(),
        day: cedar::day_number(request.at.to_zoned(jiff::tz::TimeZone::UTC).date()),
        kept: 0,
        shown: 0,
        passed_on: false,
        origin: request.origin.map(|o| o.to_string()),
        origin_consents: request.origin_consents,
        masked: request.masked,
        reviewed: request.reviewed,
        sensitive: request.sensitive,
    }
}

/// `PASSERELLE_DECISIONS` requests, 200 in a world of its own each.
#[test]
fn cedar_decides_as_we_do() {
    let wanted = std::env::var("PASSERELLE_DECISIONS").ok().and_then(|n| n.parse().ok());
    let worlds = wanted.unwrap_or(4_000usize).div_ceil(200);
    let vocabulary = Vocabulary::new().unwrap();
    let (mut dice, mut allowed) = (Dice(0x2015_0122_1515_1515), 0);
    for _ in 0..worlds {
        let packs = law(PACKS[dice.below(PACKS.len())]);
        let laws: Vec<(Country, Vec<Regime>)> =
            STATES.iter().map(|s| (Country::new(s), packs.clone())).collect();
        let pairs = [("GBR", "TUR"), ("FRA", "GBR"), ("USA", "FRA")];
        let documents: Vec<Agreement> =
            dice.some(&pairs).into_iter().map(|pair| agreement(&mut dice, *pair)).collect();
        let signed: Vec<InForce> = documents.iter().map(in_force).collect();
        let all: Vec<&Agreement> = documents.iter().collect();
        let text = cedar::agreements(&all)
            + &cedar::document_rules(&laws)
            + &cedar::record_rules(&all, &laws);
        let policies = vocabulary.read(&text).unwrap();
        for _ in 0..200 {
            let flight = flight(&mut dice);
            let request = request(&mut dice, &all, &flight);
            let ours = decide(&request, &signed, &packs);
            let theirs = asked(&request).allowed(&vocabulary, &policies).unwrap();
            assert_eq!(ours.is_ok(), theirs, "{request:?}\n{ours:?}\n{text}");
            allowed += usize::from(theirs);
        }
    }
    println!("{} requests, {allowed} allowed, no difference", worlds * 200);
    assert!(allowed > worlds, "hardly a request is allowed: {allowed}");
}

#[test]
fn the_law_in_short_allows_what_the_law_allows() {
    let vocabulary = Vocabulary::new().unwrap();
    let (mut dice, mut allowed) = (Dice(0x2015_0122_2101_2201), 0);
    for packs in PACKS {
        let laws = [("GBR", law(packs)), ("FRA", law(PACKS[3])), ("USA", law(PACKS[4]))]
            .map(|(state, packs)| (Country::new(state), packs));
        let long = vocabulary.read(&cedar::ceiling(&laws)).unwrap();
        let short = vocabulary.read(&cedar::ceiling_in_short(&laws)).unwrap();
        for _ in 0..400 {
            let document = agreement(&mut dice, ("GBR", "FRA"));
            let flight = flight(&mut dice);
            let mut asked = asked(&request(&mut dice, &[&document], &flight));
            asked.kept = i64::try_from(dice.below(2_500)).unwrap();
            asked.shown = i64::try_from(dice.below(400)).unwrap();
            let verdict = asked.allowed(&vocabulary, &long).unwrap();
            assert_eq!(asked.allowed(&vocabulary, &short).unwrap(), verdict, "{asked:?}");
            allowed += usize::from(verdict);
        }
    }
    assert!((200..1_800).contains(&allowed), "{allowed} of 2,000 allowed");
}
