//! One sender: a process of its own that posts a file of messages, and writes down what it
//! was answered.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufReader, BufWriter, Read, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use audit::Digest;
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{cli, tls};

/// How long a message is tried.
const PATIENCE: Duration = Duration::from_secs(120);

/// `passerelle bench push`.
#[derive(Debug, clap::Args)]
pub struct PushArgs {
    /// Address, tokens, how many at once.
    #[arg(long)]
    plan: PathBuf,
    /// The messages.
    #[arg(long)]
    messages: PathBuf,
    /// What was answered goes there.
    #[arg(long)]
    out: PathBuf,
}

/// What a sender has to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Where the node takes messages.
    pub url: String,
    /// The certificate that it is known by.
    pub ca: PathBuf,
    /// Token by airline.
    pub tokens: BTreeMap<String, String>,
    /// Messages on their way at the same time.
    pub at_once: usize,
    /// Messages in a second, whether or not the node keeps up; otherwise the next one goes
    /// when one is answered.
    #[serde(default)]
    pub rate: Option<usize>,
}

/// An answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pushed {
    /// SHA-256 of the message.
    pub digest: String,
    /// How many travellers must be there of it; 0 where it was damaged or refused.
    pub travellers: u64,
    /// Until the answer was whole, tries included.
    pub ms: f64,
}

/// The last line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spent {
    /// Processor time of the sender.
    pub cpu_s: f64,
}

/// One message of a file: airline, travellers (0 when damaged), length, bytes.
pub fn write(out: &mut impl Write, airline: &str, travellers: u32, bytes: &[u8]) -> Result<()> {
    out.write_all(&airline.as_bytes()[..2])?;
    out.write_all(&travellers.to_le_bytes())?;
    out.write_all(&(bytes.len() as u32).to_le_bytes())?;
    Ok(out.write_all(bytes)?)
}

fn read(from: &mut impl Read) -> Result<Option<(String, u32, Vec<u8>)>> {
    let mut head = [0; 10];
    match from.read_exact(&mut head) {
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let number =
        |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let mut bytes = vec![0; number(6) as usize];
    from.read_exact(&mut bytes)?;
    Ok(Some((String::from_utf8_lossy(&head[..2]).into_owned(), number(2), bytes)))
}

/// Runs it.
pub fn run(args: &PushArgs) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    cli::done(runtime.map_err(Into::into).and_then(|r| r.block_on(push(args))))
}

async fn push(args: &PushArgs) -> Result<()> {
    let plan: Plan = serde_json::from_str(&tls::read_text(&args.plan)?)?;
    let client = tls::plain_client(&tls::read_text(&plan.ca)?)?;
    let mut messages = BufReader::with_capacity(1 << 20, fs::File::open(&args.messages)?);
    let mut out = BufWriter::new(fs::File::create(&args.out)?);
    let mut sent: JoinSet<Result<Pushed>> = JoinSet::new();
    let mut more = true;
    if let Some(rate) = plan.rate {
        steadily(&plan, rate, (&client, &mut messages), &mut sent).await?;
        more = false;
    }
    while more || !sent.is_empty() {
        while more && sent.len() < plan.at_once {
            match read(&mut messages)? {
                None => more = false,
                Some((airline, travellers, bytes)) => {
                    let token = plan.tokens.get(&airline).context("an airline without a token")?;
                    let post = client.post(&plan.url).bearer_auth(token);
                    sent.spawn(one(post, travellers, bytes, Instant::now()));
                }
            }
        }
        if let Some(pushed) = sent.join_next().await {
            serde_json::to_writer(&mut out, &pushed??)?;
            out.write_all(b"\n")?;
        }
    }
    serde_json::to_writer(&mut out, &Spent { cpu_s: super::cpu_s("self") })?;
    Ok(out.flush()?)
}

/// Sends at a steady rate. A message that its sender is late with counts as sent in time.
async fn steadily(
    plan: &Plan,
    rate: usize,
    (client, messages): (&reqwest::Client, &mut impl Read),
    sent: &mut JoinSet<Result<Pushed>>,
) -> Result<()> {
    // Carriers have so many lines to a node; what waits for one is late, and counts as such.
    let lines = Arc::new(Semaphore::new(plan.at_once));
    let mut tick = tokio::time::interval(Duration::from_secs(1) / rate.max(1) as u32);
    while let Some((airline, travellers, bytes)) = read(messages)? {
        let due = tick.tick().await.into_std();
        let token = plan.tokens.get(&airline).context("an airline without a token")?;
        let post = client.post(&plan.url).bearer_auth(token);
        let lines = lines.clone();
        sent.spawn(async move {
            let _line = lines.acquire_owned().await?;
            one(post, travellers, bytes, due).await
        });
    }
    Ok(())
}

async fn one(
    post: reqwest::RequestBuilder,
    travellers: u32,
    bytes: Vec<u8>,
    began: Instant,
) -> Result<Pushed> {
    let digest = Digest::of(&bytes).to_string();
    let body = axum::body::Bytes::from(bytes);
    loop {
        let post = post.try_clone().context("a request that cannot be sent twice")?;
        let answer = post.body(body.clone()).send().await?;
        let status = answer.status().as_u16();
        answer.bytes().await?;
        let travellers = match status {
            200 => u64::from(travellers),
            415 | 422 => 0,
            503 if began.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            other => bail!("the node answered {other}"),
        };
        return Ok(Pushed { digest, travellers, ms: began.elapsed().as_secs_f64() * 1e3 });
    }
}
