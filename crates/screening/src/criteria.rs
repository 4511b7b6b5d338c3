//! Criteria: what people have decided beforehand to look at in journeys and bookings.
//!
//! A [`Criteria`] document is written by people, as data, for a purpose, with a day by which
//! it has to be looked at again (EU-06, EU-07). It learns nothing and cannot use a protected
//! attribute or what stands in for one (CJ-05): the vocabulary has no word for it. Each
//! criterion says why it is there, and what speaks *for* a traveller who meets it
//! (`unless`); without such an exonerating circumstance it is refused. What it finds is a
//! [`Hit`] like any other, which goes nowhere without an officer.
//!
//! ```toml
//! name = "broken-travel"
//! title = "Travel in pieces to a border region"
//! purpose = "terrorism"
//! review_by = 2026-11-30
//!
//! [[criterion]]
//! id = "onward-on-second-ticket"
//! title = "An onward leg to the border, on a second ticket bought late"
//! why = "Recruits were sent on by tickets that others bought after they had arrived."
//! when = ["bookings >= 2", "booked_before <= 3", "journey_to in [TUR]", "one_way"]
//! unless = ["crew", "booking_travellers >= 4"]
//! ```

mod condition;
mod facts;
mod protected;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use travel::{ElementSet, PassengerList};

use self::{condition::Holds, facts::Situation};
pub use self::{
    condition::{Condition, ConditionError},
    facts::{Fact, FactKind},
};
use crate::{AliasQuality, Band, EntryRef, Evidence, Feature, Hit, KnownLeg};

/// What begins the name of the list on which hits of criteria stand.
pub const PREFIX: &str = "criteria/";

/// The longest time until criteria have to be looked at again, in months. How often that
/// must be is not in EU-07 ("regularly"); a year is the longest that is taken.
pub const REVIEW_WITHIN_MONTHS: i32 = 12;

/// A document of criteria.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Criteria {
    /// Its name: small letters, digits, hyphens.
    pub name: String,
    /// What it is for, in a line.
    pub title: String,
    /// The purpose for which it may be used, by the name that agreements use.
    pub purpose: String,
    /// The day until which it may be used without being looked at again.
    pub review_by: Date,
    /// Its criteria, in order.
    pub criteria: Vec<Criterion>,
}

/// A criterion: all of `when` and none of `unless`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Criterion {
    /// Its id within the document.
    pub id: String,
    /// What it looks for, in a line.
    pub title: String,
    /// Why that is looked for, in words that a court can weigh.
    pub why: String,
    /// What must be so.
    pub when: Vec<Condition>,
    /// What must not be so: exonerating circumstances.
    pub unless: Vec<Condition>,
}

/// Everything that is wrong with a document of criteria, one line each.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct CriteriaError(pub Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    title: String,
    purpose: String,
    review_by: toml::value::Datetime,
    #[serde(default, rename = "criterion")]
    criteria: Vec<WrittenCriterion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCriterion {
    id: String,
    title: String,
    why: String,
    #[serde(default)]
    when: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

impl Criteria {
    /// Reads a document, and tells everything that is wrong with it at once.
    ///
    /// # Errors
    /// [`CriteriaError`].
    pub fn parse(text: &str, today: Date) -> Result<Self, CriteriaError> {
        let written: Written =
            toml::from_str(text).map_err(|e| CriteriaError(vec![e.to_string()]))?;
        let mut wrong = Vec::new();
        let review_by = review_day(&written.review_by, today, &mut wrong);
        if !is_plain(&written.name) {
            wrong.push(format!(
                "name: {:?} has more than small letters, digits, hyphens",
                written.name
            ));
        }
        said("title", &written.title, &mut wrong);
        if written.criteria.is_empty() {
            wrong.push("there is no [[criterion]]".to_owned());
        }
        let mut ids = BTreeSet::new();
        let mut criteria = Vec::with_capacity(written.criteria.len());
        for one in written.criteria {
            if !ids.insert(one.id.clone()) {
                wrong.push(format!("{}: another criterion has this id", one.id));
            }
            criteria.push(criterion(one, &mut wrong));
        }
        match (review_by, wrong.is_empty()) {
            (Some(review_by), true) => Ok(Self {
                name: written.name,
                title: written.title,
                purpose: written.purpose,
                review_by,
                criteria,
            }),
            _ => Err(CriteriaError(wrong)),
        }
    }

    /// The elements of a record that its criteria look at.
    pub fn elements(&self) -> ElementSet {
        let conditions = self.criteria.iter().flat_map(|c| c.when.iter().chain(&c.unless));
        conditions.map(|c| c.fact().element()).fold(ElementSet::EMPTY, ElementSet::with)
    }

    /// Whether legs on other lists make a difference.
    pub fn needs_journeys(&self) -> bool {
        let conditions = self.criteria.iter().flat_map(|c| c.when.iter().chain(&c.unless));
        conditions.map(|c| c.fact()).any(Fact::is_of_journey)
    }

    /// Who on a list meets a criterion. `elsewhere` gives the legs of these travellers, by
    /// number and in the same order, on other lists, as far as the law lets them be looked at;
    /// `measured` is how many travellers of stored traffic there were for each who met it, in
    /// the order of the criteria. Asked for are those who meet all of a criterion that this
    /// list alone tells, once and all together.
    pub fn apply(
        &self,
        list: &PassengerList,
        version: &str,
        measured: &[u64],
        elsewhere: &mut dyn FnMut(&[usize]) -> Vec<Vec<KnownLeg>>,
    ) -> Vec<Hit> {
        let mut situations: Vec<Situation<'_>> =
            list.travellers().iter().map(|t| Situation::new(list, t, &[])).collect();
        let hangs = |s: &Situation<'_>| self.criteria.iter().any(|c| c.hangs_on_journey(s));
        let there = |n: &usize| !list.travellers()[*n].is_removed();
        let asked: Vec<usize> =
            (0..situations.len()).filter(there).filter(|n| hangs(&situations[*n])).collect();
        let legs = if asked.is_empty() { Vec::new() } else { elsewhere(&asked) };
        for (number, legs) in asked.iter().zip(&legs) {
            situations[*number] = Situation::new(list, &list.travellers()[*number], legs);
        }
        let mut hits = Vec::new();
        for (number, situation) in situations.iter().enumerate() {
            if list.travellers()[number].is_removed() {
                continue;
            }
            for (criterion, one_in) in self.criteria.iter().zip(measured) {
                let Some(evidence) = criterion.meets(situation) else { continue };
                hits.push(self.hit((number, criterion), version, *one_in, evidence));
            }
        }
        hits
    }

    fn hit(
        &self,
        (traveller, criterion): (usize, &Criterion),
        version: &str,
        one_in: u64,
        evidence: Vec<Evidence>,
    ) -> Hit {
        Hit {
            traveller: traveller as u32,
            entry: EntryRef {
                list: format!("{PREFIX}{}", self.name),
                list_version: version.to_owned(),
                id: criterion.id.clone(),
                name: criterion.title.clone(),
                alias: criterion.title.clone(),
                alias_quality: AliasQuality::Good,
                reason: criterion.why.clone(),
                birth_dates: Vec::new(),
                nationalities: Vec::new(),
                documents: 0,
                of_documents: false,
            },
            band: Band::Possible,
            nats: 0.0,
            probability: 0.0,
            one_in,
            evidence,
            weights: String::new(),
            allowance: 0.0,
        }
    }
}

impl Criterion {
    /// Whether legs on other lists decide: everything else is as it has to be.
    fn hangs_on_journey(&self, alone: &Situation<'_>) -> bool {
        let own = |c: &&Condition| !c.fact().is_of_journey();
        let so = |c: &Condition| matches!(c.holds(alone), Holds::Yes(_));
        let all = self.when.len() + self.unless.len();
        let told = self.when.iter().chain(&self.unless).filter(own).count();
        told < all
            && self.when.iter().filter(own).all(so)
            && !self.unless.iter().filter(own).any(so)
    }

    /// The ledger, when the traveller meets it.
    fn meets(&self, situation: &Situation<'_>) -> Option<Vec<Evidence>> {
        let mut ledger = Vec::with_capacity(self.when.len() + self.unless.len());
        let mut line = |feature, condition: &Condition, traveller: String, relation: &str| {
            let fact = condition.fact().words();
            ledger.push(Evidence {
                feature,
                traveller,
                entry: condition.written().to_owned(),
                relation: format!("{fact}: {relation}"),
                nats: 0.0,
            });
        };
        for condition in &self.when {
            match condition.holds(situation) {
                Holds::Yes(value) => line(Feature::Criterion, condition, value, "so"),
                Holds::No | Holds::NotKnown => return None,
            }
        }
        for condition in &self.unless {
            match condition.holds(situation) {
                Holds::Yes(_) => return None,
                Holds::No => line(Feature::Exonerating, condition, String::new(), "not so"),
                Holds::NotKnown => {
                    line(Feature::Exonerating, condition, String::new(), "not known: look");
                }
            }
        }
        Some(ledger)
    }
}

fn criterion(written: WrittenCriterion, wrong: &mut Vec<String>) -> Criterion {
    let id = &written.id;
    if !is_plain(id) {
        wrong.push(format!("{id:?} is no id: small letters, digits, hyphens"));
    }
    said(&format!("{id}: title"), &written.title, wrong);
    said(&format!("{id}: why"), &written.why, wrong);
    if written.when.is_empty() {
        wrong.push(format!("{id}: `when` is empty: it would look at everybody"));
    }
    if written.unless.is_empty() {
        wrong.push(format!("{id}: `unless` is empty: say what speaks for a traveller (CJ-05)"));
    }
    let mut conditions = |key: &str, lines: &[String]| -> Vec<Condition> {
        let mut read = Vec::with_capacity(lines.len());
        for line in lines {
            match Condition::parse(line) {
                Ok(condition) => read.push(condition),
                Err(e) => wrong.push(format!("{id}: {key} `{line}`: {e}")),
            }
        }
        read
    };
    let when = conditions("when", &written.when);
    let unless = conditions("unless", &written.unless);
    Criterion { id: written.id, title: written.title, why: written.why, when, unless }
}

fn review_day(
    written: &toml::value::Datetime,
    today: Date,
    wrong: &mut Vec<String>,
) -> Option<Date> {
    let Some(day) = written.date.and_then(|d| {
        Date::new(
            i16::try_from(d.year).ok()?,
            i8::try_from(d.month).ok()?,
            i8::try_from(d.day).ok()?,
        )
        .ok()
    }) else {
        wrong.push("review_by: write a day, as 2026-11-30".to_owned());
        return None;
    };
    let last = today.saturating_add(jiff::Span::new().months(REVIEW_WITHIN_MONTHS));
    if day <= today {
        wrong.push(format!("review_by: {day} is over"));
    } else if day > last {
        wrong.push(format!(
            "review_by: {day} is more than {REVIEW_WITHIN_MONTHS} months away (EU-07)"
        ));
    }
    Some(day)
}

fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(plain)
}

fn said(what: &str, text: &str, wrong: &mut Vec<String>) {
    match text.trim().chars().count() {
        0 => wrong.push(format!("{what} is empty")),
        1..=500 => {}
        _ => wrong.push(format!("{what} has more than 500 characters")),
    }
}

#[cfg(test)]
mod tests;
