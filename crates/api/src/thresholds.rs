//! Thresholds of a watchlist: from what evidence on a match is put before officers. Before
//! anybody sets others it is shown which stored alerts would appear or vanish; the count of
//! those stands in the log beside the new thresholds.
//!
//! What holds: what somebody has set here, else what the node's configuration names, else
//! the scorer's own. Alerts that were raised already stay as they are; what is screened from
//! then on is banded by the new ones.

use audit::Event;
use jiff::Timestamp;
use screening::{Band, Hit, Thresholds};
use serde::Serialize;
use store::{Change, Store, rows::ThresholdsRow};

use crate::{Api, Caller, Error, Office, Operation};

/// How many hits are read at a time.
const PAGE: u32 = 500;
/// How many are named; the rest is counted.
pub const NAMED: usize = 20;

/// Where thresholds come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The scorer's own.
    Scorer,
    /// The node's configuration.
    Configuration,
    /// An officer has set them.
    Set {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
}

/// The thresholds that hold for a watchlist.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThresholdsView {
    /// The watchlist.
    pub watchlist: String,
    /// From here on one officer looks at a match, in nats.
    pub possible: f64,
    /// From here on two do.
    pub hit: f64,
    /// Where they come from.
    pub origin: Origin,
}

/// A stored match that would be in another band.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// Its id.
    pub hit: String,
    /// The entry of the watchlist.
    pub entry: String,
    /// Its evidence.
    pub nats: f64,
    /// The band that it has.
    pub is: String,
    /// The band that it would have.
    pub would: &'static str,
}

/// What would become of stored matches under other thresholds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rehearsal {
    /// Matches that were looked at.
    pub stored: u64,
    /// Silent, possible, hit: how many there are.
    pub is: [u64; 3],
    /// How many there would be.
    pub would: [u64; 3],
    /// Alerts that would appear: some, and how many.
    pub appear: (Vec<Moved>, u64),
    /// Alerts that would vanish: some, and how many.
    pub vanish: (Vec<Moved>, u64),
    /// Of those that would vanish, which officers upheld.
    pub upheld: u64,
    /// Matches that can no longer be read: masked, or erased.
    pub forgotten: u64,
    /// Travellers on kept lists, for a rate.
    pub travellers: u64,
}

/// The thresholds that hold for a watchlist; `None` when those of the scorer do.
///
/// # Errors
/// The store cannot be read, or has thresholds that make no sense.
pub fn holding(
    (store, office): (&Store, &dyn Office),
    watchlist: &str,
) -> Result<Option<Thresholds>, Error> {
    match set(store, watchlist)? {
        Some(row) => checked(row.possible, row.hit).map(Some),
        None => Ok(office.configured_thresholds(watchlist)),
    }
}

fn set(store: &Store, watchlist: &str) -> Result<Option<ThresholdsRow>, Error> {
    Ok(store.thresholds()?.into_iter().find(|t| t.watchlist == watchlist))
}

/// Thresholds that make sense.
///
/// # Errors
/// They are crossed, or below what is kept at all.
pub fn checked(possible: f64, hit: f64) -> Result<Thresholds, Error> {
    Thresholds::new(possible, hit)
        .map_err(|e| Error::Invalid { field: "possible", text: format!("{e}.") })
}

/// Holds the stored matches of a watchlist against other thresholds; nothing is changed.
/// `looked` is told now and then how many are done.
///
/// # Errors
/// The store cannot be read.
pub fn rehearse(
    store: &Store,
    watchlist: &str,
    thresholds: Thresholds,
    looked: &mut dyn FnMut(u64),
) -> Result<Rehearsal, Error> {
    let mut found = Rehearsal { travellers: store.counts()?.travellers, ..Rehearsal::default() };
    let mut after = String::new();
    loop {
        let page = store.hits_of_watchlist(watchlist, &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.id);
        for row in &page {
            found.add(store, row, thresholds)?;
        }
        looked(found.stored);
    }
}

impl Rehearsal {
    fn add(
        &mut self,
        store: &Store,
        row: &store::rows::HitRow,
        thresholds: Thresholds,
    ) -> Result<(), Error> {
        let bytes = match store.open_hit(row).map_err(Error::from) {
            Err(Error::Gone(_)) => {
                self.forgotten += 1;
                return Ok(());
            }
            other => other?,
        };
        let unread = |e: &dyn std::fmt::Display| Error::Ours(format!("a hit cannot be read: {e}"));
        let would = thresholds.band(&Hit::decode(&bytes).map_err(|e| unread(&e))?);
        let all = [Band::Silent, Band::Possible, Band::Hit];
        let is = all.into_iter().find(|b| b.name() == row.band);
        let is = is.ok_or_else(|| unread(&"its band is not known"))?;
        self.stored += 1;
        self.is[is as usize] += 1;
        self.would[would as usize] += 1;
        let moved = match (is > Band::Silent, would > Band::Silent) {
            (false, true) => &mut self.appear,
            (true, false) => &mut self.vanish,
            _ => return Ok(()),
        };
        moved.1 += 1;
        if moved.0.len() < NAMED {
            moved.0.push(Moved {
                hit: row.id.clone(),
                entry: row.entry.clone(),
                nats: row.nats,
                is: row.band.clone(),
                would: would.name(),
            });
        }
        self.upheld += u64::from(is > would && would == Band::Silent && row.state == "upheld");
        Ok(())
    }

    /// So many of a thousand travellers; nothing while there are none.
    pub fn per_thousand(&self, n: u64) -> Option<f64> {
        (self.travellers > 0).then(|| n as f64 * 1000.0 / self.travellers as f64)
    }
}

impl Api {
    /// The thresholds that hold for a watchlist.
    ///
    /// # Errors
    /// No such watchlist; rights; the store.
    pub fn thresholds(&self, caller: &Caller, watchlist: &str) -> Result<ThresholdsView, Error> {
        caller.demand(Operation::Watchlists)?;
        let missing = || Error::Missing { what: "watchlist", id: watchlist.to_owned() };
        let known = self.store.watchlists()?;
        known.iter().find(|w| w.name == watchlist).ok_or_else(missing)?;
        let watchlist = watchlist.to_owned();
        if let Some(row) = set(&self.store, &watchlist)? {
            let origin = Origin::Set { by: row.set_by, at: row.set_at };
            let (possible, hit) = (row.possible, row.hit);
            return Ok(ThresholdsView { watchlist, possible, hit, origin });
        }
        let configured = self.office.configured_thresholds(&watchlist);
        let origin = if configured.is_some() { Origin::Configuration } else { Origin::Scorer };
        let Thresholds { possible, hit } = configured.unwrap_or_default();
        Ok(ThresholdsView { watchlist, possible, hit, origin })
    }

    /// Which stored alerts would appear or vanish under other thresholds. Nobody is named.
    ///
    /// # Errors
    /// They make no sense; no such watchlist; rights; the store.
    pub fn rehearse_thresholds(
        &self,
        caller: &Caller,
        watchlist: &str,
        (possible, hit): (f64, f64),
    ) -> Result<Rehearsal, Error> {
        caller.demand(Operation::RehearseThresholds)?;
        self.thresholds(caller, watchlist)?;
        rehearse(&self.store, watchlist, checked(possible, hit)?, &mut |_| {})
    }

    /// Sets the thresholds of a watchlist. It is rehearsed once more, and what was found
    /// stands in the log.
    ///
    /// # Errors
    /// They make no sense; no such watchlist; rights; the store.
    pub fn set_thresholds(
        &self,
        caller: &Caller,
        watchlist: &str,
        (possible, hit): (f64, f64),
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::SetThresholds)?;
        self.thresholds(caller, watchlist)?;
        let found = rehearse(&self.store, watchlist, checked(possible, hit)?, &mut |_| {})?;
        let row = ThresholdsRow {
            watchlist: watchlist.to_owned(),
            possible,
            hit,
            set_by: caller.officer().to_owned(),
            set_at: at,
        };
        let event = Event::ThresholdsSet {
            watchlist: watchlist.to_owned(),
            possible: possible.to_string(),
            hit: hit.to_string(),
            appear: found.appear.1,
            vanish: found.vanish.1,
        };
        self.commit(caller, vec![Change::Thresholds(row)], vec![event], at)
    }
}
