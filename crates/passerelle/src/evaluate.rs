//! `passerelle evaluate`: how good the screening is, on data that anybody can bring.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use evaluation::{CategoryLine, Data, Evaluation, Nomenklatura, Options, evaluate, page, scores};

use crate::cli;

/// `passerelle evaluate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "DIR holds labelled_pairs.jsonl, degraded_queries.jsonl, false_alert_pairs.jsonl.gz and
watchlist_people.jsonl; what is not there is named and left out. Innocent travellers of thirty
name cultures are made up from the seed. Everything is scored as `passerelle screen` scores it;
every share is taken at one false alert of a thousand travellers.
nomenklatura, the matcher behind OpenSanctions, is run on the same pairs (some minutes) where
Python has it: python3 -m venv peers && peers/bin/pip install nomenklatura==4.17.4. Without it the
report names it as left out.
Exit code: 0 every goal is met; 1 a goal is missed; 2 the data cannot be read.

Examples:
  passerelle evaluate --data matching
  passerelle evaluate --data matching --report report --scores scores.ndjson
  passerelle evaluate --data matching --peer nomenklatura --python peers/bin/python
  passerelle evaluate --data matching --peer watchman=watchman.ndjson --json"
)]
pub struct EvaluateArgs {
    /// The directory of the data.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Write every pair's score to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// Write the report as a page with plots into this directory.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Another matcher beside ours: `nomenklatura`, which is run, or a name and a file of its
    /// scores in the shape of --scores; may be given several times.
    #[arg(long = "peer", value_name = "nomenklatura|NAME=FILE")]
    peers: Vec<String>,
    /// The Python that has nomenklatura.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
    /// How many innocent travellers are made up.
    #[arg(long, default_value_t = 600_000)]
    travellers: u64,
    /// Of which world they are.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many queries are compared with a scan of the whole list.
    #[arg(long, default_value_t = 500, value_name = "N")]
    oracle: usize,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: EvaluateArgs) -> ExitCode {
    match work(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("passerelle: {e:#}");
            ExitCode::from(cli::WRONG_USE)
        }
    }
}

/// nomenklatura is run; of any other matcher the scores are read.
const RUN_HERE: &str = "nomenklatura";

fn options(args: &EvaluateArgs) -> Result<Options> {
    let (run_here, read): (Vec<&String>, Vec<_>) = args.peers.iter().partition(|p| *p == RUN_HERE);
    let peers = read.into_iter().map(|peer| {
        let (name, file) = peer.split_once('=').with_context(|| {
            format!(
                "--peer {peer}: say nomenklatura, or NAME=FILE as in --peer watchman=scores.ndjson"
            )
        })?;
        Ok((name.to_owned(), PathBuf::from(file)))
    });
    Ok(Options {
        travellers: args.travellers,
        seed: args.seed,
        oracle_queries: args.oracle,
        peers: peers.collect::<Result<_>>()?,
        nomenklatura: (!run_here.is_empty())
            .then(|| Nomenklatura { python: args.python.clone(), data: args.data.clone() }),
    })
}

fn work(args: &EvaluateArgs) -> Result<bool> {
    let options = options(args)?;
    anyhow::ensure!(args.data.is_dir(), "{} is no directory", args.data.display());
    let tell = |what: &str| eprintln!("{what}");
    tell("reading");
    let data = Data::read(&args.data)?;
    for missing in &data.missing {
        eprintln!("{missing} is not there and is left out");
    }
    tell("scoring pairs");
    let all = scores(&data);
    if let Some(path) = &args.scores {
        write(path, |out| {
            for score in &all {
                serde_json::to_writer(&mut *out, score)?;
                writeln!(out)?;
            }
            Ok(())
        })?;
    }
    let result = evaluate(&data, &all, &options, &tell)?;
    // What is found to be missing only when it is asked.
    for missing in result.summary.missing.iter().filter(|m| !data.missing.contains(m)) {
        eprintln!("left out: {missing}");
    }
    if let Some(dir) = &args.report {
        std::fs::create_dir_all(dir).with_context(|| cannot(dir))?;
        write(&dir.join("index.html"), |out| Ok(out.write_all(page(&result).as_bytes())?))?;
    }
    if args.json {
        print_json(&result)?
    } else {
        print(&result)
    }
    Ok(result.goals().iter().all(|g| g.met != Some(false)))
}

fn cannot(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}

fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let mut out = BufWriter::new(File::create(path).with_context(|| cannot(path))?);
    fill(&mut out).and_then(|()| Ok(out.flush()?)).with_context(|| cannot(path))
}

fn print_json(result: &Evaluation) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in &result.categories {
        writeln!(out, "{}", serde_json::to_string(line)?)?;
    }
    for line in &result.peers {
        writeln!(out, "{}", serde_json::to_string(line)?)?;
    }
    for line in result.cultures.iter().chain(&result.nationalities) {
        writeln!(out, "{}", serde_json::to_string(line)?)?;
    }
    for line in &result.calibration {
        writeln!(out, "{}", serde_json::to_string(line)?)?;
    }
    writeln!(out, "{}", serde_json::to_string(&result.summary)?)?;
    Ok(())
}

/// The share of the persons whom nothing was tuned on, with its interval.
fn held_out(line: &CategoryLine) -> String {
    line.held_out.map_or("-".to_owned(), |s| {
        format!("{:.3} ({:.3} to {:.3}) of {}", s.share, s.low, s.high, s.n)
    })
}

fn print(result: &Evaluation) {
    println!("{:<44}{:>9}{:>10}   ", "goal", "measured", "wanted");
    for goal in result.goals() {
        let said = match goal.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "not measured",
        };
        println!("{:<44}{:>9}{:>10}   {said}", goal.name, goal.measured(), goal.wanted());
    }
    println!(
        "\n{:<72}{:>6}{:>8}   {:<18}half not tuned on",
        "category", "n", "share", "95 % interval"
    );
    for line in &result.categories {
        let name = format!(
            "{}: {}{}",
            line.set,
            line.category,
            if line.same { "" } else { " (different persons let through)" }
        );
        println!(
            "{name:<72}{:>6}{:>8.3}   {:.3} to {:.3}    {}",
            line.n,
            line.recall,
            line.low,
            line.high,
            held_out(line)
        );
    }
    println!("\n{:<32}{:<40}{:>8}   {:<18}threshold", "matcher", "goal", "share", "95 % interval");
    for line in &result.peers {
        println!(
            "{:<32}{:<40}{:>8.3}   {:.3} to {:.3}    {:.2}",
            line.peer, line.category, line.recall, line.low, line.high, line.threshold
        );
    }
    println!("\n{:<30}{:>22}   95 % interval", "name culture", "false alerts of 1,000");
    for line in &result.cultures {
        println!(
            "{:<30}{:>22.2}   {:.2} to {:.2}",
            line.category, line.false_alerts_per_1000, line.low, line.high
        );
    }
    let s = &result.summary;
    println!(
        "\n{} innocent travellers against {}: {:.2} of a thousand put before an officer \
         ({:.2} to {:.2}).\nThreshold {:.2} nats ({:.2} by the false-alert pairs, {:.2} by the \
         travellers). Weights {}.",
        s.travellers,
        if s.persons == 1 { "1 person".to_owned() } else { format!("{} persons", s.persons) },
        s.false_alerts_per_1000,
        s.false_alerts_low,
        s.false_alerts_high,
        s.threshold,
        s.threshold_pairs,
        s.threshold_travellers,
        s.weights
    );
}
