//! Leave to take back what went to a partner.
//!
//! A withdrawal or an erasure tells nobody anything new, and whoever holds a record must
//! hear of it (Directive (EU) 2016/680, art. 16(6)): so neither the last day of an agreement
//! nor a later version stands in its way. What is asked is that the agreement was signed by
//! both, and is the one under which the record went.

use travel::Country;

use crate::{AgreementId, InForce, Refusal, RuleId, rules};

/// Leave to withdraw or erase one thing that went under an agreement, to say that nothing is
/// answered, or to justify a request. Only [`recall`], [`reply`] and [`justify`] make one.
#[derive(Debug, PartialEq, Eq)]
pub struct Recall {
    agreement: AgreementId,
    from: Country,
    to: Country,
    rules: [RuleId; 1],
}

impl Recall {
    /// The agreement under which it went.
    pub fn agreement(&self) -> AgreementId {
        self.agreement
    }
    /// Who takes it back.
    pub fn from(&self) -> Country {
        self.from
    }
    /// From whom.
    pub fn to(&self) -> Country {
        self.to
    }
    /// The rules that decided.
    pub fn rules(&self) -> [RuleId; 1] {
        self.rules
    }
}

/// Decides whether a state may answer a request without data: whoever was asked under an
/// agreement that both have signed may say no, also when it has ended or sends nothing else.
///
/// # Errors
/// No such agreement, or none that lets the one answer the other (AG-01).
pub fn reply(
    agreement: AgreementId,
    (from, to): (Country, Country),
    agreements: &[InForce],
) -> Result<Recall, Refusal> {
    let leave = recall(agreement, (from, to), agreements)?;
    Ok(Recall { rules: [rules::AG_15], ..leave })
}

/// Decides whether a state may justify a request that it made in an emergency: whoever asked
/// under an agreement that both have signed, and that knows emergencies, may say why, also when
/// it has ended. It tells of nobody.
///
/// # Errors
/// No such agreement, or none under which it may ask in an emergency (AG-16).
pub fn justify(
    agreement: AgreementId,
    (from, to): (Country, Country),
    agreements: &[InForce],
) -> Result<Recall, Refusal> {
    let signed = agreements.iter().find(|a| a.id() == agreement);
    let answers = signed.and_then(|a| a.agreement().direction(to, from));
    match answers.and_then(|direction| direction.emergency) {
        Some(_) => Ok(Recall { agreement, from, to, rules: [rules::AG_16] }),
        None => Err(Refusal::of(vec![rules::AG_16])),
    }
}

/// Decides whether a state may say what went in its stream under an agreement: each party of one
/// that both have signed, whichever way it sends, also when it has ended. It tells of nobody.
///
/// # Errors
/// No such agreement between the two (AG-01).
pub fn account(
    agreement: AgreementId,
    (from, to): (Country, Country),
    agreements: &[InForce],
) -> Result<Recall, Refusal> {
    let signed = agreements.iter().find(|a| a.id() == agreement);
    match signed.and_then(|a| a.agreement().partner_of(from)) {
        Some(partner) if partner == to => Ok(Recall { agreement, from, to, rules: [rules::AG_01] }),
        _ => Err(Refusal::of(vec![rules::AG_01])),
    }
}

/// Decides whether a state may take back what it sent under an agreement. Sender and receiver
/// ask it, with every agreement that both have signed, those that have ended among them.
///
/// # Errors
/// No such agreement, or none that lets the one send to the other (AG-01).
pub fn recall(
    agreement: AgreementId,
    (from, to): (Country, Country),
    agreements: &[InForce],
) -> Result<Recall, Refusal> {
    let signed = agreements.iter().find(|a| a.id() == agreement);
    match signed.and_then(|a| a.agreement().direction(from, to)) {
        Some(_) => Ok(Recall { agreement, from, to, rules: [rules::AG_14] }),
        None => Err(Refusal::of(vec![rules::AG_01])),
    }
}
