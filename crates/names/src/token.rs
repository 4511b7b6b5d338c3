//! Tokens of a name, and what is no name: titles, particles, placeholders.

use crate::{Word, fold};

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
    "BINTI", "OULD", "WALAD", "ABU", "ABOU", "ABI", "EBU", "UMM", "UMMU", "OUM", "VAN", "VON",
    "DE", "DI", "DA", "DO", "DOS", "DAS", "DEL", "DELLA", "DER", "DEN", "LA", "LE", "LOS", "LAS",
    "Y", "E", "ST", "SAN", "TEN", "TER", "ZU", "AND",
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

/// The tokens of a name in any writing: folded, split, placeholders gone, and joined where
/// several words are one name ([`join`]).
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
    join(&mut out);
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
    let mut i = 0;
    while i < tokens.len() {
        let last = i + 1 == tokens.len();
        let title = tokens[i].is_title()
            && tokens.len() > 1
            && !(i > 0 && tokens[i - 1].is_article())
            && (!last || tokens[i].is_written_by_airlines());
        if title {
            tokens.remove(i);
        } else {
            i += 1;
        }
    }
}

/// Joins what is one name though it is written in several words: `ABD AL RAHMAN`, `ABDUL
/// RAHMAN` and `ABDURRAHMAN` are `ABDALRAHMAN`; `SALAH AL DIN` and `SALAH EDDINE` are
/// `SALAHUDDIN`. Who writes the last word first parts such a name: what it begins with then
/// stands at the end (`RAHMAN, ABDUL`).
///
/// ```
/// let joined = |name| {
///     let mut tokens = names::tokens(name);
///     names::join(&mut tokens);
///     tokens.into_iter().map(|t| t.text).collect::<Vec<_>>().join(" ")
/// };
/// assert_eq!(joined("Abd al-Rahman Nour"), "ABDALRAHMAN NOUR");
/// assert_eq!(joined("RAHMAN Nour Abdur"), "ABDALRAHMAN NOUR");
/// assert_eq!(joined("Salah Eddine"), joined("SALAHUDDIN"));
/// assert_eq!(joined("Abdullah"), "ABDULLAH");
/// assert_eq!(joined("UDDIN Shihab"), joined("Shihab Uddin"));
/// assert_eq!(joined("Abdi Hassan"), "ABDI HASSAN");
/// assert_eq!(joined("BORODIN"), "BORODIN");
/// assert_eq!(joined("CLAUDINE"), "CLAUDINE");
/// ```
pub fn join(tokens: &mut Vec<Token>) {
    turn(tokens);
    let mut i = 0;
    while i < tokens.len() {
        let articles = usize::from(tokens.get(i + 1).is_some_and(Token::is_article));
        let served = match tokens[i].text.as_str() {
            "ABD" => tokens.get(i + 1 + articles),
            // Without the article, ABDI is a name of its own.
            "ABDI" if articles == 1 => tokens.get(i + 2),
            text if SERVANT.contains(&text) => tokens.get(i + 1),
            _ => None,
        };
        if let Some(name) = served.filter(|t| t.text.len() > 2 && t.kind == TokenKind::Word) {
            let text = format!("{ABD}{}", name.text);
            let taken = if tokens[i].text.starts_with("ABD") && tokens[i].text.len() <= 4 {
                1 + articles
            } else {
                1
            };
            tokens[i] = Token { text, kind: TokenKind::Word };
            tokens.drain(i + 1..=i + taken);
        } else if let Some(taken) = faith(tokens, i) {
            let text = format!("{}{DIN}", tokens[i].text);
            tokens[i] = Token { text, kind: TokenKind::Word };
            tokens.drain(i + 1..=i + taken);
        }
        i += 1;
    }
    tokens.iter_mut().for_each(|t| {
        if let Some(text) = joined_already(&t.text) {
            t.text = text;
        }
    });
}

/// Whether these tokens stay what they are beside any others: nothing in them could be
/// [joined](join) with what stands before or behind. That words were turned or joined in the
/// tokens themselves is not seen any more: `Nour Abdul` by itself is `ABDALNOUR`.
///
/// ```
/// let stay = |name| names::stay(&names::tokens(name));
/// assert!(stay("Abd al-Rahman Nour") && stay("Salah al-Din") && stay("al-Tikriti"));
/// assert!(!stay("Abdul") && !stay("Uddin") && !stay("Abd"));
/// ```
pub fn stay(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| {
        let text = token.text.as_str();
        let opens = text == "ABD" || text == "ABDI" || SERVANT.contains(&text);
        let ends = FAITH.contains(&text) || THE_FAITH.contains(&text);
        !opens && !ends && joined_already(text).is_none_or(|joined| joined == text)
    })
}

/// Beginnings of names that look as if they had an article and have none.
const NO_ARTICLE: &[&str] = &[
    "ALBERT", "ALBINA", "ALBINE", "ALBINO", "ALBRECHT", "ALEJ", "ALEKS", "ALESS", "ALEX", "ALFONS",
    "ALFRE", "ALICIA", "ALISA", "ALISHA", "ALISON", "ALISTA", "ALMEID", "ALMIRA", "ALOIS", "ALOYS",
    "ALTHEA", "ALVAR", "ALVIN", "ANNABE", "ANNETT", "ANNIKA", "ELCHIN", "ELEANO", "ELEFTH",
    "ELENA", "ELEONO", "ELIAS", "ELIJAH", "ELISA", "ELISE", "ELIZA", "ELLIOT", "ELMIRA", "ELSHAN",
    "ELVIN", "ELVIR", "ELWIR", "ETTOR", "ULRIC", "ULRIK", "ULYAN",
];

/// The name in a word that has an article written to it: `ALTIKRITI`, `ESSAID`. No name that
/// only begins so (`ELMIRA` is not the `MIRA`).
pub(crate) fn with_article(word: &str) -> Option<&str> {
    let b = word.as_bytes();
    if b.len() < 6 || !b.is_ascii() || NO_ARTICLE.iter().any(|n| word.starts_with(n)) {
        return None;
    }
    let doubled = matches!(b[0], b'A' | b'E') && b[1] == b[2] && b"SRDTNZ".contains(&b[1]);
    (doubled || matches!(&b[..2], b"AL" | b"EL" | b"UL")).then(|| &word[2..])
}

/// How a name begins that is joined here, and how one ends.
pub(crate) const ABD: &str = "ABDAL";
pub(crate) const DIN: &str = "UDDIN";
/// `Abd al-`, in one word.
const SERVANT: &[&str] = &[
    "ABDUL", "ABDEL", "ABDAL", "ABDOUL", "ABDOL", "ABDIL", "ABDUEL", "ABDUR", "ABDUS", "ABDUN",
    "ABDUSH", "ABDUZ", "ABDUT", "ABDUD", "ABDER", "ABDES", "ABDEN", "ABDAR", "ABDAS",
];
/// `al-Din`, without its article and with it.
const FAITH: &[&str] = &["DIN", "DEEN", "DINE", "DDIN", "DDINE"];
const THE_FAITH: &[&str] = &["EDDINE", "EDDIN", "UDDIN", "UDDEEN", "ODDIN", "ADDIN", "EDDEEN"];

/// Puts before the first word what it has left at the end.
fn turn(tokens: &mut Vec<Token>) {
    let Some(last) = tokens.len().checked_sub(1).filter(|last| *last > 0) else { return };
    let article = usize::from(tokens[last].is_article() && last > 1);
    let servant = |t: &Token| SERVANT.contains(&t.text.as_str()) || t.text == "ABD";
    let from = last - article;
    let first_is_a_name = tokens[0].kind == TokenKind::Word && !servant(&tokens[0]);
    if from > 0 && servant(&tokens[from]) && (first_is_a_name || tokens[0].is_article()) {
        let at = usize::from(tokens[0].is_article() && from > 1);
        let ending: Vec<Token> = tokens.drain(from..).collect();
        // The article that stood before the name, if any, goes between.
        let at = if at == 1 && ending.len() == 1 { 0 } else { at };
        tokens.splice(at..at, ending);
    } else if article == 1 && FAITH.contains(&tokens[0].text.as_str())
        || THE_FAITH.contains(&tokens[0].text.as_str())
    {
        // `DIN, SALAH AL`; `UDDIN, SHIHAB`.
        tokens.rotate_left(1);
    }
}

/// How many tokens after this one say `al-Din`.
fn faith(tokens: &[Token], at: usize) -> Option<usize> {
    let is =
        |i: usize, words: &[&str]| tokens.get(i).is_some_and(|t| words.contains(&t.text.as_str()));
    if tokens[at].kind != TokenKind::Word || tokens[at].text.len() < 2 {
        return None;
    }
    if is(at + 1, THE_FAITH) {
        return Some(1);
    }
    let article = is(at + 1, &["AL", "EL", "UL", "UD", "AD", "ED", "ID", "OUD"]);
    (article && is(at + 2, FAITH)).then_some(2)
}

/// The joined form of what is written in one word.
fn joined_already(text: &str) -> Option<String> {
    let surname = ["EV", "OV", "EVA", "OVA", "VICH", "VNA"].iter().any(|s| text.ends_with(s));
    if !text.is_ascii() || surname {
        return None;
    }
    if let Some(rest) = text.strip_prefix("ABD") {
        let rest =
            rest.strip_prefix("OU").or_else(|| rest.strip_prefix(['A', 'E', 'U', 'O', 'I']))?;
        let b = rest.as_bytes();
        let doubled = b.len() > 2 && b[0] == b[1] && b"RSDTNZ".contains(&b[0]);
        let name = if doubled { &rest[1..] } else { rest.strip_prefix('L')? };
        // `ABDULLAH` is a name of its own, and so is what is made of it.
        return (name.len() >= 4 && !name.starts_with("LA")).then(|| format!("{ABD}{name}"));
    }
    let stem = ["DIN", "DEEN", "DINE"].iter().find_map(|e| text.strip_suffix(e))?;
    // One D alone says little (BORODIN, ZIVADIN, CLAUDINE).
    let stem = match stem.strip_suffix('D') {
        Some(stem) => stem.strip_suffix(['A', 'E', 'U', 'O', 'I'])?,
        None if text.ends_with('E') => return None,
        None => stem.strip_suffix('U').filter(|s| !s.ends_with(['A', 'E', 'O', 'I']))?,
    };
    let stem = stem.strip_suffix('O').filter(|s| s.len() >= 3).unwrap_or(stem);
    (stem.len() >= 3).then(|| format!("{stem}{DIN}"))
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

/// Whether a name is a byname after a child (*kunya*: `Abu Ismail`, `Umm Layth`), which people
/// bear beside names that it does not resemble. Abu Bakr is a name itself.
///
/// ```
/// assert!(names::is_byname(&names::words("Abou Ismail el Jendoubi")));
/// assert!(!names::is_byname(&names::words("Abu Bakar Siddiq")));
/// assert!(!names::is_byname(&names::words("Ismail Jendoubi")));
/// ```
pub fn is_byname(words: &[Word]) -> bool {
    is_byname_of(words.iter())
}

/// The same, of words that lie elsewhere.
pub fn is_byname_of<'w>(words: impl IntoIterator<Item = &'w Word>) -> bool {
    const AFTER_A_CHILD: &[&str] = &["ABU", "ABOU", "ABI", "EBU", "UMM", "UMMU", "OUM"];
    let mut opens = false;
    for word in words {
        if opens && word.kind == TokenKind::Word {
            let bakr = ["BAK", "BEK", "BAC", "BOU"].iter().any(|b| word.text.starts_with(b));
            return !bakr;
        }
        opens |= word.kind == TokenKind::Particle && AFTER_A_CHILD.contains(&&*word.text);
    }
    false
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

    fn is_article(&self) -> bool {
        const ARTICLES: &[&str] = &["AL", "EL", "UL", "AR", "AS", "ASH", "AD", "AN", "AZ", "AT"];
        ARTICLES.contains(&self.text.as_str())
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
