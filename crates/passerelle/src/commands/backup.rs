//! `passerelle backup` and `passerelle restore`: the store without its keys, the keys apart.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use store::KeptKey;

use crate::{
    cli::{NodeDir, WrongUse},
    clock,
    config::Layout,
    keeper, known,
    node::Node,
    tls,
};

/// `passerelle backup`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The copy holds no key: nothing in it opens by itself, and what is erased later is
erased in it, too. Keep ONE file of keys, elsewhere, written over each time.

Example:
  passerelle backup gbr --to /backup/gbr-2026-09-22.db --keys /vault/gbr.keys"
)]
pub struct BackupArgs {
    #[command(flatten)]
    pub node: NodeDir,
    /// Where the copy goes; the file must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Where the day keys go, wrapped under the node key; written over.
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
}

/// `passerelle restore`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The directory holds configuration and keys/ of the node, which must be stopped. Where a
store is there, its day keys are used and it is put aside (store/replaced.db; on a server, the
schema passerelle_replaced); otherwise give --keys. A copy of a file can be put back on a server
that store/postgres.url names, and one of a server into a file. What is due by now is masked and erased before anything else.

Example:
  passerelle restore gbr --from /backup/gbr-2026-09-22.db --keys /vault/gbr.keys"
)]
pub struct RestoreArgs {
    #[command(flatten)]
    pub node: NodeDir,
    /// The copy.
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// The file of day keys, where the store is lost.
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
}

/// Runs `passerelle backup`.
pub fn backup(args: BackupArgs) -> Result<()> {
    if let Some(keys) = &args.keys {
        let apart = keys.parent() != args.to.parent();
        ensure!(apart, WrongUse("put the keys somewhere else than the copy".into()));
    }
    let node = Node::open(&args.node.dir)?;
    let size = node.store().backup(&args.to, |name| eprintln!("copying {name}"), clock::now())?;
    let bytes = fs::metadata(&args.to)?.len();
    println!("{}: {bytes} bytes, the log up to event {size}, no key", args.to.display());
    if let Some(file) = &args.keys {
        let keys = KeptKey::encode(&node.store().kept_keys()?);
        let part = file.with_extension("part");
        tls::write_secret(&part, &keys)?;
        fs::rename(&part, file)?;
        println!("{}: the day keys, for whoever has keys/node.key", file.display());
    }
    node.close();
    Ok(())
}

/// Runs `passerelle restore`.
pub fn restore(args: RestoreArgs) -> Result<()> {
    let layout = Layout::of(&args.node.dir);
    let dir = layout.store();
    fs::create_dir_all(&dir)?;
    let there = store::place(&dir)?;
    let keys = match &args.keys {
        Some(keys) => {
            let bytes =
                fs::read(keys).with_context(|| format!("{} cannot be read", keys.display()))?;
            KeptKey::decode(&bytes)?
        }
        None => {
            ensure!(
                there.is_some(),
                WrongUse("there is no store to take the day keys from: give --keys FILE".into())
            );
            KeptKey::of_store(&dir)?
        }
    };
    ensure!(args.from.exists(), WrongUse(format!("there is no {}", args.from.display())));
    if there.is_some() {
        let aside =
            store::put_aside(&dir).context("the store that is there cannot be put aside")?;
        eprintln!("the store that was there is {aside} now");
    }
    let restored = store::restore(&args.from, &dir, &keys)?;
    known::forget(&layout)?;
    let node = Node::open(&args.node.dir)?;
    node.store().tell_again(&restored, clock::now())?;
    let kept = keeper::keep(&node, clock::now())?;
    node.close();
    println!("{} is put back.", args.from.display());
    println!("  erased again, for it was erased since   {} days", restored.erased.len());
    println!("  masked again                            {} days", restored.masked.len());
    println!("  due by now, masked or erased            {}", kept.masked.len() + kept.erased.len());
    if restored.without_key > 0 {
        println!("  without a key, so that nothing opens    {} days", restored.without_key);
    }
    println!(
        "What was answered since the copy was made is not in it. `passerelle doctor` looks it over."
    );
    Ok(())
}
