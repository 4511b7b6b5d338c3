//! To partners: what the sender of the core decides is done here.

use super::*;

impl Node {
    /// What may go to a partner at this moment, and what no agreement covers any more.
    pub(super) fn look(&mut self, to: Country, now: Timestamp) -> (Vec<Vec<Queued>>, bool) {
        let at = self.clock(now);
        let today = at.to_zoned(TimeZone::UTC).date();
        let agreed = self.agreements();
        let (agreements, ended) = &*agreed;
        let (mut streams, mut uncovered) = (Vec::new(), false);
        let sends_suspended = self.has(Plant::SendsSuspended);
        for agreed in agreements {
            let document = agreed.agreement();
            let suspended = agreed.suspended_by().is_some() && !sends_suspended;
            if document.partner_of(self.state) != Some(to) || suspended || today < document.from {
                continue;
            }
            let queued = self.queued(agreed.id());
            if today <= document.until || self.has(Plant::SendsExpired) {
                streams.push(queued);
            } else {
                // What takes something back goes whenever, in its turn.
                let mut queued = queued;
                let going = queued.iter().take_while(|q| self.takes_back(q)).count();
                uncovered |= going < queued.len();
                queued.truncate(going);
                streams.push(queued);
            }
        }
        for agreed in ended {
            if agreed.agreement().partner_of(self.state) != Some(to) {
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

    fn takes_back(&self, queued: &Queued) -> bool {
        let row = self.books.out.get(&(queued.agreement, queued.sequence));
        let word = |row: &OutRow| Arrived::read(&row.bytes).is_ok_and(|a| is_a_word(a.header()));
        let keys =
            |row: &OutRow| Arrived::read(&row.bytes).is_ok_and(|a| a.header().kind == Kind::Keys);
        row.is_some_and(|row| {
            row.about.is_some() || (row.answers.is_some() && word(row)) || row.total || keys(row)
        })
    }

    pub(super) fn covered(&self, queued: &Queued, agreements: &[InForce], at: Timestamp) -> bool {
        if self.takes_back(queued) {
            return true;
        }
        let row = self.books.out.get(&(queued.agreement, queued.sequence));
        let arrived = row.and_then(|row| Arrived::read(&row.bytes).ok());
        arrived.is_some_and(|a| {
            let kind = match a.header().kind {
                // Lists alone are corrected here.
                Kind::Correction => Kind::List,
                kind => kind,
            };
            exchange::carried((a.header(), kind), agreements, &parties::REGIMES, at).is_ok()
        })
    }

    pub(super) fn queued(&self, id: AgreementId) -> Vec<Queued> {
        let of_stream = self.books.out.range((id, 0)..=(id, u64::MAX));
        let gives_up = self.has(Plant::GivesUp);
        of_stream
            .filter(|(_, row)| row.receipt.is_none() && !(gives_up && row.attempts >= 3))
            .take(ROUND as usize)
            .map(|(_, row)| queued(row))
            .collect()
    }

    /// Wakes a sender: looks at the outbox and goes on until it waits for something.
    pub(crate) fn wake(&mut self, to: Country, now: Timestamp) -> Result<Vec<Wanted>, Down> {
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
    ) -> Result<Vec<Wanted>, Down> {
        loop {
            let (at, chance) = (self.clock(now), self.rng.below(256) as u8);
            let Some(line) = self.lines.get_mut(&to) else { return Ok(Vec::new()) };
            line.turn += 1;
            line.posting.clear();
            happened = match line.core.step(happened, at, chance) {
                Effect::Post(together) => match self.post(to, &together, now)? {
                    Some(body) => return Ok(vec![Wanted::Post { to, body }]),
                    None => Happened::Withheld,
                },
                Effect::Find { agreement, sequence } => {
                    Happened::Found(self.find((agreement, sequence), at))
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
                    return Ok(vec![Wanted::Wake { to, after }]);
                }
            };
        }
    }

    /// An earlier parcel that a partner has lost: it goes again as far as it may go at this moment.
    fn find(&mut self, place: (AgreementId, u64), at: Timestamp) -> Option<Queued> {
        let found = self.books.out.get(&place).map(queued)?;
        let agreed = self.agreements();
        let goes = match agreed.0.iter().find(|a| a.id() == place.0) {
            Some(agreed) => {
                let today = at.to_zoned(TimeZone::UTC).date();
                today <= agreed.agreement().until || self.takes_back(&found)
            }
            None => self.covered(&found, &agreed.0, at),
        };
        goes.then_some(found)
    }

    /// The body to post, unless the agreement has been suspended meanwhile.
    pub(super) fn post(
        &mut self,
        to: Country,
        together: &[Queued],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Down> {
        let (mut rows, mut parcels) = (Vec::new(), Vec::new());
        for queued in together {
            let status = self.books.agreements.get(&queued.agreement);
            if status == Some(&Status::Suspended) && !self.has(Plant::SendsSuspended) {
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
            parcels.push(row.bytes.clone());
            rows.push(row);
        }
        if let Some(line) = self.lines.get_mut(&to) {
            line.posting = rows;
        }
        Ok(Some(write_together(&parcels)))
    }

    /// Takes a parcel for done: what only a planted bug does without a look at the receipt.
    pub(super) fn done(
        &mut self,
        row: &OutRow,
        receipt: Vec<u8>,
        now: Timestamp,
    ) -> Result<(), Down> {
        let event = Event::ReceiptReceived {
            parcel: row.parcel.to_string(),
            partner: row.partner.to_string(),
            receipt: Digest::of(&receipt),
        };
        let write = Write::Receipted(row.agreement, row.sequence, receipt);
        let transaction = self.transaction(vec![write], vec![event], now);
        self.commit(transaction)
    }

    pub(super) fn sealed_again(&mut self, row: &OutRow, now: Timestamp) -> Option<OutRow> {
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

    pub(super) fn note(
        &mut self,
        to: Country,
        notes: Vec<Note>,
        now: Timestamp,
    ) -> Result<(), Down> {
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
    ) -> Result<Vec<Wanted>, Down> {
        let posting = self.lines.get(&to).map(|line| line.posting.clone()).unwrap_or_default();
        let answers = read_answers(&reply.body, posting.len()).unwrap_or_default();
        if self.has(Plant::ReceiptUnread) && !answers.is_empty() {
            for (row, answer) in posting.iter().zip(answers) {
                let Answer::Receipt(bytes) = answer else { continue };
                self.done(row, bytes, now)?;
            }
            reply = Reply { status: 503, retry_after: None, body: Vec::new() };
        } else if let (true, [_, _, ..], Some(Answer::Receipt(first))) =
            (self.has(Plant::FirstForAll), &posting[..], answers.first())
        {
            for row in &posting {
                self.done(row, first.clone(), now)?;
            }
            reply = Reply { status: 503, retry_after: None, body: Vec::new() };
        }
        self.go_on(to, Happened::Replied(reply), now)
    }
}

/// Whether a parcel says that a request is not answered: it tells of nobody.
fn is_a_word(header: &Header) -> bool {
    header.kind == Kind::Answer && header.elements.is_empty()
}

fn queued(row: &OutRow) -> Queued {
    Queued {
        agreement: row.agreement,
        sequence: row.sequence,
        parcel: row.parcel,
        digest: Digest(row.digest.as_slice().try_into().unwrap_or_default()),
        attempts: row.attempts,
        departs_at: None,
        bytes: Some(row.bytes.len()),
    }
}
