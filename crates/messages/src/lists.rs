//! Lists of which nearly nobody has more than one entry: documents, flights of a booking.

/// Puts one more at the end. The first gets room for itself alone: a list that grows by
/// itself makes room for four, and asks more of the allocator.
#[inline]
pub(crate) fn put<T>(list: &mut Vec<T>, one: T) {
    if list.capacity() == 0 {
        *list = vec![one];
    } else {
        list.push(one);
    }
}
