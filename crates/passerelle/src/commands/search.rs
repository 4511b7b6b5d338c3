//! `passerelle search`: looks somebody up in everything that is kept and can be read.

use std::path::PathBuf;

use anyhow::Result;
use api::{Search, SearchPage, search_as};
use jiff::civil::Date;
use serde_json::json;

use super::{AT_THE_MACHINE, table};
use crate::{
    cli::{OrWrongUse, WrongUse},
    clock,
    node::Node,
};

/// `passerelle search`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Who looks, for what purpose, and a keyed digest of what is looked for are in the log before
anything is shown. What is masked or erased is not found. Exit code: 0 nobody, 1 somebody.

Examples:
  passerelle search gbr --document L898902C3 --purpose serious_crime
  passerelle search gbr --name 'Anna Maria Especimen' --born 1990-01-02 --purpose terrorism
  passerelle search gbr --booking ABC123 --purpose serious_crime --json
  passerelle search gbr --contact '+44 7700 900123' --purpose vital_interest
  passerelle search gbr --flight TK1980 --day 2026-03-01 --purpose border_control
  passerelle search gbr --rebuild            deletes what it looks in, and makes it anew
  passerelle search gbr --status"
)]
pub struct SearchArgs {
    /// The node's directory.
    dir: PathBuf,
    /// Number of a travel document.
    #[arg(long, default_value = "", hide_default_value = true)]
    document: String,
    /// A name, in any writing and order; with --born.
    #[arg(long, default_value = "", hide_default_value = true, requires = "born")]
    name: String,
    /// Date of birth: 1990-01-02, or 1990.
    #[arg(long, default_value = "", hide_default_value = true, requires = "name")]
    born: String,
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
    #[arg(long, requires = "flight")]
    day: Option<Date>,
    /// terrorism, serious_crime, vital_interest, border_control or criteria_development.
    #[arg(long, default_value = "", hide_default_value = true)]
    purpose: String,
    /// Delete the projections and make them again from the lists.
    #[arg(long, conflicts_with_all = ["purpose", "status"])]
    rebuild: bool,
    /// How far the projections are.
    #[arg(long, conflicts_with = "purpose")]
    status: bool,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs it; whether somebody was found.
pub fn run(args: SearchArgs) -> std::process::ExitCode {
    match search(args) {
        Ok(found) => std::process::ExitCode::from(u8::from(found)),
        Err(e) => crate::cli::done(Err(e)),
    }
}

fn search(args: SearchArgs) -> Result<bool> {
    let node = Node::open(&args.dir)?;
    if args.rebuild {
        rebuild(&node)?;
    }
    if args.rebuild || args.status {
        status(&node, args.json)?;
        node.close();
        return Ok(false);
    }
    let search = Search {
        document: args.document,
        name: args.name,
        born: args.born,
        booking: args.booking,
        contact: args.contact,
        flight: args.flight,
        day: args.day,
        purpose: args.purpose,
    };
    let page = match search_as(node.store(), AT_THE_MACHINE, &search, clock::now()) {
        Err(api::Error::Invalid { text, .. }) => return Err(WrongUse(text).into()),
        other => other.or_wrong_use()?,
    };
    node.close();
    if args.json {
        println!("{}", json!(page));
    } else {
        print(&page);
    }
    Ok(!page.found.is_empty())
}

fn print(page: &SearchPage) {
    let row = |f: &api::FoundLine| {
        let number = f.traveller.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let way = format!("{}-{}", f.from.code, f.to.code);
        vec![
            f.flight.clone(),
            way,
            f.departs_local.clone(),
            f.dataset.clone(),
            f.origin.clone(),
            f.list.clone(),
            number,
        ]
    };
    if page.found.is_empty() {
        println!("Nothing is found by that {}.", page.by);
    } else {
        let rows: Vec<Vec<String>> = page.found.iter().map(row).collect();
        table(&["flight", "route", "departs", "kind", "from", "list", "traveller"], &rows);
    }
    if page.cut {
        println!("There are more; these are the newest.");
    }
    if page.not_searched > 0 {
        println!(
            "{} lists wait to be projected and were not looked at: look again in a while, or run --rebuild.",
            page.not_searched
        );
    }
}

fn rebuild(node: &Node) -> Result<()> {
    let store = node.store();
    store.forget_projections()?;
    let all = store.projected()?.waiting;
    let (mut done, mut told) = (0u64, 0);
    loop {
        match store.project()? {
            0 => return Ok(()),
            n => done += n as u64,
        }
        let percent = done * 100 / all.max(1);
        if percent >= told + 10 {
            told = percent;
            eprintln!("projecting: {percent} % of {all} lists");
        }
    }
}

fn status(node: &Node, as_json: bool) -> Result<()> {
    let p = node.store().projected()?;
    if as_json {
        println!(
            "{}",
            json!({"lists": p.lists, "waiting": p.waiting, "segments": p.segments, "size_bytes": p.bytes})
        );
    } else {
        println!(
            "{} lists can be looked through by {} segments of {:.1} MB; {} wait.",
            p.lists,
            p.segments,
            p.bytes as f64 / 1e6,
            p.waiting
        );
    }
    Ok(())
}
