//! What a sender and a receiver have agreed on beside the standard: whose guide the lists
//! follow, and how the XML's attributes are called.

use crate::{dialect::Dialect, pnrgov::Names};

/// On what terms submissions are read. By default, on those of the standard.
///
/// ```
/// use edifact::Mode;
/// use messages::{Terms, dialect};
/// let sent = b"UNB+UNOA:4+OK+CZE+260301:0900+1++APIS'UNH+1+PAXLST:D:02B:UN:IATA'BGM+745'\
///     NAD+FL+++NOVAK:JAN'ATT+2++M'UNT+5+1'UNZ+1+1'";
/// let today = jiff::civil::date(2026, 3, 1);
/// let guide = dialect::DIALECTS.iter().find(|d| d.state == travel::Country::new("CZE"));
/// let terms = Terms { dialect: guide, ..Terms::default() };
/// // Senders to that state write M as well where they do not know the sex.
/// let sex = |r: messages::Reading| r.messages[0].report.travellers[0].sex;
/// assert_eq!(sex(messages::read(sent, Mode::Tolerant, today)), travel::Sex::Male);
/// assert_eq!(sex(messages::read_on(sent, Mode::Tolerant, today, &terms)), travel::Sex::Unknown);
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// The guide that PAXLST follow.
    pub dialect: Option<&'static Dialect>,
    /// The names of attributes in PNRGOV XML.
    pub names: Names,
    /// Whether dates with slashes in tables and JSON have the month first (`10/25/2031`) where
    /// nothing in the list tells; `None`: of such a date the year alone is read.
    pub month_first: Option<bool>,
}
