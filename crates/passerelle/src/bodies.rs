//! Reading what carriers post, so that neither a slow sender nor a large message takes the
//! door away from the others, and memory stays bounded.
//!
//! A body is read at the pace of its sender, but not slower than [`SLOWEST`], and not more
//! than [`EACH`] of one sender at a time. What was read is counted in bytes against
//! [`READ`]; a sender that would exceed it waits, then is told to come again. A whole
//! message then waits for its turn to be worked on: few at a time, and of large ones
//! fewer, for a message in memory is many times its size.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// Bytes of messages that are in the node at the same time, read but not yet answered.
pub const READ: usize = 64 << 20;
/// Bytes of messages that are worked on at the same time. A larger one is alone.
pub const WORKED_ON: usize = 4 << 20;
/// Bodies of one sender that are read at the same time.
const EACH: usize = 16;
/// How long a body may take whatever its size.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes a second that a sender must keep up beyond that.
const SLOWEST: u64 = 16 << 10;
/// How long a message waits for room or for its turn.
const WAIT: Duration = Duration::from_secs(10);

/// What is being read and worked on.
pub struct Bodies {
    read: Semaphore,
    turns: Semaphore,
    work: Semaphore,
    senders: Mutex<HashMap<String, usize>>,
}

/// Why a body was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unread {
    /// More than the most that is taken.
    TooLarge,
    /// The connection ended before the body did.
    Broken,
    /// The sender is too slow.
    TooSlow,
    /// The node or this sender has too much going on.
    Busy,
}

/// A body in memory, counted for as long as this lives.
pub struct Held<'a> {
    /// What was sent.
    pub bytes: Bytes,
    _room: Vec<SemaphorePermit<'a>>,
    _sender: Sender<'a>,
}

/// A turn at the work.
pub struct Turn<'a> {
    _turn: SemaphorePermit<'a>,
    _work: SemaphorePermit<'a>,
}

struct Sender<'a> {
    bodies: &'a Bodies,
    name: String,
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        let mut senders = self.bodies.senders.lock();
        if let Some(n) = senders.get_mut(&self.name) {
            *n -= 1;
            if *n == 0 {
                senders.remove(&self.name);
            }
        }
    }
}

impl Bodies {
    /// With so many turns at the same time.
    pub fn new(at_once: usize) -> Self {
        Self {
            read: Semaphore::new(READ),
            turns: Semaphore::new(at_once),
            work: Semaphore::new(WORKED_ON),
            senders: Mutex::default(),
        }
    }

    fn sender(&self, name: &str) -> Option<Sender<'_>> {
        let mut senders = self.senders.lock();
        let n = senders.entry(name.to_owned()).or_default();
        if *n >= EACH {
            return None;
        }
        *n += 1;
        Some(Sender { bodies: self, name: name.to_owned() })
    }

    /// Reads at most `most` bytes from a sender.
    ///
    /// # Errors
    /// Why not; then nothing of it is held any more.
    pub async fn read(
        &self,
        sender: &str,
        body: &mut Body,
        most: usize,
    ) -> Result<Held<'_>, Unread> {
        let sender = self.sender(sender).ok_or(Unread::Busy)?;
        let began = Instant::now();
        let (mut bytes, mut room) = (Vec::new(), Vec::new());
        loop {
            let allowed = PATIENCE + Duration::from_secs(bytes.len() as u64 / SLOWEST);
            let left = allowed.saturating_sub(began.elapsed());
            let frame = match timeout(left, body.frame()).await {
                Err(_) => return Err(Unread::TooSlow),
                Ok(None) => break,
                Ok(Some(frame)) => frame.map_err(|_| Unread::Broken)?,
            };
            let Some(data) = frame.data_ref() else { continue };
            if bytes.len() + data.len() > most {
                return Err(Unread::TooLarge);
            }
            let permits = u32::try_from(data.len()).map_err(|_| Unread::TooLarge)?;
            match timeout(WAIT, self.read.acquire_many(permits)).await {
                Ok(Ok(permit)) => merge(&mut room, permit),
                _ => return Err(Unread::Busy),
            }
            bytes.extend_from_slice(data);
        }
        Ok(Held { bytes: bytes.into(), _room: room, _sender: sender })
    }

    /// Waits for a turn to work on a message of so many bytes; `None` when it does not come.
    pub async fn turn(&self, bytes: usize) -> Option<Turn<'_>> {
        let heavy = bytes.clamp(1, WORKED_ON) as u32;
        let both = async {
            let turn = self.turns.acquire().await.ok()?;
            let work = self.work.acquire_many(heavy).await.ok()?;
            Some(Turn { _turn: turn, _work: work })
        };
        timeout(WAIT, both).await.ok().flatten()
    }
}

fn merge<'a>(room: &mut Vec<SemaphorePermit<'a>>, permit: SemaphorePermit<'a>) {
    match room.first_mut() {
        Some(first) => first.merge(permit),
        None => room.push(permit),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use std::{
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
    };

    use super::*;
    use axum::body::HttpBody;

    #[tokio::test(start_paused = true)]
    async fn a_sender_that_stops_is_not_waited_for() {
        let bodies = Bodies::new(1);
        let read = bodies.read("TK", &mut Body::new(Stalled), 1000).await;
        assert_eq!(read.err(), Some(Unread::TooSlow));
        assert_eq!(bodies.read.available_permits(), READ);
    }

    #[tokio::test]
    async fn what_is_read_is_counted_and_let_go() {
        let bodies = Bodies::new(1);
        let held = bodies.read("TK", &mut Body::from("UNB+"), 4).await.ok().unwrap();
        assert_eq!((&held.bytes[..], bodies.read.available_permits()), (&b"UNB+"[..], READ - 4));
        let most = bodies.read("TK", &mut Body::from("UNB+U"), 4).await;
        assert_eq!(most.err(), Some(Unread::TooLarge));
        drop(held);
        assert_eq!(bodies.read.available_permits(), READ);
        assert!(bodies.senders.lock().is_empty());
    }

    #[tokio::test]
    async fn one_sender_cannot_have_all() {
        let bodies = Bodies::new(1);
        let held: Vec<_> = (0..EACH).map(|_| bodies.sender("TK").unwrap()).collect();
        assert!(bodies.sender("TK").is_none() && bodies.sender("BA").is_some());
        drop(held);
        assert!(bodies.sender("TK").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_message_is_worked_on_alone() {
        let bodies = Bodies::new(4);
        let large = bodies.turn(WORKED_ON * 3).await.unwrap();
        assert!(bodies.turn(1).await.is_none());
        drop(large);
        assert!(bodies.turn(1).await.is_some());
    }

    /// A body of which nothing comes.
    pub(crate) struct Stalled;

    impl HttpBody for Stalled {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }
}
