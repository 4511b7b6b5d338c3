//! Screening what is kept, once when it comes and again when a watchlist has changed.
//!
//! A hit is raised unless one tells of it already: one that an officer dismissed, as
//! long as neither the entry nor the traveller's data have changed (EU-28), or one that
//! waits or was upheld on the same flight, for lists are sent again and again. Who is no more
//! than a name is known again on one flight only: a namesake on another is somebody else.

mod documents;

use std::collections::HashMap;

use anyhow::{Context, Result};
use audit::{Actor, Digest, Event, Logged};
use jiff::{Timestamp, tz::TimeZone};
use screening::{Band, EntryRef, Hit, Thresholds};
use store::{
    Batch, CARRIERS, Change, StoreError,
    rows::{HitRow, List},
};
use travel::{PassengerList, Traveller};
use uuid::Uuid;

use super::{disclosing::Disclosing, journeys};
use crate::{
    node::{Against, Loaded, Node},
    stages::{Stage, Watch},
    threads,
};

/// A list that was screened, and what is to be stored about that.
struct Screened {
    row: List,
    list: PassengerList,
    batch: Batch,
    hits: usize,
}

/// Screens a kept list, raises its hits, and seals it for every partner whose
/// agreement permits the whole list. Gives the number of hits.
pub fn screen_kept(node: &Node, id: &str, now: Timestamp) -> Result<usize> {
    let row = row(node, id)?;
    // One list that is large in memory at a time, until it is stored.
    let _alone = is_large(&row).then(|| node.large.lock());
    let Some(screened) = screened(node, row, now)? else { return Ok(0) };
    let hits = screened.hits;
    store(node, vec![screened], now).into_iter().try_for_each(|(_, done)| done)?;
    Ok(hits)
}

/// So many travellers are held in memory until what was found about them is stored.
const HELD: usize = 10_000;
/// So many lists are compared with watchlists at the same time.
const SIDE_BY_SIDE: usize = 4;

/// What became of each of some things, by id.
pub type Became = Vec<(String, Result<()>)>;

/// The same for several lists: compared side by side, and stored in one transaction as far as
/// that goes, for sealers wait for each other's. What one of them found is durable before the
/// next that found something is compared with what is known. Gives what became of each; one
/// that fails takes no other with it.
pub fn screen_together(node: &Node, ids: &[String], now: Timestamp) -> Became {
    let (mut done, mut rows, mut held) = (Vec::with_capacity(ids.len()), Vec::new(), 0);
    for id in ids {
        match row(node, id) {
            Ok(row) if is_large(&row) => {
                done.push((id.clone(), screen_kept(node, id, now).map(drop)));
            }
            Ok(row) => {
                held += row.travellers as usize;
                if held > HELD {
                    done.extend(some_together(node, std::mem::take(&mut rows), now));
                    held = row.travellers as usize;
                }
                rows.push(row);
            }
            Err(e) => done.push((id.clone(), Err(e))),
        }
    }
    done.extend(some_together(node, rows, now));
    done
}

fn some_together(node: &Node, rows: Vec<List>, now: Timestamp) -> Became {
    let (mut done, mut waiting, mut raised) = (Vec::with_capacity(rows.len()), Vec::new(), false);
    for (id, screened) in compared(node, rows, now) {
        let screened = match screened {
            Ok(Some(before)) if raised && before.hits > 0 => self::screened(node, before.row, now),
            screened => screened,
        };
        match screened {
            Ok(Some(screened)) => {
                let found = screened.hits > 0;
                waiting.push(screened);
                if found {
                    raised = true;
                    done.extend(store(node, std::mem::take(&mut waiting), now));
                }
            }
            Ok(None) => done.push((id, Ok(()))),
            Err(e) => done.push((id, Err(e))),
        }
    }
    done.extend(store(node, waiting, now));
    done
}

type Compared = Vec<(String, Result<Option<Screened>>)>;

/// Compares lists with the watchlists, on several threads where there are several lists. They
/// come back in their order.
fn compared(node: &Node, rows: Vec<List>, now: Timestamp) -> Compared {
    let compare = |rows: Vec<List>| -> Compared {
        let one = |row: List| (row.id.clone(), screened(node, row, now));
        rows.into_iter().map(one).collect()
    };
    let each = rows.len().div_ceil(SIDE_BY_SIDE);
    let (mut parts, mut rows) = (Vec::with_capacity(SIDE_BY_SIDE), rows.into_iter());
    while rows.len() > 0 {
        parts.push(rows.by_ref().take(each).collect::<Vec<_>>());
    }
    threads::side_by_side(parts, compare).into_iter().flatten().collect()
}

fn row(node: &Node, id: &str) -> Result<List> {
    node.store().list(id)?.with_context(|| format!("there is no list {id}"))
}

fn is_large(row: &List) -> bool {
    row.travellers as usize > HELD
}

/// Nothing is left to do for a list that was screened before.
fn screened(node: &Node, row: List, now: Timestamp) -> Result<Option<Screened>> {
    let store = node.store();
    let mut watch = Watch::start();
    if row.screened_at.is_some() {
        return Ok(None);
    }
    let loaded = node.watchlists();
    let today = now.to_zoned(TimeZone::UTC).date();
    if row.mask_due.is_some_and(|due| due <= today) {
        nobody_screened(node, &row, (loaded.digest, now))?;
        return Ok(None);
    }
    let list = match store.open_list(&row) {
        Ok(list) => list,
        // Its day was masked or erased first, as it happens to a list that was sent again
        // long after its flight: there is nobody on it to look at.
        Err(StoreError::Sealed { what: "day key", .. }) => {
            nobody_screened(node, &row, (loaded.digest, now))?;
            return Ok(None);
        }
        Err(e) => return Err(e.into()),
    };
    let mut batch = Batch::default();
    let raising = Raising { node, row: &row, list: &list, loaded: &loaded, now };
    let hits = raising.against(loaded.all(), &mut batch)?;
    raising.criteria(&mut batch)?;
    let watchlists = loaded.digest;
    batch.changes.push(Change::Screened {
        list: row.id.clone(),
        watchlists: watchlists.to_string(),
        at: now,
    });
    let travellers = list.travellers().len() as u64;
    let screened =
        Event::Screened { list: row.id.clone(), watchlists, travellers, hits: hits as u64 };
    batch.events.push(Logged::new(now, Actor::Node, screened));
    watch.spent(Stage::Screen);
    Ok(Some(Screened { row, list, batch, hits }))
}

/// Seals lists for partners, and stores all of it in one transaction.
fn store(node: &Node, lists: Vec<Screened>, now: Timestamp) -> Became {
    let ids: Vec<String> = lists.iter().map(|l| l.row.id.clone()).collect();
    let (mut failed, mut whole) = (Vec::new(), Batch::default());
    match seal_and_commit(node, lists, (&mut whole, &mut failed), now) {
        Ok(()) => {}
        // One of them may be in the way of the others.
        Err(_) if ids.len() > 1 => {
            return ids
                .into_iter()
                .map(|id| (id.clone(), screen_kept(node, &id, now).map(drop)))
                .collect();
        }
        Err(e) => failed.extend(ids.first().cloned().map(|id| (id, e))),
    }
    let mut failed: HashMap<String, anyhow::Error> = failed.into_iter().collect();
    let became = |id: String| {
        let done = failed.remove(&id).map_or(Ok(()), Err);
        (id, done)
    };
    ids.into_iter().map(became).collect()
}

fn seal_and_commit(
    node: &Node,
    lists: Vec<Screened>,
    (whole, failed): (&mut Batch, &mut Vec<(String, anyhow::Error)>),
    now: Timestamp,
) -> Result<()> {
    let ours = lists.iter().any(|l| l.row.origin == CARRIERS);
    let mut partners = if ours { node.store().partners()? } else { Vec::new() };
    partners.retain(|p| p.enabled);
    // A stream's numbers are given out one after the other, and durable before the next.
    let _sealing = (!partners.is_empty()).then(|| node.sealing.lock());
    let mut disclosing = match partners.is_empty() {
        true => None,
        false => Some(Disclosing::new(node, now)?),
    };
    for Screened { row, list, mut batch, .. } in lists {
        let sealed = match &mut disclosing {
            Some(d) if row.origin == CARRIERS => d.list((&row, &list), &partners, &mut batch),
            _ => Ok(()),
        };
        match sealed {
            Ok(()) => {
                whole.changes.append(&mut batch.changes);
                whole.events.append(&mut batch.events);
                whole.under.append(&mut batch.under);
            }
            Err(e) => failed.push((row.id, e)),
        }
    }
    if !whole.changes.is_empty() {
        node.store().commit(std::mem::take(whole))?;
    }
    Ok(())
}

fn nobody_screened(node: &Node, row: &List, (watchlists, at): (Digest, Timestamp)) -> Result<()> {
    let marks = Change::Screened { list: row.id.clone(), watchlists: watchlists.to_string(), at };
    let list = row.id.clone();
    let event = Event::Screened { list, watchlists, travellers: 0, hits: 0 };
    let logged = Logged::new(at, Actor::Node, event);
    node.store().commit(Batch::new(vec![marks], vec![logged]))?;
    Ok(())
}

/// Screens a list again that was screened against other watchlists than those of now:
/// against what has changed since, or all of it when that is not known. How far this has
/// come stands in the lists themselves, so that it goes on where it stopped.
pub fn rescreen(node: &Node, id: &str, now: Timestamp) -> Result<()> {
    let store = node.store();
    let row = store.list(id)?.with_context(|| format!("there is no list {id}"))?;
    let loaded = node.watchlists();
    let Some(before) = row.watchlists.clone() else { return Ok(()) };
    if before == loaded.digest.to_string() {
        return Ok(());
    }
    let list = match store.open_list(&row) {
        Ok(list) => list,
        // Masked or erased since it was found: it is looked for no more.
        Err(StoreError::Sealed { what: "day key", .. }) => return Ok(()),
        Err(e) => return Err(e.into()),
    };
    let against = loaded.since(&before).unwrap_or(loaded.all());
    let mut batch = Batch::default();
    let raising = Raising { node, row: &row, list: &list, loaded: &loaded, now };
    let hits = raising.against(against, &mut batch)? as u64;
    let watchlists = loaded.digest;
    batch.changes.push(Change::Rescreened {
        list: id.to_owned(),
        before,
        watchlists: watchlists.to_string(),
    });
    let event = Event::Rescreened { list: id.to_owned(), watchlists, hits };
    batch.events.push(Logged::new(now, Actor::Node, event));
    store.commit(batch)?;
    Ok(())
}

/// The thresholds that hold for each watchlist, as far as they were asked for.
pub(super) type Holding = HashMap<String, Option<Thresholds>>;

/// The band of a hit by the thresholds that the state has set.
pub(super) fn band_here(node: &Node, hit: &Hit, holding: &mut Holding) -> Result<Band> {
    let list = &hit.entry.list;
    let thresholds = match holding.get(list) {
        Some(known) => *known,
        None => {
            let holds = api::thresholds::holding((node.store(), node), list)?;
            holding.insert(list.clone(), holds);
            holds
        }
    };
    Ok(thresholds.map_or(hit.band, |t| t.band(hit)))
}

struct Raising<'r> {
    node: &'r Node,
    row: &'r List,
    list: &'r PassengerList,
    loaded: &'r Loaded,
    now: Timestamp,
}

impl Raising<'_> {
    /// Raises what is found and not known yet; gives how many.
    fn against(&self, against: &Against, batch: &mut Batch) -> Result<usize> {
        let mut found = screening::screen(self.list, &against.index).hits;
        let (on_documents, versions) = documents::hits(self.node, self.list, &against.documents)?;
        found.extend(on_documents);
        let mut holding = Holding::new();
        for hit in &mut found {
            hit.band = band_here(self.node, hit, &mut holding)?;
        }
        let version = |entry: &EntryRef| match versions.get(&entry.id) {
            Some(version) => version.as_str(),
            None => self.loaded.version(&entry.list, &entry.id),
        };
        self.raise_all(found, version, batch)
    }

    /// Raises who meets the criteria in use; gives how many.
    fn criteria(&self, batch: &mut Batch) -> Result<usize> {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let in_use = self.node.criteria();
        let mut raised = 0;
        let mut looked_for = String::new();
        for one in in_use.iter().filter(|one| one.criteria.review_by >= today) {
            let mut failed = None;
            let mut elsewhere = |asked: &[usize]| {
                let known = journeys::elsewhere(self.node.store(), (self.row, self.list), asked);
                known.unwrap_or_else(|e| {
                    failed = Some(e);
                    Vec::new()
                })
            };
            let found = one.criteria.apply(self.list, &one.version, &one.measured, &mut elsewhere);
            if let Some(e) = failed {
                return Err(e);
            }
            raised += self.raise_all(found, |_| &one.version, batch)?;
            looked_for += &format!("{} {}\n", one.criteria.name, one.digest);
        }
        if !looked_for.is_empty() {
            let criteria = Digest::of(looked_for.as_bytes());
            let event =
                Event::CriteriaApplied { list: self.row.id.clone(), criteria, hits: raised as u64 };
            batch.events.push(Logged::new(self.now, Actor::Node, event));
        }
        Ok(raised)
    }

    /// Raises what is not known yet; gives how many.
    fn raise_all<'v>(
        &self,
        found: Vec<Hit>,
        version_of: impl Fn(&EntryRef) -> &'v str,
        batch: &mut Batch,
    ) -> Result<usize> {
        if found.is_empty() {
            return Ok(0);
        }
        let here = self.node.store().hits_of_list(&self.row.id)?;
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let mut raised = 0;
        for hit in found {
            let version = version_of(&hit.entry);
            if here.iter().any(|h| tells(h, &hit, version)) {
                continue;
            }
            let pair = self.pair(&hit);
            let known = self.node.store().known_pair(
                (&pair, version),
                (&self.row.flight, hit.band.name()),
                today,
            )?;
            if let Some((known, state)) = known {
                let event = Event::HitKnown { list: self.row.id.clone(), hit: known, state };
                batch.events.push(Logged::new(self.now, Actor::Node, event));
                continue;
            }
            let (change, event) = self.raise(&hit, (pair, version))?;
            batch.changes.push(Change::Hit(change));
            batch.rests_on(&self.row.scope, self.row.day);
            batch.events.push(Logged::new(self.now, Actor::Node, event));
            raised += 1;
        }
        Ok(raised)
    }

    fn pair(&self, hit: &Hit) -> String {
        let who = &self.list.travellers()[hit.traveller as usize];
        // Who meets a criterion on one flight is looked at anew on the next.
        let known_as = match hit.entry.list.starts_with(screening::criteria::PREFIX) {
            true => on_one_flight(screening::identity(who), &self.row.flight),
            false => known_as(who, &self.row.flight),
        };
        self.node.store().pair(&known_as, &hit.entry.list, &hit.entry.id)
    }

    fn raise(&self, hit: &Hit, (pair, version): (String, &str)) -> Result<(HitRow, Event)> {
        let id = Uuid::now_v7().to_string();
        let day = (self.row.scope.as_str(), self.row.day);
        let sealed = self.node.store().seal(day, ("hit", &id), &hit.encode(), self.now)?;
        let needs = if hit.band == Band::Hit { 2 } else { 1 };
        let band = hit.band.name().to_owned();
        let event = Event::HitRaised {
            hit: id.clone(),
            list: self.row.id.clone(),
            band: band.clone(),
            needs,
        };
        let change = HitRow {
            id,
            list: self.row.id.clone(),
            traveller: hit.traveller,
            watchlist: hit.entry.list.clone(),
            entry: hit.entry.id.clone(),
            entry_version: version.to_owned(),
            pair: Some(pair),
            band,
            nats: hit.nats,
            state: "open".to_owned(),
            raised_at: self.now,
            departs_at: self.row.departs_at,
            disclosed_at: None,
            sealed,
        };
        Ok((change, event))
    }
}

/// By what a traveller is known again: a name alone on the same flight, and nowhere else.
fn known_as(traveller: &Traveller, flight: &str) -> Vec<u8> {
    let identity = screening::identity(traveller);
    match screening::names_one_person(traveller) {
        true => identity,
        false => on_one_flight(identity, flight),
    }
}

fn on_one_flight(mut identity: Vec<u8>, flight: &str) -> Vec<u8> {
    identity.extend_from_slice(b"\n\n");
    identity.extend_from_slice(flight.as_bytes());
    identity
}

/// Whether a hit of this very list tells of it: nobody has said no, or what he said no
/// to is what the list still says.
fn tells(row: &HitRow, hit: &Hit, version: &str) -> bool {
    row.traveller == hit.traveller
        && row.watchlist == hit.entry.list
        && row.entry == hit.entry.id
        && (row.band != "silent" || hit.band == Band::Silent)
        && (row.state != "dismissed"
            || row.entry_version.is_empty()
            || row.entry_version == version)
}

#[cfg(test)]
mod tests;
