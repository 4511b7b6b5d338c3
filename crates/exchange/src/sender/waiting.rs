//! How long a sender waits: for a partner that is not reached, and with a stream that rests.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(super) const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest Retry-After that is obeyed.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(3600);
/// How long a stream rests that waits for a person.
pub(super) const REST: Duration = Duration::from_secs(30);
/// How old the note of a partner's last answer may become.
pub(super) const NOTE_AGAIN: Duration = Duration::from_secs(10);

/// How long to leave a partner alone after so many failures: doubling, and half of it
/// by `chance`.
pub(super) fn backoff(failures: u32, chance: u8) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(1 << failures.min(10)).min(LONGEST_WAIT);
    whole / 2 + whole / 2 * u32::from(chance) / 255
}

/// Whether `now` is no further from `then` than `length`, whichever way the clock went.
pub(super) fn within(then: Timestamp, length: Duration, now: Timestamp) -> bool {
    let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
    (SignedDuration::ZERO..length).contains(&now.duration_since(then))
}

pub(super) fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_half_of_it_is_chance() {
        let shortest: Vec<u128> = (0..9).map(|n| backoff(n, 0).as_millis()).collect();
        assert_eq!(shortest, [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(backoff(0, 255).as_millis(), 500);
        assert_eq!(backoff(u32::MAX, 255), LONGEST_WAIT);
    }

    #[test]
    fn a_clock_that_was_put_back_does_not_leave_a_stream_resting() {
        let now: Timestamp = "2026-03-01T09:00:00Z".parse().expect("an instant");
        assert!(within(now, REST, now));
        assert!(!within(now, REST, now + SignedDuration::from_secs(30)));
        assert!(!within(now, REST, now - SignedDuration::from_hours(1)));
    }
}
