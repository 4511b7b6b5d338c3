//! The test vectors of the wire: `docs/wire/vectors.json`, read with this crate, and by
//! `docs/wire/checker/check.py` without it. `VECTORS=write` makes new ones, with new keys.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;

use common::{BRITISH, GBR, TUR, TURKISH, id, list, list_between, now, permit, upheld};
use data_encoding::HEXLOWER as HEX;
use exchange::{
    Answer, Arrived, Digest, Disclosure, Incoming, Kind, Known, Outgoing, PublicKeys, Reason,
    Receipt, ReceiptVerdict, Retraction, Sealing, StateKeys, Verdict, read_answers, read_together,
    write_answers, write_together,
};
use policy::{Mode, SignedAgreement};
use serde_json::{Value, json};
use travel::PassengerList;

fn file() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/wire/vectors.json"))
}

fn signed() -> SignedAgreement {
    let toml = include_str!("../../../docs/agreements/gbr-tur.toml");
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
    let (erasure, _) = out.take_back(retraction, sealing(4, (&TURKISH, &BRITISH))).unwrap();
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
    let (hit, _) = stream.seal(disclosure, sealing(9, (&BRITISH, &TURKISH))).unwrap();
    let receipt = Receipt::of(&hit.header, hit.digest, ReceiptVerdict::Accepted, now(), None);
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
            }] },
        ],
    })
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
            match header.about {
                Some(_) => assert_eq!(opened.payload, b"wrong_person"),
                None => assert!(opened.payload.starts_with(b"UNA:+.? 'UNB")),
            }
            assert_eq!(opened.ground.is_some(), from == GBR);
            Receipt::verify(&receipt, &receiver.1, &header, digest).unwrap();
        }
    }
}
