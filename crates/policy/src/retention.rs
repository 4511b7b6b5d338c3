//! How long a record is kept, and when its identity is masked.
//!
//! Every regime that binds the record and the agreement under which it came each name
//! a period; the shortest wins, and so does the earliest masking (law-and-operations
//! §1.12). Periods of law are calendar months, so which one is the shortest depends
//! on the day from which they run.

use std::fmt;

use jiff::{ToSpan, civil::Date};
use travel::{Country, Dataset, ElementSet, Flight};

use crate::{Direction, Regime, RuleId, rules};

/// A length of time as the law writes it: `P5Y`, `P6M`, `P30D`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Calendar months.
    pub months: u32,
    /// Days after those.
    pub days: u32,
}

impl Period {
    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self { months: 0, days }
    }

    /// So many months.
    pub const fn months(months: u32) -> Self {
        Self { months, days: 0 }
    }

    /// Reads `P5Y6M`, `P6M`, `P30D`.
    ///
    /// ```
    /// use policy::Period;
    /// assert_eq!(Period::parse("P5Y6M"), Some(Period::months(66)));
    /// assert_eq!(Period::parse("P30D"), Some(Period::days(30)));
    /// assert_eq!(Period::parse("six months"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('P').filter(|r| !r.is_empty())?;
        let (mut months, mut days) = (0u32, 0u32);
        for (unit, factor) in [('Y', 12), ('M', 1), ('D', 0)] {
            let Some((number, after)) = rest.split_once(unit) else { continue };
            let number: u32 = number.parse().ok().filter(|n| *n <= 10_000)?;
            match factor {
                0 => days = number,
                _ => months += number * factor,
            }
            rest = after;
        }
        rest.is_empty().then_some(Self { months, days })
    }

    /// The day on which a period that runs from `day` ends. The last day of February
    /// stands in for a day that the month does not have.
    pub fn after(self, day: Date) -> Date {
        day.saturating_add(i64::from(self.months).months())
            .saturating_add(i64::from(self.days).days())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        for (number, unit) in [(self.months / 12, 'Y'), (self.months % 12, 'M'), (self.days, 'D')] {
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        if self.months == 0 && self.days == 0 { f.write_str("0D") } else { Ok(()) }
    }
}

/// What law looks at to see whether it binds a record.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// API, crew or PNR.
    pub dataset: Dataset,
    /// The flight.
    pub flight: &'a Flight,
    /// The state that sent it; `None` when a carrier did.
    pub origin: Option<Country>,
}

/// The clocks of one record, set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clocks {
    /// The first day on which it must be gone, and the rule that says so.
    pub erase: (Date, RuleId),
    /// The first day on which its identity must be masked, where that comes before.
    pub mask: Option<(Date, RuleId)>,
    /// What masking takes away.
    pub masked: ElementSet,
}

impl Clocks {
    /// Those of what a carrier sent and what is no list for this state: nobody has a
    /// ground to keep it, and its sender may ask what was wrong with it.
    pub fn of_no_list(received: Date) -> Self {
        let erase = (Period::months(1).after(received), rules::DF_09);
        Self { erase, mask: None, masked: ElementSet::ALL }
    }

    /// The same, but not later than what is known of an earlier list of the flight: a
    /// record that is sent again does not live again.
    #[must_use]
    pub fn not_after(mut self, erase: Date, mask: Option<Date>) -> Self {
        self.erase.0 = self.erase.0.min(erase);
        self.mask = match (self.mask, mask) {
            (Some((own, rule)), Some(known)) => Some((own.min(known), rule)),
            (own, _) => own,
        };
        self
    }
}

/// The clocks of a record.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Retention {
    keep: Vec<(Period, RuleId)>,
    mask: Vec<(Period, RuleId)>,
    masked: ElementSet,
    masked_by: Vec<RuleId>,
}

impl Retention {
    /// The day on which a record received on `day` must be gone, and the rule that
    /// says so.
    pub fn erase_due(&self, day: Date) -> (Date, RuleId) {
        earliest(&self.keep, day).unwrap_or((Period::months(6).after(day), rules::DF_03))
    }

    /// The day on which its identity must be masked, where that is before it is gone.
    pub fn mask_due(&self, day: Date) -> Option<(Date, RuleId)> {
        earliest(&self.mask, day).filter(|(due, _)| *due < self.erase_due(day).0)
    }

    /// All of it for a record received on `day`.
    ///
    /// ```
    /// # use policy::{Regime, Subject, retention};
    /// # use travel::{Dataset, Flight};
    /// let law = [Regime::named("icao_annex9").unwrap()];
    /// let subject = Subject { dataset: Dataset::Api, flight: &Flight::default(), origin: None };
    /// let clocks = retention(&subject, &law, None).clocks("2026-08-31".parse().unwrap());
    /// assert_eq!(clocks.mask.unwrap().0.to_string(), "2027-02-28");
    /// assert_eq!(clocks.erase.0.to_string(), "2031-08-31");
    /// ```
    pub fn clocks(&self, day: Date) -> Clocks {
        Clocks { erase: self.erase_due(day), mask: self.mask_due(day), masked: self.masked }
    }

    /// What masking takes away: whatever any rule masks.
    pub fn masked_elements(&self) -> ElementSet {
        self.masked
    }

    /// Every rule that names a period.
    pub fn rules(&self) -> Vec<RuleId> {
        let mut rules: Vec<RuleId> = self.keep.iter().chain(&self.mask).map(|p| p.1).collect();
        rules.extend(&self.masked_by);
        rules.sort();
        rules.dedup();
        rules
    }
}

fn earliest(periods: &[(Period, RuleId)], day: Date) -> Option<(Date, RuleId)> {
    periods.iter().map(|(period, rule)| (period.after(day), *rule)).min()
}

/// The clocks of a record: those of every regime that binds it and, when it came from
/// a partner, of the direction of the agreement under which it came.
pub fn retention(
    subject: &Subject<'_>,
    regimes: &[Regime],
    agreed: Option<&Direction>,
) -> Retention {
    let mut found = Retention::default();
    for regime in regimes.iter().filter(|r| r.binds(subject)) {
        found.keep.push(regime.keep);
        found.mask.extend(regime.mask);
        found.masked = found.masked.union(regime.masked_elements);
        found.masked_by.extend(regime.masked_by);
    }
    if let Some(direction) = agreed {
        found.keep.push((Period::days(direction.retention_days), rules::AG_11));
        if let Some(days) = direction.mask_after_days {
            found.mask.push((Period::days(days), rules::AG_12));
        }
    }
    if found.keep.is_empty() {
        found.mask.push((Period::months(1), rules::DF_08));
    }
    if found.masked.is_empty() {
        found.masked = Regime::identity();
    }
    found
}
