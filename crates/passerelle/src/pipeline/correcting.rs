//! Correcting a record that was wrong: here, and at every partner to whom it went.
//!
//! The right list takes the place of the wrong one in one transaction with what tells partners
//! of it. Whole lists are corrected. A hit is what officers made of the wrong record: it is
//! withdrawn, the right list is screened like any other, and what officers uphold of that goes
//! anew. What was answered or told is withdrawn as well, for an officer chose it. Whoever was
//! told something wrong hears of it without delay (Directive (EU) 2016/680, art. 7(3)).

use anyhow::{Context, Result, ensure};
use audit::{Actor, Event, Logged};
use exchange::{Arrived, Cause, Content, Disclosure, Header, Kind, Reason};
use jiff::{Timestamp, tz::TimeZone};
use messages::MessageType;
use policy::{Mode, Request};
use store::{
    Batch, CARRIERS, Change, Store, StoreError,
    rows::{CorrectionRow, List, Outgoing, Partner},
};
use travel::{Admission, PassengerList};

use super::{
    Provenance,
    disclosing::{Disclosing, TRIES, permitted_event, refused, render, still_there},
    keep, permitted,
};
use crate::node::Node;

/// What a correction came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Corrected {
    /// The list in the place of the wrong one.
    pub list: String,
    /// Partners that get it as well, by state.
    pub corrected: Vec<String>,
    /// Partners from whom something is taken back: a hit, an answer, or what may not go any
    /// more.
    pub withdrawn: Vec<String>,
}

/// Puts the one list of a message in the place of a list that carriers sent, and tells every
/// partner to whom something of that went.
///
/// # Errors
/// There is no such list, it is a partner's, or is gone; the message holds no one list of the
/// same flight and dataset; it is masked; the store refuses.
pub fn correct(
    node: &Node,
    id: &str,
    (message, cause): (&[u8], Cause),
    (actor, now): (Actor, Timestamp),
) -> Result<Corrected> {
    let wrong = node.store().list(id)?.with_context(|| format!("there is no list {id}"))?;
    ensure!(
        wrong.origin == CARRIERS,
        "the list {id} came from {}, which alone can correct it: ask it to",
        wrong.origin
    );
    let there = |row: &List| -> Result<()> {
        ensure!(!row.sealed.is_empty(), "the list {id} was replaced, taken back or erased before");
        let masked = row.mask_due.is_some_and(|due| due <= now.to_zoned(TimeZone::UTC).date());
        ensure!(
            !masked,
            "the list {id} is masked, and goes nowhere any more: take it back instead"
        );
        Ok(())
    };
    there(&wrong)?;
    let list = read(node, message, now)?;
    let key = |list: &PassengerList| (list.flight().key(), super::dataset_name(list.dataset()));
    let (flight, dataset) = key(&list);
    ensure!(
        (flight.as_str(), dataset) == (wrong.flight.as_str(), wrong.dataset.as_str()),
        "the message is about {flight} ({dataset}), the list {id} about {} ({}): take that back \
         instead, and let the carrier send the other",
        wrong.flight,
        wrong.dataset
    );
    let from = Provenance { submission: None, parcel: None, agreed: None };
    let (right, kept) = keep(node, &list, CARRIERS, from, now)?;
    let mut tries = 1;
    loop {
        let _sealing = node.sealing.lock();
        // Another correction may have been first.
        there(&node.store().list(id)?.with_context(|| format!("there is no list {id}"))?)?;
        let mut batch = Batch::default();
        batch.events.push(Logged::new(now, actor.clone(), kept.clone()));
        batch.changes.push(Change::List(right.clone()));
        batch.changes.push(Change::TakeBack { list: wrong.id.clone(), at: now });
        batch.events.push(Logged::new(now, actor.clone(), corrected(&wrong, &right, cause)));
        let disclosing = Disclosing::new(node, now)?;
        let of = Correcting { node, wrong: &wrong, right: &right, list: &list, cause, now };
        let done = of.everywhere(disclosing, &mut batch)?;
        batch.events.iter_mut().for_each(|event| event.actor = actor.clone());
        match node.store().commit(batch) {
            // A node that runs took the number first.
            Err(StoreError::Constraint(_)) if tries < TRIES => tries += 1,
            outcome => {
                outcome?;
                return Ok(done);
            }
        }
    }
}

/// That the one stands in the place of the other, whether anybody was told of it or not.
fn corrected(wrong: &List, right: &List, cause: Cause) -> Event {
    Event::ListCorrected {
        replaced: wrong.id.clone(),
        list: right.id.clone(),
        cause: cause.name().to_owned(),
    }
}

/// What a parcel is judged as: a correction as what the first was that it corrects, any other as
/// itself. Nothing where that is not known.
///
/// # Errors
/// The store.
pub(crate) fn counts_as(
    store: &Store,
    (partner, parcel): (&str, &str),
    kind: Kind,
) -> Result<Option<Kind>, StoreError> {
    if kind != Kind::Correction {
        return Ok(Some(kind));
    }
    let row = store.correction(partner, parcel)?;
    Ok(row.and_then(|row| Kind::named(&row.mode)))
}

/// The one list of a message, with what the state may keep of it.
fn read(node: &Node, message: &[u8], now: Timestamp) -> Result<PassengerList> {
    let reading = node.config().understand(message, now.to_zoned(TimeZone::UTC).date())?;
    let is_list = |kind: &MessageType| matches!(kind, MessageType::Paxlst | MessageType::Pnrgov);
    let whole = reading.messages.iter().all(|m| is_list(&m.kind) && !m.cut_off);
    let [only] = reading.messages.as_slice() else {
        anyhow::bail!("it holds {} messages, where one whole list belongs", reading.messages.len())
    };
    ensure!(whole && only.series.is_none(), "it holds no whole passenger list or booking records");
    let admission = Admission {
        state: node.state(),
        permitted: permitted(node),
        received_at: now,
        must_touch: true,
    };
    PassengerList::admit(only.report.clone(), &admission)
        .map_err(|rejection| anyhow::anyhow!("it would not be taken from a carrier: {rejection}"))
}

struct Correcting<'c> {
    node: &'c Node,
    wrong: &'c List,
    right: &'c List,
    list: &'c PassengerList,
    cause: Cause,
    now: Timestamp,
}

impl Correcting<'_> {
    fn everywhere(&self, mut disclosing: Disclosing<'_>, batch: &mut Batch) -> Result<Corrected> {
        let (_, sent) = still_there(self.node, &self.wrong.id)?;
        let mut done = Corrected { list: self.right.id.clone(), ..Corrected::default() };
        // An answer without data tells nobody anything that could be wrong.
        for row in sent.iter().filter(|row| row.elements != 0) {
            let partner = self.node.store().partner(&row.partner)?.context("no such partner")?;
            let there = match self.at_partner(row, &partner, &mut disclosing, batch)? {
                true => &mut done.corrected,
                false => &mut done.withdrawn,
            };
            there.push(partner.state);
        }
        for partners in [&mut done.corrected, &mut done.withdrawn] {
            partners.sort();
            partners.dedup();
        }
        Ok(done)
    }

    /// Whether what went with a parcel is corrected; else it is taken back.
    fn at_partner(
        &self,
        row: &Outgoing,
        partner: &Partner,
        disclosing: &mut Disclosing<'_>,
        batch: &mut Batch,
    ) -> Result<bool> {
        let bytes = row.bytes.as_deref().context("its bytes were erased with its day's key")?;
        let earlier = Arrived::read(bytes)?.header().clone();
        let of = (row.partner.as_str(), row.parcel.as_str());
        let kind = counts_as(self.node.store(), of, earlier.kind)?;
        let kind = kind.context("a correction without its row")?;
        let withdrawn = (Kind::Withdrawal, Reason::Mistake);
        if kind != Kind::List {
            disclosing.take_back((row, withdrawn), partner, batch)?;
            return Ok(false);
        }
        let (from, to) = (earlier.from, earlier.to);
        let request = Request::about(self.list, (from, to), Mode::List, earlier.purpose, self.now);
        let permit = match policy::decide(&request, &disclosing.agreements, &self.node.regimes()) {
            Ok(permit) => permit,
            Err(refusal) => {
                refused(self.right, None, Mode::List, to, &refusal, batch, self.now);
                disclosing.take_back((row, withdrawn), partner, batch)?;
                return Ok(false);
            }
        };
        permitted_event(self.right, None, &permit, batch, self.now);
        let anew = permit.agreement() != earlier.agreement;
        let rendered = |l: &PassengerList| render(self.node, to, l, self.now);
        let disclosure = Disclosure::list(self.list, permit, &rendered)?;
        if anew {
            // What went under a version that has ended is not of the stream of the new one: the
            // old record goes, and the right one comes as a list of its own.
            disclosing.take_back((row, withdrawn), partner, batch)?;
            disclosing.send(disclosure, partner, (&self.right.id, None), batch)?;
            return Ok(true);
        }
        let content = Content::correction(disclosure, (&earlier, kind), self.cause)?;
        let (header, _) = disclosing.send(content, partner, (&self.right.id, None), batch)?;
        self.note(&header, (row, kind), batch);
        Ok(true)
    }

    fn note(&self, header: &Header, (earlier, kind): (&Outgoing, Kind), batch: &mut Batch) {
        let row = CorrectionRow {
            partner: earlier.partner.clone(),
            parcel: header.parcel.to_string(),
            earlier: earlier.parcel.clone(),
            outgoing: true,
            mode: kind.name().to_owned(),
            cause: self.cause.name().to_owned(),
            replaced: self.wrong.id.clone(),
            list: self.right.id.clone(),
            believed_from: self.wrong.received_at,
            at: self.now,
        };
        let event = Event::Corrected {
            partner: row.partner.clone(),
            parcel: row.parcel.clone(),
            earlier: row.earlier.clone(),
            cause: row.cause.clone(),
            replaced: row.replaced.clone(),
            list: row.list.clone(),
        };
        batch.events.push(Logged::new(self.now, Actor::Node, event));
        batch.changes.push(Change::Correction(row));
    }
}
