//! What the operations need of their node besides its store: what it does in the name of
//! its state, and what its administrator has decided.

use std::sync::Arc;

use exchange::{Kind, PublicKeys, Reason};
use jiff::Timestamp;
use policy::{PartySignature, Regime};
use screening::Thresholds;
use travel::Country;

use crate::{Answering, Asking, Error, Justifying, Offer, Tell};

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

    /// Seals an officer's request for a partner. Gives its id.
    ///
    /// # Errors
    /// Agreement or law forbid it, a field cannot be taken, or the store refuses.
    fn ask(&self, asking: &Asking, officer: &str, at: Timestamp) -> Result<String, Error>;

    /// Seals why a request could not wait that was made in an emergency.
    ///
    /// # Errors
    /// No such request, made in no emergency, or justified already; a field cannot be taken; the
    /// store refuses.
    fn justify(
        &self,
        request: (&str, &str),
        justifying: &Justifying,
        officer: &str,
        at: Timestamp,
    ) -> Result<(), Error>;

    /// Seals what an officer has decided on a partner's request.
    ///
    /// # Errors
    /// Decided already; agreement or law let a record not go; the store refuses.
    fn answer(
        &self,
        request: (&str, &str),
        answering: &Answering,
        officer: &str,
        at: Timestamp,
    ) -> Result<(), Error>;

    /// Seals what an officer tells a partner unasked. Gives the parcel.
    ///
    /// # Errors
    /// Agreement or law forbid it, a field cannot be taken, or the store refuses.
    fn tell(&self, tell: &Tell, officer: &str, at: Timestamp) -> Result<String, Error>;

    /// Takes back what went to partners with a parcel, or of a list. Gives the partners who
    /// will hear of it.
    ///
    /// # Errors
    /// Nothing of that id went, or it was taken back before; the store refuses.
    fn recall(
        &self,
        id: &str,
        how: (Kind, Reason),
        officer: &str,
        at: Timestamp,
    ) -> Result<Vec<String>, Error>;

    /// The thresholds of a watchlist that the configuration names, if it does.
    fn configured_thresholds(&self, watchlist: &str) -> Option<Thresholds>;
}
