//! A state makes a new epoch key while parcels are under way.

use exchange::{Content, Rollover};

use super::{requests::promises_are_kept, *};
use crate::{keeper, pipeline};

/// A wire between the two that loses nothing.
struct Straight {
    to: Arc<Node>,
    from: Country,
}

impl Line for Straight {
    async fn post(&self, _: &Partner, parcels: Vec<Vec<u8>>) -> Result<Reply> {
        let partner = self.to.store().partner(self.from.code())?.unwrap();
        let together: Vec<&[u8]> = parcels.iter().map(Vec::as_slice).collect();
        let received = receiving::receive(&self.to, &partner, &together, clock::now())?;
        let answers = received.answers;
        let status = if parcels.len() == 1 { answers[0].status() } else { 200 };
        Ok(Reply { status, retry_after: None, body: write_answers(&answers, parcels.len()) })
    }
}

async fn carry(from: &Arc<Node>, to: &Arc<Node>) {
    let wire = Straight { to: to.clone(), from: from.state() };
    let partner = to.state().to_string();
    Sender::new(from.clone(), Arc::new(wire), partner).round().await.unwrap();
}

fn next_epoch(node: &Node) -> pipeline::RolledOver {
    pipeline::next_epoch(node, 0, (Actor::Node, clock::now())).unwrap()
}

/// The epoch of the partner that a node seals to.
fn known(world: &World, at: &Node) -> u32 {
    at.partner_keys(&world.partner(at)).unwrap().epoch().epoch
}

/// How many parcels with keys are in a node's outbox.
fn told(node: &Node) -> usize {
    node.store().outbox().unwrap().iter().filter(|row| row.mode == "keys").count()
}

/// Turkey seals a list to these keys, the next of its stream, and hands it over.
fn handed_over(world: &World, to: &exchange::PublicKeys) -> Answer {
    let (node, now) = (&world.tur, clock::now());
    let list = list(now);
    let request = Request::about(&list, (TUR, GBR), Mode::List, Purpose::Terrorism, now);
    let permit = policy::decide(&request, &node.agreements().unwrap(), &node.regimes()).unwrap();
    let disclosure = Disclosure::list(&list, permit, &paxlst).unwrap();
    received(world, disclosure.into(), to)
}

fn received(world: &World, content: Content, to: &exchange::PublicKeys) -> Answer {
    let sealing = Sealing {
        id: ParcelId([7; 16]),
        made_at: clock::now(),
        keys: &world.tur.keys(),
        to,
        checkpoint: None,
    };
    let (parcel, _) = world.stream_out().seal(content, sealing).unwrap();
    let partner = world.partner(&world.gbr);
    receive_parcel(&world.gbr, &partner, &parcel.bytes, clock::now()).unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_while_a_state_rolls_over_and_what_was_under_way_opens() {
    let world = World::new();
    world.queue();
    let done = next_epoch(&world.gbr);
    assert_eq!((done.epoch, done.told), (2, vec!["TUR".to_owned()]));
    assert_eq!(known(&world, &world.tur), 1, "until the parcel comes");
    carry(&world.gbr, &world.tur).await;
    assert_eq!(known(&world, &world.tur), 2);
    assert!(World::kinds(&world.tur).contains(&"partner_rolled_over"));
    // One is sealed to the old key, one to the new.
    world.queue();
    carry(&world.tur, &world.gbr).await;
    assert_eq!(world.outbox(), [(1, "receipted".into()), (2, "receipted".into())]);
    let third = next_epoch(&world.gbr);
    assert_eq!((third.epoch, told(&world.gbr)), (3, 2));
    carry(&world.gbr, &world.tur).await;
    assert_eq!(known(&world, &world.tur), 3);
    let again = Node::open(world.gbr.layout().root()).unwrap();
    assert_eq!(again.keys().epochs().len(), 3, "the key file holds them");
    assert!(World::alarms(&world.tur).is_empty() && World::alarms(&world.gbr).is_empty());
    promises_are_kept(&world);
}

#[test]
fn a_key_that_another_process_made_is_taken_up_when_something_is_sealed_to_it() {
    let world = World::new();
    let beside = Node::open(world.gbr.layout().root()).unwrap();
    next_epoch(&beside);
    assert_eq!(world.gbr.keys().public().epoch().epoch, 1);
    let answer = handed_over(&world, beside.keys().public());
    assert!(matches!(answer, Answer::Receipt(_)), "{answer:?}");
    assert_eq!(world.gbr.keys().public().epoch().epoch, 2);
}

#[test]
fn an_older_key_file_loses_nothing_and_calls_a_person() {
    let world = World::new();
    let file = world.gbr.layout().state_key();
    let old = std::fs::read(&file).unwrap();
    next_epoch(&world.gbr);
    let (newer, new) = (world.gbr.keys(), std::fs::read(&file).unwrap());
    std::fs::write(&file, old).unwrap();
    world.gbr.reload_keys().unwrap();
    let refused = Answer::Refused { reason: "newer_epoch".into() };
    for _ in 0..2 {
        assert_eq!(handed_over(&world, newer.public()), refused);
    }
    assert_eq!(World::alarms(&world.gbr), ["newer_epoch"]);
    std::fs::write(&file, new).unwrap();
    let answer = handed_over(&world, newer.public());
    assert!(matches!(answer, Answer::Receipt(_)), "{answer:?}");
}

#[test]
fn another_identity_in_a_parcel_changes_nothing_and_calls_a_person() {
    let world = World::new();
    let before = world.partner(&world.gbr).keys;
    let agreements = world.tur.agreements().unwrap();
    let leave = policy::account(world.agreement, (TUR, GBR), &agreements).unwrap();
    let strange = exchange::StateKeys::generate().unwrap();
    let content = Content::keys(leave, &Rollover { keys: strange.public().clone() });
    let answer = received(&world, content, world.gbr.keys().public());
    let Answer::Receipt(bytes) = answer else { panic!("{answer:?}") };
    let receipt = Receipt::read(&bytes, world.gbr.keys().public()).unwrap();
    let refused = ReceiptVerdict::Refused { reason: "another_identity".into(), rules: Vec::new() };
    assert_eq!(receipt.verdict, refused);
    assert_eq!(World::alarms(&world.gbr), ["keys_refused"]);
    assert_eq!(world.partner(&world.gbr).keys, before);
}

#[test]
fn whom_nothing_reaches_now_is_told_once_by_the_keeper() {
    let world = World::new();
    world.agree(&world.gbr, TUR, Some(TUR));
    let done = next_epoch(&world.gbr);
    assert_eq!((done.told, done.later), (vec![], vec!["TUR".to_owned()]));
    world.agree(&world.gbr, TUR, None);
    for _ in 0..2 {
        keeper::keep(&world.gbr, clock::now()).unwrap();
        assert_eq!(told(&world.gbr), 1);
    }
}
