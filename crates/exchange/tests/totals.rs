//! Both sides say what a day of a stream carried.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, GBR, TUR, TURKISH, agreement, id, now, seal, stream};
use exchange::{
    Arrived, Content, Counted, Counting, Delivery, Desk, Digest, Facts, Incoming, Kind, Outgoing,
    Parcel, PublicKeys, Receipt, Reception, Reckoning, Sealing, StateKeys, Taken, Total,
};
use jiff::civil::{Date, date};
use policy::InForce;
use proptest::prelude::*;
use travel::PassengerList;

const DAY: Date = date(2026, 3, 1);

fn counted(parcel: &Parcel) -> Counted {
    let (sequence, digest) = (parcel.header.sequence, parcel.digest);
    Counted { sequence, kind: Some(parcel.header.kind), digest, taken: true }
}

fn total(parcels: &[Counted]) -> Total {
    Total::of((agreement().id(), TUR, GBR), DAY, parcels).unwrap()
}

fn content(total: &Total, keys: &StateKeys) -> Content {
    let leave = policy::account(agreement().id(), (TUR, GBR), &[agreement()]).unwrap();
    Content::total(leave, total, total.sign(keys).unwrap()).unwrap()
}

fn sealed(stream: &Outgoing, n: u8, content: Content) -> (Parcel, Outgoing) {
    let to = BRITISH.public();
    let sealing = Sealing { id: id(n), made_at: now(), keys: &TURKISH, to, checkpoint: None };
    stream.seal(content, sealing).unwrap()
}

/// Three lists, and the stream after them.
fn lists() -> (Vec<Parcel>, Outgoing) {
    let (mut parcels, mut at) = (Vec::new(), stream());
    for n in 1..=3 {
        let (parcel, after) = seal(&at, n, 2);
        parcels.push(parcel);
        at = after;
    }
    (parcels, at)
}

fn counting(parcels: Vec<Counted>) -> Counting {
    Counting { first: 1, parcels, keys: TURKISH.public().clone() }
}

/// Where the receiver stands after these parcels.
fn taken(parcels: &[Parcel]) -> Incoming {
    let last = parcels.last().unwrap();
    let (next_sequence, previous) = (last.header.sequence + 1, last.digest);
    Incoming { next_sequence, previous, ..Incoming::new(agreement().id(), TUR, GBR) }
}

fn received(delivery: &mut Delivery, parcel: &Parcel, facts: Facts) -> Reception {
    let (agreements, read) = ([agreement()], |p: &[u8]| PassengerList::decode(p).ok());
    let (ended, regimes): (&[InForce], _) = (&[], &[]);
    let desk =
        Desk { us: GBR, keys: &BRITISH, agreements: &agreements, ended, regimes, read: &read };
    let arrived = Arrived::read(&parcel.bytes).unwrap();
    let verified = arrived.verify((TUR, TURKISH.public()), GBR).unwrap();
    desk.receive(delivery, verified, facts, now()).unwrap()
}

fn reckoned(reception: Reception) -> (Reckoning, bool, Vec<u8>) {
    let Reception::Taken { what: Taken::Totalled { reckoning, agrees, .. }, receipt, .. } =
        reception
    else {
        panic!("{reception:?}")
    };
    (reckoning, agrees, receipt)
}

#[test]
fn a_total_that_comes_with_its_parcels_is_countersigned_in_its_receipt() {
    let (parcels, at) = lists();
    let said = total(&parcels.iter().map(counted).collect::<Vec<_>>());
    let (parcel, at) = sealed(&at, 4, content(&said, &TURKISH));
    let mut delivery = Delivery::default();
    for list in &parcels {
        let got = received(&mut delivery, list, Facts::default());
        assert!(matches!(got, Reception::Taken { .. }), "{got:?}");
    }
    let facts = || Facts { counting: Some(counting(Vec::new())), ..Facts::default() };
    let (reckoning, agrees, receipt) = reckoned(received(&mut delivery, &parcel, facts()));
    assert!(agrees && reckoning.agrees(&said));
    let receipt = Receipt::read(&receipt, BRITISH.public()).unwrap();
    assert_eq!(receipt.reckoning, Some(reckoning.clone()));
    assert_eq!((reckoning.first, reckoning.last, reckoning.parcels()), (1, 3, 3));
    assert_eq!(reckoning.taken[0].name(), "list");
    // The next one, of the same delivery, begins where this one ended.
    let next = total(&[counted(&parcel)]);
    let (parcel, _) = sealed(&at, 5, content(&next, &TURKISH));
    let (reckoning, agrees, _) = reckoned(received(&mut delivery, &parcel, facts()));
    assert_eq!((reckoning.first, reckoning.last, agrees), (4, 4, true));
}

#[test]
fn a_receiver_that_counts_otherwise_says_what_it_has() {
    let (parcels, at) = lists();
    let all: Vec<Counted> = parcels.iter().map(counted).collect();
    let said = total(&all);
    let (parcel, _) = sealed(&at, 4, content(&said, &TURKISH));
    let stream = Some(taken(&parcels));
    let judged = |rows: Vec<Counted>| {
        let (stream, counting) = (stream.clone(), Some(counting(rows)));
        reckoned(received(
            &mut Delivery::default(),
            &parcel,
            Facts { stream, counting, ..Facts::default() },
        ))
    };
    assert!(judged(all.clone()).1);
    let refused = Counted { taken: false, ..all[1] };
    let (reckoning, agrees, _) = judged(vec![all[0], refused, all[2]]);
    assert!(agrees, "what was refused was counted too");
    assert_eq!((reckoning.taken[0].parcels, reckoning.refused[0].parcels), (2, 1));
    for short in [vec![all[0], all[2]], vec![all[0], all[1]], Vec::new()] {
        let here = short.len() as u64;
        let (reckoning, agrees, _) = judged(short);
        assert_eq!((agrees, reckoning.parcels()), (false, here));
    }
    let other = Counted { digest: Digest([9; 32]), ..all[1] };
    assert!(!judged(vec![all[0], other, all[2]]).1, "another parcel under that number");
    let kind = Counted { kind: Some(Kind::Hit), ..all[1] };
    assert!(!judged(vec![all[0], kind, all[2]]).1);
    let unknown = Counted { kind: None, taken: false, ..all[1] };
    assert!(judged(vec![all[0], unknown, all[2]]).1, "its digest says which it is");
}

#[test]
fn what_is_no_total_of_this_stream_by_its_sender_is_refused() {
    let (parcels, at) = lists();
    let said = total(&parcels.iter().map(counted).collect::<Vec<_>>());
    let ahead =
        Total { last: 4, sent: vec![exchange::Tally { kind: 0, parcels: 4 }], ..said.clone() };
    let short = Total { sent: vec![exchange::Tally { kind: 0, parcels: 2 }], ..said.clone() };
    let day = Total { day: "2026-3-1".into(), ..said.clone() };
    for (total, keys) in
        [(&said, &*BRITISH), (&ahead, &*TURKISH), (&short, &*TURKISH), (&day, &*TURKISH)]
    {
        let (parcel, _) = sealed(&at, 4, content(total, keys));
        let (stream, counting) = (Some(taken(&parcels)), Some(counting(Vec::new())));
        let facts = Facts { stream, counting, ..Facts::default() };
        let got = received(&mut Delivery::default(), &parcel, facts);
        let Reception::Refused { wrong, .. } = got else { panic!("{got:?}") };
        assert_eq!(wrong.reason, "unreadable");
    }
    let elsewhere = Total { to: TUR, from: GBR, ..said };
    let leave = policy::account(agreement().id(), (TUR, GBR), &[agreement()]).unwrap();
    assert!(Content::total(leave, &elsewhere, Vec::new()).is_none());
    assert!(policy::account(agreement().id(), (TUR, TUR), &[agreement()]).is_err());
}

#[test]
fn nothing_is_stated_of_nothing_or_over_a_gap() {
    let (parcels, _) = lists();
    let all: Vec<Counted> = parcels.iter().map(counted).collect();
    let of = |parcels: &[Counted]| Total::of((agreement().id(), TUR, GBR), DAY, parcels);
    assert!(of(&[]).is_none());
    assert!(of(&[all[0], all[2]]).is_none());
    let (one, again) = (of(&all).unwrap(), of(&all).unwrap());
    assert_eq!(one, again, "a function of what is durable");
    let bytes = one.sign(&TURKISH).unwrap();
    assert_eq!(Total::read(&bytes, TURKISH.public()), Some(one.clone()));
    assert_eq!(Total::kept(&bytes), Some(one));
    assert_eq!(Total::read(&bytes, BRITISH.public()), None);
    let keys: &PublicKeys = TURKISH.public();
    for at in (0..bytes.len()).step_by(97) {
        let mut torn = bytes.clone();
        torn[at] ^= 1;
        assert_eq!(Total::read(&torn, keys), None, "at {at}");
    }
}

proptest! {
    #[test]
    fn two_sides_agree_only_about_the_same_parcels(
        kinds in proptest::collection::vec((0usize..6, any::<bool>()), 1..20),
        (lost, changed) in (0usize..40, 0usize..40),
    ) {
        let row = |(n, (kind, taken)): (usize, &(usize, bool))| Counted {
            sequence: n as u64 + 1,
            kind: Some(Kind::ALL[*kind]),
            digest: Digest([n as u8; 32]),
            taken: *taken,
        };
        let sent: Vec<Counted> = kinds.iter().enumerate().map(row).collect();
        let said = total(&sent);
        let mut here = sent.clone();
        if let Some(row) = here.get_mut(changed) {
            row.digest = Digest([99; 32]);
        }
        if lost < here.len() {
            here.remove(lost);
        }
        let reckoning = Reckoning::of(&counting(here.clone()), said.last);
        prop_assert_eq!(reckoning.agrees(&said), here == sent);
    }
}
