//! `passerelle agreement new`: a draft with a comment on each line.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use policy::Agreement;
use travel::Country;

use crate::{clock, init};

/// Writes a draft between two states. It is an agreement as it stands, and a narrow one:
/// upheld hits alone, one way and the other.
pub(super) fn write(one: &str, other: &str, file: &Path) -> Result<()> {
    let text = draft(init::country(one)?, init::country(other)?, clock::utc().year())?;
    ensure!(!file.exists(), "{} is there already; it is not written over", file.display());
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    let file = file.display();
    println!("{file} is a draft: read it through, and change what you have agreed otherwise.");
    println!("`passerelle agreement show {file}` says it in plain words,");
    println!("`passerelle agreement check NODE {file}` what would leave under it.");
    Ok(())
}

fn draft(one: Country, other: Country, year: i16) -> Result<String> {
    let name = |c: Country| c.name().unwrap_or_default();
    let mut text = format!(
        "# Both states sign the canonical form of this text; its digest is its id. What it does\n\
         # not name does not leave. A change is a new version, signed anew by both.\n\
         title = \"{} - {}: lists of air passengers\"\n\
         parties = [\"{one}\", \"{other}\"]\n\
         # The treaty or law on which it rests, as lawyers cite it.\n\
         legal_basis = \"(to be named)\"\n\
         # Counted from 1.\n\
         version = 1\n\
         # First and last day in force (UTC).\n\
         from = \"{year}-01-01\"\n\
         until = \"{}-12-31\"\n",
        name(one),
        name(other),
        year + 4
    );
    for (from, to) in [(one, other), (other, one)] {
        text += &direction(from, to);
    }
    Agreement::from_toml(&text).context("the draft is no agreement")?;
    Ok(text)
}

fn direction(from: Country, to: Country) -> String {
    format!(
        "\n# What {from} sends to {to}.\n\
         [[direction]]\n\
         from = \"{from}\"\n\
         to = \"{to}\"\n\
         # terrorism, serious_crime, vital_interest, border_control\n\
         purposes = [\"terrorism\", \"serious_crime\"]\n\
         # For how many days {to} may keep it, and after how many it must mask it.\n\
         retention_days = 180\n\
         mask_after_days = 30\n\
         # never, or with_consent of {from}, case by case\n\
         onward = \"never\"\n\
         \n\
         # The first term that matches decides. mode: list (the whole list), hit (a traveller\n\
         # about whom officers have upheld a hit).\n\
         [[direction.term]]\n\
         name = \"upheld hits on flights between the two\"\n\
         mode = \"hit\"\n\
         # api, crew, pnr\n\
         datasets = [\"api\"]\n\
         # passenger, cargo, overflight\n\
         flight_kinds = [\"passenger\"]\n\
         elements = [\"flight\", \"names\", \"birth_date\", \"nationality\", \"documents\"]\n\
         # \"any\", {{ airports = [...] }} or {{ countries = [...] }}\n\
         routes = [\n\
         \x20 {{ from = {{ countries = [\"{from}\"] }}, to = {{ countries = [\"{to}\"] }} }},\n\
         \x20 {{ from = {{ countries = [\"{to}\"] }}, to = {{ countries = [\"{from}\"] }} }},\n\
         ]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_an_agreement_that_sends_upheld_hits_and_nothing_else() {
        let text = draft(Country::new("GBR"), Country::new("TUR"), 2026).expect("a draft");
        let agreement = Agreement::from_toml(&text).expect("an agreement");
        assert_eq!(agreement.directions.len(), 2);
        let modes = agreement.directions.iter().flat_map(|d| &d.terms).map(|t| t.mode);
        assert!(modes.into_iter().all(|mode| mode == policy::Mode::Hit));
    }
}
