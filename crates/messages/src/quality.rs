//! Whether what a message says can be: checks over the finished report.
//!
//! Nothing is mended and nobody removed here. Findings on a traveller stand where the
//! message names them, those on the flight where it names the flight.

use std::cmp::Ordering;

use jiff::civil::Date;
use travel::{
    Airport, Country, Dataset, Doubt, Flight, FlightKind, Function, Kind, Leg, PartialDate, Report,
    Traveller,
};

use crate::Code;
use crate::codes;
use crate::reading::Finding;
use crate::sink::{Origin, Sink};
use crate::text;

/// A leg longer than this is a wrong time (the longest scheduled one takes 19 hours).
const LONGEST_LEG_HOURS: i64 = 20;
/// Nobody is older than this.
const OLDEST_YEARS: i16 = 125;

/// Looks over a report. `today` stands in for a departure that is not known.
pub(crate) fn check(
    report: &Report,
    places: &Places,
    today: Date,
    complete: bool,
    sink: &mut Sink<'_>,
) {
    let mut say = Say { sink, places };
    flights(report, today, &mut say);
    travellers(report, today, &mut say);
    if complete {
        totals(report, &mut say);
    }
}

/// Where a report's travellers and its flight are named.
#[derive(Default)]
pub(crate) struct Places {
    /// The flight, or else the start.
    pub(crate) flight: Option<Origin>,
    /// The last stated total.
    pub(crate) total: Option<Origin>,
    /// One per traveller.
    pub(crate) travellers: Vec<Origin>,
}

struct Say<'s, 'f> {
    sink: &'s mut Sink<'f>,
    places: &'s Places,
}

impl Say<'_, '_> {
    fn say(&mut self, code: Code, traveller: Option<usize>, found: impl Into<String>) {
        self.say_expecting(code, traveller, (found.into(), code.expected));
    }

    fn say_expecting(
        &mut self,
        code: Code,
        traveller: Option<usize>,
        (found, expected): (String, &str),
    ) {
        let origin = traveller.and_then(|i| self.places.travellers.get(i)).copied();
        let mut finding = Finding::new(code, edifact::Span { start: 0, end: 0 }, found);
        finding.traveller = traveller;
        expected.clone_into(&mut finding.expected);
        if let Some(origin) = origin.or(self.places.flight) {
            origin.place(&mut finding);
        }
        self.sink.push(finding);
    }
}

fn flights(report: &Report, today: Date, say: &mut Say<'_, '_>) {
    match report.flights.as_slice() {
        [] => say.say(codes::NO_FLIGHT, None, ""),
        [_] => {}
        several => say.say(codes::FLIGHT_SEVERAL, None, several.len().to_string()),
    }
    for flight in report.flights.iter().filter(is_of_a_day) {
        for leg in &flight.legs {
            check_leg(leg, say);
        }
        for pair in flight.legs.windows(2) {
            check_connection(&pair[0], &pair[1], say);
        }
        let first = flight.legs.iter().find_map(|leg| leg.departs);
        if let Some(departs) = first.filter(|d| text::days_between(*d, today) > MOST_DAYS) {
            say.say(codes::DATE_FAR, None, departs.to_string());
        }
    }
    // A booking's other flights are nobody's list; of one that ends before it begins, a date is
    // wrong all the same.
    for flight in report.bookings.iter().flat_map(|b| &b.itinerary) {
        let pushed = || report.flights.iter().any(|f| f.legs == flight.legs);
        // On the clocks of its airports alone hardly any does; which of these may, zones tell.
        let before =
            |leg: &&Leg| leg.arrives.is_some_and(|on| leg.departs.is_some_and(|off| on < off));
        if let Some(leg) = flight.legs.first().filter(before)
            && !pushed()
            && let Some(hours) = hours_of(leg).filter(|hours| *hours < 0)
        {
            let found = format!("{} {hours} hours", flight.name());
            say.say(codes::ITINERARY_ORDER, None, found);
        }
    }
}

/// A flight further from the day on which its list came is none of it, in days.
const MOST_DAYS: i64 = 366;

/// The next leg departs where and after the last one arrives.
fn check_connection(first: &Leg, next: &Leg, say: &mut Say<'_, '_>) {
    let arrives = first.arrives.and_then(|a| a.at(&first.to));
    let departs = next.departs.and_then(|d| d.at(&next.from));
    if let Some((on, off)) = arrives.zip(departs)
        && off < on
    {
        let minutes = on.duration_since(off).as_secs() / 60;
        say.say(codes::TIMES_ORDER, None, format!("the next leg departs {minutes} minutes before"));
    }
}

/// How many hours a leg takes; below 0, if it arrives before it departs. Where an airport is not
/// known, only what no two clocks of the world explain is told.
fn hours_of(leg: &Leg) -> Option<i64> {
    let (departs, arrives) = (leg.departs?, leg.arrives?);
    match (departs.at(&leg.from), arrives.at(&leg.to)) {
        (Some(off), Some(on)) => Some(on.duration_since(off).as_secs().div_euclid(3600)),
        _ => {
            let apart = arrives.0.duration_since(departs.0).as_secs().div_euclid(3600);
            Some(apart + CLOCKS_APART).filter(|hours| *hours < 0)
        }
    }
}

/// The clocks of two places are no further apart (UTC-12 and UTC+14), in hours.
const CLOCKS_APART: i64 = 26;

fn is_of_a_day(flight: &&Flight) -> bool {
    flight.kind != FlightKind::MasterCrew
}

fn check_leg(leg: &Leg, say: &mut Say<'_, '_>) {
    for code in [&leg.from, &leg.to] {
        if code.is_empty() {
            say.say(codes::AIRPORT_MISSING, None, "");
        } else if Airport::find(code).is_none() {
            say.say(codes::AIRPORT_UNKNOWN, None, code);
        }
    }
    if !leg.from.is_empty() && leg.from == leg.to {
        say.say(codes::AIRPORTS_SAME, None, &leg.from);
    }
    if leg.departs.is_none() {
        // A time that could not be read is not missing as well.
        if !say.sink.has(codes::TIME_INVALID) {
            say.say(codes::TIME_MISSING, None, "");
        }
        return;
    }
    // Local times alone prove nothing: across the date line one lands before one left.
    match hours_of(leg) {
        Some(hours) if hours < 0 => say.say(codes::TIMES_ORDER, None, format!("{hours} hours")),
        Some(hours) if hours >= LONGEST_LEG_HOURS => {
            say.say(codes::TIMES_LONG, None, format!("{hours} hours"));
        }
        _ => {}
    }
}

/// The last code that was a country's: those of one traveller, and of one family, are mostly
/// the same.
struct Known(Option<Country>);

impl Known {
    /// Says so, if a code is no country's.
    fn check(&mut self, country: Country, index: usize, say: &mut Say<'_, '_>) {
        const UNK: Country = Country::new("UNK");
        const UTOPIA: Country = Country::new("UTO");
        if self.0 == Some(country) {
            return;
        }
        match country {
            UTOPIA => say.say(codes::COUNTRY_SPECIMEN, Some(index), UTOPIA.code()),
            UNK => say.say(codes::COUNTRY_UNK, Some(index), UNK.code()),
            _ if travel::is_country_code(country) => self.0 = Some(country),
            _ => {
                let code = match travel::is_retired(country) {
                    true => codes::COUNTRY_RETIRED,
                    false => codes::COUNTRY_UNKNOWN,
                };
                let today = travel::code_today(country).unwrap_or(code.expected);
                say.say_expecting(code, Some(index), (country.to_string(), today));
            }
        }
    }
}

fn travellers(report: &Report, today: Date, say: &mut Say<'_, '_>) {
    let wanted = matches!(report.function, Function::Full | Function::Change);
    let bounds = Bounds::of(&report.flights, today);
    let listed_twice = listed_twice(&report.travellers);
    let same_reference = match report.dataset {
        Dataset::Pnr => Vec::new(),
        _ => same_reference(&report.travellers),
    };
    let unreadable = say.sink.travellers_with(codes::BIRTH_INVALID);
    let mut known = Known(None);
    if wanted && report.travellers.is_empty() {
        say.say(codes::NOBODY, None, "");
    }
    for (index, t) in report.travellers.iter().enumerate() {
        if wanted && t.kind != Kind::Unnamed {
            let born = t.birth_date.is_some() || unreadable.binary_search(&index).is_ok();
            expected(report.dataset, t, (index, born), say);
        }
        bounds.check(t, index, say);
        travel::doubts(t, |doubt| say.say(code_of(doubt), Some(index), doubted(doubt, t)));
        for code in [t.nationality, t.residence].into_iter().flatten() {
            known.check(code, index, say);
        }
        for code in t.documents.iter().filter_map(|d| d.issuer) {
            known.check(code, index, say);
        }
        if listed_twice.binary_search(&index).is_ok() {
            say.say(codes::DUPLICATE, Some(index), "");
        }
        if same_reference.binary_search(&index).is_ok() {
            let reference = t.reference.as_deref().unwrap_or_default();
            say.say(codes::REFERENCE_DOUBLE, Some(index), reference);
        }
    }
}

/// Travellers whom the list names already, by name and date of birth. Without a birth
/// date two people may well share a name.
fn listed_twice(all: &[Traveller]) -> Vec<usize> {
    let born = all.iter().enumerate().filter_map(|(i, t)| Some((i, t, t.birth_date?)));
    let keys = born.map(|(i, t, b)| {
        let day = (b.year as u64) << 16 | u64::from(b.month.unwrap_or(0)) << 8;
        let day = day | u64::from(b.day.unwrap_or(0));
        (fingerprint(&t.given, fingerprint(&t.surname, day)), i)
    });
    let key = |i: usize| (all[i].birth_date, &all[i].surname, &all[i].given);
    repeats(keys, |a, b| key(a).cmp(&key(b)))
}

/// Travellers with the reference of one before them.
fn same_reference(all: &[Traveller]) -> Vec<usize> {
    let named = all.iter().enumerate().filter_map(|(i, t)| Some((i, t.reference.as_ref()?)));
    let keys = named.map(|(i, reference)| (fingerprint(reference, 0), i));
    repeats(keys, |a, b| all[a].reference.cmp(&all[b].reference))
}

/// The indexes, ascending, of those that equal one with a smaller index. Equals have the
/// same fingerprint. It is sorted, not hashed: that is quicker for a list of people, and
/// no choice of names can make it slow.
fn repeats(
    all: impl Iterator<Item = (u64, usize)>,
    compare: impl Fn(usize, usize) -> Ordering,
) -> Vec<usize> {
    // The upper half of a fingerprint, and the index, in one number: a message has less
    // than 4 GiB, and so fewer travellers.
    const INDEX: u64 = u32::MAX as u64;
    let mut all: Vec<u64> = all.map(|(print, i)| print & !INDEX | i as u64).collect();
    all.sort_unstable();
    let mut found = Vec::new();
    for alike in all.chunk_by(|a, b| a & !INDEX == b & !INDEX).filter(|alike| alike.len() > 1) {
        let mut alike: Vec<usize> = alike.iter().map(|a| (a & INDEX) as usize).collect();
        alike.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
        let pairs = alike.windows(2).filter(|pair| compare(pair[0], pair[1]).is_eq());
        found.extend(pairs.map(|pair| pair[1]));
    }
    found.sort_unstable();
    found
}

/// A number that equal texts share, and others seldom.
fn fingerprint(text: &str, start: u64) -> u64 {
    let mix =
        |sum: u64, word: u64| (sum.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bytes = text.as_bytes();
    let (eights, rest) = bytes.as_chunks::<8>();
    let sum = eights
        .iter()
        .fold(start ^ bytes.len() as u64, |sum, eight| mix(sum, u64::from_le_bytes(*eight)));
    // The last bytes, some of them perhaps once more.
    let (first, last) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>());
    match (bytes.last_chunk(), first.zip(last)) {
        _ if rest.is_empty() => sum,
        (Some(eight), _) => mix(sum, u64::from_le_bytes(*eight)),
        (None, Some((a, b))) => {
            mix(sum, u64::from(u32::from_le_bytes(*a)) << 32 | u64::from(u32::from_le_bytes(*b)))
        }
        (None, None) => mix(sum, rest.iter().fold(0, |word, b| word << 8 | u64::from(*b))),
    }
}

fn code_of(doubt: Doubt) -> Code {
    match doubt {
        Doubt::DigitsInName => codes::NAME_DIGITS,
        Doubt::SignsInName => codes::NAME_SIGNS,
        Doubt::LongName => codes::NAME_LONG,
        Doubt::TitleInName => codes::NAME_TITLE,
        Doubt::NobodysName => codes::NAME_NOBODY,
        Doubt::NobodysBirth => codes::BIRTH_NOBODY,
        Doubt::NobodysNumber(_) => codes::DOCUMENT_NOBODY,
        Doubt::CheckDigitInNumber(_) => codes::DOCUMENT_CHECK_DIGIT,
    }
}

/// What is doubted.
fn doubted(doubt: Doubt, t: &Traveller) -> String {
    match doubt {
        Doubt::DigitsInName | Doubt::LongName | Doubt::NobodysName => t.written_name(),
        Doubt::SignsInName if travel::has_signs(&t.surname) => t.surname.to_string(),
        Doubt::TitleInName if travel::ends_with_title(&t.surname) => t.surname.to_string(),
        Doubt::SignsInName | Doubt::TitleInName => t.given.to_string(),
        Doubt::NobodysBirth => t.birth_date.map(|d| d.to_string()).unwrap_or_default(),
        Doubt::NobodysNumber(i) | Doubt::CheckDigitInNumber(i) => {
            t.documents.get(i).map(|d| d.number.to_string()).unwrap_or_default()
        }
    }
}

/// What API must say of everybody. A booking need not.
fn expected(dataset: Dataset, t: &Traveller, (index, born): (usize, bool), say: &mut Say<'_, '_>) {
    if dataset == Dataset::Pnr {
        return;
    }
    if !born {
        say.say(codes::BIRTH_MISSING, Some(index), "");
    }
    if t.documents.is_empty() {
        say.say(codes::DOCUMENT_MISSING, Some(index), "");
    }
}

/// Between which days births and expiries must lie.
struct Bounds {
    departure: Date,
    arrival: Date,
}

impl Bounds {
    fn of(flights: &[Flight], today: Date) -> Self {
        let legs = || flights.iter().flat_map(|f| &f.legs);
        let departure = legs().find_map(|l| l.departs).map_or(today, |t| t.0.date());
        let arrival = legs().rev().find_map(|l| l.arrives).map_or(departure, |t| t.0.date());
        Bounds { departure, arrival }
    }

    fn check(&self, t: &Traveller, index: usize, say: &mut Say<'_, '_>) {
        if let Some(born) = t.birth_date {
            let after = may_be(born, Ordering::Greater, self.departure);
            let after = after && born.whole().is_some_and(|b| b > self.departure);
            if after || born.year > self.departure.year() {
                say.say(codes::BIRTH_FUTURE, Some(index), born.to_string());
            } else if self.departure.year() - born.year > OLDEST_YEARS {
                say.say(codes::BIRTH_AGE, Some(index), born.to_string());
            }
        }
        let expiries = t.documents.iter().filter_map(|d| d.expires);
        for expires in expiries.filter(|e| may_be(*e, Ordering::Less, self.arrival)) {
            if let Some(expires) = expires.whole().filter(|e| *e < self.arrival) {
                say.say(codes::DOCUMENT_EXPIRED, Some(index), expires.to_string());
            }
        }
    }
}

/// Whether a date, if there is one of that name in the calendar, may lie so to another. Asking
/// the calendar takes longer, and nearly nobody was born after the flight.
fn may_be(date: PartialDate, order: Ordering, other: Date) -> bool {
    let numbers = (date.year, date.month.unwrap_or(0), date.day.unwrap_or(0));
    let others = (other.year(), other.month() as u8, other.day() as u8);
    date.day.is_none() || numbers.cmp(&others) == order
}

/// The stated totals, once the series is whole. Interactive requests name some of the
/// travellers and the total of all.
fn totals(report: &Report, say: &mut Say<'_, '_>) {
    let all = report.function == Function::Full && report.reference.is_empty();
    let travellers = report.stated_total.filter(|_| all);
    for (code, stated, counted) in [
        (codes::COUNT, travellers, report.travellers.len()),
        (codes::COUNT_BOOKINGS, report.stated_bookings, report.bookings.len()),
    ] {
        let Some(stated) = stated.filter(|stated| *stated as usize != counted) else { continue };
        let mut finding = Finding::new(code, edifact::Span::default(), stated.to_string());
        finding.expected = format!("{counted}, which are listed");
        if let Some(origin) = say.places.total.or(say.places.flight) {
            origin.place(&mut finding);
        }
        say.sink.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_may_not_lie_so_does_not() {
        let other = jiff::civil::date(2026, 3, 15);
        let parts = |n: u8| (n > 0).then_some(n);
        for year in [2025, 2026, 2027] {
            for (month, day) in (0..=13).flat_map(|m| (0..=32).map(move |d| (m, d))) {
                let date = PartialDate { year, month: parts(month), day: parts(day) };
                for order in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
                    let lies = date.whole().is_some_and(|d| d.cmp(&other) == order);
                    assert!(!lies || may_be(date, order, other), "{date} {order:?}");
                }
            }
        }
    }
}
