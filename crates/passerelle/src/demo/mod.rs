//! `passerelle demo`: states exchange in a synthetic world: two, or a coalition of up to
//! twenty-one, every pair with its agreement.
//!
//! The nodes are made and served by the same code as any other and know nothing of the
//! demonstration. It plays everybody around them: airlines that report flights through
//! the real doors, officers who sign in and decide, and the checker that holds what was
//! answered against what is there.

mod airlines;
mod coalition;
mod counters;
mod exchanged;
mod fleet;
mod incidents;
mod ledger;
mod officers;
mod process;
mod setup;
mod summary;

pub(crate) use process::{Process, terminate};
pub(crate) use setup::some_addresses as free_addresses;

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use parking_lot::Mutex;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time,
};

use self::{
    coalition::Coalition,
    counters::Counters,
    fleet::Fleet,
    incidents::{Disturbed, Incidents},
    ledger::Ledger,
    officers::Shift,
    setup::{ACCOUNTS, Setup},
    summary::Summary,
};
use crate::cli;

/// How long the nodes have to finish what they were given.
const DRAIN_WITHIN: Duration = Duration::from_secs(60);
/// The same where one of them was switched off: its partners come back within a minute.
const DRAIN_WITHIN_WHEN_DISTURBED: Duration = Duration::from_secs(150);
/// The same after Ctrl-C, when somebody waits.
const DRAIN_WITHIN_WHEN_TOLD: Duration = Duration::from_secs(8);

/// `passerelle demo`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Everybody in it is made up. Ctrl-C ends it with a summary; the next start goes on
where it stopped. Exits 0 when nothing was lost or doubled and every log verifies.

More than two states are those of a coalition of twenty-one: each pair sends whole lists, upheld
hits alone, or nothing. One state suspends its agreements for a while, another one's node is
switched off for a while.

Examples:
  passerelle demo
  passerelle demo --headless --minutes 2 --json
  passerelle demo --states 21"
)]
pub struct DemoArgs {
    /// Work the whole queue, and leave nothing to a visitor.
    #[arg(long)]
    headless: bool,
    /// End after so many minutes; without it, at Ctrl-C.
    #[arg(long, value_name = "N")]
    minutes: Option<f64>,
    /// How fast flights are reported: 1 is about one flight a second, of many states more.
    #[arg(long, default_value_t = 1.0, value_name = "X")]
    speed: f64,
    /// What decides people, lists and flights; kept from start to start.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many states take part: 2 to 21.
    #[arg(long, default_value_t = 2, value_name = "N")]
    states: u32,
    /// Forget an earlier demonstration and begin anew.
    #[arg(long)]
    fresh: bool,
    /// Print the summary as one JSON object per line, and nothing else, on standard output.
    #[arg(long)]
    json: bool,
    /// Where the nodes are kept.
    #[arg(long, default_value = "passerelle-demo", value_name = "DIR")]
    dir: PathBuf,
}

/// Runs it.
pub fn run(args: DemoArgs) -> ExitCode {
    if let Err(e) = check(&args) {
        eprintln!("passerelle: {e:#}");
        return ExitCode::from(cli::WRONG_USE);
    }
    let stage = match prepare(&args) {
        Ok(stage) => stage,
        Err(e) => {
            eprintln!("passerelle: {e:#}");
            return ExitCode::from(cli::WRONG_USE);
        }
    };
    match play(&args, &stage) {
        Ok(summary) => {
            if args.json {
                summary.json().iter().for_each(|line| println!("{line}"));
            } else {
                print!("\n{}", summary.words());
            }
            summary.findings().iter().for_each(|f| eprintln!("{f}"));
            ExitCode::from(u8::from(!summary.clean()))
        }
        Err(e) => {
            eprintln!("passerelle: {e:#}");
            ExitCode::from(cli::OUR_FAILURE)
        }
    }
}

fn check(args: &DemoArgs) -> Result<()> {
    let most = Coalition::most();
    if !(2..=most).contains(&(args.states as usize)) {
        bail!("--states {}: the demonstration is of 2 to {most} states", args.states);
    }
    if !(args.speed.is_finite() && args.speed > 0.0) {
        bail!("--speed {} is not a number above 0", args.speed);
    }
    if args.minutes.is_some_and(|m| !(m.is_finite() && (0.0..=1_000_000.0).contains(&m))) {
        bail!("--minutes is not a number of minutes");
    }
    Ok(())
}

/// What there is to play with.
struct Stage {
    base: PathBuf,
    coalition: Coalition,
    setup: Setup,
    new: bool,
    /// Held to the end.
    _lock: std::fs::File,
}

fn prepare(args: &DemoArgs) -> Result<Stage> {
    let base = std::path::absolute(&args.dir)?;
    let coalition = Coalition::of(args.states as usize)?;
    let states: Vec<String> = coalition.states().map(|s| s.to_string()).collect();
    say(args, &format!("Preparing {} nodes: {} …", states.len(), states.join(", ")));
    let lock = setup::lock(&base)?;
    let (setup, new) = setup::open(&base, &coalition, args.seed, args.fresh)?;
    Ok(Stage { base, coalition, setup, new, _lock: lock })
}

fn play(args: &DemoArgs, stage: &Stage) -> Result<Summary> {
    let Stage { base, setup, new, .. } = stage;
    let ledger = Arc::new(Ledger::open(base)?);
    let fleet = Arc::new(Mutex::new(Fleet::start(base, setup)?));
    introduce(args, setup, *new);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (minutes, incidents) = runtime.block_on(run_world(args, stage, &ledger, &fleet))?;
    runtime.shutdown_timeout(Duration::from_secs(5));
    let fleet = Arc::into_inner(fleet).context("the nodes are still being looked after")?;
    let measured = fleet.into_inner().stop()?;
    say(args, "All nodes have stopped. Checking stores and logs …");
    Summary::of((base, setup), &ledger.all(), measured, minutes, incidents)
}

fn say(args: &DemoArgs, text: &str) {
    if args.json {
        eprintln!("{text}");
    } else {
        println!("{text}");
    }
}

fn introduce(args: &DemoArgs, setup: &Setup, new: bool) {
    say(args, if new { "Ready. The consoles:" } else { "Ready, and going on. The consoles:" });
    for state in &setup.states {
        say(args, &counters::invitation(state));
    }
    say(args, "The certificates are the nodes' own: a browser asks whether to go on. Sign in as");
    for account in ACCOUNTS.iter().filter(|a| !a.synthetic) {
        let password = setup::password(account.name);
        say(args, &format!("  {:<14} password: {password}", account.name));
    }
    let share = if args.headless { "all" } else { "half" };
    say(args, &format!("Synthetic officers work {share} of the queue. Everybody here is made up."));
    say(args, "Ctrl-C ends the demonstration.");
}

/// Everything while the nodes run. How many minutes flights were reported, and what befell.
async fn run_world(
    args: &DemoArgs,
    Stage { base, coalition, setup, .. }: &Stage,
    ledger: &Arc<Ledger>,
    fleet: &Arc<Mutex<Fleet>>,
) -> Result<(f64, Incidents)> {
    let (ground, grounded) = watch::channel(false);
    let (close, closing) = watch::channel(false);
    let world = Arc::new(coalition.world(setup.seed));
    let away = fleet.lock().away();
    let mut shifts: JoinSet<Result<()>> = JoinSet::new();
    for (state, away) in setup.states.iter().zip(&away) {
        let half = !args.headless;
        let shift = Shift::begin(state, base, ledger.clone(), half, away.clone()).await?;
        shifts.spawn(shift.work(closing.clone()));
    }
    let mut counters = Counters::begin(setup, base, away.clone(), args.json).await?;
    let started = Instant::now();
    let place = (base.as_path(), setup);
    let flights = airlines::fly(place, away, world, ledger.clone(), args.speed, grounded.clone());
    let disturbed = disturbed(coalition);
    let incidents = async {
        match disturbed {
            None => Ok(Incidents::default()),
            Some(who) => incidents::happen(place, who, args.minutes, fleet.clone(), grounded).await,
        }
    };
    let (flown, incidents, told) = tokio::join!(
        async {
            let flown = flights.await;
            // Airlines that fail end the demonstration, too.
            ground.send_replace(true);
            flown
        },
        async {
            let happened = incidents.await;
            if happened.is_err() {
                ground.send_replace(true);
            }
            happened
        },
        watch_over(args, &mut counters, fleet, &mut shifts, &ground),
    );
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    let (incidents, ()) = (incidents?, flown?);
    let told = told?;
    let within = match (told, disturbed) {
        (true, _) => DRAIN_WITHIN_WHEN_TOLD,
        (false, Some(_)) => DRAIN_WITHIN_WHEN_DISTURBED,
        (false, None) => DRAIN_WITHIN,
    };
    drain(args, &mut counters, fleet, (told, within)).await?;
    close.send_replace(true);
    while let Some(ended) = shifts.join_next().await {
        ended??;
    }
    Ok((minutes, incidents))
}

/// Whom incidents befall, by their places.
fn disturbed(coalition: &Coalition) -> Option<Disturbed> {
    let (suspends, offline) = coalition.disturbed()?;
    let at = |state| coalition.states().position(|s| s == state);
    Some(Disturbed { suspends: at(suspends)?, offline: at(offline)? })
}

/// Shows counters until the time is over or somebody ends it; then grounds the flights.
/// Whether somebody did.
async fn watch_over(
    args: &DemoArgs,
    counters: &mut Counters,
    fleet: &Arc<Mutex<Fleet>>,
    shifts: &mut JoinSet<Result<()>>,
    ground: &watch::Sender<bool>,
) -> Result<bool> {
    let result = until_the_end(args, counters, fleet, shifts, ground.subscribe()).await;
    ground.send_replace(true);
    result
}

async fn until_the_end(
    args: &DemoArgs,
    counters: &mut Counters,
    fleet: &Arc<Mutex<Fleet>>,
    shifts: &mut JoinSet<Result<()>>,
    mut grounded: watch::Receiver<bool>,
) -> Result<bool> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let end = args.minutes.map(|m| time::Instant::now() + Duration::from_secs_f64(m * 60.0));
    let over = async {
        match end {
            Some(end) => time::sleep_until(end).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    let mut tick = time::interval(counters.every());
    loop {
        tokio::select! {
            () = &mut over => return Ok(false),
            _ = interrupt.recv() => return Ok(true),
            _ = terminate.recv() => return Ok(true),
            _ = grounded.changed() => return Ok(false),
            Some(ended) = shifts.join_next() => {
                ended??;
                bail!("the synthetic officers went home early");
            }
            _ = tick.tick() => {
                still_running(fleet)?;
                let moments = counters.look().await?;
                counters.show(&moments);
            }
        }
    }
}

fn still_running(fleet: &Mutex<Fleet>) -> Result<()> {
    // While one is switched off or on, the next look is soon enough.
    if fleet.try_lock().is_some_and(|mut nodes| nodes.any_ended()) {
        bail!("a node ended by itself; its log is beside its directory");
    }
    Ok(())
}

/// Waits until queues and outboxes are empty and the logs rest.
async fn drain(
    args: &DemoArgs,
    counters: &mut Counters,
    fleet: &Arc<Mutex<Fleet>>,
    (told, within): (bool, Duration),
) -> Result<()> {
    let end = Instant::now() + within;
    let mut before: Vec<u64> = Vec::new();
    let mut rested = 0;
    while Instant::now() < end {
        still_running(fleet)?;
        let moments = counters.look().await.context("a node does not answer any more")?;
        let events: Vec<u64> = moments.iter().map(|m| m.events).collect();
        let waits = |m: &counters::Moment| m.queued > 0 || (args.headless && m.waiting > 0);
        let busy = moments.iter().any(waits) || events != before;
        rested = if busy { 0 } else { rested + 1 };
        before = events;
        // Workers look at the store every two seconds; three quiet looks span that.
        if rested >= 3 {
            counters.show(&moments);
            return Ok(());
        }
        time::sleep(Duration::from_secs(1)).await;
    }
    // Whoever watches may stop when they like; a run that nobody watches has to come to its end.
    ensure!(told || !args.headless, "the work was not done in {} seconds", within.as_secs());
    say(args, "Not all of the work is done; the next start goes on with it.");
    Ok(())
}
