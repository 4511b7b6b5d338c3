//! Requests: one state asks about a flight, an officer of the other decides.

use super::*;

impl Node {
    /// Asks a partner about a flight, if an agreement lets it.
    pub(crate) fn ask(&mut self, to: Country, flight: String, now: Timestamp) -> Result<(), Down> {
        let at = self.clock(now);
        let question = Question {
            from: self.state,
            to,
            purpose: Purpose::Terrorism,
            dataset: Dataset::Api,
            elements: ElementSet::ALL,
            urgent: false,
            at,
        };
        let agreed = self.agreements();
        let Ok(leave) = policy::ask(&question, &agreed.0, &parties::REGIMES) else { return Ok(()) };
        let rules = leave.rules().iter().map(ToString::to_string).collect();
        let inquiry = Inquiry {
            subject: Subject { flight: Some(flight.clone()), ..Subject::default() },
            legal_ground: "a treaty of the simulation".to_owned(),
            reason: "it is on its way".to_owned(),
            reference: "1".to_owned(),
            answer_by: None,
            justify_by: None,
        };
        let content = Content::request(leave, inquiry).expect("somebody could decide on it");
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        let (header, digest) = self.send(to, content, None, (&mut writes, &mut events), at);
        events.push(Event::Requested {
            request: header.parcel.to_string(),
            partner: to.to_string(),
            agreement: Digest(header.agreement.0),
            purpose: header.purpose.name().to_owned(),
            elements: header.elements.bits(),
            answer_by: None,
            rules,
        });
        writes.push(Write::Asked(RequestRow {
            partner: to,
            parcel: header.parcel,
            agreement: header.agreement,
            digest: digest.0.to_vec(),
            elements: header.elements,
            flight,
            answered: Vec::new(),
        }));
        let transaction = self.transaction(writes, events, now);
        self.commit(transaction)
    }

    /// An officer decides on everything that waits.
    pub(crate) fn decide(&mut self, now: Timestamp) -> Result<(), Down> {
        let waiting: Vec<RequestRow> = self.books.waiting.values().cloned().collect();
        for row in waiting {
            self.answer(&row, true, now)?;
        }
        Ok(())
    }

    /// Answers a request: with the list of the flight, if it is here and may go, or with a
    /// word.
    pub(crate) fn answer(
        &mut self,
        row: &RequestRow,
        by_officer: bool,
        now: Timestamp,
    ) -> Result<(), Down> {
        let at = self.clock(now);
        let mut asked = row.asked();
        if self.has(Plant::AnswersAnother) {
            asked.digest = Digest::of(b"another request");
        }
        let outcome = |content: &Option<Content>| match content {
            Some(_) => Outcome::Given,
            None => Outcome::Nothing,
        };
        let given = self.given(row, &asked, at);
        let outcome = outcome(&given);
        let Some(content) = given.or_else(|| self.without(row, &asked)) else { return Ok(()) };
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        let of = (&mut writes, &mut events);
        let (header, _) = self.send(row.partner, content, Some(row.parcel), of, at);
        if by_officer {
            events.push(Event::RequestAnswered {
                request: row.parcel.to_string(),
                partner: row.partner.to_string(),
                outcome: outcome.name().to_owned(),
                parcels: vec![header.parcel.to_string()],
                reason: Digest([0; 32]),
                rules: Vec::new(),
            });
            writes.push(Write::Decided(row.partner, row.parcel));
        }
        let transaction = self.transaction(writes, events, now);
        self.commit(transaction)
    }

    fn given(&mut self, row: &RequestRow, asked: &Asked, at: Timestamp) -> Option<Content> {
        let list = self.books.lists.values().find(|l| l.flight.starts_with(&row.flight))?;
        let list = PassengerList::decode(&list.bytes).ok()?;
        let agreed = self.agreements();
        let pair = (self.state, row.partner);
        let request = Request {
            reviewed: true,
            elements: list.elements().intersection(asked.elements),
            ..Request::about(&list, pair, Mode::Answer, asked.purpose, at)
        };
        let permit = policy::decide(&request, &agreed.0, &parties::REGIMES).ok()?;
        let chosen = Chosen::of(&list, &[0], permit, &|cut| cut.encode()).ok()?;
        Content::answer(chosen, asked, (1, 1)).ok()
    }

    fn without(&self, row: &RequestRow, asked: &Asked) -> Option<Content> {
        let signed = parties::agreement_of(row.agreement);
        let pair = (self.state, row.partner);
        let leave = policy::reply(row.agreement, pair, signed.as_slice()).ok()?;
        let rules = leave.rules().iter().map(ToString::to_string).collect();
        Content::answer_without(leave, asked, (Outcome::Nothing, rules)).ok()
    }

    /// Seals something as the next parcel of its stream.
    pub(super) fn send(
        &mut self,
        to: Country,
        content: Content,
        answers: Option<ParcelId>,
        (writes, events): (&mut Vec<Write>, &mut Vec<Event>),
        at: Timestamp,
    ) -> (Header, Digest) {
        let id = content.agreement();
        let (parcel, after) = self.sealed((id, to), content, at);
        let (header, digest) = (parcel.header, parcel.digest);
        events.push(Event::ParcelQueued {
            parcel: header.parcel.to_string(),
            partner: to.to_string(),
            agreement: Digest(id.0),
            sequence: header.sequence,
            digest,
            mode: header.kind.name().to_owned(),
            elements: header.elements.bits(),
            list: String::new(),
            hit: None,
        });
        writes.push(Write::StreamOut(id, after.encode()));
        writes.push(Write::Queue(OutRow {
            partner: to,
            agreement: id,
            sequence: header.sequence,
            parcel: header.parcel,
            digest: digest.0.to_vec(),
            bytes: parcel.bytes,
            flight: header.flight.key(),
            attempts: 0,
            receipt: None,
            about: None,
            answers,
            corrects: None,
            total: header.kind == Kind::Total,
        }));
        (header, digest)
    }
}
