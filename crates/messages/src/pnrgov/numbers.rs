//! Who is meant by the number that a segment of the same booking refers to (TIF component 3).

use std::collections::HashMap;

use travel::Text;

/// Travellers by the number that refers to them. Bookings are small: a look at each is
/// quicker than a map, which only large ones get.
#[derive(Default)]
pub(super) struct Numbers {
    few: Vec<(u64, usize)>,
    /// Also those that are too long to be compared at once.
    many: HashMap<Text, usize>,
}

impl Numbers {
    /// So many are searched without a map.
    const FEW: usize = 16;

    pub(super) fn clear(&mut self) {
        self.few.clear();
        self.many.clear();
    }

    /// The first to whom a number is given keeps it.
    pub(super) fn give(&mut self, number: &str, traveller: usize) {
        if self.get(number).is_some() {
            return;
        }
        match Self::short(number) {
            Some(short) if self.few.len() < Self::FEW => self.few.push((short, traveller)),
            _ => {
                self.many.insert(number.into(), traveller);
            }
        }
    }

    pub(super) fn get(&self, number: &str) -> Option<usize> {
        let short = Self::short(number);
        let found = short.and_then(|short| self.few.iter().find(|(known, _)| *known == short));
        match found {
            Some((_, traveller)) => Some(*traveller),
            None if self.many.is_empty() => None,
            None => self.many.get(number).copied(),
        }
    }

    /// Up to seven bytes, and how many they are.
    fn short(number: &str) -> Option<u64> {
        let bytes = number.as_bytes();
        let word = || bytes.iter().fold(bytes.len() as u64, |word, b| word << 8 | u64::from(*b));
        (bytes.len() <= 7).then(word)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Numbers that differ in little: in length, in blanks and zero bytes, in one letter.
        #[test]
        fn the_first_with_a_number_keeps_it_as_in_a_map(
            given in prop::collection::vec("[\0 01A\u{e9}]{0,9}|[0-9]{1,2}", 0..60),
        ) {
            let (mut numbers, mut map) = (Numbers::default(), HashMap::new());
            for (traveller, number) in given.iter().enumerate() {
                prop_assert_eq!(numbers.get(number), map.get(number).copied());
                numbers.give(number, traveller);
                map.entry(number.clone()).or_insert(traveller);
            }
            for number in &given {
                prop_assert_eq!(numbers.get(number), map.get(number).copied());
            }
            numbers.clear();
            prop_assert!(given.iter().all(|number| numbers.get(number).is_none()));
        }
    }
}
