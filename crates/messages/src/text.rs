//! Values as messages write them: dates, times, names, numbers, codes.

use std::borrow::Cow;

use edifact::Segment;
use jiff::civil::{Date, DateTime, Time};
use travel::{Country, DocumentKind, LocalTime, PartialDate, Sex, Text, Traveller, eights};

/// Up to 14 digits of a field, blanks left out; `None` when anything else is there.
#[inline]
fn digits(raw: &[u8]) -> Option<([u8; 14], usize)> {
    let mut out = [0u8; 14];
    let mut n = 0;
    // How nearly all dates are written.
    if let [a, b, c, d, e, f] = *raw {
        let six = [a, b, c, d, e, f].map(|byte| byte.wrapping_sub(b'0'));
        if six.iter().fold(true, |all, digit| all & (*digit < 10)) {
            out[..6].copy_from_slice(&six);
            return Some((out, 6));
        }
    }
    for b in raw {
        match b {
            b'0'..=b'9' if n < 14 => {
                out[n] = b - b'0';
                n += 1;
            }
            b' ' | b'-' | b'\r' | b'\n' => {}
            _ => return None,
        }
    }
    Some((out, n))
}

fn two(d: &[u8]) -> i16 {
    i16::from(d[0]) * 10 + i16::from(d[1])
}

/// The year in the century that brings it nearest to `today`.
fn near(yy: i16, today: Date) -> i16 {
    let year = today.year() - today.year().rem_euclid(100) + yy;
    match year - today.year() {
        d if d > 50 => year - 100,
        d if d < -49 => year + 100,
        _ => year,
    }
}

/// `YYMMDDHHMM` (format 201), `CCYYMMDDHHMM` (203) or a date alone, for which
/// midnight stands. Two-digit years are those nearest to `today`.
pub(crate) fn local_time(raw: &[u8], today: Date) -> Option<LocalTime> {
    let (d, n) = digits(raw)?;
    let (year, rest) = match n {
        6 | 10 => (near(two(&d), today), &d[2..n]),
        8 | 12 | 14 => (two(&d) * 100 + two(&d[2..]), &d[4..n]),
        _ => return None,
    };
    if (year - today.year()).abs() > 100 {
        return None;
    }
    let date = Date::new(year, two(rest) as i8, two(&rest[2..]) as i8).ok()?;
    let (hour, minute) = if rest.len() >= 8 { (two(&rest[4..]), two(&rest[6..])) } else { (0, 0) };
    at(date, hour, minute)
}

/// A date with a time of day; 24:00 is the next day's midnight.
fn at(date: Date, hour: i16, minute: i16) -> Option<LocalTime> {
    if (hour, minute) == (24, 0) {
        return Some(LocalTime(DateTime::from_parts(date.tomorrow().ok()?, Time::midnight())));
    }
    let time = Time::new(hour as i8, minute as i8, 0, 0).ok()?;
    Some(LocalTime(DateTime::from_parts(date, time)))
}

/// PNRGOV's `DDMMYY` and `HHMM`; without a time, midnight stands.
pub(crate) fn local_time_dmy(date: &[u8], time: &[u8], today: Date) -> Option<LocalTime> {
    let date = date_dmy(date, today)?;
    let (t, n) = digits(time)?;
    match n {
        0 => at(date, 0, 0),
        3 => at(date, i16::from(t[0]), two(&t[1..])),
        4 | 6 => at(date, two(&t), two(&t[2..])),
        _ => None,
    }
}

/// `DDMMYY`, the year nearest to `today`.
pub(crate) fn date_dmy(raw: &[u8], today: Date) -> Option<Date> {
    let (d, n) = digits(raw)?;
    let year = match n {
        6 => near(two(&d[4..]), today),
        8 => two(&d[4..]) * 100 + two(&d[6..]),
        _ => return None,
    };
    Date::new(year, two(&d[2..]) as i8, two(&d) as i8).ok()
}

/// How many days lie between a time and a day, whichever is first.
pub(crate) fn days_between(time: LocalTime, day: Date) -> i64 {
    (time.0.date().duration_since(day).as_hours() / 24).abs()
}

/// Of no flight that is written in the right order is the list sent so early, in days.
const EARLIEST: i64 = 180;
/// So near is a flight whose date was meant in another order, in days.
const NEAR_DAYS: i64 = 31;

/// The time that a date in another order was meant as: as it is written, it is none or far from
/// today; in that order, it is near.
pub(crate) fn turned(
    written: Option<LocalTime>,
    in_other_order: impl FnOnce() -> Option<LocalTime>,
    today: Date,
) -> Option<LocalTime> {
    match written {
        Some(time) if days_between(time, today) <= EARLIEST => None,
        _ => in_other_order().filter(|time| days_between(*time, today) <= NEAR_DAYS),
    }
}

/// `DDMMYYHHMM`, as [`local_time`] where the day stands first.
pub(crate) fn local_time_day_first(raw: &[u8], today: Date) -> Option<LocalTime> {
    let (_, n) = digits(raw)?;
    let (day, time) = raw.split_at_checked(if n >= 12 { 8 } else { 6 })?;
    local_time_dmy(day, time, today)
}

/// `YYMMDD` and `HHMM`, as [`local_time_dmy`] where the year stands first.
pub(crate) fn local_time_year_first(date: &[u8], time: &[u8], today: Date) -> Option<LocalTime> {
    let ((d, n), (t, m)) = (digits(date)?, digits(time)?);
    let date = match n {
        6 => Date::new(near(two(&d), today), two(&d[2..]) as i8, two(&d[4..]) as i8).ok()?,
        8 => {
            Date::new(two(&d) * 100 + two(&d[2..]), two(&d[4..]) as i8, two(&d[6..]) as i8).ok()?
        }
        _ => return None,
    };
    match m {
        0 => at(date, 0, 0),
        4 | 6 => at(date, two(&t), two(&t[2..])),
        _ => None,
    }
}

/// A date of a document's text: [`date_dmmmy`], or in digits alone if these are a day in one
/// order only; and whether it is in digits.
pub(crate) fn date_of_docs(
    text: &str,
    century: Century,
    today: Date,
) -> (Option<PartialDate>, bool) {
    let bytes = text.as_bytes();
    if bytes.get(2).is_none_or(|b| !b.is_ascii_digit()) {
        return (date_dmmmy(text, century, today), false);
    }
    let year_first = date_ymd(bytes, century, today);
    let turned: Vec<u8> = match bytes.len() {
        6 => [&bytes[4..], &bytes[2..4], &bytes[..2]].concat(),
        8 => [&bytes[4..], &bytes[2..4], &bytes[..2]].concat(),
        _ => return (year_first, true),
    };
    let date = match (year_first, date_ymd(&turned, century, today)) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    };
    (date, true)
}

/// In which century a two-digit year is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Century {
    /// Not after today: births.
    Past,
    /// Nearest to today: documents.
    Near,
}

impl Century {
    fn year(self, yy: i16, month: i16, day: i16, today: Date) -> i16 {
        match self {
            Century::Near => near(yy, today),
            Century::Past => {
                let year = today.year() - today.year().rem_euclid(100) + yy;
                let (m, d) = (i16::from(today.month()), i16::from(today.day()));
                let future = (year, month, day) > (today.year(), m, d);
                if future { year - 100 } else { year }
            }
        }
    }
}

/// `YYMMDD`, `CCYYMMDD` or `CCYY-MM-DD`. Zeros stand for an unknown day or month.
pub(crate) fn date_ymd(raw: &[u8], century: Century, today: Date) -> Option<PartialDate> {
    let (d, n) = digits(raw)?;
    match n {
        4 => plausible(two(&d) * 100 + two(&d[2..]), 0, 0),
        6 => {
            let (month, day) = (two(&d[2..]), two(&d[4..]));
            plausible(century.year(two(&d), month, day, today), month, day)
        }
        8 => plausible(two(&d) * 100 + two(&d[2..]), two(&d[4..]), two(&d[6..])),
        _ => None,
    }
}

fn plausible(year: i16, month: i16, day: i16) -> Option<PartialDate> {
    if !(1850..=2200).contains(&year) {
        return None;
    }
    match (month, day) {
        (0, _) => Some(PartialDate::year(year)),
        (1..=12, 0) => Some(PartialDate { year, month: Some(month as u8), day: None }),
        _ => PartialDate::ymd(year, month as u8, day as u8),
    }
}

/// `DDMMMYY` or `DDMMMYYYY` with English months, as in SSR DOCS.
pub(crate) fn date_dmmmy(text: &str, century: Century, today: Date) -> Option<PartialDate> {
    let text = trimmed(text);
    // How nearly all are written.
    if let [d @ b'0'..=b'9', e @ b'0'..=b'9', month @ .., y @ b'0'..=b'9', z @ b'0'..=b'9'] =
        text.as_bytes()
        && let Some(month) = month.as_array().and_then(month_of)
    {
        let (day, year) = (two(&[d - b'0', e - b'0']), two(&[y - b'0', z - b'0']));
        return plausible(century.year(year, month, day, today), month, day);
    }
    date_spelt(text, century, today)
}

/// [`date_dmmmy`] of every form, without blanks around it.
fn date_spelt(text: &str, century: Century, today: Date) -> Option<PartialDate> {
    if !text.is_ascii() || !matches!(text.len(), 7 | 9) {
        return date_ymd(text.as_bytes(), century, today);
    }
    let day: i16 = text[..2].parse().ok()?;
    let month = month_of(text.as_bytes()[2..5].as_array()?)?;
    let year: i16 = text[5..].parse().ok()?;
    let year = if text.len() == 7 { century.year(year, month, day, today) } else { year };
    plausible(year, month, day)
}

const MONTHS: [&[u8; 3]; 12] = [
    b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC",
];
/// The months by the sum of their second and third letter, in which no two are alike.
const BY_SUM: [u8; 32] = {
    let (mut table, mut i) = ([0; 32], 0);
    while i < MONTHS.len() {
        let place = sum_of(MONTHS[i]);
        assert!(table[place] == 0, "no two months have one sum");
        table[place] = i as u8 + 1;
        i += 1;
    }
    table
};

const fn sum_of(letters: &[u8; 3]) -> usize {
    (letters[1] as usize + letters[2] as usize) % 32
}

/// The number of a month that is written in three letters.
#[inline]
pub(crate) fn month_of(letters: &[u8; 3]) -> Option<i16> {
    // Without the bit that tells small letters from capitals; what is no letter either way is
    // no letter of a month.
    let letters = letters.map(|b| b & !0x20);
    let number = BY_SUM[sum_of(&letters)];
    let month = MONTHS.get(usize::from(number).wrapping_sub(1))?;
    (**month == letters).then_some(i16::from(number))
}

/// Names joined from parts; blanks squeezed, placeholders out. Also the number of the
/// part, from 0, that had a placeholder.
pub(crate) fn given_names<'a>(parts: impl Iterator<Item = Cow<'a, str>>) -> (Text, Option<usize>) {
    let mut out = Text::new();
    let mut removed = None;
    for (i, part) in parts.enumerate() {
        // Most need nothing but to be put behind one another.
        if is_tidy(&part) {
            match (out.is_empty(), part.is_empty()) {
                (true, _) => out = part.into(),
                (false, true) => {}
                (false, false) => out.push_word(&part),
            }
            continue;
        }
        let mut put = |word: &str| {
            if is_placeholder(word) {
                removed = Some(i);
            } else if out.is_empty() {
                out = word.into();
            } else if !word.is_empty() {
                out.push_word(word);
            }
        };
        match &*part {
            word if word.bytes().all(|b| b.is_ascii_graphic()) => put(word),
            words => words.split_whitespace().for_each(put),
        }
    }
    (out, removed)
}

/// Puts the half of a name that stands in a segment without a tag behind the half that the
/// traveller has: a quote that was not released parted them. Gives whether it was the
/// surname, and what stood behind the half; nothing, if there is no half.
pub(crate) fn put_half<'a>(
    t: &mut Traveller,
    s: &Segment<'a>,
) -> Option<(bool, Vec<Cow<'a, str>>)> {
    let mut parts = s.head();
    let half = parts.remove(0);
    let half = half.trim();
    if half.is_empty() {
        return None;
    }
    let surname = t.given.is_empty();
    let name = if surname { &mut t.surname } else { &mut t.given };
    name.push(s.terminator());
    name.push_str(half);
    Some((surname, parts))
}

/// A name of one part as [`given_names`] makes it, and whether a placeholder was taken out
/// of it. Most names need nothing, and are not copied.
pub(crate) fn one_name(written: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    if is_tidy(&written) {
        return (written, false);
    }
    let (name, removed) = given_names(std::iter::once(written));
    (String::from(name).into(), removed.is_some())
}

/// Whether single blanks alone part its words, and none of these is a placeholder.
fn is_tidy(name: &str) -> bool {
    if eights::all(name.as_bytes(), |e| eights::within(e, b'!', b'~')) {
        return !is_placeholder(name);
    }
    if !eights::all(name.as_bytes(), |e| eights::within(e, b' ', b'~')) {
        return false;
    }
    let mut blanks = [0; MOST_BLANKS];
    let count = places_of(b' ', name, &mut blanks);
    if count == MOST_BLANKS {
        return name.split(' ').all(is_tidy_word);
    }
    let mut start = 0;
    for blank in blanks[..count].iter().copied().chain([name.len()]) {
        if !is_tidy_word(&name[start..blank]) {
            return false;
        }
        start = blank + 1;
    }
    true
}

/// Names with as many blanks are split by a search for each.
const MOST_BLANKS: usize = 8;

fn is_tidy_word(word: &str) -> bool {
    !word.is_empty() && !is_placeholder(word)
}

/// [`str::trim`], quick where there is nothing to trim.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Writes down where a byte of ASCII stands, as far as there is room, and says how often that
/// was. In texts of a few words a comparison of eight bytes at once is several times quicker
/// than a search for each.
#[inline]
pub(crate) fn places_of(byte: u8, text: &str, places: &mut [usize]) -> usize {
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    let mut count = 0;
    for (i, eight) in eights.iter().enumerate() {
        let mut found = eights::within(u64::from_le_bytes(*eight), byte, byte);
        while found != 0 {
            let Some(place) = places.get_mut(count) else { return count };
            *place = i * 8 + found.trailing_zeros() as usize / 8;
            count += 1;
            found &= found - 1;
        }
    }
    for (i, _) in rest.iter().enumerate().filter(|(_, b)| **b == byte) {
        let Some(place) = places.get_mut(count) else { return count };
        *place = eights.len() * 8 + i;
        count += 1;
    }
    count
}

/// Words that senders put where a name is not known.
pub(crate) fn is_placeholder(word: &str) -> bool {
    match word.as_bytes() {
        [b'-' | b'.'] => true,
        [a, b, c] => matches!(
            [a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()],
            [b'F' | b'L', b'N', b'U'] | [b'X', b'X', b'X']
        ),
        [b'X', b'X', rest @ ..] => rest.len() > 1 && rest.iter().all(|b| *b == b'X'),
        _ => false,
    }
}

/// A document number: upper case, blanks out.
pub(crate) fn document_number(text: &str) -> Text {
    let plain = |e| eights::within(e, b'A', b'Z') | eights::within(e, b'0', b'9');
    if eights::all(text.as_bytes(), plain) {
        return text.into();
    }
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// Whether a document's number has letters, digits and hyphens alone.
pub(crate) fn is_number(text: &str) -> bool {
    let plain = |e| eights::within(e, b'A', b'Z') | eights::within(e, b'0', b'9');
    eights::all(text.as_bytes(), plain)
        || text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The codes of PAXLST DOC 1001 and of SSR DOCS.
pub(crate) fn document_kind(raw: &[u8]) -> DocumentKind {
    match raw {
        b"P" | b"PP" | b"PD" | b"PO" | b"PS" | b"PN" | b"PE" => DocumentKind::Passport,
        b"IP" => DocumentKind::PassportCard,
        b"A" | b"C" | b"I" | b"ID" => DocumentKind::IdentityCard,
        b"V" => DocumentKind::Visa,
        b"AC" => DocumentKind::CrewCertificate,
        b"L" => DocumentKind::PilotLicence,
        b"F" | b"T" | b"M" | b"G" | b"K" => DocumentKind::Other,
        _ => DocumentKind::Unknown,
    }
}

/// The code for a kind of document, as both message families write it.
pub(crate) fn document_code(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Passport => "P",
        DocumentKind::PassportCard => "IP",
        DocumentKind::IdentityCard => "I",
        DocumentKind::Visa => "V",
        DocumentKind::CrewCertificate => "AC",
        DocumentKind::PilotLicence => "L",
        DocumentKind::Other => "T",
        DocumentKind::Unknown => "",
    }
}

/// `M`, `F`, `U`, `X`, and the infants' `MI`, `FI`; `None` for anything else.
pub(crate) fn sex(raw: &[u8]) -> Option<Sex> {
    match raw {
        b"M" | b"m" | b"MI" => Some(Sex::Male),
        b"F" | b"f" | b"FI" => Some(Sex::Female),
        b"U" | b"u" | b"" | b"UI" => Some(Sex::Unknown),
        b"X" | b"x" | b"XI" => Some(Sex::Unspecified),
        _ => None,
    }
}

/// The letter of a sex.
pub(crate) fn sex_code(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "M",
        Sex::Female => "F",
        Sex::Unknown => "U",
        Sex::Unspecified => "X",
    }
}

/// A country, without allocating for the common writing.
pub(crate) fn country(text: &str) -> Option<Country> {
    Country::parse(text)
}

/// How many elements or components of one segment are looked at. A segment made to
/// hurt has millions; none that means something has more than this.
pub(crate) const fn few(count: usize) -> usize {
    if count < 99 { count } else { 99 }
}

/// An airport code, upper case; the old dialect's country before it (`NZAKL`) goes.
pub(crate) fn airport(text: &str) -> Text {
    let code = text.trim();
    let code = if code.len() == 5 && code.is_ascii() { &code[2..] } else { code };
    let mut code = Text::from(code);
    code.make_ascii_uppercase();
    code
}

/// The letters and digits of a name, upper case: what two writings of it in one message
/// have in common.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase)
}

/// The letters and digits of a name as one word.
pub(crate) fn plain(text: &str) -> String {
    letters(text).collect()
}

/// Whether two writings have the same letters and digits.
pub(crate) fn same_letters(a: &str, b: &str) -> bool {
    a == b || letters(a).eq(letters(b))
}

/// Whether `text` begins with the letters of `head`.
pub(crate) fn begins_like(text: &str, head: &str) -> bool {
    if text.starts_with(head) {
        return true;
    }
    let mut text = letters(text);
    letters(head).all(|c| text.next() == Some(c))
}

/// Titles that PNRs put behind given names.
const TITLES: [&str; 8] = ["MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "CHD"];

/// Given names without a title that stands as its own last word, or is glued on
/// (`JOHNMR`, only for titles that end no common name, and if three letters stay).
pub(crate) fn without_title(given: &str) -> &str {
    let given = trimmed(given);
    // Every title ends with one of these; most names do not.
    if !given.bytes().last().is_some_and(|b| matches!(b | 0x20, b'd' | b'f' | b'r' | b's')) {
        return given;
    }
    if let Some((rest, last)) = given.rsplit_once(' ')
        && TITLES.iter().any(|t| t.eq_ignore_ascii_case(last))
    {
        return rest.trim_end();
    }
    for title in ["MSTR", "MISS", "MRS", "MR"] {
        if let Some(rest) = given.strip_suffix(title)
            && rest.len() >= 3
            && !rest.ends_with(' ')
        {
            return rest;
        }
    }
    given
}

#[cfg(test)]
mod tests;
