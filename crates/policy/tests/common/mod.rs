//! What the tests share: keys of two states, the demo's agreement, flights.
#![allow(dead_code, clippy::unwrap_used)]

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, ML_DSA_65_SIGNING, PqdsaKeyPair};
use jiff::Timestamp;
use policy::{
    Agreement, InForce, Mode, PartyKeys, PartySignature, Permit, Purpose, Refusal, Regime, Request,
    SignedAgreement, decide,
};
use travel::{Country, Dataset, ElementSet, Flight, FlightKind, Leg};

pub const GBR: Country = Country::new("GBR");
pub const TUR: Country = Country::new("TUR");
pub const FRA: Country = Country::new("FRA");
pub const DEMO: &str = include_str!("../../../../docs/agreements/gbr-tur.toml");

pub struct Party {
    pub state: Country,
    ed: Ed25519KeyPair,
    pq: PqdsaKeyPair,
}

impl Party {
    pub fn new(state: Country) -> Self {
        let seed = [state.code().as_bytes()[0]; 32];
        Self {
            state,
            ed: Ed25519KeyPair::from_seed_unchecked(&seed).unwrap(),
            pq: PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, &seed).unwrap(),
        }
    }

    pub fn sign(&self, document: &[u8]) -> PartySignature {
        PartySignature::make(self.state, document, &self.ed, &self.pq).unwrap()
    }

    pub fn keys(&self) -> PartyKeys {
        PartyKeys {
            party: self.state,
            ed25519: self.ed.public_key().as_ref().to_vec(),
            ml_dsa_65: self.pq.public_key().as_ref().to_vec(),
        }
    }
}

pub fn in_force(agreement: &Agreement) -> InForce {
    let mut signed = SignedAgreement::unsigned(agreement);
    let parties = agreement.parties.map(Party::new);
    for party in &parties {
        let signature = party.sign(&signed.document);
        signed.add(signature);
    }
    signed.verify(&parties.map(|p| p.keys())).unwrap()
}

pub fn demo() -> InForce {
    in_force(&Agreement::from_toml(DEMO).unwrap())
}

pub fn flight(legs: &[(&str, &str)]) -> Flight {
    let leg = |(from, to): &(&str, &str)| Leg {
        from: (*from).into(),
        to: (*to).into(),
        ..Leg::default()
    };
    Flight {
        carrier: "TK".into(),
        number: "1980".into(),
        legs: legs.iter().map(leg).collect(),
        kind: FlightKind::Passenger,
        marked_leg: None,
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A list of London–Istanbul, asked for by the United Kingdom, which every rule allows.
pub fn request(flight: &Flight) -> Request<'_> {
    Request {
        from: GBR,
        to: TUR,
        mode: Mode::List,
        flight,
        dataset: Dataset::Api,
        elements: ElementSet::ALL,
        origin: None,
        origin_consents: false,
        masked: false,
        reviewed: false,
        sensitive: false,
        purpose: Purpose::Terrorism,
        at: at("2026-03-01T09:00:00Z"),
    }
}

pub fn law(ids: &[&str]) -> Vec<Regime> {
    ids.iter().map(|id| Regime::named(id).unwrap()).collect()
}

pub fn ids(result: &Result<Permit, Refusal>) -> (bool, Vec<&'static str>) {
    match result {
        Ok(permit) => (true, permit.rules().iter().map(|r| r.as_str()).collect()),
        Err(refusal) => (false, refusal.rules.iter().map(|r| r.as_str()).collect()),
    }
}

/// Changes the allowed request and gives what decided.
pub fn decided(
    change: impl FnOnce(&mut Request<'_>),
    agreements: &[InForce],
    regimes: &[&str],
) -> (bool, Vec<&'static str>) {
    let flight = flight(&[("LHR", "IST")]);
    let mut request = request(&flight);
    change(&mut request);
    ids(&decide(&request, agreements, &law(regimes)))
}

/// Refused by exactly these rules.
pub fn refused(
    change: impl FnOnce(&mut Request<'_>),
    agreements: &[InForce],
    regimes: &[&str],
    rules: &[&str],
) {
    assert_eq!(decided(change, agreements, regimes), (false, rules.to_vec()));
}

/// Permitted, and this rule is among those that decided.
pub fn permitted_by(
    change: impl FnOnce(&mut Request<'_>),
    agreements: &[InForce],
    regimes: &[&str],
    rule: &str,
) {
    let (permitted, rules) = decided(change, agreements, regimes);
    assert!(permitted && rules.contains(&rule), "{rule} not among {rules:?}");
}
