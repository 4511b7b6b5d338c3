//! `passerelle bench world-day`: 13.7 million travellers on some 100,000 flights, written
//! as carriers write them (PAXLST and PNRGOV, one message in a hundred damaged), pushed by
//! processes of their own through the HTTPS door of a node that is a process of its own.
//!
//! The messages are made first and are not in the time. That nothing answered is lost is
//! found by the invariant checker, from what the senders were told and the node's store.

use std::{
    fs,
    io::{BufRead, BufReader, BufWriter, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use testkit::{AIRLINES, DAMAGES, Rng, STATES, World};
use travel::Dataset;

use super::{
    Spread, cpu_s, limits,
    push::{self, Plan, Pushed, Spent},
    table,
};
use crate::{
    clock,
    commands::{carrier, watchlist},
    config::Layout,
    init::{self, NewNode},
    invariants::{self, Answered, NodeAt},
    node::Node,
    stages::Stage,
    tls,
};

/// Travellers of a day, the world over (law-and-operations §3).
const TRAVELLERS: f64 = 13.7e6;
/// Processes that send.
const SENDERS: usize = 2;
/// Messages that each of them has on its way.
const AT_ONCE: usize = 16;

/// `passerelle bench world-day`.
#[derive(Debug, clap::Args)]
pub struct WorldDayArgs {
    /// The part of the day that is made: 1 is all of it.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Decides everything that is made up.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to work; a directory of its own in the system's place for such, otherwise.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Leave the node and the messages there afterwards.
    #[arg(long)]
    keep: bool,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: &WorldDayArgs) -> ExitCode {
    let place = (args.dir.as_deref(), "world-day", args.keep);
    super::measured_in(
        place,
        |base| measure(args, base),
        |report| {
            if args.json {
                println!("{report}");
            } else {
                print!("{}", table::of(&report));
            }
            report["lost"] == 0
        },
    )
}

/// What was made.
pub(super) struct Traffic {
    pub(super) files: Vec<PathBuf>,
    pub(super) travellers: u64,
    pub(super) flights: u64,
    pub(super) bytes: u64,
}

fn measure(args: &WorldDayArgs, base: &Path) -> Result<Value> {
    ensure!(args.scale > 0.0 && args.scale <= 10.0, "--scale is more than 0 and at most 10");
    fs::create_dir_all(base).with_context(|| format!("{} cannot be made", base.display()))?;
    let world = World::new(args.seed);
    let traffic = make(args, &world, base)?;
    let dir = base.join("gbr");
    let plan = node(&world, &dir)?;
    let plan_file = base.join("plan.json");
    tls::write_secret(&plan_file, serde_json::to_string(&plan)?.as_bytes())?;
    let serving = Serving::start(&dir)?;
    eprintln!("pushing {} messages of {:.0} MB", traffic.flights, traffic.bytes as f64 / 1e6);
    let began = Instant::now();
    let outs = push_all(&traffic, &plan_file)?;
    let pushed_s = began.elapsed().as_secs_f64();
    let looking = Node::open(&dir)?;
    while !looking.store().unscreened(1)?.is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
    let wall_s = began.elapsed().as_secs_f64();
    let (node_cpu, log_cpu) = (cpu_s(&serving.child.id().to_string()), serving.writer_cpu_s());
    let peak = serving.peak_rss_bytes();
    let counts = looking.store().counts()?;
    looking.close();
    drop(looking);
    serving.stop()?;
    let (mut answered, push_cpu) = answers(&outs)?;
    let ms = Spread::of(answered.iter().map(|p| p.ms));
    let all = answered.len() as u64;
    let report = invariants::check(&[NodeAt::of(&dir)?], &ledger(&mut answered), clock::now())?;
    let stages: Value = serde_json::from_str(&tls::read_text(&base.join("stages.json"))?)?;
    let stage = |s: Stage| stages[s.name()].as_f64().unwrap_or(0.0);
    let known: f64 = Stage::ALL.into_iter().map(stage).sum::<f64>() + log_cpu;
    let mut sample = Vec::new();
    fs::File::open(&traffic.files[0])?.take(16 << 20).read_to_end(&mut sample)?;
    Ok(json!({
        "scale": args.scale, "travellers": traffic.travellers, "flights": traffic.flights,
        "bytes": traffic.bytes, "wall_s": wall_s, "pushed_s": pushed_s,
        "cpu_s": {
            "push": push_cpu, "read": stage(Stage::Read), "admit": stage(Stage::Admit),
            "keep": stage(Stage::Keep), "screen": stage(Stage::Screen), "log": log_cpu,
            "project": stage(Stage::Project),
            "other": (node_cpu - known).max(0.0),
        },
        "peak_rss_bytes": peak, "disk_bytes": size(&dir)?,
        "answered": all, "answered_ms": ms.json(),
        "lists": counts.carrier_lists, "hits": counts.hits, "faults": counts.faults,
        "lost": report.lost + (traffic.flights - all), "doubled": report.doubled,
        "promises": report.promises_json(), "limits": limits::measure(base, &sample)?,
    }))
}

/// Writes the day's messages, one file for each sender.
fn make(args: &WorldDayArgs, world: &World, base: &Path) -> Result<Traffic> {
    let wanted = (TRAVELLERS * args.scale) as u64;
    let mut told = 0;
    let now = clock::now();
    let made_at = now.to_zoned(TimeZone::UTC).datetime();
    let files: Vec<PathBuf> = (0..SENDERS).map(|i| base.join(format!("{i}.bin"))).collect();
    let mut outs: Vec<BufWriter<fs::File>> =
        files.iter().map(|f| Ok(BufWriter::new(fs::File::create(f)?))).collect::<Result<_>>()?;
    let mut traffic = Traffic { files, travellers: 0, flights: 0, bytes: 0 };
    let mut rng = Rng::new(args.seed, u64::MAX);
    for position in 0u64.. {
        if traffic.travellers >= wanted {
            break;
        }
        let submission = world.submission(position, now);
        if !submission.states.contains(&STATES[0]) {
            continue;
        }
        let mut travellers = submission.report.travellers.len() as u32;
        let mut bytes = testkit::render(&submission, STATES[0], position, made_at);
        traffic.travellers += u64::from(travellers);
        if submission.report.dataset != Dataset::Pnr && rng.below(100) == 0 {
            bytes = rng.pick(DAMAGES).apply(&bytes, &mut rng.clone()).bytes;
            travellers = 0;
        }
        let out = &mut outs[traffic.flights as usize % SENDERS];
        push::write(out, submission.airline.code, travellers, &bytes)?;
        traffic.flights += 1;
        traffic.bytes += bytes.len() as u64;
        let percent = traffic.travellers * 100 / wanted.max(1);
        if percent >= told + 10 {
            told = percent;
            eprintln!("making messages: {percent} % of {wanted} travellers");
        }
    }
    Ok(traffic)
}

/// A node with a watchlist and the day's airlines.
pub(super) fn node(world: &World, dir: &Path) -> Result<Plan> {
    let [intake, exchange, console] = crate::demo::free_addresses()?;
    init::make(
        dir,
        &NewNode {
            state: STATES[0],
            intake,
            exchange,
            console,
            names: Vec::new(),
            regimes: init::usual_regimes(STATES[0]),
            notice: None,
            administrator: None,
            store: None,
            token: None,
        },
    )?;
    let node = Node::open(dir)?;
    let file = dir.join("watchlist.csv");
    tls::write_public(&file, testkit::to_csv(world.list(STATES[0])).as_bytes())?;
    watchlist::load(&node, "synthetic", &[file], None, false)?;
    let tokens = AIRLINES
        .iter()
        .map(|a| Ok((a.code.to_owned(), carrier::add(&node, a.code, Some(a.name))?)))
        .collect::<Result<_>>()?;
    node.close();
    let ca = Layout::of(dir).ca().0;
    Ok(Plan { url: format!("https://{intake}/intake"), ca, tokens, at_once: AT_ONCE, rate: None })
}

pub(super) fn push_all(traffic: &Traffic, plan: &Path) -> Result<Vec<PathBuf>> {
    let mut senders = Vec::new();
    for file in &traffic.files {
        let out = file.with_extension("ndjson");
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "push", "--plan"]).arg(plan).arg("--messages").arg(file);
        senders.push((command.arg("--out").arg(&out).spawn()?, out));
    }
    let mut outs = Vec::new();
    for (mut sender, out) in senders {
        let status = sender.wait()?;
        ensure!(status.success(), "a sender ended with {status}");
        outs.push(out);
    }
    Ok(outs)
}

/// What the senders were answered, and the processor time that they used.
pub(super) fn answers(outs: &[PathBuf]) -> Result<(Vec<Pushed>, f64)> {
    let (mut all, mut cpu) = (Vec::new(), 0.0);
    for out in outs {
        for line in BufReader::new(fs::File::open(out)?).lines() {
            let line = line?;
            match serde_json::from_str::<Pushed>(&line) {
                Ok(pushed) => all.push(pushed),
                Err(_) => cpu += serde_json::from_str::<Spent>(&line)?.cpu_s,
            }
        }
    }
    Ok((all, cpu))
}

pub(super) fn ledger(answered: &mut Vec<Pushed>) -> Vec<Answered> {
    let answered_at = clock::now();
    let node = STATES[0].to_string();
    let one = |p: Pushed| Answered {
        node: node.clone(),
        submission: p.digest,
        answered_at,
        travellers: p.travellers,
    };
    answered.drain(..).map(one).collect()
}

fn size(dir: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        total += if meta.is_dir() { size(&entry.path())? } else { meta.len() };
    }
    Ok(total)
}

/// The node, as a process of its own.
pub(super) struct Serving {
    child: Child,
}

impl Serving {
    pub(super) fn start(dir: &Path) -> Result<Self> {
        let stages = dir.with_file_name("stages.json");
        let log = fs::File::create(dir.with_extension("log"))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg(dir).args(["--log", "warn", "--stages"]).arg(stages);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut serving = Self { child };
        let out = serving.child.stdout.take().context("a node without output")?;
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        ensure!(
            lines.any(|line| line.starts_with("ready")),
            "the node did not start; see {}",
            dir.with_extension("log").display()
        );
        Ok(serving)
    }

    pub(super) fn peak_rss_bytes(&self) -> u64 {
        super::peak_rss_bytes(self.child.id())
    }

    /// Processor time of the thread that writes transactions and the log.
    fn writer_cpu_s(&self) -> f64 {
        let Ok(threads) = fs::read_dir(format!("/proc/{}/task", self.child.id())) else {
            return 0.0;
        };
        let of = |path: PathBuf| {
            let name = fs::read_to_string(path.join("comm")).ok()?;
            let spent = fs::read_to_string(path.join("schedstat")).ok()?;
            let ns = spent.split(' ').next()?.parse::<u64>().ok()?;
            (name.trim() == "store writer").then_some(ns as f64 / 1e9)
        };
        threads.flatten().filter_map(|t| of(t.path())).sum()
    }

    pub(super) fn stop(mut self) -> Result<()> {
        crate::demo::terminate(self.child.id());
        let status = self.child.wait()?;
        ensure!(status.success(), "the node ended with {status}");
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
