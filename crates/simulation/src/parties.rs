//! The states of the simulated worlds, their keys, and what they have agreed. All worlds
//! of a process share them: agreements are signed once, by both algorithms, for real.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use exchange::StateKeys;
use jiff::Timestamp;
use policy::{Agreement, AgreementId, InForce, Regime, SignedAgreement};
use travel::Country;

/// As many states as a world can have.
pub const MOST_STATES: usize = 21;
/// How many epoch keys a state has in its life.
pub(crate) const EPOCHS: usize = 3;

const CODES: [&str; MOST_STATES] = [
    "ALB", "AUS", "BEL", "CAN", "CHE", "DEU", "ESP", "FRA", "GBR", "GRC", "IRL", "ITA", "JOR",
    "JPN", "MAR", "NLD", "NZL", "PRT", "SGP", "TUR", "USA",
];

pub(crate) fn state(index: usize) -> Country {
    Country::new(CODES[index % MOST_STATES])
}

pub(crate) fn index(state: Country) -> usize {
    CODES.iter().position(|c| *c == state.code()).unwrap_or(0)
}

/// Each state's keys in each epoch; later ones still open what was sealed to the earlier.
static KEYS: [LazyLock<Vec<StateKeys>>; MOST_STATES] = [const { LazyLock::new(life) }; MOST_STATES];

fn life() -> Vec<StateKeys> {
    let copy = |keys: &StateKeys| StateKeys::decode(&keys.encode());
    let mut epochs = vec![StateKeys::generate().expect("the system gives randomness")];
    while epochs.len() < EPOCHS {
        let last = copy(&epochs[epochs.len() - 1]).expect("keys that were just made");
        epochs
            .push(last.next_epoch(0, Timestamp::UNIX_EPOCH).expect("the system gives randomness"));
    }
    epochs
}

/// The keys of a state in an epoch, counted from 1.
pub(crate) fn keys(state: Country, epoch: u32) -> &'static StateKeys {
    &KEYS[index(state)][(epoch.max(1) as usize - 1).min(EPOCHS - 1)]
}

static ALONE: Mutex<BTreeMap<(usize, u32), &'static StateKeys>> = Mutex::new(BTreeMap::new());

/// The same without the private parts of the epochs before: what a planted bug is left with.
pub(crate) fn newest_alone(state: Country, epoch: u32) -> &'static StateKeys {
    let mut made = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry((index(state), epoch)).or_insert_with(|| {
        let all = StateKeys::decode(&keys(state, epoch).encode()).expect("keys that were made");
        Box::leak(Box::new(all.keep_from(epoch).expect("keys that were made")))
    })
}

pub(crate) static REGIMES: LazyLock<Vec<Regime>> =
    LazyLock::new(|| Regime::named("icao_annex9").into_iter().collect());

type Pair = (usize, usize, u32);
static BY_PAIR: Mutex<BTreeMap<Pair, InForce>> = Mutex::new(BTreeMap::new());
static BY_ID: Mutex<BTreeMap<AgreementId, InForce>> = Mutex::new(BTreeMap::new());

/// The agreement between two states, in a version.
pub(crate) fn agreement(a: usize, b: usize, version: u32) -> InForce {
    let pair = (a.min(b), a.max(b), version);
    let mut known = BY_PAIR.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .entry(pair)
        .or_insert_with(|| {
            let made = make(pair);
            BY_ID.lock().unwrap_or_else(PoisonError::into_inner).insert(made.id(), made.clone());
            made
        })
        .clone()
}

pub(crate) fn agreement_of(id: AgreementId) -> Option<InForce> {
    BY_ID.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
}

fn make((a, b, version): Pair) -> InForce {
    let document = Agreement::from_toml(&text((a, b, version))).expect("an agreement of ours");
    let mut signed = SignedAgreement::unsigned(&document);
    let parties = [state(a), state(b)];
    for party in parties {
        let signature = keys(party, 1).sign_agreement(party, &signed.document);
        signed.add(signature.expect("keys of ours sign"));
    }
    let keys = parties.map(|p| keys(p, 1).public().party_keys(p));
    signed.verify(&keys).expect("it was just signed")
}

/// Pairs differ in directions, elements and last day; a second version is narrower for
/// some and wider for others.
fn text((a, b, version): Pair) -> String {
    let until = if expires((a, b)) && version == 1 { "2026-03-06" } else { "2099-12-31" };
    let narrow = "\"flight\", \"names\", \"birth_date\"";
    let usual = "\"flight\", \"names\", \"birth_date\", \"nationality\", \"documents\"";
    let wide = "\"flight\", \"names\", \"birth_date\", \"nationality\", \"documents\", \"sex\"";
    let elements = match version {
        1 => usual,
        _ if (a + b).is_multiple_of(2) => wide,
        _ => narrow,
    };
    let (a, b, which) = (state(a), state(b), (a * 7 + b * 3) % 5);
    let mut text = format!(
        "title = \"{a} and {b}\"\nparties = [\"{a}\", \"{b}\"]\nlegal_basis = \"a treaty of \
         the simulation\"\nversion = {version}\nfrom = \"2020-01-01\"\nuntil = \"{until}\"\n"
    );
    let directions = [(a, b, which != 3), (b, a, which != 4)];
    for (from, to, _) in directions.into_iter().filter(|d| d.2) {
        text += &format!(
            "[[direction]]\nfrom = \"{from}\"\nto = \"{to}\"\npurposes = [\"terrorism\"]\n\
             retention_days = 90\nonward = \"never\"\n[[direction.term]]\nname = \"all\"\n\
             mode = \"list\"\ndatasets = [\"api\"]\nflight_kinds = [\"passenger\"]\n\
             elements = [{elements}]\nroutes = [{{ from = \"any\", to = \"any\" }}]\n\
             [[direction.term]]\nname = \"on request\"\nmode = \"answer\"\ndatasets = [\"api\"]\n\
             flight_kinds = [\"passenger\"]\nelements = [{elements}]\n\
             routes = [{{ from = \"any\", to = \"any\" }}]\n"
        );
    }
    text
}

/// Whether the first version between two states ends within the simulated time.
pub(crate) fn expires((a, b): (usize, usize)) -> bool {
    (a + 2 * b) % 6 == 5
}
