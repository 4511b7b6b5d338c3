//! Signing in and out.

use api::{Error, http::From};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    Site, failure,
    frame::Frame,
    visit::{Asked, COOKIE, Entered, Shown, Visit, html, run, token},
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    next: String,
    officer: String,
    problem: Option<String>,
    advice: &'static str,
    said: Option<&'static str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Coming {
    next: String,
    ended: String,
    left: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Credentials {
    officer: String,
    password: String,
    next: String,
}

fn drawn(site: &Site, next: String) -> SignIn {
    let frame = Frame { title: "Sign in".to_owned(), ..failure::frame(site) };
    SignIn { frame, next, officer: String::new(), problem: None, advice: "", said: None }
}

/// A path of this site, whatever was asked for.
fn local(next: &str) -> &str {
    let fine = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if fine { next } else { "/" }
}

/// The form; somebody who is signed in already goes on.
pub async fn page(
    State(site): State<Site>,
    Asked(asked): Asked<Coming>,
    headers: HeaderMap,
) -> Response {
    if let Some(token) = token(&headers)
        && run(&site, move |api, at| api.authenticate(&token, at)).await.is_ok()
    {
        return Redirect::to(local(&asked.next)).into_response();
    }
    let mut page = drawn(&site, asked.next);
    page.said = match (asked.left.is_empty(), asked.ended.is_empty()) {
        (false, _) => Some("You have signed out."),
        (_, false) => Some(
            "Your session has ended: after 15 minutes without use, or 8 hours. Sign in to continue.",
        ),
        _ => None,
    };
    html(StatusCode::OK, &page)
}

/// Begins a session and goes on to where somebody wanted to go.
pub async fn sign_in(
    State(site): State<Site>,
    From(from): From,
    Entered(form): Entered<Credentials>,
) -> Response {
    let Credentials { officer, password, next } = form;
    let account = officer.clone();
    match run(&site, move |api, at| api.sign_in((&account, &password), from, at)).await {
        Ok(signed_in) => {
            let cookie =
                format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict", signed_in.token);
            with_cookie(Redirect::to(local(&next)).into_response(), &cookie)
        }
        Err(e @ (Error::WrongPassword | Error::Locked { .. })) => {
            let status = StatusCode::from_u16(e.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            let problem = Some(e.to_string());
            let page = SignIn { officer, problem, advice: e.advice(), ..drawn(&site, next) };
            failure::retry_after(html(status, &page), &e)
        }
        Err(e) => failure::page(&e, Some(failure::frame(&site))),
    }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Leaving {
    csrf: String,
}

/// Ends the session.
pub async fn sign_out(visit: Visit, Entered(form): Entered<Leaving>) -> Shown {
    visit.check_form(&form.csrf)?;
    visit.ask(|api, caller, at| api.sign_out(caller, at)).await?;
    let cookie = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok(with_cookie(Redirect::to("/sign-in?left=yes").into_response(), &cookie))
}

/// The address of signing out, typed or loaded again.
pub async fn signed_out() -> Redirect {
    Redirect::to("/")
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        assert_eq!(local("/hits?state=open"), "/hits?state=open");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "", "hits"] {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
    }
}
