//! Values as people read them.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// A value, however many references templates put around it.
pub trait Is<T> {
    /// The value.
    fn is(&self) -> T;
}

macro_rules! is_itself {
    ($($type:ty)*) => { $(impl Is<$type> for $type { fn is(&self) -> $type { *self } })* };
}
is_itself! { Timestamp Date u64 u32 f64 bool }

impl<T, U: Is<T>> Is<T> for &U {
    fn is(&self) -> T {
        (*self).is()
    }
}

impl Is<u64> for u32 {
    fn is(&self) -> u64 {
        u64::from(*self)
    }
}

/// `23 Nov 2026, 14:05`, in UTC.
pub fn when(at: impl Is<Timestamp>) -> String {
    at.is().to_zoned(TimeZone::UTC).strftime("%-d %b %Y, %H:%M").to_string()
}

/// The same to the second.
pub fn exactly(at: impl Is<Timestamp>) -> String {
    at.is().to_zoned(TimeZone::UTC).strftime("%-d %b %Y, %H:%M:%S").to_string()
}

/// `14:05`, in UTC.
pub fn time(at: impl Is<Timestamp>) -> String {
    at.is().to_zoned(TimeZone::UTC).strftime("%H:%M").to_string()
}

/// `Monday 23 November 2026`.
pub fn day(date: impl Is<Date>) -> String {
    date.is().strftime("%A %-d %B %Y").to_string()
}

/// `in 3 h 20 min`, `2 h ago`, `now`.
pub fn until(at: impl Is<Timestamp>, now: impl Is<Timestamp>) -> String {
    let span = at.is().duration_since(now.is());
    let text = span_words(span.abs());
    match (text.as_str(), span.is_negative()) {
        ("", _) => "now".to_owned(),
        (text, true) => format!("{text} ago"),
        (text, false) => format!("in {text}"),
    }
}

fn span_words(span: SignedDuration) -> String {
    let minutes = span.as_mins();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => String::new(),
        (0, 0, m) => format!("{m} min"),
        (0, h, m) if h < 6 && m > 0 => format!("{h} h {m} min"),
        (0, h, _) => format!("{h} h"),
        (1, 0, _) => "1 day".to_owned(),
        (d, 0, _) => format!("{d} days"),
        (1, h, _) => format!("1 day {h} h"),
        (d, _, _) => format!("{d} days"),
    }
}

/// `1,234,567`.
pub fn count(n: impl Is<u64>) -> String {
    let digits = n.is().to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// How often evidence is so strong by chance: `one in 3,000`; of what is rarer than was
/// measured, `fewer than one in 33,000`.
pub fn one_in(n: impl Is<u64>) -> String {
    match n.is() {
        n if n >= api::RAREST => format!("fewer than one in {}", count(api::RAREST)),
        n => format!("one in {}", count(n)),
    }
}

/// What a list did to what its sender had said before: `3 new, 1 changed, 2 gone`.
pub fn step(step: &api::StepView) -> String {
    let all = [(step.added, "new"), (step.changed, "changed"), (step.gone, "gone")];
    let told: Vec<String> =
        all.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    if told.is_empty() { "nothing new".to_owned() } else { told.join(", ") }
}

/// [`count`] for smaller counts.
pub fn few(n: impl Is<u32>) -> String {
    count(u64::from(n.is()))
}

/// `1 flight`, `2 flights`.
pub fn plural(n: impl Is<u64>, one: &str, many: &str) -> String {
    let n = n.is();
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `+8.6`, `−3.2`, with a true minus sign.
pub fn nats(n: impl Is<f64>) -> String {
    let n = n.is();
    if n < 0.0 { format!("−{:.1}", n.abs()) } else { format!("+{n:.1}") }
}

/// `12.3 MB`.
pub fn bytes(n: impl Is<u64>) -> String {
    match n.is() {
        n if n >= 1 << 30 => format!("{:.1} GB", n as f64 / (1u64 << 30) as f64),
        n if n >= 1 << 20 => format!("{:.1} MB", n as f64 / (1u64 << 20) as f64),
        n => format!("{:.1} kB", n as f64 / 1024.0),
    }
}

/// What a band is called.
pub fn band(band: &str) -> &'static str {
    match band {
        "hit" => "Strong",
        "possible" => "Possible",
        _ => "Weak",
    }
}

/// What the state of a hit is called.
pub fn state(state: &str) -> &'static str {
    match state {
        "open" => "Open",
        "half" => "Needs second officer",
        "upheld" => "Upheld",
        "dismissed" => "Dismissed",
        "waiting" => "Waiting",
        _ => "Unknown",
    }
}

/// What a dataset is called.
pub fn dataset(dataset: &str) -> &'static str {
    match dataset {
        "api" => "Passengers (API)",
        "crew" => "Crew (API)",
        "pnr" => "Bookings (PNR)",
        _ => "Other",
    }
}

/// Who sent a list.
pub fn origin(origin: &str) -> String {
    match origin {
        "carrier" => "Carrier".to_owned(),
        state => country(state),
    }
}

/// Names that are shorter than the ones states give themselves.
const SHORT: &[(&str, &str)] = &[
    ("BOL", "Bolivia"),
    ("GBR", "United Kingdom"),
    ("IRN", "Iran"),
    ("KOR", "South Korea"),
    ("PRK", "North Korea"),
    ("RUS", "Russia"),
    ("SYR", "Syria"),
    ("USA", "United States"),
    ("VEN", "Venezuela"),
];

/// What a state is called in headings.
pub fn country(code: &str) -> String {
    let short = SHORT.iter().find(|(c, _)| *c == code).map(|(_, name)| *name);
    let name = short.or_else(|| travel::Country::parse(code).and_then(|c| c.name()));
    name.unwrap_or(code).to_owned()
}

/// What a line of a statistic counts: a nationality, a route, or both, in words.
pub fn counted(what: &str) -> String {
    let nationality = |code: &str| match code {
        "XXX" => "no nationality named".to_owned(),
        code => country(code),
    };
    match what.split_once(' ') {
        Some((route, code)) => format!("{}, {}", counted(route), nationality(code)),
        None => match what.split_once('-') {
            Some((from, to)) => format!("{from} to {to}"),
            None => nationality(what),
        },
    }
}

/// What the status of an agreement is called.
pub fn status(status: &str) -> &'static str {
    match status {
        "proposed" => "Not signed by both",
        "in_force" => "In force",
        "suspended" => "Suspended",
        "ended" => "Ended",
        _ => "Unknown",
    }
}

/// `record_opened` as `record opened`.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// With its first letter in upper case.
pub fn sentence(text: impl AsRef<str>) -> String {
    let mut chars = text.as_ref().chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The first digits of a digest; anything shorter whole.
pub fn clipped(text: &str) -> String {
    match text.chars().count() {
        n if n > 40 => format!("{}…", short(text)),
        _ => text.to_owned(),
    }
}

/// The first digits of a long id or digest.
pub fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

/// `TK1980/2026-11-23/IST-LHR` as `TK1980 IST-LHR, 2026-11-23`.
pub fn flight_key(key: impl AsRef<str>) -> String {
    match key.as_ref().splitn(3, '/').collect::<Vec<_>>().as_slice() {
        [flight, day, route] => format!("{flight} {route}, {day}"),
        _ => key.as_ref().to_owned(),
    }
}

/// The last digits of an id: the first ones of ids made together are alike.
pub fn last(id: &str) -> String {
    id.chars().skip(id.chars().count().saturating_sub(12)).collect()
}

/// Text as part of an address: all but unreserved characters and `/` escaped.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(b as char);
            }
            _ => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn spans_are_said_as_people_say_them() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let said = |at: &str| until(at.parse::<Timestamp>().unwrap(), now);
        assert_eq!(said("2026-11-23T12:00:20Z"), "now");
        assert_eq!(said("2026-11-23T15:20:00Z"), "in 3 h 20 min");
        assert_eq!(said("2026-11-23T11:18:00Z"), "42 min ago");
        assert_eq!(said("2026-11-24T14:00:00Z"), "in 1 day 2 h");
        assert_eq!(said("2026-12-03T14:00:00Z"), "in 10 days");
    }

    #[test]
    fn numbers_have_separators_and_true_signs() {
        assert_eq!(count(1_234_567_u64), "1,234,567");
        assert_eq!(count(999_u64), "999");
        assert_eq!(nats(-3.25), "−3.2");
        assert_eq!(nats(8.6), "+8.6");
    }

    #[test]
    fn addresses_carry_any_text() {
        assert_eq!(encoded("TK1980/2026-11-23/IST-LHR"), "TK1980/2026-11-23/IST-LHR");
        assert_eq!(encoded("/hits?state=open&a=ü"), "/hits%3Fstate%3Dopen%26a%3D%C3%BC");
    }
}
