//! A partner's new keys, held against those that are known.

use std::cmp::Ordering;

use policy::InForce;

use super::{Desk, Taken, Wrong};
use crate::{PublicKeys, Rollover, Verified};

impl Desk<'_> {
    /// New keys of an identity that is known. Another identity is for people, and never taken
    /// from a parcel; neither is an epoch lower than the one that is known.
    pub(super) fn rolled_over(
        &self,
        verified: Verified,
        known: Option<PublicKeys>,
    ) -> Result<Taken, Wrong> {
        let header = verified.header().clone();
        let signed: Vec<InForce> = self.agreements.iter().chain(self.ended).cloned().collect();
        policy::account(header.agreement, (header.from, header.to), &signed)?;
        let known = known.ok_or(Wrong::because("keys_not_known"))?;
        let opened = verified.open(self.keys).map_err(|unread| Wrong::because(unread.name()))?;
        let Rollover { keys } = Rollover::read(&opened.payload)
            .filter(|_| header.elements.is_empty())
            .ok_or(Wrong::because("unreadable"))?;
        if keys.digest() != known.digest() {
            return Err(for_people("another_identity"));
        }
        if !keys.certifies_its_epoch() {
            return Err(for_people("not_certified"));
        }
        let newer = match keys.epoch().epoch.cmp(&known.epoch().epoch) {
            Ordering::Less => return Err(Wrong::because("old_epoch")),
            Ordering::Equal if !keys.epoch().is_same(known.epoch()) => {
                return Err(for_people("another_key"));
            }
            Ordering::Equal => false,
            Ordering::Greater => true,
        };
        Ok(Taken::RolledOver { keys: Box::new(keys), newer })
    }
}

const fn for_people(reason: &'static str) -> Wrong {
    Wrong { reason, rules: Vec::new(), alarm: true }
}
