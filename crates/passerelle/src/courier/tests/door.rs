//! The partners' door and those who come slowly.

use axum::{
    body::Body,
    http::{Request as Http, StatusCode},
};
use tower::ServiceExt;

use super::*;
use crate::bodies::tests::Stalled;

fn from(partner: &str, body: Body) -> Http<Body> {
    let mut request = Http::post("/exchange/parcels").body(body).unwrap();
    let certificate = Some(Fingerprint(partner.to_owned()));
    request.extensions_mut().insert(Caller { certificate });
    request
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_is_not_waited_for() {
    let refused = super::super::read_at_most(Body::new(Stalled), 9).await.unwrap_err();
    assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_partner_takes_its_own_place_and_no_others() {
    let world = World::new();
    let mut third = world.partner(&world.gbr);
    (third.state, third.certificate) = ("FRA".into(), "FRA".into());
    world.gbr.record(vec![Change::Partner(third)], Actor::Node, vec![]).unwrap();
    let door = super::super::router(Served { node: world.gbr.clone(), bell: Arc::default() });
    let slow: Vec<_> = (0..8)
        .map(|_| tokio::spawn(door.clone().oneshot(from("TUR", Body::new(Stalled)))))
        .collect();
    // Those for whom there is no place are told so; the others are still being read.
    while slow.iter().filter(|s| s.is_finished()).count() < 6 {
        tokio::task::yield_now().await;
    }
    let busy = door.clone().oneshot(from("TUR", Body::from("x"))).await.unwrap();
    assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
    let other = door.clone().oneshot(from("FRA", Body::from("x"))).await.unwrap();
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    slow.iter().for_each(|s| s.abort());
    for s in slow {
        if let Ok(answer) = s.await {
            assert_eq!(answer.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        }
    }
    let now = door.oneshot(from("TUR", Body::from("x"))).await.unwrap();
    assert_eq!(now.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_over_its_quota_is_told_when_to_come_back_and_others_are_taken() {
    let world = World::new();
    let file = world.gbr.layout().root().join("passerelle.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let few = text.replace("parcels_per_minute = 30000", "parcels_per_minute = 8");
    assert_ne!(text, few);
    std::fs::write(&file, few).unwrap();
    world.gbr.reload().unwrap();
    let mut third = world.partner(&world.gbr);
    (third.state, third.certificate) = ("FRA".into(), "FRA".into());
    world.gbr.record(vec![Change::Partner(third)], Actor::Node, vec![]).unwrap();
    let door = super::super::router(Served { node: world.gbr.clone(), bell: Arc::default() });
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = door.clone().oneshot(from("TUR", Body::from("x"))).await.unwrap();
        statuses.push(answer.status().as_u16());
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            let after = answer.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap();
            assert!((1..=8).contains(&after), "{after}");
        }
    }
    assert_eq!(statuses, [422, 422, 429, 429]);
    let other = door.oneshot(from("FRA", Body::from("x"))).await.unwrap();
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
}
