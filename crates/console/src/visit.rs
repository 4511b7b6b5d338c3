//! One request of somebody who is signed in: the session from its cookie, operations
//! run where they may block, and answers as pages.

use api::{Api, Caller, Error};
use askama::Template;
use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Multipart, Path, Query, Request},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{
    Site, failure,
    frame::{Frame, Section},
    words,
};

/// The session's cookie. The prefix makes browsers insist on HTTPS, this host, and `/`.
pub const COOKIE: &str = "__Host-passerelle";

/// A page, or the page that says why not.
pub type Shown = Result<Response, Response>;

/// A request of somebody who is signed in.
pub struct Visit {
    pub site: Site,
    pub caller: Caller,
    pub at: Timestamp,
}

/// The token in the session's cookie.
pub fn token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs =
        cookies.flat_map(|line| line.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// Runs an operation where it may block.
pub async fn run<T: Send + 'static>(
    site: &Site,
    work: impl FnOnce(&Api, Timestamp) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (api, at) = (site.api.clone(), (site.clock)());
    let done = tokio::task::spawn_blocking(move || work(&api, at)).await;
    done.unwrap_or_else(|e| Err(Error::Ours(format!("the operation did not end: {e}"))))
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let found = match token(&parts.headers) {
            Some(token) => run(site, move |api, at| api.authenticate(&token, at)).await,
            None => Err(Error::SignedOut),
        };
        match found {
            Ok(caller) => Ok(Self { site: site.clone(), caller, at: (site.clock)() }),
            Err(Error::SignedOut) => Err(to_sign_in(parts)),
            Err(e) => Err(failure::page(&e, Some(failure::frame(site)))),
        }
    }
}

/// To the sign-in page, and from there back to where somebody wanted to go.
fn to_sign_in(parts: &Parts) -> Response {
    let wanted = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let ended = if token(&parts.headers).is_some() { "&ended=yes" } else { "" };
    let next = if parts.method == Method::GET { words::encoded(wanted) } else { "/".to_owned() };
    Redirect::to(&format!("/sign-in?next={next}{ended}")).into_response()
}

/// What an address asks for after the `?`; nonsense is answered with a page.
pub struct Asked<T>(pub T);

/// What stands in the path of an address.
pub struct Named<T>(pub T);

/// What a form carries.
pub struct Entered<T>(pub T);

fn nonsense(site: &Site, text: &str) -> Response {
    let e = Error::Invalid { field: "request", text: text.to_owned() };
    failure::page(&e, Some(failure::frame(site)))
}

impl<T: DeserializeOwned> FromRequestParts<Site> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(_) => Err(nonsense(site, "This address asks for something that cannot be read.")),
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Site> for Named<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        match Path::from_request_parts(parts, site).await {
            Ok(Path(named)) => Ok(Self(named)),
            Err(_) => Err(nonsense(site, "This address names something that cannot be read.")),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Site> for Entered<T> {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        match Form::from_request(request, site).await {
            Ok(Form(entered)) => Ok(Self(entered)),
            Err(_) => Err(nonsense(site, "The form did not arrive in a form that can be read.")),
        }
    }
}

/// A form with a file in it.
#[derive(Default)]
pub struct Uploaded {
    /// The file; empty when none was chosen.
    pub file: Vec<u8>,
    /// The other fields, in their order.
    pub fields: Vec<(String, String)>,
}

impl Uploaded {
    /// The value of a field.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

impl FromRequest<Site> for Uploaded {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let wrong = || nonsense(site, "The file did not arrive in a form that can be read.");
        let mut form = Multipart::from_request(request, site).await.map_err(|_| wrong())?;
        let mut uploaded = Self::default();
        while let Some(field) = form.next_field().await.map_err(|_| wrong())? {
            let name = field.name().unwrap_or_default().to_owned();
            if field.file_name().is_some() {
                uploaded.file = field.bytes().await.map_err(|_| wrong())?.to_vec();
            } else {
                let value = field.text().await.map_err(|_| wrong())?;
                uploaded.fields.push((name, value));
            }
        }
        Ok(uploaded)
    }
}

/// A file that the browser keeps instead of showing it.
pub fn download(name: &str, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let kept = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, kept)], bytes)
        .into_response()
}

/// A template as an answer.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(e) => {
            tracing::error!(error = %e, "a page could not be drawn");
            (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be drawn.").into_response()
        }
    }
}

impl Visit {
    /// Asks for an operation; an error becomes its page.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Api, &Caller, Timestamp) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Response> {
        self.attempt(work).await.map_err(|e| self.failed(&e))
    }

    /// Asks for an operation whose error the page itself shows.
    pub async fn attempt<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Api, &Caller, Timestamp) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let caller = self.caller.clone();
        run(&self.site, move |api, at| work(api, &caller, at)).await
    }

    /// The page of an error.
    pub fn failed(&self, e: &Error) -> Response {
        failure::page(e, Some(self.frame("", None)))
    }

    /// Checks that a form is of this session.
    pub fn check_form(&self, csrf: &str) -> Result<(), Response> {
        self.caller.check_form(csrf).map_err(|e| self.failed(&e))
    }

    /// The frame of a page.
    pub fn frame(&self, title: &str, here: Option<Section>) -> Frame {
        let notice = (self.site.notice)();
        Frame::open(title, self.site.api.state(), notice).of(&self.caller, here)
    }
}
