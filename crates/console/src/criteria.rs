//! Criteria: proposed, in use, past.

use api::{Error, Operation, criteria::CriteriaView};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use jiff::{Span, Timestamp, tz::TimeZone};
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Entered, Named, Shown, Visit, html},
};

/// Where an author begins; with a day half a year from now.
const DRAFT: &str = r#"name = "broken-travel"
title = "Travel in pieces to a border region"
purpose = "terrorism"
review_by = DAY

[[criterion]]
id = "onward"
title = "An onward leg to the border, on a second ticket bought late"
why = "Recruits were sent on by tickets that others bought after they had arrived."
when = ["bookings >= 2", "booked_before <= 3", "journey_to in [TUR]"]
unless = ["crew", "booking_travellers >= 4"]
"#;

#[derive(Template)]
#[template(path = "criteria.html")]
struct Criteria {
    frame: Frame,
    problem: Option<(&'static str, String)>,
    views: Vec<CriteriaView>,
    draft: String,
    me: String,
    may_propose: bool,
    may_approve: bool,
    may_withdraw: bool,
    facts: Vec<(&'static str, &'static str)>,
}

/// The class of a state's tag.
pub fn tag(state: &str) -> &'static str {
    match state {
        "in use" => "in_force",
        "proposed" | "to be reviewed" => "waiting",
        _ => "ended",
    }
}

fn half_a_year(at: Timestamp) -> String {
    let today = at.to_zoned(TimeZone::UTC).date();
    today.saturating_add(Span::new().months(6)).to_string()
}

async fn drawn(visit: &Visit) -> Result<Criteria, axum::response::Response> {
    let views = visit.ask(|api, caller, at| api.criteria(caller, at)).await?;
    Ok(Criteria {
        frame: visit.frame("Criteria", Some(Section::Criteria)),
        problem: None,
        views,
        draft: DRAFT.replace("DAY", &half_a_year(visit.at)),
        me: visit.caller.officer().to_owned(),
        may_propose: visit.caller.may(Operation::ProposeCriteria),
        may_approve: visit.caller.may(Operation::ApproveCriteria),
        may_withdraw: visit.caller.may(Operation::WithdrawCriteria),
        facts: api::criteria::facts(),
    })
}

/// All versions, and a form for another.
pub async fn criteria(visit: Visit) -> Shown {
    Ok(html(StatusCode::OK, &drawn(&visit).await?))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Proposed {
    csrf: String,
    document: String,
}

/// Tries criteria and proposes them.
pub async fn propose(visit: Visit, Entered(form): Entered<Proposed>) -> Shown {
    visit.check_form(&form.csrf)?;
    // A browser ends lines with two characters.
    let document = form.document.replace("\r\n", "\n");
    let draft = document.clone();
    let work =
        move |api: &api::Api, caller: &api::Caller, at| api.propose_criteria(caller, &document, at);
    match visit.attempt(work).await {
        Ok(_) => Ok(Redirect::to("/criteria").into_response()),
        Err(Error::Invalid { field, text }) => {
            let page = Criteria { problem: Some((field, text)), draft, ..drawn(&visit).await? };
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(e) => Err(visit.failed(&e)),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Decided {
    csrf: String,
    reason: String,
}

/// Approves what somebody else proposed.
pub async fn approve(
    visit: Visit,
    which: Named<(String, String)>,
    form: Entered<Decided>,
) -> Shown {
    decided(visit, which, form, |api, caller, of, _, at| api.approve_criteria(caller, of, at)).await
}

/// Takes criteria out of use.
pub async fn withdraw(
    visit: Visit,
    which: Named<(String, String)>,
    form: Entered<Decided>,
) -> Shown {
    decided(visit, which, form, api::Api::withdraw_criteria).await
}

async fn decided(
    visit: Visit,
    Named((name, digest)): Named<(String, String)>,
    Entered(form): Entered<Decided>,
    decide: impl FnOnce(&api::Api, &api::Caller, (&str, &str), &str, Timestamp) -> Result<(), Error>
    + Send
    + 'static,
) -> Shown {
    visit.check_form(&form.csrf)?;
    visit
        .ask(move |api, caller, at| decide(api, caller, (&name, &digest), &form.reason, at))
        .await?;
    Ok(Redirect::to("/criteria").into_response())
}

/// An address of a form, typed or loaded again.
pub async fn to_criteria() -> Redirect {
    Redirect::to("/criteria")
}
