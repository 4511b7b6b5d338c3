//! One case that a proof found, in plain words.

use jiff::civil::Date;
use travel::{Airport, Country, Dataset, Element, FlightKind};

use crate::{
    Mode, Purpose, RuleId,
    words::{airport, country, dataset, kind},
};

/// Something that one document allows and another, or the law, does not.
///
/// What is `None` or `false` makes no difference to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// The sender.
    pub from: Country,
    /// The receiver.
    pub to: Country,
    /// The legs of the flight: each end an airport's code and its state's, as
    /// [`crate::cedar::stop`] gives them.
    pub legs: Vec<[(String, String); 2]>,
    /// The kind of flight.
    pub kind: FlightKind,
    /// The dataset.
    pub dataset: Dataset,
    /// In which form.
    pub mode: Mode,
    /// For what.
    pub purpose: Purpose,
    /// What would go.
    pub element: Element,
    /// On which day, where it is not so on every day.
    pub day: Option<Date>,
    /// So many days after receipt the receiver still has it.
    pub kept: Option<i64>,
    /// So many days after receipt its identity still shows.
    pub shown: Option<i64>,
    /// Whether the receiver passes it on.
    pub passed_on: bool,
    /// From whom the sender has it, where not from a carrier.
    pub origin: Option<Country>,
    /// The rules of law that forbid it, if any does.
    pub rules: Vec<RuleId>,
}

impl Case {
    /// The case in one sentence, and a sentence for each rule.
    pub fn words(&self) -> String {
        let form = match self.mode {
            Mode::List => "whole lists",
            Mode::Hit => "what is sent of an upheld hit",
            Mode::Blind => "blind tags",
            Mode::Answer => "answers to requests about travellers",
            Mode::Spontaneous => "what is told unasked about travellers",
        };
        let stops: Vec<String> = self.stops().iter().map(|stop| place(stop)).collect();
        let mut text = format!(
            "From {} to {}, {form} of {} ({}) may say {} for {}; so on a flight from {}",
            country(self.from),
            country(self.to),
            kind(self.kind),
            dataset(self.dataset),
            self.element.name().replace('_', " "),
            self.purpose.words(),
            stops.join(" to "),
        );
        let mut more = Vec::new();
        more.extend(self.origin.map(|o| format!("where {} had sent it", country(o))));
        more.extend(self.day.map(|d| format!("on {d}")));
        more.extend(self.kept.map(|d| format!("still kept {d} days after receipt")));
        more.extend(
            self.shown.map(|d| format!("with identity still shown {d} days after receipt")),
        );
        more.extend(self.passed_on.then(|| "and passed on to another state".to_owned()));
        for part in more {
            text.push_str(", ");
            text.push_str(&part);
        }
        text.push('.');
        for rule in &self.rules {
            text.push_str(&format!(" {rule}: {}", rule.sentence()));
        }
        text
    }

    /// The stops in their order; one where a leg begins elsewhere than the last ended.
    fn stops(&self) -> Vec<&(String, String)> {
        let mut stops: Vec<&(String, String)> = Vec::new();
        for [from, to] in &self.legs {
            if stops.last() != Some(&from) {
                stops.push(from);
            }
            stops.push(to);
        }
        stops
    }
}

fn place((code, state): &(String, String)) -> String {
    let known = Airport::find(code).filter(|a| a.country.code() == state);
    match (known, Country::parse(state)) {
        (Some(_), _) => airport(code),
        (None, Some(state)) => format!("an airport of {}", country(state)),
        (None, None) => "anywhere else".to_owned(),
    }
}
