//! From a carrier's list to sealed parcels in the outbox.

use super::*;

impl Node {
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

    pub(super) fn disclose_to(
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

    /// Seals something as the next parcel of its stream; the stream after it.
    pub(super) fn sealed(
        &mut self,
        (id, to): (AgreementId, Country),
        content: impl Into<Content>,
        at: Timestamp,
    ) -> (Parcel, Outgoing) {
        let stream = self.books.streams_out.get(&id).cloned();
        let stream = stream.unwrap_or_else(|| Outgoing::new(id, self.state, to));
        let epoch = self.books.epochs.get(&to).copied().unwrap_or(1);
        let sealing = Sealing {
            id: self.parcel_id(),
            made_at: at,
            keys: self.keys(),
            to: parties::keys(to, epoch).public(),
            checkpoint: None,
        };
        stream.seal(content, sealing).expect("keys of ours seal")
    }

    pub(super) fn seal(
        &mut self,
        to: Country,
        list: &PassengerList,
        permit: Permit,
        at: Timestamp,
    ) -> (OutRow, Header, Outgoing) {
        let id = permit.agreement();
        let whole = self.has(Plant::SendsUncut);
        let render = |cut: &PassengerList| if whole { list.encode() } else { cut.encode() };
        let disclosure = Disclosure::list(list, permit, &render).expect("a permit for this list");
        let (parcel, after) = self.sealed((id, to), disclosure, at);
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
            about: None,
            answers: None,
            corrects: None,
            total: false,
        };
        (row, parcel.header, after)
    }

    /// What was sealed for partners and neither taken back nor corrected.
    pub(super) fn left_with_partners(&self) -> Vec<OutRow> {
        let out = || self.books.out.values();
        let gone: Vec<ParcelId> = out().filter_map(|row| row.about.or(row.corrects)).collect();
        let left = |row: &&OutRow| row.about.is_none() && !gone.contains(&row.parcel);
        out().filter(left).cloned().collect()
    }

    /// Takes back one of the parcels that were sealed for partners.
    pub(crate) fn take_back(&mut self, now: Timestamp) -> Result<(), Down> {
        let rows = self.left_with_partners();
        if rows.is_empty() {
            return Ok(());
        }
        let row = self.rng.pick(&rows).clone();
        let Ok(earlier) = Arrived::read(&row.bytes) else { return Ok(()) };
        if !earlier.header().kind.tells() {
            return Ok(());
        }
        let (id, pair) = (row.agreement, (self.state, row.partner));
        let signed = parties::agreement_of(id);
        let Ok(recall) = policy::recall(id, pair, signed.as_slice()) else { return Ok(()) };
        let how = (Kind::Erasure, Reason::Mistake);
        let retraction = Retraction::of(recall, earlier.header(), how).expect("leave for it");
        let at = self.clock(now);
        let (parcel, after) = self.sealed((id, row.partner), retraction, at);
        let queued = Event::ParcelQueued {
            parcel: parcel.header.parcel.to_string(),
            partner: row.partner.to_string(),
            agreement: Digest(id.0),
            sequence: parcel.header.sequence,
            digest: parcel.digest,
            mode: "erasure".to_owned(),
            elements: 0,
            list: String::new(),
            hit: None,
        };
        let out = OutRow {
            sequence: parcel.header.sequence,
            parcel: parcel.header.parcel,
            digest: parcel.digest.0.to_vec(),
            bytes: parcel.bytes,
            attempts: 0,
            receipt: None,
            about: Some(row.parcel),
            answers: None,
            corrects: None,
            total: false,
            ..row
        };
        let writes = vec![Write::StreamOut(id, after.encode()), Write::Queue(out)];
        let transaction = self.transaction(writes, vec![queued], now);
        self.commit(transaction)
    }
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
