//! What was wrong with what carriers sent: each fault as `passerelle check` tells it, and
//! the quality of a carrier's messages over time.
//!
//! Code, place, sentence and advice name nobody. What stands at the place may: it is a
//! carrier's text, and is shown to those alone who may open records, with an event.

use std::collections::HashMap;

use audit::{Digest, Event};
use edifact::{Severity, Span};
use jiff::{Timestamp, tz::TimeZone};
use messages::Finding;
use serde::Serialize;
use store::{Quality, Store, StoreError, rows::Submission};

use crate::{Api, Caller, Error, Operation, queries};

/// Longest stretch of a line that is shown, in characters.
pub const SHOWN: usize = 76;
/// So many of the others of one kind are placed.
const PLACED: usize = 8;
/// Weeks of the quality's picture.
pub const WEEKS: usize = 26;

/// A submission in which something was to be mended.
#[derive(Clone, Debug, Serialize)]
pub struct SubmissionLine {
    /// Its id.
    pub id: String,
    /// The carrier's designator.
    pub carrier: String,
    /// When it came.
    pub received_at: Timestamp,
    /// How long it is.
    pub bytes: u64,
    /// Faults and findings that its carrier was told of, notes not counted.
    pub faults: u32,
    /// Lists that were kept of it.
    pub lists: u32,
    /// Whether it was turned away.
    pub rejected: bool,
    /// How often the same came again.
    pub repeats: u32,
}

/// Faults of one kind at one kind of place.
#[derive(Clone, Serialize)]
pub struct FaultView {
    /// `fatal`, `error`, `warning`, `note`.
    pub severity: &'static str,
    /// The standard's code, or one of ours.
    pub code: String,
    /// What is wrong, in a sentence.
    pub text: String,
    /// What should stand there; empty when there is no telling.
    pub expected: String,
    /// What to do about it.
    pub advice: &'static str,
    /// How often.
    pub times: usize,
    /// Where the first is: line, byte, segment, element.
    pub place: String,
    /// Where others are.
    pub others: Vec<String>,
    /// What stands at the first place, and the text around it with carets below; only for
    /// those who opened the submission.
    pub shown: Option<FaultText>,
}

/// The carrier's own text at a fault.
#[derive(Clone, Serialize)]
pub struct FaultText {
    /// What stands there.
    pub found: String,
    /// The line or segment around it: before, at, and behind the place.
    pub around: [String; 3],
}

/// A submission with its faults.
#[derive(Clone, Serialize)]
pub struct SubmissionPage {
    /// What the table says of it.
    pub line: SubmissionLine,
    /// Digest of its bytes.
    pub digest: String,
    /// Its faults, those of one kind together.
    pub faults: Vec<FaultView>,
    /// Whether the carrier's text is shown.
    pub opened: bool,
    /// Why the original can no longer be read.
    pub gone: Option<String>,
}

/// What a carrier's messages were worth.
#[derive(Clone, Debug, Serialize)]
pub struct QualityLine {
    /// Its designator.
    pub carrier: String,
    /// Its name.
    pub name: String,
    /// Messages in that time.
    pub messages: u64,
    /// Those of them that were turned away.
    pub rejected: u64,
    /// Faults and findings.
    pub faults: u64,
    /// Travellers on its lists.
    pub travellers: u64,
    /// 0 to 100, as `passerelle carrier list` has it; `None` when nothing came.
    pub score: Option<u8>,
    /// The score of each week, the oldest first; `None` where nothing came.
    pub by_week: Vec<Option<u8>>,
}

impl Api {
    /// Submissions with faults, the newest first: of one carrier, or of all.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn submissions(
        &self,
        caller: &Caller,
        carrier: Option<&str>,
        (start, limit): (u32, u32),
    ) -> Result<Vec<SubmissionLine>, Error> {
        caller.demand(Operation::Findings)?;
        Ok(queries::faulty(&self.store, carrier, (start, limit.min(500)))?)
    }

    /// A submission with its faults, without the carrier's text.
    ///
    /// # Errors
    /// No such submission; rights; the store.
    pub fn submission(&self, caller: &Caller, id: &str) -> Result<SubmissionPage, Error> {
        caller.demand(Operation::Findings)?;
        self.faults_of(&self.sent(id)?, false)
    }

    /// The same with the text, underlined. That it was opened is in the log first.
    ///
    /// # Errors
    /// No such submission; rights; the store.
    pub fn open_submission(
        &self,
        caller: &Caller,
        id: &str,
        at: Timestamp,
    ) -> Result<SubmissionPage, Error> {
        caller.demand(Operation::OpenSubmission)?;
        let row = self.sent(id)?;
        let submission = Digest::parse(&row.digest)
            .ok_or(Error::Ours("a stored submission has no digest".into()))?;
        self.commit(caller, Vec::new(), vec![Event::SubmissionOpened { submission }], at)?;
        self.faults_of(&row, true)
    }

    fn sent(&self, id: &str) -> Result<Submission, Error> {
        let missing = || Error::Missing { what: "submission", id: id.to_owned() };
        self.store.submission(id)?.ok_or_else(missing)
    }

    fn faults_of(&self, row: &Submission, opened: bool) -> Result<SubmissionPage, Error> {
        let line = SubmissionLine {
            id: row.id.clone(),
            carrier: row.carrier.clone(),
            received_at: row.received_at,
            bytes: row.bytes,
            faults: row.faults,
            lists: row.lists,
            rejected: row.lists == 0 && row.status != 200,
            repeats: row.repeats,
        };
        let mut page = SubmissionPage {
            line,
            digest: row.digest.clone(),
            faults: Vec::new(),
            opened,
            gone: None,
        };
        let bytes = match self.store.open_original(row).map_err(Error::from) {
            Ok(bytes) => bytes,
            Err(Error::Gone(why)) => return Ok(SubmissionPage { gone: Some(why), ..page }),
            Err(e) => return Err(e),
        };
        let day = row.received_at.to_zoned(TimeZone::UTC).date();
        let reading =
            messages::read_on(&bytes, self.office.reading_mode(), day, &self.office.terms());
        let lines = Lines::of(&bytes);
        let hidden = if opened { messages::hidden(&bytes, reading.format) } else { Vec::new() };
        page.faults = groups(&reading.findings)
            .iter()
            .map(|alike| view(alike, &lines, opened.then_some((&*bytes, &*hidden))))
            .collect();
        Ok(page)
    }

    /// What each carrier's messages of the last [`WEEKS`] weeks were worth.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn quality(&self, caller: &Caller, at: Timestamp) -> Result<Vec<QualityLine>, Error> {
        caller.demand(Operation::Findings)?;
        Ok(quality_by_week(&self.store, at)?)
    }
}

fn quality_by_week(store: &Store, at: Timestamp) -> Result<Vec<QualityLine>, StoreError> {
    let (weeks, first) = queries::quality_by_week(store, at, WEEKS as i64)?;
    let mut found: HashMap<String, Vec<(i64, Quality)>> = HashMap::new();
    for (week, quality) in weeks {
        found.entry(quality.carrier.clone()).or_default().push((week, quality));
    }
    let line = |c: store::rows::Carrier| {
        let mut all = Quality { carrier: c.id.clone(), ..Quality::default() };
        let mut by_week = vec![None; WEEKS];
        for (week, q) in found.remove(&c.id).unwrap_or_default() {
            all.messages += q.messages;
            all.rejected += q.rejected;
            all.faults += q.faults;
            all.travellers += q.travellers;
            if let Some(place) = by_week.get_mut((week - first) as usize) {
                *place = q.score();
            }
        }
        QualityLine {
            score: all.score(),
            carrier: c.id,
            name: c.name,
            messages: all.messages,
            rejected: all.rejected,
            faults: all.faults,
            travellers: all.travellers,
            by_week,
        }
    };
    Ok(store.carriers()?.into_iter().map(line).collect())
}

fn view(alike: &[&Finding], lines: &Lines, bytes: Option<(&[u8], &[Span])>) -> FaultView {
    let [first, others @ ..] = alike else { unreachable!("a group has a first finding") };
    let text = |(bytes, hidden): (&[u8], &[Span])| {
        let around = around(bytes, first.span, hidden).unwrap_or_default();
        FaultText { found: first.found.clone(), around }
    };
    let place = |f: &Finding| format!("{}{}", lines.place(f.span.start), within(f));
    FaultView {
        severity: first.severity.name(),
        code: first.code.clone(),
        text: first.text.clone(),
        expected: first.expected.clone(),
        advice: first.advice,
        times: alike.len(),
        place: place(first),
        others: others.iter().take(PLACED).map(|f| place(f)).collect(),
        shown: bytes.map(text),
    }
}

/// Where the lines of a text begin.
pub struct Lines(Vec<usize>);

impl Lines {
    /// The lines of a text.
    pub fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at).collect())
    }

    /// `line 26, byte 442`; the byte alone in a text of one line. Both count from 1, as
    /// editors do.
    pub fn place(&self, at: usize) -> String {
        let line = self.0.partition_point(|end| *end < at);
        match self.0.len() {
            0 | 1 => format!("byte {}", at + 1),
            _ => format!("line {}, byte {}", line + 1, at + 1),
        }
    }
}

/// What is worth telling: of a transmission that was cut off, not that its trailers are
/// missing as well.
pub fn told(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let cut_off = findings.iter().any(|f| f.code == "P-CUT-OFF");
    let trailer = |f: &Finding| f.code == "13" && ["UNT", "UNE", "UNZ"].contains(&&*f.expected);
    findings.iter().filter(move |f| !(cut_off && trailer(f)))
}

/// Findings of one kind at one kind of place, in the order of the first of each.
pub fn groups(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    type Kind<'a> = ([&'a str; 3], Severity, Option<usize>, Option<usize>);
    fn kind(f: &Finding) -> Kind<'_> {
        ([&f.code, &f.text, &f.expected], f.severity, f.element, f.component)
    }
    let mut at: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in told(findings) {
        let index = *at.entry(kind(finding)).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// `, segment 25, element 1, component 1, traveller 3`.
pub fn within(f: &Finding) -> String {
    let parts = [("segment", f.segment), ("element", f.element), ("component", f.component)];
    let mut place = String::new();
    if let Some(message) = f.message.filter(|m| *m > 0) {
        place += &format!(", message {}", message + 1);
    }
    for (what, n) in parts {
        if let Some(n) = n {
            place += &format!(", {what} {n}");
        }
    }
    if let Some(traveller) = f.traveller {
        place += &format!(", traveller {}", traveller + 1);
    }
    place
}

/// The segment or line around a span: what stands before it, in it, and behind. Control
/// characters are dots, so that nothing in a file can write to a terminal; so is what stands at
/// `hidden` ([`messages::hidden`]), but for the signs in it: it may reveal what must not be
/// shown (EU-30).
pub fn around(bytes: &[u8], span: Span, hidden: &[Span]) -> Option<[String; 3]> {
    if bytes.is_empty() || span.start > bytes.len() {
        return None;
    }
    let breaks = |b: &u8| matches!(b, b'\n' | b'\r' | b'\'');
    let before = &bytes[..span.start];
    let window = before.len().saturating_sub(SHOWN / 2);
    let start = before[window..].iter().rposition(breaks).map_or(window, |i| window + i + 1);
    let most = (start + SHOWN).min(bytes.len());
    let from = span.end.clamp(span.start, most);
    let end = bytes[from..most].iter().position(breaks).map_or(most, |i| from + i + 1);
    let stop = span.end.clamp(span.start, end);
    let mut line = bytes[start..end].to_vec();
    let first = hidden.partition_point(|h| h.end <= start);
    for h in hidden[first..].iter().take_while(|h| h.start < end) {
        let (from, to) = (h.start.max(start) - start, h.end.min(end) - start);
        let words = line[from..to].iter_mut();
        words.filter(|b| !b.is_ascii_punctuation()).for_each(|b| *b = 0);
    }
    let shown = |b: &[u8]| -> String {
        String::from_utf8_lossy(b).chars().map(|c| if c.is_control() { '·' } else { c }).collect()
    };
    let (at, behind) = (span.start - start, stop - start);
    Some([&line[..at], &line[at..behind], &line[behind..]].map(shown))
}
