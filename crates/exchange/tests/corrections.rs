//! What went to a partner was wrong: the right record comes in its place.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    BRITISH, GBR, TUR, TURKISH, agreement, id, list, list_between, now, permit, render, seal,
    stream, upheld,
};
use exchange::{
    Arrived, Cause, Content, Delivery, Desk, Disclosure, DisclosureError, Earlier, Facts, Incoming,
    Kind, Outgoing, Parcel, Reason, Reception, Retraction, Sealing, Taken,
};
use policy::Mode;
use travel::PassengerList;

fn sealing(n: u8) -> Sealing<'static> {
    let (keys, to) = (&*TURKISH, BRITISH.public());
    Sealing { id: id(n), made_at: now(), keys, to, checkpoint: None }
}

/// So many travellers, in place of what went with a parcel.
fn correction(earlier: &Parcel, travellers: usize) -> Result<Content, DisclosureError> {
    let right = list(travellers);
    let permit = permit(&right, Mode::List, (TUR, GBR));
    let disclosure = Disclosure::list(&right, permit, &render).unwrap();
    Content::correction(disclosure, (&earlier.header, Kind::List), Cause::Mistake)
}

fn correct(after: &Outgoing, earlier: &Parcel, n: u8, travellers: usize) -> (Parcel, Outgoing) {
    after.seal(correction(earlier, travellers).unwrap(), sealing(n)).unwrap()
}

fn receive(delivery: &mut Delivery, parcel: &Parcel, facts: Facts) -> Reception {
    let agreements = [agreement()];
    let read = |payload: &[u8]| PassengerList::decode(payload).ok();
    let (keys, us) = (&*BRITISH, GBR);
    let desk = Desk { us, keys, agreements: &agreements, ended: &[], regimes: &[], read: &read };
    let arrived = Arrived::read(&parcel.bytes).unwrap();
    let verified = arrived.verify((TUR, TURKISH.public()), GBR).unwrap();
    desk.receive(delivery, verified, facts, now()).unwrap()
}

fn refused(delivery: &mut Delivery, parcel: &Parcel, facts: Facts) -> &'static str {
    match receive(delivery, parcel, facts) {
        Reception::Refused { wrong, .. } => wrong.reason,
        other => panic!("{other:?}"),
    }
}

/// The stream as it stands when the store holds what came with the first parcel, or does not.
fn after(first: &Parcel, holds: bool) -> Facts {
    let stream = Incoming {
        next_sequence: 2,
        previous: first.digest,
        ..Incoming::new(agreement().id(), TUR, GBR)
    };
    let holds = holds.then(|| first.header.flight.key());
    let earlier = Earlier { agreement: agreement().id(), kind: Kind::List, holds };
    Facts { stream: Some(stream), earlier: Some(earlier), ..Facts::default() }
}

#[test]
fn the_right_record_comes_in_the_place_of_the_wrong_one() {
    let (wrong, stream) = seal(&stream(), 1, 2);
    let (right, _) = correct(&stream, &wrong, 2, 3);
    assert_eq!((right.header.kind, right.header.about), (Kind::Correction, Some(id(1))));
    let mut delivery = Delivery::default();
    let _ = receive(&mut delivery, &wrong, Facts::default());
    for reception in [
        receive(&mut delivery, &right, Facts::default()),
        receive(&mut Delivery::default(), &right, after(&wrong, true)),
    ] {
        let Reception::Taken { what: Taken::Corrected { earlier, kind, cause, list, .. }, .. } =
            reception
        else {
            panic!("it was not corrected");
        };
        assert_eq!((earlier, kind, cause), (id(1), Kind::List, Cause::Mistake));
        assert_eq!(list.travellers().len(), 3);
    }
}

#[test]
fn nothing_comes_back_that_is_not_held_any_more() {
    let (wrong, stream) = seal(&stream(), 1, 2);
    let (first, stream) = correct(&stream, &wrong, 2, 3);
    let facts = after(&wrong, false);
    assert_eq!(refused(&mut Delivery::default(), &first, facts), "nothing_to_correct");
    let never = Facts { earlier: None, ..after(&wrong, true) };
    assert_eq!(refused(&mut Delivery::default(), &first, never), "unknown_parcel");
    // What was corrected once is corrected by naming the correction.
    let mut delivery = Delivery::default();
    let _ = receive(&mut delivery, &wrong, Facts::default());
    let _ = receive(&mut delivery, &first, Facts::default());
    let (again, stream) = correct(&stream, &wrong, 3, 4);
    assert_eq!(refused(&mut delivery, &again, Facts::default()), "nothing_to_correct");
    let (second, stream) = correct(&stream, &first, 4, 4);
    let reception = receive(&mut delivery, &second, Facts::default());
    assert!(matches!(reception, Reception::Taken { what: Taken::Corrected { .. }, .. }));
    // Nor after it was taken back.
    let recall = policy::recall(agreement().id(), (TUR, GBR), &[agreement()]).unwrap();
    let how = (Kind::Withdrawal, Reason::Mistake);
    let retraction = Retraction::of(recall, &second.header, how).unwrap();
    let (gone, stream) = stream.seal(retraction, sealing(5)).unwrap();
    let _ = receive(&mut delivery, &gone, Facts::default());
    let (late, _) = correct(&stream, &second, 6, 1);
    assert_eq!(refused(&mut delivery, &late, Facts::default()), "nothing_to_correct");
}

#[test]
fn a_correction_counts_as_what_it_corrects() {
    let (wrong, stream) = seal(&stream(), 1, 2);
    let (right, _) = correct(&stream, &wrong, 2, 3);
    // The receiver holds a hit under that id: a whole list does not take its place.
    let mut facts = after(&wrong, true);
    facts.earlier.as_mut().unwrap().kind = Kind::Hit;
    let reason = refused(&mut Delivery::default(), &right, facts);
    assert!(matches!(reason, "policy" | "body"), "{reason}");
    let mut facts = after(&wrong, true);
    facts.earlier.as_mut().unwrap().holds = Some("TK1/IST-MAN".to_owned());
    assert_eq!(refused(&mut Delivery::default(), &right, facts), "another_flight");
}

#[test]
fn a_hit_is_corrected_by_what_officers_uphold_of_the_right_record() {
    let right = list_between("MAN", "IST", 3);
    let permit = || permit(&right, Mode::Hit, (GBR, TUR));
    let hit = |n| Disclosure::hit(upheld(n), &right, permit(), &render).unwrap();
    let keys = |n| Sealing {
        id: id(n),
        made_at: now(),
        keys: &BRITISH,
        to: TURKISH.public(),
        checkpoint: None,
    };
    let stream = Outgoing::new(agreement().id(), GBR, TUR);
    let (wrong, stream) = stream.seal(hit(1), keys(1)).unwrap();
    let of = (&wrong.header, Kind::Hit);
    let content = Content::correction(hit(2), of, Cause::Rectified).unwrap();
    let (right, _) = stream.seal(content, keys(2)).unwrap();
    let agreements = [agreement()];
    let read = |payload: &[u8]| PassengerList::decode(payload).ok();
    let (us, ours) = (TUR, &*TURKISH);
    let desk =
        Desk { us, keys: ours, agreements: &agreements, ended: &[], regimes: &[], read: &read };
    let mut delivery = Delivery::default();
    let mut last = None;
    for parcel in [&wrong, &right] {
        let arrived = Arrived::read(&parcel.bytes).unwrap();
        let verified = arrived.verify((GBR, BRITISH.public()), TUR).unwrap();
        last = Some(desk.receive(&mut delivery, verified, Facts::default(), now()).unwrap());
    }
    let Some(Reception::Taken { what: Taken::Corrected { kind, opened, .. }, .. }) = last else {
        panic!("{last:?}");
    };
    assert_eq!((kind, opened.ground.is_some()), (Kind::Hit, true));
}

#[test]
fn only_the_same_flight_in_the_same_form_is_a_correction() {
    let (wrong, _) = seal(&stream(), 1, 2);
    let other = list_between("IST", "MAN", 2);
    let permit = permit(&other, Mode::List, (TUR, GBR));
    let disclosure = Disclosure::list(&other, permit, &render).unwrap();
    let made = Content::correction(disclosure, (&wrong.header, Kind::List), Cause::Mistake);
    assert_eq!(made.err(), Some(DisclosureError::WrongList));
    let as_hit = {
        let right = list(2);
        let permit = common::permit(&right, Mode::List, (TUR, GBR));
        let disclosure = Disclosure::list(&right, permit, &render).unwrap();
        Content::correction(disclosure, (&wrong.header, Kind::Hit), Cause::Mistake)
    };
    assert!(as_hit.is_err());
}
