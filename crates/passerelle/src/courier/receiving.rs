//! A partner's parcel: proven, judged, opened, kept, receipted.
//!
//! Everything that a parcel does here is one transaction: the stream's new state, the
//! inbox row with the receipt, the list, the hit's ground, and the events. The same
//! bytes again find the inbox row and get its receipt. The law is asked twice: on
//! what stands on the outside, before anything is opened, and on what was in it.

use anyhow::Result;
use audit::{Actor, Digest, Event, Logged};
use exchange::{
    Alarm, Answer, Arrived, Header, Incoming as Stream, Kept, Kind, Known, Opened, Receipt,
    ReceiptVerdict, Refusal, Unread, Verdict, Verified,
};
use jiff::{Timestamp, tz::TimeZone};
use messages::MessageType;
use policy::{InForce, Permit, Request};
use store::{
    Batch, Change,
    rows::{self, Partner, ReceivedHit, RefusalRow},
};
use travel::{Admission, Country, ElementSet, PassengerList};
use uuid::Uuid;

use super::alarm_waits;
use crate::{
    node::Node,
    pipeline::{self, Provenance},
};

/// What became of a partner's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// What the partner is answered.
    pub answer: Answer,
    /// The list that was kept and waits to be screened.
    pub kept: Option<String>,
}

impl Received {
    fn refused(reason: &str) -> Self {
        Self { answer: Answer::Refused { reason: reason.to_owned() }, kept: None }
    }
}

/// Why a parcel in its right place is refused for good, with a receipt.
struct Wrong {
    reason: &'static str,
    rules: Vec<String>,
    /// Whether a person has to look at it.
    alarm: bool,
}

impl Wrong {
    fn because(reason: &'static str) -> Self {
        Self { reason, rules: Vec::new(), alarm: false }
    }
}

impl From<policy::Refusal> for Wrong {
    fn from(refusal: policy::Refusal) -> Self {
        let rules = refusal.rules.iter().map(ToString::to_string).collect();
        Self { reason: "policy", rules, alarm: false }
    }
}

/// One parcel on its way in.
struct Intake<'a> {
    node: &'a Node,
    partner: &'a Partner,
    now: Timestamp,
}

/// Takes what a partner's node handed over. The caller sees to it that no other
/// parcel of this partner is taken at the same time.
pub fn receive_parcel(
    node: &Node,
    partner: &Partner,
    bytes: &[u8],
    now: Timestamp,
) -> Result<Received> {
    Intake { node, partner, now }.receive(bytes)
}

impl Intake<'_> {
    fn receive(&self, bytes: &[u8]) -> Result<Received> {
        let verified = match self.verify(bytes)? {
            Ok(verified) => verified,
            Err(unread) => return self.unread(Digest::of(bytes), unread),
        };
        let header = verified.header();
        let id = header.agreement.to_string();
        let agreements = self.node.agreements()?;
        let Some(agreed) = agreements.iter().find(|a| a.id() == header.agreement) else {
            return self.not_now(&verified, "unknown_agreement", vec!["AG-01".to_owned()]);
        };
        let stream = match self.node.store().stream_in(&id)? {
            Some((state, _)) => Stream::decode(&state)?,
            None => Stream::new(header.agreement, header.from, header.to),
        };
        let known = self.known(header)?;
        match stream.receive(header, verified.digest(), &known, self.now) {
            Verdict::Repeat { receipt } => self.repeat(&verified, receipt),
            Verdict::Gap { expected } => {
                Ok(Received { answer: Answer::Gap { expected }, kept: None })
            }
            Verdict::Alarm { alarm, stopped } => self.alarm(&verified, alarm, &stopped),
            Verdict::Refuse(Refusal::Stopped(alarm)) => {
                let alarm = alarm.name().to_owned();
                Ok(Received { answer: Answer::Stopped { alarm }, kept: None })
            }
            Verdict::Refuse(refusal) => self.not_now(&verified, refusal.name(), Vec::new()),
            // What is suspended keeps its place in the partner's queue.
            Verdict::Accept { .. } if agreed.suspended_by().is_some() => {
                self.not_now(&verified, "suspended", vec!["AG-05".to_owned()])
            }
            Verdict::Accept { after } => self.next(verified, agreed, &agreements, &after),
        }
    }

    fn verify(&self, bytes: &[u8]) -> Result<Result<Verified, Unread>> {
        let Some(sender) = Country::parse(&self.partner.state) else {
            return Ok(Err(Unread::WrongSender));
        };
        let keys = Node::partner_keys(self.partner)?;
        Ok(Arrived::read(bytes).and_then(|a| a.verify((sender, &keys), self.node.state())))
    }

    fn known(&self, header: &Header) -> Result<Known> {
        let row = self.node.store().incoming(&self.partner.state, &header.parcel.to_string())?;
        let by_id = row.and_then(|row| {
            let digest = Digest::parse(&row.digest)?;
            Some(Kept { parcel: header.parcel, digest, receipt: row.receipt })
        });
        Ok(Known { by_id, by_sequence: None })
    }

    fn by_partner(&self, event: Event) -> Logged {
        Logged::new(self.now, Actor::Partner(self.partner.state.clone()), event)
    }

    /// Tells a person, unless somebody is to look at the same already.
    fn raise(&self, kind: &str, what: String, digest: Digest, batch: &mut Batch) -> Result<()> {
        if alarm_waits(self.node, &self.partner.state, kind)? {
            return Ok(());
        }
        batch.events.push(self.by_partner(Event::Alarm {
            alarm: kind.to_owned(),
            subject: self.partner.state.clone(),
            digest: Some(digest),
        }));
        batch.changes.push(Change::Alarm {
            partner: Some(self.partner.state.clone()),
            kind: kind.to_owned(),
            what,
            at: self.now,
        });
        Ok(())
    }

    /// Bytes that are no parcel of this partner for us: nothing is kept of them.
    fn unread(&self, digest: Digest, unread: Unread) -> Result<Received> {
        let mut batch = Batch::default();
        batch.events.push(self.by_partner(Event::ParcelRefused {
            partner: self.partner.state.clone(),
            digest,
            reason: unread.name().to_owned(),
            rules: Vec::new(),
            parcel: None,
        }));
        if matches!(unread, Unread::Signature(_) | Unread::WrongSender) {
            let what =
                format!("{} handed over a parcel that is not its own: {unread}", self.partner.name);
            self.raise("forged_parcel", what, digest, &mut batch)?;
        }
        self.node.store().commit(batch)?;
        Ok(Received::refused(unread.name()))
    }

    fn not_now(&self, verified: &Verified, reason: &str, rules: Vec<String>) -> Result<Received> {
        let event = Event::ParcelRefused {
            partner: self.partner.state.clone(),
            digest: verified.digest(),
            reason: reason.to_owned(),
            rules,
            parcel: Some(verified.header().parcel.to_string()),
        };
        self.node.store().commit(Batch::new(Vec::new(), vec![self.by_partner(event)]))?;
        Ok(Received::refused(reason))
    }

    fn repeat(&self, verified: &Verified, receipt: Vec<u8>) -> Result<Received> {
        let event = Event::ParcelRepeated {
            parcel: verified.header().parcel.to_string(),
            partner: self.partner.state.clone(),
            digest: verified.digest(),
        };
        self.node.store().commit(Batch::new(Vec::new(), vec![self.by_partner(event)]))?;
        Ok(Received { answer: Answer::Receipt(receipt), kept: None })
    }

    fn alarm(&self, verified: &Verified, alarm: Alarm, stopped: &Stream) -> Result<Received> {
        let mut batch = Batch::default();
        batch.events.push(self.by_partner(Event::ParcelRefused {
            partner: self.partner.state.clone(),
            digest: verified.digest(),
            reason: alarm.name().to_owned(),
            rules: Vec::new(),
            parcel: Some(verified.header().parcel.to_string()),
        }));
        batch.changes.push(self.stream(stopped));
        let what = format!("The stream of {} stopped: {alarm}.", self.partner.name);
        self.raise(alarm.name(), what, verified.digest(), &mut batch)?;
        self.node.store().commit(batch)?;
        Ok(Received { answer: Answer::Stopped { alarm: alarm.name().to_owned() }, kept: None })
    }

    fn stream(&self, stream: &Stream) -> Change {
        Change::StreamIn {
            agreement: stream.agreement.to_string(),
            partner: self.partner.state.clone(),
            state: stream.encode(),
            stopped: stream.stopped.map(|a| a.name().to_owned()),
        }
    }

    /// The next parcel of its stream: kept, or refused for good. Either way it has its
    /// number and its receipt.
    fn next(
        &self,
        verified: Verified,
        agreed: &InForce,
        agreements: &[InForce],
        after: &Stream,
    ) -> Result<Received> {
        let header = verified.header().clone();
        let digest = verified.digest();
        let mut batch = Batch::default();
        let kept = match self.look(verified, agreements) {
            Ok((list, opened)) => Ok(self.keep(&list, &opened, agreed, &mut batch)?),
            Err(wrong) => {
                self.refuse(&header, digest, &wrong, &mut batch)?;
                Err(wrong)
            }
        };
        let verdict = match &kept {
            Ok(_) => ReceiptVerdict::Accepted,
            Err(wrong) => ReceiptVerdict::Refused {
                reason: wrong.reason.to_owned(),
                rules: wrong.rules.clone(),
            },
        };
        let checkpoint = self.node.store().last_checkpoint()?;
        let receipt =
            Receipt::of(&header, digest, verdict, self.now, checkpoint).sign(self.node.keys())?;
        let kept = kept.ok();
        batch.changes.push(self.stream(after));
        batch.changes.push(Change::Inbox(rows::Incoming {
            parcel: header.parcel.to_string(),
            partner: self.partner.state.clone(),
            agreement: header.agreement.to_string(),
            sequence: header.sequence,
            mode: mode_name(&header).to_owned(),
            digest: digest.to_string(),
            list: kept.clone(),
            verdict: if kept.is_some() { "accepted" } else { "refused" }.to_owned(),
            receipt: receipt.clone(),
            received_at: self.now,
        }));
        self.node.store().commit(batch)?;
        Ok(Received { answer: Answer::Receipt(receipt), kept })
    }

    fn refuse(
        &self,
        header: &Header,
        digest: Digest,
        wrong: &Wrong,
        batch: &mut Batch,
    ) -> Result<()> {
        batch.events.push(self.by_partner(Event::ParcelRefused {
            partner: self.partner.state.clone(),
            digest,
            reason: wrong.reason.to_owned(),
            rules: wrong.rules.clone(),
            parcel: Some(header.parcel.to_string()),
        }));
        let rules = match wrong.rules.is_empty() {
            true => wrong.reason.to_owned(),
            false => wrong.rules.join(", "),
        };
        batch.changes.push(Change::Refused(RefusalRow {
            at: self.now,
            partner: self.partner.state.clone(),
            mode: mode_name(header).to_owned(),
            list: None,
            hit: None,
            rules,
            direction: "in".to_owned(),
        }));
        if wrong.alarm {
            let what = format!(
                "{} sent parcel {} with more than its outside says; nothing of it was kept.",
                self.partner.name, header.parcel
            );
            self.raise("element_outside", what, digest, batch)?;
        }
        Ok(())
    }

    /// Asks the law about the outside, opens, and holds the inside against it.
    fn look(
        &self,
        verified: Verified,
        agreements: &[InForce],
    ) -> Result<(PassengerList, Opened), Wrong> {
        let permit = self.permit(verified.header(), agreements)?;
        let opened =
            verified.open(self.node.keys()).map_err(|unread| Wrong::because(unread.name()))?;
        let whole = self.read(&opened)?;
        let header = &opened.header;
        if whole.flight().key() != header.flight.key() {
            return Err(Wrong::because("another_flight"));
        }
        if header.kind == Kind::Hit && whole.travellers().len() != 1 {
            return Err(Wrong::because("not_one_traveller"));
        }
        if opened.ground.as_ref().is_some_and(|ground| ground.officers == 0) {
            return Err(Wrong::because("nobody_upheld_it"));
        }
        let said = whole.restricted_to(header.elements, None);
        if said.travellers() != whole.travellers() || said.bookings() != whole.bookings() {
            return Err(Wrong {
                reason: "element_outside",
                rules: vec!["AG-10".to_owned()],
                alarm: true,
            });
        }
        Ok((said.restricted_to(permit.elements(), None), opened))
    }

    /// The same question that the sender asked before it sealed.
    fn permit(&self, header: &Header, agreements: &[InForce]) -> Result<Permit, Wrong> {
        let mode = header.kind.mode().ok_or(Wrong::because("kind"))?;
        let request = Request {
            from: header.from,
            to: header.to,
            mode,
            flight: &header.flight,
            dataset: header.dataset,
            elements: header.elements,
            origin: None,
            origin_consents: false,
            masked: false,
            // A hit without a ground does not open; a ground counts its officers.
            reviewed: header.kind == Kind::Hit,
            sensitive: false,
            purpose: header.purpose,
            at: header.made_at,
        };
        let permit = policy::decide(&request, agreements, &self.node.regimes())?;
        if permit.agreement() != header.agreement {
            return Err(Wrong::because("another_agreement"));
        }
        if permit.rules().iter().any(|r| r.as_str() == "AG-10") {
            return Err(Wrong { reason: "policy", rules: vec!["AG-10".to_owned()], alarm: false });
        }
        Ok(permit)
    }

    /// The list in the payload, with everything that stands in it.
    fn read(&self, opened: &Opened) -> Result<PassengerList, Wrong> {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let reading = messages::read(&opened.payload, edifact::Mode::Tolerant, today);
        let mut lists = reading
            .messages
            .into_iter()
            .filter(|m| matches!(m.kind, MessageType::Paxlst | MessageType::Pnrgov));
        let (Some(message), None) = (lists.next(), lists.next()) else {
            return Err(Wrong::because("unreadable"));
        };
        let admission = Admission {
            state: self.node.state(),
            permitted: ElementSet::ALL,
            received_at: self.now,
            must_touch: false,
        };
        PassengerList::admit(message.report, &admission).map_err(|_| Wrong::because("unreadable"))
    }

    fn keep(
        &self,
        list: &PassengerList,
        opened: &Opened,
        agreed: &InForce,
        batch: &mut Batch,
    ) -> Result<String> {
        let header = &opened.header;
        let parcel = header.parcel.to_string();
        let from = Provenance {
            submission: None,
            parcel: Some((&parcel, opened.digest)),
            agreed: Some(agreed),
        };
        let (row, kept) = pipeline::keep(self.node, list, &self.partner.state, from, self.now)?;
        let id = row.id.clone();
        if let Some(ground) = &opened.ground {
            let hit = Uuid::now_v7().to_string();
            let day = (self.partner.state.as_str(), row.day);
            let sealed =
                self.node.store().seal(day, ("ground", &hit), &ground.encode(), self.now)?;
            batch.changes.push(Change::List(row));
            batch.changes.push(Change::ReceivedHit(ReceivedHit {
                id: hit,
                partner: self.partner.state.clone(),
                parcel: parcel.clone(),
                list: id.clone(),
                received_at: self.now,
                seen_by: None,
                seen_at: None,
                sealed,
            }));
        } else {
            batch.changes.push(Change::List(row));
        }
        batch.events.push(self.by_partner(Event::ParcelReceived {
            parcel,
            partner: self.partner.state.clone(),
            agreement: Digest(header.agreement.0),
            sequence: header.sequence,
            digest: opened.digest,
            mode: mode_name(header).to_owned(),
            list: Some(id.clone()),
        }));
        batch.events.push(self.by_partner(kept));
        Ok(id)
    }
}

fn mode_name(header: &Header) -> &'static str {
    header.kind.mode().map_or("other", |mode| mode.name())
}
