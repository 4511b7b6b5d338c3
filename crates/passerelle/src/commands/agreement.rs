//! `passerelle agreement`: what partners send each other.
//!
//! An agreement is written in TOML, signed by one state, sent to the other (the file
//! says everything; any way will do), signed there, and sent back. Each node takes it
//! up once it bears both signatures.

mod check;
mod prove;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};
use api::agreements::draft::Terms;
use policy::{AgreementId, SignedAgreement};
use store::rows::AgreementRow;

use super::{acting, said, table};
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
    #[command(
        after_help = "Example:\n  passerelle agreement suspend gbr 5f0c --because 'their node was broken into'"
    )]
    Suspend {
        #[command(flatten)]
        node: NodeDir,
        /// Its id, or the beginning of it.
        id: String,
        /// Why, without any traveller's data; its digest stands in the log.
        #[arg(long)]
        because: Option<String>,
    },
    /// Take back one's suspension
    #[command(
        after_help = "Example:\n  passerelle agreement resume gbr 5f0c --because 'they have new keys, compared by telephone'"
    )]
    Resume {
        #[command(flatten)]
        node: NodeDir,
        /// Its id, or the beginning of it.
        id: String,
        /// Why, without any traveller's data; its digest stands in the log.
        #[arg(long)]
        because: Option<String>,
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
        AgreementCommand::New { one, other, file } => draft(&one, &other, &file)?,
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
        AgreementCommand::Suspend { node, id, because } => {
            told(suspend(&Node::open(&node.dir)?, &id, true, because.as_deref())?)?;
        }
        AgreementCommand::Resume { node, id, because } => {
            told(suspend(&Node::open(&node.dir)?, &id, false, because.as_deref())?)?;
        }
    }
    Ok(false)
}

/// Writes a draft between two states. It is an agreement as it stands, and a narrow one:
/// upheld hits alone, one way and the other.
fn draft(one: &str, other: &str, file: &Path) -> Result<()> {
    let text = said(Terms::narrow(one, other, clock::now()).and_then(|terms| terms.to_toml()))?;
    ensure!(!file.exists(), "{} is there already; it is not written over", file.display());
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    let file = file.display();
    println!("{file} is a draft: read it through, and change what you have agreed otherwise.");
    println!("`passerelle agreement show {file}` says it in plain words,");
    println!("`passerelle agreement check NODE {file}` what would leave under it.");
    Ok(())
}

/// Reads a TOML or a signed file.
pub fn read(file: &Path) -> Result<SignedAgreement> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    api::agreements::read_file(&bytes)
        .with_context(|| format!("{} is no agreement", file.display()))
        .or_wrong_use()
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

/// Adds this state's signatures, and notes the agreement as proposed.
///
/// # Errors
/// As [`api::Acting::sign`].
pub fn sign(node: &Node, unsigned: &SignedAgreement) -> Result<SignedAgreement> {
    said(acting(node).sign(unsigned))
}

/// Takes up an agreement that bears both signatures. An older version between the
/// same parties ends.
///
/// # Errors
/// As [`api::Acting::accept`].
pub fn accept(node: &Node, signed: &SignedAgreement) -> Result<AgreementId> {
    said(acting(node).accept(signed))
}

fn told(row: AgreementRow) -> Result<()> {
    println!("Agreement {} is {}.", &row.id[..8], row.status.replace('_', " "));
    Ok(())
}

/// Suspends an agreement, or takes back this state's suspension; gives it as it is then.
pub(crate) fn suspend(
    node: &Node,
    id: &str,
    suspend: bool,
    because: Option<&str>,
) -> Result<AgreementRow> {
    let acting = acting(node);
    said(if suspend { acting.suspend(id, because) } else { acting.resume(id, because) })
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
