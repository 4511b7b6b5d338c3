//! How much a partner may hand over in a minute: a flood of one partner takes neither
//! memory nor turns from the others.
//!
//! The generic cell rate algorithm (ITU-T I.371): one instant for each partner, no
//! counters and no windows. A quarter of a minute's parcels may come at once, so that a
//! queue that has waited is taken without a halt.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// So many parcels a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quota {
    /// Counted over any minute; at least one.
    pub parcels_per_minute: u32,
}

/// What a partner has used of its quota.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Meter {
    /// Until when what has come so far would have taken at the agreed pace.
    until: Option<Timestamp>,
}

impl Meter {
    /// Counts one parcel, or says how long to wait before the next.
    ///
    /// ```
    /// use exchange::{Meter, Quota};
    /// let (mut meter, quota) = (Meter::default(), Quota { parcels_per_minute: 60 });
    /// let now = "2026-03-01T09:00:00Z".parse().unwrap();
    /// let at_once = (0..100).take_while(|_| meter.take(quota, now).is_ok()).count();
    /// assert_eq!(at_once, 15);
    /// ```
    ///
    /// # Errors
    /// How long the partner is to wait.
    pub fn take(&mut self, quota: Quota, now: Timestamp) -> Result<(), Duration> {
        let each = SignedDuration::from_secs(60) / quota.parcels_per_minute.max(1) as i32;
        let ahead = SignedDuration::from_secs(15).max(each);
        // A clock that was put back is no reason to wait longer than a minute.
        let stale = |until: &Timestamp| until.duration_since(now) <= SignedDuration::from_mins(1);
        let until = self.until.filter(stale).unwrap_or(now).max(now);
        let after = until.checked_add(each).unwrap_or(Timestamp::MAX);
        let over = after.duration_since(now) - ahead;
        if over.is_positive() {
            return Err(over.unsigned_abs());
        }
        self.until = Some(after);
        Ok(())
    }
}

impl Meter {
    /// Counts as many more parcels of a delivery as may come now; gives how many of `more`.
    pub fn take_of(&mut self, more: usize, quota: Quota, now: Timestamp) -> usize {
        (0..more).take_while(|_| self.take(quota, now).is_ok()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_772_355_600 + seconds).expect("an instant")
    }

    fn taken(meter: &mut Meter, now: Timestamp) -> usize {
        let quota = Quota { parcels_per_minute: 120 };
        (0..1000).take_while(|_| meter.take(quota, now).is_ok()).count()
    }

    #[test]
    fn over_any_minute_no_more_is_taken_than_was_allowed_and_what_may_come_at_once() {
        let mut meter = Meter::default();
        let all: usize = (0..60).map(|second| taken(&mut meter, at(second))).sum();
        assert_eq!(all, 30 + 2 * 59);
    }

    #[test]
    fn who_waits_as_long_as_was_said_is_taken() {
        let (mut meter, quota) = (Meter::default(), Quota { parcels_per_minute: 7 });
        let mut now = at(0);
        for _ in 0..50 {
            if let Err(wait) = meter.take(quota, now) {
                now = now.checked_add(wait).expect("an instant");
                assert_eq!(meter.take(quota, now), Ok(()));
            }
        }
    }

    #[test]
    fn a_clock_that_was_put_back_shuts_nobody_out() {
        let mut meter = Meter::default();
        taken(&mut meter, at(7200));
        assert!(taken(&mut meter, at(0)) > 0);
    }
}
