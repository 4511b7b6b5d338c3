//! `cargo xtask simulate`: worlds of nodes, one for each seed, on all processors, and what
//! of the six promises was broken in them.
//!
//! ```text
//! --seeds N     how many seeds (1,000)
//! --from N      the first (0)
//! --states N    how many states in each world; by the seed otherwise
//! --plant BUG   with a bug put in on purpose; `all` looks for each until it is found
//! --seed N      one seed alone
//! --trace       what happens in it, line by line
//! --json        one object a line
//! ```

use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use simulation::{Options, PLANTS, Plant, Report, run};

struct Asked {
    from: u64,
    seeds: u64,
    options: Options,
    every_plant: bool,
    json: bool,
}

#[derive(Default)]
struct Sum {
    violations: u64,
    failed: u64,
    whole: Report,
}

fn main() -> ExitCode {
    let asked = match asked() {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!("simulate: {wrong}");
            return ExitCode::from(2);
        }
    };
    if asked.every_plant { every_plant(&asked) } else { seeds(&asked) }
}

fn asked() -> Result<Asked, String> {
    let options = Options::default();
    let mut asked = Asked { from: 0, seeds: 1_000, options, every_plant: false, json: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        let number = |text: String| text.parse().map_err(|_| format!("{text} is no number"));
        match word.as_str() {
            "--seeds" => asked.seeds = number(value()?)?,
            "--from" => asked.from = number(value()?)?,
            "--seed" => (asked.from, asked.seeds) = (number(value()?)?, 1),
            "--states" => asked.options.states = Some(number(value()?)? as usize),
            "--plant" => match value()?.as_str() {
                "all" => asked.every_plant = true,
                name => asked.options.plant = Some(planted(name)?),
            },
            "--trace" => asked.options.trace = true,
            "--json" => asked.json = true,
            other => return Err(format!("{other} is not known")),
        }
    }
    Ok(asked)
}

fn planted(name: &str) -> Result<Plant, String> {
    Plant::named(name).ok_or_else(|| {
        let names: Vec<String> =
            PLANTS.iter().map(|row| format!("  {}: {}", row.name, row.sentence)).collect();
        format!("no bug is called {name}; there are\n{}", names.join("\n"))
    })
}

/// Runs the seeds on all processors.
fn seeds(asked: &Asked) -> ExitCode {
    let begun = Instant::now();
    let next = AtomicU64::new(asked.from);
    let sum = Mutex::new(Sum::default());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= asked.from + asked.seeds {
                        return;
                    }
                    let report = run(seed, &asked.options);
                    add(seed, report, asked, &sum);
                }
            });
        }
    });
    let Sum { violations, failed, whole } = sum.into_inner().unwrap_or_default();
    let wall = begun.elapsed().as_secs_f64();
    if asked.json {
        println!(
            "{{\"seeds\":{},\"violations\":{violations},\"failed_seeds\":{failed},\"events\":{},\
             \"crashes\":{},\"partitions\":{},\"posted\":{},\"together\":{},\"delivered\":{},\"alarms\":{},\
             \"simulated_days\":{},\"wall_s\":{wall:.2}}}",
            asked.seeds,
            whole.events,
            whole.crashes,
            whole.partitions,
            whole.posted,
            whole.together,
            whole.delivered,
            whole.alarms,
            whole.simulated_s / 86_400
        );
    } else {
        println!(
            "{} seeds, {violations} violations in {failed} of them; {} events, {} crashes, {} \
             partitions, {} parcels posted ({} of them with others), {} lists delivered, {} alarms, {} days in {wall:.1} s",
            asked.seeds,
            whole.events,
            whole.crashes,
            whole.partitions,
            whole.posted,
            whole.together,
            whole.delivered,
            whole.alarms,
            whole.simulated_s / 86_400
        );
    }
    ExitCode::from(u8::from(violations > 0))
}

fn add(seed: u64, report: Report, asked: &Asked, sum: &Mutex<Sum>) {
    let Ok(mut sum) = sum.lock() else { return };
    for line in &report.trace {
        println!("{line}");
    }
    if let Some(first) = report.violations.first() {
        if asked.json {
            println!(
                "{{\"seed\":{seed},\"promise\":{},\"step\":{},\"what\":\"{}\",\"more\":{}}}",
                first.promise,
                first.step,
                first.what,
                report.violations.len() - 1
            );
        } else {
            for broken in &report.violations {
                println!("seed {seed}: promise {}: {}", broken.promise, broken.what);
            }
        }
        sum.failed += 1;
    }
    sum.violations += report.violations.len() as u64;
    let whole = &mut sum.whole;
    whole.events += report.events;
    whole.crashes += report.crashes;
    whole.partitions += report.partitions;
    whole.posted += report.posted;
    whole.together += report.together;
    whole.delivered += report.delivered;
    whole.alarms += report.alarms;
    whole.simulated_s += report.simulated_s;
}

/// Looks for each planted bug until it is found: how many seeds that took.
fn every_plant(asked: &Asked) -> ExitCode {
    let mut missed = 0;
    for row in PLANTS {
        let options = Options { plant: Some(row.plant), ..asked.options };
        let found = (asked.from..asked.from + asked.seeds).find_map(|seed| {
            let violation = run(seed, &options).violations.into_iter().next()?;
            Some((seed - asked.from + 1, violation))
        });
        missed += u32::from(found.is_none());
        match (found, asked.json) {
            (Some((seeds, broken)), true) => println!(
                "{{\"plant\":\"{}\",\"found\":true,\"seeds\":{seeds},\"promise\":{},\"what\":\"{}\"}}",
                row.name, broken.promise, broken.what
            ),
            (None, true) => {
                println!("{{\"plant\":\"{}\",\"found\":false,\"seeds\":{}}}", row.name, asked.seeds)
            }
            (Some((seeds, broken)), false) => println!(
                "{:<24} found by seed {seeds:>4}: promise {}: {}",
                row.name, broken.promise, broken.what
            ),
            (None, false) => println!("{:<24} NOT FOUND in {} seeds", row.name, asked.seeds),
        }
    }
    ExitCode::from(u8::from(missed > 0))
}
