//! One partner's parcels on their way out: what [`exchange::Sender`] decides is done here,
//! over the network and in the store.
//!
//! What goes, when again, and when a person has to look is decided there, without input or
//! output; here are the outbox, the wire, the clock and chance.
//!
//! The receipts of a round become durable while the next round is under way: a partner's
//! stream is as quick as the way there and back, not slower by a write. What is not durable
//! when the node dies goes again, and gets the same receipts.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use audit::{Actor, Digest, Event, Logged};
use aws_lc_rs::rand;
use exchange::{
    Arrived, Effect, Happened, Kind, MAX_TOGETHER_BYTES, Note, ParcelId, PublicKeys, Queued, ROUND,
    Receipt, ReceiptVerdict,
};
pub use exchange::{Pause, Reply};
use jiff::{Timestamp, tz::TimeZone};
use policy::{AgreementId, InForce};
use store::{
    Batch, Change,
    rows::{Outgoing, Partner, RefusalRow},
};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};
use travel::Country;

use super::raise;
pub use super::wire::Wire;
use crate::{
    clock,
    node::Node,
    pipeline::{self, counts_as},
};

/// The way to a partner's node.
pub trait Line: Send + Sync + 'static {
    /// Posts parcels, together. An error means that nobody knows whether they arrived.
    fn post(
        &self,
        partner: &Partner,
        parcels: Vec<Vec<u8>>,
    ) -> impl Future<Output = Result<Reply>> + Send;
}

/// Sends one partner's parcels.
pub struct Sender<L> {
    node: Arc<Node>,
    line: Arc<L>,
    state: String,
    /// What decides.
    pub(super) core: exchange::Sender,
    /// The receipts of the last round, on their way to the disk.
    storing: Option<Storing>,
}

/// Receipts that are being stored.
struct Storing {
    done: JoinHandle<Result<()>>,
    /// The last number of each stream that is among them.
    until: HashMap<AgreementId, u64>,
}

/// What a round works through.
struct Plan {
    partner: Partner,
    keys: PublicKeys,
    streams: Vec<Vec<Queued>>,
    rows: HashMap<ParcelId, Outgoing>,
    /// Parcels that no agreement covers any more; a person has to look.
    uncovered: Vec<Outgoing>,
    /// The last number of each stream whose receipt is here and not durable yet.
    until: HashMap<AgreementId, u64>,
}

impl<L: Line> Sender<L> {
    /// A sender for the partner of that state.
    pub fn new(node: Arc<Node>, line: Arc<L>, state: String) -> Self {
        let core = exchange::Sender::new(Country::new(&state));
        Self { node, line, state, core, storing: None }
    }

    /// Sends until the node stops.
    pub async fn run(mut self, bell: Arc<Notify>, mut stopping: watch::Receiver<bool>) {
        loop {
            let pause = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                pause = self.begin_round() => pause,
            };
            let pause = pause.unwrap_or_else(|e| self.failed(&e));
            let (wait, hears) = match pause {
                Pause::None => continue,
                Pause::Idle => (Duration::from_secs(10), true),
                Pause::For(wait) => (wait, false),
            };
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(wait) => {}
                () = bell.notified(), if hears => {}
            }
        }
        if let Err(e) = self.stored().await {
            self.failed(&e);
        }
    }

    fn failed(&self, error: &anyhow::Error) -> Pause {
        tracing::error!(partner = %self.state, error = %format!("{error:#}"), "the courier failed");
        Pause::For(Duration::from_secs(5))
    }

    /// Sends what can be sent of every stream, once; what came of it is durable.
    ///
    /// # Errors
    /// The store does not give or take anything.
    pub async fn round(&mut self) -> Result<Pause> {
        let pause = self.begin_round().await?;
        self.stored().await?;
        Ok(pause)
    }

    /// The same; receipts may still be on their way to the disk.
    async fn begin_round(&mut self) -> Result<Pause> {
        if self.storing.as_ref().is_some_and(|storing| storing.done.is_finished()) {
            self.stored().await?;
        }
        let Some(mut plan) = self.plan().await? else { return Ok(Pause::Idle) };
        for row in std::mem::take(&mut plan.uncovered) {
            let said = "no agreement in force covers it any more";
            self.begin_to_store(vec![Doing::Alarm(row, "not_covered", said.to_owned())]).await?;
            self.stored().await?;
        }
        let streams = std::mem::take(&mut plan.streams);
        let mut happened = Happened::Looked(streams, Box::new(plan.keys.clone()));
        loop {
            let effect = self.core.step(happened, clock::now(), chance());
            happened = match effect {
                Effect::Post(together) => self.post(&together, &plan).await?,
                Effect::Find { agreement, sequence } => {
                    Happened::Found(self.find(agreement, sequence, &mut plan).await?)
                }
                Effect::Store(notes) => {
                    let good = |n: &Note| matches!(n, Note::Receipted { .. } | Note::Answered(_));
                    let waits = !notes.iter().all(good);
                    let doing = notes.into_iter().filter_map(|n| plan.doing(n, &self.state));
                    self.begin_to_store(doing.collect()).await?;
                    if waits {
                        self.stored().await?;
                    }
                    Happened::Stored
                }
                Effect::Wait(pause) => return Ok(pause),
            };
        }
    }

    /// The parcels to send: those that an agreement in force covers at this moment.
    async fn plan(&self) -> Result<Option<Plan>> {
        let (node, state, core) = (self.node.clone(), self.state.clone(), self.core.clone());
        let until = self.storing.as_ref().map(|storing| storing.until.clone()).unwrap_or_default();
        tokio::task::spawn_blocking(move || {
            let Some(partner) = node.store().partner(&state)?.filter(|p| p.enabled) else {
                return Ok(None);
            };
            // Most rounds find nothing, and need no agreement for that.
            if !node.store().is_queued(&state)? {
                return Ok(None);
            }
            let keys = node.partner_keys(&partner)?;
            let mut plan = Plan {
                partner,
                keys,
                streams: Vec::new(),
                rows: HashMap::new(),
                uncovered: Vec::new(),
                until,
            };
            let now = clock::now();
            let today = now.to_zoned(TimeZone::UTC).date();
            let agreements = node.agreements()?;
            for agreed in &agreements {
                let agreement = agreed.agreement();
                let theirs = agreement.parties.iter().any(|p| p.code() == state);
                // What is suspended, or has not begun, keeps its place.
                if !theirs || agreed.suspended_by().is_some() || today < agreement.from {
                    continue;
                }
                let queued = plan.queued(&node, agreed, &core, now)?;
                if today <= agreement.until {
                    plan.take(queued)?;
                } else {
                    // What takes something back goes whenever, in its turn.
                    let mut queued = queued;
                    let going = queued.iter().take_while(|r| takes_back(r)).count();
                    plan.uncovered.extend(queued.drain(going..).next());
                    plan.take(queued)?;
                }
            }
            for ended in node.ended()? {
                if !ended.agreement().parties.iter().any(|p| p.code() == state) {
                    continue;
                }
                let mut queued = plan.queued(&node, &ended, &core, now)?;
                let mut going = 0;
                while let Some(row) = queued.get(going)
                    && covered(row, &node, &agreements, now)?
                {
                    going += 1;
                }
                plan.uncovered.extend(queued.drain(going..).next());
                plan.take(queued)?;
            }
            if plan.streams.len() > 1 {
                plan.note_departures();
            }
            Ok((!plan.streams.is_empty() || !plan.uncovered.is_empty()).then_some(plan))
        })
        .await?
    }

    async fn post(&self, together: &[Queued], plan: &Plan) -> Result<Happened> {
        // A round can take minutes; a suspension takes effect at once.
        let Some(first) = together.first() else { return Ok(Happened::Withheld) };
        let (node, id) = (self.node.clone(), first.agreement.to_string());
        let agreement = tokio::task::spawn_blocking(move || node.store().agreement(&id)).await??;
        if agreement.is_none_or(|a| a.status == "suspended") {
            return Ok(Happened::Withheld);
        }
        let bytes = together.iter().map(|queued| plan.bytes(queued)).collect();
        Ok(match self.line.post(&plan.partner, bytes).await {
            Ok(reply) => Happened::Replied(reply),
            Err(e) => {
                let why = e.root_cause().to_string();
                if self.core.failures() == 0 {
                    tracing::warn!(partner = %self.state, "the partner is not reached: {why}");
                }
                Happened::Unreached(why)
            }
        })
    }

    /// An earlier parcel that the partner has lost. It goes again as far as it may go at this
    /// moment: nothing after the last day of its agreement but what takes something back, and what
    /// was sealed under a version that has ended is held against the one in force.
    async fn find(
        &self,
        agreement: AgreementId,
        sequence: u64,
        plan: &mut Plan,
    ) -> Result<Option<Queued>> {
        let (node, id) = (self.node.clone(), agreement.to_string());
        let earlier = tokio::task::spawn_blocking(move || {
            let Some(row) = node.store().outgoing(&id, sequence)? else { return Ok(None) };
            let (agreements, now) = (node.agreements()?, clock::now());
            let today = now.to_zoned(TimeZone::UTC).date();
            let goes = match agreements.iter().find(|a| a.id() == agreement) {
                Some(agreed) => today <= agreed.agreement().until || takes_back(&row),
                None => covered(&row, &node, &agreements, now)?,
            };
            anyhow::Ok(goes.then_some(row))
        });
        let Some(row) = earlier.await?? else { return Ok(None) };
        let queued = queued(&row)?;
        plan.rows.insert(queued.parcel, row);
        Ok(Some(queued))
    }

    /// Begins to store, when what was begun before is durable.
    async fn begin_to_store(&mut self, doing: Vec<Doing>) -> Result<()> {
        self.stored().await?;
        let mut until = HashMap::new();
        for done in &doing {
            if let Doing::Receipted(row, ..) = done
                && let Some(agreement) = AgreementId::parse(&row.agreement)
            {
                let last = until.entry(agreement).or_default();
                *last = row.sequence.max(*last);
            }
        }
        let (node, state) = (self.node.clone(), self.state.clone());
        let done = tokio::task::spawn_blocking(move || {
            let (mut batch, now) = (Batch::default(), clock::now());
            for doing in doing {
                doing.into_batch(&node, &state, now, &mut batch)?;
            }
            if !batch.changes.is_empty() || !batch.events.is_empty() {
                node.store().commit(batch)?;
            }
            Ok(())
        });
        self.storing = Some(Storing { done, until });
        Ok(())
    }

    /// Waits until what was begun to be stored is durable. What is not goes again.
    async fn stored(&mut self) -> Result<()> {
        let Some(storing) = &mut self.storing else { return Ok(()) };
        let done = (&mut storing.done).await;
        self.storing = None;
        done?
    }
}

impl Plan {
    /// The parcels of a stream that waits for nothing.
    fn queued(
        &self,
        node: &Node,
        agreed: &InForce,
        core: &exchange::Sender,
        now: Timestamp,
    ) -> Result<Vec<Outgoing>> {
        if core.rests(agreed.id(), now) {
            return Ok(Vec::new());
        }
        let stream = agreed.id().to_string();
        let after = self.until.get(&agreed.id()).copied().unwrap_or(0);
        let most = (ROUND, MAX_TOGETHER_BYTES as u64);
        let mut rows = node.store().queued((&stream, after), most)?;
        rows.retain(|row| row.partner == self.partner.state);
        Ok(rows)
    }

    /// A parcel goes with the bytes that were sealed; one that goes again keeps them.
    fn bytes(&self, queued: &Queued) -> Vec<u8> {
        let row = self.rows.get(&queued.parcel);
        row.and_then(|row| row.bytes.clone()).unwrap_or_default()
    }

    fn take(&mut self, rows: Vec<Outgoing>) -> Result<()> {
        let mut stream = Vec::with_capacity(rows.len());
        for row in rows {
            let queued = queued(&row)?;
            self.rows.insert(queued.parcel, row);
            stream.push(queued);
        }
        if !stream.is_empty() {
            self.streams.push(stream);
        }
        Ok(())
    }

    /// Notes when the flights depart, so that the stream of the first goes first.
    fn note_departures(&mut self) {
        for queued in self.streams.iter_mut().flatten() {
            let bytes = self.rows.get(&queued.parcel).and_then(|row| row.bytes.as_deref());
            let arrived = bytes.and_then(|bytes| Arrived::read(bytes).ok());
            queued.departs_at = arrived.and_then(|a| a.header().flight.departs_at());
        }
    }

    fn doing(&self, note: Note, state: &str) -> Option<Doing> {
        let row = |queued: &Queued| self.rows.get(&queued.parcel).cloned();
        Some(match note {
            Note::Receipted { row: queued, bytes, receipt } => {
                Doing::Receipted(row(&queued)?, bytes, Box::new(receipt))
            }
            Note::Retry { row: queued, not_before } => {
                Doing::Change(Change::Retry { parcel: queued.parcel.to_string(), not_before })
            }
            Note::Answered(answer) => Doing::Change(Change::PartnerAnswered {
                state: state.to_owned(),
                answer,
                at: clock::now(),
            }),
            Note::Alarm { row: queued, kind, said } => Doing::Alarm(row(&queued)?, kind, said),
        })
    }
}

/// Whether it goes whenever, in its turn: what takes something back or justifies a request, and
/// the word that a request is not answered. It tells of nobody.
fn takes_back(row: &Outgoing) -> bool {
    let kind = Kind::named(&row.mode);
    kind.is_some_and(|k| k.is_owed() || (k == Kind::Answer && row.elements == 0))
}

/// Whether what was sealed under a version that has ended may still go.
fn covered(row: &Outgoing, node: &Node, agreements: &[InForce], now: Timestamp) -> Result<bool> {
    if takes_back(row) {
        return Ok(true);
    }
    // Without its bytes it cannot go; the core says so.
    let Some(bytes) = row.bytes.as_deref() else { return Ok(true) };
    let Ok(parcel) = Arrived::read(bytes) else { return Ok(false) };
    let header = parcel.header();
    let of = (row.partner.as_str(), row.parcel.as_str());
    // Where nobody knows what a correction corrects, nothing covers it.
    let kind = counts_as(node.store(), of, header.kind)?.unwrap_or(Kind::Correction);
    Ok(exchange::carried((header, kind), agreements, &node.regimes(), now).is_ok())
}

fn queued(row: &Outgoing) -> Result<Queued> {
    Ok(Queued {
        agreement: AgreementId::parse(&row.agreement).context("a parcel without an agreement")?,
        sequence: row.sequence,
        parcel: ParcelId::parse(&row.parcel).context("a parcel without an id")?,
        digest: Digest::parse(&row.digest).context("a parcel without a digest")?,
        attempts: row.attempts,
        departs_at: None,
        bytes: row.bytes.as_ref().map(Vec::len),
    })
}

/// What is to be stored, with the rows that it is about.
enum Doing {
    Receipted(Outgoing, Vec<u8>, Box<Receipt>),
    Change(Change),
    Alarm(Outgoing, &'static str, String),
}

impl Doing {
    fn into_batch(self, node: &Node, state: &str, now: Timestamp, batch: &mut Batch) -> Result<()> {
        match self {
            Doing::Receipted(row, bytes, receipt) => {
                if let Some((change, event, differs)) =
                    pipeline::totals::answered(node, &row, (&bytes, &receipt), now)?
                {
                    batch.changes.push(change);
                    batch.events.push(Logged::new(now, Actor::Node, event));
                    if let Some(what) = differs {
                        let of = (state, pipeline::totals::DIFFER, Digest::parse(&row.digest));
                        raise(node, of, what, (Actor::Node, now), batch)?;
                    }
                }
                if let Some(what) = still_believed(&row, &receipt.verdict, state) {
                    let of = (state, NOT_PUT_RIGHT, Digest::parse(&row.digest));
                    raise(node, of, what, (Actor::Node, now), batch)?;
                }
                receipted(row, bytes, receipt.verdict, now, batch);
            }
            Doing::Change(change) => batch.changes.push(change),
            Doing::Alarm(row, kind, said) => {
                let what = format!("Parcel {} to {state} waits: {said}.", row.parcel);
                let of = (state, kind, Digest::parse(&row.digest));
                raise(node, of, what, (Actor::Node, now), batch)?;
            }
        }
        Ok(())
    }
}

/// The alarm when a partner will not put right what went before.
const NOT_PUT_RIGHT: &str = "not_put_right";

/// What a person is told when a partner refuses to put right what went before. That it does not
/// have it (any more) is no reason to worry: nobody there believes it.
pub(super) fn still_believed(
    row: &Outgoing,
    verdict: &ReceiptVerdict,
    state: &str,
) -> Option<String> {
    let ReceiptVerdict::Refused { reason, rules } = verdict else { return None };
    let rights = [Kind::Correction, Kind::Withdrawal, Kind::Erasure].map(Kind::name);
    let gone = matches!(reason.as_str(), "unknown_parcel" | "nothing_to_correct");
    (rights.contains(&row.mode.as_str()) && !gone).then(|| {
        let why = if rules.is_empty() { reason.clone() } else { rules.join(", ") };
        format!(
            "{state} refused parcel {} ({}: {why}), which was to put right what went to it before. \
             The wrong record may be believed there still: call {state}.",
            row.parcel, row.mode
        )
    })
}

fn receipted(
    row: Outgoing,
    bytes: Vec<u8>,
    verdict: ReceiptVerdict,
    now: Timestamp,
    batch: &mut Batch,
) {
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
    let status = match verdict {
        ReceiptVerdict::Accepted => "receipted",
        ReceiptVerdict::Refused { reason, rules } => {
            let why = if rules.is_empty() { reason } else { rules.join(", ") };
            batch.changes.push(Change::Refused(RefusalRow {
                at: now,
                partner: row.partner,
                mode: row.mode,
                list: Some(row.list),
                hit: row.hit,
                rules: why,
                direction: "out".to_owned(),
            }));
            "refused"
        }
    };
    batch.changes.push(Change::Receipted {
        parcel: row.parcel,
        status: status.to_owned(),
        receipt: bytes,
        at: now,
    });
}

fn chance() -> u8 {
    let mut byte = [0x80];
    // Without randomness everybody comes back at the same time; that is no reason to stop.
    let _ = rand::fill(&mut byte);
    byte[0]
}
