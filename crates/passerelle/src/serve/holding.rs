//! One node serves a store at a time. A server's store can be reached from two machines: the
//! second may stand by, and takes over when the first has been silent for a minute. The store
//! itself sees to it that whoever was taken over from writes nothing more.

use std::time::Duration;

use anyhow::{Context, Result};
use store::StoreError;
use tokio::sync::watch;
use uuid::Uuid;

use super::{Served, work::pause};
use crate::{
    clock,
    node::{Node, later},
    tls,
};

/// How long a node serves before it says again that it does.
const TERM_S: i64 = 60;
/// How often it says so.
const EVERY: Duration = Duration::from_secs(10);

/// As whom this node serves: the same after a restart, another one on another machine or in
/// another directory, even if that is a copy.
pub(super) fn holder(node: &Node) -> Result<String> {
    let file = node.layout().store().join("holder");
    let id = match std::fs::read_to_string(&file) {
        Ok(id) => id,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let id = Uuid::new_v4().to_string();
            tls::write_public(&file, id.as_bytes())?;
            id
        }
        Err(e) => return Err(e).with_context(|| format!("{} cannot be read", file.display())),
    };
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let place = std::fs::canonicalize(node.layout().root())?;
    let all = [id.trim(), machine.trim(), host.trim(), &place.to_string_lossy()];
    Ok(audit::Digest::of_parts(&all.map(str::as_bytes)).to_string()[..16].to_owned())
}

/// Says that this node serves its store.
pub(super) fn hold(node: &Node, holder: &str) -> Result<(), StoreError> {
    let now = clock::now();
    node.store().serve_as(holder, now, later(now, TERM_S))
}

/// Lets another one serve it at once.
pub(super) fn release(node: &Node, holder: &str) {
    let now = clock::now();
    // Otherwise the other one waits a minute.
    if let Err(e) = node.store().serve_as(holder, now, now) {
        tracing::warn!(error = %e, "the store could not be let go");
    }
}

/// Says so again and again; ends, and the node with it, when another one has taken over.
pub(super) async fn holding(
    served: Served,
    holder: String,
    mut stopping: watch::Receiver<bool>,
) -> Result<()> {
    while !pause(&mut stopping, None, EVERY).await {
        let (node, holder) = (served.node.clone(), holder.clone());
        match tokio::task::spawn_blocking(move || hold(&node, &holder)).await? {
            Ok(()) => {}
            Err(e @ (StoreError::Replaced | StoreError::Conflict(_))) => return Err(e.into()),
            // The store is away: nobody else can take it meanwhile, or it will be known.
            Err(e) => tracing::warn!(error = %e, "the store could not be held; tried again"),
        }
    }
    Ok(())
}
