//! The door: a carrier's report becomes a passenger list, or is turned away.

use jiff::Timestamp;

use crate::{Country, ElementSet, Flight, Function, PassengerList, Report};

/// On what terms lists are admitted: whose door it is, and what may come in.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The state whose node this is.
    pub state: Country,
    /// What the law of that state lets it keep (EU-04: the rest is dropped here).
    pub permitted: ElementSet,
    /// When the submission arrived; flights more than a year from it are taken for
    /// a wrong date.
    pub received_at: Timestamp,
    /// Whether the flight must touch `state`. A carrier's list must; a partner's
    /// list under an agreement need not.
    pub must_touch: bool,
}

/// Why a report is no list for this node. Nothing of it is kept but the original,
/// for the carrier and the state to look into.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// The message names no flight.
    #[error("the message names no flight")]
    NoFlight,
    /// The message is about several flights where one is meant.
    #[error("the message names {0} different flights; a list is about one")]
    SeveralFlights(usize),
    /// The flight neither leaves nor reaches this state.
    #[error("flight {flight} ({from}-{to}) does not touch {state}: this list is for another state")]
    OtherState {
        /// The flight, carrier and number.
        flight: String,
        /// First airport.
        from: String,
        /// Last airport.
        to: String,
        /// The state whose door it is.
        state: Country,
    },
    /// The service day is more than a year from now.
    #[error("flight {flight} departs {departs}, more than a year from now")]
    WrongDate {
        /// The flight, carrier and number.
        flight: String,
        /// The departure as read.
        departs: String,
    },
}

impl PassengerList {
    /// Takes a report through the door.
    ///
    /// Elements outside `admission.permitted` are dropped and are gone; a cancelled
    /// flight's list may be empty, and so may a list of nobody.
    ///
    /// # Errors
    /// A [`Rejection`] that names what a carrier would have to mend.
    pub fn admit(report: Report, admission: &Admission) -> Result<Self, Rejection> {
        let mut flights = report.flights;
        if flights.is_empty() {
            return Err(Rejection::NoFlight);
        }
        if flights.len() > 1 {
            return Err(Rejection::SeveralFlights(flights.len()));
        }
        let flight: Flight = flights.remove(0);
        if flight.carrier.is_empty() && flight.number.is_empty() {
            return Err(Rejection::NoFlight);
        }
        if admission.must_touch && !flight.touches(admission.state) {
            let (from, to) = flight.ends();
            return Err(Rejection::OtherState {
                flight: flight.name(),
                from: from.to_owned(),
                to: to.to_owned(),
                state: admission.state,
            });
        }
        if let Some(at) = flight.departs_at() {
            let days = at.duration_since(admission.received_at).as_hours() / 24;
            if days.abs() > 366 {
                return Err(Rejection::WrongDate {
                    flight: flight.name(),
                    departs: at.to_string(),
                });
            }
        }
        let travellers = match report.function {
            Function::FlightCancelled => Vec::new(),
            _ => report.travellers,
        };
        let mut list = PassengerList {
            dataset: report.dataset,
            function: report.function,
            flight,
            travellers,
            bookings: report.bookings,
            elements: admission.permitted,
            dropped_sensitive: report.dropped_sensitive,
        };
        list.retain(admission.permitted);
        Ok(list)
    }
}
