//! Both nodes say what a day carried, and tell a person where they differ.

use exchange::{Content, Outgoing as Out, Receipt, ReceiptVerdict, Total};

use super::{requests::promises_are_kept, *};
use crate::pipeline::state_totals;

/// A wire to a node that is a day later; it may change what is answered.
struct Later {
    to: Arc<Node>,
    at: Timestamp,
    instead: fn(&Node, Vec<u8>) -> Vec<u8>,
}

impl Line for Later {
    async fn post(&self, _: &Partner, parcels: Vec<Vec<u8>>) -> Result<Reply> {
        let partner = self.to.store().partner("TUR")?.unwrap();
        let together: Vec<&[u8]> = parcels.iter().map(Vec::as_slice).collect();
        let received = receiving::receive(&self.to, &partner, &together, self.at)?;
        let answers: Vec<Answer> = received
            .answers
            .into_iter()
            .map(|answer| match answer {
                Answer::Receipt(bytes) => Answer::Receipt((self.instead)(&self.to, bytes)),
                other => other,
            })
            .collect();
        let status = if parcels.len() == 1 { answers[0].status() } else { 200 };
        Ok(Reply { status, retry_after: None, body: write_answers(&answers, parcels.len()) })
    }
}

async fn carry(world: &World, at: Timestamp, instead: fn(&Node, Vec<u8>) -> Vec<u8>) {
    let wire = Later { to: world.gbr.clone(), at, instead };
    Sender::new(world.tur.clone(), Arc::new(wire), "GBR".to_owned()).round().await.unwrap();
}

fn tomorrow() -> Timestamp {
    clock::now() + SignedDuration::from_hours(24)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_stated_once_and_countersigned() {
    let world = World::new();
    (0..3).for_each(|_| drop(world.queue()));
    assert_eq!(state_totals(&world.tur, clock::now()).unwrap(), 0, "the day is not over");
    let at = tomorrow();
    crate::keeper::keep(&world.tur, at).unwrap();
    assert_eq!(state_totals(&world.tur, at).unwrap(), 0, "once");
    let of = |node: &Node, partner| api::day_lines(node.store(), partner, 9).unwrap();
    assert_eq!(of(&world.tur, "GBR")[0].state(), "waiting");
    carry(&world, at, |_, receipt| receipt).await;
    let (sent, counted) = (of(&world.tur, "GBR").remove(0), of(&world.gbr, "TUR").remove(0));
    assert_eq!((sent.state(), counted.state()), ("agreed", "agreed"));
    assert_eq!((sent.first, sent.last, sent.parcels), (1, 3, 3));
    assert_eq!((&sent.taken, &sent.digest), (&counted.taken, &counted.digest));
    assert_eq!(counted.taken.get("list"), Some(&3));
    assert!(World::kinds(&world.tur).contains(&"total_answered"));
    assert!(World::kinds(&world.gbr).contains(&"total_counted"));
    // A day without anything else is stated with the next that has something.
    let later = at + SignedDuration::from_hours(48);
    assert_eq!(state_totals(&world.tur, later).unwrap(), 0);
    assert!(World::alarms(&world.tur).is_empty() && World::alarms(&world.gbr).is_empty());
    promises_are_kept(&world);
    // Both can prove it from their own store, years later.
    let rows = [&world.tur, &world.gbr].map(|node| {
        let partner = if node.state() == TUR { "GBR" } else { "TUR" };
        node.store().day_totals(partner, 1).unwrap().remove(0)
    });
    for row in &rows {
        let said = Total::read(&row.total, world.tur.keys().public()).unwrap();
        let receipt = row.receipt.as_ref().unwrap();
        let receipt = Receipt::read(receipt, world.gbr.keys().public()).unwrap();
        assert!(receipt.reckoning.unwrap().agrees(&said));
    }
    assert!(rows[0].total == rows[1].total && rows[0].receipt == rows[1].receipt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_states_another_total_is_an_alarm() {
    let world = World::new();
    world.queue();
    carry(&world, clock::now(), |_, receipt| receipt).await;
    let store = world.tur.store();
    let rows = store.sent_after(&world.agreement.to_string(), (0, 9)).unwrap();
    let digest = Digest::parse(&rows[0].digest).unwrap();
    let kind = Some(exchange::Kind::Hit);
    let counted = exchange::Counted { sequence: 1, kind, digest, taken: true };
    let day = clock::now().to_zoned(TimeZone::UTC).date();
    let total = Total::of((world.agreement, TUR, GBR), day, &[counted]).unwrap();
    let agreements = world.tur.agreements().unwrap();
    let leave = policy::account(world.agreement, (TUR, GBR), &agreements).unwrap();
    let signed = total.sign(&world.tur.keys()).unwrap();
    let content = Content::total(leave, &total, signed).unwrap();
    let state = store.stream_out(&world.agreement.to_string()).unwrap().unwrap();
    let sealing = Sealing {
        id: ParcelId(*Uuid::now_v7().as_bytes()),
        made_at: clock::now(),
        keys: &world.tur.keys(),
        to: &world.gbr.keys().public().clone(),
        checkpoint: None,
    };
    let (parcel, _) = Out::decode(&state).unwrap().seal(content, sealing).unwrap();
    let partner = world.partner(&world.gbr);
    let first = receive_parcel(&world.gbr, &partner, &parcel.bytes, clock::now()).unwrap().0;
    let again = receive_parcel(&world.gbr, &partner, &parcel.bytes, clock::now()).unwrap().0;
    assert_eq!(first, again, "the same bytes");
    let Answer::Receipt(bytes) = first else { panic!("{first:?}") };
    let receipt = Receipt::read(&bytes, world.gbr.keys().public()).unwrap();
    assert_eq!(receipt.verdict, ReceiptVerdict::Accepted);
    assert_eq!(receipt.reckoning.unwrap().taken[0].name(), "list", "its own count");
    assert_eq!(World::alarms(&world.gbr), ["totals_differ"]);
    let line = api::day_lines(world.gbr.store(), "TUR", 9).unwrap().remove(0);
    assert_eq!(line.state(), "differs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_counts_otherwise_is_an_alarm() {
    let world = World::new();
    world.queue();
    let at = tomorrow();
    assert_eq!(state_totals(&world.tur, at).unwrap(), 1);
    carry(&world, at, |node, bytes| {
        let mut receipt = Receipt::kept(&bytes).unwrap();
        let Some(reckoning) = &mut receipt.reckoning else { return bytes };
        reckoning.taken.clear();
        receipt.sign(&node.keys()).unwrap()
    })
    .await;
    assert_eq!(World::alarms(&world.tur), ["totals_differ"]);
    let what = &world.tur.store().alarms(9).unwrap()[0].what;
    assert!(what.contains("1 parcels") && what.contains("it counts 0"), "{what}");
    assert_eq!(api::day_lines(world.tur.store(), "GBR", 9).unwrap()[0].state(), "differs");
}
