//! Streams: nothing lost, nothing twice, nothing in another order.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, GBR, TUR, agreement, id, now, seal, stream};
use exchange::{
    Alarm, Answer, Incoming, Kept, Known, Outgoing, Parcel, Receipt, ReceiptVerdict, Refusal,
    Verdict,
};
use jiff::SignedDuration;
use proptest::prelude::*;

/// A receiver as the store would keep it.
struct Receiver {
    stream: Incoming,
    inbox: Vec<(u64, Kept)>,
}

impl Receiver {
    fn new() -> Self {
        Self { stream: Incoming::new(agreement().id(), TUR, GBR), inbox: Vec::new() }
    }

    fn known(&self, parcel: &Parcel) -> Known {
        let find = |same: &dyn Fn(&(u64, Kept)) -> bool| {
            self.inbox.iter().find(|k| same(k)).map(|(_, k)| k.clone())
        };
        Known {
            by_id: find(&|(_, k)| k.parcel == parcel.header.parcel),
            by_sequence: find(&|(n, _)| *n == parcel.header.sequence),
        }
    }

    fn judge(&self, parcel: &Parcel) -> Verdict {
        self.stream.receive(&parcel.header, parcel.digest, &self.known(parcel), now())
    }

    fn take(&mut self, parcel: &Parcel) -> Answer {
        match self.judge(parcel) {
            Verdict::Accept { after } => {
                let (header, digest) = (&parcel.header, parcel.digest);
                let receipt = Receipt::of(header, digest, ReceiptVerdict::Accepted, now(), None)
                    .sign(&BRITISH)
                    .unwrap();
                let kept = Kept { parcel: header.parcel, digest, receipt: receipt.clone() };
                self.inbox.push((header.sequence, kept));
                self.stream = after;
                Answer::Receipt(receipt)
            }
            Verdict::Repeat { receipt } => Answer::Receipt(receipt),
            Verdict::Gap { expected } => Answer::Gap { expected },
            Verdict::Alarm { alarm, stopped } => {
                self.stream = stopped;
                Answer::Stopped { alarm: alarm.name().into() }
            }
            Verdict::Refuse(refusal) => Answer::Refused { reason: refusal.name().into() },
        }
    }
}

fn parcels(count: u8) -> Vec<Parcel> {
    let mut stream = stream();
    (1..=count)
        .map(|n| {
            let (parcel, after) = seal(&stream, n, 1);
            stream = after;
            parcel
        })
        .collect()
}

#[test]
fn a_repeat_gets_the_same_receipt_bytes() {
    let sent = parcels(2);
    let mut receiver = Receiver::new();
    let first = receiver.take(&sent[0]);
    assert!(matches!(receiver.take(&sent[1]), Answer::Receipt(_)));
    assert_eq!(receiver.take(&sent[0]), first);
    assert_eq!(receiver.inbox.len(), 2);
}

#[test]
fn a_gap_is_seen_and_asked_for() {
    let sent = parcels(3);
    let mut receiver = Receiver::new();
    receiver.take(&sent[0]);
    assert_eq!(receiver.take(&sent[2]), Answer::Gap { expected: 2 });
    receiver.take(&sent[1]);
    assert!(matches!(receiver.take(&sent[2]), Answer::Receipt(_)));
}

#[test]
fn another_parcel_under_an_old_id_stops_the_stream_until_a_person_resumes_it() {
    let (first, next) = seal(&stream(), 1, 1);
    let (again, _) = seal(&stream(), 1, 2);
    let (second, _) = seal(&next, 2, 1);
    let mut receiver = Receiver::new();
    let receipt = receiver.take(&first);
    assert_eq!(receiver.take(&again), Answer::Stopped { alarm: "id_reused".into() });
    assert_eq!(receiver.judge(&second), Verdict::Refuse(Refusal::Stopped(Alarm::IdReused)));
    assert_eq!(receiver.take(&first), receipt, "what was receipted stays so");
    receiver.stream = receiver.stream.resumed();
    assert!(matches!(receiver.take(&second), Answer::Receipt(_)));
}

#[test]
fn another_parcel_under_an_old_number_is_an_alarm() {
    let (first, _) = seal(&stream(), 1, 1);
    let (other, _) = seal(&stream(), 2, 1);
    let mut receiver = Receiver::new();
    receiver.take(&first);
    assert_eq!(receiver.take(&other), Answer::Stopped { alarm: "sequence_reused".into() });
}

#[test]
fn a_history_that_forked_is_an_alarm() {
    let (_, next) = seal(&stream(), 1, 1);
    let (elsewhere, _) = seal(&stream(), 7, 1);
    let (second, _) = seal(&next, 2, 1);
    let mut receiver = Receiver::new();
    receiver.take(&elsewhere);
    assert_eq!(receiver.take(&second), Answer::Stopped { alarm: "history_forked".into() });
}

#[test]
fn a_clock_ahead_is_refused_and_a_late_parcel_is_not() {
    let (parcel, _) = seal(&stream(), 1, 1);
    let receiver = Receiver::new();
    let judge = |hours: i64| {
        let now = now() + SignedDuration::from_hours(hours);
        receiver.stream.receive(&parcel.header, parcel.digest, &Known::default(), now)
    };
    assert_eq!(judge(-24), Verdict::Refuse(Refusal::ClockAhead));
    assert!(matches!(judge(30 * 24), Verdict::Accept { .. }));
}

#[test]
fn a_parcel_of_another_stream_is_refused() {
    let (mut parcel, _) = seal(&stream(), 1, 1);
    parcel.header.from = GBR;
    assert_eq!(Receiver::new().judge(&parcel), Verdict::Refuse(Refusal::OtherStream));
}

#[test]
fn streams_and_answers_survive_the_store() {
    let (parcel, after) = seal(&stream(), 1, 1);
    assert_eq!(Outgoing::decode(&after.encode()).unwrap(), after);
    let mut receiver = Receiver::new();
    receiver.take(&parcel);
    receiver.take(&seal(&stream(), 9, 1).0);
    assert!(receiver.stream.stopped.is_some());
    assert_eq!(Incoming::decode(&receiver.stream.encode()).unwrap(), receiver.stream);
    for answer in [
        Answer::Receipt(vec![1, 2]),
        Answer::Gap { expected: 7 },
        Answer::Stopped { alarm: "x".into() },
        Answer::Refused { reason: "y".into() },
    ] {
        assert_eq!(Answer::decode(&answer.encode()), Some(answer));
    }
    assert_eq!(id(1).0.len(), 16);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However the wire drops, repeats and reorders, a sender that sends what has no
    /// receipt in order gets everything there, once, in order.
    #[test]
    fn everything_arrives_once_and_in_order(wire in prop::collection::vec(0usize..6, 0..60)) {
        let sent = parcels(6);
        let mut receiver = Receiver::new();
        for at in wire {
            let answer = receiver.take(&sent[at]);
            let judged = matches!(answer, Answer::Receipt(_) | Answer::Gap { .. });
            prop_assert!(judged);
        }
        for parcel in &sent {
            prop_assert!(matches!(receiver.take(parcel), Answer::Receipt(_)));
        }
        let order: Vec<u64> = receiver.inbox.iter().map(|(n, _)| *n).collect();
        prop_assert_eq!(order, vec![1, 2, 3, 4, 5, 6]);
    }
}
