//! The sender's decisions: one partner's parcels on their way out, as a state machine.
//!
//! [`Sender::step`] takes what [`Happened`] and says the one [`Effect`] that comes next;
//! whoever drives it does that and tells what happened. It reads no clock and draws no
//! chance: both are handed in.
//!
//! A stream is sent in order, up to [`MAX_TOGETHER`] parcels in one delivery, the next after
//! the answers to the one before; of several streams the one whose flights depart first goes
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

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use policy::AgreementId;
use travel::Country;

use crate::{
    Answer, Digest, MAX_TOGETHER, MAX_TOGETHER_BYTES, ParcelId, PublicKeys, Receipt, read_answers,
};

/// Parcels of one stream in a round: bounds memory, and what is sent twice after a crash.
pub const ROUND: u32 = MAX_TOGETHER as u32;
/// How far back a partner may ask in one round.
const FURTHEST_BACK: u64 = 1024;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest Retry-After that is obeyed.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);
/// How long a stream rests that waits for a person.
const REST: Duration = Duration::from_secs(30);
/// How old the note of a partner's last answer may become.
const NOTE_AGAIN: Duration = Duration::from_secs(10);

/// A parcel of the outbox, as far as its sender has to know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queued {
    /// Its stream.
    pub agreement: AgreementId,
    /// Its number there.
    pub sequence: u64,
    /// Its id.
    pub parcel: ParcelId,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// How often it was sent before.
    pub attempts: u32,
    /// When its flight departs.
    pub departs_at: Option<Timestamp>,
    /// How long it is, in bytes; `None` when its bytes are not here any more.
    pub bytes: Option<usize>,
}

/// What a partner's node said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// When to come back, where it says so.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// What happened since the last step.
#[derive(Clone, Debug)]
pub enum Happened {
    /// The outbox was looked at: what may be sent at this moment, each stream in order,
    /// at most [`ROUND`] parcels of each, and the partner's keys.
    Looked(Vec<Vec<Queued>>, Box<PublicKeys>),
    /// The partner answered what was posted.
    Replied(Reply),
    /// Nobody knows whether what was posted arrived; why, for people.
    Unreached(String),
    /// It was not posted: its agreement was suspended, or ended, since the look.
    Withheld,
    /// The earlier parcel that was asked for, if it is here.
    Found(Option<Queued>),
    /// What was noted is durable.
    Stored,
}

/// What to do next.
#[derive(Clone, PartialEq, Debug)]
#[must_use]
pub enum Effect {
    /// Post these to the partner as one delivery, unless their agreement (it is the same of
    /// all) is suspended at this moment; then [`Happened::Replied`],
    /// [`Happened::Unreached`] or [`Happened::Withheld`].
    Post(Vec<Queued>),
    /// Look for an earlier parcel of a stream; then [`Happened::Found`].
    Find {
        /// The stream.
        agreement: AgreementId,
        /// Its number.
        sequence: u64,
    },
    /// Store these in one transaction; then [`Happened::Stored`].
    Store(Vec<Note>),
    /// The round is over: wait, look at the outbox, then [`Happened::Looked`].
    Wait(Pause),
}

/// Something to be stored.
#[derive(Clone, PartialEq, Debug)]
pub enum Note {
    /// A receipt that proves itself: the parcel is done.
    Receipted {
        /// The parcel.
        row: Queued,
        /// Its receipt, byte for byte.
        bytes: Vec<u8>,
        /// What it says.
        receipt: Receipt,
    },
    /// It was sent and is not done; not before then again.
    Retry {
        /// The parcel.
        row: Queued,
        /// When.
        not_before: Timestamp,
    },
    /// What the partner said, when it is new or was noted a while ago.
    Answered(String),
    /// A person has to look.
    Alarm {
        /// The parcel that waits.
        row: Queued,
        /// One word.
        kind: &'static str,
        /// What the partner said or did.
        said: String,
    },
}

/// How a round ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pause {
    /// Everything went that can; wait for the bell.
    Idle,
    /// There is more.
    None,
    /// Leave the partner alone for so long.
    For(Duration),
}

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

/// What an answer means for a parcel.
enum Outcome {
    /// It is done.
    Receipted(Vec<u8>, Receipt),
    /// Something earlier has not come.
    Gap(u64),
    /// Come back later; the sentence is for people.
    Later(String, Option<Duration>),
    /// The stream waits; with an alarm, a person has to look.
    Blocked { said: String, alarm: Option<&'static str> },
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

/// Whether `now` is no further from `then` than `length`, whichever way the clock went.
fn within(then: Timestamp, length: Duration, now: Timestamp) -> bool {
    let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
    (SignedDuration::ZERO..length).contains(&now.duration_since(then))
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn said_by(receipt: &Receipt) -> String {
    match &receipt.verdict {
        crate::ReceiptVerdict::Accepted => "receipted".to_owned(),
        crate::ReceiptVerdict::Refused { reason, rules } if rules.is_empty() => {
            format!("refused: {reason}")
        }
        crate::ReceiptVerdict::Refused { rules, .. } => format!("refused: {}", rules.join(", ")),
    }
}

/// As many of the stream as go with one of so many bytes.
fn together(stream: &mut VecDeque<Queued>, bytes: usize, most: usize) -> Vec<Queued> {
    let (mut sum, mut count) = (bytes, 1);
    let fits = |row: &&Queued| {
        let Some(bytes) = row.bytes else { return false };
        (sum, count) = (sum + bytes, count + 1);
        count <= most && sum <= MAX_TOGETHER_BYTES
    };
    let others = stream.iter().take_while(fits).count();
    stream.drain(..others).collect()
}

/// What the answers mean, each for its parcel. Only a receipt that proves itself ends one.
fn judge(posted: &[&Queued], reply: &Reply, keys: &PublicKeys, partner: Country) -> Vec<Outcome> {
    if matches!(reply.status, 429 | 503) {
        let said = format!("busy (status {})", reply.status);
        return vec![Outcome::Later(said, reply.retry_after)];
    }
    let answers = read_answers(&reply.body, posted.len()).unwrap_or_default();
    posted.iter().zip(answers).map(|(row, a)| meant(row, a, keys, partner)).collect()
}

fn meant(row: &Queued, answer: Answer, keys: &PublicKeys, partner: Country) -> Outcome {
    match answer {
        Answer::Receipt(bytes) => match Receipt::read(&bytes, keys) {
            Ok(receipt) if is_for(&receipt, row, partner) => Outcome::Receipted(bytes, receipt),
            Ok(_) => Outcome::Blocked {
                said: "gave a receipt for something else".to_owned(),
                alarm: Some("wrong_receipt"),
            },
            Err(e) => Outcome::Blocked {
                said: format!("gave no valid receipt: {e}"),
                alarm: Some("wrong_receipt"),
            },
        },
        Answer::Gap { expected } => Outcome::Gap(expected),
        Answer::Stopped { alarm } => Outcome::Blocked {
            said: format!("stopped the stream: {alarm}"),
            alarm: Some("stopped_by_partner"),
        },
        Answer::Refused { reason } => {
            // A person mends these by talking to the partner; time mends the others.
            let alarm = match reason.as_str() {
                "suspended" | "clock_ahead" | "unknown_agreement" => None,
                _ => Some("not_taken"),
            };
            Outcome::Blocked { said: format!("does not take it: {reason}"), alarm }
        }
    }
}

fn is_for(receipt: &Receipt, row: &Queued, partner: Country) -> bool {
    receipt.parcel == row.parcel
        && receipt.digest == row.digest
        && receipt.agreement == row.agreement
        && receipt.sequence == row.sequence
        && receipt.receiver == partner
}

/// How long to leave a partner alone after so many failures: doubling, and half of it
/// by `chance`.
fn backoff(failures: u32, chance: u8) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(1 << failures.min(10)).min(LONGEST_WAIT);
    whole / 2 + whole / 2 * u32::from(chance) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_half_of_it_is_chance() {
        let shortest: Vec<u128> = (0..9).map(|n| backoff(n, 0).as_millis()).collect();
        assert_eq!(shortest, [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(backoff(0, 255).as_millis(), 500);
        assert_eq!(backoff(u32::MAX, 255), LONGEST_WAIT);
    }

    #[test]
    fn a_clock_that_was_put_back_does_not_leave_a_stream_resting() {
        let now: Timestamp = "2026-03-01T09:00:00Z".parse().expect("an instant");
        assert!(within(now, REST, now));
        assert!(!within(now, REST, now + SignedDuration::from_secs(30)));
        assert!(!within(now, REST, now - SignedDuration::from_hours(1)));
    }
}
