//! JSON: an object with the flight and `travellers` (or `passengers`, `crew`), each an
//! object whose keys are those of [`super::FIELDS`]; `documents` holds several.
//!
//! What is broken is read up to the break, and behind it everybody who stands there as an
//! object that is whole.

use edifact::{Mode, Span};
use jiff::civil::Date;
use serde_json::{Map, Value};
use travel::{Dataset, Kind};

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
    PEOPLE.iter().any(|(key, _)| holds(key)) || holds("surname")
}

/// Reads a document.
pub(crate) fn read(bytes: &[u8], mode: Mode, received_on: Date) -> Reading {
    let text = super::decoded(bytes);
    let source = text.trim_start_matches('\u{feff}');
    let mark = text.len() - source.len();
    let mut findings = Vec::new();
    let parsed = serde_json::from_str::<Value>(source);
    let (value, broken) = match parsed {
        Ok(value) => (value, None),
        Err(error) => {
            let at = place(source, error.line(), error.column());
            (before_break(source, at.start), Some(at))
        }
    };
    // Places behind the break are not told by counting brackets.
    let readable = broken.and_then(|at| source.get(..at.start)).unwrap_or(source);
    let mut collector = Collector::new(received_on, &mut findings);
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
                    let spans = member(readable, key).map(|at| elements(readable, at));
                    each(people, &spans.unwrap_or_default(), kind, &mut collector);
                }
            }
        }
        Value::Array(people) => {
            each(people, &elements(readable, 0), Kind::Passenger, &mut collector);
        }
        _ => {}
    }
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

/// What stands at the break.
fn around(source: &str, at: usize) -> String {
    source.get(at..).unwrap_or_default().chars().take(20).collect()
}

/// The document up to a break, with what is open there closed behind its last whole value.
fn before_break(source: &str, end: usize) -> Value {
    let (mut open, mut closers): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let (mut cut, mut in_text, mut escaped) = (0, false, false);
    for (i, byte) in source.bytes().enumerate().take(end) {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b',' => (cut, closers) = (i, open.clone()),
            b'}' | b']' => {
                open.pop();
                (cut, closers) = (i + 1, open.clone());
            }
            _ => {}
        }
    }
    closers.reverse();
    let closers = String::from_utf8(closers).unwrap_or_default();
    let whole = source.get(..cut).map(|before| format!("{before}{closers}"));
    whole.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null)
}

/// So many objects behind a break are tried.
const MOST_TRIED: usize = 100_000;

/// Whoever stands behind a break as an object of their own.
fn behind_break(source: &str, from: usize, collector: &mut Collector<'_>) {
    let mut at = from;
    for _ in 0..MOST_TRIED {
        let Some(rest) = source.get(at..) else { return };
        let Some(next) = rest.find('{') else { return };
        at += next;
        let mut values = serde_json::Deserializer::from_str(&source[at..]).into_iter::<Value>();
        let value = values.next().and_then(Result::ok);
        let length = values.byte_offset();
        let surname = |key: &String| field(key) == Some(super::Field::Surname);
        match value {
            Some(Value::Object(person)) if person.keys().any(surname) => {
                let span = Span { start: at, end: at + length };
                each(&[Value::Object(person)], &[span], Kind::Passenger, collector);
                at += length;
            }
            _ => at += 1,
        }
    }
}

/// `flight` is an object, or a designator beside keys of its own; `legs` are several.
fn flights(list: &Map<String, Value>, source: &str, collector: &mut Collector<'_>) {
    let at = member(source, "flight").unwrap_or(0);
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

fn each(people: &[Value], spans: &[Span], kind: Kind, collector: &mut Collector<'_>) {
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
        for (key, value) in person {
            match (key.as_str(), value) {
                ("documents", Value::Array(documents)) => {
                    documents.iter().for_each(|d| document(d, span, collector));
                }
                ("document", document_) => document(document_, span, collector),
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

fn document(value: &Value, span: Span, collector: &mut Collector<'_>) {
    let Value::Object(document) = value else { return };
    collector.document();
    for (key, value) in document {
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

/// Where the value of a member of the outermost object begins.
fn member(source: &str, key: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let quoted = format!("\"{key}\"");
    let mut at = skip_blank(bytes, 0) + 1;
    while at < bytes.len() {
        at = skip_blank(bytes, at);
        let end = end_of_value(bytes, at);
        let value = skip_blank(bytes, skip_blank(bytes, end) + 1);
        if bytes[at..].starts_with(quoted.as_bytes()) {
            return Some(value);
        }
        at = skip_blank(bytes, end_of_value(bytes, value)) + 1;
    }
    None
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
