//! A partner's new epoch key comes as a parcel of its stream.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, GBR, TUR, TURKISH, agreement, disclosure, id, now, stream};
use exchange::{
    Arrived, Content, Delivery, Desk, Facts, Kind, Outgoing, Parcel, PublicKeys, Reception,
    Rollover, Sealing, StateKeys, Taken,
};
use policy::InForce;
use travel::PassengerList;

fn copy(keys: &StateKeys) -> StateKeys {
    StateKeys::decode(&keys.encode()).unwrap()
}

fn next(keys: &StateKeys) -> StateKeys {
    copy(keys).next_epoch(0, now()).unwrap()
}

fn told(keys: &StateKeys) -> Rollover {
    Rollover { keys: keys.public().clone() }
}

fn sealed(
    stream: &Outgoing,
    n: u8,
    what: impl Into<Content>,
    to: &PublicKeys,
) -> (Parcel, Outgoing) {
    let sealing = Sealing { id: id(n), made_at: now(), keys: &TURKISH, to, checkpoint: None };
    stream.seal(what, sealing).unwrap()
}

fn content(told: &Rollover) -> Content {
    let leave = policy::account(agreement().id(), (TUR, GBR), &[agreement()]).unwrap();
    Content::keys(leave, told)
}

/// What becomes of a parcel at a receiver with these keys that knows those of the sender.
fn received(
    delivery: &mut Delivery,
    (parcel, own): (&Parcel, &StateKeys),
    known: &PublicKeys,
) -> Reception {
    let (agreements, read) = ([agreement()], |p: &[u8]| PassengerList::decode(p).ok());
    let (ended, regimes): (&[InForce], _) = (&[], &[]);
    let desk = Desk { us: GBR, keys: own, agreements: &agreements, ended, regimes, read: &read };
    let arrived = Arrived::read(&parcel.bytes).unwrap();
    let verified = arrived.verify((TUR, TURKISH.public()), GBR).unwrap();
    let sender = (parcel.header.kind == Kind::Keys).then(|| known.clone());
    desk.receive(delivery, verified, Facts { sender, ..Facts::default() }, now()).unwrap()
}

/// The reason of a refusal, and whether a person has to look; or whether the epoch is newer.
fn judged(told: &Rollover, known: &StateKeys) -> Result<bool, (&'static str, bool)> {
    let (parcel, _) = sealed(&stream(), 1, content(told), BRITISH.public());
    match received(&mut Delivery::default(), (&parcel, &BRITISH), known.public()) {
        Reception::Taken { what: Taken::RolledOver { keys, newer, .. }, .. } => {
            assert_eq!(*keys, told.keys);
            Ok(newer)
        }
        Reception::Refused { wrong, .. } => Err((wrong.reason, wrong.alarm)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_higher_epoch_of_the_same_identity_is_taken_and_a_lower_one_is_not() {
    let second = next(&TURKISH);
    let third = next(&second);
    assert_eq!(judged(&told(&second), &TURKISH), Ok(true));
    assert_eq!(judged(&told(&third), &TURKISH), Ok(true), "one may have been missed");
    assert_eq!(judged(&told(&second), &second), Ok(false), "known already");
    assert_eq!(judged(&told(&copy(&second)), &second), Ok(false), "certified anew");
    assert_eq!(judged(&told(&second), &third), Err(("old_epoch", false)));
    assert_eq!(judged(&told(&next(&TURKISH)), &second), Err(("another_key", true)));
}

#[test]
fn another_identity_is_never_taken_from_a_parcel() {
    assert_eq!(judged(&told(&next(&BRITISH)), &TURKISH), Err(("another_identity", true)));
}

#[test]
fn an_epoch_key_that_the_identity_did_not_certify_is_not_taken() {
    let (second, other) = (next(&TURKISH), next(&TURKISH));
    let mut bytes = told(&second).encode();
    let (mine, theirs) = (&second.public().epoch().x25519, &other.public().epoch().x25519);
    let at = bytes.windows(32).position(|w| w == mine.as_slice()).unwrap();
    bytes[at..at + 32].copy_from_slice(theirs);
    let told = Rollover::read(&bytes).unwrap();
    assert_eq!(judged(&told, &TURKISH), Err(("not_certified", true)));
}

#[test]
fn any_byte_that_is_changed_leaves_nothing_that_is_taken_as_newer_keys() {
    let second = next(&TURKISH);
    let bytes = told(&second).encode();
    for at in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Some(told) = Rollover::read(&changed) {
            assert!(judged(&told, &TURKISH).is_err(), "byte {at}");
        }
    }
}

#[test]
fn keys_of_one_delivery_are_judged_one_after_the_other() {
    let second = next(&TURKISH);
    let third = next(&second);
    let (first, at) = sealed(&stream(), 1, content(&told(&third)), BRITISH.public());
    let (late, _) = sealed(&at, 2, content(&told(&second)), BRITISH.public());
    let mut delivery = Delivery::default();
    let known = TURKISH.public();
    let got = received(&mut delivery, (&first, &BRITISH), known);
    assert!(matches!(got, Reception::Taken { .. }), "{got:?}");
    let got = received(&mut delivery, (&late, &BRITISH), known);
    let Reception::Refused { wrong, .. } = got else { panic!("{got:?}") };
    assert_eq!(wrong.reason, "old_epoch");
}

#[test]
fn what_is_sealed_to_a_key_that_is_not_here_yet_waits_for_a_person() {
    let newer = next(&BRITISH);
    let (parcel, _) = sealed(&stream(), 1, disclosure(1), newer.public());
    let got = received(&mut Delivery::default(), (&parcel, &BRITISH), TURKISH.public());
    assert!(matches!(got, Reception::NotNow { reason: "newer_epoch", .. }), "{got:?}");
    // With the right key file it is taken; without the old private part it is refused for good.
    let got = received(&mut Delivery::default(), (&parcel, &newer), TURKISH.public());
    assert!(matches!(got, Reception::Taken { .. }), "{got:?}");
    let newest = next(&newer).keep_from(3).unwrap();
    let got = received(&mut Delivery::default(), (&parcel, &newest), TURKISH.public());
    let Reception::Refused { wrong, .. } = got else { panic!("{got:?}") };
    assert_eq!(wrong.reason, "epoch");
}
