//! `passerelle keys`: the node key in shares, for several people to start a node together, or
//! under a key of a PKCS#11 token.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{
    cli::{NodeDir, WrongUse},
    config::{Config, Layout},
    node_key, shares, tls,
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
        KeysCommand::Status { node } => {
            let (layout, config) = (Layout::of(&node.dir), Config::read(&node.dir)?);
            println!("The node key is {}.", node_key::place(&layout, &config));
            node_key::notes(&layout, &config).iter().for_each(|note| println!("note: {note}"));
        }
    }
    Ok(())
}
