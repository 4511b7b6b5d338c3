//! Carriers and officers who do not give up, and write down what they were told.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use audit::Digest;
use parking_lot::Mutex;
use passerelle::{clock, invariants::Answered};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{self, PASSWORD, TestNode};

/// How long anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Answered messages that a carrier may send once more.
const REMEMBERED: usize = 16;

/// What senders were told.
#[derive(Default)]
pub struct Seen {
    /// No new message is begun once this is set.
    pub stop: AtomicBool,
    /// What was answered.
    pub ledger: Mutex<Vec<Answered>>,
    /// Node and hit of every decision that was answered as upheld.
    pub upheld: Mutex<BTreeSet<(String, String)>>,
    /// Messages that had to be sent more than once before there was an answer.
    pub again: AtomicU64,
    /// Those of them that the node had kept before it was killed.
    pub kept_before: AtomicU64,
    /// Answered messages that were sent once more and got the same answer.
    pub repeats: AtomicU64,
}

/// Where to send, and as whom.
pub struct Wanted {
    state: String,
    intake: String,
    console: String,
    token: String,
    client: Client,
}

impl Wanted {
    /// Lets a carrier into a node.
    pub fn of(node: &TestNode) -> Self {
        Self {
            state: node.state.clone(),
            intake: format!("https://{}/intake", node.intake),
            console: format!("https://{}/api/v1", node.console),
            token: node.carrier("TK"),
            client: node.client(),
        }
    }

    /// What the node answers to a message: whether it says that it is a repeat, and
    /// the answer. `None` when nobody can tell whether the message arrived.
    async fn post(&self, message: &[u8]) -> Option<(bool, Vec<u8>)> {
        let request = self.client.post(&self.intake).bearer_auth(&self.token);
        let answer = request.body(message.to_vec()).timeout(PATIENCE).send().await.ok()?;
        let status = answer.status();
        let repeat = answer.headers().get("passerelle-repeat").is_some_and(|v| v == "true");
        let body = answer.bytes().await.ok()?.to_vec();
        match status {
            StatusCode::OK => Some((repeat, body)),
            StatusCode::SERVICE_UNAVAILABLE => None,
            other => panic!("a list was answered {other}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

/// Sends lists until told to stop, each until it is answered, and some of them once more.
pub async fn carrier(node: Arc<Wanted>, seen: Arc<Seen>, number: usize, mut random: Random) {
    let mut sent: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut count = 0;
    while !seen.stop.load(Ordering::Relaxed) {
        count += 1;
        let (message, travellers) = message(&node.state, number, count, &mut random);
        let answer = answered(&node, &seen, &message, &mut random).await;
        let entry = Answered {
            node: node.state.clone(),
            submission: Digest::of(&message).to_string(),
            answered_at: clock::now(),
            travellers,
        };
        seen.ledger.lock().push(entry);
        if sent.len() == REMEMBERED {
            sent.swap_remove(random.below(REMEMBERED as u64) as usize);
        }
        sent.push((message, answer));
        if random.below(8) == 0 {
            let (message, answer) = &sent[random.below(sent.len() as u64) as usize];
            if let Some((repeat, same)) = node.post(message).await {
                assert!(repeat, "a message that was answered before counts as new");
                assert!(same == *answer, "the same message got another answer");
                seen.repeats.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Sends a message until there is an answer.
async fn answered(node: &Wanted, seen: &Seen, message: &[u8], random: &mut Random) -> Vec<u8> {
    for attempt in 0.. {
        if let Some((repeat, answer)) = node.post(message).await {
            assert!(attempt > 0 || !repeat, "a message that was never sent counts as a repeat");
            seen.again.fetch_add(u64::from(attempt > 0), Ordering::Relaxed);
            seen.kept_before.fetch_add(u64::from(repeat), Ordering::Relaxed);
            return answer;
        }
        assert!(attempt < 2_000, "{} does not answer any more", node.state);
        tokio::time::sleep(Duration::from_millis(30 + random.below(100))).await;
    }
    unreachable!("the loop ends by returning")
}

/// A list of some flight of the node's state; in every third the invented person of
/// the watchlist is among the travellers.
fn message(state: &str, carrier: usize, count: u32, random: &mut Random) -> (Vec<u8>, u64) {
    let (from, to) = match (state, random.below(3)) {
        ("GBR", 0) => ("MAN", "AYT"),
        ("GBR", _) => ("LHR", "IST"),
        _ => ("IST", "LHR"),
    };
    let mut people = vec![("ESPECIMEN", "ANNA MARIA", "900101"); 1 + random.below(60) as usize];
    if random.below(3) == 0 {
        people.push(("TESTOV", "EXAMPLE IVANOVICH", "800517"));
    }
    let reference = format!("K{carrier}{count}");
    (support::paxlst(&reference, from, to, &people), people.len() as u64)
}

/// Two officers who uphold whatever is raised.
pub async fn officers(node: Arc<Wanted>, seen: Arc<Seen>) {
    let mut tokens = [None, None];
    while !seen.stop.load(Ordering::Relaxed) {
        for (token, name) in tokens.iter_mut().zip(["first", "second"]) {
            if token.is_none() {
                *token = sign_in(&node, name).await;
            }
        }
        if let [Some(first), Some(second)] = &tokens
            && uphold(&node, &seen, first, second).await.is_none()
        {
            tokens = [None, None];
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn sign_in(node: &Wanted, officer: &str) -> Option<String> {
    let words = json!({"officer": officer, "password": PASSWORD});
    let answer = call(node, node.client.post(format!("{}/session", node.console)).json(&words));
    Some(answer.await?["token"].as_str()?.to_owned())
}

/// Goes once through the queue; `None` when the node did not answer.
async fn uphold(node: &Wanted, seen: &Seen, first: &str, second: &str) -> Option<()> {
    let address = format!("{}/hits", node.console);
    let queue = call(node, node.client.get(&address).bearer_auth(first)).await?;
    for hit in queue["hits"].as_array()? {
        let id = hit["id"].as_str()?;
        let officer = if hit["state"] == "half" { second } else { first };
        let words = json!({"verdict": "uphold", "reason": "the same invented person"});
        let request = node.client.post(format!("{address}/{id}/decisions")).json(&words);
        let decided = call(node, request.bearer_auth(officer)).await?;
        if decided["state"] == "upheld" {
            seen.upheld.lock().insert((node.state.clone(), id.to_owned()));
        }
    }
    Some(())
}

async fn call(node: &Wanted, request: reqwest::RequestBuilder) -> Option<Value> {
    let answer = request.timeout(PATIENCE).send().await.ok()?;
    let status = answer.status();
    let body = answer.bytes().await.ok()?;
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{} failed", node.state);
    status.is_success().then(|| serde_json::from_slice(&body).ok())?
}

/// SplitMix64: the same numbers for the same seed.
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
