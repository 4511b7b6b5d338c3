//! `passerelle partner`: two administrators meet over one telephone call.
//!
//! Each writes an offer (state, address, certificates, public keys), sends it by any
//! way, and reads the other's. Nothing is trusted before both have read the same
//! fingerprint aloud: it is a digest over every field of the offer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use audit::{Actor, Digest, Event};
use exchange::PublicKeys;
use serde::{Deserialize, Serialize};
use store::{Change, rows::Partner};
use travel::Country;

use super::{AT_THE_MACHINE, table};
use crate::{
    cli::{NodeDir, OrWrongUse},
    clock, init,
    node::Node,
    tls::{self, Fingerprint},
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
  passerelle partner accept gbr tur.offer --fingerprint '12345 67890 …'"
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
    /// Show the partners
    #[command(after_help = "Example:\n  passerelle partner list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
}

/// What a state tells another about its node.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    protocol: u32,
    state: String,
    url: String,
    certificate: String,
    keys: String,
    log_key: String,
    authority: String,
}

impl Offer {
    /// The offer of a node.
    pub fn of(node: &Node) -> Result<Self> {
        let (certificate, _) = node.layout().certificate();
        Ok(Self {
            protocol: exchange::PROTOCOL,
            state: node.state().to_string(),
            url: node.config().exchange_url(),
            certificate: Fingerprint::of_pem(&tls::read_text(&certificate)?)?.0,
            keys: tls::hex(&node.keys().public().encode()),
            log_key: node.store().log_key().to_string(),
            authority: tls::read_text(&node.layout().ca().0)?,
        })
    }

    /// Reads an offer's file.
    pub fn read(file: &Path) -> Result<Self> {
        let text = tls::read_text(file)?;
        ensure!(text.len() < 100_000, "{} is too long for an offer", file.display());
        let offer: Self = toml::from_str(&text)
            .with_context(|| format!("{} is no partner's offer", file.display()))
            .or_wrong_use()?;
        ensure!(
            offer.protocol == exchange::PROTOCOL,
            "{} speaks protocol {}; this program speaks {}",
            offer.state,
            offer.protocol,
            exchange::PROTOCOL
        );
        Ok(offer)
    }

    /// The offer as a file.
    pub fn to_toml(&self) -> Result<String> {
        Ok(format!(
            "# A partner's offer. Compare its fingerprint by telephone before accepting it:\n# {}\n{}",
            self.fingerprint(),
            toml::to_string(self)?
        ))
    }

    /// What both administrators read aloud: eight groups of five digits, 132 bits of a
    /// digest over every field.
    pub fn fingerprint(&self) -> String {
        let parts = [
            &self.protocol.to_string(),
            &self.state,
            &self.url,
            &self.certificate,
            &self.keys,
            &self.log_key,
            &self.authority,
        ];
        let mut text = String::from("passerelle offer\0");
        for part in parts {
            text += &format!("{}:{part}", part.len());
        }
        let digest = Digest::of(text.as_bytes());
        let groups: Vec<String> = digest.0[..24]
            .chunks(3)
            .map(|c| {
                let n = u32::from_be_bytes([0, c[0], c[1], c[2]]);
                format!("{:05}", n % 100_000)
            })
            .collect();
        groups.join(" ")
    }

    /// Makes the partner known and trusted.
    pub fn accept(&self, node: &Node) -> Result<()> {
        let state = init::country(&self.state)?;
        ensure!(state != node.state(), "this is the offer of {state} itself");
        let bytes = unhex(&self.keys).context("`keys` is not hexadecimal")?;
        let keys = PublicKeys::decode(&bytes)?;
        ensure!(self.url.starts_with("https://"), "`url` is not an https address");
        // It must be possible to trust this authority at all.
        tls::plain_client(&self.authority)?;
        let row = Partner {
            state: state.to_string(),
            name: state.name().unwrap_or(state.code()).to_owned(),
            url: self.url.clone(),
            authority: self.authority.clone(),
            certificate: self.certificate.clone(),
            keys: bytes,
            enabled: true,
            added_at: clock::now(),
            last_answer: None,
            last_answer_at: None,
        };
        let event = Event::PartnerAdded { partner: state.to_string(), keys: keys.digest() };
        node.record(vec![Change::Partner(row)], Actor::Officer(AT_THE_MACHINE.into()), vec![event])
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

/// Runs it.
pub fn run(command: PartnerCommand) -> Result<()> {
    match command {
        PartnerCommand::Offer { node, file } => {
            let offer = Offer::of(&Node::open(&node.dir)?)?;
            tls::write_public(&file, offer.to_toml()?.as_bytes())?;
            println!("The offer of {} is in {}. Its fingerprint:", offer.state, file.display());
            println!("  {}", offer.fingerprint());
            Ok(())
        }
        PartnerCommand::Accept { node, file, fingerprint } => {
            let node = Node::open(&node.dir)?;
            let offer = Offer::read(&file)?;
            compare(&offer, fingerprint.as_deref())?;
            offer.accept(&node)?;
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
    let batch = match api::resuming(node.store(), which, (AT_THE_MACHINE, because), clock::now()) {
        Err(e @ api::Error::Invalid { .. }) => Err(e).or_wrong_use()?,
        other => other?,
    };
    node.store().commit(batch)?;
    Ok(())
}

fn compare(offer: &Offer, read_aloud: Option<&str>) -> Result<()> {
    let own = offer.fingerprint();
    match read_aloud {
        Some(theirs) => {
            let digits = |t: &str| t.chars().filter(char::is_ascii_digit).collect::<String>();
            ensure!(
                digits(theirs) == digits(&own),
                "the fingerprints differ: this offer was changed on its way, or is not theirs"
            );
            Ok(())
        }
        None => {
            println!("The offer of {}, at {}. Its fingerprint:", offer.state, offer.url);
            println!("  {own}");
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
