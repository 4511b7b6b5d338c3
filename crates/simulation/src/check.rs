//! The promises, checked from what is left: journals, and what crossed the wire.
//!
//! Nothing here asks the core. Journals are read record by record, and each promise is
//! stated anew, so that a fault of the core is not excused by the core's own notion of
//! right. What a node lost because its disk lied about keeping it is excused as loss, for
//! that node alone, never as silence.

mod totals;

use std::collections::{BTreeMap, BTreeSet};

use audit::{Digest, Event};
use exchange::{Header, Incoming, Kind, ParcelId, Receipt};
use policy::AgreementId;
use travel::{Country, PassengerList};

use crate::{
    books::{InRow, OutRow, Status, Transaction, Write},
    disk, parties,
    world::{Acknowledged, Receipted, Sent},
};

/// A promise that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which of the six.
    pub promise: u8,
    /// At which record of whose journal, or which event.
    pub step: usize,
    /// What happened.
    pub what: String,
}

pub(crate) struct Evidence<'a> {
    pub(crate) state: Country,
    pub(crate) journal: &'a [u8],
    /// Whether its disk lost what it had said to keep.
    pub(crate) lost: bool,
    pub(crate) malicious: bool,
}

#[derive(Default)]
pub(crate) struct Found {
    pub(crate) violations: Vec<Violation>,
    pub(crate) delivered: u64,
    pub(crate) alarms: u64,
}

/// What a journal says, folded once.
#[derive(Default)]
struct Story {
    lists: BTreeSet<u64>,
    undisclosed: BTreeSet<u64>,
    out: BTreeMap<(AgreementId, u64), OutRow>,
    inbox: Vec<(usize, InRow)>,
    /// Requests that were put before an officer.
    waits: BTreeSet<(Country, ParcelId)>,
    /// What came with these is gone.
    gone: BTreeSet<(Country, ParcelId)>,
    /// Where the status of an agreement changed.
    statuses: Vec<(usize, AgreementId, Status)>,
    alarms: Vec<(Country, String)>,
    /// Alarms that nobody has settled.
    open: BTreeSet<Country>,
    stopped: BTreeSet<AgreementId>,
    /// Up to which number totals were stated, and counted.
    stated: BTreeMap<AgreementId, u64>,
    counted: BTreeMap<AgreementId, u64>,
}

impl Story {
    fn status(&self, id: AgreementId, record: usize) -> Option<Status> {
        let mut before = self.statuses.iter().filter(|(at, of, _)| *of == id && *at < record);
        before.next_back().map(|(_, _, status)| *status)
    }
}

pub(crate) fn check(
    nodes: &[Evidence<'_>],
    sent: &[Sent],
    receipted: &[Receipted],
    acknowledged: &[Acknowledged],
) -> Found {
    let mut found = Found::default();
    let mut stories = BTreeMap::new();
    for node in nodes {
        let story = read(node, &mut found);
        stories.insert(node.state, story);
    }
    let court = Court { nodes, stories: &stories };
    court.nothing_acknowledged_is_lost(acknowledged, &mut found);
    court.what_was_queued_arrived_once(&mut found);
    court.what_was_taken_back_is_gone(&mut found);
    court.what_is_right_is_held_until_it_goes_as_well(&mut found);
    court.what_was_asked_waits_for_an_officer(&mut found);
    court.nothing_left_without_agreement(sent, &mut found);
    court.receipts_are_what_the_journal_says(receipted, &mut found);
    court.the_honest_are_not_suspected(&mut found);
    found
}

impl Found {
    fn broken(&mut self, promise: u8, step: usize, what: String) {
        self.violations.push(Violation { promise, step, what });
    }
}

/// Reads a journal; what each record must hold is checked on the way (promises 4 and 6).
fn read(node: &Evidence<'_>, found: &mut Found) -> Story {
    let mut story = Story::default();
    let Ok((records, ..)) = disk::read(node.journal, false) else {
        found.broken(6, 0, format!("{} runs on a disk that was changed", node.state));
        return story;
    };
    for (at, record) in records.iter().enumerate() {
        let Some(transaction) = Transaction::decode(record) else {
            found.broken(6, at, format!("{}: a record that cannot be read", node.state));
            continue;
        };
        let events: Vec<Event> =
            transaction.events().flatten().map(|logged| logged.event).collect();
        if !node.malicious {
            each_effect_has_its_event(node.state, at, &transaction, &events, found);
        }
        for write in &transaction.writes {
            fold(&mut story, at, write, node, found);
        }
        if !node.malicious {
            an_officer_decided(node.state, at, &transaction, found);
        }
    }
    story
}

fn fold(story: &mut Story, at: usize, write: &Write, node: &Evidence<'_>, found: &mut Found) {
    match write {
        Write::List(row) => {
            story.lists.insert(row.number);
            story.undisclosed.insert(row.number);
        }
        Write::Disclosed(number) => {
            story.undisclosed.remove(number);
        }
        Write::Queue(row) => {
            let place = (row.agreement, row.sequence);
            if story.out.insert(place, row.clone()).is_some() {
                let what = format!("{} gave number {} twice", node.state, row.sequence);
                found.broken(6, at, what);
            }
        }
        Write::Gone(partner, parcel) => {
            story.gone.insert((*partner, *parcel));
        }
        Write::Receipted(id, sequence, receipt) => {
            if let Some(row) = story.out.get_mut(&(*id, *sequence)) {
                row.receipt = Some(receipt.clone());
            }
        }
        Write::Inbox(row) => {
            taken_in_order(story, at, row, node, found);
            story.inbox.push((at, row.clone()));
        }
        Write::StreamIn(id, state) => match Incoming::decode(state) {
            Ok(stream) if stream.stopped.is_some() => {
                story.stopped.insert(*id);
                if !story.open.contains(&stream.from) && !node.malicious {
                    // Its alarm stands in the same record, perhaps after it.
                    story.alarms.push((stream.from, "expected".to_owned()));
                }
            }
            _ => {
                story.stopped.remove(id);
            }
        },
        Write::Agreement(id, status) => story.statuses.push((at, *id, *status)),
        Write::Alarm(partner, kind) => {
            found.alarms += 1;
            story.alarms.retain(|(p, k)| p != partner || k != "expected");
            story.alarms.push((*partner, kind.clone()));
            story.open.insert(*partner);
        }
        Write::Settled(partner) => {
            story.open.remove(partner);
        }
        Write::Waits(row) => {
            story.waits.insert((row.partner, row.parcel));
        }
        Write::StreamOut(..)
        | Write::Tried(..)
        | Write::Epoch(..)
        | Write::Asked(..)
        | Write::Decided(..)
        | Write::Answered(..) => {}
        Write::Stated(id, total) => totals::stated(story, at, (*id, total), node, found),
        Write::Counted(id, total, receipt) => {
            totals::counted(story, at, (*id, total, receipt), node, found);
        }
    }
}

/// Promise 6: numbers without a gap, each following the one before, none twice; nothing
/// while a stream is stopped, nothing while an agreement is suspended.
fn taken_in_order(story: &Story, at: usize, row: &InRow, node: &Evidence<'_>, found: &mut Found) {
    if node.malicious {
        return;
    }
    let (state, number) = (node.state, row.sequence);
    let before = story.inbox.iter().rev().find(|(_, r)| r.agreement == row.agreement);
    let (next, previous) = match before {
        Some((_, r)) => (r.sequence + 1, r.digest.clone()),
        None => (1, vec![0; 32]),
    };
    if number != next {
        found.broken(6, at, format!("{state} took number {number} where {next} was to come"));
    } else if row.previous != previous {
        found.broken(6, at, format!("{state} took number {number} of another history"));
    }
    if story.inbox.iter().any(|(_, r)| (r.partner, r.parcel) == (row.partner, row.parcel)) {
        found.broken(6, at, format!("{state} took parcel {} twice", row.parcel));
    }
    if story.stopped.contains(&row.agreement) {
        found.broken(6, at, format!("{state} took number {number} of a stopped stream"));
    }
    if story.status(row.agreement, at) == Some(Status::Suspended) {
        found.broken(3, at, format!("{state} took number {number} while suspended"));
    }
}

/// Promise 2: what is answered stands beside an officer's decision on that very request.
fn an_officer_decided(state: Country, at: usize, transaction: &Transaction, found: &mut Found) {
    let decided = |request: ParcelId| {
        transaction.writes.iter().any(|w| matches!(w, Write::Decided(_, of) if *of == request))
    };
    for write in &transaction.writes {
        let Write::Queue(OutRow { answers: Some(request), .. }) = write else { continue };
        if !decided(*request) {
            found.broken(2, at, format!("{state} answered a request on which nobody decided"));
        }
    }
}

/// Promise 4: the event stands in the very transaction of the effect.
fn each_effect_has_its_event(
    state: Country,
    at: usize,
    transaction: &Transaction,
    events: &[Event],
    found: &mut Found,
) {
    for write in &transaction.writes {
        let told = match write {
            Write::List(row) => events
                .iter()
                .any(|e| matches!(e, Event::ListKept { list, .. } if *list == row.number.to_string())),
            Write::Queue(row) => events.iter().any(|e| {
                matches!(e, Event::ParcelQueued { parcel, sequence, .. }
                    if *parcel == row.parcel.to_string() && *sequence == row.sequence)
            }),
            Write::Receipted(_, _, bytes) => events.iter().any(|e| {
                matches!(e, Event::ReceiptReceived { receipt, .. } if *receipt == Digest::of(bytes))
            }),
            Write::Inbox(row) if row.list.is_some() => events.iter().any(|e| {
                matches!(e, Event::ParcelReceived { parcel, .. } if *parcel == row.parcel.to_string())
            }),
            Write::Inbox(_) => events.iter().any(|e| match e {
                // Keys that are known already change nothing.
                Event::ParcelReceived { mode, .. } => mode == "keys",
                e => matches!(
                    e,
                    Event::ParcelRefused { .. }
                        | Event::TakenBack { .. }
                        | Event::RequestReceived { .. }
                        | Event::AnswerReceived { .. }
                        | Event::TotalCounted { .. }
                ),
            }),
            Write::Gone(_, earlier) => events.iter().any(|e| {
                matches!(e, Event::TakenBack { earlier: told, .. }
                    | Event::CorrectedByPartner { earlier: told, .. } if *told == earlier.to_string())
            }),
            Write::Agreement(..) => events.iter().any(|e| {
                matches!(
                    e,
                    Event::AgreementAccepted { .. }
                        | Event::AgreementSuspended { .. }
                        | Event::AgreementResumed { .. }
                )
            }),
            Write::Asked(row) => events.iter().any(|e| {
                matches!(e, Event::Requested { request, .. } if *request == row.parcel.to_string())
            }),
            Write::Waits(row) => events.iter().any(|e| {
                matches!(e, Event::RequestReceived { request, .. } if *request == row.parcel.to_string())
            }),
            Write::Decided(_, of) => events.iter().any(|e| {
                matches!(e, Event::RequestAnswered { request, .. } if *request == of.to_string())
            }),
            Write::Answered(_, of, _) => events.iter().any(|e| {
                matches!(e, Event::AnswerReceived { request, .. } if *request == of.to_string())
            }),
            Write::Stated(..) => events.iter().any(|e| matches!(e, Event::TotalStated { .. })),
            Write::Counted(..) => events.iter().any(|e| matches!(e, Event::TotalCounted { .. })),
            Write::Epoch(..) => events.iter().any(|e| {
                matches!(e, Event::KeyMade { .. } | Event::PartnerRolledOver { .. })
            }),
            Write::Alarm(..) => events.iter().any(|e| matches!(e, Event::Alarm { .. })),
            _ => true,
        };
        if !told {
            found.broken(4, at, format!("{state} did something that its log does not tell"));
        }
    }
}

/// Whether a receipt is the partner's signed word on this very parcel.
fn proves(receipt: &[u8], row: &OutRow) -> bool {
    let keys = parties::keys(row.partner, 1).public();
    Receipt::read(receipt, keys).is_ok_and(|said| {
        (said.parcel, said.sequence) == (row.parcel, row.sequence)
            && said.agreement == row.agreement
            && said.digest.0 == row.digest.as_slice()
            && said.receiver == row.partner
    })
}

/// Whether a parcel takes something back, or says that nothing is answered.
fn tells_of_nobody(header: &Header) -> bool {
    header.kind.takes_back()
        || matches!(header.kind, Kind::Total | Kind::Keys)
        || (header.kind == Kind::Answer && header.elements.is_empty())
}

struct Court<'a> {
    nodes: &'a [Evidence<'a>],
    stories: &'a BTreeMap<Country, Story>,
}

impl Court<'_> {
    fn node(&self, state: Country) -> Option<&Evidence<'_>> {
        self.nodes.iter().find(|n| n.state == state)
    }

    /// Neither malicious nor betrayed by its disk.
    fn sound(&self, state: Country) -> bool {
        self.node(state).is_some_and(|n| !n.malicious && !n.lost)
    }

    fn honest(&self, state: Country) -> bool {
        self.node(state).is_some_and(|n| !n.malicious)
    }

    fn nothing_acknowledged_is_lost(&self, acknowledged: &[Acknowledged], found: &mut Found) {
        for ack in acknowledged.iter().filter(|a| self.sound(a.by)) {
            if !self.stories[&ack.by].lists.contains(&ack.number) {
                let what = format!("{} acknowledged list {} and lost it", ack.by, ack.number);
                found.broken(1, 0, what);
            }
        }
        for (state, story) in self.stories.iter().filter(|(s, _)| self.honest(**s)) {
            for number in &story.undisclosed {
                let what = format!("{state} never asked an agreement about list {number}");
                found.broken(1, 0, what);
            }
            for (partner, _) in story.alarms.iter().filter(|(_, kind)| kind == "expected") {
                let what = format!("{state} stopped the stream of {partner} and told nobody");
                found.broken(6, 0, what);
            }
        }
    }

    /// Promise 1 between states: what was queued is with the partner, once, or it is
    /// known why not.
    fn what_was_queued_arrived_once(&self, found: &mut Found) {
        for (from, story) in self.stories.iter().filter(|(s, _)| self.honest(**s)) {
            for row in story.out.values() {
                self.arrived(*from, row, found);
            }
        }
        for (to, story) in self.stories.iter().filter(|(s, _)| self.honest(**s)) {
            let mut here = BTreeSet::new();
            for (at, row) in &story.inbox {
                let Some(list) = &row.list else { continue };
                found.delivered += 1;
                let Ok(list) = PassengerList::decode(list) else {
                    found.broken(6, *at, format!("{to} keeps a list that cannot be read"));
                    continue;
                };
                // What was asked for may have come before, with its list; what was corrected or
                // taken back is not there any more.
                let asked = row.answers.is_some();
                let gone = story.gone.contains(&(row.partner, row.parcel));
                let first = asked || gone || here.insert((row.partner, list.flight().key()));
                if !first && self.sound(row.partner) {
                    let (what, flight) = (row.partner, list.flight().key());
                    found.broken(1, *at, format!("{to} has {flight} of {what} twice"));
                }
                self.no_more_than_agreed(*to, *at, row, &list, found);
            }
        }
    }

    /// Promise 1 between states: a request that was taken is put before an officer.
    fn what_was_asked_waits_for_an_officer(&self, found: &mut Found) {
        for (state, story) in self.stories.iter().filter(|(s, _)| self.sound(**s)) {
            for (at, row) in story.inbox.iter().filter(|(_, row)| row.asks && row.taken) {
                if !story.waits.contains(&(row.partner, row.parcel)) {
                    let what = format!("{state} took a request of {} and forgot it", row.partner);
                    found.broken(1, *at, what);
                }
            }
        }
    }

    /// Promise 5 between states: what its sender took back, and has a receipt for that, is
    /// not there any more; and nothing else has gone.
    fn what_was_taken_back_is_gone(&self, found: &mut Found) {
        for (from, story) in self.stories.iter().filter(|(s, _)| self.sound(**s)) {
            for (to, theirs) in self.stories.iter().filter(|(s, _)| self.sound(**s)) {
                let rows = || story.out.values().filter(|row| row.partner == *to);
                let about = |row: &OutRow| Some((*from, row.about.or(row.corrects)?));
                // A correction that was refused replaces nothing.
                let effective = |row: &&OutRow| {
                    row.receipt.is_some()
                        && (row.corrects.is_none() || self.had(*to, (*from, row.parcel)))
                };
                for gone in rows().filter(effective).filter_map(about) {
                    if !theirs.gone.contains(&gone) && self.had(*to, gone) {
                        let what = format!("{to} keeps parcel {} that {from} took back", gone.1);
                        found.broken(5, 0, what);
                    }
                }
                let asked: BTreeSet<_> = rows().filter_map(about).collect();
                for gone in theirs.gone.iter().filter(|g| g.0 == *from && !asked.contains(g)) {
                    let what = format!("{to} lost parcel {} that {from} left with it", gone.1);
                    found.broken(5, 0, what);
                }
            }
        }
    }

    /// Promise 1 between states: a correction that was taken brought the very record that its
    /// sender sealed as the right one; the wrong one alone has gone.
    fn what_is_right_is_held_until_it_goes_as_well(&self, found: &mut Found) {
        for (state, story) in self.stories.iter().filter(|(s, _)| self.sound(**s)) {
            for (at, row) in story.inbox.iter().filter(|(_, r)| r.taken && r.corrects.is_some()) {
                if row.list.is_none() {
                    let what =
                        format!("{state} took a correction of {} and kept none", row.partner);
                    found.broken(1, *at, what);
                }
            }
        }
    }

    /// Whether a list came with a parcel.
    fn had(&self, state: Country, (partner, parcel): (Country, ParcelId)) -> bool {
        let came = |row: &InRow| (row.partner, row.parcel) == (partner, parcel);
        self.stories[&state].inbox.iter().any(|(_, row)| came(row) && row.list.is_some())
    }

    fn arrived(&self, from: Country, row: &OutRow, found: &mut Found) {
        let (to, number) = (row.partner, row.sequence);
        if row.receipt.as_ref().is_some_and(|receipt| !proves(receipt, row)) {
            let what = format!("{from} holds parcel {number} for done on no receipt of {to}");
            found.broken(6, 0, what);
        }
        if !self.honest(to) {
            return;
        }
        let theirs = &self.stories[&to];
        let there = theirs
            .inbox
            .iter()
            .find(|(_, r)| r.partner == from && r.parcel == row.parcel && r.digest == row.digest);
        let (sender, receiver) = (&self.stories[&from], theirs);
        let end = usize::MAX;
        let waits = sender.status(row.agreement, end) == Some(Status::Suspended)
            || receiver.status(row.agreement, end) == Some(Status::Suspended)
            || receiver.stopped.contains(&row.agreement)
            || sender.alarms.iter().any(|(p, _)| *p == to)
            || !self.sound(from);
        // A disk that lied lost the end of a stream: it is seen with the next parcel, and
        // after the last there is none.
        let last = theirs.inbox.iter().rev().find(|(_, r)| r.agreement == row.agreement);
        let at_the_end = !self.sound(to) && last.is_none_or(|(_, r)| r.sequence < number);
        match (&row.receipt, there) {
            (Some(_), None) if !waits && !at_the_end => {
                let what = format!("{from} holds parcel {number} for done; {to} does not have it");
                found.broken(1, 0, what);
            }
            (Some(receipt), Some((_, r))) if *receipt != r.receipt && self.sound(to) => {
                let what = format!("{from} and {to} hold different receipts for {number}");
                found.broken(6, 0, what);
            }
            (None, _) if !waits => {
                let what = format!("parcel {number} of {from} to {to} waits, and nobody knows");
                found.broken(1, 0, what);
            }
            _ => {}
        }
    }

    /// Promise 3, where it arrives: held against the documents themselves.
    fn no_more_than_agreed(
        &self,
        to: Country,
        at: usize,
        row: &InRow,
        list: &PassengerList,
        found: &mut Found,
    ) {
        let agreed = parties::agreement_of(row.agreement);
        let terms = agreed.as_ref().and_then(|a| a.agreement().direction(row.partner, to));
        let Some(direction) = terms else {
            let what = format!("{to} keeps a list under no agreement with {}", row.partner);
            return found.broken(3, at, what);
        };
        let elements = direction.terms[0].elements;
        if list.restricted_to(elements, None).travellers() != list.travellers() {
            let what = format!("{to} keeps more of {} than was agreed", row.partner);
            found.broken(3, at, what);
        }
    }

    /// Promise 3, where it leaves.
    fn nothing_left_without_agreement(&self, sent: &[Sent], found: &mut Found) {
        for parcel in sent.iter().filter(|s| self.sound(s.from)) {
            let (from, to, number) = (parcel.from, parcel.to, parcel.header.sequence);
            let id = parcel.header.agreement;
            let Some(agreed) = parties::agreement_of(id) else {
                found.broken(3, 0, format!("{from} sent {number} to {to} under no agreement"));
                continue;
            };
            let document = agreed.agreement();
            let story = &self.stories[&from];
            match story.status(id, parcel.records) {
                Some(Status::InForce) => {}
                Some(Status::Ended) if tells_of_nobody(&parcel.header) => {}
                Some(Status::Ended) => {
                    let (a, b) = (parties::index(from), parties::index(to));
                    let second = parties::agreement(a, b, 2);
                    let covered = second
                        .agreement()
                        .direction(from, to)
                        .is_some_and(|d| parcel.header.elements.is_subset(d.terms[0].elements));
                    if !covered
                        || story.status(second.id(), parcel.records) != Some(Status::InForce)
                    {
                        let what =
                            format!("{from} sent {number} to {to} wider than the new version");
                        found.broken(3, parcel.records, what);
                    }
                    continue;
                }
                other => {
                    let what = format!("{from} sent {number} to {to} under {other:?}");
                    found.broken(3, parcel.records, what);
                }
            }
            if !tells_of_nobody(&parcel.header)
                && (parcel.day < document.from || parcel.day > document.until)
            {
                let what = format!("{from} sent {number} to {to} on {}", parcel.day);
                found.broken(3, parcel.records, what);
            }
            // What is asked for is what the other answers.
            let (a, b) = if parcel.header.kind == Kind::Request { (to, from) } else { (from, to) };
            let terms = document.direction(a, b).map(|d| d.terms[0].elements);
            let of_nobody = matches!(parcel.header.kind, Kind::Total | Kind::Keys)
                && parcel.header.elements.is_empty();
            if !of_nobody && !terms.is_some_and(|agreed| parcel.header.elements.is_subset(agreed)) {
                let what = format!("{from} sent {number} to {to} with more than is agreed");
                found.broken(3, parcel.records, what);
            }
        }
    }

    /// Promises 4 and 6: a receipt is what the journal says, for the very bytes that
    /// came, and the same for ever.
    fn receipts_are_what_the_journal_says(&self, receipted: &[Receipted], found: &mut Found) {
        let mut given: BTreeMap<(Country, Country, [u8; 32]), &[u8]> = BTreeMap::new();
        for answer in receipted.iter().filter(|r| self.honest(r.by)) {
            let (by, from) = (answer.by, answer.from);
            let before = given.insert((by, from, answer.digest.0), &answer.receipt);
            if before.is_some_and(|before| before != answer.receipt) && self.sound(by) {
                found.broken(6, 0, format!("{by} gave {from} two receipts for one parcel"));
            }
            let row = self.stories[&by]
                .inbox
                .iter()
                .find(|(_, r)| r.partner == from && r.digest == answer.digest.0);
            match row {
                Some((_, row)) if row.receipt != answer.receipt && self.sound(by) => {
                    found.broken(6, 0, format!("{by} gave {from} another receipt than it kept"));
                }
                None if self.sound(by) => {
                    let what = format!("{by} gave {from} a receipt for what it does not have");
                    found.broken(1, 0, what);
                }
                _ => {}
            }
        }
    }

    /// Promise 6: between two honest nodes on sound disks nothing looks forged, forked or
    /// uncovered, whatever the weather.
    fn the_honest_are_not_suspected(&self, found: &mut Found) {
        for (state, story) in self.stories.iter().filter(|(s, _)| self.sound(**s)) {
            // A partner that takes up a new version late is waited for, not suspected.
            let expected =
                |kind: &str| matches!(kind, "not_covered" | "agreement_unknown" | "expected");
            for (partner, kind) in &story.alarms {
                if self.sound(*partner) && !expected(kind) {
                    found.broken(6, 0, format!("{state} holds {partner} for false: {kind}"));
                }
            }
            for (at, row) in &story.inbox {
                let pair = (parties::index(*state), parties::index(row.partner));
                let changed = parties::agreement(pair.0, pair.1, 2).id();
                let changing = story.statuses.iter().any(|(_, id, _)| *id == changed);
                let refused = !row.taken;
                if refused && self.sound(row.partner) && !changing {
                    let what = format!("{state} refused an honest parcel of {}", row.partner);
                    found.broken(3, *at, what);
                }
            }
        }
    }
}
