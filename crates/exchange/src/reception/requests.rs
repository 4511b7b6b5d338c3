//! Requests, their answers and their justifications, as the receiver judges them.

use jiff::Timestamp;
use policy::{AgreementId, InForce, Question};

use super::{Desk, Taken, Wrong, recalled};
use crate::{Asked, Inquiry, Kind, Outcome, ParcelId, Statement, Verified};

impl Desk<'_> {
    /// The same question that the asking state put before it sealed its request.
    pub(super) fn asked(&self, verified: Verified, at: Timestamp) -> Result<Taken, Wrong> {
        let header = verified.header().clone();
        let question = |urgent| Question {
            from: header.from,
            to: header.to,
            purpose: header.purpose,
            dataset: header.dataset,
            elements: header.elements,
            urgent,
            at,
        };
        let ask = |urgent| policy::ask(&question(urgent), self.agreements, self.regimes);
        let leave = ask(false)?;
        let ended = self.ended.iter().any(|a| a.id() == header.agreement);
        if leave.agreement() != header.agreement && !ended {
            return Err(Wrong::because("another_agreement"));
        }
        if leave.elements() != header.elements {
            return Err(Wrong { rules: vec!["AG-10".to_owned()], ..Wrong::because("policy") });
        }
        let opened = verified.open(self.keys).map_err(|unread| Wrong::because(unread.name()))?;
        let inquiry = Inquiry::decode(&opened.payload).ok_or(Wrong::because("unreadable"))?;
        let urgent = inquiry.answer_by.is_some() || inquiry.justify_by.is_some();
        let leave = if urgent { ask(true)? } else { leave };
        let rules = leave.rules().iter().map(ToString::to_string).collect();
        Ok(Taken::Asked { inquiry: Box::new(inquiry), rules })
    }

    /// An answer is held against the request, which this state knows best.
    pub(super) fn answered(
        &self,
        verified: Verified,
        asked: Option<Asked>,
        at: Timestamp,
    ) -> Result<Taken, Wrong> {
        let header = verified.header().clone();
        let asked = asked.ok_or(Wrong::because("unknown_request"))?;
        if (header.purpose, header.dataset) != (asked.purpose, asked.dataset) {
            return Err(Wrong::because("another_request"));
        }
        if !header.elements.is_subset(asked.elements) {
            return Err(Wrong { alarm: true, ..Wrong::because("more_than_asked") });
        }
        let taken = if header.elements.is_empty() {
            recalled(&header, self.agreements.iter().chain(self.ended))?;
            let opened =
                verified.open(self.keys).map_err(|unread| Wrong::because(unread.name()))?;
            let word = std::str::from_utf8(&opened.payload).ok().and_then(Outcome::named);
            let response = opened.response.ok_or(Wrong::because("body"))?;
            if word != Some(response.outcome) || response.outcome == Outcome::Given {
                return Err(Wrong::because("unreadable"));
            }
            Taken::Answered { request: asked.parcel, response }
        } else {
            let (list, opened) = self.look(verified, Kind::Answer, at)?;
            Taken::List { list, opened }
        };
        let response = match &taken {
            Taken::Answered { response, .. } => Some(response),
            Taken::List { opened, .. } => {
                opened.response.as_ref().filter(|r| r.outcome == Outcome::Given)
            }
            _ => None,
        };
        let response = response.filter(|r| r.is_sound()).ok_or(Wrong::because("unreadable"))?;
        if response.request != asked.digest {
            return Err(Wrong::because("another_request"));
        }
        if asked.answered.contains(&response.number) {
            return Err(Wrong::because("answered_before"));
        }
        Ok(taken)
    }

    /// A request that was made in an emergency is justified: by whoever asked, in the stream in
    /// which it asked, once. `came` is the agreement under which that request came.
    pub(super) fn justified(
        &self,
        verified: Verified,
        (request, came): (ParcelId, Option<AgreementId>),
    ) -> Result<Taken, Wrong> {
        let header = verified.header();
        let mut signed = self.agreements.iter().chain(self.ended);
        let signed: Vec<InForce> =
            signed.find(|a| a.id() == header.agreement).into_iter().cloned().collect();
        policy::justify(header.agreement, (header.from, header.to), &signed)?;
        if came != Some(header.agreement) {
            return Err(Wrong::because("not_awaited"));
        }
        let opened = verified.open(self.keys).map_err(|unread| Wrong::because(unread.name()))?;
        let statement = Statement::decode(&opened.payload).ok_or(Wrong::because("unreadable"))?;
        Ok(Taken::Justified { request, statement: Box::new(statement) })
    }
}
