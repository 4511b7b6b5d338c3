//! What the screening should reach, as one table.

use crate::Evaluation;

/// What a goal is about.
#[derive(Clone, Copy)]
enum About {
    /// The share of a category of this name's beginning.
    Category(&'static str),
    /// A figure of the summary.
    Figure(fn(&crate::Summary) -> f64),
}

/// Name, what it is about, the value, and whether more is better.
const GOALS: &[(&str, About, f64, bool)] = &[
    ("cross-list, uncut", About::Category("cross-list, uncut"), 0.975, true),
    ("cross-list, not token-equal", About::Category("cross-list, not token-equal"), 0.90, true),
    ("alias, spelling", About::Category("alias, spelling"), 0.975, true),
    ("alias, uncut", About::Category("alias, uncut"), 0.87, true),
    ("arabic romanisation, no birth date", About::Category("arabic romanisation"), 0.95, true),
    ("damaged airline queries, all", About::Category("damaged airline queries, all"), 0.985, true),
    (
        "damaged airline queries, worst kind",
        About::Category("damaged airline queries, worst"),
        0.93,
        true,
    ),
    ("near-miss negatives let through", About::Category("near-miss"), 0.01, false),
    ("retrieval recall against a full scan", About::Figure(|s| s.retrieval_recall), 0.995, true),
    ("travellers a second and core", About::Figure(|s| s.travellers_per_s_core), 27_000.0, true),
    ("index ready in seconds", About::Figure(|s| s.index_s), 0.2, false),
    (
        "worst culture's false alerts over the middle",
        About::Figure(|s| s.worst_culture_ratio),
        3.0,
        false,
    ),
];

/// A goal, and what was measured.
#[derive(Clone, Debug)]
pub struct Goal {
    /// What.
    pub name: &'static str,
    /// The figure, where there was data.
    pub value: Option<f64>,
    /// What it should be at least, or at most.
    pub goal: f64,
    /// Whether more is better.
    pub at_least: bool,
    /// Whether it is met.
    pub met: Option<bool>,
}

fn figure(value: f64) -> String {
    if value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

impl Goal {
    /// The figure, for people.
    pub fn measured(&self) -> String {
        self.value.map_or("-".to_owned(), figure)
    }

    /// The goal, for people.
    pub fn wanted(&self) -> String {
        format!("{}{}", if self.at_least { "≥ " } else { "≤ " }, figure(self.goal))
    }
}

impl Evaluation {
    /// The goals, each with what was measured.
    pub fn goals(&self) -> Vec<Goal> {
        let goal = |(name, about, goal, at_least): &(&'static str, About, f64, bool)| {
            let value = match about {
                About::Category(start) => self
                    .categories
                    .iter()
                    .find(|l| l.set == "goal" && l.category.starts_with(start))
                    .map(|l| l.recall),
                About::Figure(of) => (self.summary.persons > 0).then(|| of(&self.summary)),
            };
            let met = value.map(|v| if *at_least { v >= *goal } else { v <= *goal });
            Goal { name, value, goal: *goal, at_least: *at_least, met }
        };
        GOALS.iter().map(goal).collect()
    }
}
