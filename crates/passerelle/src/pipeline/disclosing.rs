//! What leaves: the agreements are asked about a list or an upheld hit, and what they
//! permit is sealed as the next parcel of the partner's stream.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result};
use audit::{Actor, Digest, Event, Logged};
use exchange::{
    Arrived, Content, Disclosure, Header, Kind, Outgoing as Stream, Parcel, ParcelId, PublicKeys,
    Reason, Retraction, Sealing, StateKeys,
};
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use policy::{AgreementId, InForce, Mode, Permit, Purpose, Refusal, Request};
use screening::{Decision, Hit, OfficerId, Reviewed};
use store::{
    Batch, CARRIERS, Change, StoreError,
    rows::{HitRow, List, Outgoing, Partner, RefusalRow},
};
use travel::{Country, Function, PassengerList};
use uuid::Uuid;

use crate::node::Node;

/// Disclosures that are stored in one transaction. Made by who holds `node.sealing`: a
/// stream's numbers are given out one after the other, and durable before the next
/// transaction gives out more.
pub(super) struct Disclosing<'n> {
    node: &'n Node,
    pub(super) agreements: Vec<InForce>,
    /// Where streams stand after what was sealed so far.
    streams: HashMap<AgreementId, Stream>,
    now: Timestamp,
}

impl<'n> Disclosing<'n> {
    pub(super) fn new(node: &'n Node, now: Timestamp) -> Result<Self> {
        Ok(Self { node, agreements: node.agreements()?, streams: HashMap::new(), now })
    }

    /// Asks the agreements whether partners get this list, and seals it for those who do. A
    /// list that no agreement speaks of in this mode is not a refusal worth a row: nobody
    /// asked for it. What fails leaves the streams as they were.
    pub(super) fn list(
        &mut self,
        (row, list): (&List, &PassengerList),
        partners: &[Partner],
        batch: &mut Batch,
    ) -> Result<()> {
        let before = self.streams.clone();
        // A list in the place of another went to partners as its correction.
        let have_it: Vec<String> = match row.submission {
            Some(_) => Vec::new(),
            None => {
                let went = self.node.store().outgoing_of(&row.id)?;
                went.into_iter().map(|parcel| parcel.partner).collect()
            }
        };
        let done = partners
            .iter()
            .filter(|p| p.enabled && !have_it.contains(&p.state))
            .try_for_each(|partner| self.list_for((row, list), partner, batch))
            .and_then(|()| match list.function() {
                Function::FlightCancelled => self.nobody_flies(row, partners, batch),
                _ => Ok(()),
            });
        if done.is_err() {
            self.streams = before;
        }
        done
    }

    /// A flight was cancelled: the lists of it that went before are withdrawn, since nobody on
    /// them flies. Hits stay: officers look at those.
    fn nobody_flies(&mut self, row: &List, partners: &[Partner], batch: &mut Batch) -> Result<()> {
        for earlier in self.node.store().lists_of_flight(&row.flight)? {
            if earlier.id == row.id || earlier.origin != CARRIERS {
                continue;
            }
            let (_, sent) = still_there(self.node, &earlier.id)?;
            for parcel in sent.iter().filter(|p| {
                p.bytes.is_some()
                    && matches!(Kind::named(&p.mode), Some(Kind::List | Kind::Correction))
            }) {
                if let Some(partner) = partners.iter().find(|p| p.state == parcel.partner) {
                    let how = (Kind::Withdrawal, Reason::Cancelled);
                    self.take_back((parcel, how), partner, batch)?;
                }
            }
        }
        Ok(())
    }

    /// The partner's state, if an agreement lets anything go there.
    fn towards(&self, partner: &Partner) -> Option<Country> {
        let (from, to) = (self.node.state(), Country::parse(&partner.state)?);
        let goes = |a: &InForce| a.agreement().direction(from, to).is_some();
        self.agreements.iter().any(goes).then_some(to)
    }

    fn list_for(
        &mut self,
        (row, list): (&List, &PassengerList),
        partner: &Partner,
        batch: &mut Batch,
    ) -> Result<()> {
        let (node, now) = (self.node, self.now);
        let Some(to) = self.towards(partner) else { return Ok(()) };
        let request = |p| Request::about(list, (node.state(), to), Mode::List, p, now);
        match decide(node, to, &self.agreements, request) {
            Ok(permit) => {
                permitted_event(row, None, &permit, batch, now);
                let disclosure = Disclosure::list(list, permit, &|l| render(node, to, l, now))?;
                self.seal(partner, disclosure, (row, None), batch)
            }
            Err(refusal) => {
                refused(row, None, Mode::List, to, &refusal, batch, now);
                Ok(())
            }
        }
    }

    /// Seals a disclosure as the next parcel of its stream.
    fn seal(
        &mut self,
        partner: &Partner,
        disclosure: Disclosure,
        (row, hit): (&List, Option<&String>),
        batch: &mut Batch,
    ) -> Result<()> {
        self.send(disclosure, partner, (&row.id, hit), batch)?;
        batch.rests_on(&row.scope, row.day);
        Ok(())
    }

    /// Seals whatever took leave to go as the next parcel of its stream, and queues it.
    pub(super) fn send(
        &mut self,
        what: impl Into<Content>,
        partner: &Partner,
        of: (&String, Option<&String>),
        batch: &mut Batch,
    ) -> Result<(Header, Digest)> {
        let (node, now, content) = (self.node, self.now, what.into());
        let stream = self.stream(content.agreement(), content.to())?;
        let keys = node.partner_keys(partner)?;
        let own = node.keys();
        let (parcel, after) = stream.seal(content, sealing((node, &own), &keys, now)?)?;
        let said = (parcel.header.clone(), parcel.digest);
        self.queue(parcel, after, of, batch);
        Ok(said)
    }

    /// Where a stream stands.
    fn stream(&self, agreement: AgreementId, to: Country) -> Result<Stream> {
        if let Some(stream) = self.streams.get(&agreement) {
            return Ok(stream.clone());
        }
        Ok(match self.node.store().stream_out(&agreement.to_string())? {
            Some(state) => Stream::decode(&state)?,
            None => Stream::new(agreement, self.node.state(), to),
        })
    }

    /// Puts a sealed parcel into the outbox, with its event and the stream after it.
    fn queue(
        &mut self,
        parcel: Parcel,
        after: Stream,
        (list, hit): (&String, Option<&String>),
        batch: &mut Batch,
    ) {
        let Parcel { header, digest, bytes } = parcel;
        let (agreement, partner) = (header.agreement, header.to.to_string());
        batch.changes.push(Change::StreamOut {
            agreement: agreement.to_string(),
            partner: partner.clone(),
            state: after.encode(),
        });
        self.streams.insert(agreement, after);
        let (id, mode) = (header.parcel.to_string(), header.kind.name().to_owned());
        let queued = Event::ParcelQueued {
            parcel: id.clone(),
            partner: partner.clone(),
            agreement: Digest(agreement.0),
            sequence: header.sequence,
            digest,
            mode: mode.clone(),
            elements: header.elements.bits(),
            list: list.clone(),
            hit: hit.cloned(),
        };
        batch.events.push(Logged::new(self.now, Actor::Node, queued));
        batch.changes.push(Change::Queue(Outgoing {
            parcel: id,
            partner,
            agreement: agreement.to_string(),
            sequence: header.sequence,
            mode,
            list: list.clone(),
            hit: hit.cloned(),
            elements: header.elements.bits(),
            digest: digest.to_string(),
            bytes: Some(bytes),
            status: "queued".to_owned(),
            attempts: 0,
            not_before: self.now,
            queued_at: self.now,
            receipted_at: None,
            receipt: None,
        }));
    }

    /// Takes back what went with a parcel.
    pub(super) fn take_back(
        &mut self,
        (row, how): (&Outgoing, (Kind, Reason)),
        partner: &Partner,
        batch: &mut Batch,
    ) -> Result<()> {
        let node = self.node;
        let bytes = row.bytes.as_deref().context("its bytes were erased with its day's key")?;
        let header = Arrived::read(bytes)?.header().clone();
        let (id, pair) = (header.agreement, (header.from, header.to));
        let signed = [&self.agreements[..], &node.ended()?].concat();
        let recall = policy::recall(id, pair, &signed)?;
        let retraction = Retraction::of(recall, &header, how)?;
        self.send(retraction, partner, (&row.list, row.hit.as_ref()), batch)?;
        Ok(())
    }
}

fn sealing<'k>(
    (node, keys): (&Node, &'k StateKeys),
    to: &'k PublicKeys,
    now: Timestamp,
) -> Result<Sealing<'k>> {
    Ok(Sealing {
        id: ParcelId(*Uuid::now_v7().as_bytes()),
        made_at: now,
        keys,
        to,
        checkpoint: node.store().last_checkpoint()?,
    })
}

/// How often a number of a stream is asked for that another process took first.
pub(super) const TRIES: u32 = 5;

/// Takes back what went to partners with a parcel, or with every parcel of a list. Gives
/// the partners who will hear of it.
///
/// # Errors
/// There is no such parcel or list, it was taken back before, or its bytes are gone.
pub fn take_back(
    node: &Node,
    of: &str,
    how: (Kind, Reason),
    (actor, now): (Actor, Timestamp),
) -> Result<Vec<String>> {
    let (went, sent) = still_there(node, of)?;
    anyhow::ensure!(went, "no parcel went, of that id or of a list of that id");
    anyhow::ensure!(!sent.is_empty(), "it was taken back before");
    take_all_back(node, &sent, how, (actor, now))?;
    Ok(sent.into_iter().map(|row| row.partner).collect())
}

/// The parcels of that id, or of a list of that id, that were neither taken back nor corrected;
/// and whether there ever were any.
pub(super) fn still_there(node: &Node, of: &str) -> Result<(bool, Vec<Outgoing>)> {
    let outbox = node.store().outgoing_of(of)?;
    let (retractions, mut sent): (Vec<_>, Vec<_>) =
        outbox.into_iter().partition(|row| Kind::named(&row.mode).is_some_and(Kind::takes_back));
    let went = !sent.is_empty();
    let about = |row: &Outgoing| Arrived::read(row.bytes.as_deref()?).ok()?.header().about;
    let mut before: Vec<String> =
        retractions.iter().filter_map(about).map(|p| p.to_string()).collect();
    for list in sent.iter().map(|row| &row.list).collect::<BTreeSet<_>>() {
        for correction in node.store().corrections_of(list)?.into_iter().filter(|c| c.outgoing) {
            // A partner that refused the right list still holds the wrong one.
            let went = node.store().outgoing_of(&correction.parcel)?;
            if went.iter().any(|row| row.parcel == correction.parcel) {
                before.push(correction.earlier);
            }
        }
    }
    sent.retain(|row| !before.contains(&row.parcel));
    Ok((went, sent))
}

/// Takes back what went of the lists of a day whose keys are about to be destroyed: who holds
/// a copy hears of it (Directive (EU) 2016/680, art. 16(6)). What a partner has had to erase
/// by its own clock is left out. Gives how many parcels go.
///
/// # Errors
/// The store, or a partner's keys; nothing was sealed then.
pub fn take_back_day(node: &Node, (scope, day): (&str, Date), now: Timestamp) -> Result<usize> {
    let signed = [node.agreements()?, node.ended()?].concat();
    let signed: HashMap<String, &InForce> =
        signed.iter().map(|agreed| (agreed.id().to_string(), agreed)).collect();
    let today = now.to_zoned(TimeZone::UTC).date();
    let expired = |row: &Outgoing| {
        let agreed = signed.get(&row.agreement)?;
        let to = Country::parse(&row.partner)?;
        let kept = agreed.agreement().direction(node.state(), to)?.retention_days;
        let received = row.receipted_at?.to_zoned(TimeZone::UTC).date();
        Some(received.saturating_add(Span::new().days(i64::from(kept))) <= today)
    };
    let mut sent = Vec::new();
    for list in node.store().ids_under(scope, day)? {
        let (_, rows) = still_there(node, &list)?;
        sent.extend(rows.into_iter().filter(|row| {
            // An answer without data, or what was purged before, has nothing to take back.
            row.bytes.is_some() && row.elements != 0 && !expired(row).unwrap_or(false)
        }));
    }
    for some in sent.chunks(TOGETHER) {
        take_all_back(node, some, (Kind::Erasure, Reason::Expired), (Actor::Node, now))?;
    }
    Ok(sent.len())
}

/// So many retractions are stored in one transaction.
const TOGETHER: usize = 64;

fn take_all_back(
    node: &Node,
    sent: &[Outgoing],
    how: (Kind, Reason),
    (actor, now): (Actor, Timestamp),
) -> Result<()> {
    let mut tries = 1;
    loop {
        let _sealing = node.sealing.lock();
        let (mut batch, mut disclosing) = (Batch::default(), Disclosing::new(node, now)?);
        for row in sent {
            let partner = node.store().partner(&row.partner)?.context("no such partner")?;
            disclosing.take_back((row, how), &partner, &mut batch)?;
        }
        batch.events.iter_mut().for_each(|event| event.actor = actor.clone());
        match node.store().commit(batch) {
            // A node that runs took the number first.
            Err(StoreError::Constraint(_)) if tries < TRIES => tries += 1,
            done => {
                done?;
                return Ok(());
            }
        }
    }
}

/// Asks every partner's agreement about an upheld hit, and seals it where permitted.
pub fn disclose_upheld(node: &Node, id: &str, now: Timestamp) -> Result<()> {
    let store = node.store();
    let hit_row = store.hit(id)?.with_context(|| format!("there is no hit {id}"))?;
    if hit_row.disclosed_at.is_some() {
        return Ok(());
    }
    let row = store.list(&hit_row.list)?.context("a hit without a list")?;
    let list = store.open_list(&row)?;
    let mut batch = Batch::default();
    let _sealing = node.sealing.lock();
    if row.origin == CARRIERS {
        let mut disclosing = Disclosing::new(node, now)?;
        for partner in store.partners()?.iter().filter(|p| p.enabled) {
            disclosing.hit((&row, &hit_row, &list), partner, &mut batch)?;
        }
    }
    batch.changes.push(Change::Disclosed { hit: id.to_owned(), at: now });
    store.commit(batch)?;
    Ok(())
}

impl Disclosing<'_> {
    fn hit(
        &mut self,
        (row, hit_row, list): (&List, &HitRow, &PassengerList),
        partner: &Partner,
        batch: &mut Batch,
    ) -> Result<()> {
        let (node, now) = (self.node, self.now);
        let Some(to) = self.towards(partner) else { return Ok(()) };
        // The review is replayed from the recorded decisions for every partner: an
        // `UpheldHit` is used up by one disclosure.
        let Reviewed::Upheld(upheld) = review(node, hit_row)? else {
            return Ok(());
        };
        let request = |p| Request {
            reviewed: true,
            ..Request::about(list, (node.state(), to), Mode::Hit, p, now)
        };
        let id = Some(&hit_row.id);
        match decide(node, to, &self.agreements, request) {
            Ok(permit) => {
                permitted_event(row, id, &permit, batch, now);
                let render = |l: &PassengerList| render(node, to, l, now);
                let disclosure = Disclosure::hit(upheld, list, permit, &render)?;
                self.seal(partner, disclosure, (row, id), batch)
            }
            Err(refusal) => {
                refused(row, id, Mode::Hit, to, &refusal, batch, now);
                Ok(())
            }
        }
    }
}

/// Asks for each purpose that an agreement names for this direction, in the law's order;
/// the first that is permitted is the one for which it goes. When none is, the refusal is
/// that of the first.
fn decide<'l>(
    node: &Node,
    to: Country,
    agreements: &[InForce],
    request: impl Fn(Purpose) -> Request<'l>,
) -> Result<Permit, Refusal> {
    let directions = agreements.iter().filter_map(|a| a.agreement().direction(node.state(), to));
    let mut purposes: Vec<Purpose> = directions.flat_map(|d| d.purposes.clone()).collect();
    purposes.sort();
    purposes.dedup();
    let mut first = None;
    for purpose in purposes {
        match policy::decide(&request(purpose), agreements, &node.regimes()) {
            Ok(permit) => return Ok(permit),
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    match first {
        Some(refusal) => Err(refusal),
        None => policy::decide(&request(Purpose::Terrorism), agreements, &node.regimes()),
    }
}

/// What a hit's recorded decisions make of it.
fn review(node: &Node, row: &HitRow) -> Result<Reviewed> {
    let store = node.store();
    let hit = Hit::decode(&store.open_hit(row)?)?;
    let mut decisions = Vec::new();
    for d in store.decisions(&row.id)? {
        decisions.push(Decision {
            officer: OfficerId(d.officer.clone()),
            verdict: match d.verdict.as_str() {
                "uphold" => screening::Verdict::Uphold,
                "dismiss" => screening::Verdict::Dismiss,
                other => anyhow::bail!("a decision on the hit {} says {other:?}", row.id),
            },
            reason: store.open_reason(row, &d)?,
            at: d.at,
        });
    }
    Ok(hit.replay(&decisions)?)
}

pub(super) fn permitted_event(
    row: &List,
    hit: Option<&String>,
    permit: &Permit,
    batch: &mut Batch,
    now: Timestamp,
) {
    let event = Event::Permitted {
        list: row.id.clone(),
        partner: permit.to().to_string(),
        agreement: Digest(permit.agreement().0),
        mode: permit.mode().name().to_owned(),
        elements: permit.elements().bits(),
        rules: permit.rules().iter().map(ToString::to_string).collect(),
        hit: hit.cloned(),
    };
    batch.events.push(Logged::new(now, Actor::Node, event));
}

pub(super) fn refused(
    row: &List,
    hit: Option<&String>,
    mode: Mode,
    to: Country,
    refusal: &Refusal,
    batch: &mut Batch,
    now: Timestamp,
) {
    let rules: Vec<String> = refusal.rules.iter().map(ToString::to_string).collect();
    batch.changes.push(Change::Refused(RefusalRow {
        at: now,
        partner: to.to_string(),
        mode: mode.name().to_owned(),
        list: Some(row.id.clone()),
        hit: hit.cloned(),
        rules: rules.join(", "),
        direction: "out".to_owned(),
    }));
    let event = Event::Refused {
        list: row.id.clone(),
        partner: to.to_string(),
        mode: mode.name().to_owned(),
        rules,
        hit: hit.cloned(),
    };
    batch.events.push(Logged::new(now, Actor::Node, event));
}

/// The list as the partner reads it: a PAXLST.
pub(super) fn render(node: &Node, to: Country, list: &PassengerList, now: Timestamp) -> Vec<u8> {
    let utc = now.to_zoned(TimeZone::UTC).datetime();
    let reference = format!("{:x}", now.as_microsecond());
    let envelope = messages::Outgoing {
        sender: node.state().to_string(),
        recipient: to.to_string(),
        reference: reference.chars().rev().take(14).collect(),
        message_reference: "1".to_owned(),
        made_at: utc,
        test: false,
        release: "15B".to_owned(),
    };
    messages::paxlst::write(&list.to_report(), &envelope)
}
