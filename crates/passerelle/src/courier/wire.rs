//! The wire to partners: mutual TLS, and parcels that are longer than a chunk go on where a cut
//! line or a killed node ended them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use exchange::{
    Arrived, MAX_ANSWERS_BYTES, Offered, Reply, content_digest, read_held, write_together,
};
use parking_lot::Mutex;
use store::rows::Partner;

use super::{MEDIA_TYPE, TOGETHER, sending::Line};
use crate::node::{self, Node};

/// Mutual TLS, one connection pool for each partner.
pub struct Wire {
    node: Arc<Node>,
    /// By state; with the authority for which the client was made.
    clients: Mutex<HashMap<String, (String, reqwest::Client)>>,
}

impl Wire {
    /// A wire that shows the node's certificate.
    pub fn new(node: Arc<Node>) -> Self {
        Self { node, clients: Mutex::default() }
    }

    fn client(&self, partner: &Partner) -> Result<reqwest::Client> {
        let mut clients = self.clients.lock();
        if let Some((authority, client)) = clients.get(&partner.state)
            && *authority == partner.authority
        {
            return Ok(client.clone());
        }
        let client = node::partner_client(&self.node, partner)?;
        clients.insert(partner.state.clone(), (partner.authority.clone(), client.clone()));
        Ok(client)
    }
}

impl Line for Wire {
    async fn post(&self, partner: &Partner, parcels: Vec<Vec<u8>>) -> Result<Reply> {
        if let [alone] = parcels.as_slice()
            && let Some(offered) = Offered::of(alone)
            && let Some(reply) = self.in_chunks(partner, &offered, alone).await?
        {
            return Ok(reply);
        }
        let url = format!("{}/exchange/parcels", partner.url.trim_end_matches('/'));
        let media_type = if parcels.len() == 1 { MEDIA_TYPE } else { TOGETHER };
        let request = self.client(partner)?.post(url).header("content-type", media_type);
        Self::replied(request.body(write_together(&parcels))).await
    }
}

/// So often may a partner say that it has other bytes than was thought, in one attempt.
const ELSEWHERE: usize = 3;

impl Wire {
    /// Sends a parcel chunk by chunk, from where the partner has it; the answer is that to the
    /// last chunk, or the first that ends it. Nothing for a partner that knows no chunks.
    async fn in_chunks(
        &self,
        partner: &Partner,
        offered: &Offered,
        parcel: &[u8],
    ) -> Result<Option<Reply>> {
        let base = partner.url.trim_end_matches('/');
        let url = format!("{base}/exchange/transfers/{}", offered.path());
        let client = self.client(partner)?;
        let reply = Self::replied(client.get(&url)).await?;
        let mut have = match reply.status {
            200 => read_held(&reply.body).context("the partner does not say how much it has")?,
            404 | 405 => return Ok(None),
            _ => return Ok(Some(reply)),
        };
        let mut elsewhere = 0;
        loop {
            let next = offered.next(have).context("the partner has what was never sent")?;
            self.still_agreed(parcel).await?;
            let (chunk, last) = (&parcel[next.clone()], next.end == parcel.len());
            let request = client
                .put(format!("{url}/{have}"))
                .header("content-type", "application/octet-stream")
                .header("content-digest", content_digest(chunk));
            let reply = Self::replied(request.body(chunk.to_vec())).await?;
            match (reply.status, read_held(&reply.body)) {
                (202, Some(now)) if now == next.end && !last => have = now,
                (416, Some(now)) if elsewhere < ELSEWHERE => {
                    elsewhere += 1;
                    have = now;
                }
                _ => return Ok(Some(reply)),
            }
        }
    }

    /// A transfer can take long; a suspension takes effect at once.
    async fn still_agreed(&self, parcel: &[u8]) -> Result<()> {
        let agreement = Arrived::read(parcel)?.header().agreement.to_string();
        let node = self.node.clone();
        let row = tokio::task::spawn_blocking(move || node.store().agreement(&agreement)).await??;
        anyhow::ensure!(
            row.is_some_and(|row| row.status != "suspended"),
            "its agreement was suspended on the way"
        );
        Ok(())
    }

    async fn replied(request: reqwest::RequestBuilder) -> Result<Reply> {
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse().ok())
            .map(Duration::from_secs);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            anyhow::ensure!(
                body.len() + chunk.len() <= MAX_ANSWERS_BYTES + 16,
                "an answer longer than answers are"
            );
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, retry_after, body })
    }
}
