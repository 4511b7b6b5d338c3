//! Every page as it goes out: headers, forms, who is named, and what empty pages say.
#![allow(clippy::unwrap_used)]

#[path = "../../api/tests/world/mod.rs"]
mod world;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use console::Site;
use http_body_util::BodyExt;
use jiff::Timestamp;
use tower::ServiceExt;
use world::{PASSWORD, UNREMARKABLE, World};

const PAGES: [&str; 11] = [
    "/",
    "/flights",
    "/hits",
    "/received",
    "/partners",
    "/map",
    "/statistics",
    "/agreements",
    "/watchlists",
    "/log",
    "/node",
];

struct Node {
    _dir: tempfile::TempDir,
    world: World,
    router: Router,
}

struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> String {
        let field = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&field).expect("a hidden field").1;
        rest.split_once('"').unwrap().0.to_owned()
    }
    /// The first address on the page that begins so.
    fn link(&self, start: &str) -> String {
        let rest = self.text.split_once(&format!("href=\"{start}")).expect("a link").1;
        format!("{start}{}", rest.split_once('"').unwrap().0)
    }
}

impl Node {
    fn new(busy: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let world = if busy { World::busy(dir.path(), now) } else { World::empty(dir.path(), now) };
        let site = Site {
            api: world.api(),
            clock: Arc::new(move || now),
            notice: Arc::new(|| Some("Training <system>".to_owned())),
        };
        Self { _dir: dir, world, router: console::router(site) }
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Page { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Page {
        let request = Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap();
        self.send(request).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Page {
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.send(request).await
    }

    async fn sign_in(&self, officer: &str) -> String {
        let form = format!("officer={officer}&password={}", PASSWORD.replace(' ', "+"));
        let page = self.post("/sign-in", "", &form).await;
        assert_eq!(page.status, 303);
        page.header("set-cookie").split_once(';').unwrap().0.to_owned()
    }
}

#[tokio::test]
async fn nobody_sees_a_page_before_signing_in_and_then_sees_the_one_asked_for() {
    let node = Node::new(true);
    for path in PAGES {
        let page = node.get(path, "").await;
        assert_eq!((page.status, page.text.as_str()), (303, ""), "{path}");
        assert!(page.header("location").starts_with("/sign-in"), "{path}");
    }
    let page = node.get("/hits?state=half", "").await;
    assert_eq!(page.header("location"), "/sign-in?next=/hits%3Fstate%3Dhalf");
    let form = format!(
        "officer=a.smith&next=/hits%3Fstate%3Dhalf&password={}",
        PASSWORD.replace(' ', "+")
    );
    let page = node.post("/sign-in", "", &form).await;
    assert_eq!(page.header("location"), "/hits?state=half");
    let cookie = page.header("set-cookie");
    for guard in ["__Host-", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(guard), "{guard} is missing in {cookie}");
    }
}

#[tokio::test]
async fn every_page_is_guarded_kept_by_nobody_and_carries_the_notice() {
    let node = Node::new(true);
    let cookie = node.sign_in("b.jones").await;
    for path in PAGES.into_iter().chain(["/sign-in", "/nowhere", "/console.css", "/api/v1/summary"])
    {
        let page = node.get(path, &cookie).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        let kept = if path == "/console.css" { "max-age=300" } else { "no-store" };
        assert_eq!(page.header("cache-control"), kept, "{path}");
    }
    for path in PAGES {
        let page = node.get(path, &cookie).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains("Training &#60;system&#62;"), "{path}: the notice, escaped");
        assert!(!page.text.contains("<script") && !page.text.contains(" style="), "{path}");
    }
}

#[tokio::test]
async fn an_empty_node_says_on_each_page_what_will_appear() {
    let node = Node::new(false);
    let cookie = node.sign_in("b.jones").await;
    for (path, said) in [
        ("/", "No hit waits for a decision"),
        ("/flights", "Lists appear within seconds"),
        ("/hits", "the hit appears here"),
        ("/hits?state=half", "Strong hits need two different officers"),
        ("/received", "No partner has disclosed a hit yet"),
        ("/partners", "No partner state has been added"),
        ("/agreements", "There is no agreement yet"),
        ("/watchlists", "passerelle watchlist load"),
        ("/node", "passerelle carrier add"),
    ] {
        let page = node.get(path, &cookie).await;
        assert!(page.text.contains(said), "{path} does not say {said:?}");
    }
}

#[tokio::test]
async fn a_form_without_this_sessions_token_does_nothing() {
    let node = Node::new(true);
    let (cookie, other) = (node.sign_in("b.jones").await, node.sign_in("b.jones").await);
    let foreign = node.get("/log", &other).await.hidden("csrf");
    let hit = node.get("/hits", &cookie).await.link("/hits/");
    let size = node.world.store.log_size().unwrap();
    for (path, form) in [
        (hit.as_str(), "verdict=dismiss&reason=somebody+else"),
        ("/sign-out", ""),
        ("/log", ""),
        ("/alarms/1", "reason=looked+at"),
        ("/streams/TUR/0", "reason=looked+at"),
    ] {
        for csrf in ["", "&csrf=", &format!("&csrf={foreign}")] {
            let page = node.post(path, &cookie, &format!("{form}{csrf}")).await;
            assert_eq!(page.status, 403, "{path}");
            assert!(page.text.contains("This form was not accepted"), "{path}");
        }
    }
    assert_eq!(node.world.store.log_size().unwrap(), size);
}

#[tokio::test]
async fn a_stopped_stream_is_resumed_by_those_who_may() {
    let node = Node::new(true);
    let form = "action=\"/streams/TUR/";
    let page = node.get("/partners", &node.sign_in("a.smith").await).await;
    assert!(page.text.contains("is stopped") && !page.text.contains(form));
    let cookie = node.sign_in("l.white").await;
    let page = node.get("/partners", &cookie).await;
    let (_, rest) = page.text.split_once(form).expect("the form");
    let address = format!("/streams/TUR/{}", rest.split_once('"').unwrap().0);
    let csrf = page.hidden("csrf");
    let entered = format!("csrf={csrf}&reason=they+put+it+right");
    assert_eq!(node.post(&address, &cookie, &entered).await.status, 303);
    let page = node.get("/partners", &cookie).await;
    assert!(
        !page.text.contains("is stopped")
            && page.text.contains("Settled by l.white")
            && page.text.contains("“they put it right”")
    );
    let page = node.post(&address, &cookie, &entered).await;
    assert!(page.status == 409 && page.text.contains("No such stream from TUR is stopped"));
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_for_signing_in() {
    let node = Node::new(false);
    let form = format!("officer=a.smith&password={}", PASSWORD.replace(' ', "+"));
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 303),
        ("origin", "https://elsewhere.example", 403),
        ("origin", "null", 403),
        ("origin", "https://node.example", 303),
    ] {
        let request = Request::post("/sign-in")
            .header("host", "node.example")
            .header(name, value)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.clone()))
            .unwrap();
        assert_eq!(node.send(request).await.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn after_five_wrong_tries_the_page_says_how_long_to_wait() {
    let node = Node::new(false);
    for _ in 0..5 {
        let page = node.post("/sign-in", "", "officer=a.smith&password=a+guess+at+it").await;
        assert_eq!((page.status, page.header("retry-after")), (401, ""));
    }
    let page = node.post("/sign-in", "", "officer=a.smith&password=a+guess+at+it").await;
    assert_eq!((page.status, page.header("retry-after")), (429, "300"));
    assert!(page.text.contains("try again in 5 minutes"));
}

#[tokio::test]
async fn names_without_a_hit_are_on_no_page_until_a_purpose_is_given() {
    let node = Node::new(true);
    let cookie = node.sign_in("a.smith").await;
    let hits = node.get("/hits", &cookie).await;
    let flight = hits.link("/flights/");
    for path in [flight.as_str(), "/", "/hits", "/flights", "/log"] {
        let page = node.get(path, &cookie).await;
        assert!(!page.text.contains(UNREMARKABLE), "{path}");
    }
    let page = node.get(&flight, &cookie).await;
    let list = page.link("/lists/");
    let (list, _) = list.rsplit_once('/').unwrap();
    let last = page.text.matches("/lists/").count() - 1;
    let address = format!("{list}/{last}");
    let form = node.get(&address, &cookie).await;
    assert!(!form.text.contains(UNREMARKABLE));
    let csrf = form.hidden("csrf");
    let page = node.post(&address, &cookie, &format!("csrf={csrf}&purpose=terrorism")).await;
    assert_eq!(page.status, 422);
    assert!(!page.text.contains(UNREMARKABLE) && page.text.contains("Enter a reason"));
    let form = format!("csrf={csrf}&purpose=terrorism&reason=file+%3Cb%3E12%3C/b%3E");
    let page = node.post(&address, &cookie, &form).await;
    assert!(page.text.contains(UNREMARKABLE));
    assert!(page.text.contains("file &#60;b&#62;12&#60;/b&#62;"), "what was entered is escaped");
}

#[tokio::test]
async fn roles_see_the_sections_that_they_may_and_are_told_why_not() {
    let node = Node::new(true);
    let cookie = node.sign_in("root").await;
    let page = node.get("/", &cookie).await;
    assert!(!page.text.contains("href=\"/hits") && page.text.contains("href=\"/node\""));
    let hit = node.world.store.hits_in(&["open"], None, 1).unwrap().remove(0);
    for path in ["/flights", "/hits", "/received", &format!("/hits/{}", hit.id)] {
        let page = node.get(path, &cookie).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text.contains("Your role does not allow this"), "{path}");
        assert!(!page.text.contains("ALKHALIDI"), "{path}");
    }
}

#[tokio::test]
async fn addresses_that_lead_nowhere_are_pages_too() {
    let node = Node::new(true);
    let cookie = node.sign_in("a.smith").await;
    for path in
        ["/nowhere", "/hits/0000", "/flights/TK1", "/lists/x/0", "/agreements/zz", "/received/x"]
    {
        let page = node.get(path, &cookie).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("There is nothing here"), "{path}");
        assert!(page.text.contains("Sign out"), "{path}");
    }
    for path in ["/flights?day=tomorrow", "/log?before=x", "/flights?page=x"] {
        let page = node.get(path, &cookie).await;
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        assert!(page.text.contains("<h1>"), "{path} is no page: {}", page.text);
    }
    for path in PAGES.into_iter().filter(|p| *p != "/log") {
        let page = node.post(path, &cookie, "").await;
        assert_eq!((page.status, page.header("allow")), (405, "GET,HEAD"), "{path}");
        assert!(page.text.contains("cannot be asked for with POST"), "{path}");
        assert!(page.text.contains("Sign out"), "{path}");
    }
    for path in ["/received?page=0", "/received?page=99999999999"] {
        let page = node.get(path, &cookie).await;
        assert!(page.status == 200 && page.text.contains("page 1 of 1"), "{path}");
    }
    let flight = node.get("/hits", &cookie).await.link("/flights/");
    for from in ["1000", "18446744073709551615", "18446744073709551516"] {
        let page = node.get(&format!("{flight}?from={from}"), &cookie).await;
        assert_eq!(page.status, 200, "from {from}");
    }
}

#[tokio::test]
async fn the_map_shows_what_goes_each_way_and_asks_for_itself_when_told() {
    let node = Node::new(true);
    let cookie = node.sign_in("b.jones").await;
    let page = node.get("/map", &cookie).await;
    // A stopped stream is marked, not only coloured, and said in the table.
    for part in ["<svg", "TUR", "way list", "×", "the stream is stopped", "whole lists"] {
        assert!(page.text.contains(part), "{part}");
    }
    assert!(!page.text.contains("http-equiv"));
    let live = node.get("/map?again=60", &cookie).await;
    assert!(live.text.contains("content=\"10; url=/map?again=59\""));
    let most = node.get("/map?again=4000000000", &cookie).await;
    assert!(most.text.contains("url=/map?again=59"));
    let empty = Node::new(false);
    let cookie = empty.sign_in("b.jones").await;
    assert!(empty.get("/map", &cookie).await.text.contains("No partner state has been added"));
}

#[tokio::test]
async fn statistics_name_nobody_and_no_small_count() {
    let node = Node::new(true);
    let cookie = node.sign_in("b.jones").await;
    let page = node.get("/statistics", &cookie).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains(UNREMARKABLE));
    assert!(page.text.contains("Counts below 10 are withheld"));
    let cells = page.text.split("<td class=\"number\">").skip(1);
    let counts = cells.filter_map(|c| c.split_once('<')?.0.replace(',', "").parse::<u64>().ok());
    assert!(counts.into_iter().all(|n| n >= 10 && n % 10 == 0));
}
