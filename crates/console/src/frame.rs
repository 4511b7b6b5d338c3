//! What stands around every page: notice, who is signed in, navigation, breadcrumb.

use api::{Caller, Operation};
use travel::Country;

use crate::words;

/// A section of the console.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Today,
    Flights,
    Hits,
    Received,
    Requests,
    Partners,
    Agreements,
    Statistics,
    Watchlists,
    Carriers,
    Criteria,
    Log,
    Node,
}

/// The sections: address, label, key, and what one must be allowed to see there.
const SECTIONS: &[(Section, &str, &str, &str, Operation)] = &[
    (Section::Today, "/", "Today", "t", Operation::Summary),
    (Section::Flights, "/flights", "Flights", "f", Operation::Flights),
    (Section::Hits, "/hits", "Hits", "h", Operation::Hits),
    (Section::Received, "/received", "From partners", "r", Operation::ReceivedHits),
    (Section::Requests, "/requests", "Requests", "q", Operation::Requests),
    (Section::Partners, "/partners", "Partners", "p", Operation::Partners),
    (Section::Agreements, "/agreements", "Agreements", "a", Operation::Agreements),
    (Section::Statistics, "/statistics", "Statistics", "c", Operation::Statistics),
    (Section::Watchlists, "/watchlists", "Watchlists", "w", Operation::Watchlists),
    (Section::Criteria, "/criteria", "Criteria", "i", Operation::Criteria),
    (Section::Carriers, "/carriers", "Carriers", "k", Operation::Findings),
    (Section::Log, "/log", "Log", "l", Operation::Log),
    (Section::Node, "/node", "Node", "n", Operation::Node),
];

/// A link of the navigation.
pub struct Link {
    pub href: &'static str,
    pub label: &'static str,
    pub key: &'static str,
    pub current: bool,
}

/// A step of the breadcrumb; without an address it is the page itself.
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

/// Who is signed in.
pub struct Signed {
    pub officer: String,
    pub roles: String,
    pub csrf: String,
}

/// What a template needs besides its own view.
pub struct Frame {
    pub title: String,
    pub notice: Option<String>,
    pub state: String,
    pub state_name: String,
    pub signed: Option<Signed>,
    pub links: Vec<Link>,
    pub crumbs: Vec<Crumb>,
}

impl Frame {
    /// The frame of a page that needs nobody to be signed in.
    pub fn open(title: &str, state: Country, notice: Option<String>) -> Self {
        Self {
            title: title.to_owned(),
            notice,
            state: state.code().to_owned(),
            state_name: words::country(state.code()),
            signed: None,
            links: Vec::new(),
            crumbs: Vec::new(),
        }
    }

    /// The same for somebody who is signed in.
    #[must_use]
    pub fn of(mut self, caller: &Caller, here: Option<Section>) -> Self {
        let roles: Vec<&str> = caller.roles().iter().map(|r| r.words()).collect();
        self.signed = Some(Signed {
            officer: caller.officer().to_owned(),
            roles: roles.join(", "),
            csrf: caller.csrf().to_owned(),
        });
        let allowed = SECTIONS.iter().filter(|(.., operation)| caller.may(*operation));
        self.links = allowed
            .map(|&(section, href, label, key, _)| {
                let current = here == Some(section);
                Link { href, label, key, current }
            })
            .collect();
        self
    }

    /// Adds a breadcrumb that ends with this page's title.
    #[must_use]
    pub fn under(mut self, steps: &[(&str, &str)]) -> Self {
        let step = |(label, href): &(&str, &str)| Crumb {
            label: (*label).into(),
            href: Some((*href).into()),
        };
        self.crumbs = steps.iter().map(step).collect();
        self.crumbs.push(Crumb { label: self.title.clone(), href: None });
        self
    }

    /// The token for forms; empty when nobody is signed in.
    pub fn csrf(&self) -> &str {
        self.signed.as_ref().map_or("", |s| &s.csrf)
    }
}
