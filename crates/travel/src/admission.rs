//! The door: a carrier's report becomes a passenger list, or is turned away.

use jiff::Timestamp;

use crate::{Country, ElementSet, Flight, FlightKind, Function, PassengerList, Report};

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
    /// Whether the flight must touch `state`. A carrier's list must, as far as its airports
    /// are known; a partner's list under an agreement need not.
    pub must_touch: bool,
}

/// Why a report is no list for this node. Nothing of it is kept but the original,
/// for the carrier and the state to look into.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// The message names no flight.
    #[error("the message names no flight")]
    NoFlight,
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
        let Some(flight) = meant(report.flights, admission.state) else {
            return Err(Rejection::NoFlight);
        };
        if flight.carrier.is_empty() && flight.number.is_empty() {
            return Err(Rejection::NoFlight);
        }
        let elsewhere = flight.kind != FlightKind::MasterCrew && flight.avoids(admission.state);
        if admission.must_touch && elsewhere {
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

/// Which of several flights a list is about: the one whose border-crossing leg touches the
/// state, else any that touches it, else the first. A reader has told the carrier that one
/// is meant; nobody is turned away because two are named.
fn meant(mut flights: Vec<Flight>, state: Country) -> Option<Flight> {
    let crosses = |f: &Flight| f.border_leg(state).is_some_and(|l| l.touches(state) == 1);
    let at = flights
        .iter()
        .position(|f| f.marked_leg.is_some() && crosses(f))
        .or_else(|| flights.iter().position(crosses))
        .or_else(|| flights.iter().position(|f| f.touches(state)))
        .unwrap_or(0);
    (at < flights.len()).then(|| flights.swap_remove(at))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Leg, LocalTime, Traveller};

    const GBR: Country = Country::new("GBR");

    fn leg(from: &str, to: &str) -> Leg {
        let departs = Some(LocalTime(jiff::civil::datetime(2026, 3, 2, 11, 30, 0, 0)));
        Leg { from: from.into(), to: to.into(), departs, arrives: None }
    }

    fn flight(number: &str, legs: &[Leg]) -> Flight {
        Flight {
            carrier: "TK".into(),
            number: number.into(),
            legs: legs.to_vec().into(),
            ..Flight::default()
        }
    }

    fn admit(flights: Vec<Flight>) -> Result<PassengerList, Rejection> {
        let travellers = vec![Traveller { surname: "YILMAZ".into(), ..Traveller::default() }];
        let admission = Admission {
            state: GBR,
            permitted: ElementSet::ALL,
            received_at: "2026-03-01T09:00:00Z".parse().unwrap(),
            must_touch: true,
        };
        PassengerList::admit(Report { flights, travellers, ..Report::default() }, &admission)
    }

    #[test]
    fn of_several_flights_the_one_across_our_border_is_meant() {
        let onward = flight("1980", &[leg("IST", "ESB")]);
        let ours = flight("1984", &[leg("LHR", "IST")]);
        let list = admit(vec![onward.clone(), ours]).unwrap();
        assert_eq!((list.flight().number.as_str(), list.travellers().len()), ("1984", 1));
        assert!(matches!(admit(vec![onward]), Err(Rejection::OtherState { .. })));
        assert!(matches!(admit(Vec::new()), Err(Rejection::NoFlight)));
    }

    #[test]
    fn a_flight_whose_airports_are_not_known_is_not_turned_away() {
        for legs in [vec![], vec![leg("", "")], vec![leg("QQQ", "IST")], vec![leg("IST", "")]] {
            assert_eq!(admit(vec![flight("1980", &legs)]).unwrap().travellers().len(), 1);
        }
    }

    #[test]
    fn a_carriers_list_of_all_its_crew_has_no_flight_to_touch_us() {
        let mut master = flight("USMCL", &[leg("IST", "ESB")]);
        master.kind = FlightKind::MasterCrew;
        assert!(admit(vec![master]).is_ok());
    }
}
