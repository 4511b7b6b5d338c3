//! Time on the core: what else the machine does does not count.

use std::time::Instant;

/// A stop watch. Where the system tells it (Linux does), it counts only the time that this
/// thread was on a core.
#[derive(Debug)]
pub struct Watch {
    started: Instant,
    on_core: Option<f64>,
}

impl Watch {
    /// Starts it, on the thread that asks it later.
    pub fn start() -> Self {
        Self { started: Instant::now(), on_core: seconds_on_core() }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        let elapsed = self.started.elapsed().as_secs_f64();
        match (self.on_core, seconds_on_core()) {
            (Some(before), Some(after)) => (after - before).min(elapsed),
            _ => elapsed,
        }
    }
}

fn seconds_on_core() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
