//! Corrections: a list that went was wrong, and the right one goes in its place.

use super::*;

impl Node {
    /// Corrects one of the lists that were sealed for partners, if it may still go.
    pub(crate) fn correct(&mut self, now: Timestamp) -> Result<(), Down> {
        let mut rows = self.left_with_partners();
        rows.retain(|row| row.answers.is_none() && !row.flight.is_empty());
        if rows.is_empty() {
            return Ok(());
        }
        let row = self.rng.pick(&rows).clone();
        let Ok(earlier) = Arrived::read(&row.bytes) else { return Ok(()) };
        let Some(right) = self.righted(&row) else { return Ok(()) };
        let at = self.clock(now);
        let agreed = self.agreements();
        let pair = (self.state, row.partner);
        let request = Request::about(&right, pair, Mode::List, Purpose::Terrorism, at);
        let permit = policy::decide(&request, &agreed.0, &parties::REGIMES);
        // What went under a version that has ended is taken back, not corrected.
        let Some(permit) = permit.ok().filter(|p| p.agreement() == row.agreement) else {
            return Ok(());
        };
        let disclosure = Disclosure::list(&right, permit, &|cut| cut.encode());
        let disclosure = disclosure.expect("a permit for this list");
        let of = (earlier.header(), Kind::List);
        let Ok(content) = Content::correction(disclosure, of, Cause::Mistake) else {
            return Ok(());
        };
        self.send_correction(content, row, at, now)
    }

    /// The list of a flight with another name on it.
    fn righted(&mut self, row: &OutRow) -> Option<PassengerList> {
        let list = self.books.lists.values().find(|list| list.flight == row.flight)?;
        let mut report = PassengerList::decode(&list.bytes).ok()?.to_report();
        let name = format!("RIGHT{}", self.rng.below(1_000_000));
        report.travellers.first_mut()?.surname = name.as_str().into();
        let admission = travel::Admission {
            state: self.state,
            permitted: ElementSet::ALL,
            received_at: sealed_at(row)?,
            must_touch: false,
        };
        PassengerList::admit(report, &admission).ok()
    }

    fn send_correction(
        &mut self,
        content: Content,
        row: OutRow,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Down> {
        let (id, to) = (row.agreement, row.partner);
        let (parcel, after) = self.sealed((id, to), content, at);
        let queued = Event::ParcelQueued {
            parcel: parcel.header.parcel.to_string(),
            partner: to.to_string(),
            agreement: Digest(id.0),
            sequence: parcel.header.sequence,
            digest: parcel.digest,
            mode: "correction".to_owned(),
            elements: parcel.header.elements.bits(),
            list: String::new(),
            hit: None,
        };
        let corrected = Event::Corrected {
            partner: to.to_string(),
            parcel: parcel.header.parcel.to_string(),
            earlier: row.parcel.to_string(),
            cause: Cause::Mistake.name().to_owned(),
            replaced: String::new(),
            list: String::new(),
        };
        let out = OutRow {
            sequence: parcel.header.sequence,
            parcel: parcel.header.parcel,
            digest: parcel.digest.0.to_vec(),
            bytes: parcel.bytes,
            attempts: 0,
            receipt: None,
            corrects: Some(row.parcel),
            ..row
        };
        let writes = vec![Write::StreamOut(id, after.encode()), Write::Queue(out)];
        let transaction = self.transaction(writes, vec![queued, corrected], now);
        self.commit(transaction)
    }
}

/// When a parcel was sealed.
fn sealed_at(row: &OutRow) -> Option<Timestamp> {
    Some(Arrived::read(&row.bytes).ok()?.header().made_at)
}
