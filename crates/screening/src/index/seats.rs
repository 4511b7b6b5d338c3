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
    glimpses: Vec<Glimpse>,
    seats: Vec<Seat>,
    /// The first seat of a date; before it sits who has no date, or a range.
    dated: u32,
    /// Whole dates of which there are seats, by month and day.
    by_day: Vec<Day>,
}

/// What is looked at of the few seats that a glimpse does not rule out.
#[derive(Clone, Copy)]
struct Seat {
    /// Who sits there.
    person: u32,
    /// Where their names begin and end, of all names.
    names: (u32, u32),
    /// And the words of these.
    words: (u32, u32),
}

/// The seats of a whole date: they are side by side.
#[derive(Clone, Copy)]
struct Day {
    month: u8,
    day: u8,
    year: i16,
    from: u32,
    to: u32,
}

/// Seats of those whose date is near a traveller's, or not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    /// Those without a date, or with a range.
    open: Range<u32>,
    /// Those born in the traveller's year, the one before and the one after.
    years: Range<u32>,
    /// How many seats there are.
    all: u32,
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
        let seat =
            |(_, person): &(Glimpse, u32)| Seat { person: *person, names: (0, 0), words: (0, 0) };
        let seats = all.iter().map(seat).collect();
        let glimpses: Vec<Glimpse> = all.into_iter().map(|(glimpse, _)| glimpse).collect();
        let mut from = 0;
        let mut by_day: Vec<Day> = Vec::new();
        for same in glimpses.chunk_by(|a, b| a.order() == b.order()) {
            let to = from + same.len() as u32;
            by_day.extend(Day::of(same[0], from..to));
            from = to;
        }
        by_day.sort_unstable_by_key(|d| (d.month, d.day, d.year));
        Self { glimpses, seats, dated, by_day }
    }

    /// Tells where the names and the words are of who sits there.
    pub fn settle(&mut self, seat: usize, names: (u32, u32), words: (u32, u32)) {
        let seat = &mut self.seats[seat];
        (seat.names, seat.words) = (names, words);
    }

    pub fn len(&self) -> usize {
        self.seats.len()
    }

    pub fn person(&self, seat: u32) -> u32 {
        self.seats[seat as usize].person
    }

    pub fn names(&self, seat: u32) -> (u32, u32) {
        self.seats[seat as usize].names
    }

    pub fn words(&self, seat: u32) -> (u32, u32) {
        self.seats[seat as usize].words
    }

    pub fn glimpse(&self, seat: u32) -> Glimpse {
        self.glimpses[seat as usize]
    }

    /// Seats whose date is near this one or not known; all of them where there is none.
    pub fn near(&self, born: Option<PartialDate>) -> Near {
        let all = self.len() as u32;
        let Some(born) = born else {
            return Near { open: 0..self.dated, years: self.dated..all, all };
        };
        let dates = &self.glimpses[self.dated as usize..];
        let before = |year: i32| {
            let is_before = |glimpse: &Glimpse| i32::from(glimpse.date().0) < year;
            self.dated + dates.partition_point(is_before) as u32
        };
        let year = i32::from(born.year);
        Near { open: 0..self.dated, years: before(year - 1)..before(year + 2), all }
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
        self.by_day[from..].iter().take_while(same).filter(agrees).flat_map(|d| d.from..d.to)
    }

    pub fn bytes(&self) -> usize {
        (size_of::<Glimpse>() + size_of::<Seat>()) * self.len()
            + size_of::<Day>() * self.by_day.len()
    }
}

impl Day {
    fn of(glimpse: Glimpse, seats: Range<u32>) -> Option<Self> {
        let (year, month, day) = glimpse.date();
        let is_whole = glimpse.is_dated() && month > 0 && day > 0;
        is_whole.then_some(Self { month, day, year, from: seats.start, to: seats.end })
    }
}

impl Near {
    /// The seats of a posting that are near.
    pub fn of<'p>(&self, posting: &'p [u32]) -> [&'p [u32]; 2] {
        // Most words have one or two persons.
        if let [seat] = posting {
            return if self.has(*seat) { [posting, &[]] } else { [&[], &[]] };
        }
        let [open, from, to] = self.cut(posting);
        [&posting[..open], &posting[from..to]]
    }

    /// The number of a near seat among those that are near.
    pub fn place(&self, seat: u32) -> u32 {
        if seat < self.open.end { seat } else { seat - self.years.start + self.open.end }
    }

    /// The seats of a posting that are not.
    pub fn others<'p>(&self, posting: &'p [u32]) -> [&'p [u32]; 2] {
        let [open, from, to] = self.cut(posting);
        [&posting[open..from], &posting[to..]]
    }

    /// Where in a posting the open ones end, and where the years begin and end.
    fn cut(&self, posting: &[u32]) -> [usize; 3] {
        // Of any word, seats are spread about as those of all.
        let about =
            |seat: u32| (posting.len() as u64 * u64::from(seat) / u64::from(self.all)) as usize;
        let open = first_from(posting, self.open.end, 0);
        let from = first_from(posting, self.years.start, about(self.years.start)).max(open);
        [open, from, first_from(posting, self.years.end, from)]
    }

    /// Of what is noted of seats, in rising order, that of those that are near.
    pub fn among<'p, T>(&self, noted: &'p [(u32, T)]) -> [&'p [(u32, T)]; 2] {
        let before = |seat: u32| noted.partition_point(|(s, _)| *s < seat);
        let years = before(self.years.start)..before(self.years.end);
        [&noted[..before(self.open.end)], &noted[years]]
    }

    /// Whether a seat is near.
    pub fn has(&self, seat: u32) -> bool {
        self.open.contains(&seat) || self.years.contains(&seat)
    }
}

/// Where in a posting the first seat is that is not before `seat`, sought near `about`: a
/// search from the middle of a long posting would ask for memory far and wide.
fn first_from(posting: &[u32], seat: u32, about: usize) -> usize {
    let is_before = |at: usize| posting[at] < seat;
    let (mut low, mut high) = (about.min(posting.len()), about.min(posting.len()));
    let mut step = 8;
    while high < posting.len() && is_before(high) {
        low = high + 1;
        high = (high + step).min(posting.len());
        step *= 2;
    }
    step = 8;
    while low > 0 && !is_before(low - 1) {
        high = low - 1;
        low = low.saturating_sub(step);
        step *= 2;
    }
    low + posting[low..high].partition_point(|s| *s < seat)
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
        fn wherever_it_is_sought_the_first_seat_is_found(
            mut posting in proptest::collection::vec(0u32..300, 0..200),
            seat in 0u32..310,
            about in 0usize..250,
        ) {
            posting.sort_unstable();
            posting.dedup();
            let first = posting.partition_point(|s| *s < seat);
            prop_assert_eq!(first_from(&posting, seat, about), first);
        }

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
            let places = near.of(&all).into_iter().flatten().map(|seat| near.place(*seat));
            prop_assert!(places.zip(0..).all(|(place, number)| place == number));
            let others = near.others(&all).concat();
            prop_assert!(!others.iter().any(|seat| near.has(*seat)));
            prop_assert_eq!(seen.len() + others.len(), all.len());
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
