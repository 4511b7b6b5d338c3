//! What the operations need of their node besides its store: what it does in the name of
//! its state, and what its administrator has decided.

use std::sync::Arc;

use exchange::PublicKeys;
use policy::{PartySignature, Regime};
use screening::Thresholds;
use travel::Country;

use crate::{Error, Offer};

/// A node that acts for its state. The private keys stay with whoever implements this:
/// nothing here gives them out.
pub trait Office: Send + Sync {
    /// The state.
    fn state(&self) -> Country;

    /// The public keys by which its signatures are verified.
    fn keys(&self) -> PublicKeys;

    /// Signs the binding form of an agreement in the name of the state.
    ///
    /// # Errors
    /// The key cannot sign.
    fn sign(&self, document: &[u8]) -> Result<PartySignature, Error>;

    /// What partners are told of this node.
    ///
    /// # Errors
    /// A certificate of the node cannot be read.
    fn offer(&self) -> Result<Offer, Error>;

    /// Whether a partner's authority (PEM) is one that could be trusted at all.
    ///
    /// # Errors
    /// What is wrong with it.
    fn could_trust(&self, authority: &str) -> Result<(), String>;

    /// The law packs that bind what is kept here.
    fn regimes(&self) -> Arc<Vec<Regime>>;

    /// How patiently carriers' messages are read.
    fn reading_mode(&self) -> edifact::Mode;
    /// On what terms they are read.
    fn terms(&self) -> messages::Terms {
        messages::Terms::default()
    }

    /// Below what statistics withhold a count; asked each time, so that it follows the
    /// configuration.
    fn withheld_below(&self) -> u64;

    /// The thresholds of a watchlist that the configuration names, if it does.
    fn configured_thresholds(&self, watchlist: &str) -> Option<Thresholds>;
}
