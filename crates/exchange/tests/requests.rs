//! One state asks, an officer of the other answers.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, GBR, TUR, TURKISH, agreement, id, list, now};
use exchange::{
    Arrived, Asked, Chosen, Content, Delivery, Desk, DisclosureError, Facts, Inquiry, Outcome,
    Outgoing, Parcel, Reception, Sealing, StateKeys, Statement, Subject, Taken, Unreasoned,
};
use policy::{Mode, Permit, Purpose, Question, Request, ask, decide, recall};
use travel::{Dataset, Element, ElementSet, PassengerList};

fn inquiry() -> Inquiry {
    Inquiry {
        subject: Subject { document: Some("U1234567".into()), ..Subject::default() },
        legal_ground: "art. 9(2) of the example arrangement".into(),
        reason: "named in a case of this state".into(),
        reference: "2026/17".into(),
        answer_by: None,
        justify_by: None,
    }
}

fn question(urgent: bool) -> Question {
    Question {
        from: GBR,
        to: TUR,
        purpose: Purpose::Terrorism,
        dataset: Dataset::Api,
        elements: ElementSet::EMPTY.with(Element::Names).with(Element::BirthDate),
        urgent,
        at: now(),
    }
}

fn sealing<'a>(n: u8, (from, to): (&'a StateKeys, &'a StateKeys)) -> Sealing<'a> {
    Sealing { id: id(n), made_at: now(), keys: from, to: to.public(), checkpoint: None }
}

fn request(urgent: bool) -> Parcel {
    let leave = ask(&question(urgent), &[agreement()], &[]).unwrap();
    let content = Content::request(leave, inquiry()).unwrap();
    let stream = Outgoing::new(agreement().id(), GBR, TUR);
    stream.seal(content, sealing(1, (&BRITISH, &TURKISH))).unwrap().0
}

fn asked(parcel: &Parcel) -> Asked {
    Asked::of(&parcel.header, parcel.digest, Vec::new()).unwrap()
}

fn permit(list: &PassengerList, elements: ElementSet) -> Permit {
    let mut r = Request::about(list, (TUR, GBR), Mode::Answer, Purpose::Terrorism, now());
    (r.reviewed, r.elements) = (true, elements);
    decide(&r, &[agreement()], &[]).unwrap()
}

fn given(asked: &Asked, place: (u32, u32)) -> Content {
    let list = list(3);
    let permit = permit(&list, asked.elements);
    let chosen = Chosen::of(&list, &[1], permit, &common::render).unwrap();
    Content::answer(chosen, asked, place).unwrap()
}

fn none(asked: &Asked, outcome: Outcome) -> Result<Content, DisclosureError> {
    let leave = recall(agreement().id(), (TUR, GBR), &[agreement()]).unwrap();
    Content::answer_without(leave, asked, (outcome, vec!["AG-09".into()]))
}

fn answer(content: Content, n: u8) -> Parcel {
    let stream = Outgoing::new(agreement().id(), TUR, GBR);
    stream.seal(content, sealing(n, (&TURKISH, &BRITISH))).unwrap().0
}

/// Türkiye judges what comes from the United Kingdom, or the other way.
fn receive(delivery: &mut Delivery, parcel: &Parcel, asked: Option<Asked>) -> Reception {
    let agreements = [agreement()];
    let read = |payload: &[u8]| PassengerList::decode(payload).ok();
    let (us, keys, them) = match parcel.header.to == TUR {
        true => (TUR, &*TURKISH, (GBR, BRITISH.public())),
        false => (GBR, &*BRITISH, (TUR, TURKISH.public())),
    };
    let desk = Desk { us, keys, agreements: &agreements, ended: &[], regimes: &[], read: &read };
    let verified = Arrived::read(&parcel.bytes).unwrap().verify(them, us).unwrap();
    let facts = Facts { asked, ..Facts::default() };
    desk.receive(delivery, verified, facts, now()).unwrap()
}

fn wrong(parcel: &Parcel, asked: Option<Asked>) -> &'static str {
    match receive(&mut Delivery::default(), parcel, asked) {
        Reception::Refused { wrong, .. } => wrong.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_arrives_as_it_was_written_with_the_rules_that_let_it_be_asked() {
    let parcel = request(false);
    let Reception::Taken { what: Taken::Asked { inquiry: read, rules }, .. } =
        receive(&mut Delivery::default(), &parcel, None)
    else {
        panic!("it was not taken");
    };
    assert_eq!((*read, rules), (inquiry(), vec!["AG-15".to_owned()]));
    assert!(!format!("{:?}", inquiry()).contains("U1234567"), "nobody is shown");
}

#[test]
fn an_emergency_carries_the_times_that_the_agreement_sets() {
    let parcel = request(true);
    let Reception::Taken { what: Taken::Asked { inquiry, rules }, .. } =
        receive(&mut Delivery::default(), &parcel, None)
    else {
        panic!("it was not taken");
    };
    assert_eq!(inquiry.answer_by, Some("2026-03-01T10:00:00Z".parse().unwrap()));
    assert_eq!(inquiry.justify_by, Some("2026-03-03T09:00:00Z".parse().unwrap()));
    assert_eq!(rules, ["AG-15", "AG-16"]);
}

#[test]
fn nobody_is_asked_about_nobody_or_for_no_reason() {
    let leave = || ask(&question(false), &[agreement()], &[]).unwrap();
    let made = |change: fn(&mut Inquiry)| {
        let mut inquiry = inquiry();
        change(&mut inquiry);
        Content::request(leave(), inquiry).err()
    };
    assert_eq!(made(|_| {}), None);
    assert_eq!(made(|i| i.subject = Subject::default()), Some(Unreasoned::Subject));
    assert_eq!(made(|i| i.subject.name = Some("A B".into())), Some(Unreasoned::Subject));
    assert_eq!(made(|i| i.subject.document = Some(" ".into())), Some(Unreasoned::Subject));
    assert_eq!(made(|i| i.subject.day = Some("2026-03-01".into())), Some(Unreasoned::Subject));
    assert_eq!(made(|i| i.reason = " ".into()), Some(Unreasoned::Reason));
    assert_eq!(made(|i| i.reference = String::new()), Some(Unreasoned::Reason));
    assert_eq!(made(|i| i.reason = "x".repeat(5_000)), Some(Unreasoned::TooLong));
}

#[test]
fn an_answer_holds_no_more_than_was_asked_and_is_bound_to_the_request() {
    let request = request(false);
    let asked = asked(&request);
    let mut delivery = Delivery::default();
    let parcel = answer(given(&asked, (1, 2)), 9);
    let Reception::Taken { what: Taken::List { list, opened }, .. } =
        receive(&mut delivery, &parcel, Some(asked.clone()))
    else {
        panic!("it was not taken");
    };
    assert_eq!(list.travellers().len(), 1);
    assert_eq!(list.travellers()[0].surname, "YILMAZ1");
    assert!(list.travellers()[0].seat.is_none(), "nobody asked for a seat");
    let response = opened.response.unwrap();
    assert_eq!((response.request, response.number, response.of), (request.digest, 1, 2));
    assert!(response.rules.iter().any(|r| r == "AG-11"), "{:?}", response.rules);
    assert_eq!(parcel.header.about, Some(request.header.parcel));
}

#[test]
fn an_answer_without_data_is_one_word_and_its_rules() {
    let request = request(false);
    let asked = asked(&request);
    let parcel = answer(none(&asked, Outcome::NotLawful).unwrap(), 9);
    let Reception::Taken { what: Taken::Answered { request: about, response }, .. } =
        receive(&mut Delivery::default(), &parcel, Some(asked.clone()))
    else {
        panic!("it was not taken");
    };
    assert_eq!((about, response.outcome), (request.header.parcel, Outcome::NotLawful));
    assert_eq!(response.rules, ["AG-09"]);
    assert_eq!(none(&asked, Outcome::Given).err(), Some(DisclosureError::OtherRequest));
}

#[test]
fn what_answers_another_request_or_none_is_refused_and_the_stream_goes_on() {
    let asked = asked(&request(false));
    let first = answer(given(&asked, (1, 1)), 9);
    assert_eq!(wrong(&first, None), "unknown_request");
    let other = Asked { digest: exchange::Digest::of(b"other"), ..asked.clone() };
    assert_eq!(wrong(&first, Some(other)), "another_request");
    let other = Asked { purpose: Purpose::SeriousCrime, ..asked.clone() };
    assert_eq!(wrong(&first, Some(other)), "another_request");
    let before = Asked { answered: vec![1], ..asked.clone() };
    assert_eq!(wrong(&first, Some(before)), "answered_before");
    let less = Asked { elements: ElementSet::EMPTY.with(Element::Names), ..asked };
    assert_eq!(wrong(&first, Some(less)), "more_than_asked");
}

#[test]
fn one_number_of_an_answer_comes_once_even_in_one_delivery() {
    let asked = asked(&request(false));
    let stream = Outgoing::new(agreement().id(), TUR, GBR);
    let (first, after) =
        stream.seal(given(&asked, (1, 1)), sealing(8, (&TURKISH, &BRITISH))).unwrap();
    let (again, _) = after.seal(given(&asked, (1, 1)), sealing(9, (&TURKISH, &BRITISH))).unwrap();
    let mut delivery = Delivery::default();
    let taken = receive(&mut delivery, &first, Some(asked.clone()));
    assert!(matches!(taken, Reception::Taken { .. }));
    let Reception::Refused { wrong, .. } = receive(&mut delivery, &again, Some(asked)) else {
        panic!("it was taken twice");
    };
    assert_eq!(wrong.reason, "answered_before");
}

#[test]
fn what_was_not_asked_for_is_not_made_into_an_answer() {
    let asked = asked(&request(false));
    let list = list(2);
    let wide = permit(&list, list.elements());
    let chosen = Chosen::of(&list, &[0], wide, &common::render).unwrap();
    assert_eq!(Content::answer(chosen, &asked, (1, 1)).err(), Some(DisclosureError::OtherRequest));
    let nobody = Chosen::of(&list, &[7], permit(&list, asked.elements), &common::render);
    assert_eq!(nobody.err(), Some(DisclosureError::NoSuchTraveller));
}

fn statement() -> Statement {
    Statement {
        legal_ground: "art. 9(3) of the example arrangement".into(),
        reason: "the flight departed within the hour (invented)".into(),
        reference: "2026/18".into(),
    }
}

/// The request, and its justification as the next parcel of the same stream.
fn justified(urgent: bool) -> [Parcel; 2] {
    let leave = ask(&question(urgent), &[agreement()], &[]).unwrap();
    let content = Content::request(leave, inquiry()).unwrap();
    let stream = Outgoing::new(agreement().id(), GBR, TUR);
    let (request, stream) = stream.seal(content, sealing(1, (&BRITISH, &TURKISH))).unwrap();
    let leave = policy::justify(agreement().id(), (GBR, TUR), &[agreement()]).unwrap();
    let content = Content::justification(leave, &asked(&request), &statement()).unwrap();
    let (said, _) = stream.seal(content, sealing(2, (&BRITISH, &TURKISH))).unwrap();
    [request, said]
}

#[test]
fn an_emergency_is_justified_by_a_parcel_that_names_it_also_in_the_same_delivery() {
    let [request, said] = justified(true);
    let mut delivery = Delivery::default();
    drop(receive(&mut delivery, &request, None));
    let Reception::Taken { what: Taken::Justified { request: about, statement: why }, .. } =
        receive(&mut delivery, &said, None)
    else {
        panic!()
    };
    assert!(about == request.header.parcel && *why == statement());
    assert!(!format!("{why:?}").contains("departed"), "nothing is shown");
}

#[test]
fn what_was_asked_in_no_emergency_is_not_justified() {
    let [request, said] = justified(false);
    let mut delivery = Delivery::default();
    drop(receive(&mut delivery, &request, None));
    let refused = receive(&mut delivery, &said, None);
    let Reception::Refused { wrong, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(wrong.reason, "not_awaited");
    let silent = Statement { reason: " ".into(), ..statement() };
    let leave = policy::justify(agreement().id(), (GBR, TUR), &[agreement()]).unwrap();
    let refused = Content::justification(leave, &asked(&request), &silent).err();
    assert_eq!(refused, Some(DisclosureError::NoReason));
    // The United Kingdom answers in no emergency: nobody asks it in one.
    let refused = policy::justify(agreement().id(), (TUR, GBR), &[agreement()]).unwrap_err();
    assert!(refused.rules.iter().any(|rule| rule.as_str() == "AG-16"));
}
