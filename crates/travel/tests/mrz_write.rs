//! Zones are written to the letter, names are shortened, and what has no place is refused.
//! The specimens are those of ICAO Doc 9303; everybody in them is made up.
#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use expect_test::expect;
use travel::mrz::{Format, Unwritable, Zone, read, write};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 3, 1);

const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
D231458907UTO7408122F1204159<<<<<<<6";
const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<
7408122F1204159UTO<<<<<<<<<<<6
ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const MRV_A: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L8988901C4XXX4009078F96121096ZE184226B<<<<<<";
const MRV_B: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
L8988901C4XXX4009078F9612109<<<<<<<<";

#[test]
fn the_specimens_are_written_to_the_letter() {
    for text in [TD3, TD2, TD1, MRV_A, MRV_B] {
        let (zone, _) = read(text, TODAY);
        assert_eq!(write(&zone.unwrap()).unwrap(), text);
    }
}

fn specimen(format: Format) -> Zone {
    let text = match format {
        Format::Td1 => TD1,
        Format::Td2 => TD2,
        Format::Td3 => TD3,
        Format::MrvA => MRV_A,
        Format::MrvB => MRV_B,
    };
    read(text, TODAY).0.unwrap()
}

fn name_field(format: Format, surname: &str, given: &str) -> Result<String, Unwritable> {
    let zone = Zone { surname: surname.into(), given: given.into(), ..specimen(format) };
    let text = write(&zone)?;
    let line = text.lines().nth(if format == Format::Td1 { 2 } else { 0 }).unwrap();
    Ok(line[format.width() - format.name_width()..].to_owned())
}

/// The examples of Doc 9303 part 4 §4.2.3 and part 5, with the letters that are left.
#[test]
fn names_are_shortened_as_the_standard_shows() {
    let names = [
        ("Eriksson", "Anna Maria"),
        ("O'Connor", "Enya Siobhan"),
        ("Smith-Jones", "Susie Margaret"),
        ("van der Muellen", "Martin"),
        ("Al Basri", "Huda Muhammad Jawad"),
        ("Arkfreith", ""),
        ("Papandropoulous", "Jonathon Warren Trevor"),
        ("Papandropoulous", "Jonathon Alec"),
        ("Nilavadhanananda", "Chayapa Dejthamrong Krasuang"),
        ("Nilavadhanananda", "Arnpol Petch Charonguang"),
        ("Bennelong Wooloomooloo Warrandyte Warnambool", "Dingo Potoroo"),
        ("Bennelong Wooloomooloo Warrandyte Warnambool", ""),
        ("Nilavadhanananda", "Chayapa Dejthamron Krasuang"),
        ("A B C D E F G H I J K L M N O P Q R S T U V W X Y Z", "A"),
    ];
    let mut out = String::new();
    for (surname, given) in names {
        for format in [Format::Td3, Format::Td2, Format::Td1] {
            writeln!(out, "{}", name_field(format, surname, given).unwrap()).unwrap();
        }
    }
    expect![[r#"
        ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
        ERIKSSON<<ANNA<MARIA<<<<<<<<<<<
        ERIKSSON<<ANNA<MARIA<<<<<<<<<<
        OCONNOR<<ENYA<SIOBHAN<<<<<<<<<<<<<<<<<<
        OCONNOR<<ENYA<SIOBHAN<<<<<<<<<<
        OCONNOR<<ENYA<SIOBHAN<<<<<<<<<
        SMITH<JONES<<SUSIE<MARGARET<<<<<<<<<<<<
        SMITH<JONES<<SUSIE<MARGARET<<<<
        SMITH<JONES<<SUSIE<MARGARET<<<
        VAN<DER<MUELLEN<<MARTIN<<<<<<<<<<<<<<<<
        VAN<DER<MUELLEN<<MARTIN<<<<<<<<
        VAN<DER<MUELLEN<<MARTIN<<<<<<<
        AL<BASRI<<HUDA<MUHAMMAD<JAWAD<<<<<<<<<<
        AL<BASRI<<HUDA<MUHAMMAD<JAWAD<<
        AL<BASRI<<HUDA<MUHAMMAD<JAWAD<
        ARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<
        ARKFREITH<<<<<<<<<<<<<<<<<<<<<<
        ARKFREITH<<<<<<<<<<<<<<<<<<<<<
        PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR
        PAPANDROPOULOUS<<JONATHON<WARRE
        PAPANDROPOULOUS<<JONATHON<WARR
        PAPANDROPOULOUS<<JONATHON<ALEC<<<<<<<<<
        PAPANDROPOULOUS<<JONATHON<ALEC<
        PAPANDROPOULOUS<<JONATHON<ALEC
        NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K
        NILAVADHANANANDA<<CHAYAPA<DEJTH
        NILAVADHANANANDA<<CHAYAPA<DEJT
        NILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU
        NILAVADHANANANDA<<ARNPO<PETCH<C
        NILAVADHANANANDA<<ARNPOL<PETCH
        BENNELONG<WOOLOOM<WARRAND<WARNAM<<DINGO
        BENNELONG<WOOL<WARR<WARN<<DINGO
        BENNELONG<WOOL<WARR<WAR<<DINGO
        BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA
        BENNELONG<WOOLOOMOOLOO<WARRANDY
        BENNELONG<WOOLOOMOOLOO<WARRAND
        NILAVADHANANANDA<<CHAYAPA<DEJTHAMRON<KR
        NILAVADHANANANDA<<CHAYAPA<DEJTH
        NILAVADHANANANDA<<CHAYAPA<DEJT
        A<B<C<D<E<F<G<H<I<J<K<L<M<N<O<P<Q<R<<A<
        A<B<C<D<E<F<G<H<I<J<K<L<M<N<<A<
        A<B<C<D<E<F<G<H<I<J<K<L<M<N<<A
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_has_no_place_is_refused_and_not_cut() {
    let td3 = || specimen(Format::Td3);
    let cases = [
        Zone { number: "L898902C31".into(), ..td3() },
        Zone { number: "".into(), ..td3() },
        Zone { number: "L8989/2C3".into(), ..td3() },
        Zone { optional: "ABCDEFGHIJKLMNO".into(), ..td3() },
        Zone { optional_2: "A".into(), ..td3() },
        Zone { code: "V".into(), ..td3() },
        Zone { code: "PAB".into(), ..td3() },
        Zone { issuer: None, ..td3() },
        Zone { nationality: None, ..td3() },
        Zone { surname: "".into(), ..td3() },
        Zone { surname: "Иванова".into(), ..td3() },
        Zone { number: "D23145890AB112234566789".into(), ..specimen(Format::Td1) },
        Zone {
            number: "D23145890 B1".into(),
            optional: "ABCDEFGHIJ".into(),
            ..specimen(Format::Td1)
        },
        Zone { number: "D23145890A 1".into(), ..specimen(Format::Td1) },
        Zone { number: "D23145890AB1".into(), optional: "XYZ".into(), ..specimen(Format::Td2) },
    ];
    let mut out = String::new();
    for zone in cases {
        writeln!(out, "{}", write(&zone).unwrap_err()).unwrap();
    }
    expect![[r#"
        the document number is too long
        the document number is missing
        the document number has a character that no zone has
        the optional data is too long
        the second optional data has no place in this layout
        the document code is none of this layout
        the document code is too long
        the issuing state is missing
        the nationality is missing
        the name has no surname, or a letter beyond A to Z
        the name has no surname, or a letter beyond A to Z
        the document number is too long
        the document number has a blank behind its ninth character
        the document number has a blank behind its ninth character
        the optional data is too long beside this number
    "#]]
    .assert_eq(&out);
}
