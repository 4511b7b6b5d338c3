//! What the carrier is told: `CONTRL` and `CUSRES` on PAXLST, `ACKRES` on PNRGOV.
//!
//! An answer names every fault at once, so that a carrier can mend them in one go.
//! It repeats the carrier's references and places, and never says more of a person
//! than the references that the carrier gave them.

use std::borrow::Cow;
use std::collections::HashSet;

use edifact::Severity;
use jiff::civil::DateTime;
use travel::Rejection;

use crate::ackres::{self, Ackres};
use crate::cusres::{self, Cusres, Outcome};
use crate::output::{Head, Output};
use crate::{Finding, Format, MessageType, Reading, Understood, codes, contrl};

/// The envelope of a message that we write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Sender (S002 0004).
    pub sender: String,
    /// Recipient (S003 0010).
    pub recipient: String,
    /// Interchange control reference (0020), 1 to 14 characters.
    pub reference: String,
    /// Message reference (0062), 1 to 14 characters.
    pub message_reference: String,
    /// Date and time of preparation (S004).
    pub made_at: DateTime,
    /// Whether to set the test indicator (0035).
    pub test: bool,
    /// Release: `05B`, `15B` for PAXLST, `11:1`, `17:1` for PNRGOV.
    pub release: String,
}

/// What became of one understood message.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<'a> {
    /// It is a list of ours and durable.
    Accepted,
    /// It is a part of a list and durable; the others are awaited, or are here now. The
    /// words say which.
    Held(&'a str),
    /// The door turned it away.
    Rejected(&'a Rejection),
    /// It is not taken for another reason, in a sentence that names nobody.
    Refused(&'a str),
}

impl Verdict<'_> {
    /// Whether it is durable here.
    pub fn is_taken(&self) -> bool {
        matches!(self, Verdict::Accepted | Verdict::Held(_))
    }
}

/// Header results of CUSRES (ERC, `formats.md` §3.3).
const ACCEPTED: &str = "0";
const EXCEPTION: &str = "1";
/// Result for a person: data insufficient, complete and send again.
const INSUFFICIENT: &str = "4Z";

/// PADIS 9321: unable to process; invalid flight number; invalid departure time.
const UNABLE: &str = "118";
const BAD_FLIGHT: &str = "114";
const BAD_TIME: &str = "103";

/// The answer to a submission: one interchange with a `CONTRL`, and a `CUSRES` for each
/// PAXLST or an `ACKRES` for each PNRGOV. XML is answered in XML, a table by
/// a table, JSON in JSON.
///
/// `verdicts` are those on `reading.messages`, in their order (a message without one counts as refused). `us` is the
/// sender of the answer when the submission does not say whom it was for.
pub fn answer(reading: &Reading, verdicts: &[Verdict<'_>], made_at: DateTime, us: &str) -> Vec<u8> {
    let verdict = |i: usize| {
        verdicts.get(i).copied().unwrap_or(Verdict::Refused("The message was not taken."))
    };
    if reading.format == Format::PnrgovXml {
        return acknowledgement(reading, verdict(0));
    }
    if matches!(reading.format, Format::Csv | Format::Json) {
        return plain_answer(reading, verdict(0));
    }
    let mut out = Output::new(head(reading, made_at, us));
    let pnr = reading.messages.iter().all(|m| m.kind == MessageType::Pnrgov);
    let syntax = reading.findings.iter().any(|f| f.is_syntax() && f.severity >= Severity::Warning);
    // A PNRGOV without a fault of syntax is answered by ACKRES alone.
    if !pnr || syntax || reading.messages.is_empty() {
        contrl::write(&mut out, reading, verdicts);
    }
    let mut contents = contents(reading);
    for (i, content) in contents.iter_mut().enumerate() {
        // Parts that are to come are no fault of those that are here.
        if matches!(verdict(i), Verdict::Held(_)) {
            content.retain(|f| f.code != codes::SERIES_INCOMPLETE.code);
        }
    }
    for (i, message) in reading.messages.iter().enumerate() {
        match message.kind {
            MessageType::Paxlst => cusres(&mut out, &contents[i], message, verdict(i)),
            MessageType::Pnrgov => ackres(&mut out, &contents[i], message, verdict(i)),
            _ => {}
        }
    }
    out.close()
}

/// The request's envelope turned round.
fn head(reading: &Reading, made_at: DateTime, us: &str) -> Head {
    let e = reading.envelope.clone().unwrap_or_default();
    let sender = if e.recipient.is_empty() { us.to_owned() } else { e.recipient };
    let pnr = reading.messages.first().is_some_and(|m| m.kind == MessageType::Pnrgov);
    Head {
        sender: (sender, e.recipient_qualifier),
        recipient: (e.sender, e.sender_qualifier),
        made_at,
        reference: if e.reference.is_empty() { "1".to_owned() } else { e.reference },
        application: if pnr { "PNRGOV".to_owned() } else { e.application },
        test: e.test,
    }
}

/// Whether the carrier is told. Notes are not worth an answer, but for segments that were
/// passed over: whoever sent one believes that it was read.
fn is_told(f: &Finding) -> bool {
    !f.is_syntax() && (f.severity >= Severity::Warning || f.code == codes::SEGMENT_UNKNOWN.code)
}

/// The findings on the content of each understood message that its answer names.
fn contents(reading: &Reading) -> Vec<Vec<&Finding>> {
    let mut owner = vec![0; reading.names.len()];
    for (i, message) in reading.messages.iter().enumerate() {
        for m in &message.messages {
            if let Some(o) = owner.get_mut(*m) {
                *o = i;
            }
        }
    }
    let mut contents = vec![Vec::new(); reading.messages.len()];
    for f in &reading.findings {
        let at = f.message.and_then(|m| owner.get(m)).copied().unwrap_or(0);
        if is_told(f)
            && let Some(list) = contents.get_mut(at)
        {
            list.push(f);
        }
    }
    contents
}

fn cusres(out: &mut Output, content: &[&Finding], message: &Understood, verdict: Verdict<'_>) {
    let release = message.release.split_once(':').map_or("05B", |(_, r)| r);
    // The old dialect has no CUSRES of its own.
    let release = if release == "000" { "05B" } else { release };
    let (code, text) = match verdict {
        Verdict::Accepted if content.is_empty() => (ACCEPTED, "ACCEPTED".to_owned()),
        Verdict::Accepted => (ACCEPTED, "ACCEPTED, WITH THE REMARKS BELOW".to_owned()),
        Verdict::Held(what) => (ACCEPTED, what.to_owned()),
        Verdict::Rejected(why) => (EXCEPTION, why.to_string()),
        Verdict::Refused(why) => (EXCEPTION, why.to_owned()),
    };
    let mut outcomes = vec![of_message(code, text)];
    let mut sentences = Sentences::default();
    outcomes.extend(content.iter().map(|f| outcome(f, message, (code, sentences.of(f)))));
    let said = Cusres {
        function: "962".to_owned(),
        reference: message.report.reference.clone(),
        access_reference: message.access_reference.clone(),
        flights: message.report.flights.clone(),
        outcomes,
    };
    cusres::put(out, &reference_of(message), release, &said);
}

fn of_message(code: &str, text: String) -> Outcome {
    Outcome { code: code.to_owned(), text, ..Outcome::default() }
}

/// What a finding says of the message, or of the person whom the carrier knows by these
/// references.
///
/// A remark on a message says again what became of the message: one that was taken is not
/// called an exception in the next line.
fn outcome(finding: &Finding, message: &Understood, (of_all, text): (&str, String)) -> Outcome {
    let who = finding.traveller.and_then(|i| Some((i, message.report.travellers.get(i)?)));
    let Some((number, t)) = who else { return of_message(of_all, text) };
    let booking = t.booking.and_then(|b| message.report.bookings.get(b as usize));
    let code = if finding.severity >= Severity::Error { INSUFFICIENT } else { ACCEPTED };
    Outcome {
        person: true,
        locator: booking.map_or_else(String::new, |b| b.locator.to_string()),
        reference: t.reference.as_ref().map_or_else(String::new, ToString::to_string),
        code: code.to_owned(),
        text: format!("{text} (traveller {})", number + 1),
    }
}

/// Findings as sentences. What to do is said with the first of a code: there may be tens of
/// thousands of it.
#[derive(Default)]
struct Sentences<'f> {
    said: HashSet<&'f str>,
}

impl<'f> Sentences<'f> {
    /// `P-BIRTH: This is no date of birth. Segment 12, element 1.2. Expected YYMMDD or
    /// CCYYMMDD. Write a day that exists, …`
    fn of(&mut self, f: &'f Finding) -> String {
        let mut text = format!("{}: {}", f.code, f.text);
        if let Some(segment) = f.segment {
            text.push_str(&format!(" Segment {segment}"));
            if let (Some(e), Some(c)) = (f.element, f.component) {
                text.push_str(&format!(", element {e}.{c}"));
            }
            text.push('.');
        }
        if self.said.insert(&f.code) {
            if !f.expected.is_empty() {
                text.push_str(&format!(" Expected {}.", f.expected));
            }
            text.push(' ');
            text.push_str(f.advice);
        }
        text
    }
}

fn ackres(out: &mut Output, content: &[&Finding], message: &Understood, verdict: Verdict<'_>) {
    let refused = match verdict {
        Verdict::Accepted | Verdict::Held(_) => None,
        Verdict::Rejected(why) => Some((error_code(why), why.to_string())),
        Verdict::Refused(why) => Some((UNABLE, why.to_owned())),
    };
    let mut said = Ackres {
        function: "23".to_owned(),
        access_reference: message.access_reference.clone(),
        ..Ackres::default()
    };
    if let Some((code, text)) = refused {
        said.codes.push(code.to_owned());
        said.texts.push(text);
    }
    if let Verdict::Held(what) = verdict {
        said.texts.push(what.to_owned());
    }
    let mut sentences = Sentences::default();
    said.texts.extend(content.iter().map(|f| sentences.of(f)));
    ackres::put(out, &reference_of(message), &message.release, &said);
}

fn error_code(why: &Rejection) -> &'static str {
    match why {
        Rejection::NoFlight => BAD_FLIGHT,
        Rejection::WrongDate { .. } => BAD_TIME,
        Rejection::OtherState { .. } => UNABLE,
    }
}

/// The answer to a table, as a table; to JSON, as JSON.
fn plain_answer(reading: &Reading, verdict: Verdict<'_>) -> Vec<u8> {
    let why = match verdict {
        Verdict::Accepted | Verdict::Held(_) => String::new(),
        Verdict::Rejected(why) => why.to_string(),
        Verdict::Refused(why) => why.to_owned(),
    };
    let accepted = verdict.is_taken();
    let findings = reading.findings.iter().filter(|f| f.severity >= Severity::Warning);
    if reading.format == Format::Json {
        let faults: Vec<_> = findings
            .map(|f| {
                serde_json::json!({
                    "code": f.code, "severity": f.severity.name(), "offset": f.span.start,
                    "length": f.span.len(), "traveller": f.traveller, "expected": f.expected,
                    "text": f.text, "advice": f.advice,
                })
            })
            .collect();
        let answer = serde_json::json!({"accepted": accepted, "text": why, "faults": faults});
        return answer.to_string().into_bytes();
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let result = if accepted { "accepted" } else { "rejected" };
    let mut out = format!("code,severity,offset,traveller,text\n{result},,,,{}\n", quoted(&why));
    let mut said = HashSet::new();
    for f in findings {
        let traveller = f.traveller.map(|t| (t + 1).to_string()).unwrap_or_default();
        let text = if said.insert(&f.code) { f.advised() } else { f.text.clone() };
        let (severity, at, text) = (f.severity.name(), f.span.start, quoted(&text));
        out.push_str(&format!("{},{severity},{at},{traveller},{text}\n", f.code));
    }
    out.into_bytes()
}

/// `IATA_Acknowledgement`, the answer to PNRGOV in XML.
fn acknowledgement(reading: &Reading, verdict: Verdict<'_>) -> Vec<u8> {
    let (status, mut texts) = match verdict {
        Verdict::Accepted | Verdict::Held(_) => ("OK", Vec::new()),
        Verdict::Rejected(why) => ("NOTOK", vec![why.to_string()]),
        Verdict::Refused(why) => ("NOTOK", vec![why.to_owned()]),
    };
    let worth = reading.findings.iter().filter(|f| f.severity >= Severity::Warning);
    let mut sentences = Sentences::default();
    texts.extend(worth.map(|f| sentences.of(f)));
    let reference = reading.envelope.as_ref().map_or("", |e| e.reference.as_str());
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <IATA_Acknowledgement xmlns=\"http://www.iata.org/IATA/2007/00\" TrxID=\"{}\">\n\
         <Notification><StatusCode>{status}</StatusCode></Notification>\n",
        quick_xml::escape::escape(reference)
    );
    for text in texts {
        let text = quick_xml::escape::escape(&*text);
        xml.push_str(&format!("<StatusMessageText>{text}</StatusMessageText>\n"));
    }
    xml.push_str("</IATA_Acknowledgement>\n");
    xml.into_bytes()
}

/// The reference that the answer to a message bears: its own, or, where it has none because its
/// `UNH` is missing, its number.
fn reference_of(message: &Understood) -> Cow<'_, str> {
    match message.reference.trim() {
        "" => (message.messages.first().map_or(0, |m| m + 1)).to_string().into(),
        reference => reference.into(),
    }
}
