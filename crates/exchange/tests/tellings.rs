//! One state tells the other unasked.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, GBR, TUR, TURKISH, agreement, id, list, now, render};
use exchange::{
    Arrived, Chosen, Content, Delivery, Desk, DisclosureError, Facts, Outgoing, Parcel, Reception,
    Sealing, Statement, Taken,
};
use policy::{Mode, Permit, Purpose, Request, decide};
use travel::PassengerList;

fn telling() -> Statement {
    Statement {
        legal_ground: "art. 4 of the example arrangement".into(),
        reason: "is expected by somebody sought there (invented)".into(),
        reference: "2026/31".into(),
    }
}

fn permit(list: &PassengerList, mode: Mode) -> Permit {
    let mut r = Request::about(list, (TUR, GBR), mode, Purpose::Terrorism, now());
    r.reviewed = true;
    decide(&r, &[agreement()], &[]).unwrap()
}

fn chosen(mode: Mode) -> Chosen {
    let list = list(3);
    let permit = permit(&list, mode);
    Chosen::of(&list, &[1], permit, &render).unwrap()
}

fn seal(content: Content) -> Parcel {
    let to = BRITISH.public();
    let sealing = Sealing { id: id(1), made_at: now(), keys: &TURKISH, to, checkpoint: None };
    Outgoing::new(agreement().id(), TUR, GBR).seal(content, sealing).unwrap().0
}

#[test]
fn a_telling_brings_the_chosen_traveller_and_why_it_concerns_the_receiver() {
    let parcel = seal(Content::telling(chosen(Mode::Spontaneous), telling()).unwrap());
    let verified = Arrived::read(&parcel.bytes).unwrap();
    let verified = verified.verify((TUR, TURKISH.public()), GBR).unwrap();
    let (agreements, read) = ([agreement()], |p: &[u8]| PassengerList::decode(p).ok());
    let desk = Desk {
        us: GBR,
        keys: &BRITISH,
        agreements: &agreements,
        ended: &[],
        regimes: &[],
        read: &read,
    };
    let received = desk.receive(&mut Delivery::default(), verified, Facts::default(), now());
    let Ok(Reception::Taken { what: Taken::List { list, opened }, .. }) = received else {
        panic!("{received:?}")
    };
    assert_eq!(list.travellers().len(), 1);
    assert_eq!(list.travellers()[0].surname, "YILMAZ1");
    assert!(opened.telling == Some(telling()) && opened.response.is_none());
    assert!(!format!("{opened:?} {:?}", telling()).contains("expected"), "nothing is shown");
}

#[test]
fn a_telling_takes_its_own_leave_and_gives_a_reason() {
    let answer = Content::telling(chosen(Mode::Answer), telling()).err();
    let wanted = Mode::Spontaneous;
    assert_eq!(answer, Some(DisclosureError::WrongMode { permitted: Mode::Answer, wanted }));
    for silent in [
        Statement { reason: " ".into(), ..telling() },
        Statement { legal_ground: String::new(), ..telling() },
        Statement { reference: String::new(), ..telling() },
        Statement { reason: "x".repeat(4_001), ..telling() },
    ] {
        assert!(Statement::decode(&silent.encode()).is_none());
        let refused = Content::telling(chosen(Mode::Spontaneous), silent).err();
        assert_eq!(refused, Some(DisclosureError::NoReason));
    }
}
