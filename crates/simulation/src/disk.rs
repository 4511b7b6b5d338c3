//! A node's disk: a journal of transactions, and the ways in which it fails.
//!
//! A record is its length, a sum of that, the SHA-256 over the record before it and its own
//! bytes, and the bytes. A write that a crash tears leaves the beginning of a record: that
//! was never said to be kept, and is cut off at the next start. Anything else that does not
//! add up means that the disk has changed what was kept: the node must not start on it. The
//! length has its own sum because a changed one reaches beyond the end, like a torn write.

use audit::Digest;

/// The length, and the first bytes of its sum.
const LENGTH: usize = 4 + 8;
const HEAD: usize = LENGTH + 32;

/// How a crash strikes a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Strike {
    /// Before anything of it is on the disk.
    Before,
    /// When so many hundredths of it are there.
    Torn(u64),
    /// When it is there, and nothing was done about it yet.
    After,
}

#[derive(Clone, Default)]
pub(crate) struct Disk {
    journal: Vec<u8>,
    last: Digest32,
    records: usize,
    /// Where to fall back to at the next crash: the disk has said of everything after it
    /// that it is kept, and it is not.
    lies_from: Option<(usize, Digest32, usize)>,
    /// How many records were lost to such lies.
    pub(crate) lost: usize,
}

type Digest32 = [u8; 32];

/// A journal that does not add up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Corrupt;

impl Disk {
    pub(crate) fn append(&mut self, payload: &[u8], strike: Option<Strike>) -> bool {
        let sum = Digest::of_parts(&[&self.last, payload]).0;
        let mut record = Vec::with_capacity(HEAD + payload.len());
        record.extend_from_slice(&length(&self.last, (payload.len() as u32).to_be_bytes()));
        record.extend_from_slice(&sum);
        record.extend_from_slice(payload);
        match strike {
            Some(Strike::Before) => return false,
            Some(Strike::Torn(part)) => {
                let there = (record.len() - 1) * part.min(100) as usize / 100;
                self.journal.extend_from_slice(&record[..there]);
                return false;
            }
            Some(Strike::After) | None => {}
        }
        self.journal.extend_from_slice(&record);
        self.last = sum;
        self.records += 1;
        strike.is_none()
    }

    /// From now on the disk says that it keeps, and keeps nothing.
    pub(crate) fn begin_to_lie(&mut self) {
        self.lies_from.get_or_insert((self.journal.len(), self.last, self.records));
    }

    pub(crate) fn end_lying(&mut self) {
        self.lies_from = None;
    }

    /// The power goes: what was only said to be kept is gone.
    pub(crate) fn crash(&mut self) {
        if let Some((length, last, records)) = self.lies_from.take() {
            self.lost += self.records - records.min(self.records);
            self.journal.truncate(length);
            (self.last, self.records) = (last, records);
        }
    }

    /// Turns one bit of what was kept.
    pub(crate) fn flip(&mut self, position: u64) -> bool {
        if self.journal.is_empty() {
            return false;
        }
        let bit = position % (self.journal.len() as u64 * 8);
        self.journal[(bit / 8) as usize] ^= 1 << (bit % 8);
        true
    }

    pub(crate) fn journal(&self) -> &[u8] {
        &self.journal
    }

    pub(crate) fn records(&self) -> usize {
        self.records
    }

    pub(crate) fn replace(&mut self, journal: Vec<u8>) {
        self.journal = journal;
    }

    /// Reads the journal at a start and cuts off what a crash left of a record.
    /// `believing` does not look at the sums.
    pub(crate) fn start(&mut self, believing: bool) -> Result<Vec<Vec<u8>>, Corrupt> {
        let (records, whole, last) = read(&self.journal, believing)?;
        self.journal.truncate(whole);
        (self.last, self.records) = (last, records.len());
        Ok(records)
    }
}

/// A length as it stands before a record, with the sum that vouches for it in this place.
fn length(last: &Digest32, bytes: [u8; 4]) -> [u8; LENGTH] {
    let sum = Digest::of_parts(&[last, &bytes]).0;
    let mut told = [0; LENGTH];
    told[..4].copy_from_slice(&bytes);
    told[4..].copy_from_slice(&sum[..LENGTH - 4]);
    told
}

/// The records of a journal, how long they are together, and the last sum.
pub(crate) fn read(
    journal: &[u8],
    believing: bool,
) -> Result<(Vec<Vec<u8>>, usize, Digest32), Corrupt> {
    let (mut records, mut at, mut last) = (Vec::new(), 0, [0; 32]);
    while let Some(head) = journal.get(at..at + HEAD) {
        let bytes = [head[0], head[1], head[2], head[3]];
        if head[..LENGTH] != length(&last, bytes) && !believing {
            return Err(Corrupt);
        }
        let length = u32::from_be_bytes(bytes) as usize;
        let Some(payload) = journal.get(at + HEAD..at + HEAD + length) else { break };
        let sum = Digest::of_parts(&[&last, payload]).0;
        if sum != head[LENGTH..] && !believing {
            return Err(Corrupt);
        }
        last = sum;
        records.push(payload.to_vec());
        at += HEAD + length;
    }
    Ok((records, at, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Disk {
        let mut disk = Disk::default();
        for payload in [&b"an agreement"[..], b"", b"a list of a flight"] {
            assert!(disk.append(payload, None));
        }
        disk
    }

    #[test]
    fn no_start_on_a_disk_of_which_any_bit_has_turned() {
        let disk = written();
        for bit in 0..disk.journal.len() as u64 * 8 {
            let mut changed = disk.clone();
            assert!(changed.flip(bit));
            assert_eq!(changed.start(false), Err(Corrupt), "bit {bit}");
        }
    }

    #[test]
    fn a_torn_write_is_cut_off_wherever_it_tore() {
        for part in 0..=100 {
            let mut disk = written();
            let whole = disk.journal.len();
            assert!(!disk.append(b"another list", Some(Strike::Torn(part))));
            assert_eq!(disk.start(false).map(|records| records.len()), Ok(3), "{part}");
            assert_eq!(disk.journal.len(), whole);
            assert!(disk.append(b"another list", None));
            assert_eq!(disk.start(false).map(|records| records.len()), Ok(4), "{part}");
        }
    }
}
