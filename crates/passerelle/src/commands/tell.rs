//! `passerelle tell`: tells a partner of travellers unasked, and shows what was told.

use anyhow::Result;
use api::{Office, Tell, TellingLine, TellingPage, tellings};
use audit::{Actor, Logged};
use serde_json::json;
use store::Batch;

use super::{AT_THE_MACHINE, said, table};
use crate::{cli::NodeDir, clock, node::Node};

/// `passerelle tell …`.
#[derive(Debug, clap::Subcommand)]
pub enum TellCommand {
    /// Tell a partner of travellers of a list who concern it
    #[command(
        after_help = "The agreement has to have a term of mode spontaneous for that flight; of the record goes what the
term names. The partner's officers read the ground and the reason. `passerelle search` finds lists and numbers.

Example:
  passerelle tell send gbr TUR 018f0000-5678-7abc-8def-000000000002 3 --purpose terrorism \\
    --legal-ground 'art. 4 of the arrangement' --because 'named in a case; returns to Istanbul' --file 2026/17"
    )]
    Send(Box<SendArgs>),
    /// Show what was told, by partners and to them
    #[command(after_help = "Example:\n  passerelle tell list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
        /// One JSON object for each on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Open one: the travellers, and why it was told
    #[command(after_help = "That it was opened is in the log before anything is shown.

Example:
  passerelle tell show tur GBR 018f0000-1234-7abc-8def-000000000001")]
    Show {
        #[command(flatten)]
        node: NodeDir,
        /// The partner's state.
        partner: String,
        /// The parcel.
        parcel: String,
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
    },
}

/// What is told.
#[derive(Debug, clap::Args)]
pub struct SendArgs {
    #[command(flatten)]
    node: NodeDir,
    /// The partner's state.
    to: String,
    /// The list on which they are.
    list: String,
    /// Who, by number on the list, counted from 0.
    #[arg(required = true, value_name = "NUMBER")]
    travellers: Vec<u32>,
    /// For what the partner may use it: terrorism, serious_crime, vital_interest …
    #[arg(long)]
    purpose: String,
    /// The law on which it rests, as lawyers cite it.
    #[arg(long)]
    legal_ground: String,
    /// Why it concerns the partner; its officers read it.
    #[arg(long)]
    because: String,
    /// The file here.
    #[arg(long)]
    file: String,
}

/// Runs it.
pub fn run(command: TellCommand) -> Result<()> {
    match command {
        TellCommand::Send(args) => send(*args),
        TellCommand::List { node, json } => {
            let node = Node::open(&node.dir)?;
            let lines = said(tellings::telling_lines(node.store(), 500))?;
            if json {
                lines.iter().for_each(|line| println!("{}", json!(line)));
            } else {
                list(&lines);
            }
            Ok(())
        }
        TellCommand::Show { node, partner, parcel, json } => {
            let (node, at) = (Node::open(&node.dir)?, clock::now());
            let of = (partner.as_str(), parcel.as_str());
            let opened = tellings::open_telling(node.store(), of, (AT_THE_MACHINE, at));
            let (page, changes, event) = said(opened)?;
            let logged = Logged::new(at, Actor::Officer(AT_THE_MACHINE.into()), event);
            node.store().commit(Batch::new(changes, vec![logged]))?;
            if json {
                println!("{}", json!(page));
            } else {
                show(&page);
            }
            Ok(())
        }
    }
}

fn send(args: SendArgs) -> Result<()> {
    let node = Node::open(&args.node.dir)?;
    let tell = Tell {
        to: args.to,
        purpose: args.purpose,
        list: args.list,
        travellers: args.travellers,
        legal_ground: args.legal_ground,
        reason: args.because,
        reference: args.file,
    };
    let parcel = said(Office::tell(&node, &tell, AT_THE_MACHINE, clock::now()))?;
    println!("{} is told with parcel {parcel}.", tell.to);
    Ok(())
}

fn list(lines: &[TellingLine]) {
    if lines.is_empty() {
        println!(
            "Nothing was told unasked yet, to a partner or by one. `passerelle tell send` tells."
        );
        return;
    }
    let row = |l: &TellingLine| {
        let way = if l.outgoing { "to" } else { "from" };
        let who = match (&l.told_by, &l.seen_by) {
            (Some(by), _) => format!("told by {by}"),
            (None, Some(by)) => format!("seen by {by}"),
            (None, None) => "new".to_owned(),
        };
        vec![
            format!("{way} {}", l.partner),
            l.place.flight.clone(),
            l.travellers.to_string(),
            l.purpose.clone(),
            who,
            l.parcel.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    table(&["PARTNER", "FLIGHT", "TRAVELLERS", "PURPOSE", "STATE", "PARCEL"], &rows);
}

fn show(page: &TellingPage) {
    let TellingLine { partner_name, outgoing, place, purpose, .. } = &page.line;
    let way = if *outgoing { "To" } else { "From" };
    println!("{way} {partner_name}: flight {}, for {purpose}", place.flight);
    println!("Legal ground: {}", page.legal_ground);
    println!("Why: {}", page.reason);
    println!("Their file: {}", page.reference);
    for record in &page.records {
        println!("  {}/{}  {}", record.list, record.number, record.name);
        for (label, value) in record.fields.iter().filter(|(_, value)| !value.is_empty()) {
            println!("      {label}: {value}");
        }
        for document in &record.documents {
            println!("      {} {} {}", document.kind, document.number, document.issuer);
        }
    }
    println!("To be gone on {}.", page.keep_until);
}
