//! What a partner's answers mean for the parcels that were posted.

use std::time::Duration;

use travel::Country;

use super::{Queued, Reply};
use crate::{Answer, PublicKeys, Receipt, ReceiptVerdict, read_answers};

/// So often is a parcel refused under an agreement that the partner has never known, before a
/// person is told: a quarter of an hour, sooner where the partner was out of reach before.
const UNTIL_BOTH_HAVE_IT: u32 = 30;

/// What an answer means for a parcel.
pub(super) enum Outcome {
    /// It is done.
    Receipted(Vec<u8>, Receipt),
    /// Something earlier has not come.
    Gap(u64),
    /// Come back later; the sentence is for people.
    Later(String, Option<Duration>),
    /// The stream waits; with an alarm, a person has to look.
    Blocked { said: String, alarm: Option<&'static str> },
}

/// What the answers mean, each for its parcel. Only a receipt that proves itself ends one.
pub(super) fn judge(
    posted: &[&Queued],
    reply: &Reply,
    keys: &PublicKeys,
    partner: Country,
) -> Vec<Outcome> {
    if matches!(reply.status, 429 | 503) {
        let said = format!("busy (status {})", reply.status);
        return vec![Outcome::Later(said, reply.retry_after)];
    }
    let answers = read_answers(&reply.body, posted.len()).unwrap_or_default();
    posted.iter().zip(answers).map(|(row, a)| meant(row, a, keys, partner)).collect()
}

fn meant(row: &Queued, answer: Answer, keys: &PublicKeys, partner: Country) -> Outcome {
    match answer {
        Answer::Receipt(bytes) => match Receipt::read(&bytes, keys) {
            Ok(receipt) if is_for(&receipt, row, partner) => Outcome::Receipted(bytes, receipt),
            Ok(_) => Outcome::Blocked {
                said: "gave a receipt for something else".to_owned(),
                alarm: Some("wrong_receipt"),
            },
            Err(e) => Outcome::Blocked {
                said: format!("gave no valid receipt: {e}"),
                alarm: Some("wrong_receipt"),
            },
        },
        Answer::Gap { expected } => Outcome::Gap(expected),
        Answer::Stopped { alarm } => Outcome::Blocked {
            said: format!("stopped the stream: {alarm}"),
            alarm: Some("stopped_by_partner"),
        },
        Answer::Refused { reason } => {
            let alarm = match reason.as_str() {
                // Time mends these.
                "suspended" | "clock_ahead" => None,
                "unknown_agreement" => return unknown_agreement(row),
                // A person mends the others by talking to the partner.
                _ => Some("not_taken"),
            };
            Outcome::Blocked { said: format!("does not take it: {reason}"), alarm }
        }
    }
}

/// The partner does not have the agreement. Where it has receipted parcels under it, it has
/// lost it, as when it was put back from an older copy; else it may yet take it up.
fn unknown_agreement(row: &Queued) -> Outcome {
    let (why, tell) = match row.sequence > 1 {
        true => ("which it had; was its node put back from an older copy?", true),
        false => ("has it accepted it?", row.attempts >= UNTIL_BOTH_HAVE_IT),
    };
    let id = row.agreement.short();
    Outcome::Blocked {
        said: format!("does not know agreement {id}: {why}"),
        alarm: tell.then_some("agreement_unknown"),
    }
}

fn is_for(receipt: &Receipt, row: &Queued, partner: Country) -> bool {
    receipt.parcel == row.parcel
        && receipt.digest == row.digest
        && receipt.agreement == row.agreement
        && receipt.sequence == row.sequence
        && receipt.receiver == partner
}

pub(super) fn said_by(receipt: &Receipt) -> String {
    match &receipt.verdict {
        ReceiptVerdict::Accepted => "receipted".to_owned(),
        ReceiptVerdict::Refused { reason, rules } if rules.is_empty() => {
            format!("refused: {reason}")
        }
        ReceiptVerdict::Refused { rules, .. } => format!("refused: {}", rules.join(", ")),
    }
}
