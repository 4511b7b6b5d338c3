//! Parcels: round trip, and every way to tamper with one.
#![allow(clippy::unwrap_used)]

mod common;

use common::{
    BRITISH, GBR, TUR, TURKISH, agreement, disclosure, id, list, now, permit, render, seal, stream,
};
use exchange::{
    Arrived, Digest, Disclosure, DisclosureError, ExchangeError, Kind, MAX_PARCEL_BYTES, Opened,
    Outgoing, ParcelId, Receipt, ReceiptError, ReceiptVerdict, Sealing, StateKeys, Unread,
};
use policy::Mode;
use proptest::prelude::*;
use travel::{Element, PassengerList};

fn open(bytes: &[u8]) -> Result<Opened, Unread> {
    Arrived::read(bytes)?.verify((TUR, TURKISH.public()), GBR)?.open(&BRITISH)
}

#[test]
fn what_is_sealed_is_opened_by_the_receiver_alone() {
    let (parcel, after) = seal(&stream(), 1, 3);
    let opened = open(&parcel.bytes).unwrap();
    assert_eq!(opened.header, parcel.header);
    assert_eq!(opened.digest, parcel.digest);
    assert_eq!(opened.header.kind, Kind::List);
    assert_eq!(
        (opened.media_type.as_str(), opened.ground.is_none()),
        ("application/edifact", true)
    );
    let list = PassengerList::decode(&opened.payload).unwrap();
    assert_eq!(list.travellers().len(), 3);
    assert_eq!((after.next_sequence, after.previous), (2, parcel.digest));

    let verified =
        Arrived::read(&parcel.bytes).unwrap().verify((TUR, TURKISH.public()), GBR).unwrap();
    assert_eq!(verified.open(&TURKISH).unwrap_err(), Unread::Sealed);
}

#[test]
fn only_what_was_permitted_is_in_it() {
    let (parcel, _) = seal(&stream(), 1, 2);
    let permitted = permit(&list(2), Mode::List, (TUR, GBR)).elements();
    let opened = PassengerList::decode(&open(&parcel.bytes).unwrap().payload).unwrap();
    assert_eq!(opened.elements(), permitted);
    assert_eq!(parcel.header.elements, permitted);
    assert!(!permitted.contains(Element::Payment));
}

#[test]
fn nobody_can_be_read_in_the_bytes_or_in_debug() {
    let (parcel, _) = seal(&stream(), 1, 3);
    assert!(!parcel.bytes.windows(6).any(|w| w == b"YILMAZ"));
    let opened = open(&parcel.bytes).unwrap();
    assert!(!format!("{parcel:?} {opened:?}").contains("YILMAZ"));
}

#[test]
fn lists_of_about_the_same_size_cannot_be_told_apart() {
    let sizes: Vec<usize> = (1..12).map(|n| seal(&stream(), 1, n).0.bytes.len()).collect();
    let spread = sizes.iter().max().unwrap() - sizes.iter().min().unwrap();
    assert!(spread <= 1, "{sizes:?}");
}

#[test]
fn a_permit_for_something_else_discloses_nothing() {
    let mine = list(1);
    let wrong_mode = permit(&mine, Mode::Hit, (GBR, TUR));
    assert_eq!(
        Disclosure::list(&mine, wrong_mode, &render).err(),
        Some(DisclosureError::WrongMode { permitted: Mode::Hit, wanted: Mode::List })
    );
    let other = mine.restricted_to([Element::Names].into_iter().collect(), None);
    let leave = permit(&mine, Mode::List, (TUR, GBR));
    assert_eq!(Disclosure::list(&other, leave, &render).err(), Some(DisclosureError::WrongList));
}

#[test]
fn a_disclosure_goes_into_no_other_stream() {
    let sealing = Sealing {
        id: id(1),
        made_at: now(),
        keys: &TURKISH,
        to: BRITISH.public(),
        checkpoint: None,
    };
    let wrong_way = Outgoing::new(agreement().id(), GBR, TUR);
    assert_eq!(wrong_way.seal(disclosure(1), sealing).unwrap_err(), ExchangeError::OtherStream);
}

#[test]
fn a_hit_carries_one_traveller_and_the_ground_on_which_it_came() {
    let mine = common::list_between("MAN", "IST", 3);
    let hit_list = |list: &PassengerList| permit(list, Mode::Hit, (GBR, TUR));
    let upheld = common::upheld(1);
    let disclosure = Disclosure::hit(upheld, &mine, hit_list(&mine), &render).unwrap();
    assert_eq!(disclosure.restricted().travellers().len(), 1);
    let sealing = Sealing {
        id: id(1),
        made_at: now(),
        keys: &BRITISH,
        to: TURKISH.public(),
        checkpoint: None,
    };
    let stream = Outgoing::new(agreement().id(), GBR, TUR);
    let (parcel, _) = stream.seal(disclosure, sealing).unwrap();
    assert_eq!(parcel.header.kind, Kind::Hit);
    let arrived = Arrived::read(&parcel.bytes).unwrap();
    let opened = arrived.verify((GBR, BRITISH.public()), TUR).unwrap().open(&TURKISH).unwrap();
    let list = PassengerList::decode(&opened.payload).unwrap();
    assert_eq!(list.travellers()[0].surname, "YILMAZ1");
    assert_eq!(list.travellers()[0].seat, None, "the agreement does not name the seat");
    let ground = opened.ground.unwrap();
    assert_eq!((ground.officers, ground.one_in, ground.band.as_str()), (2, 9_000, "hit"));
    assert_eq!((ground.list.as_str(), ground.entry.as_str()), ("un", "QDi.001"));
    assert_eq!(ground.evidence[0].feature, "name");
    let words = format!("{ground:?}");
    assert!(!words.contains("QDi.001") && !words.contains("YILMAZ"), "{words}");
    let nobody = common::upheld(3);
    assert_eq!(
        Disclosure::hit(nobody, &mine, hit_list(&mine), &render).err(),
        Some(DisclosureError::NoSuchTraveller)
    );
}

#[test]
fn every_changed_byte_is_noticed() {
    let (parcel, _) = seal(&stream(), 1, 3);
    for at in 0..parcel.bytes.len() {
        if at > 400 && at % 23 != 0 {
            continue;
        }
        let mut bytes = parcel.bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        assert!(open(&bytes).is_err(), "byte {at}");
    }
}

#[test]
fn every_truncation_and_every_extension_is_noticed() {
    let (parcel, _) = seal(&stream(), 1, 1);
    for end in (0..parcel.bytes.len()).step_by(61) {
        assert!(matches!(open(&parcel.bytes[..end]).unwrap_err(), Unread::Form(_)));
    }
    let longer = [&parcel.bytes[..], b"\0"].concat();
    assert!(matches!(open(&longer).unwrap_err(), Unread::Form(_)));
}

#[test]
fn too_long_is_refused_before_anything_is_read() {
    assert_eq!(open(&vec![0xd8; MAX_PARCEL_BYTES + 1]).unwrap_err(), Unread::TooLong);
}

#[test]
fn a_parcel_under_another_states_signature_is_refused() {
    let (parcel, _) = seal(&stream(), 1, 1);
    let read = || Arrived::read(&parcel.bytes).unwrap();
    let stranger = StateKeys::generate().unwrap();
    assert_eq!(
        read().verify((TUR, stranger.public()), GBR).unwrap_err(),
        Unread::Signature("Ed25519")
    );
    assert_eq!(read().verify((GBR, TURKISH.public()), GBR).unwrap_err(), Unread::WrongSender);
    assert_eq!(read().verify((TUR, TURKISH.public()), TUR).unwrap_err(), Unread::NotForUs);
}

#[test]
fn a_parcel_with_the_outside_of_another_is_refused() {
    let (a, next) = seal(&stream(), 1, 1);
    let (b, _) = seal(&next, 2, 1);
    let from =
        |p: &exchange::Parcel| p.bytes.windows(16).position(|w| w == p.header.parcel.0).unwrap();
    let mut forged = a.bytes.clone();
    forged[from(&a)..from(&a) + 16].copy_from_slice(&b.header.parcel.0);
    assert_eq!(open(&forged).unwrap_err(), Unread::Signature("Ed25519"));
}

#[test]
fn the_second_signature_counts_as_much_as_the_first() {
    let (parcel, _) = seal(&stream(), 1, 1);
    let mut bytes = parcel.bytes.clone();
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(open(&bytes).unwrap_err(), Unread::Signature("ML-DSA-65"));
}

#[test]
fn an_old_epoch_opens_what_was_on_its_way_until_it_is_dropped() {
    let (parcel, _) = seal(&stream(), 1, 1);
    let verified =
        || Arrived::read(&parcel.bytes).unwrap().verify((TUR, TURKISH.public()), GBR).unwrap();
    let again = || StateKeys::decode(&BRITISH.encode()).unwrap();
    let next = || again().next_epoch(0, now()).unwrap();
    assert!(verified().open(&next().keep_from(1).unwrap()).is_ok());
    assert_eq!(verified().open(&next().keep_from(2).unwrap()).unwrap_err(), Unread::Epoch(1));
}

#[test]
fn a_receipt_is_the_receivers_word_on_these_very_bytes() {
    let (a, next) = seal(&stream(), 1, 1);
    let (b, _) = seal(&next, 2, 1);
    let receipt = Receipt::of(&a.header, a.digest, ReceiptVerdict::Accepted, now(), None);
    let bytes = receipt.sign(&BRITISH).unwrap();
    let verify = |bytes: &[u8]| Receipt::verify(bytes, BRITISH.public(), &a.header, a.digest);
    assert_eq!(verify(&bytes).unwrap(), receipt);
    assert_eq!(
        Receipt::verify(&bytes, BRITISH.public(), &b.header, b.digest).unwrap_err(),
        ReceiptError::OtherParcel
    );
    assert_eq!(
        Receipt::verify(&bytes, BRITISH.public(), &a.header, Digest::of(b"other")).unwrap_err(),
        ReceiptError::OtherParcel
    );
    let forged = receipt.sign(&TURKISH).unwrap();
    assert_eq!(verify(&forged).unwrap_err(), ReceiptError::Signature);
    for at in (0..bytes.len()).step_by(13) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        assert!(verify(&bytes).is_err(), "byte {at}");
    }
    assert_eq!(verify(&a.bytes).unwrap_err(), ReceiptError::Form);
    assert!(matches!(open(&bytes).unwrap_err(), Unread::Form(_)));
}

#[test]
fn ids_are_written_as_uuids() {
    let text = "018f0000-1234-7abc-8def-000000000001";
    assert_eq!(ParcelId::parse(text).unwrap().to_string(), text);
    for wrong in ["", "018f", "018f00001234-7abc-8def-0000000000011", &text.replace('f', "+")] {
        assert_eq!(ParcelId::parse(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn bytes_from_outside_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = open(&bytes);
        let _ = Receipt::read(&bytes, BRITISH.public());
        let _ = exchange::Answer::decode(&bytes);
        let _ = exchange::Ground::decode(&bytes);
        let _ = exchange::Incoming::decode(&bytes);
    }

    #[test]
    fn deep_nesting_is_no_parcel(depth in 1usize..200_000) {
        let bytes: Vec<u8> = std::iter::repeat_n(0x81, depth).chain([0]).collect();
        prop_assert!(open(&bytes).is_err());
        let tags: Vec<u8> = std::iter::repeat_n([0xd8, 98], depth).flatten().collect();
        prop_assert!(open(&tags).is_err());
    }
}
