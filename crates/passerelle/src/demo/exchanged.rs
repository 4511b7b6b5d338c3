//! Who exchanged with whom, and what the incidents came to: read from the stores of nodes
//! that have stopped, never from what the nodes say of themselves.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::rows::{Incoming, Outgoing};

use super::incidents::{Incidents, Lasted};
use crate::node::Node;

/// What one node's store tells.
pub struct Books {
    state: String,
    /// Partners with an agreement in force.
    agreed: Vec<String>,
    outbox: Vec<Outgoing>,
    inbox: Vec<Incoming>,
}

impl Books {
    /// Reads them.
    ///
    /// # Errors
    /// The store.
    pub fn of(node: &Node) -> Result<Self> {
        let store = node.store();
        let mut outbox = store.outbox()?;
        outbox.iter_mut().for_each(|row| row.bytes = None);
        let agreements = store.agreements()?.into_iter();
        Ok(Self {
            state: node.state().to_string(),
            agreed: agreements.filter(|a| a.status == "in_force").map(|a| a.partner).collect(),
            outbox,
            inbox: store.inbox()?,
        })
    }

    /// Parcels of this node that were receipted, by their partner and when.
    fn receipted(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        let done = |row: &Outgoing| row.status == "receipted";
        let done = self.outbox.iter().filter(move |row| done(row));
        done.filter_map(|row| Some((row.partner.as_str(), row.receipted_at?)))
    }
}

/// How the pairs fared.
#[derive(Debug, PartialEq, Eq)]
pub struct Pairs {
    /// Pairs of states.
    pub all: usize,
    /// Those with an agreement.
    pub agreed: usize,
    /// Those between which a parcel was receipted.
    pub exchanged: usize,
    /// Those where that was so both ways.
    pub both_ways: usize,
    /// Pairs without an agreement between which a parcel went all the same.
    pub without: usize,
    /// The agreed pairs between which nothing went.
    pub silent: Vec<String>,
}

impl Pairs {
    /// Counts them.
    pub fn of(all: &[Books]) -> Self {
        let sent: BTreeSet<(&str, &str)> =
            all.iter().flat_map(|b| b.receipted().map(|(to, _)| (b.state.as_str(), to))).collect();
        let mut pairs =
            Self { all: 0, agreed: 0, exchanged: 0, both_ways: 0, without: 0, silent: Vec::new() };
        for (i, one) in all.iter().enumerate() {
            for other in &all[i + 1..] {
                let (a, b) = (one.state.as_str(), other.state.as_str());
                let ways = [(a, b), (b, a)].into_iter().filter(|way| sent.contains(way)).count();
                pairs.all += 1;
                if !one.agreed.iter().any(|p| p == b) {
                    pairs.without += usize::from(ways > 0);
                    continue;
                }
                pairs.agreed += 1;
                pairs.exchanged += usize::from(ways > 0);
                pairs.both_ways += usize::from(ways == 2);
                if ways == 0 {
                    pairs.silent.push(format!("{a}-{b}"));
                }
            }
        }
        pairs
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "all": self.all, "agreed": self.agreed, "exchanged": self.exchanged,
            "both_ways": self.both_ways, "without_agreement": self.without,
            "silent": self.silent,
        })
    }
}

/// What a suspension came to.
pub fn suspension(all: &[Books], incidents: &Incidents) -> Option<Value> {
    let Lasted { state, from, until } = incidents.suspended.as_ref()?;
    let within = |at: Timestamp| *from < at && at < *until;
    let own = all.iter().find(|b| b.state == *state)?;
    let out = own.receipted().map(|(_, at)| at);
    let taken = own.inbox.iter().filter(|row| row.verdict == "accepted").map(|r| r.received_at);
    let last = out.chain(taken).filter(|at| within(*at)).max();
    let effective = last.map_or(0.0, |at| seconds(*from, at));
    let others = all.iter().filter(|b| b.state != *state);
    let went_on = others
        .clone()
        .flat_map(|b| b.receipted().filter(|(to, at)| to != state && within(*at)))
        .count();
    let kept = others.flat_map(|b| waited(b, state, *from, *until)).count();
    Some(json!({
        "state": state, "lasted_s": seconds(*from, *until), "effective_s": effective,
        "others_receipted": went_on, "kept_for_it": kept,
    }))
}

/// What an outage came to.
pub fn outage(all: &[Books], incidents: &Incidents) -> Option<Value> {
    let Lasted { state, from, until } = incidents.offline.as_ref()?;
    let others = all.iter().filter(|b| b.state != *state);
    let went_on = others
        .clone()
        .flat_map(|b| b.receipted().filter(|(_, at)| *from < *at && *at < *until))
        .count();
    let waited: Vec<&Outgoing> = others.flat_map(|b| waited(b, state, *from, *until)).collect();
    let left = waited.iter().filter(|row| row.status == "queued").count();
    Some(json!({
        "state": state, "lasted_s": seconds(*from, *until), "others_receipted": went_on,
        "kept_for_it": waited.len(), "still_waiting": left,
    }))
}

/// A node's parcels for a state that waited for the end of something.
fn waited<'b>(
    books: &'b Books,
    state: &'b str,
    from: Timestamp,
    until: Timestamp,
) -> impl Iterator<Item = &'b Outgoing> {
    books.outbox.iter().filter(move |row| {
        let late = row.receipted_at.is_none_or(|at| at >= until);
        row.partner == state && row.queued_at < until && row.queued_at >= from && late
    })
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    (to.duration_since(from).as_secs_f64() * 10.0).round() / 10.0
}
