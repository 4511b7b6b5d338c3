//! Telling a partner unasked, and what partners tell: the form beside a record, and one telling
//! with its reason.

use api::{Error, FoundLine, Tell, TellingPage};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use policy::Purpose;
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Entered, Named, Shown, Visit, html},
};

#[derive(Template)]
#[template(path = "telling_new.html")]
struct New {
    frame: Frame,
    problem: Option<(&'static str, String)>,
    place: FoundLine,
    number: u32,
    tell: Tell,
    partners: Vec<(String, String)>,
    purposes: Vec<Purpose>,
}

async fn empty(visit: &Visit, list: String, number: u32) -> Result<New, Response> {
    let before = move |api: &api::Api, caller: &api::Caller, at| {
        api.before_telling(caller, (&list, number), at)
    };
    let (place, partners) = visit.ask(before).await?;
    let title = format!("Tell a partner of traveller {}", number + 1);
    let address = format!("/flights/{}", crate::words::encoded(&place.key));
    let name = format!("Flight {}", place.flight);
    let steps = [("Flights", "/flights"), (name.as_str(), address.as_str())];
    Ok(New {
        frame: visit.frame(&title, Some(Section::Flights)).under(&steps),
        problem: None,
        number,
        tell: Tell { list: place.list.clone(), travellers: vec![number], ..Tell::default() },
        place,
        partners,
        purposes: Purpose::ALL.to_vec(),
    })
}

/// The form with which an officer tells; it shows nothing of anybody.
pub async fn form(visit: Visit, Named((list, number)): Named<(String, u32)>) -> Shown {
    Ok(html(StatusCode::OK, &empty(&visit, list, number).await?))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    csrf: String,
    to: String,
    purpose: String,
    legal_ground: String,
    reason: String,
    reference: String,
}

/// Tells.
pub async fn tell(
    visit: Visit,
    Named((list, number)): Named<(String, u32)>,
    Entered(form): Entered<Said>,
) -> Shown {
    visit.check_form(&form.csrf)?;
    let tell = Tell {
        to: form.to,
        purpose: form.purpose,
        list: list.clone(),
        travellers: vec![number],
        legal_ground: form.legal_ground,
        reason: form.reason,
        reference: form.reference,
    };
    let told = tell.clone();
    match visit.attempt(move |api, caller, at| api.tell(caller, &told, at)).await {
        Ok(parcel) => {
            Ok(Redirect::to(&format!("/told/{}/{parcel}", tell.to.trim())).into_response())
        }
        Err(Error::Invalid { field, text }) => {
            let page =
                New { problem: Some((field, text)), tell, ..empty(&visit, list, number).await? };
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(e) => Err(visit.failed(&e)),
    }
}

#[derive(Template)]
#[template(path = "telling.html")]
struct Telling {
    frame: Frame,
    view: TellingPage,
}

/// One of them, opened.
pub async fn one(visit: Visit, Named((partner, parcel)): Named<(String, String)>) -> Shown {
    let open = move |api: &api::Api, caller: &api::Caller, at| {
        api.telling(caller, (&partner, &parcel), at)
    };
    let view = visit.ask(open).await?;
    let title = match view.line.outgoing {
        true => format!("Told to {}, flight {}", view.line.partner_name, view.line.place.flight),
        false => format!("Told by {}, flight {}", view.line.partner_name, view.line.place.flight),
    };
    let frame = visit.frame(&title, Some(Section::Received));
    let page = Telling { frame: frame.under(&[("From partners", "/received")]), view };
    Ok(html(StatusCode::OK, &page))
}
