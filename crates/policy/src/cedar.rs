//! Agreements and law as Cedar text, for proofs; nothing in a node decides by it.
//!
//! A request of this text is about one element of one record, so that [`crate::decide`] and
//! Cedar can be held against each other request by request: what a permit lets go is the set
//! of the elements that Cedar allows. Beyond that, a request says how long the receiver still
//! has the record (`kept`), how long with identity shown (`shown`), and whether it passes it
//! on (`passed_on`): obligations, of which Cedar knows nothing, become questions.
//!
//! What is left out: flights of more than three legs, the sender's deadline (it permits
//! nothing), suspension and signatures (facts of a node, not of a document).

use std::fmt::Write as _;

use jiff::civil::{Date, date};
use travel::{Airport, Country, Element, ElementSet, FlightKind};

use crate::{
    Agreement, Direction, Mode, Onward, Period, Purpose, Regime, Route, RuleId, Set, Term, rules,
    toml_form::{DATASETS, KINDS},
};

pub use crate::toml_form::{dataset_name, dataset_named, kind_name, kind_named};

/// Legs that a flight of the proofs can have.
pub const LEGS: usize = 3;
/// The day from which `context.day` counts.
const EPOCH: Date = date(2000, 1, 1);

/// What a request can say.
pub fn schema() -> String {
    let quoted =
        |names: Vec<&str>| names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    format!(
        r#"// The principal sends to the resource.
entity State, Airport;
entity Element enum [{}];
entity Kind enum [{}];
entity Dataset enum [{}];
entity Mode enum [{}];
entity Purpose enum [{}];
// An airport that nobody knows lies in no state ("").
type Stop = {{ airport: Airport, state: State }};
type Leg = {{ from: Stop, to: Stop }};
action send appliesTo {{
  principal: [State],
  resource: [State],
  context: {{
    leg1: Leg,
    leg2?: Leg,
    leg3?: Leg,
    kind: Kind,
    dataset: Dataset,
    mode: Mode,
    purpose: Purpose,
    element: Element,
    day: Long, // since {EPOCH}
    kept: Long, // days after receipt on which the receiver still has it
    shown: Long, // days after receipt on which identity still shows
    passed_on: Bool,
    origin?: State, // who sent it, where that was not a carrier
    origin_consents: Bool,
    masked: Bool,
    reviewed: Bool,
    sensitive: Bool
  }}
}};
"#,
        quoted(Element::ALL.iter().map(|e| e.name()).collect()),
        quoted(KINDS.iter().map(|k| kind_name(*k)).collect()),
        quoted(DATASETS.iter().map(|d| dataset_name(*d)).collect()),
        quoted(Mode::ALL.iter().map(|m| m.name()).collect()),
        quoted(Purpose::ALL.iter().map(|p| p.name()).collect()),
    )
}

/// A day as the requests count it.
pub fn day_number(day: Date) -> i64 {
    EPOCH.until(day).map_or(0, |span| i64::from(span.get_days()))
}

/// The day of that number.
pub fn day_of(number: i64) -> Option<Date> {
    let span = jiff::Span::new().try_days(number).ok()?;
    EPOCH.checked_add(span).ok()
}

/// An airport as the requests name it: its code, and the state on whose soil it lies.
pub fn stop(code: &str) -> (String, String) {
    match Airport::find(code) {
        Some(a) => (a.iata.to_owned(), a.country.to_string()),
        None => (code.to_owned(), String::new()),
    }
}

/// What the agreements let go, each direction one `permit`.
pub fn agreements(agreements: &[&Agreement]) -> String {
    let mut text = String::new();
    for agreement in agreements {
        for direction in &agreement.directions {
            permit(agreement, direction, &mut text);
        }
    }
    text
}

/// What the law of the states lets any document allow: everything, but what a rule forbids.
pub fn ceiling(laws: &[(Country, Vec<Regime>)]) -> String {
    format!("permit(principal, action, resource);\n{}", document_rules(laws))
}

/// What the law of the states forbids any document to allow. A rule binds what its state
/// sends and what it receives.
pub fn document_rules(laws: &[(Country, Vec<Regime>)]) -> String {
    let mut text = String::new();
    for (regime, states) in by_regime(laws) {
        let binds = binds(regime, &states, laws);
        for (rule, holds) in demands(regime) {
            forbid(regime, Some(rule), &all([binds.clone(), not(&holds)]), &mut text);
        }
    }
    text
}

/// What [`ceiling`] says, each pack in one `forbid` that names no rule: a proof that need not
/// say which rule forbids is found several times as fast.
pub fn ceiling_in_short(laws: &[(Country, Vec<Regime>)]) -> String {
    let mut text = "permit(principal, action, resource);\n".to_owned();
    for (regime, states) in by_regime(laws) {
        let holds = all(demands(regime).into_iter().map(|(_, holds)| holds));
        let when = all([binds(regime, &states, laws), not(&holds)]);
        forbid(regime, None, &when, &mut text);
    }
    text
}

/// What a pack demands of documents, by rule.
fn demands(regime: &Regime) -> Vec<(RuleId, String)> {
    let (purposes, purposes_rule) = &regime.purposes;
    let (elements, elements_rule) = regime.elements;
    let (keep, keep_rule) = regime.keep;
    let mask = regime.mask.map(|(mask, rule)| {
        let shown = format!("context.shown <= {}", fewest_days(mask));
        (rule, any([not(&element_among(regime.masked_elements)), shown]))
    });
    [
        (*purposes_rule, purposes_among(purposes)),
        (elements_rule, element_among(elements)),
        (keep_rule, format!("context.kept <= {}", fewest_days(keep))),
    ]
    .into_iter()
    .chain(mask)
    .collect()
}

/// What the law, and the agreements under which a record came, forbid of the record in hand.
pub fn record_rules(agreements: &[&Agreement], laws: &[(Country, Vec<Regime>)]) -> String {
    let passes_on =
        "context has origin && context.origin != principal && context.origin != resource";
    let by_officer = Mode::ALL.into_iter().filter(|m| m.by_officer()).map(Mode::name);
    let by_officer = among("context.mode", "Mode", by_officer);
    let unreviewed = all([by_officer, "!context.reviewed".to_owned()]);
    let mut text = format!(
        "@rule(\"{}\")\nforbid(principal, action, resource)\nwhen {{ {unreviewed} }};\n",
        rules::DF_05
    );
    for (regime, states) in by_regime(laws) {
        let binds = binds(regime, &states, laws);
        let mut forbid = |rule: Option<RuleId>, when: &str| {
            if rule.is_some() {
                forbid(regime, rule, &all([binds.clone(), when.to_owned()]), &mut text);
            }
        };
        forbid(Some(regime.sensitive), "context.sensitive");
        forbid(Some(regime.review), &unreviewed);
        forbid(regime.masked_stays, "context.masked");
        let without = format!("{passes_on} && !context.origin_consents");
        forbid(regime.origin_consent, &without);
    }
    let consenting = any(consenting(agreements).into_iter().map(|(origin, from)| {
        format!("(context.origin == State::\"{origin}\" && principal == State::\"{from}\")")
    }));
    let _ = write!(
        text,
        "@rule(\"{}\")\nforbid(principal, action, resource)\nwhen {{ {passes_on} && !(context.origin_consents && {consenting}) }};\n",
        rules::AG_13
    );
    text
}

/// Sender and receiver whose agreements all let the receiver pass on with consent.
fn consenting(agreements: &[&Agreement]) -> Vec<(Country, Country)> {
    let directions = || agreements.iter().flat_map(|a| &a.directions);
    let mut pairs: Vec<(Country, Country)> = directions()
        .filter(|d| d.onward == Onward::WithConsent)
        .map(|d| (d.from, d.to))
        .filter(|pair| !directions().any(|d| (d.from, d.to) == *pair && d.onward == Onward::Never))
        .collect();
    pairs.sort();
    pairs.dedup();
    pairs
}

fn permit(agreement: &Agreement, direction: &Direction, text: &mut String) {
    let shown = direction.mask_after_days.unwrap_or(direction.retention_days);
    let mut when = vec![
        format!("context.day >= {}", day_number(agreement.from)),
        format!("context.day <= {}", day_number(agreement.until)),
        "(!(context has leg3) || context has leg2)".to_owned(),
        purposes_among(&direction.purposes),
        format!("context.kept <= {}", direction.retention_days),
        format!("context.shown <= {shown}"),
    ];
    if direction.onward == Onward::Never {
        when.push("!context.passed_on".to_owned());
    }
    // The first term that covers the request decides, also where a later one lets more go.
    let first = direction.terms.iter().rev().fold("false".to_owned(), |rest, term| {
        format!("(if {}\n    then {}\n    else {rest})", covers(term), element_among(term.elements))
    });
    when.push(first);
    let _ = write!(
        text,
        "@agreement(\"{}\")\npermit(principal == State::\"{}\", action, resource == State::\"{}\")\nwhen {{\n  {}\n}};\n",
        agreement.digest(),
        direction.from,
        direction.to,
        when.join(" &&\n  ")
    );
}

fn covers(term: &Term) -> String {
    let window = [("<=", term.until), (">=", term.from)]
        .into_iter()
        .filter_map(|(than, day)| day.map(|day| format!("context.day {than} {}", day_number(day))));
    let kinds = term.flight_kinds.iter().map(|k: &FlightKind| kind_name(*k));
    let datasets = term.datasets.iter().map(|d| dataset_name(*d));
    all([
        any(term.routes.iter().map(route)),
        not(&any(term.not.iter().map(route))),
        among("context.kind", "Kind", kinds),
        among("context.dataset", "Dataset", datasets),
        among("context.mode", "Mode", [term.mode.name()]),
    ]
    .into_iter()
    .chain(window))
}

/// [`Route::covers`]: on at one stop, off at that leg's end or a later one's.
fn route(route: &Route) -> String {
    let leg = |n: usize, end: &str, set: &Set| {
        let there = within(set, &format!("context.leg{n}.{end}"));
        if n == 1 { there } else { all([format!("context has leg{n}"), there]) }
    };
    any((1..=LEGS).map(|on| {
        let off = any((on..=LEGS).map(|off| leg(off, "to", &route.to)));
        all([leg(on, "from", &route.from), off])
    }))
}

/// [`Set::contains`]. A known airport is named with its state, so that no counterexample puts
/// it anywhere else.
fn within(set: &Set, at: &str) -> String {
    match set {
        Set::Any => "true".to_owned(),
        Set::Airports(codes) => any(codes.iter().map(|code| {
            let (airport, state) = stop(code);
            format!("({at}.airport == Airport::\"{airport}\" && {at}.state == State::\"{state}\")")
        })),
        Set::Countries(states) => {
            any(states.iter().map(|state| format!("{at}.state == State::\"{state}\"")))
        }
    }
}

/// [`Regime::binds`], for the states among those of the laws that it binds when they send or
/// receive. States with laws are named first, so that what is said of two pairs of states
/// differs in names alone where it can.
fn binds(regime: &Regime, states: &[Country], laws: &[(Country, Vec<Regime>)]) -> String {
    let party = any(states
        .iter()
        .map(|s| format!("principal == State::\"{s}\" || resource == State::\"{s}\"")));
    let datasets =
        among("context.dataset", "Dataset", regime.datasets.iter().map(|d| dataset_name(*d)));
    let touching = regime.touching.as_ref().map_or("true".to_owned(), |states| {
        let (with, without): (Vec<Country>, Vec<Country>) =
            states.iter().partition(|state| laws.iter().any(|(known, _)| known == *state));
        let states = [with, without].concat();
        let set = Set::Countries(states.clone());
        let flight = (1..=LEGS).map(|n| {
            let ends = ["from", "to"].map(|end| within(&set, &format!("context.leg{n}.{end}")));
            if n == 1 { any(ends) } else { all([format!("context has leg{n}"), any(ends)]) }
        });
        let origin = any(states.iter().map(|s| format!("context.origin == State::\"{s}\"")));
        any(flight.chain([all(["context has origin".to_owned(), origin])]))
    });
    all([party, datasets, touching])
}

/// Each pack once, with the states that it binds.
fn by_regime(laws: &[(Country, Vec<Regime>)]) -> Vec<(&Regime, Vec<Country>)> {
    let mut packs: Vec<(&Regime, Vec<Country>)> = Vec::new();
    for (state, regimes) in laws {
        for regime in regimes {
            match packs.iter_mut().find(|(known, _)| *known == regime) {
                Some((_, states)) => states.push(*state),
                None => packs.push((regime, vec![*state])),
            }
        }
    }
    packs
}

fn forbid(regime: &Regime, rule: Option<RuleId>, when: &str, text: &mut String) {
    if when != "false" {
        let rule = rule.map_or(String::new(), |rule| format!("@rule(\"{rule}\")\n"));
        let _ = write!(
            text,
            "{rule}@regime(\"{}\")\nforbid(principal, action, resource)\nwhen {{ {when} }};\n",
            regime.name
        );
    }
}

/// The fewest days that a period of calendar months can have between 2000 and 2099: a
/// document that promises days must keep to the law from whichever day they run.
fn fewest_days(period: Period) -> i64 {
    let starts = (0..4 * 366).filter_map(day_of);
    starts.map(|day| day_number(period.after(day)) - day_number(day)).min().unwrap_or(0)
}

fn purposes_among(purposes: &[Purpose]) -> String {
    among("context.purpose", "Purpose", purposes.iter().map(|p| p.name()))
}

fn element_among(elements: ElementSet) -> String {
    if elements == ElementSet::ALL {
        return "true".to_owned();
    }
    among("context.element", "Element", elements.iter().map(Element::name))
}

fn among<'a>(what: &str, of: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    any(names.into_iter().map(|name| format!("{what} == {of}::\"{name}\"")))
}

fn not(text: &str) -> String {
    match text {
        "true" => "false".to_owned(),
        "false" => "true".to_owned(),
        other => format!("!({other})"),
    }
}

fn all(texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().filter(|t| t != "true").collect();
    match texts.as_slice() {
        [] => "true".to_owned(),
        some if some.iter().any(|t| t == "false") => "false".to_owned(),
        [one] => one.clone(),
        some => format!("({})", some.join(" && ")),
    }
}

fn any(texts: impl IntoIterator<Item = String>) -> String {
    let texts: Vec<String> = texts.into_iter().filter(|t| t != "false").collect();
    match texts.as_slice() {
        [] => "false".to_owned(),
        some if some.iter().any(|t| t == "true") => "true".to_owned(),
        some => format!("({})", some.join(" || ")),
    }
}
