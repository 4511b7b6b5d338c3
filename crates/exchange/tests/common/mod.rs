//! What the tests share: two states with keys and an agreement, a list, a sealed parcel.
#![allow(dead_code, clippy::unwrap_used)]

use std::sync::LazyLock;

use exchange::{Disclosure, Outgoing, Parcel, ParcelId, Sealing, StateKeys};
use jiff::Timestamp;
use policy::{Agreement, InForce, Mode, Permit, Purpose, Request, SignedAgreement, decide};
use screening::{
    AliasQuality, Band, Decision, EntryRef, Evidence, Feature, Hit, OfficerId, Reviewed, UpheldHit,
    Verdict,
};
use travel::{Admission, Country, ElementSet, Flight, Leg, PassengerList, Report, Sex, Traveller};

pub const GBR: Country = Country::new("GBR");
pub const TUR: Country = Country::new("TUR");

pub static BRITISH: LazyLock<StateKeys> = LazyLock::new(|| StateKeys::generate().unwrap());
pub static TURKISH: LazyLock<StateKeys> = LazyLock::new(|| StateKeys::generate().unwrap());

pub fn now() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

pub fn agreement() -> InForce {
    let toml = include_str!("../../../../docs/agreements/gbr-tur-requests.toml");
    let mut signed = SignedAgreement::unsigned(&Agreement::from_toml(toml).unwrap());
    for (state, keys) in [(GBR, &*BRITISH), (TUR, &*TURKISH)] {
        let signature = keys.sign_agreement(state, &signed.document).unwrap();
        signed.add(signature);
    }
    let keys = [BRITISH.public().party_keys(GBR), TURKISH.public().party_keys(TUR)];
    signed.verify(&keys).unwrap()
}

pub fn list(travellers: usize) -> PassengerList {
    list_between("IST", "LHR", travellers)
}

pub fn list_between(from: &str, to: &str, travellers: usize) -> PassengerList {
    let traveller = |n: usize| Traveller {
        surname: format!("YILMAZ{n}").into(),
        given: "AYSE".into(),
        sex: Sex::Female,
        seat: Some(format!("{n}C").into()),
        nationality: Some(TUR),
        ..Traveller::default()
    };
    let leg = Leg { from: from.into(), to: to.into(), ..Leg::default() };
    let report = Report {
        flights: vec![Flight {
            carrier: "TK".into(),
            number: "1980".into(),
            legs: [leg].into(),
            ..Flight::default()
        }],
        travellers: (0..travellers).map(traveller).collect(),
        ..Report::default()
    };
    let admission =
        Admission { state: TUR, permitted: ElementSet::ALL, received_at: now(), must_touch: true };
    PassengerList::admit(report, &admission).unwrap()
}

pub fn permit(list: &PassengerList, mode: Mode, (from, to): (Country, Country)) -> Permit {
    let mut request = Request::about(list, (from, to), mode, Purpose::Terrorism, now());
    request.reviewed = mode == Mode::Hit;
    decide(&request, &[agreement()], &[]).unwrap()
}

/// Stands for the writer of a standard format.
pub fn render(list: &PassengerList) -> Vec<u8> {
    list.encode()
}

pub fn disclosure(travellers: usize) -> Disclosure {
    let list = list(travellers);
    let permit = permit(&list, Mode::List, (TUR, GBR));
    Disclosure::list(&list, permit, &render).unwrap()
}

pub fn stream() -> Outgoing {
    Outgoing::new(agreement().id(), TUR, GBR)
}

pub fn id(n: u8) -> ParcelId {
    ParcelId([n; 16])
}

pub fn seal(stream: &Outgoing, n: u8, travellers: usize) -> (Parcel, Outgoing) {
    let sealing = Sealing {
        id: id(n),
        made_at: now(),
        keys: &TURKISH,
        to: BRITISH.public(),
        checkpoint: None,
    };
    stream.seal(disclosure(travellers), sealing).unwrap()
}

/// A hit of the highest band on a traveller, upheld by two officers.
pub fn upheld(traveller: u32) -> UpheldHit {
    let hit = Hit {
        traveller,
        entry: EntryRef {
            list: "un".into(),
            list_version: "1".into(),
            id: "QDi.001".into(),
            name: "AYSE YILMAZ".into(),
            alias: "AYSE YILMAZ".into(),
            alias_quality: AliasQuality::Primary,
            reason: "listed".into(),
            birth_dates: Vec::new(),
            nationalities: Vec::new(),
            documents: 0,
            of_documents: false,
        },
        band: Band::Hit,
        nats: 15.5,
        probability: 0.9,
        one_in: 9_000,
        evidence: vec![Evidence {
            feature: Feature::Name,
            traveller: "YILMAZ".into(),
            entry: "YILMAZ".into(),
            relation: "equal".into(),
            nats: 8.25,
        }],
        weights: "1".into(),
        allowance: 0.0,
    };
    let by = |officer: &str| Decision {
        officer: OfficerId(officer.into()),
        verdict: Verdict::Uphold,
        reason: "the same".into(),
        at: now(),
    };
    match hit.replay(&[by("a"), by("b")]).unwrap() {
        Reviewed::Upheld(upheld) => upheld,
        other => panic!("{other:?}"),
    }
}
