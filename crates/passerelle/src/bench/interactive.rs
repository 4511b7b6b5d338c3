//! `passerelle bench interactive`: one traveller after the other, as carriers send them at the
//! desk before boarding (interactive API), at a steady rate whether or not the node keeps up.
//!
//! Each message is kept, logged and durable before it is answered, and screened at once. How
//! long that takes is read from the sender (answers) and from the store (screening).

use std::{
    fs,
    io::BufWriter,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use testkit::{Place, STATES, World};
use travel::Dataset;

use super::{
    Spread, push,
    world_day::{Serving, Traffic, answers, ledger, node, push_all},
};
use crate::{
    clock,
    invariants::{self, NodeAt},
    node::Node,
    tls,
};

/// What is to be reached, in milliseconds.
const P99_MS: f64 = 10.0;

/// `passerelle bench interactive`.
#[derive(Debug, clap::Args)]
pub struct InteractiveArgs {
    /// Messages in a second, of one traveller each.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    rate: usize,
    /// For how long.
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: usize,
    /// Persons on the watchlist.
    #[arg(long, default_value_t = 24_000, value_name = "N")]
    persons: u32,
    /// Where to work; a directory of its own in the system's place for such, otherwise.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: &InteractiveArgs) -> ExitCode {
    let place = (args.dir.as_deref(), "interactive", false);
    super::measured_in(
        place,
        |base| measure(args, base),
        |report| {
            if args.json {
                println!("{report}");
            } else {
                println!("{report:#}");
            }
            let p99 = report["answered_ms"]["p99"].as_f64().unwrap_or(f64::MAX);
            p99 <= P99_MS && report["lost"] == 0 && report["doubled"] == 0
        },
    )
}

fn measure(args: &InteractiveArgs, base: &Path) -> Result<Value> {
    ensure!(args.rate > 0 && args.seconds > 0, "--rate and --seconds are more than 0");
    fs::create_dir_all(base).with_context(|| format!("{} cannot be made", base.display()))?;
    let place = |state, airport: &str| Place { state, airports: vec![airport.to_owned()] };
    let places = [place(STATES[0], "LHR"), place(STATES[1], "IST")];
    let world = World::of(1, &places, args.persons);
    let traffic = make(args, &world, base)?;
    let dir = base.join("gbr");
    let mut plan = node(&world, &dir)?;
    plan.rate = Some(args.rate);
    let plan_file = base.join("plan.json");
    tls::write_secret(&plan_file, serde_json::to_string(&plan)?.as_bytes())?;
    let serving = Serving::start(&dir)?;
    eprintln!("pushing {} messages a second for {} s", args.rate, args.seconds);
    let began = Instant::now();
    let outs = push_all(&traffic, &plan_file)?;
    let pushed_s = began.elapsed().as_secs_f64();
    let looking = Node::open(&dir)?;
    while !looking.store().unscreened(1)?.is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let screened_s = began.elapsed().as_secs_f64();
    let hits = looking.store().counts()?.hits;
    let (from, to) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
    let rows = looking.store().lists_between(from, to, u32::MAX)?;
    let waited = |l: &store::rows::List| {
        let ms = l.screened_at?.duration_since(l.received_at).as_secs_f64() * 1e3;
        Some(ms)
    };
    let screened = Spread::of(rows.iter().filter_map(waited));
    looking.close();
    drop((looking, rows));
    let peak = serving.peak_rss_bytes();
    serving.stop()?;
    let (mut answered, push_cpu) = answers(&outs)?;
    let ms = Spread::of(answered.iter().map(|p| p.ms));
    let all = answered.len() as u64;
    let report = invariants::check(&[NodeAt::of(&dir)?], &ledger(&mut answered), clock::now())?;
    Ok(json!({
        "rate": args.rate, "seconds": args.seconds, "persons": args.persons,
        "answered": all, "pushed_s": pushed_s, "per_s": all as f64 / pushed_s,
        "answered_ms": ms.json(), "screened_ms": screened.json(), "all_screened_s": screened_s,
        "hits": hits, "push_cpu_s": push_cpu, "peak_rss_bytes": peak,
        "lost": report.lost + (traffic.flights - all), "doubled": report.doubled,
        "promises": report.promises_json(),
    }))
}

/// Writes the messages for one sender.
fn make(args: &InteractiveArgs, world: &World, base: &Path) -> Result<Traffic> {
    let wanted = args.rate * args.seconds;
    let now = clock::now();
    let made_at = now.to_zoned(TimeZone::UTC).datetime();
    let file = base.join("0.bin");
    let mut out = BufWriter::new(fs::File::create(&file)?);
    let mut traffic = Traffic { files: vec![file], travellers: 0, flights: 0, bytes: 0 };
    for position in 0u64.. {
        let submission = world.submission(position, now);
        if submission.report.dataset != Dataset::Api {
            continue;
        }
        // Everybody on the flight comes to the desk alone.
        let people = submission.report.travellers.clone();
        let mut one = submission;
        for (number, traveller) in people.into_iter().enumerate() {
            if traffic.flights as usize == wanted {
                return Ok(traffic);
            }
            one.report.travellers = vec![traveller];
            one.report.stated_total = Some(1);
            let reference = position * 1_000 + number as u64;
            let bytes = testkit::render(&one, STATES[0], reference, made_at);
            push::write(&mut out, one.airline.code, 1, &bytes)?;
            traffic.travellers += 1;
            traffic.flights += 1;
            traffic.bytes += bytes.len() as u64;
        }
    }
    Ok(traffic)
}
