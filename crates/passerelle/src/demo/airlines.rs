//! The synthetic airlines: they report flights through the nodes' real doors, and wait
//! while a node is switched off.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use audit::Digest;
use testkit::World;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time,
};

use super::{
    fleet::Away,
    ledger::Ledger,
    setup::{Setup, StateSetup},
};
use crate::{clock, invariants::Answered};

/// Between two flights, at speed 1, of up to four states; of more there are more flights.
const PACE: Duration = Duration::from_millis(800);
/// Submissions that wait for their answers at the same time.
const AT_ONCE: usize = 4;
/// Flights that are being reported, for each state: most of them wait for a node that is off.
const FLIGHTS: usize = 8;
/// How long an airline tries again before it gives up.
const TRIES: u32 = 30;

/// A door to push at.
struct Door {
    setup: StateSetup,
    client: reqwest::Client,
    away: Away,
}

/// All doors, and how many submissions may be under way.
struct Doors {
    doors: Vec<Door>,
    turns: Semaphore,
}

/// Reports flights until it is told to stop; all that was sent is answered then.
pub async fn fly(
    (base, setup): (&Path, &Setup),
    away: Vec<Away>,
    world: Arc<World>,
    ledger: Arc<Ledger>,
    speed: f64,
    mut stopping: watch::Receiver<bool>,
) -> Result<()> {
    let doors = setup.states.iter().zip(away);
    let doors: Vec<Door> = doors
        .map(|(s, away)| Ok(Door { setup: s.clone(), client: s.client(base)?, away }))
        .collect::<Result<_>>()?;
    let at_once = FLIGHTS * doors.len();
    let speed = speed * (doors.len() as f64 / 4.0).max(1.0);
    let doors = Arc::new(Doors { doors, turns: Semaphore::new(AT_ONCE) });
    let mut tick = time::interval(PACE.div_f64(speed).max(Duration::from_millis(1)));
    tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut position = ledger.next_position();
    let mut sent: JoinSet<Result<()>> = JoinSet::new();
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopping.changed() => break,
        }
        if *stopping.borrow() {
            break;
        }
        while sent.len() >= at_once {
            if let Some(done) = sent.join_next().await {
                done??;
            }
        }
        sent.spawn(report(doors.clone(), world.clone(), ledger.clone(), position));
        position += 1;
    }
    while let Some(done) = sent.join_next().await {
        done??;
    }
    Ok(())
}

/// Reports one flight to each state that it touches.
async fn report(
    doors: Arc<Doors>,
    world: Arc<World>,
    ledger: Arc<Ledger>,
    position: u64,
) -> Result<()> {
    let now = clock::now();
    let submission = world.submission(position, now);
    ledger.plant(&submission.truths)?;
    let made_at = now.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    for door in &doors.doors {
        let state = door.setup.country()?;
        if !submission.states.contains(&state) {
            continue;
        }
        let bytes = testkit::render(&submission, state, position, made_at);
        let token =
            door.setup.tokens.get(submission.airline.code).context("an airline without a token")?;
        let digest = Digest::of(&bytes).to_string();
        if push(&doors.turns, door, token, bytes).await? {
            ledger.answered(
                position,
                Answered {
                    node: door.setup.state.clone(),
                    submission: digest,
                    answered_at: clock::now(),
                    travellers: submission.report.travellers.len() as u64,
                },
            )?;
        }
    }
    Ok(())
}

/// Sends until there is an answer. Whether it was taken.
async fn push(turns: &Semaphore, door: &Door, token: &str, bytes: Vec<u8>) -> Result<bool> {
    let url = format!("https://{}/intake", door.setup.intake);
    let mut last = String::new();
    let mut tries = 0;
    while tries < TRIES {
        while door.away.is_set() {
            time::sleep(Duration::from_millis(200)).await;
        }
        let turn = turns.acquire().await?;
        let request = door.client.post(&url).bearer_auth(token).body(bytes.clone());
        match request.send().await {
            Ok(answer) if answer.status().as_u16() == 200 => {
                answer.bytes().await?;
                return Ok(true);
            }
            Ok(answer) if answer.status().as_u16() == 422 => return Ok(false),
            Ok(answer) => last = format!("status {}", answer.status()),
            Err(e) => last = e.without_url().to_string(),
        }
        drop(turn);
        tries += 1;
        time::sleep(Duration::from_secs(1)).await;
    }
    bail!("the node of {} did not answer an airline: {last}", door.setup.state)
}
