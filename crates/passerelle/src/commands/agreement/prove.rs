//! `passerelle agreement prove`: what no request can get past.

use std::path::PathBuf;

use anyhow::{Context, Result};
use policy::{Agreement, Regime};
use travel::Country;

use super::read;
use crate::{cli::OrWrongUse, init};

/// What to prove.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The agreements: TOML or signed files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Prove instead that each allows nothing that this earlier version did not.
    #[arg(long, value_name = "FILE")]
    not_wider_than: Option<PathBuf>,
    /// The law packs that bind a state, where they are not the usual ones.
    #[arg(long, value_name = "STATE=PACK,…")]
    law: Vec<String>,
    /// Print what Cedar is given, and prove nothing.
    #[arg(long)]
    cedar: bool,
    /// Print one JSON object for each file.
    #[arg(long)]
    json: bool,
}

/// Proves it; gives whether a case was found that may not be.
pub fn run(args: &Args) -> Result<bool> {
    let mut agreements = Vec::new();
    for file in &args.files {
        agreements.push(read(file)?.agreement()?);
    }
    let laws = laws(&agreements, &args.law)?;
    if args.cedar {
        let all: Vec<&Agreement> = agreements.iter().collect();
        println!("{}", policy::cedar::schema());
        println!(
            "{}// The law.\n{}",
            policy::cedar::agreements(&all),
            policy::cedar::ceiling(&laws)
        );
        return Ok(false);
    }
    prove(args, &agreements, &laws)
}

type Laws = Vec<(Country, Vec<Regime>)>;

/// The packs of every party: those given, or the usual ones.
fn laws(agreements: &[Agreement], given: &[String]) -> Result<Laws> {
    let mut laws = Laws::new();
    for one in given {
        let (state, packs) = one
            .split_once('=')
            .with_context(|| format!("--law {one}: write STATE=PACK,PACK"))
            .or_wrong_use()?;
        let state = Country::parse(state)
            .with_context(|| format!("--law {one}: {state:?} is no state"))
            .or_wrong_use()?;
        laws.push((state, packs.split(',').map(named).collect::<Result<_>>()?));
    }
    for state in agreements.iter().flat_map(|a| a.parties) {
        if !laws.iter().any(|(known, _)| *known == state) {
            let usual = init::usual_regimes(state);
            laws.push((state, usual.iter().map(|name| named(name)).collect::<Result<_>>()?));
        }
    }
    Ok(laws)
}

fn named(pack: &str) -> Result<Regime> {
    Regime::named(pack).context("see `passerelle law`").or_wrong_use()
}

#[cfg(not(feature = "prove"))]
fn prove(_: &Args, _: &[Agreement], _: &Laws) -> Result<bool> {
    anyhow::bail!(
        "this build cannot prove: Cedar is left out of the usual one for the time it takes to build; \
         `cargo build --release --features prove` makes one that can"
    )
}

#[cfg(feature = "prove")]
use with_solver::prove;

#[cfg(feature = "prove")]
mod with_solver {
    use std::{
        collections::BTreeMap,
        ffi::OsStr,
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use anyhow::{Context, Result};
    use policy::{Agreement, Case};
    use proofs::{Prover, Question, SOLVER};

    use super::{super::read, Args, Laws};

    /// What was found about the question of that number.
    type Found = (usize, Option<Case>);

    /// Asks about each agreement, as many at once as there are processors.
    pub(super) fn prove(args: &Args, agreements: &[Agreement], laws: &Laws) -> Result<bool> {
        let last = args.not_wider_than.as_deref().map(read).transpose()?;
        let last = last.map(|signed| signed.agreement()).transpose()?;
        let question = |agreement: &Agreement| match &last {
            Some(last) => Question::not_wider(last, agreement),
            None => Question::inside(agreement, laws),
        };
        let questions: Vec<Question> = agreements.iter().map(question).collect();
        let mut found = answers(&questions)?;
        found.sort_by_key(|(question, _)| *question);
        for (file, (_, case)) in args.files.iter().zip(&found) {
            print(&file.display().to_string(), case.as_ref(), args);
        }
        Ok(found.iter().any(|(_, case)| case.is_some()))
    }

    fn answers(questions: &[Question]) -> Result<Vec<Found>> {
        let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, question) in questions.iter().enumerate() {
            alike.entry(question.nameless()).or_default().push(number);
        }
        let alike: Vec<Vec<usize>> = alike.into_values().collect();
        let next = AtomicUsize::new(0);
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let found: Vec<Result<Vec<Found>>> = thread::scope(|scope| {
            let running: Vec<_> = (0..workers.min(alike.len()))
                .map(|_| scope.spawn(|| work(questions, &alike, &next)))
                .collect();
            let join = |worker: thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            running.into_iter().map(join).collect()
        });
        Ok(found.into_iter().collect::<Result<Vec<_>>>()?.concat())
    }

    /// Answers questions that are alike until there are none left.
    fn work(
        questions: &[Question],
        alike: &[Vec<usize>],
        next: &AtomicUsize,
    ) -> Result<Vec<Found>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let prover = Prover::new(OsStr::new(SOLVER))
                .context("the solver cannot be started; Debian's package is called cvc5")?;
            let mut found = Vec::new();
            while let Some(numbers) = alike.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut holds = false;
                for number in numbers {
                    // What holds for one holds for all; a case is said in each one's names.
                    let case = match holds {
                        true => None,
                        false => prover.ask(&questions[*number]).await?,
                    };
                    holds = case.is_none();
                    found.push((*number, case));
                }
            }
            Ok(found)
        })
    }

    fn print(file: &str, case: Option<&Case>, args: &Args) {
        let asked = if args.not_wider_than.is_some() { "not_wider" } else { "inside_the_law" };
        if args.json {
            let rules = case.map(|c| c.rules.iter().map(|r| r.as_str()).collect::<Vec<_>>());
            let line = serde_json::json!({
                "file": file, "asked": asked, "holds": case.is_none(),
                "case": case.map(Case::words), "rules": rules.unwrap_or_default(),
            });
            println!("{line}");
            return;
        }
        match (case, args.not_wider_than.is_some()) {
            (None, false) => println!("{file}: whatever it allows, the law allows."),
            (None, true) => println!("{file}: allows nothing that the last version did not."),
            (Some(case), false) => println!("{file}: the law forbids it.\n  {}", case.words()),
            (Some(case), true) => println!("{file}: is wider.\n  {}", case.words()),
        }
    }
}
