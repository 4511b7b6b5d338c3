//! Agreements: all of them, each as a page to read, and what can be done about one.

use api::{
    AgreementLine, AgreementPage, Compared, DraftPage, Error, Operation, Stands,
    agreements::{
        draft::{Terms, Way},
        rehearsal::Rehearsed,
    },
};
use askama::Template;
use axum::{
    Form,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::tz::TimeZone;
use policy::Purpose;
use serde::Deserialize;
use travel::Element;

use crate::{
    frame::{Frame, Section},
    visit::{Asked, Entered, Named, Shown, Uploaded, Visit, download, html},
};

/// Days of stored lists that are looked at, unless somebody says otherwise.
const DAYS: u32 = 7;
const CHOICES: [u32; 3] = [1, 7, 30];

type Problem = Option<(&'static str, String)>;

fn status(problem: &Problem) -> StatusCode {
    if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

#[derive(Template)]
#[template(path = "agreements.html")]
struct All {
    frame: Frame,
    problem: Problem,
    agreements: Vec<AgreementLine>,
    may_propose: bool,
}

async fn all_page(visit: &Visit, problem: Problem) -> Shown {
    let agreements = visit.ask(|api, caller, _| api.agreements(caller)).await?;
    let frame = visit.frame("Agreements", Some(Section::Agreements));
    let may_propose = visit.caller.may(Operation::ProposeAgreement);
    Ok(html(status(&problem), &All { frame, problem, agreements, may_propose }))
}

/// Every agreement.
pub async fn all(visit: Visit) -> Shown {
    all_page(&visit, None).await
}

/// An address of a form, loaded again.
pub async fn to_all() -> Redirect {
    Redirect::to("/agreements")
}

/// An act's address, loaded again.
pub async fn to_one(Named((id, _)): Named<(String, String)>) -> Redirect {
    Redirect::to(&format!("/agreements/{}", crate::words::encoded(&id)))
}

#[derive(Template)]
#[template(path = "agreement.html")]
struct One {
    frame: Frame,
    problem: Problem,
    done: String,
    view: AgreementPage,
    may_check: bool,
    may_sign: bool,
    may_accept: bool,
    may_suspend: bool,
    may_resume: bool,
}

impl One {
    fn missing(&self, stands: &Stands) -> bool {
        *stands == Stands::Missing
    }
    fn holds(&self, stands: &Stands) -> bool {
        *stands == Stands::Holds
    }
    fn broken(&self, stands: &Stands) -> bool {
        *stands == Stands::Broken
    }
    /// What was done just now, in a sentence.
    fn done_words(&self) -> &'static str {
        match self.done.as_str() {
            "signed" => "Signed for this state. Download the file and send it to the partner.",
            "taken" => "Taken in. Nothing is in force by that.",
            "accepted" => "In force here between its first and last day.",
            "suspended" => {
                "Suspended. Nothing more leaves under it; what waits stays in its queue."
            }
            "resumed" => "In force again. What waited goes on.",
            _ => "",
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Done {
    done: String,
}

async fn one_page(visit: &Visit, id: String, done: String, problem: Problem) -> Shown {
    let view = visit.ask(move |api, caller, _| api.agreement(caller, &id)).await?;
    if view.sections.is_empty() {
        return Err(visit.failed(&Error::Ours("an agreement without words".into())));
    }
    let title = format!("Agreement with {}", view.line.partner_name);
    let may = |operation| visit.caller.may(operation);
    let page = One {
        frame: visit
            .frame(&title, Some(Section::Agreements))
            .under(&[("Agreements", "/agreements")]),
        may_check: may(Operation::CheckAgreement),
        may_sign: may(Operation::SignAgreement) && view.next.sign,
        may_accept: may(Operation::AcceptAgreement) && view.next.accept,
        may_suspend: may(Operation::SuspendAgreement) && view.next.suspend,
        may_resume: may(Operation::ResumeAgreement) && view.next.resume,
        problem,
        done,
        view,
    };
    Ok(html(status(&page.problem), &page))
}

/// One agreement, in plain words.
pub async fn one(visit: Visit, Named(id): Named<String>, Asked(asked): Asked<Done>) -> Shown {
    one_page(&visit, id, asked.done, None).await
}

/// The document with its signatures, as a file for the partner.
pub async fn file(visit: Visit, Named(id): Named<String>) -> Shown {
    let (name, bytes) = visit.ask(move |api, caller, _| api.agreement_file(caller, &id)).await?;
    Ok(download(&name, "application/octet-stream", bytes))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Act {
    csrf: String,
    reason: String,
}

/// Signs, takes up, suspends or resumes an agreement.
pub async fn act(
    visit: Visit,
    Named((id, act)): Named<(String, String)>,
    Entered(form): Entered<Act>,
) -> Shown {
    visit.check_form(&form.csrf)?;
    let (of, what, reason) = (id.clone(), act.clone(), form.reason);
    let done = visit
        .attempt(move |api, caller, at| match what.as_str() {
            "sign" => api.sign_stored(caller, &of, at).map(|()| "signed"),
            "accept" => api.accept_agreement(caller, &of, at).map(|()| "accepted"),
            "suspend" => api.suspend_agreement(caller, (&of, &reason), at).map(|()| "suspended"),
            "resume" => api.resume_agreement(caller, (&of, &reason), at).map(|()| "resumed"),
            _ => Err(Error::Missing { what: "act of that name", id: what }),
        })
        .await;
    match done {
        Ok(done) => Ok(Redirect::to(&format!("/agreements/{id}?done={done}")).into_response()),
        Err(Error::Invalid { text, .. }) => {
            one_page(&visit, id, String::new(), Some(("reason", text))).await
        }
        Err(e) => Err(visit.failed(&e)),
    }
}

#[derive(Template)]
#[template(path = "agreement_changes.html")]
struct Changes {
    frame: Frame,
    new: AgreementLine,
    found: Compared,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct With {
    with: Option<String>,
}

/// What a version widens and narrows.
pub async fn changes(visit: Visit, Named(id): Named<String>, Asked(asked): Asked<With>) -> Shown {
    let of = id.clone();
    let (new, found) = visit
        .ask(move |api, caller, _| api.agreement_diff(caller, &of, asked.with.as_deref()))
        .await?;
    let title = format!("What version {} changes", new.version);
    let steps = [("Agreements", "/agreements"), (&*new.title, &*format!("/agreements/{id}"))];
    let frame = visit.frame(&title, Some(Section::Agreements)).under(&steps);
    Ok(html(StatusCode::OK, &Changes { frame, new, found }))
}

#[derive(Template)]
#[template(path = "agreement_check.html")]
struct Check {
    frame: Frame,
    line: AgreementLine,
    found: Rehearsed,
    choices: [u32; 3],
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfDays {
    days: Option<u32>,
}

/// What would leave under an agreement, on stored lists.
pub async fn check(visit: Visit, Named(id): Named<String>, Asked(asked): Asked<OfDays>) -> Shown {
    let days = asked.days.unwrap_or(DAYS);
    let of = id.clone();
    let (line, found) =
        visit.ask(move |api, caller, at| api.check_stored(caller, &of, days, at)).await?;
    let steps = [("Agreements", "/agreements"), (&*line.title, &*format!("/agreements/{id}"))];
    let frame = visit.frame("What would leave", Some(Section::Agreements)).under(&steps);
    Ok(html(StatusCode::OK, &Check { frame, line, found, choices: CHOICES }))
}

/// A state that can be chosen.
struct Choice {
    code: String,
    name: String,
}

#[derive(Template)]
#[template(path = "agreement_new.html")]
struct NewPage {
    frame: Frame,
    problem: Problem,
    partners: Vec<Choice>,
    terms: Terms,
    own: String,
    other: String,
}

/// One way of the form: its prefix, from whom to whom, and what is filled in.
struct WayForm<'a> {
    prefix: &'static str,
    from: &'a str,
    to: &'a str,
    way: &'a Way,
}

impl WayForm<'_> {
    fn is(&self, list: &[String], name: &str) -> bool {
        list.iter().any(|n| n == name)
    }
}

impl NewPage {
    fn ways(&self) -> [WayForm<'_>; 2] {
        let [out, inc] = &self.terms.ways;
        let (own, other) = (&*self.own, &*self.other);
        [
            WayForm { prefix: "out", from: own, to: other, way: out },
            WayForm { prefix: "in", from: other, to: own, way: inc },
        ]
    }
    fn elements(&self) -> Vec<(&'static str, String)> {
        Element::ALL.iter().map(|e| (e.name(), crate::words::spaced(e.name()))).collect()
    }
    fn purposes(&self) -> Vec<(&'static str, &'static str)> {
        Purpose::ALL.into_iter().map(|p| (p.name(), p.words())).collect()
    }
}

const DATASETS: [(&str, &str); 3] =
    [("api", "passenger information"), ("crew", "crew lists"), ("pnr", "booking records")];
const KINDS: [(&str, &str); 3] =
    [("passenger", "passenger flights"), ("cargo", "cargo flights"), ("overflight", "overflights")];
const MODES: [(&str, &str); 3] = [
    ("hit", "A traveller, when officers have upheld a hit"),
    ("list", "The whole list of each flight"),
    ("", "Nothing"),
];

async fn new_page(visit: &Visit, mut terms: Terms, problem: Problem) -> Shown {
    let partners = visit.ask(|api, caller, at| api.partners(caller, at)).await?;
    let own = visit.site.api.state();
    let other = std::mem::take(&mut terms.parties[1]);
    let named = crate::words::origin(&other);
    let page = NewPage {
        frame: visit
            .frame("A new agreement", Some(Section::Agreements))
            .under(&[("Agreements", "/agreements")]),
        problem,
        partners: partners.into_iter().map(|p| Choice { code: p.state, name: p.name }).collect(),
        own: crate::words::country(own.code()),
        other: if other.is_empty() { "the partner".to_owned() } else { named },
        terms: Terms { parties: [own.to_string(), other], ..terms },
    };
    Ok(html(status(&page.problem), &page))
}

/// The form of a new agreement.
pub async fn form(visit: Visit, Asked(asked): Asked<With>) -> Shown {
    let own = visit.site.api.state();
    let year = visit.at.to_zoned(TimeZone::UTC).year();
    let terms = match asked.with.as_deref() {
        Some(with) => Terms::narrow(own.code(), with, visit.at).map_err(|e| visit.failed(&e))?,
        None => Terms {
            parties: [own.to_string(), String::new()],
            title: String::new(),
            legal_basis: String::new(),
            version: 1,
            from: format!("{year}-01-01"),
            until: format!("{}-12-31", year + 4),
            ways: [Way::narrow(), Way::narrow()],
        },
    };
    new_page(&visit, terms, None).await
}

/// What was entered, by the form's names: `partner`, `title`, `out.mode`, `in.elements` ….
fn entered(fields: &[(String, String)], own: &str) -> Terms {
    let one = |name: &str| {
        fields.iter().find(|(n, _)| n == name).map_or(String::new(), |(_, v)| v.clone())
    };
    let all = |name: String| -> Vec<String> {
        fields.iter().filter(|(n, _)| *n == name).map(|(_, v)| v.clone()).collect()
    };
    let way = |prefix: &str| Way {
        mode: one(&format!("{prefix}.mode")),
        datasets: all(format!("{prefix}.datasets")),
        flight_kinds: all(format!("{prefix}.kinds")),
        elements: all(format!("{prefix}.elements")),
        purposes: all(format!("{prefix}.purposes")),
        retention_days: one(&format!("{prefix}.keep")),
        mask_after_days: one(&format!("{prefix}.mask")),
        onward: one(&format!("{prefix}.onward")),
        latest_before_departure_minutes: one(&format!("{prefix}.latest")),
    };
    Terms {
        parties: [own.to_owned(), one("partner").trim().to_uppercase()],
        title: one("title"),
        legal_basis: one("legal_basis"),
        // The operation gives it the next.
        version: 1,
        from: one("from"),
        until: one("until"),
        ways: [way("out"), way("in")],
    }
}

/// Makes a draft of the form, and shows it.
pub async fn filled(
    visit: Visit,
    form: Result<Form<Vec<(String, String)>>, axum::extract::rejection::FormRejection>,
) -> Shown {
    let unread = |_| visit.failed(&Error::Forged);
    let Form(fields) = form.map_err(unread)?;
    let csrf = fields.iter().find(|(n, _)| n == "csrf").map_or("", |(_, v)| v);
    visit.check_form(csrf)?;
    let terms = entered(&fields, visit.site.api.state().code());
    let wanted = terms.clone();
    match visit.attempt(move |api, caller, _| api.draft(caller, &wanted)).await {
        Ok(toml) => draft_page(&visit, toml, Looked::default()).await,
        Err(Error::Invalid { field, text }) => new_page(&visit, terms, Some((field, text))).await,
        Err(e) => Err(visit.failed(&e)),
    }
}

#[derive(Template)]
#[template(path = "agreement_draft.html")]
struct Draft {
    frame: Frame,
    problem: Problem,
    toml: String,
    view: Option<DraftPage>,
    found: Option<Rehearsed>,
    choices: [u32; 3],
    days: u32,
    may_check: bool,
    may_sign: bool,
}

/// What a draft is looked at for.
#[derive(Default)]
struct Looked {
    days: Option<u32>,
    problem: Problem,
}

async fn draft_page(visit: &Visit, toml: String, looked: Looked) -> Shown {
    let (text, days) = (toml.clone(), looked.days);
    let read = visit
        .attempt(move |api, caller, at| {
            let (view, signed) = api.read_draft(caller, text.as_bytes())?;
            let document = signed.agreement().map_err(|e| Error::Ours(e.to_string()))?;
            let check = |days| api.check_agreement(caller, &document, days, at);
            Ok((view, days.map(check).transpose()?))
        })
        .await;
    let (view, found, problem) = match read {
        Ok((view, found)) => (Some(view), found, looked.problem),
        Err(Error::Invalid { text, .. } | Error::Conflict(text)) => {
            (None, None, Some(("toml", text)))
        }
        Err(e) => return Err(visit.failed(&e)),
    };
    let page = Draft {
        frame: visit
            .frame("Draft of an agreement", Some(Section::Agreements))
            .under(&[("Agreements", "/agreements")]),
        problem,
        toml,
        view,
        found,
        choices: CHOICES,
        days: looked.days.unwrap_or(DAYS),
        may_check: visit.caller.may(Operation::CheckAgreement),
        may_sign: visit.caller.may(Operation::SignAgreement),
    };
    Ok(html(status(&page.problem), &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct From {
    with: Option<String>,
    version_of: Option<String>,
}

/// A draft to begin with: a narrow one, or the next version of one that is there.
pub async fn draft(visit: Visit, Asked(asked): Asked<From>) -> Shown {
    if asked.with.is_none() && asked.version_of.is_none() {
        return Ok(Redirect::to("/agreements/new").into_response());
    }
    let toml = visit
        .ask(move |api, caller, at| {
            let from = (asked.with.as_deref(), asked.version_of.as_deref());
            api.new_draft(caller, from, at)
        })
        .await?;
    draft_page(&visit, toml, Looked::default()).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Drafted {
    csrf: String,
    toml: String,
    act: String,
    days: Option<u32>,
    entitled: String,
}

/// Reads a draft, holds it against stored lists, or signs it.
pub async fn drafted(visit: Visit, Entered(form): Entered<Drafted>) -> Shown {
    visit.check_form(&form.csrf)?;
    // Forms write line ends as the web does.
    let toml = form.toml.replace("\r\n", "\n");
    match form.act.as_str() {
        "check" => {
            let days = Some(form.days.unwrap_or(DAYS));
            draft_page(&visit, toml, Looked { days, problem: None }).await
        }
        "sign" if form.entitled != "yes" => {
            let text = "Say that you are entitled to sign for the state.".to_owned();
            let problem = Some(("entitled", text));
            draft_page(&visit, toml, Looked { problem, days: None }).await
        }
        "sign" => sign(&visit, toml).await,
        _ => draft_page(&visit, toml, Looked::default()).await,
    }
}

async fn sign(visit: &Visit, toml: String) -> Result<Response, Response> {
    let text = toml.clone();
    let done = visit
        .attempt(move |api, caller, at| {
            let (_, signed) = api.read_draft(caller, text.as_bytes())?;
            api.sign_agreement(caller, &signed, at)
        })
        .await;
    match done {
        Ok(id) => Ok(Redirect::to(&format!("/agreements/{id}?done=signed")).into_response()),
        Err(Error::Invalid { text, .. } | Error::Conflict(text)) => {
            draft_page(visit, toml, Looked { problem: Some(("toml", text)), days: None }).await
        }
        Err(e) => Err(visit.failed(&e)),
    }
}

/// Takes in a file: a draft is shown, what somebody has signed is noted as proposed.
pub async fn brought(visit: Visit, form: Uploaded) -> Shown {
    visit.check_form(form.field("csrf"))?;
    if form.file.is_empty() {
        let text = "Choose the agreement’s file.".to_owned();
        return all_page(&visit, Some(("file", text))).await;
    }
    let read = visit
        .attempt(move |api, caller, at| {
            let (_, signed) = api.read_draft(caller, &form.file)?;
            if signed.signatures.is_empty() {
                let document = signed.agreement().map_err(|e| Error::Ours(e.to_string()))?;
                // The text as it came keeps its comments.
                let text = String::from_utf8(form.file).unwrap_or_else(|_| document.to_toml());
                return Ok(Err(text));
            }
            api.propose_agreement(caller, &signed, at).map(Ok)
        })
        .await;
    match read {
        Ok(Ok(id)) => Ok(Redirect::to(&format!("/agreements/{id}?done=taken")).into_response()),
        Ok(Err(toml)) => draft_page(&visit, toml, Looked::default()).await,
        Err(Error::Invalid { text, .. } | Error::Conflict(text)) => {
            all_page(&visit, Some(("file", text))).await
        }
        Err(e) => Err(visit.failed(&e)),
    }
}
