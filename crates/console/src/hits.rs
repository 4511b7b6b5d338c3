//! The hit queue, and one hit with the form by which it is decided.

use api::{Error, EvidenceLine, HitPage, HitQueue, QueueState, Summary, Verdict};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    chart::{Weight, weights},
    compare::{Piece, marked},
    frame::{Frame, Section},
    visit::{Asked, Entered, Named, Shown, Visit, html},
    words,
};

/// Hits on one page.
const HITS: u32 = 25;
/// Values of the ledger of so many characters are not broken.
const ONE_LINE: usize = 16;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfQueue {
    state: String,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "hits.html")]
struct Queue {
    frame: Frame,
    now: Timestamp,
    state: QueueState,
    summary: Summary,
    masked: u64,
    view: HitQueue,
    first_page: bool,
}

/// The queue.
pub async fn queue(visit: Visit, Asked(asked): Asked<OfQueue>) -> Shown {
    let state = QueueState::named(&asked.state).unwrap_or_default();
    let first_page = asked.after.is_none();
    let (view, summary, masked) = visit
        .ask(move |api, caller, at| {
            Ok((
                api.hits(caller, state, (asked.after.as_deref(), HITS))?,
                api.summary(caller, at)?,
                api.undecided_and_masked(caller)?,
            ))
        })
        .await?;
    let page = Queue {
        frame: visit.frame("Hits", Some(Section::Hits)),
        now: visit.at,
        state,
        summary,
        masked,
        view,
        first_page,
    };
    Ok(html(StatusCode::OK, &page))
}

/// A line of the ledger as it is drawn.
pub struct LedgerLine {
    pub feature: String,
    pub traveller: Vec<Piece>,
    pub entry: Vec<Piece>,
    pub relation: String,
    pub nats: f64,
    pub weight: Weight,
    /// Whether its values fit on one line each.
    pub short: bool,
}

fn ledger(evidence: &[EvidenceLine]) -> Vec<LedgerLine> {
    let bars = weights(evidence.iter().map(|e| e.nats));
    let line = |(e, weight): (&EvidenceLine, Weight)| {
        let (traveller, entry) = marked(&e.traveller, &e.entry);
        LedgerLine {
            feature: e.feature.clone(),
            traveller,
            entry,
            relation: e.relation.clone(),
            nats: e.nats,
            weight,
            short: e.traveller.chars().count().max(e.entry.chars().count()) <= ONE_LINE,
        }
    };
    evidence.iter().zip(bars).map(line).collect()
}

#[derive(Template)]
#[template(path = "hit.html")]
struct Hit {
    frame: Frame,
    now: Timestamp,
    view: HitPage,
    ledger: Vec<LedgerLine>,
    /// What a decision just led to.
    done: Option<&'static str>,
    next: Option<String>,
    chosen: String,
    reason: String,
    problem: Option<(&'static str, String)>,
}

async fn drawn(visit: &Visit, id: String) -> Result<Hit, Response> {
    let (view, next) = visit
        .ask(move |api, caller, at| {
            let view = api.hit(caller, &id, at)?;
            let waiting = api.hits(caller, QueueState::Waiting, (None, 20))?;
            let next = waiting
                .hits
                .into_iter()
                .find(|h| h.id != id && h.first_officer.as_deref() != Some(caller.officer()));
            Ok((view, next.map(|h| h.id)))
        })
        .await?;
    let title = format!("Hit on flight {}", view.line.flight);
    Ok(Hit {
        frame: visit.frame(&title, Some(Section::Hits)).under(&[("Hits", "/hits")]),
        now: visit.at,
        ledger: ledger(&view.evidence),
        view,
        done: None,
        next,
        chosen: String::new(),
        reason: String::new(),
        problem: None,
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct After {
    done: String,
}

/// One hit.
pub async fn hit(visit: Visit, Named(id): Named<String>, Asked(after): Asked<After>) -> Shown {
    let mut page = drawn(&visit, id).await?;
    // Said only when it is so: an address proves nothing.
    page.done = match (after.done.as_str(), page.view.line.state.as_str()) {
        ("yes", "half") => Some(
            "Your decision is recorded. A second officer has to uphold this hit before anything leaves.",
        ),
        ("yes", "upheld") => {
            Some("The hit is upheld. What the agreements permit goes to partners now.")
        }
        ("yes", "dismissed") => Some("The hit is dismissed. Nothing leaves."),
        _ => None,
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    csrf: String,
    verdict: String,
    reason: String,
}

/// Records a decision.
pub async fn decide(visit: Visit, Named(id): Named<String>, Entered(said): Entered<Said>) -> Shown {
    visit.check_form(&said.csrf)?;
    let (hit, reason) = (id.clone(), said.reason.clone());
    let problem = match Verdict::named(&said.verdict) {
        None => Some(("verdict", "Choose whether you uphold or dismiss this hit.".to_owned())),
        Some(verdict) => {
            let decided = visit
                .attempt(move |api, caller, at| api.decide(caller, &hit, (verdict, &reason), at))
                .await;
            match decided {
                Ok(_) => {
                    let to = format!("/hits/{}?done=yes", words::encoded(&id));
                    return Ok(Redirect::to(&to).into_response());
                }
                Err(Error::Invalid { field, text }) => Some((field, text)),
                Err(e) => return Err(visit.failed(&e)),
            }
        }
    };
    let page =
        Hit { problem, chosen: said.verdict, reason: said.reason, ..drawn(&visit, id).await? };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}
