//! `passerelle keys`: the node key in shares, for several people to start a node together, or
//! under a key of a PKCS#11 token; and the epoch keys to which partners seal.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use audit::Actor;
use exchange::Kind;

use super::{AT_THE_MACHINE, table};
use crate::{
    cli::{NodeDir, WrongUse},
    clock,
    config::{Config, Layout},
    node::Node,
    node_key, pipeline, shares, tls,
};

/// `passerelle keys`.
#[derive(Debug, clap::Subcommand)]
pub enum KeysCommand {
    /// Divide the node key: so many of its shares are needed to start the node
    #[command(
        after_help = "Each share is a file for one person. The node key is removed from the node: without so many
shares nobody, and no thief of the machine, opens anything. Start it then with
  PASSERELLE_SHARES=/media/a/gbr-share-1.txt:/media/b/gbr-share-4.txt:… passerelle serve gbr

Example:
  passerelle keys divide gbr --shares 5 --needed 3 --to /media/shares"
    )]
    Divide {
        #[command(flatten)]
        node: NodeDir,
        /// How many shares.
        #[arg(long)]
        shares: u8,
        /// How many of them are needed.
        #[arg(long)]
        needed: u8,
        /// The folder to which they are written.
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Put the node key back from its shares
    #[command(
        after_help = "Example:\n  passerelle keys join gbr /media/a/gbr-share-1.txt /media/b/gbr-share-4.txt /media/c/gbr-share-5.txt"
    )]
    Join {
        #[command(flatten)]
        node: NodeDir,
        /// The files of the shares.
        #[arg(required = true)]
        shares: Vec<PathBuf>,
    },
    /// Put the node key under a key of the PKCS#11 token that passerelle.toml names
    #[command(after_help = "The token is named in passerelle.toml:
  [keys]
  pkcs11 = { module = \"/usr/lib/softhsm/libsofthsm2.so\", token = \"border\", pin_file = \"/run/secrets/pin\" }
Its key (`key = …`, or \"passerelle\") is made when there is none. The PIN comes from pin_file, from
PASSERELLE_PIN, or is asked for. keys/node.key is removed: without the token the node does not
start, unless it was divided into shares.

Example:
  passerelle keys to-token gbr")]
    ToToken {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Put the node key back into its file: a token is to be given up
    #[command(after_help = "Example:\n  passerelle keys from-token gbr")]
    FromToken {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Make a new epoch key, to which partners seal from then on, and tell them
    #[command(
        after_help = "Partners seal what they send to this state's newest epoch key. A new one is made without a
telephone call: the identity that was compared certifies it, and a parcel brings it. The old ones
stay in keys/state.key and open what is on its way. A node that runs takes the new key up by itself;
copy keys/state.key to wherever a second node stands by, and make a new backup of it.

Examples:
  passerelle keys next-epoch gbr
  passerelle keys next-epoch gbr --above 12     when partners know a key that no copy of the file holds"
    )]
    NextEpoch {
        #[command(flatten)]
        node: NodeDir,
        /// Number it above this one.
        #[arg(long, value_name = "N", default_value_t = 0)]
        above: u32,
    },
    /// Show the epoch keys, and which partner was told of the newest
    #[command(after_help = "Example:\n  passerelle keys epochs gbr")]
    Epochs {
        #[command(flatten)]
        node: NodeDir,
    },
    /// Say where the node key is
    #[command(after_help = "Example:\n  passerelle keys status gbr")]
    Status {
        #[command(flatten)]
        node: NodeDir,
    },
}

/// Runs it.
pub fn run(command: KeysCommand) -> Result<()> {
    match command {
        KeysCommand::Divide { node, shares: all, needed, to } => {
            let config = Config::read(&node.dir)?;
            let layout = Layout::of(&node.dir);
            let key = node_key::open(&layout, &config)?;
            let state = config.country();
            let files = shares::write(&layout, (state.code(), &key), (needed, all), &to)?;
            files.iter().for_each(|file| println!("{}", file.display()));
            let then = if layout.wrapped().exists() {
                format!("the token opens it as before, and {needed} of these {all} do without it")
            } else {
                format!("{needed} of these {all} are needed from now on, and it is no longer here")
            };
            println!(
                "The node key is divided: {then}. Give each to somebody else, and leave none in \
                 this folder. Copies of keys/node.key that were made before still open everything: \
                 destroy them."
            );
        }
        KeysCommand::Join { node, shares: files } => {
            let layout = Layout::of(&node.dir);
            ensure!(
                !layout.node_key().exists(),
                WrongUse(format!("{} is there", layout.node_key().display()))
            );
            let (key, of) = shares::join(&shares::read(&files)?)?;
            let about = tls::read_text(&layout.divided())?;
            ensure!(about.contains(&of.key), "these are shares of another key: {}", about.trim());
            tls::write_secret(&layout.node_key(), key.bytes())?;
            std::fs::remove_file(layout.divided())?;
            println!("The node key is back in {}.", layout.node_key().display());
        }
        KeysCommand::ToToken { node } => {
            let (layout, config) = (Layout::of(&node.dir), Config::read(&node.dir)?);
            node_key::to_token(&layout, &config)?;
            println!(
                "The node key is {}. Copies of keys/node.key that were made before still open \
                 everything: destroy them. `passerelle keys divide` makes shares for the day on \
                 which the token is lost.",
                node_key::place(&layout, &config)
            );
        }
        KeysCommand::FromToken { node } => {
            let (layout, config) = (Layout::of(&node.dir), Config::read(&node.dir)?);
            node_key::from_token(&layout, &config)?;
            println!(
                "The node key is back in {}; take pkcs11 out of passerelle.toml.",
                layout.node_key().display()
            );
        }
        KeysCommand::NextEpoch { node, above } => {
            let by = (Actor::Officer(AT_THE_MACHINE.into()), clock::now());
            let done = pipeline::next_epoch(&Node::open(&node.dir)?, above, by)?;
            println!("Epoch key {} is made, and the old ones open what is on its way.", done.epoch);
            for (what, partners) in [
                ("It is on its way to", &done.told),
                ("Told once an agreement is in force:", &done.later),
            ] {
                if !partners.is_empty() {
                    println!("{what} {}.", partners.join(", "));
                }
            }
        }
        KeysCommand::Epochs { node } => epochs(&Node::open(&node.dir)?)?,
        KeysCommand::Status { node } => {
            let (layout, config) = (Layout::of(&node.dir), Config::read(&node.dir)?);
            println!("The node key is {}.", node_key::place(&layout, &config));
            node_key::notes(&layout, &config).iter().for_each(|note| println!("note: {note}"));
        }
    }
    Ok(())
}

fn epochs(node: &Node) -> Result<()> {
    let epochs = node.keys().epochs();
    let made_at = epochs.last().and_then(|epoch| epoch.made_at);
    for epoch in &epochs {
        match epoch.made_at {
            Some(at) => println!("Epoch key {}, made at {at}.", epoch.number),
            None => println!("Epoch key {}, made with the node.", epoch.number),
        }
    }
    let mut rows = Vec::new();
    for partner in node.store().partners()? {
        let theirs = node.partner_keys(&partner)?.epoch().epoch;
        let told = node.store().last_outgoing(&partner.state, Kind::Keys.name())?;
        let told = told.filter(|parcel| made_at.is_some_and(|at| parcel.queued_at >= at));
        let ours = match (made_at, told) {
            (None, _) => "in its offer".to_owned(),
            (_, None) => "not told".to_owned(),
            (_, Some(parcel)) => match parcel.receipted_at {
                Some(at) => format!("{} at {at}", parcel.status),
                None => format!("waits since {}", parcel.queued_at),
            },
        };
        rows.push(vec![partner.state, theirs.to_string(), ours]);
    }
    if !rows.is_empty() {
        table(&["STATE", "ITS EPOCH", "OURS"], &rows);
    }
    Ok(())
}
