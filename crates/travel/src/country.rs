//! Country codes: ISO 3166-1 alpha-3 and the codes that ICAO Doc 9303 adds.

use std::{fmt, sync::LazyLock};

use minicbor::{Decode, Encode};

/// A three-letter code as travel documents carry it. Germany's `D` is `D  ` there
/// and [`Country::parse`] makes `DEU` of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 3]);

impl Country {
    /// A code known to be three upper-case letters.
    ///
    /// # Panics
    /// At compile time, when used in a constant, if it is not.
    pub const fn new(code: &str) -> Self {
        let b = code.as_bytes();
        assert!(b.len() == 3, "a country code has three letters");
        assert!(
            b[0].is_ascii_uppercase() && b[1].is_ascii_uppercase() && b[2].is_ascii_uppercase(),
            "a country code has three upper-case letters"
        );
        Self([b[0], b[1], b[2]])
    }

    /// Reads a code as messages write it: `GBR`, `gbr`, `D`, `D<<`. Any three letters
    /// are taken, known or not ([`is_country_code`] tells); two-letter codes are
    /// mapped through ISO 3166-1 where they are known.
    pub fn parse(text: &str) -> Option<Self> {
        if let [a @ b'A'..=b'Z', b @ b'A'..=b'Z', c @ b'A'..=b'Z'] = *text.as_bytes() {
            return Some(Self([a, b, c]));
        }
        let text = text.trim().trim_end_matches('<');
        let up = |b: &u8| b.to_ascii_uppercase();
        match text.as_bytes() {
            b"D" | b"d" => Some(Self(*b"DEU")),
            [a, b] => alpha2([up(a), up(b)]),
            [a, b, c] if text.bytes().all(|b| b.is_ascii_alphabetic()) => {
                Some(Self([up(a), up(b), up(c)]))
            }
            _ => None,
        }
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made of ASCII letters only")
    }

    /// The country of that English name, whole or as its first word, or of a code of
    /// three letters; for lists that write names.
    ///
    /// ```
    /// use travel::Country;
    /// assert_eq!(Country::of_name("Egypt"), Some(Country::new("EGY")));
    /// assert_eq!(Country::of_name("nowhere"), None);
    /// ```
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        if name.is_empty() {
            return None;
        }
        let known = [
            ("russia", "RUS"),
            ("iran", "IRN"),
            ("syria", "SYR"),
            ("north korea", "PRK"),
            ("south korea", "KOR"),
            ("korea, north", "PRK"),
            ("united kingdom", "GBR"),
            ("uk", "GBR"),
            ("united states", "USA"),
            ("usa", "USA"),
            ("venezuela", "VEN"),
            ("tanzania", "TZA"),
            ("bolivia", "BOL"),
            ("moldova", "MDA"),
            ("vietnam", "VNM"),
            ("laos", "LAO"),
            ("palestinian", "PSE"),
            ("burma", "MMR"),
            ("turkey", "TUR"),
            ("democratic republic of the congo", "COD"),
            ("congo, democratic republic of the", "COD"),
            ("democratic people's republic of korea", "PRK"),
            ("iran (islamic republic of)", "IRN"),
            ("syrian arab republic", "SYR"),
            ("russian federation", "RUS"),
            ("czech republic", "CZE"),
            ("bosnia", "BIH"),
            ("cote d ivoire", "CIV"),
            ("united republic of tanzania", "TZA"),
        ];
        let found = known.iter().find(|(n, _)| *n == name).map(|(_, c)| *c);
        let found = found.or_else(|| table().find(|r| r.2.to_lowercase() == name).map(|r| r.0));
        let found = found.or_else(|| {
            table().find(|r| r.1 == name.to_uppercase() || r.0 == name.to_uppercase()).map(|r| r.0)
        });
        found.and_then(Self::parse)
    }

    /// Its place among all that three letters can make.
    fn place(self) -> usize {
        self.0.iter().fold(0, |place, letter| place * 26 + usize::from(letter - b'A'))
    }

    /// The English short name, where the code is known.
    pub fn name(&self) -> Option<&'static str> {
        table().find(|row| row.0 == self.code()).map(|row| row.2)
    }
}

/// Whether the code stands in ISO 3166-1 or among the codes of Doc 9303 part 3 §5.
pub fn is_country_code(code: Country) -> bool {
    static KNOWN: LazyLock<Vec<bool>> = LazyLock::new(|| {
        let mut known = vec![false; 26 * 26 * 26];
        for country in table().filter_map(|row| Country::parse(row.0)) {
            known[country.place()] = true;
        }
        known
    });
    KNOWN[code.place()]
}

/// Codes that were taken out of ISO 3166-1 (ISO 3166-3) or Doc 9303, or never stood in either and
/// are seen in documents (Zimbabwe's passports bear `ZIM`); and what stands for them today.
const RETIRED: &[(&str, &str)] = &[
    ("ANT", "CUW, SXM or BES"),
    ("BUR", "MMR"),
    ("BYS", "BLR"),
    ("CSK", "CZE or SVK"),
    ("DDR", "DEU"),
    ("DHY", "BEN"),
    ("FXX", "FRA"),
    ("HVO", "BFA"),
    ("INP", ""),
    ("NHB", "VUT"),
    ("NTZ", "IRQ or SAU"),
    ("PCZ", "PAN"),
    ("RHO", "ZWE"),
    ("ROM", "ROU"),
    ("SCG", "SRB or MNE"),
    ("SUN", "RUS, or another state that the Soviet Union became"),
    ("TMP", "TLS"),
    ("UNM", ""),
    ("VDR", "VNM"),
    ("WSA", ""),
    ("YMD", "YEM"),
    ("YUG", "SRB, MNE, or another state that Yugoslavia became"),
    ("ZAR", "COD"),
    ("ZIM", "ZWE"),
];

/// Codes of sports teams and other lists that are in neither, and the country that they mean.
/// Those that are another country's code in ISO 3166-1 are not among them.
const OF_OTHER_LISTS: &[(&str, &str)] = &[
    ("ALG", "DZA"),
    ("BUL", "BGR"),
    ("CHI", "CHL"),
    ("CRC", "CRI"),
    ("CRO", "HRV"),
    ("DEN", "DNK"),
    ("ENG", "GBR"),
    ("ESA", "SLV"),
    ("GER", "DEU"),
    ("GRE", "GRC"),
    ("GUA", "GTM"),
    ("HAI", "HTI"),
    ("HOL", "NLD"),
    ("HON", "HND"),
    ("INA", "IDN"),
    ("IRI", "IRN"),
    ("KSA", "SAU"),
    ("KUW", "KWT"),
    ("LAT", "LVA"),
    ("LIB", "LBN"),
    ("MAS", "MYS"),
    ("MGL", "MNG"),
    ("MYA", "MMR"),
    ("NCA", "NIC"),
    ("NED", "NLD"),
    ("NEP", "NPL"),
    ("NGR", "NGA"),
    ("NIG", "NER"),
    ("OMA", "OMN"),
    ("PAR", "PRY"),
    ("PHI", "PHL"),
    ("POR", "PRT"),
    ("PUR", "PRI"),
    ("RSA", "ZAF"),
    ("SCO", "GBR"),
    ("SLO", "SVN"),
    ("SUD", "SDN"),
    ("SUI", "CHE"),
    ("TAN", "TZA"),
    ("TPE", "TWN"),
    ("UAE", "ARE"),
    ("URU", "URY"),
    ("VIE", "VNM"),
    ("WAL", "GBR"),
    ("ZAM", "ZMB"),
];

fn row(table: &'static [(&str, &str)], code: Country) -> Option<&'static str> {
    table.iter().find(|row| row.0 == code.code()).map(|row| row.1)
}

/// Whether the code is one of those that documents still bear and that are in use no more.
///
/// ```
/// use travel::{Country, is_retired};
/// assert!(is_retired(Country::new("ZIM")) && !is_retired(Country::new("ZWE")));
/// ```
pub fn is_retired(code: Country) -> bool {
    row(RETIRED, code).is_some()
}

/// What is written today for a code that is retired, or of another list than those of countries
/// in documents: the code or codes, in words for people; `None` where nothing is known.
///
/// ```
/// use travel::{Country, code_today};
/// assert_eq!(code_today(Country::new("ROM")), Some("ROU"));
/// assert_eq!(code_today(Country::new("GER")), Some("DEU"));
/// assert_eq!(code_today(Country::new("DEU")), None);
/// ```
pub fn code_today(code: Country) -> Option<&'static str> {
    row(RETIRED, code).or_else(|| row(OF_OTHER_LISTS, code)).filter(|today| !today.is_empty())
}

/// Whether the code is that of a state: ISO 3166-1 has one of two letters beside it, or it is
/// the specimen's of Doc 9303 (`UTO`). Organisations, and what stands for nobody's nationality
/// (`XXX`), are none.
///
/// ```
/// use travel::{Country, is_state};
/// assert!(is_state(Country::new("RKS")) && !is_state(Country::new("XXX")));
/// ```
pub fn is_state(code: Country) -> bool {
    code.code() == "UTO" || table().any(|row| row.0 == code.code() && !row.1.is_empty())
}

fn alpha2(code: [u8; 2]) -> Option<Country> {
    let text = std::str::from_utf8(&code).ok()?;
    table().find(|row| row.1 == text).and_then(|row| Country::parse(row.0))
}

/// Rows of alpha-3, alpha-2 (may be empty) and name.
fn table() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    include_str!("countries.csv").lines().filter_map(|line| {
        let mut f = line.splitn(3, ',');
        Some((f.next()?, f.next()?, f.next()?))
    })
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl<C> Encode<C> for Country {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self.code())?.ok()
    }
}
impl<'b, C> Decode<'b, C> for Country {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Country::parse(d.str()?)
            .ok_or_else(|| minicbor::decode::Error::message("not a country code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_today_are_codes_and_those_of_yesterday_are_none() {
        for (code, today) in RETIRED.iter().chain(OF_OTHER_LISTS) {
            let code = Country::parse(code).expect("three letters");
            assert!(!is_country_code(code), "{code}");
            let words = today.split(|c: char| !c.is_ascii_uppercase()).filter(|w| w.len() == 3);
            for word in words {
                let known = Country::parse(word).is_some_and(is_country_code);
                assert!(known, "{word} for {code}");
            }
        }
    }
}
