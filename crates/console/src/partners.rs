//! Partners with their streams, and what they disclosed to us.

use api::{
    AgreementLine, AlarmView, DayLine, Error, Operation, PartnerView, ReceivedLine, ReceivedPage,
    RefusalLine, TellingLine,
};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    chart::{Bars, Weight, weights},
    frame::{Frame, Section},
    visit::{Asked, Entered, Named, Shown, Visit, html},
};

/// Rows of a page, and of the tables that only show what came last.
const LAST: u32 = 50;
/// Partners' hits that can be leafed through; the older ones stand on their flights' pages.
const MOST: u32 = 500;

#[derive(Template)]
#[template(path = "received.html")]
struct Received {
    frame: Frame,
    now: Timestamp,
    hits: Vec<ReceivedLine>,
    tellings: Vec<TellingLine>,
    may_open: bool,
    found: usize,
    page: usize,
    pages: usize,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfPage {
    page: usize,
}

/// Hits that partners disclosed, page by page, and what was told unasked.
pub async fn received(visit: Visit, Asked(asked): Asked<OfPage>) -> Shown {
    let mut hits = visit.ask(|api, caller, _| api.received_hits(caller, MOST)).await?;
    let found = hits.len();
    let pages = found.div_ceil(LAST as usize).max(1);
    let page = asked.page.clamp(1, pages);
    hits = hits.into_iter().skip((page - 1) * LAST as usize).take(LAST as usize).collect();
    let tellings = visit.ask(|api, caller, _| api.tellings(caller, LAST)).await?;
    let frame = visit.frame("From partners", Some(Section::Received));
    let (now, may_open) = (visit.at, visit.caller.may(Operation::OpenTelling));
    let shown = Received { frame, now, hits, tellings, may_open, found, page, pages };
    Ok(html(StatusCode::OK, &shown))
}

/// A line of a partner's ledger: what was compared, how it stood, its weight.
pub struct GroundLine {
    pub feature: String,
    pub relation: String,
    pub nats: f64,
    pub weight: Weight,
}

#[derive(Template)]
#[template(path = "received_hit.html")]
struct ReceivedHit {
    frame: Frame,
    view: ReceivedPage,
    ledger: Vec<GroundLine>,
}

/// One of them, with the ground on which it came.
pub async fn received_hit(visit: Visit, Named(id): Named<String>) -> Shown {
    let view = visit.ask(move |api, caller, at| api.received_hit(caller, &id, at)).await?;
    let title = format!(
        "Hit from {}, flight {}",
        crate::words::origin(&view.line.partner),
        view.line.flight
    );
    let steps = [("From partners", "/received")];
    let bars = weights(view.evidence.iter().map(|e| e.2));
    let line = |((feature, relation, nats), weight): (&(String, String, f64), Weight)| GroundLine {
        feature: feature.clone(),
        relation: relation.clone(),
        nats: *nats,
        weight,
    };
    let page = ReceivedHit {
        frame: visit.frame(&title, Some(Section::Received)).under(&steps),
        ledger: view.evidence.iter().zip(bars).map(line).collect(),
        view,
    };
    Ok(html(StatusCode::OK, &page))
}

/// A partner with its charts.
pub struct PartnerCard {
    pub view: PartnerView,
    pub sent: Bars,
    pub received: Bars,
}

impl PartnerCard {
    fn of(view: PartnerView) -> Self {
        Self {
            sent: Bars::by_hour(&view.sent_by_hour, "parcels sent"),
            received: Bars::by_hour(&view.received_by_hour, "parcels received"),
            view,
        }
    }
}

#[derive(Template)]
#[template(path = "partners.html")]
struct Partners {
    frame: Frame,
    now: Timestamp,
    partners: Vec<PartnerCard>,
    alarms: Vec<AlarmView>,
    refusals: Vec<RefusalLine>,
    may_settle: bool,
    may_resume: bool,
    may_offer: bool,
    may_meet: bool,
}

/// Partners and their streams, alarms, refusals.
pub async fn partners(visit: Visit) -> Shown {
    let (partners, alarms, refusals) = visit
        .ask(|api, caller, at| {
            Ok((api.partners(caller, at)?, api.alarms(caller, LAST)?, api.refusals(caller, LAST)?))
        })
        .await?;
    let page = Partners {
        frame: visit.frame("Partners and streams", Some(Section::Partners)),
        now: visit.at,
        partners: partners.into_iter().map(PartnerCard::of).collect(),
        alarms,
        refusals,
        may_settle: visit.caller.may(Operation::SettleAlarm),
        may_resume: visit.caller.may(Operation::ResumeStream),
        may_offer: visit.caller.may(Operation::OwnOffer),
        may_meet: visit.caller.may(Operation::MeetPartner),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "partner.html")]
struct Partner {
    frame: Frame,
    now: Timestamp,
    p: PartnerCard,
    agreements: Vec<AgreementLine>,
    totals: Vec<DayLine>,
    alarms: Vec<AlarmView>,
    refusals: Vec<RefusalLine>,
    met: bool,
    may_settle: bool,
    may_resume: bool,
    may_recall: bool,
    reasons: Vec<&'static str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Met {
    met: bool,
}

/// One partner: who it is, how its streams stand, and what was agreed with it.
pub async fn partner(visit: Visit, Named(state): Named<String>, Asked(asked): Asked<Met>) -> Shown {
    let code = state.clone();
    let (found, agreements, totals, alarms, refusals) = visit
        .ask(move |api, caller, at| {
            let of = |other: &str| other == code;
            let mut partners = api.partners(caller, at)?;
            partners.retain(|p| of(&p.state));
            let mut agreements = api.agreements(caller)?;
            agreements.retain(|a| of(&a.partner));
            let mut alarms = api.alarms(caller, MOST)?;
            alarms.retain(|a| a.partner.as_deref().is_some_and(of));
            let mut refusals = api.refusals(caller, MOST)?;
            refusals.retain(|r| of(&r.partner));
            refusals.truncate(LAST as usize);
            let totals = api.totals(caller, &code, LAST)?;
            Ok((partners.pop(), agreements, totals, alarms, refusals))
        })
        .await?;
    let missing = || visit.failed(&Error::Missing { what: "partner", id: state.clone() });
    let p = PartnerCard::of(found.ok_or_else(missing)?);
    let frame = visit.frame(&p.view.name, Some(Section::Partners));
    let page = Partner {
        frame: frame.under(&[("Partners", "/partners")]),
        now: visit.at,
        p,
        agreements,
        totals,
        alarms,
        refusals,
        met: asked.met,
        may_settle: visit.caller.may(Operation::SettleAlarm),
        may_resume: visit.caller.may(Operation::ResumeStream),
        may_recall: visit.caller.may(Operation::Recall),
        reasons: api::recall_reasons(),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Settled {
    csrf: String,
    reason: String,
}

/// Settles an alarm.
pub async fn settle(visit: Visit, Named(id): Named<i64>, Entered(form): Entered<Settled>) -> Shown {
    visit.check_form(&form.csrf)?;
    visit.ask(move |api, caller, at| api.settle_alarm(caller, id, &form.reason, at)).await?;
    Ok(Redirect::to("/partners").into_response())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Recalled {
    csrf: String,
    id: String,
    reason: String,
    erase: Option<String>,
}

/// Takes back what went to partners.
pub async fn recall(
    visit: Visit,
    Named(state): Named<String>,
    Entered(form): Entered<Recalled>,
) -> Shown {
    visit.check_form(&form.csrf)?;
    let work = move |api: &api::Api, caller: &api::Caller, at| {
        api.recall(caller, &form.id, (form.erase.is_some(), &form.reason), at)
    };
    visit.ask(work).await?;
    Ok(Redirect::to(&format!("/partners/{state}")).into_response())
}

/// Lets a stopped stream go on.
pub async fn resume(
    visit: Visit,
    Named((partner, agreement)): Named<(String, String)>,
    Entered(form): Entered<Settled>,
) -> Shown {
    visit.check_form(&form.csrf)?;
    let work = move |api: &api::Api, caller: &api::Caller, at| {
        api.resume_stream(caller, (&partner, Some(&agreement)), &form.reason, at)
    };
    visit.ask(work).await?;
    Ok(Redirect::to("/partners").into_response())
}

/// An alarm's address, or a stream's, typed or loaded again.
pub async fn to_partners() -> Redirect {
    Redirect::to("/partners")
}
