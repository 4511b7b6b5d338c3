//! Parts of one list (UNH S010) that come in interchanges of their own: kept until the last
//! is there or the time for it is over, and then one list. The join key is the common access
//! reference (0068); the time is handed in.
//!
//! [`Tally`] decides, from numbers alone: a node keeps those in its store. [`Waiting`] holds
//! the parts as well, for who has no store. [`join`] makes one message of parts.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use travel::{Booking, Dataset, Report, Text};

use crate::sink::Sink;
use crate::{Finding, MessageType, Understood, codes};

/// The part numbers of a series that are here.
///
/// ```
/// use messages::{Standing, Tally};
/// let now: jiff::Timestamp = "2026-03-01T09:00:00Z".parse()?;
/// let limit = jiff::SignedDuration::from_mins(5);
/// let mut tally = Tally::default();
/// tally.add(1, false);
/// tally.add(3, true);
/// assert_eq!(tally.missing(), Some(vec![2]));
/// assert_eq!(tally.at(now, limit, now), Standing::Awaited(now + limit));
/// assert_eq!(tally.at(now, limit, now + limit), Standing::Overdue);
/// tally.add(2, false);
/// assert_eq!(tally.at(now, limit, now), Standing::Whole);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ascending.
    numbers: Vec<u32>,
    last: Option<u32>,
}

/// How a series stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Every part is here.
    Whole,
    /// Parts are missing, and may come until then.
    Awaited(Timestamp),
    /// Parts are missing, and are not waited for any longer.
    Overdue,
}

impl Tally {
    /// A part came; `last` if it says that it is.
    pub fn add(&mut self, number: u32, last: bool) {
        if let Err(at) = self.numbers.binary_search(&number) {
            self.numbers.insert(at, number);
        }
        if last {
            self.last = Some(number);
        }
    }

    /// Whether these parts can be of the same series: no number twice, none behind the last.
    pub fn joins(&self, other: &Tally) -> bool {
        let apart = |a: &Tally, b: &Tally| {
            b.numbers.iter().all(|n| !a.numbers.contains(n) && a.last.is_none_or(|l| *n <= l))
        };
        apart(self, other) && apart(other, self) && (self.last.is_none() || other.last.is_none())
    }

    /// Takes in the parts of another.
    pub fn extend(&mut self, other: &Tally) {
        other.numbers.iter().for_each(|n| self.add(*n, other.last == Some(*n)));
    }

    /// The numbers that are here, ascending.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The number of the last part, once that came.
    pub fn last(&self) -> Option<u32> {
        self.last
    }

    /// Whether every part is here. Most senders count from 1, some from 0.
    pub fn is_whole(&self) -> bool {
        let from_nought = usize::from(self.numbers.first() == Some(&0));
        self.last.is_some_and(|last| last as usize + from_nought == self.numbers.len())
    }

    /// The numbers that are missing; `None` while the last part, which tells how many there
    /// are, is not here. No more than a hundred are named.
    pub fn missing(&self) -> Option<Vec<u32>> {
        let last = self.last?;
        let first = self.numbers.first().map_or(1, |first| *first.min(&1));
        let missing = (first..=last).filter(|n| self.numbers.binary_search(n).is_err());
        Some(missing.take(100).collect())
    }

    /// Which parts came, and which are missing.
    pub(crate) fn words(&self) -> (String, String) {
        const MOST: usize = 20;
        let came = numbered(&self.numbers[..self.numbers.len().min(MOST)]);
        let until = self.last.or(self.numbers.last().copied()).unwrap_or(0);
        let absent = (1..until).filter(|n| self.numbers.binary_search(n).is_err());
        let absent: Vec<u32> = absent.take(MOST).collect();
        let absent = (!absent.is_empty()).then(|| numbered(&absent));
        let last = self.last.is_none().then(|| "the last part, with F".to_owned());
        (came, absent.into_iter().chain(last).collect::<Vec<_>>().join(" and "))
    }

    /// How the series stands at `now`, when its first part came at `since` and the others
    /// may take `limit`.
    pub fn at(&self, since: Timestamp, limit: SignedDuration, now: Timestamp) -> Standing {
        let until = since.checked_add(limit).unwrap_or(Timestamp::MAX);
        match self.is_whole() {
            true => Standing::Whole,
            false if now < until => Standing::Awaited(until),
            false => Standing::Overdue,
        }
    }
}

/// One message of the parts of a series, in the order of their numbers, and what only the
/// whole tells: a total that is wrong, somebody listed twice. A finding has no place in any
/// one interchange.
pub fn join(
    mut parts: Vec<Understood>,
    received_on: jiff::civil::Date,
) -> Option<(Understood, Vec<Finding>)> {
    parts.sort_by_key(|p| p.series.as_ref().and_then(|s| s.numbers.first().copied()));
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    let mut series = whole.series.take().unwrap_or_default();
    for part in parts {
        whole.parts += part.parts;
        whole.repeated.extend(part.repeated);
        whole.cut_off |= part.cut_off;
        series.extend(&part.series.unwrap_or_default());
        append(&mut whole.report, part.report);
    }
    let mut findings = Vec::new();
    let complete = series.is_whole();
    crate::quality::check(
        &whole.report,
        &crate::quality::Places::default(),
        received_on,
        complete,
        &mut Sink::new(&mut findings),
    );
    let of_all = [codes::COUNT, codes::COUNT_BOOKINGS, codes::DUPLICATE, codes::REFERENCE_DOUBLE];
    let of_all = of_all.map(|c| c.code);
    findings.retain(|f| of_all.contains(&f.code.as_str()));
    if !complete {
        let missing = series.missing().map(|m| numbered(&m)).unwrap_or_default();
        let mut finding = Finding::new(codes::SERIES_INCOMPLETE, edifact::Span::default(), "");
        finding.expected = if missing.is_empty() { finding.expected } else { missing };
        findings.insert(0, finding);
    }
    whole.series = (!complete).then_some(series);
    Some((whole, findings))
}

/// `part 2` or `parts 2, 4`.
pub fn numbered(numbers: &[u32]) -> String {
    let all: Vec<String> = numbers.iter().map(u32::to_string).collect();
    let word = if all.len() == 1 { "part" } else { "parts" };
    format!("{word} {}", all.join(", "))
}

fn append(whole: &mut Report, mut part: Report) {
    let places = append_bookings(whole, part.bookings, part.dataset);
    let place = |b: u32| places.get(b as usize).copied();
    part.travellers.iter_mut().for_each(|t| t.booking = t.booking.and_then(place));
    whole.travellers.append(&mut part.travellers);
    for flight in part.flights {
        let same = |f: &travel::Flight| {
            (&f.carrier, &f.number, f.ends()) == (&flight.carrier, &flight.number, flight.ends())
        };
        if !whole.flights.iter().any(same) {
            whole.flights.push(flight);
        }
    }
    whole.stated_total = whole.stated_total.max(part.stated_total);
    whole.stated_bookings = whole.stated_bookings.max(part.stated_bookings);
    whole.dropped_sensitive += part.dropped_sensitive;
}

/// Puts the bookings of a part to the others; gives where each is then. A list of API names a
/// booking with each traveller, and a family may stand in two parts; each `SRC` of a PNRGOV is
/// a booking of its own.
fn append_bookings(whole: &mut Report, part: Vec<Booking>, dataset: Dataset) -> Vec<u32> {
    let known = whole.bookings.iter().zip(0..).map(|(b, i)| (b.locator.clone(), i));
    let known: HashMap<Text, u32> = match dataset {
        Dataset::Pnr => HashMap::new(),
        _ => known.collect(),
    };
    let place = |booking: Booking| match known.get(&booking.locator) {
        Some(&at) => {
            whole.bookings[at as usize].travellers += booking.travellers;
            at
        }
        None => {
            whole.bookings.push(booking);
            whole.bookings.len() as u32 - 1
        }
    };
    part.into_iter().map(place).collect()
}

/// A series that is not whole yet.
struct Open {
    sender: String,
    kind: MessageType,
    access: String,
    tally: Tally,
    since: Timestamp,
    parts: Vec<Understood>,
}

impl Open {
    fn close(self) -> Option<(Understood, Vec<Finding>)> {
        let on = self.since.to_zoned(jiff::tz::TimeZone::UTC).date();
        join(self.parts, on)
    }
}

/// Parts that wait for the others, held in memory.
///
/// ```
/// use messages::Waiting;
/// let part = |n: &str, name: &str| {
///     let sent = format!(
///         "UNB+UNOA:4+TK+GBR+260301:0900+{n}'UNH+{n}+PAXLST:D:05B:UN+A1+{n}'BGM+745'TDT+20+TK1980'\
///          LOC+125+IST'DTM+189:2603011130'LOC+87+LHR'NAD+FL+++{name}'CNT+42:2'UNT+8+{n}'UNZ+1+{n}'",
///         n = n,
///     );
///     messages::read(sent.as_bytes(), edifact::Mode::Tolerant, jiff::civil::date(2026, 3, 1))
///         .messages.remove(0)
/// };
/// let (now, limit) = ("2026-03-01T09:00:00Z".parse()?, jiff::SignedDuration::from_mins(5));
/// let mut waiting = Waiting::new(limit);
/// assert!(waiting.take("TK", part("01:C", "KAYA:CAN"), now).is_none());
/// let (whole, findings) = waiting.take("TK", part("02:F", "POLAT:NUR"), now).unwrap();
/// assert_eq!((whole.report.travellers.len(), whole.parts, findings.len()), (2, 2, 0));
///
/// waiting.take("TK", part("01:C", "KAYA:CAN"), now);
/// assert!(waiting.overdue(now).is_empty());
/// let late = waiting.overdue(now + limit);
/// assert_eq!(late[0].1[0].code, "P-PARTS");
/// # Ok::<(), jiff::Error>(())
/// ```
pub struct Waiting {
    limit: SignedDuration,
    open: Vec<Open>,
}

impl Waiting {
    /// Parts may come so long after the first of them.
    pub fn new(limit: SignedDuration) -> Self {
        Self { limit, open: Vec::new() }
    }

    /// Takes a message: gives it back at once if it is whole or cannot be joined, or the
    /// whole series once its last part is here. What only the whole tells comes with it.
    pub fn take(
        &mut self,
        sender: &str,
        message: Understood,
        now: Timestamp,
    ) -> Option<(Understood, Vec<Finding>)> {
        let Some(tally) = message.series.clone().filter(|_| !message.access_reference.is_empty())
        else {
            return Some((message, Vec::new()));
        };
        let joins = |o: &Open| {
            o.sender == sender
                && o.kind == message.kind
                && o.access == message.access_reference
                && o.tally.joins(&tally)
        };
        let at = self.open.iter().rposition(joins).unwrap_or_else(|| {
            self.open.push(Open {
                sender: sender.to_owned(),
                kind: message.kind.clone(),
                access: message.access_reference.clone(),
                tally: Tally::default(),
                since: now,
                parts: Vec::new(),
            });
            self.open.len() - 1
        });
        let open = &mut self.open[at];
        open.tally.extend(&tally);
        open.parts.push(message);
        if !open.tally.is_whole() {
            return None;
        }
        self.open.remove(at).close()
    }

    /// What has waited for too long: what came of each series, with a finding that names
    /// what did not.
    pub fn overdue(&mut self, now: Timestamp) -> Vec<(Understood, Vec<Finding>)> {
        let limit = self.limit;
        let late = |o: &mut Open| o.tally.at(o.since, limit, now) == Standing::Overdue;
        self.open.extract_if(.., late).filter_map(Open::close).collect()
    }
}
