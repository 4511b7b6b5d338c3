//! Meeting a partner: our offer as a file, theirs brought in, and the fingerprint that both
//! administrators read out over the telephone before anything is trusted.

use api::{Error, Known, OfferView};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Entered, Shown, Uploaded, Visit, download, html},
};

/// This node's offer, as a file.
pub async fn own_offer(visit: Visit) -> Shown {
    let offer = visit.ask(|api, caller, _| api.own_offer(caller)).await?;
    let name = format!("{}.offer", offer.state.to_lowercase());
    Ok(download(&name, "application/toml", offer.to_toml().into_bytes()))
}

#[derive(Template)]
#[template(path = "meet.html")]
struct Bring {
    frame: Frame,
    problem: Option<(&'static str, String)>,
    own: api::SpokenFingerprint,
}

async fn bring_page(visit: &Visit, problem: Option<(&'static str, String)>) -> Shown {
    let own = visit.ask(|api, caller, _| api.own_offer(caller)).await?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let frame =
        visit.frame("Meet a partner", Some(Section::Partners)).under(&[("Partners", "/partners")]);
    Ok(html(status, &Bring { frame, problem, own: own.fingerprint() }))
}

/// Where a partner's offer is brought in.
pub async fn bring(visit: Visit) -> Shown {
    // Whoever may not trust a partner is told so before looking for the file.
    if !visit.caller.may(api::Operation::MeetPartner) {
        let roles = visit.caller.roles().to_vec();
        let operation = api::Operation::MeetPartner;
        return Err(visit.failed(&Error::Forbidden { operation, roles }));
    }
    bring_page(&visit, None).await
}

/// The confirmation, loaded again without the form.
pub async fn to_bring() -> Redirect {
    Redirect::to("/partners/meet")
}

#[derive(Template)]
#[template(path = "compare_offer.html")]
struct Compare {
    frame: Frame,
    problem: Option<(&'static str, String)>,
    view: OfferView,
    text: String,
}

impl Compare {
    fn other_keys(&self) -> bool {
        self.view.known == Known::OtherKeys
    }
    fn moved(&self) -> bool {
        self.view.known == Known::Moved
    }
    fn same(&self) -> bool {
        self.view.known == Known::Same
    }
}

async fn compare_page(
    visit: &Visit,
    text: String,
    problem: Option<(&'static str, String)>,
) -> Shown {
    let offer = text.clone();
    let read = visit.attempt(move |api, caller, at| api.read_offer(caller, &offer, at)).await;
    let view = match read {
        Ok(view) => view,
        Err(Error::Invalid { text, .. }) => return bring_page(visit, Some(("file", text))).await,
        Err(e) => return Err(visit.failed(&e)),
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let frame = visit
        .frame("Compare by telephone", Some(Section::Partners))
        .under(&[("Partners", "/partners"), ("Meet a partner", "/partners/meet")]);
    Ok(html(status, &Compare { frame, problem, view, text }))
}

/// Shows the fingerprint of an offer that somebody brings; nothing is trusted by it.
pub async fn meet(visit: Visit, form: Uploaded) -> Shown {
    visit.check_form(form.field("csrf"))?;
    match String::from_utf8(form.file) {
        Ok(text) if !text.trim().is_empty() => compare_page(&visit, text, None).await,
        Ok(_) => {
            let text = "Choose the file that the partner has sent.".to_owned();
            bring_page(&visit, Some(("file", text))).await
        }
        Err(_) => {
            let text = "This file is no partner's offer: it is not text.".to_owned();
            bring_page(&visit, Some(("file", text))).await
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Compared {
    csrf: String,
    offer: String,
    fingerprint: String,
    same: String,
}

/// Trusts a partner, once somebody has said that the partner read the same.
pub async fn accept(visit: Visit, Entered(form): Entered<Compared>) -> Shown {
    visit.check_form(&form.csrf)?;
    // Forms write line ends as the web does; an offer has its own.
    let offer = form.offer.replace("\r\n", "\n");
    if form.same != "yes" {
        let text = match form.same.as_str() {
            "no" => {
                "Nothing was accepted. If the partner reads something else, the file is not theirs or was changed on its way: have them send it again, and compare again."
            }
            _ => "Say whether the partner's administrator read the same.",
        };
        return compare_page(&visit, offer, Some(("same", text.to_owned()))).await;
    }
    let (sent, fingerprint) = (offer.clone(), form.fingerprint);
    let done = visit
        .attempt(move |api, caller, at| api.meet_partner(caller, (&sent, &fingerprint), at))
        .await;
    match done {
        Ok(state) => Ok(Redirect::to(&format!("/partners/{state}?met=true")).into_response()),
        Err(Error::Invalid { field: "same", text }) => {
            compare_page(&visit, offer, Some(("same", text))).await
        }
        Err(e) => Err(visit.failed(&e)),
    }
}
