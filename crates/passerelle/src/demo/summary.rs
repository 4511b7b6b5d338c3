//! What the demonstration came to, for people and for programs.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use store::Counts;

use super::setup::Setup;
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
}

impl Summary {
    /// Reads stores and logs of nodes that have stopped.
    pub fn of(
        base: &Path,
        setup: &Setup,
        ledger: &[invariants::Answered],
        measured: Vec<Measured>,
        minutes: f64,
    ) -> Result<Self> {
        let nodes: Vec<NodeAt> =
            setup.states.iter().map(|s| NodeAt::of(&s.dir(base))).collect::<Result<_>>()?;
        let report = invariants::check(&nodes, ledger, clock::now())?;
        let mut states = Vec::new();
        for (state, measured) in setup.states.iter().zip(measured) {
            let node = Node::open(&state.dir(base))?;
            let counts = node.store().counts()?;
            node.close();
            let log = report.logs.iter().find(|l| l.node == state.state);
            let verified = log.context("a node whose log was not checked")?.verification.ok;
            states.push(StateEnd { state: state.state.clone(), counts, verified, measured });
        }
        Ok(Self { states, minutes, report })
    }

    /// Every promise kept, nothing lost, nothing doubled, every log verified.
    pub fn clean(&self) -> bool {
        let report = &self.report;
        let verified = self.states.iter().all(|s| s.verified);
        report.ok() && report.lost == 0 && report.doubled == 0 && verified
    }

    /// The lines for programs (`docs/outputs.md`).
    pub fn json(&self) -> Vec<Value> {
        let mut lines: Vec<Value> = self.states.iter().map(StateEnd::json).collect();
        lines.push(json!({
            "states": self.states.len(),
            "minutes": (self.minutes * 100.0).round() / 100.0,
            "lost": self.report.lost,
            "doubled": self.report.doubled,
            "promises": self.report.promises_json(),
        }));
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
                "{}  {} flights, {} travellers, {} lists ({} from the partner)\n     \
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
