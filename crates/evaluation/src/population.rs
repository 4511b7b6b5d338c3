//! Innocent travellers, made up: names of thirty cultures, put together by chance.
//!
//! `population.csv` (its sources are in the crate's NOTICE) has given names and surnames
//! with their weights; nobody is meant. Every culture gives as many travellers as any
//! other, so that the figures of each are equally sure.

use std::sync::LazyLock;

use testkit::Rng;
use travel::{Country, PartialDate, Sex, Traveller};

struct Culture {
    name: &'static str,
    nationalities: Vec<Country>,
    men: Names,
    women: Names,
    surnames: Names,
}

/// Names with the sums of their weights up to and with each.
#[derive(Default)]
struct Names(Vec<(u64, &'static str)>);

impl Names {
    fn push(&mut self, weight: u64, name: &'static str) {
        let before = self.0.last().map_or(0, |n| n.0);
        self.0.push((before + weight, name));
    }

    fn draw(&self, rng: &mut Rng) -> &'static str {
        let Some(total) = self.0.last().map(|n| n.0) else { return "" };
        let at = rng.below(total);
        self.0[self.0.partition_point(|n| n.0 <= at)].1
    }
}

static CULTURES: LazyLock<Vec<Culture>> = LazyLock::new(|| {
    let mut all: Vec<Culture> = Vec::new();
    for row in include_str!("population.csv").lines() {
        let mut fields = row.splitn(5, ',');
        let mut next = || fields.next().unwrap_or_default();
        let (culture, country, role) = (next(), next(), next());
        let (weight, name) = (next().parse().unwrap_or(1), next());
        if all.last().is_none_or(|c| c.name != culture) {
            all.push(Culture {
                name: culture,
                nationalities: Vec::new(),
                men: Names::default(),
                women: Names::default(),
                surnames: Names::default(),
            });
        }
        let Some(current) = all.last_mut() else { continue };
        if let Some(country) = Country::parse(country)
            && !current.nationalities.contains(&country)
        {
            current.nationalities.push(country);
        }
        match role {
            "M" => current.men.push(weight, name),
            "F" => current.women.push(weight, name),
            "S" => current.surnames.push(weight, name),
            // Given names of which the table does not say whose.
            _ => {
                current.men.push(weight, name);
                current.women.push(weight, name);
            }
        }
    }
    all
});

/// An innocent traveller.
pub struct Innocent {
    /// Number of the name culture in [`cultures`].
    pub culture: usize,
    /// Who travels.
    pub traveller: Traveller,
}

/// The name cultures.
pub fn cultures() -> Vec<&'static str> {
    CULTURES.iter().map(|c| c.name).collect()
}

/// Innocent traveller number `number` of a world.
///
/// ```
/// let one = evaluation::innocent(1, 7);
/// assert_eq!(one.traveller, evaluation::innocent(1, 7).traveller);
/// assert!(one.traveller.birth_date.is_some());
/// ```
pub fn innocent(seed: u64, number: u64) -> Innocent {
    let mut rng = Rng::new(seed ^ 0x1AA0_CE17, number);
    let index = (number % CULTURES.len() as u64) as usize;
    let culture = &CULTURES[index];
    let male = rng.percent(55);
    let table = if male { &culture.men } else { &culture.women };
    let mut given = table.draw(&mut rng).to_owned();
    if rng.percent(40) {
        given = format!("{given} {}", table.draw(&mut rng));
    }
    let mut surname = culture.surnames.draw(&mut rng).to_owned();
    // Both parents' surnames, as in Spain and Portugal.
    if matches!(culture.name, "Spanish" | "Portuguese") && rng.percent(60) {
        surname = format!("{surname} {}", culture.surnames.draw(&mut rng));
    }
    let birth_date = PartialDate {
        year: rng.between(1940, 2008) as i16,
        month: Some(rng.between(1, 12) as u8),
        day: Some(rng.between(1, 28) as u8),
    };
    let traveller = Traveller {
        surname: surname.into(),
        given: given.into(),
        birth_date: Some(birth_date),
        sex: if male { Sex::Male } else { Sex::Female },
        nationality: Some(*rng.pick(&culture.nationalities)),
        ..Traveller::default()
    };
    Innocent { culture: index, traveller }
}
