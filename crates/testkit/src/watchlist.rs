//! Watchlists of made-up persons, in our CSV.

use jiff::civil::Date;
use travel::{Country, Sex};

use crate::{Person, Rng, people::capitalised};

/// How many persons stand on the lists of all states.
const SHARED: u32 = 5_000;

/// An entry of a made-up watchlist.
#[derive(Clone)]
pub struct Listed {
    /// `GBR-00042`: the state and the person's number in the world.
    pub id: String,
    /// The person's number; the same on every state's list.
    pub number: u32,
    /// Who it is meant to be.
    pub person: Person,
    /// Other names.
    pub aliases: Vec<String>,
    /// Whether the list knows only the year of birth.
    pub year_only: bool,
    /// Whether the list knows the passport.
    pub knows_passport: bool,
}

/// The list of a state: a third of its persons stand on the other state's list, too.
pub fn watchlist(seed: u64, state: Country, size: u32) -> Vec<Listed> {
    let shared = SHARED.min(size / 3);
    // Each state's own persons have numbers of their own, by the letters of its code.
    let base = state.code().bytes().fold(0u32, |n, b| n * 26 + u32::from(b - b'A')) + 1;
    (0..size)
        .map(|i| {
            let number = if i < shared { i } else { base * 100_000 + i };
            listed(seed, state, number)
        })
        .collect()
}

fn listed(seed: u64, state: Country, number: u32) -> Listed {
    let person = Person::numbered(seed, number);
    let mut rng = Rng::new(seed ^ 0xA11A5, u64::from(number));
    let mut aliases: Vec<String> = person.native.iter().cloned().collect();
    if person.given.len() > 1 && rng.percent(40) {
        aliases.push(capitalised(&format!("{} {}", person.given[0], person.surname)));
    }
    if rng.percent(25) {
        aliases.push(capitalised(&format!(
            "{} {}",
            respelled(&person.given[0]),
            respelled(&person.surname)
        )));
    }
    aliases.retain(|a| *a != person.full_name());
    aliases.dedup();
    let year_only = rng.percent(8);
    let knows_passport = rng.percent(65);
    Listed {
        id: format!("{state}-{number:05}"),
        number,
        person,
        aliases,
        year_only,
        knows_passport,
    }
}

/// Another usual writing of a name.
pub fn respelled(name: &str) -> String {
    for (from, to) in [
        ("MOHAMED", "MUHAMMAD"),
        ("YOUSSEF", "YUSUF"),
        ("OU", "U"),
        ("KH", "H"),
        ("SERGEI", "SERGEY"),
        ("EI", "EY"),
        ("PH", "F"),
        ("QU", "KU"),
        ("CH", "TCH"),
        ("SS", "S"),
        ("LL", "L"),
        ("Y", "I"),
        ("EE", "I"),
    ] {
        if name.contains(from) {
            return name.replacen(from, to, 1);
        }
    }
    name.to_owned()
}

/// The list as a file that `passerelle watchlist load` reads.
pub fn to_csv(list: &[Listed]) -> String {
    let mut text = String::from("id,name,alias,birth_date,sex,nationality,documents,reason\n");
    for entry in list {
        let p = &entry.person;
        let birth =
            if entry.year_only { p.birth_date.year().to_string() } else { iso(p.birth_date) };
        let sex = if p.sex == Sex::Female { "F" } else { "M" };
        let passport = if entry.knows_passport {
            format!("PASSPORT:{}:{}", p.passport.issuer, p.passport.number)
        } else {
            String::new()
        };
        text += &format!(
            "{},{},{},{birth},{sex},{},{passport},synthetic: made up by the demo\n",
            entry.id,
            p.full_name(),
            entry.aliases.join("|"),
            p.nationality,
        );
    }
    text
}

fn iso(date: Date) -> String {
    date.to_string()
}
