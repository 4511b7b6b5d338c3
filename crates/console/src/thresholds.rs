//! Thresholds of a watchlist: shown on stored alerts before anybody sets them.

use api::{
    Error, Operation,
    thresholds::{Moved, Origin, Rehearsal, ThresholdsView},
};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Asked, Entered, Named, Shown, Visit, html},
};

#[derive(Template)]
#[template(path = "thresholds.html")]
struct Page {
    frame: Frame,
    problem: Option<(&'static str, String)>,
    done: bool,
    view: ThresholdsView,
    possible: String,
    hit: String,
    found: Option<Rehearsal>,
    may_rehearse: bool,
    may_set: bool,
}

/// A band: its name, how many now and then, and both for a thousand travellers.
type Row = (&'static str, u64, u64, String, String);

impl Page {
    fn bands(&self, found: &Rehearsal) -> Vec<Row> {
        let rate = |n| found.per_thousand(n).map_or("–".to_owned(), |r| format!("{r:.2}"));
        ["Silent", "Possible", "Strong"]
            .into_iter()
            .zip(found.is.into_iter().zip(found.would))
            .map(|(name, (is, would))| (name, is, would, rate(is), rate(would)))
            .collect()
    }

    fn parts<'a>(&self, found: &'a Rehearsal) -> [(&'static str, &'a (Vec<Moved>, u64)); 2] {
        [("appear", &found.appear), ("vanish", &found.vanish)]
    }

    fn nats(&self, n: &f64) -> String {
        format!("{n:.1}")
    }
}

/// What was entered, and what came of it.
#[derive(Default)]
struct Said {
    entered: Option<(String, String)>,
    found: Option<Rehearsal>,
    problem: Option<(&'static str, String)>,
    done: bool,
}

async fn show(visit: &Visit, watchlist: String, said: Said) -> Shown {
    let view = visit.ask(move |api, caller, _| api.thresholds(caller, &watchlist)).await?;
    let now = || (view.possible.to_string(), view.hit.to_string());
    let (possible, hit) = said.entered.unwrap_or_else(now);
    let title = format!("Thresholds of {}", view.watchlist);
    let status =
        if said.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page {
        frame: visit
            .frame(&title, Some(Section::Watchlists))
            .under(&[("Watchlists", "/watchlists")]),
        problem: said.problem,
        done: said.done,
        possible,
        hit,
        found: said.found,
        may_rehearse: visit.caller.may(Operation::RehearseThresholds),
        may_set: visit.caller.may(Operation::SetThresholds),
        view,
    };
    Ok(html(status, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Done {
    done: bool,
}

/// The thresholds that hold.
pub async fn page(visit: Visit, Named(name): Named<String>, Asked(asked): Asked<Done>) -> Shown {
    show(&visit, name, Said { done: asked.done, ..Said::default() }).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    csrf: String,
    possible: String,
    hit: String,
    act: String,
}

/// Rehearses other thresholds, or sets them.
pub async fn wanted(
    visit: Visit,
    Named(name): Named<String>,
    Entered(form): Entered<Wanted>,
) -> Shown {
    visit.check_form(&form.csrf)?;
    let entered = Some((form.possible.clone(), form.hit.clone()));
    let number = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok();
    let (Some(possible), Some(hit)) = (number(&form.possible), number(&form.hit)) else {
        let text = "Enter two numbers, such as 12 and 16.5.".to_owned();
        let said = Said { entered, problem: Some(("possible", text)), ..Said::default() };
        return show(&visit, name, said).await;
    };
    let (of, set) = (name.clone(), form.act == "set");
    let done = visit
        .attempt(move |api, caller, at| {
            if set {
                return api.set_thresholds(caller, &of, (possible, hit), at).map(|()| None);
            }
            api.rehearse_thresholds(caller, &of, (possible, hit)).map(Some)
        })
        .await;
    match done {
        Ok(None) => {
            let name = crate::words::encoded(&name);
            Ok(Redirect::to(&format!("/watchlists/{name}/thresholds?done=true")).into_response())
        }
        Ok(found) => show(&visit, name, Said { entered, found, ..Said::default() }).await,
        Err(Error::Invalid { field, text }) => {
            let said = Said { entered, problem: Some((field, text)), ..Said::default() };
            show(&visit, name, said).await
        }
        Err(e) => Err(visit.failed(&e)),
    }
}
