//! The officers' listener: the console's pages and the interface for programs.

use std::sync::Arc;

use anyhow::Result;
use api::{AfterUphold, Api, Clock, Settings};
use axum::{Router, routing::get};
use console::Site;
use jiff::Timestamp;
use screening::UpheldHit;
use store::{Batch, Outcome, StoreError, rows::HitRow};

use crate::{
    clock, intake,
    node::Node,
    serve::{Bell, Served},
};

/// Makes the last decision durable and rings for the pipeline, which asks the
/// agreements and seals. A crash in between is found again at the next start.
struct RingForThePipeline {
    store: Arc<store::Store>,
    bell: Arc<Bell>,
}

impl AfterUphold for RingForThePipeline {
    fn disclose(
        &self,
        _upheld: UpheldHit,
        _row: &HitRow,
        decided: Batch,
        _at: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let outcome = self.store.commit(decided)?;
        self.bell.upheld.notify_one();
        Ok(outcome)
    }
}

fn settings(pseudonym_key: [u8; 32]) -> Settings {
    Settings {
        pseudonym_key,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: clock::now(),
    }
}

/// The operations for an officer who sits at the machine itself. What is upheld there is
/// disclosed by the node when it runs.
///
/// # Errors
/// The node's key cannot be read.
pub fn at_the_machine(node: &Arc<Node>) -> Result<Api> {
    let settings = settings(node.pseudonym_key());
    let store = node.store().clone();
    let after = RingForThePipeline { store: store.clone(), bell: Arc::default() };
    Ok(Api::new(store, settings, (node.clone(), Arc::new(after))))
}

/// The routes of the officers' listener.
pub fn router(served: Served, pseudonym_key: [u8; 32]) -> Router {
    let node = served.node.clone();
    let settings = settings(pseudonym_key);
    let after = RingForThePipeline { store: node.store().clone(), bell: served.bell.clone() };
    let api = Arc::new(Api::new(node.store().clone(), settings, (node.clone(), Arc::new(after))));
    let now: Clock = Arc::new(clock::now);
    let notice = Arc::new(move || node.config().console.notice.clone());
    let health = Router::new().route("/health", get(intake::health)).with_state(served);
    console::router(Site { api, clock: now, notice }).merge(health)
}
