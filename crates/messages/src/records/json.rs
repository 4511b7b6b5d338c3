//! JSON: an object with the flight and `travellers` (or `passengers`, `crew`), each an
//! object whose keys are those of [`super::FIELDS`]; `documents` holds several.
//!
//! What is broken is read up to the break, and behind it everybody who stands there as an
//! object that is whole.

use std::collections::HashMap;

use edifact::{Mode, Span};
use jiff::civil::Date;
use serde_json::{Map, Value};
use travel::{Dataset, Kind};

use super::once::{self, Once};
use super::{Collector, field, function};
use crate::codes;
use crate::reading::{Envelope, Finding, Format, Reading};

/// Keys under which people stand, and what they are when they do not say.
const PEOPLE: [(&str, Kind); 3] =
    [("travellers", Kind::Passenger), ("passengers", Kind::Passenger), ("crew", Kind::Crew)];

/// Whether it is JSON that names people.
pub(crate) fn names_people(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1 << 20)];
    let holds = |word: &str| {
        let quoted = format!("\"{word}\"");
        memchr::memmem::find(head, quoted.as_bytes()).is_some()
    };
    PEOPLE.iter().any(|(key, _)| holds(key))
        || SURNAMES.iter().any(|key| holds(key))
        || (head.first() == Some(&b'[')
            && keys(head).any(|k| field(k) == Some(super::Field::Surname)))
}

/// How much of a list is looked at for a key that names somebody.
const HEAD: usize = 64 << 10;

/// Where the values of the keys stand that `which` names.
pub(crate) fn values_of(source: &str, which: impl Fn(&str) -> bool) -> Vec<Span> {
    let bytes = source.as_bytes();
    let (mut spans, mut at): (Vec<Span>, usize) = (Vec::new(), 0);
    while let Some(quote) = memchr::memchr(b'"', bytes.get(at..).unwrap_or_default()) {
        let start = at + quote;
        at = end_of_value(bytes, start).max(start + 1);
        let colon = skip_blank(bytes, at);
        let key = source.get(start..at).unwrap_or_default().trim_matches('"');
        if bytes.get(colon) == Some(&b':') && which(key) {
            let value = skip_blank(bytes, colon + 1);
            let span = Span { start: value, end: end_of_value(bytes, value).max(value) };
            at = span.end.max(at);
            spans.push(span);
        }
    }
    spans
}

/// The texts before a colon.
fn keys(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let bytes = &bytes[..bytes.len().min(HEAD)];
    let mut quotes = memchr::memchr_iter(b'"', bytes);
    let mut open: Option<usize> = None;
    std::iter::from_fn(move || {
        for at in quotes.by_ref() {
            match open.take() {
                Some(start) if bytes[at + 1..].trim_ascii_start().first() == Some(&b':') => {
                    return std::str::from_utf8(&bytes[start..at]).ok().or(Some(""));
                }
                Some(_) => {}
                None => open = Some(at + 1),
            }
        }
        None
    })
}

/// Keys that a list of people alone is known by.
const SURNAMES: [&str; 5] = ["surname", "last_name", "lastName", "family_name", "familyName"];

/// Reads a document.
pub(crate) fn read(
    bytes: &[u8],
    mode: Mode,
    (received_on, month_first): (Date, Option<bool>),
) -> Reading {
    let text = super::decoded(bytes);
    let source = text.trim_start_matches('\u{feff}');
    let mark = text.len() - source.len();
    let mut findings = Vec::new();
    let parsed = once::parse(source);
    let (value, broken) = match parsed {
        Ok(value) => (value, None),
        Err(error) => {
            let at = place(source, error.line(), error.column());
            (before_break(source, at.start), Some(at))
        }
    };
    // Places behind the break are not told by counting brackets.
    let readable = broken.and_then(|at| source.get(..at.start)).unwrap_or(source);
    let mut collector = Collector::new(received_on, month_first, &mut findings);
    let mut word = String::new();
    let mut envelope = Envelope::default();
    match &value {
        Value::Object(list) => {
            word = text_of(list.get("function")).unwrap_or_default();
            collector.report.function = function(&word).unwrap_or_default();
            if text_of(list.get("type")).is_some_and(|t| t.eq_ignore_ascii_case("pnr")) {
                collector.report.dataset = Dataset::Pnr;
            }
            envelope.sender = text_of(list.get("sender")).unwrap_or_default();
            envelope.recipient = text_of(list.get("recipient")).unwrap_or_default();
            envelope.reference = text_of(list.get("reference")).unwrap_or_default();
            collector.report.reference = envelope.reference.as_str().into();
            flights(list, readable, &mut collector);
            for (key, kind) in PEOPLE {
                if let Some(Value::Array(people)) = list.get(key) {
                    let spans = members(readable, key).flat_map(|at| elements(readable, at));
                    each(people, (readable, &spans.collect::<Vec<_>>()), kind, &mut collector);
                }
            }
        }
        Value::Array(people) => {
            each(people, (readable, &elements(readable, 0)), Kind::Passenger, &mut collector);
        }
        _ => {}
    }
    keys_once(readable, 0, &mut collector);
    if let Some(at) = broken {
        behind_break(source, at.start, &mut collector);
    }
    let report = collector.finish();
    let nothing = report.travellers.is_empty() && report.flights.is_empty();
    if let Some(at) = broken {
        // What is not there may stand behind the break: only the break is to be mended.
        let missing = [codes::NO_FLIGHT, codes::NOBODY].map(|c| c.code);
        findings.retain(|f| !missing.contains(&f.code.as_str()));
        findings.push(Finding::new(codes::JSON_SYNTAX, at, around(source, at.start)));
    }
    findings.sort_by_key(|f| f.span.start);
    crate::pnrgov::xml::places_in_bytes(&mut findings, &text, mark, bytes.len());
    let mut reading = super::reading(Format::Json, mode, envelope, word, report, findings);
    if broken.is_some() {
        // The break comes first, wherever it is: the rest may be its doing.
        reading.findings.sort_by_key(|f| f.code != codes::JSON_SYNTAX.code);
        reading.messages.iter_mut().for_each(|m| m.cut_off = true);
    }
    if broken.is_some() && nothing {
        reading.messages.clear();
        reading.fatal = true;
    }
    reading
}

/// Says where a key stands twice in one object of a text that begins at `from`.
fn keys_once(text: &str, from: usize, collector: &mut Collector<'_>) {
    for span in once::repeated_keys(text) {
        let key = text[span.start..span.end].trim_matches('"');
        collector.sink.push(Finding::new(codes::KEY_TWICE, span.behind(from), key));
    }
}

/// What stands at the break.
fn around(source: &str, at: usize) -> String {
    source.get(at..).unwrap_or_default().chars().take(20).collect()
}

/// Deeper than any list; what is nested deeper is not read by the parser either.
const DEEPEST: usize = 100;

/// The document up to a break, with what is open there closed behind its last whole value.
fn before_break(source: &str, end: usize) -> Value {
    let (mut open, mut closers): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let (mut cut, mut in_text, mut escaped) = (0, false, false);
    // Whether a text that ends is a value, and no key.
    let mut is_value = false;
    for (i, byte) in source.bytes().enumerate().take(end) {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if in_text => escaped = true,
            b'"' => {
                in_text = !in_text;
                let in_list = open.last() == Some(&b']');
                if !in_text && (is_value || in_list) && open.len() <= DEEPEST {
                    (cut, is_value) = (i + 1, false);
                    closers.clone_from(&open);
                }
            }
            _ if in_text => {}
            b':' => is_value = true,
            b'{' => {
                is_value = false;
                open.push(b'}');
            }
            b'[' => open.push(b']'),
            b',' if open.len() <= DEEPEST => {
                (cut, is_value) = (i, false);
                closers.clone_from(&open);
            }
            b'}' | b']' => {
                open.pop();
                if open.len() < DEEPEST {
                    cut = i + 1;
                    closers.clone_from(&open);
                }
            }
            _ => {}
        }
    }
    closers.reverse();
    let closers = String::from_utf8(closers).unwrap_or_default();
    let whole = source.get(..cut).map(|before| format!("{before}{closers}"));
    whole.and_then(|text| once::parse(&text).ok()).unwrap_or(Value::Null)
}

/// No person's object is longer, in bytes.
const LONGEST_PERSON: usize = 64 << 10;
/// How often over, at most, what stands behind a break is looked at: objects in objects are
/// tried one after the other, and a text made to hurt has them nested everywhere.
const MOST_OFTEN: usize = 16;

/// Whoever stands behind a break as an object of their own, as what the last key of people
/// before them says.
fn behind_break(source: &str, from: usize, collector: &mut Collector<'_>) {
    let Some(behind) = source.get(from..) else { return };
    let mut room = (behind.len() * MOST_OFTEN).max(LONGEST_PERSON);
    let (mut at, mut told) = (from, 0);
    let mut kind = Kind::Passenger;
    while let Some(next) = memchr::memchr(b'{', &source.as_bytes()[at..]) {
        at += next;
        kind = last_key(&source.as_bytes()[told..at]).unwrap_or(kind);
        told = at;
        let end = source.floor_char_boundary(at + LONGEST_PERSON);
        let mut values = serde_json::Deserializer::from_str(&source[at..end]).into_iter::<Once>();
        let value = values.next();
        let looked_at = match &value {
            Some(Err(error)) => place(&source[at..end], error.line(), error.column()).end,
            _ => values.byte_offset(),
        };
        let surname = |key: &String| field(key) == Some(super::Field::Surname);
        match value {
            Some(Ok(Once(Value::Object(person)))) if person.keys().any(surname) => {
                let span = Span { start: at, end: at + values.byte_offset() };
                each(&[Value::Object(person)], (source, &[span]), kind, collector);
                keys_once(&source[at..span.end], at, collector);
                at = span.end;
            }
            _ => at += 1,
        }
        if room < looked_at {
            let span = Span { start: at, end: (at + 1).min(source.len()) };
            return collector.sink.push(Finding::new(codes::MANY, span, ""));
        }
        room -= looked_at;
    }
}

/// What they are who stand behind the last key of people in a stretch.
fn last_key(stretch: &[u8]) -> Option<Kind> {
    let find = |(key, kind): (&str, Kind)| {
        let quoted = format!("\"{key}\"");
        let is_key = |at: &usize| {
            let behind = stretch[at + quoted.len()..].trim_ascii_start();
            behind.first() == Some(&b':')
        };
        let found = memchr::memmem::rfind_iter(stretch, quoted.as_bytes()).find(is_key);
        found.map(|at| (at, kind))
    };
    PEOPLE.into_iter().filter_map(find).max_by_key(|(at, _)| *at).map(|(_, kind)| kind)
}

/// `flight` is an object, or a designator beside keys of its own; `legs` are several.
fn flights(list: &Map<String, Value>, source: &str, collector: &mut Collector<'_>) {
    let at = members(source, "flight").next().unwrap_or(0);
    let span = Span { start: at, end: end_of_value(source.as_bytes(), at) };
    let flight = match list.get("flight") {
        Some(Value::Object(flight)) => flight,
        _ => list,
    };
    let legs = match flight.get("legs") {
        Some(Value::Array(legs)) => legs.as_slice(),
        _ => &[],
    };
    let own = |collector: &mut Collector<'_>| {
        collector.flight(span);
        for (key, value) in flight {
            if let Some(text) = text_of(Some(value)) {
                // In the flight's own object `number` is the flight's.
                let about = if key == "number" { Some(super::Field::Flight) } else { field(key) };
                if let Some(about) = about.filter(is_of_flight) {
                    collector.put(about, &text, span);
                }
            }
        }
    };
    own(collector);
    if legs.is_empty() {
        return collector.close_flight();
    }
    for leg in legs {
        own(collector);
        for (key, value) in leg.as_object().into_iter().flatten() {
            if let (Some(text), Some(about)) = (text_of(Some(value)), field(key)) {
                collector.put(about, &text, span);
            }
        }
        collector.close_flight();
    }
}

fn is_of_flight(field: &super::Field) -> bool {
    use super::Field::{Arrives, Carrier, Departs, Flight, From, To};
    matches!(field, Carrier | Flight | From | To | Departs | Arrives)
}

/// Puts down people, who stand in these places of the source.
fn each(
    people: &[Value],
    (source, spans): (&str, &[Span]),
    kind: Kind,
    collector: &mut Collector<'_>,
) {
    for (i, person) in people.iter().enumerate() {
        let span = spans.get(i).copied().unwrap_or_default();
        let Value::Object(person) = person else {
            collector.sink.push(Finding::new(codes::JSON_SYNTAX, span, ""));
            continue;
        };
        collector.person(span);
        if let Some(t) = collector.report.travellers.last_mut() {
            t.kind = kind;
        }
        let places = Places::of(source, span);
        for (key, value) in person {
            let span = places.of_value(key);
            match (key.as_str(), value) {
                ("documents", Value::Array(documents)) => {
                    let spans = elements(source, span.start);
                    for (i, one) in documents.iter().enumerate() {
                        let span = spans.get(i).copied().unwrap_or(span);
                        document(one, (source, span), collector);
                    }
                }
                ("document", one) => document(one, (source, span), collector),
                (_, Value::Array(values)) => {
                    let texts = values.iter().filter_map(|v| text_of(Some(v)));
                    texts.for_each(|text| put(key, &text, span, collector));
                }
                _ => {
                    if let Some(text) = text_of(Some(value)) {
                        put(key, &text, span, collector);
                    }
                }
            }
        }
    }
}

fn put(key: &str, text: &str, span: Span, collector: &mut Collector<'_>) {
    match field(key).or_else(|| field(key.trim_end_matches('s'))) {
        Some(field) => collector.put(field, text, span),
        None => collector.sink.push(Finding::new(codes::COLUMN_UNKNOWN, span, key)),
    }
}

/// Where the values of an object stand.
struct Places<'s> {
    object: Span,
    /// By their keys, as written.
    values: HashMap<&'s str, Span>,
}

impl<'s> Places<'s> {
    fn of(source: &'s str, object: Span) -> Self {
        let mut values = HashMap::new();
        let bytes = source.as_bytes().get(..object.end).unwrap_or_default();
        let mut at = skip_blank(bytes, object.start) + 1;
        while at < bytes.len() {
            at = skip_blank(bytes, at);
            let end = end_of_value(bytes, at);
            let start = skip_blank(bytes, skip_blank(bytes, end) + 1);
            let value = Span { start, end: end_of_value(bytes, start).max(start) };
            let key = source.get(at..end).unwrap_or_default().trim_matches('"');
            values.entry(key).or_insert(value);
            at = skip_blank(bytes, value.end).max(at) + 1;
        }
        Self { object, values }
    }

    /// The value of that key; of one that is written otherwise, the object.
    fn of_value(&self, key: &str) -> Span {
        self.values.get(key).copied().unwrap_or(self.object)
    }
}

fn document(value: &Value, (source, span): (&str, Span), collector: &mut Collector<'_>) {
    let Value::Object(document) = value else { return };
    collector.document();
    let places = Places::of(source, span);
    for (key, value) in document {
        let span = places.of_value(key);
        let Some(text) = text_of(Some(value)) else { continue };
        let about = match key.as_str() {
            "kind" | "type" => Some(super::Field::DocumentKind),
            _ => field(key),
        };
        match about {
            Some(field) => collector.put(field, &text, span),
            None => collector.sink.push(Finding::new(codes::COLUMN_UNKNOWN, span, key)),
        }
    }
}

fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The place of a line and column, both counted from 1.
fn place(source: &str, line: usize, column: usize) -> Span {
    let before: usize =
        source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let start = (before + column.saturating_sub(1)).min(source.len());
    Span { start, end: (start + 1).min(source.len()) }
}

/// Where the values of the members of the outermost object begin that have this key.
fn members<'s>(source: &'s str, key: &str) -> impl Iterator<Item = usize> + 's {
    let bytes = source.as_bytes();
    let quoted = format!("\"{key}\"");
    let mut at = skip_blank(bytes, 0) + 1;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            at = skip_blank(bytes, at);
            let end = end_of_value(bytes, at);
            let value = skip_blank(bytes, skip_blank(bytes, end) + 1);
            let is_it = bytes[at..].starts_with(quoted.as_bytes());
            at = skip_blank(bytes, end_of_value(bytes, value)) + 1;
            if is_it {
                return Some(value);
            }
        }
        None
    })
}

/// Where the elements of the array lie that begins at `at`.
fn elements(source: &str, at: usize) -> Vec<Span> {
    let bytes = source.as_bytes();
    let mut at = skip_blank(bytes, skip_blank(bytes, at) + 1);
    let mut out = Vec::new();
    while at < bytes.len() && bytes[at] != b']' {
        let end = end_of_value(bytes, at);
        out.push(Span { start: at, end });
        at = skip_blank(bytes, skip_blank(bytes, end) + 1);
    }
    out
}

fn skip_blank(bytes: &[u8], at: usize) -> usize {
    let from = at.min(bytes.len());
    from + bytes[from..].iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// One past the value that begins at `at`. The text was parsed before.
fn end_of_value(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut in_text, mut i) = (0usize, false, at.min(bytes.len()));
    while i < bytes.len() {
        match (bytes[i], in_text) {
            (b'\\', true) => i += 1,
            (b'"', _) => {
                in_text = !in_text;
                if !in_text && depth == 0 {
                    return i + 1;
                }
            }
            (b'{' | b'[', false) => depth += 1,
            (b'}' | b']', false) if depth <= 1 => return i + usize::from(depth == 1),
            (b'}' | b']', false) => depth -= 1,
            (b',' | b':', false) if depth == 0 => return i,
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}
