//! `passerelle bench exchange`: two nodes, processes of their own, over their real mutual TLS.
//!
//! Two things are measured. First a backlog: whole lists that were sealed while no node ran
//! go out, each signed, logged, durable and receipted, until none waits. Then lists that
//! carriers push at a steady rate through the HTTPS door: how long after a list was sealed
//! its receipt was durable at the sender. Both are read from the stores; that nothing was lost
//! or doubled is found by the invariant checker.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use jiff::{Timestamp, tz::TimeZone};
use policy::{Agreement, SignedAgreement};
use serde_json::{Value, json};
use testkit::{AIRLINES, Place, STATES, World};
use tokio::{task::JoinSet, time};
use travel::Dataset;

use crate::{
    clock,
    commands::{agreement, carrier, partner},
    config::Layout,
    demo::Process,
    init::{self, NewNode},
    invariants::{self, NodeAt},
    node::Node,
    pipeline, tls,
};

/// From Turkey to the United Kingdom it lets whole lists go.
const AGREEMENT: &str = include_str!("../../../../docs/agreements/gbr-tur.toml");
/// What is to be reached: lists drained in a minute, and milliseconds from seal to receipt.
const DRAINED_WITHIN_S: f64 = 60.0;
const P99_MS: f64 = 250.0;
/// How long what is under way may take when the last list was pushed.
const REST: Duration = Duration::from_secs(120);

/// `passerelle bench exchange`.
#[derive(Debug, clap::Args)]
pub struct ExchangeArgs {
    /// Lists that wait when the nodes start.
    #[arg(long, default_value_t = 5_000, value_name = "N")]
    backlog: usize,
    /// For how long lists are pushed afterwards.
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u64,
    /// How many of them in a second.
    #[arg(long, default_value_t = 100, value_name = "N")]
    rate: usize,
    /// Where to work; a directory of its own in the system's place for such, otherwise.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// One JSON object per measure on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: &ExchangeArgs) -> ExitCode {
    let place = (args.dir.as_deref(), "bench-exchange", false);
    super::measured_in(
        place,
        |base| measure(args, base),
        |(measures, reached)| {
            for measure in measures {
                if args.json {
                    println!("{measure}");
                } else {
                    println!("{measure:#}");
                }
            }
            reached
        },
    )
}

/// A list as a carrier sends it.
struct Message {
    carrier: &'static str,
    bytes: Vec<u8>,
}

/// The two nodes: who receives, who sends, and the carriers' tokens at the sender.
struct Pair {
    dirs: [PathBuf; 2],
    intake: String,
    tokens: Vec<(&'static str, String)>,
}

fn measure(args: &ExchangeArgs, base: &Path) -> Result<(Vec<Value>, bool)> {
    ensure!(args.rate > 0 && args.backlog > 0, "--backlog and --rate are more than 0");
    fs::create_dir_all(base).with_context(|| format!("{} cannot be made", base.display()))?;
    let live = args.rate * args.seconds as usize;
    eprintln!("making {} lists", args.backlog + live);
    let messages = messages(args.backlog + live);
    let pair = pair(base)?;
    eprintln!("sealing {} of them", args.backlog);
    let queued = seal(&pair, &messages[..args.backlog])?;
    ensure!(queued > 0, "nothing was sealed");
    let nodes = [Process::start(&pair.dirs[0])?, Process::start(&pair.dirs[1])?];
    let began = Instant::now();
    let looking = Node::open(&pair.dirs[1])?;
    drained(&looking, Duration::from_secs(600))?;
    let drained_s = began.elapsed().as_secs_f64();
    eprintln!("{queued} lists drained in {drained_s:.1} s; pushing {} a second", args.rate);
    let from = clock::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(push(&pair, &messages[args.backlog..], args.rate))?;
    drained(&looking, REST)?;
    let live = live_measure(&looking, from)?;
    looking.close();
    let memory = nodes.each_ref().map(Process::peak_rss_bytes);
    for node in nodes {
        node.stop()?;
    }
    let both: Vec<NodeAt> = pair.dirs.iter().map(|d| NodeAt::of(d)).collect::<Result<_>>()?;
    let report = invariants::check(&both, &[], clock::now())?;
    let clean = report.ok() && report.lost == 0 && report.doubled == 0;
    let reached = clean && drained_s <= DRAINED_WITHIN_S && live.p99_ms <= P99_MS;
    let line = |name: &str, ours: f64, more: Value| {
        let mut line = json!({
            "measure": name, "unit": "lists/s", "ours": rounded(ours), "rivals": {},
            "ratio": null, "runs": 1, "spread": null,
        });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        line
    };
    let backlog = json!({"lists": queued, "drained_s": rounded(drained_s)});
    let steady = json!({
        "offered": args.rate, "seconds": args.seconds, "lists": live.lists,
        "p50_ms": live.p50_ms, "p99_ms": live.p99_ms, "max_ms": live.max_ms,
        "lost": report.lost, "doubled": report.doubled, "promises": report.promises_json(),
        "peak_rss_bytes": memory,
    });
    let measures = vec![
        line("backlog", queued as f64 / drained_s, backlog),
        line("sustained", live.per_s, steady),
    ];
    Ok((measures, reached))
}

/// Passenger lists of flights from Turkey to the United Kingdom, as carriers send them.
fn messages(count: usize) -> Vec<Message> {
    let place = |state, airport: &str| Place { state, airports: vec![airport.to_owned()] };
    let world = World::of(1, &[place(STATES[0], "LHR"), place(STATES[1], "IST")], 100);
    let now = clock::now();
    let made_at = now.to_zoned(TimeZone::UTC).datetime();
    // Every other flight goes the other way.
    let positions = (1..).step_by(2);
    let lists = positions.filter_map(|position| {
        let submission = world.submission(position, now);
        let api = submission.report.dataset == Dataset::Api;
        api.then(|| Message {
            carrier: submission.airline.code,
            bytes: testkit::render(&submission, STATES[1], position, made_at),
        })
    });
    lists.take(count).collect()
}

fn pair(base: &Path) -> Result<Pair> {
    let (mut nodes, mut dirs, mut intakes) = (Vec::new(), Vec::new(), Vec::new());
    for state in STATES {
        let [intake, exchange, console] = crate::demo::free_addresses()?;
        let dir = base.join(state.code().to_lowercase());
        let (names, regimes) = (Vec::new(), init::usual_regimes(state));
        let (notice, administrator) = (None, None);
        init::make(
            &dir,
            &NewNode {
                state,
                intake,
                exchange,
                console,
                names,
                regimes,
                notice,
                administrator,
                store: None,
                token: None,
            },
        )?;
        // The next node must not be given the same addresses.
        let held = [intake, exchange, console].map(std::net::TcpListener::bind);
        nodes.push((Node::open(&dir)?, held));
        dirs.push(dir);
        intakes.push(intake);
    }
    let (one, other) = (&nodes[0].0, &nodes[1].0);
    partner::accept(other, &partner::offer(one)?)?;
    partner::accept(one, &partner::offer(other)?)?;
    let mut document = SignedAgreement::unsigned(&Agreement::from_toml(AGREEMENT)?);
    for node in [one, other] {
        document = agreement::sign(node, &document)?;
    }
    for node in [one, other] {
        agreement::accept(node, &document)?;
    }
    let tokens = AIRLINES
        .iter()
        .map(|a| Ok((a.code, carrier::add(other, a.code, Some(a.name))?)))
        .collect::<Result<_>>()?;
    nodes.iter().for_each(|(node, _)| node.close());
    let dirs = dirs.try_into().map_err(|_| anyhow::anyhow!("two states have two nodes"))?;
    Ok(Pair { dirs, intake: format!("https://{}/intake", intakes[1]), tokens })
}

/// Takes, screens and seals the lists while no node runs; gives how many parcels wait.
fn seal(pair: &Pair, messages: &[Message]) -> Result<u64> {
    let node = Node::open(&pair.dirs[1])?;
    let carriers = node.store().carriers()?;
    let next = AtomicUsize::new(0);
    let worker = || -> Result<()> {
        while let Some(message) = messages.get(next.fetch_add(1, Relaxed)) {
            let carrier = carriers.iter().find(|c| c.id == message.carrier);
            let carrier = carrier.context("a carrier that was not added")?;
            let answer = pipeline::submit(&node, carrier, &message.bytes, clock::now())?;
            for list in answer.kept {
                pipeline::screen_kept(&node, &list, clock::now())?;
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .try_for_each(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    let queued = node.store().counts()?.queued;
    node.close();
    Ok(queued)
}

/// Waits until nothing waits to be screened or sent.
fn drained(sender: &Node, within: Duration) -> Result<()> {
    let end = Instant::now() + within;
    let store = sender.store();
    while store.is_queued(STATES[0].code())? || !store.unscreened(1)?.is_empty() {
        ensure!(Instant::now() < end, "parcels still wait after {} s", within.as_secs());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Pushes the lists at a steady rate; all are answered when it returns.
async fn push(pair: &Pair, messages: &[Message], rate: usize) -> Result<()> {
    let ca = tls::read_text(&Layout::of(&pair.dirs[1]).ca().0)?;
    let client = tls::plain_client(&ca)?;
    let mut tick = time::interval(Duration::from_secs(1) / rate as u32);
    let mut sent: JoinSet<Result<()>> = JoinSet::new();
    for message in messages {
        tick.tick().await;
        let token = pair.tokens.iter().find(|(code, _)| *code == message.carrier);
        let (_, token) = token.context("a carrier without a token")?;
        let request = client.post(&pair.intake).bearer_auth(token).body(message.bytes.clone());
        sent.spawn(async move {
            // A door that is too busy is asked again, as carriers do.
            for _ in 0..60 {
                let again = request.try_clone().context("a body that cannot be sent twice")?;
                let answer = again.send().await?;
                if answer.status().as_u16() != 503 {
                    ensure!(answer.status().is_success(), "answered {}", answer.status());
                    return Ok(());
                }
                time::sleep(Duration::from_millis(500)).await;
            }
            anyhow::bail!("the door stayed too busy")
        });
    }
    while let Some(done) = sent.join_next().await {
        done??;
    }
    Ok(())
}

/// What was pushed steadily.
struct Live {
    lists: usize,
    per_s: f64,
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

/// From seal to durable receipt, of all that was sealed since.
fn live_measure(sender: &Node, from: Timestamp) -> Result<Live> {
    let rows = sender.store().outbox()?;
    let mut last = from;
    let mut waits: Vec<f64> = Vec::new();
    for row in rows.iter().filter(|row| row.queued_at >= from) {
        let receipted_at = row.receipted_at.context("a parcel without a receipt")?;
        last = last.max(receipted_at);
        waits.push(receipted_at.duration_since(row.queued_at).as_secs_f64() * 1000.0);
    }
    ensure!(!waits.is_empty(), "nothing of what was pushed was sealed");
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| rounded(waits[((waits.len() - 1) as f64 * share) as usize]);
    Ok(Live {
        lists: waits.len(),
        per_s: waits.len() as f64 / last.duration_since(from).as_secs_f64(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        max_ms: at(1.0),
    })
}

fn rounded(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}
