//! A partner's parcel: proven, judged, opened, kept, receipted.
//!
//! Everything that a delivery does here is one transaction: each stream's new state, the
//! inbox rows with the receipts, the lists, the hits' grounds, and the events. The same
//! bytes again find the inbox row and get its receipt. What becomes of it is decided by
//! [`exchange::Desk`]; here it is looked up, and done.

use std::sync::Arc;

use anyhow::{Context, Result};
use audit::{Actor, Digest, Event, Logged};
use exchange::{
    Answer, Arrived, Asked, Cause, Delivery, Desk, Earlier, Facts, Header, Incoming as Stream,
    Kept, Kind, NEWER_EPOCH, Opened, ParcelId, PublicKeys, Reason, Reception, Response, StateKeys,
    Taken, Unread, Verified, Wrong,
};
use jiff::{Timestamp, tz::TimeZone};
use messages::MessageType;
use policy::{AgreementId, InForce};
use store::{
    Batch, Change,
    rows::{self, Partner, ReceivedHit, RefusalRow},
};
use travel::{Admission, Country, ElementSet, PassengerList};
use uuid::Uuid;

use super::raise;
use crate::{
    node::Node,
    pipeline::{self, Provenance},
    threads::side_by_side,
};

/// What became of a partner's parcels.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Received {
    /// What the partner is answered, parcel by parcel; the last may be no receipt, and then
    /// nothing after it was looked at.
    pub answers: Vec<Answer>,
    /// The lists that were kept and wait to be screened.
    pub kept: Vec<String>,
}

/// Parcels of a delivery are checked on so many threads, each at least so many.
const SIDE_BY_SIDE: usize = 4;
const ALONE: usize = 4;

/// Parcels on their way in.
struct Intake<'a> {
    node: &'a Node,
    partner: &'a Partner,
    now: Timestamp,
}

/// Takes what a partner's node handed over, all in one transaction. The caller sees to it
/// that no other parcel of this partner is taken at the same time.
pub fn receive(
    node: &Node,
    partner: &Partner,
    parcels: &[&[u8]],
    now: Timestamp,
) -> Result<Received> {
    Intake { node, partner, now }.receive(parcels)
}

impl Intake<'_> {
    fn receive(&self, parcels: &[&[u8]]) -> Result<Received> {
        let keys = self.node.partner_keys(self.partner)?;
        let (agreements, regimes) = (self.node.agreements()?, self.node.regimes());
        let here = |parcel: &Result<Verified, Unread>| {
            let Ok(verified) = parcel else { return true };
            agreements.iter().any(|a| a.id() == verified.header().agreement)
        };
        let parcels = self.verified(parcels, &keys);
        let own = self.own_keys(&parcels);
        let all_here = parcels.iter().all(|(_, parcel)| here(parcel));
        let ended = if all_here { Vec::new() } else { self.node.ended()? };
        let desk = Desk {
            us: self.node.state(),
            keys: &own,
            agreements: &agreements,
            ended: &ended,
            regimes: &regimes,
            read: &|payload| self.read(payload),
        };
        let (mut batch, mut received) = (Batch::default(), Received::default());
        let mut delivery = Delivery::default();
        for (bytes, parcel) in parcels {
            let verified = match parcel {
                Ok(verified) => verified,
                Err(unread) => {
                    received.answers.push(self.unread(Digest::of(bytes), unread, &mut batch)?);
                    break;
                }
            };
            let (header, digest) = (verified.header().clone(), verified.digest());
            let facts = self.facts(&header, &keys, &batch)?;
            let reception = desk.receive(&mut delivery, verified, facts, self.now)?;
            received.answers.push(reception.answer());
            let goes_on = reception.goes_on();
            let agreed = agreements.iter().chain(&ended).find(|a| a.id() == header.agreement);
            received.kept.extend(self.effects(reception, &header, digest, agreed, &mut batch)?);
            if !goes_on {
                break;
            }
        }
        if !batch.changes.is_empty() || !batch.events.is_empty() {
            self.node.store().commit(batch)?;
        }
        Ok(received)
    }

    /// What has to be stored; gives the id of the list that is kept.
    fn effects(
        &self,
        reception: Reception,
        header: &Header,
        digest: Digest,
        agreed: Option<&InForce>,
        batch: &mut Batch,
    ) -> Result<Option<String>> {
        match reception {
            Reception::Gap { .. } | Reception::Stopped { .. } => {}
            Reception::Repeat { .. } => batch.events.push(self.by_partner(Event::ParcelRepeated {
                parcel: header.parcel.to_string(),
                partner: self.partner.state.clone(),
                digest,
            })),
            Reception::NotNow { reason, rules } => {
                if reason == NEWER_EPOCH {
                    self.raise(reason, self.newer_epoch(header), digest, batch)?;
                }
                let rules = rules.into_iter().map(str::to_owned).collect();
                batch.events.push(self.refused(header, digest, reason, rules));
            }
            Reception::Stop { alarm, stopped } => {
                batch.events.push(self.refused(header, digest, alarm.name(), Vec::new()));
                batch.changes.push(self.stream(&stopped));
                let what = format!("The stream of {} stopped: {alarm}.", self.partner.name);
                self.raise(alarm.name(), what, digest, batch)?;
            }
            Reception::Refused { wrong, after, receipt } => {
                self.refuse(header, digest, &wrong, batch)?;
                batch.changes.push(self.stream(&after));
                batch.changes.push(self.inbox(header, digest, Err(()), receipt));
            }
            Reception::Taken { what, after, receipt } => {
                self.totalled(&what, (header, digest), &receipt, batch)?;
                let list = self.taken(what, (header, digest), agreed, batch)?;
                batch.changes.push(self.stream(&after));
                batch.changes.push(self.inbox(header, digest, Ok(list.clone()), receipt));
                return Ok(list);
            }
        }
        Ok(None)
    }

    /// What a parcel brought; gives the id of the list that is kept of it.
    fn taken(
        &self,
        what: Taken,
        (header, digest): (&Header, Digest),
        agreed: Option<&InForce>,
        batch: &mut Batch,
    ) -> Result<Option<String>> {
        match what {
            Taken::List { list, opened } => {
                let agreed = agreed.context("a parcel kept without an agreement")?;
                let id = self.keep(&list, &opened, agreed, batch)?;
                if let Some((request, response)) = header.about.zip(opened.response.as_ref()) {
                    self.answered(header, (request, response), Some(&id), batch);
                }
                Ok(Some(id))
            }
            Taken::Corrected { earlier, kind, cause, list, opened } => {
                let agreed = agreed.context("a parcel kept without an agreement")?;
                let wrong = self.list_of(&earlier.to_string(), batch)?;
                let wrong = wrong.context("a correction of what is not held")?;
                let id = self.keep(&list, &opened, agreed, batch)?;
                self.replace(header, (earlier, kind, cause), (wrong, &id), batch)?;
                Ok(Some(id))
            }
            Taken::TakenBack { earlier, reason } => {
                self.take_back(header, digest, (earlier, reason), batch)?;
                Ok(None)
            }
            Taken::Asked { inquiry, rules } => {
                self.received(header, digest, batch);
                let (store, us) = (self.node.store(), self.node.state());
                let written = (us, &*inquiry, None);
                let row = pipeline::asking::row(store, header, digest, written, self.now)?;
                batch.events.push(self.by_partner(Event::RequestReceived {
                    request: row.id.clone(),
                    partner: row.partner.clone(),
                    purpose: row.purpose.clone(),
                    answer_by: row.answer_by.map(|at| at.to_string()),
                    rules,
                }));
                batch.changes.push(Change::Request(row));
                Ok(None)
            }
            Taken::Justified { request, statement } => {
                self.received(header, digest, batch);
                let id = request.to_string();
                // It may have come in this very delivery.
                let waits = batch.changes.iter().find_map(|change| match change {
                    Change::Request(row) if row.id == id => Some(row.clone()),
                    _ => None,
                });
                let said = (request, &*statement);
                let (change, event) = pipeline::justifying::justified(
                    self.node.store(),
                    header,
                    said,
                    waits.as_ref(),
                    self.now,
                )?;
                batch.changes.extend(change);
                batch.events.push(self.by_partner(event));
                Ok(None)
            }
            Taken::Totalled { .. } => {
                self.received(header, digest, batch);
                Ok(None)
            }
            Taken::RolledOver { keys, newer } => {
                self.received(header, digest, batch);
                if newer {
                    let before = self.known_keys(batch)?;
                    let told = (&*keys, before);
                    let (change, event) = pipeline::rollover::rolled_over(header, told);
                    batch.changes.push(change);
                    batch.events.push(self.by_partner(event));
                }
                Ok(None)
            }
            Taken::Answered { request, response } => {
                self.received(header, digest, batch);
                self.answered(header, (request, &response), None, batch);
                Ok(None)
            }
        }
    }

    /// Keeps a partner's daily total beside what is counted here; a difference is for people.
    fn totalled(
        &self,
        what: &Taken,
        (header, digest): (&Header, Digest),
        receipt: &[u8],
        batch: &mut Batch,
    ) -> Result<()> {
        let Taken::Totalled { total, signed, reckoning, agrees } = what else { return Ok(()) };
        let here = (reckoning, receipt);
        let (change, event) =
            pipeline::totals::counted_here(header, (total, signed), here, self.now)?;
        batch.changes.push(change);
        batch.events.push(self.by_partner(event));
        if !agrees {
            let what = pipeline::totals::difference(header.from, false, total, reckoning);
            self.raise(pipeline::totals::DIFFER, what, digest, batch)?;
        }
        Ok(())
    }

    /// Notes a parcel of the answer to a request of this state.
    fn answered(
        &self,
        header: &Header,
        (request, response): (ParcelId, &Response),
        list: Option<&String>,
        batch: &mut Batch,
    ) {
        let (partner, parcel) = (self.partner.state.clone(), header.parcel.to_string());
        let (request, outcome) = (request.to_string(), response.outcome.name().to_owned());
        batch.events.push(self.by_partner(Event::AnswerReceived {
            request: request.clone(),
            partner: partner.clone(),
            parcel: parcel.clone(),
            outcome: outcome.clone(),
            number: response.number,
            of: response.of,
            rules: response.rules.clone(),
            list: list.cloned(),
        }));
        batch.changes.push(Change::Answer(rows::AnswerRow {
            partner,
            request,
            number: response.number,
            parts: response.of,
            parcel,
            list: list.cloned(),
            outcome,
            rules: response.rules.join(" "),
            at: self.now,
        }));
    }

    /// A parcel of which no list is kept was taken.
    fn received(&self, header: &Header, digest: Digest, batch: &mut Batch) {
        batch.events.push(self.by_partner(Event::ParcelReceived {
            parcel: header.parcel.to_string(),
            partner: self.partner.state.clone(),
            agreement: Digest(header.agreement.0),
            sequence: header.sequence,
            digest,
            mode: header.kind.name().to_owned(),
            list: None,
        }));
    }

    /// The row of a parcel that was taken, with the list of it, or refused.
    fn inbox(
        &self,
        header: &Header,
        digest: Digest,
        taken: Result<Option<String>, ()>,
        receipt: Vec<u8>,
    ) -> Change {
        Change::Inbox(rows::Incoming {
            parcel: header.parcel.to_string(),
            partner: self.partner.state.clone(),
            agreement: header.agreement.to_string(),
            sequence: header.sequence,
            mode: header.kind.name().to_owned(),
            digest: digest.to_string(),
            verdict: if taken.is_ok() { "accepted" } else { "refused" }.to_owned(),
            list: taken.unwrap_or_default(),
            receipt,
            received_at: self.now,
        })
    }

    fn refused(&self, header: &Header, digest: Digest, reason: &str, rules: Vec<String>) -> Logged {
        self.by_partner(Event::ParcelRefused {
            partner: self.partner.state.clone(),
            digest,
            reason: reason.to_owned(),
            rules,
            parcel: Some(header.parcel.to_string()),
        })
    }

    /// Signatures hang on no other parcel: several are checked side by side.
    fn verified<'p>(
        &self,
        parcels: &[&'p [u8]],
        keys: &PublicKeys,
    ) -> Vec<(&'p [u8], Result<Verified, Unread>)> {
        let each = parcels.len().div_ceil(SIDE_BY_SIDE).max(ALONE);
        let check = |some: &[&'p [u8]]| -> Vec<_> {
            some.iter().map(|bytes| (*bytes, self.verify(bytes, keys))).collect()
        };
        side_by_side(parcels.chunks(each).collect(), check).into_iter().flatten().collect()
    }

    fn verify(&self, bytes: &[u8], keys: &PublicKeys) -> Result<Verified, Unread> {
        let sender = Country::parse(&self.partner.state).ok_or(Unread::WrongSender)?;
        Arrived::read(bytes)?.verify((sender, keys), self.node.state())
    }

    /// The keys of this state: read again where a parcel is sealed to an epoch that another process
    /// has made.
    fn own_keys(&self, parcels: &[(&[u8], Result<Verified, Unread>)]) -> Arc<StateKeys> {
        let newest = self.node.keys().public().epoch().epoch;
        let newer = |(_, parcel): &(_, Result<Verified, Unread>)| {
            parcel.as_ref().is_ok_and(|verified| verified.header().epoch > newest)
        };
        if parcels.iter().any(newer)
            && let Err(e) = self.node.reload_keys()
        {
            tracing::error!(error = %format!("{e:#}"), "the key file is not taken up");
        }
        self.node.keys()
    }

    /// The partner's keys as the store holds them, or as they came in this very delivery.
    fn known_keys(&self, batch: &Batch) -> Result<Vec<u8>> {
        let just_now = batch.changes.iter().rev().find_map(|change| match change {
            Change::PartnerKeys { keys, .. } => Some(keys.clone()),
            _ => None,
        });
        if let Some(keys) = just_now {
            return Ok(keys);
        }
        // Whoever handed this over was looked up before it was its turn.
        let partner = self.node.store().partner(&self.partner.state)?;
        Ok(partner.context("the partner is not there any more")?.keys)
    }

    fn newer_epoch(&self, header: &Header) -> String {
        format!(
            "{} seals to epoch key {} of this state, which is not in {}: an older copy of that file \
             was put back, or another node made the key. Put the newest one there; nothing is lost \
             until then.",
            self.partner.name,
            header.epoch,
            self.node.layout().state_key().display()
        )
    }

    fn facts(&self, header: &Header, keys: &PublicKeys, batch: &Batch) -> Result<Facts> {
        let store = self.node.store();
        let stream = match store.stream_in(&header.agreement.to_string())? {
            Some((state, _)) => Some(Stream::decode(&state)?),
            None => None,
        };
        let row = store.incoming(&self.partner.state, &header.parcel.to_string())?;
        let by_id = row.and_then(|row| {
            let digest = Digest::parse(&row.digest)?;
            Some(Kept { parcel: header.parcel, digest, receipt: row.receipt })
        });
        let earlier = match header.about {
            Some(about) => self.earlier(&about.to_string())?,
            None => None,
        };
        let asked = match header.about.filter(|_| header.kind == Kind::Answer) {
            Some(about) => self.asked(&about.to_string())?,
            None => None,
        };
        let unjustified = match header.about.filter(|_| header.kind == Kind::Justification) {
            Some(about) => {
                let row = store.request(&self.partner.state, &about.to_string())?;
                row.is_some_and(|r| {
                    !r.outgoing && r.justify_by.is_some() && r.justified_at.is_none()
                })
            }
            None => false,
        };
        let counting = match header.kind {
            Kind::Total => Some(pipeline::totals::counting(store, header, keys)?),
            _ => None,
        };
        let sender = match header.kind {
            Kind::Keys => Some(PublicKeys::decode(&self.known_keys(batch)?)?),
            _ => None,
        };
        let checkpoint = store.last_checkpoint()?;
        Ok(Facts { stream, by_id, earlier, unjustified, asked, counting, sender, checkpoint })
    }

    /// What is known of an earlier parcel, and whether its record is held.
    fn earlier(&self, parcel: &str) -> Result<Option<Earlier>> {
        let (store, partner) = (self.node.store(), self.partner.state.as_str());
        let Some(row) = store.incoming(partner, parcel)? else { return Ok(None) };
        let Some(agreement) = AgreementId::parse(&row.agreement) else { return Ok(None) };
        let kind = match Kind::named(&row.mode) {
            Some(kind) => pipeline::counts_as(store, (partner, parcel), kind)?,
            None => None,
        };
        let kind = kind.unwrap_or(Kind::Correction);
        let list = match row.list {
            Some(list) => store.list(&list)?,
            None => None,
        };
        let holds = list.filter(|list| !list.sealed.is_empty()).map(|list| list.flight);
        Ok(Some(Earlier { agreement, kind, holds }))
    }

    /// The request of this state that a partner answers.
    fn asked(&self, request: &str) -> Result<Option<Asked>> {
        let (store, partner) = (self.node.store(), self.partner.state.as_str());
        let row = store.request(partner, request)?.filter(|row| row.outgoing);
        let answers = store.answers(partner, request)?;
        let answered = answers.iter().map(|a| a.number).collect();
        Ok(row.and_then(|row| pipeline::asking::asked(&row, answered)))
    }

    /// The list that was kept of an earlier parcel, which may have come in this very delivery.
    fn list_of(&self, earlier: &str, batch: &Batch) -> Result<Option<String>> {
        let just_now = batch.changes.iter().find_map(|change| match change {
            Change::Inbox(row) if row.parcel == earlier => Some(row.list.clone()),
            _ => None,
        });
        Ok(match just_now {
            Some(list) => list,
            None => {
                let row = self.node.store().incoming(&self.partner.state, earlier)?;
                row.and_then(|row| row.list)
            }
        })
    }

    /// What was wrong goes, with what was found on it; the right list is looked at anew. Which
    /// of them was believed when stays.
    fn replace(
        &self,
        header: &Header,
        (earlier, kind, cause): (ParcelId, Kind, Cause),
        (wrong, right): (String, &str),
        batch: &mut Batch,
    ) -> Result<()> {
        // It may have come in this very delivery, and then it was believed no time.
        let row = self.node.store().list(&wrong)?;
        let believed_from = row.map_or(self.now, |row| row.received_at);
        batch.changes.push(Change::TakeBack { list: wrong.clone(), at: self.now });
        let row = rows::CorrectionRow {
            partner: self.partner.state.clone(),
            parcel: header.parcel.to_string(),
            earlier: earlier.to_string(),
            outgoing: false,
            mode: kind.name().to_owned(),
            cause: cause.name().to_owned(),
            replaced: wrong,
            list: right.to_owned(),
            believed_from,
            at: self.now,
        };
        batch.events.push(self.by_partner(Event::CorrectedByPartner {
            partner: row.partner.clone(),
            parcel: row.parcel.clone(),
            earlier: row.earlier.clone(),
            cause: row.cause.clone(),
            replaced: row.replaced.clone(),
            list: row.list.clone(),
        }));
        batch.changes.push(Change::Correction(row));
        Ok(())
    }

    /// What came with an earlier parcel goes, if any of it was kept.
    fn take_back(
        &self,
        header: &Header,
        digest: Digest,
        (earlier, reason): (ParcelId, Reason),
        batch: &mut Batch,
    ) -> Result<()> {
        let earlier = earlier.to_string();
        let list = self.list_of(&earlier, batch)?;
        if let Some(list) = &list {
            batch.changes.push(Change::TakeBack { list: list.clone(), at: self.now });
        }
        self.received(header, digest, batch);
        let parcel = header.parcel.to_string();
        let partner = self.partner.state.clone();
        batch.events.push(self.by_partner(Event::TakenBack {
            partner,
            parcel,
            earlier,
            how: header.kind.name().to_owned(),
            reason: reason.name().to_owned(),
            list,
        }));
        Ok(())
    }

    fn by_partner(&self, event: Event) -> Logged {
        Logged::new(self.now, Actor::Partner(self.partner.state.clone()), event)
    }

    /// Tells a person, unless somebody is to look at the same already.
    fn raise(&self, kind: &str, what: String, digest: Digest, batch: &mut Batch) -> Result<()> {
        let of = (self.partner.state.as_str(), kind, Some(digest));
        let by = (Actor::Partner(self.partner.state.clone()), self.now);
        raise(self.node, of, what, by, batch)
    }

    /// Bytes that are no parcel of this partner for us: nothing is kept of them.
    fn unread(&self, digest: Digest, unread: Unread, batch: &mut Batch) -> Result<Answer> {
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
            self.raise("forged_parcel", what, digest, batch)?;
        }
        Ok(Answer::Refused { reason: unread.name().to_owned() })
    }

    fn stream(&self, stream: &Stream) -> Change {
        Change::StreamIn {
            agreement: stream.agreement.to_string(),
            partner: self.partner.state.clone(),
            state: stream.encode(),
            stopped: stream.stopped.map(|a| a.name().to_owned()),
        }
    }

    fn refuse(
        &self,
        header: &Header,
        digest: Digest,
        wrong: &Wrong,
        batch: &mut Batch,
    ) -> Result<()> {
        batch.events.push(self.refused(header, digest, wrong.reason, wrong.rules.clone()));
        let rules = match wrong.rules.is_empty() {
            true => wrong.reason.to_owned(),
            false => wrong.rules.join(", "),
        };
        batch.changes.push(Change::Refused(RefusalRow {
            at: self.now,
            partner: self.partner.state.clone(),
            mode: header.kind.name().to_owned(),
            list: None,
            hit: None,
            rules,
            direction: "in".to_owned(),
        }));
        if wrong.alarm {
            let (name, parcel) = (&self.partner.name, header.parcel);
            let (kind, what) = match header.kind {
                Kind::Keys => (
                    "keys_refused",
                    format!(
                        "{name} sent parcel {parcel} with keys that are not taken ({}): call its \
                         administrator. The keys of before stand.",
                        wrong.reason
                    ),
                ),
                _ => (
                    "element_outside",
                    format!(
                        "{name} sent parcel {parcel} with more than its outside says; nothing of it \
                         was kept."
                    ),
                ),
            };
            self.raise(kind, what, digest, batch)?;
        }
        Ok(())
    }

    /// The one list in a payload, with everything that stands in it.
    fn read(&self, payload: &[u8]) -> Option<PassengerList> {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let reading = messages::read(payload, edifact::Mode::Tolerant, today);
        let mut lists = reading
            .messages
            .into_iter()
            .filter(|m| matches!(m.kind, MessageType::Paxlst | MessageType::Pnrgov));
        let (Some(message), None) = (lists.next(), lists.next()) else { return None };
        let admission = Admission {
            state: self.node.state(),
            permitted: ElementSet::ALL,
            received_at: self.now,
            must_touch: false,
        };
        PassengerList::admit(message.report, &admission).ok()
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
        let of = (&row, list.travellers().len());
        let told = pipeline::telling::told(self.node.store(), of, opened, self.now)?;
        if let Some(ground) = &opened.ground {
            let hit = Uuid::now_v7().to_string();
            let day = (row.scope.as_str(), row.day);
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
            mode: header.kind.name().to_owned(),
            list: Some(id.clone()),
        }));
        batch.events.push(self.by_partner(kept));
        if let Some((row, event)) = told {
            batch.changes.push(row);
            batch.events.push(self.by_partner(event));
        }
        Ok(id)
    }
}
