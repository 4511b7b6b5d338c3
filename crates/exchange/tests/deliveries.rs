//! Parcels that go together, and what their sender makes of the answers.
#![allow(clippy::unwrap_used)]

mod common;

use common::{BRITISH, GBR, now, seal, stream};
use exchange::{
    Answer, CHUNK_BYTES, Effect, Happened, MAX_TOGETHER, MAX_TOGETHER_BYTES, Note, Parcel, Pause,
    Queued, Receipt, ReceiptVerdict, Reply, Sender, write_answers,
};

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

fn queued(parcel: &Parcel, bytes: usize) -> Queued {
    Queued {
        agreement: parcel.header.agreement,
        sequence: parcel.header.sequence,
        parcel: parcel.header.parcel,
        digest: parcel.digest,
        attempts: 0,
        departs_at: None,
        bytes: Some(bytes),
    }
}

fn receipt(parcel: &Parcel) -> Answer {
    let receipt = Receipt::of(&parcel.header, parcel.digest, ReceiptVerdict::Accepted, now(), None);
    Answer::Receipt(receipt.sign(&BRITISH).unwrap())
}

fn reply(answers: &[Answer], of: usize) -> Happened {
    Happened::Replied(Reply { status: 200, retry_after: None, body: write_answers(answers, of) })
}

fn looked(rows: Vec<Queued>) -> Happened {
    Happened::Looked(vec![rows], Box::new(BRITISH.public().clone()))
}

/// The numbers that are posted.
fn posted(effect: &Effect) -> Vec<u64> {
    match effect {
        Effect::Post(rows) => rows.iter().map(|row| row.sequence).collect(),
        _ => Vec::new(),
    }
}

/// The numbers whose receipts are stored.
fn stored(effect: Effect) -> Vec<u64> {
    let Effect::Store(notes) = effect else { return Vec::new() };
    let receipted = |note| match note {
        Note::Receipted { row, .. } => Some(row.sequence),
        _ => None,
    };
    notes.into_iter().filter_map(receipted).collect()
}

#[test]
fn what_got_no_answer_goes_again_and_what_got_one_does_not() {
    let sent = parcels(5);
    let mut sender = Sender::new(GBR);
    let rows = sent.iter().map(|p| queued(p, 10)).collect();
    let effect = sender.step(looked(rows), now(), 0);
    assert_eq!(posted(&effect), [1, 2, 3, 4, 5]);
    let two: Vec<Answer> = sent[..2].iter().map(receipt).collect();
    let effect = sender.step(reply(&two, 5), now(), 0);
    assert_eq!(posted(&effect), [3, 4, 5]);
    let rest: Vec<Answer> = sent[2..].iter().map(receipt).collect();
    assert_eq!(stored(sender.step(reply(&rest, 3), now(), 0)), [1, 2, 3, 4, 5]);
    assert_eq!(sender.step(Happened::Stored, now(), 0), Effect::Wait(Pause::Idle));
}

#[test]
fn receipts_in_another_order_end_nothing() {
    let sent = parcels(2);
    let mut sender = Sender::new(GBR);
    let rows = sent.iter().map(|p| queued(p, 10)).collect();
    drop(sender.step(looked(rows), now(), 0));
    let swapped = [receipt(&sent[1]), receipt(&sent[0])];
    let Effect::Store(notes) = sender.step(reply(&swapped, 2), now(), 0) else { panic!() };
    assert!(!notes.iter().any(|n| matches!(n, Note::Receipted { .. })));
    assert!(notes.iter().any(|n| matches!(n, Note::Alarm { kind: "wrong_receipt", .. })));
}

#[test]
fn no_answers_at_all_is_no_progress_and_one_goes_alone_until_one_is_receipted() {
    let sent = parcels(3);
    let rows: Vec<Queued> = sent.iter().map(|p| queued(p, 10)).collect();
    let mut sender = Sender::new(GBR);
    drop(sender.step(looked(rows.clone()), now(), 0));
    drop(sender.step(reply(&[], 3), now(), 0));
    let Effect::Wait(Pause::For(_)) = sender.step(Happened::Stored, now(), 0) else { panic!() };
    assert_eq!(posted(&sender.step(looked(rows), now(), 0)), [1]);
    assert_eq!(posted(&sender.step(reply(&[receipt(&sent[0])], 1), now(), 0)), [2, 3]);
}

#[test]
fn a_delivery_has_its_bounds_in_parcels_and_in_bytes() {
    let sent = parcels(3);
    let mut sender = Sender::new(GBR);
    let rows = |bytes| sent.iter().map(|p| queued(p, bytes)).collect::<Vec<_>>();
    let full = vec![queued(&sent[0], CHUNK_BYTES); 9];
    let effect = sender.step(looked(full), now(), 0);
    assert_eq!(posted(&effect).len(), MAX_TOGETHER_BYTES / CHUNK_BYTES);
    // What is longer than a chunk goes by itself.
    let effect = sender.step(looked(rows(CHUNK_BYTES + 1)), now(), 0);
    assert_eq!(posted(&effect), [1]);
    let effect = sender.step(looked(rows(2 * MAX_TOGETHER_BYTES)), now(), 0);
    assert_eq!(posted(&effect), [1], "one goes, whatever its length");
    let many = vec![queued(&sent[0], 10); MAX_TOGETHER + 9];
    assert_eq!(posted(&sender.step(looked(many), now(), 0)).len(), MAX_TOGETHER);
}

#[test]
fn a_gap_in_the_middle_goes_back_and_the_rest_follows() {
    let sent = parcels(4);
    let rows: Vec<Queued> = sent[1..].iter().map(|p| queued(p, 10)).collect();
    let mut sender = Sender::new(GBR);
    assert_eq!(posted(&sender.step(looked(rows), now(), 0)), [2, 3, 4]);
    let effect = sender.step(reply(&[Answer::Gap { expected: 1 }], 3), now(), 0);
    assert!(matches!(effect, Effect::Find { sequence: 1, .. }));
    let earlier = Happened::Found(Some(queued(&sent[0], 10)));
    assert_eq!(posted(&sender.step(earlier, now(), 0)), [1]);
    assert_eq!(posted(&sender.step(reply(&[receipt(&sent[0])], 1), now(), 0)), [2]);
    assert_eq!(posted(&sender.step(reply(&[receipt(&sent[1])], 1), now(), 0)), [3, 4]);
}

/// The notes of a round whose only parcel the partner refuses so.
fn refused(parcel: &Parcel, attempts: u32, reason: &str) -> Vec<Note> {
    let mut sender = Sender::new(GBR);
    let row = Queued { attempts, ..queued(parcel, 4_000) };
    drop(sender.step(looked(vec![row]), now(), 0));
    let answer = Answer::Refused { reason: reason.into() };
    let reply = Reply { status: answer.status(), retry_after: None, body: answer.encode() };
    let Effect::Store(notes) = sender.step(Happened::Replied(reply), now(), 0) else { panic!() };
    notes
}

fn alarms(notes: &[Note]) -> Vec<&'static str> {
    let alarm = |note: &Note| match note {
        Note::Alarm { kind, .. } => Some(*kind),
        _ => None,
    };
    notes.iter().filter_map(alarm).collect()
}

#[test]
fn a_partner_that_has_lost_an_agreement_is_an_alarm_at_once() {
    let parcels = parcels(2);
    let unknown = "unknown_agreement";
    assert_eq!(alarms(&refused(&parcels[1], 0, unknown)), ["agreement_unknown"]);
}

#[test]
fn a_partner_has_time_to_take_up_a_new_agreement() {
    let parcels = parcels(1);
    let unknown = "unknown_agreement";
    assert!(alarms(&refused(&parcels[0], 0, unknown)).is_empty());
    assert!(alarms(&refused(&parcels[0], 29, unknown)).is_empty());
    assert_eq!(alarms(&refused(&parcels[0], 30, unknown)), ["agreement_unknown"]);
    assert!(alarms(&refused(&parcels[0], 99, "suspended")).is_empty(), "it is known why");
}
