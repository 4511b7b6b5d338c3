//! Who is on a flight: families, people alone, and now and then somebody listed.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use travel::{
    Airport, Booking, Country, Dataset, DocumentKind, Flight, Function, Kind, PartialDate, Report,
    Sex, TravelDocument, Traveller,
};

use crate::{
    Airline, Listed, Person, Rng,
    people::{self, nationalities},
    schedule::{self, Network, Place},
    watchlist::{respelled, watchlist},
};

/// The two states of a world that names none.
pub const STATES: [Country; 2] = [Country::new("GBR"), Country::new("TUR")];
/// Persons on each watchlist.
pub const LISTED: u32 = 15_000;

/// That somebody on a flight is truly the person of a list entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Truth {
    /// The flight's key.
    pub flight: String,
    /// The person's number in the world: what follows the hyphen in an entry's id.
    pub number: u32,
}

/// What one airline reports of one flight.
pub struct Submission {
    /// Who sends it.
    pub airline: Airline,
    /// To whom.
    pub states: Vec<Country>,
    /// What it says.
    pub report: Report,
    /// Who on it is truly listed.
    pub truths: Vec<Truth>,
}

/// The synthetic world of a seed.
pub struct World {
    seed: u64,
    network: Network,
    states: Vec<Country>,
    /// Of each state, in their order.
    lists: Vec<Vec<Listed>>,
}

impl World {
    /// The world of two states of that seed, with both watchlists.
    pub fn new(seed: u64) -> Self {
        Self::with(seed, Network::Table, STATES.to_vec(), LISTED)
    }

    /// A world of these states, each with `listed` persons on its watchlist, and with flights
    /// from each of them to each other.
    ///
    /// # Panics
    /// Fewer than two places, or one without an airport.
    pub fn of(seed: u64, places: &[Place], listed: u32) -> Self {
        assert!(places.len() >= 2, "flights go from one state to another");
        assert!(places.iter().all(|p| !p.airports.is_empty()), "a flight needs an airport");
        let states = places.iter().map(|p| p.state).collect();
        Self::with(seed, Network::Pairs(places.to_vec()), states, listed)
    }

    fn with(seed: u64, network: Network, states: Vec<Country>, listed: u32) -> Self {
        let lists = states.iter().map(|state| watchlist(seed, *state, listed)).collect();
        Self { seed, network, states, lists }
    }

    /// The watchlist of a state of this world; of another state, none.
    pub fn list(&self, state: Country) -> &[Listed] {
        let at = self.states.iter().position(|s| *s == state);
        at.map_or(&[], |at| &self.lists[at])
    }

    /// At whom the people on a flight are mostly at home.
    fn homes(&self, flight: &Flight) -> [Country; 2] {
        match &self.network {
            Network::Table => [STATES[1], STATES[0]],
            Network::Pairs(_) => {
                let (from, to) = flight.ends();
                let of = |code| Airport::find(code).map_or(STATES[0], |a| a.country);
                [of(to), of(from)]
            }
        }
    }

    /// Submission number `position`, for a flight that leaves soon after `now`.
    pub fn submission(&self, position: u64, now: Timestamp) -> Submission {
        let mut rng = Rng::new(self.seed, position);
        let (airline, flight) = schedule::flight(&self.network, &mut rng, position, now);
        let states = schedule::states_of(&flight, &self.states);
        let homes = self.homes(&flight);
        let today = now.to_zoned(TimeZone::UTC).date();
        let pnr = rng.below(6) == 0;
        let mut cabin = Cabin {
            rng,
            today,
            flight: &flight,
            homes,
            travellers: Vec::new(),
            parties: Vec::new(),
        };
        let size = cabin.rng.between(60, 260) as usize;
        while cabin.travellers.len() < size {
            cabin.board_party();
        }
        let truths = self.plant(&mut cabin, &states);
        let Cabin { travellers, parties, mut rng, .. } = cabin;
        let mut report = Report {
            dataset: if pnr { Dataset::Pnr } else { Dataset::Api },
            function: Function::Full,
            reference: format!("R{position}"),
            stated_total: (!pnr).then_some(travellers.len() as u32),
            travellers,
            ..Report::default()
        };
        if pnr {
            book(&mut report, &parties, &flight, &mut rng, today);
        }
        report.flights = vec![flight];
        Submission { airline, states, report, truths }
    }

    /// Replaces some travellers with listed persons, or with namesakes of them.
    fn plant(&self, cabin: &mut Cabin<'_>, states: &[Country]) -> Vec<Truth> {
        let mut truths = Vec::new();
        let plants = if cabin.rng.percent(90) { cabin.rng.between(1, 3) } else { 0 };
        for _ in 0..plants {
            let state = *cabin.rng.pick(states);
            let listed = cabin.rng.pick(self.list(state)).clone();
            let truly = cabin.rng.percent(75);
            let traveller = cabin.disguise(&listed, truly);
            let at = cabin.rng.below(cabin.travellers.len() as u64) as usize;
            let seat = cabin.travellers[at].seat.take();
            cabin.travellers[at] = Traveller { seat, ..traveller };
            if truly {
                truths.push(Truth { flight: cabin.flight.key(), number: listed.number });
            }
        }
        truths
    }
}

struct Cabin<'a> {
    rng: Rng,
    today: Date,
    flight: &'a Flight,
    homes: [Country; 2],
    travellers: Vec<Traveller>,
    /// Where each party begins.
    parties: Vec<usize>,
}

impl Cabin<'_> {
    /// A party of one to five with one surname.
    fn board_party(&mut self) {
        self.parties.push(self.travellers.len());
        let rng = &mut self.rng;
        let all = nationalities();
        let home = match rng.below(10) {
            0..=3 => Some(self.homes[0]),
            4..=7 => Some(self.homes[1]),
            _ => None,
        };
        let chance = *rng.pick(&all);
        let (nationality, culture) =
            all.iter().copied().find(|n| Some(n.0) == home).unwrap_or(chance);
        let year = self.today.year();
        let size = *rng.pick(&[1, 1, 1, 2, 2, 3, 4, 5]);
        let mut surname = None;
        for member in 0..size {
            let child = member >= 2;
            let (first, last) = if child { (year - 17, year - 1) } else { (year - 78, year - 19) };
            let born = people::birth(rng, first, last.max(first + 1)).min(self.today - 30.days());
            let mut person = Person::of(rng, nationality, culture, born);
            person.surname = surname.get_or_insert(person.surname).clone();
            let seat = seat(self.travellers.len());
            let mut traveller = traveller_of(&person, rng, self.today);
            traveller.seat = Some(seat.into());
            if rng.percent(30) {
                let (from, to) = self.flight.ends();
                traveller.journey_from = Some(from.into());
                traveller.journey_to = Some(to.into());
            }
            self.travellers.push(traveller);
        }
    }

    /// A listed person as an airline would write them; or, not truly, a namesake.
    fn disguise(&mut self, listed: &Listed, truly: bool) -> Traveller {
        let rng = &mut self.rng;
        let mut person = listed.person.clone();
        if !truly {
            person.birth_date = people::birth(rng, 1948, 2003);
            person.passport.number = people::passport_number(rng);
        } else if !rng.percent(55) {
            person.passport.number = people::passport_number(rng);
        }
        match rng.below(8) {
            0 => person.surname = typo(rng, &person.surname),
            1 => person.given[0] = typo(rng, &person.given[0]),
            2 => {
                let first = person.given.remove(0);
                person.given.insert(0, std::mem::replace(&mut person.surname, first));
            }
            3 => {
                let title = if person.sex == Sex::Female { "MRS" } else { "MR" };
                if let Some(last) = person.given.last_mut() {
                    last.push_str(title);
                }
            }
            4 => person.given.truncate(1),
            5 => person.surname = respelled(&person.surname),
            _ => {}
        }
        traveller_of(&person, rng, self.today)
    }
}

fn seat(index: usize) -> String {
    let letter = [b'A', b'B', b'C', b'D', b'E', b'F'][index % 6] as char;
    format!("{}{letter}", index / 6 + 1)
}

/// One letter wrong, missing, or two exchanged.
fn typo(rng: &mut Rng, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 5 {
        return name.to_owned();
    }
    let at = rng.between(1, letters.len() as u64 - 2) as usize;
    match rng.below(3) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

fn traveller_of(person: &Person, rng: &mut Rng, today: Date) -> Traveller {
    let expires = today.checked_add((rng.between(200, 3_400) as i64).days()).unwrap_or(today);
    Traveller {
        kind: Kind::Passenger,
        surname: person.surname.clone().into(),
        given: person.given.join(" ").into(),
        birth_date: Some(PartialDate::from(person.birth_date)),
        sex: person.sex,
        nationality: Some(person.nationality),
        documents: [TravelDocument {
            kind: DocumentKind::Passport,
            number: person.passport.number.clone().into(),
            issuer: Some(person.passport.issuer),
            expires: Some(PartialDate::from(expires)),
            issued: None,
        }]
        .into(),
        ..Traveller::default()
    }
}

/// Gives every party a booking.
fn book(report: &mut Report, parties: &[usize], flight: &Flight, rng: &mut Rng, today: Date) {
    for (i, &start) in parties.iter().enumerate() {
        let end = parties.get(i + 1).copied().unwrap_or(report.travellers.len());
        for t in &mut report.travellers[start..end] {
            t.booking = Some(i as u32);
        }
        let made = today.checked_sub((rng.between(2, 120) as i64).days()).unwrap_or(today);
        report.bookings.push(Booking {
            locator: locator(rng).into(),
            carrier: flight.carrier.clone(),
            made: Some(PartialDate::from(made)),
            itinerary: [flight.clone()].into(),
            travellers: (end - start) as u32,
            ..Booking::default()
        });
    }
}

fn locator(rng: &mut Rng) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    (0..6).map(|_| *rng.pick(LETTERS) as char).collect()
}
