//! Agreements: what they say, how two versions differ, what they would do with stored
//! lists, and what is done about them.

mod acts;
pub mod draft;
pub mod rehearsal;

use jiff::Timestamp;
use policy::{Agreement, AgreementId, Section, SignedAgreement};
use serde::Serialize;
use store::{StoreError, rows::AgreementRow};

pub use acts::Acting;
use acts::read;
use draft::Terms;
use rehearsal::Rehearsed;

use crate::{Api, Caller, Error, Operation, partners::name_of};

/// The console looks at no more lists than these, so that the page comes.
const LISTS_OF_A_PAGE: u32 = 2_000;
/// The longest time that a page looks back.
const MOST_DAYS: u32 = 60;

/// An agreement in the table.
#[derive(Clone, Debug, Serialize)]
pub struct AgreementLine {
    /// Its digest, hexadecimal.
    pub id: String,
    /// The partner's code.
    pub partner: String,
    /// The partner's name.
    pub partner_name: String,
    /// What it is called.
    pub title: String,
    /// Version.
    pub version: u32,
    /// `proposed`, `in_force`, `suspended`, `ended`.
    pub status: String,
    /// Who suspended it.
    pub suspended_by: Option<String>,
    /// First and last day.
    pub term: String,
    /// When the status changed last.
    pub changed_at: Timestamp,
}

/// A signature on an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureView {
    /// The party, by its code.
    pub party: String,
    /// Its name.
    pub name: String,
    /// Whether it has signed, and whether that holds under the keys that are known.
    pub stands: Stands,
}

/// How a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// There is none yet.
    Missing,
    /// Both algorithms verify.
    Holds,
    /// It is not over this document, or not by the keys that are known.
    Broken,
    /// The party's keys are not known here.
    UnknownKeys,
}

/// Something that was done about an agreement.
#[derive(Clone, Debug, Serialize)]
pub struct ActLine {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub officer: String,
    /// `proposed`, `signed`, `accepted`, `suspended`, `resumed`, `ended`.
    pub act: String,
    /// Why, where a reason was given and is still kept.
    pub reason: Option<String>,
}

/// What can be done with it now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Next {
    /// This state has not signed.
    pub sign: bool,
    /// Both have, and it is not taken up.
    pub accept: bool,
    /// It is in force.
    pub suspend: bool,
    /// This state has suspended it.
    pub resume: bool,
}

/// An agreement as a page.
#[derive(Clone, Serialize)]
pub struct AgreementPage {
    /// What the table says of it.
    pub line: AgreementLine,
    /// In plain words: headings with paragraphs.
    pub sections: Vec<(String, Vec<String>)>,
    /// The signatures of both parties, or that they are missing.
    pub signatures: Vec<SignatureView>,
    /// All versions with this partner, the newest first.
    pub versions: Vec<AgreementLine>,
    /// What was done about it, the first act first.
    pub acts: Vec<ActLine>,
    /// What can be done now.
    pub next: Next,
    /// The document as TOML.
    pub toml: String,
}

/// A draft, read: nothing of it is stored.
#[derive(Clone, Serialize)]
pub struct DraftPage {
    /// Its id, if it were signed as it is.
    pub id: String,
    /// The partner's code.
    pub partner: String,
    /// Its version.
    pub version: u32,
    /// In plain words.
    pub sections: Vec<(String, Vec<String>)>,
    /// Whether the other state is a partner of this node.
    pub known_partner: bool,
    /// The version that stands, and how this one differs.
    pub against: Option<Compared>,
}

/// How a version differs from another.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// The older one.
    pub old: AgreementLine,
    /// What may go, be used or be kept that could not before.
    pub widens: Vec<String>,
    /// What could and no longer may.
    pub narrows: Vec<String>,
    /// What is said otherwise and lets out neither more nor less.
    pub changes: Vec<String>,
}

pub(crate) fn unreadable(e: &dyn std::fmt::Display) -> Error {
    Error::Ours(format!("a stored agreement cannot be read: {e}"))
}

/// What a file holds: TOML, or a document with signatures.
///
/// # Errors
/// It is neither; the text says where and why.
pub fn read_file(bytes: &[u8]) -> Result<SignedAgreement, Error> {
    let wrong = |text: String| Error::Invalid { field: "agreement", text };
    if let Ok(signed) = SignedAgreement::from_cbor(bytes) {
        signed.agreement().map_err(|e| wrong(e.to_string()))?;
        return Ok(signed);
    }
    let neither = |_| wrong("It is neither TOML nor a signed agreement.".into());
    let text = std::str::from_utf8(bytes).map_err(neither)?;
    let agreement = Agreement::from_toml(text).map_err(|e| wrong(e.to_string()))?;
    Ok(SignedAgreement::unsigned(&agreement))
}

fn words(document: &Agreement) -> Vec<(String, Vec<String>)> {
    document.plain_words().into_iter().map(|s: Section| (s.heading, s.paragraphs)).collect()
}

fn line(row: &AgreementRow) -> Result<(AgreementLine, SignedAgreement, Agreement), Error> {
    let signed = read(row)?;
    let document = signed.agreement().map_err(|e| unreadable(&e))?;
    let line = AgreementLine {
        id: row.id.clone(),
        partner: row.partner.clone(),
        partner_name: name_of(&row.partner),
        title: document.title.clone(),
        version: row.version,
        status: row.status.clone(),
        suspended_by: row.suspended_by.as_deref().map(name_of),
        term: format!("{} to {}", document.from, document.until),
        changed_at: row.changed_at,
    };
    Ok((line, signed, document))
}

impl Api {
    fn acting<'a>(&'a self, caller: &'a Caller, at: Timestamp) -> Acting<'a> {
        Acting { store: &self.store, office: &*self.office, officer: caller.officer(), at }
    }

    /// Every agreement, the newest version first.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn agreements(&self, caller: &Caller) -> Result<Vec<AgreementLine>, Error> {
        caller.demand(Operation::Agreements)?;
        let rows = self.store.agreements()?;
        rows.iter().map(|r| Ok(line(r)?.0)).collect()
    }

    fn row(&self, id: &str) -> Result<AgreementRow, Error> {
        let missing = || Error::Missing { what: "agreement", id: id.to_owned() };
        let known = AgreementId::parse(id).ok_or_else(missing)?.to_string();
        self.store.agreement(&known)?.ok_or_else(missing)
    }

    /// An agreement in plain words, and as the parties signed it.
    ///
    /// # Errors
    /// No such agreement; rights; the store.
    pub fn agreement(&self, caller: &Caller, id: &str) -> Result<AgreementPage, Error> {
        caller.demand(Operation::Agreements)?;
        let row = self.row(id)?;
        let (line, signed, document) = line(&row)?;
        let signatures = self.signatures(&signed, &document)?;
        let us = self.state();
        let ours = us.code();
        let signed_by =
            |party: &str| signatures.iter().any(|s| s.party == party && s.stands == Stands::Holds);
        let proposed = row.status == "proposed";
        let next = Next {
            sign: proposed && !signed_by(ours),
            accept: proposed && signatures.iter().all(|s| s.stands == Stands::Holds),
            suspend: row.status == "in_force",
            resume: row.status == "suspended" && row.suspended_by.as_deref() == Some(ours),
        };
        Ok(AgreementPage {
            versions: self.versions(&row.partner)?,
            acts: self.acts(&row.id)?,
            sections: words(&document),
            toml: document.to_toml(),
            line,
            signatures,
            next,
        })
    }

    fn versions(&self, partner: &str) -> Result<Vec<AgreementLine>, Error> {
        let rows = self.store.agreements()?;
        rows.iter().filter(|r| r.partner == partner).map(|r| Ok(line(r)?.0)).collect()
    }

    fn acts(&self, id: &str) -> Result<Vec<ActLine>, Error> {
        let told = |act: store::rows::AgreementAct| {
            let reason = match self.store.open_act_reason(&act) {
                Err(StoreError::Sealed { .. }) => None,
                other => other?,
            };
            Ok(ActLine { at: act.at, officer: act.officer, act: act.act, reason })
        };
        self.store.agreement_acts(id)?.into_iter().map(told).collect()
    }

    fn signatures(
        &self,
        signed: &SignedAgreement,
        document: &Agreement,
    ) -> Result<Vec<SignatureView>, Error> {
        let mut views = Vec::new();
        for party in document.parties {
            let keys = match self.store.partner(party.code())? {
                _ if party == self.state() => Some(self.office.keys()),
                Some(partner) => exchange::PublicKeys::decode(&partner.keys).ok(),
                None => None,
            };
            let has = signed.signatures.iter().any(|s| s.party == party);
            let stands = match (has, keys) {
                (false, _) => Stands::Missing,
                (true, None) => Stands::UnknownKeys,
                (true, Some(keys)) => {
                    let holds = signed.verify_party(party, &[keys.party_keys(party)]);
                    if holds.is_ok() { Stands::Holds } else { Stands::Broken }
                }
            };
            let party = party.to_string();
            views.push(SignatureView { name: name_of(&party), party, stands });
        }
        Ok(views)
    }

    /// The file that goes to the partner: its name, and the document with its signatures.
    ///
    /// # Errors
    /// No such agreement; rights; the store.
    pub fn agreement_file(&self, caller: &Caller, id: &str) -> Result<(String, Vec<u8>), Error> {
        caller.demand(Operation::Agreements)?;
        let row = self.row(id)?;
        let [a, b] = line(&row)?.2.parties;
        Ok((format!("{a}-{b}-v{}-{}.agreement", row.version, &row.id[..8]), row.signed))
    }

    /// How an agreement differs from the version before it, or from another.
    ///
    /// # Errors
    /// No such agreement, or no older one; rights; the store.
    pub fn agreement_diff(
        &self,
        caller: &Caller,
        id: &str,
        with: Option<&str>,
    ) -> Result<(AgreementLine, Compared), Error> {
        caller.demand(Operation::Agreements)?;
        let row = self.row(id)?;
        let (new, _, document) = line(&row)?;
        let old = match with {
            Some(with) => Some(self.row(with)?),
            None => {
                let mut rows = self.store.agreements()?;
                rows.retain(|r| r.partner == row.partner && r.version < row.version);
                rows.into_iter().max_by_key(|r| (r.version, r.status != "proposed"))
            }
        };
        let none = || Error::Missing { what: "older version of agreement", id: id.to_owned() };
        Ok((new, compared(&old.ok_or_else(none)?, &document)?))
    }

    /// A draft between this state and a partner, as TOML: a narrow one to begin with, or the
    /// next version of an agreement that is there.
    ///
    /// # Errors
    /// No such state or agreement; rights; the store.
    pub fn new_draft(
        &self,
        caller: &Caller,
        (with, version_of): (Option<&str>, Option<&str>),
        at: Timestamp,
    ) -> Result<String, Error> {
        caller.demand(Operation::Agreements)?;
        if let Some(id) = version_of {
            let mut document = line(&self.row(id)?)?.2;
            let partner = acts::partner_of(&document, self.state())?;
            document.version = self.next_version(partner.code())?;
            return Ok(document.to_toml());
        }
        self.draft(caller, &Terms::narrow(self.state().code(), with.unwrap_or_default(), at)?)
    }

    /// One more than the newest version with a partner that anybody has signed.
    fn next_version(&self, partner: &str) -> Result<u32, Error> {
        let rows = self.store.agreements()?;
        let versions = rows.iter().filter(|r| r.partner == partner).map(|r| r.version);
        Ok(versions.max().unwrap_or(0).saturating_add(1))
    }

    /// A draft of what somebody has entered, as TOML, with the version that comes next.
    ///
    /// # Errors
    /// What makes no sense in it; rights.
    pub fn draft(&self, caller: &Caller, terms: &Terms) -> Result<String, Error> {
        caller.demand(Operation::Agreements)?;
        let version = self.next_version(&terms.parties[1])?;
        Terms { version, ..terms.clone() }.to_toml()
    }

    /// Reads a draft, or a partner's file: in plain words, and held against what stands.
    /// Nothing of it is stored.
    ///
    /// # Errors
    /// It is no agreement, or one between others; rights; the store.
    pub fn read_draft(
        &self,
        caller: &Caller,
        bytes: &[u8],
    ) -> Result<(DraftPage, SignedAgreement), Error> {
        caller.demand(Operation::Agreements)?;
        let signed = read_file(bytes)?;
        let document = signed.agreement().map_err(|e| unreadable(&e))?;
        let partner = acts::partner_of(&document, self.state())?;
        let rows = self.store.agreements()?;
        let stands = |r: &&AgreementRow| {
            r.partner == partner.code() && matches!(r.status.as_str(), "in_force" | "suspended")
        };
        let against = rows.iter().find(stands).map(|r| compared(r, &document)).transpose()?;
        let page = DraftPage {
            id: signed.id().to_string(),
            partner: partner.to_string(),
            version: document.version,
            sections: words(&document),
            known_partner: self.store.partner(partner.code())?.is_some(),
            against,
        };
        Ok((page, signed))
    }

    /// What would leave under an agreement, shown on lists of the last days; nothing leaves.
    ///
    /// # Errors
    /// It is between others; rights; the store.
    pub fn check_agreement(
        &self,
        caller: &Caller,
        document: &Agreement,
        days: u32,
        at: Timestamp,
    ) -> Result<Rehearsed, Error> {
        caller.demand(Operation::CheckAgreement)?;
        let span = (at, days.clamp(1, MOST_DAYS), LISTS_OF_A_PAGE);
        rehearsal::rehearsed((&self.store, &*self.office), document, span, &mut |_, _| {})
    }

    /// The same of an agreement that is stored.
    ///
    /// # Errors
    /// No such agreement; rights; the store.
    pub fn check_stored(
        &self,
        caller: &Caller,
        id: &str,
        days: u32,
        at: Timestamp,
    ) -> Result<(AgreementLine, Rehearsed), Error> {
        caller.demand(Operation::CheckAgreement)?;
        let (line, _, document) = line(&self.row(id)?)?;
        Ok((line, self.check_agreement(caller, &document, days, at)?))
    }

    /// Notes an agreement that a partner has proposed; gives its id.
    ///
    /// # Errors
    /// It is between others, or a signature on it does not hold; rights; the store.
    pub fn propose_agreement(
        &self,
        caller: &Caller,
        signed: &SignedAgreement,
        at: Timestamp,
    ) -> Result<String, Error> {
        caller.demand(Operation::ProposeAgreement)?;
        Ok(self.acting(caller, at).propose(signed)?.id().to_string())
    }

    /// Signs an agreement in the name of the state; gives its id.
    ///
    /// # Errors
    /// It is between others; rights; the store.
    pub fn sign_agreement(
        &self,
        caller: &Caller,
        signed: &SignedAgreement,
        at: Timestamp,
    ) -> Result<String, Error> {
        caller.demand(Operation::SignAgreement)?;
        Ok(self.acting(caller, at).sign(signed)?.id().to_string())
    }

    /// Signs one that is stored.
    ///
    /// # Errors
    /// No such agreement; rights; the store.
    pub fn sign_stored(&self, caller: &Caller, id: &str, at: Timestamp) -> Result<(), Error> {
        caller.demand(Operation::SignAgreement)?;
        let signed = read(&self.row(id)?)?;
        self.acting(caller, at).sign(&signed).map(drop)
    }

    /// Takes up an agreement that both states have signed; an older version ends.
    ///
    /// # Errors
    /// A signature is missing or does not hold, or a later version stands; rights; the store.
    pub fn accept_agreement(&self, caller: &Caller, id: &str, at: Timestamp) -> Result<(), Error> {
        caller.demand(Operation::AcceptAgreement)?;
        let signed = read(&self.row(id)?)?;
        self.acting(caller, at).accept(&signed).map(drop)
    }

    /// Suspends an agreement: nothing leaves under it from now on, and what waits stays.
    ///
    /// # Errors
    /// It is not in force, or no reason is given; rights; the store.
    pub fn suspend_agreement(
        &self,
        caller: &Caller,
        (id, reason): (&str, &str),
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::SuspendAgreement)?;
        self.acting(caller, at).suspend(&self.row(id)?.id, Some(reason)).map(drop)
    }

    /// Takes back this state's suspension.
    ///
    /// # Errors
    /// It is not suspended, or no reason is given; rights; the store.
    pub fn resume_agreement(
        &self,
        caller: &Caller,
        (id, reason): (&str, &str),
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::ResumeAgreement)?;
        self.acting(caller, at).resume(&self.row(id)?.id, Some(reason)).map(drop)
    }
}

fn compared(old: &AgreementRow, new: &Agreement) -> Result<Compared, Error> {
    let (old, _, document) = line(old)?;
    let found = document.diff(new);
    Ok(Compared { old, widens: found.widens, narrows: found.narrows, changes: found.changes })
}
