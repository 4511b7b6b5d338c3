//! Parcels in chunks, at the door: what is taken of them, and what a hostile partner gets.

use axum::{
    body::{Body, to_bytes},
    http::{Request as Http, StatusCode},
};
use exchange::{Answer, CHUNK_BYTES, Offered, content_digest, read_held};
use tower::ServiceExt;

use super::*;

struct Door(axum::Router);

impl Door {
    fn of(world: &World) -> Self {
        Self(super::super::router(Served { node: world.gbr.clone(), bell: Arc::default() }))
    }

    async fn asked(&self, partner: &str, mut request: Http<Body>) -> (u16, Vec<u8>) {
        let certificate = Some(Fingerprint(partner.to_owned()));
        request.extensions_mut().insert(Caller { certificate });
        let answer = self.0.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec())
    }

    async fn have(&self, partner: &str, path: &str) -> (u16, Option<usize>) {
        let url = format!("/exchange/transfers/{path}");
        let (status, body) = self.asked(partner, Http::get(url).body(Body::empty()).unwrap()).await;
        (status, read_held(&body))
    }

    async fn put(&self, path: &str, at: &str, chunk: &[u8], said: &str) -> (u16, Vec<u8>) {
        let url = format!("/exchange/transfers/{path}/{at}");
        let request = Http::put(url).header("content-digest", said);
        self.asked("TUR", request.body(Body::from(chunk.to_vec())).unwrap()).await
    }

    async fn chunk(&self, parcel: &[u8], at: usize) -> (u16, Vec<u8>) {
        let offered = Offered::of(parcel).unwrap();
        let chunk = &parcel[at..parcel.len().min(at + CHUNK_BYTES)];
        self.put(&offered.path(), &at.to_string(), chunk, &content_digest(chunk)).await
    }
}

/// A parcel of Turkey's of more than two chunks; nobody can read what is in it.
fn large(world: &World) -> Vec<u8> {
    world.queue_as(&|_, _| vec![0; 2 * CHUNK_BYTES]);
    world.tur.store().outbox().unwrap().pop().unwrap().bytes.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_make_a_parcel_that_is_taken_once_it_is_whole() {
    let world = World::new();
    let (door, parcel) = (Door::of(&world), large(&world));
    let path = Offered::of(&parcel).unwrap().path();
    assert_eq!(door.have("TUR", &path).await, (200, Some(0)));
    for at in [0, CHUNK_BYTES] {
        let (status, body) = door.chunk(&parcel, at).await;
        assert_eq!((status, read_held(&body)), (202, Some(at + CHUNK_BYTES)));
        assert!(world.gbr.store().inbox().unwrap().is_empty(), "nothing of it is looked at");
    }
    // A new door finds what is on the disk.
    let door = Door::of(&world);
    assert_eq!(door.have("TUR", &path).await, (200, Some(2 * CHUNK_BYTES)));
    let (status, body) = door.chunk(&parcel, 2 * CHUNK_BYTES).await;
    assert_eq!(status, 200);
    assert!(matches!(Answer::decode(&body), Some(Answer::Receipt(_))));
    assert_eq!(world.gbr.store().inbox().unwrap().len(), 1);
    assert_eq!(door.have("TUR", &path).await, (200, Some(0)), "it lies there no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_with_which_nobody_goes_on_does_not_stay() {
    let world = World::new();
    let (door, parcel) = (Door::of(&world), large(&world));
    let path = Offered::of(&parcel).unwrap().path();
    door.chunk(&parcel, 0).await;
    crate::keeper::keep(&world.gbr, clock::now()).unwrap();
    assert_eq!(door.have("TUR", &path).await, (200, Some(CHUNK_BYTES)));
    crate::keeper::keep(&world.gbr, clock::now() + SignedDuration::from_hours(25)).unwrap();
    assert_eq!(door.have("TUR", &path).await, (200, Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_offsets_lengths_and_digests_leave_nothing() {
    let world = World::new();
    let (door, parcel) = (Door::of(&world), large(&world));
    let path = Offered::of(&parcel).unwrap().path();
    let chunk = &parcel[..CHUNK_BYTES];
    let said = content_digest(chunk);
    for at in ["1", "1048576", "18446744073709551615"] {
        let (status, body) = door.put(&path, at, chunk, &said).await;
        assert_eq!((status, read_held(&body)), (416, Some(0)), "{at}");
    }
    for at in ["-1", "x", "99999999999999999999999"] {
        assert_eq!(door.put(&path, at, chunk, &said).await.0, 404, "{at}");
    }
    for short in [&chunk[1..], b""] {
        assert_eq!(door.put(&path, "0", short, &content_digest(short)).await.0, 400);
    }
    let long = &parcel[..CHUNK_BYTES + 1];
    assert_eq!(door.put(&path, "0", long, &content_digest(long)).await.0, 413);
    assert_eq!(door.put(&path, "0", chunk, "sha-256=:AAAA:").await.0, 400);
    let digest = Digest::of(&parcel);
    for size in ["1", "16777217", "-1", "0x300000"] {
        assert_eq!(door.have("TUR", &format!("{digest}/{size}")).await.0, 404, "{size}");
    }
    assert_eq!(door.have("TUR", "..%2F..%2Fkeys/3145728").await.0, 404);
    assert_eq!(door.have("nobody", &path).await.0, StatusCode::UNAUTHORIZED.as_u16());
    assert_eq!(door.have("TUR", &path).await, (200, Some(0)));
    assert!(!world.gbr.layout().root().join("transfers/TUR").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_whole_and_another_parcel_begins_anew() {
    let world = World::new();
    let (door, parcel) = (Door::of(&world), large(&world));
    let path = format!("{}/{}", Digest::of(b"another"), parcel.len());
    for (at, expected) in [(0, 202), (CHUNK_BYTES, 202), (2 * CHUNK_BYTES, 400)] {
        let chunk = &parcel[at..parcel.len().min(at + CHUNK_BYTES)];
        let (status, _) = door.put(&path, &at.to_string(), chunk, &content_digest(chunk)).await;
        assert_eq!(status, expected, "{at}");
    }
    assert_eq!(door.have("TUR", &path).await, (200, Some(0)));
    assert!(world.gbr.store().inbox().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_fills_no_disk_with_what_it_never_ends() {
    let world = World::new();
    let door = Door::of(&world);
    for n in 0..5u8 {
        let parcel = vec![n; 3 * CHUNK_BYTES];
        assert_eq!(door.chunk(&parcel, 0).await.0, 202);
        std::thread::sleep(Duration::from_millis(20));
    }
    let dir = world.gbr.layout().root().join("transfers/TUR");
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 2);
    let newest = Offered::of(&vec![4; 3 * CHUNK_BYTES]).unwrap();
    assert_eq!(door.have("TUR", &newest.path()).await, (200, Some(CHUNK_BYTES)));
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_count_against_the_quota() {
    let world = World::new();
    let file = world.gbr.layout().root().join("passerelle.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let few = text.replace("parcels_per_minute = 30000", "parcels_per_minute = 8");
    assert_ne!(text, few);
    std::fs::write(&file, few).unwrap();
    world.gbr.reload().unwrap();
    let (door, parcel) = (Door::of(&world), large(&world));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(door.chunk(&parcel, CHUNK_BYTES).await.0);
    }
    assert_eq!(statuses, [416, 416, 429, 429]);
}
