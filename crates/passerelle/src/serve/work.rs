//! What a node does by itself: it screens what is kept, discloses what is upheld, and
//! takes up the partners and watchlists that were added while it runs.
//!
//! A list or hit on which this fails (it cannot be opened, say) is an alarm and rests;
//! the others go on. What fails because the store takes nothing is tried again soon.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use audit::{Actor, Event};
use axum_server::tls_rustls::RustlsConfig;
use jiff::Timestamp;
use store::{Change, StoreError};
use tokio::sync::{Notify, watch};

use super::Served;
use crate::{
    clock, keeper,
    node::Node,
    pipeline::{self, Became},
    stages::{Stage, Watch},
    tls::{self, Clients},
};

/// How many are taken in one round.
const ROUND: u32 = 64;
/// How long rests what failed.
const REST: Duration = Duration::from_secs(300);

/// Whether the node is to stop, after at most `wait`, or sooner when `bell` rings.
pub(super) async fn pause(
    stopping: &mut watch::Receiver<bool>,
    bell: Option<&Notify>,
    wait: Duration,
) -> bool {
    let rung = async {
        match bell {
            Some(bell) => bell.notified().await,
            None => std::future::pending().await,
        }
    };
    let told = tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => true,
        () = rung => false,
        () = tokio::time::sleep(wait) => false,
    };
    told || *stopping.borrow()
}

/// One kind of work, on things that are found in the store by id.
pub(super) struct Work {
    /// What it is done to, for the alarm.
    noun: &'static str,
    /// The kind of the alarm when it fails.
    alarm: &'static str,
    waiting: fn(&Node, u32) -> Result<Vec<String>, StoreError>,
    /// Works on some of them, which may be one transaction; what became of each.
    run: fn(&Node, &[String], Timestamp) -> Became,
    /// So many are worked on together.
    together: usize,
    /// What failed, and until when it rests.
    resting: HashMap<String, Instant>,
}

impl Work {
    pub(super) fn screening() -> Self {
        Self {
            noun: "list",
            alarm: "not_screened",
            waiting: |node, most| node.store().unscreened(most),
            // Compares them side by side, and stores them together.
            run: pipeline::screen_together,
            together: ROUND as usize,
            resting: HashMap::new(),
        }
    }

    pub(super) fn joining() -> Self {
        Self {
            noun: "series",
            alarm: "not_joined",
            waiting: |node, most| node.store().series_ready(clock::now(), most),
            run: |node, ids, now| each(ids, |id| pipeline::join_series(node, id, now)),
            together: 1,
            resting: HashMap::new(),
        }
    }

    pub(super) fn rescreening() -> Self {
        Self {
            noun: "list",
            alarm: "not_rescreened",
            waiting: |node, most| {
                node.store().to_rescreen(&node.watchlists().digest.to_string(), most)
            },
            run: |node, ids, now| each(ids, |id| pipeline::rescreen(node, id, now)),
            // One after the other: lists of one flight lie side by side, and the second
            // must see what the first has raised.
            together: 1,
            resting: HashMap::new(),
        }
    }

    pub(super) fn disclosing() -> Self {
        Self {
            noun: "hit",
            alarm: "not_disclosed",
            waiting: |node, most| node.store().undisclosed(most),
            run: |node, ids, now| each(ids, |id| pipeline::disclose_upheld(node, id, now)),
            together: 1,
            resting: HashMap::new(),
        }
    }

    /// Does what waits, the oldest first; gives how many were done.
    ///
    /// # Errors
    /// The store gives or takes nothing at the moment.
    pub(super) fn round(&mut self, served: &Served) -> Result<usize> {
        let now = Instant::now();
        self.resting.retain(|_, until| *until > now);
        // What rests is still waiting: it must not fill the round.
        let most = ROUND.saturating_add(self.resting.len() as u32);
        let mut ids = (self.waiting)(&served.node, most)?;
        ids.retain(|id| !self.resting.contains_key(id));
        let mut done = 0;
        for (id, result) in self.each(&served.node, &ids) {
            match result {
                Ok(()) => {
                    done += 1;
                    served.bell.queued.notify_one();
                }
                Err(e) => self.failed(&served.node, id, e)?,
            }
        }
        Ok(done)
    }

    fn each(&self, node: &Node, ids: &[String]) -> Became {
        ids.chunks(self.together).flat_map(|ids| (self.run)(node, ids, clock::now())).collect()
    }

    fn failed(&mut self, node: &Node, id: String, error: anyhow::Error) -> Result<()> {
        let noun = self.noun;
        match error.downcast_ref::<StoreError>() {
            Some(StoreError::BusyOrFull(_) | StoreError::Closed) => return Err(error),
            // Somebody else did it meanwhile.
            Some(StoreError::Conflict(why)) => {
                tracing::info!(%id, "a {noun} rests for a while: {why}");
            }
            _ => {
                tracing::error!(%id, error = %format!("{error:#}"), "a {noun} failed and rests");
                self.raise(node, &id)?;
            }
        }
        self.resting.insert(id, Instant::now() + REST);
        Ok(())
    }

    /// One alarm of a kind is enough until somebody has settled it.
    fn raise(&self, node: &Node, id: &str) -> Result<()> {
        let alarms = node.store().alarms(1000)?;
        if alarms.iter().any(|a| a.kind == self.alarm && a.settled_at.is_none()) {
            return Ok(());
        }
        let verb = self.alarm.replace("not_", "");
        let alarm = Change::Alarm {
            partner: None,
            kind: self.alarm.to_owned(),
            what: format!(
                "The {} {id} could not be {verb}; the node's own output says why. It is tried \
                 again every five minutes, and the others go on.",
                self.noun
            ),
            at: clock::now(),
        };
        let event =
            Event::Alarm { alarm: self.alarm.to_owned(), subject: id.to_owned(), digest: None };
        node.record(vec![alarm], Actor::Node, vec![event])
    }
}

/// One after the other, each by itself.
fn each(ids: &[String], run: impl Fn(&str) -> Result<()>) -> Became {
    ids.iter().map(|id| (id.clone(), run(id))).collect()
}

/// Screens whatever is kept and not screened yet, oldest first.
pub(super) async fn screening(served: Served, stopping: watch::Receiver<bool>) -> Result<()> {
    let bell = served.bell.clone();
    work(served, Work::screening(), (stopping, &bell.kept)).await
}

/// Makes lists of the parts that came by themselves.
pub(super) async fn joining(served: Served, stopping: watch::Receiver<bool>) -> Result<()> {
    let bell = served.bell.clone();
    work(served, Work::joining(), (stopping, &bell.parts)).await
}

/// Screens what was screened against other watchlists than those of now, the latest
/// departures first.
pub(super) async fn rescreening(served: Served, stopping: watch::Receiver<bool>) -> Result<()> {
    let bell = served.bell.clone();
    work(served, Work::rescreening(), (stopping, &bell.watchlists)).await
}

/// Lists that may wait to be projected while others wait to be screened.
const BEHIND: u64 = 100_000;

/// Makes kept lists searchable, when nothing is to be screened.
pub(super) async fn projecting(served: Served, mut stopping: watch::Receiver<bool>) -> Result<()> {
    loop {
        let node = served.node.clone();
        let wait = match tokio::task::spawn_blocking(move || project(&node)).await? {
            Ok(n) if n > 0 => Duration::ZERO,
            Ok(_) => Duration::from_secs(1),
            Err(e) => {
                tracing::error!(error = %format!("{e:#}"), "projections stand still; tried again");
                Duration::from_secs(5)
            }
        };
        if *stopping.borrow() {
            return Ok(());
        }
        if !wait.is_zero() && pause(&mut stopping, None, wait).await {
            return Ok(());
        }
    }
}

fn project(node: &Node) -> Result<usize, StoreError> {
    let store = node.store();
    if !store.unscreened(1)?.is_empty() && store.unprojected()? < BEHIND {
        return Ok(0);
    }
    let mut watch = Watch::start();
    let done = store.project();
    watch.spent(Stage::Project);
    done
}

/// How often it is looked whether lists are old enough for the lake.
const TIDES: Duration = Duration::from_secs(60);

/// Moves lists of days past into the lake, merges its small parts, and looks it through for
/// what is new on watchlists; when nothing is to be screened.
pub(super) async fn laking(served: Served, mut stopping: watch::Receiver<bool>) -> Result<()> {
    let node = served.node.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(e) = node.store().remove_orphans(clock::now()) {
            tracing::warn!(error = %e, "files of the lake that nobody needs are still there");
        }
    })
    .await?;
    loop {
        let node = served.node.clone();
        let wait = match tokio::task::spawn_blocking(move || one_tide(&node)).await? {
            Ok(true) => Duration::ZERO,
            Ok(false) => TIDES,
            Err(e) => {
                tracing::error!(error = %format!("{e:#}"), "the lake stands still; tried again");
                TIDES
            }
        };
        if *stopping.borrow() {
            return Ok(());
        }
        let bell = &served.bell.watchlists_cold;
        if !wait.is_zero() && pause(&mut stopping, Some(bell), wait).await {
            return Ok(());
        }
    }
}

/// Does one thing for the lake; whether there was any.
fn one_tide(node: &Node) -> Result<bool> {
    let store = node.store();
    if !store.unscreened(1)?.is_empty() {
        return Ok(false);
    }
    let now = clock::now();
    if pipeline::hunt_some(node, now)? {
        return Ok(true);
    }
    let until = node.config().lake.until(now);
    Ok(store.move_to_lake(until, now)? > 0 || store.compact_lake(now)? > 0)
}

/// Asks the agreements about every hit that was upheld.
pub(super) async fn disclosing(served: Served, stopping: watch::Receiver<bool>) -> Result<()> {
    let bell = served.bell.clone();
    work(served, Work::disclosing(), (stopping, &bell.upheld)).await
}

async fn work(
    served: Served,
    mut work: Work,
    (mut stopping, bell): (watch::Receiver<bool>, &Notify),
) -> Result<()> {
    loop {
        let of = served.clone();
        let done;
        (work, done) = tokio::task::spawn_blocking(move || {
            let done = work.round(&of);
            (work, done)
        })
        .await?;
        let wait = match done {
            Ok(n) if n > 0 => Duration::ZERO,
            Ok(_) => Duration::from_secs(2),
            Err(e) => {
                tracing::error!(error = %format!("{e:#}"), "work stands still; it is tried again");
                Duration::from_secs(5)
            }
        };
        if *stopping.borrow() {
            return Ok(());
        }
        if !wait.is_zero() && pause(&mut stopping, Some(bell), wait).await {
            return Ok(());
        }
    }
}

/// How often the keeper looks at the clocks.
const ROUNDS: Duration = Duration::from_secs(300);

/// Masks and erases what is due.
pub(super) fn keep_now(node: &Node) {
    match keeper::keep(node, clock::now()) {
        Ok(kept) if kept.is_nothing() => {}
        Ok(kept) => tracing::info!(
            masked = kept.masked.len(),
            erased = kept.erased.len(),
            lists = kept.lists,
            "what was due is forgotten"
        ),
        Err(e) => {
            tracing::error!(error = %format!("{e:#}"), "what is due is not forgotten; tried again");
        }
    }
}

/// Keeps the clocks, for as long as the node runs.
pub(super) async fn keeping(served: Served, mut stopping: watch::Receiver<bool>) -> Result<()> {
    while !pause(&mut stopping, None, ROUNDS).await {
        let node = served.node.clone();
        tokio::task::spawn_blocking(move || keep_now(&node)).await?;
    }
    Ok(())
}

/// The authorities whose certificates the partners' listener takes.
pub(super) fn authorities(node: &Node) -> Result<Vec<String>> {
    let partners = node.store().partners()?.into_iter();
    let mut authorities: Vec<String> =
        partners.filter(|p| p.enabled).map(|p| p.authority).collect();
    authorities.sort();
    authorities.dedup();
    Ok(authorities)
}

/// The authorities and the listener's configuration, if they are others than `known`.
pub(super) fn changed(
    node: &Node,
    known: &[String],
) -> Result<Option<(Vec<String>, rustls::ServerConfig)>> {
    let now = authorities(node)?;
    if now == known {
        return Ok(None);
    }
    let config = tls::server(node.layout(), Clients::Partners(&now))?;
    Ok(Some((now, config)))
}

/// Takes up partners and watchlists that were added or changed while the node runs. A
/// partner's keys and address, and agreements, are read where they are used.
pub(super) async fn refreshing(
    served: Served,
    (partners, mut known): (RustlsConfig, Vec<String>),
    mut stopping: watch::Receiver<bool>,
) -> Result<()> {
    while !pause(&mut stopping, None, Duration::from_secs(2)).await {
        let (work, before) = (served.clone(), known.clone());
        let seen = tokio::task::spawn_blocking(move || {
            match work.node.load_watchlists() {
                Ok(true) => {
                    tracing::info!("watchlists were taken up");
                    work.bell.watchlists.notify_one();
                    work.bell.watchlists_cold.notify_one();
                }
                Ok(false) => {}
                Err(e) => {
                    tracing::error!(error = %format!("{e:#}"), "watchlists are not taken up");
                }
            }
            match work.node.load_criteria() {
                Ok(true) => tracing::info!("criteria were taken up"),
                Ok(false) => {}
                Err(e) => tracing::error!(error = %format!("{e:#}"), "criteria are not taken up"),
            }
            changed(&work.node, &before)
        })
        .await?;
        match seen {
            Ok(Some((now, config))) => {
                partners.reload_from_config(Arc::new(config));
                known = now;
                tracing::info!("the partners' certificates were taken up");
            }
            Ok(None) => {}
            Err(e) => tracing::error!(error = %format!("{e:#}"), "partners are not taken up"),
        }
    }
    Ok(())
}
