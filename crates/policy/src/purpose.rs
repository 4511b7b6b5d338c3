//! Purposes: why somebody may look at a record, or be sent one.

use std::fmt;

use minicbor::{Decode, Encode};

/// For what a record is used (law-and-operations §1.0).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Purpose {
    /// Terrorist offences and the travel they need (EU-01, UN-01).
    #[n(0)]
    Terrorism,
    /// Serious crime, in the EU that of Annex II (EU-01, CJ-02).
    #[n(1)]
    SeriousCrime,
    /// To protect somebody's life or health (UK-01).
    #[n(2)]
    VitalInterest,
    /// Border control and illegal immigration.
    #[n(3)]
    BorderControl,
    /// Making and mending criteria (EU-05 c).
    #[n(4)]
    CriteriaDevelopment,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 5] = [
        Purpose::Terrorism,
        Purpose::SeriousCrime,
        Purpose::VitalInterest,
        Purpose::BorderControl,
        Purpose::CriteriaDevelopment,
    ];

    /// The name in agreements, events and requests: `serious_crime`.
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Terrorism => "terrorism",
            Purpose::SeriousCrime => "serious_crime",
            Purpose::VitalInterest => "vital_interest",
            Purpose::BorderControl => "border_control",
            Purpose::CriteriaDevelopment => "criteria_development",
        }
    }

    /// The same for people.
    pub const fn words(self) -> &'static str {
        match self {
            Purpose::Terrorism => "terrorist offences and travel for them",
            Purpose::SeriousCrime => "serious crime",
            Purpose::VitalInterest => "protecting somebody's life or health",
            Purpose::BorderControl => "border control",
            Purpose::CriteriaDevelopment => "making and reviewing criteria",
        }
    }

    /// The purpose of that name.
    pub fn named(name: &str) -> Option<Purpose> {
        Purpose::ALL.into_iter().find(|p| p.name() == name)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
