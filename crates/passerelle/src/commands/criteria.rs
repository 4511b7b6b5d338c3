//! `passerelle criteria`: what is looked for in bookings and journeys.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use api::criteria::{Trial, try_on};
use screening::{Criteria, Fact, FactKind};

use super::table;
use crate::{
    cli::{NodeDir, OrWrongUse},
    clock, init,
    node::Node,
    officers,
};

/// How many lists are read for a trial when nobody says.
const LISTS: usize = 1_000;

/// `passerelle criteria …`.
#[derive(Debug, clap::Subcommand)]
pub enum CriteriaCommand {
    /// Show the facts of which criteria can be made
    #[command(after_help = "Example:\n  passerelle criteria facts")]
    Facts,
    /// Read a document of criteria, and say what it looks for
    #[command(after_help = "A document is TOML:

  name = \"broken-travel\"
  title = \"Travel in pieces to a border region\"
  purpose = \"terrorism\"
  review_by = 2027-05-31

  [[criterion]]
  id = \"onward\"
  title = \"An onward leg to the border, on a second ticket bought late\"
  why = \"Recruits were sent on by tickets that others bought after they had arrived.\"
  when = [\"bookings >= 2\", \"booked_before <= 3\", \"journey_to in [TUR]\"]
  unless = [\"crew\", \"booking_travellers >= 4\"]

A traveller meets a criterion when all of `when` and none of `unless` is so; what is not known
accuses nobody. Protected attributes are refused (EU-07, CJ-05), and so is a criterion without
an exonerating circumstance. Exit code 2 when something is wrong.

Example:
  passerelle criteria check broken-travel.toml")]
    Check {
        /// The document.
        file: PathBuf,
    },
    /// Count who would meet criteria on the lists that are stored; nothing is raised
    #[command(
        after_help = "Example:\n  passerelle criteria try gbr broken-travel.toml --lists 5000"
    )]
    Try {
        #[command(flatten)]
        node: NodeDir,
        /// The document.
        file: PathBuf,
        /// On how many lists, the newest first.
        #[arg(long, default_value_t = LISTS)]
        lists: usize,
    },
    /// Try criteria and propose them; another supervisor approves them
    #[command(
        after_help = "Example:\n  passerelle criteria propose gbr broken-travel.toml --officer b.jones"
    )]
    Propose {
        #[command(flatten)]
        node: NodeDir,
        /// The document.
        file: PathBuf,
        #[command(flatten)]
        officer: ByOfficer,
    },
    /// Approve what somebody else proposed; a running node uses it within seconds
    #[command(
        after_help = "Example:\n  passerelle criteria approve gbr broken-travel 3f2a9c01 --officer c.evans"
    )]
    Approve {
        #[command(flatten)]
        node: NodeDir,
        /// The name.
        name: String,
        /// The version: its digest, or the first eight digits and more.
        digest: String,
        #[command(flatten)]
        officer: ByOfficer,
    },
    /// Take criteria out of use, or a proposal back
    #[command(after_help = "Example:
  passerelle criteria withdraw gbr broken-travel 3f2a9c01 --officer c.evans --reason 'too wide'")]
    Withdraw {
        #[command(flatten)]
        node: NodeDir,
        /// The name.
        name: String,
        /// The version.
        digest: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        officer: ByOfficer,
    },
    /// Show criteria: proposed, in use, past
    #[command(after_help = "Example:\n  passerelle criteria list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
}

/// Who does it: an officer with a password, for author and approver must be two.
#[derive(Debug, clap::Args)]
pub struct ByOfficer {
    /// User name.
    #[arg(long)]
    officer: String,
    /// A file whose first line is the password; asked for when absent.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Runs it.
pub fn run(command: CriteriaCommand) -> Result<()> {
    match command {
        CriteriaCommand::Facts => facts(),
        CriteriaCommand::Check { file } => explain(&read(&file)?.0),
        CriteriaCommand::Try { node, file, lists } => {
            let criteria = read(&file)?.0;
            let node = Node::open(&node.dir)?;
            let trial = try_on(node.store(), &criteria, lists, |read| {
                eprint!("\r{read} lists read");
            })?;
            eprintln!();
            found(criteria.criteria.iter().map(|c| c.id.as_str()), &trial);
            println!("\nNothing was raised.");
        }
        CriteriaCommand::Propose { node, file, officer } => {
            let (criteria, text) = read(&file)?;
            let node = Node::open(&node.dir)?;
            let (digest, trial) = officer
                .does(node, |api, caller| api.propose_criteria(caller, &text, clock::now()))?;
            found(criteria.criteria.iter().map(|c| c.id.as_str()), &trial);
            println!(
                "\n{} {} is proposed; another supervisor approves it.",
                criteria.name,
                &digest[..16]
            );
        }
        CriteriaCommand::Approve { node, name, digest, officer } => {
            let node = Node::open(&node.dir)?;
            officer.does(node, |api, caller| {
                api.approve_criteria(caller, (&name, &digest), clock::now())
            })?;
            println!("{name} {digest} is in use.");
        }
        CriteriaCommand::Withdraw { node, name, digest, reason, officer } => {
            let node = Node::open(&node.dir)?;
            officer.does(node, |api, caller| {
                api.withdraw_criteria(caller, (&name, &digest), &reason, clock::now())
            })?;
            println!("{name} {digest} is out of use; hits that it raised stay with the officers.");
        }
        CriteriaCommand::List { node } => list(&Node::open(&node.dir)?)?,
    }
    Ok(())
}

impl ByOfficer {
    fn does<T>(
        &self,
        node: Node,
        what: impl FnOnce(&api::Api, &api::Caller) -> Result<T, api::Error>,
    ) -> Result<T> {
        let password = match &self.password_file {
            Some(file) => init::first_line(file)?,
            None => rpassword::prompt_password(format!("Password of {}: ", self.officer))?,
        };
        let api = officers::at_the_machine(&Arc::new(node))?;
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let signed_in = api.sign_in((&self.officer, &password), here, clock::now())?;
        let caller = api.authenticate(&signed_in.token, clock::now())?;
        let done = what(&api, &caller).map_err(|e| match e {
            api::Error::Invalid { text, .. } => anyhow::anyhow!("{text}"),
            other => other.into(),
        });
        api.sign_out(&caller, clock::now())?;
        done
    }
}

fn read(file: &Path) -> Result<(Criteria, String)> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))
        .or_wrong_use()?;
    let criteria = Criteria::parse(&text, clock::utc().date())
        .with_context(|| format!("{} cannot be taken", file.display()))
        .or_wrong_use()?;
    Ok((criteria, text))
}

fn facts() {
    let kind = |kind| match kind {
        FactKind::Truth => "so or not",
        FactKind::Number => "number",
        FactKind::Countries => "countries",
        FactKind::Airport => "airport",
    };
    let row = |f: &Fact| vec![f.name().into(), kind(f.kind()).into(), f.words().into()];
    let rows: Vec<Vec<String>> = Fact::ALL.iter().map(row).collect();
    table(&["FACT", "KIND", "WHAT IT IS"], &rows);
}

fn explain(criteria: &Criteria) {
    println!("{}: {}", criteria.name, criteria.title);
    println!("For {}; to be looked at again by {}.", criteria.purpose, criteria.review_by);
    println!("It looks at: {}.", criteria.elements());
    for one in &criteria.criteria {
        println!("\n{}: {}\n  {}", one.id, one.title, one.why);
        for (word, conditions) in [("when", &one.when), ("unless", &one.unless)] {
            for condition in conditions {
                println!("  {word:6} {} ({})", condition.written(), condition.fact().words());
            }
        }
    }
}

fn found<'i>(ids: impl Iterator<Item = &'i str>, trial: &Trial) {
    let row = |(id, met): (&str, &u64)| {
        let one_in = match met {
            0 => "nobody".to_owned(),
            met => format!("1 in {}", trial.travellers / met),
        };
        vec![id.to_owned(), met.to_string(), one_in]
    };
    println!("{} travellers on {} lists were looked at.", trial.travellers, trial.lists);
    let rows: Vec<Vec<String>> = ids.zip(&trial.met).map(row).collect();
    table(&["CRITERION", "TRAVELLERS WHO MEET IT", "WHICH IS"], &rows);
}

fn list(node: &Node) -> Result<()> {
    let rows = node.store().criteria()?;
    if rows.is_empty() {
        println!("There are no criteria. `passerelle criteria propose` proposes some.");
        return Ok(());
    }
    let today = clock::utc().date();
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| api::criteria::view(row, today))
        .map(|v| {
            let approved = v.approved_by.unwrap_or_default();
            let digest = v.digest[..16].to_owned();
            vec![v.name, digest, v.state.into(), v.review_by.to_string(), v.proposed_by, approved]
        })
        .collect();
    table(&["CRITERIA", "VERSION", "STATE", "REVIEW BY", "PROPOSED BY", "APPROVED BY"], &rows);
    Ok(())
}
