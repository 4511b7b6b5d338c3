//! What acts for the state where no courier runs: nothing is sealed, what would leave is written down.

use super::*;

pub struct NothingLeaves {
    pub store: Arc<Store>,
    pub upheld: Arc<Mutex<Vec<String>>>,
}

impl AfterUphold for NothingLeaves {
    fn disclose(
        &self,
        upheld: UpheldHit,
        row: &rows::HitRow,
        decided: Batch,
        _: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let officers: Vec<&str> = upheld.decisions().iter().map(|d| d.officer.0.as_str()).collect();
        self.upheld.lock().push(format!("{} by {}", row.entry, officers.join(", ")));
        self.store.commit(decided)
    }
}

/// The state's keys, in memory.
pub struct InMemory {
    pub keys: Arc<StateKeys>,
    pub store: Arc<Store>,
}

impl InMemory {
    fn note(&self, changes: Vec<Change>, event: Event, officer: &str, at: Timestamp) {
        let logged = Logged::new(at, Actor::Officer(officer.into()), event);
        self.store.commit(Batch::new(changes, vec![logged])).unwrap();
    }
}

impl Office for InMemory {
    fn state(&self) -> Country {
        country("GBR")
    }
    fn keys(&self) -> PublicKeys {
        self.keys.public().clone()
    }
    fn sign(&self, document: &[u8]) -> Result<PartySignature, api::Error> {
        Ok(self.keys.sign_agreement(self.state(), document).unwrap())
    }
    fn offer(&self) -> Result<Offer, api::Error> {
        Ok(offer("GBR", self.keys.public()))
    }
    fn could_trust(&self, authority: &str) -> Result<(), String> {
        match authority {
            "" => Err("It has no authority.".into()),
            _ => Ok(()),
        }
    }
    fn regimes(&self) -> Arc<Vec<Regime>> {
        Arc::new(vec![Regime::named("national_default").unwrap()])
    }
    fn reading_mode(&self) -> edifact::Mode {
        edifact::Mode::Tolerant
    }
    fn withheld_below(&self) -> u64 {
        api::statistics::THRESHOLD
    }
    fn configured_thresholds(&self, _: &str) -> Option<Thresholds> {
        None
    }
    /// Nothing is sealed here: that is the courier's side of a node.
    fn ask(&self, asking: &api::Asking, by: &str, at: Timestamp) -> Result<String, api::Error> {
        let (question, _) = asking.read(self.state(), at)?;
        let event = Event::Requested {
            request: "asked".into(),
            partner: question.to.to_string(),
            agreement: Digest([0; 32]),
            purpose: question.purpose.name().into(),
            elements: question.elements.bits(),
            answer_by: None,
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok("asked".into())
    }
    fn justify(
        &self,
        (partner, id): (&str, &str),
        justifying: &api::Justifying,
        by: &str,
        at: Timestamp,
    ) -> Result<(), api::Error> {
        justifying.read()?;
        let event = Event::Justified {
            request: id.into(),
            partner: partner.into(),
            parcel: "justification".into(),
            reason: Digest([0; 32]),
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok(())
    }
    fn tell(&self, tell: &api::Tell, by: &str, at: Timestamp) -> Result<String, api::Error> {
        let (to, purpose, _) = tell.read()?;
        let event = Event::Told {
            parcel: "told".into(),
            partner: to.to_string(),
            list: tell.list.clone(),
            travellers: tell.travellers.len() as u64,
            purpose: purpose.name().into(),
            reason: Digest([0; 32]),
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok("told".into())
    }
    fn recall(
        &self,
        id: &str,
        (kind, _): (exchange::Kind, exchange::Reason),
        by: &str,
        at: Timestamp,
    ) -> Result<Vec<String>, api::Error> {
        let event = Event::ParcelQueued {
            parcel: id.into(),
            partner: "TUR".into(),
            agreement: Digest([0; 32]),
            sequence: 9,
            digest: Digest([0; 32]),
            mode: kind.name().into(),
            elements: 0,
            list: String::new(),
            hit: None,
        };
        self.note(Vec::new(), event, by, at);
        Ok(vec!["TUR".into()])
    }
    fn answer(
        &self,
        (partner, id): (&str, &str),
        answering: &api::Answering,
        by: &str,
        at: Timestamp,
    ) -> Result<(), api::Error> {
        let event = Event::RequestAnswered {
            request: id.into(),
            partner: partner.into(),
            outcome: answering.outcome.clone(),
            parcels: Vec::new(),
            reason: Digest([0; 32]),
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok(())
    }
}
