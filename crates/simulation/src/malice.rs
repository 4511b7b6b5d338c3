//! A partner that does everything that a partner must not. It has keys and an agreement,
//! so what it makes is signed and sealed as it should be.

use exchange::{Answer, Disclosure, Outgoing, ParcelId, Sealing};
use jiff::{SignedDuration, Timestamp};
use policy::{AgreementId, Mode, Purpose, Request};
use testkit::Rng;
use travel::{Country, PassengerList};

use crate::{
    books::{OutRow, Status},
    node::Node,
    parties, world,
};

/// What it hands over this time, and what that is called.
pub(crate) fn attack(
    attacker: &mut Node,
    (to, number): (Country, u64),
    overheard: &[Vec<u8>],
    now: Timestamp,
) -> Option<(&'static str, Vec<u8>)> {
    let sent: Vec<OutRow> =
        attacker.books.out.values().filter(|r| r.partner == to).cloned().collect();
    let which = attacker.rng.below(11);
    let mut rng = attacker.rng.clone();
    attacker.rng.next();
    let any = |rng: &mut Rng| (!sent.is_empty()).then(|| rng.pick(&sent).clone());
    let crafted = |attacker: &mut Node, rng: &mut Rng, how: &dyn Fn(&mut Craft, &mut Rng)| {
        craft(attacker, (to, number), now, |craft| how(craft, rng))
    };
    Some(match which {
        0 => ("replay", any(&mut rng)?.bytes),
        1 if !overheard.is_empty() => ("replay of another's", rng.pick(overheard).clone()),
        2 => ("truncated", {
            let bytes = any(&mut rng)?.bytes;
            let length = rng.below(bytes.len() as u64) as usize;
            bytes[..length].to_vec()
        }),
        3 => ("flipped", {
            let mut bytes = any(&mut rng)?.bytes;
            let at = rng.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << rng.below(8);
            bytes
        }),
        4 => {
            let old = any(&mut rng)?;
            (
                "an old number",
                crafted(attacker, &mut rng, &|c, _| {
                    c.stream.next_sequence = old.sequence;
                })?,
            )
        }
        5 => {
            let old = any(&mut rng)?;
            ("an old id", crafted(attacker, &mut rng, &|c, _| c.id = Some(old.parcel))?)
        }
        6 => (
            "another history",
            crafted(attacker, &mut rng, &|c, rng| {
                c.stream.previous.0[rng.below(32) as usize] ^= 0x55;
            })?,
        ),
        7 => (
            "a gap",
            crafted(attacker, &mut rng, &|c, rng| {
                c.stream.next_sequence += rng.between(1, 9);
            })?,
        ),
        8 => (
            "from tomorrow",
            crafted(attacker, &mut rng, &|c, _| {
                c.at += SignedDuration::from_hours(24);
            })?,
        ),
        9 => ("more than its outside says", crafted(attacker, &mut rng, &|c, _| c.whole = true)?),
        _ => ("noise", (0..rng.between(0, 400)).map(|_| rng.next() as u8).collect()),
    })
}

/// A receipt that is none, or for something else.
pub(crate) fn forged(rng: &mut Rng, honest: Answer, before: Option<&Vec<u8>>) -> Answer {
    match (rng.below(5), honest) {
        (0, Answer::Receipt(mut bytes)) => {
            let at = rng.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1;
            Answer::Receipt(bytes)
        }
        (1, _) => Answer::Receipt(vec![0; 40]),
        (2, honest) => before.map_or(honest, |other| Answer::Receipt(other.clone())),
        (3, _) => Answer::Gap { expected: rng.below(12) },
        (_, honest) => honest,
    }
}

/// What can be wrong with a parcel that is otherwise right.
struct Craft {
    stream: Outgoing,
    id: Option<ParcelId>,
    at: Timestamp,
    whole: bool,
}

fn craft(
    attacker: &mut Node,
    (to, number): (Country, u64),
    now: Timestamp,
    how: impl FnOnce(&mut Craft),
) -> Option<Vec<u8>> {
    let (from, list) = (attacker.state, world::list(number, now));
    let agreements = attacker.books.agreed(&[Status::InForce]);
    let request = Request::about(&list, (from, to), Mode::List, Purpose::Terrorism, now);
    let permit = policy::decide(&request, &agreements, &parties::REGIMES).ok()?;
    let stream = stream(attacker, permit.agreement(), to);
    let mut craft = Craft { stream, id: None, at: now, whole: false };
    how(&mut craft);
    let render = |cut: &PassengerList| if craft.whole { list.encode() } else { cut.encode() };
    let disclosure = Disclosure::list(&list, permit, &render).ok()?;
    let id = craft.id.unwrap_or_else(|| attacker.parcel_id());
    let sealing = Sealing {
        id,
        made_at: craft.at,
        keys: attacker.keys(),
        to: parties::keys(to, 1).public(),
        checkpoint: None,
    };
    craft.stream.seal(disclosure, sealing).ok().map(|(parcel, _)| parcel.bytes)
}

fn stream(attacker: &Node, id: AgreementId, to: Country) -> Outgoing {
    let held = attacker.books.streams_out.get(&id).cloned();
    held.unwrap_or_else(|| Outgoing::new(id, attacker.state, to))
}
