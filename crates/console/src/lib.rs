//! The officers' pages: HTML drawn from crate `api`, one style sheet, no scripts.
//!
//! A page is a template (`templates/`) over a view of `api`; everything that may be
//! seen or done is decided there. Here are sessions in cookies, forms that belong to
//! their session, the headers that keep a browser from doing more than showing, and
//! errors as pages that say what happened and what to do.
#![warn(missing_docs)]
// An error here is the page that says so: it is drawn once and handed straight on.
#![allow(clippy::result_large_err)]

mod agreements;
mod carriers;
mod chart;
mod compare;
mod criteria;
mod failure;
mod flights;
mod frame;
mod hits;
mod map;
mod meeting;
mod oversight;
mod partners;
mod protect;
mod requests;
mod sign_in;
mod statistics;
mod tellings;
mod thresholds;
mod visit;
mod words;

use std::sync::Arc;

use api::{Api, Clock};
use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};

/// The largest form, with the file in it: an agreement has at most two megabytes.
const LARGEST_FORM: usize = 3 << 20;

/// What the pages are drawn from.
#[derive(Clone)]
pub struct Site {
    /// The operations.
    pub api: Arc<Api>,
    /// The time.
    pub clock: Clock,
    /// A line that the operator wants on top of every page, asked for at each request
    /// so that it follows the configuration.
    pub notice: Arc<dyn Fn() -> Option<String> + Send + Sync>,
}

/// The pages, and the interface for programs under `/api/`.
pub fn router(site: Site) -> Router {
    let programs = api::http::router(site.api.clone(), site.clock.clone());
    let signed_out = Router::new()
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route(protect::STYLE, get(protect::style))
        .route("/favicon.svg", get(protect::icon));
    let signed_in = Router::new()
        .route("/", get(flights::today))
        .route("/sign-out", get(sign_in::signed_out).post(sign_in::sign_out))
        .route("/flights", get(flights::of_day))
        .route("/flights/{*key}", get(flights::flight))
        .route("/lists/{list}/{number}", get(flights::purpose).post(flights::open))
        .route("/hits", get(hits::queue))
        .route("/hits/{id}", get(hits::hit).post(hits::decide))
        .route("/received", get(partners::received))
        .route("/received/{id}", get(partners::received_hit))
        .route("/told/new/{list}/{number}", get(tellings::form).post(tellings::tell))
        .route("/told/{partner}/{parcel}", get(tellings::one))
        .route("/requests", get(requests::all))
        .route("/requests/new", get(requests::form).post(requests::ask))
        .route("/requests/{partner}/{id}", get(requests::one).post(requests::decide))
        .route("/requests/{partner}/{id}/justify", get(requests::to_one).post(requests::justify))
        .route("/partners", get(partners::partners))
        .route("/map", get(map::map))
        .route("/statistics", get(statistics::statistics))
        .route("/alarms/{id}", get(partners::to_partners).post(partners::settle))
        .route("/streams/{partner}/{agreement}", get(partners::to_partners).post(partners::resume))
        .route("/partners/offer", get(meeting::own_offer))
        .route("/partners/meet", get(meeting::bring).post(meeting::meet))
        .route("/partners/accept", get(meeting::to_bring).post(meeting::accept))
        .route("/partners/{state}", get(partners::partner))
        .route("/partners/{state}/recall", get(partners::to_partners).post(partners::recall))
        .route("/agreements", get(agreements::all))
        .route("/agreements/new", get(agreements::form).post(agreements::filled))
        .route("/agreements/draft", get(agreements::draft).post(agreements::drafted))
        .route("/agreements/file", get(agreements::to_all).post(agreements::brought))
        .route("/agreements/{id}", get(agreements::one))
        .route("/agreements/{id}/file", get(agreements::file))
        .route("/agreements/{id}/changes", get(agreements::changes))
        .route("/agreements/{id}/check", get(agreements::check))
        .route("/agreements/{id}/{act}", get(agreements::to_one).post(agreements::act))
        .route("/watchlists", get(oversight::watchlists))
        .route("/watchlists/{name}/thresholds", get(thresholds::page).post(thresholds::wanted))
        .route("/carriers", get(carriers::carriers))
        .route("/submissions", get(carriers::submissions))
        .route("/submissions/{id}", get(carriers::submission).post(carriers::open))
        .route("/criteria", get(criteria::criteria).post(criteria::propose))
        .route(
            "/criteria/{name}/{digest}/approve",
            get(criteria::to_criteria).post(criteria::approve),
        )
        .route(
            "/criteria/{name}/{digest}/withdraw",
            get(criteria::to_criteria).post(criteria::withdraw),
        )
        .route("/log", get(oversight::log).post(oversight::verify))
        .route("/node", get(oversight::node));
    signed_out
        .merge(signed_in)
        .fallback(failure::no_such_page)
        .method_not_allowed_fallback(failure::not_so)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn(protect::refuse_foreign_forms))
        .with_state(site)
        .merge(programs)
        .layer(middleware::from_fn(protect::headers))
}
