//! What the demonstration came to, for people and for programs.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use store::Counts;

use super::{
    exchanged::{Books, Pairs, outage, suspension},
    incidents::Incidents,
    setup::Setup,
};
use crate::{clock, invariants, invariants::NodeAt, node::Node};

/// What was measured while the nodes ran.
pub struct Measured {
    /// From start to ready line, in seconds.
    pub ready_s: f64,
    /// Peak of resident memory, in bytes.
    pub peak_rss_bytes: u64,
}

/// The end of one state.
struct StateEnd {
    state: String,
    counts: Counts,
    verified: bool,
    measured: Measured,
}

/// The end of all.
pub struct Summary {
    states: Vec<StateEnd>,
    minutes: f64,
    report: invariants::Report,
    pairs: Pairs,
    /// What happened on purpose: the name of it, and what it came to.
    incidents: Vec<(&'static str, Value)>,
}

impl Summary {
    /// Reads stores and logs of nodes that have stopped.
    pub fn of(
        (base, setup): (&Path, &Setup),
        ledger: &[invariants::Answered],
        measured: Vec<Measured>,
        minutes: f64,
        incidents: Incidents,
    ) -> Result<Self> {
        let nodes: Vec<NodeAt> =
            setup.states.iter().map(|s| NodeAt::of(&s.dir(base))).collect::<Result<_>>()?;
        let report = invariants::check(&nodes, ledger, clock::now())?;
        let (mut states, mut books) = (Vec::new(), Vec::new());
        for (state, measured) in setup.states.iter().zip(measured) {
            let node = Node::open(&state.dir(base))?;
            let counts = node.store().counts()?;
            books.push(Books::of(&node)?);
            node.close();
            let log = report.logs.iter().find(|l| l.node == state.state);
            let verified = log.context("a node whose log was not checked")?.verification.ok;
            states.push(StateEnd { state: state.state.clone(), counts, verified, measured });
        }
        let incidents = [
            ("suspension", suspension(&books, &incidents)),
            ("outage", outage(&books, &incidents)),
        ];
        let incidents = incidents.into_iter().filter_map(|(name, found)| Some((name, found?)));
        let (pairs, incidents) = (Pairs::of(&books), incidents.collect());
        Ok(Self { states, minutes, report, pairs, incidents })
    }

    /// Every promise kept, nothing lost, nothing doubled, every log verified.
    pub fn clean(&self) -> bool {
        let report = &self.report;
        let verified = self.states.iter().all(|s| s.verified);
        report.ok()
            && report.lost == 0
            && report.doubled == 0
            && verified
            && self.pairs.without == 0
    }

    /// The lines for programs (`docs/outputs.md`).
    pub fn json(&self) -> Vec<Value> {
        let mut lines: Vec<Value> = self.states.iter().map(StateEnd::json).collect();
        let mut last = json!({
            "states": self.states.len(),
            "minutes": (self.minutes * 100.0).round() / 100.0,
            "lost": self.report.lost,
            "doubled": self.report.doubled,
            "promises": self.report.promises_json(),
            "pairs": self.pairs.json(),
        });
        for (name, found) in &self.incidents {
            last[*name] = found.clone();
        }
        lines.push(last);
        lines
    }

    /// What breaks a promise, a line each.
    pub fn findings(&self) -> Vec<String> {
        let of = |p: &invariants::Promise| {
            let number = p.number;
            p.findings
                .iter()
                .map(move |f| format!("promise {number}, {}: {}", f.node, f.what))
                .collect::<Vec<_>>()
        };
        self.report.promises.iter().flat_map(of).take(20).collect()
    }

    /// For people.
    pub fn words(&self) -> String {
        let mut text = String::new();
        for s in &self.states {
            let (c, log) = (&s.counts, if s.verified { "verified" } else { "NOT VERIFIED" });
            text += &format!(
                "{}  {} flights, {} travellers, {} lists ({} from partners)\n     \
                 {} hits: {} upheld, {} dismissed, {} open\n     \
                 disclosed {} lists and {} hits, {} receipted, {} refused\n     \
                 log: {} events, {log}\n",
                s.state,
                c.flights,
                c.travellers,
                c.lists,
                c.lists - c.carrier_lists,
                c.hits,
                c.upheld,
                c.dismissed,
                c.open + c.half,
                c.disclosed.list,
                c.disclosed.hit,
                c.receipted,
                c.refused,
                c.events,
            );
        }
        let p = &self.pairs;
        text += &format!(
            "Pairs of states: {}, {} with an agreement; {} of these exchanged, {} both ways.\n",
            p.all, p.agreed, p.exchanged, p.both_ways
        );
        for (name, found) in &self.incidents {
            text += &told(name, found);
        }
        let kept = self.report.promises.iter().filter(|p| p.kept()).count();
        text += &format!(
            "Lost: {}. Doubled: {}. Promises kept: {kept} of {}.\n",
            self.report.lost,
            self.report.doubled,
            self.report.promises.len()
        );
        text
    }
}

/// An incident in words.
fn told(name: &str, found: &Value) -> String {
    let state = found["state"].as_str().unwrap_or_default();
    let begin = match name {
        "suspension" => format!(
            "{state} suspended its agreements for {} s, in effect after {} s",
            found["lasted_s"], found["effective_s"]
        ),
        _ => format!("{state} was switched off for {} s", found["lasted_s"]),
    };
    format!(
        "{begin}; meanwhile the others exchanged {} parcels, and kept {} for it.\n",
        found["others_receipted"], found["kept_for_it"]
    )
}

impl StateEnd {
    fn json(&self) -> Value {
        let c = &self.counts;
        json!({
            "state": self.state, "submissions": c.submissions, "lists": c.lists, "flights": c.flights,
            "travellers": c.travellers, "faults": c.faults, "hits": c.hits, "upheld": c.upheld,
            "dismissed": c.dismissed,
            "disclosed": {"list": c.disclosed.list, "hit": c.disclosed.hit},
            "receipted": c.receipted, "received": c.received, "refused": c.refused,
            "log": {"events": c.events, "verified": self.verified},
            "peak_rss_bytes": self.measured.peak_rss_bytes,
            "ready_s": (self.measured.ready_s * 1000.0).round() / 1000.0,
        })
    }
}
