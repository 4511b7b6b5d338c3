//! Partners and their streams, and what they disclosed to us.

use std::collections::HashMap;

use audit::{Actor, Event, Logged};
use exchange::{Ground, Kind, PublicKeys, Reason};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use store::{
    Batch, Change,
    rows::{Partner, ReceivedHit, RefusalRow},
};
use travel::Country;

use crate::{
    Api, Caller, Error, OpenedRecord, Operation, Place,
    flights::local,
    queries::{self, StreamTotals},
    records::record,
};

const HOURS: i64 = 24;

/// One direction of an agreement with a partner.
#[derive(Clone, Debug, Serialize)]
pub struct StreamView {
    /// The agreement, hexadecimal.
    pub agreement: String,
    /// Whether it goes to the partner.
    pub outgoing: bool,
    /// Parcels so far.
    pub parcels: u64,
    /// Number of the last one.
    pub last_sequence: u64,
    /// Numbers that are missing before the last one.
    pub gaps: u64,
    /// Parcels that wait for a receipt.
    pub queued: u64,
    /// Since when the oldest of them waits.
    pub waiting_since: Option<Timestamp>,
    /// Parcels that were refused.
    pub refused: u64,
    /// The last receipt, or the last parcel taken.
    pub last_at: Option<Timestamp>,
    /// Why nothing more is taken, when it was stopped.
    pub stopped: Option<String>,
}

/// A partner.
#[derive(Clone, Debug, Serialize)]
pub struct PartnerView {
    /// ICAO code.
    pub state: String,
    /// Its name.
    pub name: String,
    /// Where its node takes parcels.
    pub url: String,
    /// Digest of its public keys, hexadecimal; empty when they cannot be read.
    pub keys: String,
    /// SHA-256 of the certificate that it shows.
    pub certificate: String,
    /// Since when it is trusted.
    pub added_at: Timestamp,
    /// Whether anything is sent or taken.
    pub enabled: bool,
    /// What it answered last.
    pub last_answer: Option<String>,
    /// When.
    pub last_answer_at: Option<Timestamp>,
    /// Its streams.
    pub streams: Vec<StreamView>,
    /// Parcels sent in each of the last 24 hours, the oldest first.
    pub sent_by_hour: Vec<u64>,
    /// Parcels received in each of them.
    pub received_by_hour: Vec<u64>,
}

/// Something that was not sent, or not taken.
#[derive(Clone, Debug, Serialize)]
pub struct RefusalLine {
    /// When.
    pub at: Timestamp,
    /// The partner.
    pub partner: String,
    /// Whether it would have gone out.
    pub outgoing: bool,
    /// `list` or `hit`.
    pub mode: String,
    /// The flight and its key, when it is known.
    pub flight: Option<(String, String)>,
    /// The rules that refused it, with what they say.
    pub rules: Vec<(String, String)>,
}

/// A hit that a partner disclosed.
#[derive(Clone, Serialize)]
pub struct ReceivedLine {
    /// Its id.
    pub id: String,
    /// The partner.
    pub partner: String,
    /// When it came.
    pub received_at: Timestamp,
    /// The flight.
    pub flight: String,
    /// Its key.
    pub key: String,
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// Departure on the airport's clocks.
    pub departs_local: String,
    /// Who opened it first.
    pub seen_by: Option<String>,
}

/// A partner's hit, opened.
#[derive(Clone, Serialize)]
pub struct ReceivedPage {
    /// What the table says of it.
    pub line: ReceivedLine,
    /// The one traveller.
    pub record: OpenedRecord,
    /// The partner's watchlist.
    pub watchlist: String,
    /// Its version.
    pub list_version: String,
    /// Id of the entry.
    pub entry: String,
    /// Why the entry is on the list.
    pub reason: String,
    /// `hit` or `possible`.
    pub band: String,
    /// One traveller in so many would match by chance.
    pub one_in: u64,
    /// What was compared, how it stood, and its weight.
    pub evidence: Vec<(String, String, f64)>,
    /// How many officers upheld it there.
    pub officers: u32,
    /// When the last of them did.
    pub decided_at: Timestamp,
    /// The parcel with which it came.
    pub parcel: String,
    /// The first day on which it must be gone.
    pub keep_until: Date,
}

/// What went out, what came in, and which incoming streams there are.
type Streams<'a> = (&'a [StreamTotals], &'a [StreamTotals], &'a HashMap<String, Option<String>>);

pub(crate) fn name_of(state: &str) -> String {
    Country::parse(state).and_then(|c| c.name()).unwrap_or(state).to_owned()
}

impl Api {
    pub(crate) fn parcels_of_hit(&self, hit: &str) -> Result<Vec<(String, String)>, Error> {
        Ok(queries::parcels_of_hit(&self.store, hit)?)
    }

    /// Every partner with its streams.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn partners(&self, caller: &Caller, at: Timestamp) -> Result<Vec<PartnerView>, Error> {
        caller.demand(Operation::Partners)?;
        let out = queries::outgoing(&self.store)?;
        let mut inc = queries::incoming(&self.store)?;
        // A stream may be stopped by the first parcel that came on it.
        let streams = queries::streams_in(&self.store)?;
        for a in self.store.agreements()? {
            if !inc.iter().any(|t| t.agreement == a.id) && streams.contains_key(&a.id) {
                let (partner, agreement) = (a.partner, a.id);
                inc.push(StreamTotals { partner, agreement, ..StreamTotals::default() });
            }
        }
        let partners = self.store.partners()?;
        partners.into_iter().map(|p| self.partner_view(p, (&out, &inc, &streams), at)).collect()
    }

    fn partner_view(
        &self,
        p: Partner,
        (out, inc, stopped): Streams<'_>,
        at: Timestamp,
    ) -> Result<PartnerView, Error> {
        let own = |t: &&StreamTotals| t.partner == p.state;
        let mut streams: Vec<StreamView> =
            out.iter().filter(own).map(|t| stream(t, true, None)).collect();
        for t in inc.iter().filter(own) {
            streams.push(stream(t, false, stopped.get(&t.agreement).cloned().flatten()));
        }
        streams.sort_by(|a, b| (&a.agreement, !a.outgoing).cmp(&(&b.agreement, !b.outgoing)));
        let range = (at, HOURS);
        Ok(PartnerView {
            sent_by_hour: queries::sent_by_hour(&self.store, &p.state, range)?,
            received_by_hour: queries::received_by_hour(&self.store, &p.state, range)?,
            keys: PublicKeys::decode(&p.keys).map_or(String::new(), |k| k.digest().to_string()),
            certificate: p.certificate,
            added_at: p.added_at,
            state: p.state,
            name: p.name,
            url: p.url,
            enabled: p.enabled,
            last_answer: p.last_answer,
            last_answer_at: p.last_answer_at,
            streams,
        })
    }

    /// Takes back what went to partners with a parcel, or of a list: it is gone there once
    /// they have receipted that. Gives the partners who will hear of it.
    ///
    /// # Errors
    /// No such reason; nothing of that id went, or it was taken back before; rights; the
    /// store.
    pub fn recall(
        &self,
        caller: &Caller,
        id: &str,
        (erase, reason): (bool, &str),
        at: Timestamp,
    ) -> Result<Vec<String>, Error> {
        caller.demand(Operation::Recall)?;
        let reason = Reason::named(reason).ok_or_else(|| {
            let words = Reason::ALL.map(Reason::name).join(", ");
            Error::Invalid { field: "reason", text: format!("Say why, one of: {words}.") }
        })?;
        let kind = if erase { Kind::Erasure } else { Kind::Withdrawal };
        self.office.recall(id.trim(), (kind, reason), caller.officer(), at)
    }

    /// What was refused last, with the rules that refused it.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn refusals(&self, caller: &Caller, limit: u32) -> Result<Vec<RefusalLine>, Error> {
        caller.demand(Operation::Partners)?;
        let rows = self.store.refusals(limit.min(500))?;
        rows.into_iter().map(|r| self.refusal_line(r)).collect()
    }

    fn refusal_line(&self, r: RefusalRow) -> Result<RefusalLine, Error> {
        let list = match &r.list {
            Some(id) => self.store.list(id)?,
            None => None,
        };
        Ok(RefusalLine {
            at: r.at,
            partner: r.partner,
            outgoing: r.direction == "out",
            mode: r.mode,
            flight: list.map(|l| (format!("{}{}", l.carrier, l.number), l.flight)),
            rules: r.rules.split(',').map(|id| (id.trim().to_owned(), rule_words(id))).collect(),
        })
    }

    /// Hits that partners disclosed, the newest first. Nobody is named yet.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn received_hits(&self, caller: &Caller, limit: u32) -> Result<Vec<ReceivedLine>, Error> {
        caller.demand(Operation::ReceivedHits)?;
        let rows = self.store.received_hits(limit.min(500))?;
        rows.iter().map(|r| self.received_line(r)).collect()
    }

    fn received_line(&self, r: &ReceivedHit) -> Result<ReceivedLine, Error> {
        let missing = || Error::Missing { what: "list", id: r.list.clone() };
        let list = self.store.list(&r.list)?.ok_or_else(missing)?;
        Ok(ReceivedLine {
            id: r.id.clone(),
            partner: r.partner.clone(),
            received_at: r.received_at,
            flight: format!("{}{}", list.carrier, list.number),
            from: Place::of(&list.origin_airport),
            to: Place::of(&list.destination),
            departs_local: local(list.departs_at, &list.origin_airport),
            key: list.flight,
            seen_by: r.seen_by.clone(),
        })
    }

    /// Opens a hit that a partner disclosed, with the ground on which it came. That it
    /// was opened is in the log first.
    ///
    /// # Errors
    /// No such hit; rights; the store.
    pub fn received_hit(
        &self,
        caller: &Caller,
        id: &str,
        at: Timestamp,
    ) -> Result<ReceivedPage, Error> {
        caller.demand(Operation::ReceivedHit)?;
        let missing = || Error::Missing { what: "received hit", id: id.to_owned() };
        let row = self.store.received_hit(id)?.ok_or_else(missing)?;
        let (list, passengers) = self.traveller(&row.list, 0)?;
        let ground = Ground::decode(&self.store.open_ground(&row)?)
            .ok_or(Error::Ours("the ground of a received hit is not in its form".into()))?;
        let seen =
            Change::ReceivedHitSeen { id: row.id.clone(), officer: caller.officer().into(), at };
        let event = Event::RecordOpened {
            list: row.list.clone(),
            traveller: Some(0),
            purpose: "hit_review".to_owned(),
        };
        let by = Actor::Officer(caller.officer().to_owned());
        self.store.commit(Batch::new(vec![seen], vec![Logged::new(at, by, event)]))?;
        Ok(ReceivedPage {
            line: self.received_line(&row)?,
            record: record(&list, &passengers, 0),
            watchlist: ground.list,
            list_version: ground.list_version,
            entry: ground.entry,
            reason: ground.reason,
            band: ground.band,
            one_in: ground.one_in,
            evidence: ground
                .evidence
                .into_iter()
                .map(|l| (l.feature, l.relation, l.nats))
                .collect(),
            officers: ground.officers,
            decided_at: ground.decided_at,
            parcel: row.parcel,
            keep_until: list.keep_until,
        })
    }
}

/// Why something may be taken back, as forms offer it.
pub fn recall_reasons() -> Vec<&'static str> {
    Reason::ALL.map(Reason::name).to_vec()
}

fn stream(t: &StreamTotals, outgoing: bool, stopped: Option<String>) -> StreamView {
    StreamView {
        agreement: t.agreement.clone(),
        outgoing,
        parcels: t.parcels,
        last_sequence: t.last_sequence,
        gaps: if outgoing { 0 } else { t.last_sequence.saturating_sub(t.parcels) },
        queued: t.pending,
        waiting_since: t.oldest_pending,
        refused: t.refused,
        last_at: t.last_at,
        stopped,
    }
}

fn rule_words(id: &str) -> String {
    policy::RuleId::named(id.trim()).map_or("", |r| r.sentence()).to_owned()
}
