//! Lists of which nearly nobody has more than one entry: documents, legs, flights of a booking.
//!
//! The first lies in the record itself; the heap is asked for room only when there is a
//! second. A list has thousands of travellers, and to visit the allocator for each of them
//! took as long as reading their document did.

use std::ops::{Deref, DerefMut};

use minicbor::{Decode, Encode};
use smallvec::SmallVec;

/// A list that is read as a slice.
///
/// ```
/// use travel::Few;
/// let mut numbers = Few::from([1]);
/// numbers.push(2);
/// assert_eq!(numbers[..], [1, 2]);
/// assert_eq!(numbers.iter().sum::<i32>(), 3);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Few<T>(SmallVec<[T; 1]>);

impl<T> Few<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self(SmallVec::new())
    }
    /// Puts one more at its end.
    #[inline]
    pub fn push(&mut self, one: T) {
        self.0.push(one);
    }
    /// Takes the last one away.
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }
    /// Makes it empty.
    pub fn clear(&mut self) {
        self.0.clear();
    }
    /// Keeps those of which `keep` says so, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.0.retain(|one| keep(one));
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::new()
    }
}
impl<T> Deref for Few<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        &self.0
    }
}
impl<T> DerefMut for Few<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}
impl<T, const N: usize> From<[T; N]> for Few<T> {
    #[inline]
    fn from(all: [T; N]) -> Self {
        all.into_iter().collect()
    }
}
impl<T> From<Vec<T>> for Few<T> {
    fn from(all: Vec<T>) -> Self {
        all.into_iter().collect()
    }
}
impl<T> FromIterator<T> for Few<T> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Self(SmallVec::from_iter(all))
    }
}
impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, more: I) {
        self.0.extend(more);
    }
}
impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = smallvec::IntoIter<[T; 1]>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
impl<'a, T> IntoIterator for &'a mut Few<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
impl<T: PartialEq> PartialEq<Vec<T>> for Few<T> {
    fn eq(&self, other: &Vec<T>) -> bool {
        **self == **other
    }
}
impl<T: std::fmt::Debug> std::fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// As a `Vec` is written: an array of definite length.
impl<C, T: Encode<C>> Encode<C> for Few<T> {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        (**self).encode(e, context)
    }
}
impl<'b, C, T: Decode<'b, C>> Decode<'b, C> for Few<T> {
    fn decode(
        d: &mut minicbor::Decoder<'b>,
        context: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        d.array_iter_with(context)?.collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn few_are_written_and_read_as_a_vec_is() {
        for length in 0..4u32 {
            let plain: Vec<u32> = (0..length).collect();
            let few = Few::from(plain.clone());
            let bytes = minicbor::to_vec(&few).unwrap();
            assert_eq!(bytes, minicbor::to_vec(&plain).unwrap());
            assert_eq!(minicbor::decode::<Few<u32>>(&bytes).unwrap(), plain);
        }
    }
}
