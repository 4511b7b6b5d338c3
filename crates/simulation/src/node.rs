//! A node: the core of `exchange`, driven. What the core decides is done here, one
//! transaction for each effect, on a disk that may fail at each of them.

mod asking;
mod correcting;
mod disclosing;
mod receiving;
mod rollover;
mod sending;
mod totals;

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use audit::{Actor, Digest, Event, Logged};
use exchange::{
    Answer, Arrived, Asked, Cause, Chosen, Content, Counted, Counting, Delivery, Desk, Disclosure,
    Earlier, Effect, Facts, Happened, Header, Inquiry, Kept, Kind, Note, Outcome, Outgoing, Parcel,
    ParcelId, Pause, PublicKeys, Queued, ROUND, Reason, Receipt, ReceiptVerdict, Reception, Reply,
    Response, Retraction, Rollover, Sealing, Sender, StateKeys, Subject, Taken, Total,
    read_answers, read_together, write_together,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{AgreementId, InForce, Mode, Permit, Purpose, Question, Request};
use testkit::Rng;
use travel::{Country, Dataset, ElementSet, PassengerList};

use crate::{
    Plant,
    books::{Books, InRow, ListRow, OutRow, RequestRow, Status, Transaction, Write},
    disk::{Corrupt, Disk, Strike},
    parties,
};

/// The node went down in the middle of what it did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Down;

/// What the world has to do for a node.
pub(crate) enum Wanted {
    /// Carry parcels to a partner, as one body.
    Post { to: Country, body: Vec<u8> },
    /// Wake this sender after a while.
    Wake { to: Country, after: Duration },
}

/// The agreements that stand, and those that later versions have ended.
type Agreed = (Vec<InForce>, Vec<InForce>);

/// One partner's sender, and what it waits for.
pub(crate) struct Line {
    pub(crate) core: Sender,
    /// Counts what it waited for, so that old answers and alarm clocks are not heard.
    pub(crate) turn: u64,
    pub(crate) posting: Vec<OutRow>,
    pub(crate) hears: bool,
}

pub(crate) struct Node {
    pub(crate) state: Country,
    pub(crate) disk: Disk,
    pub(crate) books: Books,
    pub(crate) up: bool,
    pub(crate) lines: BTreeMap<Country, Line>,
    pub(crate) clock_off: SignedDuration,
    pub(crate) rng: Rng,
    /// Crashes in ten thousand writes.
    pub(crate) crash_rate: u64,
    pub(crate) plant: Option<Plant>,
    /// Where a planted bug keeps up to which number it has stated totals.
    remembered: BTreeMap<AgreementId, u64>,
    /// What a planted bug stores later than it should.
    delayed: Vec<Transaction>,
    agreed: Option<Rc<Agreed>>,
}

impl Node {
    pub(crate) fn new(state: Country, rng: Rng, plant: Option<Plant>) -> Self {
        Self {
            state,
            disk: Disk::default(),
            books: Books::default(),
            up: true,
            lines: BTreeMap::new(),
            clock_off: SignedDuration::ZERO,
            rng,
            crash_rate: 0,
            plant,
            remembered: BTreeMap::new(),
            delayed: Vec::new(),
            agreed: None,
        }
    }

    fn has(&self, plant: Plant) -> bool {
        self.plant == Some(plant)
    }

    fn clock(&self, now: Timestamp) -> Timestamp {
        now + self.clock_off
    }

    pub(crate) fn keys(&self) -> &'static StateKeys {
        parties::keys(self.state, self.books.epochs.get(&self.state).copied().unwrap_or(1))
    }

    // What is durable.

    /// Makes a transaction durable, or goes down.
    pub(crate) fn commit(&mut self, transaction: Transaction) -> Result<(), Down> {
        if transaction.is_empty() {
            return Ok(());
        }
        let strike = (self.rng.below(10_000) < self.crash_rate).then(|| match self.rng.below(3) {
            0 => Strike::Before,
            1 => Strike::Torn(self.rng.below(101)),
            _ => Strike::After,
        });
        if self.disk.append(&transaction.encode(), strike) {
            for write in &transaction.writes {
                if matches!(write, Write::Agreement(..)) {
                    self.agreed = None;
                }
                self.books.apply(write);
            }
            Ok(())
        } else {
            self.up = false;
            Err(Down)
        }
    }

    /// Makes it durable later, if at all: what only a planted bug does.
    fn commit_later(&mut self, transaction: Transaction) {
        for write in &transaction.writes {
            self.books.apply(write);
        }
        self.delayed.push(transaction);
    }

    pub(crate) fn commit_delayed(&mut self) -> Result<(), Down> {
        for transaction in std::mem::take(&mut self.delayed) {
            self.commit(transaction)?;
        }
        Ok(())
    }

    pub(crate) fn crash(&mut self) {
        self.up = false;
        self.disk.crash();
        self.delayed.clear();
        self.remembered.clear();
    }

    /// Starts from what the disk holds.
    pub(crate) fn start(&mut self) -> Result<(), Corrupt> {
        let believing = self.has(Plant::DiskBelieved);
        // Epoch keys are in a file of their own, which no disaster of the store touches.
        let own = self.books.epochs.get(&self.state).copied();
        self.books = Books::default();
        self.agreed = None;
        for record in self.disk.start(believing)? {
            let Some(transaction) = Transaction::decode(&record) else {
                if believing {
                    continue;
                }
                return Err(Corrupt);
            };
            transaction.writes.iter().for_each(|write| self.books.apply(write));
        }
        if let Some(epoch) = own {
            self.books.epochs.insert(self.state, epoch);
        }
        for (partner, line) in &mut self.lines {
            line.core = Sender::new(*partner);
            line.turn += 1;
            line.posting.clear();
        }
        self.up = true;
        Ok(())
    }

    fn agreements(&mut self) -> Rc<Agreed> {
        let books = &self.books;
        let read = || {
            let standing = books.agreed(&[Status::InForce, Status::Suspended]);
            Rc::new((standing, books.agreed(&[Status::Ended])))
        };
        self.agreed.get_or_insert_with(read).clone()
    }

    pub(crate) fn delays(&self) -> bool {
        !self.delayed.is_empty()
    }

    fn raise(
        &self,
        partner: Country,
        kind: &str,
        (writes, events): (&mut Vec<Write>, &mut Vec<Event>),
    ) {
        let waits = self.books.alarms.iter().any(|(p, k)| *p == partner && k == kind);
        if waits || self.has(Plant::AlarmUntold) {
            return;
        }
        writes.push(Write::Alarm(partner, kind.to_owned()));
        let subject = partner.to_string();
        events.push(Event::Alarm { alarm: kind.to_owned(), subject, digest: None });
    }

    pub(crate) fn transaction(
        &self,
        writes: Vec<Write>,
        events: Vec<Event>,
        now: Timestamp,
    ) -> Transaction {
        let at = self.clock(now);
        let events: Vec<Logged> =
            events.into_iter().map(|e| Logged::new(at, Actor::Node, e)).collect();
        Transaction::new(writes, &events)
    }
}
