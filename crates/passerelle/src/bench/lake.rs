//! `passerelle bench lake`: travellers by the hundred million in a lake, looked up one by one,
//! and looked through for a watchlist of 500.
//!
//! Every part is made and sealed as a node makes it, day after day of half a year, and every
//! search goes through the store as an officer's does. Of the lists themselves only one a day
//! is kept whole: those travellers are looked up, and one of them a day is on the watchlist, so
//! that it shows whether anybody is missed.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use audit::{Actor, Event, LogKey, Logged};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use lake::Part;
use screening::{Band, Index, Sought};
use serde_json::{Value, json};
use store::{Batch, CARRIERS, Change, NewPart, Secret, Store, rows::List};
use testkit::{Person, Rng};
use travel::{
    Admission, Booking, Contact, Country, DocumentKind, Element, ElementSet, Flight, Leg,
    LocalTime, PartialDate, PassengerList, Report, TravelDocument, Traveller,
};
use uuid::Uuid;

use super::{Spread, cpu_s};
use crate::{clock, node::Against, pipeline};

/// Travellers of a lake at full size.
const TRAVELLERS: f64 = 100e6;
/// Days that it has: half a year.
const DAYS: u32 = 180;
/// Travellers on a list.
const ON_A_LIST: u32 = 150;
/// Entries of the watchlist.
const LISTED: u32 = 500;
/// Cores that are counted on.
const THREADS: usize = 2;
const SEED: u64 = 7;

/// `passerelle bench lake`.
#[derive(Debug, clap::Args)]
pub struct LakeArgs {
    /// The part of 100 million travellers that is made.
    #[arg(long, default_value_t = 0.1)]
    scale: f64,
    /// How many are looked up.
    #[arg(long, default_value_t = 1000)]
    lookups: u32,
    /// Where to work; a directory of its own in the system's place for such, otherwise.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Leave the lake there afterwards.
    #[arg(long)]
    keep: bool,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: &LakeArgs) -> ExitCode {
    super::measured_in(
        (args.dir.as_deref(), "lake", args.keep),
        |base| measure(args, base),
        |report| {
            if args.json {
                println!("{report}");
            } else {
                print(&report);
            }
            report["missed"] == 0
        },
    )
}

/// Somebody who is looked up: the document, the name and birthday, the list, the number on it.
struct Known {
    document: String,
    name: String,
    born: PartialDate,
    place: (String, u32),
}

fn measure(args: &LakeArgs, base: &Path) -> Result<Value> {
    ensure!(args.scale > 0.0, "--scale is more than 0");
    let log_key = LogKey::from_seed("bench.example/log", &[1; 32])?;
    std::fs::create_dir_all(base)?;
    let store = Store::create(base, "GBR", Secret::random()?, log_key, clock::now())?;
    let travellers = (TRAVELLERS * args.scale) as u32;
    let days = DAYS.min(travellers.div_ceil(10 * ON_A_LIST)).max(1);
    let listed = testkit::watchlist(SEED, Country::new("TUR"), LISTED);

    let (began, cpu) = (Instant::now(), cpu_s("self"));
    let (next, known) = (AtomicU32::new(0), Mutex::new(Vec::new()));
    let per_day = travellers / days;
    in_threads(|| {
        loop {
            let number = next.fetch_add(1, Relaxed);
            if number >= days {
                return Ok(());
            }
            let day = Day::new(number, &listed[(number % LISTED) as usize].person)?;
            let own = day.keep(&store, per_day)?;
            known.lock().map_err(|_| anyhow::anyhow!("a thread failed"))?.extend(own);
            eprintln!("day {} of {days}", number + 1);
        }
    })?;
    let (made_s, made_cpu_s) = (began.elapsed().as_secs_f64(), cpu_s("self") - cpu);
    let known = known.into_inner().map_err(|_| anyhow::anyhow!("a thread failed"))?;

    let today = clock::now().to_zoned(TimeZone::UTC).date();
    let status = store.lake_status(today)?;
    let by_document =
        looked_up(&store, &known, args.lookups, |k| Sought::Document(k.document.clone()))?;
    let by_name = looked_up(&store, &known, args.lookups / 5, |k| Sought::Name {
        name: k.name.clone(),
        born: k.born,
    })?;
    let nobody = looked_for_nobody(&store, args.lookups / 5)?;
    let hunt = hunt(&store, &listed)?;
    store.close();
    let missed = by_document.1 + by_name.1 + u64::from(days).saturating_sub(hunt.found);
    Ok(json!({
        "bench": "lake", "travellers": status.travellers, "lists": status.lists,
        "days": status.days, "parts": status.parts,
        "lake_bytes": status.bytes,
        "bytes_per_traveller": round(status.bytes as f64 / status.travellers as f64),
        "made_s": round(made_s), "made_cpu_s": round(made_cpu_s),
        "document_ms": by_document.0.json(), "name_ms": by_name.0.json(), "nobody_ms": nobody.json(),
        "lookups": args.lookups, "missed": missed,
        "hunt": {"entries": LISTED, "wall_s": round(hunt.wall_s), "cpu_s": round(hunt.cpu_s),
                 "travellers_per_s_core": (status.travellers as f64 / hunt.cpu_s.max(0.01)) as u64,
                 "planted": days, "planted_found": hunt.found, "lists": hunt.lists},
    }))
}

fn round(n: f64) -> f64 {
    (n * 100.0).round() / 100.0
}

/// The same work on every core that is counted on.
fn in_threads(work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(&work)).collect();
        workers
            .into_iter()
            .try_for_each(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// A day of travellers.
struct Day<'w> {
    day: Date,
    number: u32,
    made: u32,
    listed: &'w Person,
    rng: Rng,
    at: Timestamp,
}

impl<'w> Day<'w> {
    fn new(number: u32, listed: &'w Person) -> Result<Self> {
        let at = clock::now();
        let today = at.to_zoned(TimeZone::UTC).date();
        let day = today.checked_sub((i64::from(number) + 1).days())?;
        Ok(Self { day, number, made: 0, listed, rng: Rng::new(SEED, u64::from(number)), at })
    }

    /// Keeps the day; gives whom it is known where they are.
    fn keep(mut self, store: &Store, travellers: u32) -> Result<Vec<Known>> {
        let (mut part, mut lists, mut changes) = (Part::default(), Vec::new(), Vec::new());
        let mut known = Vec::new();
        for place in 0..travellers.div_ceil(ON_A_LIST) {
            let list = self.list(place == 0, ON_A_LIST.min(travellers - place * ON_A_LIST))?;
            let id = Uuid::now_v7().to_string();
            for (number, traveller) in (0..).zip(list.travellers()) {
                part.add((place, number), traveller, &screening::marks(&list, traveller));
            }
            let sealed = if place == 0 {
                known = whom(&id, &list);
                let masked = [Element::Names, Element::BirthDate].into_iter().collect();
                store.seal_list((CARRIERS, self.day), (&id, &list), masked, self.at)?
            } else {
                (vec![0], Vec::new())
            };
            lists.push((id.clone(), sealed.0.len() as u64));
            changes.push(Change::List(self.row(id, &list, sealed)));
        }
        let event = Event::KeyMade { key: self.day.to_string() };
        store.commit(Batch::new(changes, vec![Logged::new(self.at, Actor::Node, event)]))?;
        let new = NewPart {
            id: Uuid::now_v7().to_string(),
            scope: CARRIERS.to_owned(),
            day: self.day,
            lists,
            travellers: part.len() as u64,
            bytes: [0; 2],
            watchlists: String::new(),
            instead_of: Vec::new(),
            at: self.at,
        };
        store.keep_part(new, part)?.context("a part was not taken")?;
        Ok(known)
    }

    fn list(&mut self, first: bool, count: u32) -> Result<PassengerList> {
        let departs = Some(LocalTime(self.day.at(11, 0, 0, 0)));
        let leg = Leg { from: "IST".into(), to: "LHR".into(), departs, arrives: None };
        let flight = Flight {
            carrier: "ZZ".into(),
            number: "1980".into(),
            legs: vec![leg].into(),
            ..Flight::default()
        };
        let mut travellers: Vec<Traveller> = (0..count).map(|n| self.traveller(n / 2)).collect();
        if first && let Some(one) = travellers.last_mut() {
            *one = Traveller { booking: one.booking, ..of(self.listed) };
        }
        let bookings = (0..count.div_ceil(2)).map(|_| self.booking()).collect();
        let report = Report { flights: vec![flight], travellers, bookings, ..Report::default() };
        let door = Admission {
            state: Country::new("GBR"),
            permitted: ElementSet::ALL,
            received_at: self.at,
            must_touch: false,
        };
        PassengerList::admit(report, &door).map_err(|_| anyhow::anyhow!("no list"))
    }

    fn traveller(&mut self, booking: u32) -> Traveller {
        // Of the names of thirty cultures, as often as they are borne.
        let number = u64::from(self.number) << 32 | u64::from(self.made);
        self.made += 1;
        let mut traveller = evaluation::innocent(SEED, number).traveller;
        traveller.surname = traveller.surname.to_uppercase().as_str().into();
        traveller.given = traveller.given.to_uppercase().as_str().into();
        let number = testkit::passport_number(&mut self.rng);
        traveller.documents = vec![passport(&number, traveller.nationality)].into();
        traveller.booking = Some(booking);
        if self.rng.percent(30) {
            let text = format!("+44 7700 {:06}", self.rng.below(1_000_000));
            traveller.contacts = vec![Contact { text: text.as_str().into() }];
        }
        traveller
    }

    fn booking(&mut self) -> Booking {
        let locator: String = (0..6).map(|_| (b'A' + self.rng.below(26) as u8) as char).collect();
        Booking { locator: locator.as_str().into(), ..Booking::default() }
    }

    fn row(&self, id: String, list: &PassengerList, sealed: (Vec<u8>, Vec<u8>)) -> List {
        List {
            submission: None,
            parcel: None,
            origin: CARRIERS.into(),
            agreement: None,
            flight: list.flight().key(),
            carrier: "ZZ".into(),
            number: "1980".into(),
            origin_airport: "IST".into(),
            destination: "LHR".into(),
            departs_at: None,
            arrives_at: None,
            dataset: "pnr".into(),
            function: "full".into(),
            travellers: list.travellers().len() as u32,
            dropped: 0,
            received_at: self.at,
            keep_until: self.day.saturating_add(5.years()),
            mask_due: None,
            leave_due: None,
            clock: String::new(),
            scope: CARRIERS.into(),
            day: self.day,
            digest: id.clone(),
            id,
            sealed: sealed.0,
            remainder: sealed.1,
            screened_at: Some(self.at),
            watchlists: Some(String::new()),
        }
    }
}

fn passport(number: &str, issuer: Option<Country>) -> TravelDocument {
    let number = number.into();
    TravelDocument { kind: DocumentKind::Passport, number, issuer, expires: None, issued: None }
}

/// A made-up person as a traveller.
fn of(person: &Person) -> Traveller {
    let document = passport(&person.passport.number, Some(person.passport.issuer));
    Traveller {
        surname: person.surname.as_str().into(),
        given: person.given.join(" ").as_str().into(),
        birth_date: Some(PartialDate::from(person.birth_date)),
        sex: person.sex,
        nationality: Some(person.nationality),
        documents: vec![document].into(),
        ..Traveller::default()
    }
}

fn whom(list: &str, travellers: &PassengerList) -> Vec<Known> {
    let known = |(number, t): (u32, &Traveller)| {
        Some(Known {
            document: t.documents.first()?.number.to_string(),
            name: format!("{} {}", t.given, t.surname),
            born: t.birth_date?,
            place: (list.to_owned(), number),
        })
    };
    (0..).zip(travellers.travellers()).filter_map(known).collect()
}

/// How long look-ups took, and how many of them did not find whom they must.
fn looked_up(
    store: &Store,
    known: &[Known],
    count: u32,
    sought: impl Fn(&Known) -> Sought,
) -> Result<(Spread, u64)> {
    let mut rng = Rng::new(SEED, 99);
    let (mut ms, mut missed) = (Vec::new(), 0);
    for _ in 0..count {
        let one = rng.pick(known);
        let began = Instant::now();
        let found = store.search(&sought(one))?;
        ms.push(began.elapsed().as_secs_f64() * 1e3);
        missed += u64::from(!found.travellers.contains(&one.place));
    }
    Ok((Spread::of(ms.into_iter()), missed))
}

fn looked_for_nobody(store: &Store, count: u32) -> Result<Spread> {
    let mut ms = Vec::new();
    for number in 0..count {
        // No passport of the bench has ten characters.
        let sought = Sought::Document(format!("ZZ{number:08}"));
        let began = Instant::now();
        store.search(&sought)?;
        ms.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Spread::of(ms.into_iter()))
}

struct Hunted {
    wall_s: f64,
    cpu_s: f64,
    lists: u64,
    found: u64,
}

/// Looks through everything for the watchlist, as a node does, on every core.
fn hunt(store: &Store, listed: &[testkit::Listed]) -> Result<Hunted> {
    let csv = testkit::to_csv(listed);
    let (list, _) = screening::read_list("bench", "1", csv.as_bytes())?;
    let against = Against { index: Index::build(vec![list]), documents: Vec::new() };
    let parts = store.parts_to_hunt("bench")?;
    let (next, found) = (AtomicUsize::new(0), Mutex::new((0, BTreeSet::new())));
    let (began, cpu) = (Instant::now(), cpu_s("self"));
    in_threads(|| {
        let mut hunter = pipeline::Hunter::new(&against);
        while let Some(part) = parts.get(next.fetch_add(1, Relaxed)) {
            let mut shown = |hit: &screening::Hit| Ok(hit.band > Band::Silent);
            let suspects = hunter.suspects(store, part, &mut shown)?;
            let suspects = suspects.context("a part cannot be read")?;
            let mut found = found.lock().map_err(|_| anyhow::anyhow!("a thread failed"))?;
            found.0 += suspects.len() as u64;
            // The first list of each day holds somebody of the watchlist.
            if suspects.contains_key(&0) {
                found.1.insert(part.day);
            }
        }
        Ok(())
    })?;
    let (wall_s, cpu_s) = (began.elapsed().as_secs_f64(), cpu_s("self") - cpu);
    let (lists, days) = found.into_inner().map_err(|_| anyhow::anyhow!("a thread failed"))?;
    Ok(Hunted { wall_s, cpu_s, lists, found: days.len() as u64 })
}

fn print(r: &Value) {
    println!(
        "{} travellers on {} lists of {} days, in {} parts",
        r["travellers"], r["lists"], r["days"], r["parts"]
    );
    println!("  bytes a traveller    {}", r["bytes_per_traveller"]);
    println!("  made in              {} s ({} s of processor)", r["made_s"], r["made_cpu_s"]);
    for (what, key) in
        [("document", "document_ms"), ("name and date", "name_ms"), ("nobody", "nobody_ms")]
    {
        let t = &r[key];
        println!(
            "  {what:20} p50 {:.1} ms, p99 {:.1} ms",
            t["p50"].as_f64().unwrap_or(0.0),
            t["p99"].as_f64().unwrap_or(0.0)
        );
    }
    let h = &r["hunt"];
    println!(
        "  {} new entries       {} s ({} s of processor, {} travellers a second and core), {} lists to screen again",
        h["entries"], h["wall_s"], h["cpu_s"], h["travellers_per_s_core"], h["lists"]
    );
    println!(
        "  planted              {} of {} days found; {} missed in all",
        h["planted_found"], h["planted"], r["missed"]
    );
}
