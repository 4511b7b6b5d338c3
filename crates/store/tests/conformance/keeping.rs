//! What is answered is kept, once, under a signed checkpoint.

use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
};

use audit::{Actor, Event, Logged};
use store::{Batch, Change, Outcome, StoreError};

use super::world::*;

pub fn a_repeated_submission_is_answered_as_before_and_nothing_else_is_done(place: &impl Place) {
    let store = place.create().unwrap();
    let first = submission("s-1", digest("message"), "accepted");
    done(&store, vec![Change::Submission(first), Change::List(list("list-1"))]);
    let second = submission("s-2", digest("message"), "another answer");
    let again = batch(vec![Change::Submission(second), Change::List(list("list-2"))]);
    let outcome = store.commit(again).unwrap();
    assert_eq!(
        outcome,
        Outcome::Repeat {
            status: 200,
            media_type: "application/edifact".into(),
            answer: b"accepted".to_vec(),
            submission: "s-1".into(),
        }
    );
    assert!(store.list("list-2").unwrap().is_none());
    assert!(store.submission("s-2").unwrap().is_none());
    assert_eq!(store.submission("s-1").unwrap().unwrap().repeats, 1);
    let events = store.events(0, 10).unwrap();
    let last = Logged::decode(&events.last().unwrap().1).unwrap();
    assert_eq!(last.event, Event::SubmissionRepeated { submission: digest("message") });
    assert_eq!(last.actor, Actor::Carrier("TK".into()));
    log_is_whole(&store);
}

pub fn another_carrier_may_send_the_same_bytes(place: &impl Place) {
    let store = place.create().unwrap();
    done(&store, vec![Change::Submission(submission("s-1", digest("message"), "yes"))]);
    let mut other = submission("s-2", digest("message"), "yes");
    other.carrier = "BA".into();
    let outcome = store.commit(batch(vec![Change::Submission(other)])).unwrap();
    assert!(matches!(outcome, Outcome::Done { .. }));
}

pub fn every_commit_leaves_its_events_under_a_signed_checkpoint(place: &impl Place) {
    let store = place.create().unwrap();
    log_is_whole(&store);
    for i in 0..5 {
        let events = (0..=i).map(|_| Logged::new(at(i), Actor::Node, event())).collect();
        let before = store.log_size().unwrap();
        let outcome = store.commit(Batch::new(Vec::new(), events)).unwrap();
        let log_size = before + i as u64 + 1;
        assert_eq!(outcome, Outcome::Done { log_size });
        log_is_whole(&store);
    }
}

pub fn batches_from_many_threads_are_each_done_whole(place: &impl Place) {
    const THREADS: usize = 16;
    const EACH: usize = 20;
    let store = Arc::new(place.create().unwrap());
    let before = store.log_size().unwrap();
    let barrier = Arc::new(Barrier::new(THREADS));
    let work = |thread: usize| {
        let (store, barrier) = (store.clone(), barrier.clone());
        move || {
            barrier.wait();
            for i in 0..EACH {
                let name = format!("{thread}-{i}");
                let s = submission(&format!("s-{name}"), digest(&name), "yes");
                let mut l = list(&format!("list-{name}"));
                l.submission = Some(s.id.clone());
                done(&store, vec![Change::Submission(s), Change::List(l)]);
                // Whoever was answered sees it at once.
                assert!(store.list(&format!("list-{name}")).unwrap().is_some());
            }
        }
    };
    let threads: Vec<_> = (0..THREADS).map(|t| std::thread::spawn(work(t))).collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    let all = THREADS * EACH;
    assert_eq!(store.log_size().unwrap(), before + all as u64);
    let counts = store.counts().unwrap();
    assert_eq!((counts.submissions, counts.lists), (all as u64, all as u64));
    let checkpoints = store.checkpoints().unwrap().len();
    assert!(checkpoints < all, "{checkpoints} commits for {all} batches: nothing went together");
    log_is_whole(&store);
}

pub fn the_same_submission_from_many_threads_is_kept_once(place: &impl Place) {
    let store = Arc::new(place.create().unwrap());
    let work = |thread: usize| {
        let store = store.clone();
        move || {
            let s = submission(&format!("s-{thread}"), digest("message"), &format!("{thread}"));
            let l = list(&format!("list-{thread}"));
            match store.commit(batch(vec![Change::Submission(s), Change::List(l)])).unwrap() {
                Outcome::Done { .. } => thread.to_string(),
                Outcome::Repeat { answer, .. } => String::from_utf8(answer).unwrap(),
            }
        }
    };
    let threads: Vec<_> = (0..8).map(|t| std::thread::spawn(work(t))).collect();
    let answers: BTreeSet<String> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(answers.len(), 1, "everybody gets the one answer");
    let counts = store.counts().unwrap();
    assert_eq!((counts.submissions, counts.lists), (1, 1));
    assert_eq!(store.submissions(9).unwrap()[0].repeats, 7);
}

pub fn a_batch_that_fails_leaves_nothing_and_sinks_no_other(place: &impl Place) {
    let store = Arc::new(place.create().unwrap());
    done(&store, vec![Change::List(list("list-1"))]);
    let before = store.log_size().unwrap();
    // The hit's list is not there: the second change of the batch fails.
    let bad = || {
        let orphan = hit("hit-1", "no such list", "QDi.001");
        batch(vec![Change::Queue(outgoing("parcel-1", 1)), Change::Hit(orphan)])
    };
    let (tell, told) = std::sync::mpsc::channel();
    for i in 0..20 {
        let tell = tell.clone();
        let batch =
            if i % 2 == 0 { bad() } else { batch(vec![Change::List(list(&format!("list+{i}")))]) };
        store.commit_then(batch, move |outcome| tell.send((i, outcome.is_ok())).unwrap());
    }
    drop(tell);
    for (i, ok) in told {
        assert_eq!(ok, i % 2 == 1, "batch {i}");
    }
    assert!(store.outbox().unwrap().is_empty(), "half of a batch was done");
    assert_eq!(store.counts().unwrap().lists, 11);
    assert_eq!(store.log_size().unwrap(), before + 10);
    log_is_whole(&store);
}

pub fn what_was_answered_is_there_after_a_crash(place: &impl Place) {
    let store = place.create().unwrap();
    let row = sealed_list(&store, "list-1", &passengers());
    let s = submission("s-1", digest("message"), "accepted");
    done(&store, vec![Change::Submission(s), Change::List(row)]);
    // No close, no drop: as after kill -9, but for the thread.
    std::mem::forget(store);
    let store = place.open();
    let row = store.list("list-1").unwrap().unwrap();
    assert!(store.open_list(&row).unwrap() == passengers());
    assert_eq!(store.unscreened(9).unwrap(), ["list-1"], "screening goes on where it was");
    log_is_whole(&store);
    done(&store, vec![Change::List(list("list-2"))]);
    log_is_whole(&store);
}

pub fn a_command_beside_the_node_writes_into_the_same_log(place: &impl Place) {
    let node = place.create().unwrap();
    let command = place.open();
    for i in 0..4 {
        let store = if i % 2 == 0 { &node } else { &command };
        done(store, vec![Change::List(list(&format!("list-{i}")))]);
        log_is_whole(&node);
    }
    assert_eq!(command.counts().unwrap().lists, 4);
}

pub fn a_closed_store_takes_nothing_and_says_so(place: &impl Place) {
    let store = place.create().unwrap();
    done(&store, vec![Change::List(list("list-1"))]);
    store.close();
    let outcome = store.commit(batch(vec![Change::List(list("list-2"))]));
    assert!(matches!(outcome, Err(StoreError::Closed)));
    assert!(store.list("list-1").unwrap().is_some());
}

pub fn a_store_is_made_once_and_opened_with_its_own_log_key(place: &impl Place) {
    let none = place.open_with(node_key(1), log_key("gw.gbr.example/log"));
    assert!(matches!(none, Err(StoreError::Place(_))));
    drop(place.create().unwrap());
    assert!(matches!(place.create(), Err(StoreError::Place(_))));
    let other = place.open_with(node_key(1), log_key("gw.tur.example/log"));
    assert!(matches!(other, Err(StoreError::Place(_))));
    assert_eq!(place.open().state().unwrap(), "GBR");
}

pub fn a_store_is_served_by_one_node_at_a_time(place: &impl Place) {
    let one = place.create().unwrap();
    let other = place.open();
    one.serve_as("one", at(0), at(60)).unwrap();
    assert!(matches!(other.serve_as("other", at(59), at(119)), Err(StoreError::Conflict(_))));
    // The clock may go back: it is the same node.
    one.serve_as("one", at(-86_400), at(60)).unwrap();
    done(&one, vec![Change::List(list("list-1"))]);
    // A command at the machine serves nobody, and writes beside.
    done(&place.open(), vec![Change::List(list("list-2"))]);

    // The first has failed, as far as anybody can tell; then it wakes up.
    other.serve_as("other", at(60), at(120)).unwrap();
    done(&other, vec![Change::List(list("list-3"))]);
    let late = one.commit(batch(vec![Change::List(list("list-4"))]));
    assert!(matches!(late, Err(StoreError::Replaced)), "{late:?}");
    assert!(matches!(one.serve_as("one", at(61), at(121)), Err(StoreError::Replaced)));
    assert_eq!(other.list("list-4").unwrap(), None);
    // Stopped in order, it is free at once.
    other.serve_as("other", at(62), at(62)).unwrap();
    place.open().serve_as("third", at(62), at(122)).unwrap();
    log_is_whole(&other);
}
