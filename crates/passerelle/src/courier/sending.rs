//! One partner's parcels on their way out.
//!
//! A stream is sent in order, each parcel after the receipt of the one before. What
//! goes wrong is sorted by what helps: a partner that is not reached, or says 429 or
//! 503, is left alone for a while, longer each time (doubling from half a second to a
//! minute, half of it by chance, so that many nodes do not come back together); a
//! stream that the partner stopped, or an answer that proves something wrong, rests
//! and waits for a person, and the partner's other streams go on. Bytes are sealed
//! once: every attempt sends the same.
//!
//! Receipts of a round are stored together. If the node dies before, the parcels are
//! sent again and the partner gives the same receipts again.

use std::{
    collections::HashMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use audit::{Actor, Digest, Event, Logged};
use aws_lc_rs::rand;
use exchange::{Answer, MAX_RECEIPT_BYTES, PublicKeys, Receipt, ReceiptVerdict};
use jiff::tz::TimeZone;
use parking_lot::Mutex;
use store::{
    Batch, Change,
    rows::{Outgoing, Partner, RefusalRow},
};
use tokio::sync::{Notify, watch};

use super::{MEDIA_TYPE, alarm_waits};
use crate::{
    clock,
    node::{self, Node},
};

/// Parcels of one stream in a round: bounds memory, and what is sent twice after a crash.
const ROUND: u32 = 16;
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

/// The way to a partner's node.
pub trait Line: Send + Sync + 'static {
    /// Posts a parcel. An error means that nobody knows whether it arrived.
    fn post(
        &self,
        partner: &Partner,
        parcel: Vec<u8>,
    ) -> impl Future<Output = Result<Reply>> + Send;
}

/// Mutual TLS, one connection pool for each partner.
pub struct Wire {
    node: Arc<Node>,
    /// By state; with the authority for which the client was made.
    clients: Mutex<HashMap<String, (String, reqwest::Client)>>,
}

impl Wire {
    /// A wire that shows the node's certificate.
    pub fn new(node: Arc<Node>) -> Self {
        Self { node, clients: Mutex::default() }
    }

    fn client(&self, partner: &Partner) -> Result<reqwest::Client> {
        let mut clients = self.clients.lock();
        if let Some((authority, client)) = clients.get(&partner.state)
            && *authority == partner.authority
        {
            return Ok(client.clone());
        }
        let client = node::partner_client(&self.node, partner)?;
        clients.insert(partner.state.clone(), (partner.authority.clone(), client.clone()));
        Ok(client)
    }
}

impl Line for Wire {
    async fn post(&self, partner: &Partner, parcel: Vec<u8>) -> Result<Reply> {
        let url = format!("{}/exchange/parcels", partner.url.trim_end_matches('/'));
        let request = self.client(partner)?.post(url).header("content-type", MEDIA_TYPE);
        let mut response = request.body(parcel).send().await?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse().ok())
            .map(Duration::from_secs);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            anyhow::ensure!(
                body.len() + chunk.len() <= MAX_RECEIPT_BYTES + 64,
                "an answer longer than answers are"
            );
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, retry_after, body })
    }
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

/// What became of one parcel.
enum Outcome {
    /// There is a valid receipt.
    Receipted(Vec<u8>, Receipt),
    /// Something earlier has not come.
    Gap(u64),
    /// Come back later; the sentence is for people.
    Later(String, Option<Duration>),
    /// The stream waits; with an alarm, a person has to look.
    Blocked { said: String, alarm: Option<&'static str> },
}

/// Sends one partner's parcels.
pub struct Sender<L> {
    node: Arc<Node>,
    line: Arc<L>,
    state: String,
    /// How many numbers the partner may be sent again in one round.
    pub(super) furthest_back: u64,
    /// Rounds since the partner was last reached.
    failures: u32,
    /// Streams that wait, until when.
    resting: HashMap<String, Instant>,
    /// What the partner answered last, and when that was noted.
    said: Option<(String, Instant)>,
}

/// What a round works through.
struct Plan {
    partner: Partner,
    keys: PublicKeys,
    streams: Vec<Vec<Outgoing>>,
}

impl<L: Line> Sender<L> {
    /// A sender for the partner of that state.
    pub fn new(node: Arc<Node>, line: Arc<L>, state: String) -> Self {
        Self {
            node,
            line,
            state,
            furthest_back: FURTHEST_BACK,
            failures: 0,
            resting: HashMap::new(),
            said: None,
        }
    }

    /// Sends until the node stops.
    pub async fn run(mut self, bell: Arc<Notify>, mut stopping: watch::Receiver<bool>) {
        loop {
            let pause = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                pause = self.round() => pause,
            };
            let pause = pause.unwrap_or_else(|e| {
                tracing::error!(partner = %self.state, error = %format!("{e:#}"), "the courier failed");
                Pause::For(Duration::from_secs(5))
            });
            let (wait, hears) = match pause {
                Pause::None => continue,
                Pause::Idle => (Duration::from_secs(10), true),
                Pause::For(wait) => (wait, false),
            };
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(wait) => {}
                () = bell.notified(), if hears => {}
            }
        }
    }

    /// Sends what can be sent of every stream, once.
    ///
    /// # Errors
    /// The store does not give or take anything.
    pub async fn round(&mut self) -> Result<Pause> {
        let now = Instant::now();
        self.resting.retain(|_, until| *until > now);
        let Some(plan) = self.plan().await? else { return Ok(Pause::Idle) };
        let mut batch = Batch::default();
        let mut pause = Pause::Idle;
        for stream in &plan.streams {
            match self.send(stream, &plan, &mut batch).await? {
                Pause::For(wait) => {
                    pause = Pause::For(wait);
                    break;
                }
                Pause::None => pause = Pause::None,
                Pause::Idle => {}
            }
        }
        self.store(batch).await?;
        Ok(pause)
    }

    /// The parcels to send: of agreements that are in force at this moment.
    async fn plan(&self) -> Result<Option<Plan>> {
        let node = self.node.clone();
        let state = self.state.clone();
        let resting: Vec<String> = self.resting.keys().cloned().collect();
        tokio::task::spawn_blocking(move || {
            let Some(partner) = node.store().partner(&state)?.filter(|p| p.enabled) else {
                return Ok(None);
            };
            let keys = Node::partner_keys(&partner)?;
            let today = clock::now().to_zoned(TimeZone::UTC).date();
            let mut streams = Vec::new();
            for agreed in node.agreements()? {
                let agreement = agreed.agreement();
                let in_force = agreed.suspended_by().is_none()
                    && (agreement.from..=agreement.until).contains(&today);
                let id = agreed.id().to_string();
                let theirs = agreement.parties.iter().any(|p| p.code() == state);
                if in_force && theirs && !resting.contains(&id) {
                    streams.push(node.store().queued(&id, ROUND)?);
                }
            }
            streams.retain(|s| !s.is_empty());
            Ok((!streams.is_empty()).then_some(Plan { partner, keys, streams }))
        })
        .await?
    }

    /// Sends the parcels of one stream in order, as far as it goes.
    async fn send(&mut self, stream: &[Outgoing], plan: &Plan, batch: &mut Batch) -> Result<Pause> {
        for row in stream {
            let mut outcome = self.post(row, plan).await;
            if let Outcome::Gap(expected) = outcome {
                outcome = self.send_again(row, expected, plan).await?;
            }
            match outcome {
                Outcome::Receipted(bytes, receipt) => {
                    self.failures = 0;
                    self.receipted(row, bytes, &receipt, batch)?;
                }
                Outcome::Gap(_) => {
                    self.rest(row, "the partner asks for parcels that it has", None, batch).await?;
                    return Ok(Pause::Idle);
                }
                Outcome::Blocked { said, alarm } => {
                    self.rest(row, &said, alarm, batch).await?;
                    return Ok(Pause::Idle);
                }
                Outcome::Later(said, asked) => return Ok(self.later(row, said, asked, batch)),
            }
        }
        Ok(if stream.len() == ROUND as usize { Pause::None } else { Pause::Idle })
    }

    async fn post(&self, row: &Outgoing, plan: &Plan) -> Outcome {
        let Some(bytes) = row.bytes.clone() else {
            let said = format!("parcel {} is not here any more", row.parcel);
            return Outcome::Blocked { said, alarm: Some("parcel_lost") };
        };
        match self.line.post(&plan.partner, bytes).await {
            Ok(reply) => judge(row, &reply, &plan.keys),
            Err(e) => Outcome::Later(format!("not reached: {}", e.root_cause()), None),
        }
    }

    /// The partner lacks parcels that it receipted: it stands on an older state. They
    /// are sent again, as they were, and then the one that it would not take.
    async fn send_again(&self, row: &Outgoing, expected: u64, plan: &Plan) -> Result<Outcome> {
        if expected == 0 || expected >= row.sequence {
            let said = format!("expects number {expected} where {} is next", row.sequence);
            return Ok(Outcome::Blocked { said, alarm: Some("partner_elsewhere") });
        }
        let until = row.sequence.min(expected.saturating_add(self.furthest_back));
        for sequence in expected..until {
            let (node, agreement) = (self.node.clone(), row.agreement.clone());
            let earlier =
                tokio::task::spawn_blocking(move || node.store().outgoing(&agreement, sequence));
            let Some(earlier) = earlier.await?? else {
                let said = format!("asks for number {sequence}, which is not here any more");
                return Ok(Outcome::Blocked { said, alarm: Some("parcel_lost") });
            };
            match self.post(&earlier, plan).await {
                Outcome::Receipted(..) => {}
                other => return Ok(other),
            }
        }
        if until < row.sequence {
            let said = format!("lacks numbers {expected} to {}; they go again", row.sequence - 1);
            return Ok(Outcome::Later(said, Some(FIRST_WAIT)));
        }
        Ok(self.post(row, plan).await)
    }

    /// Notes a receipt; what it says is stored with the round.
    fn receipted(
        &mut self,
        row: &Outgoing,
        bytes: Vec<u8>,
        receipt: &Receipt,
        batch: &mut Batch,
    ) -> Result<()> {
        let now = clock::now();
        let log = |event| Logged::new(now, Actor::Node, event);
        batch.events.push(log(Event::ParcelSent {
            parcel: row.parcel.clone(),
            partner: row.partner.clone(),
            attempt: row.attempts + 1,
        }));
        batch.events.push(log(Event::ReceiptReceived {
            parcel: row.parcel.clone(),
            partner: row.partner.clone(),
            receipt: Digest::of(&bytes),
        }));
        let (status, said) = match &receipt.verdict {
            ReceiptVerdict::Accepted => ("receipted", "receipted".to_owned()),
            ReceiptVerdict::Refused { reason, rules } => {
                let why = if rules.is_empty() { reason.clone() } else { rules.join(", ") };
                batch.changes.push(Change::Refused(RefusalRow {
                    at: now,
                    partner: row.partner.clone(),
                    mode: row.mode.clone(),
                    list: Some(row.list.clone()),
                    hit: row.hit.clone(),
                    rules: why.clone(),
                    direction: "out".to_owned(),
                }));
                ("refused", format!("refused: {why}"))
            }
        };
        batch.changes.push(Change::Receipted {
            parcel: row.parcel.clone(),
            status: status.to_owned(),
            receipt: bytes,
            at: now,
        });
        self.answered(said, batch);
        Ok(())
    }

    /// Notes what the partner said, when it is new or was noted a while ago.
    fn answered(&mut self, said: String, batch: &mut Batch) {
        if let Some((before, at)) = &self.said
            && *before == said
            && at.elapsed() < NOTE_AGAIN
        {
            return;
        }
        batch.changes.push(Change::PartnerAnswered {
            state: self.state.clone(),
            answer: said.clone(),
            at: clock::now(),
        });
        self.said = Some((said, Instant::now()));
    }

    fn later(
        &mut self,
        row: &Outgoing,
        said: String,
        asked: Option<Duration>,
        batch: &mut Batch,
    ) -> Pause {
        let wait = match asked {
            Some(asked) => asked.min(LONGEST_ASKED).max(FIRST_WAIT),
            None => backoff(self.failures, chance()),
        };
        if self.failures == 0 {
            tracing::warn!(partner = %self.state, "the partner takes nothing at the moment: {said}");
        }
        self.failures = self.failures.saturating_add(1);
        let not_before = node::later(clock::now(), wait.as_secs() as i64);
        batch.changes.push(Change::Retry { parcel: row.parcel.clone(), not_before });
        self.answered(said, batch);
        Pause::For(wait)
    }

    /// Lets a stream rest; with an alarm, a person is told, once.
    async fn rest(
        &mut self,
        row: &Outgoing,
        said: &str,
        alarm: Option<&'static str>,
        batch: &mut Batch,
    ) -> Result<()> {
        self.resting.insert(row.agreement.clone(), Instant::now() + REST);
        let not_before = node::later(clock::now(), REST.as_secs() as i64);
        batch.changes.push(Change::Retry { parcel: row.parcel.clone(), not_before });
        self.answered(said.to_owned(), batch);
        let Some(kind) = alarm else { return Ok(()) };
        let (node, state) = (self.node.clone(), self.state.clone());
        let waiting = tokio::task::spawn_blocking(move || alarm_waits(&node, &state, kind));
        if waiting.await?? {
            return Ok(());
        }
        let now = clock::now();
        let event = Event::Alarm {
            alarm: kind.to_owned(),
            subject: self.state.clone(),
            digest: Digest::parse(&row.digest),
        };
        batch.events.push(Logged::new(now, Actor::Node, event));
        batch.changes.push(Change::Alarm {
            partner: Some(self.state.clone()),
            kind: kind.to_owned(),
            what: format!("Parcel {} to {} waits: {said}.", row.parcel, self.state),
            at: now,
        });
        Ok(())
    }

    async fn store(&self, batch: Batch) -> Result<()> {
        if batch.changes.is_empty() && batch.events.is_empty() {
            return Ok(());
        }
        let node = self.node.clone();
        tokio::task::spawn_blocking(move || node.store().commit(batch)).await??;
        Ok(())
    }
}

/// What an answer means for a parcel. Only a receipt that proves itself ends it.
fn judge(row: &Outgoing, reply: &Reply, keys: &PublicKeys) -> Outcome {
    if matches!(reply.status, 429 | 503) {
        return Outcome::Later(format!("busy (status {})", reply.status), reply.retry_after);
    }
    match Answer::decode(&reply.body) {
        Some(Answer::Receipt(bytes)) => match Receipt::read(&bytes, keys) {
            Ok(receipt) if is_for(&receipt, row) => Outcome::Receipted(bytes, receipt),
            Ok(_) => Outcome::Blocked {
                said: "gave a receipt for something else".to_owned(),
                alarm: Some("wrong_receipt"),
            },
            Err(e) => Outcome::Blocked {
                said: format!("gave no valid receipt: {e}"),
                alarm: Some("wrong_receipt"),
            },
        },
        Some(Answer::Gap { expected }) => Outcome::Gap(expected),
        Some(Answer::Stopped { alarm }) => Outcome::Blocked {
            said: format!("stopped the stream: {alarm}"),
            alarm: Some("stopped_by_partner"),
        },
        Some(Answer::Refused { reason }) => {
            // A person mends these by talking to the partner; time mends the others.
            let alarm = match reason.as_str() {
                "suspended" | "clock_ahead" | "unknown_agreement" => None,
                _ => Some("not_taken"),
            };
            Outcome::Blocked { said: format!("does not take it: {reason}"), alarm }
        }
        None => Outcome::Later(format!("gave no answer of ours (status {})", reply.status), None),
    }
}

fn is_for(receipt: &Receipt, row: &Outgoing) -> bool {
    receipt.parcel.to_string() == row.parcel
        && receipt.digest.to_string() == row.digest
        && receipt.agreement.to_string() == row.agreement
        && receipt.sequence == row.sequence
        && receipt.receiver.code() == row.partner
}

/// How long to leave a partner alone after so many failures: doubling, and half of it
/// by `chance` (0 to 255).
fn backoff(failures: u32, chance: u8) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(1 << failures.min(10)).min(LONGEST_WAIT);
    whole / 2 + whole / 2 * u32::from(chance) / 255
}

fn chance() -> u8 {
    let mut byte = [0x80];
    // Without randomness everybody comes back at the same time; that is no reason to stop.
    let _ = rand::fill(&mut byte);
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_WAIT, backoff};

    #[test]
    fn waits_double_up_to_a_minute_and_half_of_it_is_chance() {
        let shortest: Vec<u128> = (0..9).map(|n| backoff(n, 0).as_millis()).collect();
        assert_eq!(shortest, [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(backoff(0, 255).as_millis(), 500);
        assert_eq!(backoff(u32::MAX, 255), LONGEST_WAIT);
    }
}
