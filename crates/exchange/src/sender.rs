//! The sender's decisions: one partner's parcels on their way out, as a state machine.
//!
//! [`Sender::step`] takes what [`Happened`] and says the one [`Effect`] that comes next;
//! whoever drives it does that and tells what happened. It reads no clock and draws no
//! chance: both are handed in.
//!
//! A stream is sent in order, up to [`MAX_TOGETHER`] parcels in one delivery, the next after
//! the answers to the one before, and what is longer than a chunk by itself, so that it can go
//! on where it stopped; of several streams the one whose flights depart first goes
//! first. After a failure one parcel goes alone, until the partner has receipted one: what
//! hinders it does not hinder those before it. What goes wrong is sorted by
//! what helps: a partner that is not reached, or says 429 or 503, is left alone for a
//! while, longer each time (doubling from half a second to a minute, half of it by
//! chance, so that many nodes do not come back together); a stream that the partner
//! stopped, or an answer that proves something wrong, rests and waits for a person, and
//! the partner's other streams go on. Bytes are sealed once: every attempt sends the same.
//!
//! Receipts of a round are stored together. If the node dies before, the parcels are sent
//! again and the partner gives the same receipts again.

mod effect;
mod reply;
mod waiting;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use jiff::Timestamp;
use policy::AgreementId;
use travel::Country;

pub use self::effect::{Effect, Happened, Note, Pause, Queued, ROUND, Reply};
use self::{
    reply::{Outcome, judge, said_by},
    waiting::{FIRST_WAIT, LONGEST_ASKED, NOTE_AGAIN, REST, after, backoff, within},
};
use crate::{CHUNK_BYTES, MAX_TOGETHER, MAX_TOGETHER_BYTES, PublicKeys, Receipt};

/// How far back a partner may ask in one round.
const FURTHEST_BACK: u64 = 1024;

/// Sends one partner's parcels.
#[derive(Clone, Debug)]
pub struct Sender {
    partner: Country,
    /// How many numbers the partner may be sent again in one round.
    furthest_back: u64,
    /// Rounds since the partner was last reached.
    failures: u32,
    /// Streams that wait, since when.
    resting: BTreeMap<AgreementId, Timestamp>,
    /// What the partner answered last, and when that was noted.
    said: Option<(String, Timestamp)>,
    round: Option<Round>,
}

/// What is done in one go.
#[derive(Clone, Debug)]
struct Round {
    keys: Box<PublicKeys>,
    streams: VecDeque<VecDeque<Queued>>,
    at: At,
    notes: Vec<Note>,
    pause: Pause,
    /// How many parcels of the stream at hand were receipted.
    done: u32,
}

/// Where a round stands.
#[derive(Clone, Debug)]
enum At {
    /// The next parcels of the stream are posted: this one, and those after it.
    Next(Queued, Vec<Queued>),
    /// The partner stands on an older state: this earlier parcel is posted, or looked
    /// for, for the sake of `row`; the numbers below `until` go.
    Earlier { sequence: u64, posted: Option<Queued>, until: u64, row: Queued },
    /// Everything before it was sent again; it is posted once more.
    Last(Queued),
    /// The notes are being stored.
    End,
}

impl Sender {
    /// A sender to the partner of that state.
    pub fn new(partner: Country) -> Self {
        let resting = BTreeMap::new();
        Self {
            partner,
            furthest_back: FURTHEST_BACK,
            failures: 0,
            resting,
            said: None,
            round: None,
        }
    }

    /// The same, sending at most so many earlier numbers again in one round.
    #[must_use]
    pub fn going_back_at_most(mut self, numbers: u64) -> Self {
        self.furthest_back = numbers;
        self
    }

    /// The state to which it sends.
    pub fn partner(&self) -> Country {
        self.partner
    }

    /// Rounds that failed since the partner was last reached.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether a stream rests, so that it need not be looked for in the outbox. A clock
    /// that was put back wakes it.
    pub fn rests(&self, agreement: AgreementId, now: Timestamp) -> bool {
        self.resting.get(&agreement).is_some_and(|since| within(*since, REST, now))
    }

    /// Goes on after what happened. `chance` is a random byte.
    pub fn step(&mut self, happened: Happened, now: Timestamp, chance: u8) -> Effect {
        match happened {
            Happened::Looked(mut streams, keys) => {
                streams.retain(|s| s.first().is_some_and(|row| !self.rests(row.agreement, now)));
                // The flight that leaves first; streams without departures come last.
                streams.sort_by_key(|s| {
                    let first = s.iter().filter_map(|row| row.departs_at).min();
                    (first.is_none(), first, s[0].agreement)
                });
                let streams = streams.into_iter().map(VecDeque::from).collect();
                let (at, notes, pause) = (At::End, Vec::new(), Pause::Idle);
                self.round = Some(Round { keys, streams, at, notes, pause, done: 0 });
                self.go_on(now)
            }
            Happened::Replied(reply) => self.replied(&reply, now, chance),
            Happened::Unreached(why) => {
                let outcome = Outcome::Later(format!("not reached: {why}"), None);
                self.answered_by(outcome, Vec::new(), now, chance)
            }
            Happened::Withheld => {
                if let Some(round) = &mut self.round {
                    round.streams.pop_front();
                    round.done = 0;
                }
                self.go_on(now)
            }
            Happened::Found(found) => self.found(found, now),
            Happened::Stored => {
                Effect::Wait(self.round.take().map_or(Pause::Idle, |round| round.pause))
            }
        }
    }

    /// The next parcel of the stream at hand, or of the next stream, or the end.
    fn go_on(&mut self, now: Timestamp) -> Effect {
        let Some(round) = &mut self.round else { return Effect::Wait(Pause::Idle) };
        // A partner that was not reached gets one parcel alone.
        let most = if self.failures == 0 { MAX_TOGETHER } else { 1 };
        while let Some(stream) = round.streams.front_mut() {
            if let Some(row) = stream.pop_front() {
                if let Some(bytes) = row.bytes {
                    let after = together(stream, bytes, most);
                    round.at = At::Next(row.clone(), after.clone());
                    return Effect::Post([vec![row], after].concat());
                }
                let said = format!("parcel {} is not here any more", row.parcel);
                return self.rest(row, said, Some("parcel_lost"), now);
            }
            if round.done >= ROUND {
                round.pause = Pause::None;
            }
            round.streams.pop_front();
            round.done = 0;
        }
        self.end()
    }

    fn end(&mut self) -> Effect {
        let Some(round) = &mut self.round else { return Effect::Wait(Pause::Idle) };
        round.at = At::End;
        let notes = std::mem::take(&mut round.notes);
        if notes.is_empty() {
            let pause = round.pause;
            self.round = None;
            return Effect::Wait(pause);
        }
        Effect::Store(notes)
    }

    /// Takes the answers to what was posted, one by one.
    fn replied(&mut self, reply: &Reply, now: Timestamp, chance: u8) -> Effect {
        let partner = self.partner;
        let Some(round) = &mut self.round else { return Effect::Wait(Pause::Idle) };
        let posted: Vec<&Queued> = match &round.at {
            At::Next(row, after) => std::iter::once(row).chain(after).collect(),
            At::Earlier { posted: Some(row), .. } | At::Last(row) => vec![row],
            At::Earlier { .. } | At::End => return Effect::Wait(Pause::Idle),
        };
        let mut outcomes = judge(&posted, reply, &round.keys, partner).into_iter();
        let first = outcomes.next().unwrap_or_else(|| {
            Outcome::Later(format!("gave no answer of ours (status {})", reply.status), None)
        });
        self.answered_by(first, outcomes.collect(), now, chance)
    }

    /// What was posted has this outcome, and those after it in the delivery these.
    fn answered_by(
        &mut self,
        outcome: Outcome,
        others: Vec<Outcome>,
        now: Timestamp,
        chance: u8,
    ) -> Effect {
        let Some(round) = &mut self.round else { return Effect::Wait(Pause::Idle) };
        match round.at.clone() {
            At::Next(row, after) => self.delivered((row, after), (outcome, others), now, chance),
            // Which receipt an earlier parcel gets was noted when it got it first.
            At::Earlier { sequence, posted: Some(_), until, row } => match outcome {
                Outcome::Receipted(..) if sequence + 1 < until => {
                    let (agreement, sequence) = (row.agreement, sequence + 1);
                    round.at = At::Earlier { sequence, posted: None, until, row };
                    Effect::Find { agreement, sequence }
                }
                Outcome::Receipted(..) if until < row.sequence => {
                    let last = row.sequence - 1;
                    let said = format!("lacks numbers {until} to {last}; they go again");
                    self.later(row, said, Some(FIRST_WAIT), (now, chance))
                }
                Outcome::Receipted(..) => {
                    round.at = At::Last(row.clone());
                    Effect::Post(vec![row])
                }
                outcome => self.settle(row, outcome, now, chance),
            },
            At::Last(row) => self.settle(row, outcome, now, chance),
            At::Earlier { .. } | At::End => Effect::Wait(Pause::Idle),
        }
    }

    /// The outcomes of a delivery, in order. The first that is no receipt decides how the
    /// stream goes on; what got no answer is at the head of the stream again.
    fn delivered(
        &mut self,
        (row, after): (Queued, Vec<Queued>),
        (outcome, others): (Outcome, Vec<Outcome>),
        now: Timestamp,
        chance: u8,
    ) -> Effect {
        let mut rows = VecDeque::from([vec![row], after].concat());
        let mut last = None;
        for outcome in std::iter::once(outcome).chain(others) {
            let Some(row) = rows.pop_front() else { break };
            match outcome {
                Outcome::Receipted(bytes, receipt) => self.receipted(row, bytes, receipt, now),
                other => {
                    last = Some((row, other));
                    break;
                }
            }
        }
        if let Some(stream) = self.round.as_mut().and_then(|round| round.streams.front_mut()) {
            rows.into_iter().rev().for_each(|row| stream.push_front(row));
        }
        match last {
            None => self.go_on(now),
            Some((row, Outcome::Gap(expected))) => self.gap(row, expected, now),
            Some((row, outcome)) => self.settle(row, outcome, now, chance),
        }
    }

    /// The partner lacks something before the next parcel of a stream.
    fn gap(&mut self, row: Queued, expected: u64, now: Timestamp) -> Effect {
        if expected == 0 || expected >= row.sequence {
            let said = format!("expects number {expected} where {} is next", row.sequence);
            return self.rest(row, said, Some("partner_elsewhere"), now);
        }
        let until = row.sequence.min(expected.saturating_add(self.furthest_back));
        let agreement = row.agreement;
        if let Some(round) = &mut self.round {
            round.at = At::Earlier { sequence: expected, posted: None, until, row };
        }
        Effect::Find { agreement, sequence: expected }
    }

    fn receipted(&mut self, row: Queued, bytes: Vec<u8>, receipt: Receipt, now: Timestamp) {
        self.failures = 0;
        let said = said_by(&receipt);
        if let Some(round) = &mut self.round {
            round.done += 1;
            round.notes.push(Note::Receipted { row, bytes, receipt });
        }
        self.said(said, now);
    }

    fn found(&mut self, found: Option<Queued>, now: Timestamp) -> Effect {
        let Some(Round { at: At::Earlier { sequence, posted, row, .. }, .. }) = &mut self.round
        else {
            return Effect::Wait(Pause::Idle);
        };
        match found.filter(|earlier| earlier.bytes.is_some()) {
            Some(earlier) => {
                *posted = Some(earlier.clone());
                Effect::Post(vec![earlier])
            }
            None => {
                let said = format!("asks for number {sequence}, which is not here any more");
                let row = row.clone();
                self.rest(row, said, Some("parcel_lost"), now)
            }
        }
    }

    fn settle(&mut self, row: Queued, outcome: Outcome, now: Timestamp, chance: u8) -> Effect {
        match outcome {
            Outcome::Receipted(bytes, receipt) => {
                self.receipted(row, bytes, receipt, now);
                self.go_on(now)
            }
            Outcome::Gap(_) => {
                self.rest(row, "the partner asks for parcels that it has".to_owned(), None, now)
            }
            Outcome::Blocked { said, alarm } => self.rest(row, said, alarm, now),
            Outcome::Later(said, asked) => self.later(row, said, asked, (now, chance)),
        }
    }

    /// Notes what the partner said, when it is new or was noted a while ago.
    fn said(&mut self, said: String, now: Timestamp) {
        if let Some((before, at)) = &self.said
            && *before == said
            && within(*at, NOTE_AGAIN, now)
        {
            return;
        }
        if let Some(round) = &mut self.round {
            round.notes.push(Note::Answered(said.clone()));
        }
        self.said = Some((said, now));
    }

    /// Leaves the partner alone for a while; the round is over.
    fn later(
        &mut self,
        row: Queued,
        said: String,
        asked: Option<Duration>,
        (now, chance): (Timestamp, u8),
    ) -> Effect {
        let wait = match asked {
            Some(asked) => asked.clamp(FIRST_WAIT, LONGEST_ASKED),
            None => backoff(self.failures, chance),
        };
        self.failures = self.failures.saturating_add(1);
        if let Some(round) = &mut self.round {
            round.notes.push(Note::Retry { row, not_before: after(now, wait) });
            round.pause = Pause::For(wait);
        }
        self.said(said, now);
        self.end()
    }

    /// Lets a stream rest; with an alarm, a person is to be told. The others go on.
    fn rest(
        &mut self,
        row: Queued,
        said: String,
        alarm: Option<&'static str>,
        now: Timestamp,
    ) -> Effect {
        self.resting.insert(row.agreement, now);
        self.said(said.clone(), now);
        if let Some(round) = &mut self.round {
            round.notes.push(Note::Retry { row: row.clone(), not_before: after(now, REST) });
            if let Some(kind) = alarm {
                round.notes.push(Note::Alarm { row, kind, said });
            }
            round.streams.pop_front();
            round.done = 0;
        }
        self.go_on(now)
    }
}

/// As many of the stream as go with one of so many bytes.
fn together(stream: &mut VecDeque<Queued>, bytes: usize, most: usize) -> Vec<Queued> {
    let (mut sum, mut count) = (bytes, 1);
    let fits = |row: &&Queued| {
        let Some(bytes) = row.bytes else { return false };
        (sum, count) = (sum + bytes, count + 1);
        bytes <= CHUNK_BYTES && count <= most && sum <= MAX_TOGETHER_BYTES
    };
    if bytes > CHUNK_BYTES {
        return Vec::new();
    }
    let others = stream.iter().take_while(fits).count();
    stream.drain(..others).collect()
}
