//! Parcels that travel together: several of a stream in one request, several answers in one
//! response, so that a stream is not as slow as the way to the partner and back.
//!
//! A *delivery* is a CBOR array of parcels, each a byte string; it is judged in order, each
//! parcel as if those before it were stored, and what it changes is stored in one
//! transaction. The *answers* are an array of [`Answer`]s in the same order. They end with
//! the first that is no receipt, or sooner: the sender sends the rest again. One parcel by
//! itself goes without an array, and so does its answer.

use std::collections::{BTreeMap, BTreeSet};

use policy::AgreementId;

use crate::{
    Answer, Counted, Digest, Earlier, Facts, Header, Incoming, Kept, Kind, MAX_PARCEL_BYTES,
    MAX_RECEIPT_BYTES, ParcelId, PublicKeys, Reception, Taken,
};

/// The most parcels of a delivery.
pub const MAX_TOGETHER: usize = 64;

/// The most bytes of the parcels of a delivery, unless it is one parcel alone.
pub const MAX_TOGETHER_BYTES: usize = 4 << 20;

/// The longest body of answers, in bytes.
pub const MAX_ANSWERS_BYTES: usize = MAX_TOGETHER * (MAX_RECEIPT_BYTES + 16);

/// Writes parcels as one body.
///
/// ```
/// let together = exchange::write_together(&[b"one", b"two"]);
/// assert_eq!(exchange::read_together(&together), Some(vec![&b"one"[..], b"two"]));
/// assert_eq!(exchange::write_together(&[b"alone"]), b"alone");
/// ```
pub fn write_together(parcels: &[impl AsRef<[u8]>]) -> Vec<u8> {
    const MEMORY: &str = "writing to memory cannot fail";
    if let [alone] = parcels {
        return alone.as_ref().to_vec();
    }
    let bytes: usize = parcels.iter().map(|p| p.as_ref().len() + 9).sum();
    let mut e = minicbor::Encoder::new(Vec::with_capacity(bytes + 9));
    e.array(parcels.len() as u64).expect(MEMORY);
    for parcel in parcels {
        e.bytes(parcel.as_ref()).expect(MEMORY);
    }
    e.into_writer()
}

/// The parcels of a body; what is no array of byte strings is taken for one parcel. `None`
/// for an array of another form, or of too many.
pub fn read_together(body: &[u8]) -> Option<Vec<&[u8]>> {
    // Major type 4; a parcel begins with a tag.
    if body.first().is_none_or(|first| first >> 5 != 4) {
        return Some(vec![body]);
    }
    let mut d = minicbor::Decoder::new(body);
    let count = usize::try_from(d.array().ok()??).ok()?;
    if !(1..=MAX_TOGETHER).contains(&count) || body.len() > MAX_PARCEL_BYTES {
        return None;
    }
    let parcels = (0..count).map(|_| d.bytes().ok()).collect::<Option<Vec<_>>>()?;
    (d.position() == body.len() && write_together(&parcels) == body).then_some(parcels)
}

/// Writes the answers to a delivery of so many parcels.
pub fn write_answers(answers: &[Answer], parcels: usize) -> Vec<u8> {
    match answers {
        [alone] if parcels == 1 => alone.encode(),
        several => {
            let mut e = minicbor::Encoder::new(Vec::new());
            e.array(several.len() as u64).expect("writing to memory cannot fail");
            let mut body = e.into_writer();
            several.iter().for_each(|answer| body.extend(answer.encode()));
            body
        }
    }
}

/// Reads the answers to a delivery of so many parcels. One that stands alone is the answer
/// to the first: then nothing of the others was looked at. `None` if the body is none of
/// ours, or answers more than was asked.
pub fn read_answers(body: &[u8], parcels: usize) -> Option<Vec<Answer>> {
    if body.len() > MAX_ANSWERS_BYTES + 16 {
        return None;
    }
    if let Some(alone) = Answer::decode(body) {
        return Some(vec![alone]);
    }
    let mut d = minicbor::Decoder::new(body);
    let count = usize::try_from(d.array().ok()??).ok()?;
    if count > parcels || parcels == 1 {
        return None;
    }
    let mut answers = Vec::with_capacity(count);
    for _ in 0..count {
        let from = d.position();
        d.skip().ok()?;
        answers.push(Answer::decode(&body[from..d.position()])?);
    }
    (d.position() == body.len() && write_answers(&answers, parcels) == body).then_some(answers)
}

/// What a delivery has changed so far: the parcel at hand is judged as if those before it
/// were stored. Given to [`crate::Desk::receive`] with each of them.
#[derive(Clone, Default, Debug)]
pub struct Delivery {
    streams: BTreeMap<AgreementId, Incoming>,
    kept: BTreeMap<ParcelId, Kept>,
    /// What each was, and whether its record is held.
    earlier: BTreeMap<ParcelId, Earlier>,
    /// What came with these before is taken back or replaced.
    gone: BTreeSet<ParcelId>,
    /// Which parcels of which requests' answers came.
    answered: BTreeSet<(ParcelId, u32)>,
    /// Emergency requests that came, and whether their justification came after them.
    urgent: BTreeMap<ParcelId, bool>,
    /// What came of each stream, and up to which number a total of this delivery counts.
    counted: BTreeMap<AgreementId, Vec<Counted>>,
    totalled: BTreeMap<AgreementId, u64>,
    /// The sender's keys, if new ones came.
    keys: Option<PublicKeys>,
}

impl Delivery {
    /// What is known about a parcel's place: what the store holds, under what came before
    /// in this delivery.
    pub(crate) fn over(&self, header: &Header, mut facts: Facts) -> Facts {
        if let Some(stream) = self.streams.get(&header.agreement) {
            facts.stream = Some(stream.clone());
        }
        if let Some(kept) = self.kept.get(&header.parcel) {
            facts.by_id = Some(kept.clone());
        }
        if let Some(earlier) = header.about.and_then(|about| self.earlier.get(&about)) {
            facts.earlier = Some(earlier.clone());
        }
        if let (Some(earlier), true) =
            (&mut facts.earlier, header.about.is_some_and(|about| self.gone.contains(&about)))
        {
            earlier.holds = None;
        }
        if let Some(justified) = header.about.and_then(|about| self.urgent.get(&about)) {
            facts.unjustified = !justified;
        }
        if let Some(asked) = &mut facts.asked {
            let here = self.answered.iter().filter(|(request, _)| *request == asked.parcel);
            asked.answered.extend(here.map(|(_, number)| *number));
        }
        if let Some(counting) = &mut facts.counting {
            let here = self.counted.get(&header.agreement).into_iter().flatten();
            counting.parcels.extend(here);
            if let Some(last) = self.totalled.get(&header.agreement) {
                counting.first = last + 1;
            }
        }
        if let (Some(sender), Some(newer)) = (&mut facts.sender, &self.keys) {
            *sender = newer.clone();
        }
        facts
    }

    /// Takes note of what becomes of a parcel.
    pub(crate) fn note(&mut self, header: &Header, digest: Digest, reception: &Reception) {
        let (stream, receipt) = match reception {
            Reception::Stop { stopped, .. } => (stopped, None),
            Reception::Refused { after, receipt, .. } | Reception::Taken { after, receipt, .. } => {
                (after, Some(receipt))
            }
            _ => return,
        };
        if receipt.is_some() {
            self.counted.entry(header.agreement).or_default().push(Counted {
                sequence: header.sequence,
                kind: Kind::named(header.kind.name()),
                digest,
                taken: matches!(reception, Reception::Taken { .. }),
            });
        }
        let mut earlier = Earlier { agreement: header.agreement, kind: header.kind, holds: None };
        if let Reception::Taken { what, .. } = reception {
            match what {
                Taken::List { list, .. } => earlier.holds = Some(list.flight().key()),
                Taken::Corrected { earlier: wrong, kind, list, .. } => {
                    self.gone.insert(*wrong);
                    (earlier.kind, earlier.holds) = (*kind, Some(list.flight().key()));
                }
                Taken::TakenBack { earlier, .. } => {
                    self.gone.insert(*earlier);
                }
                Taken::Totalled { reckoning, .. } => {
                    self.totalled.insert(header.agreement, reckoning.last);
                }
                Taken::RolledOver { keys, newer: true, .. } => {
                    self.keys = Some((**keys).clone());
                }
                Taken::Asked { inquiry, .. } if inquiry.justify_by.is_some() => {
                    self.urgent.insert(header.parcel, false);
                }
                Taken::Justified { request, .. } => {
                    self.urgent.insert(*request, true);
                }
                _ => {}
            }
            let number = match what {
                Taken::List { opened, .. } => opened.response.as_ref().map(|r| r.number),
                Taken::Answered { response, .. } => Some(response.number),
                _ => None,
            };
            self.answered.extend(header.about.zip(number));
        }
        self.streams.insert(header.agreement, stream.clone());
        if let Some(receipt) = receipt {
            let parcel = header.parcel;
            self.earlier.insert(parcel, earlier);
            self.kept.insert(parcel, Kept { parcel, digest, receipt: receipt.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_they_were_written_and_never_more_than_was_asked() {
        let receipt = |n: u8| Answer::Receipt(vec![n; 3]);
        let all = [receipt(1), receipt(2), Answer::Gap { expected: 9 }];
        let body = write_answers(&all, 5);
        assert_eq!(read_answers(&body, 5).as_deref(), Some(&all[..]));
        assert_eq!(read_answers(&body, 2), None, "an answer to nothing");
        assert_eq!(read_answers(&body[..body.len() - 1], 5), None);
        assert_eq!(read_answers(&[&body[..], b"\0"].concat(), 5), None);
        assert_eq!(read_answers(&write_answers(&[], 5), 5), Some(Vec::new()));
        let alone = write_answers(&all[..1], 1);
        assert_eq!(alone, all[0].encode());
        assert_eq!(read_answers(&alone, 5).as_deref(), Some(&all[..1]));
    }

    #[test]
    fn a_body_of_another_form_is_no_delivery() {
        let two = write_together(&[b"one", b"two"]);
        assert_eq!(read_together(&two[..5]), None);
        assert_eq!(read_together(&[&two[..], b"\0"].concat()), None);
        assert_eq!(read_together(b"\x80"), None, "nothing at all");
        assert_eq!(read_together(b"\x82\x01\x02"), None, "no byte strings");
        assert_eq!(read_together(b"\x98\x02\x41a\x41b"), None, "another encoding of the same");
        assert_eq!(read_together(b"\x9f\x41a\x41b\xff"), None, "an indefinite length");
        let many = vec![b"x"; MAX_TOGETHER + 1];
        assert_eq!(read_together(&write_together(&many)), None);
        assert_eq!(read_together(b""), Some(vec![&b""[..]]));
        assert_eq!(read_together(b"\xd8\x62"), Some(vec![&b"\xd8\x62"[..]]));
    }
}
