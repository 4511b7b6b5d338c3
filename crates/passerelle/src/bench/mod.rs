//! `passerelle bench`: this program, measured on this machine.

mod documents;
mod exchange;
mod interactive;
mod lake;
mod limits;
mod push;
mod table;
mod world_day;

use std::{path::Path, process::ExitCode};

use anyhow::Result;
use serde_json::{Value, json};

/// `passerelle bench`.
#[derive(Debug, clap::Subcommand)]
pub enum BenchCommand {
    /// A day of the world's passenger lists through the real door of a real node
    #[command(
        after_help = "Everybody in it is made up. Exit code: 0 every answered list is there, 1 one is not.

Examples:
  passerelle bench world-day --scale 0.01
  passerelle bench world-day --json"
    )]
    WorldDay(world_day::WorldDayArgs),
    /// Two nodes over real TLS: a backlog drained, then lists at a steady rate
    #[command(
        after_help = "Everybody in it is made up. Exit code: 0 the goals are reached (5,000 lists in a minute; 99 in
100 receipted within 250 ms), 1 one is not, or something was lost.

Examples:
  passerelle bench exchange --json
  passerelle bench exchange --backlog 1000 --seconds 20 --rate 50"
    )]
    Exchange(exchange::ExchangeArgs),
    /// One traveller after the other at a steady rate, each kept and screened at once
    #[command(
        after_help = "Everybody in it is made up. Exit code: 0 the goal is reached (99 in 100 answered within 10 ms),
1 it is not, or something was lost.

Examples:
  passerelle bench interactive --json
  passerelle bench interactive --rate 200 --seconds 10"
    )]
    Interactive(interactive::InteractiveArgs),
    /// Travellers by the hundred million: looked up, and looked through for a watchlist
    #[command(
        after_help = "Everybody in it is made up. Exit code: 0 everybody was found, 1 somebody was missed.

Examples:
  passerelle bench lake --scale 0.01
  passerelle bench lake --scale 1 --dir /var/tmp --json"
    )]
    Lake(lake::LakeArgs),
    /// A list of a hundred million documents: made from a file, opened, and looked up
    #[command(
        after_help = "Every document in it is made up. Exit code: 0 every answer was right, 1 one was not.

Examples:
  passerelle bench documents --json
  passerelle bench documents --entries 1000000"
    )]
    Documents(documents::DocumentsArgs),
    /// Send a file of messages to a node, as one of its senders
    #[command(
        hide = true,
        after_help = "Used by `passerelle bench world-day`:
  passerelle bench push --plan plan.json --messages 0.bin --out 0.ndjson"
    )]
    Push(push::PushArgs),
}

/// Runs it.
pub fn run(command: BenchCommand) -> ExitCode {
    match command {
        BenchCommand::WorldDay(args) => world_day::run(&args),
        BenchCommand::Exchange(args) => exchange::run(&args),
        BenchCommand::Interactive(args) => interactive::run(&args),
        BenchCommand::Lake(args) => lake::run(&args),
        BenchCommand::Documents(args) => documents::run(&args),
        BenchCommand::Push(args) => push::run(&args),
    }
}

/// Measures in a directory of its own, below `dir` or in the system's place for such; it goes
/// afterwards unless it is to be kept. `show` prints what was measured, and says whether that
/// is as it should be.
fn measured_in<T>(
    (dir, name, keep): (Option<&Path>, &str, bool),
    measure: impl FnOnce(&Path) -> Result<T>,
    show: impl FnOnce(T) -> bool,
) -> ExitCode {
    let base = dir.map_or_else(std::env::temp_dir, Path::to_path_buf);
    let base = base.join(format!("passerelle-{name}-{}", std::process::id()));
    let measured = measure(&base);
    if !keep {
        // What cannot be removed is in a place for such.
        let _ = std::fs::remove_dir_all(&base);
    }
    match measured {
        Ok(measured) => ExitCode::from(u8::from(!show(measured))),
        Err(e) => crate::cli::done(Err(e)),
    }
}

/// How long things took, in milliseconds.
struct Spread(Vec<f64>);

impl Spread {
    fn of(ms: impl Iterator<Item = f64>) -> Self {
        let mut ms: Vec<f64> = ms.collect();
        ms.sort_by(f64::total_cmp);
        Self(ms)
    }

    fn json(&self) -> Value {
        let last = self.0.len().saturating_sub(1) as f64;
        let at = |part: f64| self.0.get((last * part) as usize).copied().unwrap_or(0.0);
        json!({"p50": at(0.5), "p99": at(0.99), "max": at(1.0)})
    }
}

/// The most memory that a process had resident so far; 0 where the system does not tell.
fn peak_rss_bytes(process: impl std::fmt::Display) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Seconds of processor time that a process has used; 0 where the system does not tell.
fn cpu_s(process: &str) -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let mut fields = after_name.split(' ').skip(11);
    let mut next = || fields.next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    (next() + next()) / TICKS
}
