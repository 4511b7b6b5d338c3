//! `passerelle bench documents`: a list of documents of a hundred million entries, made from a file, opened,
//! and looked up.
//!
//! Numbers are made up: of 190 states, each in its own style and scattered over all numbers of that
//! style without any twice, so that of every number it is known whether it is listed. What is looked up
//! is half listed and half not, and every answer is held against that.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use screening::documents::Key;
use serde_json::{Value, json};
use travel::Country;

use super::Spread;
use crate::documents;

/// States that issue.
const STATES: u64 = 190;
/// Looked up, one after the other.
const LOOK_UPS: u64 = 2_000_000;

/// `passerelle bench documents`.
#[derive(Debug, clap::Args)]
pub struct DocumentsArgs {
    /// How many documents are listed.
    #[arg(long, default_value_t = 100_000_000, value_name = "N")]
    entries: u64,
    /// Where to work; a directory of its own in the system's place for such, otherwise.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: &DocumentsArgs) -> ExitCode {
    let place = (args.dir.as_deref(), "documents", false);
    super::measured_in(
        place,
        |base| measure(args.entries, base),
        |report| {
            if args.json {
                println!("{report}");
            } else {
                println!("{report:#}");
            }
            report["wrong"] == 0
        },
    )
}

fn measure(entries: u64, base: &Path) -> Result<Value> {
    ensure!(entries > 0, "--entries is more than 0");
    let made_up = MadeUp::of(entries);
    let began = Instant::now();
    let made = documents::make(Source::of(&made_up), base)?;
    let load_s = began.elapsed().as_secs_f64();
    ensure!(made.sorted.entries == entries, "{} of {entries} are there", made.sorted.entries);
    let (file_bytes, digest) = (made.bytes, made.digest);
    let loading_rss = super::peak_rss_bytes("self");
    let path = base.join("list.documents");
    made.keep(&path)?;

    let began = Instant::now();
    let set = documents::open(&path, digest)?;
    let open_ms = began.elapsed().as_secs_f64() * 1e3;
    // Of each page, its first key and its digest.
    let memory_bytes = set.bytes() + set.bytes() / 2;

    let keys: Vec<(Key, bool)> = (0..LOOK_UPS)
        .map(|n| {
            let number = scattered(n, entries);
            let listed = n % 2 == 0;
            // The one after the last of a state is on no list.
            let number = if listed { number } else { entries + number };
            made_up.key(number).map(|key| (key, listed))
        })
        .collect::<Option<_>>()
        .context("a number that was made up is none")?;
    let (mut wrong, mut took) = (0u64, Vec::with_capacity(keys.len()));
    // The first round fills the system's cache.
    for round in 0..2 {
        let began = Instant::now();
        for (key, listed) in &keys {
            let one = Instant::now();
            let found = set.find(*key)?;
            if round == 1 {
                took.push(one.elapsed().as_secs_f64() * 1e6);
            }
            wrong += u64::from(found.is_empty() == *listed);
        }
        eprintln!("round {round}: {:.1} s", began.elapsed().as_secs_f64());
    }
    let seconds: f64 = took.iter().sum::<f64>() / 1e6;
    Ok(json!({
        "entries": entries, "load_s": load_s, "load_peak_rss_bytes": loading_rss,
        "file_bytes": file_bytes, "bytes_per_entry": file_bytes as f64 / entries as f64,
        "open_ms": open_ms, "memory_bytes": memory_bytes,
        "look_ups": keys.len(), "look_ups_per_s": keys.len() as f64 / seconds,
        "look_up_us": Spread::of(took.into_iter()).json(), "wrong": wrong,
    }))
}

/// A number below `most`, for each number another as long as there are so many.
fn scattered(n: u64, most: u64) -> u64 {
    const PRIME: u128 = 2_654_435_761;
    ((u128::from(n) * PRIME + 12_345) % u128::from(most)) as u64
}

/// Documents by their number; those from `entries` on are not listed.
struct MadeUp {
    entries: u64,
    states: Vec<Country>,
}

impl MadeUp {
    fn of(entries: u64) -> Self {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|a| letters().map(move |b| (a, b)));
        let codes = codes.flat_map(|(a, b)| letters().map(move |c| format!("{a}{b}{c}")));
        let states =
            codes.filter_map(|code| Country::parse(&code)).filter(|c| travel::is_state(*c));
        Self { entries, states: states.take(STATES as usize).collect() }
    }

    /// State and number of a document.
    fn document(&self, n: u64) -> (Country, String) {
        // What is not listed goes on behind the last of its state.
        let (state, place) = match n.checked_sub(self.entries) {
            None => (n % STATES, n / STATES),
            Some(beyond) => (beyond % STATES, self.entries.div_ceil(STATES) + beyond / STATES),
        };
        let letter = |n: u64| char::from(b'A' + (n % 26) as u8);
        let number = match state % 4 {
            0 => format!("{:09}", scattered(place, 1_000_000_000)),
            1 => {
                let n = scattered(place, 26 * 100_000_000);
                format!("{}{:08}", letter(n / 100_000_000), n % 100_000_000)
            }
            2 => {
                let n = scattered(place, 26 * 26 * 10_000_000);
                let letters = n / 10_000_000;
                format!("{}{}{:07}", letter(letters / 26), letter(letters), n % 10_000_000)
            }
            _ => format!("{:08}", scattered(place, 100_000_000)),
        };
        (self.states[state as usize], number)
    }

    fn key(&self, n: u64) -> Option<Key> {
        let (state, number) = self.document(n);
        Key::of(&number, state)
    }
}

/// The file, as it is read.
struct Source<'m> {
    made_up: &'m MadeUp,
    next: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl<'m> Source<'m> {
    fn of(made_up: &'m MadeUp) -> Self {
        let buffer = b"number,issuing_state,type,reported,reason\n".to_vec();
        Self { made_up, next: 0, buffer, at: 0 }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use io::Write;
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            for _ in 0..1_000 {
                if self.next == self.made_up.entries {
                    break;
                }
                let (state, number) = self.made_up.document(self.next);
                let (month, day) = (1 + self.next % 12, 1 + self.next % 28);
                writeln!(self.buffer, "{number},{state},P,2024-{month:02}-{day:02},stolen")?;
                self.next += 1;
            }
        }
        let count = into.len().min(self.buffer.len() - self.at);
        into[..count].copy_from_slice(&self.buffer[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_made_up_twice_and_all_answers_are_right() {
        let made_up = MadeUp::of(20_000);
        let keys: std::collections::HashSet<Key> =
            (0..40_000).map(|n| made_up.key(n).unwrap()).collect();
        assert_eq!(keys.len(), 40_000);
        let dir = tempfile::TempDir::new().unwrap();
        let made = documents::make(Source::of(&made_up), dir.path()).unwrap();
        assert_eq!((made.sorted.entries, made.read.noted), (20_000, 0));
        let set = made.open().unwrap();
        for n in 0..40_000 {
            let found = set.find(made_up.key(n).unwrap()).unwrap();
            assert_eq!(found.len(), usize::from(n < 20_000), "{n}");
        }
    }
}
