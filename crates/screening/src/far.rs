//! Whom a traveller may be although the birth date is apart.
//!
//! A birth date that is apart speaks so strongly against a person that only a name of
//! several rare words makes up for it. Such persons are found from the postings alone: each
//! seat adds up what the words of the name that it has are worth, rounded up, in one byte. The words
//! that most seats have and that cannot be enough by themselves are read last, and only add
//! to who has something already.

use std::sync::Arc;

use crate::{
    Index,
    index::{Found, Near},
};

/// In so many parts of a nat is added up; the most that is ever enough fits in a byte.
const PARTS: f32 = 8.0;

/// Seats that are far, and what they have.
#[derive(Default)]
pub(crate) struct Far {
    /// Who may have enough, and how much that is at most.
    pub found: Vec<(u32, f32)>,
    /// By seat: what it has, in parts of a nat. All are 0 between travellers.
    sums: Vec<u8>,
    /// Who has anything.
    touched: Vec<u32>,
}

/// What was found for one of the traveller's words.
struct Place<'f> {
    found: &'f [Found],
    /// At most.
    nats: f32,
    /// How many seats have any of it.
    seats: usize,
}

impl Far {
    pub fn new(seats: usize) -> Self {
        Self { sums: vec![0; seats], ..Self::default() }
    }

    /// Finds the seats that are not near and whose words come to `enough` nats.
    pub fn seek(&mut self, words: &[Arc<[Found]>], enough: f32, near: &Near, index: &Index) {
        let mut places: Vec<Place<'_>> = words.iter().map(|f| Place::of(f, index)).collect();
        if places.iter().map(|p| p.nats).sum::<f32>() < enough {
            return;
        }
        places.sort_by_key(|p| p.seats);
        // Whoever has but the last of them has too little.
        let mut last = places.len();
        let mut nats = 0.0;
        while let Some(place) = places[..last].last()
            && nats + place.nats < enough
        {
            nats += place.nats;
            last -= 1;
        }
        for place in &places[..last] {
            self.add(place, near, index);
        }
        for place in &places[last..] {
            self.add_to_touched(place, near, index);
        }
        let enough = parts(enough - 1.0 / PARTS);
        for seat in self.touched.drain(..) {
            let sum = std::mem::take(&mut self.sums[seat as usize]);
            if sum >= enough {
                self.found.push((seat, most(sum)));
            }
        }
    }

    fn add(&mut self, place: &Place<'_>, near: &Near, index: &Index) {
        // No step waits for what another reads: seats are far apart in memory.
        let mut touched = self.touched.len();
        self.touched.resize(touched + place.seats, 0);
        for found in place.found {
            let parts = parts(found.nats);
            for seat in near.others(index.posting(found)).into_iter().flatten() {
                let sum = &mut self.sums[*seat as usize];
                self.touched[touched] = *seat;
                touched += usize::from(*sum == 0);
                *sum = sum.saturating_add(parts);
            }
        }
        self.touched.truncate(touched);
    }

    fn add_to_touched(&mut self, place: &Place<'_>, near: &Near, index: &Index) {
        for found in place.found {
            let parts = parts(found.nats);
            for seat in near.others(index.posting(found)).into_iter().flatten() {
                let sum = &mut self.sums[*seat as usize];
                let more = if *sum == 0 { 0 } else { parts };
                *sum = sum.saturating_add(more);
            }
        }
    }
}

impl<'f> Place<'f> {
    fn of(found: &'f [Found], index: &Index) -> Self {
        let nats = found.iter().map(|f| f.nats).fold(0.0, f32::max);
        // One more than there can be, for the last step writes before it counts.
        Self { found, nats, seats: 1 + found.iter().map(|f| index.posting(f).len()).sum::<usize>() }
    }
}

/// The most that a sum stands for; one that is full may stand for anything.
fn most(sum: u8) -> f32 {
    match sum {
        u8::MAX => f32::INFINITY,
        sum => (f32::from(sum) + 1.0) / PARTS,
    }
}

/// In parts of a nat, rounded up.
fn parts(nats: f32) -> u8 {
    (nats * PARTS).ceil() as u8
}
