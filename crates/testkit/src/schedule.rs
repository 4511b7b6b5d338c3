//! Made-up airlines and the flights that they fly: between two states along a table of
//! routes, as often as its weights say; between more of them along every pair in turn.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use travel::{Airport, Country, Flight, FlightKind, Leg, LocalTime};

use crate::Rng;

/// An airline that there is not.
#[derive(Clone, Copy, Debug)]
pub struct Airline {
    /// Designator of two characters; none of them is given to anybody.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// All of them.
pub const AIRLINES: [Airline; 8] = [
    Airline { code: "X1", name: "Example Air" },
    Airline { code: "X2", name: "Straits Example" },
    Airline { code: "X3", name: "Anatolia Specimen" },
    Airline { code: "X4", name: "Albion Specimen" },
    Airline { code: "X5", name: "Sample Wings" },
    Airline { code: "X6", name: "Placeholder Airways" },
    Airline { code: "X7", name: "Fictional Charter" },
    Airline { code: "X8", name: "Imaginary Lines" },
];

/// From, to, minutes in the air, and how often a route is flown, by weight.
const ROUTES: [(&str, &str, i64, u64); 32] = [
    ("LHR", "IST", 225, 4),
    ("IST", "LHR", 245, 4),
    ("LGW", "IST", 225, 2),
    ("STN", "SAW", 230, 2),
    ("SAW", "STN", 245, 2),
    ("MAN", "AYT", 255, 4),
    ("AYT", "MAN", 275, 3),
    ("EDI", "SAW", 250, 3),
    ("LGW", "AYT", 245, 4),
    ("AYT", "LGW", 260, 3),
    ("MAN", "IST", 235, 3),
    ("EDI", "AYT", 270, 3),
    ("ESB", "LHR", 265, 2),
    ("ADB", "LGW", 250, 2),
    ("IST", "MAN", 250, 2),
    ("SAW", "EDI", 260, 2),
    ("CDG", "LHR", 75, 2),
    ("LHR", "FRA", 95, 2),
    ("AMS", "MAN", 80, 1),
    ("FRA", "LHR", 100, 1),
    ("JFK", "LHR", 420, 2),
    ("DXB", "LGW", 450, 1),
    ("EDI", "DOH", 430, 1),
    ("LHR", "TBS", 290, 1),
    ("FRA", "IST", 175, 2),
    ("IST", "CDG", 215, 2),
    ("TBS", "IST", 150, 1),
    ("IST", "DXB", 260, 1),
    ("AMS", "SAW", 205, 1),
    ("FRA", "AYT", 210, 1),
    ("JFK", "IST", 595, 1),
    ("DOH", "IST", 270, 1),
];

/// A state, and the airports that flights from and to it use.
#[derive(Clone, Debug)]
pub struct Place {
    /// The state.
    pub state: Country,
    /// IATA codes, at least one.
    pub airports: Vec<String>,
}

/// From, to, and minutes in the air.
type Route<'a> = (&'a str, &'a str, i64);

/// Where flights go.
pub enum Network {
    /// Along [`ROUTES`], by chance.
    Table,
    /// From each of these to each other, one pair after the other.
    Pairs(Vec<Place>),
}

impl Network {
    fn route(&self, rng: &mut Rng, position: u64) -> Route<'_> {
        match self {
            Network::Table => {
                let total: u64 = ROUTES.iter().map(|r| r.3).sum();
                let mut at = rng.below(total);
                for (from, to, minutes, weight) in ROUTES {
                    if at < weight {
                        return (from, to, minutes);
                    }
                    at -= weight;
                }
                let (from, to, minutes, _) = ROUTES[0];
                (from, to, minutes)
            }
            Network::Pairs(places) => {
                let others = places.len() as u64 - 1;
                let (turn, pair) =
                    (position / (others + 1) / others, position % (others * (others + 1)));
                // Consecutive flights leave different states.
                let from = pair % (others + 1);
                let to = (from + 1 + pair / (others + 1)) % (others + 1);
                let airport = |place: u64| {
                    let airports = &places[place as usize].airports;
                    airports[turn as usize % airports.len()].as_str()
                };
                (airport(from), airport(to), minutes(airport(from), airport(to)))
            }
        }
    }
}

/// How long a flight takes: half an hour for the ways up and down, and 820 km/h between.
fn minutes(from: &str, to: &str) -> i64 {
    let at =
        |code| Airport::find(code).map(|a| (a.latitude.to_radians(), a.longitude.to_radians()));
    let (Some(a), Some(b)) = (at(from), at(to)) else { return 240 };
    let half = |x: f32| (x / 2.0).sin().powi(2);
    let h = half(b.0 - a.0) + a.0.cos() * b.0.cos() * half(b.1 - a.1);
    let km = 2.0 * 6371.0 * h.sqrt().min(1.0).asin();
    30 + (km / 820.0 * 60.0) as i64
}

/// Flight number `position` of the world: it leaves within a day and a half of `now`.
pub fn flight(
    network: &Network,
    rng: &mut Rng,
    position: u64,
    now: Timestamp,
) -> (Airline, Flight) {
    let (from, to, minutes) = network.route(rng, position);
    let airline = *rng.pick(&AIRLINES);
    // On the whole five minutes, between two hours and a day and a half from now.
    let seconds = now.as_second() / 300 * 300 + rng.between(24, 36 * 12) as i64 * 300;
    let departs = Timestamp::from_second(seconds).unwrap_or(now);
    let arrives = departs.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(departs);
    let leg = Leg {
        from: from.into(),
        to: to.into(),
        departs: local(departs, from),
        arrives: local(arrives, to),
    };
    let flight = Flight {
        carrier: airline.code.into(),
        number: (100 + position % 9_800).to_string().into(),
        legs: [leg].into(),
        kind: FlightKind::Passenger,
        marked_leg: Some(0),
    };
    (airline, flight)
}

fn local(at: Timestamp, airport: &str) -> Option<LocalTime> {
    let zone = TimeZone::get(Airport::find(airport)?.zone).ok()?;
    Some(LocalTime(at.to_zoned(zone).datetime()))
}

/// To which of `states` the carrier sends the list of a flight: those it touches.
pub fn states_of(flight: &Flight, states: &[Country]) -> Vec<Country> {
    states.iter().copied().filter(|s| flight.touches(*s)).collect()
}
