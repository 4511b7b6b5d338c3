//! The name field: letters, fillers between the parts, and what is cut when a name is
//! longer than its field (Doc 9303 parts 4 to 7 §4.2.3).
//!
//! The standard says that letters go until the rest fits; that the last character of the
//! field is then a letter, by which a reader knows; and that the surname gives way until
//! `<<` and at least one letter of the given names stand. Which letters go is left to the
//! issuer. Here given names go from the end; a surname that is too long keeps its first
//! part, and its others are shortened from the longest, as in the examples of part 4.

/// The parts of a name in the zone's letters: case folded, apostrophes and full stops
/// left out, hyphens and commas as blanks (part 3 §4.6). `None` when a character is
/// neither, and has to be transliterated first.
fn parts(name: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    for c in name.chars() {
        match c.to_ascii_uppercase() {
            letter @ 'A'..='Z' => parts.last_mut()?.push(letter),
            '\'' | '’' | '`' | '.' => {}
            ' ' | '-' | ',' => parts.push(String::new()),
            _ => return None,
        }
    }
    parts.retain(|p| !p.is_empty());
    Some(parts)
}

/// The name field, `width` characters. `None` when there is no surname, or a character
/// that has no place in a zone.
pub(super) fn field(surname: &str, given: &str, width: usize) -> Option<String> {
    let (surname, given) = (parts(surname)?, parts(given)?);
    if surname.is_empty() {
        return None;
    }
    let whole = surname.join("<");
    let out = if given.is_empty() {
        fill(&surname, width)
    } else {
        let reserved = 2 + given[0].len().min(width / 3);
        let most = if whole.len() + 3 > width { width - reserved } else { whole.len() };
        let with = |room: usize| {
            let surname = shorten(&surname, room);
            let left = width - surname.len() - 2;
            format!("{surname}<<{}", fill(&given, left))
        };
        let cut = whole.len() + 2 + given.join("<").len() > width;
        // Given names of single letters may leave a column: the surname gives one up.
        let full = (most / 2..=most).rev().map(with).find(|n| n.len() == width);
        full.filter(|_| cut).unwrap_or_else(|| with(most))
    };
    Some(format!("{out:<<width$}"))
}

/// As many parts as fit, the last one cut; ends in a letter and leaves no room unless all
/// parts are in it.
fn fill(parts: &[String], width: usize) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut used = 0;
    for part in parts {
        let before = usize::from(!out.is_empty());
        if used + before >= width {
            break;
        }
        let room = (width - used - before).min(part.len());
        out.push(&part[..room]);
        used += before + room;
    }
    // One column is left and the next part needs a filler and a letter: an earlier part
    // gives one up.
    if used + 1 == width
        && let Some(next) = parts.get(out.len())
        && let Some(longest) = (0..out.len()).rev().max_by_key(|i| (out[*i].len(), *i))
        && out[longest].len() > 1
    {
        out[longest] = &out[longest][..out[longest].len() - 1];
        out.push(&next[..1]);
    }
    out.join("<")
}

/// At most `width` characters of a surname: the first part whole if it can be, the others
/// shortened from the longest; parts for which there is no letter are left out.
fn shorten(parts: &[String], width: usize) -> String {
    let kept = parts.len().min(width.div_ceil(2)).max(1);
    let mut parts: Vec<&str> = parts[..kept].iter().map(String::as_str).collect();
    let room = width - (kept - 1);
    let mut letters: usize = parts.iter().map(|p| p.len()).sum();
    while letters > room {
        let longest = (1..kept).max_by_key(|i| (parts[*i].len(), *i));
        let at = longest.filter(|i| parts[*i].len() > 1).unwrap_or(0);
        parts[at] = &parts[at][..parts[at].len() - 1];
        letters -= 1;
    }
    parts.join("<")
}
