//! `passerelle carrier`: who may send lists.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, ensure};
use audit::{Actor, Digest, Event};
use store::{Change, Store, rows::Carrier};

use super::{AT_THE_MACHINE, table};
use crate::{
    cli::{NodeDir, WrongUse},
    clock,
    node::Node,
    tls::{self, Fingerprint},
};

/// `passerelle carrier …`.
#[derive(Debug, clap::Subcommand)]
pub enum CarrierCommand {
    /// Let a carrier in: prints its token, this once; what it showed before counts no more
    #[command(after_help = "Examples:
  passerelle carrier add gbr TK > tk.token
  passerelle carrier add gbr BA --certificate ba    writes ba.pem and ba.key instead
  passerelle carrier add gbr HANDLER --flights BA,TK > handler.token")]
    Add {
        #[command(flatten)]
        node: NodeDir,
        /// Its designator, two or three characters (TK, THY).
        carrier: String,
        /// Its name, for people.
        #[arg(long)]
        name: Option<String>,
        /// Issue a client certificate to FILE.pem and FILE.key, and no token.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// Whose flights it may report besides its own, as `carrier flights` sets it.
        #[arg(long, value_delimiter = ',', value_name = "DESIGNATOR,…")]
        flights: Option<Vec<String>>,
    },
    /// Set whose flights a carrier may report besides its own
    #[command(
        after_help = "A carrier reports its own flights. One that sends for others (a ground handler, a
partner under whose number a flight goes) is named theirs here; lists of other flights
are refused and their originals kept. `any` lets it report every carrier's, no
designator leaves it its own alone.

Examples:
  passerelle carrier flights gbr TK AJ VF
  passerelle carrier flights gbr HANDLER any
  passerelle carrier flights gbr TK"
    )]
    Flights {
        #[command(flatten)]
        node: NodeDir,
        /// The carrier that sends.
        carrier: String,
        /// Designators of the flights, or `any`.
        designators: Vec<String>,
    },
    /// Show the carriers
    #[command(after_help = "Example:\n  passerelle carrier list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Take nothing more from a carrier
    #[command(after_help = "Example:\n  passerelle carrier remove gbr TK")]
    Remove {
        #[command(flatten)]
        node: NodeDir,
        /// Its designator.
        carrier: String,
    },
}

/// Runs it.
pub fn run(command: CarrierCommand) -> Result<()> {
    match command {
        CarrierCommand::Add { node, carrier, name, certificate, flights } => {
            let others = flights.map(|f| reported(&f)).transpose()?;
            let node = Node::open(&node.dir)?;
            match certificate {
                None => println!("{}", add(&node, &carrier, name.as_deref())?),
                Some(file) => add_with_certificate(&node, &carrier, name.as_deref(), &file)?,
            }
            others.map_or(Ok(()), |others| set_flights(&node, &carrier, &others))
        }
        CarrierCommand::Flights { node, carrier, designators } => {
            let others = reported(&designators)?;
            set_flights(&Node::open(&node.dir)?, &carrier, &others)
        }
        CarrierCommand::List { node } => list(&Node::open(&node.dir)?),
        CarrierCommand::Remove { node, carrier } => remove(&Node::open(&node.dir)?, &carrier),
    }
}

/// Lets a carrier in with a token, which is returned and kept nowhere.
pub fn add(node: &Node, carrier: &str, name: Option<&str>) -> Result<String> {
    let mut bytes = [0u8; 24];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow!("the system gives no randomness"))?;
    let token = format!("{carrier}-{}", tls::hex(&bytes));
    let hash = Digest::of(token.as_bytes()).to_string();
    keep(node, carrier, name, Some(hash), None)?;
    Ok(token)
}

fn add_with_certificate(
    node: &Node,
    carrier: &str,
    name: Option<&str>,
    file: &std::path::Path,
) -> Result<()> {
    let (pem, key) =
        tls::issue((node.layout(), node.state().code()), &format!("carrier {carrier}"), &[])?;
    keep(node, carrier, name, None, Some(Fingerprint::of_pem(&pem)?.0))?;
    tls::write_public(&file.with_extension("pem"), pem.as_bytes())?;
    tls::write_secret(&file.with_extension("key"), key.as_bytes())?;
    eprintln!("Certificate and key are in {0}.pem and {0}.key.", file.display());
    Ok(())
}

fn keep(
    node: &Node,
    carrier: &str,
    name: Option<&str>,
    token_hash: Option<String>,
    certificate: Option<String>,
) -> Result<()> {
    check(carrier)?;
    std::fs::create_dir_all(node.layout().inbox().join(carrier))
        .with_context(|| format!("no folder for {carrier} can be made"))?;
    let row = Carrier {
        id: carrier.to_owned(),
        name: name.unwrap_or(carrier).to_owned(),
        token_hash,
        certificate,
        // Another token is not another right.
        flights: known(node.store(), carrier)?.map(|c| c.flights).unwrap_or_default(),
        enabled: true,
        added_at: clock::now(),
    };
    let event = Event::CarrierAdded { carrier: carrier.to_owned() };
    node.record(vec![Change::Carrier(row)], Actor::Officer(AT_THE_MACHINE.into()), vec![event])
}

fn check(carrier: &str) -> Result<()> {
    let plain = carrier.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    ensure!(
        (2..=8).contains(&carrier.len()) && plain,
        WrongUse(format!("{carrier:?} is no carrier: two to eight capital letters and digits"))
    );
    Ok(())
}

fn known(store: &Store, carrier: &str) -> Result<Option<Carrier>> {
    Ok(store.carriers()?.into_iter().find(|c| c.id == carrier))
}

fn existing(node: &Node, carrier: &str) -> Result<Carrier> {
    known(node.store(), carrier)?.with_context(|| format!("there is no carrier {carrier}"))
}

/// As the store has it: `BA,LH`, `*`.
fn reported(designators: &[String]) -> Result<String> {
    if designators.iter().any(|d| d == "any") {
        return Ok("*".to_owned());
    }
    let mut others: Vec<&str> = designators.iter().map(|d| d.trim()).collect();
    others.sort_unstable();
    others.dedup();
    others.iter().try_for_each(|d| check(d))?;
    Ok(others.join(","))
}

fn set_flights(node: &Node, carrier: &str, others: &str) -> Result<()> {
    let row = Carrier { flights: others.to_owned(), ..existing(node, carrier)? };
    let event = Event::CarrierFlights { carrier: carrier.to_owned(), flights: others.to_owned() };
    node.record(vec![Change::Carrier(row)], Actor::Officer(AT_THE_MACHINE.into()), vec![event])
}

fn remove(node: &Node, carrier: &str) -> Result<()> {
    let mut row = existing(node, carrier)?;
    (row.enabled, row.token_hash, row.certificate) = (false, None, None);
    let event = Event::CarrierRemoved { carrier: carrier.to_owned() };
    node.record(vec![Change::Carrier(row)], Actor::Officer(AT_THE_MACHINE.into()), vec![event])
}

fn list(node: &Node) -> Result<()> {
    let quality = node.store().quality()?;
    let rows: Vec<Vec<String>> = node
        .store()
        .carriers()?
        .into_iter()
        .map(|c| {
            let by = match (c.token_hash.is_some(), c.certificate.is_some()) {
                (true, true) => "token, certificate",
                (_, true) => "certificate",
                (true, _) => "token",
                _ => "nothing",
            };
            let state = if c.enabled { "may send" } else { "removed" };
            let flights = match c.flights.as_str() {
                "" => c.id.clone(),
                "*" => "any".to_owned(),
                others => format!("{},{others}", c.id),
            };
            let added = c.added_at.strftime("%Y-%m-%d").to_string();
            let sent = quality.iter().find(|q| q.carrier == c.id);
            let messages = sent.map_or(0, |q| q.messages).to_string();
            let score = sent.and_then(store::Quality::score);
            let score = score.map_or("-".to_owned(), |s| format!("{s} of 100"));
            vec![c.id, c.name, by.into(), flights, state.into(), added, messages, score]
        })
        .collect();
    if rows.is_empty() {
        println!("No carrier may send yet. `passerelle carrier add` lets one in.");
        return Ok(());
    }
    table(
        &["CARRIER", "NAME", "KNOWN BY", "FLIGHTS", "STATE", "ADDED", "MESSAGES", "QUALITY"],
        &rows,
    );
    Ok(())
}
