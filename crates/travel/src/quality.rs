//! What is doubtful in the data of one traveller, seen by itself: things that no law of a
//! format forbids and that no person has. Nobody is turned away for them, and nothing is
//! mended; the carrier is told.

use crate::{DocumentKind, Traveller, eights};

/// One thing that is doubtful.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Doubt {
    /// Digits in a name.
    DigitsInName,
    /// Signs in a name that no name has: a slash, a comma, brackets.
    SignsInName,
    /// The name is longer than anybody's.
    LongName,
    /// A title stands in the given names, as a word or glued on (`JOHNMR`, `DRUMAR`), or behind
    /// the surname.
    TitleInName,
    /// The name is a word for somebody whose name is not known, or for a test.
    NobodysName,
    /// The date of birth is one that systems put where they know none.
    NobodysBirth,
    /// The number of the document with this index is one that systems put where they know
    /// none.
    NobodysNumber(usize),
    /// The number of the passport with this index has ten characters, the last of which is the
    /// check digit of the nine before: it was copied from the machine-readable zone.
    CheckDigitInNumber(usize),
}

/// Longer than any name that a document holds in full (ICAO Doc 9303 has 39 characters in its
/// machine-readable zone; the visual one knows no bound), in bytes.
const LONGEST_NAME: usize = 256;
/// Words that are nobody's name.
const NOBODY: &[&str] = &[
    "UNKNOWN",
    "UNNAMED",
    "NONAME",
    "NOTKNOWN",
    "TEST",
    "TESTER",
    "TESTPAX",
    "PASSENGER",
    "TBA",
    "TBC",
    "TBD",
    "NN",
    "NIL",
    "NONE",
    "NULL",
    "N/A",
    "NA/NA",
    "BLANK",
    "DUMMY",
    "SURNAME",
    "LASTNAME",
    "FIRSTNAME",
];
/// Titles that end no common name, so that they can be told when glued on.
const GLUED: &[&str] = &["MSTR", "MISS", "MRS", "MR"];
/// Given names that begin with a vowel and that `DR` was seen glued on to; names that begin
/// with those two letters themselves (Draga, Dresden, Driss) are none of these.
const BEHIND_DR: &[&str] = &[
    "ABDUL",
    "ABDULLAH",
    "ABEL",
    "ADAM",
    "ADEL",
    "ADRIAN",
    "AHMAD",
    "AHMED",
    "AISHA",
    "AKBAR",
    "ALAN",
    "ALEX",
    "ALEXANDER",
    "ALEXANDRA",
    "ALI",
    "ALICE",
    "AMIR",
    "AMIT",
    "ANAND",
    "ANDREA",
    "ANDREAS",
    "ANDREW",
    "ANIL",
    "ANNA",
    "ANNE",
    "ANTHONY",
    "ANTONIO",
    "ANWAR",
    "ARIF",
    "ARTHUR",
    "ARUN",
    "ASHOK",
    "ASIF",
    "AYESHA",
    "AYSE",
    "EDUARDO",
    "EDWARD",
    "ELENA",
    "ELIZABETH",
    "EMILY",
    "EMMA",
    "ERIC",
    "ERIK",
    "EVA",
    "IBRAHIM",
    "IMRAN",
    "INGRID",
    "IRINA",
    "ISMAIL",
    "IVAN",
    "OLGA",
    "OLIVER",
    "OMAR",
    "OSCAR",
    "OSMAN",
    "OTTO",
    "UMAR",
    "USMAN",
    "UTE",
];
/// Titles as words of their own.
const TITLES: &[&str] = &["MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "CHD", "INF"];
/// Numbers that are nobody's.
const COUNTED: &[&str] =
    &["123456", "1234567", "12345678", "123456789", "1234567890", "NIL", "NONE", "NULL", "UNKNOWN"];

/// Tells each thing that is doubtful about a traveller.
///
/// ```
/// use travel::{Doubt, Traveller, doubts};
/// let traveller = Traveller { surname: "SMITH".into(), given: "JOHNMR".into(), ..Default::default() };
/// let mut found = Vec::new();
/// doubts(&traveller, |doubt| found.push(doubt));
/// assert_eq!(found, [Doubt::TitleInName]);
/// ```
pub fn doubts(t: &Traveller, mut tell: impl FnMut(Doubt)) {
    let digits = |name: &str| eights::any(name.as_bytes(), |e| eights::within(e, b'0', b'9'));
    if digits(&t.surname) || digits(&t.given) {
        tell(Doubt::DigitsInName);
    }
    if t.surname.len() + t.given.len() > LONGEST_NAME {
        tell(Doubt::LongName);
    }
    if has_title(&t.given) || ends_with_title(&t.surname) {
        tell(Doubt::TitleInName);
    }
    if may_be_nobodys(t.surname.as_bytes())
        && NOBODY.iter().any(|n| n.eq_ignore_ascii_case(&t.surname))
    {
        tell(Doubt::NobodysName);
    } else if has_signs(&t.surname) || has_signs(&t.given) {
        tell(Doubt::SignsInName);
    }
    if let Some(born) = t.birth_date {
        let first_day = (born.month, born.day) == (Some(1), Some(1));
        let nobodys = (first_day && matches!(born.year, 1850..=1901))
            || (born.year, born.month, born.day) == (1911, Some(11), Some(11));
        if nobodys {
            tell(Doubt::NobodysBirth);
        }
    }
    for (index, d) in t.documents.iter().enumerate() {
        let number = d.number.as_bytes();
        let alike = matches!(number, [a, b, _, _, ..] if a == b)
            && number[1..] == number[..number.len() - 1];
        let counted = || COUNTED.contains(&d.number.as_str());
        if alike || (matches!(number.first(), Some(b'1' | b'N' | b'U')) && counted()) {
            tell(Doubt::NobodysNumber(index));
        } else if d.kind == DocumentKind::Passport && ends_with_check_digit(number) {
            tell(Doubt::CheckDigitInNumber(index));
        }
    }
}

/// Whether a name is as long as one of nobody's and begins like one; most are not or do not.
fn may_be_nobodys(name: &[u8]) -> bool {
    const LONGEST: usize = longest(NOBODY);
    const INITIALS: u32 = initials(NOBODY);
    let initial = name.first().map_or(0, u8::to_ascii_uppercase);
    name.len() <= LONGEST && INITIALS >> (initial & 31) & 1 == 1
}

const fn longest(words: &[&str]) -> usize {
    let (mut i, mut longest) = (0, 0);
    while i < words.len() {
        if words[i].len() > longest {
            longest = words[i].len();
        }
        i += 1;
    }
    longest
}

/// A bit for each letter with which a word begins.
const fn initials(words: &[&str]) -> u32 {
    let (mut i, mut letters) = (0, 0);
    while i < words.len() {
        letters |= 1 << (words[i].as_bytes()[0] & 31);
        i += 1;
    }
    letters
}

/// Whether the first or last word of given names is a title, or has one glued on.
fn has_title(given: &str) -> bool {
    begins_with_title(given) || ends_with_title(given)
}

/// `MR JOHN`, `MRJOHN`, `DRSMITH`, `DRUMAR`. No name begins with `MR` but those with a vowel
/// behind it (Mridula), and none with `DR` and a consonant.
fn begins_with_title(given: &str) -> bool {
    // So every title begins that stands in front; hardly any name does.
    if !matches!(given.as_bytes(), [b'M', b'R' | b'S' | b'I', ..] | [b'D' | b'P', b'R', ..]) {
        return false;
    }
    let (first, more) = given.split_once(' ').map_or((given, false), |(first, _)| (first, true));
    if more && TITLES.contains(&first) {
        return true;
    }
    let consonant = |rest: &str| {
        rest.len() >= 3 && !rest.starts_with(['A', 'E', 'I', 'O', 'U', 'Y']) && !rest.contains('.')
    };
    let glued = |title: &str| first.strip_prefix(title);
    glued("MSTR").is_some_and(|rest| rest.len() >= 3)
        || glued("MRS").is_some_and(|rest| rest.len() >= 3)
        || glued("MR").is_some_and(consonant)
        || glued("DR").is_some_and(|rest| consonant(rest) || BEHIND_DR.contains(&rest))
}

/// Whether a name has signs that no name has. Letters beyond ASCII are not looked at.
///
/// ```
/// use travel::has_signs;
/// assert!(has_signs("SMITH/JOHN") && has_signs("SMITH, J") && has_signs("LEE (VIP)"));
/// assert!(!has_signs("O'LEARY-M\u{dc}LLER JR."));
/// ```
pub fn has_signs(name: &str) -> bool {
    let capital = |e| eights::within(e, b'A', b'Z');
    // How nearly all are written.
    if eights::all(name.as_bytes(), |e| capital(e) | eights::within(e, b' ', b' ')) {
        return false;
    }
    let in_names = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'\'' | b'.');
    name.bytes().any(|b| b.is_ascii() && !in_names(b))
}

/// Whether a name ends with a title, as a word or glued on: `JOHN MR`, `JOHNMR`.
///
/// ```
/// use travel::ends_with_title;
/// assert!(ends_with_title("SMITH MR") && ends_with_title("SMITHMR"));
/// assert!(!ends_with_title("WILLIAMS") && !ends_with_title("ABU AMR"));
/// ```
pub fn ends_with_title(given: &str) -> bool {
    // Every title ends with one of these; most names do not.
    let [.., a, b] = *given.as_bytes() else { return false };
    if !matches!(
        [a, b],
        [b'M' | b'T' | b'D', b'R']
            | [b'R' | b'M' | b'S', b'S']
            | [b'H', b'D']
            | [b'O' | b'N', b'F']
    ) {
        return false;
    }
    match given.rsplit_once(' ') {
        Some((_, last)) if TITLES.contains(&last) => true,
        _ => GLUED.iter().any(|title| {
            let rest = given.strip_suffix(title).and_then(|rest| rest.rsplit(' ').next());
            rest.is_some_and(|word| word.len() >= 3)
        }),
    }
}

/// Nine characters and their check digit (ICAO Doc 9303: weights 7, 3, 1; letters from 10).
fn ends_with_check_digit(number: &[u8]) -> bool {
    let [covered @ .., last] = number else { return false };
    if covered.len() != 9 || !last.is_ascii_digit() || covered.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let value = |b: &u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'Z' => u32::from(b - b'A') + 10,
        _ => 0,
    };
    let sum: u32 =
        covered.iter().zip([7, 3, 1].into_iter().cycle()).map(|(b, w)| value(b) * w).sum();
    sum % 10 == u32::from(last - b'0')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{PartialDate, TravelDocument};

    fn of(surname: &str, given: &str, born: &str, number: &str) -> Vec<Doubt> {
        let document = TravelDocument {
            kind: DocumentKind::Passport,
            number: number.into(),
            issuer: None,
            expires: None,
            issued: None,
        };
        let t = Traveller {
            surname: surname.into(),
            given: given.into(),
            birth_date: PartialDate::parse(born),
            documents: [document].into(),
            ..Traveller::default()
        };
        let mut found = Vec::new();
        doubts(&t, |d| found.push(d));
        found
    }

    #[test]
    fn what_people_have_is_not_doubted() {
        for given in ["ANNA", "WILLIAMS", "AMR", "EDGAR", "OMAR", "JAMES", "DAVID", "YOUSSEF", ""]
            .into_iter()
            .chain([
                "MRIDULA", "DRAGAN", "DRUSILLA", "DRESDEN", "DRISS", "DRYDEN", "MIRA", "PROFETA",
            ])
        {
            assert_eq!(of("NULLER", given, "1988-01-01", "U1234567"), [], "{given}");
        }
    }

    #[test]
    fn every_word_of_the_tables_is_doubted() {
        for word in NOBODY.iter().flat_map(|w| [w.to_string(), w.to_lowercase()]) {
            assert_eq!(of(&word, "JOHN", "1988-04-02", "U1234567"), [Doubt::NobodysName], "{word}");
        }
        for number in COUNTED {
            assert_eq!(of("SMITH", "JOHN", "1988-04-02", number), [Doubt::NobodysNumber(0)]);
        }
        let titles = TITLES.iter().map(|title| format!("JOAN {title}"));
        let glued = GLUED.iter().flat_map(|title| [format!("JOAN{title}"), format!("{title}JOAN")]);
        for given in titles.chain(glued.filter(|g| g != "MISSJOAN")) {
            assert_eq!(
                of("SMITH", &given, "1988-04-02", "U1234567"),
                [Doubt::TitleInName],
                "{given}"
            );
        }
        for title in TITLES.iter().filter(|t| !matches!(**t, "CHD" | "INF")) {
            let given = format!("{title} JOAN");
            assert_eq!(
                of("SMITH", &given, "1988-04-02", "U1234567"),
                [Doubt::TitleInName],
                "{given}"
            );
        }
    }

    #[test]
    fn what_nobody_has_is_doubted() {
        use Doubt::*;
        assert_eq!(of("SM1TH", "JOHN", "1988-04-02", "U1234567"), [DigitsInName]);
        assert_eq!(of(&"A".repeat(300), "JOHN", "1988-04-02", "U1234567"), [LongName]);
        assert_eq!(of("SMITH", "JOHNMR", "1988-04-02", "U1234567"), [TitleInName]);
        assert_eq!(of("SMITH MR", "JOHN", "1988-04-02", "U1234567"), [TitleInName]);
        assert_eq!(of("SMITHMRS", "JOAN", "1988-04-02", "U1234567"), [TitleInName]);
        assert_eq!(of("SMITH/JOHN", "", "1988-04-02", "U1234567"), [SignsInName]);
        assert_eq!(of("SMITH", "JOHN (VIP)", "1988-04-02", "U1234567"), [SignsInName]);
        assert_eq!(of("SMITH", "JOAN DR", "1988-04-02", "U1234567"), [TitleInName]);
        for given in
            ["DRUMAR", "DRALI HASSAN", "DRSMITH", "MRJOHN", "MRSANNA", "DR UMAR", "MR JOHN"]
        {
            assert_eq!(of("KHAN", given, "1988-04-02", "U1234567"), [TitleInName], "{given}");
        }
        assert_eq!(of("Unknown", "", "1988-04-02", "U1234567"), [NobodysName]);
        assert_eq!(of("SMITH", "JOHN", "1900-01-01", "U1234567"), [NobodysBirth]);
        assert_eq!(of("SMITH", "JOHN", "1988-04-02", "000000000"), [NobodysNumber(0)]);
        assert_eq!(of("SMITH", "JOHN", "1988-04-02", "123456789"), [NobodysNumber(0)]);
        // The specimen passport of Doc 9303.
        assert_eq!(of("ERIKSSON", "ANNA", "1974-08-12", "L898902C36"), [CheckDigitInNumber(0)]);
        assert_eq!(of("ERIKSSON", "ANNA", "1974-08-12", "L898902C35"), []);
    }
}
