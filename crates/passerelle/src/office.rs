//! The node as the operations see it: what it does in the name of its state.

use std::sync::Arc;

use api::{Answering, Asking, Error, Justifying, Offer, Office, Tell};
use audit::Actor;
use exchange::{Kind, PublicKeys, Reason};
use jiff::Timestamp;
use policy::{PartySignature, Regime};
use screening::Thresholds;
use travel::Country;

use crate::{
    node::Node,
    pipeline,
    tls::{self, Fingerprint},
};

fn ours(e: impl std::fmt::Display) -> Error {
    Error::Ours(format!("{e:#}"))
}

impl Office for Node {
    fn state(&self) -> Country {
        self.state()
    }

    fn keys(&self) -> PublicKeys {
        self.keys().public().clone()
    }

    fn sign(&self, document: &[u8]) -> Result<PartySignature, Error> {
        self.keys().sign_agreement(self.state(), document).map_err(ours)
    }

    fn offer(&self) -> Result<Offer, Error> {
        let (certificate, _) = self.layout().certificate();
        let certificate = tls::read_text(&certificate).map_err(ours)?;
        Ok(Offer {
            protocol: exchange::PROTOCOL,
            state: self.state().to_string(),
            url: self.config().exchange_url(),
            certificate: Fingerprint::of_pem(&certificate).map_err(ours)?.0,
            keys: tls::hex(&self.keys().public().encode()),
            log_key: self.store().log_key().to_string(),
            authority: tls::read_text(&self.layout().ca().0).map_err(ours)?,
        })
    }

    fn could_trust(&self, authority: &str) -> Result<(), String> {
        tls::plain_client(authority).map(drop).map_err(|e| format!("{e:#}"))
    }

    fn regimes(&self) -> Arc<Vec<Regime>> {
        self.regimes()
    }

    fn reading_mode(&self) -> edifact::Mode {
        // The file was checked when it was read.
        self.config().mode().unwrap_or(edifact::Mode::Tolerant)
    }

    fn terms(&self) -> messages::Terms {
        self.config().intake.terms().unwrap_or_default()
    }

    fn withheld_below(&self) -> u64 {
        self.config().statistics.threshold
    }

    fn ask(&self, asking: &Asking, officer: &str, at: Timestamp) -> Result<String, Error> {
        pipeline::ask(self, asking, (officer, at))
    }

    fn justify(
        &self,
        request: (&str, &str),
        justifying: &Justifying,
        officer: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        pipeline::justify(self, request, justifying, (officer, at))
    }

    fn answer(
        &self,
        request: (&str, &str),
        answering: &Answering,
        officer: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        pipeline::answer(self, request, answering, (officer, at))
    }

    fn tell(&self, tell: &Tell, officer: &str, at: Timestamp) -> Result<String, Error> {
        pipeline::tell(self, tell, (officer, at))
    }

    fn recall(
        &self,
        id: &str,
        how: (Kind, Reason),
        officer: &str,
        at: Timestamp,
    ) -> Result<Vec<String>, Error> {
        let by = (Actor::Officer(officer.to_owned()), at);
        pipeline::take_back(self, id, how, by).map_err(|e| Error::Invalid {
            field: "id",
            text: format!("It cannot be taken back: {e:#}."),
        })
    }

    fn configured_thresholds(&self, watchlist: &str) -> Option<Thresholds> {
        self.config().screening.thresholds(watchlist)
    }
}
