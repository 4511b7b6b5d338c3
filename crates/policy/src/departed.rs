//! When single travellers go before their list does: after they have left, unless a ground holds
//! them (EU-UK agreement art. 552(4)).
//!
//! Every law that binds a record may say so; the shortest period wins, and a ground holds
//! somebody only where all of them accept it.

use jiff::civil::Date;

use crate::{Period, Regime, RuleId, Subject};

/// What holds one traveller of a list whose others go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ground {
    /// A hit that officers upheld.
    UpheldHit,
    /// A case with its legal ground and its own clock.
    Case,
    /// A hold, named and dated: deletion is stopped, nobody is under suspicion.
    Hold,
    /// An alert on which nobody has decided. A law pack of a state's own may accept it.
    OpenHit,
}

impl Ground {
    /// Every ground.
    pub const ALL: [Ground; 4] = [Ground::UpheldHit, Ground::Case, Ground::Hold, Ground::OpenHit];

    /// Its name in law packs: `upheld_hit`.
    pub const fn name(self) -> &'static str {
        match self {
            Ground::UpheldHit => "upheld_hit",
            Ground::Case => "case",
            Ground::Hold => "hold",
            Ground::OpenHit => "open_hit",
        }
    }

    /// The words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Ground::UpheldHit => "upheld hit",
            Ground::Case => "case",
            Ground::Hold => "hold",
            Ground::OpenHit => "hit that waits",
        }
    }

    /// The ground of that name.
    pub fn named(name: &str) -> Option<Ground> {
        Self::ALL.into_iter().find(|g| g.name() == name)
    }
}

/// What law says of who has left.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Departed {
    /// How long after they left they go, and the rule that says so, for each law.
    periods: Vec<(Period, RuleId)>,
    /// The rules, each once.
    pub rules: Vec<RuleId>,
    /// What holds one of them.
    pub grounds: Vec<Ground>,
}

impl Departed {
    pub(crate) fn of(period: (Period, RuleId), grounds: Vec<Ground>) -> Self {
        Self { periods: vec![period], rules: vec![period.1], grounds }
    }

    /// The first day on which whoever left on `day` must be gone, and the rule that says so.
    pub fn due(&self, day: Date) -> Option<(Date, RuleId)> {
        self.periods.iter().map(|(period, rule)| (period.after(day), *rule)).min()
    }
}

/// What the regimes that bind a record say of who has left; nothing where none does.
///
/// ```
/// # use policy::{Ground, Regime, Subject, departed};
/// # use travel::{Dataset, Flight, Leg};
/// let law = [Regime::named("uk_eu_tca").unwrap(), Regime::named("icao_annex9").unwrap()];
/// let leg = Leg { from: "LHR".into(), to: "CDG".into(), departs: None, arrives: None };
/// let flight = Flight { legs: [leg].into(), ..Flight::default() };
/// let subject = Subject { dataset: Dataset::Pnr, flight: &flight, origin: None };
/// let left = departed(&subject, &law).unwrap();
/// let (due, rule) = left.due("2026-08-31".parse().unwrap()).unwrap();
/// assert_eq!((due.to_string().as_str(), rule.as_str()), ("2026-09-01", "UK-09"));
/// assert_eq!(left.grounds, [Ground::UpheldHit, Ground::Case, Ground::Hold]);
/// ```
pub fn departed(subject: &Subject<'_>, regimes: &[Regime]) -> Option<Departed> {
    let says = regimes.iter().filter(|r| r.binds(subject)).filter_map(|r| r.departed.clone());
    says.reduce(|mut all, one| {
        all.periods.extend(one.periods);
        all.rules.extend(one.rules);
        all.rules.sort();
        all.rules.dedup();
        all.grounds.retain(|ground| one.grounds.contains(ground));
        all
    })
}
