//! `passerelle case`: whoever is in a case outlives the clock, alone, until the case's own day.

use anyhow::{Context, Result, ensure};
use jiff::{civil::Date, tz::TimeZone};
use store::{NewCase, rows::CaseRow};

use super::{AT_THE_MACHINE, table};
use crate::{
    cli::{NodeDir, WrongUse},
    clock,
    node::Node,
};

/// `passerelle case`.
#[derive(Debug, clap::Subcommand)]
pub enum CaseCommand {
    /// Open a case; travellers are added to it one by one
    #[command(after_help = "Example:
  passerelle case open gbr op-2026-17 --until 2029-01-01 --ground 'order of 2 March, Westminster'")]
    Open {
        #[command(flatten)]
        node: NodeDir,
        /// Its name, as whoever leads it knows it; names nobody.
        id: String,
        /// The first day on which it must be gone.
        #[arg(long, value_name = "DATE")]
        until: Date,
        /// The legal ground.
        #[arg(long)]
        ground: String,
        /// It only stops deletion: nobody is under suspicion.
        #[arg(long)]
        hold: bool,
    },
    /// Copy one traveller of a list to a case
    #[command(
        after_help = "Example:\n  passerelle case add gbr op-2026-17 --list LIST --traveller 3"
    )]
    Add {
        #[command(flatten)]
        node: NodeDir,
        /// The case.
        id: String,
        /// The list.
        #[arg(long)]
        list: String,
        /// Number of the traveller on the list, from 0.
        #[arg(long)]
        traveller: u32,
    },
    /// Show the cases
    #[command(after_help = "Example:\n  passerelle case list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Close a case: what was copied to it is gone
    #[command(after_help = "Example:\n  passerelle case close gbr op-2026-17")]
    Close {
        #[command(flatten)]
        node: NodeDir,
        /// The case.
        id: String,
    },
}

/// Runs it.
pub fn run(command: CaseCommand) -> Result<()> {
    match command {
        CaseCommand::Open { node, id, until, ground, hold } => {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/');
            ensure!(
                (1..=40).contains(&id.len()) && id.chars().all(plain),
                WrongUse(format!("{id:?} is no name of a case: up to 40 letters, digits, - . /"))
            );
            let today = clock::now().to_zoned(TimeZone::UTC).date();
            ensure!(until > today, WrongUse("--until must be a day to come".into()));
            ensure!(!ground.trim().is_empty(), WrongUse("--ground says nothing".into()));
            let node = Node::open(&node.dir)?;
            let new = NewCase {
                id: &id,
                ground: ground.trim(),
                keep_until: until,
                hold,
                officer: AT_THE_MACHINE,
            };
            node.store().open_case(&new, clock::now())?;
            node.close();
            println!("The case {id} is open until {until}.");
        }
        CaseCommand::Add { node, id, list, traveller } => {
            let node = Node::open(&node.dir)?;
            let case = case(&node, &id)?;
            let row = node.store().list(&list)?;
            let row = row.with_context(|| format!("there is no list {list}"))?;
            let who = (AT_THE_MACHINE, clock::now());
            node.store().copy_to_case(&case, (&row, traveller), who)?;
            node.close();
            println!(
                "Traveller {traveller} of list {list} is kept in {id} until {}.",
                case.keep_until
            );
        }
        CaseCommand::List { node } => list(&Node::open(&node.dir)?)?,
        CaseCommand::Close { node, id } => {
            let node = Node::open(&node.dir)?;
            let case = case(&node, &id)?;
            node.store().close_case(&case, AT_THE_MACHINE, clock::now())?;
            node.close();
            println!("The case {id} is closed; what was copied to it cannot be read any more.");
        }
    }
    Ok(())
}

/// A case by its name.
pub fn case(node: &Node, id: &str) -> Result<CaseRow> {
    node.store().case(id)?.with_context(|| format!("there is no case {id}"))
}

fn list(node: &Node) -> Result<()> {
    let cases = node.store().cases()?;
    if cases.is_empty() {
        println!("No case is open. `passerelle case open` opens one.");
        return Ok(());
    }
    let mut rows = Vec::new();
    for c in cases {
        let records = node.store().case_records(&c.id)?.len();
        let state = if c.closed_at.is_some() { "closed" } else { "open" };
        let kind = if c.hold { "hold" } else { "case" };
        let until = c.keep_until.to_string();
        rows.push(vec![c.id, kind.to_owned(), state.to_owned(), records.to_string(), until]);
    }
    table(&["id", "kind", "state", "records", "until"], &rows);
    Ok(())
}
