//! What may leave, and for how long anything is kept: agreements between states,
//! the law as data, permits and refusals.
//!
//! An [`Agreement`] is a closed document, not a program. Both parties sign the same
//! bytes; only [`SignedAgreement::verify`] makes an [`InForce`] of it. [`decide`]
//! holds a [`Request`] against the agreements in force and every [`Regime`] that
//! binds the record: deny wins, and what may go is what was asked for, agreed *and*
//! lawful. Its [`Permit`] is what a disclosure consumes (promise 3); its [`Refusal`]
//! names the rules. [`retention`] says when a record must be masked and erased, [`departed`] when
//! single travellers of it go before that.
//!
//! This crate is pure: no input or output, no clock, no randomness.
#![warn(missing_docs)]

mod agreement;
mod asking;
mod case;
pub mod cedar;
mod decide;
mod departed;
mod diff;
mod purpose;
mod recall;
mod regime;
mod retention;
mod rules;
mod signed;
mod toml_form;
mod words;

pub use agreement::{
    Agreement, AgreementError, AgreementId, Direction, Emergency, Mode, Onward, Place, Route, Set,
    Term,
};
pub use asking::{Leave, Question, ask};
pub use case::Case;
pub use decide::{Permit, Refusal, Rehearsal, Request, decide, rehearse};
pub use departed::{Departed, Ground, departed};
pub use diff::Difference;
pub use purpose::Purpose;
pub use recall::{Recall, account, justify, recall, reply};
pub use regime::{Regime, RegimeError};
pub use retention::{Clocks, Period, Retention, Subject, retention};
pub use rules::{RULES, Rule, RuleId};
pub use signed::{
    InForce, PartyKeys, PartySignature, SignatureError, SignedAgreement, to_be_signed,
};
pub use words::Section;
