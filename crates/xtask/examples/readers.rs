//! `cargo xtask bench readers`: how fast carriers' messages are read, on one core, beside
//! another reader of EDIFACT in the same run.
//!
//! Three measures, each on messages of the synthetic world:
//! * `tokenise`: where every segment, element and component lies, in one interchange of
//!   100 MB of PAXLST; the rival is `edifact-rs`, its tokeniser, which gives one token
//!   after another and keeps none, and its reader, which makes a value of each segment;
//! * `paxlst_admit`: bytes of PAXLST, one interchange for each flight, to admitted lists;
//! * `pnrgov_read`: bytes of PNRGOV to reports.
//!
//! Ours and the rivals' runs alternate, so that all see the same machine; what counts is
//! the median, and as the ratio that to the faster of the rivals in each round. `spread`
//! is the distance of the quarters over the median.

use std::{hint::black_box, time::Instant};

use edifact::{Repertoire, Separators, Tokens};
use messages::Outgoing;
use testkit::World;
use travel::{Admission, Country, Dataset, ElementSet, PassengerList};

const RUNS: usize = 9;
const MOST_BYTES: usize = 100_000_000;
const SOME_BYTES: usize = 20_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|a| a == "--json");
    let only: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|a| !a.starts_with('-')).collect();
    let show = |name, measure: fn() -> Measure| {
        if only.is_empty() || only.contains(&name) {
            let measure = measure();
            println!("{}", if json { measure.json(name) } else { measure.line(name) });
        }
    };
    show("tokenise", tokenise);
    show("paxlst_admit", paxlst_admit);
    show("pnrgov_read", pnrgov_read);
}

/// What the runs gave, in units a second.
struct Measure {
    unit: &'static str,
    ours: Vec<f64>,
    rivals: Vec<(&'static str, Vec<f64>)>,
}

impl Measure {
    fn spread(&self) -> f64 {
        let sorted = sorted(&self.ours);
        (sorted[sorted.len() * 3 / 4] - sorted[sorted.len() / 4]) / median(&self.ours)
    }

    /// The median of what each round gave.
    fn ratio(&self) -> Option<f64> {
        let fastest = |run| self.rivals.iter().map(|(_, s)| s[run]).reduce(f64::max);
        let rounds = self.ours.iter().enumerate();
        let ratios: Option<Vec<f64>> = rounds.map(|(run, o)| Some(o / fastest(run)?)).collect();
        ratios.map(|r| median(&r))
    }

    fn json(&self, name: &str) -> String {
        let rivals = self.rivals.iter().map(|(rival, s)| format!("\"{rival}\":{:.1}", median(s)));
        let ratio = self.ratio().map_or("null".to_owned(), |r| format!("{r:.1}"));
        format!(
            "{{\"measure\":\"{name}\",\"unit\":\"{}\",\"ours\":{:.1},\"rivals\":{{{}}},\
             \"ratio\":{ratio},\"runs\":{},\"spread\":{:.2}}}",
            self.unit,
            median(&self.ours),
            rivals.collect::<Vec<_>>().join(","),
            self.ours.len(),
            self.spread(),
        )
    }

    fn line(&self, name: &str) -> String {
        let mut line = format!("{name:<14}{:>12.1} {}", median(&self.ours), self.unit);
        for (rival, theirs) in &self.rivals {
            line += &format!("   {rival} {:.1}", median(theirs));
        }
        if let Some(ratio) = self.ratio() {
            line += &format!("   {ratio:.1} times");
        }
        line + &format!("   ({} runs, spread {:.2})", self.ours.len(), self.spread())
    }
}

fn sorted(figures: &[f64]) -> Vec<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(figures: &[f64]) -> f64 {
    sorted(figures)[figures.len() / 2]
}

/// How many of `amount` a second `run` does.
fn rate(amount: f64, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    amount / start.elapsed().as_secs_f64()
}

fn tokenise() -> Measure {
    let bytes = one_interchange();
    let megabytes = bytes.len() as f64 / 1e6;
    let mut tokens = Tokens::default();
    let (mut counted, mut tokens_counted, mut segments_counted) = ((0, 0), 0, (0, 0));
    let mut ours = Vec::new();
    let mut rivals = vec![("edifact-rs", Vec::new()), ("edifact-rs segments", Vec::new())];
    // The first run of each warms up: pages are mapped, and lists have their size.
    for run in 0..=RUNS {
        let one = rate(megabytes, || {
            tokens.tokenise(black_box(&bytes), Separators::default(), Repertoire::A);
            counted = black_box((tokens.segments(), tokens.elements()));
        });
        let other = rate(megabytes, || {
            let advice = edifact_rs::ServiceStringAdvice::default();
            let all = edifact_rs::Tokenizer::unlimited(black_box(&bytes), advice);
            tokens_counted = all.flatten().map(black_box).count();
        });
        let third = rate(megabytes, || {
            segments_counted = (0, 0);
            for segment in edifact_rs::from_bytes(black_box(&bytes)).flatten() {
                segments_counted.0 += 1;
                segments_counted.1 += black_box(segment.elements.len());
            }
        });
        if run > 0 {
            ours.push(one);
            rivals[0].1.push(other);
            rivals[1].1.push(third);
        }
    }
    assert_eq!(counted, segments_counted, "all must have read the same");
    // A tag and a terminator for each segment, and one for each element and component.
    assert_eq!(tokens_counted, 2 * counted.0 + counted.1 + tokens.components());
    Measure { unit: "MB/s", ours, rivals }
}

fn paxlst_admit() -> Measure {
    let flights: Vec<_> = written(Dataset::Api).scan(0, up_to(SOME_BYTES)).collect();
    let today = NOW.date();
    let received_at = jiff::tz::TimeZone::UTC.to_timestamp(NOW).expect("UTC has no gaps");
    let mut ours = Vec::new();
    for run in 0..=RUNS {
        let mut travellers = 0;
        let expected: usize = flights.iter().map(|f| f.travellers).sum();
        let rate = rate(expected as f64, || {
            for flight in &flights {
                let reading = messages::read(&flight.bytes, edifact::Mode::Tolerant, today);
                let (state, permitted) = (flight.state, ElementSet::ALL);
                let admission = Admission { state, permitted, received_at, must_touch: true };
                for message in reading.messages {
                    let list = PassengerList::admit(message.report, &admission);
                    travellers += black_box(list).map_or(0, |l| l.travellers().len());
                }
            }
        });
        assert_eq!(travellers, expected, "nobody may be lost");
        if run > 0 {
            ours.push(rate);
        }
    }
    Measure { unit: "travellers/s", ours, rivals: Vec::new() }
}

fn pnrgov_read() -> Measure {
    let flights: Vec<_> = written(Dataset::Pnr).scan(0, up_to(SOME_BYTES)).collect();
    let megabytes = flights.iter().map(|f| f.bytes.len()).sum::<usize>() as f64 / 1e6;
    let mut ours = Vec::new();
    for run in 0..=RUNS {
        let mut travellers = 0;
        let rate = rate(megabytes, || {
            for flight in &flights {
                let reading = messages::read(&flight.bytes, edifact::Mode::Tolerant, NOW.date());
                let reports = black_box(&reading.messages).iter().map(|m| &m.report);
                travellers += reports.map(|r| r.travellers.len()).sum::<usize>();
            }
        });
        let expected: usize = flights.iter().map(|f| f.travellers).sum();
        assert_eq!(travellers, expected, "nobody may be lost");
        if run > 0 {
            ours.push(rate);
        }
    }
    Measure { unit: "MB/s", ours, rivals: Vec::new() }
}

const NOW: jiff::civil::DateTime = jiff::civil::date(2026, 3, 1).at(8, 0, 0, 0);

/// What an airline sends about one flight.
struct Sent {
    state: Country,
    travellers: usize,
    bytes: Vec<u8>,
}

/// The synthetic world's messages of one kind, undamaged, for as long as one likes.
fn written(kind: Dataset) -> impl Iterator<Item = Sent> {
    let world = World::new(1);
    let now = jiff::tz::TimeZone::UTC.to_timestamp(NOW).expect("UTC has no gaps");
    (0u64..).filter_map(move |position| {
        let submission = world.submission(position, now);
        if submission.report.dataset != kind {
            return None;
        }
        let state = submission.states[0];
        let out = Outgoing {
            sender: submission.airline.code.to_owned(),
            recipient: state.code().to_owned(),
            reference: format!("{position:09}"),
            message_reference: format!("{position:09}"),
            made_at: NOW,
            test: false,
            release: if kind == Dataset::Pnr { "13:1" } else { "15B" }.to_owned(),
        };
        let bytes = match kind {
            Dataset::Pnr => messages::pnrgov::write(&submission.report, &out),
            _ => messages::paxlst::write(&submission.report, &out),
        };
        Some(Sent { state, travellers: submission.report.travellers.len(), bytes })
    })
}

/// Passes messages on until there are so many bytes.
fn up_to(most: usize) -> impl FnMut(&mut usize, Sent) -> Option<Sent> {
    move |bytes, sent| {
        *bytes += sent.bytes.len();
        (*bytes <= most).then_some(sent)
    }
}

/// All PAXLST messages in one interchange of 100 MB.
fn one_interchange() -> Vec<u8> {
    let mut all = Vec::with_capacity(MOST_BYTES + 1024);
    let mut messages = 0;
    for Sent { bytes, .. } in written(Dataset::Api).scan(0, up_to(MOST_BYTES)) {
        let position = |tag: &[u8]| bytes.windows(4).position(|w| w == tag);
        let [Some(unb), Some(unh), Some(unz)] =
            [b"UNB+", b"UNH+", b"UNZ+"].map(|tag| position(tag))
        else {
            continue;
        };
        // Without `UNA`, which one of the two counts as a segment.
        let start = if all.is_empty() { unb } else { unh };
        all.extend_from_slice(&bytes[start..unz]);
        messages += 1;
    }
    all.extend_from_slice(format!("UNZ+{messages}+000000000'").as_bytes());
    all
}
