//! Travellers who go before their day does: the law wants everybody gone who has left, unless a
//! ground holds them (UK-09).
//!
//! A list says when (`lists.leave_due`, set when it is kept); here that day comes. Who of the
//! list is held is asked of hits, cases and holds, by the grounds that every law accepts which
//! binds the list. The others go, list by list, each day once for all of them; whoever stays is
//! looked at again the next day.

use std::collections::BTreeMap;

use anyhow::Result;
use audit::Actor;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use policy::{Departed, departed};
use store::{Batch, Change, Leaving, StoreError, rows::List};

use super::Kept;
use crate::{node::Node, pipeline};

/// Goes on with what was begun, and removes who is due. What cannot be done now is done next
/// time, and stops nobody else's forgetting.
pub(super) fn let_go(node: &Node, now: Timestamp, kept: &mut Kept) {
    let done = go_on(node, now).and_then(|()| due(node, now, kept));
    if let Err(e) = done {
        tracing::error!(error = %format!("{e:#}"), "travellers who are to go are still there; tried again");
    }
}

/// Brings every day to its end that is going over to new keys.
///
/// # Errors
/// The store; what was done stays done.
pub fn go_on(node: &Node, now: Timestamp) -> Result<()> {
    for (scope, day) in node.store().going()? {
        over(node, &scope, day, now)?;
    }
    Ok(())
}

fn over(node: &Node, scope: &str, day: Date, now: Timestamp) -> Result<()> {
    match node.store().go_over(scope, day, now) {
        // Somebody else is at it, or a list came in between: the next time finds what is left.
        Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

fn due(node: &Node, now: Timestamp, kept: &mut Kept) -> Result<()> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut days: BTreeMap<(String, Date, Vec<String>), Vec<Leaving>> = BTreeMap::new();
    for id in node.store().leaving(now)? {
        let Some(row) = node.store().list(&id)? else { continue };
        let Some((leaving, law)) = who(node, &row, today)? else { continue };
        if leaving.travellers.is_empty() {
            later(node, &row, today)?;
            continue;
        }
        let rules = law.rules.iter().map(ToString::to_string).collect();
        days.entry((row.scope, row.day, rules)).or_default().push(leaving);
    }
    for ((_, _, rules), leaving) in days {
        let keys = match node.store().begin_removal(&leaving, &rules, (Actor::Node, now)) {
            Ok(keys) => keys,
            // Something of it has just come under way.
            Err(StoreError::Conflict(why)) => {
                tracing::info!(why, "travellers who are to go wait for the next round");
                continue;
            }
            Err(e) => return Err(e.into()),
        };
        for (scope, day) in keys {
            over(node, &scope, day, now)?;
        }
        kept.removed.extend(
            leaving.iter().map(|l| format!("{}/{}", l.list, store::numbers(&l.travellers))),
        );
    }
    Ok(())
}

/// Who of a list goes, and by which law; nothing when the list cannot be read any more, or no
/// law of now says so.
fn who(node: &Node, row: &List, today: Date) -> Result<Option<(Leaving, Departed)>> {
    let list = match node.store().open_list(row) {
        Ok(list) => list,
        Err(StoreError::Sealed { .. }) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let subject = pipeline::subject(&list, &row.origin);
    let Some(law) = departed(&subject, &node.regimes()) else { return Ok(None) };
    let held = node.store().held(&row.id, today)?;
    let stays =
        |number: u32| held.iter().any(|(n, ground)| *n == number && law.grounds.contains(ground));
    let there = (0..).zip(list.travellers()).filter(|(_, t)| !t.is_removed());
    let travellers = there.map(|(number, _)| number).filter(|number| !stays(*number)).collect();
    Ok(Some((Leaving { list: row.id.clone(), travellers }, law)))
}

/// Everybody who is still on it is held: looked at again tomorrow.
fn later(node: &Node, row: &List, today: Date) -> Result<()> {
    let due = today.tomorrow().unwrap_or(Date::MAX);
    let change = Change::LeaveLater { list: row.id.clone(), due };
    node.store().commit(Batch::new(vec![change], Vec::new()))?;
    Ok(())
}
