//! The test vectors of the wire: `docs/wire/vectors.json`, read with this crate, and by
//! `docs/wire/checker/check.py` without it. `VECTORS=write` makes new ones, with new keys.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;

use common::{BRITISH, GBR, TUR, TURKISH, id, list, list_between, now, permit, upheld};
use data_encoding::HEXLOWER as HEX;
use exchange::{
    Answer, Arrived, Asked, Cause, Chosen, Content, Counted, Counting, Digest, Disclosure, Header,
    Incoming, Inquiry, Kind, Known, Outcome, Outgoing, Parcel, PublicKeys, Reason, Receipt,
    ReceiptVerdict, Reckoning, Retraction, Rollover, Sealing, StateKeys, Statement, Subject, Total,
    Verdict, read_answers, read_together, write_answers, write_together,
};
use policy::{Mode, SignedAgreement};
use serde_json::{Value, json};
use travel::PassengerList;

fn file() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/wire/vectors.json"))
}

fn signed() -> SignedAgreement {
    let toml = include_str!("../../../docs/agreements/gbr-tur-requests.toml");
    let agreement = policy::Agreement::from_toml(toml).unwrap();
    let mut signed = SignedAgreement::unsigned(&agreement);
    for (state, keys) in [(GBR, &*BRITISH), (TUR, &*TURKISH)] {
        signed.add(keys.sign_agreement(state, &signed.document).unwrap());
    }
    signed
}

/// A message in a standard format, with made-up travellers.
fn message(list: &PassengerList) -> Vec<u8> {
    let mut text =
        "UNA:+.? 'UNB+UNOA:4+TUR+GBR+260301:0900+1'UNH+1+PAXLST:D:15B:UN:IATA'".to_owned();
    for traveller in list.travellers() {
        text += &format!("NAD+FL+++{}'", traveller.written_name().replace('/', ":"));
    }
    (text + "UNT+9+1'UNZ+1+1'").into_bytes()
}

fn make() -> Value {
    let (mut parcels, mut out) = (Vec::new(), Outgoing::new(signed().id(), TUR, GBR));
    let (mut bodies, mut answers) = (Vec::new(), Vec::new());
    let refused = ReceiptVerdict::Refused { reason: "policy".into(), rules: vec!["AG-10".into()] };
    let verdicts = [ReceiptVerdict::Accepted, ReceiptVerdict::Accepted, refused];
    for (n, verdict) in verdicts.into_iter().enumerate() {
        let list = list(n + 1);
        let disclosure =
            Disclosure::list(&list, permit(&list, Mode::List, (TUR, GBR)), &message).unwrap();
        let (parcel, after) =
            out.seal(disclosure, sealing(n as u8 + 1, (&TURKISH, &BRITISH))).unwrap();
        out = after;
        let receipt = Receipt::of(&parcel.header, parcel.digest, verdict, now(), None);
        let receipt = receipt.sign(&BRITISH).unwrap();
        parcels.push(json!({
            "parcel": HEX.encode(&parcel.bytes),
            "receipt": HEX.encode(&receipt),
        }));
        bodies.push(parcel.bytes);
        answers.push(Answer::Receipt(receipt));
    }
    // The second is erased again.
    let header = Arrived::read(&bodies[1]).unwrap().header().clone();
    let in_force = common::agreement();
    let recall = policy::recall(in_force.id(), (TUR, GBR), &[in_force]).unwrap();
    let how = (Kind::Erasure, Reason::WrongPerson);
    let retraction = Retraction::of(recall, &header, how).unwrap();
    let (erasure, mut after) = out.seal(retraction, sealing(4, (&TURKISH, &BRITISH))).unwrap();
    let receipt =
        Receipt::of(&erasure.header, erasure.digest, ReceiptVerdict::Accepted, now(), None);
    let receipt = receipt.sign(&BRITISH).unwrap();
    parcels.push(json!({
        "parcel": HEX.encode(&erasure.bytes),
        "receipt": HEX.encode(&receipt),
    }));
    bodies.push(erasure.bytes);
    answers.push(Answer::Receipt(receipt));
    let list = list_between("MAN", "IST", 3);
    let permit = permit(&list, Mode::Hit, (GBR, TUR));
    let disclosure = Disclosure::hit(upheld(1), &list, permit, &message).unwrap();
    let stream = Outgoing::new(signed().id(), GBR, TUR);
    let (hit, stream) = stream.seal(disclosure, sealing(9, (&BRITISH, &TURKISH))).unwrap();
    let receipt = Receipt::of(&hit.header, hit.digest, ReceiptVerdict::Accepted, now(), None);
    // The United Kingdom asks; Türkiye gives a record, and then says no to the same again.
    let (request, stream) = stream.seal(request(), sealing(10, (&BRITISH, &TURKISH))).unwrap();
    // It was an emergency; why is said afterwards.
    let asked = Asked::of(&request.header, request.digest, Vec::new()).unwrap();
    let leave = policy::justify(signed().id(), (GBR, TUR), &[common::agreement()]).unwrap();
    let why = Statement {
        legal_ground: "art. 5(3) of the example arrangement".into(),
        reason: "the flight departed within the hour (invented)".into(),
        reference: "2026/17".into(),
    };
    let content = Content::justification(leave, &asked, &why).unwrap();
    let (said, _) = stream.seal(content, sealing(11, (&BRITISH, &TURKISH))).unwrap();
    let heard = Receipt::of(&said.header, said.digest, ReceiptVerdict::Accepted, now(), None);
    let justification = json!({
        "parcel": HEX.encode(&said.bytes),
        "receipt": HEX.encode(&heard.sign(&TURKISH).unwrap()),
    });
    let taken = Receipt::of(&request.header, request.digest, ReceiptVerdict::Accepted, now(), None);
    for (n, content) in (5..).zip(responses(&request)) {
        let (parcel, next) = after.seal(content, sealing(n, (&TURKISH, &BRITISH))).unwrap();
        after = next;
        let verdict = match n {
            5 => ReceiptVerdict::Accepted,
            _ => ReceiptVerdict::Refused { reason: "answered_before".into(), rules: Vec::new() },
        };
        let receipt = Receipt::of(&parcel.header, parcel.digest, verdict, now(), None);
        let receipt = receipt.sign(&BRITISH).unwrap();
        parcels.push(json!({
            "parcel": HEX.encode(&parcel.bytes),
            "receipt": HEX.encode(&receipt),
        }));
        bodies.push(parcel.bytes);
        answers.push(Answer::Receipt(receipt));
    }
    // Türkiye tells of a traveller unasked.
    let (told, after) = after.seal(telling(), sealing(7, (&TURKISH, &BRITISH))).unwrap();
    let heard = Receipt::of(&told.header, told.digest, ReceiptVerdict::Accepted, now(), None);
    let heard = heard.sign(&BRITISH).unwrap();
    parcels.push(json!({
        "parcel": HEX.encode(&told.bytes),
        "receipt": HEX.encode(&heard),
    }));
    bodies.push(told.bytes);
    answers.push(Answer::Receipt(heard));
    // The first list was wrong: this is right.
    let first = Arrived::read(&bodies[0]).unwrap().header().clone();
    let (right, after) = after.seal(correction(&first), sealing(8, (&TURKISH, &BRITISH))).unwrap();
    let heard = Receipt::of(&right.header, right.digest, ReceiptVerdict::Accepted, now(), None);
    let heard = heard.sign(&BRITISH).unwrap();
    parcels.push(json!({
        "parcel": HEX.encode(&right.bytes),
        "receipt": HEX.encode(&heard),
    }));
    bodies.push(right.bytes);
    answers.push(Answer::Receipt(heard));
    // Türkiye has a new epoch key.
    let (keys, after) = after.seal(rollover(), sealing(13, (&TURKISH, &BRITISH))).unwrap();
    let heard = Receipt::of(&keys.header, keys.digest, ReceiptVerdict::Accepted, now(), None);
    let heard = heard.sign(&BRITISH).unwrap();
    parcels.push(json!({
        "parcel": HEX.encode(&keys.bytes),
        "receipt": HEX.encode(&heard),
    }));
    bodies.push(keys.bytes);
    answers.push(Answer::Receipt(heard));
    // The day is over: both say what it carried.
    let (total, counted) = day(&parcels, &after);
    parcels.push(json!({
        "parcel": HEX.encode(&total),
        "receipt": HEX.encode(&counted),
    }));
    bodies.push(total);
    answers.push(Answer::Receipt(counted));
    let state = |code: &str, keys: &StateKeys| {
        json!({
            "state": code,
            "public": HEX.encode(&keys.public().encode()),
            "secret": HEX.encode(&keys.encode()),
            "fingerprint": keys.public().fingerprint(),
        })
    };
    json!({
        "protocol": exchange::PROTOCOL,
        "about": "Keys made for these vectors alone. Every byte string is hexadecimal.",
        "states": [state("GBR", &BRITISH), state("TUR", &TURKISH)],
        "agreement": HEX.encode(&signed().to_cbor()),
        "streams": [
            { "from": "TUR", "to": "GBR", "parcels": parcels, "together": {
                "parcels": HEX.encode(&write_together(&bodies)),
                "answers": HEX.encode(&write_answers(&answers, bodies.len())),
            } },
            { "from": "GBR", "to": "TUR", "parcels": [{
                "parcel": HEX.encode(&hit.bytes),
                "receipt": HEX.encode(&receipt.sign(&TURKISH).unwrap()),
            }, {
                "parcel": HEX.encode(&request.bytes),
                "receipt": HEX.encode(&taken.sign(&TURKISH).unwrap()),
            }, justification] },
        ],
    })
}

/// The total of these parcels as the next, and its receipt with what the receiver counts.
fn day(parcels: &[Value], stream: &Outgoing) -> (Vec<u8>, Vec<u8>) {
    let row = |pair: &Value| {
        let arrived = Arrived::read(&bytes(&pair["parcel"])).unwrap();
        let (sequence, kind) = (arrived.header().sequence, Some(arrived.header().kind));
        let receipt = Receipt::kept(&bytes(&pair["receipt"])).unwrap();
        let taken = receipt.verdict == ReceiptVerdict::Accepted;
        Counted { sequence, kind, digest: arrived.digest(), taken }
    };
    let rows: Vec<Counted> = parcels.iter().map(row).collect();
    let of = (signed().id(), TUR, GBR);
    let total = Total::of(of, jiff::civil::date(2026, 3, 1), &rows).unwrap();
    let leave = policy::account(of.0, (TUR, GBR), &[common::agreement()]).unwrap();
    let content = Content::total(leave, &total, total.sign(&TURKISH).unwrap()).unwrap();
    let (parcel, _) = stream.seal(content, sealing(12, (&TURKISH, &BRITISH))).unwrap();
    let counting = Counting { first: 1, parcels: rows, keys: TURKISH.public().clone() };
    let reckoning = Some(Reckoning::of(&counting, total.last));
    let accepted = ReceiptVerdict::Accepted;
    let receipt = Receipt::of(&parcel.header, parcel.digest, accepted, now(), None);
    let receipt = Receipt { reckoning, ..receipt }.sign(&BRITISH).unwrap();
    (parcel.bytes, receipt)
}

fn rollover() -> Content {
    let keys = StateKeys::decode(&TURKISH.encode()).unwrap().next_epoch(0, now()).unwrap();
    let leave = policy::account(signed().id(), (TUR, GBR), &[common::agreement()]).unwrap();
    Content::keys(leave, &Rollover { keys: keys.public().clone() })
}

fn request() -> Content {
    let question = policy::Question {
        from: GBR,
        to: TUR,
        purpose: policy::Purpose::Terrorism,
        dataset: travel::Dataset::Api,
        elements: [travel::Element::Names, travel::Element::BirthDate].into_iter().collect(),
        urgent: true,
        at: now(),
    };
    let leave = policy::ask(&question, &[common::agreement()], &[]).unwrap();
    let inquiry = Inquiry {
        subject: Subject { document: Some("U1234567".into()), ..Subject::default() },
        legal_ground: "art. 5 of the example arrangement".into(),
        reason: "named in a case of the United Kingdom (invented)".into(),
        reference: "2026/17".into(),
        answer_by: None,
        justify_by: None,
    };
    Content::request(leave, inquiry).unwrap()
}

fn correction(first: &Header) -> Content {
    let right = list(4);
    let permit = permit(&right, Mode::List, (TUR, GBR));
    let disclosure = Disclosure::list(&right, permit, &message).unwrap();
    Content::correction(disclosure, (first, Kind::List), Cause::Incomplete).unwrap()
}

fn telling() -> Content {
    let list = list(3);
    let mode = Mode::Spontaneous;
    let mut r = policy::Request::about(&list, (TUR, GBR), mode, policy::Purpose::Terrorism, now());
    r.reviewed = true;
    let permit = policy::decide(&r, &[common::agreement()], &[]).unwrap();
    let chosen = Chosen::of(&list, &[2], permit, &message).unwrap();
    let telling = Statement {
        legal_ground: "art. 4 of the example arrangement".into(),
        reason: "is expected by somebody sought in the United Kingdom (invented)".into(),
        reference: "2026/31".into(),
    };
    Content::telling(chosen, telling).unwrap()
}

fn responses(request: &Parcel) -> [Content; 2] {
    let asked = Asked::of(&request.header, request.digest, Vec::new()).unwrap();
    let list = list(2);
    let mut r = policy::Request::about(&list, (TUR, GBR), Mode::Answer, asked.purpose, now());
    (r.reviewed, r.elements) = (true, asked.elements);
    let permit = policy::decide(&r, &[common::agreement()], &[]).unwrap();
    let chosen = Chosen::of(&list, &[1], permit, &message).unwrap();
    let given = Content::answer(chosen, &asked, (1, 1)).unwrap();
    let leave = policy::reply(signed().id(), (TUR, GBR), &[common::agreement()]).unwrap();
    let refused = (Outcome::TooWide, vec!["AG-15".to_owned()]);
    [given, Content::answer_without(leave, &asked, refused).unwrap()]
}

fn sealing<'a>(n: u8, (from, to): (&'a StateKeys, &'a StateKeys)) -> Sealing<'a> {
    Sealing { id: id(n), made_at: now(), keys: from, to: to.public(), checkpoint: None }
}

fn bytes(value: &Value) -> Vec<u8> {
    HEX.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

#[test]
fn the_vectors_are_what_this_version_reads() {
    if std::env::var("VECTORS").is_ok_and(|v| v == "write") {
        std::fs::write(file(), serde_json::to_string_pretty(&make()).unwrap() + "\n").unwrap();
    }
    let vectors: Value = serde_json::from_slice(&std::fs::read(file()).unwrap()).unwrap();
    assert_eq!(vectors["protocol"], exchange::PROTOCOL);
    let keys = |code: &str| {
        let states = vectors["states"].as_array().unwrap();
        let state = states.iter().find(|s| s["state"] == code).unwrap();
        let secret = StateKeys::decode(&bytes(&state["secret"])).unwrap();
        let public = PublicKeys::decode(&bytes(&state["public"])).unwrap();
        assert_eq!(public.fingerprint(), state["fingerprint"].as_str().unwrap());
        (secret, public)
    };
    let (gbr, tur) = (keys("GBR"), keys("TUR"));
    let signed = SignedAgreement::from_cbor(&bytes(&vectors["agreement"])).unwrap();
    let in_force = signed.verify(&[gbr.1.party_keys(GBR), tur.1.party_keys(TUR)]).unwrap();
    for stream in vectors["streams"].as_array().unwrap() {
        let ((from, sender), (to, receiver)) = if stream["from"] == "GBR" {
            ((GBR, &gbr), (TUR, &tur))
        } else {
            ((TUR, &tur), (GBR, &gbr))
        };
        if let Some(together) = stream.get("together") {
            let (body, said) = (bytes(&together["parcels"]), bytes(&together["answers"]));
            let parcels = stream["parcels"].as_array().unwrap();
            let each = |what: &str| parcels.iter().map(|p| bytes(&p[what])).collect::<Vec<_>>();
            assert_eq!(read_together(&body).unwrap(), each("parcel"));
            let receipts: Vec<Answer> = each("receipt").into_iter().map(Answer::Receipt).collect();
            assert_eq!(read_answers(&said, parcels.len()).unwrap(), receipts);
        }
        let mut state = Incoming::new(in_force.id(), from, to);
        for pair in stream["parcels"].as_array().unwrap() {
            let (parcel, receipt) = (bytes(&pair["parcel"]), bytes(&pair["receipt"]));
            let verified = Arrived::read(&parcel).unwrap().verify((from, &sender.1), to).unwrap();
            let (header, digest) = (verified.header().clone(), verified.digest());
            assert_eq!(digest, Digest::of(&parcel));
            let Verdict::Accept { after } =
                state.receive(&header, digest, &Known::default(), now())
            else {
                panic!("number {} is not the next", header.sequence)
            };
            state = after;
            let opened = verified.open(&receiver.0).unwrap();
            match (header.kind, header.elements.is_empty()) {
                (Kind::Erasure, _) => assert_eq!(opened.payload, b"wrong_person"),
                (Kind::Answer, true) => assert_eq!(opened.payload, b"too_wide"),
                (Kind::Request, _) => assert!(Inquiry::decode(&opened.payload).is_some()),
                (Kind::Keys, _) => {
                    let Rollover { keys } = Rollover::read(&opened.payload).unwrap();
                    assert_eq!(keys.digest(), sender.1.digest());
                    assert!(keys.epoch().epoch > sender.1.epoch().epoch);
                }
                (Kind::Total, _) => {
                    let total = Total::read(&opened.payload, &sender.1).unwrap();
                    let receipt = Receipt::read(&receipt, &receiver.1).unwrap();
                    assert!(receipt.reckoning.unwrap().agrees(&total));
                    assert_eq!((total.first, total.last + 1), (1, header.sequence));
                }
                (Kind::Justification, _) => {
                    assert!(Statement::decode(&opened.payload).is_some());
                }
                _ => assert!(opened.payload.starts_with(b"UNA:+.? 'UNB")),
            }
            assert_eq!(opened.ground.is_some(), header.kind == Kind::Hit);
            assert_eq!(opened.telling.is_some(), header.kind == Kind::Spontaneous);
            let cause = (header.kind == Kind::Correction).then_some(Cause::Incomplete);
            assert_eq!(opened.cause, cause);
            Receipt::verify(&receipt, &receiver.1, &header, digest).unwrap();
        }
    }
}
