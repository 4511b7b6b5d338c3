//! The machine-readable zone of ICAO Doc 9303: check digits.

/// The check digit of Doc 9303 part 3 §4.9: weights 7, 3, 1; letters from A = 10;
/// `<` is 0. `None` for a character that has no value there.
///
/// ```
/// assert_eq!(travel::mrz::check_digit("L898902C3"), Some(6));
/// assert_eq!(travel::mrz::check_digit("740812"), Some(2));
/// ```
pub fn check_digit(field: &str) -> Option<u8> {
    let mut sum = 0u32;
    for (c, weight) in field.bytes().zip([7, 3, 1].into_iter().cycle()) {
        let value = match c {
            b'0'..=b'9' => c - b'0',
            b'A'..=b'Z' => c - b'A' + 10,
            b'<' => 0,
            _ => return None,
        };
        sum += u32::from(value) * weight;
    }
    Some((sum % 10) as u8)
}
