//! Elements that senders spell otherwise than the schema does.

/// The names of the schema without which somebody is lost, and what is written for them, in
/// small letters.
const SPELLINGS: &[(&str, &[&str])] = &[
    (
        "Passenger",
        &[
            "passenger",
            "pax",
            "paxinfo",
            "traveller",
            "traveler",
            "travellerinfo",
            "guest",
            "person",
        ],
    ),
    ("Surname", &["surname", "lastname", "familyname", "last"]),
    ("GivenName", &["givenname", "givennames", "firstname", "forename", "given", "first"]),
    ("MiddleName", &["middlename", "middlenames"]),
    ("PNR", &["pnr", "booking", "reservation"]),
    ("FlightLeg", &["flightleg"]),
];

/// The schema's name of an element that is spelt otherwise; `None` of all others.
pub(super) fn element(name: &str) -> Option<&'static str> {
    // Longer than any of them.
    if name.len() > 16 {
        return None;
    }
    let small: String =
        name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let row = SPELLINGS.iter().find(|(_, all)| all.contains(&small.as_str()))?;
    (row.0 != name).then_some(row.0)
}

/// Whether a document has people in it, by the elements that begin in `head`.
pub(crate) fn names_people(head: &str) -> bool {
    head.split('<').skip(1).any(|tag| {
        let name = tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
        let local = name.unwrap_or_default().rsplit(':').next().unwrap_or_default();
        matches!(element(local).unwrap_or(local), "Passenger" | "PNR")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelt_otherwise_is_known_and_what_is_not_stays() {
        assert_eq!(element("Pax"), Some("Passenger"));
        assert_eq!(element("passenger"), Some("Passenger"));
        assert_eq!(element("Last_Name"), Some("Surname"));
        assert_eq!(element("Passenger"), None);
        assert_eq!(element("PassengerFare"), None);
        assert!(names_people("<soap:Body><x:Traveller>") && !names_people("<a/><b>PNR</b>"));
    }
}
