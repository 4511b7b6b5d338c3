//! Writes down once a second how far the log goes ([`crate::known`]).

use std::time::Duration;

use anyhow::Result;
use tokio::sync::watch;

use super::{Served, work::pause};
use crate::known;

const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn knowing(served: Served, mut stopping: watch::Receiver<bool>) -> Result<()> {
    while !pause(&mut stopping, None, EVERY).await {
        let node = served.node.clone();
        // The store or the disk is away: whoever needs it says so.
        if let Err(e) = tokio::task::spawn_blocking(move || known::note(&node)).await? {
            tracing::debug!(error = %format!("{e:#}"), "how far the log goes was not written down");
        }
    }
    Ok(())
}
