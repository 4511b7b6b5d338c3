//! What a commit costs. Run with
//! `cargo test --release -p store --test measure -- --ignored --nocapture`.
#![allow(clippy::unwrap_used)]

mod conformance;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use conformance::world::*;
use store::{CARRIERS, Change, Store};

const LONG: Duration = Duration::from_secs(3);

fn fresh() -> (tempfile::TempDir, Arc<Store>) {
    let dir = tempfile::tempdir().unwrap();
    let log = log_key("gw.gbr.example/log");
    let store = Store::create(dir.path(), "GBR", node_key(1), log, at(0)).unwrap();
    (dir, Arc::new(store))
}

/// How often a second `work` is done by so many threads; it is given a fresh number.
fn rate(threads: usize, work: impl Fn(usize) + Clone + Send + 'static) -> f64 {
    let began = Instant::now();
    let one = |thread: usize| {
        let work = work.clone();
        move || {
            let mut count = 0;
            while began.elapsed() < LONG {
                work(thread + threads * count);
                count += 1;
            }
            count
        }
    };
    let running: Vec<_> = (0..threads).map(|t| std::thread::spawn(one(t))).collect();
    let done: usize = running.into_iter().map(|t| t.join().unwrap()).sum();
    done as f64 / began.elapsed().as_secs_f64()
}

#[test]
#[ignore = "a measurement"]
fn commits_and_lists_in_a_second() {
    for threads in [1, 4, 16, 64] {
        let (_dir, store) = fresh();
        let small = rate(threads, move |_| done(&store, Vec::new()));
        let (_dir, store) = fresh();
        let people = passengers_many(180);
        let original = people.encode().repeat(2);
        let lists = rate(threads, move |n| {
            let name = n.to_string();
            let key = (CARRIERS, day());
            let mut s = submission(&format!("s-{name}"), digest(&name), "accepted");
            s.original = store.seal(key, ("original", &s.id), &original, at(1)).unwrap();
            let mut l = list(&format!("list-{name}"));
            l.sealed = store.seal(key, ("list", &l.id), &people.encode(), at(1)).unwrap();
            done(&store, vec![Change::Submission(s), Change::List(l)]);
        });
        eprintln!(
            "{threads:2} threads: {small:6.0} empty commits/s, {lists:6.0} lists of 180 kept/s"
        );
    }
}
