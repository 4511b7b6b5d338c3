//! A partner with streams, an alarm, a refusal, what it asked and what it told.

use super::*;

impl World {
    /// The partner asks about a traveller who was on a list this morning.
    pub(super) fn request(&self) {
        let list = self.store.newest_lists(None, 1).unwrap().remove(0);
        let born = self.store.open_list(&list).unwrap().travellers()[0].birth_date;
        let name = self.store.open_list(&list).unwrap().travellers()[0].written_name();
        let inquiry = exchange::Inquiry {
            subject: exchange::Subject {
                name: born.map(|_| name),
                born: born.map(|b| b.to_string()),
                flight: Some(format!("{}{}", list.carrier, list.number)),
                ..exchange::Subject::default()
            },
            legal_ground: "art. 9(2) of the example arrangement".into(),
            reason: "named in a case of theirs".into(),
            reference: "2026/17".into(),
            answer_by: None,
            justify_by: None,
        };
        let (at, day) = (self.now - minutes(90), date(2026, 11, 23));
        let sealed = self.store.seal(("requests", day), ("request", "r-1"), &inquiry.encode(), at);
        let row = rows::RequestRow {
            id: "r-1".into(),
            partner: "TUR".into(),
            outgoing: false,
            agreement: Digest([1; 32]).to_string(),
            digest: Digest::of(b"its parcel").to_string(),
            purpose: "terrorism".into(),
            dataset: list.dataset,
            elements: 3,
            answer_by: None,
            justify_by: None,
            asked_by: None,
            at,
            scope: "requests".into(),
            day,
            sealed: sealed.unwrap(),
            outcome: None,
            decided_by: None,
            decided_at: None,
            reason: None,
            justified_at: None,
            justification: None,
            late_at: None,
            unanswered_at: None,
        };
        let event = Event::RequestReceived {
            request: "r-1".into(),
            partner: "TUR".into(),
            purpose: "terrorism".into(),
            answer_by: None,
            rules: vec!["AG-15".into()],
        };
        self.commit(vec![Change::Request(row)], vec![event]);
    }

    /// What an officer asks, whom nobody knows.
    pub fn asking() -> api::Asking {
        api::Asking {
            to: "TUR".into(),
            purpose: "terrorism".into(),
            dataset: "api".into(),
            document: "U1234567".into(),
            legal_ground: "art. 9(2) of the example arrangement".into(),
            reason: "named in a case".into(),
            reference: "2026/4".into(),
            ..api::Asking::default()
        }
    }

    pub(super) fn partner(&self) {
        let text = include_str!("../../../../docs/agreements/gbr-tur.toml");
        let agreement = Agreement::from_toml(text).unwrap();
        let mut signed = SignedAgreement::unsigned(&agreement);
        for (party, keys) in [("GBR", &self.own), ("TUR", &self.partners)] {
            signed.add(keys.sign_agreement(country(party), &signed.document).unwrap());
        }
        let id = signed.id();
        let partner = rows::Partner {
            state: "TUR".into(),
            name: "Türkiye".into(),
            url: "https://gateway.example.tr:7442".into(),
            authority: String::new(),
            certificate: "00".into(),
            keys: self.partners.public().encode(),
            enabled: true,
            added_at: self.now - minutes(60 * 24 * 9),
            last_answer: None,
            last_answer_at: None,
        };
        let row = rows::AgreementRow {
            id: id.to_string(),
            partner: "TUR".into(),
            version: 1,
            signed: signed.to_cbor(),
            status: "in_force".into(),
            suspended_by: None,
            changed_at: self.now - minutes(60 * 24 * 8),
        };
        let accepted = Event::AgreementAccepted { agreement: Digest(id.0), partner: "TUR".into() };
        self.commit(vec![Change::Partner(partner), Change::Agreement(row)], vec![accepted]);
        let answered = Change::PartnerAnswered {
            state: "TUR".into(),
            answer: "receipted 12 parcels".into(),
            at: self.now - minutes(2),
        };
        self.commit(vec![answered], Vec::new());
        self.streams(&id.to_string(), Digest(id.0));
        let stopped = exchange::Incoming {
            next_sequence: 10,
            stopped: Some(exchange::Alarm::SequenceReused),
            ..exchange::Incoming::new(id, country("TUR"), country("GBR"))
        };
        let stopped = Change::StreamIn {
            agreement: id.to_string(),
            partner: "TUR".into(),
            state: stopped.encode(),
            stopped: Some("sequence_reused".into()),
        };
        self.commit(vec![stopped], Vec::new());
        self.received_hit();
        self.told();
        let refused = rows::RefusalRow {
            at: self.now - minutes(45),
            partner: "TUR".into(),
            mode: "list".into(),
            list: None,
            hit: None,
            rules: "AG-02,UK-13".into(),
            direction: "out".into(),
        };
        let event = Event::Refused {
            list: "0192".into(),
            partner: "TUR".into(),
            mode: "list".into(),
            rules: vec!["AG-02".into(), "UK-13".into()],
            hit: None,
        };
        self.commit(vec![Change::Refused(refused)], vec![event]);
        let alarm = Change::Alarm {
            partner: Some("TUR".into()),
            kind: "sequence_reused".into(),
            what: "A second parcel came under number 14 of the stream from Türkiye. Nothing more is taken until somebody has looked at it.".into(),
            at: self.now - minutes(20),
        };
        let event =
            Event::Alarm { alarm: "sequence_reused".into(), subject: "TUR".into(), digest: None };
        self.commit(vec![alarm], vec![event]);
    }

    pub(super) fn streams(&self, agreement: &str, digest: Digest) {
        for n in 1..=12u64 {
            let queued_at = self.now - minutes(n as i64 * 47);
            let parcel = rows::Outgoing {
                parcel: uuid::Uuid::now_v7().to_string(),
                partner: "TUR".into(),
                agreement: agreement.into(),
                sequence: 13 - n,
                mode: "list".into(),
                list: "l".into(),
                hit: None,
                elements: 1,
                digest: digest.to_string(),
                bytes: None,
                status: "queued".into(),
                attempts: 0,
                not_before: queued_at,
                queued_at,
                receipted_at: None,
                receipt: None,
            };
            let queued = Event::ParcelQueued {
                parcel: parcel.parcel.clone(),
                partner: "TUR".into(),
                agreement: digest,
                sequence: parcel.sequence,
                digest,
                mode: "list".into(),
                elements: 1,
                list: "l".into(),
                hit: None,
            };
            let id = parcel.parcel.clone();
            self.commit(vec![Change::Queue(parcel)], vec![queued]);
            if n > 1 {
                let receipted = Change::Receipted {
                    parcel: id.clone(),
                    status: "receipted".into(),
                    receipt: vec![1],
                    at: queued_at + minutes(1),
                };
                let event =
                    Event::ReceiptReceived { parcel: id, partner: "TUR".into(), receipt: digest };
                self.commit(vec![receipted], vec![event]);
            }
        }
        for n in 1..=9u64 {
            let parcel = rows::Incoming {
                parcel: uuid::Uuid::now_v7().to_string(),
                partner: "TUR".into(),
                agreement: agreement.into(),
                sequence: n,
                mode: "list".into(),
                digest: digest.to_string(),
                list: None,
                verdict: "accepted".into(),
                receipt: vec![1],
                received_at: self.now - minutes(20 + (9 - n as i64) * 80),
            };
            let event = Event::ParcelReceived {
                parcel: parcel.parcel.clone(),
                partner: "TUR".into(),
                agreement: digest,
                sequence: n,
                digest,
                mode: "list".into(),
                list: None,
            };
            self.commit(vec![Change::Inbox(parcel)], vec![event]);
        }
    }

    /// An emergency in which this state asked, and that it has not justified yet.
    pub fn emergency(&self) {
        let asked = self.store.request("TUR", "r-1").unwrap().unwrap();
        let inquiry = self.store.open_request(&asked).unwrap();
        let key = (asked.scope.as_str(), asked.day);
        let row = rows::RequestRow {
            id: "r-2".into(),
            outgoing: true,
            answer_by: Some(self.now + minutes(10)),
            justify_by: Some(self.now + minutes(600)),
            asked_by: Some("a.smith".into()),
            at: self.now - minutes(50),
            sealed: self.store.seal(key, ("request", "r-2"), &inquiry, self.now).unwrap(),
            ..asked.clone()
        };
        self.commit(vec![Change::Request(row)], Vec::new());
    }

    /// The partner tells of a traveller whom nobody asked about.
    pub(super) fn told(&self) {
        let traveller = person("OKAFOR", "NGOZI", (1988, 2, 9), Sex::Female, "NGA", "A0088123");
        let flight = flight("TK", 1971, ("IST", "LHR"), self.now + minutes(700));
        let list = self.list(flight, vec![traveller], &Index::build(Vec::new()), ("TUR", 0));
        let telling = exchange::Statement {
            legal_ground: "art. 4 of the example arrangement".into(),
            reason: "is expected by somebody sought in your state (invented)".into(),
            reference: "2026/31".into(),
        };
        let (origin, day) = self.store.list_day(&list).unwrap();
        let (parcel, at) = ("018f0000-1234-7abc-8def-000000000009", self.now - minutes(8));
        let sealed = self.store.seal((&origin, day), ("telling", parcel), &telling.encode(), at);
        let event = Event::ToldByPartner {
            parcel: parcel.into(),
            partner: "TUR".into(),
            purpose: "terrorism".into(),
            list: list.clone(),
        };
        let row = rows::TellingRow {
            partner: "TUR".into(),
            parcel: parcel.into(),
            outgoing: false,
            purpose: "terrorism".into(),
            list,
            travellers: "0".into(),
            told_by: None,
            at,
            seen_by: None,
            seen_at: None,
            sealed: sealed.unwrap(),
        };
        self.commit(vec![Change::Telling(row)], vec![event]);
    }

    /// What an officer tells a partner of the first traveller of a list.
    pub fn telling(list: &str) -> api::Tell {
        api::Tell {
            to: "TUR".into(),
            purpose: "terrorism".into(),
            list: list.into(),
            travellers: vec![0],
            legal_ground: "art. 4 of the example arrangement".into(),
            reason: "named in a case that touches the partner".into(),
            reference: "2026/5".into(),
        }
    }

    pub(super) fn received_hit(&self) {
        let traveller = person("RUIZ MEDINA", "CARLOS", (1972, 7, 1), Sex::Male, "COL", "AP118220");
        let flight = flight("TK", 1987, ("IST", "LHR"), self.now + minutes(500));
        let list = self.list(flight, vec![traveller], &Index::build(Vec::new()), ("TUR", 0));
        let line = |feature: &str, relation: &str, nats| exchange::Line {
            feature: feature.into(),
            relation: relation.into(),
            nats,
        };
        let ground = exchange::Ground {
            list: "national".into(),
            list_version: "2026-11-01".into(),
            entry: "T-7781".into(),
            reason: "Trafficking in drugs (invented)".into(),
            band: "hit".into(),
            one_in: 52_000,
            evidence: vec![
                line("name", "equal", 11.2),
                line("birth date", "equal", 7.9),
                line("nationality", "another", -1.1),
            ],
            officers: 2,
            decided_at: self.now - minutes(75),
        };
        let id = uuid::Uuid::now_v7().to_string();
        let (origin, day) = self.store.list_day(&list).unwrap();
        let sealed =
            self.store.seal((&origin, day), ("ground", &id), &ground.encode(), self.now).unwrap();
        let hit = rows::ReceivedHit {
            id,
            partner: "TUR".into(),
            parcel: uuid::Uuid::now_v7().to_string(),
            list,
            received_at: self.now - minutes(12),
            seen_by: None,
            seen_at: None,
            sealed,
        };
        let event = Event::KeyMade { key: "ground".into() };
        self.commit(vec![Change::ReceivedHit(hit)], vec![event]);
    }
}
