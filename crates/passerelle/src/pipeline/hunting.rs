//! Looking through the lake for what is new on watchlists.
//!
//! A part of the lake holds of everybody what a watchlist is compared with, so that no list has
//! to be opened to see that nobody on it is meant. Where somebody may be whom an officer would
//! be shown, the list is [screened again](super::rescreen) as any other: the hit is raised there,
//! from the whole list, by the same scorer. A resemblance that no officer would see is not
//! noted. How far this has come stands in the rows of the parts.

//!
//! Parts are looked through on several cores, each with a [`Sieve`] that remembers names from
//! part to part; lists are screened again one after the other, for of two lists of a flight the
//! second must see what the first has raised.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, Sender, channel},
    },
    thread::available_parallelism,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use audit::{Actor, Event};
use jiff::Timestamp;
use lake::Crowd;
use screening::{Band, Beside, Hit, Screener, Sieve, documents::DocumentList};
use store::{Change, LakePart, Store, StoreError};

use super::raising;
use crate::{
    node::{Against, Loaded, Node},
    threads,
};

/// For so long parts are begun, before other work of the lake is looked for.
const STRETCH: Duration = Duration::from_secs(10);
/// On so many cores at the most: whoever sends lists wants some too.
const MOST_CORES: usize = 8;

/// Places of the lists of a part on which somebody may be whom an officer would be shown, with
/// how many hits.
pub type Suspects = BTreeMap<u32, u64>;

/// Looks through parts that were not compared with the watchlists of now, the latest days
/// first, for a while; whether there were any.
pub fn hunt_some(node: &Node, now: Timestamp) -> Result<bool> {
    let loaded = node.watchlists();
    let parts = node.store().parts_to_hunt(&loaded.digest.to_string())?;
    let hunt = Hunt {
        node,
        loaded: &loaded,
        parts: &parts,
        next: AtomicUsize::new(0),
        rest: AtomicBool::new(false),
    };
    let (tell, told) = channel();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores().min(parts.len()))
            .map(|_| {
                let (hunt, tell) = (&hunt, tell.clone());
                scope.spawn(move || hunt.look_through(&tell))
            })
            .collect();
        drop(tell);
        let raised = hunt.raise(&told, now);
        // Whatever stopped the raising stops them: nobody listens any more.
        drop(told);
        let looked = workers.into_iter().try_for_each(threads::joined);
        raised.and(looked)
    })?;
    Ok(!parts.is_empty())
}

/// Half of them, or two.
fn cores() -> usize {
    let all = available_parallelism().map_or(1, usize::from);
    (all / 2).clamp(all.min(2), MOST_CORES)
}

/// Parts that are looked through, by several at a time.
struct Hunt<'n> {
    node: &'n Node,
    loaded: &'n Loaded,
    parts: &'n [LakePart],
    next: AtomicUsize,
    /// No other part is begun.
    rest: AtomicBool,
}

impl Hunt<'_> {
    /// Looks through one part after the other, and tells who may be meant.
    fn look_through(&self, tell: &Sender<(usize, Suspects)>) -> Result<()> {
        let (node, began) = (self.node, Instant::now());
        let mut holding = raising::Holding::new();
        let mut shown =
            |hit: &Hit| raising::band_here(node, hit, &mut holding).map(|b| b > Band::Silent);
        let mut hunters: [Option<Hunter<'_>>; 2] = [None, None];
        while !self.rest.load(Relaxed) && began.elapsed() < STRETCH {
            let number = self.next.fetch_add(1, Relaxed);
            let Some(part) = self.parts.get(number) else { return Ok(()) };
            // Most parts were compared with all but what has changed.
            let (which, against) = match self.loaded.since(&part.watchlists) {
                Some(changed) => (0, changed),
                None => (1, self.loaded.all()),
            };
            let hunter = hunters[which].get_or_insert_with(|| Hunter::new(against));
            let found = hunter.suspects(node.store(), part, &mut shown)?;
            if let Some(found) = found
                && tell.send((number, found)).is_err()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Screens the lists again on which somebody may be, and notes the parts as done.
    fn raise(&self, told: &Receiver<(usize, Suspects)>, now: Timestamp) -> Result<()> {
        for (number, suspects) in told {
            self.raise_of(&self.parts[number], &suspects, now)?;
            if !self.node.store().unscreened(1)?.is_empty() {
                self.rest.store(true, Relaxed);
            }
        }
        Ok(())
    }

    fn raise_of(&self, part: &LakePart, suspects: &Suspects, now: Timestamp) -> Result<()> {
        let (node, store) = (self.node, self.node.store());
        for id in &store.lists_at(&part.id, suspects.keys().copied())? {
            match super::rescreen(node, id, now) {
                Err(e) if !passes(&e) => alarm(node, id, (&e, now))?,
                done => done?,
            }
        }
        match store.hunted(part, (self.loaded.digest, suspects.values().sum()), now) {
            // It was merged or forgotten meanwhile: what has taken its place is looked through.
            Err(StoreError::Conflict(_)) => Ok(()),
            other => Ok(other?),
        }
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

/// Looks through parts of the lake, one after the other, for who stands on watchlists.
pub struct Hunter<'i> {
    sieve: Sieve<'i>,
    screener: Screener<'i>,
    documents: &'i [Arc<DocumentList>],
}

impl<'i> Hunter<'i> {
    /// One who knows nobody's name yet.
    pub fn new(against: &'i Against) -> Self {
        let index = &against.index;
        let (sieve, screener) = (Sieve::new(index), Screener::new(index));
        Self { sieve, screener, documents: &against.documents }
    }

    /// Whom an officer would be `shown`; nothing when the part can be read no more.
    ///
    /// # Errors
    /// The lake cannot be read; what `shown` gives.
    pub fn suspects(
        &mut self,
        store: &Store,
        part: &LakePart,
        shown: &mut dyn FnMut(&Hit) -> Result<bool>,
    ) -> Result<Option<Suspects>> {
        let mut found = Suspects::new();
        let read = store.crowds(part, |crowd| -> Result<()> {
            let rows = self.alike(&crowd, shown)?;
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
        &mut self,
        crowd: &Crowd,
        shown: &mut dyn FnMut(&Hit) -> Result<bool>,
    ) -> Result<Vec<(usize, u64)>> {
        let mut rows = Vec::new();
        for row in 0..crowd.len() {
            let mut hits = self.on_documents(crowd, row)?;
            if self.may_be_listed(crowd, row) {
                for hit in self.screener.screen(&crowd.traveller(row)) {
                    hits += u64::from(shown(&hit)?);
                }
            }
            if hits > 0 {
                rows.push((row, hits));
            }
        }
        Ok(rows)
    }

    /// How many documents of somebody stand on lists of documents. The lake does not tell of
    /// what type they are: whether such a hit is raised, screening the list again says.
    fn on_documents(&self, crowd: &Crowd, row: usize) -> Result<u64> {
        let mut hits = 0;
        for list in self.documents {
            let (_, _, nationality) = crowd.beside(row);
            for (issuer, number) in crowd.documents(row) {
                let listed = list.has(number, issuer, nationality);
                hits += u64::from(listed.with_context(|| {
                    format!("the list of documents {} cannot be read", list.name)
                })?);
            }
        }
        Ok(hits)
    }

    /// Whether somebody is worth being screened.
    fn may_be_listed(&mut self, crowd: &Crowd, row: usize) -> bool {
        let (birth_date, sex, nationality) = crowd.beside(row);
        let beside = Beside { birth_date, sex, nationality };
        self.sieve.keeps(crowd.name(row), &beside)
            || crowd.documents(row).any(|(_, number)| self.sieve.listed_document(number))
    }
}
