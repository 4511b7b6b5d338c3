//! Parcels that go together.

use axum::{
    body::Body,
    http::{Request as Http, StatusCode},
};
use exchange::{read_answers, write_together};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

fn parcels(world: &World, count: usize) -> Vec<Vec<u8>> {
    (0..count).for_each(|_| drop(world.queue()));
    world.tur.store().outbox().unwrap().into_iter().filter_map(|row| row.bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_together_and_is_one_transaction_on_both_sides() {
    let world = World::new();
    // The first makes the key of the day, which is a transaction of its own.
    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    (0..20).for_each(|_| drop(world.queue()));
    let transactions = |node: &Node| node.store().checkpoints().unwrap().len();
    let before = (transactions(&world.tur), transactions(&world.gbr));
    let wire = world.wire();
    assert_eq!(world.sender(&wire).round().await.unwrap(), Pause::Idle);
    assert_eq!(*wire.posts.lock(), 1);
    assert_eq!((transactions(&world.tur), transactions(&world.gbr)), (before.0 + 1, before.1 + 1));
    assert!(world.outbox().iter().all(|(_, status)| status == "receipted"));
    let receipts = |node: &Node, parcel: &str| {
        node.store().incoming("TUR", parcel).unwrap().map(|row| row.receipt)
    };
    for row in world.tur.store().outbox().unwrap() {
        assert_eq!(row.receipt, receipts(&world.gbr, &row.parcel));
    }
    assert_eq!(world.gbr.store().unscreened(100).unwrap().len(), 21);
    World::log_holds(&world.gbr);
    World::log_holds(&world.tur);
}

#[test]
fn a_parcel_that_is_not_taken_ends_its_delivery_and_what_was_before_it_is_kept() {
    let world = World::new();
    let mut sent = parcels(&world, 3);
    *sent[1].last_mut().unwrap() ^= 1;
    let partner = world.partner(&world.gbr);
    let take = || {
        let together: Vec<&[u8]> = sent.iter().map(Vec::as_slice).collect();
        receiving::receive(&world.gbr, &partner, &together, clock::now()).unwrap().answers
    };
    let first = take();
    assert!(
        matches!(&first[..], [Answer::Receipt(_), Answer::Refused { reason }] if reason == "signature")
    );
    assert_eq!(world.gbr.store().inbox().unwrap().len(), 1);
    assert_eq!(take(), first, "the same receipt again");
    assert_eq!(World::alarms(&world.gbr), ["forged_parcel"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_answers_each_parcel_and_no_more_than_the_quota_takes() {
    let world = World::new();
    let sent = parcels(&world, 5);
    let file = world.gbr.layout().root().join("passerelle.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("parcels_per_minute = 30000", "parcels_per_minute = 16"))
        .unwrap();
    world.gbr.reload().unwrap();
    let door = super::super::router(Served { node: world.gbr.clone(), bell: Arc::default() });
    let post = async |body: Vec<u8>| {
        let mut request = Http::post("/exchange/parcels").body(Body::from(body)).unwrap();
        let certificate = Some(Fingerprint("TUR".to_owned()));
        request.extensions_mut().insert(Caller { certificate });
        let response = door.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    };
    let (status, body) = post(write_together(&sent)).await;
    let answers = read_answers(&body, 5).unwrap();
    assert_eq!((status, answers.len()), (StatusCode::OK, 4), "four of sixteen may come at once");
    assert!(answers.iter().all(|a| matches!(a, Answer::Receipt(_))));
    assert_eq!(post(write_together(&sent[4..])).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.gbr.store().inbox().unwrap().len(), 4);
}
