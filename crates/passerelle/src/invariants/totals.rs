//! Promise 6 across the days: every daily total that the log tells of, counted again from the rows.

use std::collections::BTreeMap;

use audit::Digest;
use exchange::{Counted, totals_digest};

use super::{
    Report,
    seen::{Seen, Totalled},
};

/// Each stream's parcels: number and digest, by agreement and partner.
type Streams<'a> = BTreeMap<(&'a str, &'a str), BTreeMap<u64, Digest>>;

fn streams<'a>(rows: impl Iterator<Item = (&'a str, &'a str, u64, &'a str)>) -> Streams<'a> {
    let mut streams = Streams::new();
    for (agreement, partner, sequence, digest) in rows {
        if let Some(digest) = Digest::parse(digest) {
            streams.entry((agreement, partner)).or_default().insert(sequence, digest);
        }
    }
    streams
}

fn again(streams: &Streams<'_>, total: &Totalled) -> Digest {
    let stream = streams.get(&(total.agreement.as_str(), total.partner.as_str()));
    let rows =
        stream.into_iter().flat_map(|rows| rows.range(total.first..=total.last.max(total.first)));
    let counted = |(sequence, digest): (&u64, &Digest)| Counted {
        sequence: *sequence,
        kind: None,
        digest: *digest,
        taken: true,
    };
    totals_digest(&rows.map(counted).collect::<Vec<_>>())
}

/// What was stated and counted then is what is there now.
pub(super) fn totals(seen: &Seen, report: &mut Report) {
    let out = streams(
        seen.outbox
            .iter()
            .map(|p| (p.agreement.as_str(), p.partner.as_str(), p.sequence, p.digest.as_str())),
    );
    let inc = streams(
        seen.inbox
            .iter()
            .map(|p| (p.agreement.as_str(), p.partner.as_str(), p.sequence, p.digest.as_str())),
    );
    for total in &seen.told.totals {
        let (streams, whose) = if total.outgoing { (&out, "to") } else { (&inc, "from") };
        let same = again(streams, total) == total.digest;
        report.promises[5].expect(&seen.state, same, || {
            format!(
                "the total of {} {whose} {}, numbers {} to {}, is not what is there",
                total.day, total.partner, total.first, total.last
            )
        });
    }
}
