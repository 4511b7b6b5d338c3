//! Daily totals: stated when a day is over, counted when a partner states one.

use super::*;

impl Node {
    /// States what the days that are over carried, of every stream.
    pub(crate) fn state_totals(&mut self, now: Timestamp) -> Result<(), Down> {
        let streams: Vec<Outgoing> = self.books.streams_out.values().cloned().collect();
        for stream in streams {
            while self.state_total(&stream, now)? {}
        }
        Ok(())
    }

    fn state_total(&mut self, stream: &Outgoing, now: Timestamp) -> Result<bool, Down> {
        let (at, id) = (self.clock(now), stream.agreement);
        let today = at.to_zoned(TimeZone::UTC).date();
        let in_memory = self.has(Plant::TotalFromMemory);
        let up_to = if in_memory { &self.remembered } else { &self.books.stated };
        let up_to = up_to.get(&id).copied().unwrap_or(0);
        let Some((day, parcels)) = self.day_over((id, up_to), today) else { return Ok(false) };
        let Some(total) = Total::of((id, self.state, stream.to), day, &parcels) else {
            return Ok(false);
        };
        let signed = parties::agreement_of(id);
        let leave = policy::account(id, (self.state, stream.to), signed.as_slice());
        let Ok(leave) = leave else { return Ok(false) };
        let proof = total.sign(self.keys()).expect("keys of ours sign");
        let Some(content) = Content::total(leave, &total, proof.clone()) else { return Ok(false) };
        let (mut writes, mut events) = (Vec::new(), Vec::new());
        let of = (&mut writes, &mut events);
        let (header, _) = self.send(stream.to, content, None, of, at);
        events.push(Event::TotalStated {
            parcel: header.parcel.to_string(),
            partner: stream.to.to_string(),
            agreement: Digest(id.0),
            day: total.day.clone(),
            first: total.first,
            last: total.last,
            digest: total.digest,
        });
        writes.push(Write::Stated(id, proof));
        let transaction = self.transaction(writes, events, now);
        self.commit(transaction)?;
        self.remembered.insert(id, total.last);
        Ok(true)
    }

    /// The parcels of the first day that no total counts and that is over.
    fn day_over(
        &self,
        (id, up_to): (AgreementId, u64),
        today: jiff::civil::Date,
    ) -> Option<(jiff::civil::Date, Vec<Counted>)> {
        let rows = self.books.out.range((id, up_to + 1)..=(id, u64::MAX));
        let rows: Vec<(&OutRow, Header)> = rows
            .filter_map(|(_, row)| Some((row, Arrived::read(&row.bytes).ok()?.header().clone())))
            .collect();
        let day = |h: &Header| h.made_at.to_zoned(TimeZone::UTC).date();
        let totals = rows.iter().take_while(|(row, _)| row.total).count();
        let of = day(&rows.get(totals)?.1);
        let others = rows[totals..].iter().take_while(|(_, h)| day(h) <= of).count();
        let each = |(row, h): &(&OutRow, Header)| counted(h.kind, h.sequence, &row.digest, true);
        let mut parcels: Vec<Counted> = rows[..totals + others].iter().map(each).collect();
        if self.has(Plant::TotalGuessed)
            && let Some(parcel) = parcels.first_mut()
        {
            parcel.digest = Digest([0; 32]);
        }
        (of < today).then_some((of, parcels))
    }

    /// What is here of a partner's stream since its last total.
    pub(super) fn counting(&self, from: Country, header: &Header) -> Counting {
        let id = header.agreement;
        let first = self.books.counted.get(&id).copied().unwrap_or(0) + 1;
        let of = |row: &&InRow| (row.partner, row.agreement) == (from, id) && row.sequence >= first;
        let mut rows: Vec<&InRow> = self.books.inbox.values().filter(of).collect();
        rows.sort_by_key(|row| row.sequence);
        if self.has(Plant::RefusedUncounted) {
            rows.retain(|row| row.taken);
        }
        let each = |row: &&InRow| counted(row.kind, row.sequence, &row.digest, row.taken);
        let parcels = rows.iter().map(each).collect();
        let epoch = self.books.epochs.get(&from).copied().unwrap_or(1);
        Counting { first, parcels, keys: parties::keys(from, epoch).public().clone() }
    }
}

fn counted(kind: Kind, sequence: u64, digest: &[u8], taken: bool) -> Counted {
    let digest = Digest(digest.try_into().unwrap_or_default());
    Counted { sequence, kind: Kind::named(kind.name()), digest, taken }
}
