//! Processor time by stage of the pipeline, for whoever measures a node.
//!
//! Counted per thread by the system's own clock of it, to the microsecond: the accounts in
//! `/proc` lag by a tick, which is longer than most stages take. Waiting costs nothing here:
//! a stage is what its thread worked.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rustix::time::{ClockId, clock_gettime};

/// A stage that a message or list goes through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Bytes become messages.
    Read,
    /// Messages become lists, and the carrier's answer.
    Admit,
    /// Lists and originals are sealed.
    Keep,
    /// Lists are opened and compared with watchlists.
    Screen,
    /// Lists are made searchable.
    Project,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Stage; 5] =
        [Stage::Read, Stage::Admit, Stage::Keep, Stage::Screen, Stage::Project];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Admit => "admit",
            Stage::Keep => "keep",
            Stage::Screen => "screen",
            Stage::Project => "project",
        }
    }
}

static SPENT_NS: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];

/// Processor time of this thread, in nanoseconds.
fn now_ns() -> u64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    spent.tv_sec as u64 * 1_000_000_000 + spent.tv_nsec as u64
}

/// Walks through the stages on one thread.
pub struct Watch(u64);

impl Watch {
    /// Begins.
    pub fn start() -> Self {
        Self(now_ns())
    }

    /// What was worked since the last call was for that stage.
    pub fn spent(&mut self, on: Stage) {
        let now = now_ns();
        SPENT_NS[on as usize].fetch_add(now.saturating_sub(self.0), Relaxed);
        self.0 = now;
    }
}

/// Seconds spent on a stage by all threads of this process.
pub fn spent_s(on: Stage) -> f64 {
    SPENT_NS[on as usize].load(Relaxed) as f64 / 1e9
}
