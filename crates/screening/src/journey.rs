//! Journeys: the legs of one person put together, across bookings and days.
//!
//! Who wants to hide where a journey ends breaks it: a ticket to one country, a second
//! ticket, bought elsewhere, from there on. No list shows both. [`Journey::around`] takes
//! the legs that are known of one person, which may come from many lists, and finds those
//! that belong together: each begins in the country in which the one before has ended, and
//! not long after it.
//!
//! Which legs may be looked at is for the law to say (the window that binds the record);
//! only such legs may be handed in.

use jiff::{SignedDuration, Timestamp};
use travel::{Airport, Country, Flight, Text};

/// How long a stop may last for the next leg still to be of the same journey: three days.
pub const STOPOVER: SignedDuration = SignedDuration::from_hours(72);

/// A leg that a person flew, or has booked.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownLeg {
    /// Airport of departure, as the carrier wrote it.
    pub from: Text,
    /// Airport of arrival.
    pub to: Text,
    /// When it departs.
    pub departs_at: Timestamp,
    /// When it arrives, when the carrier said so.
    pub arrives_at: Option<Timestamp>,
    /// Locator of the booking, empty when it is not known.
    pub locator: Text,
}

/// Shows nobody: where somebody travels tells who it is.
impl std::fmt::Debug for KnownLeg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KnownLeg(..)")
    }
}

impl KnownLeg {
    /// The legs of a flight, as far as their times and airports are known.
    pub fn of(flight: &Flight, locator: &Text) -> Vec<Self> {
        let leg = |leg: &travel::Leg| {
            Some(Self {
                from: leg.from.clone(),
                to: leg.to.clone(),
                departs_at: leg.departs?.at(&leg.from)?,
                arrives_at: leg.arrives.and_then(|t| t.at(&leg.to)),
                locator: locator.clone(),
            })
        };
        flight.legs.iter().filter_map(leg).collect()
    }

    /// The country in which it begins, where the airport is known.
    pub fn begins_in(&self) -> Option<Country> {
        country(&self.from)
    }

    /// The country in which it ends.
    pub fn ends_in(&self) -> Option<Country> {
        country(&self.to)
    }

    /// When the person is where it leads, at the earliest.
    fn done_at(&self) -> Timestamp {
        self.arrives_at.unwrap_or(self.departs_at)
    }

    fn same_flight(&self, other: &Self) -> bool {
        (self.departs_at, &self.from, &self.to) == (other.departs_at, &other.from, &other.to)
    }

    fn leads_to(&self, next: &Self) -> bool {
        let stop = next.departs_at.duration_since(self.done_at());
        let there =
            self.to == next.from || self.ends_in().is_some_and(|end| Some(end) == next.begins_in());
        there && !stop.is_negative() && stop <= STOPOVER
    }
}

fn country(airport: &str) -> Option<Country> {
    Airport::find(airport).map(|a| a.country)
}

/// Legs of one person that belong together, in the order in which they are flown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Journey {
    legs: Vec<KnownLeg>,
    before: Vec<KnownLeg>,
}

impl Journey {
    /// The journey of which `leg` is a part, among everything that is known of the person.
    /// The same leg may be told several times, as by an API list and a booking.
    ///
    /// ```
    /// use screening::{Journey, KnownLeg};
    /// let leg = |from: &str, to: &str, at: &str, locator: &str| KnownLeg {
    ///     from: from.into(),
    ///     to: to.into(),
    ///     departs_at: at.parse().unwrap(),
    ///     arrives_at: None,
    ///     locator: locator.into(),
    /// };
    /// let out = leg("LHR", "IST", "2026-03-01T11:30:00Z", "ABC123");
    /// let on = leg("SAW", "ADA", "2026-03-02T08:00:00Z", "XYZ789");
    /// let journey = Journey::around(&out, &[on]);
    /// assert_eq!(journey.legs().len(), 2);
    /// assert_eq!(journey.bookings(), Some(2));
    /// ```
    pub fn around(leg: &KnownLeg, known: &[KnownLeg]) -> Self {
        let mut all: Vec<&KnownLeg> = known.iter().filter(|k| !k.same_flight(leg)).collect();
        all.push(leg);
        all.sort_by(|a, b| {
            // Of two that tell of the same leg, the one that knows the booking stays.
            let key = |k: &KnownLeg| (k.departs_at, k.from.clone(), k.to.clone());
            key(a).cmp(&key(b)).then_with(|| b.locator.cmp(&a.locator))
        });
        all.dedup_by(|a, b| a.same_flight(b));
        let here = all.iter().position(|k| k.same_flight(leg)).unwrap_or(0);
        // What lies between and does not fit was booked and not flown, or is a mistake: of two
        // legs that were booked for one, each has its own journey.
        let mut legs = vec![all[here]];
        for earlier in all[..here].iter().rev() {
            if earlier.leads_to(legs[0]) {
                legs.insert(0, earlier);
            }
        }
        for later in &all[here + 1..] {
            if legs.last().is_some_and(|last| last.leads_to(later)) {
                legs.push(later);
            }
        }
        let before = all.iter().take_while(|k| !k.same_flight(legs[0]));
        Self {
            before: before.map(|k| (*k).clone()).collect(),
            legs: legs.into_iter().cloned().collect(),
        }
    }

    /// Its legs, at least one.
    pub fn legs(&self) -> &[KnownLeg] {
        &self.legs
    }

    /// The country in which it begins.
    pub fn begins_in(&self) -> Option<Country> {
        self.legs.first()?.begins_in()
    }

    /// The country in which it ends, as far as is known today.
    pub fn ends_in(&self) -> Option<Country> {
        self.legs.last()?.ends_in()
    }

    /// The countries in between.
    pub fn through(&self) -> Vec<Country> {
        let stops = self.legs.len().saturating_sub(1);
        self.legs[..stops].iter().filter_map(KnownLeg::ends_in).collect()
    }

    /// In how many bookings it was made; `None` when that of a leg is not known.
    pub fn bookings(&self) -> Option<usize> {
        let mut locators: Vec<&Text> = self.legs.iter().map(|l| &l.locator).collect();
        if locators.iter().any(|l| l.is_empty()) {
            return None;
        }
        locators.sort_unstable();
        locators.dedup();
        Some(locators.len())
    }

    /// How many whole days the person had been out of the country in which the journey ends;
    /// `None` when it is not known that they left it.
    pub fn away_days(&self) -> Option<i64> {
        let home = self.ends_in()?;
        if self.begins_in() == Some(home) {
            return None;
        }
        let left = self.before.iter().rev().find(|l| {
            l.begins_in() == Some(home) && l.ends_in().is_some_and(|there| there != home)
        })?;
        let back = self.legs.last()?.done_at();
        Some(back.duration_since(left.departs_at).as_hours() / 24)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leg(text: &str) -> KnownLeg {
        let mut words = text.split(' ');
        let mut next = || words.next().unwrap_or_default();
        let (from, to) = (next().into(), next().into());
        let departs_at: Timestamp = format!("{}:00Z", next()).parse().unwrap();
        let arrives_at = Some(departs_at + SignedDuration::from_hours(3));
        KnownLeg { from, to, departs_at, arrives_at, locator: next().into() }
    }

    fn check(at: &str, known: &[&str]) -> String {
        let known: Vec<KnownLeg> = known.iter().map(|k| leg(k)).collect();
        let journey = Journey::around(&leg(at), &known);
        let legs: Vec<String> =
            journey.legs().iter().map(|l| format!("{}-{}", l.from, l.to)).collect();
        format!(
            "{} bookings {:?} away {:?}",
            legs.join(" "),
            journey.bookings(),
            journey.away_days()
        )
    }

    const OUT: &str = "LHR IST 2026-03-01T11:30 AAA";
    const ON: &str = "SAW GZT 2026-03-03T08:00 BBB";

    #[test]
    fn an_onward_leg_on_a_second_ticket_from_another_airport_of_the_country_is_found() {
        assert_eq!(check(OUT, &[ON]), "LHR-IST SAW-GZT bookings Some(2) away None");
        assert_eq!(check(ON, &[OUT]), "LHR-IST SAW-GZT bookings Some(2) away None");
    }

    #[test]
    fn a_stop_of_more_than_three_days_ends_a_journey() {
        let late = "SAW GZT 2026-03-04T15:00 BBB";
        assert_eq!(check(OUT, &[late]), "LHR-IST bookings Some(1) away None");
    }

    #[test]
    fn a_leg_that_begins_elsewhere_is_of_another_journey() {
        let other = "CDG JFK 2026-03-02T08:00 BBB";
        assert_eq!(check(OUT, &[other]), "LHR-IST bookings Some(1) away None");
    }

    #[test]
    fn of_two_legs_that_were_booked_for_one_each_has_its_own_journey() {
        let later = "LHR IST 2026-03-01T18:30 AAA";
        let whole = "SAW GZT 2026-03-03T08:00 BBB";
        let expected = "LHR-IST SAW-GZT bookings Some(2) away None";
        assert_eq!(check(OUT, &[later, whole]), expected);
        assert_eq!(check(later, &[OUT, whole]), expected);
    }

    #[test]
    fn a_return_after_months_tells_for_how_long() {
        let back = "IST LHR 2026-08-01T11:30 CCC";
        assert_eq!(check(back, &[OUT, ON]), "IST-LHR bookings Some(1) away Some(153)");
    }

    #[test]
    fn one_leg_told_by_list_and_booking_is_one_and_keeps_the_locator() {
        let listed = "LHR IST 2026-03-01T11:30";
        assert_eq!(check(ON, &[listed, OUT]), "LHR-IST SAW-GZT bookings Some(2) away None");
        assert_eq!(check(ON, &[OUT, listed]), "LHR-IST SAW-GZT bookings Some(2) away None");
        assert_eq!(check(ON, &[listed]), "LHR-IST SAW-GZT bookings None away None");
    }

    proptest! {
        #[test]
        fn the_order_in_which_legs_are_known_makes_no_difference(
            legs in proptest::collection::vec((0usize..4, 0usize..4, 0i64..400), 1..9),
            turn in 0usize..9,
        ) {
            let airports = ["LHR", "IST", "SAW", "CDG"];
            let known: Vec<KnownLeg> = legs
                .iter()
                .map(|(from, to, hours)| KnownLeg {
                    from: airports[*from].into(),
                    to: airports[*to].into(),
                    departs_at: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(*hours),
                    arrives_at: None,
                    locator: "A".into(),
                })
                .collect();
            let mut turned = known.clone();
            turned.rotate_left(turn % known.len());
            let journey = Journey::around(&known[0], &known);
            prop_assert_eq!(&journey, &Journey::around(&known[0], &turned));
            prop_assert!(journey.legs().contains(&known[0]));
            prop_assert!(journey.legs().windows(2).all(|w| w[0].leads_to(&w[1])));
        }
    }
}
