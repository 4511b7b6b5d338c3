//! Rollover of epoch keys: partners are told by parcels.

use super::*;

impl Node {
    /// Tells a partner this state's newest epoch key, if an agreement in force is there.
    pub(crate) fn tell_keys(&mut self, to: Country, now: Timestamp) -> Result<(), Down> {
        let (at, us) = (self.clock(now), self.state);
        let agreed = self.agreements();
        let today = at.to_zoned(TimeZone::UTC).date();
        let goes = |a: &&InForce| {
            let agreement = a.agreement();
            agreement.partner_of(us) == Some(to)
                && a.suspended_by().is_none()
                && (agreement.from..=agreement.until).contains(&today)
        };
        let Some(agreement) = agreed.0.iter().find(goes) else { return Ok(()) };
        let leave = policy::account(agreement.id(), (us, to), &agreed.0);
        let Ok(leave) = leave else { return Ok(()) };
        let content = Content::keys(leave, &Rollover { keys: self.keys().public().clone() });
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        self.send(to, content, None, (&mut writes, &mut events), at);
        let transaction = self.transaction(writes, events, now);
        self.commit(transaction)
    }

    /// The keys by which it opens what comes.
    pub(super) fn opening(&self) -> &'static StateKeys {
        let epoch = self.books.epochs.get(&self.state).copied().unwrap_or(1);
        if self.has(Plant::EpochDestroyedEarly) {
            return parties::newest_alone(self.state, epoch);
        }
        parties::keys(self.state, epoch)
    }

    /// The keys of a partner that are known here.
    pub(super) fn known(&self, partner: Country) -> PublicKeys {
        let epoch = self.books.epochs.get(&partner).copied().unwrap_or(1);
        parties::keys(partner, epoch).public().clone()
    }
}
