//! The watched folder: `inbox/CARRIER/` holds files that a carrier dropped.
//!
//! A file is taken when its size has stood still for a look. It goes the same way as
//! a posted message; the answer is written into `taken/` or `refused/` as `NAME.answer`,
//! and only then is the file removed: its original lies sealed in the store. A crash in
//! between takes it again, which gives the same answer and no second list. A file that
//! the store does not take (empty, or too large) is moved to `refused/` as it is.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use store::rows::Carrier;
use tokio::sync::watch;

use crate::{clock, pipeline, serve::Served, tls};

/// Looks into the folder until the node stops.
pub async fn watch(served: Served, mut stopping: watch::Receiver<bool>) -> Result<()> {
    let mut sizes = HashMap::new();
    loop {
        if served.node.config().intake.watch_folder {
            let work = served.clone();
            let mut seen = std::mem::take(&mut sizes);
            let looked = tokio::task::spawn_blocking(move || {
                let result = look(&work, &mut seen);
                (result, seen)
            });
            let (result, seen) = looked.await?;
            sizes = seen;
            if let Err(e) = result {
                tracing::error!(error = %format!("{e:#}"), "the inbox folder cannot be read");
            }
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return Ok(()),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

fn look(served: &Served, sizes: &mut HashMap<PathBuf, u64>) -> Result<()> {
    let inbox = served.node.layout().inbox();
    let mut now = HashMap::new();
    for carrier in served.node.store().carriers()?.into_iter().filter(|c| c.enabled) {
        let folder = inbox.join(&carrier.id);
        if !folder.is_dir() {
            continue;
        }
        let found = files(&folder).unwrap_or_else(|e| {
            tracing::error!(carrier = %carrier.id, error = %e, "a carrier's folder cannot be read");
            Vec::new()
        });
        for path in found {
            let Ok(size) = fs::metadata(&path).map(|m| m.len()) else { continue };
            if sizes.get(&path) != Some(&size) {
                now.insert(path, size);
            } else if let Err(e) = take(served, &carrier, &path, size) {
                // The file stays, and is tried again; the others are not kept waiting.
                tracing::error!(carrier = %carrier.id, error = %format!("{e:#}"), "a dropped file could not be taken");
            }
        }
    }
    *sizes = now;
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let hidden = name.starts_with('.') || name.ends_with(".answer") || name.ends_with(".part");
        if entry.file_type()?.is_file() && !hidden {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn take(served: &Served, carrier: &Carrier, path: &Path, size: u64) -> Result<()> {
    let max = served.node.config().intake.max_bytes as u64;
    let kept = size > 0 && size <= max;
    let (answer, folder) = if !kept {
        let text = format!("The file has {size} bytes; this node takes 1 to {max} at once.\n");
        (text.into_bytes(), "refused")
    } else {
        let answer = pipeline::submit(&served.node, carrier, &fs::read(path)?, clock::now())?;
        served.bell.kept.notify_one();
        served.bell.parts.notify_one();
        (answer.body, if answer.status == 200 { "taken" } else { "refused" })
    };
    let name = path.file_name().context("a file without a name")?.to_string_lossy().into_owned();
    let to = path.with_file_name(folder);
    fs::create_dir_all(&to)?;
    tls::write_secret(&to.join(format!("{name}.answer")), &answer)?;
    if kept {
        fs::remove_file(path)?
    } else {
        fs::rename(path, to.join(name))?
    }
    Ok(())
}
