//! Work that hangs on nothing but its own part, on threads of their own.

use std::{panic::resume_unwind, thread::ScopedJoinHandle};

/// Works on each part, all at the same time; what came of them, in their order. One part needs no
/// thread.
pub fn side_by_side<T: Send, R: Send>(parts: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    if parts.len() <= 1 {
        return parts.into_iter().map(work).collect();
    }
    std::thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> =
            parts.into_iter().map(|part| scope.spawn(move || work(part))).collect();
        workers.into_iter().map(joined).collect()
    })
}

/// What a thread came to. A panic goes on its way: it ends the work as it would without threads.
pub fn joined<T>(worker: ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| resume_unwind(panic))
}
