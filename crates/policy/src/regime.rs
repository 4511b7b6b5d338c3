//! Regimes: the law that binds a record, as data.
//!
//! A pack is a small TOML file (`regimes/*.toml`); each of its values names the rule
//! that sets it. [`Regime::all`] gives those that come with the program; a state
//! may write its own from the same vocabulary.

use serde::Deserialize;
use travel::{Country, Dataset, Element, ElementSet};

use crate::{Departed, Ground, Period, Purpose, RuleId, Subject};

/// The packs that come with the program.
const SHIPPED: [(&str, &str); 7] = [
    ("eu_pnr", include_str!("../regimes/eu_pnr.toml")),
    ("eu_pnr_cjeu", include_str!("../regimes/eu_pnr_cjeu.toml")),
    ("uk_eu_tca", include_str!("../regimes/uk_eu_tca.toml")),
    ("eu_us_2012", include_str!("../regimes/eu_us_2012.toml")),
    ("uk_domestic", include_str!("../regimes/uk_domestic.toml")),
    ("icao_annex9", include_str!("../regimes/icao_annex9.toml")),
    ("national_default", include_str!("../regimes/national_default.toml")),
];

/// A law pack cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegimeError {
    /// No pack of that name comes with the program.
    #[error("no regime is called {0}")]
    Unknown(String),
    /// The file cannot be read; the text names line and column.
    #[error("{0}")]
    Toml(String),
    /// A value of the file is not in the vocabulary.
    #[error("regime {regime}: {text}")]
    Invalid {
        /// The pack.
        regime: String,
        /// What is wrong.
        text: String,
    },
}

/// One body of law, as far as this program keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Regime {
    /// Its name: `eu_pnr`.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// The datasets that it binds.
    pub datasets: Vec<Dataset>,
    /// Where it binds only some flights: those that touch one of these states, and
    /// data received from one of them.
    pub touching: Option<Vec<Country>>,
    pub(crate) purposes: (Vec<Purpose>, RuleId),
    pub(crate) elements: (ElementSet, RuleId),
    pub(crate) keep: (Period, RuleId),
    pub(crate) mask: Option<(Period, RuleId)>,
    /// The rule that says what is masked, where another one says when.
    pub(crate) masked_by: Option<RuleId>,
    pub(crate) masked_elements: ElementSet,
    /// What it says of travellers who have left.
    pub(crate) departed: Option<Departed>,
    pub(crate) sensitive: RuleId,
    pub(crate) review: RuleId,
    pub(crate) origin_consent: Option<RuleId>,
    pub(crate) masked_stays: Option<RuleId>,
}

impl Regime {
    /// The pack of that name that comes with the program.
    ///
    /// # Errors
    /// [`RegimeError::Unknown`].
    pub fn named(name: &str) -> Result<Regime, RegimeError> {
        let pack = SHIPPED.iter().find(|(known, _)| *known == name);
        pack.ok_or_else(|| RegimeError::Unknown(name.to_owned())).and_then(|p| Self::from_toml(p.1))
    }

    /// Every pack that comes with the program.
    pub fn all() -> Vec<Regime> {
        SHIPPED.iter().filter_map(|(_, text)| Self::from_toml(text).ok()).collect()
    }

    /// Reads a pack.
    ///
    /// # Errors
    /// The file cannot be read or uses words outside the vocabulary.
    pub fn from_toml(text: &str) -> Result<Regime, RegimeError> {
        let pack: Pack = toml::from_str(text).map_err(|e| RegimeError::Toml(e.to_string()))?;
        let name = pack.name.clone();
        pack.read().map_err(|text| RegimeError::Invalid { regime: name, text })
    }

    /// Whether it binds a record.
    pub fn binds(&self, subject: &Subject<'_>) -> bool {
        let flight = match &self.touching {
            None => true,
            Some(states) => {
                states.iter().any(|s| subject.flight.touches(*s))
                    || subject.origin.is_some_and(|o| states.contains(&o))
            }
        };
        flight && self.datasets.contains(&subject.dataset)
    }

    /// For how long it lets a record be kept, and by which rule.
    pub fn keep(&self) -> (Period, RuleId) {
        self.keep
    }

    /// Every rule that it uses, each once.
    pub fn rules(&self) -> Vec<RuleId> {
        let mut rules = vec![self.purposes.1, self.elements.1, self.keep.1];
        rules.extend(self.mask.map(|m| m.1));
        rules.extend(self.masked_by);
        rules.extend(self.departed.iter().flat_map(|d| d.rules.iter().copied()));
        rules.extend([self.sensitive, self.review]);
        rules.extend([self.origin_consent, self.masked_stays].into_iter().flatten());
        rules.sort();
        rules.dedup();
        rules
    }

    /// When it has identity masked, and by which rule.
    pub fn mask(&self) -> Option<(Period, RuleId)> {
        self.mask
    }

    /// What it has masked then.
    pub fn masked_elements(&self) -> ElementSet {
        self.masked_elements
    }

    /// What it says of travellers who have left, if anything.
    pub fn departed(&self) -> Option<&Departed> {
        self.departed.as_ref()
    }

    /// The purposes that it allows.
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes.0
    }

    /// The elements that it allows.
    pub fn elements(&self) -> ElementSet {
        self.elements.0
    }

    /// What masking takes away where no law says: what shows who somebody is (EU-25).
    pub(crate) fn identity() -> ElementSet {
        [
            Element::Names,
            Element::BirthDate,
            Element::Sex,
            Element::Nationality,
            Element::Documents,
            Element::Places,
            Element::Contact,
            Element::Payment,
            Element::FrequentFlyer,
            Element::Remarks,
            Element::CoTravellers,
        ]
        .into_iter()
        .collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: String,
    title: String,
    datasets: Vec<String>,
    touching: Option<Vec<String>>,
    purposes: Words,
    elements: Words,
    keep: Clock,
    mask: Option<Clock>,
    departed: Option<Leave>,
    sensitive: String,
    review: String,
    origin_consent: Option<String>,
    masked_stays: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    rule: String,
    allowed: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    rule: String,
    period: String,
    what: Option<String>,
    #[serde(default)]
    elements: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leave {
    rule: String,
    period: String,
    grounds: Vec<String>,
}

impl Pack {
    fn read(self) -> Result<Regime, String> {
        let purposes: Result<Vec<Purpose>, String> = self
            .purposes
            .allowed
            .iter()
            .map(|p| Purpose::named(p).ok_or_else(|| format!("no purpose is called {p}")))
            .collect();
        let mask = self.mask.as_ref().map(Clock::read).transpose()?;
        let what = self.mask.as_ref().and_then(|m| m.what.as_deref()).map(rule).transpose()?;
        let masked = self.mask.as_ref().map(|m| elements(&m.elements)).transpose()?;
        let touching = self.touching.map(|codes| {
            let parse = |c: &String| Country::parse(c).ok_or_else(|| format!("no country: {c}"));
            codes.iter().map(parse).collect::<Result<Vec<_>, _>>()
        });
        Ok(Regime {
            datasets: self.datasets.iter().map(|d| dataset(d)).collect::<Result<_, _>>()?,
            touching: touching.transpose()?,
            purposes: (purposes?, rule(&self.purposes.rule)?),
            elements: (elements(&self.elements.allowed)?, rule(&self.elements.rule)?),
            keep: self.keep.read()?,
            mask,
            masked_by: what,
            masked_elements: masked.unwrap_or_default(),
            departed: self.departed.as_ref().map(Leave::read).transpose()?,
            sensitive: rule(&self.sensitive)?,
            review: rule(&self.review)?,
            origin_consent: self.origin_consent.as_deref().map(rule).transpose()?,
            masked_stays: self.masked_stays.as_deref().map(rule).transpose()?,
            name: self.name,
            title: self.title,
        })
    }
}

impl Clock {
    fn read(&self) -> Result<(Period, RuleId), String> {
        let period = Period::parse(&self.period);
        let period = period.ok_or_else(|| format!("not a period: {}", self.period))?;
        Ok((period, rule(&self.rule)?))
    }
}

impl Leave {
    fn read(&self) -> Result<Departed, String> {
        let period = Period::parse(&self.period);
        let period = period.ok_or_else(|| format!("not a period: {}", self.period))?;
        let named = |g: &String| Ground::named(g).ok_or_else(|| format!("no ground is called {g}"));
        let grounds = self.grounds.iter().map(named).collect::<Result<_, _>>()?;
        Ok(Departed::of((period, rule(&self.rule)?), grounds))
    }
}

fn rule(id: &str) -> Result<RuleId, String> {
    RuleId::named(id).ok_or_else(|| format!("no rule is called {id}"))
}

fn dataset(name: &str) -> Result<Dataset, String> {
    crate::toml_form::dataset_named(name).ok_or_else(|| format!("no dataset is called {name}"))
}

/// `all` stands for the whole vocabulary.
fn elements(names: &[String]) -> Result<ElementSet, String> {
    if names.iter().any(|n| n == "all") {
        return Ok(ElementSet::ALL);
    }
    let named = |n: &String| Element::named(n).ok_or_else(|| format!("no element is called {n}"));
    names.iter().map(named).collect()
}
