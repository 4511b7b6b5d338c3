//! Live counters, asked of the nodes through their officers' interface.

use std::{
    io::{IsTerminal, Write},
    path::Path,
    time::Duration,
};

use anyhow::Result;
use serde_json::Value;

use super::{
    fleet::Away,
    officers::Session,
    setup::{Setup, StateSetup},
};

/// Where the counters go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A line for each state, drawn again and again.
    Redrawn,
    /// A line now and then, on standard output.
    Lines,
    /// The same on standard error: standard output is for programs.
    Aside,
}

/// The counters of all nodes.
pub struct Counters {
    sessions: Vec<(String, Session, Away)>,
    /// What each said last.
    last: Vec<Moment>,
    form: Form,
    /// Whether there are lines to draw over.
    drawn: bool,
}

/// What a node says of itself at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Events in its log.
    pub events: u64,
    /// Parcels that wait.
    pub queued: u64,
    /// Hits that wait for an officer.
    pub waiting: u64,
    /// The line to show.
    pub line: String,
}

impl Counters {
    /// Signs in everywhere.
    pub async fn begin(setup: &Setup, base: &Path, away: Vec<Away>, json: bool) -> Result<Self> {
        let mut sessions = Vec::new();
        for (state, away) in setup.states.iter().zip(away) {
            let session = Session::begin(state, base, account()).await?;
            sessions.push((state.state.clone(), session, away));
        }
        let form = match (json, std::io::stdout().is_terminal()) {
            (true, _) => Form::Aside,
            (false, true) => Form::Redrawn,
            (false, false) => Form::Lines,
        };
        let last = vec![Moment::default(); sessions.len()];
        Ok(Self { sessions, last, form, drawn: false })
    }

    /// How long to wait between two looks.
    pub fn every(&self) -> Duration {
        Duration::from_secs(if self.form == Form::Redrawn { 1 } else { 5 })
    }

    /// Asks every node.
    pub async fn look(&mut self) -> Result<Vec<Moment>> {
        for ((state, session, away), last) in self.sessions.iter_mut().zip(&mut self.last) {
            match session.get("summary").await {
                Ok(summary) => *last = moment(state, &summary),
                // Once more for a node that has just been switched on.
                Err(_) if away.is_set() => last.line = format!("{state} switched off"),
                Err(_) => *last = moment(state, &session.get("summary").await?),
            }
        }
        Ok(self.last.clone())
    }

    /// Shows them.
    pub fn show(&mut self, moments: &[Moment]) {
        let all: Vec<&str> = moments.iter().map(|m| m.line.as_str()).collect();
        match self.form {
            Form::Redrawn => {
                if self.drawn {
                    print!("\x1b[{}F", all.len());
                }
                all.iter().for_each(|line| println!("\x1b[K{line}"));
                let _ = std::io::stdout().flush();
                self.drawn = true;
            }
            Form::Lines => println!("{}", all.join(" | ")),
            Form::Aside => eprintln!("{}", all.join(" | ")),
        }
    }
}

fn account() -> &'static str {
    "synthetic-supervisor"
}

fn moment(state: &str, s: &Value) -> Moment {
    let n = |key: &str| s[key].as_u64().unwrap_or(0);
    let hits = |part: &str| -> u64 {
        let parts = s["hits"].as_array().into_iter().flatten();
        parts.filter(|p| p[0] == part).filter_map(|p| p[1].as_u64()).sum()
    };
    let waiting = hits("open") + hits("half");
    let line = format!(
        "{state} {} flights {} travellers {} waiting {} upheld {} receipted {} received",
        n("flights"),
        n("travellers"),
        waiting,
        hits("upheld"),
        n("receipted"),
        n("received"),
    );
    Moment { events: n("events"), queued: n("queued"), waiting, line }
}

/// What a visitor has to know of a node.
pub fn invitation(state: &StateSetup) -> String {
    format!("  {0}  https://{1}/  the map: https://{1}/map", state.state, state.console)
}
