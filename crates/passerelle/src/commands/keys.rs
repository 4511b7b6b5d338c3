//! `passerelle keys`: the node key in shares, for several people to start a node together.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{
    cli::{NodeDir, WrongUse},
    config::{Config, Layout},
    shares, tls,
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
}

/// Runs it.
pub fn run(command: KeysCommand) -> Result<()> {
    match command {
        KeysCommand::Divide { node, shares: all, needed, to } => {
            let config = Config::read(&node.dir)?;
            let layout = Layout::of(&node.dir);
            let files = shares::write(&layout, config.country().code(), (needed, all), &to)?;
            files.iter().for_each(|file| println!("{}", file.display()));
            println!(
                "The node key is divided: {needed} of these {all} are needed from now on, and it is no \
                 longer here. Give each to somebody else, and leave none in this folder. Copies of \
                 keys/node.key that were made before still open everything: destroy them."
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
    }
    Ok(())
}
