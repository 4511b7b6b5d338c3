//! Two written values side by side, with the parts that differ marked.
//!
//! This is a help for the eye, not the comparison that screening made: letters are
//! compared as written but for their case.

/// A piece of a value, and whether the other one has it too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub same: bool,
}

/// Longer values are shown unmarked.
const LONGEST: usize = 120;

/// Marks what differs in `left` and in `right`.
pub fn marked(left: &str, right: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if a.is_empty() || b.is_empty() || a.len() > LONGEST || b.len() > LONGEST {
        return (whole(left), whole(right));
    }
    let (in_a, in_b) = common(&a, &b);
    let shared = in_a.iter().filter(|s| **s).count();
    // Chance letters in common would only dazzle.
    if shared * 2 < a.len().min(b.len()) {
        return (whole(left), whole(right));
    }
    (pieces(&a, &in_a), pieces(&b, &in_b))
}

fn whole(text: &str) -> Vec<Piece> {
    vec![Piece { text: text.to_owned(), same: true }]
}

fn equal(a: char, b: char) -> bool {
    a == b || a.to_lowercase().eq(b.to_lowercase())
}

/// Which characters belong to a longest common subsequence.
fn common(a: &[char], b: &[char]) -> (Vec<bool>, Vec<bool>) {
    let width = b.len() + 1;
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if equal(a[i], b[j]) {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut in_a, mut in_b) = (vec![false; a.len()], vec![false; b.len()]);
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if equal(a[i], b[j]) {
            (in_a[i], in_b[j]) = (true, true);
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    (in_a, in_b)
}

fn pieces(chars: &[char], same: &[bool]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for (&c, &same) in chars.iter().zip(same) {
        match out.last_mut().filter(|p| p.same == same) {
            Some(piece) => piece.text.push(c),
            None => out.push(Piece { text: c.to_string(), same }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, expected: &str) {
        let shown = |pieces: Vec<Piece>| {
            let piece = |p: Piece| if p.same { p.text } else { format!("[{}]", p.text) };
            pieces.into_iter().map(piece).collect::<String>()
        };
        let (a, b) = marked(left, right);
        assert_eq!(format!("{} | {}", shown(a), shown(b)), expected);
    }

    #[test]
    fn letters_that_differ_are_marked_on_both_sides() {
        check("MOHAMMED", "Mohamed", "MOHAM[M]ED | Mohamed");
        check("1988-04-02", "1988-02-04", "1988-0[4]-0[2] | 1988-0[2]-0[4]");
    }

    #[test]
    fn values_with_little_in_common_are_not_marked() {
        check("YILMAZ", "Okonkwo", "YILMAZ | Okonkwo");
        check("", "Okonkwo", " | Okonkwo");
    }
}
