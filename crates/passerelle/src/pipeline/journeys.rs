//! Legs of the same person on other lists, for criteria that look at journeys.
//!
//! They are found as a search finds them, in what the law still lets be read: what is masked
//! is not found. Only carriers' own lists are looked at; what a partner sent was sent for the
//! purposes of its agreement. A person is known again by a document, or by the name with a
//! birth date to the day; a name alone is somebody else's as well.

use std::collections::HashMap;

use anyhow::Result;
use screening::{KnownLeg, Sought};
use store::{CARRIERS, Store, StoreError, rows::List};
use travel::{PassengerList, Traveller};

/// On how many other lists the legs of one person are looked for, the newest first.
const LISTS: usize = 50;

/// The legs of these travellers of a list, in their order, on other lists.
pub(super) fn elsewhere(
    store: &Store,
    (row, list): (&List, &PassengerList),
    asked: &[usize],
) -> Result<Vec<Vec<KnownLeg>>> {
    let (mut of, mut sought) = (Vec::new(), Vec::new());
    for (place, number) in asked.iter().enumerate() {
        for one in known_by(&list.travellers()[*number]) {
            of.push(place);
            sought.push(one);
        }
    }
    let mut legs = vec![Vec::new(); asked.len()];
    let mut opened: HashMap<String, Option<PassengerList>> = HashMap::new();
    for (place, found) in of.into_iter().zip(store.search_each(&sought)?) {
        let others = found.travellers.into_iter().rev().filter(|(id, _)| *id != row.id);
        for (id, number) in others.take(LISTS) {
            if !opened.contains_key(&id) {
                opened.insert(id.clone(), open(store, &id)?);
            }
            if let Some(Some(other)) = opened.get(&id) {
                legs[place].extend(legs_on(other, number as usize));
            }
        }
    }
    Ok(legs)
}

/// By what somebody is looked for on other lists: nothing when a namesake would do.
fn known_by(traveller: &Traveller) -> Vec<Sought> {
    if !screening::names_one_person(traveller) {
        return Vec::new();
    }
    let documents = traveller.documents.iter().map(|d| Sought::Document(d.plain_number()));
    let born = traveller.birth_date.filter(|d| d.whole().is_some());
    let name = born.map(|born| Sought::Name {
        name: format!("{} {}", traveller.surname, traveller.given),
        born,
    });
    documents.chain(name).collect()
}

fn open(store: &Store, id: &str) -> Result<Option<PassengerList>> {
    let Some(row) = store.list(id)?.filter(|row| row.origin == CARRIERS) else { return Ok(None) };
    match store.open_list(&row) {
        Ok(list) => Ok(Some(list)),
        // Masked or erased since it was found.
        Err(StoreError::Sealed { .. }) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// The legs that a list tells of one of its travellers: its flight's, and the itinerary's.
fn legs_on(list: &PassengerList, number: usize) -> Vec<KnownLeg> {
    let Some(traveller) = list.travellers().get(number) else { return Vec::new() };
    let booking = traveller.booking.and_then(|b| list.bookings().get(b as usize));
    let locator = booking.map(|b| b.locator.clone()).unwrap_or_default();
    let booked = booking.into_iter().flat_map(|b| &b.itinerary);
    std::iter::once(list.flight()).chain(booked).flat_map(|f| KnownLeg::of(f, &locator)).collect()
}
