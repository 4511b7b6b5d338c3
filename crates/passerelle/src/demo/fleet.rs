//! The nodes of a demonstration as processes: started, stopped, one switched off for a while.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use anyhow::{Context, Result, bail};

use super::{
    process::Process,
    setup::{Setup, StateSetup},
    summary::Measured,
};

/// Whether a node is switched off on purpose. Set before it stops, cleared when it listens.
#[derive(Clone, Default)]
pub struct Away(Arc<AtomicBool>);

impl Away {
    /// Whether it is switched off at this moment.
    pub fn is_set(&self) -> bool {
        self.0.load(SeqCst)
    }
}

struct Place {
    dir: PathBuf,
    process: Option<Process>,
    away: Away,
    ready_s: f64,
    peak_rss_bytes: u64,
}

/// All of them, in the order of the states.
pub struct Fleet {
    places: Vec<Place>,
}

impl Fleet {
    /// Starts every node, as many at a time as there are processors.
    ///
    /// # Errors
    /// One does not start.
    pub fn start(base: &Path, setup: &Setup) -> Result<Self> {
        let dirs: Vec<PathBuf> = setup.states.iter().map(|s| s.dir(base)).collect();
        let started = at_once(&dirs, |dir| Process::start(dir))?;
        let places = dirs.into_iter().zip(started).map(|(dir, process)| Place {
            dir,
            ready_s: process.ready_s,
            process: Some(process),
            away: Away::default(),
            peak_rss_bytes: 0,
        });
        Ok(Self { places: places.collect() })
    }

    /// Of each node, whether it is switched off.
    pub fn away(&self) -> Vec<Away> {
        self.places.iter().map(|p| p.away.clone()).collect()
    }

    /// Whether a node has ended by itself.
    pub fn any_ended(&mut self) -> bool {
        self.places.iter_mut().filter_map(|p| p.process.as_mut()).any(Process::ended)
    }

    /// Switches one off.
    ///
    /// # Errors
    /// It does not stop.
    pub fn switch_off(&mut self, at: usize) -> Result<()> {
        let place = &mut self.places[at];
        place.away.0.store(true, SeqCst);
        match place.process.take() {
            Some(process) => place.stop(process),
            None => bail!("the node in {} does not run", place.dir.display()),
        }
    }

    /// Switches it on again.
    ///
    /// # Errors
    /// It does not start.
    pub fn switch_on(&mut self, at: usize) -> Result<()> {
        let place = &mut self.places[at];
        place.process = Some(Process::start(&place.dir)?);
        place.away.0.store(false, SeqCst);
        Ok(())
    }

    /// Stops all; gives what was measured.
    ///
    /// # Errors
    /// One does not stop cleanly.
    pub fn stop(mut self) -> Result<Vec<Measured>> {
        let mut measured = Vec::new();
        // All are told before the first is waited for; what has ended has no memory to measure.
        for place in &mut self.places {
            if let Some(process) = &place.process {
                place.peak_rss_bytes = place.peak_rss_bytes.max(process.peak_rss_bytes());
                process.tell_to_stop();
            }
        }
        for place in &mut self.places {
            if let Some(process) = place.process.take() {
                place.stop(process)?;
            }
            let (ready_s, peak_rss_bytes) = (place.ready_s, place.peak_rss_bytes);
            measured.push(Measured { ready_s, peak_rss_bytes });
        }
        Ok(measured)
    }
}

impl Place {
    fn stop(&mut self, process: Process) -> Result<()> {
        self.peak_rss_bytes = self.peak_rss_bytes.max(process.peak_rss_bytes());
        process.stop()
    }
}

/// The node of a state, opened beside its process, as a command at the machine opens it.
pub fn beside(base: &Path, state: &StateSetup) -> Result<crate::node::Node> {
    crate::node::Node::open(&state.dir(base))
        .with_context(|| format!("the node of {}", state.state))
}

/// Does the same to each, as many at a time as there are processors; in order.
///
/// # Errors
/// The first that fails, in order.
pub fn at_once<T: Sync, R: Send>(
    of: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut done = Vec::with_capacity(of.len());
    for some in of.chunks(threads) {
        let work = &work;
        let results: Vec<Result<R>> = std::thread::scope(|scope| {
            let threads: Vec<_> = some.iter().map(|one| scope.spawn(move || work(one))).collect();
            let joined = threads
                .into_iter()
                .map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            joined.collect()
        });
        for result in results {
            done.push(result?);
        }
    }
    Ok(done)
}
