//! Under which names the XML's attributes say what: the schema at hand settles some of them,
//! and senders have editions of their own. So the names are a table, and what a carrier calls
//! otherwise is configuration.

use std::borrow::Cow;

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident $key:literal [$($written:literal),+];)*) => {
        /// What an attribute says.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Said { $($(#[$doc])* $name),* }

        /// The key of each in configuration, and the names that are tried, in their order.
        pub const ATTRIBUTES: &[(&str, &[&str])] = &[$(($key, &[$($written),+])),*];
    };
}

attributes! {
    /// `Source` of `POS`: all that is there is put together.
    Agency "agency" ["AirlineVendorID", "PseudoCityCode", "AgentSine", "AirportCode", "ISOCountry"];
    AddressCity "address.city" ["City", "CityName"];
    AddressCountry "address.country" ["Country", "CountryCode"];
    AddressLine "address.line" ["Address", "AddressLine"];
    AddressPostcode "address.postcode" ["PostalCode", "ZipCode"];
    AddressState "address.state" ["State", "StateProv"];
    /// `R` where somebody lives, `D` where they go.
    AddressType "address.type" ["Type", "AddressType", "AddressTypeCode"];
    BagCount "bag.count" ["NumberOfBags", "Quantity", "BagCount"];
    BagTag "bag.tag" ["BagTagNbr", "BagTagNumber", "TagNumber", "TagNbr", "BagTag"];
    BagUnit "bag.unit" ["UnitOfMeasure", "UnitOfMeasureCode", "WeightUnit"];
    BagWeight "bag.weight" ["Weight", "BagWeight"];
    /// Who changed the booking: all that is there is put together.
    ChangeAgent "change.agent" ["AgentID", "AgentSine", "PseudoCityCode", "AirlineCode"];
    ChangeAct "change.act" ["ActionCode", "Action", "Activity"];
    ChangeTime "change.time" ["TimeStamp", "DateTime", "Time", "Date"];
    Contact "contact" ["PhoneNumber", "Email", "EmailAddress", "Text"];
    DocumentBirth "document.birth" ["DateOfBirth", "BirthDate"];
    DocumentExpiry "document.expiry" ["ExpiryDate", "DateOfExpiry"];
    DocumentGiven "document.given" ["FirstGivenName", "GivenName"];
    DocumentGivenMore "document.given_more" ["SecondGivenName"];
    DocumentIssuer "document.issuer" ["IssuingLoc", "IssuingCountry", "Country"];
    DocumentNationality "document.nationality" ["PaxNationality", "PassengerNationality", "Nationality"];
    DocumentNumber "document.number" ["TravelDocNbr", "DocumentNumber"];
    DocumentType "document.type" ["TravelDocType", "DocType"];
    LoyaltyNumber "loyalty.number" ["MembershipID", "MembershipNbr", "CustLoyaltyNbr"];
    LoyaltyProgram "loyalty.program" ["ProgramID", "VendorCode", "AirlineCode"];
    OperatingCarrier "operating.carrier" ["Code", "CompanyShortName"];
    OperatingNumber "operating.number" ["FlightNumber"];
    PaymentAccount "payment.account" ["AccountNbr", "AccountNumber", "CardNumber"];
    PaymentKind "payment.kind" ["PaymentType", "Type"];
    PaymentVendor "payment.vendor" ["VendorCode", "CardCode"];
    /// The number by which one element refers to a traveller of the booking.
    Reference "reference" ["RPH"];
}

/// The names that a sender uses.
///
/// ```
/// let mut names = messages::pnrgov::Names::default();
/// assert!(names.set("bag.weight", vec!["KG".to_owned()]).is_ok());
/// assert!(names.set("bag.wait", vec![]).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Names(Vec<Vec<Cow<'static, str>>>);

/// There is no such key; it says which there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownName(String);

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<&str> = ATTRIBUTES.iter().map(|(key, _)| *key).collect();
        write!(f, "{:?} is none of what an attribute says: {}", self.0, keys.join(", "))
    }
}
impl std::error::Error for UnknownName {}

impl Default for Names {
    /// Those of the table.
    fn default() -> Self {
        let of = |names: &[&'static str]| names.iter().map(|name| Cow::Borrowed(*name)).collect();
        Self(ATTRIBUTES.iter().map(|(_, names)| of(names)).collect())
    }
}

impl Names {
    /// Takes these names, in their order, for what has that key in [`ATTRIBUTES`].
    ///
    /// # Errors
    /// There is no such key.
    pub fn set(&mut self, key: &str, names: Vec<String>) -> Result<(), UnknownName> {
        let at = ATTRIBUTES.iter().position(|(known, _)| *known == key);
        let at = at.ok_or_else(|| UnknownName(key.to_owned()))?;
        self.0[at] = names.into_iter().map(Cow::Owned).collect();
        Ok(())
    }

    pub(super) fn of(&self, said: Said) -> &[Cow<'static, str>] {
        &self.0[said as usize]
    }
}
