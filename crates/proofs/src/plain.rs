//! A counterexample made plain: what makes no difference to it is taken away.

use anyhow::{Context as _, Result, anyhow};
use cedar_policy::{Authorizer, Decision, Entities, PolicySet, Request};
use policy::{Case, Mode, Purpose, RuleId, cedar};
use travel::{Country, Dataset, Element, FlightKind};

use crate::{Vocabulary, request::Asked};

/// The plainest request that is like `found`, allowed by the first set and not by the second.
/// Its day is said only where the second set allows it on one of the `days`.
pub(crate) fn plainest(
    vocabulary: &Vocabulary,
    found: &Request,
    sets: (&PolicySet, &PolicySet),
    days: &[i64],
) -> Result<Case> {
    let mut asked = Asked::read(found)?;
    let shows = |asked: &Asked| -> Result<bool> {
        Ok(asked.allowed(vocabulary, sets.0)? && !asked.allowed(vocabulary, sets.1)?)
    };
    if !shows(&asked)? {
        return Err(anyhow!("the solver's counterexample is none"));
    }
    for ways in SIMPLER {
        for simpler in *ways {
            let mut tried = asked.clone();
            simpler(&mut tried);
            // What makes it simpler may also take it out of the vocabulary; then it stays.
            if shows(&tried).unwrap_or(false) {
                asked = tried;
                break;
            }
        }
    }
    asked.kept = fewest(asked.kept, |kept| shows(&Asked { kept, ..asked.clone() }))?;
    asked.shown = fewest(asked.shown, |shown| shows(&Asked { shown, ..asked.clone() }))?;
    let mut on_some_day = false;
    for day in days {
        let other = Asked { day: *day, ..asked.clone() };
        on_some_day |= other.allowed(vocabulary, sets.1)?;
    }
    let rules = forbidding(vocabulary, &asked, sets.1)?;
    case(&asked, on_some_day, rules)
}

type Simpler = fn(&mut Asked);

/// Ways in which a request gets plainer, in the order in which they are tried; of each group
/// the first that leaves it a counterexample is taken.
const SIMPLER: &[&[Simpler]] = &[
    &[|a| a.passed_on = false],
    &[|a| a.kept = 0],
    &[|a| a.shown = 0],
    &[|a| a.origin = None],
    &[|a| a.origin_consents = false],
    &[|a| a.masked = false],
    &[|a| a.sensitive = false],
    &[|a| a.reviewed = Mode::named(&a.mode).is_some_and(Mode::by_officer)],
    &[|a| a.legs.truncate(1), |a| drop(a.legs.remove(0)), |a| a.legs.truncate(2)],
    &[|a| a.purpose = Purpose::Terrorism.name().to_owned()],
    &[|a| a.kind = "passenger".to_owned()],
    &[|a| a.dataset = "api".to_owned()],
    &[
        |a| a.element = Element::Names.name().to_owned(),
        |a| a.element = Element::BirthDate.name().to_owned(),
    ],
    &[|a| a.mode = Mode::List.name().to_owned()],
    // An airport of a party reads better than one that the solver made up.
    &[
        |a| between(a, &a.from.clone(), &a.to.clone()),
        |a| between(a, &a.to.clone(), &a.from.clone()),
    ],
];

/// Lets each leg go from some airport of the one state to some airport of the other.
fn between(asked: &mut Asked, from: &str, to: &str) {
    for leg in &mut asked.legs {
        *leg = [(String::new(), from.to_owned()), (String::new(), to.to_owned())];
    }
}

/// The smallest number of days that still shows it, where `days` does and more always would.
fn fewest(days: i64, shows: impl Fn(i64) -> Result<bool>) -> Result<i64> {
    let (mut below, mut above) = (0, days);
    if days <= 0 {
        return Ok(days);
    }
    while below + 1 < above {
        let middle = below + (above - below) / 2;
        if shows(middle)? { above = middle } else { below = middle }
    }
    Ok(above)
}

/// The rules of the policies that forbid it.
fn forbidding(vocabulary: &Vocabulary, asked: &Asked, set: &PolicySet) -> Result<Vec<RuleId>> {
    let request = asked.request(&vocabulary.schema)?;
    let response = Authorizer::new().is_authorized(&request, set, &Entities::empty());
    if response.decision() == Decision::Allow {
        return Ok(Vec::new());
    }
    let reasons = response.diagnostics().reason();
    let mut rules: Vec<RuleId> = reasons
        .filter_map(|id| set.policy(id)?.annotation("rule").and_then(RuleId::named))
        .collect();
    rules.sort();
    rules.dedup();
    Ok(rules)
}

fn case(asked: &Asked, on_some_day: bool, rules: Vec<RuleId>) -> Result<Case> {
    let state = |code: &str| Country::parse(code).with_context(|| format!("no state: {code}"));
    let days = |n: i64| (n > 0).then_some(n);
    Ok(Case {
        from: state(&asked.from)?,
        to: state(&asked.to)?,
        legs: asked.legs.clone(),
        kind: cedar::kind_named(&asked.kind).unwrap_or(FlightKind::Passenger),
        dataset: cedar::dataset_named(&asked.dataset).unwrap_or(Dataset::Api),
        mode: Mode::named(&asked.mode).context("no mode")?,
        purpose: Purpose::named(&asked.purpose).context("no purpose")?,
        element: Element::named(&asked.element).context("no element")?,
        day: on_some_day.then(|| cedar::day_of(asked.day)).flatten(),
        kept: days(asked.kept),
        shown: days(asked.shown),
        passed_on: asked.passed_on,
        origin: asked.origin.as_deref().and_then(Country::parse),
        rules,
    })
}
