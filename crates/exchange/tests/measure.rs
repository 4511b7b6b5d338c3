//! How long a parcel takes. Run with
//! `cargo test -p exchange --test measure -- --ignored --nocapture`.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::{BRITISH, GBR, TUR, TURKISH, disclosure, id, now, stream};
use exchange::{Arrived, Receipt, ReceiptVerdict, Sealing};

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

#[test]
#[ignore = "a measurement"]
fn sealing_opening_and_receipting_a_list_of_two_hundred() {
    let stream = stream();
    let seal = || {
        let sealing = Sealing {
            id: id(1),
            made_at: now(),
            keys: &TURKISH,
            to: BRITISH.public(),
            checkpoint: None,
        };
        stream.seal(disclosure(200), sealing).unwrap().0
    };
    let parcel = seal();
    let disclosing = median(|| drop(disclosure(200)));
    let sealing = median(|| drop(seal()));
    let opening = median(|| {
        let arrived = Arrived::read(&parcel.bytes).unwrap();
        arrived.verify((TUR, TURKISH.public()), GBR).unwrap().open(&BRITISH).unwrap();
    });
    let receipt = Receipt::of(&parcel.header, parcel.digest, ReceiptVerdict::Accepted, now(), None);
    let bytes = receipt.sign(&BRITISH).unwrap();
    let signing = median(|| drop(receipt.sign(&BRITISH).unwrap()));
    let reading = median(|| drop(Receipt::read(&bytes, BRITISH.public()).unwrap()));
    println!(
        "parcel of {} bytes: seal {} µs (without decision and restriction), open {} µs; \
         receipt of {} bytes: sign {} µs, read {} µs",
        parcel.bytes.len(),
        sealing.saturating_sub(disclosing).as_micros(),
        opening.as_micros(),
        bytes.len(),
        signing.as_micros(),
        reading.as_micros()
    );
}
