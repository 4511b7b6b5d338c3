//! Tokens of a name, and what is no name: titles, particles, placeholders.

use crate::fold;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// A name.
    Word,
    /// `AL`, `BIN`, `VAN` …: says little.
    Particle,
    /// A single letter.
    Initial,
}

/// One word of a folded name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token {
    /// A–Z.
    pub text: String,
    /// What it is.
    pub kind: TokenKind,
}

/// Shows no name.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("kind", &self.kind).finish_non_exhaustive()
    }
}

const PARTICLES: &[&str] = &[
    "AL", "EL", "UL", "AR", "AS", "AD", "AN", "AZ", "ASH", "AT", "BIN", "BEN", "IBN", "BINT",
    "BINTI", "OULD", "WALAD", "ABU", "ABOU", "ABI", "UMM", "UMMU", "VAN", "VON", "DE", "DI", "DA",
    "DO", "DOS", "DAS", "DEL", "DELLA", "DER", "DEN", "LA", "LE", "LOS", "LAS", "Y", "E", "ST",
    "SAN", "TEN", "TER", "ZU", "AND",
];
/// What airlines glue to the end of given names.
const TITLES: &[&str] = &[
    "MISS", "MSTR", "MRS", "MR", "MS", "CHD", "INF", "DR", "PROF", "PHD", "SIR", "HAJJI", "HAJI",
    "HADJI", "SHEIKH", "SHAYKH", "SHEIK", "MULLAH", "MAULAVI", "MAULANA", "QARI", "SAYYID",
    "SAYED", "SYED", "COL", "GEN", "MAJ", "CAPT",
];
/// Of these, what is seen glued on: `ALEKSANDR` and `YASSIR` end in titles and are names.
const GLUED: &[&str] = &["MISS", "MSTR", "MRS", "MR", "MS", "CHD", "INF", "PROF", "PHD"];
/// So much of a written name is read, and so much of one word, in letters: more than anybody
/// is called, and a bound on the time that a hostile name can take.
const MOST_WRITTEN: usize = 512;
const MOST_LETTERS: usize = 64;
const PLACEHOLDERS: &[&str] =
    &["FNU", "LNU", "XXX", "NFN", "NLN", "UNKNOWN", "NOFIRSTNAME", "NONE", "NA"];

/// The tokens of a name in any writing: folded, split, placeholders gone, `ABD AL X`
/// and `AL X` joined to what lists and airlines glue (`ABDALX`, `X` with its particle).
///
/// ```
/// let all: Vec<_> = names::tokens("al-Zawahiri, Ayman FNU").into_iter().map(|t| t.text).collect();
/// assert_eq!(all, ["AL", "ZAWAHIRI", "AYMAN"]);
/// ```
pub fn tokens(name: &str) -> Vec<Token> {
    let end = name.char_indices().nth(MOST_WRITTEN).map_or(name.len(), |(at, _)| at);
    let folded = fold(&name[..end]);
    let mut out: Vec<Token> = Vec::with_capacity(6);
    for word in folded.split(' ').filter(|w| !w.is_empty() && !PLACEHOLDERS.contains(w)) {
        out.push(Token::new(word.get(..MOST_LETTERS).unwrap_or(word)));
    }
    drop_titles(&mut out);
    join_abd(&mut out);
    // A name of particles alone (`AN LE`) is a name all the same.
    if out.iter().all(|t| t.kind != TokenKind::Word) {
        out.iter_mut().filter(|t| t.text.len() > 1).for_each(|t| t.kind = TokenKind::Word);
    }
    out.truncate(12);
    out
}

/// Titles go where they stand before a name; after an article, or at the end, they are
/// names themselves (`al-Sayed`, `Karim Sheikh`), but for those that airlines write there.
fn drop_titles(tokens: &mut Vec<Token>) {
    let is_article = |t: &Token| matches!(t.text.as_str(), "AL" | "EL" | "UL" | "AS" | "ASH");
    let mut i = 0;
    while i < tokens.len() {
        let last = i + 1 == tokens.len();
        let title = tokens[i].is_title()
            && tokens.len() > 1
            && !(i > 0 && is_article(&tokens[i - 1]))
            && (!last || tokens[i].is_written_by_airlines());
        if title {
            tokens.remove(i);
        } else {
            i += 1;
        }
    }
}

/// `ABD AL RAHMAN`, `ABDUL RAHMAN`, `ABD ELRAHMAN` are one name: `ABDALRAHMAN`.
fn join_abd(tokens: &mut Vec<Token>) {
    let mut i = 0;
    while i < tokens.len() {
        let head = tokens[i].text.as_str();
        let glued = matches!(head, "ABDUL" | "ABDEL" | "ABDAL" | "ABDOUL");
        let split = matches!(head, "ABD")
            && tokens
                .get(i + 1)
                .is_some_and(|t| matches!(t.text.as_str(), "AL" | "EL" | "UL" | "AR" | "AS"));
        let skip = if glued {
            1
        } else if split {
            2
        } else {
            i += 1;
            continue;
        };
        if let Some(next) = tokens.get(i + skip).map(|t| t.text.clone()) {
            tokens[i] = Token { text: format!("ABDAL{next}"), kind: TokenKind::Word };
            tokens.drain(i + 1..=i + skip);
        }
        i += 1;
    }
}

/// Given names without a title at their end, glued or not, if a name remains.
///
/// ```
/// assert_eq!(names::split_titles("AYMANMUHAMMADMR"), "AYMANMUHAMMAD");
/// assert_eq!(names::split_titles("JOHN MR"), "JOHN");
/// assert_eq!(names::split_titles("OMR"), "OMR");
/// assert_eq!(names::split_titles("ALEKSANDR DR"), "ALEKSANDR");
/// ```
pub fn split_titles(given: &str) -> &str {
    let mut rest = given.trim_end();
    for _ in 0..2 {
        let stripped = TITLES[..12].iter().find_map(|title| {
            let at = rest.len().checked_sub(title.len())?;
            let tail = rest.get(at..)?;
            let head = rest.get(..at)?.trim_end();
            let apart = rest.get(..at)?.ends_with(' ');
            let remains = match apart {
                true => !head.is_empty(),
                false => head.len() >= 3 && GLUED.contains(title),
            };
            (tail.eq_ignore_ascii_case(title) && remains).then_some(head)
        });
        match stripped {
            Some(head) => rest = head,
            None => break,
        }
    }
    rest
}

impl Token {
    /// A folded word, and what it is.
    pub fn new(text: &str) -> Self {
        let kind = match text {
            _ if text.len() == 1 => TokenKind::Initial,
            _ if PARTICLES.contains(&text) => TokenKind::Particle,
            _ => TokenKind::Word,
        };
        Self { text: text.to_owned(), kind }
    }

    /// A hash of its text, the same as [`Word::hash`](crate::Word::hash).
    pub fn hash(&self) -> u64 {
        crate::word::hash(self.text.as_bytes())
    }

    /// Whether it is a title that airlines write behind given names.
    fn is_written_by_airlines(&self) -> bool {
        TITLES[..12].contains(&self.text.as_str())
    }

    /// Whether it is a title or honorific.
    pub fn is_title(&self) -> bool {
        TITLES.contains(&self.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_end_is_read_in_its_beginning() {
        let one = tokens(&"A".repeat(3_000_000));
        assert_eq!(one.iter().map(|t| t.text.len()).collect::<Vec<_>>(), [MOST_LETTERS]);
        assert_eq!(tokens(&"\u{c4}B MR ".repeat(1_000_000)).len(), 12);
        assert!(tokens(&"ABD AL ".repeat(1_000_000)).len() <= 12);
    }

    #[test]
    fn names_that_end_as_titles_do_stay_whole() {
        for name in ["ALEKSANDR", "YASSIR", "ELHAJJI"] {
            assert_eq!(split_titles(name), name);
            assert_eq!(split_titles(&format!("{name}MR")), name);
        }
    }
}
