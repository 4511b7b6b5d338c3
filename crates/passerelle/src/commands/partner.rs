//! `passerelle partner`: two administrators meet over one telephone call.
//!
//! Each writes an offer (state, address, certificates, public keys), sends it by any
//! way, and reads the other's. Nothing is trusted before both have read the same
//! fingerprint aloud: it is a digest over every field of the offer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use api::{Known, Offer, Office, meeting::known};
use audit::Actor;
use exchange::{Cause, Kind, Reason};
use travel::Country;

use super::{AT_THE_MACHINE, said, table};
use crate::{
    cli::{Found, NodeDir, OrWrongUse},
    clock, init,
    node::Node,
    pipeline, tls,
};

/// `passerelle partner …`.
#[derive(Debug, clap::Subcommand)]
pub enum PartnerCommand {
    /// Write this node's offer to a file, for the partner's administrator
    #[command(after_help = "Example:\n  passerelle partner offer gbr gbr.offer")]
    Offer {
        #[command(flatten)]
        node: NodeDir,
        /// The file to write.
        file: PathBuf,
    },
    /// Read a partner's offer, and trust it once its fingerprint was compared
    #[command(
        visible_alias = "add",
        after_help = "Examples:
  passerelle partner accept gbr tur.offer                      shows the fingerprint and asks
  passerelle partner accept gbr tur.offer --fingerprint '12345 67890 …'
  passerelle partner accept gbr tur.offer --fingerprint 'Kilo Tango Alfa …'"
    )]
    Accept {
        #[command(flatten)]
        node: NodeDir,
        /// The partner's offer.
        file: PathBuf,
        /// The fingerprint as the partner read it aloud; asked about when absent.
        #[arg(long)]
        fingerprint: Option<String>,
    },
    /// Let a stopped stream of a partner go on, after finding out what it was
    #[command(after_help = "Example:
  passerelle partner resume gbr TUR --because 'they had put back an old store; it is put right'")]
    Resume {
        #[command(flatten)]
        node: NodeDir,
        /// The partner's state.
        state: String,
        /// The stream's agreement, or the beginning of its id, when several are stopped.
        #[arg(long)]
        agreement: Option<String>,
        /// What it was, without any traveller's data; its digest stands in the log.
        #[arg(long)]
        because: String,
    },
    /// Take back what went to partners: it is gone there once they have receipted that
    #[command(after_help = "Reasons: mistake, wrong_person, unlawful, ordered, expired, cancelled.

Examples:
  passerelle partner recall gbr 018f0000-1234-7abc-8def-000000000001 --reason mistake
  passerelle partner recall gbr 018f0000-1234-7abc-8def-000000000001 --erase --reason ordered")]
    Recall {
        #[command(flatten)]
        node: NodeDir,
        /// The id of the parcel, or of the list of which parcels were made.
        id: String,
        /// Nobody may hold it any more: it is erased, not withdrawn alone.
        #[arg(long)]
        erase: bool,
        /// Why, in one of the words below; the partner is told.
        #[arg(long, value_name = "WORD")]
        reason: String,
    },
    /// Put a right list in the place of a wrong one, here and at every partner to whom it went
    #[command(
        after_help = "The file holds the whole list as it is right: one message of the same flight, in any format
that carriers send. Partners replace theirs and screen it anew; hits on the wrong list are withdrawn,
and what officers uphold on the right one goes anew.
Reasons: mistake, incomplete, carrier, rectified, ordered.

Example:
  passerelle partner correct gbr 018f0000-1234-7abc-8def-000000000001 --with right.edi --reason rectified"
    )]
    Correct {
        #[command(flatten)]
        node: NodeDir,
        /// The id of the list that is wrong.
        list: String,
        /// The message that is right.
        #[arg(long, value_name = "FILE")]
        with: PathBuf,
        /// Why, in one of the words below; partners are told.
        #[arg(long, value_name = "WORD")]
        reason: String,
    },
    /// Show what each day of a partner's streams carried, as both sides say
    #[command(
        after_help = "When a day (UTC) is over, its sender states how many parcels it sent, with a digest over
them, signed; the receiver counts its own and says so in the receipt. Where they differ, an alarm
tells a person at both ends, and this command exits with 1.

Examples:
  passerelle partner totals gbr TUR
  passerelle partner totals gbr TUR --json --days 366"
    )]
    Totals {
        #[command(flatten)]
        node: NodeDir,
        /// The partner's state.
        state: String,
        /// So many totals at most, the newest first.
        #[arg(long, default_value_t = 60, value_name = "N")]
        days: u32,
        /// One JSON object for each, on one line.
        #[arg(long)]
        json: bool,
    },
    /// Show the partners
    #[command(after_help = "Example:\n  passerelle partner list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
}

/// Reads an offer's file.
///
/// # Errors
/// It cannot be read, or is none.
pub fn read_offer(file: &Path) -> Result<Offer> {
    let text = tls::read_text(file)?;
    Offer::read(&text)
        .with_context(|| format!("{} is no partner's offer", file.display()))
        .or_wrong_use()
}

/// The offer of a node.
///
/// # Errors
/// Its certificates cannot be read.
pub fn offer(node: &Node) -> Result<Offer> {
    said(Office::offer(node))
}

/// Makes a partner known and trusted.
///
/// # Errors
/// The offer cannot be taken, or the store refuses.
pub fn accept(node: &Node, offer: &Offer) -> Result<()> {
    said(api::meeting::accept((node.store(), node), offer, AT_THE_MACHINE, clock::now())).map(drop)
}

/// Runs it.
pub fn run(command: PartnerCommand) -> Result<()> {
    match command {
        PartnerCommand::Offer { node, file } => {
            let offer = offer(&Node::open(&node.dir)?)?;
            tls::write_public(&file, offer.to_toml().as_bytes())?;
            println!("The offer of {} is in {}. Its fingerprint:", offer.state, file.display());
            show(&offer);
            Ok(())
        }
        PartnerCommand::Accept { node, file, fingerprint } => {
            let node = Node::open(&node.dir)?;
            let offer = read_offer(&file)?;
            let known = said(known((node.store(), &node), &offer, clock::now()))?;
            compare(&offer, known, fingerprint.as_deref())?;
            accept(&node, &offer)?;
            println!(
                "{} is a partner. Nothing is exchanged until both sign an agreement.",
                offer.state
            );
            Ok(())
        }
        PartnerCommand::Resume { node, state, agreement, because } => {
            let state = init::country(&state)?;
            resume(&Node::open(&node.dir)?, (state, agreement.as_deref()), &because)?;
            println!("The stream from {state} goes on where it stood.");
            Ok(())
        }
        PartnerCommand::Recall { node, id, erase, reason } => {
            let words = || Reason::ALL.map(Reason::name).join(", ");
            let reason = Reason::named(&reason)
                .with_context(|| format!("{reason:?} is no reason; reasons are {}", words()))
                .or_wrong_use()?;
            let kind = if erase { Kind::Erasure } else { Kind::Withdrawal };
            let by = (Actor::Officer(AT_THE_MACHINE.into()), clock::now());
            let partners = pipeline::take_back(&Node::open(&node.dir)?, &id, (kind, reason), by)?;
            println!("{} goes to {}.", kind.name(), partners.join(", "));
            Ok(())
        }
        PartnerCommand::Correct { node, list, with, reason } => {
            let words = || Cause::ALL.iter().map(|c| c.name()).collect::<Vec<_>>().join(", ");
            let cause = Cause::named(&reason)
                .with_context(|| format!("{reason:?} is no reason; reasons are {}", words()))
                .or_wrong_use()?;
            let message = std::fs::read(&with)
                .with_context(|| format!("{} cannot be read", with.display()))
                .or_wrong_use()?;
            let by = (Actor::Officer(AT_THE_MACHINE.into()), clock::now());
            let node = Node::open(&node.dir)?;
            let done = pipeline::correct(&node, &list, (&message, cause), by)
                .with_context(|| format!("{} is not taken", with.display()))?;
            println!("List {} stands in its place, and is screened anew.", done.list);
            for (what, partners) in [
                ("A correction goes to", &done.corrected),
                ("Something is withdrawn from", &done.withdrawn),
            ] {
                if !partners.is_empty() {
                    println!("{what} {}.", partners.join(", "));
                }
            }
            if done.corrected.is_empty() && done.withdrawn.is_empty() {
                println!("Nothing of it had gone to a partner.");
            }
            Ok(())
        }
        PartnerCommand::Totals { node, state, days, json } => {
            let state = init::country(&state)?;
            totals(&Node::open(&node.dir)?, (state, days), json)
        }
        PartnerCommand::List { node } => list(&Node::open(&node.dir)?),
    }
}

/// Lets a partner's stopped stream go on, and settles the alarms that told of it.
///
/// # Errors
/// No such stream is stopped, several are, no reason, or the store.
pub fn resume(
    node: &Node,
    (state, agreement): (Country, Option<&str>),
    because: &str,
) -> Result<()> {
    let which = (state.code(), agreement);
    let batch = said(api::resuming(node.store(), which, (AT_THE_MACHINE, because), clock::now()))?;
    node.store().commit(batch)?;
    Ok(())
}

fn totals(node: &Node, (state, days): (Country, u32), json: bool) -> Result<()> {
    let lines = said(api::day_lines(node.store(), state.code(), days))?;
    if json {
        lines.iter().try_for_each(|line| {
            println!("{}", serde_json::to_string(line)?);
            anyhow::Ok(())
        })?;
    } else if lines.is_empty() {
        println!("No totals with {state} yet. They are stated when a day (UTC) is over.");
    } else {
        let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
        table(
            &["DAY", "WAY", "AGREEMENT", "NUMBERS", "SENT", "TAKEN", "REFUSED", "BOTH SAY"],
            &rows,
        );
    }
    let differ = lines.iter().filter(|line| line.agrees == Some(false)).count();
    if differ > 0 {
        return Err(Found(format!("{differ} totals with {state} differ")).into());
    }
    Ok(())
}

fn row(line: &api::DayLine) -> Vec<String> {
    let kinds = |kinds: &std::collections::BTreeMap<&str, u64>| {
        let kinds: Vec<String> = kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        kinds.join(", ")
    };
    vec![
        line.day.to_string(),
        if line.outgoing { "out" } else { "in" }.to_owned(),
        line.agreement.chars().take(8).collect(),
        format!("{}-{}", line.first, line.last),
        kinds(&line.sent),
        kinds(&line.taken),
        kinds(&line.refused),
        line.state().to_owned(),
    ]
}

fn show(offer: &Offer) {
    let spoken = offer.fingerprint();
    println!("  {}", spoken.digits);
    println!("or, in the words of the spelling alphabet:");
    for group in spoken.words {
        println!("  {}", group.join(" "));
    }
}

fn compare(offer: &Offer, known: Known, read_aloud: Option<&str>) -> Result<()> {
    match read_aloud {
        Some(theirs) => {
            ensure!(
                offer.fingerprint().is(theirs),
                "the fingerprints differ: this offer was changed on its way, or is not theirs"
            );
            Ok(())
        }
        None => {
            match known {
                Known::OtherKeys => println!(
                    "{} is a partner already, with OTHER KEYS. What was signed under the old ones binds nobody any more.",
                    offer.state
                ),
                Known::Moved => println!(
                    "{} is a partner already, at another address or with another certificate.",
                    offer.state
                ),
                Known::New | Known::Same => {}
            }
            println!("The offer of {}, at {}. Its fingerprint:", offer.state, offer.url);
            show(offer);
            print!("Does the partner's administrator read the same? Type yes: ");
            std::io::Write::flush(&mut std::io::stdout())?;
            let mut line = String::new();
            std::io::stdin().read_line(&mut line)?;
            if line.trim() != "yes" {
                bail!("nothing was accepted");
            }
            Ok(())
        }
    }
}

fn list(node: &Node) -> Result<()> {
    let rows: Vec<Vec<String>> = node
        .store()
        .partners()?
        .into_iter()
        .map(|p| {
            let country = Country::parse(&p.state).and_then(|c| c.name()).unwrap_or_default();
            let answer = p.last_answer.unwrap_or_else(|| "nothing yet".into());
            vec![p.state, country.to_owned(), p.url, answer]
        })
        .collect();
    if rows.is_empty() {
        println!("No partner yet. `passerelle partner offer` begins.");
        return Ok(());
    }
    table(&["STATE", "NAME", "ADDRESS", "LAST ANSWER"], &rows);
    Ok(())
}
