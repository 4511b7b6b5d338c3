//! The synthetic officers: they work through the interface that any program may use.

use std::{collections::HashSet, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::{sync::watch, time};

use super::{
    fleet::Away,
    ledger::Ledger,
    setup::{ACCOUNTS, StateSetup, password},
};

const UPHOLD: &str = "Synthetic officer: name and birth date or document are those of the entry.";
const DISMISS: &str = "Synthetic officer: the name is alike, the person another.";
const CONFIRM: &str = "Synthetic second officer: looked at it again and came to the same.";

/// Somebody who is signed in at a node.
pub struct Session {
    client: reqwest::Client,
    base: String,
    account: &'static str,
    token: String,
}

impl Session {
    /// Signs in.
    pub async fn begin(setup: &StateSetup, dir: &Path, account: &'static str) -> Result<Self> {
        let client = setup.client(dir)?;
        let base = format!("https://{}/api/v1", setup.console);
        let mut session = Self { client, base, account, token: String::new() };
        session.sign_in().await?;
        Ok(session)
    }

    async fn sign_in(&mut self) -> Result<()> {
        let body = json!({"officer": self.account, "password": password(self.account)});
        let answer = self.client.post(format!("{}/session", self.base)).json(&body).send().await?;
        ensure!(
            answer.status().is_success(),
            "{} may not sign in: {}",
            self.account,
            answer.status()
        );
        let answer: Value = answer.json().await?;
        let token = answer["token"].as_str().context("signed in without a token")?;
        token.clone_into(&mut self.token);
        Ok(())
    }

    /// Asks; signs in again when the session has ended.
    pub async fn get(&mut self, path: &str) -> Result<Value> {
        for _ in 0..2 {
            let request = self.client.get(format!("{}/{path}", self.base)).bearer_auth(&self.token);
            let answer = request.send().await?;
            if answer.status().as_u16() == 401 {
                self.sign_in().await?;
                continue;
            }
            return Ok(answer.error_for_status()?.json().await?);
        }
        anyhow::bail!("{} cannot stay signed in", self.account)
    }

    /// Decides on a hit. What somebody else was quicker to decide is left so.
    async fn decide(&mut self, hit: &str, verdict: &str, reason: &str) -> Result<()> {
        for _ in 0..2 {
            let url = format!("{}/hits/{hit}/decisions", self.base);
            let body = json!({"verdict": verdict, "reason": reason});
            let answer = self.client.post(url).bearer_auth(&self.token).json(&body).send().await?;
            if answer.status().as_u16() == 401 {
                self.sign_in().await?;
                continue;
            }
            ensure!(!answer.status().is_server_error(), "a decision failed: {}", answer.status());
            return Ok(());
        }
        Ok(())
    }
}

/// The two synthetic officers of a state.
pub struct Shift {
    first: Session,
    second: Session,
    ledger: Arc<Ledger>,
    /// Whether they leave half of the queue to the visitor.
    leave_half: bool,
    left: HashSet<String>,
    away: Away,
}

/// How often the queue may fail to come before that ends the demonstration: a node that is
/// switched off, or was a moment ago, is waited for.
const TRIES: u32 = 5;

impl Shift {
    /// Both sign in.
    pub async fn begin(
        setup: &StateSetup,
        dir: &Path,
        ledger: Arc<Ledger>,
        leave_half: bool,
        away: Away,
    ) -> Result<Self> {
        let mut synthetic = ACCOUNTS.iter().filter(|a| a.synthetic).map(|a| a.name);
        let first = synthetic.next().context("no synthetic officer")?;
        let second = synthetic.next().context("no second synthetic officer")?;
        Ok(Self {
            first: Session::begin(setup, dir, first).await?,
            second: Session::begin(setup, dir, second).await?,
            ledger,
            leave_half,
            left: HashSet::new(),
            away,
        })
    }

    /// Works until told to stop.
    pub async fn work(mut self, mut stopping: watch::Receiver<bool>) -> Result<()> {
        let mut failed = 0;
        while !*stopping.borrow() {
            let done = match self.work_queue(&stopping).await {
                Ok(done) => {
                    failed = 0;
                    done
                }
                Err(_) if self.away.is_set() => 0,
                Err(_) if failed + 1 < TRIES => {
                    failed += 1;
                    0
                }
                Err(e) => return Err(e),
            };
            let wait = Duration::from_millis(if done > 0 { 100 } else { 700 });
            tokio::select! {
                _ = stopping.changed() => {}
                () = time::sleep(wait) => {}
            }
        }
        Ok(())
    }

    /// Goes once through the queue. How many hits were decided on.
    async fn work_queue(&mut self, stopping: &watch::Receiver<bool>) -> Result<u32> {
        let mut after: Option<String> = None;
        let mut done = 0;
        loop {
            let from = after.map(|id| format!("&after={id}")).unwrap_or_default();
            let page = self.first.get(&format!("hits?state=waiting&limit=100{from}")).await?;
            for line in page["hits"].as_array().into_iter().flatten() {
                if *stopping.borrow() {
                    return Ok(done);
                }
                done += u32::from(self.look_at(line).await?);
            }
            match page["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => return Ok(done),
            }
        }
    }

    async fn look_at(&mut self, line: &Value) -> Result<bool> {
        let Some(id) = line["id"].as_str() else { return Ok(false) };
        if self.left.contains(id) {
            return Ok(false);
        }
        // Ids end in chance: every other one is the visitor's.
        if self.leave_half && id.bytes().last().is_some_and(|b| b % 2 == 0) {
            self.left.insert(id.to_owned());
            return Ok(false);
        }
        let half = line["state"] == "half";
        if half && line["first_officer"] != self.first.account {
            // A visitor upheld it first; the second is left to a visitor, too.
            self.left.insert(id.to_owned());
            return Ok(false);
        }
        let who = if half { &mut self.second } else { &mut self.first };
        let page = who.get(&format!("hits/{id}")).await?;
        if agrees(&page, &self.ledger) {
            let reason = if half { CONFIRM } else { UPHOLD };
            who.decide(id, "uphold", reason).await?;
        } else {
            who.decide(id, "dismiss", DISMISS).await?;
        }
        Ok(true)
    }
}

/// Whether the evidence has an equal birth date or a document, and it is truly the person.
fn agrees(page: &Value, ledger: &Ledger) -> bool {
    let strong = |line: &Value| {
        let feature = line["feature"].as_str().unwrap_or_default();
        let speaks_for = line["nats"].as_f64().unwrap_or(0.0) > 0.0;
        speaks_for && (feature.contains("birth") || feature.contains("document"))
    };
    let evidence = page["evidence"].as_array().is_some_and(|all| all.iter().any(strong));
    let flight = page["line"]["key"].as_str().unwrap_or_default();
    let entry = page["entry_id"].as_str().unwrap_or_default();
    evidence && ledger.is_true(flight, entry)
}
