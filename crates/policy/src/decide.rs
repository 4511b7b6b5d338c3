//! The decision: may this go to that partner, now, in this form?
//!
//! Law first: every regime that binds the record is asked, and one no is a no. Then
//! the agreements from sender to receiver, in the order given; the first term of one
//! in force that covers flight, dataset and mode decides. What may go is what was
//! asked for, agreed and lawful.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use travel::{Country, Dataset, ElementSet, Flight, PassengerList};

use crate::{
    Agreement, AgreementId, Direction, InForce, Mode, Onward, Purpose, Regime, Retention, RuleId,
    Subject, Term, retention, rules,
};

/// What somebody wants to send.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The sender.
    pub from: Country,
    /// The receiver.
    pub to: Country,
    /// In which form.
    pub mode: Mode,
    /// The flight of the record.
    pub flight: &'a Flight,
    /// Its dataset.
    pub dataset: Dataset,
    /// What the sender would like to send.
    pub elements: ElementSet,
    /// The state from which the record came; `None` when a carrier sent it.
    pub origin: Option<Country>,
    /// Whether that state has consented to this.
    pub origin_consents: bool,
    /// Whether the record is masked.
    pub masked: bool,
    /// Whether people have decided on it: upheld the hit, or chosen what is answered or told.
    pub reviewed: bool,
    /// Whether the record still holds sensitive data.
    pub sensitive: bool,
    /// For what.
    pub purpose: Purpose,
    /// When.
    pub at: Timestamp,
}

impl<'a> Request<'a> {
    /// A request about a carrier's list that asks for all it holds; not masked, and, where
    /// the mode needs an officer, not reviewed until the caller says so.
    pub fn about(
        list: &'a PassengerList,
        (from, to): (Country, Country),
        mode: Mode,
        purpose: Purpose,
        at: Timestamp,
    ) -> Self {
        Self {
            from,
            to,
            mode,
            flight: list.flight(),
            dataset: list.dataset(),
            elements: list.elements(),
            origin: None,
            origin_consents: false,
            masked: false,
            reviewed: false,
            sensitive: false,
            purpose,
            at,
        }
    }
}

/// Leave to send, for one record, once. Only [`decide`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    agreement: AgreementId,
    from: Country,
    to: Country,
    mode: Mode,
    dataset: Dataset,
    flight: String,
    elements: ElementSet,
    purpose: Purpose,
    onward: Onward,
    retention: Retention,
    at: Timestamp,
    rules: Vec<RuleId>,
}

impl Permit {
    /// The agreement that covers it.
    pub fn agreement(&self) -> AgreementId {
        self.agreement
    }
    /// The sender.
    pub fn from(&self) -> Country {
        self.from
    }
    /// The receiver.
    pub fn to(&self) -> Country {
        self.to
    }
    /// In which form.
    pub fn mode(&self) -> Mode {
        self.mode
    }
    /// API, crew or PNR.
    pub fn dataset(&self) -> Dataset {
        self.dataset
    }
    /// [`Flight::key`] of the flight that was asked about.
    pub fn flight_key(&self) -> &str {
        &self.flight
    }
    /// What may go.
    pub fn elements(&self) -> ElementSet {
        self.elements
    }
    /// For what the receiver may use it.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
    /// Whether the receiver may pass it on.
    pub fn onward(&self) -> Onward {
        self.onward
    }
    /// How long the receiver may keep it.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }
    /// When this was decided.
    pub fn at(&self) -> Timestamp {
        self.at
    }
    /// The rules that decided.
    pub fn rules(&self) -> &[RuleId] {
        &self.rules
    }
}

/// The law, or the agreement, says no.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The rules that say so.
    pub rules: Vec<RuleId>,
    /// Their sentences.
    pub text: String,
}

impl Refusal {
    pub(crate) fn of(mut rules: Vec<RuleId>) -> Self {
        rules.sort();
        rules.dedup();
        let text: Vec<String> = rules.iter().map(|r| format!("{r}: {}", r.sentence())).collect();
        Self { rules, text: text.join(" ") }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
impl std::error::Error for Refusal {}

/// Decides a request. Sender and receiver call it with the same arguments, the one
/// before sealing, the other before opening.
///
/// # Errors
/// A [`Refusal`] with every rule of law that says no, or with the rule of the
/// agreement that came nearest.
pub fn decide(
    request: &Request<'_>,
    agreements: &[InForce],
    regimes: &[Regime],
) -> Result<Permit, Refusal> {
    let subject =
        Subject { dataset: request.dataset, flight: request.flight, origin: request.origin };
    let binding: Vec<&Regime> = regimes.iter().filter(|r| r.binds(&subject)).collect();
    let mut rules = lawful(request, &binding)?;
    passing_on(request, agreements)?;
    let (in_force, direction, term) = agreed(request, agreements)?;
    let mut elements = request.elements;
    for regime in &binding {
        elements = narrow(elements, regime.elements, &mut rules);
    }
    elements = narrow(elements, (term.elements, rules::AG_10), &mut rules);
    if elements.is_empty() {
        return Err(Refusal::of(vec![rules::AG_09]));
    }
    let retention = retention(&subject, regimes, Some(direction));
    rules.extend(retention.rules());
    rules.sort();
    rules.dedup();
    Ok(Permit {
        agreement: in_force.id(),
        from: request.from,
        to: request.to,
        mode: request.mode,
        dataset: request.dataset,
        flight: request.flight.key(),
        elements,
        purpose: request.purpose,
        onward: direction.onward,
        retention,
        at: request.at,
        rules,
    })
}

/// What would go, and by which rules, if an agreement were in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rehearsal {
    /// The elements that would go.
    pub elements: ElementSet,
    /// The rules that would decide.
    pub rules: Vec<RuleId>,
}

/// Decides a request as if both parties had signed `agreement`. Nothing can be sent by the
/// answer: it is no [`Permit`].
///
/// # Errors
/// As [`decide`].
pub fn rehearse(
    request: &Request<'_>,
    agreement: &Agreement,
    regimes: &[Regime],
) -> Result<Rehearsal, Refusal> {
    let permit = decide(request, &[InForce::supposed(agreement)], regimes)?;
    Ok(Rehearsal { elements: permit.elements, rules: permit.rules })
}

/// What is left of `elements` under a ceiling; the rule is noted if it took anything.
fn narrow(
    elements: ElementSet,
    (ceiling, rule): (ElementSet, RuleId),
    rules: &mut Vec<RuleId>,
) -> ElementSet {
    if !elements.is_subset(ceiling) {
        rules.push(rule);
    }
    elements.intersection(ceiling)
}

/// Asks every regime; gives the rules that allow, or all those that forbid.
fn lawful(request: &Request<'_>, binding: &[&Regime]) -> Result<Vec<RuleId>, Refusal> {
    let (mut against, mut for_it) = (Vec::new(), Vec::new());
    let passes_on = request.origin.is_some_and(|o| o != request.from && o != request.to);
    for regime in binding {
        let (purposes, rule) = &regime.purposes;
        if purposes.contains(&request.purpose) {
            for_it.push(*rule);
        } else {
            against.push(*rule);
        }
        if request.sensitive {
            against.push(regime.sensitive);
        }
        if request.mode.by_officer() {
            if request.reviewed {
                for_it.push(regime.review);
            } else {
                against.push(regime.review);
            }
        }
        if request.masked {
            against.extend(regime.masked_stays);
        }
        if passes_on && !request.origin_consents {
            against.extend(regime.origin_consent);
        }
    }
    // Promise 2 does not hang on a law: where none binds, ours does.
    if request.mode.by_officer() && !request.reviewed {
        against.push(rules::DF_05);
    }
    if against.is_empty() { Ok(for_it) } else { Err(Refusal::of(against)) }
}

/// What came under an agreement goes on only as that agreement lets it.
fn passing_on(request: &Request<'_>, agreements: &[InForce]) -> Result<(), Refusal> {
    let Some(origin) = request.origin.filter(|o| *o != request.from && *o != request.to) else {
        return Ok(());
    };
    let received = agreements.iter().filter_map(|a| a.agreement().direction(origin, request.from));
    let strictest = received.map(|d| d.onward).min_by_key(|o| *o as u8);
    match strictest {
        Some(Onward::WithConsent) if request.origin_consents => Ok(()),
        _ => Err(Refusal::of(vec![rules::AG_13])),
    }
}

type Agreed<'a> = (&'a InForce, &'a Direction, &'a Term);

fn agreed<'a>(request: &Request<'_>, agreements: &'a [InForce]) -> Result<Agreed<'a>, Refusal> {
    let mut nearest = rules::AG_01;
    let mut progress = 0;
    for in_force in agreements {
        let Some(direction) = in_force.agreement().direction(request.from, request.to) else {
            continue;
        };
        match covered(request, in_force, direction) {
            Ok(term) => return Ok((in_force, direction, term)),
            Err((step, rule)) if step > progress => (progress, nearest) = (step, rule),
            Err(_) => {}
        }
    }
    Err(Refusal::of(vec![nearest]))
}

/// The term that covers the request, or how far it got and what stopped it.
fn covered<'a>(
    request: &Request<'_>,
    in_force: &InForce,
    direction: &'a Direction,
) -> Result<&'a Term, (u32, RuleId)> {
    let today = request.at.to_zoned(TimeZone::UTC).date();
    let agreement = in_force.agreement();
    if today < agreement.from || today > agreement.until {
        return Err((1, rules::AG_04));
    }
    if in_force.suspended_by().is_some() {
        return Err((2, rules::AG_05));
    }
    if !direction.purposes.contains(&request.purpose) {
        return Err((3, rules::AG_06));
    }
    let mut nearest = (4, rules::AG_02);
    for term in &direction.terms {
        match stopped(request, term, today) {
            None => return Ok(term),
            Some(at) if at.0 > nearest.0 => nearest = at,
            Some(_) => {}
        }
    }
    Err(nearest)
}

fn stopped(request: &Request<'_>, term: &Term, today: Date) -> Option<(u32, RuleId)> {
    if !term.covers(request.flight) {
        return Some((4, rules::AG_02));
    }
    if !term.flight_kinds.contains(&request.flight.kind) {
        return Some((5, rules::AG_08));
    }
    if !term.datasets.contains(&request.dataset) {
        return Some((6, rules::AG_07));
    }
    if term.mode != request.mode {
        return Some((7, rules::AG_03));
    }
    let late = term.from.is_some_and(|f| today < f) || term.until.is_some_and(|u| today > u);
    late.then_some((8, rules::AG_04))
}
