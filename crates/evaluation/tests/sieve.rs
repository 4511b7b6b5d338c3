//! The sieve on travellers as they come: nobody is lost whom the screening would note by name
//! or document, and few are let through.
#![allow(clippy::unwrap_used)]

use evaluation::unseen::{Unseen, damaged};
use screening::{Beside, Index, Screener, Sieve, Watchlist};
use testkit::Rng;
use travel::{Country, PartialDate, Traveller};

const SEED: u64 = 11;
const LISTED: u32 = 500;
const INNOCENT: u64 = 12_000;

fn listed() -> Watchlist {
    let csv = testkit::to_csv(&testkit::watchlist(SEED, Country::new("TUR"), LISTED));
    screening::read_list("bench", "1", csv.as_bytes()).unwrap().0
}

/// The listed themselves, each written in every way that `unseen` knows, and with another
/// birth date.
fn resembling(list: &Watchlist) -> Vec<Traveller> {
    let mut rng = Rng::new(SEED, 1);
    let mut all = Vec::new();
    for entry in &list.entries {
        for kind in Unseen::ALL {
            all.extend(damaged(entry, kind, &mut rng));
        }
        let Some(same) = damaged(entry, Unseen::HijriDays, &mut rng).or(all.last().cloned()) else {
            continue;
        };
        let birth_date = PartialDate::from(testkit::birth(&mut rng, 1940, 2008));
        all.push(Traveller { birth_date: Some(birth_date), ..same });
    }
    all
}

fn kept(sieve: &mut Sieve<'_>, t: &Traveller) -> bool {
    let beside = Beside { birth_date: t.birth_date, sex: t.sex, nationality: t.nationality };
    let documents = || t.documents.iter().map(travel::TravelDocument::plain_number);
    sieve.keeps((&t.surname, &t.given), &beside) || documents().any(|n| sieve.listed_document(&n))
}

#[test]
fn the_sieve_loses_nobody_and_lets_few_through() {
    let list = listed();
    let resembling = resembling(&list);
    let index = Index::build(vec![list]);
    let (mut screener, mut sieve) = (Screener::new(&index), Sieve::new(&index));
    let mut noted = 0;
    for traveller in &resembling {
        if !screener.screen(traveller).is_empty() {
            noted += 1;
            assert!(kept(&mut sieve, traveller), "{} {}", traveller.given, traveller.surname);
        }
    }
    assert!(noted > 500 && resembling.len() > 1_000, "{noted} of {}", resembling.len());
    let mut through = 0;
    for number in 0..INNOCENT {
        let traveller = evaluation::innocent(SEED, number).traveller;
        let kept = kept(&mut sieve, &traveller);
        through += u64::from(kept);
        assert!(kept || screener.screen(&traveller).is_empty(), "{number} was lost");
    }
    assert!(through * 100 < INNOCENT, "{through} of {INNOCENT} innocent travellers go through");
}
