//! Promise 6 across days: a total says what the journal says, each parcel in one total alone.
//!
//! Counted anew from the rows; the digest is made here from the specification, not by the core.

use std::collections::BTreeMap;

use audit::Digest;
use exchange::{Arrived, Kind, Receipt, Tally, Total};
use policy::AgreementId;

use super::{Evidence, Found, Story};

fn over<'a>(rows: impl Iterator<Item = (u64, &'a [u8])>) -> Digest {
    let mut bytes = b"passerelle totals v1\0".to_vec();
    for (sequence, digest) in rows {
        bytes.extend(sequence.to_be_bytes());
        bytes.extend(digest);
    }
    Digest::of(&bytes)
}

fn by_kind<'a>(kinds: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u64> {
    let mut counts = BTreeMap::new();
    kinds.for_each(|kind| *counts.entry(kind).or_insert(0) += 1);
    counts
}

fn said(tallies: &[Tally]) -> BTreeMap<&'static str, u64> {
    tallies.iter().map(|tally| (tally.name(), tally.parcels)).collect()
}

/// What a node states of a stream of its own.
pub(super) fn stated(
    story: &mut Story,
    at: usize,
    (id, total): (AgreementId, &[u8]),
    node: &Evidence<'_>,
    found: &mut Found,
) {
    if node.malicious {
        return;
    }
    let state = node.state;
    let Some(total) = Total::kept(total) else {
        return found.broken(6, at, format!("{state} states a total that cannot be read"));
    };
    let next = story.stated.insert(id, total.last).unwrap_or(0) + 1;
    if total.first != next || total.last < total.first {
        let what = format!("{state} states numbers {} to {}", total.first, total.last);
        return found.broken(6, at, format!("{what}, where {next} was to be stated next"));
    }
    let rows = || story.out.range((id, total.first)..=(id, total.last)).map(|(_, row)| row);
    let digest = over(rows().map(|row| (row.sequence, row.digest.as_slice())));
    let kinds: Vec<Kind> =
        rows().filter_map(|row| Some(Arrived::read(&row.bytes).ok()?.header().kind)).collect();
    let counts = by_kind(kinds.iter().map(|kind| kind.name()));
    if digest != total.digest || counts != said(&total.sent) {
        let what = format!("{state} states other parcels than went, to number {}", total.last);
        found.broken(6, at, what);
    }
}

/// What a node counts of a partner's stream, whatever the partner says.
pub(super) fn counted(
    story: &mut Story,
    at: usize,
    (id, total, receipt): (AgreementId, &[u8], &[u8]),
    node: &Evidence<'_>,
    found: &mut Found,
) {
    if node.malicious {
        return;
    }
    let state = node.state;
    let reckoning = Receipt::kept(receipt).and_then(|receipt| receipt.reckoning);
    let (Some(total), Some(reckoning)) = (Total::kept(total), reckoning) else {
        return found.broken(6, at, format!("{state} counts nothing of a partner's total"));
    };
    let next = story.counted.insert(id, reckoning.last).unwrap_or(0) + 1;
    if (reckoning.first, reckoning.last) != (next, total.last) {
        let what = format!("{state} counts {} to {}", reckoning.first, reckoning.last);
        return found.broken(6, at, format!("{what}, where {next} was to be counted next"));
    }
    let numbers = reckoning.first..=reckoning.last;
    let rows = || {
        let of = story.inbox.iter().map(|(_, row)| row).filter(|row| row.agreement == id);
        of.filter(|row| numbers.contains(&row.sequence))
    };
    let digest = over(rows().map(|row| (row.sequence, row.digest.as_slice())));
    let taken = by_kind(rows().filter(|row| row.taken).map(|row| row.kind.name()));
    let refused = by_kind(rows().filter(|row| !row.taken).map(|row| row.kind.name()));
    let same = digest == reckoning.digest
        && taken == said(&reckoning.taken)
        && refused == said(&reckoning.refused);
    if !same {
        found.broken(6, at, format!("{state} counts other parcels than it has, to {}", total.last));
    }
}
