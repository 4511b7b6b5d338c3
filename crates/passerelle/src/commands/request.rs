//! `passerelle request`: asks a partner about somebody, and answers what partners ask.

use anyhow::{Context, Result};
use api::{Answering, Asking, Justifying, Office, RequestLine, RequestPage, requests};
use audit::{Actor, Logged};
use serde_json::json;
use store::Batch;

use super::{AT_THE_MACHINE, said, table};
use crate::{
    cli::{NodeDir, OrWrongUse},
    clock,
    node::Node,
};

/// `passerelle request …`.
#[derive(Debug, clap::Subcommand)]
pub enum RequestCommand {
    /// Ask a partner about somebody, a document or a flight
    #[command(
        after_help = "What is named has all to hold of a record. The partner's officers read all of it, and one of
them decides. What can come back is what the agreement's terms of mode answer name.

Examples:
  passerelle request ask gbr TUR --dataset api --purpose terrorism --document U1234567 \\
    --legal-ground 'art. 5 of the arrangement' --because 'named in a case' --file 2026/17
  passerelle request ask gbr TUR --dataset pnr --purpose serious_crime --flight TK1980 --day 2026-03-01 --urgent \\
    --legal-ground 'art. 5 of the arrangement' --because 'a child is taken abroad' --file 2026/18"
    )]
    Ask(Box<AskArgs>),
    /// Show what was asked, by partners and of partners
    #[command(after_help = "Example:\n  passerelle request list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
        /// One JSON object for each on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Read one request, with the records here that it may mean
    #[command(after_help = "That it was read is in the log before anything is shown.

Example:
  passerelle request show gbr TUR 018f0000-1234-7abc-8def-000000000001")]
    Show {
        #[command(flatten)]
        node: NodeDir,
        /// The partner's state.
        partner: String,
        /// The request.
        id: String,
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Justify a request that was made in an emergency
    #[command(
        after_help = "The agreement sets until when; after that an alarm tells a person at both ends.

Example:
  passerelle request justify gbr TUR 018f0000-1234-7abc-8def-000000000001 --legal-ground 'art. 5 of the arrangement' \\
    --because 'the flight with the child departed within the hour' --file 2026/18"
    )]
    Justify {
        #[command(flatten)]
        node: NodeDir,
        /// The partner's state.
        partner: String,
        /// The request.
        id: String,
        /// The law on which it rests, as lawyers cite it.
        #[arg(long)]
        legal_ground: String,
        /// Why it was necessary, and could not wait.
        #[arg(long)]
        because: String,
        /// The file here.
        #[arg(long)]
        file: String,
    },
    /// Decide on a partner's request, and answer it
    #[command(after_help = "Outcomes: given, nothing, unreasoned, too_wide, not_lawful, harmful.

Examples:
  passerelle request answer gbr TUR 018f0000-1234-7abc-8def-000000000001 given \\
    --record 018f0000-5678-7abc-8def-000000000002/3 --because 'the same document; necessary for their case'
  passerelle request answer gbr TUR 018f0000-1234-7abc-8def-000000000001 too_wide --because 'all flights of a year'")]
    Answer {
        #[command(flatten)]
        node: NodeDir,
        /// The partner's state.
        partner: String,
        /// The request.
        id: String,
        /// What becomes of it.
        outcome: String,
        /// A record that is given: a list and a traveller's number on it, or the list alone.
        #[arg(long = "record", value_name = "LIST[/NUMBER]")]
        records: Vec<String>,
        /// Why, for the file here; its digest stands in the log.
        #[arg(long)]
        because: String,
    },
}

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct AskArgs {
    #[command(flatten)]
    node: NodeDir,
    /// The partner's state.
    to: String,
    /// For what the answer is used: terrorism, serious_crime, vital_interest …
    #[arg(long)]
    purpose: String,
    /// Out of which dataset: api, crew or pnr.
    #[arg(long)]
    dataset: String,
    /// What is asked for of a record; everything that is agreed when absent.
    #[arg(long = "element", value_name = "ELEMENT")]
    elements: Vec<String>,
    /// It is an emergency, where the agreement knows them; it is justified afterwards.
    #[arg(long)]
    urgent: bool,
    /// A name, in any writing and order; with --born.
    #[arg(long, default_value = "", hide_default_value = true, requires = "born")]
    name: String,
    /// Date of birth: 1990-01-02, or 1990.
    #[arg(long, default_value = "", hide_default_value = true, requires = "name")]
    born: String,
    /// Number of a travel document.
    #[arg(long, default_value = "", hide_default_value = true)]
    document: String,
    /// Locator of a booking.
    #[arg(long, default_value = "", hide_default_value = true)]
    booking: String,
    /// Telephone number or mail address.
    #[arg(long, default_value = "", hide_default_value = true)]
    contact: String,
    /// Carrier and number of a flight.
    #[arg(long, default_value = "", hide_default_value = true)]
    flight: String,
    /// Its local day of departure.
    #[arg(long, default_value = "", hide_default_value = true, requires = "flight")]
    day: String,
    /// The law on which the request rests, as lawyers cite it.
    #[arg(long)]
    legal_ground: String,
    /// Why it is necessary, in this case.
    #[arg(long)]
    because: String,
    /// The file here.
    #[arg(long)]
    file: String,
}

/// Runs it.
pub fn run(command: RequestCommand) -> Result<()> {
    match command {
        RequestCommand::Ask(args) => ask(*args),
        RequestCommand::List { node, json } => {
            let node = Node::open(&node.dir)?;
            let lines = said(requests::request_lines(node.store(), 500))?;
            if json {
                lines.iter().for_each(|line| println!("{}", json!(line)));
            } else {
                list(&lines);
            }
            Ok(())
        }
        RequestCommand::Show { node, partner, id, json } => {
            let node = Node::open(&node.dir)?;
            let of = (partner.as_str(), id.as_str());
            let (page, event) = said(requests::open_request(node.store(), of))?;
            let by = Actor::Officer(AT_THE_MACHINE.into());
            let logged = Logged::new(clock::now(), by, event);
            node.store().commit(Batch::new(Vec::new(), vec![logged]))?;
            if json {
                println!("{}", json!(page))
            } else {
                show(&page)
            }
            Ok(())
        }
        RequestCommand::Justify { node, partner, id, legal_ground, because, file } => {
            let node = Node::open(&node.dir)?;
            let justifying = Justifying { legal_ground, reason: because, reference: file };
            let of = (partner.as_str(), id.as_str());
            said(Office::justify(&node, of, &justifying, AT_THE_MACHINE, clock::now()))?;
            println!("The justification goes to {partner}.");
            Ok(())
        }
        RequestCommand::Answer { node, partner, id, outcome, records, because } => {
            let node = Node::open(&node.dir)?;
            let records = records.iter().map(|r| record(r)).collect::<Result<Vec<_>>>()?;
            let answering = Answering { outcome, records, reason: because };
            let of = (partner.as_str(), id.as_str());
            said(Office::answer(&node, of, &answering, AT_THE_MACHINE, clock::now()))?;
            println!("The answer goes to {partner}.");
            Ok(())
        }
    }
}

fn record(text: &str) -> Result<(String, Option<u32>)> {
    let Some((list, number)) = text.split_once('/') else { return Ok((text.to_owned(), None)) };
    let number = number.parse().with_context(|| format!("{number:?} is no number of a traveller"));
    Ok((list.to_owned(), Some(number.or_wrong_use()?)))
}

fn ask(args: AskArgs) -> Result<()> {
    let node = Node::open(&args.node.dir)?;
    let asking = Asking {
        to: args.to,
        purpose: args.purpose,
        dataset: args.dataset,
        elements: args.elements,
        urgent: args.urgent,
        name: args.name,
        born: args.born,
        document: args.document,
        booking: args.booking,
        contact: args.contact,
        flight: args.flight,
        day: args.day,
        legal_ground: args.legal_ground,
        reason: args.because,
        reference: args.file,
    };
    let id = said(Office::ask(&node, &asking, AT_THE_MACHINE, clock::now()))?;
    println!("Request {id} goes to {}.", asking.to);
    Ok(())
}

fn list(lines: &[RequestLine]) {
    if lines.is_empty() {
        println!("No request yet, of a partner or to one. `passerelle request ask` begins.");
        return;
    }
    let row = |l: &RequestLine| {
        let urgent = l.answer_by.map_or_else(String::new, |by| format!("until {by}"));
        let justified = match (l.justify_by, l.justified_at) {
            (Some(_), Some(at)) => format!("at {at}"),
            (Some(by), None) => format!("not yet, due {by}"),
            (None, _) => String::new(),
        };
        let way = if l.outgoing { "to" } else { "from" };
        vec![
            l.state.clone(),
            format!("{way} {}", l.partner),
            l.dataset.clone(),
            l.purpose.clone(),
            urgent,
            justified,
            l.id.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    table(&["STATE", "PARTNER", "DATASET", "PURPOSE", "EMERGENCY", "JUSTIFIED", "ID"], &rows);
}

fn show(page: &RequestPage) {
    let RequestLine { partner_name, state, outgoing, .. } = &page.line;
    println!("{} {partner_name}: {state}", if *outgoing { "To" } else { "From" });
    for (label, value) in &page.subject {
        println!("  {label}: {value}");
    }
    println!("Legal ground: {}", page.legal_ground);
    println!("Why: {}", page.reason);
    println!("Their file: {}", page.reference);
    println!("Asked for: {}", page.elements.join(", "));
    for (label, value) in &page.justification {
        println!("Justified afterwards, {}: {value}", label.to_lowercase());
    }
    for found in &page.found {
        let number = found.place.traveller.map_or_else(String::new, |n| format!("/{n}"));
        println!("  {}{number}  {}  {}", found.place.list, found.place.flight, found.who);
    }
    if page.found.is_empty() && !outgoing && state == "waiting" {
        println!("Nothing that can be read here fits it.");
    }
    for answer in &page.line.answers {
        let rules = answer.rules.join(", ");
        println!("Answer {} of {}: {} ({rules})", answer.number, answer.parts, answer.words);
    }
}
