//! The pipeline: a submission becomes a kept list, hits, and disclosures.
//!
//! Three transactions, each of which leaves the node in a state from which the next
//! one can be found again after a crash:
//!
//! 1. [`submit`]: the submission, its answer and its lists. Then the carrier is answered.
//!    Parts of a list that come by themselves are kept so, and made one list by
//!    [`join_series`].
//! 2. [`screen_kept`]: the hits of a list, and its parcels for every partner whose
//!    agreement permits whole lists. What is kept and not screened is found at start.
//! 3. [`disclose_upheld`]: the parcels of an upheld hit. What is upheld and not yet
//!    asked about is found at start.

pub(crate) mod asking;
mod correcting;
mod disclosing;
mod hunting;
mod journeys;
pub(crate) mod justifying;
mod late;
mod parts;
mod raising;
pub(crate) mod rollover;
pub(crate) mod telling;
pub(crate) mod totals;

use anyhow::{Context, Result};
use audit::{Actor, Digest, Event, Logged};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use messages::{Reading, Verdict};
use policy::{Clocks, InForce, Retention, RuleId, Subject};
use store::{
    Batch, CARRIERS, Change, Outcome, StoreError,
    rows::{Carrier, List, Submission},
};
use travel::{Admission, Country, Dataset, Element, ElementSet, Function, PassengerList};
use uuid::Uuid;

pub use self::{
    asking::{answer, ask},
    correcting::{Corrected, correct},
    disclosing::{disclose_upheld, take_back, take_back_day},
    hunting::{Hunter, hunt_some},
    justifying::justify,
    late::tell_of_late,
    parts::join_series,
    raising::{Became, rescreen, screen_kept, screen_together},
    rollover::{RolledOver, next_epoch, tell_epoch},
    telling::tell,
    totals::state_totals,
};
pub(crate) use correcting::counts_as;

use crate::{
    keeper,
    node::Node,
    stages::{Stage, Watch},
};

/// What a carrier is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub media_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the same bytes were here before.
    pub repeat: bool,
    /// SHA-256 of what was sent, hexadecimal.
    pub digest: String,
    /// Lists that wait to be screened.
    pub kept: Vec<String>,
}

const EDIFACT: &str = "application/edifact";
const XML: &str = "application/xml";
const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8";
/// The scope of messages in which there was no list for this state.
const NO_LIST: &str = "carrier.no_list";
/// The answer to a repeat whose first answer was erased with its day.
const FORGOTTEN: &str =
    "This message was taken before; what was answered has been erased with its day's key.\n";
const PLAIN: &str = "text/plain; charset=utf-8";

/// Takes what a carrier sent: reads, admits, keeps, answers. When this returns, the
/// answer is true: everything is on the disk.
pub fn submit(node: &Node, carrier: &Carrier, bytes: &[u8], now: Timestamp) -> Result<Answer> {
    let mut watch = Watch::start();
    let digest = Digest::of(bytes);
    let utc = now.to_zoned(TimeZone::UTC);
    let reading = node.config().understand(bytes, utc.date())?;
    watch.spent(Stage::Read);
    let admission = Admission {
        state: node.state(),
        permitted: permitted(node),
        received_at: now,
        must_touch: true,
    };
    let admitted = admit(&reading, &admission, carrier);
    let id = Uuid::now_v7().to_string();
    // Of which series a part is depends on what is there: nobody adds to that or takes from it
    // until this is durable.
    let of_parts = reading.messages.iter().any(|m| m.series.is_some());
    let _joining = of_parts.then(|| node.joining.lock());
    let held = parts::held(node, &reading, &admitted, carrier, (&id, now))?;
    let verdicts: Vec<Verdict<'_>> = admitted
        .iter()
        .zip(&held)
        .map(|(a, held)| match (a, held) {
            (Ok(_), Some(held)) => Verdict::Held(&held.words),
            (Ok(_), None) => Verdict::Accepted,
            (Err(Turned::Away(rejection)), _) => Verdict::Rejected(rejection),
            (Err(Turned::NoList(why)), _) => Verdict::Refused(why),
            (Err(Turned::NotTheirs(why)), _) => Verdict::Refused(why),
        })
        .collect();
    let (status, media_type, body) = reply(node, &reading, &verdicts, utc.datetime());
    watch.spent(Stage::Admit);
    let faults = reading.findings.iter().filter(|f| f.severity >= edifact::Severity::Warning);
    let faults = faults.count() as u32;
    let (mut kept, mut parts, mut due) = (Vec::new(), Vec::new(), false);
    for (list, held) in admitted.iter().zip(&held) {
        let Ok(list) = list else { continue };
        let from = Provenance { submission: Some((&id, digest)), parcel: None, agreed: None };
        let row = keep(node, list, CARRIERS, from, now)?;
        due |= row.0.mask_due.is_some_and(|day| day <= utc.date());
        // A part is no list yet, but its original lives as long as the list will.
        if held.is_none() { &mut kept } else { &mut parts }.push(row);
    }
    let lists = kept.len();
    let (scope, day, keep_until) = key_of_original(node, kept.iter().chain(&parts), utc.date())?;
    let store = node.store();
    let submission = Submission {
        id: id.clone(),
        carrier: carrier.id.clone(),
        digest: digest.to_string(),
        received_at: now,
        bytes: bytes.len() as u64,
        original: store.seal((&scope, day), ("original", &id), bytes, now)?,
        answer: store.seal((&scope, day), ("answer", &id), &body, now)?,
        scope,
        day,
        keep_until,
        status,
        media_type: media_type.to_owned(),
        faults,
        lists: lists as u32,
        repeats: 0,
    };
    let by = |event| Logged::new(now, Actor::Carrier(carrier.id.clone()), event);
    let mut events =
        vec![by(Event::SubmissionReceived { submission: digest, bytes: bytes.len() as u64 })];
    let held: Vec<&parts::Held> = held.iter().flatten().collect();
    if lists == 0 && held.is_empty() {
        let reason = format!("status {status}");
        let faults = u64::from(faults);
        events.push(by(Event::SubmissionRejected { submission: digest, reason, faults }));
    }
    let mut changes = vec![Change::Submission(submission)];
    let mut ids = Vec::with_capacity(kept.len());
    for (row, event) in kept {
        ids.push(row.id.clone());
        changes.push(Change::List(row));
        events.push(by(event));
    }
    for held in held {
        changes.extend(held.rows.iter().cloned().map(Change::Part));
        events.push(by(held.event(digest)));
    }
    watch.spent(Stage::Keep);
    let digest = digest.to_string();
    Ok(match node.store().commit(Batch::new(changes, events))? {
        Outcome::Done { .. } => {
            // Of a flight that is masked already: what is sent again is masked at once.
            if due {
                keeper::keep(node, now)?;
            }
            Answer { status, media_type, body, repeat: false, digest, kept: ids }
        }
        Outcome::Repeat { status, media_type, submission, .. } => {
            let before = node.store().submission(&submission)?;
            let before = before.context("a submission that was repeated is not there")?;
            let known = [EDIFACT, XML, JSON, CSV].into_iter().find(|m| *m == media_type);
            let (media_type, body) = match node.store().open_answer(&before) {
                Ok(answer) => (known.unwrap_or(PLAIN), answer),
                Err(StoreError::Sealed { .. }) => (PLAIN, FORGOTTEN.into()),
                Err(e) => return Err(e.into()),
            };
            Answer { status, media_type, body, repeat: true, digest, kept: Vec::new() }
        }
    })
}

/// The key for a message as it came and for its answer: that of the list in it which goes
/// first; of a message that holds no list, one that goes after a month.
fn key_of_original<'k>(
    node: &Node,
    kept: impl Iterator<Item = &'k (List, Event)>,
    received: Date,
) -> Result<(String, Date, Date)> {
    let first = kept.map(|(row, _)| row).min_by_key(|l| (l.keep_until, l.mask_due));
    match first {
        Some(row) => Ok((row.scope.clone(), row.day, row.keep_until)),
        None => {
            let scope = node.store().open_scope(NO_LIST, received)?;
            Ok((scope, received, Clocks::of_no_list(received).erase.0))
        }
    }
}

/// Why a message is no list of ours.
enum Turned {
    Away(travel::Rejection),
    NoList(&'static str),
    NotTheirs(String),
}

/// Whether the carrier may report the flights of that designator: its own, and those of
/// the carriers for which it is known to send (`passerelle carrier flights`).
fn may_report(carrier: &Carrier, designator: &str) -> bool {
    let others = &carrier.flights;
    carrier.id == designator || others == "*" || others.split(',').any(|o| o == designator)
}

fn admit(
    reading: &Reading,
    admission: &Admission,
    carrier: &Carrier,
) -> Vec<Result<PassengerList, Turned>> {
    use messages::MessageType;
    reading
        .messages
        .iter()
        .map(|message| match message.kind {
            // Who stands in the part that is missing, nobody knows: such a list would
            // be acknowledged as whole.
            _ if message.cut_off => Err(Turned::NoList(
                "the transmission ended in the middle of the message: send it again, whole",
            )),
            MessageType::Paxlst | MessageType::Pnrgov => {
                let list = PassengerList::admit(message.report.clone(), admission);
                list.map_err(Turned::Away).and_then(|list| match &list.flight().carrier {
                    theirs if may_report(carrier, theirs) => Ok(list),
                    theirs => Err(Turned::NotTheirs(format!(
                        "{} is not known here to report flights of {theirs}: ask the state to \
                         add them, then send it under a new reference",
                        carrier.id
                    ))),
                })
            }
            _ => Err(Turned::NoList(
                "this node takes passenger and crew lists (PAXLST) and booking records (PNRGOV)",
            )),
        })
        .collect()
}

/// What every law pack lets the state keep; sensitive elements have no place in the
/// vocabulary, and were dropped by the reader.
fn permitted(node: &Node) -> ElementSet {
    node.regimes()
        .iter()
        .fold(ElementSet::ALL, |set, regime| set.intersection(regime.elements()))
        .with(Element::Flight)
}

fn reply(
    node: &Node,
    reading: &Reading,
    verdicts: &[Verdict<'_>],
    made_at: jiff::civil::DateTime,
) -> (u16, &'static str, Vec<u8>) {
    let accepted = verdicts.iter().any(Verdict::is_taken);
    if reading.format == messages::Format::Unknown {
        let mut text =
            String::from("This is nothing that the node can read; the original is kept.\n");
        for finding in &reading.findings {
            text += &format!("{}: {}\n", finding.code, finding.text);
        }
        return (415, PLAIN, text.into_bytes());
    }
    let body = messages::answer(reading, verdicts, made_at, node.state().code());
    let media_type = match reading.format {
        messages::Format::PnrgovXml => XML,
        messages::Format::Json => JSON,
        messages::Format::Csv => CSV,
        messages::Format::Edifact | messages::Format::Unknown => EDIFACT,
    };
    (if accepted { 200 } else { 422 }, media_type, body)
}

/// Where a list came from.
pub struct Provenance<'a> {
    /// The submission and its digest, for a carrier's.
    pub submission: Option<(&'a str, Digest)>,
    /// The parcel and its digest, for a partner's.
    pub parcel: Option<(&'a str, Digest)>,
    /// The agreement under which a partner sent it.
    pub agreed: Option<&'a InForce>,
}

/// Seals a list and makes its row and its event.
pub fn keep(
    node: &Node,
    list: &PassengerList,
    origin: &str,
    from: Provenance<'_>,
    now: Timestamp,
) -> Result<(List, Event)> {
    let id = Uuid::now_v7().to_string();
    let flight = list.flight();
    let received = now.to_zoned(TimeZone::UTC).date();
    let (day, known) = key_day(node, list, origin, received)?;
    let mut clocks = retained(node, list, origin, from.agreed).clocks(received);
    if let Some((erase, mask)) = known {
        clocks = clocks.not_after(erase, mask);
    }
    let leaves = leave_due(node, list, origin);
    let scope = node.store().open_scope(&scope(node, list, origin, from.agreed), day)?;
    let key = (scope.as_str(), day);
    let (sealed, remainder) = node.store().seal_list(key, (&id, list), clocks.masked, now)?;
    let digest = Digest::of_parts(&[&sealed, &remainder]);
    let (origin_airport, destination) = flight.ends();
    let source = from.submission.or(from.parcel).map(|(_, d)| d).unwrap_or(digest);
    let event = Event::ListKept {
        list: id.clone(),
        submission: source,
        digest,
        travellers: list.travellers().len() as u64,
        key: store::key_name(&scope, day),
        dropped: u64::from(list.dropped_sensitive()),
    };
    let row = List {
        id,
        submission: from.submission.map(|(id, _)| id.to_owned()),
        parcel: from.parcel.map(|(id, _)| id.to_owned()),
        origin: origin.to_owned(),
        agreement: from.agreed.map(|a| a.id().to_string()),
        flight: flight.key(),
        carrier: flight.carrier.to_string(),
        number: flight.number.to_string(),
        origin_airport: origin_airport.to_owned(),
        destination: destination.to_owned(),
        departs_at: flight.departs_at(),
        arrives_at: flight.arrives_at(),
        dataset: dataset_name(list.dataset()).to_owned(),
        function: function_name(list.function()).to_owned(),
        travellers: list.travellers().len() as u32,
        dropped: list.dropped_sensitive(),
        received_at: now,
        keep_until: clocks.erase.0,
        mask_due: clocks.mask.map(|m| m.0),
        leave_due: leaves.map(|l| l.0),
        clock: clock_rules(&clocks, leaves.map(|l| l.1)),
        scope,
        day,
        sealed,
        remainder,
        digest: digest.to_string(),
        screened_at: None,
        watchlists: None,
    };
    Ok((row, event))
}

/// The local day on which the flight first departs: the day whose key seals its lists.
fn service_day(list: &PassengerList) -> Option<Date> {
    Some(list.flight().legs.first()?.departs?.0.date())
}

/// Carriers push from 96 hours before departure on (UK-14, US-07). What comes in that time
/// hangs on the service day, so that a flight's lists are forgotten together.
const WINDOW: i32 = 4;

type Known = Option<(Date, Option<Date>)>;

/// The day of the key for a list, and the clocks of what came of its flight before: a list
/// that is sent again lives no longer than the first.
fn key_day(
    node: &Node,
    list: &PassengerList,
    origin: &str,
    received: Date,
) -> Result<(Date, Known)> {
    let Some(day) = service_day(list) else { return Ok((received, None)) };
    let known = node.store().clocks_of_flight((&list.flight().key(), origin), day)?;
    let apart = (day - received).get_days().abs();
    Ok(if known.is_some() || apart <= WINDOW { (day, known) } else { (received, None) })
}

/// What has one clock has one key: the origin, its agreement, and the law that binds.
fn scope(node: &Node, list: &PassengerList, origin: &str, agreed: Option<&InForce>) -> String {
    let mut scope = origin.to_owned();
    if let Some(agreed) = agreed {
        scope += &format!(".{:.8}", agreed.id().to_string());
    }
    let subject = subject(list, origin);
    for regime in node.regimes().iter().filter(|r| r.binds(&subject)) {
        scope += &format!(".{}", regime.name);
    }
    scope
}

/// What law looks at of a list.
pub(crate) fn subject<'a>(list: &'a PassengerList, origin: &str) -> Subject<'a> {
    let origin = (origin != CARRIERS).then(|| Country::parse(origin)).flatten();
    Subject { dataset: list.dataset(), flight: list.flight(), origin }
}

fn retained(
    node: &Node,
    list: &PassengerList,
    origin: &str,
    agreed: Option<&InForce>,
) -> Retention {
    let subject = subject(list, origin);
    let direction =
        subject.origin.and_then(|o| agreed.and_then(|a| a.agreement().direction(o, node.state())));
    policy::retention(&subject, &node.regimes(), direction)
}

/// When those of a list must be gone whom nothing holds: some time after it left this state,
/// where a law says so. Who stays in the state is not known to have left it.
fn leave_due(node: &Node, list: &PassengerList, origin: &str) -> Option<(Date, RuleId)> {
    let law = policy::departed(&subject(list, origin), &node.regimes())?;
    let day = list.flight().leaves(node.state())?.0.date();
    law.due(day)
}

fn clock_rules(clocks: &Clocks, leaves: Option<RuleId>) -> String {
    let all = [Some(clocks.erase.1), clocks.mask.map(|m| m.1), leaves];
    let mut rules: Vec<&str> = Vec::new();
    for rule in all.into_iter().flatten().map(RuleId::as_str) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules.join(" ")
}

/// The name of a dataset in rows and on pages.
pub fn dataset_name(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Api => "api",
        Dataset::Crew => "crew",
        Dataset::Pnr => "pnr",
    }
}

fn function_name(function: Function) -> &'static str {
    match function {
        Function::Full => "full",
        Function::Change => "change",
        Function::Cancel => "cancel",
        Function::CloseOnBoard => "closed, on board",
        Function::CloseNotOnBoard => "closed, not on board",
        Function::FlightCancelled => "flight cancelled",
        Function::GatePass => "gate pass",
    }
}
