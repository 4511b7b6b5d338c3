//! `cargo xtask bench screening`: how fast travellers are screened, on one core, beside
//! what others do, in the same run.
//!
//! Persons and travellers are made up: names of thirty cultures, and for six in ten of the
//! listed a surname blended of two of their culture, so that the vocabulary grows with the
//! list as it does in life. One traveller in fifty is somebody on the list, with a letter
//! changed. Measures:
//! * `screen_24k`, `screen_1m`: travellers a second of one core, with the explanation of
//!   every hit. The rivals answer less: a scan of all names by Jaro-Winkler (`rapidfuzz`,
//!   prepared query, cut-off 0.88), and equal sorted words in a hash table, which finds no
//!   other spelling at all. nomenklatura is named as skipped where Python has none; where
//!   it has, its scores are compared by `passerelle evaluate --peer`;
//! * `p99_24k`, `p99_1m`: of hundred travellers, ninety-nine take no longer. A traveller's time
//!   is the median of the rounds, so that what else the machine did meanwhile does not count;
//! * `index_24k`, `index_1m`: making the index, and `memory_24k`, `memory_1m`, what it takes
//!   beyond the entries themselves;
//! * `swap_1m`: how long a request waits at most for its index and its room to work in,
//!   while indexes of a million persons are made and swapped beside it.
//!
//! What counts is the median of the rounds; ours and the rivals' alternate. Time is that on
//! the core, where the system tells it (Linux does), but for `index` and `swap`, where it is
//! the clock's: an index is made on all cores, and waiting is what is measured.

mod measured;

use std::{
    collections::HashMap,
    hint::black_box,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use evaluation::innocent;
use measured::{Measure, rate, sorted};
use rapidfuzz::distance::jaro_winkler;
use screening::{Alias, AliasQuality, BirthDate, Entry, Index, Screener, Watchlist};
use testkit::Rng;
use travel::Traveller;

const RUNS: usize = 5;
const SMALL: u64 = 24_000;
const LARGE: u64 = 1_000_000;
/// Worlds of the listed, and of the travellers.
const LISTED: u64 = 11;
const TRAVELLING: u64 = 12;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|a| a == "--json");
    let only: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|a| !a.starts_with('-')).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| name.starts_with(o));
    let show = |name: &str, measure: &Measure| {
        if wanted(name) {
            println!("{}", if json { measure.json(name) } else { measure.line(name) });
        }
    };
    let any = |size: &str| {
        ["screen", "p99", "index", "memory", "swap"].iter().any(|m| wanted(&format!("{m}_{size}")))
    };
    for (size, persons, travellers) in [("24k", SMALL, 40_000), ("1m", LARGE, 4_000)] {
        if !any(size) {
            continue;
        }
        eprintln!("making up a list of {persons} persons");
        let list = list(persons);
        let (built, index) = indexes(&list);
        show(&format!("index_{size}"), &built);
        let memory = Measure::of("MB", 3, vec![index.bytes() as f64 / 1e6]);
        show(&format!("memory_{size}"), &memory);
        if wanted(&format!("screen_{size}")) || wanted(&format!("p99_{size}")) {
            eprintln!("screening against {persons} persons");
            let people: Vec<Traveller> = (0..travellers).map(|n| traveller(&list, n)).collect();
            let (speed, slowest) = screened(&list, &index, &people);
            show(&format!("screen_{size}"), &speed);
            show(&format!("p99_{size}"), &slowest);
        }
        if size == "1m" && wanted("swap_1m") {
            eprintln!("swapping lists of {persons} persons under load");
            show("swap_1m", &swapped(&list, index));
        }
    }
    if !has_nomenklatura() {
        eprintln!("skipped: nomenklatura is not installed for python3");
    }
}

fn list(persons: u64) -> Watchlist {
    let entries = (0..persons).map(entry).collect();
    Watchlist { name: "made up".to_owned(), version: "1".to_owned(), entries }
}

fn entry(number: u64) -> Entry {
    let mut rng = Rng::new(LISTED, number);
    let person = innocent(LISTED, number).traveller;
    let mut surname = person.surname.to_string();
    if rng.percent(60) {
        // The next of the same culture is thirty further.
        let other = innocent(LISTED, number + 30).traveller.surname.to_string();
        surname = blended(&surname, &other);
    }
    let primary = format!("{} {surname}", person.given);
    let mut names = vec![Alias { text: primary, quality: AliasQuality::Primary }];
    if rng.percent(50) {
        let text = format!("{surname} {}", person.given.split(' ').next().unwrap_or_default());
        names.push(Alias { text, quality: AliasQuality::Good });
    }
    let mut born = person.birth_date;
    if rng.percent(25) {
        born = born.map(|d| travel::PartialDate { month: None, day: None, ..d });
    }
    Entry {
        id: format!("M{number}"),
        names,
        birth_dates: born.into_iter().map(BirthDate::On).collect(),
        sex: person.sex,
        nationalities: person.nationality.into_iter().collect(),
        ..Entry::default()
    }
}

/// The beginning of one surname and the end of another.
fn blended(a: &str, b: &str) -> String {
    let half = |s: &str| s.chars().count().div_ceil(2);
    a.chars().take(half(a)).chain(b.chars().skip(half(b))).collect()
}

/// Somebody who travels; one in fifty stands on the list, misspelt.
fn traveller(list: &Watchlist, number: u64) -> Traveller {
    if !number.is_multiple_of(50) {
        return innocent(TRAVELLING, number).traveller;
    }
    let mut rng = Rng::new(TRAVELLING, number);
    let listed = rng.pick(&list.entries);
    let mut words: Vec<String> =
        names::fold(&listed.names[0].text).split(' ').map(str::to_owned).collect();
    let mut surname = words.pop().unwrap_or_default();
    if surname.len() > 5 {
        surname.remove(rng.below(surname.len() as u64) as usize);
    }
    let birth_date = match listed.birth_dates.first() {
        Some(BirthDate::On(date)) => Some(*date),
        _ => None,
    };
    Traveller {
        surname: surname.into(),
        given: words.join(" ").into(),
        birth_date,
        sex: listed.sex,
        ..Traveller::default()
    }
}

/// Seconds to make an index; the last of them.
fn indexes(list: &Watchlist) -> (Measure, Index) {
    let mut seconds = Vec::new();
    let mut index = Index::build(Vec::new());
    for _ in 0..3 {
        let lists = vec![list.clone()];
        let start = Instant::now();
        let built = Index::build(lists);
        seconds.push(start.elapsed().as_secs_f64());
        index = built;
    }
    (Measure::of("s", 6, seconds), index)
}

fn screened(list: &Watchlist, index: &Index, people: &[Traveller]) -> (Measure, Measure) {
    let rivals = Rivals::of(list);
    // A scan takes long: enough travellers for a tenth of a second or so.
    let some = &people[..people.len().min(40_000_000 / list.entries.len() / 10)];
    let mut speed = Measure::of("travellers/s", 3, Vec::new());
    // Equal words find no other spelling.
    speed.alike = |rival| rival.starts_with("rapidfuzz");
    speed.rivals = vec![("rapidfuzz scan", Vec::new()), ("equal words", Vec::new())];
    let mut times: Vec<Vec<f64>> = vec![Vec::with_capacity(RUNS); people.len()];
    let mut hits = 0;
    // The first round warms up.
    for run in 0..=RUNS {
        let mut screener = Screener::new(index);
        let ours = rate(people.len() as f64, || {
            for (person, times) in people.iter().zip(&mut times) {
                let start = Instant::now();
                hits += black_box(screener.screen(person)).len();
                if run > 0 {
                    times.push(start.elapsed().as_secs_f64() * 1e3);
                }
            }
        });
        let scan =
            rate(some.len() as f64, || some.iter().for_each(|p| drop(black_box(rivals.scan(p)))));
        let equal = rate(people.len() as f64, || {
            people.iter().for_each(|p| _ = black_box(rivals.equal(p)))
        });
        if run > 0 {
            speed.ours.push(ours);
            speed.rivals[0].1.push(scan);
            speed.rivals[1].1.push(equal);
        }
    }
    let each: Vec<f64> = times.iter().map(|rounds| sorted(rounds)[RUNS / 2]).collect();
    let slowest = Measure::of("ms", 6, vec![sorted(&each)[each.len() * 99 / 100]]);
    assert!(hits > 0, "somebody of the list travels");
    (speed, slowest)
}

/// What others do with the same names.
struct Rivals {
    names: Vec<String>,
    by_words: HashMap<String, Vec<u32>>,
}

impl Rivals {
    fn of(list: &Watchlist) -> Self {
        let texts = list.entries.iter().flat_map(|e| &e.names);
        let names: Vec<String> = texts.map(|n| sorted_words(&n.text)).collect();
        let mut by_words: HashMap<String, Vec<u32>> = HashMap::new();
        for (number, name) in names.iter().enumerate() {
            by_words.entry(name.clone()).or_default().push(number as u32);
        }
        Self { names, by_words }
    }

    fn scan(&self, traveller: &Traveller) -> Vec<(u32, f64)> {
        let query = sorted_words(&format!("{} {}", traveller.given, traveller.surname));
        let comparator = jaro_winkler::BatchComparator::new(query.bytes());
        let arguments = jaro_winkler::Args::default().score_cutoff(0.88);
        let likeness = |(number, name): (usize, &String)| {
            let found = comparator.similarity_with_args(name.bytes(), &arguments)?;
            Some((number as u32, found))
        };
        self.names.iter().enumerate().filter_map(likeness).collect()
    }

    fn equal(&self, traveller: &Traveller) -> usize {
        let query = sorted_words(&format!("{} {}", traveller.given, traveller.surname));
        self.by_words.get(&query).map_or(0, Vec::len)
    }
}

fn sorted_words(name: &str) -> String {
    let folded = names::fold(name);
    let mut words: Vec<&str> = folded.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}

/// The longest that a request waited for its index and its room, while others were made and
/// swapped in; one figure a swap.
fn swapped(list: &Watchlist, first: Index) -> Measure {
    let current = RwLock::new(Arc::new(first));
    let ended = AtomicBool::new(false);
    let people: Vec<Traveller> = (0..500).map(|n| traveller(list, n)).collect();
    let waits = std::thread::scope(|scope| {
        let requests = scope.spawn(|| requests(&current, &people, &ended));
        let mut swaps = Vec::new();
        for _ in 0..3 {
            let index = Arc::new(Index::build(vec![list.clone()]));
            let before = Instant::now();
            // The old one is let go of here, not by whoever asks last.
            let mut old =
                std::mem::replace(&mut *current.write().unwrap_or_else(|e| e.into_inner()), index);
            while let Err(still) = Arc::try_unwrap(old) {
                old = still;
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(50));
            swaps.push((before, Instant::now()));
        }
        ended.store(true, Ordering::Release);
        let waits = requests.join().unwrap_or_default();
        swaps
            .iter()
            .map(|(from, to)| {
                let during = waits.iter().filter(|(at, _)| (from..=to).contains(&at));
                during.map(|(_, ms)| *ms).fold(0.0, f64::max)
            })
            .collect()
    });
    Measure::of("ms", 6, waits)
}

/// Asks without end; when each request began, and how long it waited.
fn requests(
    current: &RwLock<Arc<Index>>,
    people: &[Traveller],
    ended: &AtomicBool,
) -> Vec<(Instant, f64)> {
    let mut waits = Vec::new();
    for person in people.iter().cycle() {
        if ended.load(Ordering::Acquire) {
            break;
        }
        let start = Instant::now();
        let index = Arc::clone(&current.read().unwrap_or_else(|e| e.into_inner()));
        let mut screener = Screener::new(&index);
        waits.push((start, start.elapsed().as_secs_f64() * 1e3));
        black_box(screener.screen(person));
    }
    waits
}

fn has_nomenklatura() -> bool {
    let asked = std::process::Command::new("python3")
        .args(["-c", "import nomenklatura"])
        .stderr(std::process::Stdio::null())
        .status();
    asked.is_ok_and(|s| s.success())
}
