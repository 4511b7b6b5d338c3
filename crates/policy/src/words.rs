//! The agreement as a page that a lawyer can read.

use travel::{Airport, Country, Dataset, FlightKind};

use crate::{Agreement, Direction, Mode, Onward, Route, Set, Term};

/// A heading with its paragraphs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// The paragraphs, plain text.
    pub paragraphs: Vec<String>,
}

impl Agreement {
    /// The agreement in plain words: every value of the document is said once.
    pub fn plain_words(&self) -> Vec<Section> {
        let [a, b] = self.parties.map(country);
        let whole = Section {
            heading: self.title.clone(),
            paragraphs: vec![
                format!("An agreement between {a} and {b}, version {}.", self.version),
                format!("It rests on {}.", self.legal_basis.trim_end_matches('.')),
                format!(
                    "It is in force from {} to the end of {}. Either party can suspend it at any time, alone and at once.",
                    self.from, self.until
                ),
                "What it does not name does not leave.".to_owned(),
            ],
        };
        std::iter::once(whole).chain(self.directions.iter().map(direction)).collect()
    }
}

fn direction(d: &Direction) -> Section {
    let (from, to) = (country(d.from), country(d.to));
    let (sender, receiver) = (capital(&from), capital(&to));
    let mut paragraphs: Vec<String> =
        d.terms.iter().enumerate().map(|(i, t)| term(i + 1, t, &sender)).collect();
    let purposes: Vec<&str> = d.purposes.iter().map(|p| p.words()).collect();
    paragraphs.push(format!("{receiver} may use it only for {}.", and(&purposes)));
    let mask = match d.mask_after_days {
        Some(days) => {
            format!(", and after {days} days only with what shows a person's identity masked")
        }
        None => String::new(),
    };
    paragraphs
        .push(format!("{receiver} may keep it for {} days after receipt{mask}.", d.retention_days));
    paragraphs.push(match d.onward {
        Onward::Never => format!("{receiver} may not pass it on to another state."),
        Onward::WithConsent => format!(
            "{receiver} may pass it on to another state only case by case, and only when {from} has consented before."
        ),
    });
    if let Some(e) = d.emergency {
        paragraphs.push(format!(
            "In an emergency {from} answers a request within {} minutes; {to} justifies it within {} hours.",
            e.answer_within_minutes, e.justify_within_hours
        ));
    }
    if let Some(minutes) = d.latest_before_departure_minutes {
        paragraphs
            .push(format!("{sender} sends it at the latest {minutes} minutes before departure."));
    }
    Section { heading: format!("What {from} sends to {to}"), paragraphs }
}

fn term(number: usize, t: &Term, from: &str) -> String {
    let what = match t.mode {
        Mode::List => "the whole list of travellers",
        Mode::Hit => "a single traveller, when officers have upheld a hit,",
        Mode::Blind => "sealed tags that open only for those on the receiver's watchlist",
        Mode::Answer => "what an officer answers, case by case, to a reasoned request",
        Mode::Spontaneous => "what an officer decides to tell it unasked",
    };
    let kinds: Vec<&str> = t.flight_kinds.iter().map(|k| kind(*k)).collect();
    let datasets: Vec<&str> = t.datasets.iter().map(|d| dataset(*d)).collect();
    let routes: Vec<String> = t.routes.iter().map(route).collect();
    let elements: Vec<String> = t.elements.iter().map(|e| e.name().replace('_', " ")).collect();
    let mut text = format!(
        "{number}. {from} sends {what} of {} {} ({})",
        and(&kinds),
        or(&routes),
        and(&datasets)
    );
    if !t.not.is_empty() {
        let not: Vec<String> = t.not.iter().map(route).collect();
        text.push_str(&format!(", but not {}", or(&not)));
    }
    text.push_str(&format!(". Of each traveller it may say: {}.", elements.join(", ")));
    match (t.from, t.until) {
        (Some(f), Some(u)) => text.push_str(&format!(" This holds from {f} to {u}.")),
        (Some(f), None) => text.push_str(&format!(" This holds from {f} on.")),
        (None, Some(u)) => text.push_str(&format!(" This holds until {u}.")),
        (None, None) => {}
    }
    text
}

fn route(r: &Route) -> String {
    format!("from {} to {}", set(&r.from), set(&r.to))
}

fn set(s: &Set) -> String {
    match s {
        Set::Any => "anywhere".to_owned(),
        Set::Airports(codes) => or(&codes.iter().map(|c| airport(c)).collect::<Vec<_>>()),
        Set::Countries(codes) => or(&codes.iter().map(|c| country(*c)).collect::<Vec<_>>()),
    }
}

pub(crate) fn airport(code: &str) -> String {
    match Airport::find(code) {
        Some(a) => {
            let city: Vec<&str> = a.city.split_whitespace().collect();
            format!("{} ({code})", city.join(" "))
        }
        None => code.to_owned(),
    }
}

/// The name as it stands in a sentence; where ISO's is a mouthful, the usual one.
pub(crate) fn country(code: Country) -> String {
    match code.code() {
        "GBR" => "the United Kingdom".to_owned(),
        "USA" => "the United States".to_owned(),
        "NLD" => "the Netherlands".to_owned(),
        "ARE" => "the United Arab Emirates".to_owned(),
        other => code.name().unwrap_or(other).to_owned(),
    }
}

/// The same at the start of a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

pub(crate) fn kind(kind: FlightKind) -> &'static str {
    match kind {
        FlightKind::Passenger => "civil passenger flights",
        FlightKind::Cargo => "cargo flights",
        FlightKind::Overflight => "overflights",
        FlightKind::MasterCrew => "carriers' lists of all their crew",
    }
}

pub(crate) fn dataset(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Api => "advance passenger information",
        Dataset::Crew => "crew lists",
        Dataset::Pnr => "booking records",
    }
}

pub(crate) fn and<T: AsRef<str>>(words: &[T]) -> String {
    join(words, "and")
}

fn or<T: AsRef<str>>(words: &[T]) -> String {
    join(words, "or")
}

fn join<T: AsRef<str>>(words: &[T], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., end] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", most.join(", "), end.as_ref())
        }
    }
}
