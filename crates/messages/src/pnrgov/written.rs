//! Where a booking says what a finding doubts: in the `SSR` with a document of the traveller.

use edifact::{Message, Segment};
use travel::PartialDate;

use super::ssr;
use crate::text::few;
use crate::written::{Datum, Places};

/// Each `SSR DOCS` or `DOCO` behind the `TIF` at that position, in the same booking, that has the
/// datum, with the component in which it stands. Those that refer to the traveller, or
/// to nobody, are looked at.
pub(crate) fn written<'m>(
    message: &'m Message<'_>,
    tif: usize,
    (datum, found): (Datum, &str),
) -> Places<'m> {
    let sought = match datum {
        Datum::Birth | Datum::Expiry => PartialDate::parse(found).and_then(in_english),
        Datum::Number | Datum::Country => Some([found.to_owned(), String::new()]),
        Datum::Reference => None,
    };
    let named = tif.checked_sub(1).and_then(|i| message.segment(i));
    let Some((sought, named)) = sought.zip(named) else { return Box::new(std::iter::empty()) };
    let number = named.text(2, 3);
    let place = move |s: &Segment<'_>| {
        let request = s.element(1);
        let document = s.code() == *b"SSR" && matches!(&*request.text(1), "DOCS" | "DOCO");
        let to = ssr::reference(s);
        if !document || !(to.is_empty() || to == number) {
            return None;
        }
        let has = |c: &usize| {
            let is = |field: &str| sought.iter().any(|s| s.eq_ignore_ascii_case(field));
            request.text(*c).split('/').any(|field| !field.is_empty() && is(field.trim()))
        };
        (2..=few(request.components())).find(has).map(|c| (1, c))
    };
    let all = (tif..message.len()).map_while(|i| message.segment(i));
    let own = all.take_while(|s| !matches!(&s.code(), b"SRC" | b"UNT"));
    Box::new(own.filter_map(move |s| Some((s, place(&s)?))))
}

/// `DDMMMYY` or `DDMMMYYYY`, as documents have dates.
fn in_english(date: PartialDate) -> Option<[String; 2]> {
    let day = date.whole()?;
    Some(["%d%b%y", "%d%b%Y"].map(|form| day.strftime(form).to_string()))
}
