//! Airports: where they are and what their clocks show.
//!
//! From PyPI `airportsdata` 20260905 (MIT), the rows that have an IATA code; see
//! `NOTICE`. Codes change hands; a carrier's file is never refused for a code that
//! is not here.

use std::{collections::HashMap, sync::LazyLock};

use crate::Country;

/// An airport with an IATA code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Airport {
    /// IATA location identifier, three letters.
    pub iata: &'static str,
    /// ICAO location indicator, four letters; empty when it has none.
    pub icao: &'static str,
    /// The state on whose soil it lies.
    pub country: Country,
    /// IANA time zone.
    pub zone: &'static str,
    /// Degrees north.
    pub latitude: f32,
    /// Degrees east.
    pub longitude: f32,
    /// City, or the airport's name where no city is known.
    pub city: &'static str,
}

impl Airport {
    /// The airport with that IATA or ICAO code.
    ///
    /// ```
    /// use travel::{Airport, Country};
    /// let ist = Airport::find("IST").unwrap();
    /// assert_eq!((ist.country, ist.zone), (Country::new("TUR"), "Europe/Istanbul"));
    /// assert_eq!(Airport::find("EGLL").unwrap().iata, "LHR");
    /// assert!(Airport::find("").is_none());
    /// ```
    pub fn find(code: &str) -> Option<&'static Airport> {
        static TABLE: LazyLock<HashMap<&'static str, Airport>> = LazyLock::new(|| {
            let mut table = HashMap::with_capacity(18_000);
            for airport in include_str!("airports.csv").lines().filter_map(parse) {
                table.insert(airport.iata, airport);
                if !airport.icao.is_empty() {
                    table.insert(airport.icao, airport);
                }
            }
            table
        });
        TABLE.get(code)
    }
}

fn parse(line: &'static str) -> Option<Airport> {
    let mut f = line.splitn(7, ',');
    Some(Airport {
        iata: f.next()?,
        icao: f.next()?,
        country: Country::parse(f.next()?)?,
        zone: f.next()?,
        latitude: f.next()?.parse().ok()?,
        longitude: f.next()?.parse().ok()?,
        city: f.next()?,
    })
}
