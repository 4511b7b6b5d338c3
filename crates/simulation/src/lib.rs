//! One seed runs a world: 2 to 21 nodes that exchange lists through the very state
//! machines of crate `exchange`, on disks, clocks and wires that fail.
//!
//! ```text
//! world    what happens when: carriers, weather, crashes, people; one queue of events
//! node     a node: the core of `exchange`, driven; one transaction for each effect
//! disk     a journal that is torn, flipped, and forgets what it said was kept
//! books    what a node's store holds: made of its journal, and of nothing else
//! parties  states, keys, agreements
//! malice   a partner that does everything that a partner must not
//! plants   bugs, put in on purpose, that the checker has to find
//! check    the promises, checked from journals and the wire alone
//! ```
//!
//! Time is simulated, and chance comes from the seed: the same seed gives the same course.
//! The ciphers are the real ones; their bytes differ from run to run, and nothing hangs on
//! them. No node links this crate: a planted bug cannot get into the product.

mod books;
mod check;
mod disk;
mod malice;
mod node;
mod parties;
mod plants;
mod world;

pub use check::Violation;
pub use parties::MOST_STATES;
pub use plants::{PLANTS, Plant, PlantRow};

/// How to run a world.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How many states; by the seed when `None`.
    pub states: Option<usize>,
    /// A bug to put in.
    pub plant: Option<Plant>,
    /// Whether to write down what happens.
    pub trace: bool,
}

/// What a world did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is broken; empty when every promise was kept.
    pub violations: Vec<Violation>,
    /// Events that happened.
    pub events: u64,
    /// Crashes.
    pub crashes: u64,
    /// Partitions.
    pub partitions: u64,
    /// Parcels that were posted.
    pub posted: u64,
    /// Parcels among them that went with others.
    pub together: u64,
    /// Lists that partners took.
    pub delivered: u64,
    /// Alarms raised.
    pub alarms: u64,
    /// Simulated seconds.
    pub simulated_s: u64,
    /// What happened, a line each, when asked for.
    pub trace: Vec<String>,
}

/// Runs the world of a seed and checks what it left.
pub fn run(seed: u64, options: &Options) -> Report {
    world::World::new(seed, options).run()
}

#[cfg(test)]
mod tests;
