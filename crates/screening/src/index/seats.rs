//! Seats: the persons of an index in the order of their birth dates.
//!
//! A birth date that is apart speaks so strongly against a person that hardly any name makes
//! up for it. Persons therefore sit in the order of their dates, and whoever has a few dates
//! sits once for each: those whose date is not apart from a traveller's then sit in two runs
//! of seats and a few single ones, and the postings, which name seats in rising order, are
//! read in these runs alone.

use std::ops::Range;

use travel::PartialDate;

use super::glimpse::Glimpse;
use crate::{BirthDate, Entry, birth};

/// Who has more dates than this sits once, among those of whom a range is known.
const MOST_DATES: usize = 4;

/// Everybody's seat. Numbers of seats begin with 0.
#[derive(Default)]
pub(crate) struct Seats {
    /// Who sits there.
    persons: Vec<u32>,
    glimpses: Vec<Glimpse>,
    /// The first seat of a date; before it sits who has no date, or a range.
    dated: u32,
    /// Seats of whole dates, by month and day.
    by_day: Vec<Day>,
}

/// The seat of a whole date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    month: u8,
    day: u8,
    year: i16,
    seat: u32,
}

/// Seats of those whose date is near a traveller's, or not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    /// Those without a date, or with a range.
    open: Range<u32>,
    /// Those born in the traveller's year, the one before and the one after.
    years: Range<u32>,
}

impl Seats {
    /// Seats of the persons of these entries, by their numbers.
    pub fn of<'e>(entries: impl Iterator<Item = &'e Entry>) -> Self {
        let mut all: Vec<(Glimpse, u32)> = Vec::with_capacity(entries.size_hint().0);
        for (number, entry) in entries.enumerate() {
            let on = |d: &BirthDate| match d {
                BirthDate::On(date) => Some(*date),
                _ => None,
            };
            let dates: Option<Vec<PartialDate>> = entry.birth_dates.iter().map(on).collect();
            match dates {
                Some(dates) if (1..=MOST_DATES).contains(&dates.len()) => {
                    let seat = |date| (Glimpse::on(entry, date), number as u32);
                    all.extend(dates.into_iter().map(seat));
                }
                _ => all.push((Glimpse::open(entry), number as u32)),
            }
        }
        all.sort_unstable_by_key(|(glimpse, person)| (glimpse.order(), *person));
        let dated = all.partition_point(|(glimpse, _)| !glimpse.is_dated()) as u32;
        let (glimpses, persons): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let mut by_day: Vec<Day> = glimpses.iter().zip(0..).filter_map(Day::of).collect();
        by_day.sort_unstable();
        Self { persons, glimpses, dated, by_day }
    }

    pub fn len(&self) -> usize {
        self.persons.len()
    }

    pub fn person(&self, seat: u32) -> u32 {
        self.persons[seat as usize]
    }

    /// Who sits where, seat by seat.
    pub fn persons(&self) -> &[u32] {
        &self.persons
    }

    pub fn glimpse(&self, seat: u32) -> Glimpse {
        self.glimpses[seat as usize]
    }

    /// Seats whose date is near this one or not known; all of them where there is none.
    pub fn near(&self, born: Option<PartialDate>) -> Near {
        let all = self.len() as u32;
        let Some(born) = born else { return Near { open: 0..self.dated, years: self.dated..all } };
        let dates = &self.glimpses[self.dated as usize..];
        let before =
            |year: i32| self.dated + dates.partition_point(|g| i32::from(g.date().0) < year) as u32;
        let year = i32::from(born.year);
        Near { open: 0..self.dated, years: before(year - 1)..before(year + 2) }
    }

    /// Seats of the same day and month, in years that are further than those of
    /// [`near`](Self::near) and yet not [apart](birth::compare) for it.
    pub fn anniversaries(&self, born: Option<PartialDate>) -> impl Iterator<Item = u32> {
        let day = born.and_then(|b| Some((b.month?, b.day?, b.year)));
        let (month, day, year) = day.unwrap_or((u8::MAX, u8::MAX, 0));
        let from = self.by_day.partition_point(|d| (d.month, d.day) < (month, day));
        let same = move |d: &&Day| (d.month, d.day) == (month, day);
        let agrees =
            move |d: &&Day| d.year.abs_diff(year) > 1 && birth::years_may_agree(d.year, year);
        self.by_day[from..].iter().take_while(same).filter(agrees).map(|d| d.seat)
    }

    pub fn bytes(&self) -> usize {
        (size_of::<u32>() + size_of::<Glimpse>()) * self.len()
            + size_of::<Day>() * self.by_day.len()
    }
}

impl Day {
    fn of((glimpse, seat): (&Glimpse, u32)) -> Option<Self> {
        let (year, month, day) = glimpse.date();
        (glimpse.is_dated() && month > 0 && day > 0).then_some(Self { month, day, year, seat })
    }
}

impl Near {
    /// The seats of a posting that are near.
    pub fn of<'p>(&self, posting: &'p [u32]) -> [&'p [u32]; 2] {
        // Most words have one or two persons.
        if let [seat] = posting {
            return if self.has(*seat) { [posting, &[]] } else { [&[], &[]] };
        }
        let open = posting.partition_point(|seat| *seat < self.open.end);
        let (open, rest) = posting.split_at(open);
        let from = rest.partition_point(|seat| *seat < self.years.start);
        let rest = &rest[from..];
        [open, &rest[..rest.partition_point(|seat| *seat < self.years.end)]]
    }

    /// Whether a seat is near.
    pub fn has(&self, seat: u32) -> bool {
        self.open.contains(&seat) || self.years.contains(&seat)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::weights::STANDARD;

    fn date() -> impl Strategy<Value = PartialDate> {
        let part = |most: u8| prop_oneof![1 => Just(None), 4 => (1..=most).prop_map(Some)];
        (1940i16..2010, part(12), part(28)).prop_map(|(year, month, day)| PartialDate {
            year,
            month,
            day: day.filter(|_| month.is_some()),
        })
    }

    fn dates() -> impl Strategy<Value = Vec<BirthDate>> {
        let one = prop_oneof![
            8 => date().prop_map(BirthDate::On),
            1 => date().prop_map(BirthDate::About),
            1 => (1940i16..2010).prop_map(|y| BirthDate::Between(y, y + 3)),
        ];
        proptest::collection::vec(one, 0..7)
    }

    proptest! {
        #[test]
        fn whose_date_is_not_apart_sits_where_it_is_looked_for(
            listed in proptest::collection::vec(dates(), 1..60),
            born in date(),
        ) {
            let entry = |birth_dates| Entry { birth_dates, ..Entry::default() };
            let entries: Vec<Entry> = listed.into_iter().map(entry).collect();
            let seats = Seats::of(entries.iter());
            let near = seats.near(Some(born));
            let all: Vec<u32> = (0..seats.len() as u32).collect();
            let mut seen: Vec<u32> = near.of(&all).concat();
            prop_assert!(seen.iter().all(|seat| near.has(*seat)));
            seen.extend(seats.anniversaries(Some(born)));
            let persons: Vec<u32> = seen.into_iter().map(|seat| seats.person(seat)).collect();
            for (number, entry) in entries.iter().enumerate() {
                let best = birth::best(born, &entry.birth_dates, &STANDARD);
                if best.is_none_or(|(_, nats, _)| nats > STANDARD.born_apart) {
                    prop_assert!(persons.contains(&(number as u32)), "{:?}", entry.birth_dates);
                }
            }
        }

        #[test]
        fn without_a_date_everybody_is_near(listed in proptest::collection::vec(dates(), 1..60)) {
            let entry = |birth_dates| Entry { birth_dates, ..Entry::default() };
            let entries: Vec<Entry> = listed.into_iter().map(entry).collect();
            let seats = Seats::of(entries.iter());
            let all: Vec<u32> = (0..seats.len() as u32).collect();
            prop_assert_eq!(seats.near(None).of(&all).concat(), all);
        }
    }
}
