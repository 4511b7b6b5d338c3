//! The keys under which an index finds words, in two flat arrays.

use std::{hash::Hasher, thread};

use names::{TokenKind, Word};

/// Keys of words, sorted, with a table of where each beginning of a key begins.
#[derive(Default)]
pub(crate) struct Keys {
    /// Upper half the key, lower half the word.
    sorted: Vec<u64>,
    starts: Vec<u32>,
    shift: u32,
}

impl Keys {
    pub fn of(words: &[Word]) -> Self {
        let half = words.len().div_ceil(2);
        let (first, second) = words.split_at(half);
        let (mut sorted, mut rest) = if words.len() < FEW {
            (sorted(first, 0), sorted(second, half))
        } else {
            thread::scope(|scope| {
                let second = scope.spawn(|| sorted(second, half));
                (sorted(first, 0), second.join().expect("making keys does not panic"))
            })
        };
        sorted.append(&mut rest);
        // Two sorted runs: a stable sort merges them.
        sorted.sort();
        let bits = usize::BITS - sorted.len().leading_zeros();
        let shift = 64 - bits.clamp(1, 24);
        let mut starts = vec![0u32; (1 << (64 - shift)) + 1];
        for key in &sorted {
            starts[(key >> shift) as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        Self { sorted, starts, shift }
    }

    pub fn get(&self, key: u64) -> impl Iterator<Item = u32> {
        let at = (key >> self.shift) as usize;
        let range = self.starts[at] as usize..self.starts[at + 1] as usize;
        let same = move |k: &&u64| **k >> 32 == key >> 32;
        self.sorted[range].iter().filter(same).map(|k| *k as u32)
    }

    pub fn bytes(&self) -> usize {
        8 * self.sorted.len() + 4 * self.starts.len()
    }
}

/// Fewer words than this have their keys faster than a thread is started.
const FEW: usize = 2_000;

/// The keys of words, of which the first has this number.
fn sorted(words: &[Word], first: usize) -> Vec<u64> {
    let (mut sorted, mut keys) = (Vec::with_capacity(words.len() * 12), Vec::new());
    let named = words.iter().enumerate().filter(|(_, w)| w.kind != TokenKind::Initial);
    for (id, word) in named {
        word.keys(&mut keys);
        let with_id = |k: &u64| (k & 0xFFFF_FFFF_0000_0000) | (first + id) as u64;
        sorted.extend(keys.iter().map(with_id));
    }
    sorted.sort_unstable();
    sorted
}

/// A hasher for what is a hash already.
#[derive(Default)]
pub(crate) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = (self.0 << 8) | u64::from(*b));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}
