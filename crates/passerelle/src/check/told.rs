//! Findings for the one who has to mend the message. Those of one kind stand together, the
//! first in full:
//!
//! ```text
//!   warning 29: The count in the trailer is not the number that is there.
//!     line 26, byte 442, segment 25, element 1, component 1
//!       | UNT+40+1'
//!       |     ^^
//!     found     "40"
//!     expected  25
//!     to do     Write the number that is there: in UNT segments from UNH to UNT, both counted; …
//! ```
//! and then where the others are, and what stands there.

use std::io::{self, Write};

use messages::Finding;

use super::times;

/// So many of the others of one kind are placed.
const PLACED: usize = 8;

use api::findings::within;
pub(super) use api::findings::{Lines, groups, told};

/// Shows findings of one kind; the text around the first comes with carets under it.
pub(super) fn write_findings(
    out: &mut impl Write,
    alike: &[&Finding],
    around: Option<(String, String)>,
    place: impl Fn(usize) -> String,
) -> io::Result<()> {
    let [first, others @ ..] = alike else { return Ok(()) };
    let often = match alike.len() {
        1 => String::new(),
        n => format!(" ({})", times(n)),
    };
    writeln!(out, "\n  {} {}: {}{often}", first.severity.name(), first.code, first.text)?;
    writeln!(out, "    {}{}", place(first.span.start), within(first))?;
    let around = around.filter(|(line, _)| !line.trim().is_empty());
    if let Some((line, caret)) = &around {
        writeln!(out, "      | {line}\n      | {caret}")?;
    }
    // What the line above begins with need not be said again.
    let seen = around.is_some_and(|(line, _)| line.starts_with(&first.found));
    if !first.found.is_empty() && !seen {
        writeln!(out, "    found     {:?}", first.found)?;
    }
    if !first.expected.is_empty() {
        writeln!(out, "    expected  {}", first.expected)?;
    }
    writeln!(out, "    to do     {}", first.advice)?;
    if others.is_empty() {
        return Ok(());
    }
    let placed = others.iter().take(PLACED).map(|f| other(f, &place)).collect::<Vec<_>>();
    let more = match others.len().saturating_sub(PLACED) {
        0 => String::new(),
        n => format!("; and {n} more (--json lists all)"),
    };
    writeln!(out, "    the same  {}{more}", placed.join("; "))
}

/// `segment 31 (line 33): "991301"`, or by traveller or byte alone.
fn other(f: &Finding, place: &impl Fn(usize) -> String) -> String {
    let found = if f.found.is_empty() { String::new() } else { format!(" {:?}", f.found) };
    let message = f.message.filter(|m| *m > 0).map(|m| format!("message {} ", m + 1));
    let at = match f.segment {
        Some(segment) => format!("{}segment {segment}", message.unwrap_or_default()),
        None => place(f.span.start),
    };
    format!("{at}{found}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use edifact::Mode;
    use expect_test::{Expect, expect};

    fn told(sent: &str, expected: Expect) {
        let today = jiff::civil::date(2026, 3, 1);
        let reading = messages::read(sent.as_bytes(), Mode::Tolerant, today);
        let mut out = Vec::new();
        crate::check::write_human(&mut out, "list.edi", sent.as_bytes(), &reading).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    /// A list of these people, in lines.
    fn list(people: &[&str], total: usize) -> String {
        let mut all = String::from(
            "UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'\nUNH+1+PAXLST:D:05B:UN:IATA'\nBGM+745'\n\
             TDT+20+TK1980+++TK'\nLOC+125+IST'\nDTM+189:2603011130:201'\nLOC+87+LHR'\n\
             DTM+232:2603011330:201'\n",
        );
        let segments: usize = people.iter().map(|p| p.matches("'\n").count()).sum();
        people.iter().for_each(|p| all += p);
        all + &format!("CNT+42:{total}'\nUNT+{}+1'\nUNZ+1+1'\n", segments + 9)
    }

    const AYSE: &str = "NAD+FL+++YILMAZ:AYSE'\nATT+2++F'\nDTM+329:880402'\nDOC+P+U1234567'\n";

    #[test]
    fn a_count_says_what_to_write() {
        told(
            &list(&[AYSE], 3),
            expect![[r#"
                list.edi: warning
                  PAXLST D:05B, function 745 (full list)
                  flight TK1980 IST to LHR, departs 2026-03-01T11:30:00+03:00
                  1 passenger

                  warning P-COUNT: The stated total is not the number of travellers.
                    line 13, byte 241, segment 12, element 1, component 2
                      | CNT+42:3'
                      |        ^
                    found     "3"
                    expected  1, which are listed
                    to do     Write the number of travellers of the whole flight, all parts together, and check that nobody is missing.
                  1 warning

            "#]],
        );
    }

    #[test]
    fn a_quote_that_is_not_released_is_told_as_that() {
        let oleary = AYSE.replace("YILMAZ", "O'LEARY");
        told(
            &list(&[&oleary], 1),
            expect![[r#"
                list.edi: warning
                  PAXLST D:05B, function 745 (full list)
                  flight TK1980 IST to LHR, departs 2026-03-01T11:30:00+03:00
                  1 passenger

                  warning 12: A segment does not begin with a tag of three capital letters or digits.
                    line 9, byte 181, segment 9
                      | LEARY:AYSE'
                      | ^^^^^^^^^^
                    expected  a tag, such as NAD
                    to do     Write the tag in capitals. If this is the rest of a name or text, the quote before it ended the segment: write ?' for a quote that is meant as text.

                  warning P-NAME-QUOTE: A quote in the name ended the segment; the two halves were put together.
                    line 9, byte 181, segment 9, traveller 1
                      | LEARY:AYSE'
                      | ^^^^^^^^^^
                    expected  a quote that is released
                    to do     Write ?' for a quote in a name: O?'LEARY.
                  2 warnings

            "#]],
        );
    }

    #[test]
    fn what_repeats_is_told_once() {
        let people: Vec<String> = (0..12)
            .map(|i| {
                AYSE.replace("880402", &format!("9913{i:02}")).replace("AYSE", &format!("A{i}B"))
            })
            .collect();
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        told(
            &list(&people, 12),
            expect![[r#"
                list.edi: error
                  PAXLST D:05B, function 745 (full list)
                  flight TK1980 IST to LHR, departs 2026-03-01T11:30:00+03:00
                  12 passengers

                  warning P-NAME-DIGITS: There are digits in the name. (12 times)
                    line 9, byte 170, segment 8, traveller 1
                      | NAD+FL+++YILMAZ:A0B'
                      | ^^^^^^^^^^^^^^^^^^^
                    found     "YILMAZ/A0B"
                    expected  letters
                    to do     Write the name as the document has it.
                    the same  segment 12 "YILMAZ/A1B"; segment 16 "YILMAZ/A2B"; segment 20 "YILMAZ/A3B"; segment 24 "YILMAZ/A4B"; segment 28 "YILMAZ/A5B"; segment 32 "YILMAZ/A6B"; segment 36 "YILMAZ/A7B"; segment 40 "YILMAZ/A8B"; and 3 more (--json lists all)

                  error P-BIRTH: This is no date of birth. (12 times)
                    line 11, byte 209, segment 10, element 1, component 2, traveller 1
                      | DTM+329:991300'
                      |         ^^^^^^
                    found     "991300"
                    expected  YYMMDD or CCYYMMDD; in DOCS DDMMMYY; in a table or JSON 1988-04-02 as well
                    to do     Write a day that exists, in that order; in digits alone, zeros for a month or day that the document leaves out.
                    the same  segment 14 "991301"; segment 18 "991302"; segment 22 "991303"; segment 26 "991304"; segment 30 "991305"; segment 34 "991306"; segment 38 "991307"; segment 42 "991308"; and 3 more (--json lists all)
                  12 errors, 12 warnings

            "#]],
        );
    }

    #[test]
    fn a_transmission_that_ends_too_early_is_one_fault_of_syntax() {
        let whole = list(&[AYSE, AYSE], 2);
        let at = whole.rfind("U1234567").unwrap() + 4;
        told(
            &whole[..at],
            expect![[r#"
                list.edi: error
                  PAXLST D:05B, function 745 (full list)
                  flight TK1980 IST to LHR, departs 2026-03-01T11:30:00+03:00
                  2 passengers

                  warning P-DUPLICATE: The same person is listed twice.
                    line 13, byte 234, segment 12, traveller 2
                      | NAD+FL+++YILMAZ:AYSE'
                      | ^^^^^^^^^^^^^^^^^^^^
                    expected  everybody once
                    to do     List everybody once; two people of one name have two dates of birth or two documents.

                  error P-CUT-OFF: The transmission ends in the middle of this message; what is there was read.
                    line 16, byte 282, segment 15
                      | DOC+P+U123
                      | ^^^^^^^^^^
                    expected  the rest of the message
                    to do     Send the message again, whole.
                  1 error, 1 warning

            "#]],
        );
    }

    #[test]
    fn a_list_without_its_flight_says_how_to_write_one() {
        let whole =
            list(&[AYSE], 1).replace("TDT+20+TK1980+++TK'\n", "").replace("UNT+13", "UNT+12");
        told(
            &whole,
            expect![[r#"
                list.edi: error
                  PAXLST D:05B, function 745 (full list)
                  1 passenger

                  error P-FLIGHT: The message names no flight.
                    line 2, byte 40, segment 1
                      | UNH+1+PAXLST:D:05B:UN:IATA'
                      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
                    expected  carrier, number, airports and times of the flight
                    to do     Put the flight in: TDT with LOC and DTM in PAXLST, TVL behind ORG in PNRGOV, FlightLeg in XML; carrier, flight, from, to and departs in a table or JSON.

                  note P-SEGMENT-PLACE: This segment has no owner at this place and was passed over. (4 times)
                    line 4, byte 77, segment 3
                      | LOC+125+IST'
                      | ^^^^^^^^^^^
                    expected  its place in the guide's table
                    to do     Put it behind the segment that it belongs to: places and times of a flight behind TDT, those of a person behind NAD, those of a document behind DOC.
                    the same  segment 4 "DTM"; segment 5 "LOC"; segment 6 "DTM"
                  1 error, 4 notes

            "#]],
        );
    }

    #[test]
    fn letters_that_were_not_declared_are_shown_whole() {
        told(
            &list(&[&AYSE.replace("AYSE", "AYŞE")], 1),
            expect![[r#"
            list.edi: warning
              PAXLST D:05B, function 745 (full list)
              flight TK1980 IST to LHR, departs 2026-03-01T11:30:00+03:00
              1 passenger

              warning 21: There are characters that the declared repertoire does not have. (the first of them is shown)
                line 9, byte 188, segment 8, element 4, component 2
                  | NAD+FL+++YILMAZ:AYŞE'
                  |                   ^
                found     "Ş"
                expected  characters of UNOA
                to do     Declare a repertoire that has the letters (UNOC for western Europe, UNOW for UTF-8) and encode by it, or write the name as in the machine-readable zone.
              1 warning

        "#]],
        );
    }

    #[test]
    fn a_push_with_a_broken_flight_says_how_dates_are_written() {
        let push = "UNA:+.?*'\nUNB+IATA:1+TK+GBR+260301:0900+12++PNRGOV'\n\
            UNH+1+PNRGOV:13:1:IA+A1'\nMSG+:22'\nORG+TK:IST'\n\
            TVL+31022026:1130:0103:1330+IST+LHR+TK'\nEQN+1'\nSRC'\nRCI+TK:ABC123'\n\
            TIF+YILMAZ+AYSE:A:1'\nUNT+9+1'\nUNZ+1+12'\n";
        told(
            push,
            expect![[r#"
            list.edi: error
              PNRGOV 13:1, function 22 (full push)
              flight TK IST to LHR, departs time not known
              1 passenger, 1 booking

              error P-FLIGHT-NUMBER: The flight has no carrier or no number.
                line 6, byte 99, segment 4, element 5, component 1
                  | TVL+31022026:1130:0103:1330+IST+LHR+TK'
                  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                expected  carrier designator and flight number
                to do     Write carrier and number: TDT+20+TK1980+++TK, or the 4th and 5th element of TVL.

              warning P-TIME: This is no date and time.
                line 6, byte 103, segment 4, element 1, component 1
                  | TVL+31022026:1130:0103:1330+IST+LHR+TK'
                  |     ^^^^^^^^
                found     "31022026"
                expected  YYMMDDHHMM in DTM, DDMMYY:HHMM in TVL, 2026-03-01T11:30 in XML, a table or JSON
                to do     Write a day that exists, and hours to 23 and minutes to 59, in digits alone.
              1 error, 1 warning

        "#]],
        );
    }
}
