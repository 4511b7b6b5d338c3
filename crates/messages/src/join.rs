//! From bytes to understood messages: the format is told, the syntax read, parts of a
//! series put together, and each kind handed to its reader.

use std::collections::HashSet;

use edifact::{Interchange, Message, Mode, Segment, Sequence, Severity, Span};
use jiff::civil::Date;
use travel::Report;

use crate::dialect::Dialect;
use crate::reading::{
    Envelope, Finding, Format, GroupNamed, MessageType, Named, Reading, Understood,
};
use crate::sink::Sink;
use crate::{
    Tally, Terms, ackres, codes, cusres, limits, paxlst, pnrgov, records, sniff, structured,
    written,
};

/// Reads a submission, whatever it is.
///
/// `received_on` settles the century of two-digit years. Never fails and never stops
/// at the first fault; what is no message at all yields one fatal finding.
pub fn read(bytes: &[u8], mode: Mode, received_on: Date) -> Reading {
    read_on(bytes, mode, received_on, &Terms::default())
}

/// [`read`], on terms that were agreed on.
pub fn read_on(bytes: &[u8], mode: Mode, received_on: Date, terms: &Terms) -> Reading {
    if let Some(straight) = edifact::straighten(bytes) {
        let mut reading = read_straight(straight.bytes(), mode, received_on, terms);
        for finding in &mut reading.findings {
            finding.span = straight.original(finding.span);
        }
        return reading;
    }
    read_straight(bytes, mode, received_on, terms)
}

fn read_straight(bytes: &[u8], mode: Mode, received_on: Date, terms: &Terms) -> Reading {
    match sniff::sniff(bytes) {
        Ok(Format::PnrgovXml) => pnrgov::xml::read(bytes, mode, received_on, &terms.names),
        Ok(Format::Csv) => records::csv::read(bytes, mode, (received_on, terms.month_first)),
        Ok(Format::Json) => records::json::read(bytes, mode, (received_on, terms.month_first)),
        Ok(_) => read_edifact(bytes, mode, received_on, terms.dialect),
        Err(finding) => Reading {
            format: Format::Unknown,
            mode,
            envelope: None,
            messages: Vec::new(),
            findings: vec![*finding],
            fatal: true,
            names: Vec::new(),
            groups: Vec::new(),
        },
    }
}

fn read_edifact(
    bytes: &[u8],
    mode: Mode,
    received_on: Date,
    dialect: Option<&'static Dialect>,
) -> Reading {
    let (interchange, faults) = edifact::read(bytes, mode);
    let mut reading = content(&interchange, faults, mode, (received_on, dialect));
    own_to_groups(&interchange, &mut reading.findings);
    if let Some(header) = cut_header(&interchange) {
        // What the rest of it would have said is not missing: it did not come.
        reading.findings.retain(|f| f.code == "13" && f.span == header);
        reading.findings.push(Finding::new(codes::CUT_OFF_HEADER, header, ""));
    } else if reading.messages.is_empty() {
        reading.findings.push(no_message(bytes.len()));
        reading.findings.sort_by_key(|f| f.span.start);
    }
    reading
}

/// Where `UNB` stands, if the transmission ends in it.
fn cut_header(interchange: &Interchange<'_>) -> Option<Span> {
    let header = interchange.header()?.span;
    let came = interchange.bytes().trim_ascii_end().len();
    (interchange.messages().is_empty() && header.end >= came).then_some(header)
}

/// The finding on an interchange without any message.
pub(crate) fn no_message(bytes: usize) -> Finding {
    Finding::new(codes::NO_MESSAGE, Span { start: 0, end: bytes.min(3) }, "")
}

/// What the messages say, of an interchange or of a stretch of one. The day on which it was
/// received and the guide that it follows settle what some values mean.
pub(crate) fn content(
    interchange: &Interchange<'_>,
    faults: Vec<edifact::Fault>,
    mode: Mode,
    (received_on, dialect): (Date, Option<&'static Dialect>),
) -> Reading {
    let mut findings: Vec<Finding> = faults.into_iter().map(Finding::from).collect();
    let faults = findings.len();
    let mut messages = Vec::new();
    for series in series_of(interchange.messages()) {
        messages.push(understand(interchange, &series, (received_on, dialect), &mut findings));
    }
    if mode == Mode::Strict {
        strict(interchange, &messages, (faults, &mut findings));
    }
    place(interchange, &mut findings[faults..], received_on);
    let before = interchange.messages_before();
    for finding in &mut findings[faults..] {
        finding.span = finding.span.behind(interchange.offset());
        finding.message = finding.message.map(|m| m + before);
    }
    messages.iter_mut().flat_map(|m| &mut m.messages).for_each(|m| *m += before);
    if messages.iter().any(|m| m.cut_off) {
        one_of_syntax(interchange, &mut findings);
    }
    findings.sort_by_key(|f| f.span.start);
    Reading {
        format: Format::Edifact,
        mode,
        envelope: envelope(interchange),
        messages,
        findings,
        fatal: false,
        names: interchange.messages().iter().map(named).collect(),
        groups: interchange.groups().iter().map(group_named).collect(),
    }
}

/// To a strict reader every breach of a guide is an error, and so is each segment of a list
/// out of its order.
fn strict(
    interchange: &Interchange<'_>,
    messages: &[Understood],
    (from, findings): (usize, &mut Vec<Finding>),
) {
    let mut sink = Sink::since(from, findings);
    let lists = messages.iter().filter(|m| m.kind == MessageType::Paxlst);
    for index in lists.flat_map(|m| &m.messages) {
        sink.message = *index;
        limits::order(&interchange.messages()[*index], &mut sink);
    }
    for f in findings[from..].iter_mut().filter(|f| f.is_syntax()) {
        f.severity = f.severity.max(Severity::Error);
    }
}

/// Of a message that ends in the middle, one fault of syntax is enough: that it is not
/// closed. That its last segment has no terminator says nothing more.
fn one_of_syntax(interchange: &Interchange<'_>, findings: &mut Vec<Finding>) {
    let Some(last) = interchange.segment_at(interchange.bytes().len()) else { return };
    let last = last.span().behind(interchange.offset());
    let at_end = |f: &Finding| f.code == "13" && f.span == last;
    if findings.iter().any(|f| at_end(f) && f.expected == "UNT") {
        findings.retain(|f| !at_end(f) || f.expected == "UNT");
    }
}

fn group_named(g: &edifact::Group) -> GroupNamed {
    GroupNamed {
        reference: g.reference.clone(),
        sender: g.sender.clone(),
        recipient: g.recipient.clone(),
    }
}

/// Faults of `UNG` and `UNE` are their group's.
fn own_to_groups(interchange: &Interchange<'_>, findings: &mut [Finding]) {
    if interchange.groups().is_empty() {
        return;
    }
    for f in findings.iter_mut().filter(|f| f.message.is_none() && f.is_syntax()) {
        f.group = interchange.group_at(f.span.start);
    }
}

/// Findings on a whole message have no place yet: they get its first segment's. Those on
/// somebody's data get that of the segment that has these.
fn place(interchange: &Interchange<'_>, findings: &mut [Finding], received_on: Date) {
    let messages = interchange.messages();
    let mut taken = written::Taken::default();
    for f in findings {
        let Some(message) = f.message.and_then(|m| messages.get(m)) else { continue };
        if f.span.start == 0 && f.span.end == 0 {
            f.span = message.segment(0).map_or(message.span(), |s| s.span());
        } else if f.traveller.is_some() {
            taken.place(f, message, received_on);
        }
        written::quoted(f, message);
        // By what was found, its place was sought.
        if f.code == codes::REFERENCE_DOUBLE.code {
            f.found = structured::quoted(b"RFF", (&*f.found).into()).into_owned();
        }
    }
}

fn named(m: &Message<'_>) -> Named {
    let kind = [m.kind(), m.version(), m.release(), m.agency()].map(str::to_owned);
    Named { reference: m.reference().to_owned(), kind, group: m.group() }
}

fn envelope(interchange: &Interchange<'_>) -> Option<Envelope> {
    let h = interchange.header()?;
    Some(Envelope {
        sender: h.sender.clone(),
        sender_qualifier: h.sender_qualifier.clone(),
        recipient: h.recipient.clone(),
        recipient_qualifier: h.recipient_qualifier.clone(),
        reference: h.reference.clone(),
        application: h.application.clone(),
        syntax_id: h.syntax_id.clone(),
        syntax_version: h.syntax_version.to_string(),
        test: h.test,
        ack_requested: h.ack_requested,
    })
}

/// Messages that are parts of one, by their indexes.
struct Series {
    messages: Vec<usize>,
    complete: bool,
}

/// Groups the parts (S010) that share kind and common access reference (0068). A
/// number that comes twice starts a new series; a whole message is its own.
fn series_of(messages: &[Message<'_>]) -> Vec<Series> {
    struct Open<'a> {
        kind: &'a str,
        access: &'a str,
        numbers: HashSet<u32>,
        last: Option<u32>,
        at: usize,
    }
    let mut out: Vec<Series> = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let access = message.access_reference().unwrap_or("");
        // A first part that is the last is whole, unless the sender counts from 0.
        let follows_nought = |o: &Open<'_>| {
            (o.kind, o.access) == (message.kind(), access)
                && o.last.is_none()
                && o.numbers.contains(&0)
        };
        let whole = |s: &Sequence| {
            s.last && (s.number == 0 || (s.number == 1 && !open.iter().any(follows_nought)))
        };
        let Some(sequence) = message.sequence().filter(|s| !whole(s)) else {
            out.push(Series { messages: vec![index], complete: true });
            continue;
        };
        let joins = |o: &&mut Open<'_>| {
            o.kind == message.kind()
                && o.access == access
                && o.last.is_none_or(|l| sequence.number <= l)
                && !o.numbers.contains(&sequence.number)
        };
        // The newest open series of that key; older ones are done with.
        match open.iter_mut().rev().take(64).find(joins) {
            Some(o) => {
                o.numbers.insert(sequence.number);
                if sequence.last {
                    o.last = Some(sequence.number);
                }
                out[o.at].messages.push(index);
                let from_nought = usize::from(o.numbers.contains(&0));
                out[o.at].complete =
                    o.last.is_some_and(|l| l as usize + from_nought == o.numbers.len());
            }
            None => {
                open.push(Open {
                    kind: message.kind(),
                    access,
                    numbers: HashSet::from([sequence.number]),
                    last: sequence.last.then_some(sequence.number),
                    at: out.len(),
                });
                // A bare `01` that nothing follows is how some send a single message.
                let single = sequence.number <= 1 && !sequence.first;
                out.push(Series { messages: vec![index], complete: single });
            }
        }
    }
    // Parts may come in any order; they are read in that of their numbers.
    let number = |i: &usize| messages[*i].sequence().map(|s| s.number);
    for series in &mut out {
        series.messages.sort_by_key(number);
    }
    out
}

fn understand(
    interchange: &Interchange<'_>,
    series: &Series,
    (received_on, dialect): (Date, Option<&'static Dialect>),
    findings: &mut Vec<Finding>,
) -> Understood {
    let all = interchange.messages();
    let first = &all[series.messages[0]];
    let kind = kind_of(first);
    let known = findings.len();
    if !series.complete {
        let mut sink = Sink::new(findings);
        sink.message = series.messages[0];
        if let Some(unh) = first.segment(0) {
            let mut finding = Finding::new(codes::SERIES_INCOMPLETE, unh.span(), "");
            finding.segment = Some(unh.position());
            (finding.found, finding.expected) = tally(all, &series.messages).words();
            sink.push(finding);
        }
    }
    let cut_off = series.messages.iter().find(|i| is_cut_off(interchange, &all[**i]));
    if let Some(&i) = cut_off
        && let Some(last) = all[i].segment(all[i].len().saturating_sub(1))
    {
        let mut sink = Sink::new(findings);
        sink.message = i;
        sink.segment(codes::CUT_OFF, last, None);
    }
    let cut_off = cut_off.is_some();
    let parts = series.messages.iter().map(|i| (*i, &all[*i]));
    let mut repeated = Vec::new();
    let mut outcomes = Vec::new();
    let (report, function) = match &kind {
        MessageType::Paxlst => {
            let mut reader = paxlst::Reader::new(received_on, dialect, findings);
            parts.for_each(|(i, m)| reader.part(m, i));
            reader.finish(series.complete)
        }
        MessageType::Pnrgov => {
            let mut reader = pnrgov::Reader::new(received_on, findings);
            parts.for_each(|(i, m)| reader.part(m, i));
            repeated = reader.repeated();
            reader.finish(series.complete)
        }
        MessageType::Cusres => {
            let mut sink = cusres::findings_of(findings, series.messages[0]);
            let said = cusres::understand(first, received_on, &mut sink);
            outcomes = said.outcomes;
            let (flights, reference) = (said.flights, said.reference);
            (Report { flights, reference, ..Report::default() }, said.function)
        }
        MessageType::Ackres => {
            let said = ackres::read(first);
            outcomes = of_ackres(&said);
            (Report::default(), said.function)
        }
        MessageType::Contrl => {
            outcomes = of_contrl(&edifact::contrl::understand(first));
            (Report::default(), String::new())
        }
        MessageType::Other(_) => {
            let mut sink = Sink::new(findings);
            sink.message = series.messages[0];
            if let Some(unh) = first.segment(0) {
                sink.at(codes::OTHER_MESSAGE, unh, (2, 1), None);
            }
            (Report::default(), String::new())
        }
    };
    let mut sink = Sink::since(known, findings);
    for (index, position, traveller) in sink.doubted() {
        let doubted = all.get(index).and_then(|m| m.segment(position.checked_sub(1)?));
        if let Some(segment) = doubted {
            sink.message = index;
            limits::check(&kind, &segment, traveller, &mut sink);
        }
    }
    Understood {
        release: release(first),
        kind,
        function,
        parts: series.messages.len() as u32,
        report,
        reference: first.reference().to_owned(),
        access_reference: first.access_reference().unwrap_or("").to_owned(),
        messages: series.messages.clone(),
        repeated,
        outcomes,
        series: (!series.complete).then(|| tally(all, &series.messages)),
        cut_off,
    }
}

/// So many segments of a message that does not say its type are looked at.
const TELLING: usize = 20;

/// The type that `UNH` says; of a message without one, what its first segments are of.
fn kind_of(message: &Message<'_>) -> MessageType {
    if !message.kind().is_empty() {
        return MessageType::parse(message.kind());
    }
    let has = |tag: &[u8; 3]| message.segments().take(TELLING).any(|s| s.code() == *tag);
    let told = |s: Segment<'_>| match &s.code() {
        b"BGM" => match s.qualifier().trim_ascii() {
            b"962" | b"132" | b"312" => Some(MessageType::Cusres),
            _ => Some(MessageType::Paxlst),
        },
        b"TDT" | b"NAD" | b"PDT" => Some(MessageType::Paxlst),
        b"UCI" => Some(MessageType::Contrl),
        b"MSG" if has(b"ERC") && !has(b"SRC") => Some(MessageType::Ackres),
        b"MSG" | b"SRC" | b"TIF" | b"RCI" | b"EQN" | b"TVL" => Some(MessageType::Pnrgov),
        _ => None,
    };
    let mut first = message.segments().take(TELLING);
    first.find_map(told).unwrap_or_else(|| MessageType::parse(""))
}

/// The parts that these messages are.
fn tally(all: &[Message<'_>], messages: &[usize]) -> Tally {
    let mut tally = Tally::default();
    for sequence in messages.iter().filter_map(|i| all[*i].sequence()) {
        tally.add(sequence.number, sequence.last);
    }
    tally
}

/// An ACKRES has a code for the whole, or none when it was taken.
fn of_ackres(said: &ackres::Ackres) -> Vec<cusres::Outcome> {
    let text = said.texts.join(" ");
    let outcome = |code: &String| cusres::Outcome {
        code: code.clone(),
        text: text.clone(),
        ..cusres::Outcome::default()
    };
    said.codes.iter().map(outcome).collect()
}

/// What a CONTRL says, in words: its codes are of the syntax, not of ERC.
fn of_contrl(said: &edifact::contrl::Report) -> Vec<cusres::Outcome> {
    let taken = |taken: &bool| if *taken { "taken" } else { "rejected" };
    let mut words = vec![format!("interchange {}: {}", said.interchange, taken(&!said.rejected))];
    words.extend(said.groups.iter().map(|(r, t)| format!("group {r}: {}", taken(t))));
    words.extend(said.messages.iter().map(|(r, t)| format!("message {r}: {}", taken(t))));
    for fault in &said.faults {
        let of = |what: &str, all: &[(String, bool)], at: Option<usize>| {
            Some(format!("{what} {}", all.get(at?)?.0))
        };
        let of = of("message", &said.messages, fault.message)
            .or_else(|| of("group", &said.groups, fault.group))
            .unwrap_or_else(|| format!("interchange {}", said.interchange));
        let place = [
            ("segment", fault.segment),
            ("element", fault.element),
            ("component", fault.component),
        ];
        let place: Vec<String> =
            place.iter().filter_map(|(what, n)| n.map(|n| format!("{what} {n}"))).collect();
        let place = if place.is_empty() { "as a whole".to_owned() } else { place.join(", ") };
        words.push(format!("{of}, {place}: {} {}", fault.code, fault.meaning()));
    }
    words.into_iter().map(|text| cusres::Outcome { text, ..cusres::Outcome::default() }).collect()
}

/// Whether a message has no trailer and nothing follows it.
fn is_cut_off(interchange: &Interchange<'_>, message: &Message<'_>) -> bool {
    let last = message.len().checked_sub(1).and_then(|last| message.segment(last));
    let Some(last) = last.filter(|s| s.code() != *b"UNT") else { return false };
    let end = interchange.bytes().len();
    interchange.segment_at(end).is_none_or(|of_all| of_all.span() == last.span())
}

fn release(message: &Message<'_>) -> String {
    match (message.version(), message.release()) {
        ("", "") => String::new(),
        (v, "") => v.to_owned(),
        (v, r) => format!("{v}:{r}"),
    }
}
