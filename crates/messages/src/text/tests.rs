//! Values as messages write them; and each quick way of reading one against the slow.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn born(text: &str) -> String {
    date_ymd(text.as_bytes(), Century::Past, date(2026, 3, 1))
        .map_or_else(|| "-".into(), |d| d.to_string())
}

#[test]
fn two_digit_births_are_never_in_the_future() {
    let all: Vec<String> =
        ["260301", "260302", "990101", "800000", "801300", "19800102", "1980-01-02", "abc", ""]
            .iter()
            .map(|t| born(t))
            .collect();
    assert_eq!(
        all,
        [
            "2026-03-01",
            "1926-03-02",
            "1999-01-01",
            "1980",
            "-",
            "1980-01-02",
            "1980-01-02",
            "-",
            "-"
        ]
    );
}

#[test]
fn six_digits_are_read_as_with_a_blank_among_them() {
    for day in (0..=999_999).step_by(37) {
        let whole = format!("{day:06}");
        let parted = format!("{} {}", &whole[..2], &whole[2..]);
        assert_eq!(born(&whole), born(&parted), "{whole}");
    }
    assert_eq!([born("88040a"), born("88/402"), born("8804:2")], ["-"; 3]);
}

#[test]
fn times_are_read_in_every_length_that_was_seen() {
    let today = date(2026, 3, 1);
    let show = |t: &str| local_time(t.as_bytes(), today).map(|t| t.to_string());
    assert_eq!(show("2603011130").as_deref(), Some("2026-03-01 11:30"));
    assert_eq!(show("260301 1130").as_deref(), Some("2026-03-01 11:30"));
    assert_eq!(show("202603011130").as_deref(), Some("2026-03-01 11:30"));
    assert_eq!(show("9903012400").as_deref(), Some("1999-03-02 00:00"));
    assert_eq!(show("26030111"), None);
    assert_eq!(show(""), None);
}

#[test]
fn ssr_dates_have_english_months() {
    let today = date(2026, 3, 1);
    let show = |t: &str, c| date_dmmmy(t, c, today).map(|d| d.to_string());
    assert_eq!(show("12JUL64", Century::Past).as_deref(), Some("1964-07-12"));
    assert_eq!(show("25oct31", Century::Near).as_deref(), Some("2031-10-25"));
    assert_eq!(show("25OCT2031", Century::Near).as_deref(), Some("2031-10-25"));
    assert_eq!(show("99XXX99", Century::Near), None);
}

#[test]
fn titles_go_and_names_stay() {
    let all: Vec<&str> = ["ISABELLE MRS", "JOHNMR", "AMR", "WILLIAMS", "MOLLYMRS", "MR"]
        .iter()
        .map(|g| without_title(g))
        .collect();
    assert_eq!(all, ["ISABELLE", "JOHN", "AMR", "WILLIAMS", "MOLLY", "MR"]);
}

/// Names with what makes them odd: blanks of all kinds, placeholders, other alphabets.
fn odd_name() -> impl Strategy<Value = String> {
    let parts =
        ["ANN", "O'LEARY", " ", "  ", "\t", "\u{a0}", "\u{e9}", "FNU", "lnu", "XXX", "XXXX"];
    let more =
        ["X", "XX", "-", ".", "-1", "MR", "Mrs", "DR", "CHD", "PROF", "MSTR", "MISS", "\u{7f}"];
    let part = prop::sample::select([&parts[..], &more[..]].concat());
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Dates as `DDMMMYY` and nearly so.
fn odd_date() -> impl Strategy<Value = String> {
    let months =
        ["JAN", "feb", "Mar", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let others = ["", "XXX", "JA", "JANU", "J\u{e9}", "01", "+1", " ", "-"];
    let month = prop::sample::select([&months[..], &months[..], &others[..]].concat());
    ("[0-9]{2}|[ +][0-9]|[0-9]?", month, "[0-9]{2}|[0-9]{4}|[0-9+ ]{0,3}")
        .prop_map(|(day, month, year)| format!("{day}{month}{year}"))
}

/// What [`without_title`] does, without a look at the last letter.
fn without_any_title(given: &str) -> &str {
    let given = given.trim();
    if let Some((rest, last)) = given.rsplit_once(' ')
        && TITLES.iter().any(|t| t.eq_ignore_ascii_case(last))
    {
        return rest.trim_end();
    }
    let glued = |title: &&str| {
        given.strip_suffix(*title).is_some_and(|rest| rest.len() >= 3 && !rest.ends_with(' '))
    };
    let title = ["MSTR", "MISS", "MRS", "MR"].into_iter().find(glued);
    &given[..given.len() - title.map_or(0, str::len)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn one_name_is_read_as_names_of_many_parts_are(written in odd_name()) {
        let (slow, removed) = given_names(std::iter::once(written.as_str().into()));
        for written in [Cow::Borrowed(written.as_str()), Cow::Owned(written.clone())] {
            let (quick, odd) = one_name(written);
            prop_assert_eq!((&*quick, odd), (slow.as_str(), removed.is_some()));
        }
    }

    #[test]
    fn names_are_put_together_word_by_word(parts in prop::collection::vec(odd_name(), 0..4)) {
        let placeholder = |part: &String| part.split_whitespace().any(is_placeholder);
        let words = parts.iter().flat_map(|part| part.split_whitespace());
        let words: Vec<&str> = words.filter(|word| !is_placeholder(word)).collect();
        let (name, removed) = given_names(parts.iter().map(|part| part.as_str().into()));
        prop_assert_eq!((name.as_str(), removed), (&*words.join(" "), parts.iter().rposition(placeholder)));
    }

    #[test]
    fn slashes_are_found_as_by_a_search(text in "[/.\0AZ0\u{af}\u{ae}\u{2f00}]{0,40}") {
        let mut places = [0; 12];
        let count = places_of(b'/', &text, &mut places);
        let sought: Vec<usize> = text.match_indices('/').map(|(at, _)| at).take(12).collect();
        prop_assert_eq!(&places[..count], sought);
    }

    #[test]
    fn a_month_is_one_of_twelve_words(
        word in prop_oneof![any::<[u8; 3]>(), prop::sample::select(MONTHS.to_vec()).prop_map(|m| *m)],
        flipped in any::<[bool; 3]>(),
    ) {
        let word = std::array::from_fn(|i| word[i] ^ if flipped[i] { 0x20 } else { 0 });
        let number = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(&word));
        prop_assert_eq!(month_of(&word), number.map(|n| n as i16 + 1));
    }

    #[test]
    fn a_title_is_found_wherever_a_full_search_finds_it(given in odd_name()) {
        prop_assert_eq!(without_title(&given), without_any_title(&given));
    }

    #[test]
    fn what_needs_no_trimming_is_left_as_it_is(text in odd_name()) {
        prop_assert_eq!(trimmed(&text), text.trim());
    }

    #[test]
    fn a_date_is_read_the_quick_way_as_the_slow(text in odd_date()) {
        let today = date(2026, 3, 1);
        for century in [Century::Past, Century::Near] {
            let slow = date_spelt(text.trim(), century, today);
            prop_assert_eq!(date_dmmmy(&text, century, today), slow);
        }
    }
}

#[test]
fn every_day_of_a_century_is_read_the_quick_way_as_the_slow() {
    let months =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let today = date(2026, 3, 1);
    for (number, month) in (1..).zip(months) {
        for (day, year) in (0..=32).flat_map(|day| (0..100).map(move |year| (day, year))) {
            let text = format!("{day:02}{month}{year:02}");
            for century in [Century::Past, Century::Near] {
                let quick = date_dmmmy(&text, century, today);
                assert_eq!(quick, date_spelt(&text, century, today), "{text}");
                let digits = format!("{year:02}{number:02}{day:02}");
                assert_eq!(quick, date_ymd(digits.as_bytes(), century, today), "{text}");
            }
        }
    }
}
