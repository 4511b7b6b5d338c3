//! An officer's decision on a hit.
//!
//! Nothing here makes a hit upheld but the types of crate `screening`: the stored
//! decisions are applied again through them, then the new one. Band `hit` takes two
//! different officers.

use audit::{Digest, Event};
use jiff::Timestamp;
use screening::{Decision, OfficerId, Reason, Reviewed, UpheldHit, Upholding};
use serde::{Deserialize, Serialize};
use store::{
    Change, StoreError,
    rows::{DecisionRow, HitRow},
};

use crate::{Api, Caller, Error, Operation, batch, flights::checked_reason, hits::decode};

/// What an officer says about a hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is the same person.
    Uphold,
    /// It is somebody else.
    Dismiss,
}

impl Verdict {
    /// As it stands in rows and events.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Uphold => "uphold",
            Verdict::Dismiss => "dismiss",
        }
    }

    /// The verdict of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Verdict::Uphold, Verdict::Dismiss].into_iter().find(|v| v.name() == name)
    }
}

/// What a decision led to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Decided {
    /// The hit.
    pub hit: String,
    /// `half`, `upheld` or `dismissed`.
    pub state: &'static str,
}

impl Api {
    /// Upholds or dismisses a hit.
    ///
    /// # Errors
    /// No reason; decided already; the second officer is the first; rights; the store.
    pub fn decide(
        &self,
        caller: &Caller,
        id: &str,
        (verdict, reason): (Verdict, &str),
        at: Timestamp,
    ) -> Result<Decided, Error> {
        caller.demand(Operation::Decide)?;
        let text = checked_reason("reason", reason)?;
        let reason = Reason::new(&text)
            .map_err(|e| Error::Invalid { field: "reason", text: e.to_string() })?;
        let row = self.hit_row(id)?;
        let before = self.store.decisions(id)?;
        let hit = decode(&self.store.open_hit(&row)?)?;
        let reviewed = hit.replay(&self.said(&row, &before)?)?;
        let officer = OfficerId(caller.officer().to_owned());
        let after = apply(reviewed, verdict, (officer, reason, at))?;

        let ordinal = before.len() as u32 + 1;
        let (origin, day) = self.store.list_day(&row.list)?;
        let sealed_as = format!("{id}/{ordinal}");
        let sealed =
            self.store.seal((&origin, day), ("reason", &sealed_as), text.as_bytes(), at)?;
        let mut events = vec![Event::DecisionMade {
            hit: id.to_owned(),
            ordinal,
            verdict: verdict.name().to_owned(),
            // Of the sealed form: the log outlives the reason, and must not let
            // anybody guess at it.
            reason: Digest::of(&sealed),
        }];
        events.extend(after.event(id, ordinal));
        let decision = DecisionRow {
            hit: id.to_owned(),
            ordinal,
            officer: caller.officer().to_owned(),
            verdict: verdict.name().to_owned(),
            reason: sealed,
            at,
        };
        let state = after.state();
        let change = Change::Decision { decision, state: state.to_owned() };
        let mut changes = vec![change];
        if matches!(after, After::Dismissed) {
            let (cleared, event) = self.cleared(&row, at)?.unzip();
            changes.extend(cleared);
            events.extend(event);
        }
        let mut decided = batch(caller, changes, events, at);
        decided.rests_on(&origin, day);
        match after {
            After::Upheld(upheld) => self.after.disclose(*upheld, &row, decided, at)?,
            After::Half | After::Dismissed => self.store.commit(decided)?,
        };
        Ok(Decided { hit: id.to_owned(), state })
    }

    /// What keeps a dismissed pair from coming back until the list that it was found on
    /// is due to go (EU-28). `None` for a hit of a time when pairs were not kept.
    fn cleared(&self, row: &HitRow, at: Timestamp) -> Result<Option<(Change, Event)>, Error> {
        let (Some(pair), Some(list)) = (&row.pair, self.store.list(&row.list)?) else {
            return Ok(None);
        };
        let until = list.keep_until;
        let event = Event::PairCleared { hit: row.id.clone(), until: until.to_string() };
        let change = Change::Cleared {
            pair: pair.clone(),
            entry_version: row.entry_version.clone(),
            hit: row.id.clone(),
            until,
            at,
        };
        Ok(Some((change, event)))
    }

    fn said(&self, row: &HitRow, decisions: &[DecisionRow]) -> Result<Vec<Decision>, Error> {
        said(&self.store, row, decisions).map_err(Error::from)
    }
}

/// Reads a stored hit and applies its decisions again, through the same functions as
/// when they were made: the pipeline's way to a hit that was upheld before a restart.
///
/// # Errors
/// There is no such hit, it cannot be opened, or its decisions do not fit.
pub fn reviewed(store: &store::Store, row: &HitRow) -> Result<Reviewed, Error> {
    let decisions = store.decisions(&row.id)?;
    let hit = decode(&store.open_hit(row)?)?;
    Ok(hit.replay(&said(store, row, &decisions)?)?)
}

fn said(
    store: &store::Store,
    row: &HitRow,
    decisions: &[DecisionRow],
) -> Result<Vec<Decision>, StoreError> {
    let mut all = Vec::with_capacity(decisions.len());
    for d in decisions {
        let verdict = match d.verdict.as_str() {
            "uphold" => screening::Verdict::Uphold,
            "dismiss" => screening::Verdict::Dismiss,
            other => return Err(StoreError::Conflict(format!("a decision says {other:?}"))),
        };
        let reason = store.open_reason(row, d)?;
        all.push(Decision { officer: OfficerId(d.officer.clone()), verdict, reason, at: d.at });
    }
    Ok(all)
}

/// Where a hit stands after a decision.
enum After {
    Half,
    Upheld(Box<UpheldHit>),
    Dismissed,
}

impl After {
    fn state(&self) -> &'static str {
        match self {
            After::Half => "half",
            After::Upheld(_) => "upheld",
            After::Dismissed => "dismissed",
        }
    }

    fn event(&self, hit: &str, officers: u32) -> Option<Event> {
        let hit = hit.to_owned();
        match self {
            After::Half => None,
            After::Upheld(_) => Some(Event::HitUpheld { hit, officers }),
            After::Dismissed => Some(Event::HitDismissed { hit }),
        }
    }
}

fn apply(
    reviewed: Reviewed,
    verdict: Verdict,
    (officer, reason, at): (OfficerId, Reason, Timestamp),
) -> Result<After, Error> {
    match (reviewed, verdict) {
        (Reviewed::Open(hit), Verdict::Uphold) => match hit.uphold(officer, reason, at) {
            Upholding::Upheld(upheld) => Ok(After::Upheld(Box::new(upheld))),
            Upholding::NeedsSecond(_) => Ok(After::Half),
        },
        (Reviewed::Open(hit), Verdict::Dismiss) => {
            hit.dismiss(officer, reason, at);
            Ok(After::Dismissed)
        }
        (Reviewed::HalfUpheld(half), Verdict::Uphold) => half
            .confirm(officer, reason, at)
            .map(|upheld| After::Upheld(Box::new(upheld)))
            .map_err(|_| Error::SameOfficer),
        (Reviewed::HalfUpheld(half), Verdict::Dismiss) => {
            half.dismiss(officer, reason, at);
            Ok(After::Dismissed)
        }
        (Reviewed::Upheld(_) | Reviewed::Dismissed(_), _) => Err(Error::Decided),
    }
}
