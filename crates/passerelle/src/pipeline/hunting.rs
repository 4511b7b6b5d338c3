//! Looking through the lake for what is new on watchlists.
//!
//! A part of the lake holds of everybody what a watchlist is compared with, so that no list has
//! to be opened to see that nobody on it is meant. Where somebody may be whom an officer would
//! be shown, the list is [screened again](super::rescreen) as any other: the hit is raised there,
//! from the whole list, by the same scorer. A resemblance that no officer would see is not
//! noted. How far this has come stands in the rows of the parts.

use std::collections::BTreeMap;

use anyhow::Result;
use audit::{Actor, Event};
use jiff::Timestamp;
use lake::Crowd;
use screening::{Band, Hit, Index, Screener};
use store::{Change, LakePart, Store, StoreError};

use super::raising;
use crate::node::Node;

/// Looks through one part that was not compared with the watchlists of now, the latest days
/// first; whether there was any.
pub fn hunt_next(node: &Node, now: Timestamp) -> Result<bool> {
    let digest = node.watchlists().digest.to_string();
    match node.store().parts_to_hunt(&digest)?.first() {
        Some(part) => hunt(node, part, now).map(|()| true),
        None => Ok(false),
    }
}

fn hunt(node: &Node, part: &LakePart, now: Timestamp) -> Result<()> {
    let (store, loaded) = (node.store(), node.watchlists());
    let index = match &loaded.changed {
        Some((since, changed)) if since.to_string() == part.watchlists => changed,
        _ => &loaded.index,
    };
    let mut holding = raising::Holding::new();
    let mut shown =
        |hit: &Hit| raising::band_here(node, hit, &mut holding).map(|b| b > Band::Silent);
    let Some(suspects) = suspects(store, part, index, &mut shown)? else { return Ok(()) };
    let lists = store.lists_at(&part.id, suspects.keys().copied())?;
    for id in &lists {
        match super::rescreen(node, id, now) {
            Err(e) if !passes(&e) => alarm(node, id, (&e, now))?,
            done => done?,
        }
    }
    let hits = suspects.values().sum();
    match store.hunted(part, (loaded.digest, hits), now) {
        // It was merged or forgotten meanwhile: what has taken its place is looked through.
        Err(StoreError::Conflict(_)) => Ok(()),
        other => Ok(other?),
    }
}

/// Whether the same may go well in a minute.
fn passes(e: &anyhow::Error) -> bool {
    use StoreError::{BusyOrFull, Closed, Conflict, Replaced};
    let known = e.downcast_ref::<StoreError>();
    matches!(known, Some(BusyOrFull(_) | Closed | Conflict(_) | Replaced))
}

/// A list that cannot be screened again keeps nobody from the others: a person looks at it.
fn alarm(node: &Node, list: &str, (e, at): (&anyhow::Error, Timestamp)) -> Result<()> {
    tracing::error!(%list, error = %format!("{e:#}"), "a list of the lake was not screened again");
    let kind = "not_rescreened".to_owned();
    let what = format!(
        "Somebody on the list {list} may be a new entry of a watchlist, and it could not be \
         screened again; the node's own output says why. Look at the list."
    );
    let alarm = Change::Alarm { partner: None, kind: kind.clone(), what, at };
    let event = Event::Alarm { alarm: kind, subject: list.to_owned(), digest: None };
    node.record(vec![alarm], Actor::Node, vec![event])
}

/// Places of the lists of a part on which somebody may be whom an officer would be `shown`, with
/// how many hits; nothing when the part can be read no more.
pub fn suspects(
    store: &Store,
    part: &LakePart,
    index: &Index,
    shown: &mut dyn FnMut(&Hit) -> Result<bool>,
) -> Result<Option<BTreeMap<u32, u64>>> {
    let mut screener = Screener::new(index);
    let mut found = BTreeMap::new();
    let read = store.crowds(part, |crowd| -> Result<()> {
        let rows = alike(&crowd, &mut screener, shown)?;
        if !rows.is_empty() {
            let places = crowd.places().map_err(StoreError::from)?;
            for (row, hits) in rows {
                *found.entry(places[row].0).or_default() += hits;
            }
        }
        Ok(())
    })?;
    Ok(read.map(|()| found))
}

/// Rows of a crowd with the number of hits that an officer would be shown.
fn alike(
    crowd: &Crowd,
    screener: &mut Screener<'_>,
    shown: &mut dyn FnMut(&Hit) -> Result<bool>,
) -> Result<Vec<(usize, u64)>> {
    let mut rows = Vec::new();
    for row in 0..crowd.len() {
        let mut hits = 0;
        for hit in screener.screen(&crowd.traveller(row)) {
            hits += u64::from(shown(&hit)?);
        }
        if hits > 0 {
            rows.push((row, hits));
        }
    }
    Ok(rows)
}
