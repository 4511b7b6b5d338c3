//! Among whom a name is common: the populations of travellers whose names are alike.
//!
//! That two people share a name by chance is likelier in one population than in another.
//! Which one a name is of is told by its words, as far as the table has them
//! (`populations.txt`, NOTICE), and by the nationality where it is known. It is a matter of
//! names and their numbers: nothing is said of who bears one, and nothing of it is kept.

use std::{collections::HashMap, sync::LazyLock};

use crate::{Word, word::hash};

/// Travellers whose names are alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Population(u8);

impl Population {
    /// What it is called.
    pub fn name(self) -> &'static str {
        TABLE.names[usize::from(self.0)]
    }

    /// Its place among all, from 0.
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.names.len()).map(|n| Self(n as u8))
    }
}

/// A word that a population does not have is met in it this seldom, in nats.
const UNHEARD_OF: f32 = 9.0;
/// The nationality speaks for a population as loudly as a name that is so much commoner in it.
const OF_ITS_STATES: f32 = 2.5;

struct Table {
    names: Vec<&'static str>,
    /// By the code of the state.
    states: HashMap<&'static str, Vec<u8>>,
    /// By the hash of the word: how rare it is in each population that has it, in nats.
    words: HashMap<u64, Vec<(u8, f32)>>,
}

/// `= name: states` begins a population; `word tenths-of-nats` follow.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { names: Vec::new(), states: HashMap::new(), words: HashMap::new() };
    for line in include_str!("populations.txt").lines() {
        if let Some((name, states)) = line.strip_prefix("= ").and_then(|l| l.split_once(": ")) {
            let number = table.names.len() as u8;
            table.names.push(name);
            for state in states.split(' ') {
                table.states.entry(state).or_default().push(number);
            }
        } else if let Some((word, tenths)) = line.split_once(' ')
            && let Ok(tenths) = tenths.parse::<f32>()
            && let Some(last) = table.names.len().checked_sub(1)
        {
            let row = (last as u8, tenths / 10.0);
            table.words.entry(hash(word.as_bytes())).or_default().push(row);
        }
    }
    table
});

/// The population that a name with a nationality is most likely of; `None` where neither
/// tells anything.
///
/// ```
/// let of = |name: &str, state| names::population(&names::words(name), state).map(|p| p.name());
/// assert_eq!(of("Krasniqi Hoxha", None), Some("Albanian"));
/// assert_eq!(of("Mohamed Mahmoud", Some("EGY")), Some("Levant and Egypt Arabic"));
/// assert_eq!(of("Qwertz Asdf", None), None);
/// ```
pub fn population<'w>(
    words: impl IntoIterator<Item = &'w Word>,
    state: Option<&str>,
) -> Option<Population> {
    let mut rarity = vec![0.0f32; TABLE.names.len()];
    let mut told = false;
    for word in words {
        let Some(rows) = TABLE.words.get(&word.hash()) else { continue };
        told = true;
        rarity.iter_mut().for_each(|r| *r += UNHEARD_OF);
        for (population, nats) in rows {
            rarity[usize::from(*population)] -= UNHEARD_OF - nats.min(UNHEARD_OF);
        }
    }
    for population in state.and_then(|s| TABLE.states.get(s)).into_iter().flatten() {
        told = true;
        rarity[usize::from(*population)] -= OF_ITS_STATES;
    }
    let least = (0..rarity.len()).min_by(|a, b| rarity[*a].total_cmp(&rarity[*b]))?;
    told.then_some(Population(least as u8))
}
