//! `passerelle agreement`: what partners send each other.
//!
//! An agreement is written in TOML, signed by one state, sent to the other (the file
//! says everything; any way will do), signed there, and sent back. Each node takes it
//! up once it bears both signatures.

mod check;
mod draft;
mod prove;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail, ensure};
use audit::{Actor, Digest, Event};
use policy::{Agreement, AgreementId, SignedAgreement};
use store::{Change, rows::AgreementRow};
use travel::Country;

use super::{AT_THE_MACHINE, table};
use crate::{
    cli::{NodeDir, OrWrongUse, done},
    clock,
    node::Node,
    tls,
};

/// `passerelle agreement …`.
#[derive(Debug, clap::Subcommand)]
pub enum AgreementCommand {
    /// Write the draft of an agreement, with a comment on each line
    #[command(after_help = "Example:\n  passerelle agreement new GBR TUR gbr-tur.toml")]
    New {
        /// One state, by its ICAO code.
        one: String,
        /// The other.
        other: String,
        /// Where to write it.
        file: PathBuf,
    },
    /// Show what a new version widens and narrows
    #[command(
        after_help = "Exit code 1 when it widens anything.\n\nExample:\n  passerelle agreement diff first.toml second.toml"
    )]
    Diff {
        /// The version that holds.
        old: PathBuf,
        /// The new one.
        new: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Show on stored lists what would leave under an agreement, and what would not
    #[command(
        after_help = "Nothing leaves by this, and nobody has to have signed.\n\nExample:\n  passerelle agreement check gbr gbr-tur.toml --days 30"
    )]
    Check {
        #[command(flatten)]
        node: NodeDir,
        /// The agreement: a TOML or a signed file.
        file: PathBuf,
        /// Lists that arrived within so many days.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Print one JSON object for each way of sending.
        #[arg(long)]
        json: bool,
    },
    /// Prove that agreements lie inside the law, or that one is not wider than the last
    #[command(
        after_help = "Asks cvc5 (Debian's package), by way of Cedar; needs a build with `--features prove`.\nExit code 1 when a case is found that the law, or the last version, does not allow.\n\nExamples:\n  passerelle agreement prove gbr-tur.toml\n  passerelle agreement prove second.toml --not-wider-than first.toml\n  passerelle agreement prove *.toml --law TUR=icao_annex9,national_default"
    )]
    Prove(prove::Args),
    /// Show an agreement in plain words: a TOML or a signed file
    #[command(after_help = "Example:\n  passerelle agreement show docs/agreements/gbr-tur.toml")]
    Show {
        /// The file.
        file: PathBuf,
    },
    /// Sign an agreement: a TOML, or a file that the partner has signed
    #[command(
        after_help = "Example:\n  passerelle agreement sign gbr gbr-tur.toml gbr-tur.agreement"
    )]
    Sign {
        #[command(flatten)]
        node: NodeDir,
        /// What to sign.
        file: PathBuf,
        /// Where to write it with the signature.
        signed: PathBuf,
    },
    /// Take up an agreement that both states have signed
    #[command(after_help = "Example:\n  passerelle agreement accept gbr gbr-tur.agreement")]
    Accept {
        #[command(flatten)]
        node: NodeDir,
        /// The file with both signatures.
        file: PathBuf,
    },
    /// Show the agreements of a node
    #[command(after_help = "Example:\n  passerelle agreement list gbr")]
    List {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Send nothing more under an agreement, from now on
    #[command(after_help = "Example:\n  passerelle agreement suspend gbr 5f0c")]
    Suspend {
        #[command(flatten)]
        node: NodeDir,
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Take back one's suspension
    #[command(after_help = "Example:\n  passerelle agreement resume gbr 5f0c")]
    Resume {
        #[command(flatten)]
        node: NodeDir,
        /// Its id, or the beginning of it.
        id: String,
    },
}

/// Runs it.
pub fn run(command: AgreementCommand) -> ExitCode {
    match manage(command) {
        Ok(found) => ExitCode::from(u8::from(found)),
        Err(e) => done(Err(e)),
    }
}

/// Runs it; gives whether it found what its user asked about (exit code 1).
fn manage(command: AgreementCommand) -> Result<bool> {
    match command {
        AgreementCommand::Diff { old, new, json } => return diff(&old, &new, json),
        AgreementCommand::Prove(args) => return prove::run(&args),
        AgreementCommand::New { one, other, file } => draft::write(&one, &other, &file)?,
        AgreementCommand::Check { node, file, days, json } => {
            check::check(&Node::open(&node.dir)?, &read(&file)?.agreement()?, days, json)?;
        }
        AgreementCommand::Show { file } => show(&file)?,
        AgreementCommand::Sign { node, file, signed } => {
            let document = sign(&Node::open(&node.dir)?, &read(&file)?)?;
            tls::write_public(&signed, &document.to_cbor())?;
            println!("Signed: {} is in {}.", document.id(), signed.display());
        }
        AgreementCommand::Accept { node, file } => {
            let signed = read(&file)?;
            accept(&Node::open(&node.dir)?, &signed)?;
            println!("{} is in force here between its first and last day.", signed.id());
        }
        AgreementCommand::List { node } => list(&Node::open(&node.dir)?)?,
        AgreementCommand::Suspend { node, id } => {
            told(suspend(&Node::open(&node.dir)?, &id, true)?)?;
        }
        AgreementCommand::Resume { node, id } => {
            told(suspend(&Node::open(&node.dir)?, &id, false)?)?;
        }
    }
    Ok(false)
}

/// Reads a TOML or a signed file.
pub fn read(file: &Path) -> Result<SignedAgreement> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if let Ok(signed) = SignedAgreement::from_cbor(&bytes) {
        return Ok(signed);
    }
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{} is neither TOML nor a signed agreement", file.display()))
        .or_wrong_use()?;
    let agreement = Agreement::from_toml(text)
        .with_context(|| format!("{} is no agreement", file.display()))
        .or_wrong_use()?;
    Ok(SignedAgreement::unsigned(&agreement))
}

fn show(file: &Path) -> Result<()> {
    let signed = read(file)?;
    for section in signed.agreement()?.plain_words() {
        println!("{}\n", section.heading);
        for paragraph in section.paragraphs {
            println!("  {paragraph}");
        }
        println!();
    }
    println!("Id: {}", signed.id());
    match signed.signatures.as_slice() {
        [] => println!("Nobody has signed it yet."),
        signatures => {
            let by: Vec<String> = signatures.iter().map(|s| s.party.to_string()).collect();
            println!(
                "Signed by {} (the signatures are checked when a node accepts it).",
                by.join(" and ")
            );
        }
    }
    Ok(())
}

/// Prints the difference; gives whether anything is wider.
fn diff(old: &Path, new: &Path, json: bool) -> Result<bool> {
    let (old, new) = (read(old)?.agreement()?, read(new)?.agreement()?);
    let found = old.diff(&new);
    if json {
        let line = serde_json::json!({
            "old_version": old.version, "new_version": new.version,
            "widens": found.widens, "narrows": found.narrows, "changes": found.changes,
        });
        println!("{line}");
    } else if found.is_none() {
        println!("The two let out, and say, the same.");
    } else {
        let parts = [
            ("Wider:", &found.widens),
            ("Narrower:", &found.narrows),
            ("Said otherwise:", &found.changes),
        ];
        for (heading, lines) in parts.into_iter().filter(|(_, lines)| !lines.is_empty()) {
            println!("{heading}");
            lines.iter().for_each(|line| println!("  {line}"));
        }
    }
    Ok(!found.widens.is_empty())
}

fn partner(node: &Node, agreement: &Agreement) -> Result<Country> {
    agreement.partner_of(node.state()).with_context(|| {
        let [a, b] = agreement.parties;
        format!("this agreement is between {a} and {b}; this node is of {}", node.state())
    })
}

/// Adds this state's signatures, and notes the agreement as proposed.
pub fn sign(node: &Node, unsigned: &SignedAgreement) -> Result<SignedAgreement> {
    let agreement = unsigned.agreement()?;
    let partner = partner(node, &agreement)?;
    let mut signed = unsigned.clone();
    signed.add(node.keys().sign_agreement(node.state(), &signed.document)?);
    let id = Digest(signed.id().0);
    let proposed = Event::AgreementProposed { agreement: id, partner: partner.to_string() };
    let event = Event::AgreementSigned { agreement: id, party: node.state().to_string() };
    let row = row(&signed, &agreement, partner, "proposed");
    let already = node.store().agreement(&row.id)?.is_some_and(|a| a.status != "proposed");
    let changes = if already { Vec::new() } else { vec![Change::Agreement(row)] };
    node.record(changes, Actor::Officer(AT_THE_MACHINE.into()), vec![proposed, event])?;
    Ok(signed)
}

fn row(
    signed: &SignedAgreement,
    agreement: &Agreement,
    partner: Country,
    status: &str,
) -> AgreementRow {
    AgreementRow {
        id: signed.id().to_string(),
        partner: partner.to_string(),
        version: agreement.version,
        signed: signed.to_cbor(),
        status: status.to_owned(),
        suspended_by: None,
        changed_at: clock::now(),
    }
}

/// Takes up an agreement that bears both signatures. An older version between the
/// same parties ends.
pub fn accept(node: &Node, signed: &SignedAgreement) -> Result<AgreementId> {
    let agreement = signed.agreement()?;
    let party = partner(node, &agreement)?;
    let known = node
        .store()
        .partner(party.code())?
        .with_context(|| format!("{party} is no partner yet; accept its offer first"))?;
    let keys = [
        node.keys().public().party_keys(node.state()),
        node.partner_keys(&known)?.party_keys(party),
    ];
    signed.verify(&keys)?;
    let mut changes = vec![Change::Agreement(row(signed, &agreement, party, "in_force"))];
    for old in node.store().agreements()? {
        ensure!(
            old.id != signed.id().to_string() || old.status != "suspended",
            "agreement {} is suspended here; `passerelle agreement resume` lifts that",
            &old.id[..8]
        );
        let other = old.id != signed.id().to_string();
        let stands = matches!(old.status.as_str(), "in_force" | "suspended");
        if other && old.partner == party.code() && stands {
            ensure!(
                old.version < agreement.version,
                "version {} is {} already; this is version {}",
                old.version,
                old.status.replace('_', " "),
                agreement.version
            );
            changes.push(Change::Agreement(AgreementRow {
                status: "ended".into(),
                changed_at: clock::now(),
                ..old
            }));
        }
    }
    let event =
        Event::AgreementAccepted { agreement: Digest(signed.id().0), partner: party.to_string() };
    node.record(changes, Actor::Officer(AT_THE_MACHINE.into()), vec![event])?;
    Ok(signed.id())
}

fn told(row: AgreementRow) -> Result<()> {
    println!("Agreement {} is {}.", &row.id[..8], row.status.replace('_', " "));
    Ok(())
}

/// Suspends an agreement, or takes back this state's suspension; gives it as it is then.
pub(crate) fn suspend(node: &Node, id: &str, suspend: bool) -> Result<AgreementRow> {
    let found: Vec<AgreementRow> =
        node.store().agreements()?.into_iter().filter(|a| a.id.starts_with(id)).collect();
    let [old] = found.as_slice() else {
        bail!(
            "{} agreements begin with {id:?}; `passerelle agreement list` shows them",
            found.len()
        );
    };
    let (from, to) = if suspend { ("in_force", "suspended") } else { ("suspended", "in_force") };
    ensure!(old.status == from, "agreement {} is {}, not {from}", &old.id[..8], old.status);
    let us = node.state().to_string();
    let agreement =
        AgreementId::parse(&old.id).map(|a| Digest(a.0)).context("an agreement without an id")?;
    let (event, by) = if suspend {
        (Event::AgreementSuspended { agreement, by: us.clone() }, Some(us))
    } else {
        (Event::AgreementResumed { agreement, by: us }, None)
    };
    let row = AgreementRow {
        status: to.into(),
        suspended_by: by,
        changed_at: clock::now(),
        ..old.clone()
    };
    let changes = vec![Change::Agreement(row.clone())];
    node.record(changes, Actor::Officer(AT_THE_MACHINE.into()), vec![event])?;
    Ok(row)
}

fn list(node: &Node) -> Result<()> {
    let mut rows = Vec::new();
    for a in node.store().agreements()? {
        let document = SignedAgreement::from_cbor(&a.signed)?.agreement()?;
        rows.push(vec![
            a.id[..8].to_owned(),
            a.partner,
            a.version.to_string(),
            a.status.replace('_', " "),
            format!("{} to {}", document.from, document.until),
            document.title,
        ]);
    }
    if rows.is_empty() {
        println!("No agreement yet. `passerelle agreement sign` begins.");
        return Ok(());
    }
    table(&["ID", "PARTNER", "VERSION", "STATUS", "DAYS", "TITLE"], &rows);
    Ok(())
}
