//! A node: the core of `exchange`, driven. What the core decides is done here, one
//! transaction for each effect, on a disk that may fail at each of them.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use audit::{Actor, Digest, Event, Logged};
use exchange::{
    Answer, Arrived, Desk, Disclosure, Effect, Facts, Happened, Header, Kept, Note, Outgoing,
    ParcelId, Pause, Queued, ROUND, Receipt, ReceiptVerdict, Reception, Reply, Sealing, Sender,
    StateKeys,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{AgreementId, InForce, Mode, Permit, Purpose, Request};
use testkit::Rng;
use travel::{Country, PassengerList};

use crate::{
    Plant,
    books::{Books, InRow, ListRow, OutRow, Status, Transaction, Write},
    disk::{Corrupt, Disk, Strike},
    parties,
};

/// The node went down in the middle of what it did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Down;

/// What the world has to do for a node.
pub(crate) enum Asked {
    /// Carry a parcel to a partner.
    Post { to: Country, bytes: Vec<u8> },
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
    pub(crate) posting: Option<OutRow>,
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
    }

    /// Starts from what the disk holds.
    pub(crate) fn start(&mut self) -> Result<(), Corrupt> {
        let believing = self.has(Plant::DiskBelieved);
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
        for (partner, line) in &mut self.lines {
            line.core = Sender::new(*partner);
            line.turn += 1;
            line.posting = None;
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

    // From carriers.

    /// Takes a carrier's list; it may be answered when this is `Ok`.
    pub(crate) fn submit(
        &mut self,
        number: u64,
        list: &PassengerList,
        now: Timestamp,
    ) -> Result<(), Down> {
        if self.books.lists.contains_key(&number) {
            return Ok(());
        }
        let (flight, bytes) = (list.flight().key(), list.encode());
        let event = Event::ListKept {
            list: number.to_string(),
            submission: Digest::of(&bytes),
            digest: Digest::of(&bytes),
            travellers: list.travellers().len() as u64,
            key: "day".to_owned(),
            dropped: 0,
        };
        let row = ListRow { number, flight, bytes };
        let kept = self.transaction(vec![Write::List(row)], vec![event], now);
        if self.has(Plant::CarrierAnsweredFirst) {
            self.commit_later(kept);
            return Ok(());
        }
        self.commit(kept)
    }

    /// Asks the agreements about every list that nobody has asked about.
    pub(crate) fn disclose(&mut self, now: Timestamp) -> Result<(), Down> {
        let waiting: Vec<u64> = self.books.undisclosed.keys().copied().collect();
        for number in waiting {
            let Some(row) = self.books.lists.get(&number).cloned() else { continue };
            let Ok(list) = PassengerList::decode(&row.bytes) else { continue };
            let (mut writes, mut events, mut later) = (Vec::new(), Vec::new(), Vec::new());
            let partners: Vec<Country> = self.lines.keys().copied().collect();
            for to in partners {
                self.disclose_to(to, (number, &list), (&mut writes, &mut events, &mut later), now);
            }
            writes.push(Write::Disclosed(number));
            let transaction = self.transaction(writes, events, now);
            self.commit(transaction)?;
            if !later.is_empty() {
                self.commit_later(Transaction::new(later, &[]));
            }
        }
        Ok(())
    }

    fn disclose_to(
        &mut self,
        to: Country,
        (number, list): (u64, &PassengerList),
        (writes, events, later): (&mut Vec<Write>, &mut Vec<Event>, &mut Vec<Write>),
        now: Timestamp,
    ) {
        let (from, at) = (self.state, self.clock(now));
        let agreed = self.agreements();
        let agreements = &agreed.0;
        if !agreements.iter().any(|a| a.agreement().direction(from, to).is_some()) {
            return;
        }
        let request = Request::about(list, (from, to), Mode::List, Purpose::Terrorism, at);
        let (name, partner) = (number.to_string(), to.to_string());
        match policy::decide(&request, agreements, &parties::REGIMES) {
            Err(refusal) => {
                let rules = refusal.rules.iter().map(ToString::to_string).collect();
                let mode = "list".to_owned();
                events.push(Event::Refused { list: name, partner, mode, rules, hit: None });
            }
            Ok(permit) => {
                events.push(permitted(&name, &permit));
                let (row, header, after) = self.seal(to, list, permit, at);
                events.push(Event::ParcelQueued {
                    parcel: row.parcel.to_string(),
                    partner,
                    agreement: Digest(row.agreement.0),
                    sequence: row.sequence,
                    digest: Digest::of(&row.bytes),
                    mode: "list".to_owned(),
                    elements: header.elements.bits(),
                    list: name,
                    hit: None,
                });
                let counter = Write::StreamOut(row.agreement, after.encode());
                if self.has(Plant::CounterInMemory) {
                    later.push(counter);
                } else {
                    writes.push(counter);
                }
                writes.push(Write::Queue(row));
            }
        }
    }

    pub(crate) fn parcel_id(&mut self) -> ParcelId {
        let (high, low) = (self.rng.next(), self.rng.next());
        ParcelId((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
    }

    fn seal(
        &mut self,
        to: Country,
        list: &PassengerList,
        permit: Permit,
        at: Timestamp,
    ) -> (OutRow, Header, Outgoing) {
        let id = permit.agreement();
        let stream = self.books.streams_out.get(&id).cloned();
        let stream = stream.unwrap_or_else(|| Outgoing::new(id, self.state, to));
        let whole = self.has(Plant::SendsUncut);
        let render = |cut: &PassengerList| if whole { list.encode() } else { cut.encode() };
        let disclosure = Disclosure::list(list, permit, &render).expect("a permit for this list");
        let epoch = self.books.epochs.get(&to).copied().unwrap_or(1);
        let sealing = Sealing {
            id: self.parcel_id(),
            made_at: at,
            keys: self.keys(),
            to: parties::keys(to, epoch).public(),
            checkpoint: None,
        };
        let (parcel, after) = stream.seal(disclosure, sealing).expect("keys of ours seal");
        let row = OutRow {
            partner: to,
            agreement: id,
            sequence: parcel.header.sequence,
            parcel: parcel.header.parcel,
            digest: parcel.digest.0.to_vec(),
            bytes: parcel.bytes,
            flight: list.flight().key(),
            attempts: 0,
            receipt: None,
        };
        (row, parcel.header, after)
    }

    // To partners.

    /// What may go to a partner at this moment, and what no agreement covers any more.
    fn look(&mut self, to: Country, now: Timestamp) -> (Vec<Vec<Queued>>, bool) {
        let at = self.clock(now);
        let today = at.to_zoned(TimeZone::UTC).date();
        let agreed = self.agreements();
        let (agreements, ended) = &*agreed;
        let (mut streams, mut uncovered) = (Vec::new(), false);
        let sends_suspended = self.has(Plant::SendsSuspended);
        for agreed in agreements {
            let document = agreed.agreement();
            let suspended = agreed.suspended_by().is_some() && !sends_suspended;
            if document.direction(self.state, to).is_none() || suspended || today < document.from {
                continue;
            }
            let queued = self.queued(agreed.id());
            if today <= document.until || self.has(Plant::SendsExpired) {
                streams.push(queued);
            } else {
                uncovered |= !queued.is_empty();
            }
        }
        for agreed in ended {
            if agreed.agreement().direction(self.state, to).is_none() {
                continue;
            }
            let mut queued = self.queued(agreed.id());
            let covered = queued.iter().take_while(|q| self.covered(q, agreements, at)).count();
            uncovered |= covered < queued.len();
            queued.truncate(covered);
            streams.push(queued);
        }
        streams.retain(|s| !s.is_empty());
        (streams, uncovered)
    }

    fn covered(&self, queued: &Queued, agreements: &[InForce], at: Timestamp) -> bool {
        let row = self.books.out.get(&(queued.agreement, queued.sequence));
        let arrived = row.and_then(|row| Arrived::read(&row.bytes).ok());
        arrived.is_some_and(|a| {
            exchange::carried(a.header(), agreements, &parties::REGIMES, at).is_ok()
        })
    }

    fn queued(&self, id: AgreementId) -> Vec<Queued> {
        let of_stream = self.books.out.range((id, 0)..=(id, u64::MAX));
        let gives_up = self.has(Plant::GivesUp);
        of_stream
            .filter(|(_, row)| row.receipt.is_none() && !(gives_up && row.attempts >= 3))
            .take(ROUND as usize)
            .map(|(_, row)| queued(row))
            .collect()
    }

    /// Wakes a sender: looks at the outbox and goes on until it waits for something.
    pub(crate) fn wake(&mut self, to: Country, now: Timestamp) -> Result<Vec<Asked>, Down> {
        let (streams, uncovered) = self.look(to, now);
        if uncovered {
            let (mut writes, mut events) = (Vec::new(), Vec::new());
            self.raise(to, "not_covered", (&mut writes, &mut events));
            let transaction = self.transaction(writes, events, now);
            self.commit(transaction)?;
        }
        let epoch = self.books.epochs.get(&to).copied().unwrap_or(1);
        let keys = Box::new(parties::keys(to, epoch).public().clone());
        self.go_on(to, Happened::Looked(streams, keys), now)
    }

    /// Tells a sender what happened and does what it decides.
    pub(crate) fn go_on(
        &mut self,
        to: Country,
        mut happened: Happened,
        now: Timestamp,
    ) -> Result<Vec<Asked>, Down> {
        loop {
            let (at, chance) = (self.clock(now), self.rng.below(256) as u8);
            let Some(line) = self.lines.get_mut(&to) else { return Ok(Vec::new()) };
            line.turn += 1;
            line.posting = None;
            happened = match line.core.step(happened, at, chance) {
                Effect::Post(queued) => match self.post(to, &queued, now)? {
                    Some(bytes) => return Ok(vec![Asked::Post { to, bytes }]),
                    None => Happened::Withheld,
                },
                Effect::Find { agreement, sequence } => {
                    Happened::Found(self.books.out.get(&(agreement, sequence)).map(queued))
                }
                Effect::Store(notes) => {
                    self.note(to, notes, now)?;
                    Happened::Stored
                }
                Effect::Wait(pause) => {
                    let (after, hears) = match pause {
                        Pause::None => (Duration::ZERO, false),
                        // The bell rings for what is new; the rest is for streams that rest.
                        Pause::Idle => (Duration::from_secs(1800), true),
                        Pause::For(wait) => (wait, false),
                    };
                    if let Some(line) = self.lines.get_mut(&to) {
                        line.hears = hears;
                    }
                    return Ok(vec![Asked::Wake { to, after }]);
                }
            };
        }
    }

    /// The bytes to post, unless the agreement has been suspended meanwhile.
    fn post(
        &mut self,
        to: Country,
        queued: &Queued,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Down> {
        let suspended = self.books.agreements.get(&queued.agreement) == Some(&Status::Suspended);
        if suspended && !self.has(Plant::SendsSuspended) {
            return Ok(None);
        }
        let place = (queued.agreement, queued.sequence);
        let Some(mut row) = self.books.out.get(&place).cloned() else { return Ok(None) };
        if self.has(Plant::SealedAgain) && row.attempts > 0 {
            row = self.sealed_again(&row, now).unwrap_or(row);
        }
        if self.has(Plant::DoneWhenPosted) {
            self.done(&row, Vec::new(), now)?;
        }
        let bytes = row.bytes.clone();
        if let Some(line) = self.lines.get_mut(&to) {
            line.posting = Some(row);
        }
        Ok(Some(bytes))
    }

    /// Takes a parcel for done: what only a planted bug does without a look at the receipt.
    fn done(&mut self, row: &OutRow, receipt: Vec<u8>, now: Timestamp) -> Result<(), Down> {
        let event = Event::ReceiptReceived {
            parcel: row.parcel.to_string(),
            partner: row.partner.to_string(),
            receipt: Digest::of(&receipt),
        };
        let write = Write::Receipted(row.agreement, row.sequence, receipt);
        let transaction = self.transaction(vec![write], vec![event], now);
        self.commit(transaction)
    }

    fn sealed_again(&mut self, row: &OutRow, now: Timestamp) -> Option<OutRow> {
        let flight = &row.flight;
        let list = self.books.lists.values().find(|l| l.flight == *flight)?;
        let list = PassengerList::decode(&list.bytes).ok()?;
        let at = self.clock(now);
        let agreed = self.agreements();
        let request =
            Request::about(&list, (self.state, row.partner), Mode::List, Purpose::Terrorism, at);
        let permit = policy::decide(&request, &agreed.0, &parties::REGIMES).ok()?;
        let header = Arrived::read(&row.bytes).ok()?.header().clone();
        let stream = Outgoing {
            agreement: permit.agreement(),
            from: self.state,
            to: row.partner,
            next_sequence: row.sequence,
            previous: header.previous,
        };
        let held = self.books.streams_out.insert(row.agreement, stream);
        let (again, ..) = self.seal(row.partner, &list, permit, at);
        if let Some(held) = held {
            self.books.streams_out.insert(row.agreement, held);
        }
        Some(again)
    }

    fn note(&mut self, to: Country, notes: Vec<Note>, now: Timestamp) -> Result<(), Down> {
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        for note in notes {
            match note {
                Note::Receipted { row, bytes, .. } => {
                    let parcel = row.parcel.to_string();
                    let (partner, receipt) = (to.to_string(), Digest::of(&bytes));
                    events.push(Event::ReceiptReceived { parcel, partner, receipt });
                    writes.push(Write::Receipted(row.agreement, row.sequence, bytes));
                }
                Note::Retry { row, .. } => writes.push(Write::Tried(row.agreement, row.sequence)),
                Note::Answered(_) => {}
                Note::Alarm { kind, .. } => self.raise(to, kind, (&mut writes, &mut events)),
            }
        }
        let mut transaction = self.transaction(writes, events, now);
        if self.has(Plant::EventsLater) {
            let events = transaction.take_events();
            self.commit(transaction)?;
            self.commit_later(events);
            return Ok(());
        }
        self.commit(transaction)
    }

    /// A partner's answer came.
    pub(crate) fn replied(
        &mut self,
        to: Country,
        mut reply: Reply,
        now: Timestamp,
    ) -> Result<Vec<Asked>, Down> {
        let posting = self.lines.get(&to).and_then(|line| line.posting.clone());
        if let (true, Some(row), Some(Answer::Receipt(bytes))) =
            (self.has(Plant::ReceiptUnread), posting, Answer::decode(&reply.body))
        {
            self.done(&row, bytes, now)?;
            reply = Reply { status: 503, retry_after: None, body: Vec::new() };
        }
        self.go_on(to, Happened::Replied(reply), now)
    }

    // From partners.

    /// Takes what a partner's node handed over, and answers.
    pub(crate) fn take(
        &mut self,
        from: Country,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<Answer, Down> {
        let at = self.clock(now);
        let epoch = self.books.epochs.get(&from).copied().unwrap_or(1);
        let sender = (from, parties::keys(from, epoch).public());
        let verified = match Arrived::read(bytes).and_then(|a| a.verify(sender, self.state)) {
            Ok(verified) => verified,
            Err(unread) => {
                let mut events = vec![refused(from, Digest::of(bytes), unread.name(), None)];
                let mut writes = Vec::new();
                if matches!(unread, exchange::Unread::Signature(_) | exchange::Unread::WrongSender)
                {
                    self.raise(from, "forged_parcel", (&mut writes, &mut events));
                }
                let transaction = self.transaction(writes, events, now);
                self.commit(transaction)?;
                return Ok(Answer::Refused { reason: unread.name().to_owned() });
            }
        };
        let (header, digest) = (verified.header().clone(), verified.digest());
        let (keys, us) = (self.keys(), self.state);
        let facts = self.facts(from, &header, digest);
        let takes_suspended = self.has(Plant::TakesSuspended);
        let mut agreed = self.agreements();
        if takes_suspended {
            let (standing, ended) = (*agreed).clone();
            agreed = Rc::new((standing.into_iter().map(|a| a.suspended(None)).collect(), ended));
        }
        let read = |payload: &[u8]| PassengerList::decode(payload).ok();
        let (agreements, ended) = (&agreed.0[..], &agreed.1[..]);
        let regimes = &parties::REGIMES[..];
        let desk = Desk { us, keys, agreements, ended, regimes, read: &read };
        let mut reception = desk.receive(verified, facts, at).expect("keys of ours sign");
        if let (true, Reception::Repeat { receipt }) =
            (self.has(Plant::ReceiptMadeAnew), &mut reception)
        {
            let anew = Receipt::of(&header, digest, ReceiptVerdict::Accepted, at, None);
            *receipt = anew.sign(keys).expect("keys of ours sign");
        }
        let answer = reception.answer();
        self.effects(from, &header, digest, reception, now)?;
        Ok(answer)
    }

    /// What the books say about a parcel's place; a planted bug says something else.
    fn facts(&self, from: Country, header: &Header, digest: Digest) -> Facts {
        let row = self.books.inbox.get(&(from, header.parcel));
        let mut by_id = row.map(|row| Kept {
            parcel: row.parcel,
            digest: Digest(row.digest.as_slice().try_into().unwrap_or_default()),
            receipt: row.receipt.clone(),
        });
        let mut stream = self.books.streams_in.get(&header.agreement).cloned();
        if let (true, Some(kept)) = (self.has(Plant::IdTakenTwice), &mut by_id) {
            kept.digest = digest;
        }
        if let Some(stream) = &mut stream {
            if self.has(Plant::GapOverlooked) && header.sequence > stream.next_sequence {
                (stream.next_sequence, stream.previous) = (header.sequence, header.previous);
            }
            if self.has(Plant::ForkOverlooked) && header.sequence == stream.next_sequence {
                stream.previous = header.previous;
            }
            if self.has(Plant::AlarmShrugged) {
                stream.stopped = None;
            }
        }
        Facts { stream, by_id, checkpoint: None }
    }

    fn effects(
        &mut self,
        from: Country,
        header: &Header,
        digest: Digest,
        reception: Reception,
        now: Timestamp,
    ) -> Result<(), Down> {
        let (mut writes, mut events, mut later) = (Vec::new(), Vec::new(), Vec::new());
        let parcel = Some(header.parcel.to_string());
        let partner = from.to_string();
        match reception {
            Reception::Gap { .. } | Reception::Stopped { .. } => return Ok(()),
            Reception::Repeat { .. } => {
                let parcel = header.parcel.to_string();
                events.push(Event::ParcelRepeated { parcel, partner, digest });
            }
            Reception::NotNow { reason, .. } => events.push(refused(from, digest, reason, parcel)),
            Reception::Stop { alarm, stopped } => {
                events.push(refused(from, digest, alarm.name(), parcel));
                writes.push(Write::StreamIn(stopped.agreement, stopped.encode()));
                self.raise(from, alarm.name(), (&mut writes, &mut events));
            }
            Reception::Refused { wrong, after, receipt } => {
                events.push(refused(from, digest, wrong.reason, parcel));
                if wrong.alarm {
                    self.raise(from, wrong.reason, (&mut writes, &mut events));
                }
                writes.push(Write::Inbox(row(from, header, digest, receipt, None)));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            Reception::Kept { list, after, receipt, .. } => {
                if !self.has(Plant::EventForgotten) {
                    events.push(Event::ParcelReceived {
                        parcel: header.parcel.to_string(),
                        partner,
                        agreement: Digest(header.agreement.0),
                        sequence: header.sequence,
                        digest,
                        mode: "list".to_owned(),
                        list: None,
                    });
                }
                writes.push(Write::Inbox(row(from, header, digest, receipt, Some(list.encode()))));
                let stream = Write::StreamIn(after.agreement, after.encode());
                if self.has(Plant::StreamStoredLater) {
                    later.push(stream);
                } else {
                    writes.push(stream);
                }
            }
        }
        let transaction = self.transaction(writes, events, now);
        if self.has(Plant::PartnerAnsweredFirst) {
            self.commit_later(transaction);
            return Ok(());
        }
        self.commit(transaction)?;
        if !later.is_empty() {
            self.commit_later(Transaction::new(later, &[]));
        }
        Ok(())
    }
}

fn row(
    from: Country,
    header: &Header,
    digest: Digest,
    receipt: Vec<u8>,
    list: Option<Vec<u8>>,
) -> InRow {
    InRow {
        partner: from,
        agreement: header.agreement,
        sequence: header.sequence,
        parcel: header.parcel,
        digest: digest.0.to_vec(),
        previous: header.previous.0.to_vec(),
        receipt,
        list,
    }
}

fn queued(row: &OutRow) -> Queued {
    Queued {
        agreement: row.agreement,
        sequence: row.sequence,
        parcel: row.parcel,
        digest: Digest(row.digest.as_slice().try_into().unwrap_or_default()),
        attempts: row.attempts,
        departs_at: None,
        here: true,
    }
}

fn refused(from: Country, digest: Digest, reason: &str, parcel: Option<String>) -> Event {
    let (partner, rules) = (from.to_string(), Vec::new());
    Event::ParcelRefused { partner, digest, reason: reason.to_owned(), rules, parcel }
}

fn permitted(list: &str, permit: &Permit) -> Event {
    Event::Permitted {
        list: list.to_owned(),
        partner: permit.to().to_string(),
        agreement: Digest(permit.agreement().0),
        mode: permit.mode().name().to_owned(),
        elements: permit.elements().bits(),
        rules: permit.rules().iter().map(ToString::to_string).collect(),
        hit: None,
    }
}
