//! Under which names values stand in tables and JSON.

/// What a value is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Field {
    Kind,
    Surname,
    Given,
    /// Surname and given names in one value.
    FullName,
    BirthDate,
    Sex,
    Nationality,
    Residence,
    BirthPlace,
    DocumentKind,
    DocumentNumber,
    DocumentIssuer,
    DocumentExpires,
    DocumentIssued,
    Seat,
    Locator,
    Reference,
    Contact,
    FrequentFlyer,
    Ticket,
    Bags,
    BagTag,
    JourneyFrom,
    JourneyTo,
    Carrier,
    Flight,
    From,
    To,
    Departs,
    Arrives,
    /// Meals, assistance, remarks: counted and dropped (EU-30).
    Sensitive,
}

/// The names of each field, in small letters and digits alone; the first is ours.
#[rustfmt::skip]
pub(crate) const FIELDS: &[(Field, &[&str])] = &[
    (Field::Kind, &["kind", "type", "role", "paxtype", "travellertype", "passengertype", "paxcategory", "ptc"]),
    (Field::Surname, &["surname", "lastname", "familyname", "name", "last", "family", "surnames", "lastnames", "nom", "nomdefamille", "nachname", "familienname", "apellido", "apellidos", "cognome", "sobrenome", "soyad", "soyadı", "soyisim", "фамилия"]),
    (Field::Given, &["given", "givenname", "givennames", "firstname", "firstnames", "first", "forename", "forenames", "second", "secondname", "middle", "middlename", "middlenames", "prenom", "prénom", "prenoms", "prénoms", "vorname", "vornamen", "nombre", "nombres", "имя"]),
    (Field::FullName, &["fullname", "names", "passengername", "paxname", "travellername", "travelername", "guestname", "crewname", "nameofpassenger", "nameoftraveller", "namesurname", "surnamename", "nameandsurname", "surnameandname", "surnamegivenname", "surnamegivennames", "surnamefirstname", "lastnamefirstname", "lastfirst", "firstlast", "completename", "passenger", "pax", "traveller", "traveler"]),
    (Field::BirthDate, &["birthdate", "dateofbirth", "dob", "born", "birthday", "birth", "geburtsdatum", "datedenaissance", "fechadenacimiento", "fechanacimiento", "datadinascita", "doğumtarihi", "dogumtarihi"]),
    (Field::Sex, &["sex", "gender", "sexe", "sexo", "geschlecht", "cinsiyet"]),
    (Field::Nationality, &["nationality", "nat", "citizenship", "nationalitycode", "countryofnationality", "countryofcitizenship", "nationalité", "nationalite", "nacionalidad"]),
    (Field::Residence, &["residence", "countryofresidence", "residencecountry"]),
    (Field::BirthPlace, &["birthplace", "placeofbirth"]),
    (Field::DocumentKind, &["documentkind", "documenttype", "doctype", "traveldocumenttype", "traveldoctype"]),
    (Field::DocumentNumber, &["documentnumber", "documentno", "docnumber", "docno", "docnum", "number", "passport", "passportnumber", "passportno", "passportnum", "passportnr", "ppno", "ppnumber", "traveldocumentnumber", "traveldocument", "traveldocno", "traveldocnbr", "idnumber"]),
    (Field::DocumentIssuer, &["documentissuer", "issuer", "issuingcountry", "issuingstate", "documentcountry", "passportcountry", "countryofissue", "issuecountry", "documentissuingcountry", "passportissuingcountry", "passportissuer", "issuedby"]),
    (Field::DocumentExpires, &["documentexpires", "expires", "expiry", "expirydate", "expirationdate", "expiration", "documentexpiry", "documentexpirydate", "docexpiry", "docexpirydate", "passportexpiry", "passportexpirydate", "passportexpires", "passportexpirationdate", "dateofexpiry", "dateofexpiration", "validuntil", "validto"]),
    (Field::DocumentIssued, &["documentissued", "issued", "issuedate", "dateofissue", "documentissuedate", "passportissuedate"]),
    (Field::Seat, &["seat", "seatnumber", "seatno"]),
    (Field::Locator, &["locator", "pnr", "recordlocator", "bookingreference", "bookingref", "pnrlocator", "recloc", "bookingcode", "bookingnumber"]),
    (Field::Reference, &["reference", "paxid", "passengerid", "id"]),
    (Field::Contact, &["contact", "phone", "telephone", "email", "address", "mobile", "phonenumber", "emailaddress"]),
    (Field::FrequentFlyer, &["frequentflyer", "frequentflyernumber", "loyalty", "ffn", "ffp"]),
    (Field::Ticket, &["ticket", "ticketnumber", "ticketno", "eticket"]),
    (Field::Bags, &["bags", "bagcount", "numberofbags"]),
    (Field::BagTag, &["bagtag", "bagtags", "tag"]),
    (Field::JourneyFrom, &["journeyfrom", "embarkation", "portofembarkation"]),
    (Field::JourneyTo, &["journeyto", "debarkation", "portofdebarkation", "disembarkation"]),
    (Field::Carrier, &["carrier", "airline", "carriercode", "airlinecode"]),
    (Field::Flight, &["flight", "flightnumber", "flightno", "fltno", "flt", "flightnum", "fltnumber"]),
    (Field::From, &["from", "origin", "departureairport", "departureport", "depport", "departurestation", "boardpoint", "dep"]),
    (Field::To, &["to", "destination", "arrivalairport", "arrivalport", "arrport", "arrivalstation", "offpoint", "arr"]),
    (Field::Departs, &["departs", "departure", "departuretime", "std", "departuredate", "departuredatetime", "flightdate", "depdate", "deptime", "dateofflight", "dateofdeparture", "scheduleddeparture"]),
    (Field::Arrives, &["arrives", "arrival", "arrivaltime", "sta", "arrivaldatetime", "arrivaldate", "arrdate", "arrtime", "dateofarrival", "scheduledarrival"]),
    (Field::Sensitive, &["meal", "meals", "mealcode", "specialmeal", "mealpreference", "mealrequest", "diet", "dietary", "dietaryrequirements", "assistance", "specialassistance", "specialservice", "specialservices", "specialrequest", "specialrequests", "specialneeds", "wheelchair", "disability", "allergies", "ssr", "ssrs", "osi", "remark", "remarks", "note", "notes", "religion", "faith", "health", "medical", "freetext", "comment", "comments", "ethnicity"]),
];

impl Field {
    /// The name that is ours, for those who look for the place of a finding.
    pub(crate) fn name(self) -> &'static str {
        FIELDS.iter().find(|(field, _)| *field == self).map_or("", |(_, names)| names[0])
    }

    /// Whether it is said of a flight, and of nobody on it.
    pub(crate) fn is_of_flight(self) -> bool {
        use Field::{Arrives, Carrier, Departs, Flight, From, To};
        matches!(self, Carrier | Flight | From | To | Departs | Arrives)
    }

    /// Whether somebody is known by it.
    pub(crate) fn is_name(self) -> bool {
        matches!(self, Field::Surname | Field::FullName)
    }

    /// Whether its values are words, whatever they say.
    pub(crate) fn is_of_words(self) -> bool {
        matches!(self, Field::Surname | Field::Given | Field::FullName)
    }
}

/// Whom a name of a value may speak of before it says of what.
const OF_WHOM: [&str; 7] =
    ["passenger", "pax", "travellers", "traveller", "traveler", "guest", "person"];

/// Longer than any name of the table, in bytes.
const LONGEST: usize = 120;

/// The field of that name; what stands in brackets in it is a remark on the form.
pub(crate) fn field(name: &str) -> Option<Field> {
    let plain = plain(name)?;
    let known = |plain: &str| {
        FIELDS.iter().find(|(_, names)| names.contains(&plain)).map(|(field, _)| *field)
    };
    let of_whom = || OF_WHOM.iter().find_map(|whom| known(plain.strip_prefix(whom)?));
    known(&plain).or_else(of_whom)
}

/// Letters and digits of a name, small; nothing of what is too long to be one.
pub(crate) fn plain(name: &str) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let mut depth = 0_u32;
    let outside = |c: &char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && c.is_alphanumeric()
    };
    Some(name.chars().filter(outside).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_however_they_are_written() {
        for (name, of) in [
            ("Full Name", Field::FullName),
            ("PassengerName", Field::FullName),
            ("Passenger surname", Field::Surname),
            ("PAX_LAST_NAME*", Field::Surname),
            ("DOB", Field::BirthDate),
            ("Date of birth (YYYY-MM-DD)", Field::BirthDate),
            ("Nationality [ISO 3]", Field::Nationality),
            ("Prénom", Field::Given),
        ] {
            assert_eq!(field(name), Some(of), "{name}");
        }
        assert_eq!(field("passengers on board"), None);
        assert_eq!(field(&"x".repeat(1000)), None);
    }

    #[test]
    fn no_name_is_of_two_fields() {
        let mut seen = std::collections::HashSet::new();
        for name in FIELDS.iter().flat_map(|(_, names)| *names) {
            assert!(seen.insert(name), "{name}");
            assert_eq!(plain(name).as_deref(), Some(*name));
        }
    }
}
