//! What went to a partner is taken back.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, GBR, TUR, TURKISH, agreement, id, now, seal, stream};
use exchange::{
    Arrived, Delivery, Desk, DisclosureError, Facts, Kind, Outgoing, Parcel, Reason, Reception,
    Retraction, Sealing, Taken, Verified,
};
use travel::PassengerList;

fn sealing(n: u8) -> Sealing<'static> {
    let (keys, to) = (&*TURKISH, BRITISH.public());
    Sealing { id: id(n), made_at: now(), keys, to, checkpoint: None }
}

fn take_back(after: &Outgoing, earlier: &Parcel, n: u8, kind: Kind) -> (Parcel, Outgoing) {
    let recall = policy::recall(agreement().id(), (TUR, GBR), &[agreement()]).unwrap();
    let retraction = Retraction::of(recall, &earlier.header, (kind, Reason::Mistake)).unwrap();
    after.seal(retraction, sealing(n)).unwrap()
}

fn verified(parcel: &Parcel) -> Verified {
    Arrived::read(&parcel.bytes).unwrap().verify((TUR, TURKISH.public()), GBR).unwrap()
}

fn receive(delivery: &mut Delivery, parcel: &Parcel, facts: Facts) -> Reception {
    let agreements = [agreement()];
    let read = |payload: &[u8]| PassengerList::decode(payload).ok();
    let (keys, us) = (&*BRITISH, GBR);
    let desk = Desk { us, keys, agreements: &agreements, ended: &[], regimes: &[], read: &read };
    desk.receive(delivery, verified(parcel), facts, now()).unwrap()
}

#[test]
fn what_came_before_in_the_stream_is_taken_back_in_the_same_delivery() {
    for kind in [Kind::Withdrawal, Kind::Erasure] {
        let (list, after) = seal(&stream(), 1, 2);
        let (retraction, _) = take_back(&after, &list, 2, kind);
        let mut delivery = Delivery::default();
        let kept = receive(&mut delivery, &list, Facts::default());
        assert!(matches!(kept, Reception::Taken { what: Taken::List { .. }, .. }));
        let Reception::Taken { what: Taken::TakenBack { earlier, reason }, after, .. } =
            receive(&mut delivery, &retraction, Facts::default())
        else {
            panic!("it was not taken back");
        };
        assert_eq!((earlier, reason, after.next_sequence), (id(1), Reason::Mistake, 3));
        let outside = retraction.header;
        assert!(outside.elements.is_empty() && outside.about == Some(id(1)));
    }
}

#[test]
fn what_never_came_is_refused_with_a_receipt_and_the_stream_goes_on() {
    let (list, after) = seal(&stream(), 1, 2);
    let (retraction, _) = take_back(&after, &list, 2, Kind::Erasure);
    let stream = exchange::Incoming {
        next_sequence: 2,
        previous: list.digest,
        ..exchange::Incoming::new(agreement().id(), TUR, GBR)
    };
    let facts = Facts { stream: Some(stream), ..Facts::default() };
    let Reception::Refused { wrong, .. } = receive(&mut Delivery::default(), &retraction, facts)
    else {
        panic!("it was not refused");
    };
    assert_eq!(wrong.reason, "unknown_parcel");
}

#[test]
fn only_who_sent_it_under_that_agreement_takes_it_back() {
    let (list, _) = seal(&stream(), 1, 2);
    let recall = |pair| policy::recall(agreement().id(), pair, &[agreement()]);
    assert!(recall((GBR, travel::Country::new("FRA"))).is_err());
    let theirs = recall((GBR, TUR)).unwrap();
    let as_erasure = (Kind::Erasure, Reason::Ordered);
    assert_eq!(
        Retraction::of(theirs, &list.header, as_erasure).err(),
        Some(DisclosureError::WrongList)
    );
    let ours = recall((TUR, GBR)).unwrap();
    let as_list = (Kind::List, Reason::Ordered);
    assert!(Retraction::of(ours, &list.header, as_list).is_err());
}
