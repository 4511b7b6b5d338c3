//! The hit queue, and one hit with its evidence. What officers decide is in `decisions.rs`.

use audit::Event;
use jiff::Timestamp;
use screening::Hit;
use serde::{Deserialize, Serialize};
use store::rows::{DecisionRow, HitRow, List};

use crate::{
    Api, Caller, Error, OpenedRecord, Operation, Place,
    flights::{country, is_waiting, local},
    records::record,
};

/// Which part of the queue is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueState {
    /// Open, and upheld by the first of two officers.
    #[default]
    Waiting,
    /// Nobody has decided.
    Open,
    /// Upheld by the first of two officers.
    Half,
    /// Upheld.
    Upheld,
    /// Dismissed.
    Dismissed,
}

impl QueueState {
    /// Every part, in the order of the console's tabs.
    pub const ALL: [QueueState; 5] =
        [Self::Waiting, Self::Open, Self::Half, Self::Upheld, Self::Dismissed];

    /// The name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Half => "half",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        }
    }

    /// The part of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    pub(crate) fn rows(self) -> &'static [&'static str] {
        match self {
            Self::Waiting => &["open", "half"],
            Self::Open => &["open"],
            Self::Half => &["half"],
            Self::Upheld => &["upheld"],
            Self::Dismissed => &["dismissed"],
        }
    }
}

/// One hit in the queue.
#[derive(Clone, Serialize)]
pub struct HitLine {
    /// Its id.
    pub id: String,
    /// `open`, `half`, `upheld`, `dismissed`.
    pub state: String,
    /// `hit` or `possible`.
    pub band: String,
    /// How many officers have to uphold it.
    pub needs: u32,
    /// Weight of the evidence, in nats.
    pub nats: f64,
    /// One traveller in so many would match this entry by chance, or met the criterion when
    /// it was tried.
    pub one_in: u64,
    /// Whether it was criteria that raised it, and no watchlist.
    pub by_criteria: bool,
    /// Whether it is a document that is listed, and no person.
    pub of_documents: bool,
    /// The traveller's name as written.
    pub traveller: String,
    /// The list entry's name.
    pub entry: String,
    /// The watchlist.
    pub watchlist: String,
    /// The flight's key.
    pub key: String,
    /// The flight.
    pub flight: String,
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// When it departs.
    pub departs_at: Option<Timestamp>,
    /// The same on the airport's clocks.
    pub departs_local: String,
    /// Who sent the list: `carrier`, or a partner's state.
    pub origin: String,
    /// When screening raised it.
    pub raised_at: Timestamp,
    /// The first officer, when one of two has upheld it.
    pub first_officer: Option<String>,
}

/// A page of the queue.
#[derive(Clone, Serialize)]
pub struct HitQueue {
    /// Those that depart soonest first.
    pub hits: Vec<HitLine>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A line of the evidence, as the ledger has it.
#[derive(Clone, Serialize)]
pub struct EvidenceLine {
    /// What was compared.
    pub feature: String,
    /// What the traveller has.
    pub traveller: String,
    /// What the entry has.
    pub entry: String,
    /// How the two stand to each other.
    pub relation: String,
    /// The weight: positive speaks for the same person, negative against.
    pub nats: f64,
}

/// A decision.
#[derive(Clone, Serialize)]
pub struct DecisionView {
    /// 1 for the first.
    pub ordinal: u32,
    /// Who.
    pub officer: String,
    /// `uphold` or `dismiss`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// One hit.
#[derive(Clone, Serialize)]
pub struct HitPage {
    /// What the queue says of it.
    pub line: HitLine,
    /// The list that the traveller is on.
    pub list: String,
    /// The traveller's record.
    pub record: OpenedRecord,
    /// Version of the watchlist.
    pub list_version: String,
    /// Id of the entry on it.
    pub entry_id: String,
    /// The alias that matched.
    pub alias: String,
    /// What the list says of that alias.
    pub alias_quality: String,
    /// Why the entry is on the list.
    pub entry_reason: String,
    /// Its birth dates, in words.
    pub entry_birth_dates: Vec<String>,
    /// Its nationalities.
    pub entry_nationalities: Vec<String>,
    /// How many documents it has.
    pub entry_documents: u32,
    /// What would settle it, in a sentence.
    pub would_settle: &'static str,
    /// The probability that it is the same person.
    pub probability: f64,
    /// The evidence, line by line.
    pub evidence: Vec<EvidenceLine>,
    /// Decisions so far.
    pub decisions: Vec<DecisionView>,
    /// Whether the caller may decide now.
    pub may_decide: bool,
    /// Why not.
    pub why_not: Option<&'static str>,
    /// When partners' agreements were asked about it.
    pub disclosed_at: Option<Timestamp>,
    /// The parcels that went to partners.
    pub disclosed_to: Vec<(String, String)>,
}

impl Api {
    /// A page of the queue, the soonest departure first, after the given hit.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn hits(
        &self,
        caller: &Caller,
        state: QueueState,
        (after, limit): (Option<&str>, u32),
    ) -> Result<HitQueue, Error> {
        caller.demand(Operation::Hits)?;
        let limit = limit.clamp(1, 200);
        let mut rows = self.store.hits_in(state.rows(), after, limit + 1)?;
        let more = rows.len() as u32 > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|r| r.id.clone());
        let mut hits = Vec::with_capacity(rows.len());
        for row in &rows {
            match self.opened(row) {
                Ok(opened) => hits.push(opened.line()),
                // The day was erased between two pages; nobody can decide on it now.
                Err(Error::Gone(_)) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(HitQueue { hits, next })
    }

    /// One hit, with everything that an officer decides by. That it was looked at is
    /// in the log first.
    ///
    /// # Errors
    /// No such hit; rights; the store.
    pub fn hit(&self, caller: &Caller, id: &str, at: Timestamp) -> Result<HitPage, Error> {
        caller.demand(Operation::Hit)?;
        let row = self.hit_row(id)?;
        let opened = self.opened(&row)?;
        let looked = Event::RecordOpened {
            list: row.list.clone(),
            traveller: Some(row.traveller),
            purpose: "hit_review".to_owned(),
        };
        self.commit(caller, Vec::new(), vec![looked], at)?;
        opened.page(self, caller)
    }

    pub(crate) fn hit_row(&self, id: &str) -> Result<HitRow, Error> {
        self.store.hit(id)?.ok_or_else(|| Error::Missing { what: "hit", id: id.to_owned() })
    }

    fn opened<'a>(&self, row: &'a HitRow) -> Result<Opened<'a>, Error> {
        let (list, passengers) = self.traveller(&row.list, row.traveller)?;
        let hit = decode(&self.store.open_hit(row)?)?;
        let record = record(&list, &passengers, row.traveller);
        let decisions = self.store.decisions(&row.id)?;
        Ok(Opened { row, list, hit, record, decisions })
    }
}

fn nationality(code: &str) -> String {
    country(travel::Country::parse(code)).replace("()", code)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Hit, Error> {
    Hit::decode(bytes).map_err(|_| Error::Ours("a stored hit is not in its form".into()))
}

/// A hit with all that hangs on it.
struct Opened<'a> {
    row: &'a HitRow,
    list: List,
    hit: Hit,
    record: OpenedRecord,
    decisions: Vec<DecisionRow>,
}

impl Opened<'_> {
    fn line(&self) -> HitLine {
        let (row, list) = (self.row, &self.list);
        let first = self.decisions.first().filter(|_| row.state == "half");
        HitLine {
            id: row.id.clone(),
            state: row.state.clone(),
            band: row.band.clone(),
            needs: if row.band == "hit" { 2 } else { 1 },
            nats: row.nats,
            one_in: self.hit.one_in,
            by_criteria: row.watchlist.starts_with(screening::criteria::PREFIX),
            of_documents: self.hit.entry.of_documents,
            traveller: self.record.name.clone(),
            entry: self.hit.entry.name.clone(),
            watchlist: row.watchlist.clone(),
            key: list.flight.clone(),
            flight: format!("{}{}", list.carrier, list.number),
            from: Place::of(&list.origin_airport),
            to: Place::of(&list.destination),
            departs_at: row.departs_at,
            departs_local: local(row.departs_at, &list.origin_airport),
            origin: list.origin.clone(),
            raised_at: row.raised_at,
            first_officer: first.map(|d| d.officer.clone()),
        }
    }

    fn page(self, api: &Api, caller: &Caller) -> Result<HitPage, Error> {
        let line = self.line();
        let mut decisions = Vec::new();
        for d in &self.decisions {
            decisions.push(DecisionView {
                ordinal: d.ordinal,
                officer: d.officer.clone(),
                verdict: d.verdict.clone(),
                reason: api.store.open_reason(self.row, d)?,
                at: d.at,
            });
        }
        let why_not = self.why_not(caller);
        let evidence = self.hit.evidence.iter().map(evidence).collect();
        let disclosed_to = api.parcels_of_hit(&self.row.id)?;
        let would_settle = self.hit.would_settle();
        let entry = self.hit.entry;
        Ok(HitPage {
            line,
            list: self.row.list.clone(),
            record: self.record,
            list_version: entry.list_version,
            entry_id: entry.id,
            alias: entry.alias,
            alias_quality: format!("{:?}", entry.alias_quality).to_lowercase(),
            entry_reason: entry.reason,
            entry_birth_dates: entry.birth_dates,
            entry_nationalities: entry.nationalities.iter().map(|n| nationality(n)).collect(),
            entry_documents: entry.documents,
            would_settle,
            probability: self.hit.probability,
            evidence,
            decisions,
            may_decide: why_not.is_none(),
            why_not,
            disclosed_at: self.row.disclosed_at,
            disclosed_to,
        })
    }

    fn why_not(&self, caller: &Caller) -> Option<&'static str> {
        if !is_waiting(self.row) {
            return Some("This hit is decided.");
        }
        if !caller.may(Operation::Decide) {
            return Some("Your role reads hits and does not decide on them.");
        }
        let own = self.decisions.iter().any(|d| d.officer == caller.officer());
        own.then_some("You made the first decision. The second is another officer's.")
    }
}

fn evidence(e: &screening::Evidence) -> EvidenceLine {
    EvidenceLine {
        feature: e.feature.to_string(),
        traveller: e.traveller.clone(),
        entry: e.entry.clone(),
        relation: e.relation.to_string(),
        nats: e.nats,
    }
}
