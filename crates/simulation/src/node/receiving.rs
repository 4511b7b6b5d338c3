//! From partners: what the desk of the core decides is done here.

use super::*;

/// What a delivery is about to do.
#[derive(Default)]
struct Taking {
    delivery: Delivery,
    writes: Vec<Write>,
    events: Vec<Event>,
    /// What a planted bug stores in a transaction of its own.
    later: Vec<Write>,
}

impl Node {
    /// Takes what a partner's node handed over, in one transaction, and answers each parcel.
    pub(crate) fn take(
        &mut self,
        from: Country,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<Answer>, Down> {
        let Some(parcels) = read_together(body) else {
            return Ok(vec![Answer::Refused { reason: "form".to_owned() }]);
        };
        let (mut answers, mut taking) = (Vec::new(), Taking::default());
        for bytes in parcels {
            let (answer, goes_on) = self.take_one(from, bytes, &mut taking, now);
            answers.push(answer);
            if !goes_on {
                break;
            }
        }
        let half = self.has(Plant::HalfKept) && taking.writes.len() > 2;
        if half {
            // The first parcel's rows alone; all of them were answered.
            taking.writes.truncate(2);
        }
        let transaction = self.transaction(taking.writes, taking.events, now);
        if self.has(Plant::PartnerAnsweredFirst) {
            self.commit_later(transaction);
            return Ok(answers);
        }
        self.commit(transaction)?;
        if !taking.later.is_empty() {
            self.commit_later(Transaction::new(taking.later, &[]));
        }
        if self.has(Plant::AnswersByItself) {
            let waiting: Vec<RequestRow> = self.books.waiting.values().cloned().collect();
            for row in waiting {
                if !self.books.out.values().any(|out| out.answers == Some(row.parcel)) {
                    self.answer(&row, false, now)?;
                }
            }
        }
        Ok(answers)
    }

    /// One parcel of a delivery, and whether the next is looked at.
    fn take_one(
        &mut self,
        from: Country,
        bytes: &[u8],
        taking: &mut Taking,
        now: Timestamp,
    ) -> (Answer, bool) {
        let at = self.clock(now);
        let epoch = self.books.epochs.get(&from).copied().unwrap_or(1);
        let sender = (from, parties::keys(from, epoch).public());
        let verified = match Arrived::read(bytes).and_then(|a| a.verify(sender, self.state)) {
            Ok(verified) => verified,
            Err(unread) => {
                taking.events.push(refused(from, Digest::of(bytes), unread.name(), None));
                if matches!(unread, exchange::Unread::Signature(_) | exchange::Unread::WrongSender)
                {
                    self.raise(from, "forged_parcel", (&mut taking.writes, &mut taking.events));
                }
                return (Answer::Refused { reason: unread.name().to_owned() }, false);
            }
        };
        let (header, digest) = (verified.header().clone(), verified.digest());
        let (keys, us) = (self.opening(), self.state);
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
        let received = desk.receive(&mut taking.delivery, verified, facts, at);
        let mut reception = received.expect("keys of ours sign");
        if let (true, Reception::Repeat { receipt }) =
            (self.has(Plant::ReceiptMadeAnew), &mut reception)
        {
            let anew = Receipt::of(&header, digest, ReceiptVerdict::Accepted, at, None);
            *receipt = anew.sign(keys).expect("keys of ours sign");
        }
        let said = (reception.answer(), reception.goes_on());
        self.effects(from, &header, digest, reception, taking);
        said
    }

    /// What the books say about a parcel's place; a planted bug says something else.
    pub(super) fn facts(&self, from: Country, header: &Header, digest: Digest) -> Facts {
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
        let earlier = header.about.and_then(|about| self.books.inbox.get(&(from, about)));
        let earlier = earlier.map(|row| {
            let list = row.list.as_ref().and_then(|list| PassengerList::decode(list).ok());
            let kind = if row.answers.is_some() { Kind::Answer } else { Kind::List };
            let holds = list.map(|list| list.flight().key());
            Earlier { agreement: row.agreement, kind, holds }
        });
        let asked = header.about.filter(|_| header.kind == Kind::Answer);
        let asked = asked.and_then(|about| self.books.asked.get(&(from, about)));
        let asked = asked.map(RequestRow::asked);
        let counting = (header.kind == Kind::Total).then(|| self.counting(from, header));
        let sender = (header.kind == Kind::Keys).then(|| self.known(from));
        let (unjustified, checkpoint) = (false, None);
        Facts { stream, by_id, earlier, unjustified, asked, counting, sender, checkpoint }
    }

    fn effects(
        &self,
        from: Country,
        header: &Header,
        digest: Digest,
        reception: Reception,
        taking: &mut Taking,
    ) {
        let Taking { writes, events, later, .. } = taking;
        let parcel = Some(header.parcel.to_string());
        let partner = from.to_string();
        match reception {
            Reception::Gap { .. } | Reception::Stopped { .. } => {}
            Reception::Repeat { .. } => {
                let parcel = header.parcel.to_string();
                events.push(Event::ParcelRepeated { parcel, partner, digest });
            }
            Reception::NotNow { reason, .. } => events.push(refused(from, digest, reason, parcel)),
            Reception::Stop { alarm, stopped } => {
                events.push(refused(from, digest, alarm.name(), parcel));
                writes.push(Write::StreamIn(stopped.agreement, stopped.encode()));
                self.raise(from, alarm.name(), (writes, events));
            }
            Reception::Refused { wrong, after, receipt } => {
                events.push(refused(from, digest, wrong.reason, parcel));
                if wrong.alarm {
                    self.raise(from, wrong.reason, (writes, events));
                }
                writes.push(Write::Inbox(row(from, header, digest, receipt, None)));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            Reception::Taken { what: Taken::TakenBack { earlier, reason }, after, receipt } => {
                events.push(received(header, (partner.clone(), "erasure"), digest));
                events.push(Event::TakenBack {
                    partner,
                    parcel: header.parcel.to_string(),
                    earlier: earlier.to_string(),
                    how: header.kind.name().to_owned(),
                    reason: reason.name().to_owned(),
                    list: None,
                });
                if !self.has(Plant::ErasureShrugged) {
                    writes.push(Write::Gone(from, earlier));
                }
                let taken = InRow { taken: true, ..row(from, header, digest, receipt, None) };
                writes.push(Write::Inbox(taken));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            Reception::Taken {
                what: Taken::Corrected { earlier, cause, list, .. },
                after,
                receipt,
            } => {
                events.push(received(header, (partner.clone(), "correction"), digest));
                events.push(Event::CorrectedByPartner {
                    partner,
                    parcel: header.parcel.to_string(),
                    earlier: earlier.to_string(),
                    cause: cause.name().to_owned(),
                    replaced: String::new(),
                    list: String::new(),
                });
                if !self.has(Plant::CorrectionShrugged) {
                    writes.push(Write::Gone(from, earlier));
                }
                let right = (!self.has(Plant::CorrectionDropped)).then(|| list.encode());
                let taken = InRow { taken: true, ..row(from, header, digest, receipt, right) };
                writes.push(Write::Inbox(taken));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            Reception::Taken { what: Taken::List { list, opened }, after, receipt } => {
                if let Some((request, response)) = header.about.zip(opened.response.as_ref()) {
                    answered(header, (from, request), response, (writes, events));
                }
                if !self.has(Plant::EventForgotten) {
                    events.push(received(header, (partner, "list"), digest));
                }
                writes.push(Write::Inbox(row(from, header, digest, receipt, Some(list.encode()))));
                let stream = Write::StreamIn(after.agreement, after.encode());
                if self.has(Plant::StreamStoredLater) {
                    later.push(stream);
                } else {
                    writes.push(stream);
                }
            }
            Reception::Taken { what: Taken::Asked { inquiry, rules }, after, receipt } => {
                events.push(received(header, (partner.clone(), "request"), digest));
                let request = header.parcel.to_string();
                let purpose = header.purpose.name().to_owned();
                let answer_by = None;
                events.push(Event::RequestReceived { request, partner, purpose, answer_by, rules });
                let asked = RequestRow {
                    partner: from,
                    parcel: header.parcel,
                    agreement: header.agreement,
                    digest: digest.0.to_vec(),
                    elements: header.elements,
                    flight: inquiry.subject.flight.clone().unwrap_or_default(),
                    answered: Vec::new(),
                };
                if !self.has(Plant::RequestForgotten) {
                    writes.push(Write::Waits(asked));
                }
                let taken = InRow { taken: true, ..row(from, header, digest, receipt, None) };
                writes.push(Write::Inbox(taken));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            Reception::Taken {
                what: Taken::Totalled { total, signed, reckoning, agrees },
                after,
                receipt,
            } => {
                events.push(received(header, (partner.clone(), "total"), digest));
                events.push(Event::TotalCounted {
                    parcel: header.parcel.to_string(),
                    partner,
                    agreement: Digest(header.agreement.0),
                    day: total.day.clone(),
                    first: reckoning.first,
                    last: reckoning.last,
                    digest: reckoning.digest,
                    outcome: agrees.to_string(),
                });
                if !agrees {
                    self.raise(from, "totals_differ", (writes, events));
                }
                writes.push(Write::Counted(header.agreement, signed, receipt.clone()));
                let taken = InRow { taken: true, ..row(from, header, digest, receipt, None) };
                writes.push(Write::Inbox(taken));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            Reception::Taken { what: Taken::RolledOver { keys, newer }, after, receipt } => {
                events.push(received(header, (partner.clone(), "keys"), digest));
                if newer {
                    let (epoch, key) = (keys.epoch().epoch, keys.epoch().digest());
                    let parcel = header.parcel.to_string();
                    events.push(Event::PartnerRolledOver { partner, parcel, epoch, key });
                    writes.push(Write::Epoch(from, epoch));
                }
                let taken = InRow { taken: true, ..row(from, header, digest, receipt, None) };
                writes.push(Write::Inbox(taken));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            // Nobody here asks in an emergency.
            Reception::Taken { what: Taken::Justified { .. }, after, receipt } => {
                events.push(received(header, (partner, "justification"), digest));
                let taken = InRow { taken: true, ..row(from, header, digest, receipt, None) };
                writes.push(Write::Inbox(taken));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
            Reception::Taken { what: Taken::Answered { request, response }, after, receipt } => {
                events.push(received(header, (partner.clone(), "answer"), digest));
                answered(header, (from, request), &response, (writes, events));
                let taken = InRow { taken: true, ..row(from, header, digest, receipt, None) };
                writes.push(Write::Inbox(taken));
                writes.push(Write::StreamIn(after.agreement, after.encode()));
            }
        }
    }
}

fn row(
    from: Country,
    header: &Header,
    digest: Digest,
    receipt: Vec<u8>,
    list: Option<Vec<u8>>,
) -> InRow {
    let taken = list.is_some();
    InRow {
        partner: from,
        agreement: header.agreement,
        sequence: header.sequence,
        parcel: header.parcel,
        digest: digest.0.to_vec(),
        previous: header.previous.0.to_vec(),
        receipt,
        list,
        about: header.about.filter(|_| header.kind.takes_back()),
        answers: header.about.filter(|_| header.kind == Kind::Answer),
        asks: header.kind == Kind::Request,
        taken,
        corrects: header.about.filter(|_| header.kind == Kind::Correction),
        kind: header.kind,
    }
}

/// Notes a parcel of the answer to a request of this state.
fn answered(
    header: &Header,
    (from, request): (Country, ParcelId),
    response: &Response,
    (writes, events): (&mut Vec<Write>, &mut Vec<Event>),
) {
    events.push(Event::AnswerReceived {
        request: request.to_string(),
        partner: from.to_string(),
        parcel: header.parcel.to_string(),
        outcome: response.outcome.name().to_owned(),
        number: response.number,
        of: response.of,
        rules: response.rules.clone(),
        list: None,
    });
    writes.push(Write::Answered(from, request, response.number));
}

fn received(header: &Header, (partner, mode): (String, &str), digest: Digest) -> Event {
    Event::ParcelReceived {
        parcel: header.parcel.to_string(),
        partner,
        agreement: Digest(header.agreement.0),
        sequence: header.sequence,
        digest,
        mode: mode.to_owned(),
        list: None,
    }
}

fn refused(from: Country, digest: Digest, reason: &str, parcel: Option<String>) -> Event {
    let (partner, rules) = (from.to_string(), Vec::new());
    Event::ParcelRefused { partner, digest, reason: reason.to_owned(), rules, parcel }
}
