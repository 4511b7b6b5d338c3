//! A partner's daily total, held against what is durable here.

use policy::InForce;

use super::{Desk, Taken, Wrong};
use crate::{Counting, Reckoning, Total, Verified};

impl Desk<'_> {
    /// Counts the same stretch here. It is taken whatever comes out: the receipt says what this
    /// side has, and a difference is for people.
    pub(super) fn totalled(
        &self,
        verified: Verified,
        counting: Option<Counting>,
    ) -> Result<Taken, Wrong> {
        let header = verified.header().clone();
        let signed: Vec<InForce> = self.agreements.iter().chain(self.ended).cloned().collect();
        policy::account(header.agreement, (header.from, header.to), &signed)?;
        let counting = counting.ok_or(Wrong::because("not_counted"))?;
        let opened = verified.open(self.keys).map_err(|unread| Wrong::because(unread.name()))?;
        // What was counted before is not counted again, nor the total itself.
        let counts = counting.first..header.sequence;
        let total = Total::read(&opened.payload, &counting.keys)
            .filter(|total| counts.contains(&total.last) && header.elements.is_empty())
            .ok_or(Wrong::because("unreadable"))?;
        if (total.agreement, total.from, total.to) != (header.agreement, header.from, header.to) {
            return Err(Wrong::because("another_stream"));
        }
        let reckoning = Reckoning::of(&counting, total.last);
        let agrees = reckoning.agrees(&total);
        Ok(Taken::Totalled { total: Box::new(total), signed: opened.payload, reckoning, agrees })
    }
}
