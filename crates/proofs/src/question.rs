//! Questions to a solver, and which of them are the same but for names.

use std::collections::HashMap;

use policy::{Agreement, Regime, cedar};
use travel::Country;

/// The law of some states: each with its packs.
pub type Laws = [(Country, Vec<Regime>)];

/// Whether everything that some policies allow is allowed by others.
pub struct Question {
    /// The policies that may be too wide.
    pub(crate) these: String,
    /// The policies that they must stay inside, which say by what rule they forbid.
    pub(crate) those: String,
    /// The same in fewer words, for the solver.
    pub(crate) those_in_short: String,
    /// Days of which one may make the difference.
    pub(crate) days: Vec<i64>,
}

impl Question {
    /// Whether the agreement lies inside the law of its two parties.
    pub fn inside(agreement: &Agreement, laws: &Laws) -> Self {
        // In the order of the parties, not of whoever gave the laws.
        let of = |state: &Country| laws.iter().find(|(known, _)| known == state).cloned();
        let binding: Vec<(Country, Vec<Regime>)> =
            agreement.parties.iter().filter_map(of).collect();
        Self {
            these: cedar::agreements(&[agreement]),
            those: cedar::ceiling(&binding),
            those_in_short: cedar::ceiling_in_short(&binding),
            days: Vec::new(),
        }
    }

    /// Whether `new` is not wider than `old`.
    pub fn not_wider(old: &Agreement, new: &Agreement) -> Self {
        let terms = old.directions.iter().flat_map(|d| &d.terms);
        let ends = terms.flat_map(|t| [t.from, t.until]).flatten();
        let those = cedar::agreements(&[old]);
        Self {
            these: cedar::agreements(&[new]),
            those_in_short: those.clone(),
            those,
            days: ends.chain([old.from, old.until]).map(cedar::day_number).collect(),
        }
    }

    /// The question without names: its states and its airports are numbered in the order in
    /// which they appear, annotations are left out. Questions of which this is equal have the
    /// same answer, for a policy can only ask whether two states, or two airports, are one.
    pub fn nameless(&self) -> String {
        let mut known: HashMap<(&str, &str), usize> = HashMap::new();
        let mut text = String::new();
        for line in self.these.lines().chain(["//"]).chain(self.those_in_short.lines()) {
            if line.starts_with('@') {
                continue;
            }
            let mut rest = line;
            while let Some((kind, at, end)) = next_name(rest) {
                let names = known.len();
                let number = *known.entry((kind, &rest[at..end])).or_insert(names);
                text.push_str(&rest[..at]);
                text.push_str(&number.to_string());
                rest = &rest[end..];
            }
            text.push_str(rest);
            text.push('\n');
        }
        text
    }
}

/// The next state or airport that a line names: its kind, and where its name stands.
fn next_name(line: &str) -> Option<(&'static str, usize, usize)> {
    let named = |kind: &'static str| line.find(kind).map(|at| (at + kind.len(), kind));
    let (at, kind) = [named("State::\""), named("Airport::\"")].into_iter().flatten().min()?;
    let end = at + line[at..].find('"')?;
    Some((kind, at, end))
}
