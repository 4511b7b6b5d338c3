//! `cargo xtask bench readers`: how fast carriers' messages are read, on one core, beside
//! another reader of EDIFACT in the same run.
//!
//! Measures, on messages of the synthetic world's many carriers, one in a hundred of
//! them with a wrong count and, in PAXLST, a date of birth that is none:
//! * `tokenise`: where every segment, element and component lies, in one interchange of
//!   100 MB of PAXLST, split in stretches as the streaming reader takes them; the rival is
//!   `edifact-rs`, its tokeniser, which gives one token after another and keeps none, and
//!   its reader, which makes a value of each segment;
//! * `tokenise_whole`: the same with the lists of all of it held at once;
//! * `paxlst_admit`: bytes of PAXLST, one interchange for each flight, to admitted lists;
//! * `paxlst_read`: to reports, without the door;
//! * `pnrgov_read`: bytes of PNRGOV to reports;
//! * `stream_memory`: the largest memory of a process that reads an interchange of 2 GB.
//!
//! Ours and the rivals' runs alternate, so that all see the same machine; what counts is
//! the median, and as the ratio that to the faster of the rivals in each round. `spread`
//! is the distance of the quarters over the median. Time is that on the core, where the
//! system tells it (Linux does), so that what else runs there does not count as ours.

mod measured;

use std::hint::black_box;

use edifact::{Repertoire, Separators, Tokens};
use measured::{Measure, rate};
use messages::Outgoing;
use testkit::World;
use travel::{Admission, Country, Dataset, ElementSet, PassengerList, Report};

const RUNS: usize = 9;
const MOST_BYTES: usize = 100_000_000;
const SOME_BYTES: usize = 20_000_000;
/// What the streaming reader gathers before it reads.
const STRETCH: usize = 256 << 10;
/// The interchange of `stream_memory`.
const STREAMED_BYTES: usize = 2_000_000_000;
/// How this program is told to be the one whose memory is measured.
const BE_STREAMED: &str = "--be-streamed";
/// One message in so many is damaged.
const DAMAGED: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == BE_STREAMED) {
        return be_streamed();
    }
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
    show("tokenise_whole", tokenise_whole);
    show("paxlst_admit", paxlst_admit);
    show("paxlst_read", paxlst_read);
    show("pnrgov_read", pnrgov_read);
    show("stream_memory", stream_memory);
}

fn tokenise() -> Measure {
    let bytes = one_interchange();
    let megabytes = bytes.len() as f64 / 1e6;
    let mut tokens = Tokens::default();
    let (mut counted, mut tokens_counted, mut segments_counted) = ((0, 0, 0), 0, (0, 0));
    let mut ours = Vec::new();
    let mut rivals = vec![("edifact-rs", Vec::new()), ("edifact-rs segments", Vec::new())];
    // The first run of each warms up: pages are mapped, and lists have their size.
    for run in 0..=RUNS {
        let one = rate(megabytes, || {
            counted = (0, 0, 0);
            let (separators, repertoire) = (Separators::default(), Repertoire::A);
            tokens.in_stretches(black_box(&bytes), STRETCH, separators, repertoire, |t, _| {
                let t = black_box(t);
                counted.0 += t.segments();
                counted.1 += t.elements();
                counted.2 += t.components();
            });
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
    assert_eq!((counted.0, counted.1), segments_counted, "all must have read the same");
    // A tag and a terminator for each segment, and one for each element and component.
    assert_eq!(tokens_counted, 2 * counted.0 + counted.1 + counted.2);
    Measure { rivals, ..Measure::of("MB/s", 1, ours) }
}

fn tokenise_whole() -> Measure {
    let bytes = one_interchange();
    let mut tokens = Tokens::default();
    let mut ours: Vec<f64> = (0..=RUNS)
        .map(|_| {
            rate(bytes.len() as f64 / 1e6, || {
                tokens.tokenise(black_box(&bytes), Separators::default(), Repertoire::A);
                black_box(tokens.segments());
            })
        })
        .collect();
    ours.remove(0);
    Measure::of("MB/s", 1, ours)
}

fn paxlst_admit() -> Measure {
    paxlst(|report, admission| {
        let list = PassengerList::admit(report, admission);
        black_box(list).map_or(0, |l| l.travellers().len())
    })
}

fn paxlst_read() -> Measure {
    paxlst(|report, _| black_box(report).travellers.len())
}

/// Travellers a second that are read and given to `then`, which says how many it got.
fn paxlst(then: fn(Report, &Admission) -> usize) -> Measure {
    let flights = damaged(Dataset::Api);
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
                    travellers += then(message.report, &admission);
                }
            }
        });
        assert_eq!(travellers, expected, "nobody may be lost");
        if run > 0 {
            ours.push(rate);
        }
    }
    Measure::of("travellers/s", 1, ours)
}

fn pnrgov_read() -> Measure {
    let flights = damaged(Dataset::Pnr);
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
    Measure::of("MB/s", 1, ours)
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

/// So many of them, some damaged, though so that everybody is still there.
fn damaged(kind: Dataset) -> Vec<Sent> {
    let mut all: Vec<_> = written(kind).scan(0, up_to(SOME_BYTES)).collect();
    for sent in all.iter_mut().step_by(DAMAGED) {
        put(&mut sent.bytes, b"UNT+", b"9");
        put(&mut sent.bytes, b"DTM+329:", b"809999");
    }
    all
}

/// Writes over what stands behind `mark`, where that is first.
fn put(bytes: &mut [u8], mark: &[u8], what: &[u8]) {
    let found = bytes.windows(mark.len()).position(|w| w == mark).map(|at| at + mark.len());
    if let Some(there) = found.and_then(|at| bytes.get_mut(at..at + what.len())) {
        there.copy_from_slice(what);
    }
}

/// The largest memory of a process that reads 2 GB.
fn stream_memory() -> Measure {
    let program = std::env::current_exe().expect("a running program has a path");
    let child = std::process::Command::new(program).arg(BE_STREAMED).output();
    let child = child.expect("this program starts again");
    let text = String::from_utf8_lossy(&child.stdout).into_owned();
    let peak = text.trim().parse().expect("it says its memory");
    Measure::of("MB", 1, vec![peak])
}

/// Reads one interchange of 2 GB, made as it is read of some messages that come again
/// with other references, and says the largest memory of this process.
fn be_streamed() {
    let messages: Vec<_> = written(Dataset::Api).take(50).collect();
    let expected: usize = messages.iter().map(|m| m.travellers).sum();
    let mut stream = messages::Stream::new(edifact::Mode::Tolerant, NOW.date());
    let (mut bytes, mut sent, mut travellers, mut rounds) = (0, 0, 0, 0);
    let mut each = |reading: messages::Reading| {
        travellers += reading.messages.iter().map(|m| m.report.travellers.len()).sum::<usize>();
    };
    stream.feed(b"UNB+UNOA:4+X7+GBR+260301:0800+000000000++APIS'", &mut each);
    while bytes < STREAMED_BYTES {
        for message in &messages {
            let Some(content) = content(&message.bytes) else { continue };
            let text = with_reference(content, sent);
            stream.feed(&text, &mut each);
            (bytes, sent) = (bytes + text.len(), sent + 1);
        }
        rounds += 1;
    }
    stream.feed(format!("UNZ+{sent}+000000000'").as_bytes(), &mut each);
    stream.end(&mut each);
    assert_eq!(travellers, rounds * expected, "nobody may be lost");
    println!("{:.1}", peak_megabytes().unwrap_or(f64::NAN));
}

/// From `UNH` up to `UNZ`.
fn content(bytes: &[u8]) -> Option<&[u8]> {
    let position = |tag: &[u8]| bytes.windows(4).position(|w| w == tag);
    Some(&bytes[position(b"UNH+")?..position(b"UNZ+")?])
}

/// The message with another reference of nine digits, in `UNH` and in `UNT`.
fn with_reference(message: &[u8], reference: usize) -> Vec<u8> {
    let digits = format!("{reference:09}");
    let mut message = message.to_vec();
    let unt = message.len() - digits.len() - 1;
    message[4..4 + digits.len()].copy_from_slice(digits.as_bytes());
    message[unt..unt + digits.len()].copy_from_slice(digits.as_bytes());
    message
}

/// The largest resident memory of this process (Linux), in megabytes.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
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
