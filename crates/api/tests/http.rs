//! The interface for programs, as bytes in and bytes out.
#![allow(clippy::unwrap_used)]

mod world;

use std::sync::Arc;

use axum::{Router, body::Body, http::Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt;
use world::{PASSWORD, World};

struct Node {
    _dir: tempfile::TempDir,
    router: Router,
}

impl Node {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let world = World::busy(dir.path(), now);
        let router = api::http::router(world.api(), Arc::new(move || now));
        Self { _dir: dir, router }
    }

    async fn call(&self, line: &str, token: &str, body: Value) -> (u16, Value) {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.header("content-type", "application/json").body(Body::from(body));
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn sign_in(&self, officer: &str) -> String {
        let body = json!({"officer": officer, "password": PASSWORD});
        let (status, answer) = self.call("POST /api/v1/session", "", body).await;
        assert_eq!(status, 200);
        answer["token"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_program_signs_in_works_the_queue_and_signs_out() {
    let node = Node::new();
    let (one, other) = (node.sign_in("a.smith").await, node.sign_in("b.jones").await);
    let (_, queue) = node.call("GET /api/v1/hits?state=waiting&limit=2", &one, Value::Null).await;
    assert_eq!(queue["hits"].as_array().unwrap().len(), 2);
    assert!(queue["next"].is_string());
    let hit = &queue["hits"][0];
    assert_eq!((hit["band"].as_str(), hit["needs"].as_u64()), (Some("hit"), Some(2)));
    let id = hit["id"].as_str().unwrap();

    let (status, page) = node.call(&format!("GET /api/v1/hits/{id}"), &one, Value::Null).await;
    assert_eq!(status, 200);
    assert!(page["evidence"].as_array().unwrap().len() > 2);
    let decisions = format!("POST /api/v1/hits/{id}/decisions");
    let said = json!({"verdict": "uphold", "reason": "all identifiers agree"});
    let (status, done) = node.call(&decisions, &one, said.clone()).await;
    assert_eq!((status, done["state"].as_str()), (200, Some("half")));
    let (status, problem) = node.call(&decisions, &one, said.clone()).await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (409, Some("urn:passerelle:problem:same-officer"))
    );
    let (_, done) = node.call(&decisions, &other, said).await;
    assert_eq!(done["state"], "upheld");

    let (_, summary) = node.call("GET /api/v1/summary", &one, Value::Null).await;
    assert_eq!(summary["state"], "GBR");
    let (_, flights) = node.call("GET /api/v1/flights", &one, Value::Null).await;
    assert!(flights["flights"].as_array().unwrap().len() > 10);
    assert_eq!(node.call("DELETE /api/v1/session", &one, Value::Null).await.0, 204);
    assert_eq!(node.call("GET /api/v1/summary", &one, Value::Null).await.0, 401);
}

#[tokio::test]
async fn whoever_has_to_wait_is_told_how_long() {
    let node = Node::new();
    let body = json!({"officer": "a.smith", "password": "a guess at it"}).to_string();
    let mut answers = Vec::new();
    for _ in 0..6 {
        let request = Request::post("/api/v1/session").header("content-type", "application/json");
        let request = request.body(Body::from(body.clone())).unwrap();
        let response = node.router.clone().oneshot(request).await.unwrap();
        let wait = response.headers().get("retry-after").map(|v| v.to_str().unwrap().to_owned());
        answers.push((response.status().as_u16(), wait));
    }
    assert_eq!(answers[4], (401, None));
    assert_eq!(answers[5], (429, Some("300".to_owned())));
}

#[tokio::test]
async fn whatever_is_wrong_is_a_problem_that_says_what_to_do() {
    let node = Node::new();
    let token = node.sign_in("a.smith").await;
    let root = node.sign_in("root").await;
    for (line, token, body, status) in [
        ("POST /api/v1/session", "", json!({"officer": "a.smith", "password": "wrong"}), 401),
        ("POST /api/v1/session", "", json!({"name": "a.smith"}), 422),
        ("GET /api/v1/summary", "", Value::Null, 401),
        ("GET /api/v1/summary", "0000", Value::Null, 401),
        ("GET /api/v1/hits", root.as_str(), Value::Null, 403),
        ("GET /api/v1/hits?state=lost", token.as_str(), Value::Null, 422),
        ("GET /api/v1/flights?day=tomorrow", token.as_str(), Value::Null, 422),
        ("GET /api/v1/hits/nothing", token.as_str(), Value::Null, 404),
        ("POST /api/v1/hits/nothing/decisions", token.as_str(), json!({"verdict": "maybe"}), 422),
    ] {
        let (found, problem) = node.call(line, token, body).await;
        assert_eq!(found, status, "{line}");
        for part in ["type", "title", "detail"] {
            assert!(problem[part].as_str().is_some_and(|t| !t.is_empty()), "{line}: {problem}");
        }
        assert_eq!(problem["status"], status);
    }
}
