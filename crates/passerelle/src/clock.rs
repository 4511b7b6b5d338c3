//! The one place that reads the clock. Everything else is handed its time.

use jiff::{Timestamp, Zoned, tz::TimeZone};

/// The time now.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The date and time now in UTC, for message headers.
pub fn utc() -> Zoned {
    now().to_zoned(TimeZone::UTC)
}
