//! National dialects of PAXLST: what a state's own guide asks for beside the common one.
//!
//! A list is never turned away because it was written for another state. What the guides differ
//! in is a table, [`DIALECTS`], and [`findings`] says where a message is not as the state's
//! guide has it.
//!
//! The rows are those that one sender's departure control system has for the states that it
//! sends to; no guide was at hand to compare them with. So they make notes, and change what a
//! field means ([`Dialect::sex_not_known`], [`Dialect::check_in_place`], [`Dialect::coupon`])
//! only for who says that lists follow that guide ([`crate::Terms`]). What that sender itself
//! had marked as not confirmed is not among them.

use edifact::{Mode, Segment};
use travel::Country;

use crate::{Finding, codes};

/// What the guide of one state asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dialect {
    /// Whose guide it is.
    pub state: Country,
    /// Which of the state's guides, where there are several.
    pub name: &'static str,
    /// The UN directory that is asked for (UNH S009 0054).
    pub release: &'static str,
    /// The association code (0057).
    pub association: &'static str,
    /// The application reference (UNB 0026); `None` where it stays empty.
    pub application: Option<&'static str>,
    /// The agency that a document's code is of (DOC 3055).
    pub agency: &'static str,
    /// What senders write where the sex is not known (ATT 9019): where this is `M`, nobody
    /// can tell a man from somebody whose sex was not asked.
    pub sex_not_known: &'static str,
    /// Whether a reference of the transaction is wanted (RFF TN).
    pub transaction: bool,
    /// How many persons one message may have, where there is a bound.
    pub most_persons: Option<usize>,
    /// Whether GEI tells where somebody checked in (173 at a desk, 174 on the web), and not
    /// whether the document was read by machine.
    pub check_in_place: bool,
    /// Whether the coupon stands behind a ticket's number (RFF YZY, `…C2`).
    pub coupon: bool,
}

/// What most rows have in common.
const USUAL: Dialect = Dialect {
    state: Country::new("USA"),
    name: "",
    release: "02B",
    association: "IATA",
    application: Some("APIS"),
    agency: "111",
    sex_not_known: "U",
    transaction: false,
    most_persons: None,
    check_in_place: false,
    coupon: false,
};

const fn of_state(state: &'static str) -> Dialect {
    Dialect { state: Country::new(state), ..USUAL }
}

/// The dialects that are known.
pub const DIALECTS: &[Dialect] = &[
    Dialect { release: "05B", application: None, ..of_state("AZE") },
    Dialect { release: "05B", agency: "ZZZ", ..of_state("ARE") },
    Dialect { name: "batch", agency: "ZZZ", ..of_state("CHN") },
    Dialect {
        name: "interactive",
        release: "05B",
        agency: "ZZZ",
        application: Some("IAPI"),
        transaction: true,
        most_persons: Some(10),
        check_in_place: true,
        coupon: true,
        ..of_state("CHN")
    },
    Dialect { sex_not_known: "M", ..of_state("CZE") },
    of_state("DEU"),
    of_state("ESP"),
    Dialect { release: "05B", agency: "109", application: Some("UKBAOP"), ..of_state("GBR") },
    Dialect { name: "02B", ..of_state("IND") },
    Dialect { name: "05B", release: "05B", application: None, ..of_state("IND") },
    Dialect { release: "05B", application: None, ..of_state("KOR") },
    Dialect { sex_not_known: "M", ..of_state("LTU") },
    Dialect { association: "CBP", sex_not_known: "M", ..of_state("USA") },
    Dialect { release: "05B", agency: "ZZZ", transaction: true, ..of_state("VNM") },
];

/// Where the PAXLST messages of an interchange are not as the guide of a state asks; of
/// several guides, that which fits best. Empty for a state that has no row.
///
/// ```
/// use edifact::Mode;
/// let sent = b"UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
///     NAD+FL+++YILMAZ:AYSE'DOC+P:110:109+U1234567'UNT+5+1'UNZ+1+1'";
/// let findings = messages::dialect::findings(sent, Mode::Tolerant, travel::Country::new("GBR"));
/// let [application] = &findings[..] else { panic!("one thing is not as asked") };
/// assert_eq!((&*application.found, &*application.expected), ("APIS", "UKBAOP for GBR"));
/// ```
pub fn findings(bytes: &[u8], mode: Mode, state: Country) -> Vec<Finding> {
    compared(bytes, mode, state).map(|(_, findings)| findings).unwrap_or_default()
}

/// The guide of a state that fits the interchange best, with [`findings`]; nothing for a state
/// that has no row.
pub fn compared(
    bytes: &[u8],
    mode: Mode,
    state: Country,
) -> Option<(&'static Dialect, Vec<Finding>)> {
    let (interchange, _) = edifact::read(bytes, mode);
    let rows = DIALECTS.iter().filter(|d| d.state == state);
    let all = rows.map(|dialect| (dialect, dialect.findings(&interchange)));
    all.min_by_key(|(_, findings)| findings.len())
}

impl Dialect {
    fn findings(&self, interchange: &edifact::Interchange<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        let lists =
            || interchange.messages().iter().enumerate().filter(|(_, m)| m.kind() == "PAXLST");
        if let Some(unb) = interchange.header().and_then(|h| interchange.segment_at(h.span.start))
            && lists().next().is_some()
        {
            let application = self.application.unwrap_or("");
            self.compare(&unb, (7, 1), application, None, &mut found);
        }
        for (index, message) in lists() {
            let (mut persons, mut transaction) = (0, false);
            for s in message.segments() {
                match &s.code() {
                    b"UNH" => {
                        self.compare(&s, (2, 3), self.release, Some(index), &mut found);
                        self.compare(&s, (2, 5), self.association, Some(index), &mut found);
                    }
                    b"DOC" if !s.raw(1, 3).is_empty() => {
                        self.compare(&s, (1, 3), self.agency, Some(index), &mut found);
                    }
                    b"RFF" => transaction |= s.qualifier() == b"TN",
                    b"NAD" if s.qualifier() != b"MS" => {
                        persons += 1;
                        if let Some(most) = self.most_persons.filter(|most| persons == most + 1) {
                            let asked = format!("at most {most} persons in one message");
                            found.push(self.finding(&s, (1, 1), &asked, Some(index)));
                        }
                    }
                    _ => {}
                }
            }
            if let Some(unh) = message.segment(0).filter(|_| self.transaction && !transaction) {
                found.push(self.finding(&unh, (1, 1), "RFF+TN behind BGM", Some(index)));
            }
        }
        found
    }

    /// Notes a component that is not what is asked for.
    fn compare(
        &self,
        s: &Segment<'_>,
        (element, component): (usize, usize),
        asked: &str,
        message: Option<usize>,
        found: &mut Vec<Finding>,
    ) {
        if s.text(element, component).trim() != asked {
            let asked = if asked.is_empty() { "nothing" } else { asked };
            found.push(self.finding(s, (element, component), asked, message));
        }
    }

    fn finding(
        &self,
        s: &Segment<'_>,
        (element, component): (usize, usize),
        asked: &str,
        message: Option<usize>,
    ) -> Finding {
        let there = s.span_of(element, component);
        let span = if there.is_empty() { s.span() } else { there };
        let mut finding = Finding::new(codes::DIALECT, span, s.text(element, component));
        finding.expected = format!("{asked} for {}", self.state);
        finding.message = message;
        finding.segment = message.map(|_| s.position());
        (finding.element, finding.component) = (Some(element), Some(component));
        finding
    }
}

/// The guide of that state, by its name where the state has several.
///
/// ```
/// use travel::Country;
/// let china = Country::new("CHN");
/// assert_eq!(messages::dialect::named(china, "interactive").unwrap().release, "05B");
/// assert!(messages::dialect::named(china, "").is_none() && messages::dialect::named(china, "x").is_none());
/// ```
pub fn named(state: Country, name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|d| d.state == state && d.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(state: &'static str, header: &str, body: &str) -> Vec<String> {
        let sent = format!("UNB+UNOA:4+ZZ+X+260301:0900+1++{header}BGM+745'{body}UNT+9+1'UNZ+1+1'");
        let found = findings(sent.as_bytes(), Mode::Tolerant, Country::new(state));
        assert!(found.iter().all(|f| f.code == "P-DIALECT"));
        found.iter().map(|f| format!("{} > {}", f.found, f.expected)).collect()
    }

    #[test]
    fn every_dialect_is_content_with_what_it_asks_for() {
        for d in DIALECTS {
            let header = format!(
                "{}'UNH+1+PAXLST:D:{}:UN:{}'",
                d.application.unwrap_or(""),
                d.release,
                d.association
            );
            let tn = if d.transaction { "RFF+TN:1'" } else { "" };
            let body = format!("{tn}NAD+MS+++A'NAD+FL+++B'DOC+P:110:{}+N1'", d.agency);
            assert_eq!(say(d.state.code().to_owned().leak(), &header, &body), [""; 0], "{d:?}");
        }
    }

    #[test]
    fn of_two_guides_the_one_that_fits_best_speaks() {
        let eleven = "NAD+FL+++B'".repeat(11);
        let header = "IAPI'UNH+1+PAXLST:D:05B:UN:IATA'";
        assert_eq!(
            say("CHN", header, &format!("RFF+TN:1'{eleven}")),
            ["FL > at most 10 persons in one message for CHN"]
        );
        assert_eq!(say("CHN", "APIS'UNH+1+PAXLST:D:02B:UN:IATA'", &eleven), [""; 0]);
        assert_eq!(
            say("VNM", "APIS'UNH+1+PAXLST:D:05B:UN:IATA'", ""),
            ["1 > RFF+TN behind BGM for VNM"]
        );
        assert_eq!(say("KOR", "APIS'UNH+1+PAXLST:D:05B:UN:IATA'", ""), ["APIS > nothing for KOR"]);
        assert_eq!(say("FRA", "APIS'UNH+1+PAXLST:D:05B:UN:IATA'", ""), [""; 0]);
    }

    #[test]
    fn a_booking_has_no_dialect() {
        assert_eq!(say("GBR", "PNRGOV'UNH+1+PNRGOV:13:1:IA'", ""), [""; 0]);
    }
}
