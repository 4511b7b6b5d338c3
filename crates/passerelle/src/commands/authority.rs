//! `passerelle authority`: the court or body whose word unmasking takes (CJ-07).
//!
//! `new` and `grant` run at the authority, which has no node; `name`, `ask` and `use` at the
//! node, which has no private key of the authority.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use store::authority::{AuthorityKey, AuthorityPublic, Grant, Request};

use super::{AT_THE_MACHINE, case::case};
use crate::{
    cli::{NodeDir, WrongUse},
    clock, keeper,
    node::Node,
    tls,
};

/// `passerelle authority`.
#[derive(Debug, clap::Subcommand)]
pub enum AuthorityCommand {
    /// At the authority: make its key
    #[command(after_help = "Example:\n  passerelle authority new authority.key")]
    New {
        /// The private key goes here, the public one beside it with the ending `.pub`.
        key: PathBuf,
    },
    /// At the node: name the authority, by its public key
    #[command(after_help = "Example:\n  passerelle authority name gbr authority.pub")]
    Name {
        #[command(flatten)]
        node: NodeDir,
        /// The public key.
        public: PathBuf,
    },
    /// At the node: ask for one masked list
    #[command(
        after_help = "Example:\n  passerelle authority ask gbr LIST --case op-2026-17 --because 'order of 2 March' --to request.bin"
    )]
    Ask {
        #[command(flatten)]
        node: NodeDir,
        /// The list.
        list: String,
        /// The case for which it is needed.
        #[arg(long)]
        case: String,
        /// Why.
        #[arg(long)]
        because: String,
        /// Where the request goes.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// At the authority: grant a request
    #[command(
        after_help = "Example:\n  passerelle authority grant --key authority.key request.bin --to grant.bin"
    )]
    Grant {
        /// The authority's private key.
        #[arg(long)]
        key: PathBuf,
        /// The request.
        request: PathBuf,
        /// Where the grant goes; without it the request is shown, and nothing granted.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// At the node: use a grant, once; the travellers named are copied to the case
    #[command(after_help = "Example:\n  passerelle authority use gbr grant.bin --traveller 3")]
    Use {
        #[command(flatten)]
        node: NodeDir,
        /// The grant.
        grant: PathBuf,
        /// Number of a traveller on the list, from 0; may be given several times.
        #[arg(long = "traveller", required = true)]
        travellers: Vec<u32>,
    },
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Runs it.
pub fn run(command: AuthorityCommand) -> Result<()> {
    match command {
        AuthorityCommand::New { key } => {
            ensure!(!key.exists(), WrongUse(format!("{} is there already", key.display())));
            let made = AuthorityKey::generate()?;
            tls::write_secret(&key, &made.encode())?;
            let public = key.with_extension("pub");
            tls::write_public(&public, &made.public().encode())?;
            println!("{}  for the node", public.display());
            println!("fingerprint {}", made.public().fingerprint());
        }
        AuthorityCommand::Name { node, public } => {
            let node = Node::open(&node.dir)?;
            let named = AuthorityPublic::decode(&read(&public)?)
                .with_context(|| format!("{} is no authority's key", public.display()))?;
            tls::write_public(&node.layout().authority(), &named.encode())?;
            let made = audit::Event::KeyMade { key: format!("authority {}", named.fingerprint()) };
            let by = audit::Actor::Officer(AT_THE_MACHINE.to_owned());
            node.record(Vec::new(), by, vec![made])?;
            node.close();
            println!("What is masked from now on opens by the word of {}.", named.fingerprint());
        }
        AuthorityCommand::Ask { node, list, case: id, because, to } => {
            let node = Node::open(&node.dir)?;
            let row = node.store().list(&list)?;
            let row = row.with_context(|| format!("there is no list {list}"))?;
            let case = case(&node, &id)?;
            let said = (because.as_str(), AT_THE_MACHINE);
            let request = node.store().ask_to_unmask((&row, &case), said, clock::now())?;
            tls::write_secret(&to, &request.encode())?;
            node.close();
            println!("{}: for the authority", to.display());
        }
        AuthorityCommand::Grant { key, request, to } => grant(&key, &request, to)?,
        AuthorityCommand::Use { node, grant, travellers } => {
            let node = Node::open(&node.dir)?;
            let authority = keeper::authority(node.layout())?;
            let authority =
                authority.context("no authority is named: `passerelle authority name`")?;
            let grant = Grant::decode(&read(&grant)?).context("this is no grant")?;
            let who = (AT_THE_MACHINE, clock::now());
            node.store().unmask((&grant, &authority), &travellers, who)?;
            node.close();
            println!("Copied to the case {}: {} travellers.", grant.case, travellers.len());
        }
    }
    Ok(())
}

fn grant(key: &PathBuf, request: &PathBuf, to: Option<PathBuf>) -> Result<()> {
    let key = AuthorityKey::decode(&read(key)?).context("this is no authority's private key")?;
    let request = Request::decode(&read(request)?).context("this is no request")?;
    println!("{} asks for one list of flight {}", request.state, request.flight);
    println!(
        "  list     {}\n  case     {}\n  because  {}",
        request.list, request.case, request.reason
    );
    let Some(to) = to else {
        println!("Nothing was granted; --to FILE grants it.");
        return Ok(());
    };
    tls::write_secret(&to, &key.grant(&request)?.encode())?;
    println!("granted: {}", to.display());
    Ok(())
}
