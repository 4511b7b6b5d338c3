//! What is done about an agreement: proposed, signed, taken up, suspended, resumed. The
//! command line and the console do it through the same functions, so that it comes to the
//! same rows and leaves the same events.

use audit::{Actor, Digest, Event, Logged};
use exchange::PublicKeys;
use jiff::Timestamp;
use policy::{Agreement, AgreementId, PartyKeys, SignatureError, SignedAgreement};
use store::{
    Batch, CARRIERS, Change, Store,
    rows::{AgreementAct, AgreementRow},
};
use travel::{Country, is_state};

use crate::{Error, Office, flights::checked_reason};

/// Somebody who acts for the state, at a moment.
#[derive(Clone, Copy)]
pub struct Acting<'a> {
    /// Where it is written.
    pub store: &'a Store,
    /// Who signs.
    pub office: &'a dyn Office,
    /// The officer's account, or who sits at the machine.
    pub officer: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Acting<'_> {
    /// Notes an agreement that a partner has proposed, with the signatures that it bears.
    ///
    /// # Errors
    /// It is between others, a signature of a party that is known does not hold, or the
    /// store refuses.
    pub fn propose(&self, signed: &SignedAgreement) -> Result<SignedAgreement, Error> {
        let (agreement, partner) = self.read(signed)?;
        let signed = self.gathered(signed)?;
        self.check_signatures(&signed, partner)?;
        let mut batch = Draft::default();
        self.note(&mut batch, (&signed, &agreement, partner))?;
        self.commit(batch)?;
        Ok(signed)
    }

    /// Adds this state's signatures, and notes the agreement as proposed.
    ///
    /// # Errors
    /// It is between others, the key cannot sign, or the store refuses.
    pub fn sign(&self, unsigned: &SignedAgreement) -> Result<SignedAgreement, Error> {
        let (agreement, partner) = self.read(unsigned)?;
        let mut signed = self.gathered(unsigned)?;
        signed.add(self.office.sign(&signed.document)?);
        let id = Digest(signed.id().0);
        let mut batch = Draft::default();
        self.note(&mut batch, (&signed, &agreement, partner))?;
        let party = self.office.state().to_string();
        batch.events.push(Event::AgreementSigned { agreement: id, party });
        batch.changes.push(self.act(&signed, "signed", None)?);
        self.commit(batch)?;
        Ok(signed)
    }

    /// Takes up an agreement that bears both signatures. An older version between the same
    /// parties ends.
    ///
    /// # Errors
    /// The partner is not known, a signature is missing or does not hold, it is suspended
    /// here, or a later version stands already.
    pub fn accept(&self, signed: &SignedAgreement) -> Result<AgreementId, Error> {
        let (agreement, party) = self.read(signed)?;
        let signed = self.gathered(signed)?;
        let theirs = self.keys_of(party)?.ok_or_else(|| {
            Error::Conflict(format!("{party} is no partner yet; accept its offer first"))
        })?;
        let refused = |e: SignatureError| Error::Conflict(e.to_string());
        signed.verify(&[self.own_keys(), theirs]).map_err(refused)?;
        let mut batch = Draft::default();
        batch.changes.push(Change::Agreement(self.row(&signed, &agreement, (party, "in_force"))));
        for old in self.store.agreements()? {
            self.give_way(&mut batch, old, (&signed, &agreement, party))?;
        }
        batch.changes.push(self.act(&signed, "accepted", None)?);
        let id = signed.id();
        let accepted =
            Event::AgreementAccepted { agreement: Digest(id.0), partner: party.to_string() };
        batch.events.push(accepted);
        self.commit(batch)?;
        Ok(id)
    }

    /// Suspends an agreement, named by the beginning of its id: nothing more leaves under it.
    ///
    /// # Errors
    /// No such agreement, or it is not in force.
    pub fn suspend(&self, id: &str, reason: Option<&str>) -> Result<AgreementRow, Error> {
        let us = self.office.state().to_string();
        self.turn(id, ("in_force", "suspended", Some(us)), reason)
    }

    /// Takes back this state's suspension.
    ///
    /// # Errors
    /// No such agreement, or it is not suspended.
    pub fn resume(&self, id: &str, reason: Option<&str>) -> Result<AgreementRow, Error> {
        self.turn(id, ("suspended", "in_force", None), reason)
    }

    fn turn(
        &self,
        id: &str,
        (from, to, by): (&str, &str, Option<String>),
        reason: Option<&str>,
    ) -> Result<AgreementRow, Error> {
        let reason = reason.map(|text| checked_reason("reason", text)).transpose()?;
        let old = self.one(id)?;
        if old.status != from {
            let stands = old.status.replace('_', " ");
            let wanted = from.replace('_', " ");
            let text = format!("agreement {} is {stands}, not {wanted}", &old.id[..8]);
            return Err(Error::Conflict(text));
        }
        let signed = read(&old)?;
        let agreement = Digest(signed.id().0);
        let digest = reason.as_ref().map(|text| Digest::of(text.as_bytes()));
        let us = self.office.state().to_string();
        let event = match to {
            "suspended" => Event::AgreementSuspended { agreement, by: us, reason: digest },
            _ => Event::AgreementResumed { agreement, by: us, reason: digest },
        };
        let row = AgreementRow { status: to.into(), suspended_by: by, changed_at: self.at, ..old };
        let word = if to == "suspended" { "suspended" } else { "resumed" };
        let act = self.act(&signed, word, reason.as_deref())?;
        self.commit(Draft {
            changes: vec![Change::Agreement(row.clone()), act],
            events: vec![event],
        })?;
        Ok(row)
    }

    /// The one agreement whose id begins so.
    fn one(&self, id: &str) -> Result<AgreementRow, Error> {
        let all = self.store.agreements()?;
        let mut found: Vec<AgreementRow> =
            all.into_iter().filter(|a| !id.is_empty() && a.id.starts_with(id)).collect();
        match (found.pop(), found.len()) {
            (Some(row), 0) => Ok(row),
            (None, _) => Err(Error::Conflict(format!("no agreement begins with {id:?}"))),
            (Some(_), n) => Err(Error::Conflict(format!("{} agreements begin with {id:?}", n + 1))),
        }
    }

    /// An older version between the same parties ends with the new one.
    fn give_way(
        &self,
        batch: &mut Draft,
        old: AgreementRow,
        (signed, agreement, party): (&SignedAgreement, &Agreement, Country),
    ) -> Result<(), Error> {
        let stands = matches!(old.status.as_str(), "in_force" | "suspended");
        if old.id == signed.id().to_string() {
            return match old.status.as_str() {
                "suspended" => Err(Error::Conflict(format!(
                    "agreement {} is suspended here; `passerelle agreement resume` lifts that",
                    &old.id[..8]
                ))),
                _ => Ok(()),
            };
        }
        if old.partner != party.code() || !stands {
            return Ok(());
        }
        if old.version >= agreement.version {
            return Err(Error::Conflict(format!(
                "version {} is {} already; this is version {}",
                old.version,
                old.status.replace('_', " "),
                agreement.version
            )));
        }
        batch.changes.push(self.act(&read(&old)?, "ended", None)?);
        let ended = AgreementRow { status: "ended".into(), changed_at: self.at, ..old };
        batch.changes.push(Change::Agreement(ended));
        Ok(())
    }

    /// The agreement, and with whom it is.
    fn read(&self, signed: &SignedAgreement) -> Result<(Agreement, Country), Error> {
        let agreement = signed.agreement().map_err(|e| invalid(e.to_string()))?;
        let partner = partner_of(&agreement, self.office.state())?;
        if !is_state(partner) {
            return Err(invalid(format!("{partner} is not the code of a state")));
        }
        Ok((agreement, partner))
    }

    /// With the signatures that the store has of the same document.
    fn gathered(&self, signed: &SignedAgreement) -> Result<SignedAgreement, Error> {
        let mut all = signed.clone();
        if let Some(row) = self.store.agreement(&signed.id().to_string())? {
            for known in read(&row)?.signatures {
                if !all.signatures.iter().any(|s| s.party == known.party) {
                    all.add(known);
                }
            }
        }
        Ok(all)
    }

    /// Notes it as proposed, unless more is known of it already.
    fn note(
        &self,
        batch: &mut Draft,
        (signed, agreement, partner): (&SignedAgreement, &Agreement, Country),
    ) -> Result<(), Error> {
        let known = self.store.agreement(&signed.id().to_string())?;
        if known.is_none() {
            let id = Digest(signed.id().0);
            let partner = partner.to_string();
            batch.events.push(Event::AgreementProposed { agreement: id, partner });
            batch.changes.push(self.act(signed, "proposed", None)?);
        }
        if known.is_none_or(|a| a.status == "proposed") {
            let row = self.row(signed, agreement, (partner, "proposed"));
            batch.changes.insert(0, Change::Agreement(row));
        }
        Ok(())
    }

    fn check_signatures(&self, signed: &SignedAgreement, partner: Country) -> Result<(), Error> {
        for (party, keys) in
            [(self.office.state(), Some(self.own_keys())), (partner, self.keys_of(partner)?)]
        {
            let has = signed.signatures.iter().any(|s| s.party == party);
            if let (true, Some(keys)) = (has, keys) {
                signed.verify_party(party, &[keys]).map_err(|e| invalid(e.to_string()))?;
            }
        }
        Ok(())
    }

    fn own_keys(&self) -> PartyKeys {
        self.office.keys().party_keys(self.office.state())
    }

    fn keys_of(&self, party: Country) -> Result<Option<PartyKeys>, Error> {
        let Some(partner) = self.store.partner(party.code())? else { return Ok(None) };
        let keys = PublicKeys::decode(&partner.keys)
            .map_err(|e| Error::Ours(format!("a partner's keys cannot be read: {e}")))?;
        Ok(Some(keys.party_keys(party)))
    }

    fn row(
        &self,
        signed: &SignedAgreement,
        agreement: &Agreement,
        (partner, status): (Country, &str),
    ) -> AgreementRow {
        AgreementRow {
            id: signed.id().to_string(),
            partner: partner.to_string(),
            version: agreement.version,
            signed: signed.to_cbor(),
            status: status.to_owned(),
            suspended_by: None,
            changed_at: self.at,
        }
    }

    fn act(
        &self,
        signed: &SignedAgreement,
        act: &str,
        reason: Option<&str>,
    ) -> Result<Change, Error> {
        let mut act = AgreementAct {
            agreement: signed.id().to_string(),
            at: self.at,
            officer: self.officer.to_owned(),
            act: act.to_owned(),
            reason: None,
        };
        if let Some(text) = reason {
            let (key, name) = ((CARRIERS, act.day()), act.name());
            act.reason =
                Some(self.store.seal(key, ("agreement", &name), text.as_bytes(), self.at)?);
        }
        Ok(Change::AgreementAct(act))
    }

    fn commit(&self, batch: Draft) -> Result<(), Error> {
        let by = |event| Logged::new(self.at, Actor::Officer(self.officer.to_owned()), event);
        let events = batch.events.into_iter().map(by).collect();
        self.store.commit(Batch::new(batch.changes, events))?;
        Ok(())
    }
}

/// What is to be committed, before its events have actor and time.
#[derive(Default)]
struct Draft {
    changes: Vec<Change>,
    events: Vec<Event>,
}

fn invalid(text: String) -> Error {
    Error::Invalid { field: "agreement", text }
}

/// The other party, for a node of `state`.
pub(crate) fn partner_of(agreement: &Agreement, state: Country) -> Result<Country, Error> {
    agreement.partner_of(state).ok_or_else(|| {
        let [a, b] = agreement.parties;
        Error::Conflict(format!("this agreement is between {a} and {b}; this node is of {state}"))
    })
}

/// What a row has stored.
pub(crate) fn read(row: &AgreementRow) -> Result<SignedAgreement, Error> {
    SignedAgreement::from_cbor(&row.signed).map_err(|e| super::unreadable(&e))
}
