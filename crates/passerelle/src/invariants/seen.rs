//! One node at one moment: its rows, and what its log says of them.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use audit::{Actor, Event, Logged, Verification};
use policy::PartyKeys;
use store::inspect::{
    Inspector, SeenAgreement, SeenAlarm, SeenDecision, SeenHit, SeenIncoming, SeenKey, SeenList,
    SeenOutgoing, SeenSubmission,
};
use travel::Country;

use super::NodeAt;

/// A node at one moment.
pub(super) struct Seen {
    pub(super) at: NodeAt,
    pub(super) state: String,
    pub(super) submissions: Vec<SeenSubmission>,
    pub(super) lists: Vec<SeenList>,
    pub(super) hits: Vec<SeenHit>,
    pub(super) decisions: Vec<SeenDecision>,
    pub(super) outbox: Vec<SeenOutgoing>,
    pub(super) inbox: Vec<SeenIncoming>,
    pub(super) agreements: Vec<SeenAgreement>,
    pub(super) partner_keys: Vec<PartyKeys>,
    pub(super) day_keys: Vec<SeenKey>,
    pub(super) alarms: Vec<SeenAlarm>,
    pub(super) stopped: Vec<(String, String)>,
    pub(super) openings: u64,
    pub(super) verification: Verification,
    pub(super) told: Told,
}

impl Seen {
    pub(super) fn read(at: &NodeAt) -> Result<Self> {
        let store = at.inspect()?;
        let (_, state) = store.node()?;
        let mut told = Told::default();
        let checkpoints = store.checkpoints()?;
        let verification = store.events(|events| {
            let events = events.inspect(|(_, bytes)| {
                // What cannot be read is a finding of the verification.
                if let Ok(logged) = Logged::decode(bytes) {
                    told.take(&logged);
                }
            });
            audit::verify(&at.log_key, events, checkpoints)
        })?;
        Ok(Self {
            at: at.clone(),
            submissions: store.submissions()?,
            lists: store.lists()?,
            hits: store.hits()?,
            decisions: store.decisions()?,
            outbox: store.outbox()?,
            inbox: store.inbox()?,
            agreements: store.agreements()?,
            partner_keys: partner_keys(&store)?,
            day_keys: store.day_keys()?,
            alarms: store.open_alarms()?,
            stopped: store.stopped_streams()?,
            openings: store.openings()?,
            state,
            verification,
            told,
        })
    }
}

fn partner_keys(store: &Inspector) -> Result<Vec<PartyKeys>> {
    let read = |(state, bytes): (String, Vec<u8>)| {
        let keys = exchange::PublicKeys::decode(&bytes).ok()?;
        Some(keys.party_keys(Country::parse(&state)?))
    };
    Ok(store.partner_keys()?.into_iter().filter_map(read).collect())
}

/// A parcel as the log tells of it.
pub(super) struct Queued {
    pub(super) digest: String,
    pub(super) agreement: String,
    pub(super) elements: u32,
    /// Whether its agreement stood suspended when it was sealed.
    pub(super) suspended: bool,
    /// Whether its agreement had been accepted when it was sealed.
    pub(super) accepted: bool,
}

/// A daily total as the log tells of it.
pub(super) struct Totalled {
    pub(super) outgoing: bool,
    pub(super) partner: String,
    pub(super) agreement: String,
    pub(super) day: String,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) digest: audit::Digest,
}

/// What the log tells.
#[derive(Default)]
pub(super) struct Told {
    pub(super) submissions: HashSet<String>,
    /// List and the digest of its sealed form.
    pub(super) lists: HashMap<String, String>,
    /// Hit, and by how many officers it has to be upheld.
    pub(super) hits: HashMap<String, u32>,
    /// Hit and ordinal; officer and verdict.
    pub(super) decisions: HashMap<(String, u32), (Actor, String)>,
    /// Parcels of answers on which an officer decided.
    pub(super) answers: HashSet<String>,
    /// Parcels with which an officer told a partner unasked.
    pub(super) tellings: HashSet<String>,
    pub(super) queued: HashMap<String, Queued>,
    pub(super) receipted: HashSet<String>,
    /// Partner and parcel; digest.
    pub(super) received: HashMap<(String, String), String>,
    pub(super) refused: HashSet<String>,
    pub(super) openings: u64,
    pub(super) totals: Vec<Totalled>,
    /// Names of day keys.
    pub(super) erased: HashSet<String>,
    pub(super) masked: HashSet<String>,
    accepted: HashSet<String>,
    suspended: HashSet<String>,
}

impl Told {
    fn take(&mut self, logged: &Logged) {
        match &logged.event {
            Event::RequestAnswered { parcels, .. } => {
                if matches!(logged.actor, Actor::Officer(_)) {
                    self.answers.extend(parcels.iter().cloned());
                }
            }
            Event::Told { parcel, .. } => {
                if matches!(logged.actor, Actor::Officer(_)) {
                    self.tellings.insert(parcel.clone());
                }
            }
            Event::TotalStated { partner, agreement, day, first, last, digest, .. }
            | Event::TotalCounted { partner, agreement, day, first, last, digest, .. } => {
                self.totals.push(Totalled {
                    outgoing: matches!(logged.event, Event::TotalStated { .. }),
                    partner: partner.clone(),
                    agreement: agreement.to_string(),
                    day: day.clone(),
                    first: *first,
                    last: *last,
                    digest: *digest,
                });
            }
            Event::SubmissionReceived { submission, .. }
            | Event::SubmissionRejected { submission, .. } => {
                self.submissions.insert(submission.to_string());
            }
            Event::ListKept { list, digest, .. } => {
                self.lists.insert(list.clone(), digest.to_string());
            }
            Event::SealedAnew { list, digest, .. } => {
                self.lists.insert(list.clone(), digest.to_string());
            }
            Event::HitRaised { hit, needs, .. } => {
                self.hits.insert(hit.clone(), *needs);
            }
            Event::DecisionMade { hit, ordinal, verdict, .. } => {
                let by = (logged.actor.clone(), verdict.clone());
                self.decisions.insert((hit.clone(), *ordinal), by);
            }
            Event::RecordOpened { .. } => self.openings += 1,
            Event::Erased { key, .. } => {
                self.erased.insert(key.clone());
            }
            Event::Masked { key, .. } => {
                self.masked.insert(key.clone());
            }
            other => self.take_exchange(other),
        }
    }

    fn take_exchange(&mut self, event: &Event) {
        match event {
            Event::AgreementAccepted { agreement, .. } => {
                self.accepted.insert(agreement.to_string());
            }
            Event::AgreementSuspended { agreement, .. } => {
                self.suspended.insert(agreement.to_string());
            }
            Event::AgreementResumed { agreement, .. } => {
                self.suspended.remove(&agreement.to_string());
            }
            Event::ParcelQueued { parcel, agreement, digest, elements, .. } => {
                let agreement = agreement.to_string();
                let queued = Queued {
                    digest: digest.to_string(),
                    elements: *elements,
                    suspended: self.suspended.contains(&agreement),
                    accepted: self.accepted.contains(&agreement),
                    agreement,
                };
                self.queued.insert(parcel.clone(), queued);
            }
            Event::ReceiptReceived { parcel, .. } => {
                self.receipted.insert(parcel.clone());
            }
            Event::ParcelReceived { parcel, partner, digest, .. } => {
                self.received.insert((partner.clone(), parcel.clone()), digest.to_string());
            }
            Event::ParcelRefused { digest, .. } => {
                self.refused.insert(digest.to_string());
            }
            _ => {}
        }
    }
}
