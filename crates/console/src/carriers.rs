//! What carriers send: the quality of their messages over time, and what was wrong with
//! each.

use api::{FaultView, Operation, QualityLine, SubmissionLine, SubmissionPage};
use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    chart::Scores,
    frame::{Frame, Section},
    visit::{Asked, Entered, Named, Shown, Visit, html},
};

/// Submissions on one page.
const LAST: u32 = 50;

/// A carrier with the picture of its scores.
pub struct Row {
    pub line: QualityLine,
    pub scores: Scores,
}

#[derive(Template)]
#[template(path = "carriers.html")]
struct Carriers {
    frame: Frame,
    rows: Vec<Row>,
    weeks: usize,
}

/// The quality of each carrier's messages.
pub async fn carriers(visit: Visit) -> Shown {
    let lines = visit.ask(|api, caller, at| api.quality(caller, at)).await?;
    let row = |line: QualityLine| Row { scores: Scores::by_week(&line.by_week), line };
    let page = Carriers {
        frame: visit.frame("Carriers", Some(Section::Carriers)),
        rows: lines.into_iter().map(row).collect(),
        weeks: api::findings::WEEKS,
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "submissions.html")]
struct Submissions {
    frame: Frame,
    carrier: String,
    lines: Vec<SubmissionLine>,
    from: u32,
    next: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Which {
    carrier: String,
    from: u32,
}

/// Submissions in which something is to be mended, the newest first.
pub async fn submissions(visit: Visit, Asked(asked): Asked<Which>) -> Shown {
    let (carrier, from) = (asked.carrier.clone(), asked.from);
    let lines = visit
        .ask(move |api, caller, _| {
            let carrier = (!carrier.is_empty()).then_some(&*carrier);
            api.submissions(caller, carrier, (from, LAST))
        })
        .await?;
    let title = "Messages with faults";
    let frame = visit.frame(title, Some(Section::Carriers)).under(&[("Carriers", "/carriers")]);
    let next = (lines.len() as u32 == LAST).then(|| from.saturating_add(LAST));
    Ok(html(StatusCode::OK, &Submissions { frame, carrier: asked.carrier, lines, from, next }))
}

#[derive(Template)]
#[template(path = "submission.html")]
struct Submission {
    frame: Frame,
    view: SubmissionPage,
    may_open: bool,
}

impl Submission {
    /// What is underlined, also for those who do not see the line below.
    fn carets(&self, fault: &FaultView) -> String {
        let shown = fault.shown.as_ref();
        shown.map_or(String::new(), |s| {
            let [before, at, _] = &s.around;
            let marks = "^".repeat(at.chars().count().max(1));
            format!("{}{marks}", " ".repeat(before.chars().count()))
        })
    }
}

fn page(visit: &Visit, view: SubmissionPage) -> Shown {
    let title = format!("A message of {}", view.line.carrier);
    let steps = [("Carriers", "/carriers"), ("Messages with faults", "/submissions")];
    let frame = visit.frame(&title, Some(Section::Carriers)).under(&steps);
    let may_open = visit.caller.may(Operation::OpenSubmission);
    Ok(html(StatusCode::OK, &Submission { frame, view, may_open }))
}

/// A submission with its faults; the carrier's text is not shown.
pub async fn submission(visit: Visit, Named(id): Named<String>) -> Shown {
    let view = visit.ask(move |api, caller, _| api.submission(caller, &id)).await?;
    page(&visit, view)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Open {
    csrf: String,
}

/// The same with the carrier's text, underlined.
pub async fn open(visit: Visit, Named(id): Named<String>, Entered(form): Entered<Open>) -> Shown {
    visit.check_form(&form.csrf)?;
    let view = visit.ask(move |api, caller, at| api.open_submission(caller, &id, at)).await?;
    page(&visit, view)
}
