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

const PAGES: [&str; 16] = [
    "/",
    "/flights",
    "/hits",
    "/received",
    "/requests",
    "/requests/new",
    "/partners",
    "/map",
    "/statistics",
    "/agreements",
    "/watchlists",
    "/criteria",
    "/carriers",
    "/submissions",
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
        Page { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
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
        ("/requests", "No partner waits for an answer"),
        ("/requests/new", "There is no partner to ask"),
        ("/partners", "No partner state has been added"),
        ("/agreements", "There is no agreement yet"),
        ("/watchlists", "passerelle watchlist load"),
        ("/criteria", "There are no criteria"),
        ("/node", "passerelle carrier add"),
        ("/carriers", "No carrier may send lists yet"),
        ("/submissions", "No message with a fault"),
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
        ("/criteria", "document=x"),
        ("/alarms/1", "reason=looked+at"),
        ("/streams/TUR/0", "reason=looked+at"),
        ("/agreements/new", "partner=TUR"),
        ("/agreements/draft", "act=sign&entitled=yes"),
        ("/agreements/00/suspend", "reason=looked+at"),
        ("/partners/accept", "same=yes"),
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
async fn a_request_is_read_and_decided_on_a_page_and_a_partner_is_asked_on_another() {
    let node = Node::new(true);
    let liaison = node.sign_in("l.white").await;
    let page = node.get("/requests/TUR/r-1", &liaison).await;
    assert_eq!(page.status, 403, "a liaison officer sees the queue alone");
    let page = node.get("/requests/new", &liaison).await;
    assert_eq!(page.status, 403, "a form is for whoever may send it");
    let cookie = node.sign_in("a.smith").await;
    let page = node.get("/requests", &cookie).await;
    assert!(page.text.contains("Waits for a decision"), "{}", page.text);
    let address = page.link("/requests/TUR/");
    let page = node.get(&address, &cookie).await;
    assert!(page.text.contains("named in a case of theirs") && page.text.contains("2026/17"));
    let csrf = page.hidden("csrf");
    let silent = node.post(&address, &cookie, &format!("csrf={csrf}&outcome=nothing")).await;
    assert!(silent.status == 422 && silent.text.contains("Enter a reason"), "{}", silent.text);
    let decided = format!("csrf={csrf}&outcome=nothing&reason=nobody+is+here");
    assert_eq!(node.post(&address, &cookie, &decided).await.status, 303);
    let page = node.get("/requests/new", &cookie).await;
    let form = format!("csrf={}&to=TUR&purpose=terrorism&dataset=api", page.hidden("csrf"));
    let page = node.post("/requests/new", &cookie, &form).await;
    assert!(page.status == 422 && page.text.contains("it asks about nobody"), "{}", page.text);
    let whole = form + "&document=U1234567&legal_ground=art.+5&reason=a+case&reference=2026%2F4";
    assert_eq!(node.post("/requests/new", &cookie, &whole).await.status, 303);
}

#[tokio::test]
async fn criteria_are_proposed_approved_by_another_and_taken_out_of_use() {
    let node = Node::new(true);
    let cookie = node.sign_in("b.jones").await;
    let page = node.get("/criteria", &cookie).await;
    let csrf = page.hidden("csrf");
    let propose = |document: &str| format!("csrf={csrf}&document={}", encoded(document));
    let refused = world::CRITERIA.replace("\"minor\"", "\"sex\"");
    let page = node.post("/criteria", &cookie, &propose(&refused)).await;
    assert!(page.status == 422 && page.text.contains("CJ-05"), "{}", page.text);
    assert_eq!(node.post("/criteria", &cookie, &propose(world::CRITERIA)).await.status, 303);
    let page = node.get("/criteria", &cookie).await;
    // Another's proposal can be approved, one's own cannot.
    assert!(page.text.contains("action=\"/criteria/strangers/"));
    let approve = |name: &str| {
        let form = format!("action=\"/criteria/{name}/");
        page.text.split(&form).skip(1).any(|rest| {
            rest.split_once('"').is_some_and(|(address, _)| address.ends_with("/approve"))
        })
    };
    assert!(approve("strangers") && !approve("minors"));
    let digest = page.text.split("/criteria/strangers/").nth(1).unwrap();
    let digest = digest.split_once('/').unwrap().0;
    let entered = format!("csrf={csrf}&reason=too+wide");
    for (what, said) in [("approve", "In use"), ("withdraw", "“too wide”")] {
        let address = format!("/criteria/strangers/{digest}/{what}");
        assert_eq!(node.post(&address, &cookie, &entered).await.status, 303);
        assert!(node.get("/criteria", &cookie).await.text.contains(said), "{what}");
    }
    let page = node.get("/criteria", &node.sign_in("a.smith").await).await;
    assert!(!page.text.contains("/withdraw\""), "an officer alone does not decide");
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
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
    let id = list.rsplit_once('/').unwrap().1;
    let page = node.get(&format!("{flight}?list={id}"), &cookie).await;
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
    for path in
        ["/flights?day=tomorrow", "/log?before=x", "/flights?page=x", "/statistics?period=2026"]
    {
        let page = node.get(path, &cookie).await;
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        assert!(page.text.contains("<h1>"), "{path} is no page: {}", page.text);
    }
    // Those three take forms.
    for path in PAGES.into_iter().filter(|p| !["/log", "/criteria", "/requests/new"].contains(p)) {
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

/// A form with a file, as browsers send it.
fn multipart(csrf: &str, file: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--b\r\ncontent-disposition: \
         form-data; name=\"file\"; filename=\"f\"\r\ncontent-type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    body
}

impl Node {
    async fn upload(&self, path: &str, cookie: &str, body: Vec<u8>) -> Page {
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("content-type", "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }
}

#[tokio::test]
async fn an_agreement_goes_from_the_form_to_a_file_that_is_signed_and_suspended_with_a_reason() {
    let node = Node::new(true);
    let cookie = node.sign_in("l.white").await;
    let page = node.get("/agreements/new?with=TUR", &cookie).await;
    let csrf = page.hidden("csrf");
    let form = format!(
        "csrf={csrf}&partner=TUR&title=A+treaty&legal_basis=Law+1&from=2026-01-01&until=2028-12-31\
         &out.mode=hit&out.kinds=passenger&out.datasets=api&out.elements=names&out.elements=flight&out.purposes=terrorism\
         &out.keep=90&out.mask=&out.onward=never&out.latest=&in.mode="
    );
    let page = node.post("/agreements/new", &cookie, &form.replace("TUR", "XXX")).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("is not the code of a state"));
    let page = node.post("/agreements/new", &cookie, &form).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for part in ["may keep it for 90 days", "Compared with", "Narrower", "Sign for"] {
        assert!(page.text.contains(part), "{part}");
    }
    let (_, toml) = page.text.split_once("hidden aria-hidden=\"true\">").unwrap();
    let toml = toml.split_once("</textarea>").unwrap().0.replace("&#34;", "%22");
    let toml = toml.replace("&#60;", "%3C").replace("&#62;", "%3E").replace('\n', "%0D%0A");
    let drafted = format!("csrf={csrf}&toml={}", toml.replace('#', "%23").replace(' ', "+"));
    let page =
        node.post("/agreements/draft", &cookie, &format!("{drafted}&act=check&days=30")).await;
    assert!(page.text.contains("should officers uphold a hit"), "{}", page.text);
    let page = node.post("/agreements/draft", &cookie, &format!("{drafted}&act=sign")).await;
    assert!(page.status == 422 && page.text.contains("entitled to sign"));
    let sign = format!("{drafted}&act=sign&entitled=yes");
    let page = node.post("/agreements/draft", &cookie, &sign).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let address = page.header("location").split_once('?').unwrap().0.to_owned();
    let page = node.get(&address, &cookie).await;
    assert!(
        page.text.contains("United Kingdom: signed with") && page.text.contains("not signed yet")
    );
    let file = node.get(&format!("{address}/file"), &cookie).await;
    assert!(file.header("content-disposition").contains("GBR-TUR-v2-"));

    // The one that is in force.
    let one = node.world.store.agreements().unwrap().into_iter().find(|a| a.version == 1).unwrap();
    let act = |what: &str| format!("/agreements/{}/{what}", one.id);
    let page = node.post(&act("suspend"), &cookie, &format!("csrf={csrf}&reason=")).await;
    assert!(page.status == 422 && page.text.contains("Enter a reason"));
    let said = format!("csrf={csrf}&reason=their+node+was+broken+into");
    assert_eq!(node.post(&act("suspend"), &cookie, &said).await.status, 303);
    let page = node.get(&format!("/agreements/{}", one.id), &node.sign_in("a.smith").await).await;
    assert!(
        page.text.contains("“their node was broken into”") && page.text.contains("suspended by")
    );
    assert!(!page.text.contains("<textarea"), "an officer cannot resume it");
    assert_eq!(node.post(&act("resume"), &cookie, &said).await.status, 303);
    assert_eq!(node.get(&act("changes"), &cookie).await.status, 404, "there is no older one");
    assert_eq!(node.get(&act("check"), &cookie).await.status, 200);
    assert_eq!(node.post(&act("burn"), &cookie, &said).await.status, 404);
}

#[tokio::test]
async fn a_file_is_shown_or_noted_and_one_that_is_no_agreement_is_told_so() {
    let node = Node::new(true);
    let cookie = node.sign_in("l.white").await;
    let csrf = node.get("/agreements", &cookie).await.hidden("csrf");
    let page = node.upload("/agreements/file", &cookie, multipart(&csrf, b"\x01\xff")).await;
    assert!(page.status == 422 && page.text.contains("neither TOML nor a signed agreement"));
    let draft = node.world.next_version("TUR");
    let page = node.upload("/agreements/file", &cookie, multipart(&csrf, draft.as_bytes())).await;
    assert!(page.status == 200 && page.text.contains("Draft of an agreement"));
    let mut signed = api::agreements::read_file(draft.as_bytes()).unwrap();
    let turkey = travel::Country::new("TUR");
    signed.add(node.world.partners.sign_agreement(turkey, &signed.document).unwrap());
    let body = multipart(&csrf, &signed.to_cbor());
    assert_eq!(node.upload("/agreements/file", &cookie, body.clone()).await.status, 303);
    let foreign = multipart("of another session", &signed.to_cbor());
    assert_eq!(node.upload("/agreements/file", &cookie, foreign).await.status, 403);
    let officer = node.sign_in("a.smith").await;
    let own = node.get("/agreements", &officer).await;
    assert!(!own.text.contains("type=\"file\""), "an officer takes nothing in");
}

#[tokio::test]
async fn a_partner_is_met_by_a_fingerprint_that_was_compared_and_not_before() {
    let node = Node::new(true);
    let cookie = node.sign_in("root").await;
    let page = node.get("/partners/meet", &cookie).await;
    let csrf = page.hidden("csrf");
    let offer = world::offer("FRA", node.world.partners.public());
    let body = multipart(&csrf, offer.to_toml().as_bytes());
    let page = node.upload("/partners/meet", &cookie, body).await;
    let spoken = offer.fingerprint();
    assert!(page.text.contains(&spoken.digits) && page.text.contains(spoken.words[0][0]));
    let sent = offer.to_toml().replace('\n', "\r\n");
    let encoded = sent.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let entered = |same: &str| {
        let digits = spoken.digits.replace(' ', "+");
        format!("csrf={csrf}&offer={encoded}&fingerprint={digits}&same={same}")
    };
    for same in ["", "no"] {
        let page = node.post("/partners/accept", &cookie, &entered(same)).await;
        assert_eq!(page.status, 422);
        assert!(node.world.store.partner("FRA").unwrap().is_none());
    }
    let page = node.post("/partners/accept", &cookie, &entered("yes")).await;
    assert_eq!(page.header("location"), "/partners/FRA?met=true");
    let page = node.get("/partners/FRA?met=true", &cookie).await;
    assert!(page.text.contains("France is a partner."));
    let own = node.get("/partners/offer", &cookie).await;
    assert!(own.header("content-disposition").contains("gbr.offer"));
    let liaison = node.sign_in("l.white").await;
    assert_eq!(node.get("/partners/meet", &liaison).await.status, 403);
    assert_eq!(node.get("/partners/offer", &liaison).await.status, 200);
    assert_eq!(node.get("/partners/ATL", &liaison).await.status, 404);
}

#[tokio::test]
async fn faults_are_told_to_a_liaison_officer_and_the_text_to_a_supervisor_alone() {
    let node = Node::new(true);
    let cookie = node.sign_in("l.white").await;
    let carriers = node.get("/carriers", &cookie).await;
    assert!(carriers.text.contains("class=\"line\"") && carriers.text.contains("of 100"));
    let address = node.get("/submissions?carrier=TK", &cookie).await.link("/submissions/");
    let page = node.get(&address, &cookie).await;
    for part in ["P-BIRTH", "P-COUNT", "YYMMDD", "To do", "Line 11, byte"] {
        assert!(page.text.contains(part), "{part}");
    }
    assert!(!page.text.contains("BLENKINSOP") && !page.text.contains("991300"));
    let csrf = node.get("/partners", &cookie).await.hidden("csrf");
    assert_eq!(node.post(&address, &cookie, &format!("csrf={csrf}")).await.status, 403);
    let cookie = node.sign_in("b.jones").await;
    let csrf = node.get(&address, &cookie).await.hidden("csrf");
    let page = node.post(&address, &cookie, &format!("csrf={csrf}")).await;
    assert!(page.text.contains("DTM+329:<mark>991300</mark>"), "{}", page.text);
    assert!(page.text.contains("        ^^^^^^"));
    assert!(node.get("/log", &cookie).await.text.contains("submission opened"));
}

#[tokio::test]
async fn thresholds_are_rehearsed_and_then_set_by_a_supervisor() {
    let node = Node::new(true);
    let cookie = node.sign_in("b.jones").await;
    let address = node.get("/watchlists", &cookie).await.link("/watchlists/");
    let csrf = node.get(&address, &cookie).await.hidden("csrf");
    let form = |said: &str, act: &str| format!("csrf={csrf}&{said}&act={act}");
    let page = node.post(&address, &cookie, &form("possible=much&hit=more", "rehearse")).await;
    assert!(page.status == 422 && page.text.contains("Enter two numbers"));
    let page = node.post(&address, &cookie, &form("possible=90&hit=99", "rehearse")).await;
    assert!(page.text.contains("would vanish") && page.text.contains("Set 90 and 99"));
    assert_eq!(node.post(&address, &cookie, &form("possible=90&hit=99", "set")).await.status, 303);
    let page = node.get(&address, &cookie).await;
    assert!(page.text.contains("Set by b.jones on"));
    let root = node.sign_in("root").await;
    let page = node.get(&address, &root).await;
    let csrf = page.hidden("csrf");
    let set = format!("csrf={csrf}&possible=9&hit=14&act=set");
    assert_eq!(node.post(&address, &root, &set).await.status, 403);
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

#[tokio::test]
async fn what_a_partner_tells_is_new_until_an_officer_reads_it_and_an_officer_tells_on_a_form() {
    let node = Node::new(true);
    let liaison = node.sign_in("l.white").await;
    let page = node.get("/received", &liaison).await;
    assert!(page.text.contains("Told unasked") && page.text.contains("Terrorist offences"));
    assert!(!page.text.contains("/told/"), "a liaison officer sees the table alone");
    let cookie = node.sign_in("a.smith").await;
    let address = node.get("/received", &cookie).await.link("/told/TUR/");
    assert_eq!(node.get(&address, &liaison).await.status, 403);
    let page = node.get(&address, &cookie).await;
    assert!(page.text.contains("is expected by somebody") && page.text.contains("OKAFOR"));
    let table = node.get("/received", &cookie).await;
    assert!(table.text.contains("seen by a.smith"), "{}", table.text);

    let list = node.world.store.newest_lists(None, 1).unwrap().remove(0).id;
    let form = format!("/told/new/{list}/0");
    assert_eq!(node.get(&form, &liaison).await.status, 403);
    let csrf = node.get(&form, &cookie).await.hidden("csrf");
    let said = format!("csrf={csrf}&to=TUR&purpose=terrorism&legal_ground=art.+4&reference=7");
    let silent = node.post(&form, &cookie, &said).await;
    assert!(silent.status == 422 && silent.text.contains("gives no reason"), "{}", silent.text);
    let told = node.post(&form, &cookie, &(said + "&reason=it+concerns+them")).await;
    assert_eq!((told.status, told.header("location")), (303, "/told/TUR/told"));
}

#[tokio::test]
async fn an_emergency_of_this_state_is_justified_on_its_page() {
    let node = Node::new(true);
    node.world.emergency();
    let cookie = node.sign_in("a.smith").await;
    assert!(node.get("/requests", &cookie).await.text.contains("to be justified until"));
    let page = node.get("/requests/TUR/r-2", &cookie).await;
    assert!(page.text.contains("Justify it"), "{}", page.text);
    let form = format!("csrf={}&legal_ground=art.+5&reference=7", page.hidden("csrf"));
    let address = "/requests/TUR/r-2/justify";
    let silent = node.post(address, &cookie, &form).await;
    assert!(silent.status == 422 && silent.text.contains("It justifies nothing"));
    let said = node.post(address, &cookie, &(form + "&reason=it+could+not+wait")).await;
    assert_eq!((said.status, said.header("location")), (303, "/requests/TUR/r-2"));
    let reader = node.sign_in("d.green").await;
    let page = node.get("/requests/TUR/r-2", &reader).await;
    assert!(!page.text.contains("Justify it"), "who reads everything changes nothing");
    assert!(!node.get("/requests/TUR/r-1", &cookie).await.text.contains("Justify it"));
}
