//! Emergencies between states (EU-18) whose time has passed: the agreement sets until when a request
//! is answered and until when it is justified (rule AG-16). A person is told, once, at both ends.

use anyhow::Result;
use audit::{Actor, Digest, Event, Logged};
use jiff::Timestamp;
use store::{Batch, Change, rows::RequestRow};

use crate::node::Node;

/// Tells a person, once for each, of emergencies that nobody has answered or justified in time.
///
/// # Errors
/// The store.
pub fn tell_of_late(node: &Node, now: Timestamp) -> Result<()> {
    for row in node.store().unanswered(now)? {
        let told =
            Change::RequestUnanswered { partner: row.partner.clone(), id: row.id.clone(), at: now };
        tell(node, (&row, "not_answered"), (not_answered(&row), told), now)?;
    }
    for row in node.store().unjustified(now)? {
        let told =
            Change::RequestLate { partner: row.partner.clone(), id: row.id.clone(), at: now };
        tell(node, (&row, "not_justified"), (not_justified(&row), told), now)?;
    }
    Ok(())
}

fn tell(
    node: &Node,
    (row, kind): (&RequestRow, &str),
    (what, told): (String, Change),
    now: Timestamp,
) -> Result<()> {
    let event = Event::Alarm {
        alarm: kind.to_owned(),
        subject: row.partner.clone(),
        digest: Digest::parse(&row.digest),
    };
    let (partner, kind) = (Some(row.partner.clone()), kind.to_owned());
    let alarm = Change::Alarm { partner, kind, what, at: now };
    let event = Logged::new(now, Actor::Node, event);
    node.store().commit(Batch::new(vec![alarm, told], vec![event]))?;
    Ok(())
}

fn not_answered(row: &RequestRow) -> String {
    let due = due(row.answer_by);
    match row.outgoing {
        true => format!(
            "{} has not answered emergency request {}, as it had to until {due}.",
            row.partner, row.id
        ),
        false => format!(
            "Emergency request {} of {} was to be answered until {due}, and no officer has decided on it.",
            row.id, row.partner
        ),
    }
}

fn not_justified(row: &RequestRow) -> String {
    let due = due(row.justify_by);
    match row.outgoing {
        true => format!(
            "Request {} was made of {} in an emergency, and was to be justified until {due}.",
            row.id, row.partner
        ),
        false => format!(
            "{} has not justified its emergency request {}, as it had to until {due}.",
            row.partner, row.id
        ),
    }
}

fn due(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| at.to_string())
}
