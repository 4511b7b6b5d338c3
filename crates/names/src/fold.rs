//! Folding to the letters A–Z: ICAO Doc 9303 part 3 §6 first, any_ascii for the rest.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A name in upper-case A–Z with single blanks between words. Digits go; an
/// apostrophe joins what it stands between.
///
/// ```
/// assert_eq!(names::fold("Müller-Lüdenscheid"), "MUELLER LUEDENSCHEID");
/// assert_eq!(names::fold("Ёлкина, Щука"), "ELKINA SHCHUKA");
/// assert_eq!(names::fold("O'Leary"), "OLEARY");
/// assert_eq!(names::fold("محمد"), "MHMD");
/// assert_eq!(names::fold("علي حمشو"), "ALI HMSHU");
/// assert_eq!(names::fold("عبد الرحمن"), "ABD AL RHMN");
/// ```
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        text.chars().for_each(|c| push_ascii(&mut out, c));
    } else {
        let mut rest = text.nfc().peekable();
        let mut last = None;
        while let Some(c) = rest.next() {
            let latin = arabic(c, (last, rest.peek().copied()), &out);
            last = Some(c);
            if let Some(latin) = latin {
                out.push_str(latin);
                continue;
            }
            match icao(c) {
                Some(latin) => out.push_str(latin),
                None if c.is_ascii() => push_ascii(&mut out, c),
                None => other(&mut out, c),
            }
        }
    }
    while out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Letters of the Arabic script that are read by where they stand: `و` and `ي` are vowels
/// between consonants and at the end; an `ع` that begins a word is heard as a vowel; the
/// article is a word of its own.
fn arabic(
    c: char,
    (last, next): (Option<char>, Option<char>),
    before: &str,
) -> Option<&'static str> {
    let begins = before.is_empty() || before.ends_with(' ');
    let long_a = |c: char| matches!(c, 'ا' | 'آ');
    let consonant = begins || next.is_some_and(long_a) || before.ends_with('A');
    Some(match c {
        'و' if consonant => "W",
        'و' => "U",
        'ي' | 'ی' if consonant => "Y",
        'ي' | 'ی' => "I",
        'ع' if begins => "A",
        'ل' if last == Some('ا')
            && (before == "A" || before.ends_with(" A"))
            && next.is_some_and(|n| matches!(n, '\u{621}'..='\u{64a}')) =>
        {
            "L "
        }
        _ => return None,
    })
}

fn push_ascii(out: &mut String, c: char) {
    match c {
        'A'..='Z' => out.push(c),
        'a'..='z' => out.push(c.to_ascii_uppercase()),
        '\'' | '`' => {}
        _ if out.is_empty() || out.ends_with(' ') => {}
        _ => out.push(' '),
    }
}

fn other(out: &mut String, c: char) {
    // Apostrophes of typographers and of transliteration join as the plain one does.
    if matches!(c, '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{02bb}' | '\u{02bf}' | '\u{02be}')
        || is_combining_mark(c)
    {
        return;
    }
    let mut parts = std::iter::once(c).nfkd().filter(|d| !is_combining_mark(*d));
    let base = parts.next();
    match base {
        Some(d) if d.is_ascii() => push_ascii(out, d),
        _ => {
            // A Chinese character is a syllable and a word of its own.
            let han = matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}');
            if han && !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
            any_ascii::any_ascii_char(c).chars().for_each(|a| push_ascii(out, a));
        }
    }
}

/// The tables of Doc 9303 part 3 §6, as far as letters differ from their base letter.
/// Arabic letters follow §6.B without the X marks, which are dropped when a name is shown.
fn icao(c: char) -> Option<&'static str> {
    let upper = c.to_uppercase().next().unwrap_or(c);
    Some(match upper {
        'Ä' | 'Æ' => "AE",
        'Å' => "AA",
        'Ö' | 'Ø' | 'Œ' => "OE",
        'Ü' => "UE",
        'ß' | 'ẞ' => "SS",
        'Þ' => "TH",
        'Ð' | 'Đ' => "D",
        'Ł' => "L",
        'Ĳ' => "IJ",
        'Ħ' => "H",
        'Ŋ' => "N",
        'Ŧ' => "T",
        'İ' | 'ı' | 'I' if !c.is_ascii() => "I",
        'А' => "A",
        'Б' => "B",
        'В' => "V",
        'Г' => "G",
        'Ґ' => "G",
        'Д' => "D",
        'Е' | 'Ё' | 'Э' => "E",
        'Є' => "IE",
        'Ж' => "ZH",
        'З' => "Z",
        'И' | 'Й' | 'І' | 'Ї' => "I",
        'К' => "K",
        'Л' => "L",
        'М' => "M",
        'Н' => "N",
        'О' => "O",
        'П' => "P",
        'Р' => "R",
        'С' => "S",
        'Т' => "T",
        'У' => "U",
        'Ў' => "U",
        'Ф' => "F",
        'Х' => "KH",
        'Ц' => "TS",
        'Ч' => "CH",
        'Ш' => "SH",
        'Щ' => "SHCH",
        'Ъ' => "IE",
        'Ы' => "Y",
        'Ь' => "",
        'Ю' => "IU",
        'Я' => "IA",
        'Ј' => "J",
        'Љ' => "LJ",
        'Њ' => "NJ",
        'Ћ' => "C",
        'Ђ' => "D",
        'Џ' => "DZ",
        'ا' | 'أ' | 'إ' | 'آ' | 'ى' => "A",
        'ب' => "B",
        'ت' | 'ط' => "T",
        'ث' => "TH",
        'ج' => "J",
        'ح' | 'ه' => "H",
        'خ' => "KH",
        'د' | 'ض' => "D",
        'ذ' => "DH",
        'ر' => "R",
        'ز' => "Z",
        'س' | 'ص' => "S",
        'ش' => "SH",
        'ظ' => "Z",
        'ع' | 'ء' | 'ئ' | 'ؤ' | 'ـ' => "",
        'غ' => "GH",
        'ف' => "F",
        'ق' => "Q",
        'ك' | 'ک' => "K",
        'ل' => "L",
        'م' => "M",
        'ن' => "N",
        'و' => "W",
        'ي' | 'ی' => "Y",
        'ة' => "H",
        'پ' => "P",
        'چ' => "CH",
        'ژ' => "ZH",
        'گ' => "G",
        _ => return None,
    })
}
