//! The draft of an agreement: TOML with a comment on each line, which is what both states
//! then change, read, and sign.

use jiff::{Timestamp, tz::TimeZone};
use policy::Agreement;
use serde::Deserialize;
use travel::{Country, is_state};

use crate::Error;

/// What a draft is to say, in the names of the TOML form; that reads and checks it.
#[derive(Clone, Debug, Deserialize)]
pub struct Terms {
    /// The two states, by their codes.
    pub parties: [String; 2],
    /// What it is called.
    pub title: String,
    /// The treaty or law on which it rests.
    pub legal_basis: String,
    /// Counted from 1.
    pub version: u32,
    /// First day in force.
    pub from: String,
    /// Last day in force.
    pub until: String,
    /// What the first sends the second, and the second the first.
    pub ways: [Way; 2],
}

/// What goes one way.
#[derive(Clone, Debug, Deserialize)]
pub struct Way {
    /// `list`, `hit`; empty where nothing goes.
    pub mode: String,
    /// `api`, `crew`, `pnr`.
    pub datasets: Vec<String>,
    /// `passenger`, `cargo`, `overflight`.
    pub flight_kinds: Vec<String>,
    /// Elements, by their names.
    pub elements: Vec<String>,
    /// Purposes, by their names.
    pub purposes: Vec<String>,
    /// For how many days the receiver may keep it.
    pub retention_days: String,
    /// After how many it must mask it; empty for never.
    pub mask_after_days: String,
    /// `never`, `with_consent`.
    pub onward: String,
    /// How many minutes before departure it is due at the latest; empty for no set time.
    pub latest_before_departure_minutes: String,
}

impl Way {
    /// A narrow one: upheld hits alone, kept for half a year.
    pub fn narrow() -> Self {
        let all = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Self {
            mode: "hit".into(),
            datasets: all(&["api"]),
            flight_kinds: all(&["passenger"]),
            elements: all(&["flight", "names", "birth_date", "nationality", "documents"]),
            purposes: all(&["terrorism", "serious_crime"]),
            retention_days: "180".into(),
            mask_after_days: "30".into(),
            onward: "never".into(),
            latest_before_departure_minutes: String::new(),
        }
    }
}

impl Terms {
    /// A narrow agreement of two states: upheld hits alone, one way and the other.
    ///
    /// # Errors
    /// A code that is none of a state.
    pub fn narrow(one: &str, other: &str, at: Timestamp) -> Result<Self, Error> {
        let (one, other) = (state(one)?, state(other)?);
        let name = |c: Country| c.name().unwrap_or_default();
        let year = at.to_zoned(TimeZone::UTC).year();
        Ok(Self {
            title: format!("{} - {}: lists of air passengers", name(one), name(other)),
            parties: [one.to_string(), other.to_string()],
            legal_basis: "(to be named)".into(),
            version: 1,
            from: format!("{year}-01-01"),
            until: format!("{}-12-31", year + 4),
            ways: [Way::narrow(), Way::narrow()],
        })
    }

    /// The draft as TOML; it is an agreement as it stands.
    ///
    /// # Errors
    /// What makes no sense in it.
    pub fn to_toml(&self) -> Result<String, Error> {
        let [one, other] = [state(&self.parties[0])?, state(&self.parties[1])?];
        let mut text = format!(
            "# Both states sign the canonical form of this text; its digest is its id. What it does\n\
             # not name does not leave. A change is a new version, signed anew by both.\n\
             title = {}\n\
             parties = [\"{one}\", \"{other}\"]\n\
             # The treaty or law on which it rests, as lawyers cite it.\n\
             legal_basis = {}\n\
             # Counted from 1.\n\
             version = {}\n\
             # First and last day in force (UTC).\n\
             from = {}\n\
             until = {}\n",
            quoted(&self.title),
            quoted(&self.legal_basis),
            self.version,
            quoted(&self.from),
            quoted(&self.until),
        );
        for (way, (from, to)) in self.ways.iter().zip([(one, other), (other, one)]) {
            if !way.mode.is_empty() {
                text += &way.to_toml(from, to)?;
            }
        }
        Agreement::from_toml(&text)
            .map_err(|e| Error::Invalid { field: "agreement", text: e.to_string() })?;
        Ok(text)
    }
}

impl Way {
    fn to_toml(&self, from: Country, to: Country) -> Result<String, Error> {
        let kept = days("retention_days", &self.retention_days)?.unwrap_or(0);
        let mut text = format!(
            "\n# What {from} sends to {to}.\n\
             [[direction]]\n\
             from = \"{from}\"\n\
             to = \"{to}\"\n\
             # terrorism, serious_crime, vital_interest, border_control\n\
             purposes = {}\n\
             # For how many days {to} may keep it, and after how many it must mask it.\n\
             retention_days = {kept}\n",
            several(&self.purposes),
        );
        if let Some(n) = days("mask_after_days", &self.mask_after_days)? {
            text += &format!("mask_after_days = {n}\n");
        }
        text += &format!(
            "# never, or with_consent of {from}, case by case\nonward = {}\n",
            quoted(&self.onward)
        );
        let due = &self.latest_before_departure_minutes;
        if let Some(n) = days("latest_before_departure_minutes", due)? {
            text += &format!(
                "# {from} has to have sent it so many minutes before departure.\n\
                 latest_before_departure_minutes = {n}\n"
            );
        }
        let name = match self.mode.as_str() {
            "list" => "lists of flights between the two",
            _ => "upheld hits on flights between the two",
        };
        text += &format!(
            "\n# The first term that matches decides. mode: list (the whole list), hit (a traveller\n\
             # about whom officers have upheld a hit).\n\
             [[direction.term]]\n\
             name = \"{name}\"\n\
             mode = {}\n\
             # api, crew, pnr\n\
             datasets = {}\n\
             # passenger, cargo, overflight\n\
             flight_kinds = {}\n\
             elements = {}\n\
             # \"any\", {{ airports = [...] }} or {{ countries = [...] }}\n\
             routes = [\n\
             \x20 {{ from = {{ countries = [\"{from}\"] }}, to = {{ countries = [\"{to}\"] }} }},\n\
             \x20 {{ from = {{ countries = [\"{to}\"] }}, to = {{ countries = [\"{from}\"] }} }},\n\
             ]\n",
            quoted(&self.mode),
            several(&self.datasets),
            several(&self.flight_kinds),
            several(&self.elements),
        );
        Ok(text)
    }
}

fn state(code: &str) -> Result<Country, Error> {
    Country::parse(code).filter(|c| is_state(*c)).ok_or_else(|| Error::Invalid {
        field: "partner",
        text: format!("{code:?} is not the code of a state: three letters, as in passports."),
    })
}

fn days(field: &'static str, text: &str) -> Result<Option<u32>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| Error::Invalid {
        field,
        text: format!("{}: {text:?} is not a whole number.", field.replace('_', " ")),
    };
    text.parse().map(Some).map_err(wrong)
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.trim().to_owned()).to_string()
}

fn several(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| quoted(n)).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use policy::Mode;

    use super::*;

    fn at() -> Timestamp {
        "2026-11-23T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_draft_is_an_agreement_that_sends_upheld_hits_and_nothing_else() {
        let text = Terms::narrow("GBR", "TUR", at()).unwrap().to_toml().unwrap();
        let agreement = Agreement::from_toml(&text).unwrap();
        assert_eq!(agreement.directions.len(), 2);
        let mut modes = agreement.directions.iter().flat_map(|d| &d.terms).map(|t| t.mode);
        assert!(modes.all(|mode| mode == Mode::Hit));
    }

    #[test]
    fn what_is_no_state_cannot_be_a_party_and_a_code_that_iso_leaves_to_users_can() {
        for (code, taken) in [("XXX", false), ("UNO", false), ("ZZZ", false), ("XKX", true)] {
            let refused = Terms::narrow("GBR", code, at());
            assert_eq!(refused.is_ok(), taken, "{code}");
        }
    }

    #[test]
    fn what_somebody_enters_stays_text_and_what_makes_no_sense_is_said() {
        let mut terms = Terms::narrow("GBR", "TUR", at()).unwrap();
        terms.title = "A \"title\"\n[[direction]]".into();
        terms.ways[1].mode = String::new();
        let agreement = Agreement::from_toml(&terms.to_toml().unwrap()).unwrap();
        assert_eq!(agreement.title, terms.title);
        assert_eq!(agreement.directions.len(), 1);
        terms.ways[0].retention_days = "half a year".into();
        let said = terms.to_toml().unwrap_err().to_string();
        assert!(said.contains("retention days") && said.contains("half a year"), "{said}");
        terms.ways[0].retention_days = "0".into();
        assert!(terms.to_toml().unwrap_err().to_string().contains("1 to 3660"));
    }
}
