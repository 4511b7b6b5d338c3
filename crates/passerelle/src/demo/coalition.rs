//! Who takes part in the demonstration, and what each two of them have agreed.
//!
//! Two states are GBR and TUR, with their agreement from the manual and their own table of
//! routes. More of them are the first of `coalition.toml`, every pair with what the file says.

use anyhow::{Context, Result};
use policy::Agreement;
use serde::Deserialize;
use testkit::{LISTED, Place, World};
use travel::Country;

/// The agreement of GBR and TUR.
const GBR_TUR: &str = include_str!("../../../../docs/agreements/gbr-tur.toml");
const COALITION: &str = include_str!("coalition.toml");
/// Persons on all watchlists together when there are more than two states: indexes of this
/// size for each of twenty-one nodes would measure the machine, not the exchange.
const LISTED_BY_ALL: u32 = 2 * LISTED;

/// What a pair has agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreed {
    /// Both send whole lists.
    List,
    /// The earlier sends whole lists, the later upheld hits alone.
    One,
    /// Both send upheld hits alone.
    Hit,
    /// No agreement.
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pairs: Vec<Agreed>,
    suspends: String,
    offline: String,
    state: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    airports: Vec<String>,
}

/// The states of a demonstration.
pub struct Coalition {
    places: Vec<Place>,
    pairs: Vec<Agreed>,
    suspends: Country,
    offline: Country,
}

impl Coalition {
    /// The first `states` of the file.
    ///
    /// # Errors
    /// The file is damaged: it is part of the program.
    pub fn of(states: usize) -> Result<Self> {
        let file: File = toml::from_str(COALITION).context("coalition.toml")?;
        let country = |code: &str| {
            Country::parse(code).with_context(|| format!("coalition.toml: no state {code:?}"))
        };
        let places =
            file.state.iter().take(states).map(|row| {
                Ok(Place { state: country(&row.code)?, airports: row.airports.clone() })
            });
        Ok(Self {
            places: places.collect::<Result<_>>()?,
            pairs: file.pairs,
            suspends: country(&file.suspends)?,
            offline: country(&file.offline)?,
        })
    }

    /// How many states the file has.
    pub fn most() -> usize {
        toml::from_str::<File>(COALITION).map_or(2, |file| file.state.len())
    }

    /// The states, in their order.
    pub fn states(&self) -> impl Iterator<Item = Country> + '_ {
        self.places.iter().map(|p| p.state)
    }

    /// Who suspends its agreements for a while, and whose node is switched off for a while:
    /// nobody when there are only two.
    pub fn disturbed(&self) -> Option<(Country, Country)> {
        let here = |state| self.states().any(|s| s == state);
        let last = self.places.last()?.state;
        let or_last = |state| if here(state) { state } else { last };
        (self.places.len() > 2).then(|| (or_last(self.suspends), or_last(self.offline)))
    }

    /// The world that these states lie in.
    pub fn world(&self, seed: u64) -> World {
        match self.places.len() {
            0..=2 => World::new(seed),
            n => World::of(seed, &self.places, LISTED_BY_ALL / n as u32),
        }
    }

    /// Every pair that has agreed on anything, and the agreement.
    ///
    /// # Errors
    /// What is made here is no agreement.
    pub fn agreements(&self) -> Result<Vec<([Country; 2], Agreement)>> {
        let mut found = Vec::new();
        let states: Vec<Country> = self.states().collect();
        let pairs = states
            .iter()
            .enumerate()
            .flat_map(|(i, one)| states[i + 1..].iter().map(move |other| [*one, *other]));
        for (pair, agreed) in pairs.zip(self.pairs.iter().cycle()) {
            let text = match (pair.map(|c| c.code().to_owned()), agreed) {
                (_, Agreed::None) if states.len() > 2 => continue,
                ([a, b], _) if (a.as_str(), b.as_str()) == ("GBR", "TUR") => GBR_TUR.to_owned(),
                (_, agreed) => written(pair, *agreed),
            };
            let agreement = Agreement::from_toml(&text)
                .with_context(|| format!("the agreement of {} and {}", pair[0], pair[1]))?;
            found.push((pair, agreement));
        }
        Ok(found)
    }
}

/// An agreement as two states would write it.
fn written([one, other]: [Country; 2], agreed: Agreed) -> String {
    let name = |c: Country| c.name().unwrap_or_default();
    let mut text = format!(
        "title = \"{} - {}: lists of air passengers\"\n\
         parties = [\"{one}\", \"{other}\"]\n\
         legal_basis = \"made up for the demonstration\"\n\
         version = 1\n\
         from = \"2020-01-01\"\n\
         until = \"2099-12-31\"\n",
        name(one),
        name(other)
    );
    for (from, to, mode) in [
        (one, other, if agreed == Agreed::Hit { "hit" } else { "list" }),
        (other, one, if agreed == Agreed::List { "list" } else { "hit" }),
    ] {
        text += &format!(
            "\n[[direction]]\n\
             from = \"{from}\"\n\
             to = \"{to}\"\n\
             purposes = [\"terrorism\", \"serious_crime\"]\n\
             retention_days = 120\n\
             mask_after_days = 30\n\
             onward = \"never\"\n\
             [[direction.term]]\n\
             name = \"flights between the two\"\n\
             mode = \"{mode}\"\n\
             datasets = [\"api\", \"pnr\"]\n\
             flight_kinds = [\"passenger\"]\n\
             elements = [\"flight\", \"names\", \"birth_date\", \"sex\", \"nationality\", \"documents\"]\n\
             routes = [\n\
             \x20 {{ from = {{ countries = [\"{from}\"] }}, to = {{ countries = [\"{to}\"] }} }},\n\
             \x20 {{ from = {{ countries = [\"{to}\"] }}, to = {{ countries = [\"{from}\"] }} }},\n\
             ]\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;

    #[test]
    fn twenty_one_states_have_agreed_on_lists_on_hits_and_on_nothing() {
        let all = Coalition::of(21).unwrap();
        let states: HashSet<Country> = all.states().collect();
        assert_eq!((states.len(), Coalition::most()), (21, 21));
        for place in &all.places {
            for airport in &place.airports {
                let known = travel::Airport::find(airport).map(|a| a.country);
                assert_eq!(known, Some(place.state), "{airport}");
            }
        }
        let agreements = all.agreements().unwrap();
        assert_eq!(agreements.len(), 180, "of 210 pairs, one in seven has agreed on nothing");
        let modes: HashSet<Vec<policy::Mode>> = agreements
            .iter()
            .map(|(_, a)| a.directions.iter().map(|d| d.terms[0].mode).collect())
            .collect();
        assert_eq!(modes.len(), 3, "{modes:?}");
        assert!(all.disturbed().is_some_and(|(a, b)| a != b && states.contains(&a)));
    }

    #[test]
    fn two_states_are_undisturbed_and_have_the_agreement_of_the_manual() {
        let two = Coalition::of(2).unwrap();
        let [(pair, agreement)] = &two.agreements().unwrap()[..] else { panic!("one pair") };
        assert_eq!(pair.map(|c| c.code().to_owned()), ["GBR", "TUR"]);
        assert_eq!(agreement.title, "United Kingdom - Turkey: lists of air passengers");
        assert!(two.disturbed().is_none());
    }
}
