//! Leave to ask: may a state ask another about somebody, for this purpose?
//!
//! A request names a person to the state that is asked, and gets nothing by itself: what is
//! answered is decided by an officer there and is asked of [`crate::decide`] anew, in mode
//! `answer`, at both ends. So what has to be there is an agreement under which the asked
//! state answers at all, for this purpose, out of this dataset; and the law of the asker.

use jiff::{Timestamp, tz::TimeZone};
use travel::{Country, Dataset, Element, ElementSet};

use crate::{AgreementId, Direction, InForce, Mode, Purpose, Refusal, Regime, RuleId, Term, rules};

/// What somebody wants to ask another state.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Who asks.
    pub from: Country,
    /// Who is asked.
    pub to: Country,
    /// For what the answer is used.
    pub purpose: Purpose,
    /// Out of which dataset.
    pub dataset: Dataset,
    /// What is asked for of a record, besides its flight.
    pub elements: ElementSet,
    /// Whether it is an emergency: a time limit, and a justification that may come after.
    pub urgent: bool,
    /// When.
    pub at: Timestamp,
}

/// Leave to ask once. Only [`ask`] makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Leave {
    agreement: AgreementId,
    from: Country,
    to: Country,
    purpose: Purpose,
    dataset: Dataset,
    elements: ElementSet,
    answer_by: Option<Timestamp>,
    justify_by: Option<Timestamp>,
    rules: Vec<RuleId>,
}

impl Leave {
    /// The agreement under which it is asked.
    pub fn agreement(&self) -> AgreementId {
        self.agreement
    }
    /// Who asks.
    pub fn from(&self) -> Country {
        self.from
    }
    /// Who is asked.
    pub fn to(&self) -> Country {
        self.to
    }
    /// For what the answer may be used.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
    /// Out of which dataset.
    pub fn dataset(&self) -> Dataset {
        self.dataset
    }
    /// What may be answered at most.
    pub fn elements(&self) -> ElementSet {
        self.elements
    }
    /// Until when an emergency request is to be decided on.
    pub fn answer_by(&self) -> Option<Timestamp> {
        self.answer_by
    }
    /// Until when an emergency request has to be justified.
    pub fn justify_by(&self) -> Option<Timestamp> {
        self.justify_by
    }
    /// The rules that decided.
    pub fn rules(&self) -> &[RuleId] {
        &self.rules
    }
}

/// Decides whether a state may ask another. Asker and asked call it with the same
/// arguments, the one before sealing, the other before opening.
///
/// # Errors
/// The rules of law that forbid the purpose, or the rule of the agreement that came nearest.
pub fn ask(
    question: &Question,
    agreements: &[InForce],
    regimes: &[Regime],
) -> Result<Leave, Refusal> {
    // Where a law binds some flights alone, it is asked about those of the answer.
    let binding = || {
        regimes.iter().filter(|r| r.touching.is_none() && r.datasets.contains(&question.dataset))
    };
    let (lawful, against): (Vec<&Regime>, Vec<&Regime>) =
        binding().partition(|r| r.purposes.0.contains(&question.purpose));
    if !against.is_empty() {
        return Err(Refusal::of(against.iter().map(|r| r.purposes.1).collect()));
    }
    let mut nearest = (0, rules::AG_01);
    for agreed in agreements {
        let Some(answers) = agreed.agreement().direction(question.to, question.from) else {
            continue;
        };
        match agreed_elements(question, agreed, answers) {
            Ok(elements) => {
                let mut rules: Vec<RuleId> = lawful.iter().map(|r| r.purposes.1).collect();
                rules.push(rules::AG_15);
                rules.extend(question.urgent.then_some(rules::AG_16));
                rules.extend((elements != wanted(question)).then_some(rules::AG_10));
                rules.sort();
                rules.dedup();
                return Ok(leave(question, agreed.id(), (elements, answers), rules));
            }
            Err(stopped) if stopped.0 > nearest.0 => nearest = stopped,
            Err(_) => {}
        }
    }
    Err(Refusal::of(vec![nearest.1]))
}

fn leave(
    question: &Question,
    agreement: AgreementId,
    (elements, answers): (ElementSet, &Direction),
    rules: Vec<RuleId>,
) -> Leave {
    let emergency = answers.emergency.filter(|_| question.urgent);
    let after = |seconds: u32| {
        let later = jiff::SignedDuration::from_secs(i64::from(seconds));
        question.at.checked_add(later).unwrap_or(Timestamp::MAX)
    };
    Leave {
        agreement,
        from: question.from,
        to: question.to,
        purpose: question.purpose,
        dataset: question.dataset,
        elements,
        answer_by: emergency.map(|e| after(e.answer_within_minutes * 60)),
        justify_by: emergency.map(|e| after(e.justify_within_hours * 3_600)),
        rules,
    }
}

/// What of the elements an agreement lets be answered, or how far it got and what stopped it.
fn agreed_elements(
    question: &Question,
    agreed: &InForce,
    answers: &Direction,
) -> Result<ElementSet, (u32, RuleId)> {
    let today = question.at.to_zoned(TimeZone::UTC).date();
    let agreement = agreed.agreement();
    if today < agreement.from || today > agreement.until {
        return Err((1, rules::AG_04));
    }
    if agreed.suspended_by().is_some() {
        return Err((2, rules::AG_05));
    }
    if !answers.purposes.contains(&question.purpose) {
        return Err((3, rules::AG_06));
    }
    let answering: Vec<&Term> = answers.terms.iter().filter(|t| t.mode == Mode::Answer).collect();
    if answering.is_empty() {
        return Err((4, rules::AG_03));
    }
    let of_dataset = |t: &&&Term| t.datasets.contains(&question.dataset);
    let these: Vec<&&Term> = answering.iter().filter(of_dataset).collect();
    if these.is_empty() {
        return Err((5, rules::AG_07));
    }
    if question.urgent && answers.emergency.is_none() {
        return Err((6, rules::AG_16));
    }
    let all = these.iter().fold(ElementSet::EMPTY, |all, t| all.union(t.elements));
    let elements = wanted(question).intersection(all);
    if question.elements.intersection(all).is_empty() || !elements.contains(Element::Flight) {
        return Err((7, rules::AG_09));
    }
    Ok(elements)
}

/// A record is always that of a flight.
fn wanted(question: &Question) -> ElementSet {
    question.elements.with(Element::Flight)
}
