//! What happens to a coalition in the middle of its work: one state suspends all its
//! agreements and takes it back, another one's node is switched off and on again. Both are
//! done as administrators do them; what they came to is read from the stores at the end.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::{sync::watch, time};

use super::{
    fleet::{Fleet, beside},
    setup::{Setup, StateSetup},
};
use crate::{clock, commands::agreement};

/// The longest that either lasts.
const LONGEST: Duration = Duration::from_secs(60);
/// When they begin and how long they last where the demonstration has no end.
const WITHOUT_END: Duration = Duration::from_secs(300);

/// Something that lasted.
#[derive(Clone, Debug)]
pub struct Lasted {
    /// The state that it was about.
    pub state: String,
    /// When it was done.
    pub from: Timestamp,
    /// When it was taken back.
    pub until: Timestamp,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    /// All agreements of a state suspended by it.
    pub suspended: Option<Lasted>,
    /// A node switched off.
    pub offline: Option<Lasted>,
}

/// To whom it happens, by their places.
#[derive(Clone, Copy)]
pub struct Disturbed {
    /// Who suspends.
    pub suspends: usize,
    /// Whose node is switched off.
    pub offline: usize,
}

/// Makes them happen, in a demonstration of that length. When it is ended early, what is
/// suspended or off is put right at once.
///
/// # Errors
/// A node's store refuses, or a node does not stop or start.
pub async fn happen(
    (base, setup): (&Path, &Setup),
    disturbed: Disturbed,
    minutes: Option<f64>,
    fleet: Arc<Mutex<Fleet>>,
    mut grounded: watch::Receiver<bool>,
) -> Result<Incidents> {
    let whole = minutes.map_or(WITHOUT_END, |m| Duration::from_secs_f64(m * 60.0));
    let share = |of: f64| whole.mul_f64(of).min(LONGEST);
    let mut incidents = Incidents::default();
    if pause(&mut grounded, share(0.2)).await {
        return Ok(incidents);
    }
    let state = &setup.states[disturbed.suspends];
    // What is measured begins before the first agreement is suspended, and ends before the
    // first is resumed.
    let from = clock::now();
    suspend(base, state, true).await?;
    pause(&mut grounded, share(0.2)).await;
    let until = clock::now();
    suspend(base, state, false).await?;
    incidents.suspended = Some(Lasted { state: state.state.clone(), from, until });
    if pause(&mut grounded, share(0.1)).await {
        return Ok(incidents);
    }
    let at = disturbed.offline;
    let state = setup.states[at].state.clone();
    let fleet_of = fleet.clone();
    tokio::task::spawn_blocking(move || fleet_of.lock().switch_off(at)).await??;
    let from = clock::now();
    pause(&mut grounded, share(0.2)).await;
    let until = clock::now();
    tokio::task::spawn_blocking(move || fleet.lock().switch_on(at)).await??;
    incidents.offline = Some(Lasted { state, from, until });
    Ok(incidents)
}

/// Waits; whether the flights have ended meanwhile.
async fn pause(grounded: &mut watch::Receiver<bool>, wait: Duration) -> bool {
    tokio::select! {
        _ = grounded.wait_for(|ended| *ended) => true,
        () = time::sleep(wait) => false,
    }
}

/// Suspends every agreement of a state, or takes it back.
async fn suspend(base: &Path, state: &StateSetup, suspend: bool) -> Result<()> {
    let (base, state) = (base.to_owned(), state.clone());
    tokio::task::spawn_blocking(move || {
        let node = beside(&base, &state)?;
        for row in node.store().agreements()? {
            agreement::suspend(&node, &row.id, suspend, Some("part of the demonstration"))
                .with_context(|| format!("the agreement of {} and {}", state.state, row.partner))?;
        }
        node.close();
        Ok(())
    })
    .await?
}
